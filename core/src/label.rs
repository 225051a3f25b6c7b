//! Cleans labels: names of occupations, types, channels, topics, sentiments and products.
//!
//! It removes what no reader can see and puts right what a program garbled. It drops no label for
//! looking odd, translates nothing and completes nothing: "Plummer" and "Batman" stay.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::error::Error;
use crate::ledger::{Cleaned, Rule, add_rule, quoted};
use crate::mojibake;

/// Channels that are written with these capitals unless the database knows better.
const CHANNELS: [&str; 7] = ["Email", "Call", "Bird", "Boat", "Post", "Visit", "Meeting"];

/// Sentiments that are written with these capitals unless the database knows better.
const SENTIMENTS: [&str; 3] = ["Positive", "Neutral", "Negative"];

/// The most characters of a label: a longer one is a note in the wrong column.
const CHARACTERS: usize = 500;

/// The most bytes of a label in UTF-8.
///
/// A row of a PostgreSQL index holds 2 704 bytes, and one index has three labels side by side;
/// 500 letters of the Latin alphabet fit in any case.
const BYTES: usize = 850;

/// Refuses a label that would not fit a row of an index, which would abort a whole import.
///
/// # Errors
/// [`Error::InvalidValue`] with the length of the label and the most that fits.
pub(crate) fn check_length(label: &str) -> Result<(), Error> {
    // The characters are at most the bytes, and hardly any label is as long.
    if label.len() <= CHARACTERS {
        return Ok(());
    }
    let characters = label.chars().count();
    let (length, limit) = if characters > CHARACTERS {
        (
            format!("{characters} characters"),
            format!("{CHARACTERS} characters"),
        )
    } else if label.len() > BYTES {
        (
            format!("{} bytes of UTF-8", label.len()),
            format!("{BYTES} bytes"),
        )
    } else {
        return Ok(());
    };
    Err(Error::invalid(format!(
        "{} is a label of {length}, and at most {limit} fit",
        quoted(label)
    )))
}

/// Cleans a label; `None` when nothing is left of it.
///
/// ```
/// use rapport_core::label::clean_label;
///
/// let label = clean_label("  Santa\u{a0}\u{a0}Claus ").unwrap();
/// assert_eq!(label.value, "Santa Claus");
/// assert!(clean_label(" \u{200b} ").is_none());
/// ```
#[must_use]
pub fn clean_label(text: &str) -> Option<Cleaned<String>> {
    let tidied = tidy(text);
    if tidied.value.is_empty() {
        return None;
    }
    Some(Cleaned {
        value: tidied.value.into_owned(),
        rules: tidied.rules,
    })
}

/// Cleans a channel, and writes the well-known ones with their usual capitals.
#[must_use]
pub fn clean_channel(text: &str) -> Option<Cleaned<String>> {
    clean_label(text).map(|label| with_standard(label, standard_channel))
}

/// Cleans a sentiment, and writes the well-known ones with their usual capitals.
#[must_use]
pub fn clean_sentiment(text: &str) -> Option<Cleaned<String>> {
    clean_label(text).map(|label| with_standard(label, standard_sentiment))
}

/// Cleans free text line by line, so that its paragraphs stay; `None` when nothing is left.
///
/// ```
/// use rapport_core::label::clean_notes;
///
/// assert_eq!(clean_notes("  first\r\n\r\nsecond\n").unwrap().value, "first\n\nsecond");
/// ```
#[must_use]
pub fn clean_notes(text: &str) -> Option<Cleaned<String>> {
    if !text.contains(['\n', '\r']) {
        return clean_label(text);
    }
    let mut rules = Vec::new();
    let unified = if text.contains('\r') {
        rules.push(Rule::LineBreaks);
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    };
    let mut notes = String::with_capacity(unified.len());
    for line in unified.split('\n') {
        let line = tidy(line);
        for rule in line.rules {
            add_rule(&mut rules, rule);
        }
        notes.push_str(&line.value);
        notes.push('\n');
    }
    let trimmed = notes.trim();
    if trimmed.is_empty() {
        return None;
    }
    if unified.starts_with('\n') || unified.ends_with('\n') {
        add_rule(&mut rules, Rule::Trimmed);
    }
    Some(Cleaned {
        value: trimmed.to_owned(),
        rules,
    })
}

/// Returns the usual spelling of a well-known channel.
pub(crate) fn standard_channel(label: &str) -> Option<&'static str> {
    CHANNELS
        .into_iter()
        .find(|standard| standard.eq_ignore_ascii_case(label))
}

/// Returns the usual spelling of a well-known sentiment.
pub(crate) fn standard_sentiment(label: &str) -> Option<&'static str> {
    SENTIMENTS
        .into_iter()
        .find(|standard| standard.eq_ignore_ascii_case(label))
}

fn with_standard(
    mut label: Cleaned<String>,
    standard: fn(&str) -> Option<&'static str>,
) -> Cleaned<String> {
    if let Some(standard) = standard(&label.value)
        && label.value != standard
    {
        standard.clone_into(&mut label.value);
        label.rules.push(Rule::StandardSpelling);
    }
    label
}

/// Cleans text of any kind; borrows when there is nothing to do, which is the common case.
pub(crate) fn tidy(text: &str) -> Cleaned<Cow<'_, str>> {
    if is_tidy_ascii(text) {
        return Cleaned::untouched(Cow::Borrowed(text));
    }
    let mut rules = Vec::new();
    let mut value = Cow::Borrowed(text);
    // One rule can make work for another: a removed zero-width space brings a letter and its
    // accent together, a composed letter completes mojibake. So all run until none has anything
    // to do, which for real text is the second time round.
    loop {
        let before = rules.len();
        let mut changed = false;
        if let Cow::Owned(repaired) = mojibake::repair(&value) {
            add_rule(&mut rules, Rule::Mojibake);
            value = Cow::Owned(repaired);
            changed = true;
        }
        if is_nfc_quick(value.chars()) != IsNormalized::Yes {
            let composed: String = value.nfc().collect();
            if composed != *value {
                add_rule(&mut rules, Rule::Composed);
                value = Cow::Owned(composed);
                changed = true;
            }
        }
        if let Some(stripped) = strip(&value, &mut rules) {
            value = Cow::Owned(stripped);
            changed = true;
        }
        debug_assert!(
            changed || rules.len() == before,
            "a rule fired without a change"
        );
        if !changed {
            return Cleaned { value, rules };
        }
    }
}

/// Tells whether a text is ASCII that no rule would change, in one pass over its bytes.
fn is_tidy_ascii(text: &str) -> bool {
    let mut previous = b' ';
    for &byte in text.as_bytes() {
        if !(b' '..=b'~').contains(&byte) || (byte == b' ' && previous == b' ') {
            return false;
        }
        previous = byte;
    }
    text.is_empty() || previous != b' '
}

/// Removes invisible characters and folds white space; `None` when nothing changed.
fn strip(text: &str, rules: &mut Vec<Rule>) -> Option<String> {
    let mut stripped = String::with_capacity(text.len());
    let mut space_pending = false;
    let (mut control, mut invisible, mut no_break) = (false, false, false);
    let (mut folded, mut trimmed) = (false, false);
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if character.is_whitespace() {
            if matches!(character, '\u{A0}' | '\u{202F}' | '\u{2007}') {
                no_break = true;
            } else if character != ' ' {
                folded = true;
            }
            if stripped.is_empty() {
                trimmed = true;
            } else if space_pending {
                folded = true;
            }
            space_pending = !stripped.is_empty();
            continue;
        }
        if character.is_control() {
            control = true;
            continue;
        }
        let before = stripped.chars().next_back().filter(|_| !space_pending);
        if is_invisible(character) && !joins(before, character, rest.clone().next()) {
            invisible = true;
            continue;
        }
        if space_pending {
            stripped.push(' ');
            space_pending = false;
        }
        stripped.push(character);
    }
    trimmed |= space_pending;
    if stripped == text {
        return None;
    }
    for (fired, rule) in [
        (control, Rule::Control),
        (invisible, Rule::Invisible),
        (no_break, Rule::NoBreakSpace),
        (folded, Rule::Folded),
        (trimmed, Rule::Trimmed),
    ] {
        if fired {
            add_rule(rules, rule);
        }
    }
    Some(stripped)
}

/// Lists what has no width: soft hyphen, zero-width spaces and joiners, direction marks, BOM.
const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{AD}'
            | '\u{61C}'
            | '\u{180E}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2069}'
            | '\u{FEFF}'
    )
}

/// The zero-width non-joiner and joiner.
pub(crate) const JOINERS: [char; 2] = ['\u{200C}', '\u{200D}'];

/// Tells whether a character is a joiner between two characters whose look it changes: letters of
/// Arabic or Indic scripts, parts of an emoji. There it is spelling, not dirt.
pub(crate) fn joins(before: Option<char>, character: char, after: Option<char>) -> bool {
    let shaped = |neighbour: Option<char>| {
        neighbour.is_some_and(|neighbour| {
            neighbour >= '\u{600}'
                && !neighbour.is_whitespace()
                && !is_invisible(neighbour)
                && !('\u{2000}'..='\u{206F}').contains(&neighbour)
        })
    };
    JOINERS.contains(&character) && shaped(before) && shaped(after)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Jedi", "Jedi", &[])]
    #[case("Plummer", "Plummer", &[])]
    #[case("NULL", "NULL", &[])]
    #[case("naïve Ångström AÇÃO", "naïve Ångström AÇÃO", &[])]
    #[case(" Jedi", "Jedi", &[Rule::Trimmed])]
    #[case("Jedi\t", "Jedi", &[Rule::Folded, Rule::Trimmed])]
    #[case("Santa  Claus", "Santa Claus", &[Rule::Folded])]
    #[case("Santa\nClaus", "Santa Claus", &[Rule::Folded])]
    #[case("Santa\u{3000}Claus", "Santa Claus", &[Rule::Folded])]
    #[case("Santa\u{a0}Claus", "Santa Claus", &[Rule::NoBreakSpace])]
    #[case("Santa\u{202f}\u{a0}Claus", "Santa Claus", &[Rule::NoBreakSpace, Rule::Folded])]
    #[case("\u{a0}Jedi", "Jedi", &[Rule::NoBreakSpace, Rule::Trimmed])]
    #[case("\u{feff}Je\u{200b}di", "Jedi", &[Rule::Invisible])]
    #[case("Je\u{ad}di", "Jedi", &[Rule::Invisible])]
    #[case("Je\0di\u{7f}", "Jedi", &[Rule::Control])]
    #[case("cafe\u{301}", "café", &[Rule::Composed])]
    #[case("cafÃ©", "café", &[Rule::Mojibake])]
    #[case(" cafÃ\u{a9}\u{a0}", "café", &[Rule::Mojibake, Rule::NoBreakSpace, Rule::Trimmed])]
    #[case("ï»¿Email", "Email", &[Rule::Mojibake, Rule::Invisible])]
    #[case("5Â\u{a0}mg", "5 mg", &[Rule::Mojibake, Rule::NoBreakSpace])]
    #[case("e\u{200b}\u{301}", "é", &[Rule::Invisible, Rule::Composed])]
    #[case("👨\u{200d}👩\u{200d}👧", "👨\u{200d}👩\u{200d}👧", &[])]
    #[case("می\u{200c}خواهم", "می\u{200c}خواهم", &[])]
    #[case("a\u{200d}b", "ab", &[Rule::Invisible])]
    #[case("می\u{200c}", "می", &[Rule::Invisible])]
    #[case("می\u{200c}b", "میb", &[Rule::Invisible])]
    fn labels(#[case] before: &str, #[case] after: &str, #[case] rules: &[Rule]) {
        let cleaned = clean_label(before).unwrap();
        assert_eq!(cleaned.value, after);
        assert_eq!(cleaned.rules, rules);
    }

    #[rstest]
    #[case("")]
    #[case("   ")]
    #[case("\u{a0}\t\n")]
    #[case("\u{feff}\u{200b}\0")]
    fn nothing_is_left(#[case] text: &str) {
        assert_eq!(clean_label(text), None);
        assert_eq!(clean_notes(text), None);
    }

    #[rstest]
    #[case("EMAIL", "Email")]
    #[case(" bird ", "Bird")]
    #[case("Pigeon", "Pigeon")]
    #[case("e-mail", "e-mail")]
    fn channels(#[case] before: &str, #[case] after: &str) {
        assert_eq!(clean_channel(before).unwrap().value, after);
    }

    #[rstest]
    #[case("positive", "Positive", &[Rule::StandardSpelling])]
    #[case("Neutral", "Neutral", &[])]
    #[case("NEGATIVE ", "Negative", &[Rule::Trimmed, Rule::StandardSpelling])]
    #[case("furious", "furious", &[])]
    fn sentiments(#[case] before: &str, #[case] after: &str, #[case] rules: &[Rule]) {
        let cleaned = clean_sentiment(before).unwrap();
        assert_eq!(
            (cleaned.value.as_str(), cleaned.rules.as_slice()),
            (after, rules)
        );
    }

    #[rstest]
    #[case("one line ", "one line", &[Rule::Trimmed])]
    #[case("a\nb", "a\nb", &[])]
    #[case("a\r\n\r\nb", "a\n\nb", &[Rule::LineBreaks])]
    #[case("a\rb ", "a\nb", &[Rule::LineBreaks, Rule::Trimmed])]
    #[case("\n a\nb\n", "a\nb", &[Rule::Trimmed])]
    fn notes_keep_their_lines(#[case] before: &str, #[case] after: &str, #[case] rules: &[Rule]) {
        let cleaned = clean_notes(before).unwrap();
        assert_eq!(
            (cleaned.value.as_str(), cleaned.rules.as_slice()),
            (after, rules)
        );
    }

    #[rstest]
    #[case("a", 500, None)]
    #[case("a", 501, Some("501 characters, and at most 500 characters fit"))]
    #[case("é", 425, None)]
    #[case("é", 426, Some("852 bytes of UTF-8, and at most 850 bytes fit"))]
    #[case("日", 283, None)]
    #[case("日", 284, Some("852 bytes of UTF-8, and at most 850 bytes fit"))]
    fn labels_fit_an_index(
        #[case] letter: &str,
        #[case] count: usize,
        #[case] refusal: Option<&str>,
    ) {
        let error = check_length(&letter.repeat(count)).err();
        match (error.map(|error| error.to_string()), refusal) {
            (None, None) => {}
            (Some(error), Some(refusal)) => assert!(error.ends_with(refusal), "{error}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_megabyte_of_dirt_is_cleaned() {
        let text = "\u{200b}a\u{a0} Ã©\0".repeat(100_000);
        assert_eq!(
            clean_label(&text).unwrap().value.len(),
            100_000 * "a é".len()
        );
    }

    /// Text with everything that a rule looks for, in any order.
    fn dirty() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>(),
            "[ a-cA-C\u{0}\t\n\u{a0}\u{ad}\u{85}\u{200b}-\u{200f}\u{2028}\u{202f}\u{feff}\u{300}-\u{303}\u{212a}À-ÿ€™“”’…–\u{80}-\u{bf}یख👨]*",
        ]
    }

    proptest! {
        #[test]
        fn cleaning_is_total_and_idempotent(text in dirty()) {
            if let Some(once) = clean_label(&text) {
                let twice = clean_label(&once.value).unwrap();
                prop_assert_eq!(&twice.value, &once.value);
                prop_assert_eq!(twice.rules, vec![]);
                prop_assert_eq!(once.rules.is_empty(), once.value == text);
            }
        }

        #[test]
        fn notes_are_total_and_idempotent(text in dirty()) {
            if let Some(once) = clean_notes(&text) {
                let twice = clean_notes(&once.value).unwrap();
                prop_assert_eq!(twice, Cleaned { value: once.value.clone(), rules: vec![] });
                prop_assert_eq!(once.rules.is_empty(), once.value == text);
            }
        }

        #[test]
        fn composed_words_without_signs_are_untouched(words in prop::collection::vec("[a-zA-Zà-öø-ÿ]{1,8}", 1..5)) {
            let text = words.join(" ");
            prop_assert_eq!(clean_label(&text).unwrap(), Cleaned { value: text, rules: vec![] });
        }
    }
}
