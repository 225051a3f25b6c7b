//! Tells whether the same was imported before.

use std::io::Cursor;

use sha2::{Digest, Sha256};

use super::input::{ByteStream, Input, TableSource, fill};
use super::limits::Limits;
use super::pace::{PIECE, Pace};
use super::too_many_bytes;
use crate::Error;
use crate::cell::Cell;

/// Calculates the SHA-256 of the bytes of a file; for a table, of its headers and cells.
///
/// The headers, each row and each cell stand behind their length or a mark, so that no two
/// tables share their bytes: `ab` beside `c` is not `a` beside `bc`, an empty text is not an
/// empty cell, and the number 1 is not the text `1`.
///
/// ```
/// use rapport_core::source::{Format, Input, Limits, digest};
/// let mut input = Input::file(b"abc".as_slice(), Format::Csv);
/// let digest = digest(&mut input, &Limits::default())?;
/// // FIPS 180-2, appendix B.1
/// assert_eq!(digest[..4], [0xba, 0x78, 0x16, 0xbf]);
/// # Ok::<(), rapport_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::TooLarge`] for a stream over its limit, and whatever keeps it from being read.
pub fn digest(input: &mut Input<'_>, limits: &Limits) -> Result<[u8; 32], Error> {
    match input {
        Input::Workbook(content) => of_stream(&mut Cursor::new(content.as_ref()), limits),
        Input::Text(stream) => of_stream(stream.as_mut(), limits),
        Input::Table(table) => of_table(table.as_mut(), limits),
    }
}

fn of_stream(stream: &mut dyn ByteStream, limits: &Limits) -> Result<[u8; 32], Error> {
    let mut pace = Pace::of(limits);
    let mut hash = Sha256::new();
    let mut buffer = vec![0; PIECE];
    let mut bytes: u64 = 0;
    stream.restart()?;
    loop {
        let read = fill(stream, &mut buffer)?;
        bytes = bytes.saturating_add(read as u64);
        if bytes > limits.stream_bytes {
            return Err(too_many_bytes("the text", bytes, limits.stream_bytes));
        }
        hash.update(buffer.get(..read).unwrap_or_default());
        pace.bytes(read);
        if read < PIECE {
            return Ok(hash.finalize().into());
        }
    }
}

fn of_table(table: &mut dyn TableSource, limits: &Limits) -> Result<[u8; 32], Error> {
    let mut pace = Pace::of(limits);
    let mut hash = Sha256::new();
    hash.update(b"rapport table 1\n");
    framed_length(&mut hash, table.headers().len());
    for header in table.headers() {
        framed(&mut hash, b'h', header.as_bytes());
        pace.item();
    }
    table.restart()?;
    while let Some(cells) = table.next()? {
        hash.update(b"r");
        framed_length(&mut hash, cells.len());
        pace.item();
        for cell in &cells {
            let bytes = match cell {
                Cell::Empty => framed(&mut hash, b'0', b""),
                Cell::Text(text) => framed(&mut hash, b't', text.as_bytes()),
                Cell::Number(number) => framed(&mut hash, b'n', &number.to_bits().to_le_bytes()),
                Cell::DateTime(_) => framed(&mut hash, b'd', cell.text().as_bytes()),
                Cell::Bool(truth) => framed(&mut hash, b'b', &[u8::from(*truth)]),
                Cell::Error(text) => framed(&mut hash, b'e', text.as_bytes()),
            };
            pace.item();
            pace.bytes(bytes);
        }
    }
    hash.update(b".");
    Ok(hash.finalize().into())
}

fn framed(hash: &mut Sha256, kind: u8, bytes: &[u8]) -> usize {
    hash.update([kind]);
    framed_length(hash, bytes.len());
    hash.update(bytes);
    bytes.len()
}

fn framed_length(hash: &mut Sha256, length: usize) {
    hash.update((length as u64).to_le_bytes());
}
