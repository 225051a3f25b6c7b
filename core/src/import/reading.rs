//! Goes through the rows twice: at once for what only a whole column tells, then for the records.
//!
//! Sheets that are small enough stay in memory between the two, so that they are parsed once.

use std::sync::Arc;
use std::{mem, vec};

use super::columns::{ColumnRules, Survey};
use super::plan::{Plan, Sheet};
use super::progress::{Count, Progress};
use super::rows::{Repeats, RowCleaner};
use super::unreadable::Unreadable;
use super::{CleanRow, ImportOptions, ReadSheet, text};
use crate::error::Error;
use crate::source::{HeldRows, Input, Limits, Row, SheetReader, SourceFile};
use crate::timestamp::DateOrder;

/// Starts to clean a workbook with all three kinds of sheets, or a delimited text or a table with
/// one of them.
///
/// `name` is the name of the file or the table. `progress` is called with a percentage that never
/// falls, every thousand rows or so of this reading and of the one that the iterator does, and with
/// 100 at its end. It is dropped with the iterator, or as soon as that ends, fails or panics.
///
/// ```
/// use rapport_core::import::{ImportOptions, Record, clean};
/// use rapport_core::source::{Format, Input};
///
/// let input = Input::file(b"Customer Id,Occupation,Type\n12in,Jedi,Red\n".as_slice(), Format::Csv);
/// let mut rows = clean(input, "c.csv", ImportOptions::default(), |_| ())?;
/// assert_eq!(rows.rows_read(), 1);
/// // Notes on the file and its columns come first, and have no row number.
/// let row = rows.find(|row| row.as_ref().is_ok_and(|row| row.number > 0)).transpose()?;
/// let record = row.and_then(|row| row.record);
/// assert!(matches!(record, Some(Record::Customer { customer_id: 12, .. })));
/// assert!(rows.next().is_none());
/// # Ok::<(), rapport_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidFile`] when the file cannot be read, or sheets or columns are missing or stand
/// twice; [`Error::TooLarge`] beyond a limit; [`Error::MixedDateOrder`] when one column proves
/// both orders; whatever keeps a stream or a table from being read.
pub fn clean<'c>(
    input: Input<'c>,
    name: &str,
    options: ImportOptions,
    progress: impl FnMut(Progress) + 'c,
) -> Result<CleanRows<'c>, Error> {
    let format = input.format();
    let mut file = SourceFile::open(input, name, &options.limits)?;
    let encoding = file.encoding().map(str::to_owned);
    let (delimiter, strays) = (file.delimiter(), file.stray_bytes());
    let Plan { sheets, mut notes } = Plan::of(&mut file, name, format)?;
    let mut progress = Count::new(progress, file.row_estimate());
    notes.extend(text::notes(encoding.as_deref(), strays, delimiter, &sheets));

    let mut date_order = options.date_order;
    let mut read = Vec::with_capacity(sheets.len());
    let mut surveyed = Vec::with_capacity(sheets.len());
    let mut room = options.limits.row_bytes;
    for sheet in sheets {
        let (survey, held) = survey(&mut file, &sheet, &options.limits, &mut room, &mut progress)?;
        let rows = survey.rows();
        let unreadable = Unreadable::new(rows, survey.unreadable());
        let columns = survey.decide(&sheet, &options, &mut notes)?;
        date_order = columns.date_order.unwrap_or(date_order);
        read.push(ReadSheet {
            name: Arc::clone(&sheet.name),
            kind: sheet.layout.kind,
            rows,
        });
        surveyed.push(Surveyed {
            sheet,
            columns: columns.rules,
            unreadable,
            held,
        });
    }
    Ok(CleanRows {
        encoding,
        delimiter,
        date_order,
        sheets: read,
        reading: Some(Box::new(Reading {
            notes: notes.into_iter(),
            repeats: Repeats::default(),
            source: Source::Between(file),
            sheets: surveyed.into_iter(),
            row: Row::default(),
            options,
            progress,
        })),
    })
}

/// Reads a sheet for the first time, for what only a whole column tells, and holds its rows if there
/// is room for all of them.
fn survey(
    file: &mut SourceFile<'_>,
    sheet: &Sheet,
    limits: &Limits,
    room: &mut usize,
    progress: &mut Count<'_>,
) -> Result<(Survey, Option<HeldRows>), Error> {
    let mut survey = Survey::new(sheet);
    // The rows of a file that cannot fit are not even begun to be held.
    let fits = file.held_estimate(sheet.layout.headers.len()) <= limits.row_bytes as u64;
    let mut held = fits.then(|| HeldRows::new(limits));
    let mut free = *room;
    let (mut rows, mut row) = (file.rows(&sheet.name)?, Row::default());
    while rows.read(&mut row)? {
        if row.number > sheet.header_row {
            survey.row(&row, sheet);
            progress.surveyed();
            if held
                .as_mut()
                .is_some_and(|held| !held.hold(&row, &mut free))
            {
                held = None;
            }
        }
    }
    if held.is_some() {
        *room = free;
    }
    Ok((survey, held))
}

/// The rows of a file, cleaned one by one as they are asked for. It ends after the first error.
///
/// The notes on all sheets come first, then the rows in the order of the file, sheet by sheet.
/// Besides the errors of [`clean`], a sheet of which more than half cannot be read ends with
/// [`Error::InvalidFile`] (see [`crate::import`]).
#[derive(Debug)]
pub struct CleanRows<'c> {
    encoding: Option<String>,
    delimiter: Option<char>,
    date_order: DateOrder,
    sheets: Vec<ReadSheet>,
    /// Gone after the end, and after an error.
    reading: Option<Box<Reading<'c>>>,
}

impl CleanRows<'_> {
    /// Names the encoding of a delimited file.
    #[must_use]
    pub fn encoding(&self) -> Option<&str> {
        self.encoding.as_deref()
    }

    /// Returns the character between the fields of a delimited file.
    #[must_use]
    pub const fn delimiter(&self) -> Option<char> {
        self.delimiter
    }

    /// Returns the order in which the dates of interactions are read.
    #[must_use]
    pub const fn date_order(&self) -> DateOrder {
        self.date_order
    }

    /// Lists the sheets that are read.
    #[must_use]
    pub fn sheets(&self) -> &[ReadSheet] {
        &self.sheets
    }

    /// Counts the rows below the headers of all sheets that are read, without empty ones.
    #[must_use]
    pub fn rows_read(&self) -> u64 {
        self.sheets.iter().map(|sheet| sheet.rows).sum()
    }
}

impl Iterator for CleanRows<'_> {
    type Item = Result<CleanRow, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        // Taken out while it works: whatever ends the reading, a panic included (a cancelled
        // statement is one), drops it with its progress.
        let mut reading = self.reading.take()?;
        let row = reading.next_row().transpose()?;
        if row.is_ok() {
            self.reading = Some(reading);
        }
        Some(row)
    }
}

/// A sheet after its first reading.
struct Surveyed {
    sheet: Sheet,
    columns: Vec<ColumnRules>,
    unreadable: Unreadable,
    held: Option<HeldRows>,
}

/// Where the second reading stands.
enum Source<'c> {
    Between(SourceFile<'c>),
    Within(SheetRows<'c>, Box<RowCleaner>),
    Done,
}

/// The rows of a sheet when they are read again.
enum SheetRows<'c> {
    Held(SourceFile<'c>, HeldRows),
    Parsed(SheetReader<'c>),
}

impl<'c> SheetRows<'c> {
    fn read(&mut self, row: &mut Row) -> Result<bool, Error> {
        match self {
            Self::Held(_, rows) => Ok(rows.read(row)),
            Self::Parsed(rows) => rows.read(row),
        }
    }

    fn into_file(self) -> SourceFile<'c> {
        match self {
            Self::Held(file, _) => file,
            Self::Parsed(rows) => rows.into_file(),
        }
    }
}

/// The second reading.
struct Reading<'c> {
    notes: vec::IntoIter<CleanRow>,
    /// The other records of a row that was split.
    repeats: Repeats,
    source: Source<'c>,
    sheets: vec::IntoIter<Surveyed>,
    /// The row that was read last, for its memory.
    row: Row,
    options: ImportOptions,
    progress: Count<'c>,
}

impl std::fmt::Debug for Reading<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Reading").finish_non_exhaustive()
    }
}

impl Reading<'_> {
    fn next_row(&mut self) -> Result<Option<CleanRow>, Error> {
        loop {
            if let Some(row) = self.notes.next().or_else(|| self.repeats.next()) {
                return Ok(Some(row));
            }
            let Source::Within(rows, cleaner) = &mut self.source else {
                if self.open_sheet()? {
                    continue;
                }
                self.progress.finish();
                return Ok(None);
            };
            if !rows.read(&mut self.row)? {
                self.close_sheet();
                continue;
            }
            if !cleaner.is_data(&self.row) {
                continue;
            }
            self.progress.handed_out();
            let (first, repeats) = cleaner.clean(&mut self.row, &self.options)?;
            self.repeats = repeats;
            return Ok(Some(first));
        }
    }

    /// Goes to the next sheet; false after the last.
    fn open_sheet(&mut self) -> Result<bool, Error> {
        let Source::Between(file) = mem::replace(&mut self.source, Source::Done) else {
            return Ok(false);
        };
        let Some(Surveyed {
            sheet,
            columns,
            unreadable,
            held,
        }) = self.sheets.next()
        else {
            return Ok(false);
        };
        let reader = match held {
            Some(rows) => SheetRows::Held(file, rows),
            None => SheetRows::Parsed(file.into_rows(&sheet.name)?),
        };
        let cleaner = RowCleaner::new(sheet, columns, unreadable, self.options.limits.file_bytes);
        self.source = Source::Within(reader, Box::new(cleaner));
        Ok(true)
    }

    fn close_sheet(&mut self) {
        if let Source::Within(rows, _) = mem::replace(&mut self.source, Source::Done) {
            self.source = Source::Between(rows.into_file());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Format;

    #[test]
    fn rows_are_held_only_if_the_file_may_fit() {
        let content = b"Date,Product\n01-2019,Sand\n02-2019,Sand\n".as_slice();
        // Four lines with the last, empty one, of 48 bytes without their texts, and 39 bytes of
        // which two in each line are taken for separators: 223. The two rows are 118.
        for (row_bytes, left) in [(223, 105), (222, 222)] {
            let limits = Limits {
                row_bytes,
                ..Limits::default()
            };
            let input = Input::file(content, Format::Csv);
            let mut file = SourceFile::open(input, "p.csv", &limits).unwrap();
            let plan = Plan::of(&mut file, "p.csv", Format::Csv).unwrap();
            let (mut room, mut count) = (row_bytes, Count::new(|_| (), 4));
            let (survey, held) =
                survey(&mut file, &plan.sheets[0], &limits, &mut room, &mut count).unwrap();
            assert_eq!((survey.rows(), room), (2, left));
            assert_eq!(held.is_some(), left < row_bytes);
        }
    }
}
