//! A text in UTF-8 with a few bytes that are not keeps all of its characters.

use encoding_rs::WINDOWS_1252;
use proptest::prelude::*;
use rapport_core::source::{Input, Limits, SourceFile, StrayBytes};

use crate::fixtures::texts;
use crate::streams::Pieces;

/// What a text is read in: the size of its pieces.
const PIECE: usize = 64 * 1024;

/// The lines of a text with one column, and its stray bytes, however it comes.
fn lines(content: &[u8], sizes: &[usize]) -> (Vec<String>, Option<StrayBytes>) {
    let input = Input::Text(Box::new(Pieces::new(content, sizes)));
    let mut file = SourceFile::open(input, "a.csv", &Limits::default()).unwrap();
    assert!(
        file.encoding().unwrap().starts_with("UTF-8"),
        "{:?}",
        file.encoding()
    );
    let strays = file.stray_bytes();
    let rows: Vec<_> = file.rows("a").unwrap().map(Result::unwrap).collect();
    let lines = texts(&rows).into_iter().flat_map(|(_, cells)| cells);
    (lines.collect(), strays)
}

/// Puts bytes into a text, and what windows-1252 makes of them into another one.
fn with_strays(text: &str, at: usize, bytes: &[u8]) -> (Vec<u8>, String) {
    let (before, behind) = text.split_at(at);
    let content = [before.as_bytes(), bytes, behind.as_bytes()].concat();
    let stray = WINDOWS_1252.decode_without_bom_handling(bytes).0;
    (content, format!("{before}{stray}{behind}"))
}

fn check(content: &[u8], text: &str, strays: StrayBytes, sizes: &[usize]) {
    let expected: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    let (found, counted) = lines(content, sizes);
    assert!(
        found == expected,
        "{} lines, {} expected",
        found.len(),
        expected.len()
    );
    assert_eq!(counted, Some(strays));
}

#[test]
fn one_stray_byte_changes_nothing_else() {
    // Lines of 152 bytes with characters of two, three and four.
    let text = format!("{}x\n", "aé€𝄞".repeat(15)).repeat(1_400);
    assert!(text.len() > 3 * PIECE);
    let places = [0, PIECE, 2 * PIECE, text.len() - 1]
        .into_iter()
        .flat_map(|place| place.saturating_sub(6)..=(place + 6).min(text.len() - 1))
        .filter(|place| text.is_char_boundary(*place));
    for at in places {
        let line = at as u64 / 152 + 1;
        // An é, a €, and a € and a 𝄞 whose ends are missing.
        for bytes in [b"\xE9".as_slice(), b"\x80", b"\xE2\x82", b"\xF0\x9D\x84"] {
            let (content, expected) = with_strays(&text, at, bytes);
            let strays = StrayBytes {
                count: bytes.len() as u64,
                line,
            };
            for sizes in [[PIECE].as_slice(), &[4_096, 1, 100_000]] {
                check(&content, &expected, strays, sizes);
            }
        }
    }
}

#[test]
fn a_last_character_may_be_cut() {
    for (end, expected) in [
        (b"\xC3".as_slice(), "Ã"),
        (b"\xE2\x82", "â‚"),
        (b"\xF0\x9D\x84", "ð\u{9d}„"),
    ] {
        for padding in [0, PIECE - 63, PIECE - 62, PIECE - 61, PIECE - 60] {
            let text = format!("{}\n{}", "x".repeat(padding), "é".repeat(30));
            let content = [text.as_bytes(), end].concat();
            let strays = StrayBytes {
                count: end.len() as u64,
                line: 2,
            };
            check(&content, &format!("{text}{expected}"), strays, &[PIECE]);
        }
    }
}

#[test]
fn a_byte_order_mark_is_not_shown() {
    let text = "é,".repeat(20);
    let content = [b"\xEF\xBB\xBF", text.as_bytes(), b"\xE9"].concat();
    let (found, strays) = lines(&content, &[3]);
    assert_eq!(found.concat(), "é".repeat(21));
    assert_eq!(strays, Some(StrayBytes { count: 1, line: 1 }));
}

#[test]
fn nothing_but_stray_bytes_is_another_encoding() {
    for content in [
        b"Caf\xE9 au lait, d\xE9j\xE0 vu, na\xEFve\n".repeat(10_000),
        encoding_rs::SHIFT_JIS
            .encode(&"お客様は新しい薬の効果について質問しました。\n".repeat(10_000))
            .0
            .into_owned(),
        encoding_rs::GBK
            .encode(&"客户们昨天讨论了新的药物疗效和副作用，并要求提供样品。\n".repeat(10_000))
            .0
            .into_owned(),
    ] {
        let input = Input::Text(Box::new(Pieces::new(&content, &[PIECE])));
        let file = SourceFile::open(input, "a.csv", &Limits::default()).unwrap();
        assert_eq!(file.stray_bytes(), None);
        let encoding = file.encoding().unwrap();
        assert!(
            ["windows-1252", "Shift_JIS", "GBK"].contains(&encoding),
            "{encoding}"
        );
    }
}

/// Characters that are no delimiters, no quotes and no white space.
fn characters() -> impl Strategy<Value = String> {
    "[a-zé€𝄞Жя日本ß]{1,40}"
}

proptest! {
    #[test]
    fn all_other_characters_stay(
        words in prop::collection::vec(characters(), 1..40),
        places in prop::collection::vec((any::<prop::sample::Index>(), 0x80_u8..), 1..5),
        padding in prop_oneof![Just(0), PIECE - 200..PIECE + 20],
        sizes in prop::collection::vec(1_usize..5_000, 1..4),
    ) {
        // A line that cannot become two, and enough characters to be sure of the encoding.
        let text = format!("{}{}\n{}", "x".repeat(padding), words.join("\n"), "é".repeat(60));
        let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        // Two strays side by side may be a character.
        let strays: std::collections::BTreeMap<usize, u8> = places
            .iter()
            .map(|(place, byte)| (ends[place.index(ends.len())], *byte))
            .collect();
        let (mut content, mut expected) = (text.clone().into_bytes(), text.clone());
        for (&at, byte) in strays.iter().rev() {
            content.insert(at, *byte);
            expected.insert_str(at, &WINDOWS_1252.decode_without_bom_handling(&[*byte]).0);
        }
        let first = *strays.keys().next().unwrap();
        let line = text[..first].matches('\n').count() as u64 + 1;
        let expected: Vec<&str> = expected.split('\n').collect();
        let (found, counted) = lines(&content, &sizes);
        prop_assert_eq!(found, expected);
        prop_assert_eq!(counted, Some(StrayBytes { count: strays.len() as u64, line }));
    }
}
