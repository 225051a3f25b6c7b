//! Where the cells of an import come from: a workbook in memory, a text that streams, a table.
//!
//! A text and a table are read several times, each time from the start, and not held here. What
//! they say about their size is only for a progress bar, an early refusal, and a guess whether
//! their rows fit into memory.

use std::fmt;
use std::io::{self, Cursor, Read, Seek, SeekFrom};

use super::Format;
use crate::Error;
use crate::cell::Cell;

/// What is to be read.
pub enum Input<'c> {
    /// An Office Open XML workbook (`.xlsx`, `.xlsm`).
    Workbook(Content<'c>),
    /// Text with one record a line and a delimiter between its fields.
    Text(Box<dyn ByteStream + 'c>),
    /// The rows of a table or a query.
    Table(Box<dyn TableSource + 'c>),
}

impl<'c> Input<'c> {
    /// Takes a file that is in memory.
    ///
    /// ```
    /// use rapport_core::source::{Format, Input};
    /// let content: &[u8] = b"Date,Product\n01-2019,Sand\n";
    /// assert!(matches!(Input::file(content, Format::Csv), Input::Text(_)));
    /// ```
    #[must_use]
    pub fn file(content: impl Into<Content<'c>>, format: Format) -> Self {
        let content = content.into();
        match format {
            Format::Xlsx => Self::Workbook(content),
            Format::Csv => Self::Text(Box::new(Cursor::new(content))),
        }
    }

    /// Tells how many sheets there may be: all of them in a workbook, or one as in a delimited
    /// file, which a table counts as.
    #[must_use]
    pub const fn format(&self) -> Format {
        match self {
            Self::Workbook(_) => Format::Xlsx,
            Self::Text(_) | Self::Table(_) => Format::Csv,
        }
    }
}

impl fmt::Debug for Input<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Workbook(_) => "Workbook",
            Self::Text(_) => "Text",
            Self::Table(_) => "Table",
        })
    }
}

/// The bytes of a file.
#[derive(Clone)]
pub enum Content<'c> {
    /// Bytes that someone else holds.
    Borrowed(&'c [u8]),
    /// Bytes that are dropped with the reader.
    Owned(Vec<u8>),
}

impl AsRef<[u8]> for Content<'_> {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Owned(bytes) => bytes,
        }
    }
}

impl<'c> From<&'c [u8]> for Content<'c> {
    fn from(bytes: &'c [u8]) -> Self {
        Self::Borrowed(bytes)
    }
}

impl From<Vec<u8>> for Content<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Owned(bytes)
    }
}

impl fmt::Debug for Content<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} bytes", self.as_ref().len())
    }
}

/// Bytes that can be read more than once, each time from the start.
///
/// Bytes in memory are such a stream within a [`Cursor`].
pub trait ByteStream {
    /// Returns the bytes from the start to the end, as far as that is known before they are read.
    fn len(&self) -> u64;

    /// Tells whether there is nothing to read.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Goes back to the first byte.
    ///
    /// # Errors
    /// Whatever keeps the bytes from being read.
    fn restart(&mut self) -> Result<(), Error>;

    /// Reads the next bytes into the front of a buffer and tells how many, 0 only at the end.
    ///
    /// # Errors
    /// Whatever keeps the bytes from being read.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error>;
}

impl<T: AsRef<[u8]>> ByteStream for Cursor<T> {
    fn len(&self) -> u64 {
        self.get_ref().as_ref().len() as u64
    }

    fn restart(&mut self) -> Result<(), Error> {
        self.set_position(0);
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        Read::read(self, buffer).map_err(|error| Error::invalid(error.to_string()))
    }
}

/// Rows that can be read more than once, each time from the first.
pub trait TableSource {
    /// Returns the names of the columns.
    fn headers(&self) -> &[String];

    /// Estimates the rows, for a progress bar.
    fn rows(&self) -> Option<u64>;

    /// Goes back to the first row.
    ///
    /// # Errors
    /// Whatever keeps the rows from being read.
    fn restart(&mut self) -> Result<(), Error>;

    /// Returns the cells of the next row, from the first column on; `None` at the end.
    ///
    /// # Errors
    /// Whatever keeps the rows from being read.
    fn next(&mut self) -> Result<Option<Vec<Cell>>, Error>;
}

/// Reads bytes into a buffer until it is full or the stream ends, and tells how many.
pub(super) fn fill(stream: &mut dyn ByteStream, buffer: &mut [u8]) -> Result<usize, Error> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        // A stream that claims more than there is room for must not break anything.
        match stream.read(rest)?.min(rest.len()) {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

/// A workbook's bytes for the libraries that inflate and parse it, with a checkpoint at each read.
///
/// A read is at most 1 KiB, which inflates to 1 MiB and no more: the libraries give no other
/// occasion to cancel them.
pub(super) struct Watched<'c> {
    bytes: Cursor<Content<'c>>,
    checkpoint: fn(),
}

impl<'c> Watched<'c> {
    pub(super) fn new(content: Content<'c>, checkpoint: fn()) -> Self {
        Self {
            bytes: Cursor::new(content),
            checkpoint,
        }
    }
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        const MOST: usize = 1_024;
        (self.checkpoint)();
        let length = buffer.len().min(MOST);
        Read::read(
            &mut self.bytes,
            buffer.get_mut(..length).unwrap_or_default(),
        )
    }
}

impl Seek for Watched<'_> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(position)
    }
}
