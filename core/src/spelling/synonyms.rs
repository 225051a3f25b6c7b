//! Labels that stand for others, as somebody listed them.
//!
//! A synonym is found whatever its case, and replaced once: what it stands for may be a synonym
//! itself, and is then not replaced again. A list that contradicts itself is refused.

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use super::{LabelKind, fold};
use crate::error::Error;
use crate::label::{check_length, tidy};
use crate::ledger::quoted;

/// The labels that stand for others, by kind.
///
/// ```
/// use rapport_core::spelling::{LabelKind, Synonyms};
///
/// let synonyms: Synonyms = serde_json::from_str(r#"{"channel": {"E-Mail": "Email"}}"#).unwrap();
/// assert_eq!(synonyms.find(LabelKind::Channel, "e-mail"), Some("Email"));
/// assert_eq!(synonyms.find(LabelKind::Topic, "e-mail"), None);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Synonyms {
    /// By kind and folded synonym.
    labels: HashMap<LabelKind, HashMap<String, String>>,
}

impl Synonyms {
    /// Adds a synonym and the label that it stands for; both are cleaned first.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] when nothing is left of one of them, when the label is too long, and
    /// when the synonym stands for another label already.
    pub fn insert(&mut self, kind: LabelKind, synonym: &str, label: &str) -> Result<(), Error> {
        let (cleaned, label) = (tidy(synonym).value, tidy(label).value);
        if cleaned.is_empty() || label.is_empty() {
            let what = if label.is_empty() {
                "stands for nothing"
            } else {
                "is empty"
            };
            let message = format!("the {} synonym {} {what}", kind.name(), quoted(synonym));
            return Err(Error::invalid(message));
        }
        check_length(&label)?;
        let labels = self.labels.entry(kind).or_default();
        if let Some(other) = labels.get(&fold(&cleaned))
            && *other != label
        {
            return Err(Error::invalid(format!(
                "the {} synonym {} stands for {} as well as for {}",
                kind.name(),
                quoted(synonym),
                quoted(other.min(&label.as_ref().to_owned())),
                quoted(other.max(&label.as_ref().to_owned())),
            )));
        }
        labels.insert(fold(&cleaned), label.into_owned());
        Ok(())
    }

    /// Returns the label that a cleaned label stands for.
    #[must_use]
    pub fn find(&self, kind: LabelKind, label: &str) -> Option<&str> {
        let labels = self.labels.get(&kind)?;
        labels.get(&fold(label)).map(String::as_str)
    }

    /// Lists the labels of a kind for which others stand.
    pub(crate) fn targets(&self, kind: LabelKind) -> impl Iterator<Item = &str> {
        self.labels
            .get(&kind)
            .into_iter()
            .flat_map(|labels| labels.values().map(String::as_str))
    }
}

impl<'de> Deserialize<'de> for Synonyms {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let by_kind = HashMap::<String, HashMap<String, String>>::deserialize(deserializer)?;
        let mut synonyms = Self::default();
        for (name, labels) in by_kind {
            let kind = LabelKind::named(&name)?;
            for (synonym, label) in labels {
                synonyms
                    .insert(kind, &synonym, &label)
                    .map_err(D::Error::custom)?;
            }
        }
        Ok(synonyms)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn case_and_dirt_of_a_synonym_do_not_matter() {
        let mut synonyms = Synonyms::default();
        synonyms
            .insert(LabelKind::Topic, " Side  Effekt", "Side\u{a0}Effects ")
            .unwrap();
        synonyms
            .insert(LabelKind::Topic, "SIDE EFFEKT", "Side Effects")
            .unwrap();
        assert_eq!(
            synonyms.find(LabelKind::Topic, "side effekt"),
            Some("Side Effects")
        );
        assert_eq!(synonyms.find(LabelKind::Topic, "side effects"), None);
        assert_eq!(
            synonyms.targets(LabelKind::Topic).collect::<Vec<_>>(),
            ["Side Effects"]
        );
        assert_eq!(synonyms.targets(LabelKind::Channel).count(), 0);
    }

    #[rstest]
    #[case(r#"{"colour": {}}"#, "\"colour\" is not a kind of label")]
    #[case(r#"{"topic": {" ": "Safety"}}"#, "the topic synonym \" \" is empty")]
    #[case(
        r#"{"topic": {"Safty": ""}}"#,
        "the topic synonym \"Safty\" stands for nothing"
    )]
    #[case(
        r#"{"topic": {"Safty": "Safety", "safty": "Efficacy"}}"#,
        "stands for \"Efficacy\" as well as for \"Safety\""
    )]
    fn refused_lists(#[case] json: &str, #[case] reason: &str) {
        let error = serde_json::from_str::<Synonyms>(json)
            .unwrap_err()
            .to_string();
        assert!(error.contains(reason), "{error}");
    }

    #[test]
    fn a_label_that_fits_no_index_is_refused() {
        let label = "x".repeat(501);
        let error = Synonyms::default()
            .insert(LabelKind::Topic, "x", &label)
            .unwrap_err();
        assert!(error.to_string().contains("501 characters"), "{error}");
    }
}
