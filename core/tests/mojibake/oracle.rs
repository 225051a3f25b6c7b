//! Every garbling of the fixture, repaired by Rapport and by ftfy.
//!
//! Where the answers differ:
//! - windows-1252, Latin-1, once or more: Rapport wins back a few texts more. ftfy decodes the whole
//!   text, or else only what its heuristic finds bad in isolation, so that "Drugolâ„¢", "â„– 12" or
//!   "Hâ‚‚O" stay; and it goes on where the text is right, so that "×²" becomes a Hebrew letter. What
//!   only ftfy wins back is [`DOUBTFUL`].
//! - one word garbled among right ones: Rapport wins back 29 more, because a run is weighed with
//!   its neighbours. The same for text that is cut, where ftfy cannot decode the whole; what only
//!   ftfy wins back there are capitals in front of a stump ("MALMÃ–â€"), a sign Rapport leaves out.
//! - lost controls: nobody can win them back. ftfy puts U+FFFD for the character, and drops what
//!   it was made of; Rapport repairs what is whole and leaves the rest to be seen.
//! - no-break spaces made plain: both guess. Rapport does so only where a letter or a no-break
//!   space alone can have stood; ftfy also takes "Å ibenik" for "Šibenik", though "Å" is a word.
//! - windows-1250, windows-1251 and Mac Roman are read by ftfy only: the decision is in
//!   `docs/decisions`. What Rapport wins back there is what these share with windows-1252.

use std::collections::BTreeMap;

use rapport_core::mojibake::repair;

use super::fixture::recorded;

/// Right texts whose garbling is left, because it may be right: a lone capital and a closing mark.
/// "Ã" with a no-break space behind it, "Ã" with a line break (U+0085), "Ð" with a no-break space
/// and "Ñ" in a closing quote.
const DOUBTFUL: [&str; 3] = ["à", "Å", "Рё"];

/// Counts of one kind: both win the text back, only Rapport, only ftfy, neither.
type Counts = [usize; 4];

const EXPECTED: [(&str, Counts); 13] = [
    ("controls dropped", [0, 0, 0, 73]),
    ("controls replaced", [0, 0, 0, 82]),
    ("cut", [249, 54, 4, 2]),
    ("latin-1", [226, 3, 1, 0]),
    ("latin-1, then windows-1252", [226, 3, 1, 0]),
    ("mac-roman", [0, 0, 255, 55]),
    ("no-break spaces plain", [30, 4, 8, 6]),
    ("one word", [163, 29, 0, 6]),
    ("windows-1250", [4, 0, 260, 26]),
    ("windows-1251", [0, 0, 115, 195]),
    ("windows-1252", [300, 7, 2, 1]),
    ("windows-1252 three times", [111, 5, 2, 1]),
    ("windows-1252 twice", [300, 7, 2, 1]),
];

#[test]
fn no_right_text_is_touched() {
    let recorded = recorded();
    assert_eq!(recorded.len(), 310);
    for text in &recorded {
        assert_eq!(repair(&text.right), text.right);
    }
    // The oracle itself touches three: "5 Å°", "×² and x×³", and "“NÃO”, DISSE A IRMÃ”".
    assert_eq!(recorded.iter().filter(|text| !text.left_by_ftfy).count(), 3);
}

#[test]
fn what_ftfy_wins_back_from_windows_1252_is_won_back() {
    for text in recorded() {
        for garbled in text.garbled {
            let western = garbled.kind.starts_with("windows-1252")
                || garbled.kind.starts_with("latin-1")
                || garbled.kind == "one word";
            if western && garbled.ftfy == text.right && repair(&garbled.text) != text.right {
                assert!(
                    DOUBTFUL.contains(&text.right.as_str()),
                    "{}: {:?} is left",
                    garbled.kind,
                    garbled.text
                );
            }
        }
    }
}

#[test]
fn the_answers_agree_as_often_as_recorded() {
    let mut counts: BTreeMap<String, Counts> = BTreeMap::new();
    for text in recorded() {
        for garbled in text.garbled {
            let ours = repair(&garbled.text) == garbled.best;
            let class = match (ours, garbled.ftfy == garbled.best) {
                (true, true) => 0,
                (true, false) => 1,
                (false, true) => 2,
                (false, false) => 3,
            };
            counts.entry(garbled.kind).or_default()[class] += 1;
        }
    }
    let expected = EXPECTED.map(|(kind, counts)| (kind.to_owned(), counts));
    assert_eq!(counts, BTreeMap::from(expected));
}

/// What is damaged beyond repair keeps every character of it that was whole.
#[test]
fn a_lost_control_spoils_only_its_own_character() {
    assert_eq!(repair("â€œdÃ©jÃ\u{a0} vuâ€\u{fffd}"), "“déjà vuâ€\u{fffd}");
    assert_eq!(repair("â€œdÃ©jÃ\u{a0} vuâ€"), "“déjà vuâ€");
}
