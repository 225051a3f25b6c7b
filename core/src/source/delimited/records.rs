//! Cuts a text into records, by csv-core or, where a line has no quote, by its delimiters alone.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use memchr::memchr3;

use super::Text;
use crate::Error;
use crate::source::encoding::Transcoder;
use crate::source::input::ByteStream;
use crate::source::pace::Pace;
use crate::source::row::{Filling, ReadRow, Row, check_cell};

/// A record may hold this many cells of the longest kind: more is a quote that never closes.
const LONGEST_CELLS: usize = 16;
/// Fields of one record, empty ones included: as many as a worksheet has columns.
const FIELDS: usize = 16_384;

/// The records of a text.
pub(in crate::source) struct Records<'f> {
    input: Transcoder<'f>,
    reader: Reader,
    file: &'f Text,
    place: String,
    /// The unquoted fields of one record behind each other, and where each one ends.
    text: Vec<u8>,
    ends: Vec<usize>,
    /// The most bytes of `text`.
    longest: usize,
    number: u32,
    cells: u64,
    /// Whether the last byte was a carriage return, to which a line feed would belong.
    after_return: bool,
    pace: Pace,
}

impl<'f> Records<'f> {
    pub(super) fn new(
        stream: &'f mut (dyn ByteStream + 'f),
        file: &'f Text,
    ) -> Result<Self, Error> {
        let limits = &file.limits;
        let longest = limits.cell_bytes.saturating_mul(LONGEST_CELLS);
        Ok(Self {
            input: Transcoder::new(stream, file.scan.detected, limits)?,
            reader: ReaderBuilder::new()
                .delimiter(file.dialect.delimiter)
                .build(),
            place: format!("\"{}\"", file.file_name),
            text: vec![0; longest.min(4096)],
            ends: vec![0; 64],
            longest,
            number: 0,
            cells: 0,
            after_return: false,
            pace: Pace::of(limits),
            file,
        })
    }
}

impl ReadRow for Records<'_> {
    fn read_row(&mut self, row: &mut Row) -> Result<bool, Error> {
        while self.skip_line_ends()? {
            self.count_row()?;
            row.number = self.number;
            let is_filled = match self.plain_record(row)? {
                Some(is_filled) => is_filled,
                None => self.quoted_record(row)?,
            };
            let is_declaration = self.number == 1 && self.file.dialect.has_declaration;
            if is_filled && !is_declaration {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Records<'_> {
    /// Reads a record that lies whole in the buffer and has no quote; `None` for another one, of
    /// which nothing is consumed.
    fn plain_record(&mut self, row: &mut Row) -> Result<Option<bool>, Error> {
        // csv-core takes the first one, for it knows what may stand before it.
        if self.number == 1 {
            return Ok(None);
        }
        let file = self.file;
        let number = self.number;
        let buffer = self
            .input
            .fill()
            .map_err(|reason| file.unreadable(number, reason))?;
        let Some(end) = memchr3(b'\n', b'\r', b'"', buffer) else {
            return Ok(None);
        };
        let (line, rest) = buffer.split_at_checked(end).unwrap_or_default();
        let terminator = rest.first().copied();
        if terminator == Some(b'"') || line.len() > self.longest {
            return Ok(None);
        }
        let text =
            std::str::from_utf8(line).map_err(|error| file.broken(number, &error.to_string()))?;
        let mut filling = Filling::new(row);
        let mut fields = 0;
        let mut start = 0;
        let delimiters = line
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == file.dialect.delimiter)
            .map(|(at, _)| at);
        for end in delimiters.chain([line.len()]) {
            if fields == FIELDS {
                return Err(too_many_fields(file, number));
            }
            let field = text.get(start..end).unwrap_or_default();
            put(&mut filling, (number, fields), field, &self.place, file)?;
            start = end + 1;
            fields += 1;
        }
        let is_filled = filling.finish();
        self.after_return = terminator == Some(b'\r');
        self.input.consume(end + 1);
        self.count_cells(fields)?;
        Ok(Some(is_filled))
    }

    /// Reads a record of any kind.
    fn quoted_record(&mut self, row: &mut Row) -> Result<bool, Error> {
        let file = self.file;
        let (mut text_end, mut fields) = (0, 0);
        loop {
            let buffer = self
                .input
                .fill()
                .map_err(|reason| file.unreadable(self.number, reason))?;
            let at_end = buffer.is_empty();
            let (result, read, written, ended) = self.reader.read_record(
                buffer,
                self.text.get_mut(text_end..).unwrap_or_default(),
                self.ends.get_mut(fields..).unwrap_or_default(),
            );
            let last = read.checked_sub(1).and_then(|index| buffer.get(index));
            self.after_return = last.map_or(self.after_return, |byte| *byte == b'\r');
            self.input.consume(read);
            text_end += written;
            fields += ended;
            match result {
                ReadRecordResult::InputEmpty => (),
                ReadRecordResult::OutputFull => self.grow_text()?,
                ReadRecordResult::OutputEndsFull => self.grow_ends()?,
                ReadRecordResult::Record => return self.cut(row, fields, at_end),
                ReadRecordResult::End => return Ok(false),
            }
        }
    }

    /// Skips the end of the last line and blank lines, which count as rows; false at the end.
    ///
    /// The csv crate skips blank lines without counting them, but people look for a row by the
    /// number that their spreadsheet program shows.
    fn skip_line_ends(&mut self) -> Result<bool, Error> {
        loop {
            let (file, number) = (self.file, self.number);
            let buffer = self
                .input
                .fill()
                .map_err(|reason| file.unreadable(number, reason))?;
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
        self.pace.item();
        self.number = self.number.saturating_add(1);
        if self.number > self.file.limits.csv_rows {
            return Err(Error::TooLarge {
                what: format!("the number of rows in {}", self.place),
                limit: format!("{} rows", self.file.limits.csv_rows),
            });
        }
        Ok(())
    }

    fn count_cells(&mut self, fields: usize) -> Result<(), Error> {
        self.cells = self.cells.saturating_add(fields as u64);
        if self.cells > self.file.limits.csv_cells {
            return Err(Error::TooLarge {
                what: format!("the number of cells in {}", self.place),
                limit: format!("{} cells", self.file.limits.csv_cells),
            });
        }
        Ok(())
    }

    fn grow_text(&mut self) -> Result<(), Error> {
        let length = self.text.len().saturating_mul(2).min(self.longest);
        if length <= self.text.len() {
            return Err(Error::TooLarge {
                what: format!(
                    "row {} of {} (perhaps a quote in it is never closed)",
                    self.number, self.place
                ),
                limit: format!("{} bytes", self.longest),
            });
        }
        self.text.resize(length, 0);
        Ok(())
    }

    fn grow_ends(&mut self) -> Result<(), Error> {
        let length = self.ends.len().saturating_mul(2);
        if length > FIELDS {
            return Err(too_many_fields(self.file, self.number));
        }
        self.ends.resize(length, 0);
        Ok(())
    }

    /// Cuts the record that was read into its cells, and tells whether anything is in them.
    fn cut(&mut self, row: &mut Row, fields: usize, at_end: bool) -> Result<bool, Error> {
        let (file, number) = (self.file, self.number);
        let ends = self.ends.get(..fields).unwrap_or_default();
        let length = ends.last().copied().unwrap_or(0);
        let text = self.text.get(..length).unwrap_or_default();
        let text =
            std::str::from_utf8(text).map_err(|error| file.broken(number, &error.to_string()))?;
        let mut filling = Filling::new(row);
        let mut start = 0;
        for (column, end) in ends.iter().enumerate() {
            // Fields are cut at ASCII bytes, so that half a character cannot be one.
            let field = text
                .get(start..*end)
                .ok_or_else(|| file.broken(number, "a field ends within a character"))?;
            start = *end;
            put(&mut filling, (number, column), field, &self.place, file)?;
        }
        let is_filled = filling.finish();
        if at_end && self.is_open_quote(fields) {
            return Err(file.broken(number, "a quote in it is never closed"));
        }
        self.count_cells(fields)?;
        Ok(is_filled)
    }

    /// Tells whether the last record swallowed lines because its quote is not closed: its last
    /// field then holds line breaks, and the file does not end with a quote.
    fn is_open_quote(&self, fields: usize) -> bool {
        let end_of = |index: usize| self.ends.get(index).copied();
        let start = fields.checked_sub(2).and_then(end_of).unwrap_or(0);
        let end = fields.checked_sub(1).and_then(end_of).unwrap_or(0);
        let last = self.text.get(start..end).unwrap_or_default();
        last.iter().any(|byte| matches!(byte, b'\r' | b'\n')) && self.file.scan.last != Some(b'"')
    }
}

/// Puts a field in its column.
fn put(
    filling: &mut Filling<'_>,
    (number, column): (u32, usize),
    field: &str,
    place: &str,
    file: &Text,
) -> Result<(), Error> {
    if field.is_empty() {
        return Ok(());
    }
    let at = (number.saturating_sub(1), column);
    check_cell(at, field.len(), place, &file.limits)?;
    if let Some(cell) = filling.cell(column) {
        cell.set_text(field);
    }
    Ok(())
}

fn too_many_fields(file: &Text, number: u32) -> Error {
    Error::TooLarge {
        what: format!(
            "the number of fields in row {number} of \"{}\"",
            file.file_name
        ),
        limit: format!("{FIELDS} fields"),
    }
}
