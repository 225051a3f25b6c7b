//! What a sentence takes from the notes of the rows that it cites.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::words::{runs, stem, stems};
use crate::generation::label;

/// Words of a note that tell what somebody asked, wants or says, and of a sentence that repeats it.
const TOLD: [&str; 24] = [
    "ask", "whether", "want", "like", "wish", "prefer", "say", "request", "question", "hold",
    "interest", "accord", "note", "mention", "report", "need", "hear", "write", "tell", "state",
    "claim", "remark", "view", "opinion",
];
/// Those with which a note says that it is no fact.
const OPEN: [&str; 10] = [
    "question", "ask", "whether", "want", "wish", "prefer", "say", "request", "would", "claim",
];
/// Words that deny.
pub(crate) const DENIES: [&str; 8] = [
    "no", "not", "never", "none", "nothing", "without", "isn", "hardly",
];

/// Refuses a sentence that takes the words of a note and leaves out that it denies, or that it
/// only tells what somebody asks or wants; `all` are the stems of all notes that it cites.
pub(crate) fn keeps_sense(own: &str, note: &str, all: &HashSet<String>) -> Result<(), String> {
    if own.trim_end().ends_with('?') {
        return Ok(());
    }
    let said = stems(own);
    for part in parts(note) {
        let words: Vec<String> = runs(part).map(stem).collect();
        let is_plain = |word: &&String| {
            super::lexicon::place(word).is_none() && !word.chars().all(|c| c.is_ascii_digit())
        };
        if !words
            .iter()
            .filter(is_plain)
            .any(|word| said.contains(word))
        {
            continue;
        }
        own_words_add_nothing(own, &words, all)?;
        let has = |list: &[&str], words: &dyn Fn(&str) -> bool| list.iter().any(|word| words(word));
        let in_note = |word: &str| words.iter().any(|own| own == word);
        let in_own = |word: &str| said.contains(word);
        if has(&DENIES, &in_note) && !has(&DENIES, &in_own) {
            return Err("it leaves out that the note denies it".to_owned());
        }
        if has(&OPEN, &in_note) && !has(&TOLD, &in_own) {
            return Err("it tells as a fact what the note only asks or wants".to_owned());
        }
    }
    Ok(())
}

/// Verbs of what happens, causes, and words that say which one is meant.
const EVENTS: [&str; 32] = [
    "come",
    "go",
    "take",
    "give",
    "get",
    "make",
    "keep",
    "bring",
    "receive",
    "see",
    "arrive",
    "meet",
    "work",
    "leave",
    "close",
    "change",
    "find",
    "begin",
    "start",
    "end",
    "build",
    "put",
    "send",
    "reach",
    "belong",
    "lead",
    "include",
    "use",
    "because",
    "due",
    "therefore",
    "hence",
];
static EVENT_STEMS: LazyLock<HashSet<String>> =
    LazyLock::new(|| EVENTS.iter().map(|word| stem(word)).collect());
const WHICH: [&str; 10] = [
    "first", "last", "early", "late", "other", "another", "every", "each", "next", "own",
];
/// Phrases in which these verbs tell nothing by themselves.
const IDLE: [&str; 21] = [
    "took place",
    "take place",
    "came up",
    "come up",
    "come back",
    "coming back",
    "get in touch",
    "getting in touch",
    "take note",
    "keep in mind",
    "bear in mind",
    "to make sure",
    "not come yet",
    "not arrived yet",
    "not been received yet",
    "came in",
    "for the first time",
    "in the first place",
    "due to",
    "because our",
    "because the contact",
];

/// Refuses a verb, a cause or an order that the words of the note do not have, next to such words.
fn own_words_add_nothing(own: &str, note: &[String], all: &HashSet<String>) -> Result<(), String> {
    own.split([',', ';', ':', '(', ')', '–', '—'])
        .try_for_each(|clause| clause_adds_nothing(clause, note, all))
}

fn clause_adds_nothing(clause: &str, note: &[String], all: &HashSet<String>) -> Result<(), String> {
    let lower: Vec<String> = runs(clause).map(str::to_lowercase).collect();
    let mut left = format!(" {} ", lower.join(" "));
    for phrase in IDLE {
        left = left.replace(&format!(" {phrase} "), " ");
    }
    let words: Vec<String> = left.split_whitespace().map(stem).collect();
    let in_note = |word: &String| note.contains(word);
    let is_plain = |word: &String| in_note(word) && super::lexicon::place(word).is_none();
    if !words.iter().any(is_plain) {
        return Ok(());
    }
    for (at, word) in words.iter().enumerate() {
        if all.contains(word) {
            continue;
        }
        let next = words.get(at + 1).is_some_and(is_plain);
        if EVENT_STEMS.contains(word) || (WHICH.contains(&word.as_str()) && next) {
            return Err(format!("the note does not say \"{word}\""));
        }
        let speaks = word == "speak"
            && !words
                .get(at + 1)
                .is_some_and(|next| next == "of" || next == "about");
        if speaks {
            return Err("the note does not say \"speak\"".to_owned());
        }
    }
    Ok(())
}

/// Returns the sentences of a note, without those that give orders to a machine or lead elsewhere.
pub(crate) fn parts(note: &str) -> impl Iterator<Item = &str> {
    note.split_inclusive(['\n', ' '])
        .scan(0, |end, word| {
            *end += word.len();
            Some((*end, word))
        })
        .filter(|(_, word)| word.trim_end().ends_with(['.', '!', '?', ';', ')']))
        .map(|(end, _)| end)
        .chain(std::iter::once(note.len()))
        .scan(0, |start, end| {
            let part = note.get(*start..end).unwrap_or_default();
            *start = end;
            Some(part)
        })
        .filter(|part| !part.contains('@') && !label::reads_like_instruction(part))
}

/// Tells whether words stand in a note, whole, and without a denial cut off in front of them.
pub(crate) fn holds(note: &str, quotation: &str) -> bool {
    let quotation = label::fold(quotation);
    let cut = quotation.trim().trim_end_matches('…').trim_end();
    let is_edge = |beside: Option<char>| beside.is_none_or(|letter| !letter.is_alphanumeric());
    !cut.is_empty()
        && note.match_indices(cut).any(|(at, _)| {
            let before = note.get(..at).unwrap_or_default();
            let after = note.get(at + cut.len()..).unwrap_or_default();
            let clause = before
                .rsplit(['.', ',', ';', '!', '?', ':'])
                .next()
                .unwrap_or_default();
            let denied = runs(clause).any(|word| DENIES.contains(&stem(word).as_str()));
            is_edge(before.chars().next_back()) && is_edge(after.chars().next()) && !denied
        })
}

/// Returns the numbers of a note that a sentence repeats next to the same word.
pub(crate) fn numbers(own: &str, note: &str) -> Vec<u64> {
    let folded = |text: &str| -> Vec<String> {
        let words = runs(text).map(str::to_lowercase);
        // A number keeps its letters, any other word only its root.
        words
            .map(|word| {
                if value(&word).is_some() {
                    word
                } else {
                    stem(&word)
                }
            })
            .collect()
    };
    let (said, told) = (folded(own), folded(note));
    let at = |words: &[String], place: usize, back: bool| {
        let place = if back {
            place.checked_sub(1)
        } else {
            Some(place + 1)
        };
        place.and_then(|place| words.get(place)).cloned()
    };
    let mut found = Vec::new();
    // What a note tells one after the other keeps its order.
    let mut last = None;
    for (place, word) in said.iter().enumerate() {
        let Some(value) = value(word) else { continue };
        let same = |there: usize| {
            let (after, before) = (at(&told, there, false), at(&told, there, true));
            let (own_after, own_before) = (at(&said, place, false), at(&said, place, true));
            let of_other = ["of", "out"].map(str::to_owned).map(Some);
            let is_part = of_other.contains(&before) && !of_other.contains(&own_before);
            let idle = own_after.as_deref().is_none_or(|word| {
                matches!(
                    word,
                    "on" | "and" | "of" | "in" | "at" | "was" | "be" | "instead" | "out"
                )
            });
            !is_part && (after == own_after || before == own_before || (idle && after.is_some()))
        };
        let behind = |there: usize| last.is_none_or(|last| there > last);
        let there = (told.iter().enumerate())
            .find(|(there, own)| *own == word && behind(*there) && same(*there));
        if let Some((there, _)) = there {
            last = Some(there);
            found.push(value);
        }
    }
    found
}

/// Reads a number in digits or in words.
pub(crate) fn value(word: &str) -> Option<u64> {
    word.parse().ok().or_else(|| {
        label::NUMBER_WORDS
            .iter()
            .find(|(name, _)| *name == word)
            .map(|(_, value)| *value)
    })
}

/// Returns the stems of notes.
pub(crate) fn stems_of<'a>(notes: impl Iterator<Item = &'a str>) -> HashSet<String> {
    notes.flat_map(parts).flat_map(runs).map(stem).collect()
}
