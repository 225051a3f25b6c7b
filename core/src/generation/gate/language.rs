//! Refuses words that are neither in the data nor in the language of contact.
//!
//! Most of what a model makes up - feelings, plans, promises, causes, another language - needs a
//! word that no record holds. A word passes when a label that stands in the sentence has it, when
//! a note that the sentence cites has it in some form, or when the lexicon has it in that place.

use std::collections::HashSet;

use super::lexicon::{self, Use};
use super::words::stem;
use crate::generation::label;

/// Verbs of a wish, which somebody else cannot know.
const WISHES: [&str; 12] = [
    "want", "wish", "need", "prefer", "expect", "like", "hope", "intend", "plan", "think", "feel",
    "consider",
];
/// Whose wish it would be.
const OTHERS: [&str; 8] = [
    "you", "customer", "client", "he", "she", "they", "~", "patient",
];
/// Words with which a clause asks or offers, so that it tells no wish.
const OPEN: [&str; 24] = [
    "if",
    "whether",
    "should",
    "what",
    "which",
    "how",
    "when",
    "where",
    "whom",
    "who",
    "perhaps",
    "please",
    "ask",
    "tell",
    "say",
    "let",
    "anything",
    "something",
    "everything",
    "may",
    "could",
    "as",
    "topics",
    "questions",
];
/// Words of which one lets a sentence ask, offer or speak of the sender.
const ASKING: [&str; 28] = [
    "welcome", "simply", "we", "us", "our", "i", "me", "if", "whether", "please", "kindly", "may",
    "could", "can", "shall", "perhaps", "ask", "tell", "let", "offer", "what", "which", "how",
    "when", "do", "worth", "know", "find",
];

/// What a sentence may take its words from.
#[derive(Debug)]
pub(crate) struct Language<'a> {
    /// The stems of the notes that it cites.
    pub(crate) notes: &'a HashSet<String>,
    /// The stems of labels, of which two words in a row may stand in a sentence.
    pub(crate) labels: &'a [Vec<String>],
    /// Other words that are known, by their stems.
    pub(crate) known: &'a HashSet<String>,
    /// The widest use of words of the lexicon that it may make.
    pub(crate) widest: Use,
    /// Whether it cites a note in another language, which it may tell in English.
    pub(crate) told: bool,
}

/// Writes the words of a text in lower case, each between single spaces; a covered run is `~`.
pub(crate) fn spaced(text: &str) -> String {
    let mut words = String::from(" ");
    for sign in text.chars() {
        if sign == super::mask::COVER {
            if !words.ends_with('~') {
                words.push(sign);
            }
        } else if sign.is_alphanumeric() {
            if words.ends_with('~') {
                words.push(' ');
            }
            words.push(label::lower(sign));
        } else if matches!(sign, '\'' | '’') && words.ends_with(char::is_alphanumeric) {
            words.push('\'');
        } else if !words.ends_with(' ') {
            words.push(' ');
        }
    }
    words.push(' ');
    words.replace("' ", " ").replace("'~", " ~")
}

impl Language<'_> {
    /// Checks every word of a sentence, of which quotations and labels are covered.
    pub(crate) fn check(&self, masked: &str) -> Result<(), String> {
        let written = spaced(masked);
        let asks = masked.contains('?')
            || written.split(' ').any(|word| ASKING.contains(&word))
            || begins_with_order(&written);
        let text = lexicon::without_phrases(&self.without_labels(&written), asks);
        for word in text.split_whitespace() {
            for piece in pieces(word) {
                if !self.passes(piece, asks) {
                    return Err(format!(
                        "the word \"{piece}\" is neither in the data nor in the language of a record"
                    ));
                }
            }
        }
        Ok(())
    }

    /// Covers parts of labels of two words and more: `side effects` of `Side Effects Discussion`.
    fn without_labels(&self, text: &str) -> String {
        let words: Vec<&str> = text.split_whitespace().collect();
        let stems: Vec<String> = words.iter().map(|word| stem(word)).collect();
        let mut left = String::from(" ");
        let mut at = 0;
        while let Some(word) = words.get(at) {
            let rest = stems.get(at..).unwrap_or_default();
            let run = self
                .labels
                .iter()
                .map(|label| common(label, rest))
                .max()
                .unwrap_or(0);
            left.push_str(if run > 0 { "~" } else { word });
            left.push(' ');
            at += run.max(1);
        }
        left
    }

    fn passes(&self, word: &str, asks: bool) -> bool {
        // Numbers have checks of their own.
        let letters = word.trim_start_matches(|sign: char| sign.is_ascii_digit());
        let is_number = letters.is_empty()
            || (letters.len() < word.len() && matches!(letters, "st" | "nd" | "rd" | "th"));
        if word == "~" || is_number {
            return true;
        }
        let stem = stem(word);
        if self.notes.contains(&stem) || self.known.contains(&stem) {
            return true;
        }
        (self.told && lexicon::is_told(&stem))
            || lexicon::place(&stem)
                .is_some_and(|place| place <= self.widest && (asks || place <= Use::Letter))
    }

    /// Refuses a wish of somebody that no note tells.
    pub(crate) fn no_wish(&self, masked: &str) -> Result<(), String> {
        if masked.trim_end().ends_with('?') {
            return Ok(());
        }
        let whole = spaced(masked);
        let whole_is_open = [" let us know ", " tell us ", " let me know ", " tell me "]
            .iter()
            .any(|phrase| whole.contains(phrase))
            || [" should ", " if ", " perhaps ", " would "]
                .iter()
                .any(|word| whole.starts_with(word));
        for clause in masked.split([',', ';', ':', '.', '!', '(', ')', '–', '—']) {
            let written = spaced(clause);
            let words: Vec<String> = written.split_whitespace().map(stem).collect();
            // A wish of a note is told with what it is for.
            let tells = words
                .iter()
                .any(|word| self.notes.contains(word) && lexicon::place(word).is_none());
            let found = words.iter().enumerate().find(|(at, word)| {
                WISHES.contains(&word.as_str())
                    && !(self.notes.contains(*word) && tells)
                    && !at
                        .checked_sub(1)
                        .and_then(|at| words.get(at))
                        .is_some_and(|own| ["your", "their", "his", "her"].contains(&own.as_str()))
                    && (1..=3).any(|back| {
                        let whose = at.checked_sub(back).and_then(|at| words.get(at));
                        whose.is_some_and(|whose| OTHERS.contains(&whose.as_str()))
                    })
            });
            let has = |wanted: &str| written.split_whitespace().any(|word| word == wanted);
            let is_open =
                whole_is_open || OPEN.iter().any(|word| has(word)) || (has("would") && has("we"));
            let relative = words.windows(2).any(|pair| {
                let noun = [
                    "form", "way", "day", "time", "manner", "channel", "matter", "topic",
                    "subject", "question",
                ];
                pair.last().is_some_and(|word| word == "that")
                    && pair
                        .first()
                        .is_some_and(|word| noun.contains(&word.as_str()))
            });
            let is_open = is_open || relative;
            let told = ["want", "wish", "like", "prefer", "ask", "need", "request"]
                .iter()
                .any(|word| tells && self.notes.contains(*word));
            let for_others = [
                " important to you ",
                " important to the customer ",
                " important for you ",
                " of interest to you ",
                " of interest to the customer ",
                " useful to you ",
                " useful to the customer ",
                " of importance to you ",
                " interests you ",
                " matters to you ",
                " concerns you ",
                " suits you ",
                " suit you ",
                " helps you ",
                " important customer ",
            ];
            if let Some(phrase) = for_others
                .iter()
                .find(|phrase| written.contains(**phrase))
                .filter(|_| !is_open && !tells)
            {
                return Err(format!(
                    "it says what is \"{}\", which no note does",
                    phrase.trim()
                ));
            }
            if let Some((_, word)) = found.filter(|_| !is_open && !told && !self.told) {
                return Err(format!(
                    "it says what somebody else may {word}, which no note does"
                ));
            }
        }
        Ok(())
    }
}

/// Tells whether notes are in a language that the lexicon does not know.
pub(crate) fn is_foreign(notes: &HashSet<String>) -> bool {
    let known = notes.iter().filter(|stem| lexicon::place(stem).is_some());
    !notes.is_empty() && 3 * known.count() < notes.len()
}

/// Returns how many words of a label, in a row, a text begins with: two or more, or all.
fn common(label: &[String], text: &[String]) -> usize {
    let begins = |start: usize| {
        let part = label.get(start..).unwrap_or_default();
        let run = part
            .iter()
            .zip(text)
            .take_while(|(one, other)| one == other)
            .count();
        let whole = run == label.len()
            || (start == 0
                && run + 1 == label.len()
                && label.last().is_some_and(|last| last == "discussion"));
        if run > 1 || (run == 1 && whole) {
            run
        } else {
            0
        }
    };
    (0..label.len()).map(begins).max().unwrap_or(0)
}

/// Tells whether a line tells its reader what to do: `Remind the customer of …`.
fn begins_with_order(words: &str) -> bool {
    const ORDERS: [&str; 20] = [
        "remind",
        "bring",
        "point",
        "refer",
        "offer",
        "mention",
        "say",
        "build",
        "keep",
        "write",
        "pass",
        "listen",
        "introduce",
        "acknowledge",
        "thank",
        "name",
        "begin",
        "start",
        "leave",
        "return",
    ];
    let first = words.split_whitespace().next();
    first.is_some_and(|first| ORDERS.contains(&first))
}

/// The parts of a word that apostrophes join, without the endings of the possessive and of "not".
fn pieces(word: &str) -> impl Iterator<Item = &str> {
    let bare = word
        .strip_suffix("'s")
        .or_else(|| word.strip_suffix("n't"))
        .unwrap_or(word);
    bare.split('\'').filter(|piece| !piece.is_empty())
}
