//! Turns a file into records and a ledger: finds the sheets, decides what only a whole column can
//! tell, and cleans row by row.
//!
//! Rows are gone through twice, because the order of dates and the commonest spelling of labels are
//! known only at the end: [`clean`] does it once, the iterator that it returns once more. A few
//! megabytes of rows are kept in between, so that a workbook costs its own size and those, a text or
//! a table only those. Every row becomes records or a rejection; columns that have no place are kept
//! beside the records, and what was not read at all (hidden sheets, unknown ones) is named in an entry
//! of row 0. A sheet of which most rows would be rejected is refused instead.

use std::sync::Arc;

use jiff::civil::{Date, DateTime};
use serde_json::{Map, Value};

use crate::error::Error;
use crate::header::SheetKind;
use crate::ledger::{Entry, Policies};
use crate::source::{Format, Input, Limits};
use crate::spelling::{KnownSpellings, Synonyms};
use crate::timestamp::DateOrder;

mod columns;
mod context;
mod dates;
mod forms;
mod kept;
mod labels;
mod plan;
mod progress;
mod reading;
mod rows;
mod text;
mod unreadable;

pub use context::Context;
pub use progress::Progress;
pub use reading::{CleanRows, clean};

/// What an import goes by besides its file; [`Context`] has the part that a database stores.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// The order of day and month where a column does not prove it.
    pub date_order: DateOrder,
    /// The spellings that are stored.
    pub known: KnownSpellings,
    /// The labels that stand for others.
    pub synonyms: Synonyms,
    /// The rules that reject the row in which they fire.
    pub policies: Policies,
    /// Whether a near miss becomes the label that it is near to; it is only suggested otherwise.
    pub apply_near_misses: bool,
    /// What a file may cost.
    pub limits: Limits,
}

/// The cells of the columns that have no place, as texts by header; `None` when all are empty.
pub type Extra = Option<Map<String, Value>>;

/// One fact of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A customer.
    Customer {
        /// The id, from 1.
        customer_id: i64,
        /// What the customer does.
        occupation: Option<String>,
        /// The type of the customer.
        customer_type: Option<String>,
        /// The cells that have no place.
        extra: Extra,
    },
    /// A contact with one customer.
    Interaction {
        /// The id of the customer, from 1.
        customer_id: i64,
        /// The local time at which it started.
        occurred_at: DateTime,
        /// How it took place.
        channel: Option<String>,
        /// What it was about.
        topic: Option<String>,
        /// How the customer took it.
        sentiment: Option<String>,
        /// Free text, with its line breaks.
        notes: Option<String>,
        /// The cells that have no place.
        extra: Extra,
    },
    /// A product that was discussed in a month.
    Product {
        /// The first day of the month.
        month: Date,
        /// The name of the product.
        product: String,
        /// The cells that have no place.
        extra: Extra,
    },
}

/// What became of one row of a sheet, or a note on the sheet itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleanRow {
    /// The sheet of the row.
    pub sheet: Arc<str>,
    /// The row number of the file; 0 for a note on a sheet or a column.
    pub number: u32,
    /// Whether it is the same row once more, for another of its customers.
    pub is_repeat: bool,
    /// The fact to load; `None` for a rejected row and for a note.
    pub record: Option<Record>,
    /// What was decided about the row. A row that was split has them all on its first record.
    pub entries: Vec<Entry>,
}

/// A sheet that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadSheet {
    /// The name of the sheet.
    pub name: Arc<str>,
    /// What it holds.
    pub kind: SheetKind,
    /// Rows below the header that are not empty.
    pub rows: u64,
}

/// A file after cleaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleanedFile {
    /// The notes on all sheets, then the rows in the order of the file, sheet by sheet.
    pub rows: Vec<CleanRow>,
    /// The order in which the dates of interactions were read.
    pub date_order: DateOrder,
    /// The encoding of a delimited file.
    pub encoding: Option<String>,
    /// The sheets that were read.
    pub sheets: Vec<ReadSheet>,
    /// Rows below the headers of all sheets that were read, without empty ones.
    pub rows_read: u64,
}

/// Cleans a workbook with all three kinds of sheets, or a delimited file with one of them, and
/// collects its rows.
///
/// The rows of a large file are many times its size: [`clean`] hands them out one by one.
///
/// ```
/// use rapport_core::import::{ImportOptions, Record, clean_file};
/// use rapport_core::source::Format;
///
/// let content = b"Customer Id,Occupation,Type\n12in,Jedi,Red\n";
/// let file = clean_file(content, "customers.csv", Format::Csv, &ImportOptions::default(), &mut |_| ())?;
/// // Notes on the file and its columns come first, and have no row number.
/// let row = file.rows.iter().find(|row| row.number == 2).unwrap();
/// assert!(matches!(row.record, Some(Record::Customer { customer_id: 12, .. })));
/// assert_eq!(row.entries[0].rule.name(), "stray_text_removed");
/// # Ok::<(), rapport_core::Error>(())
/// ```
///
/// # Errors
/// As [`clean`] and its iterator.
pub fn clean_file(
    content: &[u8],
    file_name: &str,
    format: Format,
    options: &ImportOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<CleanedFile, Error> {
    let mut rows = clean(
        Input::file(content, format),
        file_name,
        options.clone(),
        progress,
    )?;
    Ok(CleanedFile {
        date_order: rows.date_order(),
        encoding: rows.encoding().map(str::to_owned),
        sheets: rows.sheets().to_vec(),
        rows_read: rows.rows_read(),
        rows: rows.by_ref().collect::<Result<_, _>>()?,
    })
}

#[cfg(test)]
mod tests;
