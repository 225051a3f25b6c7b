//! How the interactions of a customer are shared among labels: which label all have, which one
//! leads, which ones stand level. Words like "always" and "most often" rest on it.

use super::{Facts, LONGEST_LIST};
use crate::generation::label;

/// The counts of one kind of label.
#[derive(Debug)]
pub(crate) struct Shares<'a> {
    total: u64,
    /// Labels with their counts; spellings that differ in case only are one.
    known: Vec<(&'a str, u64)>,
    /// Whether the list was as long as a list may be, so that labels may be missing.
    cut: bool,
}

impl Facts {
    /// Returns the shares of the channels.
    pub(crate) fn channel_shares(&self) -> Shares<'_> {
        let counts = self.channels.iter();
        self.shares(counts.map(|count| (count.channel.as_deref(), count.interactions)))
    }

    /// Returns the shares of the topics.
    pub(crate) fn topic_shares(&self) -> Shares<'_> {
        let counts = self.topics.iter();
        self.shares(counts.map(|count| (count.topic.as_deref(), count.interactions)))
    }

    /// Returns the shares of the sentiments.
    pub(crate) fn sentiment_shares(&self) -> Shares<'_> {
        let counts = self.sentiments.iter();
        self.shares(counts.map(|count| (count.sentiment.as_deref(), count.interactions)))
    }

    fn shares<'a>(&self, counts: impl Iterator<Item = (Option<&'a str>, u64)>) -> Shares<'a> {
        let mut known: Vec<(&str, u64)> = Vec::new();
        let mut length = 0;
        for (name, count) in counts {
            length += 1;
            let Some(name) = name else { continue };
            let same = |own: &&mut (&str, u64)| label::fold(own.0) == label::fold(name);
            match known.iter_mut().find(same) {
                Some((_, sum)) => *sum = sum.saturating_add(count),
                None => known.push((name, count)),
            }
        }
        known.retain(|(_, count)| *count > 0);
        Shares {
            total: self.total_interactions,
            known,
            cut: length >= LONGEST_LIST,
        }
    }
}

impl<'a> Shares<'a> {
    /// Returns the label that every single interaction has.
    pub(crate) fn sole(&self) -> Option<&'a str> {
        match self.known.as_slice() {
            [(label, count)] if *count == self.total => Some(label),
            _ => None,
        }
    }

    /// Returns the label that stands out before all others, if it has more than one interaction.
    pub(crate) fn leader(&self) -> Option<&'a str> {
        match self.leaders()[..] {
            [leader] if self.count(leader) > 1 && self.stand_out(&[leader]) => Some(leader),
            _ => None,
        }
    }

    /// Returns the labels with the highest count, which is one unless some stand level.
    pub(crate) fn leaders(&self) -> Vec<&'a str> {
        let most = self.known.iter().map(|(_, count)| *count).max();
        let level = self.known.iter().filter(|(_, count)| Some(*count) == most);
        level.map(|(label, _)| *label).collect()
    }

    /// Returns the count of a label.
    pub(crate) fn count(&self, name: &str) -> u64 {
        let wanted = label::fold(name);
        let found = self
            .known
            .iter()
            .find(|(own, _)| label::fold(own) == wanted);
        found.map_or(0, |(_, count)| *count)
    }

    /// Tells whether each of the labels has more interactions than any label not among them. What
    /// is not recorded counts as one more label, since it may be the same one.
    pub(crate) fn stand_out(&self, names: &[&str]) -> bool {
        let folded: Vec<String> = names.iter().map(|name| label::fold(name)).collect();
        let fewest = names.iter().map(|name| self.count(name)).min().unwrap_or(0);
        let others = self.known.iter();
        fewest > self.unrecorded().unwrap_or(0)
            && others
                .filter(|(own, _)| !folded.contains(&label::fold(own)))
                .all(|(_, count)| *count < fewest)
    }

    /// Tells whether the labels together have more than half of all interactions.
    pub(crate) fn are_majority(&self, names: &[&str]) -> bool {
        let sum = names
            .iter()
            .fold(0_u64, |sum, name| sum.saturating_add(self.count(name)));
        sum > self.total / 2
    }

    /// Tells whether the labels, two or more, have the same number of interactions.
    pub(crate) fn are_level(&self, names: &[&str]) -> bool {
        let counts: Vec<u64> = names.iter().map(|name| self.count(name)).collect();
        counts.len() > 1
            && counts
                .iter()
                .all(|count| *count > 0 && Some(count) == counts.first())
    }

    /// Returns the number of interactions without a label, where it follows from the counts.
    pub(crate) fn unrecorded(&self) -> Option<u64> {
        let sum = self
            .known
            .iter()
            .try_fold(0_u64, |sum, (_, count)| sum.checked_add(*count))?;
        self.total.checked_sub(sum).filter(|_| !self.cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generation::ChannelCount;

    fn facts(total: u64, counts: &[(&str, u64)]) -> Facts {
        Facts {
            total_interactions: total,
            channels: counts
                .iter()
                .map(|(channel, interactions)| ChannelCount {
                    channel: Some((*channel).to_owned()),
                    interactions: *interactions,
                })
                .collect(),
            ..Facts::default()
        }
    }

    #[test]
    fn tells_who_leads() {
        let tie = facts(6, &[("Boat", 2), ("Call", 2), ("Email", 2)]);
        let tie = tie.channel_shares();
        assert_eq!(tie.leaders(), ["Boat", "Call", "Email"]);
        assert!(tie.are_level(&["boat", "Email"]) && !tie.are_level(&["Boat"]));
        assert!(!tie.stand_out(&["Boat"]) && !tie.are_majority(&["Boat"]));
        assert!(tie.stand_out(&["Boat", "Call", "Email"]));
        assert_eq!((tie.sole(), tie.unrecorded()), (None, Some(0)));
        let one = facts(3, &[("Boat", 3)]);
        assert_eq!(one.channel_shares().sole(), Some("Boat"));
        let gap = facts(4, &[("Boat", 3)]);
        assert_eq!(gap.channel_shares().sole(), None);
        assert_eq!(gap.channel_shares().unrecorded(), Some(1));
        assert!(gap.channel_shares().stand_out(&["Boat"]));
        assert!(!gap.channel_shares().stand_out(&["Bird"]));
    }

    #[test]
    fn counts_that_cannot_be_give_no_answer() {
        let odd = facts(1, &[("Boat", u64::MAX), ("Call", u64::MAX)]);
        assert_eq!(odd.channel_shares().unrecorded(), None);
        assert_eq!(odd.channel_shares().sole(), None);
    }
}
