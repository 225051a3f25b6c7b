//! What a cleaning decision looks like: the rule, the action, and the cell before and after it.
//!
//! Rules only describe. Which of them fires is decided by the module of the value concerned;
//! the wording and the stable names are kept in one table, so that no two modules can disagree.

use serde::{Serialize, Serializer};

mod rule;

pub use rule::Rule;

/// A cleaned value with the rules that changed something, in the order in which they fired.
///
/// No rule means that the value is what the cell said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleaned<T> {
    /// The value after all rules.
    pub value: T,
    /// The rules that changed something.
    pub rules: Vec<Rule>,
}

impl<T> Cleaned<T> {
    /// Wraps a value that needed no rule.
    #[must_use]
    pub const fn untouched(value: T) -> Self {
        Self {
            value,
            rules: Vec::new(),
        }
    }
}

/// Adds a rule that fired, once however often it did.
pub(crate) fn add_rule(rules: &mut Vec<Rule>, rule: Rule) {
    if !rules.contains(&rule) {
        rules.push(rule);
    }
}

/// What was done to a cell, a row or a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The cell was put right, and its value loaded.
    Repaired,
    /// Something the file does not say was concluded from what it does say.
    Inferred,
    /// One row became several.
    Split,
    /// A row completed one that was stored before.
    Merged,
    /// A value differs from the stored one, which was kept.
    Conflict,
    /// The row says what another row said already.
    Duplicate,
    /// A row was made up so that another could refer to it.
    Placeholder,
    /// The row could not be loaded.
    Rejected,
    /// Several readings are possible, and a setting decided.
    Ambiguous,
}

impl Action {
    /// Returns the name that the ledger stores.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Repaired => "repaired",
            Self::Inferred => "inferred",
            Self::Split => "split",
            Self::Merged => "merged",
            Self::Conflict => "conflict",
            Self::Duplicate => "duplicate",
            Self::Placeholder => "placeholder",
            Self::Rejected => "rejected",
            Self::Ambiguous => "ambiguous",
        }
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// One line of the ledger, without its place: that is told by the row that carries it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The header of the column as the file writes it.
    pub column: Option<String>,
    /// The rule that decided.
    pub rule: Rule,
    /// What was done.
    pub action: Action,
    /// The cell as the file holds it.
    pub before: Option<String>,
    /// The value that was loaded instead.
    pub after: Option<String>,
    /// The reason or the evidence, in words.
    pub detail: Option<String>,
}

impl Entry {
    /// Starts an entry that has only a rule, and the action which that rule always takes.
    #[must_use]
    pub const fn of(rule: Rule) -> Self {
        Self {
            column: None,
            rule,
            action: rule.action(),
            before: None,
            after: None,
            detail: None,
        }
    }

    /// Names the column, by the first 200 characters of its header: every entry repeats it.
    #[must_use]
    pub fn column(mut self, header: &str) -> Self {
        self.column = Some(cut(header, HEADER));
        self
    }

    /// Says what the cell held and what was loaded.
    #[must_use]
    pub fn change(mut self, before: &str, after: Option<&str>) -> Self {
        self.before = Some(before.to_owned());
        self.after = after.map(ToOwned::to_owned);
        self
    }

    /// Gives the reason or the evidence.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

/// The most characters of a cell that an error message repeats.
const QUOTED: usize = 60;

/// The most characters of a header that an entry repeats; PostgreSQL's own names have 63.
const HEADER: usize = 200;

/// The most characters that the ledger keeps of a cell or a row that was not loaded.
///
/// A person finds the cell by its place, and needs to see what is wrong with it. Without a bound, a
/// row of 256 long cells would stand in the ledger with many times its size.
pub(crate) const REJECTED: usize = 2_000;

/// Cuts a text to so many characters, and marks that it was longer.
pub(crate) fn cut(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Puts a cell's text in double quotes for a message, cut to a length that can be read.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", cut(text, QUOTED))
}

/// Puts several names in double quotes, separated by commas.
pub(crate) fn quoted_list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(quoted).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn rule_names_are_unique_and_snake_case() {
        let mut seen = HashSet::new();
        for rule in Rule::all() {
            let name = rule.name();
            assert!(seen.insert(name), "\"{name}\" stands for two rules");
            assert!(
                name.split('_')
                    .all(|word| !word.is_empty()
                        && word.bytes().all(|byte| byte.is_ascii_lowercase())),
                "\"{name}\" is not snake_case"
            );
            assert!(
                rule.description().ends_with('.'),
                "\"{name}\" has no sentence"
            );
        }
        assert_eq!(seen.len(), Rule::all().len());
    }

    #[test]
    fn an_entry_is_written_with_all_its_keys() {
        let entry = Entry::of(Rule::StrayText)
            .column("Customers")
            .change("12in", Some("12"));
        assert_eq!(
            serde_json::to_string(&entry).unwrap(),
            r#"{"column":"Customers","rule":"stray_text_removed","action":"repaired","before":"12in","after":"12","detail":null}"#
        );
    }

    #[test]
    fn long_cells_are_cut_in_messages() {
        assert_eq!(quoted("12in"), "\"12in\"");
        assert_eq!(quoted(&"é".repeat(10_000)).chars().count(), 63);
        assert_eq!(cut("ééé", 3), "ééé");
        assert_eq!(cut("éééé", 3), "ééé…");
    }

    #[test]
    fn action_names_are_what_is_serialized() {
        for action in [
            Action::Repaired,
            Action::Inferred,
            Action::Split,
            Action::Merged,
            Action::Conflict,
            Action::Duplicate,
            Action::Placeholder,
            Action::Rejected,
            Action::Ambiguous,
        ] {
            assert_eq!(serde_json::to_value(action).unwrap(), action.name());
        }
    }
}
