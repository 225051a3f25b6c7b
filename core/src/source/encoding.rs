//! Finds the encoding of a text, and decodes it piece by piece.
//!
//! A byte-order mark decides; then valid UTF-8 is UTF-8, also with a few stray bytes, which are read
//! as windows-1252; the rest is guessed by chardetng, the detector of Firefox. Nothing is replaced
//! silently: other bytes that the encoding does not have refuse the file.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::input::{ByteStream, fill};
use super::limits::Limits;
use super::pace::{PIECE, Pace};
use crate::Error;
use decoder::Decoder;

mod decoder;

/// Bytes before the first unusual one, and in total, that the detector sees: a guess does not
/// get better with more.
const CONTEXT: u64 = 64 * 1024;
const SAMPLE: u64 = 4 * 1024 * 1024;

/// What a text is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Detected {
    encoding: &'static Encoding,
    /// The name for people.
    pub(super) name: &'static str,
    /// Bytes of the byte-order mark.
    mark: usize,
    /// The bytes of UTF-8 that are none.
    pub(super) strays: Option<StrayBytes>,
}

/// Bytes of a text in UTF-8 that are not UTF-8, and are read as windows-1252.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StrayBytes {
    /// How many they are.
    pub count: u64,
    /// The line of the first of them, from 1.
    pub line: u64,
}

impl Detected {
    pub(super) const UTF_8: Self = Self {
        encoding: UTF_8,
        name: "UTF-8",
        mark: 0,
        strays: None,
    };

    /// Adds stray bytes.
    pub(super) fn with(self, strays: StrayBytes) -> Self {
        Self {
            strays: Some(strays),
            ..self
        }
    }

    pub(super) fn is_utf8(self) -> bool {
        self.encoding == UTF_8
    }

    /// Returns the name without its byte-order mark.
    pub(super) fn form(self) -> &'static str {
        self.encoding.name()
    }
}

/// Finds the encoding that a byte-order mark promises.
pub(super) fn marked(head: &[u8]) -> Option<Detected> {
    let (encoding, name, mark) = if head.starts_with(b"\xFF\xFE") {
        (UTF_16LE, "UTF-16LE", 2)
    } else if head.starts_with(b"\xFE\xFF") {
        (UTF_16BE, "UTF-16BE", 2)
    } else if head.starts_with(b"\xEF\xBB\xBF") {
        (UTF_8, "UTF-8 with BOM", 3)
    } else {
        return None;
    };
    Some(Detected {
        encoding,
        name,
        mark,
        strays: None,
    })
}

/// Guesses the encoding of a text from what is around the first byte that is not UTF-8.
pub(super) fn guess(
    stream: &mut dyn ByteStream,
    unusual: u64,
    buffer: &mut [u8],
    pace: &mut Pace,
) -> Result<Detected, Error> {
    let mut skipped = unusual.saturating_sub(CONTEXT);
    let mut wanted = SAMPLE;
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    stream.restart()?;
    loop {
        let left = if skipped > 0 { skipped } else { wanted };
        let length = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
        let read = fill(stream, buffer.get_mut(..length).unwrap_or_default())?;
        pace.bytes(read);
        if skipped > 0 {
            skipped = skipped.saturating_sub(read as u64);
        } else {
            detector.feed(buffer.get(..read).unwrap_or_default(), false);
            wanted = wanted.saturating_sub(read as u64);
        }
        if wanted == 0 || read < length {
            break;
        }
    }
    detector.feed(&[], true);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    Ok(Detected {
        encoding,
        name: encoding.name(),
        mark: 0,
        strays: None,
    })
}

/// Why a text cannot be read on.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// What the text has, for a sentence.
    Text(&'static str),
    /// What happened to the stream.
    Stream(Error),
}

/// Decodes a text to UTF-8 as it is read.
///
/// What is UTF-8 already is passed on as it is: it was checked when it was scanned, and its
/// records are checked again by those who make text of them.
pub(super) struct Transcoder<'s> {
    stream: &'s mut (dyn ByteStream + 's),
    decoder: Option<Decoder>,
    raw: Vec<u8>,
    /// What was read and not decoded.
    undecoded: std::ops::Range<usize>,
    /// Whether nothing of that can be decoded before more is read.
    needs_more: bool,
    decoded: Vec<u8>,
    /// What was not consumed, of what was decoded or else of what was read.
    ready: std::ops::Range<usize>,
    at_end: bool,
    done: bool,
    pace: Pace,
}

impl<'s> Transcoder<'s> {
    /// Starts behind the byte-order mark.
    pub(super) fn new(
        stream: &'s mut (dyn ByteStream + 's),
        detected: Detected,
        limits: &Limits,
    ) -> Result<Self, Error> {
        stream.restart()?;
        let mut raw = vec![0; PIECE];
        fill(stream, raw.get_mut(..detected.mark).unwrap_or_default())?;
        let decoder = match detected {
            Detected {
                strays: Some(_), ..
            } => Some(Decoder::mixed()),
            _ if detected.is_utf8() => None,
            _ => Some(Decoder::of(detected.encoding)),
        };
        Ok(Self {
            stream,
            decoded: vec![0; if decoder.is_some() { PIECE } else { 0 }],
            decoder,
            raw,
            undecoded: 0..0,
            needs_more: true,
            ready: 0..0,
            at_end: false,
            done: false,
            pace: Pace::of(limits),
        })
    }

    /// Returns what is ready, after more was read if nothing was; nothing at the end.
    pub(super) fn fill(&mut self) -> Result<&[u8], Unreadable> {
        while self.ready.is_empty() && !self.done {
            if let Err(reason) = self.refill() {
                self.done = true;
                self.ready = 0..0;
                return Err(reason);
            }
        }
        let source = match self.decoder {
            Some(_) => &self.decoded,
            None => &self.raw,
        };
        Ok(source.get(self.ready.clone()).unwrap_or_default())
    }

    fn refill(&mut self) -> Result<(), Unreadable> {
        if self.needs_more && !self.at_end {
            // What is left of a character stays in front.
            let kept = self.undecoded.len();
            self.raw.copy_within(self.undecoded.clone(), 0);
            let free = self.raw.get_mut(kept..).unwrap_or_default();
            let room = free.len();
            let read = fill(self.stream, free).map_err(Unreadable::Stream)?;
            self.at_end = read < room;
            self.undecoded = 0..kept + read;
            self.needs_more = false;
            self.pace.bytes(read);
        }
        let Some(decoder) = &mut self.decoder else {
            self.ready = std::mem::take(&mut self.undecoded);
            self.needs_more = true;
            self.done = self.at_end;
            return refuse_zeros(self.raw.get(self.ready.clone()));
        };
        let undecoded = self.raw.get(self.undecoded.clone()).unwrap_or_default();
        let (result, read, written) = decoder.decode(undecoded, &mut self.decoded, self.at_end);
        self.undecoded.start += read;
        self.ready = 0..written;
        self.pace.bytes(written);
        match result {
            DecoderResult::InputEmpty => {
                self.needs_more = true;
                self.done = self.at_end;
            }
            DecoderResult::OutputFull => (),
            DecoderResult::Malformed(..) => {
                return Err(Unreadable::Text("bytes that the encoding does not have"));
            }
        }
        refuse_zeros(self.decoded.get(self.ready.clone()))
    }

    /// Takes so many bytes of what is ready.
    pub(super) fn consume(&mut self, count: usize) {
        self.ready.start = self.ready.start.saturating_add(count).min(self.ready.end);
    }
}

fn refuse_zeros(text: Option<&[u8]>) -> Result<(), Unreadable> {
    match memchr::memchr(0, text.unwrap_or_default()) {
        Some(_) => Err(Unreadable::Text("NUL characters")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::scan::scan;
    use super::*;

    fn text(content: &[u8]) -> Result<(String, String), Unreadable> {
        let mut stream = Cursor::new(content);
        let limits = Limits::default();
        let detected = scan(&mut stream, "a.csv", &limits).unwrap().detected;
        let mut transcoder = Transcoder::new(&mut stream, detected, &limits).unwrap();
        let mut text = Vec::new();
        loop {
            let piece = transcoder.fill()?;
            // Half of what is ready, so that what is left is not lost.
            let taken = piece.len().div_ceil(2);
            text.extend_from_slice(&piece[..taken]);
            transcoder.consume(taken);
            if taken == 0 {
                return Ok((detected.name.to_owned(), String::from_utf8(text).unwrap()));
            }
        }
    }

    fn decoded(content: &[u8]) -> (String, String) {
        text(content).unwrap()
    }

    fn pair(name: &str, text: &str) -> (String, String) {
        (name.to_owned(), text.to_owned())
    }

    #[test]
    fn marks_decide() {
        assert_eq!(
            decoded(b"\xEF\xBB\xBFa\xC3\xA9"),
            pair("UTF-8 with BOM", "aé")
        );
        assert_eq!(decoded(b"\xFF\xFEa\0\xE9\0"), pair("UTF-16LE", "aé"));
        assert_eq!(decoded(b"\xFE\xFF\0a\0\xE9"), pair("UTF-16BE", "aé"));
        assert_eq!(decoded(b"\xEF\xBB\xBF"), pair("UTF-8 with BOM", ""));
    }

    #[test]
    fn without_a_mark_the_bytes_decide() {
        assert_eq!(decoded("a,é,€".as_bytes()), pair("UTF-8", "a,é,€"));
        assert_eq!(decoded(b"plain"), pair("UTF-8", "plain"));
        let western = b"Caf\xE9 au lait, \x93na\xEFve\x94, d\xE9j\xE0 vu\n";
        assert_eq!(
            decoded(western),
            pair("windows-1252", "Café au lait, “naïve”, déjà vu\n")
        );
    }

    #[test]
    fn what_is_unusual_may_be_far_behind() {
        let plain = "plain text\n".repeat(100_000);
        let content = [
            plain.as_bytes(),
            b"Caf\xE9 na\xEFve \x93d\xE9j\xE0 vu\x94\n",
        ]
        .concat();
        let (name, text) = decoded(&content);
        assert_eq!(name, "windows-1252");
        assert!(text.ends_with("\nCafé naïve “déjà vu”\n"));
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for content in [
            b"\xFF\xFEa\0\0\0".as_slice(),
            b"\xFF\xFEa\0\x00\xD8",
            b"\xFF\xFEa",
        ] {
            assert!(matches!(text(content), Err(Unreadable::Text(_))));
        }
    }

    #[test]
    fn pieces_join_without_a_seam() {
        let text = "Zażółć gęślą jaźń; ".repeat(20_000);
        assert_eq!(decoded(text.as_bytes()), pair("UTF-8", &text));
        let wide: Vec<u8> = std::iter::once(0xFEFF)
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(decoded(&wide), pair("UTF-16LE", &text));
    }
}
