//! Reads the cells of a workbook, a delimited text or a table, row by row, under limits.
//!
//! Rows are streamed: reading holds one row and no sheet (an import may keep the rows of small
//! ones, see [`HeldRows`]), and never believes a size that the file declares. A workbook stands in
//! memory, a text may be far larger than that. A file of another kind is refused with what it looks
//! like and what to do about it.

mod archive;
mod delimited;
mod delimiter;
mod digest;
mod encoding;
mod held;
mod input;
mod limits;
mod markup;
mod merged;
mod pace;
mod row;
mod scan;
mod serial_date;
mod sheet_reader;
mod signature;
mod table;
mod workbook;

pub use digest::digest;
pub use encoding::StrayBytes;
pub use held::HeldRows;
pub use input::{ByteStream, Content, Input, TableSource};
pub use limits::Limits;
pub use markup::ResultlessFormulas;
pub use merged::MergedCells;
pub use row::{Row, Rows};
pub use sheet_reader::SheetReader;

use crate::Error;
use crate::ledger::visible;
use delimited::Delimited;
use table::Table;
use workbook::Workbook;

/// The most characters of a message of another library that a refusal repeats.
const FOUND: usize = 200;

/// The most characters of a file name that messages repeat.
const FILE_NAME: usize = 255;

/// The two kinds of file that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// An Office Open XML workbook (`.xlsx`, `.xlsm`).
    Xlsx,
    /// Text with one record a line and a delimiter between its fields.
    Csv,
}

/// A sheet of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetInfo {
    /// The name on the tab; the file name without its extension for a delimited file.
    pub name: String,
    /// Whether a spreadsheet program hides the sheet.
    pub hidden: bool,
}

/// A file or a table that was found to be readable.
///
/// ```
/// use rapport_core::source::{Format, Input, Limits, SourceFile};
/// # fn main() -> Result<(), rapport_core::Error> {
/// let content = b"Customer Id;Occupation\n1;Jedi\n".as_slice();
/// let input = Input::file(content, Format::Csv);
/// let mut file = SourceFile::open(input, "customers.csv", &Limits::default())?;
/// let rows = file.rows("customers")?.collect::<Result<Vec<_>, _>>()?;
/// assert_eq!(rows.len(), 2);
/// assert_eq!(rows.first().map(|row| row.number), Some(1));
/// assert_eq!(file.delimiter(), Some(';'));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct SourceFile<'a> {
    opened: Opened<'a>,
}

#[derive(Debug)]
enum Opened<'a> {
    Workbook(Box<Workbook<'a>>),
    Delimited(Box<Delimited<'a>>),
    Table(Box<Table<'a>>),
}

impl<'a> SourceFile<'a> {
    /// Checks a file against the limits and prepares it for reading.
    ///
    /// The one sheet of a text is named after the file without its extension, that of a table as
    /// it is.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidFile`] for a file of another kind, a damaged or an encrypted one;
    /// [`Error::TooLarge`] for one beyond a limit; whatever keeps a stream from being read.
    pub fn open(input: Input<'a>, file_name: &str, limits: &Limits) -> Result<Self, Error> {
        let file_name = &visible(file_name, FILE_NAME);
        let opened = match input {
            Input::Workbook(content) => {
                Opened::Workbook(Box::new(Workbook::open(content, file_name, limits)?))
            }
            Input::Text(stream) => {
                Opened::Delimited(Box::new(Delimited::open(stream, file_name, limits)?))
            }
            Input::Table(source) => Opened::Table(Box::new(Table::open(source, file_name, limits))),
        };
        Ok(Self { opened })
    }

    /// Lists the worksheets in the order of their tabs.
    #[must_use]
    pub fn sheets(&self) -> Vec<SheetInfo> {
        match &self.opened {
            Opened::Workbook(workbook) => workbook.sheets().to_vec(),
            Opened::Delimited(delimited) => vec![delimited.sheet().clone()],
            Opened::Table(table) => vec![table.sheet().clone()],
        }
    }

    /// Streams the rows of a sheet; each call starts at its first row.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidValue`] for an unknown sheet, [`Error::InvalidFile`] and
    /// [`Error::TooLarge`], also from the iterator, for a file that cannot be read on.
    pub fn rows(&mut self, sheet: &str) -> Result<Rows<'_>, Error> {
        Ok(match &mut self.opened {
            Opened::Workbook(workbook) => Rows::new(workbook.rows(sheet)?),
            Opened::Delimited(delimited) => Rows::new(delimited.rows(sheet)?),
            Opened::Table(table) => Rows::new(table.rows(sheet)?),
        })
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
    /// `windows-1252`; `None` for a workbook and a table.
    #[must_use]
    pub fn encoding(&self) -> Option<&str> {
        match &self.opened {
            Opened::Workbook(_) | Opened::Table(_) => None,
            Opened::Delimited(delimited) => Some(delimited.encoding()),
        }
    }

    /// Counts the bytes of a delimited file in UTF-8 that are not UTF-8, and are read as
    /// windows-1252; `None` when there are none.
    #[must_use]
    pub fn stray_bytes(&self) -> Option<StrayBytes> {
        match &self.opened {
            Opened::Workbook(_) | Opened::Table(_) => None,
            Opened::Delimited(delimited) => delimited.stray_bytes(),
        }
    }

    /// Returns the character between the fields of a delimited file; `None` for a workbook and a
    /// table.
    #[must_use]
    pub fn delimiter(&self) -> Option<char> {
        match &self.opened {
            Opened::Workbook(_) | Opened::Table(_) => None,
            Opened::Delimited(delimited) => Some(delimited.delimiter()),
        }
    }

    /// Tells whether a workbook counts its days from 1904, as spreadsheet programs of old Macs did.
    #[must_use]
    pub fn is_1904(&self) -> bool {
        match &self.opened {
            Opened::Workbook(workbook) => workbook.is_1904(),
            Opened::Delimited(_) | Opened::Table(_) => false,
        }
    }

    /// Returns the merged cells at the top of a sheet, for those who look for its header.
    #[must_use]
    pub fn merged_cells(&self, sheet: &str) -> MergedCells {
        match &self.opened {
            Opened::Workbook(workbook) => workbook.merged(sheet),
            Opened::Delimited(_) | Opened::Table(_) => MergedCells::new(&[], &Limits::default()),
        }
    }

    /// Lists the columns of a sheet with formulas of which a workbook has no results; their cells
    /// are read as empty.
    ///
    /// A cell whose formula gave an empty text has a result. Columns over the limit are left out.
    #[must_use]
    pub fn resultless_formulas(&self, sheet: &str) -> Vec<ResultlessFormulas> {
        match &self.opened {
            Opened::Workbook(workbook) => workbook.resultless_formulas(sheet),
            Opened::Delimited(_) | Opened::Table(_) => Vec::new(),
        }
    }

    /// Estimates the rows of all sheets together, for a progress bar.
    ///
    /// Rows of a workbook are counted as written, empty ones included; lines of a delimited file
    /// as they are, within quotes too. No result may depend on it.
    #[must_use]
    pub fn row_estimate(&self) -> u64 {
        match &self.opened {
            Opened::Workbook(workbook) => workbook.row_estimate(),
            Opened::Delimited(delimited) => delimited.row_estimate(),
            Opened::Table(table) => table.row_estimate(),
        }
    }

    /// Estimates the bytes that [`HeldRows`] would take if every row had so many cells, as
    /// [`Self::row_estimate`] counts rows; those of texts only where they are known.
    pub(crate) fn held_estimate(&self, columns: usize) -> u64 {
        let packed = HeldRows::bytes_without_text(columns) as u64;
        let packed = self.row_estimate().saturating_mul(packed);
        match &self.opened {
            Opened::Workbook(_) | Opened::Table(_) => packed,
            Opened::Delimited(delimited) => packed.saturating_add(delimited.text_estimate(columns)),
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

/// Returns the name of a file without its folders and its extension.
fn stem(file_name: &str) -> &str {
    let name = file_name.rsplit(['/', '\\']).next().unwrap_or(file_name);
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}

/// Builds the error for a file over a limit of bytes.
fn too_many_bytes(what: &str, bytes: u64, limit: u64) -> Error {
    Error::TooLarge {
        what: format!("{what} with {bytes} bytes"),
        limit: format!("{limit} bytes"),
    }
}

/// Names a cell as a spreadsheet program does, from numbers that count from 0.
pub(crate) fn reference(row: u32, column: u32) -> String {
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
    fn the_memory_of_rows_is_estimated_from_what_is_known() {
        let estimate = |input, columns| {
            let file = SourceFile::open(input, "a", &Limits::default()).unwrap();
            file.held_estimate(columns)
        };
        // Three lines, the last one empty: 16 bytes a row and 16 a cell, and 17 bytes of which two
        // in each line are separators.
        let text = b"Date,Product\n1,2\n".as_slice();
        assert_eq!(estimate(Input::file(text, Format::Csv), 2), 3 * 48 + 11);
        assert_eq!(
            estimate(Input::file(b"a".as_slice(), Format::Csv), 9),
            16 + 9 * 16
        );
    }
}
