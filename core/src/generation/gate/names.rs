//! Refuses names that the data does not hold: a word with a capital inside a sentence must be a
//! word of a label, of a note that it cites, of the sender or of the safety contact.

use super::token::Token;
use crate::generation::{Request, label};

/// Words that have a capital anywhere.
const ALWAYS_CAPITAL: [&str; 9] = ["I", "I'm", "I’m", "I'd", "I’d", "I'll", "I’ll", "OK", "PDF"];

/// Checks that every name in a sentence is one of the data.
pub(super) fn known(tokens: &[Token], data: &Request, notes: &[&str]) -> Result<(), String> {
    let mut starts = true;
    let mut vocabulary: Option<Vec<String>> = None;
    for token in tokens {
        let Token::Word(word) = token else {
            starts = match token {
                Token::Mark('.' | ':' | '!' | '?') => true,
                Token::Mark('(' | '–' | '—') => starts,
                _ => false,
            };
            continue;
        };
        let capital = word.starts_with(char::is_uppercase);
        if capital && !starts && !ALWAYS_CAPITAL.contains(&word.as_str()) {
            let folded = label::fold(word);
            let calendar =
                label::month_of(&folded).is_some() || label::WEEKDAYS.contains(&folded.as_str());
            let words = vocabulary.get_or_insert_with(|| words_of(data, notes));
            if !calendar && !words.contains(&folded) {
                return Err(format!("it names \"{word}\", which is not in the data"));
            }
        }
        starts = false;
    }
    Ok(())
}

fn words_of(data: &Request, notes: &[&str]) -> Vec<String> {
    data.labels()
        .into_iter()
        .chain([
            data.voice.sender.as_str(),
            data.voice.safety_contact.as_str(),
        ])
        .chain(notes.iter().copied())
        .flat_map(|text| text.split(|c: char| !c.is_alphabetic()))
        .filter(|word| word.chars().count() >= 3)
        .map(label::fold)
        .collect()
}
