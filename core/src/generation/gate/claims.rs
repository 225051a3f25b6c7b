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
pub(super) fn no_placeholder(masked: &str) -> Result<(), String> {
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

/// Refuses promises; where a safety matter is on record, advice and promotion as well.
pub(super) fn no_promise(masked: &str, sensitive: bool) -> Result<(), String> {
    let words = words(masked);
    if let Some(found) = PROMISES.iter().find(|phrase| words.contains(**phrase)) {
        return Err(format!("it makes a promise (\"{}\")", found.trim()));
    }
    let found = ADVICE_AND_PROMOTION
        .iter()
        .find(|phrase| words.contains(**phrase));
    match found.filter(|_| sensitive) {
        Some(found) => Err(format!(
            "it gives advice or promotes (\"{}\") where a safety matter is on record",
            found.trim()
        )),
        None => Ok(()),
    }
}
