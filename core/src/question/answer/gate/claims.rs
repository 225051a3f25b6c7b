//! What a sentence says in words of its own: numbers, denials, complaints, and words at all.

use std::collections::{BTreeSet, HashSet};

use super::rows::spoken;
use super::{NEAR, QUOTED, Request, Row};
use crate::embedding::{Embedder as _, Table};
use crate::generation::gate::{self, Language, Use};
use crate::generation::label;

/// Checks that each number stands in a note next to the same word.
pub(super) fn numbers_are_told(own: &str, rows: &[&Row]) -> Result<(), String> {
    let fields: Vec<&str> = rows.iter().flat_map(|row| spoken(row)).collect();
    let told: Vec<u64> = (fields.iter())
        .flat_map(|field| gate::numbers(own, field))
        .collect();
    let known: BTreeSet<String> = (fields.iter())
        .flat_map(|field| gate::runs(field))
        .map(label::fold)
        .collect();
    for word in gate::runs(own) {
        let holds = match gate::value(&label::fold(word)) {
            Some(value) if value > 1 || word.starts_with(|c: char| c.is_numeric()) => {
                told.contains(&value)
            }
            Some(_) => true,
            None => !word.chars().any(char::is_numeric) || known.contains(&label::fold(word)),
        };
        if !holds {
            return Err(format!("the number {word} is not in what it cites"));
        }
    }
    Ok(())
}

/// Words that speak of more than the rows can tell.
const ALL: [&str; 24] = [
    "all",
    "always",
    "every",
    "each",
    "everything",
    "everybody",
    "everyone",
    "never",
    "exclusively",
    "consistently",
    "solely",
    "entirely",
    "invariably",
    "constantly",
    "equally",
    "most",
    "mostly",
    "mainly",
    "primarily",
    "usually",
    "predominantly",
    "only",
    "main",
    "often",
];

/// Checks that a sentence denies nothing, tells of all nothing and leaves nothing out that its
/// notes do not.
pub(super) fn says_no_more(own: &str, notes: &[&str]) -> Result<(), String> {
    let told = gate::stems_of(notes.iter().copied());
    let all = gate::runs(own)
        .map(str::to_lowercase)
        .find(|word| ALL.contains(&word.as_str()) && !told.contains(&gate::stem(word)));
    if let Some(word) = all {
        return Err(format!("\"{word}\" is not in what it cites"));
    }
    let words: Vec<String> = gate::runs(own).map(gate::stem).collect();
    let denies = |word: &String| gate::DENIES.contains(&word.as_str()) || word == "n";
    let denied = words.iter().find(|word| denies(word));
    let waits = words.iter().any(|word| word == "yet")
        && ["wait", "still"].iter().any(|word| told.contains(*word));
    if let Some(word) =
        denied.filter(|_| !waits && !gate::DENIES.iter().any(|own| told.contains(*own)))
    {
        return Err(format!(
            "it denies something (\"{word}\") that what it cites does not deny"
        ));
    }
    let spaced = gate::spaced(own);
    if spaced.contains(" please ") {
        return Err("it asks its reader for something".to_owned());
    }
    gate::tells_no_more(own, &spaced, &told, false)?;
    notes
        .iter()
        .try_for_each(|note| gate::keeps_sense(own, note, &told))
}

/// Checks that who is said to complain had a contact that went badly, or a note that says so.
pub(super) fn complaints_are_told(own: &str, rows: &[&Row]) -> Result<(), String> {
    let complains = |text: &str| {
        gate::stems(text)
            .iter()
            .any(|word| word.starts_with("complain"))
    };
    let is_told = |row: &&Row| {
        let negative = row
            .sentiment
            .as_deref()
            .is_some_and(|own| label::fold(own).starts_with("negativ"));
        negative || row.notes.as_deref().is_some_and(complains)
    };
    if complains(own) && !rows.iter().all(is_told) {
        return Err("it tells of a complaint that what it cites does not hold".to_owned());
    }
    Ok(())
}

/// Checks that each word is in the rows or in the language of a record.
pub(super) fn words_are_told(
    request: &Request,
    text: &str,
    own: &str,
    fields: &[String],
    notes: &[&str],
) -> Result<(), String> {
    let said = fields.join("\n");
    let near = || {
        let vectors = Table.embed(text).zip(Table.embed(&said));
        vectors.map_or(0.0, |(one, other)| {
            one.iter().zip(&other).map(|(a, b)| a * b).sum::<f32>()
        })
    };
    // Of the question only words may be taken with which a sentence says what its rows say.
    let mut known: HashSet<String> = HashSet::new();
    if own.contains(QUOTED) || near() >= NEAR {
        known.extend(gate::stems(&request.question));
        known.extend(
            gate::runs(own)
                .map(str::to_lowercase)
                .filter(|word| gate::is_foreign_structure(word)),
        );
    }
    let told = gate::stems_of(notes.iter().copied());
    let labels: Vec<Vec<String>> = fields
        .iter()
        .map(|field| gate::runs(field).map(gate::stem).collect())
        .collect();
    let language = Language {
        notes: &told,
        labels: &labels,
        known: &known,
        widest: Use::Anywhere,
        told: notes
            .iter()
            .any(|note| gate::is_foreign(&gate::stems_of([*note].into_iter()))),
    };
    language.check(own)?;
    language.no_wish(own)
}
