//! Garblings and right texts, one by one.

use std::cell::Cell;

use proptest::prelude::*;
use rstest::rstest;

use encoding_rs::WINDOWS_1252;

use super::*;

/// Garbles as a careless reader does, by an independent path: bytes, then encoding_rs.
fn garble(text: &str) -> String {
    WINDOWS_1252
        .decode_without_bom_handling(text.as_bytes())
        .0
        .into_owned()
}

#[rstest]
#[case("cafÃ©", "café")]
#[case("CAFÃ‰", "CAFÉ")]
#[case("Ã‰cole", "École")]
#[case("MÃ¼ller", "Müller")]
#[case("Ã…ngstrÃ¶m", "Ångström")]
#[case("Ã–sterreich", "Österreich")]
#[case("StraÃŸe", "Straße")]
#[case("donâ€™t", "don’t")]
#[case("â€œyesâ€\u{9d}", "“yes”")]
#[case("a â€“ b", "a – b")]
#[case("5Â mg", "5\u{a0}mg")]
#[case("voilÃ  la", "voilà la")]
#[case("5Â\u{a0}mg", "5\u{a0}mg")]
#[case("37Â°C", "37°C")]
#[case("â‚¬ 5", "€ 5")]
#[case("Drugâ„¢", "Drug™")]
#[case("Å‚Ã³dÅº", "łódź")]
#[case("ÐŸÑ€Ð¸Ð²ÐµÑ‚", "Привет")]
#[case("æ—¥æœ¬", "日本")]
#[case("Ä°stanbul", "İstanbul")]
#[case("cÅ“ur", "cœur")]
#[case("Å“uvre", "œuvre")]
#[case("piÄ™kny", "piękny")]
#[case("ÄÂ\u{8d}Ã…Â¡", "čš")]
#[case("ðŸ˜€", "😀")]
#[case("ï»¿Email", "\u{feff}Email")]
#[case("voilÃ\u{a0} la", "voilà la")]
#[case("naïve cafÃ©", "naïve café")]
#[case("cafeÌ\u{81}", "cafe\u{301}")]
#[case("cÃ…Â“ur", "cœur")]
#[case("ÃƒÂ©tÃƒÂ©", "été")]
#[case("ÃƒÆ’Ã‚Â©", "é")]
#[case("Ã\u{a9}", "é")]
#[case("latin-1: cafÃ\u{a9} â\u{80}\u{99}", "latin-1: café ’")]
fn garbled_text_is_repaired(#[case] before: &str, #[case] after: &str) {
    assert_eq!(repair(before), after);
}

#[rstest]
#[case("naïve")]
#[case("Ångström")]
#[case("Ã")]
#[case("AÇÃO")]
#[case("SÃO PAULO")]
#[case("“MAÇÔ")]
#[case("A IRMÃ…")]
#[case("CAFÉ’S")]
#[case("VÝŠKA")]
#[case("ÑANDÚ\u{a0}×²")]
#[case("“zoè’žáš”")]
#[case("NEUBLÍŽÍŠ")]
#[case("ÚŽASNÝ")]
#[case("« voilà\u{a0}»")]
#[case("prix fixé\u{a0}£50")]
#[case("“voilé’”")]
#[case("ESPAÑA")]
#[case("MALMÖ…")]
#[case("GÖTEBORG™")]
#[case("„BLÅ“")]
#[case("5 Å°")]
#[case("Â")]
#[case("5 µg/m² ± 2°")]
#[case("日本")]
#[case("😀 Привет")]
#[case("Ÿ€")]
fn right_text_is_left(#[case] text: &str) {
    assert_eq!(repair_once(text), None);
}

thread_local! {
    static LOOKS: Cell<usize> = const { Cell::new(0) };
}

/// Counts how often a character is looked up among the bytes of windows-1252.
pub(super) fn count_look() {
    LOOKS.set(LOOKS.get() + 1);
}

/// Repairs, and tells how many characters were looked up.
fn looks(text: &str) -> (Cow<'_, str>, usize) {
    LOOKS.set(0);
    let repaired = repair(text);
    (repaired, LOOKS.get())
}

#[test]
fn a_megabyte_takes_one_pass_per_round() {
    let text = "Ã©".repeat(500_000);
    let (repaired, looks_taken) = looks(&text);
    assert_eq!(repaired, "é".repeat(500_000));
    // Two characters a run; then "é" after "é", each a lead whose next is no continuation.
    assert_eq!(looks_taken, 1_000_000 + 999_999);
    let deep = (0..12).fold("é".to_owned(), |text, _| garble(&text));
    assert_eq!(repair(&deep), "é");
}

/// Texts made to need a round for every few characters: each is left, after 20 passes.
#[rstest]
#[case::to_the_right("Ã", "ƒ", "")]
#[case::to_the_left("", "Â", "©")]
#[case::leads_alone("", "ð", "")]
#[case::all_but_the_last("", "ðŸ˜", "")]
#[case::long_and_broken("", "é»", "")]
fn crafted_text_is_left_in_few_passes(
    #[case] start: &str,
    #[case] middle: &str,
    #[case] end: &str,
) {
    let crafted = |times| format!("{start}{}{end}", middle.repeat(times));
    let text = crafted(100_000);
    let characters = text.chars().count();
    let (repaired, looks_taken) = looks(&text);
    assert_eq!(repaired, text);
    assert!(looks_taken <= 4 * 21 * characters, "{looks_taken} looks");
}

#[test]
fn nested_leads_are_left_in_few_passes() {
    let text = format!("{}€{}", "â".repeat(40_000), "š¬".repeat(20_000));
    let (repaired, looks_taken) = looks(&text);
    assert_eq!(repaired, text);
    assert!(looks_taken <= 4 * 21 * 80_001, "{looks_taken} looks");
}

proptest! {
    #[test]
    fn text_without_a_lead_letter_is_untouched(text in "[^\u{C2}-\u{F4}]*") {
        prop_assert_eq!(repair_once(&text), None);
    }

    #[test]
    fn lead_letters_before_ascii_are_untouched(words in prop::collection::vec("[A-Za-zÀ-ÿ][a-z,.!]", 0..20)) {
        prop_assert_eq!(repair_once(&words.concat()), None);
    }

    #[test]
    fn western_words_come_back(word in "[a-z]{1,5}[à-öø-ÿ][a-z]{1,5}", rounds in 1_usize..4) {
        let garbled = (0..rounds).fold(word.clone(), |text, _| garble(&text));
        prop_assert_eq!(repair(&garbled), word);
    }

    #[test]
    fn repairing_is_total_and_final(text in "[À-ÿ\u{80}-\u{BF}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸa-cA-C ]*") {
        let once = repair(&text).into_owned();
        prop_assert_eq!(repair(&once), once.as_str());
    }
}
