//! What a question counts: the thing, what it is split by, which label is to be missing.
//!
//! A number is given only when every word of the question is understood; a word that is not may be the one
//! that changes what is counted.

use super::label::Kind;
use super::plan::{Counted, Grouping};
use super::word::{Word, take};

/// Words before which the thing that is counted has been named.
const ENDS: &str = "with by to from about in of on for at per did do doe wa were are is have has had ha that who which there each mention \
    name contain";

/// Words that say nothing of the thing in front of it.
const IN_FRONT: &str = "of the our all different distinct";

/// A question for a number, and where it names the thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    from: usize,
    to: usize,
    is_how_often: bool,
}

/// Finds "how many", "how often" and "number of" where a question begins, and takes them.
pub(super) fn asked(words: &mut [Word]) -> Option<Asked> {
    let stem = |at: usize| words.get(at).map_or("", |word| word.stem.as_str());
    let at = (0..words.len()).find(|&at| {
        !matches!(
            stem(at),
            "and" | "so" | "what" | "is" | "wa" | "the" | "tell" | "me" | "us" | "show" | "give"
        )
    })?;
    if !matches!(
        (stem(at), stem(at + 1)),
        ("how", "many" | "often") | ("number" | "count", "of")
    ) {
        return None;
    }
    let is_how_often = stem(at + 1) == "often";
    let is_in = |list: &str, at: usize| list.split_whitespace().any(|word| word == stem(at));
    let from = (at + 2..words.len())
        .find(|&at| !is_in(IN_FRONT, at))
        .unwrap_or(words.len());
    let to = (from..words.len())
        .find(|&at| is_in(ENDS, at))
        .unwrap_or(words.len());
    take(words, 0, at + 2);
    Some(Asked {
        from,
        to,
        is_how_often,
    })
}

impl Asked {
    /// Tells what is counted; nothing when the thing is none that can be.
    pub(super) fn counted(self, words: &[Word], heads: &[(Kind, usize)]) -> Option<Counted> {
        if self.is_how_often {
            return Some(Counted::Interactions);
        }
        let named = words.get(self.from..self.to)?;
        let is_a = |kind: Kind| {
            heads
                .iter()
                .any(|(head, last)| *head == kind && (self.from..self.to).contains(last))
        };
        let has = |stems: &[&str]| named.iter().any(|word| stems.contains(&word.stem.as_str()));
        if has(&["interaction", "contact", "note", "conversation"]) {
            Some(Counted::Interactions)
        } else if has(&["customer"]) || is_a(Kind::Occupation) {
            Some(Counted::Customers)
        } else {
            is_a(Kind::Channel).then_some(Counted::Interactions)
        }
    }

    /// What is to be counted, as it is written.
    pub(super) fn thing(self, words: &[Word]) -> String {
        let named = words.get(self.from..self.to).unwrap_or_default();
        named
            .last()
            .or(words.last())
            .map_or_else(String::new, |word| word.text.clone())
    }
}

/// Finds where the words begin that a text has to have.
pub(super) fn mention(words: &[Word]) -> Option<usize> {
    words
        .iter()
        .position(|word| !word.is_taken && mentions(word))
}

/// Tells whether what a text says follows: "mention", "name", "contain", "with the word".
pub(super) fn mentions(word: &Word) -> bool {
    matches!(
        word.stem.as_str(),
        "mention" | "mentioning" | "name" | "naming" | "contain" | "containing" | "word"
    )
}

/// Reads "per channel", "by month and topic" and "for each type", at most two of them.
pub(super) fn take_groupings(words: &mut [Word]) -> Vec<Grouping> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() && found.len() < 2 {
        let stem = |n: usize| words.get(at + n).map_or("", |word| word.stem.as_str());
        let is_cue = matches!(stem(0), "per" | "by" | "each" | "every")
            || (stem(0) == "and" && !found.is_empty());
        let customer = usize::from(stem(1) == "customer");
        let each = usize::from(matches!(stem(1), "each" | "every" | "the"));
        let is_free = words.get(at).is_some_and(|word| !word.is_taken);
        match grouping(stem(1 + customer + each)).filter(|_| is_cue && is_free) {
            Some(kind) => {
                take(words, at, 2 + customer + each);
                found.push(kind);
                at += 2 + customer + each;
            }
            None => at += 1,
        }
    }
    found
}

/// Reads "no topic" and "without a channel".
pub(super) fn take_missing(words: &mut [Word]) -> Option<Grouping> {
    let at = words
        .iter()
        .position(|word| !word.is_taken && matches!(word.stem.as_str(), "no" | "without"))?;
    let article = usize::from(
        words
            .get(at + 1)
            .is_some_and(|word| matches!(word.stem.as_str(), "a" | "any")),
    );
    let kind = grouping(&words.get(at + 1 + article)?.stem)
        .filter(|kind| !matches!(kind, Grouping::Month | Grouping::Year | Grouping::Product))?;
    take(words, at, 2 + article);
    Some(kind)
}

fn grouping(stem: &str) -> Option<Grouping> {
    Some(match stem {
        "type" | "segment" => Grouping::CustomerType,
        "occupation" | "profession" => Grouping::Occupation,
        "channel" => Grouping::Channel,
        "topic" => Grouping::Topic,
        "sentiment" => Grouping::Sentiment,
        "product" => Grouping::Product,
        "month" => Grouping::Month,
        "year" => Grouping::Year,
        _ => return None,
    })
}
