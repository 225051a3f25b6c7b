//! Words that no text may hold, and words that a text about a safety matter may not hold.
//!
//! The lists are deliberately blunt: a refused sentence costs little, an unfounded promise about
//! a medicine does not.

use crate::generation::label;

/// Promises that nobody may make. A space stands for the edge of a word.
const PROMISES: [&str; 13] = [
    " cure ",
    " cures ",
    " miracle",
    " guarantee",
    " clinically proven",
    " risk free",
    " without risk",
    " no risk",
    " no side effects",
    " without side effects",
    " completely safe",
    " totally safe",
    " absolutely safe",
];

/// Advice and promotion, out of place where a safety matter is on record.
const ADVICE_AND_PROMOTION: [&str; 46] = [
    " effective",
    " efficac",
    " safe ",
    " safely ",
    " safer ",
    " well tolerated",
    " tolerable",
    " recommend",
    " advise ",
    " advice is ",
    " dose",
    " dosage",
    " dosing",
    " prescribe ",
    " treat ",
    " treatment",
    " treats ",
    " therapy",
    " best ",
    " proven",
    " benefit",
    " superior",
    " better than ",
    " discount",
    " special offer",
    " promotion",
    " stop taking",
    " start taking",
    " keep taking",
    " continue taking",
    " stop using",
    " continue using",
    " symptom",
    " diagnos",
    " you should ",
    " harmless",
    " nothing to worry",
    " no need to worry",
    " not related to",
    " unrelated to",
    " caused by",
    " innovative",
    " breakthrough",
    " leading ",
    " buy ",
    " new product",
];

/// Refuses what was to be filled in and was not.
pub(crate) fn no_placeholder(masked: &str) -> Result<(), String> {
    if label::has_template_marks(masked) {
        return Err("it holds a placeholder".to_owned());
    }
    let words: Vec<&str> = masked
        .split(|c: char| c.is_whitespace() || (c.is_ascii_punctuation() && c != '/'))
        .filter(|word| !word.is_empty())
        .collect();
    for (position, word) in words.iter().enumerate() {
        let found = match *word {
            "None" | "none" => words.get(position + 1) != Some(&"of"),
            "Null" | "null" | "NULL" | "NaN" | "nan" | "undefined" | "Undefined" | "Unknown"
            | "N/A" | "n/a" | "TBD" | "TODO" | "XXX" | "Lorem" => true,
            _ => false,
        };
        if found {
            return Err(format!("it holds the placeholder \"{word}\""));
        }
    }
    Ok(())
}

/// Refuses a greeting or a signature, which are added to the text by other means.
pub(super) fn no_frame(text: &str) -> Result<(), String> {
    const FRAMES: [&str; 9] = [
        "dear ",
        "kind regards",
        "best regards",
        "warm regards",
        "with best wishes",
        "yours sincerely",
        "yours faithfully",
        "sincerely",
        "subject:",
    ];
    let folded = label::fold(text);
    if FRAMES.iter().any(|frame| folded.starts_with(frame)) {
        return Err("it is a greeting or a signature of its own".to_owned());
    }
    Ok(())
}

/// Words that commit somebody to do something.
const COMMITMENTS: [&str; 12] = [
    " we will ",
    " we shall ",
    " we ll ",
    " i will ",
    " i shall ",
    " i ll ",
    " will be ",
    " will get ",
    " will receive ",
    " will answer ",
    " will contact ",
    " will come back ",
];

/// Refuses to commit anybody to what nobody has decided.
pub(super) fn no_commitment(masked: &str) -> Result<(), String> {
    let words = words(masked);
    match COMMITMENTS.iter().find(|phrase| words.contains(**phrase)) {
        Some(found) => Err(format!(
            "it commits somebody (\"{}\") where a safety matter is on record",
            found.trim()
        )),
        None => Ok(()),
    }
}

/// Writes the words of a text in lower case, each between spaces.
fn words(text: &str) -> String {
    let mut words = String::from(" ");
    for character in text.chars().map(label::lower) {
        if character.is_alphanumeric() {
            words.push(character);
        } else if !words.ends_with(' ') {
            words.push(' ');
        }
    }
    words.push(' ');
    words
}

/// Refuses promises.
pub(super) fn no_promise(masked: &str) -> Result<(), String> {
    let words = words(masked);
    match PROMISES.iter().find(|phrase| words.contains(**phrase)) {
        Some(found) => Err(format!("it makes a promise (\"{}\")", found.trim())),
        None => Ok(()),
    }
}

/// Refuses advice and promotion, which have no place where a safety matter is on record.
pub(super) fn no_advice(masked: &str) -> Result<(), String> {
    let words = words(masked);
    // An order to keep silent names what it is silent about.
    let silent = words.find(" do not discuss ");
    let found = ADVICE_AND_PROMOTION.iter().find(|phrase| {
        words
            .find(**phrase)
            .is_some_and(|at| silent.is_none_or(|silent| at < silent))
    });
    match found {
        Some(found) => Err(format!(
            "it gives advice or promotes (\"{}\") where a safety matter is on record",
            found.trim()
        )),
        None => Ok(()),
    }
}

/// Refuses addresses and links; that of the safety contact is covered before.
pub(crate) fn no_address(masked: &str) -> Result<(), String> {
    let inner_dot = |word: &str| {
        let mut sides = word.trim_matches(|c: char| !c.is_alphanumeric()).split('.');
        sides.clone().count() > 1
            && sides.all(|side| side.chars().count() > 1 && side.chars().any(char::is_alphabetic))
    };
    if masked.contains('@') || masked.split_whitespace().any(inner_dot) {
        return Err("it holds an address or a link".to_owned());
    }
    Ok(())
}

/// Refuses marks that no sentence needs, and sentences without a word.
pub(crate) fn no_odd_marks(masked: &str) -> Result<(), String> {
    const ODD: [char; 11] = ['_', '*', '|', '\\', '^', '=', '<', '>', '{', '}', '`'];
    if let Some(mark) = masked.chars().find(|mark| ODD.contains(mark)) {
        return Err(format!("it holds the mark \"{mark}\""));
    }
    if !masked.contains(|sign: char| sign.is_alphabetic() || sign == super::mask::COVER) {
        return Err("it has no word".to_owned());
    }
    Ok(())
}

/// Refuses a sentence that breaks off.
pub(crate) fn is_whole(masked: &str) -> Result<(), String> {
    let end = masked.trim_end().chars().next_back();
    if end.is_some_and(|end| end.is_alphanumeric() || matches!(end, ',' | '-' | '–' | '(')) {
        return Err("it breaks off".to_owned());
    }
    Ok(())
}

/// Refuses a code outside of quotation marks: letters and digits in one word are copied, not told,
/// and what a note orders to be written is most often one.
pub(crate) fn no_code(masked: &str) -> Result<(), String> {
    let is_code = |word: &&str| {
        let letters: String = word.chars().filter(|sign| sign.is_alphabetic()).collect();
        word.chars().any(|sign| sign.is_ascii_digit())
            && !letters.is_empty()
            && !["st", "nd", "rd", "th", "am", "pm", "h"].contains(&letters.to_lowercase().as_str())
    };
    let mut words = masked
        .split(char::is_whitespace)
        .map(|word| word.trim_matches(|sign: char| !sign.is_alphanumeric()));
    match words.find(is_code) {
        Some(code) => Err(format!(
            "the code \"{}\" stands outside of quotation marks",
            label::shorten(code, 40)
        )),
        None => Ok(()),
    }
}
