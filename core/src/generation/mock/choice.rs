//! Chooses among wordings by the content of the evidence: no clock, no random numbers.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::generation::Request;

/// A source of choices that depend on the history of a customer.
#[derive(Debug)]
pub(super) struct Choice {
    seed: Vec<u8>,
}

impl Choice {
    /// Reads what happened, not who it happened to: identifiers are left out.
    pub(super) fn new(data: &Request) -> Self {
        let facts = &data.facts;
        let mut content = format!(
            "{:?} {} {:?} {:?}",
            data.task, facts.total_interactions, facts.key_topics, facts.most_frequent_channel
        );
        for row in &data.evidence {
            // Writing into a String cannot fail.
            let _ = write!(
                content,
                " {} {:?} {:?} {:?} {:?}",
                row.date, row.channel, row.topic, row.sentiment, row.products
            );
        }
        if data.evidence.is_empty() {
            let _ = write!(content, " {:?} {:?}", facts.occupation, facts.customer_type);
        }
        Self {
            seed: Sha256::digest(content.as_bytes()).to_vec(),
        }
    }

    /// Returns a number below `below`, the same one for the same place in a text; 0 for 0.
    pub(super) fn number(&self, place: &str, below: usize) -> usize {
        let mut hash = Sha256::new();
        hash.update(&self.seed);
        hash.update(place.as_bytes());
        let value = hash
            .finalize()
            .iter()
            .take(7)
            .fold(0_usize, |value, byte| (value << 8) | usize::from(*byte));
        value.checked_rem(below).unwrap_or(0)
    }

    /// Returns one of the wordings for a place in a text.
    pub(super) fn of<'w>(&self, place: &str, wordings: &[&'w str]) -> &'w str {
        wordings
            .get(self.number(place, wordings.len()))
            .copied()
            .unwrap_or_default()
    }
}
