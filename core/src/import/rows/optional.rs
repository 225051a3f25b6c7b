//! Reads the cells that a record can do without: labels, notes, and what has no place.

use serde_json::{Map, Value};

use super::RowCleaner;
use super::draft::Draft;
use crate::cell::Cell;
use crate::header::{Field, Place};
use crate::import::columns::{ColumnRules, label_text};
use crate::import::plan::EXTRA;
use crate::import::{Extra, ImportOptions};
use crate::label::{check_length, clean_notes, tidy};
use crate::ledger::{Entry, Rule};

impl RowCleaner {
    /// Reads a label.
    pub(super) fn label(
        &self,
        draft: &mut Draft,
        field: Field,
        options: &ImportOptions,
    ) -> Option<String> {
        let (place, ColumnRules::Labels(labels)) = self.place(field)? else {
            return None;
        };
        if enter_error(draft, place) {
            return None;
        }
        let cell = draft.cells.get_mut(place.index)?;
        let is_date = matches!(cell, Cell::DateTime(_));
        let text = if options.policies.is_empty() {
            label_text(cell)
        } else {
            // A policy may still reject the row, which then needs its cell.
            label_text(&mut cell.clone())
        }?;
        if is_date {
            let entry = draft.entry(place, Rule::DateAsText);
            draft.entries.push(entry.change(&text, Some(&text)));
        }
        let Some(label) = labels.label(&text, options) else {
            return Some(text);
        };
        if label.rules.contains(&Rule::LabelTooLong) {
            let mut entry = draft.entry(place, Rule::LabelTooLong).change(&text, None);
            let length = check_length(&tidy(&text).value);
            entry.detail = length.err().map(|reason| reason.to_string());
            draft.entries.push(entry);
        } else if label.value.is_some() || !is_white_space(&text) {
            for rule in &label.rules {
                let entry = draft.entry(place, *rule);
                draft
                    .entries
                    .push(entry.change(&text, label.value.as_deref()));
            }
        }
        label.into_owned().value
    }

    /// Reads free text.
    pub(super) fn notes(&self, draft: &mut Draft) -> Option<String> {
        let (place, _) = self.place(Field::Notes)?;
        if enter_error(draft, place) {
            return None;
        }
        let text = draft.cells.get(place.index)?.text();
        match clean_notes(&text) {
            Some(cleaned) => Some(draft.accept(place, cleaned, String::clone)),
            None => {
                if !is_white_space(&text) {
                    let rules = tidy(&text).rules;
                    draft.enter(place, &rules, None);
                }
                None
            }
        }
    }

    /// Keeps the cells that have no place, as the file writes them.
    pub(super) fn extra(&self, draft: &mut Draft) -> Extra {
        let mut extra: Extra = None;
        let mut entries = Vec::new();
        for (index, cell) in self.sheet.kept.cells(&draft.cells) {
            let key = self.sheet.kept.key(index);
            let mut text = cell.text().into_owned();
            // The one character that `jsonb` cannot hold.
            if text.contains('\0') {
                let kept = text.replace('\0', "");
                let header = self.sheet.layout.headers.get(index);
                entries.push(
                    Entry::of(Rule::Control)
                        .column(header.map_or("", String::as_str))
                        .cell(draft.number, index)
                        .field(EXTRA)
                        .change(&text, Some(&kept)),
                );
                text = kept;
            }
            extra
                .get_or_insert_with(Map::new)
                .insert(key.into_owned(), Value::String(text));
        }
        draft.entries.append(&mut entries);
        extra
    }
}

/// White space alone is an empty cell, and no dirt.
fn is_white_space(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

/// Enters a cell that holds a spreadsheet error; tells whether it does.
fn enter_error(draft: &mut Draft, place: &Place) -> bool {
    let is_error = matches!(draft.cells.get(place.index), Some(Cell::Error(_)));
    if is_error {
        draft.enter(place, &[Rule::ErrorCell], None);
    }
    is_error
}
