//! A table with a vector for each piece of a word, distilled from MiniLM (`tools/distill`). A text is
//! the sum of its pieces; what a piece weighs is in the length of its vector.
//!
//! The table lies in the library as it is in `assets/static.bin`, and nothing is built from it at run
//! time: its pages are shared by all processes, and the first text costs what the next one does.

use super::hash::fnv1a;
use super::{Embedder, normalized, word_piece};

static TABLE: &[u8] = include_bytes!("../../assets/static.bin");
/// Where the name of each token ends, as 32-bit numbers.
static ENDS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/ends.bin"));
/// A hash table of token numbers from 1, as 16-bit numbers; 0 is free.
static SLOTS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/slots.bin"));

/// Magic, dimensions, tokens, length of their names, zero.
const HEADER: usize = 24;

/// Bytes of the longest token, without the mark of a continuation.
const LONGEST_PIECE: usize = 24;

/// What a word weighs that the table cannot spell: three pieces of the median length.
const UNKNOWN: f32 = 5.4;

/// Looks up a piece in the table, adds up, and normalizes.
///
/// ```
/// use rapport_core::embedding::{Embedder as _, Table};
///
/// let near = |one: &str, other: &str| -> f32 {
///     let (one, other) = (Table.embed(one).unwrap(), Table.embed(other).unwrap());
///     one.iter().zip(&other).map(|(a, b)| a * b).sum()
/// };
/// assert!(near("nausea", "feeling sick") > near("nausea", "late parcel"));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Table;

impl Table {
    /// Lists the numbers of the tokens of a text; words that the table cannot spell are left out.
    fn tokens(self, text: &str) -> Vec<u32> {
        let mut tokens = Vec::new();
        word_piece::words(text, |word| {
            word_piece::pieces(word, LONGEST_PIECE, find, &mut tokens);
        });
        tokens
    }

    /// Tells how much a word says, from about 0.4 ("the") to some 40 (a long code): the lengths of its
    /// pieces, which were learned with the table. Twice as much for what is rather a name than a word: it
    /// has a digit, takes three pieces or more, or cannot be spelled at all.
    ///
    /// ```
    /// use rapport_core::embedding::Table;
    ///
    /// assert!(Table.weight("nausea") > 1.5 * Table.weight("report"));
    /// assert!(Table.weight("lx4471") > Table.weight("nausea"));
    /// ```
    #[must_use]
    pub fn weight(self, word: &str) -> f32 {
        let tokens = self.tokens(word);
        let length: f32 = tokens
            .iter()
            .map(|&token| self.sum(&[token]))
            .map(|row| row.iter().map(|part| part * part).sum::<f32>().sqrt())
            .sum();
        if tokens.is_empty() {
            2.0 * UNKNOWN
        } else if tokens.len() > 2 || word.chars().any(|letter| letter.is_ascii_digit()) {
            2.0 * length
        } else {
            length
        }
    }

    /// Adds up the rows of tokens.
    fn sum(self, tokens: &[u32]) -> Vec<f32> {
        let dimensions = self.dimensions();
        let names = number(TABLE, 16);
        let scales = HEADER + names;
        let rows = scales + 4 * number(TABLE, 12);
        let mut sum = vec![0.0; dimensions];
        let (lower, upper) = sum.split_at_mut(dimensions / 2);
        for token in tokens
            .iter()
            .filter_map(|&token| usize::try_from(token).ok())
        {
            let scale = word_at(TABLE, scales + 4 * token).map_or(0.0, f32::from_le_bytes);
            let at = rows + token * dimensions / 2;
            let packed = TABLE.get(at..at + dimensions / 2).unwrap_or_default();
            for ((low, high), &byte) in lower.iter_mut().zip(upper.iter_mut()).zip(packed) {
                *low += steps(byte & 15) * scale;
                *high += steps(byte >> 4) * scale;
            }
        }
        sum
    }
}

impl Embedder for Table {
    fn name(&self) -> &'static str {
        "static/1"
    }

    fn dimensions(&self) -> usize {
        number(TABLE, 8)
    }

    fn embed(&self, text: &str) -> Option<Vec<f32>> {
        normalized(self.sum(&self.tokens(text)))
    }
}

/// Reads four bits in two's complement.
fn steps(bits: u8) -> f32 {
    f32::from(i16::from(bits ^ 8) - 8)
}

/// Finds the number of a token.
fn find(piece: &str, continues: bool) -> Option<u32> {
    let mark: &[u8] = if continues { b"##" } else { b"" };
    let slots = SLOTS.len() / 2;
    let hash = fnv1a(mark.iter().chain(piece.as_bytes()));
    let mut slot = usize::try_from(hash % slots as u64).ok()?;
    loop {
        let taken = SLOTS.get(2 * slot..2 * slot + 2)?;
        let token = u16::from_le_bytes(taken.try_into().ok()?).checked_sub(1)?;
        let name = name(usize::from(token))?;
        if name.strip_prefix(mark) == Some(piece.as_bytes()) {
            return Some(u32::from(token));
        }
        slot = (slot + 1) % slots;
    }
}

/// The name of a token, with the mark of a continuation.
fn name(token: usize) -> Option<&'static [u8]> {
    let from = match token.checked_sub(1) {
        Some(before) => number(ENDS, 4 * before) + 1,
        None => 0,
    };
    TABLE.get(HEADER + from..HEADER + number(ENDS, 4 * token))
}

fn number(bytes: &[u8], at: usize) -> usize {
    let number = word_at(bytes, at).map_or(0, u32::from_le_bytes);
    usize::try_from(number).unwrap_or_default()
}

fn word_at(bytes: &[u8], at: usize) -> Option<[u8; 4]> {
    bytes.get(at..at + 4)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// Written by `tools/distill/reference.py`, which reads the table by another program.
    const FIXTURE: &str = include_str!("../../assets/static_fixture.json");

    #[test]
    fn texts_have_the_tokens_and_vectors_of_the_reference() {
        let fixture: Value = serde_json::from_str(FIXTURE).unwrap();
        assert_eq!(fixture["dims"], Table.dimensions());
        assert_eq!(fixture["tokens"], ENDS.len() / 4);
        let cases = fixture["cases"].as_array().unwrap();
        assert!(cases.len() > 50);
        for case in cases {
            let text = case["text"].as_str().unwrap();
            let tokens = Table.tokens(text);
            assert_eq!(serde_json::json!(tokens), case["tokens"], "{text:?}");
            let expected: Vec<f64> = case["embedding"]
                .as_array()
                .unwrap()
                .iter()
                .map(|part| part.as_f64().unwrap())
                .collect();
            match Table.embed(text) {
                None => assert!(
                    tokens.is_empty() && expected.iter().all(|part| *part == 0.0),
                    "{text:?}"
                ),
                Some(vector) => {
                    assert_eq!(vector.len(), expected.len());
                    for (part, expected) in vector.iter().zip(&expected) {
                        assert!((f64::from(*part) - expected).abs() < 2e-6, "{text:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_table_that_changes_has_another_name() {
        use sha2::{Digest as _, Sha256};

        let digest: String = Sha256::digest(TABLE)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(
            (Table.name(), digest.as_str()),
            (
                "static/1",
                "6bba2da9780165dabfbde7a8508705b8d08c3819f3294a9359245b537c454abe"
            ),
            "stored vectors are those of the table of that name"
        );
    }

    #[test]
    fn names_weigh_more_than_words() {
        for (name, word) in [
            ("b7741", "batch"),
            ("4471", "customer"),
            ("医学", "customer"),
            ("zyqxovir", "drug"),
        ] {
            assert!(
                Table.weight(name) > 1.5 * Table.weight(word),
                "{name} {} {word} {}",
                Table.weight(name),
                Table.weight(word)
            );
        }
        assert!(Table.weight("") > 0.0);
    }

    #[test]
    fn every_token_is_found_and_none_is_too_long() {
        let tokens = ENDS.len() / 4;
        assert!(tokens > 5_000);
        for token in 0..tokens {
            let name = str::from_utf8(name(token).unwrap()).unwrap();
            let (piece, continues) = match name.strip_prefix("##") {
                Some(piece) if !piece.is_empty() => (piece, true),
                _ => (name, false),
            };
            assert!(piece.len() <= LONGEST_PIECE, "{name}");
            assert_eq!(find(piece, continues), u32::try_from(token).ok(), "{name}");
        }
        assert_eq!(find("no such piece", false), None);
    }
}
