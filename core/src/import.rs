//! Turns a file into records and a ledger: finds the sheets, decides what only a whole column can
//! tell, and cleans row by row.
//!
//! A file is read twice, because the order of its dates and the commonest spelling of its labels
//! are known only at its end. Every row of the file becomes records or a rejection; what was not
//! read at all (hidden sheets, other columns) is named in an entry of row 0.

use std::sync::Arc;

use jiff::civil::{Date, DateTime};

use crate::error::Error;
use crate::header::SheetKind;
use crate::ledger::{Entry, Rule};
use crate::source::{Format, Limits, SourceFile};
use crate::spelling::KnownSpellings;
use crate::timestamp::DateOrder;

mod columns;
mod dates;
mod plan;
mod progress;
mod rows;

use columns::Survey;
use plan::{Plan, Sheet};
use progress::Progress;
use rows::RowCleaner;

/// What the database knows that a file does not say.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// The order of day and month where a column does not prove it.
    pub date_order: DateOrder,
    /// The spellings that are stored.
    pub known: KnownSpellings,
    /// What a file may cost.
    pub limits: Limits,
}

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
    },
    /// A product that was discussed in a month.
    Product {
        /// The first day of the month.
        month: Date,
        /// The name of the product.
        product: String,
    },
}

/// What became of one row of a sheet, or a note on the sheet itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleanRow {
    /// The sheet of the row.
    pub sheet: Arc<str>,
    /// The row number of the file; 0 for a note on a sheet or a column.
    pub number: u32,
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
    /// The rows in the order of the file, sheet by sheet; the notes on a sheet come before them.
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

/// Cleans a workbook with all three kinds of sheets, or a delimited file with one of them.
///
/// `progress` is called with a percentage that never falls, every thousand rows or so, and once
/// with 100 at the end.
///
/// ```
/// use rapport_core::import::{ImportOptions, Record, clean_file};
/// use rapport_core::source::Format;
///
/// let content = b"Customer Id,Occupation,Type\n12in,Jedi,Red\n";
/// let file = clean_file(content, "customers.csv", Format::Csv, &ImportOptions::default(), &mut |_| ())?;
/// assert!(matches!(file.rows[0].record, Some(Record::Customer { customer_id: 12, .. })));
/// assert_eq!(file.rows[0].entries[0].rule.name(), "stray_text_removed");
/// # Ok::<(), rapport_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidFile`] when the file cannot be read, or sheets or columns are missing or stand
/// twice; [`Error::TooLarge`] beyond a limit; [`Error::MixedDateOrder`] when one column proves
/// both orders.
pub fn clean_file(
    content: &[u8],
    file_name: &str,
    format: Format,
    options: &ImportOptions,
    progress: &mut dyn FnMut(u8),
) -> Result<CleanedFile, Error> {
    let mut file = SourceFile::open(content, file_name, format, &options.limits)?;
    let encoding = file.encoding().map(str::to_owned);
    let Plan { sheets, notes } = Plan::of(&mut file, file_name, format)?;
    let mut progress = Progress::new(progress, file.row_estimate());
    let mut cleaned = CleanedFile {
        rows: notes,
        date_order: options.date_order,
        encoding,
        sheets: Vec::with_capacity(sheets.len()),
        rows_read: 0,
    };
    note_encoding(&mut cleaned, &sheets);

    let mut surveys = Vec::with_capacity(sheets.len());
    for sheet in sheets {
        let survey = survey(&mut file, &sheet, &mut progress)?;
        let columns = survey.decide(&sheet, options, &mut cleaned)?;
        surveys.push((sheet, columns));
    }
    for (sheet, columns) in surveys {
        let mut cleaner = RowCleaner::new(&sheet, columns, options.limits.file_bytes);
        for row in file.rows(&sheet.name)? {
            let row = row?;
            if row.number > sheet.header_row {
                cleaner.clean(row, &mut cleaned.rows)?;
                progress.row();
            }
        }
        let rows = cleaner.finish(&mut cleaned.rows);
        cleaned.rows_read += rows;
        cleaned.sheets.push(ReadSheet {
            name: sheet.name,
            kind: sheet.layout.kind,
            rows,
        });
    }
    progress.finish();
    Ok(cleaned)
}

/// Reads a sheet for the first time, and keeps only what a whole column tells.
fn survey(
    file: &mut SourceFile<'_>,
    sheet: &Sheet,
    progress: &mut Progress<'_>,
) -> Result<Survey, Error> {
    let mut survey = Survey::new(&sheet.layout);
    for row in file.rows(&sheet.name)? {
        let row = row?;
        if row.number > sheet.header_row {
            survey.row(row);
            progress.row();
        }
    }
    Ok(survey)
}

/// Names an encoding that is a conclusion: UTF-8 proves itself.
fn note_encoding(cleaned: &mut CleanedFile, sheets: &[Sheet]) {
    let Some(encoding) = cleaned
        .encoding
        .as_deref()
        .filter(|name| !name.starts_with("UTF-8"))
    else {
        return;
    };
    if let Some(sheet) = sheets.first() {
        let entry =
            Entry::of(Rule::EncodingDetected).detail(format!("the file was read as {encoding}"));
        cleaned.rows.push(sheet.note(entry));
    }
}

#[cfg(test)]
mod tests;
