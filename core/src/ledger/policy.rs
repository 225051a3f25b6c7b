//! Policies: rules that are not to put a cell right but to reject its row.
//!
//! What a note, a rejection and SQL decide is no choice; a policy on one of those rules is refused
//! rather than ignored.

use std::collections::{BTreeSet, HashMap};

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use super::{Rule, quoted};
use crate::error::Error;

/// The rules that reject the row in which they fire.
///
/// ```
/// use rapport_core::{Policies, Rule};
///
/// let policies: Policies = serde_json::from_str(r#"{"time_missing": "reject"}"#).unwrap();
/// assert!(policies.rejects(Rule::TimeMissing));
/// assert!(!policies.rejects(Rule::Folded));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policies {
    rejecting: BTreeSet<Rule>,
}

/// What a policy can ask for.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Policy {
    Reject,
}

impl Policies {
    /// Lets a rule reject.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] for a rule that has no choice.
    pub fn reject(&mut self, rule: Rule) -> Result<(), Error> {
        if !rule.may_reject() {
            return Err(Error::InvalidValue {
                message: format!("rule {} cannot have a policy", quoted(rule.name())),
                hint: Some("policies are for rules that change a value".to_owned()),
            });
        }
        self.rejecting.insert(rule);
        Ok(())
    }

    /// Tells whether a rule is to reject.
    #[must_use]
    pub fn rejects(&self, rule: Rule) -> bool {
        self.rejecting.contains(&rule)
    }

    /// Tells whether there is no policy at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rejecting.is_empty()
    }
}

impl<'de> Deserialize<'de> for Policies {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let by_name = HashMap::<String, Policy>::deserialize(deserializer)?;
        let mut policies = Self::default();
        for (name, Policy::Reject) in by_name {
            let rule = Rule::find(&name)
                .ok_or_else(|| D::Error::custom(format!("{} is not a rule", quoted(&name))))?;
            policies.reject(rule).map_err(D::Error::custom)?;
        }
        Ok(policies)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(r#"{"white_space": "reject"}"#, "\"white_space\" is not a rule")]
    #[case(
        r#"{"header_mapped": "reject"}"#,
        "rule \"header_mapped\" cannot have a policy"
    )]
    #[case(r#"{"fill_gap": "reject"}"#, "rule \"fill_gap\" cannot have a policy")]
    #[case(r#"{"time_missing": "ignore"}"#, "unknown variant `ignore`")]
    fn refused_policies(#[case] json: &str, #[case] reason: &str) {
        let error = serde_json::from_str::<Policies>(json)
            .unwrap_err()
            .to_string();
        assert!(error.contains(reason), "{error}");
    }

    #[test]
    fn no_policy_is_the_default() {
        assert!(Policies::default().is_empty());
        assert!(
            !serde_json::from_str::<Policies>(r#"{"month_of_date": "reject"}"#)
                .unwrap()
                .is_empty()
        );
    }
}
