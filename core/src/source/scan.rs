//! Reads a text once from its start to its end, for what must be known before its first row.
//!
//! The encoding depends on the last byte as much as on the first: a file is UTF-8 only if all of
//! it is. One piece is held at a time.

use memchr::{memchr, memchr_iter};

use super::encoding::{Detected, guess, marked};
use super::input::{ByteStream, fill};
use super::limits::Limits;
use super::pace::{PIECE, Pace};
use super::signature::{self, OleSearch, refuse};
use super::{Format, too_many_bytes};
use crate::Error;

const HINT: &str = "save it as CSV in UTF-8";

/// What a text is written in, and what its bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scan {
    pub(super) detected: Detected,
    pub(super) line_feeds: u64,
    /// The last byte that is neither ASCII white space nor the zero that UTF-16 has beside it.
    pub(super) last: Option<u8>,
}

/// Reads a text for its encoding, and refuses what is no text.
pub(super) fn scan(
    stream: &mut dyn ByteStream,
    file_name: &str,
    limits: &Limits,
) -> Result<Scan, Error> {
    let refused = |found: &str| refuse(file_name, Format::Csv, found, HINT);
    let check_size = |bytes: u64| {
        if bytes > limits.stream_bytes {
            let what = format!("file \"{file_name}\"");
            return Err(too_many_bytes(&what, bytes, limits.stream_bytes));
        }
        Ok(())
    };
    check_size(stream.len())?;
    let mut pace = Pace::of(limits);
    let mut buffer = vec![0; PIECE];
    stream.restart()?;
    let mut read = fill(stream, &mut buffer)?;
    let head = buffer.get(..read).unwrap_or_default();
    if signature::is_ole(head) {
        return Err(ole(stream, file_name, &mut buffer, &mut pace)?);
    }
    signature::check(head, file_name, Format::Csv)?;
    if head.starts_with(b"\xFF\xFE\0\0") || head.starts_with(b"\0\0\xFE\xFF") {
        return Err(refused("it is UTF-32"));
    }
    let marked = marked(head);
    let mut tally = Tally::new(marked.is_some_and(|detected| !detected.is_utf8()));
    loop {
        let is_last = tally.kept + read < buffer.len();
        tally.piece(&mut buffer, read).map_err(|line| {
            refused(&format!(
                "line {line} has NUL bytes, as a binary file or UTF-16 without a byte-order mark has"
            ))
        })?;
        check_size(tally.bytes)?;
        pace.bytes(read);
        if is_last {
            break;
        }
        read = fill(stream, buffer.get_mut(tally.kept..).unwrap_or_default())?;
    }
    let detected = match (marked, tally.unusual()) {
        (Some(detected), Some((_, line))) => {
            let found = format!(
                "it is marked as {}, but line {line} is not",
                detected.form()
            );
            return Err(refused(&found));
        }
        (Some(detected), None) => detected,
        (None, None) => Detected::UTF_8,
        (None, Some((unusual, _))) => guess(stream, unusual, &mut buffer, &mut pace)?,
    };
    Ok(Scan {
        detected,
        line_feeds: tally.line_feeds,
        last: tally.last,
    })
}

/// What was seen so far.
struct Tally {
    /// UTF-16, of which neither a zero nor a byte beyond ASCII says anything.
    is_wide: bool,
    /// Bytes at the front of the buffer that are the beginning of a character.
    kept: usize,
    bytes: u64,
    line_feeds: u64,
    last: Option<u8>,
    /// The place and the line of the first byte that is not UTF-8.
    unusual: Option<(u64, u64)>,
}

impl Tally {
    const fn new(is_wide: bool) -> Self {
        Self {
            is_wide,
            kept: 0,
            bytes: 0,
            line_feeds: 0,
            last: None,
            unusual: None,
        }
    }

    /// Counts the bytes that were read behind those that were kept; the error is the line of a
    /// zero.
    fn piece(&mut self, buffer: &mut [u8], read: usize) -> Result<(), u64> {
        let end = self.kept + read;
        let piece = buffer.get(self.kept..end).unwrap_or_default();
        let before = self.line_feeds;
        let lines = |bytes: &[u8]| memchr_iter(b'\n', bytes).count() as u64;
        if !self.is_wide
            && let Some(zero) = memchr(0, piece)
        {
            return Err(before + lines(piece.get(..zero).unwrap_or_default()) + 1);
        }
        self.line_feeds += lines(piece);
        let is_shown = |byte: &&u8| !matches!(byte, 0 | b' ' | b'\t' | b'\n' | b'\x0C' | b'\r');
        self.last = piece.iter().rev().find(is_shown).copied().or(self.last);
        let offset = self.bytes - self.kept as u64;
        self.bytes += read as u64;
        let mut tail = end..end;
        if !self.is_wide && self.unusual.is_none() {
            let whole = buffer.get(..end).unwrap_or_default();
            if let Err(error) = std::str::from_utf8(whole) {
                let valid = error.valid_up_to();
                if error.error_len().is_none() {
                    tail = valid..end;
                } else {
                    let above = whole.get(..valid).unwrap_or_default();
                    self.unusual = Some((offset + valid as u64, before + lines(above) + 1));
                }
            }
        }
        self.kept = tail.len();
        buffer.copy_within(tail, 0);
        Ok(())
    }

    /// Returns the place and the line of the first byte that is not UTF-8, at the end.
    fn unusual(&self) -> Option<(u64, u64)> {
        let cut = (self.kept > 0).then(|| (self.bytes - self.kept as u64, self.line_feeds + 1));
        self.unusual.or(cut)
    }
}

/// Says which kind of Office document it is, which stands somewhere within.
fn ole(
    stream: &mut dyn ByteStream,
    file_name: &str,
    buffer: &mut [u8],
    pace: &mut Pace,
) -> Result<Error, Error> {
    let mut search = OleSearch::default();
    stream.restart()?;
    loop {
        let read = fill(stream, buffer)?;
        pace.bytes(read);
        search.piece(buffer.get(..read).unwrap_or_default());
        if read < buffer.len() {
            return Ok(search.refusal(file_name, Format::Csv));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn scanned(content: &[u8]) -> Scan {
        scan(&mut Cursor::new(content), "a.csv", &Limits::default()).unwrap()
    }

    fn detail(content: &[u8]) -> String {
        match scan(&mut Cursor::new(content), "a.csv", &Limits::default()) {
            Err(Error::InvalidFile { detail, .. }) => detail.unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn characters_may_lie_across_pieces() {
        for before in PIECE - 4..=PIECE {
            let content = format!("{}\n€\n{}", "x".repeat(before), "é".repeat(PIECE));
            let scan = scanned(content.as_bytes());
            assert_eq!((scan.detected.name, scan.line_feeds), ("UTF-8", 2));
            // Half a character at the end is none.
            let cut = &content.as_bytes()[..content.len() - 1];
            assert_ne!(scanned(cut).detected.name, "UTF-8");
        }
    }

    #[test]
    fn lines_are_named_behind_the_first_piece() {
        let lines = "line\n".repeat(50_000);
        let mut zero = lines.clone().into_bytes();
        zero.extend(b"a\0");
        assert!(detail(&zero).contains("line 50001 has NUL"));
        let mut marked = [b"\xEF\xBB\xBF", lines.as_bytes()].concat();
        marked.extend(b"\xC3");
        assert_eq!(
            detail(&marked),
            "it is marked as UTF-8, but line 50001 is not"
        );
        marked.extend(b"(\n");
        assert_eq!(
            detail(&marked),
            "it is marked as UTF-8, but line 50001 is not"
        );
    }

    #[test]
    fn the_last_byte_is_the_last_that_shows() {
        for (content, last) in [
            (b"a\"\r\n \t".as_slice(), Some(b'"')),
            (b"\xFF\xFEa\0\"\0\n\0", Some(b'"')),
            (b"a\xC3\xA9", Some(0xA9)),
            (b" \n", None),
        ] {
            assert_eq!(scanned(content).last, last);
        }
    }

    #[test]
    fn a_stream_may_be_longer_than_it_says() {
        struct Liar(Cursor<Vec<u8>>);
        impl ByteStream for Liar {
            fn len(&self) -> u64 {
                1
            }
            fn restart(&mut self) -> Result<(), Error> {
                self.0.restart()
            }
            fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
                ByteStream::read(&mut self.0, buffer)
            }
        }
        let limits = Limits {
            stream_bytes: 100_000,
            ..Limits::default()
        };
        let mut stream = Liar(Cursor::new(vec![b'x'; 100_001]));
        let error = scan(&mut stream, "a.csv", &limits).unwrap_err();
        assert!(matches!(error, Error::TooLarge { .. }), "{error}");
        let mut stream = Liar(Cursor::new(vec![b'x'; 100_000]));
        assert!(scan(&mut stream, "a.csv", &limits).is_ok());
    }
}
