//! What the database knows that a file does not say.

use serde::Deserialize;

use super::ImportOptions;
use crate::ledger::Policies;
use crate::spelling::{KnownSpellings, Synonyms};

/// What the database knows about labels and rules, as one JSON object; every key may be absent.
///
/// ```
/// use rapport_core::import::{Context, ImportOptions};
/// use rapport_core::{LabelKind, Rule};
///
/// let context: Context = serde_json::from_str(
///     r#"{
///         "known": {"topic": ["Side Effects"]},
///         "synonyms": {"channel": {"E-Mail": "Email"}},
///         "policies": {"white_space_folded": "reject"}
///     }"#,
/// )?;
/// let options = ImportOptions {
///     apply_near_misses: true,
///     ..ImportOptions::from(context)
/// };
/// assert_eq!(options.synonyms.find(LabelKind::Channel, "e-mail"), Some("Email"));
/// assert!(options.policies.rejects(Rule::Folded));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Context {
    /// The spellings that are stored.
    pub known: KnownSpellings,
    /// The labels that stand for others.
    pub synonyms: Synonyms,
    /// The rules that reject.
    pub policies: Policies,
}

impl From<Context> for ImportOptions {
    fn from(context: Context) -> Self {
        Self {
            known: context.known,
            synonyms: context.synonyms,
            policies: context.policies,
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_may_be_absent_and_none_may_be_unknown() {
        assert_eq!(
            serde_json::from_str::<Context>("{}").unwrap(),
            Context::default()
        );
        let error = serde_json::from_str::<Context>(r#"{"synonym": {}}"#).unwrap_err();
        assert!(
            error.to_string().contains("unknown field `synonym`"),
            "{error}"
        );
    }
}
