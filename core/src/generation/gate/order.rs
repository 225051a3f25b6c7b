//! Checks that what is called the first, the last or a change was one.

use super::contacts::{ONE, Said};
use super::marks::{Mark, What};
use crate::generation::Evidence;

impl Said<'_> {
    /// A sentiment that is said to have improved or worsened did, from one cited row to another.
    pub(super) fn direction(&self) -> Result<(), String> {
        let rises = self.words.contains(" improved ");
        if !rises && !self.words.contains(" worsened ") {
            return Ok(());
        }
        let tone = |mark: &&Mark| {
            let folded = self
                .rows
                .iter()
                .find(|row| mark.what.fits(row))
                .and_then(|row| row.sentiment.as_deref())
                .map(crate::generation::label::fold);
            match folded.as_deref() {
                Some("negative") => Some(0),
                Some("neutral") => Some(1),
                Some("positive") => Some(2),
                _ => None,
            }
        };
        let days = self
            .marks
            .iter()
            .filter(|mark| matches!(mark.what, What::Day(_)));
        let tones: Vec<Option<i32>> = days.map(|day| tone(&day)).collect();
        match tones.as_slice() {
            [Some(one), Some(other)] if (rises && one < other) || (!rises && one > other) => Ok(()),
            _ if self.asks => Ok(()),
            _ => Err("it tells of a development that it does not cite".to_owned()),
        }
    }

    /// What is called the last or the first contact is the last or the first one.
    pub(super) fn order(&self) -> Result<(), String> {
        let facts = &self.data.facts;
        let words: Vec<&str> = self.words.split_whitespace().collect();
        let one_row = match self.rows {
            [row] => Some(*row),
            _ => None,
        };
        let days: Vec<&Mark> = self
            .marks
            .iter()
            .filter(|mark| matches!(mark.what, What::Day(_)))
            .collect();
        let last = facts.last_interaction.as_ref().map(|last| last.date);
        let last_is_cited = self.rows.iter().any(|row| Some(row.date) == last);
        if days.len() > 1 || one_row.is_none() && (days.is_empty() || last_is_cited) {
            return Ok(());
        }
        let Some(day) = days
            .first()
            .and_then(|mark| match mark.what {
                What::Day(day) => Some(day),
                _ => None,
            })
            .or(one_row.map(|row| row.date))
        else {
            return Ok(());
        };
        let names = |orders: &[&str]| {
            words.windows(3).any(|three| match three {
                [order, one, two] => {
                    orders.contains(order)
                        && (ONE.contains(one)
                            || (ONE.contains(two) && !["and", "or"].contains(one)))
                }
                _ => false,
            })
        };
        let before = ["before", "previous", "earlier", "prior"]
            .iter()
            .any(|word| words.contains(word));
        let of_channel = one_row.is_some_and(|row| {
            let same = |other: &&Evidence| other.channel == row.channel;
            let mut others = self.data.evidence.iter().filter(same);
            !others.any(|other| other.date > row.date)
                && words
                    .iter()
                    .any(|word| crate::generation::medium::named_by(word).is_some())
        });
        let is_last = last.is_none_or(|last| last == day) || of_channel;
        if !before && !is_last && (names(&["last", "latest", "newest", "recent"])) {
            return Err("what it calls the last contact was not the last".to_owned());
        }
        let first = facts.first_interaction.as_ref().map(|first| first.date);
        let is_first = first.is_none_or(|first| first == day);
        if !is_first && names(&["first", "earliest"]) && !words.contains(&"since") && !self.asks {
            return Err("what it calls the first contact was not the first".to_owned());
        }
        Ok(())
    }
}
