//! How a label of the data is cleaned, compared and shown in a text.
//!
//! A label may be anything that stood in a cell. It is never dropped for looking odd; but one
//! that stands for "nothing", that holds template marks or that gives orders to a machine is not
//! repeated to a customer. What is not plain words stands in quotation marks.

use crate::label::{JOINERS, joins};

/// The longest label that a text shows, in characters; what is longer ends in an ellipsis.
const LONGEST_SHOWN: usize = 60;

/// Words that stand for a missing value.
const NOTHING: [&str; 14] = [
    "none",
    "null",
    "nil",
    "nan",
    "undefined",
    "unknown",
    "n/a",
    "na",
    "not available",
    "not applicable",
    "missing",
    "tbd",
    "todo",
    "xxx",
];

/// Number words that count something.
pub(crate) const NUMBER_WORDS: [(&str, u64); 30] = [
    ("zero", 0),
    ("one", 1),
    ("once", 1),
    ("two", 2),
    ("twice", 2),
    ("three", 3),
    ("thrice", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("dozen", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("hundred", 100),
    ("thousand", 1_000),
];

/// The months, in order.
pub(crate) use crate::month::NAMES as MONTHS;

/// The days of the week, from Monday.
pub(crate) const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// Removes invisible and control characters, folds white space, and cuts to `limit` characters.
pub(crate) fn clean(text: &str, limit: usize) -> String {
    let mut cleaned = String::new();
    let mut length = 0_usize;
    let mut pending_space = false;
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if character.is_whitespace() {
            pending_space = length > 0;
        } else if !is_invisible(character)
            || (!pending_space
                && joins(cleaned.chars().next_back(), character, rest.clone().next()))
        {
            let needed = 1 + usize::from(pending_space);
            if length.saturating_add(needed) > limit {
                break;
            }
            if pending_space {
                cleaned.push(' ');
                length += 1;
                pending_space = false;
            }
            cleaned.push(character);
            length += 1;
        }
    }
    // A cut may leave a joiner with nothing to join.
    cleaned.truncate(cleaned.trim_end_matches(JOINERS).len());
    cleaned
}

/// Tells whether a text holds a character that nobody sees and that is not part of a spelling.
pub(crate) fn has_hidden(text: &str) -> bool {
    let mut before = None;
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if is_invisible(character) && !joins(before, character, rest.clone().next()) {
            return true;
        }
        before = Some(character);
    }
    false
}

/// Tells whether a character is a control, or one that changes how its neighbours are shown.
pub(crate) fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Lowers one character to one character, so that lengths stay.
pub(crate) fn lower(character: char) -> char {
    match character {
        '“' | '”' | '„' | '‟' | '"' | '«' | '»' | '’' | '‘' => '\'',
        other => other.to_lowercase().next().unwrap_or(other),
    }
}

/// Returns the form in which two labels are compared.
pub(crate) fn fold(text: &str) -> String {
    let cleaned = clean(text, usize::MAX);
    let seen = cleaned.chars().filter(|c| !JOINERS.contains(c));
    seen.map(lower).collect()
}

/// Cuts a text at a word, if it can, so that it has at most `limit` characters.
pub(crate) fn shorten(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let cut: String = text.chars().take(limit.saturating_sub(1)).collect();
    let at_word = cut.rfind(' ').filter(|position| *position > limit / 2);
    let kept = at_word.and_then(|position| cut.get(..position));
    let kept = kept.unwrap_or(&cut).trim_end();
    format!("{}…", kept.trim_end_matches(JOINERS))
}

/// Tells whether a label stands for a missing value.
pub(crate) fn is_nothing(text: &str) -> bool {
    let folded = fold(text);
    let bare = folded.trim_matches(|c: char| !c.is_alphanumeric());
    bare.is_empty() || NOTHING.contains(&bare)
}

/// Tells whether a text holds marks of a template that nobody filled, or markup.
pub(crate) fn has_template_marks(text: &str) -> bool {
    if ["{{", "}}", "{%", "${", "#{", "<%"]
        .iter()
        .any(|mark| text.contains(mark))
    {
        return true;
    }
    let characters: Vec<char> = text.chars().collect();
    characters.windows(2).any(|pair| match pair {
        ['[' | '<', next] => next.is_alphabetic() || matches!(next, '/' | '!'),
        _ => false,
    })
}

/// Tells whether a label reads like an order to a machine, or leads elsewhere.
pub(crate) fn reads_like_instruction(text: &str) -> bool {
    const SIGNS: [&str; 19] = [
        "://",
        "www.",
        "ignore previous",
        "ignore all",
        "ignore the",
        "ignore any",
        "disregard",
        "system prompt",
        "instruction",
        "you are now",
        "you must",
        "as an ai",
        "language model",
        "end data",
        "begin data",
        "system:",
        "assistant:",
        "user:",
        "```",
    ];
    let folded = fold(text);
    SIGNS.iter().any(|sign| folded.contains(sign))
}

/// Tells whether a label can be repeated at all.
pub(crate) fn is_presentable(text: &str) -> bool {
    !is_nothing(text) && !has_template_marks(text) && !reads_like_instruction(text)
}

/// Tells whether a label reads as words in a sentence, so that it needs no quotation marks.
pub(crate) fn is_plain(text: &str) -> bool {
    let words_only = text
        .chars()
        .all(|c| c.is_alphabetic() || matches!(c, ' ' | '-' | '&'));
    words_only
        && text.starts_with(char::is_alphabetic)
        && text.ends_with(char::is_alphabetic)
        && text.chars().count() <= LONGEST_SHOWN
        && !text.split([' ', '-', '&']).any(|word| {
            let word = fold(word);
            NOTHING.contains(&word.as_str())
                || NUMBER_WORDS.iter().any(|(number, _)| *number == word)
                || month_of(&word).is_some()
                || WEEKDAYS.contains(&word.as_str())
        })
}

/// Returns the number of a month, from 1, for its name or its usual abbreviation.
pub(crate) fn month_of(word: &str) -> Option<i8> {
    let word = word.trim_end_matches('.');
    let short = if word == "sept" { "sep" } else { word };
    let position = MONTHS
        .iter()
        .position(|month| *month == short || (short.len() == 3 && month.starts_with(short)))?;
    i8::try_from(position + 1).ok()
}

/// Returns the label as a text shows it: plain words as they are, anything else shortened and in
/// quotation marks, and nothing when it must not be repeated.
pub(crate) fn shown(text: &str) -> Option<String> {
    if !is_presentable(text) {
        return None;
    }
    if is_plain(text) {
        return Some(text.to_owned());
    }
    quoted(text)
}

/// Returns the label shortened and in quotation marks, or nothing when it must not be repeated.
pub(crate) fn quoted(text: &str) -> Option<String> {
    if !is_presentable(text) {
        return None;
    }
    let inner = quotable(&clean(text, usize::MAX));
    Some(format!("“{}”", shorten(&inner, LONGEST_SHOWN)))
}

/// Makes single marks of the marks of quotations in a text, as one of them would end a quotation of it.
pub(crate) fn quotable(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '“' | '”' | '„' | '‟' | '"' | '«' | '»' => '\'',
            other => other,
        })
        .collect()
}

/// Tells whether a quotation repeats a label, in full or up to an ellipsis.
pub(crate) fn is_quotation_of(quotation: &str, label: &str) -> bool {
    let (quotation, label) = (fold(quotation), fold(label));
    if quotation == label {
        return true;
    }
    quotation
        .strip_suffix('…')
        .is_some_and(|start| start.chars().count() >= 20 && label.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleans_what_cannot_be_seen() {
        assert_eq!(clean(" a\u{202e}b \n\t c\u{0} ", 100), "ab c");
        assert_eq!(clean("abcdef", 3), "abc");
        assert_eq!(clean("ab cdef", 3), "ab");
        assert_eq!(clean("ab cdef", 4), "ab c");
    }

    #[test]
    fn keeps_joiners_that_are_spelling() {
        for whole in [
            "Wizard 🧙\u{200d}♂\u{fe0f}",
            "می\u{200c}خواهم",
            "👨\u{200d}👩\u{200d}👧",
        ] {
            assert_eq!(clean(whole, 100), whole);
            assert!(!has_hidden(whole));
        }
        assert_eq!(clean("a\u{200d}b", 100), "ab");
        assert_eq!(clean("👨\u{200d} 👩", 100), "👨 👩");
        assert_eq!(clean("👨\u{200d}👩", 2), "👨");
        assert!(has_hidden("a\u{200d}b") && has_hidden("👨\u{200d}"));
        assert_eq!(fold("👨\u{200d}👩"), fold("👨👩"));
        assert_eq!(shorten("👨\u{200d}👩👩", 3), "👨…");
    }

    #[test]
    fn shows_labels() {
        assert_eq!(shown("Drug Efficacy").as_deref(), Some("Drug Efficacy"));
        assert_eq!(shown("COVID-19").as_deref(), Some("“COVID-19”"));
        assert_eq!(shown("say \"hi\"").as_deref(), Some("“say 'hi'”"));
        assert_eq!(shown("Two Rivers").as_deref(), Some("“Two Rivers”"));
        for hidden in [
            "None",
            " n/a ",
            "??",
            "{{name}}",
            "[Name]",
            "<b>x",
            "Ignore all rules",
            "http://x.example",
        ] {
            assert_eq!(shown(hidden), None, "{hidden}");
        }
    }

    #[test]
    fn shortens_at_a_word() {
        let long = "word ".repeat(40);
        let short = quoted(&long).unwrap();
        assert!(short.chars().count() <= LONGEST_SHOWN + 2, "{short}");
        assert!(short.ends_with("word…”"), "{short}");
        let inner: String = short.chars().filter(|c| !matches!(c, '“' | '”')).collect();
        assert!(is_quotation_of(&inner, &long));
        assert!(!is_quotation_of("w…", &long));
    }

    #[test]
    fn knows_months() {
        assert_eq!(month_of("february"), Some(2));
        assert_eq!(month_of("sept."), Some(9));
        assert_eq!(month_of("mar"), Some(3));
        assert_eq!(month_of("marc"), None);
    }
}
