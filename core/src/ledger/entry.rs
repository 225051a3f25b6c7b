//! One line of the ledger: which cell, which rule, what it said and what it became.

use std::borrow::Cow;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::{Action, HEADER, Rule, Severity, cut};
use crate::source::reference;

/// One line of the ledger, without its sheet and row: those are told by the row that carries it.
///
/// As JSON it has the keys `column`, `cell`, `field`, `rule`, `version`, `severity`, `action`,
/// `before`, `after` and `detail`. The NUL character, which no text of PostgreSQL can hold, is
/// written as its symbol `␀`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The header of the column as the file writes it.
    pub column: Option<String>,
    /// The cell as a spreadsheet program names it, such as `D17`.
    pub cell: Option<String>,
    /// The column of the table that the cell belongs to; `extra` for one that has no place.
    pub field: Option<&'static str>,
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
            cell: None,
            field: None,
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
        self.column = Some(cut(header, HEADER)).filter(|header| !header.is_empty());
        self
    }

    /// Names the cell, by its row number from 1 and its position in the row from 0.
    #[must_use]
    pub(crate) fn cell(mut self, row: u32, index: usize) -> Self {
        let column = u32::try_from(index).unwrap_or(u32::MAX);
        self.cell = Some(reference(row.saturating_sub(1), column));
        self
    }

    /// Names the column of the table.
    #[must_use]
    pub const fn field(mut self, field: &'static str) -> Self {
        self.field = Some(field);
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

    /// Returns how much attention the entry needs: that of its rule, but the highest where a
    /// policy made a rejection of it.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self.action {
            Action::Rejected => Severity::Error,
            _ => self.rule.severity(),
        }
    }
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entry = serializer.serialize_struct("Entry", 10)?;
        entry.serialize_field("column", &without_nul(self.column.as_deref()))?;
        entry.serialize_field("cell", &self.cell)?;
        entry.serialize_field("field", &self.field)?;
        entry.serialize_field("rule", &self.rule)?;
        entry.serialize_field("version", &self.rule.version())?;
        entry.serialize_field("severity", &self.severity())?;
        entry.serialize_field("action", &self.action)?;
        entry.serialize_field("before", &without_nul(self.before.as_deref()))?;
        entry.serialize_field("after", &without_nul(self.after.as_deref()))?;
        entry.serialize_field("detail", &without_nul(self.detail.as_deref()))?;
        entry.end()
    }
}

/// Writes NUL as its symbol: `jsonb` refuses the escape, and with it the whole import.
fn without_nul(text: Option<&str>) -> Option<Cow<'_, str>> {
    text.map(|text| match text.contains('\0') {
        true => Cow::Owned(text.replace('\0', "\u{2400}")),
        false => Cow::Borrowed(text),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_written_with_all_its_keys() {
        let entry = Entry::of(Rule::StrayText)
            .column("Customers")
            .cell(17, 3)
            .field("customer_id")
            .change("12in", Some("12"));
        assert_eq!(
            serde_json::to_string(&entry).unwrap(),
            concat!(
                r#"{"column":"Customers","cell":"D17","field":"customer_id","#,
                r#""rule":"stray_text_removed","version":1,"severity":"warning","action":"repaired","#,
                r#""before":"12in","after":"12","detail":null}"#
            )
        );
    }

    #[test]
    fn an_entry_without_a_cell_has_nulls() {
        let entry = Entry::of(Rule::SheetHidden).detail("sheet \"Old\" is hidden");
        assert_eq!(
            serde_json::to_value(&entry).unwrap(),
            serde_json::json!({
                "column": null, "cell": null, "field": null,
                "rule": "hidden_sheet_skipped", "version": 1, "severity": "warning", "action": "inferred",
                "before": null, "after": null, "detail": "sheet \"Old\" is hidden",
            })
        );
    }

    #[test]
    fn a_rejection_by_policy_is_an_error() {
        let mut entry = Entry::of(Rule::Folded);
        assert_eq!(entry.severity(), Severity::Info);
        entry.action = Action::Rejected;
        assert_eq!(entry.severity(), Severity::Error);
    }

    #[test]
    fn nul_is_written_as_its_symbol() {
        let entry = Entry::of(Rule::Control).change("Je\0di", Some("Jedi"));
        let json = serde_json::to_value(&entry).unwrap();
        assert_eq!(json["before"], "Je\u{2400}di");
        assert_eq!(entry.before.as_deref(), Some("Je\0di"));
    }
}
