//! A row that is being cleaned: its cells, and what is entered about them.

use crate::cell::Cell;
use crate::header::Place;
use crate::import::kept::KeptColumns;
use crate::ledger::{Action, Cleaned, Entry, ObjectText, Policies, REJECTED_ROW, Rule};
use crate::source::Row;

/// A row that is being cleaned.
pub(super) struct Draft {
    pub(super) number: u32,
    pub(super) cells: Vec<Cell>,
    pub(super) entries: Vec<Entry>,
    /// The reasons to reject the row.
    pub(super) rejected: Vec<Entry>,
}

impl Draft {
    /// Starts with the cells of a row, which it takes.
    pub(super) fn new(row: &mut Row) -> Self {
        Self {
            number: row.number,
            cells: std::mem::take(&mut row.cells),
            entries: Vec::new(),
            rejected: Vec::new(),
        }
    }

    /// Starts an entry about a cell of the row.
    pub(super) fn entry(&self, place: &Place, rule: Rule) -> Entry {
        place.entry(rule, self.number)
    }

    /// Takes a cleaned value, and enters what was done to its cell.
    pub(super) fn accept<T>(
        &mut self,
        place: &Place,
        cleaned: Cleaned<T>,
        after: impl Fn(&T) -> String,
    ) -> T {
        if !cleaned.rules.is_empty() {
            let after = after(&cleaned.value);
            self.enter(place, &cleaned.rules, Some(&after));
        }
        cleaned.value
    }

    /// Enters what some rules made of a cell.
    pub(super) fn enter(&mut self, place: &Place, rules: &[Rule], after: Option<&str>) {
        let before = self.cells.get(place.index).map(Cell::text);
        let before = before.unwrap_or_default();
        let enter = |rule: &Rule| place.entry(*rule, self.number).change(&before, after);
        self.entries.extend(rules.iter().map(enter));
    }

    /// Rejects the row for the rules that have such a policy and fired in it; tells whether any
    /// did.
    pub(super) fn reject_by(&mut self, policies: &Policies) -> bool {
        if !self
            .entries
            .iter()
            .any(|entry| policies.rejects(entry.rule))
        {
            return false;
        }
        let reject = |mut entry: Entry| {
            entry.detail = Some(format!(
                "the policy of the rule {} is to reject",
                entry.rule.name()
            ));
            entry.action = Action::Rejected;
            entry.after = None;
            entry
        };
        let fired = self
            .entries
            .drain(..)
            .filter(|entry| policies.rejects(entry.rule));
        self.rejected = fired.map(reject).collect();
        true
    }

    /// Gives the first reason to reject the row the row as the file has it; returns the reason.
    pub(super) fn keep_row(&mut self, kept: &KeptColumns) -> String {
        let Some(first) = self.rejected.first_mut() else {
            return String::new();
        };
        let reason = first.detail.take().unwrap_or_default();
        let row = row_text(kept, &self.cells);
        first.detail = Some(format!("{reason}; the row is {row}"));
        reason
    }
}

/// Writes a row as a JSON object of its keys and texts, in the order of the file; a long one is
/// cut.
fn row_text(kept: &KeptColumns, cells: &[Cell]) -> String {
    let mut row = ObjectText::new(REJECTED_ROW);
    for (index, cell) in cells.iter().enumerate() {
        if !cell.is_empty() {
            row.add(kept.key(index), cell.text());
        }
    }
    row.finish()
}
