//! Cleans one row after another by the rules of its columns.
//!
//! The cells that a record cannot do without are read first. If one of them cannot be read, the
//! row is rejected whole, with every reason, and stands in the ledger as the file has it.

use std::sync::Arc;

use jiff::civil::{Date, DateTime};

use super::columns::{ColumnRules, label_text};
use super::plan::Sheet;
use super::{CleanRow, Record};
use crate::cell::Cell;
use crate::customer_id::{clean_customer_id, clean_customer_ids};
use crate::error::Error;
use crate::header::{Field, Place, SheetKind};
use crate::label::clean_notes;
use crate::ledger::{Cleaned, Entry, Rule, quoted};
use crate::source::Row;

mod cells;

use cells::{customer, is_blank, month, row_text, start, wrong_type};

/// Cleans the rows of one sheet.
pub(super) struct RowCleaner<'s> {
    sheet: &'s Sheet,
    columns: Vec<ColumnRules>,
    rows: u64,
    /// Cells in columns without a header, and the first of them in words.
    stray_cells: u64,
    first_stray: Option<String>,
    /// The bytes of text that splitting may still repeat: a short list of customers beside long
    /// notes would otherwise multiply a file by a hundred.
    repeatable: u64,
}

/// A row that is being cleaned.
struct Draft {
    cells: Vec<Cell>,
    entries: Vec<Entry>,
    rejected: Vec<Entry>,
}

impl<'s> RowCleaner<'s> {
    /// Starts a sheet; `repeatable` is the bytes of text that splitting may repeat.
    pub(super) fn new(sheet: &'s Sheet, columns: Vec<ColumnRules>, repeatable: u64) -> Self {
        Self {
            sheet,
            columns,
            rows: 0,
            stray_cells: 0,
            first_stray: None,
            repeatable,
        }
    }

    /// Cleans a row into one clean row, or into several if it is split.
    pub(super) fn clean(&mut self, row: Row, clean: &mut Vec<CleanRow>) -> Result<(), Error> {
        self.rows += 1;
        self.note_stray_cells(&row);
        let number = row.number;
        let mut draft = Draft {
            cells: row.cells,
            entries: Vec::new(),
            rejected: Vec::new(),
        };
        let records = match self.sheet.layout.kind {
            SheetKind::Customers => self.customer(&mut draft),
            SheetKind::Interactions => self.interactions(&mut draft, number)?,
            SheetKind::Products => self.product(&mut draft),
        };
        let added = records.as_ref().map_or(1, Vec::len);
        clean.try_reserve(added).map_err(|_| Error::TooLarge {
            what: format!(
                "the cleaned rows up to row {number} of sheet {}",
                quoted(&self.sheet.name)
            ),
            limit: "the memory of the server".to_owned(),
        })?;
        let row = |record, entries| CleanRow {
            sheet: Arc::clone(&self.sheet.name),
            number,
            record,
            entries,
        };
        match records {
            None => clean.push(row(None, draft.rejected)),
            Some(records) => {
                let mut entries = draft.entries;
                for record in records {
                    clean.push(row(Some(record), std::mem::take(&mut entries)));
                }
            }
        }
        Ok(())
    }

    /// Notes what was not read, and returns how many rows were.
    pub(super) fn finish(self, clean: &mut Vec<CleanRow>) -> u64 {
        if let Some(first) = self.first_stray {
            let entry = Entry::of(Rule::CellsIgnored).detail(format!(
                "cells in columns without a header that were not loaded: {} (the first is {first})",
                self.stray_cells
            ));
            clean.push(self.sheet.note(entry));
        }
        self.rows
    }

    fn note_stray_cells(&mut self, row: &Row) {
        let headers = &self.sheet.layout.headers;
        if row.cells.len() <= headers.len() && !headers.iter().any(String::is_empty) {
            return;
        }
        for (index, cell) in row.cells.iter().enumerate() {
            if headers.get(index).is_none_or(String::is_empty) && !cell.is_empty() {
                self.stray_cells += 1;
                self.first_stray.get_or_insert_with(|| {
                    format!(
                        "{} in row {}, column {}",
                        quoted(&cell.text()),
                        row.number,
                        index + 1
                    )
                });
            }
        }
    }

    fn customer(&self, draft: &mut Draft) -> Option<Vec<Record>> {
        let customer_id = self.one_customer(draft);
        self.settle(draft)?;
        let occupation = self.label(draft, Field::Occupation);
        let customer_type = self.label(draft, Field::CustomerType);
        Some(vec![Record::Customer {
            customer_id: customer_id?,
            occupation,
            customer_type,
        }])
    }

    fn interactions(
        &mut self,
        draft: &mut Draft,
        number: u32,
    ) -> Result<Option<Vec<Record>>, Error> {
        let occurred_at = self.start(draft);
        let customers = self.customers(draft);
        let (Some(()), Some(occurred_at), Some(customers)) =
            (self.settle(draft), occurred_at, customers)
        else {
            return Ok(None);
        };
        let channel = self.label(draft, Field::Channel);
        let topic = self.label(draft, Field::Topic);
        let sentiment = self.label(draft, Field::Sentiment);
        let notes = self.notes(draft);
        let texts = [&channel, &topic, &sentiment, &notes];
        let bytes: usize = texts.into_iter().flatten().map(String::len).sum();
        self.repeat(bytes.saturating_mul(customers.len() - 1), number)?;
        let mut records = Vec::with_capacity(customers.len());
        let (last, others) = customers
            .split_last()
            .map_or((None, &[][..]), |(last, others)| (Some(last), others));
        records.extend(others.iter().map(|&customer_id| Record::Interaction {
            customer_id,
            occurred_at,
            channel: channel.clone(),
            topic: topic.clone(),
            sentiment: sentiment.clone(),
            notes: notes.clone(),
        }));
        records.extend(last.map(|&customer_id| Record::Interaction {
            customer_id,
            occurred_at,
            channel,
            topic,
            sentiment,
            notes,
        }));
        Ok(Some(records))
    }

    /// Counts text that a split repeats.
    fn repeat(&mut self, bytes: usize, number: u32) -> Result<(), Error> {
        self.repeatable = self.repeatable.checked_sub(bytes as u64).ok_or_else(|| Error::TooLarge {
            what: format!(
                "the text repeated for rows with several customers, up to row {number} of sheet {},",
                quoted(&self.sheet.name)
            ),
            limit: "the size of a file".to_owned(),
        })?;
        Ok(())
    }

    fn product(&self, draft: &mut Draft) -> Option<Vec<Record>> {
        let month = self.month(draft);
        self.require_product(draft);
        self.settle(draft)?;
        let product = self.label(draft, Field::Product);
        Some(vec![Record::Product {
            month: month?,
            product: product?,
        }])
    }

    fn place(&self, field: Field) -> Option<(&'s Place, &ColumnRules)> {
        self.sheet
            .layout
            .places
            .iter()
            .zip(&self.columns)
            .find(|(place, _)| place.field == field)
    }

    /// Rejects the row for one of its cells; without a reason the cell is empty.
    fn reject(&self, draft: &mut Draft, field: Field, rule: Rule, reason: Option<&Error>) {
        let Some((place, _)) = self.place(field) else {
            return;
        };
        let before = draft
            .cells
            .get(place.index)
            .map(|cell| cell.text().into_owned());
        let reason = reason.map_or_else(
            || format!("{} is empty", quoted(&place.header)),
            ToString::to_string,
        );
        let mut entry = Entry::of(rule).column(&place.header).detail(reason);
        entry.before = before.filter(|text| !text.is_empty());
        draft.rejected.push(entry);
    }

    /// Ends a row that was rejected: its first entry gets the row as the file has it.
    fn settle(&self, draft: &mut Draft) -> Option<()> {
        let Some(first) = draft.rejected.first_mut() else {
            return Some(());
        };
        let row = row_text(&self.sheet.layout.headers, &draft.cells);
        let reason = first.detail.take().unwrap_or_default();
        first.detail = Some(format!("{reason}; the row is {row}"));
        None
    }

    /// Takes a cleaned value, and enters what was done to its cell.
    fn accept<T>(
        draft: &mut Draft,
        place: &Place,
        cleaned: Cleaned<T>,
        after: impl Fn(&T) -> String,
    ) -> T {
        if !cleaned.rules.is_empty() {
            let before = draft
                .cells
                .get(place.index)
                .map(Cell::text)
                .unwrap_or_default();
            let after = after(&cleaned.value);
            for rule in cleaned.rules {
                let entry = Entry::of(rule)
                    .column(&place.header)
                    .change(&before, Some(&after));
                draft.entries.push(entry);
            }
        }
        cleaned.value
    }

    /// Reads a cell that the record cannot do without.
    fn read<T>(
        &self,
        draft: &mut Draft,
        field: Field,
        (missing, unreadable): (Rule, Rule),
        read: impl Fn(&Cell, &ColumnRules) -> Result<Cleaned<T>, Error>,
        after: impl Fn(&T) -> String,
    ) -> Option<T> {
        let (place, rules) = self.place(field)?;
        let cell = draft.cells.get(place.index).filter(|cell| !is_blank(cell));
        match cell.map(|cell| read(cell, rules)) {
            None => self.reject(draft, field, missing, None),
            Some(Err(reason)) => self.reject(draft, field, unreadable, Some(&reason)),
            Some(Ok(cleaned)) => return Some(Self::accept(draft, place, cleaned, after)),
        }
        None
    }

    fn one_customer(&self, draft: &mut Draft) -> Option<i64> {
        let rules = (Rule::CustomerMissing, Rule::CustomerUnreadable);
        self.read(
            draft,
            Field::CustomerId,
            rules,
            |cell, _| customer(cell, clean_customer_id, |id| id),
            i64::to_string,
        )
    }

    fn customers(&self, draft: &mut Draft) -> Option<Vec<i64>> {
        let rules = (Rule::CustomerMissing, Rule::CustomerUnreadable);
        let list = |ids: &Vec<i64>| {
            ids.iter()
                .map(i64::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        };
        self.read(
            draft,
            Field::Customers,
            rules,
            |cell, _| customer(cell, clean_customer_ids, |id| vec![id]),
            list,
        )
    }

    fn start(&self, draft: &mut Draft) -> Option<DateTime> {
        let rules = (Rule::DateMissing, Rule::DateUnreadable);
        self.read(draft, Field::Start, rules, start, |at| {
            at.strftime("%Y-%m-%d %H:%M:%S").to_string()
        })
    }

    fn month(&self, draft: &mut Draft) -> Option<Date> {
        let rules = (Rule::MonthMissing, Rule::MonthUnreadable);
        self.read(draft, Field::Month, rules, month, Date::to_string)
    }

    /// Rejects a row without a product. The cell is read later: a rejected row keeps it.
    fn require_product(&self, draft: &mut Draft) {
        let Some((place, _)) = self.place(Field::Product) else {
            return;
        };
        let cell = draft.cells.get(place.index).filter(|cell| !is_blank(cell));
        let reason = match cell {
            Some(Cell::Error(_)) => cell.map(|cell| wrong_type(cell, "a product is expected")),
            Some(_) => return,
            None => None,
        };
        self.reject(draft, Field::Product, Rule::ProductMissing, reason.as_ref());
    }

    /// Reads a label, which a record can do without.
    fn label(&self, draft: &mut Draft, field: Field) -> Option<String> {
        let (place, ColumnRules::Labels(labels)) = self.place(field)? else {
            return None;
        };
        Self::empty_error(draft, place);
        let cell = draft.cells.get_mut(place.index)?;
        let is_date = matches!(cell, Cell::DateTime(_));
        let text = label_text(cell)?;
        if is_date {
            let entry = Entry::of(Rule::DateAsText)
                .column(&place.header)
                .change(&text, Some(&text));
            draft.entries.push(entry);
        }
        let Some(Some(label)) = labels.get(&text) else {
            return Some(text);
        };
        // White space alone is an empty cell, and no dirt.
        if label.value.is_some() || !text.chars().all(char::is_whitespace) {
            for rule in &label.rules {
                let entry = Entry::of(*rule)
                    .column(&place.header)
                    .change(&text, label.value.as_deref());
                draft.entries.push(entry);
            }
        }
        label.value.clone()
    }

    /// Reads free text.
    fn notes(&self, draft: &mut Draft) -> Option<String> {
        let (place, _) = self.place(Field::Notes)?;
        Self::empty_error(draft, place);
        let cleaned = clean_notes(&draft.cells.get(place.index)?.text())?;
        Some(Self::accept(draft, place, cleaned, String::clone))
    }

    /// Empties a cell that holds a spreadsheet error.
    fn empty_error(draft: &mut Draft, place: &Place) {
        if let Some(cell @ Cell::Error(_)) = draft.cells.get_mut(place.index) {
            let entry = Entry::of(Rule::ErrorCell)
                .column(&place.header)
                .change(&cell.text(), None);
            draft.entries.push(entry);
            *cell = Cell::Empty;
        }
    }
}
