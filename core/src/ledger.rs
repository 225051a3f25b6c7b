//! What a cleaning decision looks like: the rule, the action, and the cell before and after it.
//!
//! Rules only describe. Which of them fires is decided by the module of the value concerned;
//! the wording and the stable names are kept in one table, so that no two modules can disagree.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

mod entry;
mod policy;
mod rule;

pub use entry::Entry;
pub use policy::Policies;
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
    /// Somebody changed a stored value by hand.
    Corrected,
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
            Self::Corrected => "corrected",
        }
    }
}

/// How much attention an entry needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing to do: what a reader of the cell sees is what was loaded.
    Info,
    /// Worth a look: the cell could have meant something else.
    Warning,
    /// Something of the file was not loaded.
    Error,
}

impl Severity {
    /// Returns the name that the ledger stores.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// The most characters of a cell that an error message repeats.
const QUOTED: usize = 60;

/// The most characters of a header that an entry or a key repeats; PostgreSQL's own names have 63.
pub(crate) const HEADER: usize = 200;

/// The most bytes that the ledger keeps of a row that was not loaded.
///
/// Without a bound, a row of 256 of the longest cells would stand in the ledger with 32 MB.
pub(crate) const REJECTED_ROW: usize = 256 * 1024;

/// The most bytes that the ledger keeps of the rows above a header: a title, a note, a date.
pub(crate) const ABOVE_HEADER: usize = 4 * 1024;

/// Texts by their keys as a JSON object, cut to so many bytes with a mark that it was longer.
pub(crate) struct ObjectText {
    text: String,
    bytes: usize,
}

impl ObjectText {
    pub(crate) fn new(bytes: usize) -> Self {
        Self {
            text: String::from("{"),
            bytes,
        }
    }

    /// Adds a text, unless it would be cut off anyway.
    pub(crate) fn add(&mut self, key: Cow<'_, str>, text: Cow<'_, str>) {
        if self.text.len() > self.bytes {
            return;
        }
        if self.text.len() > 1 {
            self.text.push(',');
        }
        self.text.push_str(&Value::from(key).to_string());
        self.text.push(':');
        self.text.push_str(&Value::from(text).to_string());
    }

    pub(crate) fn finish(mut self) -> String {
        self.text.push('}');
        if self.text.len() > self.bytes {
            self.text
                .truncate(self.text.floor_char_boundary(self.bytes));
            self.text.push('…');
        }
        self.text
    }
}

/// Cuts a text to so many characters, and marks that it was longer.
pub(crate) fn cut(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Puts a cell's text in double quotes for a message, cut to a length that can be read.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", visible(text, QUOTED))
}

/// Cuts a text of a file for a message, and writes its control characters as escapes: messages are
/// shown on terminals, and stand in logs with one line each.
pub(crate) fn visible(text: &str, characters: usize) -> String {
    let mut shown = String::new();
    for character in cut(text, characters).chars() {
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Puts several names in double quotes, separated by commas.
pub(crate) fn quoted_list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(quoted).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

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
            Action::Corrected,
        ] {
            assert_eq!(serde_json::to_value(action).unwrap(), action.name());
        }
    }

    #[test]
    fn severity_names_are_what_is_serialized() {
        for severity in [Severity::Info, Severity::Warning, Severity::Error] {
            assert_eq!(serde_json::to_value(severity).unwrap(), severity.name());
        }
        assert!(Severity::Info < Severity::Warning && Severity::Warning < Severity::Error);
    }
}
