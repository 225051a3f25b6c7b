//! Cleans one row after another by the rules of its columns.
//!
//! The cells that a record cannot do without are read first. If one of them cannot be read, the
//! row is rejected whole, with every reason, and stands in the ledger as the file has it.

use std::sync::Arc;
use std::vec;

use jiff::civil::{Date, DateTime};

use super::columns::{ColumnRules, label_text};
use super::plan::Sheet;
use super::unreadable::Unreadable;
use super::{CleanRow, Record};
use crate::cell::Cell;
use crate::customer_id::{clean_customer_id, clean_customer_ids};
use crate::error::Error;
use crate::header::{Field, Place, SheetKind};
use crate::label::{check_length, clean_notes, tidy};
use crate::ledger::{Cleaned, Entry, REJECTED, Rule, cut, quoted};
use crate::source::Row;
use crate::spelling::KnownSpellings;

mod cells;

use cells::{customer, is_blank, month, row_text, start, wrong_type};

/// Cleans the rows of one sheet.
pub(super) struct RowCleaner {
    sheet: Sheet,
    columns: Vec<ColumnRules>,
    unreadable: Unreadable,
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

/// A record, and the customers for whom it is repeated.
struct Split {
    record: Record,
    others: Vec<i64>,
}

impl Split {
    /// Wraps a record that is not repeated.
    const fn not(record: Record) -> Self {
        Self {
            record,
            others: Vec::new(),
        }
    }
}

/// The further records of a row that was split, made one by one.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    row: Option<CleanRow>,
    customers: vec::IntoIter<i64>,
}

impl Iterator for Repeats {
    type Item = CleanRow;

    fn next(&mut self) -> Option<CleanRow> {
        let customer = self.customers.next()?;
        // The last one needs no copy.
        let mut row = match self.customers.len() {
            0 => self.row.take(),
            _ => self.row.clone(),
        }?;
        if let Some(Record::Interaction { customer_id, .. }) = &mut row.record {
            *customer_id = customer;
        }
        Some(row)
    }
}

impl RowCleaner {
    /// Starts a sheet with so many rows; `repeatable` is the bytes of text that splitting may
    /// repeat.
    pub(super) fn new(sheet: Sheet, columns: Vec<ColumnRules>, rows: u64, repeatable: u64) -> Self {
        Self {
            sheet,
            columns,
            unreadable: Unreadable::new(rows),
            repeatable,
        }
    }

    /// Tells whether a row is below the header.
    pub(super) const fn is_data(&self, row: &Row) -> bool {
        row.number > self.sheet.header_row
    }

    /// Cleans a row into one clean row, and the others if it is split; `None` when the sheet will
    /// be refused, and its rows are only counted.
    pub(super) fn clean(
        &mut self,
        row: Row,
        known: &KnownSpellings,
    ) -> Result<Option<(CleanRow, Repeats)>, Error> {
        let number = row.number;
        let mut draft = Draft {
            cells: row.cells,
            entries: Vec::new(),
            rejected: Vec::new(),
        };
        let split = match self.sheet.layout.kind {
            SheetKind::Customers => self.customer(&mut draft, known),
            SheetKind::Interactions => self.interaction(&mut draft, number, known)?,
            SheetKind::Products => self.product(&mut draft, known),
        };
        if split.is_none() {
            self.reject_row(&mut draft, number);
        }
        if self.unreadable.is_too_many() {
            return Ok(None);
        }
        let row = |record, entries| CleanRow {
            sheet: Arc::clone(&self.sheet.name),
            number,
            record,
            entries,
        };
        Ok(Some(match split {
            None => (row(None, draft.rejected), Repeats::default()),
            Some(Split { record, others }) if others.is_empty() => {
                (row(Some(record), draft.entries), Repeats::default())
            }
            Some(Split { record, others }) => {
                let repeats = Repeats {
                    row: Some(row(Some(record.clone()), Vec::new())),
                    customers: others.into_iter(),
                };
                (row(Some(record), draft.entries), repeats)
            }
        }))
    }

    /// Ends the sheet.
    ///
    /// # Errors
    /// [`Error::InvalidFile`] when most of its rows cannot be read.
    pub(super) fn finish(&self) -> Result<(), Error> {
        self.unreadable.check(&self.sheet.name)
    }

    fn customer(&self, draft: &mut Draft, known: &KnownSpellings) -> Option<Split> {
        let customer_id = self.one_customer(draft)?;
        let occupation = self.label(draft, Field::Occupation, known);
        let customer_type = self.label(draft, Field::CustomerType, known);
        Some(Split::not(Record::Customer {
            customer_id,
            occupation,
            customer_type,
        }))
    }

    fn interaction(
        &mut self,
        draft: &mut Draft,
        number: u32,
        known: &KnownSpellings,
    ) -> Result<Option<Split>, Error> {
        let occurred_at = self.start(draft);
        let customers = self.customers(draft);
        let (Some(occurred_at), Some(mut customers)) = (occurred_at, customers) else {
            return Ok(None);
        };
        let others = customers.split_off(customers.len().min(1));
        let Some(customer_id) = customers.pop() else {
            return Ok(None);
        };
        let channel = self.label(draft, Field::Channel, known);
        let topic = self.label(draft, Field::Topic, known);
        let sentiment = self.label(draft, Field::Sentiment, known);
        let notes = self.notes(draft);
        let texts = [&channel, &topic, &sentiment, &notes];
        let bytes: usize = texts.into_iter().flatten().map(String::len).sum();
        self.repeat(bytes.saturating_mul(others.len()), number)?;
        Ok(Some(Split {
            record: Record::Interaction {
                customer_id,
                occurred_at,
                channel,
                topic,
                sentiment,
                notes,
            },
            others,
        }))
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

    fn product(&self, draft: &mut Draft, known: &KnownSpellings) -> Option<Split> {
        let month = self.month(draft);
        self.require_product(draft);
        if !draft.rejected.is_empty() {
            return None;
        }
        let product = self.label(draft, Field::Product, known);
        Some(Split::not(Record::Product {
            month: month?,
            product: product?,
        }))
    }

    fn place(&self, field: Field) -> Option<(&Place, &ColumnRules)> {
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
        let before = draft.cells.get(place.index).map(Cell::text);
        let before = before.as_deref();
        let reason = reason.map_or_else(
            || format!("{} is empty", quoted(&place.header)),
            ToString::to_string,
        );
        let mut entry = Entry::of(rule).column(&place.header).detail(reason);
        entry.before = before
            .filter(|text| !text.is_empty())
            .map(|text| cut(text, REJECTED));
        draft.rejected.push(entry);
    }

    /// Counts a row that was rejected, and gives its first entry the row as the file has it.
    fn reject_row(&mut self, draft: &mut Draft, number: u32) {
        let reason = draft
            .rejected
            .first_mut()
            .and_then(|first| first.detail.take())
            .unwrap_or_default();
        self.unreadable.count(number, &reason);
        if let Some(first) = draft.rejected.first_mut() {
            let row = row_text(&self.sheet.layout.headers, &draft.cells);
            first.detail = Some(format!("{reason}; the row is {row}"));
        }
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
        let (rule, reason) = match cell {
            None => (Rule::ProductMissing, None),
            Some(Cell::Error(_)) => (
                Rule::ProductMissing,
                cell.map(|cell| wrong_type(cell, "a product is expected")),
            ),
            Some(cell) => match check_length(&tidy(&cell.text()).value) {
                Ok(()) => return,
                Err(reason) => (Rule::LabelTooLong, Some(reason)),
            },
        };
        self.reject(draft, Field::Product, rule, reason.as_ref());
    }

    /// Reads a label, which a record can do without.
    fn label(&self, draft: &mut Draft, field: Field, known: &KnownSpellings) -> Option<String> {
        let (place, ColumnRules::Labels(labels)) = self.place(field)? else {
            return None;
        };
        Self::empty_error(draft, place);
        let cell = draft.cells.get_mut(place.index)?;
        let is_date = matches!(cell, Cell::DateTime(_));
        let text = label_text(cell)?;
        let enter = |rule: Rule| Entry::of(rule).column(&place.header);
        if is_date {
            let entry = enter(Rule::DateAsText).change(&text, Some(&text));
            draft.entries.push(entry);
        }
        let Some(label) = labels.label(&text, known) else {
            return Some(text);
        };
        if label.rules.contains(&Rule::LabelTooLong) {
            let mut entry = enter(Rule::LabelTooLong).change(&cut(&text, REJECTED), None);
            let length = check_length(&tidy(&text).value);
            entry.detail = length.err().map(|reason| reason.to_string());
            draft.entries.push(entry);
        } else if label.value.is_some() || !text.chars().all(char::is_whitespace) {
            // White space alone is an empty cell, and no dirt.
            draft.entries.extend(
                label
                    .rules
                    .iter()
                    .map(|rule| enter(*rule).change(&text, label.value.as_deref())),
            );
        }
        label.into_owned().value
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
