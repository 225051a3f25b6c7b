//! Refuses what denies without the data denying it: "we have not spoken about it".

use std::collections::HashSet;

use super::language::spaced;
use super::marks::{Mark, What};
use crate::generation::{Evidence, Request, label};

const DENIES: [&str; 12] = [
    "not", "cannot", "no", "never", "none", "nothing", "nobody", "neither", "nor", "without",
    "hardly", "n't",
];
/// Phrases that deny nothing of the past.
const IDLE: [&str; 58] = [
    "no recorded",
    "no earlier contact",
    "no previous contact",
    "no other contact",
    "no need to",
    "not take for granted",
    "not go well either",
    "do not",
    "don't",
    "whether or not",
    "if not",
    "not only",
    "not hesitate",
    "rather not",
    "need not",
    "no need",
    "nothing more",
    "offer nothing",
    "without delay",
    "no delay",
    "not overlooked",
    "not forgotten",
    "not leave",
    "not want to",
    "not lost sight",
    "cannot comment",
    "cannot say",
    "cannot contain",
    "can not",
    "cannot give",
    "no medical",
    "no product",
    "no assessment",
    "no information",
    "not in a position",
    "not in ~ position",
    "not the subject",
    "does not deal",
    "not by us",
    "not recorded",
    "nothing in the rest",
    "no longer",
    "which are not",
    "not the only",
    "no exception",
    "without exception",
    "no question",
    "nothing before",
    "not something that we",
    "not know each other",
    "not yet",
    "no later than",
    "nothing else",
    "would not",
    "should not",
    "may not",
    "cannot",
    "not to",
];
/// Of these, the ones that deny something of the past after all.
const PAST: [&str; 8] = ["have", "has", "had", "did", "was", "were", "been", "came"];

/// Checks a sentence; `notes` are the stems of the notes that it cites.
pub(super) fn check(
    masked: &str,
    marks: &[Mark],
    notes: &HashSet<String>,
    rows: &[&Evidence],
    data: &Request,
) -> Result<(), String> {
    if data.facts.total_interactions == 0 || masked.trim_end().ends_with('?') {
        return Ok(());
    }
    if let Some(tone) = marks.iter().find_map(|mark| match &mark.what {
        What::Denied(tone) => Some(tone),
        _ => None,
    }) {
        let shares = data.facts.sentiment_shares();
        let none = rows.is_empty() && shares.count(tone) == 0 && shares.unrecorded() == Some(0);
        let whole = spaced(masked);
        let of_all = [" no ", " none ", " never ", " not a single "]
            .iter()
            .any(|word| whole.contains(word));
        if !(none && of_all) {
            return Err(format!("it denies \"{tone}\", which the data does not"));
        }
        return Ok(());
    }
    let denied = |stem: &&str| notes.contains(*stem);
    if [
        "no", "not", "never", "none", "nothing", "without", "n't", "isn", "wait", "still",
    ]
    .iter()
    .any(denied)
    {
        return Ok(());
    }
    let told_tone = marks.iter().any(|mark| matches!(mark.what, What::Tone(_)));
    for clause in masked.split([',', ';', ':', '.', '!', '(', ')', '–', '—']) {
        // What is true of all is checked against the counts.
        if clause.contains("anything but") || clause.contains("other than") {
            continue;
        }
        let words = spaced(clause).replace("n't ", " n't ");
        let mut left = format!(" {} ", words.trim());
        let past = left.split(' ').any(|word| PAST.contains(&word));
        for phrase in IDLE {
            if past
                && matches!(
                    phrase,
                    "not yet" | "cannot" | "not to" | "no longer" | "may not" | "nothing else"
                )
            {
                continue;
            }
            left = left.replace(&format!(" {phrase} "), " ");
        }
        let Some(word) = left.split_whitespace().find(|word| DENIES.contains(word)) else {
            continue;
        };
        if told_tone
            || is_not_recorded(&left, rows, data)
            || super::universals::speaks_of_many(&left)
        {
            continue;
        }
        return Err(format!(
            "it denies something (\"{word}\") that the data does not deny"
        ));
    }
    Ok(())
}

/// Tells whether a clause says that a topic, channel or sentiment is missing, where it is.
fn is_not_recorded(clause: &str, rows: &[&Evidence], data: &Request) -> bool {
    let facts = &data.facts;
    let missing = |nouns: [&str; 2], in_facts: bool, in_row: &dyn Fn(&Evidence) -> bool| {
        let named = nouns
            .iter()
            .any(|noun| clause.split(' ').any(|word| word == *noun));
        let is_missing = if rows.is_empty() {
            in_facts
        } else {
            rows.iter().any(|row| in_row(row))
        };
        (named, is_missing)
    };
    // A label that must not be repeated counts as none.
    let hidden = |label: &Option<String>| !label.as_deref().is_some_and(label::is_presentable);
    let none_of = |labels: Vec<&str>| !labels.into_iter().any(label::is_presentable);
    let last = facts.last_interaction.as_ref();
    let kinds = [
        missing(
            ["topic", "topics"],
            (none_of(
                facts
                    .topics
                    .iter()
                    .filter_map(|own| own.topic.as_deref())
                    .collect(),
            ) || none_of(facts.key_topics.iter().map(String::as_str).collect()))
                || last.is_some_and(|last| hidden(&last.topic)),
            &|row| hidden(&row.topic),
        ),
        missing(
            ["channel", "channels"],
            facts.channels.iter().all(|own| own.interactions < 2),
            &|row| hidden(&row.channel),
        ),
        missing(
            ["sentiment", "sentiments"],
            none_of(
                facts
                    .sentiments
                    .iter()
                    .filter_map(|own| own.sentiment.as_deref())
                    .collect(),
            ) || last.is_some_and(|last| hidden(&last.sentiment)),
            &|row| hidden(&row.sentiment),
        ),
    ];
    let day = clause.contains(" no other day ")
        && facts.first_interaction.as_ref().map(|first| first.date) == last.map(|last| last.date);
    day || (kinds.iter().any(|(named, _)| *named)
        && kinds.iter().all(|(named, missing)| !named || *missing))
}
