//! A vector of hashed words and trigrams: texts are near that share them, whatever they mean.

use super::{Embedder, normalized, word_piece};

/// Places of the vector.
const DIMENSIONS: usize = 256;

/// How much more a whole word says than one of its trigrams.
const WORD: f32 = 2.0;

/// Counts words and their trigrams in places that a hash gives them (Weinberger et al. 2009).
///
/// ```
/// use rapport_core::embedding::{Embedder as _, Hash};
///
/// let near = |one: &str, other: &str| -> f32 {
///     let (one, other) = (Hash.embed(one).unwrap(), Hash.embed(other).unwrap());
///     one.iter().zip(&other).map(|(a, b)| a * b).sum()
/// };
/// assert!(near("side effects", "Side-effect") > near("side effects", "late parcel"));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Hash;

impl Embedder for Hash {
    fn name(&self) -> &'static str {
        "hash/1"
    }

    fn dimensions(&self) -> usize {
        DIMENSIONS
    }

    fn embed(&self, text: &str) -> Option<Vec<f32>> {
        let mut vector = vec![0.0; DIMENSIONS];
        let mut bounded = String::new();
        word_piece::words(text, |word| {
            if !word.contains(char::is_alphanumeric) {
                return;
            }
            add(&mut vector, word, WORD);
            bounded.clear();
            bounded.extend([" ", word, " "]);
            let starts: Vec<usize> = bounded.char_indices().map(|(at, _)| at).collect();
            for (nth, start) in starts.iter().enumerate() {
                let end = starts.get(nth + 3).copied().unwrap_or(bounded.len());
                if nth + 3 <= starts.len() {
                    add(
                        &mut vector,
                        bounded.get(*start..end).unwrap_or_default(),
                        1.0,
                    );
                }
            }
        });
        normalized(vector)
    }
}

/// Adds a weight at the place of a feature, with a sign so that features that meet there cancel out
/// on average.
fn add(vector: &mut [f32], feature: &str, weight: f32) {
    let hash = fnv1a(feature.as_bytes());
    let sign = if hash >> 63 == 0 { 1.0 } else { -1.0 };
    let place = usize::try_from(hash % (DIMENSIONS as u64)).unwrap_or_default();
    if let Some(part) = vector.get_mut(place) {
        *part += sign * weight;
    }
}

/// The 64-bit FNV-1a hash, which is the same everywhere and for ever (<https://www.rfc-editor.org/rfc/rfc9923>).
pub(super) fn fnv1a<'a>(bytes: impl IntoIterator<Item = &'a u8>) -> u64 {
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_words_has_no_vector() {
        for text in ["", "  ", "?!", "\u{0}"] {
            assert_eq!(Hash.embed(text), None, "{text:?}");
        }
    }

    #[test]
    fn vectors_have_the_length_one_and_never_change() {
        let vector = Hash.embed("Drug efficacy").unwrap();
        assert_eq!(vector.len(), DIMENSIONS);
        let length: f32 = vector.iter().map(|part| part * part).sum();
        assert!((length - 1.0).abs() < 1e-5);
        assert_eq!(Some(vector), Hash.embed("DRUG  efficacy"));
        // The published value for the text "foobar".
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
