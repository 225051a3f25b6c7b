//! Reads the cells of a workbook or a delimited file, row by row, under limits.
//!
//! Rows are streamed: the reader never holds a sheet, and never believes a size that the file
//! declares. A file of another kind is refused with what it looks like and what to do about it.

mod archive;
mod delimited;
mod delimiter;
mod encoding;
mod limits;
mod markup;
mod serial_date;
mod sheet_reader;
mod signature;
mod workbook;

pub use limits::Limits;
pub use sheet_reader::SheetReader;

use crate::Error;
use crate::cell::Cell;
use delimited::Delimited;
use workbook::Workbook;

/// The two kinds of file that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// An Office Open XML workbook (`.xlsx`, `.xlsm`).
    Xlsx,
    /// Text with one record a line and a delimiter between its fields.
    Csv,
}

/// One row that is not wholly empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The row number that a spreadsheet program shows, from 1. In a delimited file it counts
    /// records, blank lines and the header included.
    pub number: u32,
    /// The cells from the first column on, without the empty ones at the end.
    pub cells: Vec<Cell>,
}

/// A sheet of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetInfo {
    /// The name on the tab; the file name without its extension for a delimited file.
    pub name: String,
    /// Whether a spreadsheet program hides the sheet.
    pub hidden: bool,
}

/// The rows of one sheet in the order of the file. It ends after the first error.
pub type Rows<'s> = Box<dyn Iterator<Item = Result<Row, Error>> + 's>;

/// A file that was found to be readable.
///
/// ```
/// use rapport_core::source::{Format, Limits, SourceFile};
/// # fn main() -> Result<(), rapport_core::Error> {
/// let content = b"Customer Id;Occupation\n1;Jedi\n";
/// let mut file = SourceFile::open(content, "customers.csv", Format::Csv, &Limits::default())?;
/// let rows = file.rows("customers")?.collect::<Result<Vec<_>, _>>()?;
/// assert_eq!(rows.len(), 2);
/// assert_eq!(rows.first().map(|row| row.number), Some(1));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct SourceFile<'a> {
    content: Content<'a>,
}

#[derive(Debug)]
enum Content<'a> {
    Workbook(Box<Workbook<'a>>),
    Delimited(Box<Delimited<'a>>),
}

impl<'a> SourceFile<'a> {
    /// Checks a file against the limits and prepares it for reading.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidFile`] for a file of another kind, a damaged or an encrypted one;
    /// [`Error::TooLarge`] for one beyond a limit.
    pub fn open(
        content: &'a [u8],
        file_name: &str,
        format: Format,
        limits: &Limits,
    ) -> Result<Self, Error> {
        if content.len() as u64 > limits.file_bytes {
            return Err(Error::TooLarge {
                what: format!("file \"{file_name}\" with {} bytes", content.len()),
                limit: format!("{} bytes", limits.file_bytes),
            });
        }
        signature::check(content, file_name, format)?;
        let content = match format {
            Format::Xlsx => {
                Content::Workbook(Box::new(Workbook::open(content, file_name, limits)?))
            }
            Format::Csv => {
                Content::Delimited(Box::new(Delimited::open(content, file_name, limits)?))
            }
        };
        Ok(Self { content })
    }

    /// Lists the worksheets in the order of their tabs.
    #[must_use]
    pub fn sheets(&self) -> Vec<SheetInfo> {
        match &self.content {
            Content::Workbook(workbook) => workbook.sheets().to_vec(),
            Content::Delimited(delimited) => vec![delimited.sheet().clone()],
        }
    }

    /// Streams the rows of a sheet; each call starts at its first row.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidValue`] for an unknown sheet, [`Error::InvalidFile`] and
    /// [`Error::TooLarge`], also from the iterator, for a file that cannot be read on.
    pub fn rows(&mut self, sheet: &str) -> Result<Rows<'_>, Error> {
        match &mut self.content {
            Content::Workbook(workbook) => Ok(Box::new(workbook.rows(sheet)?)),
            Content::Delimited(delimited) => Ok(Box::new(delimited.rows(sheet)?)),
        }
    }

    /// Streams the rows of a sheet, and keeps the file until they are read.
    ///
    /// # Errors
    ///
    /// As [`Self::rows`]; the file is lost then, for there is no reading on.
    pub fn into_rows(self, sheet: &str) -> Result<SheetReader<'a>, Error> {
        SheetReader::open(self, sheet)
    }

    /// Names the encoding that was found in a delimited file, such as `UTF-8 with BOM` or
    /// `windows-1252`; `None` for a workbook.
    #[must_use]
    pub fn encoding(&self) -> Option<&str> {
        match &self.content {
            Content::Workbook(_) => None,
            Content::Delimited(delimited) => Some(delimited.encoding()),
        }
    }

    /// Estimates the rows of all sheets together, for a progress bar.
    ///
    /// Rows of a workbook are counted as written, empty ones included; lines of a delimited file
    /// as they are, within quotes too. Nothing but a progress bar may rely on it.
    #[must_use]
    pub fn row_estimate(&self) -> u64 {
        match &self.content {
            Content::Workbook(workbook) => workbook.row_estimate(),
            Content::Delimited(delimited) => delimited.row_estimate(),
        }
    }
}

/// Builds the error for a sheet that the file does not have.
fn unknown_sheet(sheet: &str, known: &[SheetInfo]) -> Error {
    let known: Vec<_> = known
        .iter()
        .map(|sheet| format!("\"{}\"", sheet.name))
        .collect();
    Error::InvalidValue {
        message: format!("there is no sheet \"{sheet}\""),
        hint: Some(format!("the file has {}", known.join(", "))),
    }
}

/// Puts the cells of one row in shape; `None` when nothing but white space is in them.
fn row(number: u32, mut cells: Vec<Cell>) -> Option<Row> {
    let used = cells.iter().rposition(|cell| !cell.is_empty())?;
    cells.truncate(used + 1);
    Some(Row { number, cells })
}

/// Names a cell as a spreadsheet program does, from numbers that count from 0.
fn reference(row: u32, column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    let letters: String = letters.iter().rev().collect();
    format!("{letters}{}", u64::from(row) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_named_as_in_a_spreadsheet() {
        for (row, column, name) in [
            (0, 0, "A1"),
            (1, 25, "Z2"),
            (2, 26, "AA3"),
            (9, 51, "AZ10"),
            (9, 701, "ZZ10"),
            (9, 702, "AAA10"),
            (1_048_575, 16_383, "XFD1048576"),
        ] {
            assert_eq!(reference(row, column), name);
        }
        // Whatever a damaged file holds must still have a name.
        assert!(reference(u32::MAX, u32::MAX).ends_with("4294967296"));
    }

    #[test]
    fn a_row_loses_its_empty_end() {
        let cells = vec![
            Cell::Empty,
            Cell::Bool(true),
            Cell::Text(" ".to_owned()),
            Cell::Empty,
        ];
        let kept = row(3, cells).unwrap();
        assert_eq!(
            kept,
            Row {
                number: 3,
                cells: vec![Cell::Empty, Cell::Bool(true)]
            }
        );
        assert_eq!(row(4, vec![Cell::Empty, Cell::Text("\t".to_owned())]), None);
    }
}
