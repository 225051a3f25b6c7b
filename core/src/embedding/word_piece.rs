//! Splits a text into the pieces of a vocabulary, as BERT's uncased tokenizer does (Devlin et al.
//! 2018; the rules are those of `BertNormalizer`, `BertPreTokenizer` and `WordPiece` of Hugging
//! Face's tokenizers).

use unicode_normalization::UnicodeNormalization as _;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory as _};

/// The most characters of a word; a longer one is none.
const LONGEST_WORD: usize = 100;

/// Calls back with every word of a text: lower case, without accents, punctuation marks and CJK
/// characters alone.
pub(super) fn words(text: &str, mut word: impl FnMut(&str)) {
    let mut current = String::new();
    let mut end = |current: &mut String| {
        if !current.is_empty() {
            word(current);
            current.clear();
        }
    };
    // Most texts: nothing to decompose, nothing to look up.
    if text.is_ascii() {
        for byte in text.bytes() {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => end(&mut current),
                byte if byte.is_ascii_alphanumeric() => {
                    current.push(char::from(byte.to_ascii_lowercase()));
                }
                byte if byte.is_ascii_punctuation() => {
                    end(&mut current);
                    current.push(char::from(byte));
                    end(&mut current);
                }
                _ => {}
            }
        }
        end(&mut current);
        return;
    }
    for character in text.chars().filter(|&c| !is_removed(c)).nfd() {
        if is_space(character) {
            end(&mut current);
        } else if character.general_category() == GeneralCategory::NonspacingMark {
            // An accent.
        } else if is_punctuation(character) || is_cjk(character) {
            end(&mut current);
            current.extend(character.to_lowercase());
            end(&mut current);
        } else {
            current.extend(character.to_lowercase());
        }
    }
    end(&mut current);
}

/// Appends the pieces of a word, each the longest that `find` knows; those behind the first are asked
/// for as continuations. Returns false, with nothing appended, when a part of the word is in no piece.
pub(super) fn pieces(
    word: &str,
    longest_piece: usize,
    find: impl Fn(&str, bool) -> Option<u32>,
    found: &mut Vec<u32>,
) -> bool {
    let before = found.len();
    let mut rest = word;
    if word.chars().nth(LONGEST_WORD).is_some() {
        return false;
    }
    while !rest.is_empty() {
        let continues = rest.len() < word.len();
        let longest = (1..=rest.len().min(longest_piece)).rev();
        let piece = longest
            .filter_map(|end| rest.split_at_checked(end))
            .find_map(|(piece, behind)| Some((find(piece, continues)?, behind)));
        let Some((id, behind)) = piece else {
            found.truncate(before);
            return false;
        };
        found.push(id);
        rest = behind;
    }
    true
}

/// Characters that are no text: NUL, the replacement character, and all of the category "other" that
/// are not white space.
fn is_removed(character: char) -> bool {
    character == '\u{fffd}'
        || !is_space(character) && character.general_category_group() == GeneralCategoryGroup::Other
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
        || character.is_whitespace() && !character.is_control()
}

fn is_punctuation(character: char) -> bool {
    character.is_ascii_punctuation()
        || !character.is_ascii()
            && character.general_category_group() == GeneralCategoryGroup::Punctuation
}

/// Characters of which each is a word, as BERT has them.
fn is_cjk(character: char) -> bool {
    matches!(
        u32::from(character),
        0x4E00..=0x9FFF
            | 0x3400..=0x4DBF
            | 0x20000..=0x2A6DF
            | 0x2A700..=0x2B73F
            | 0x2B740..=0x2B81F
            | 0x2B820..=0x2CEAF
            | 0xF900..=0xFAFF
            | 0x2F800..=0x2FA1F
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn split(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        words(text, |word| found.push(word.to_owned()));
        found
    }

    #[rstest]
    #[case("", &[])]
    #[case(" \t\r\n\u{a0}", &[])]
    #[case("Side Effects", &["side", "effects"])]
    #[case("Crème brûlée", &["creme", "brulee"])]
    #[case("won't pay 3.50!", &["won", "'", "t", "pay", "3", ".", "50", "!"])]
    #[case("“quoted”—so", &["“", "quoted", "”", "—", "so"])]
    #[case("药物x", &["药", "物", "x"])]
    #[case("a\u{0}b\u{200b}c\u{fffd}d", &["abcd"])]
    #[case("ÅNGSTRÖM", &["angstrom"])]
    #[case("a`b^c", &["a", "`", "b", "^", "c"])]
    fn words_are_those_of_bert(#[case] text: &str, #[case] expected: &[&str]) {
        assert_eq!(split(text), expected);
    }

    fn known(piece: &str, continues: bool) -> Option<u32> {
        let pieces = ["un", "##aff", "##able", "aff", "##a", "ü", "##ü"];
        let name = if continues {
            format!("##{piece}")
        } else {
            piece.to_owned()
        };
        let at = pieces.iter().position(|piece| *piece == name)?;
        u32::try_from(at).ok()
    }

    #[rstest]
    #[case("unaffable", Some(&[0, 1, 2][..]))]
    #[case("una", Some(&[0, 4][..]))]
    #[case("aff", Some(&[3][..]))]
    #[case("able", None)]
    #[case("unx", None)]
    #[case("üü", Some(&[5, 6][..]))]
    #[case("", Some(&[][..]))]
    fn pieces_are_the_longest(#[case] word: &str, #[case] expected: Option<&[u32]>) {
        let mut found = vec![7];
        let whole = pieces(word, 8, known, &mut found);
        assert_eq!(whole.then(|| &found[1..]), expected);
        if !whole {
            assert_eq!(found, [7]);
        }
    }

    #[test]
    fn a_word_of_more_than_a_hundred_characters_is_none() {
        let find = |_: &str, _: bool| Some(0);
        let mut found = Vec::new();
        assert!(pieces(&"é".repeat(100), 8, find, &mut found));
        assert!(!pieces(&"é".repeat(101), 8, find, &mut found));
    }

    proptest! {
        #[test]
        fn plain_texts_are_split_like_others(text in "[ -~\\t\\n\\x01]{0,40}") {
            // The last word makes the text one that is not ASCII.
            let mut found = split(&format!("{text} é"));
            let last = found.pop();
            prop_assert_eq!(last.as_deref(), Some("e"));
            prop_assert_eq!(split(&text), found);
        }

        #[test]
        fn no_text_is_too_strange(text in "\\PC{0,40}|.{0,40}") {
            for word in split(&text) {
                prop_assert!(!word.is_empty());
                prop_assert!(!word.contains(char::is_whitespace));
            }
        }
    }
}
