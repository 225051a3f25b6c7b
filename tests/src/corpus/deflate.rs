//! Deflated text of gigabytes, made in no time: one compressed block, written again and again.

use std::io::Write as _;

use flate2::{Compress, Compression, Crc, FlushCompress, write::DeflateEncoder};

use super::archive::Part;

/// Bytes of text in the block that is repeated.
const BLOCK: usize = 1 << 20;

/// Makes a part that inflates to `before`, then to `unit` until `bytes` are reached, then to
/// `after`. Blanks reach about 1 000 to 1.
pub(super) fn repeated(name: &str, before: &str, unit: &[u8], bytes: u64, after: &str) -> Part {
    let whole = unit.repeat((BLOCK.min(bytes as usize) / unit.len()).max(1));
    let times = (bytes / whole.len() as u64).max(1);
    let block = flushed(&whole);

    let mut data = flushed(before.as_bytes());
    let mut crc = checksum(before.as_bytes());
    for _ in 0..times {
        data.extend_from_slice(&block);
    }
    crc.combine(&power(&checksum(&whole), times));
    let mut end = DeflateEncoder::new(data, Compression::default());
    end.write_all(after.as_bytes()).expect("it deflates");
    crc.combine(&checksum(after.as_bytes()));
    let size = before.len() + whole.len() * times as usize + after.len();
    Part::raw(name, end.finish().expect("it deflates"), 8, crc.sum(), size)
}

/// Blanks at 158 to 1, below every limit for the ratio: fixed codes, 13 bits for 258 blanks.
pub(super) fn blanks_at_158(name: &str, before: &str, bytes: u64, after: &str) -> Part {
    const COPIES: usize = 8;
    const LENGTH: u64 = 258;
    let groups = bytes / (LENGTH * COPIES as u64);
    let copied = groups * COPIES as u64 * LENGTH;

    let mut bits = Bits::default();
    bits.push(0b010, 3); // a block of fixed codes that is not the last, from its low bit on
    bits.push_code(0x30 + u32::from(b' '), 8);
    // 285 is the length 258 without further bits, then the distance 1.
    for _ in 0..COPIES {
        bits.push_code(0xC5, 8);
        bits.push_code(0, 5);
    }
    // One blank and eight copies are 11 + 104 bits; from there on 13 bytes repeat shifted by 3.
    let head = bits.whole.clone();
    let mut data = flushed(before.as_bytes());
    data.extend_from_slice(&head);
    let mut group = Bits::default();
    group.push(bits.rest, bits.used);
    for _ in 0..COPIES {
        group.push_code(0xC5, 8);
        group.push_code(0, 5);
    }
    for _ in 1..groups {
        data.extend_from_slice(&group.whole);
    }
    let mut tail = Bits::default();
    tail.push(bits.rest, bits.used);
    tail.push_code(0, 7); // the end of the block
    tail.push(0, 3); // an empty stored block brings the stream back to whole bytes
    data.extend_from_slice(&tail.finish());
    data.extend_from_slice(&[0, 0, 0xFF, 0xFF]);

    let mut crc = checksum(before.as_bytes());
    crc.combine(&power(&checksum(b" "), copied + 1));
    crc.combine(&checksum(after.as_bytes()));
    let mut end = DeflateEncoder::new(data, Compression::default());
    end.write_all(after.as_bytes()).expect("it deflates");
    let size = before.len() + copied as usize + 1 + after.len();
    Part::raw(name, end.finish().expect("it deflates"), 8, crc.sum(), size)
}

/// Compresses text to whole bytes that need nothing before them and end nothing.
fn flushed(text: &[u8]) -> Vec<u8> {
    let mut compress = Compress::new(Compression::default(), false);
    let mut out = Vec::with_capacity(text.len() + 1_024);
    compress
        .compress_vec(text, &mut out, FlushCompress::Full)
        .expect("it deflates");
    out
}

fn checksum(text: &[u8]) -> Crc {
    let mut crc = Crc::new();
    crc.update(text);
    crc
}

/// The checksum of a text repeated, by squaring.
fn power(once: &Crc, mut times: u64) -> Crc {
    let mut result = Crc::new();
    let mut square = checksum(b"");
    square.combine(once);
    while times > 0 {
        if times & 1 == 1 {
            result.combine(&square);
        }
        let mut next = checksum(b"");
        next.combine(&square);
        next.combine(&square);
        square = next;
        times >>= 1;
    }
    result
}

/// Bits as deflate packs them: from the low end of each byte.
#[derive(Default)]
struct Bits {
    whole: Vec<u8>,
    rest: u32,
    used: u32,
}

impl Bits {
    fn push(&mut self, bits: u32, count: u32) {
        for place in 0..count {
            self.rest |= ((bits >> place) & 1) << self.used;
            self.used += 1;
            if self.used == 8 {
                self.whole.push(self.rest as u8);
                (self.rest, self.used) = (0, 0);
            }
        }
    }

    /// Huffman codes start with their high bit.
    fn push_code(&mut self, code: u32, count: u32) {
        for place in (0..count).rev() {
            self.push(code >> place, 1);
        }
    }

    fn finish(mut self) -> Vec<u8> {
        if self.used > 0 {
            self.whole.push(self.rest as u8);
        }
        self.whole
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::CrcReader;
    use flate2::read::DeflateDecoder;

    use super::*;

    fn inflated(part: &Part) -> String {
        let mut text = String::new();
        let mut reader = CrcReader::new(DeflateDecoder::new(part.data.as_slice()));
        reader.read_to_string(&mut text).unwrap();
        assert_eq!(reader.crc().sum(), part.crc);
        assert_eq!(text.len(), part.size as usize);
        text
    }

    #[test]
    fn repeated_text_inflates_to_what_was_asked_for() {
        let part = repeated("x", "<a>", b"<b/>", 3 << 20, "</a>");
        let expected = format!("<a>{}</a>", "<b/>".repeat(3 << 18));
        assert!(inflated(&part) == expected);
        assert!(part.data.len() < 20_000, "{}", part.data.len());
    }

    #[test]
    fn blanks_reach_158_to_1() {
        let part = blanks_at_158("x", "<a>", 8 << 20, "</a>");
        let text = inflated(&part);
        assert_eq!(text.trim_start_matches("<a>").trim_start(), "</a>");
        let ratio = text.len() / part.data.len();
        assert!((150..160).contains(&ratio), "{ratio}");
    }
}
