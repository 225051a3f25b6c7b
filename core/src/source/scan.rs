//! Reads a text once from its start to its end, for what must be known before its first row.
//!
//! The encoding depends on the last byte as much as on the first: a file is UTF-8 if all of it is,
//! or nearly all. One piece is held at a time.

use memchr::{memchr, memchr_iter};

use super::encoding::{Detected, StrayBytes, guess, marked};
use super::input::{ByteStream, fill};
use super::limits::Limits;
use super::pace::{PIECE, Pace};
use super::signature::{self, OleSearch, refuse};
use super::{Format, too_many_bytes};
use crate::Error;

const HINT: &str = "save it as CSV in UTF-8";

/// A text is UTF-8 with stray bytes when it has so many characters beyond ASCII that are UTF-8 for
/// each place that is none.
///
/// In a text of another encoding it is the other way round: there such bytes follow each other in
/// the way that UTF-8 asks for by accident only.
const CHARACTERS_PER_STRAY: u64 = 10;

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
    let mark = u64::from(marked.is_some_and(Detected::is_utf8));
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
    let utf8 = marked.unwrap_or(Detected::UTF_8);
    tally.characters = tally.characters.saturating_sub(mark);
    let detected = match tally.strays() {
        None => utf8,
        Some(strays) if strays.are_few() => utf8.with(strays.bytes()),
        Some(Strays { line, .. }) if marked.is_some() => {
            let found = format!("it is marked as {}, but line {line} is not", utf8.form());
            return Err(refused(&found));
        }
        Some(Strays { at, .. }) => guess(stream, at, &mut buffer, &mut pace)?,
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
    /// Characters beyond ASCII, without the byte-order mark.
    characters: u64,
    strays: Option<Strays>,
}

/// The places of a text that are not UTF-8.
#[derive(Debug, Clone, Copy)]
struct Strays {
    /// The place and the line of the first byte.
    at: u64,
    line: u64,
    places: u64,
    count: u64,
    /// The characters beyond ASCII in the rest of the text.
    characters: u64,
}

impl Strays {
    /// Tells whether the text is UTF-8 nevertheless.
    const fn are_few(&self) -> bool {
        self.characters >= self.places.saturating_mul(CHARACTERS_PER_STRAY)
    }

    const fn bytes(&self) -> StrayBytes {
        StrayBytes {
            count: self.count,
            line: self.line,
        }
    }
}

impl Tally {
    const fn new(is_wide: bool) -> Self {
        Self {
            is_wide,
            kept: 0,
            bytes: 0,
            line_feeds: 0,
            last: None,
            characters: 0,
            strays: None,
        }
    }

    /// Counts the bytes that were read behind those that were kept; the error is the line of a
    /// zero.
    fn piece(&mut self, buffer: &mut [u8], read: usize) -> Result<(), u64> {
        let end = self.kept + read;
        let piece = buffer.get(self.kept..end).unwrap_or_default();
        let before = self.line_feeds;
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
        let whole = buffer.get(..end).unwrap_or_default();
        let tail = match self.is_wide {
            true => 0,
            false => self.characters(whole, offset, before),
        };
        self.kept = tail;
        buffer.copy_within(end - tail..end, 0);
        Ok(())
    }

    /// Counts the characters and the stray bytes of a piece; returns the bytes at its end that may
    /// be the beginning of a character. Before it are `offset` bytes and so many lines.
    fn characters(&mut self, piece: &[u8], offset: u64, before: u64) -> usize {
        if piece.is_ascii() {
            return 0;
        }
        let mut start = 0;
        loop {
            let rest = piece.get(start..).unwrap_or_default();
            let Err(error) = std::str::from_utf8(rest) else {
                self.characters += beyond_ascii(rest);
                return 0;
            };
            let (valid, behind) = rest
                .split_at_checked(error.valid_up_to())
                .unwrap_or_default();
            self.characters += beyond_ascii(valid);
            let Some(count) = error.error_len() else {
                return behind.len();
            };
            let at = start + valid.len();
            let above = || before + lines(piece.get(..at).unwrap_or_default());
            self.stray(offset + at as u64, count, above);
            start = at + count;
        }
    }

    /// Counts a place that is not UTF-8, below so many lines.
    fn stray(&mut self, at: u64, count: usize, above: impl Fn() -> u64) {
        let strays = self.strays.get_or_insert_with(|| Strays {
            at,
            line: above() + 1,
            places: 0,
            count: 0,
            characters: 0,
        });
        strays.places += 1;
        strays.count += count as u64;
    }

    /// Returns the places that are not UTF-8, at the end.
    fn strays(&mut self) -> Option<Strays> {
        if self.kept > 0 {
            let (at, line_feeds) = (self.bytes - self.kept as u64, self.line_feeds);
            self.stray(at, self.kept, || line_feeds);
            self.kept = 0;
        }
        let characters = self.characters;
        self.strays.map(|strays| Strays {
            characters,
            ..strays
        })
    }
}

fn lines(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}

/// Counts the characters of valid UTF-8 that are not ASCII, by their first bytes.
fn beyond_ascii(text: &[u8]) -> u64 {
    text.iter().filter(|byte| **byte >= 0xC0).count() as u64
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
            assert_eq!((scan.detected, scan.line_feeds), (Detected::UTF_8, 2));
            // Half a character at the end is none.
            let cut = &content.as_bytes()[..content.len() - 1];
            let strays = StrayBytes { count: 1, line: 3 };
            assert_eq!(scanned(cut).detected, Detected::UTF_8.with(strays));
        }
    }

    #[test]
    fn stray_bytes_are_counted_wherever_they_are() {
        // 101 bytes a line, so that characters lie across pieces.
        let lines = format!("{}\n", "é".repeat(50)).repeat(2_000);
        let is_between = |at: &usize| (at % 101).is_multiple_of(2);
        for at in (0..8)
            .chain(PIECE - 6..PIECE + 6)
            .chain(2 * PIECE - 6..2 * PIECE + 6)
            .chain(lines.len() - 3..=lines.len())
            .filter(is_between)
        {
            for (bytes, count) in [
                (b"\x80".as_slice(), 1),
                (b"\xE2\x82", 2),
                (b"\xFF\x81\xC3", 3),
            ] {
                let mut content = lines.clone().into_bytes();
                content.splice(at..at, bytes.iter().copied());
                let line = at as u64 / 101 + 1;
                assert_eq!(
                    scanned(&content).detected,
                    Detected::UTF_8.with(StrayBytes { count, line }),
                    "{bytes:?} at {at}"
                );
            }
        }
    }

    #[test]
    fn a_text_is_utf8_when_ten_of_its_characters_are_for_one_that_is_not() {
        // The mark is no character of the text.
        for mark in [b"".as_slice(), b"\xEF\xBB\xBF"] {
            for (characters, strays, is_utf8) in
                [(10, 1, true), (9, 1, false), (29, 3, false), (30, 3, true)]
            {
                let mut content = mark.to_vec();
                content.extend("é, ".repeat(characters).into_bytes());
                content.extend(b"caf\xE9 ".repeat(strays));
                let outcome = scan(&mut Cursor::new(&content), "a.csv", &Limits::default());
                match outcome {
                    Ok(scan) => {
                        assert_eq!(scan.detected.is_utf8(), is_utf8, "{characters}, {strays}");
                    }
                    Err(error) => assert!(!is_utf8 && !mark.is_empty(), "{error}"),
                }
            }
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
