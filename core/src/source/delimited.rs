//! Streams the records of a delimited text file.
//!
//! Quoting is that of RFC 4180 as the csv crate reads it: ragged rows and stray quotes are
//! read as they are. Every cell is text; what it means is for the cleaning modules to decide.

use std::fmt;
use std::io::{BufRead, Read};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::encoding::{self, Detected, Transcoder, Undecodable};
use super::limits::Limits;
use super::{Format, Row, SheetInfo, delimiter, row, signature, unknown_sheet};
use crate::Error;
use crate::cell::Cell;

/// Bytes of decoded text in which the delimiter is looked for.
const HEAD: u64 = 64 * 1024;
/// A record may hold this many cells of the longest kind: more is a quote that never closes.
const LONGEST_CELLS: usize = 16;
/// Fields of one record, empty ones included: as many as a worksheet has columns.
const FIELDS: usize = 16_384;

/// A checked text file.
pub(super) struct Delimited<'a> {
    content: &'a [u8],
    file_name: String,
    detected: Detected,
    dialect: delimiter::Dialect,
    sheet: SheetInfo,
    row_estimate: u64,
    limits: Limits,
}

impl fmt::Debug for Delimited<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Delimited")
            .field("sheet", &self.sheet)
            .field("encoding", &self.detected.name)
            .finish_non_exhaustive()
    }
}

impl<'a> Delimited<'a> {
    pub(super) fn open(content: &'a [u8], file_name: &str, limits: &Limits) -> Result<Self, Error> {
        let detected =
            encoding::detect(content).map_err(|reason| undecodable(content, file_name, &reason))?;
        let mut head = Vec::new();
        let mut transcoder = Transcoder::new(content, detected);
        transcoder
            .by_ref()
            .take(HEAD)
            .read_to_end(&mut head)
            .map_err(|error| {
                let found = format!("it has {error} of {} in its first lines", detected.name);
                signature::refuse(file_name, Format::Csv, &found, "save it as UTF-8")
            })?;
        let is_whole = (head.len() as u64) < HEAD;
        let name = file_name.rsplit(['/', '\\']).next().unwrap_or(file_name);
        let stem = match name.rsplit_once('.') {
            Some((stem, _)) if !stem.is_empty() => stem,
            _ => name,
        };
        Ok(Self {
            content,
            file_name: file_name.to_owned(),
            detected,
            dialect: delimiter::detect(&head, is_whole),
            sheet: SheetInfo {
                name: stem.to_owned(),
                hidden: false,
            },
            row_estimate: memchr::memchr_iter(b'\n', content).count() as u64 + 1,
            limits: limits.clone(),
        })
    }

    pub(super) fn sheet(&self) -> &SheetInfo {
        &self.sheet
    }

    pub(super) fn encoding(&self) -> &str {
        self.detected.name
    }

    pub(super) fn row_estimate(&self) -> u64 {
        self.row_estimate
    }

    pub(super) fn rows(&self, sheet: &str) -> Result<Records<'_>, Error> {
        if sheet != self.sheet.name {
            return Err(unknown_sheet(sheet, std::slice::from_ref(&self.sheet)));
        }
        let longest = self.limits.cell_bytes.saturating_mul(LONGEST_CELLS);
        Ok(Records {
            input: Transcoder::new(self.content, self.detected),
            reader: ReaderBuilder::new()
                .delimiter(self.dialect.delimiter)
                .build(),
            file: self,
            text: vec![0; longest.min(4096)],
            ends: vec![0; 64],
            number: 0,
            cells: 0,
            after_return: false,
            done: false,
        })
    }
}

/// The records of a text file.
pub(super) struct Records<'f> {
    input: Transcoder<'f>,
    reader: Reader,
    file: &'f Delimited<'f>,
    /// The unquoted fields of one record behind each other, and where each one ends.
    text: Vec<u8>,
    ends: Vec<usize>,
    number: u32,
    cells: u64,
    /// Whether the last byte was a carriage return, to which a line feed would belong.
    after_return: bool,
    done: bool,
}

impl Iterator for Records<'_> {
    type Item = Result<Row, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.done {
            match self.next_record() {
                Ok(Some(_)) if self.number == 1 && self.file.dialect.has_declaration => (),
                Ok(Some(cells)) => {
                    if let Some(row) = row(self.number, cells) {
                        return Some(Ok(row));
                    }
                }
                Ok(None) => self.done = true,
                Err(error) => {
                    self.done = true;
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

impl Records<'_> {
    fn next_record(&mut self) -> Result<Option<Vec<Cell>>, Error> {
        if !self.skip_line_ends()? {
            return Ok(None);
        }
        self.count_row()?;
        let (mut text_end, mut fields) = (0, 0);
        loop {
            let buffer = self.input.fill_buf().map_err(|error| {
                let found = format!("it has {error}, in {}", self.file.detected.name);
                self.file.unreadable(self.number, &found)
            })?;
            let at_end = buffer.is_empty();
            let (result, read, written, ended) = self.reader.read_record(
                buffer,
                self.text.get_mut(text_end..).unwrap_or_default(),
                self.ends.get_mut(fields..).unwrap_or_default(),
            );
            let last = read
                .checked_sub(1)
                .and_then(|index| buffer.get(index))
                .copied();
            self.after_return = match last {
                Some(byte) => byte == b'\r',
                None => self.after_return,
            };
            self.input.consume(read);
            text_end += written;
            fields += ended;
            match result {
                ReadRecordResult::InputEmpty => (),
                ReadRecordResult::OutputFull => self.grow_text()?,
                ReadRecordResult::OutputEndsFull => self.grow_ends()?,
                ReadRecordResult::Record => return self.cells(fields, at_end).map(Some),
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    /// Skips the end of the last line and blank lines, which count as rows; false at the end.
    ///
    /// The csv crate skips blank lines without counting them, but people look for a row by the
    /// number that their spreadsheet program shows.
    fn skip_line_ends(&mut self) -> Result<bool, Error> {
        loop {
            let number = self.number;
            let buffer = self.input.fill_buf().map_err(|error| {
                let found = format!("it has {error}, in {}", self.file.detected.name);
                self.file.unreadable(number, &found)
            })?;
            match buffer.first() {
                None => return Ok(false),
                Some(b'\n') if self.after_return => self.after_return = false,
                Some(byte @ (b'\n' | b'\r')) => {
                    self.after_return = *byte == b'\r';
                    self.count_row()?;
                }
                Some(_) => return Ok(true),
            }
            self.input.consume(1);
        }
    }

    fn count_row(&mut self) -> Result<(), Error> {
        self.number = self.number.saturating_add(1);
        if self.number > self.file.limits.csv_rows {
            return Err(Error::TooLarge {
                what: format!("the number of rows in \"{}\"", self.file.file_name),
                limit: format!("{} rows", self.file.limits.csv_rows),
            });
        }
        Ok(())
    }

    fn grow_text(&mut self) -> Result<(), Error> {
        let longest = self.file.limits.cell_bytes.saturating_mul(LONGEST_CELLS);
        let length = self.text.len().saturating_mul(2).min(longest);
        if length <= self.text.len() {
            return Err(Error::TooLarge {
                what: format!(
                    "row {} of \"{}\" (perhaps a quote in it is never closed)",
                    self.number, self.file.file_name
                ),
                limit: format!("{longest} bytes"),
            });
        }
        self.text.resize(length, 0);
        Ok(())
    }

    fn grow_ends(&mut self) -> Result<(), Error> {
        let length = self.ends.len().saturating_mul(2);
        if length > FIELDS {
            return Err(Error::TooLarge {
                what: format!(
                    "the number of fields in row {} of \"{}\"",
                    self.number, self.file.file_name
                ),
                limit: format!("{FIELDS} fields"),
            });
        }
        self.ends.resize(length, 0);
        Ok(())
    }

    /// Cuts the record that was read into its cells.
    fn cells(&mut self, fields: usize, at_end: bool) -> Result<Vec<Cell>, Error> {
        let limits = &self.file.limits;
        let place = |column: usize| {
            let column = u32::try_from(column).unwrap_or(u32::MAX);
            let name = super::reference(self.number.saturating_sub(1), column);
            format!("cell \"{name}\" of \"{}\"", self.file.file_name)
        };
        let mut cells = Vec::new();
        let mut start = 0;
        for (column, end) in self.ends.iter().take(fields).enumerate() {
            let field = self.text.get(start..*end).unwrap_or_default();
            start = *end;
            if field.is_empty() {
                continue;
            }
            if column >= limits.columns as usize {
                return Err(Error::TooLarge {
                    what: format!("the column of {}", place(column)),
                    limit: format!("{} columns", limits.columns),
                });
            }
            if field.len() > limits.cell_bytes {
                return Err(Error::TooLarge {
                    what: format!("the text of {}", place(column)),
                    limit: format!("{} bytes", limits.cell_bytes),
                });
            }
            // Fields are cut at ASCII bytes of what was decoded to UTF-8.
            let text = std::str::from_utf8(field)
                .map_err(|error| self.file.unreadable(self.number, &error.to_string()))?;
            cells.resize(column, Cell::Empty);
            cells.push(Cell::Text(text.to_owned()));
        }
        if at_end && self.is_open_quote(fields) {
            return Err(self
                .file
                .unreadable(self.number, "a quote in it is never closed"));
        }
        self.cells = self.cells.saturating_add(fields as u64);
        if self.cells > limits.cells {
            return Err(Error::TooLarge {
                what: format!("the number of cells in \"{}\"", self.file.file_name),
                limit: format!("{} cells", limits.cells),
            });
        }
        Ok(cells)
    }

    /// Tells whether the last record swallowed lines because its quote is not closed: its last
    /// field then holds line breaks, and the file does not end with a quote.
    fn is_open_quote(&self, fields: usize) -> bool {
        let end_of = |index: usize| self.ends.get(index).copied();
        let start = fields.checked_sub(2).and_then(end_of).unwrap_or(0);
        let end = fields.checked_sub(1).and_then(end_of).unwrap_or(0);
        let last = self.text.get(start..end).unwrap_or_default();
        let encoded_end = self.file.content.trim_ascii_end();
        // UTF-16 has a zero before or behind each ASCII character.
        let closes = encoded_end
            .iter()
            .rev()
            .find(|byte| !matches!(byte, 0 | b' ' | b'\r' | b'\n'));
        last.iter().any(|byte| matches!(byte, b'\r' | b'\n')) && closes != Some(&b'"')
    }
}

impl Delimited<'_> {
    fn unreadable(&self, number: u32, found: &str) -> Error {
        Error::InvalidFile {
            message: format!("\"{}\" cannot be read beyond row {number}", self.file_name),
            detail: Some(found.to_owned()),
            hint: Some("correct it, or save it again as CSV in UTF-8".to_owned()),
        }
    }
}

fn undecodable(content: &[u8], file_name: &str, reason: &Undecodable) -> Error {
    let line = |offset: usize| {
        let before = content.get(..offset).unwrap_or(content);
        memchr::memchr_iter(b'\n', before).count() + 1
    };
    let hint = "save it as CSV in UTF-8";
    match reason {
        Undecodable::Nul(offset) => {
            let found = format!(
                "line {} has NUL bytes, as a binary file or UTF-16 without a byte-order mark has",
                line(*offset)
            );
            signature::refuse(file_name, Format::Csv, &found, hint)
        }
        Undecodable::NotUtf8(offset) => {
            let found = format!("it is marked as UTF-8, but line {} is not", line(*offset));
            signature::refuse(file_name, Format::Csv, &found, hint)
        }
        Undecodable::Utf32 => signature::refuse(file_name, Format::Csv, "it is UTF-32", hint),
    }
}
