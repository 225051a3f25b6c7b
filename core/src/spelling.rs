//! Gives labels that differ only in case one spelling.
//!
//! A spelling that the database knows wins; else the usual one of a well-known channel or
//! sentiment; else the commonest in the same column; on a tie the one with more capitals, for a
//! hurried hand leaves them out and does not add them; then the first seen. Nothing but case is
//! folded: "E-mail" and "Email" stay two channels, unless one is listed as a synonym of the other.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use serde::Deserialize;
use serde::de::Deserializer;

use crate::label::{standard_channel, standard_sentiment};
use crate::ledger::{Rule, quoted};

pub(crate) mod near_miss;
mod synonyms;

pub use synonyms::Synonyms;

/// The kinds of labels, each with spellings of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LabelKind {
    /// What a customer does.
    Occupation,
    /// The type of a customer.
    CustomerType,
    /// The channel of an interaction.
    Channel,
    /// The topic of an interaction.
    Topic,
    /// The sentiment of an interaction.
    Sentiment,
    /// A product of discussion.
    Product,
}

impl LabelKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Occupation,
        Self::CustomerType,
        Self::Channel,
        Self::Topic,
        Self::Sentiment,
        Self::Product,
    ];

    /// Returns the name under which known spellings are given.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Occupation => "occupation",
            Self::CustomerType => "customer_type",
            Self::Channel => "channel",
            Self::Topic => "topic",
            Self::Sentiment => "sentiment",
            Self::Product => "product",
        }
    }

    /// Finds a kind by its name.
    fn named<E: serde::de::Error>(name: &str) -> Result<Self, E> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| E::custom(format!("{} is not a kind of label", quoted(name))))
    }

    fn standard(self, label: &str) -> Option<&'static str> {
        match self {
            Self::Channel => standard_channel(label),
            Self::Sentiment => standard_sentiment(label),
            _ => None,
        }
    }
}

/// The spellings that the database holds already, by kind. Of a kind with too many of them, only their
/// number is given.
///
/// ```
/// use rapport_core::spelling::{KnownSpellings, LabelKind};
///
/// let known: KnownSpellings =
///     serde_json::from_str(r#"{"topic": ["Side Effects"], "product": 25000}"#).unwrap();
/// assert_eq!(known.find(LabelKind::Topic, "side effects"), Some("Side Effects"));
/// assert_eq!(known.unlisted(LabelKind::Product), Some(25000));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownSpellings {
    spellings: HashMap<LabelKind, HashMap<String, BTreeSet<String>>>,
    unlisted: HashMap<LabelKind, u64>,
}

impl KnownSpellings {
    /// Adds a spelling that is stored.
    pub fn insert(&mut self, kind: LabelKind, label: impl Into<String>) {
        let label = label.into();
        let spellings = self.spellings.entry(kind).or_default();
        spellings.entry(fold(&label)).or_default().insert(label);
    }

    /// Returns the stored spelling of a label.
    ///
    /// The label itself, if it is stored; the only stored one that differs in case; `None` when
    /// none or several are stored, for nothing says which of them is meant.
    #[must_use]
    pub fn find(&self, kind: LabelKind, label: &str) -> Option<&str> {
        let same = self.spellings.get(&kind)?.get(&fold(label))?;
        let spelling = if same.len() == 1 {
            same.first()
        } else {
            same.get(label)
        };
        spelling.map(String::as_str)
    }

    /// Returns the number of the stored labels of a kind that has too many to be listed.
    #[must_use]
    pub fn unlisted(&self, kind: LabelKind) -> Option<u64> {
        self.unlisted.get(&kind).copied()
    }

    /// Lists what the stored labels of a kind share with their spellings, each with its spelling if
    /// there is only one.
    fn folded(&self, kind: LabelKind) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.spellings
            .get(&kind)
            .into_iter()
            .flatten()
            .map(|(folded, spellings)| {
                let only = spellings.first().filter(|_| spellings.len() == 1);
                (folded.as_str(), only.map(String::as_str))
            })
    }

    /// Tells whether any spelling of a label is stored.
    fn knows(&self, kind: LabelKind, label: &str) -> bool {
        self.spellings
            .get(&kind)
            .is_some_and(|spellings| spellings.contains_key(&fold(label)))
    }
}

impl<'de> Deserialize<'de> for KnownSpellings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Stored {
            Labels(Vec<String>),
            Number(u64),
        }
        let mut known = Self::default();
        for (name, stored) in HashMap::<String, Stored>::deserialize(deserializer)? {
            let kind = LabelKind::named(&name)?;
            match stored {
                Stored::Labels(labels) => {
                    for label in labels {
                        known.insert(kind, label);
                    }
                }
                Stored::Number(number) => {
                    known.unlisted.insert(kind, number);
                }
            }
        }
        Ok(known)
    }
}

/// Returns what two spellings of one label share.
fn fold(label: &str) -> String {
    label.to_lowercase()
}

/// Counts the spellings of one column.
#[derive(Debug, Default)]
pub(crate) struct SpellingCount {
    /// The cells of each spelling, and the place of the first of them.
    spellings: HashMap<String, (u64, usize)>,
}

impl SpellingCount {
    /// Counts a spelling that stands in so many cells, the first of them at this place.
    pub(crate) fn add(&mut self, label: &str, cells: u64, place: usize) {
        match self.spellings.get_mut(label) {
            Some((count, first)) => {
                *count += cells;
                *first = place.min(*first);
            }
            None => {
                self.spellings.insert(label.to_owned(), (cells, place));
            }
        }
    }

    /// Finds the commonest spelling of each label; on a tie the one with more capitals, then the
    /// first seen.
    pub(crate) fn finish(self) -> CommonSpellings {
        let mut common: HashMap<String, (String, Rank)> = HashMap::new();
        for (spelling, (count, seen)) in self.spellings {
            let rank = (count, capitals(&spelling), Reverse(seen));
            match common.entry(fold(&spelling)) {
                Entry::Vacant(free) => {
                    free.insert((spelling, rank));
                }
                Entry::Occupied(mut best) if rank > best.get().1 => {
                    best.insert((spelling, rank));
                }
                Entry::Occupied(_) => {}
            }
        }
        CommonSpellings(
            common
                .into_iter()
                .map(|(key, (spelling, _))| (key, spelling))
                .collect(),
        )
    }
}

/// How good a spelling is: its cells, its capitals, and how early it was seen.
type Rank = (u64, usize, Reverse<usize>);

fn capitals(label: &str) -> usize {
    label.chars().filter(|letter| letter.is_uppercase()).count()
}

/// The commonest spelling of each label of one column.
#[derive(Debug, Default)]
pub(crate) struct CommonSpellings(HashMap<String, String>);

/// Chooses the spelling of a cleaned label, with the rule if it is another one.
pub(crate) fn choose<'s>(
    kind: LabelKind,
    label: &'s str,
    known: &'s KnownSpellings,
    column: &'s CommonSpellings,
) -> (&'s str, Option<Rule>) {
    let (spelling, rule) = if known.knows(kind, label) {
        (
            known.find(kind, label).unwrap_or(label),
            Rule::KnownSpelling,
        )
    } else if let Some(standard) = kind.standard(label) {
        (standard, Rule::StandardSpelling)
    } else {
        (
            column.0.get(&fold(label)).map_or(label, String::as_str),
            Rule::CommonSpelling,
        )
    };
    (spelling, (spelling != label).then_some(rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(json: &str) -> KnownSpellings {
        serde_json::from_str(json).unwrap()
    }

    fn count(labels: &[(&str, u64)]) -> CommonSpellings {
        let mut count = SpellingCount::default();
        for (place, (label, cells)) in labels.iter().enumerate() {
            count.add(label, *cells, place);
        }
        count.finish()
    }

    #[test]
    fn a_stored_spelling_wins() {
        let known = known(r#"{"channel": ["EMAIL", "bird"]}"#);
        let column = count(&[("Email", 9), ("email", 1)]);
        let chosen = |label| choose(LabelKind::Channel, label, &known, &column);
        assert_eq!(chosen("email"), ("EMAIL", Some(Rule::KnownSpelling)));
        assert_eq!(chosen("EMAIL"), ("EMAIL", None));
        assert_eq!(chosen("Bird"), ("bird", Some(Rule::KnownSpelling)));
        assert_eq!(chosen("CALL"), ("Call", Some(Rule::StandardSpelling)));
    }

    #[test]
    fn several_stored_spellings_decide_nothing() {
        let known = known(r#"{"topic": ["Side Effects", "side effects"]}"#);
        let column = count(&[("SIDE EFFECTS", 2), ("side Effects", 1)]);
        for label in [
            "Side Effects",
            "side effects",
            "SIDE EFFECTS",
            "side Effects",
        ] {
            assert_eq!(
                choose(LabelKind::Topic, label, &known, &column),
                (label, None)
            );
        }
    }

    #[test]
    fn the_commonest_spelling_of_the_column_is_taken() {
        let known = KnownSpellings::default();
        let column = count(&[("jedi", 1), ("Jedi", 3), ("JEDI", 2)]);
        let chosen = choose(LabelKind::Occupation, "JEDI", &known, &column);
        assert_eq!(chosen, ("Jedi", Some(Rule::CommonSpelling)));
    }

    #[test]
    fn capitals_win_a_tie() {
        let known = KnownSpellings::default();
        let column = count(&[
            ("drug efficacy", 2),
            ("Drug efficacy", 2),
            ("Drug Efficacy", 2),
        ]);
        let chosen = choose(LabelKind::Topic, "drug efficacy", &known, &column);
        assert_eq!(chosen, ("Drug Efficacy", Some(Rule::CommonSpelling)));
        let column = count(&[("drug efficacy", 3), ("Drug Efficacy", 2)]);
        let chosen = choose(LabelKind::Topic, "Drug Efficacy", &known, &column);
        assert_eq!(chosen, ("drug efficacy", Some(Rule::CommonSpelling)));
    }

    #[test]
    fn the_first_of_spellings_with_as_many_capitals_wins_a_tie() {
        let known = KnownSpellings::default();
        for spellings in [["ÉCole", "ÉcolE"], ["ÉcolE", "ÉCole"]] {
            let column = count(&[(spellings[0], 2), (spellings[1], 2), ("école", 2)]);
            let chosen = choose(LabelKind::Occupation, "école", &known, &column);
            assert_eq!(chosen, (spellings[0], Some(Rule::CommonSpelling)));
        }
    }

    #[test]
    fn kinds_do_not_mix() {
        let known = known(r#"{"topic": ["RED"], "customer_type": []}"#);
        let column = CommonSpellings::default();
        assert_eq!(
            choose(LabelKind::CustomerType, "Red", &known, &column),
            ("Red", None)
        );
    }

    #[test]
    fn an_unknown_kind_is_refused() {
        let error = serde_json::from_str::<KnownSpellings>(r#"{"colour": []}"#).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("\"colour\" is not a kind of label")
        );
    }
}
