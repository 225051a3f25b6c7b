//! Finds the encoding of a text file, and decodes it piece by piece.
//!
//! A byte-order mark decides; then valid UTF-8 is UTF-8; the rest is guessed by chardetng, the
//! detector of Firefox. Nothing is replaced silently: bytes that the encoding does not have
//! refuse the file.

use std::io::{self, BufRead, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Bytes decoded at a time.
const PIECE: usize = 16 * 1024;
/// Bytes before the first unusual one, and in total, that the detector sees: a guess does not
/// get better with more.
const CONTEXT: usize = 64 * 1024;
const SAMPLE: usize = 4 * 1024 * 1024;

/// What a text file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Detected {
    pub(super) encoding: &'static Encoding,
    /// The name for people.
    pub(super) name: &'static str,
    /// Bytes of the byte-order mark.
    pub(super) mark: usize,
}

/// Why a text file cannot be decoded.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Undecodable {
    /// Bytes that are no text, with the offset of the first one.
    Nul(usize),
    /// A byte-order mark that promises UTF-8, and the offset of what is not.
    NotUtf8(usize),
    /// UTF-32, which no spreadsheet program writes.
    Utf32,
}

/// Finds out what a text file is written in.
pub(super) fn detect(content: &[u8]) -> Result<Detected, Undecodable> {
    if content.starts_with(b"\xFF\xFE\0\0") || content.starts_with(b"\0\0\xFE\xFF") {
        return Err(Undecodable::Utf32);
    }
    if content.starts_with(b"\xFF\xFE") {
        return Ok(Detected {
            encoding: UTF_16LE,
            name: "UTF-16LE",
            mark: 2,
        });
    }
    if content.starts_with(b"\xFE\xFF") {
        return Ok(Detected {
            encoding: UTF_16BE,
            name: "UTF-16BE",
            mark: 2,
        });
    }
    if let Some(offset) = memchr::memchr(0, content) {
        return Err(Undecodable::Nul(offset));
    }
    let (mark, name) = match content.starts_with(b"\xEF\xBB\xBF") {
        true => (3, "UTF-8 with BOM"),
        false => (0, "UTF-8"),
    };
    let Err(error) = std::str::from_utf8(content) else {
        return Ok(Detected {
            encoding: UTF_8,
            name,
            mark,
        });
    };
    if mark > 0 {
        return Err(Undecodable::NotUtf8(error.valid_up_to()));
    }
    let encoding = guess(content, error.valid_up_to());
    Ok(Detected {
        encoding,
        name: encoding.name(),
        mark,
    })
}

fn guess(content: &[u8], unusual: usize) -> &'static Encoding {
    let start = unusual.saturating_sub(CONTEXT);
    let end = content.len().min(start.saturating_add(SAMPLE));
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(content.get(start..end).unwrap_or(content), true);
    detector.guess(None, Utf8Detection::Deny)
}

/// Decodes bytes to UTF-8 as they are read.
pub(super) struct Transcoder<'a> {
    rest: &'a [u8],
    decoder: Decoder,
    piece: Box<[u8]>,
    start: usize,
    end: usize,
    done: bool,
}

impl<'a> Transcoder<'a> {
    /// Starts behind the byte-order mark.
    pub(super) fn new(content: &'a [u8], detected: Detected) -> Self {
        Self {
            rest: content.get(detected.mark..).unwrap_or_default(),
            decoder: detected.encoding.new_decoder_without_bom_handling(),
            piece: vec![0; PIECE].into_boxed_slice(),
            start: 0,
            end: 0,
            done: false,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        while self.start == self.end && !self.done {
            let (result, read, written) =
                self.decoder
                    .decode_to_utf8_without_replacement(self.rest, &mut self.piece, true);
            self.rest = self.rest.get(read..).unwrap_or_default();
            (self.start, self.end) = (0, written);
            match result {
                DecoderResult::InputEmpty => self.done = true,
                DecoderResult::OutputFull => (),
                DecoderResult::Malformed(..) => {
                    self.done = true;
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        "bytes that the encoding does not have",
                    ));
                }
            }
            if memchr::memchr(0, self.piece.get(..written).unwrap_or_default()).is_some() {
                self.done = true;
                return Err(io::Error::new(io::ErrorKind::InvalidData, "NUL characters"));
            }
        }
        Ok(())
    }
}

impl BufRead for Transcoder<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.refill()?;
        Ok(self.piece.get(self.start..self.end).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.start = self.start.saturating_add(amount).min(self.end);
    }
}

impl Read for Transcoder<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(content: &[u8]) -> (String, String) {
        let detected = detect(content).unwrap();
        let mut text = String::new();
        Transcoder::new(content, detected)
            .read_to_string(&mut text)
            .unwrap();
        (detected.name.to_owned(), text)
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
    fn what_is_no_text_is_refused() {
        assert_eq!(detect(b"ab\0c"), Err(Undecodable::Nul(2)));
        assert_eq!(detect(b"\xEF\xBB\xBFa\xFF"), Err(Undecodable::NotUtf8(4)));
        assert_eq!(detect(b"\xFF\xFE\0\0a\0\0\0"), Err(Undecodable::Utf32));
        for content in [
            b"\xFF\xFEa\0\0\0".as_slice(),
            b"\xFF\xFEa\0\x00\xD8",
            b"\xFF\xFEa",
        ] {
            let mut transcoder = Transcoder::new(content, detect(content).unwrap());
            assert!(transcoder.read_to_string(&mut String::new()).is_err());
        }
    }

    #[test]
    fn pieces_join_without_a_seam() {
        let text = "Zażółć gęślą jaźń; ".repeat(5_000);
        assert_eq!(decoded(text.as_bytes()), pair("UTF-8", &text));
        let wide: Vec<u8> = std::iter::once(0xFEFF)
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(decoded(&wide), pair("UTF-16LE", &text));
    }
}
