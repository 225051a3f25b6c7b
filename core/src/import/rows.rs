//! Cleans one row after another by the rules of its columns.
//!
//! The cells that a record cannot do without are read first. If one of them cannot be read, the
//! row is rejected whole, with every reason, and stands in the ledger as the file has it. So is a
//! row in which a rule fires whose policy is to reject.

use std::sync::Arc;
use std::{mem, vec};

use serde_json::Value;

use super::columns::ColumnRules;
use super::plan::Sheet;
use super::unreadable::Unreadable;
use super::{CleanRow, Extra, ImportOptions, Record};
use crate::error::Error;
use crate::header::{Field, Place, SheetKind};
use crate::ledger::quoted;
use crate::source::Row;

mod cells;
mod draft;
mod optional;
mod required;

use draft::Draft;

/// Cleans the rows of one sheet.
pub(super) struct RowCleaner {
    sheet: Sheet,
    columns: Vec<ColumnRules>,
    unreadable: Unreadable,
    /// The bytes of text that splitting may still repeat: a short list of customers beside long
    /// notes would otherwise multiply a file by a hundred.
    repeatable: u64,
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
    /// Starts a sheet; `repeatable` is the bytes of text that splitting may repeat.
    pub(super) fn new(
        sheet: Sheet,
        columns: Vec<ColumnRules>,
        unreadable: Unreadable,
        repeatable: u64,
    ) -> Self {
        Self {
            sheet,
            columns,
            unreadable,
            repeatable,
        }
    }

    /// Tells whether a row is below the header.
    pub(super) const fn is_data(&self, row: &Row) -> bool {
        row.number > self.sheet.header_row
    }

    /// Cleans a row into one clean row, and the others if it is split.
    ///
    /// # Errors
    /// [`Error::InvalidFile`] when most rows of the sheet cannot be read.
    pub(super) fn clean(
        &mut self,
        row: &mut Row,
        options: &ImportOptions,
    ) -> Result<(CleanRow, Repeats), Error> {
        let mut draft = Draft::new(row);
        let cleaned = self.clean_draft(&mut draft, options);
        // What was not taken out of the cells gives its memory to the next row.
        row.cells = draft.cells;
        cleaned
    }

    fn clean_draft(
        &mut self,
        draft: &mut Draft,
        options: &ImportOptions,
    ) -> Result<(CleanRow, Repeats), Error> {
        let number = draft.number;
        let split = match self.sheet.layout.kind {
            SheetKind::Customers => self.customer(draft, options),
            SheetKind::Interactions => self.interaction(draft, options)?,
            SheetKind::Products => self.product(draft, options),
        };
        let split = if split.is_none() {
            let reason = draft.keep_row(&self.sheet.kept);
            self.unreadable.count(number, &reason);
            None
        } else if draft.reject_by(&options.policies) {
            // Somebody asked for it: that is no sheet that was mistaken for another.
            draft.keep_row(&self.sheet.kept);
            None
        } else {
            split
        };
        self.unreadable.check(&self.sheet.name)?;
        let row = |record, entries| CleanRow {
            sheet: Arc::clone(&self.sheet.name),
            number,
            is_repeat: false,
            record,
            entries,
        };
        Ok(match split {
            None => (
                row(None, mem::take(&mut draft.rejected)),
                Repeats::default(),
            ),
            Some(Split { record, others }) if others.is_empty() => (
                row(Some(record), mem::take(&mut draft.entries)),
                Repeats::default(),
            ),
            Some(Split { record, others }) => {
                let repeats = Repeats {
                    row: Some(CleanRow {
                        is_repeat: true,
                        ..row(Some(record.clone()), Vec::new())
                    }),
                    customers: others.into_iter(),
                };
                (row(Some(record), mem::take(&mut draft.entries)), repeats)
            }
        })
    }

    fn customer(&self, draft: &mut Draft, options: &ImportOptions) -> Option<Split> {
        let customer_id = self.one_customer(draft)?;
        Some(Split::not(Record::Customer {
            customer_id,
            occupation: self.label(draft, Field::Occupation, options),
            customer_type: self.label(draft, Field::CustomerType, options),
            extra: self.extra(draft),
        }))
    }

    fn interaction(
        &mut self,
        draft: &mut Draft,
        options: &ImportOptions,
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
        let channel = self.label(draft, Field::Channel, options);
        let topic = self.label(draft, Field::Topic, options);
        let sentiment = self.label(draft, Field::Sentiment, options);
        let notes = self.notes(draft);
        let extra = self.extra(draft);
        if !others.is_empty() {
            let texts = [&channel, &topic, &sentiment, &notes];
            let bytes: usize = texts.into_iter().flatten().map(String::len).sum();
            let bytes = bytes.saturating_add(size(&extra));
            self.repeat(bytes.saturating_mul(others.len()), draft.number)?;
        }
        Ok(Some(Split {
            record: Record::Interaction {
                customer_id,
                occurred_at,
                channel,
                topic,
                sentiment,
                notes,
                extra,
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

    fn product(&self, draft: &mut Draft, options: &ImportOptions) -> Option<Split> {
        let month = self.month(draft);
        self.require_product(draft);
        if !draft.rejected.is_empty() {
            return None;
        }
        Some(Split::not(Record::Product {
            month: month?,
            product: self.label(draft, Field::Product, options)?,
            extra: self.extra(draft),
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
}

/// Counts the bytes of the cells that have no place.
fn size(extra: &Extra) -> usize {
    let bytes = |(key, value): (&String, &Value)| key.len() + value.as_str().map_or(0, str::len);
    extra.iter().flatten().map(bytes).sum()
}
