//! Refuses what a sentence tells of others and of the sender that no record holds, although each
//! of its words is one of contact: feelings, deeds, decisions, and contacts where there was none.

use std::collections::HashSet;

use super::words::stem;

/// How somebody feels, which nobody else can know.
const FEELINGS: [&str; 22] = [
    "happy",
    "pleased",
    "glad",
    "delighted",
    "grateful",
    "thankful",
    "sorry",
    "encouraged",
    "interested",
    "concerned",
    "satisfied",
    "aware",
    "sure",
    "certain",
    "comfortable",
    "honoured",
    "clear",
    "open",
    "frank",
    "patient",
    "serious",
    "attentive",
];
/// Whose feelings they would be.
const OTHERS: &[&str] = &[
    "you",
    "customer",
    "client",
    "he",
    "she",
    "they",
    "colleague",
    "team",
    "~",
];
const PERSONS: &[&str] = &[
    "you",
    "customer",
    "client",
    "he",
    "she",
    "they",
    "colleague",
    "team",
];
/// Words with which a clause asks for them or leaves them open.
const OPEN: [&str; 16] = [
    "if", "whether", "should", "what", "which", "how", "when", "whom", "may", "perhaps", "please",
    "ask", "would", "could", "can", "whatever",
];
/// What somebody has done or is doing, where only an offer is allowed.
const DEEDS: [&str; 44] = [
    "sent",
    "prepared",
    "arranged",
    "provided",
    "supplied",
    "passed",
    "checked",
    "clarified",
    "resolved",
    "settled",
    "improved",
    "changed",
    "corrected",
    "given",
    "informed",
    "ordered",
    "forwarded",
    "organised",
    "organized",
    "found",
    "built",
    "handled",
    "sending",
    "preparing",
    "arranging",
    "providing",
    "supplying",
    "passing",
    "checking",
    "clarifying",
    "resolving",
    "improving",
    "changing",
    "correcting",
    "giving",
    "informing",
    "bringing",
    "offering",
    "visiting",
    "working",
    "handling",
    "finding",
    "taking",
    "agreed",
];
/// What somebody else would have done, which a note would tell.
const ACTS: [&str; 14] = [
    "thanked",
    "agreed",
    "accepted",
    "confirmed",
    "welcomed",
    "appreciated",
    "apologised",
    "apologized",
    "permitted",
    "allowed",
    "consented",
    "regretted",
    "promised",
    "forgave",
];
/// What is over and decided.
const DECIDED: [&str; 7] = [
    "closed",
    "settled",
    "resolved",
    "finished",
    "completed",
    "solved",
    "clarified",
];
/// Words of earlier contact.
const EARLIER: [&str; 16] = [
    "had", "was", "were", "met", "spoke", "been", "again", "last", "previous", "earlier", "recent",
    "before", "since", "once", "twice", "resume",
];
const DENIES: [&str; 10] = [
    "no", "not", "neither", "nor", "cannot", "never", "none", "nothing", "0", "without",
];

/// Checks a sentence, of which quotations and labels are covered; `words` are its words between spaces, `notes`
/// the stems of what it cites, `none` tells that there is no contact at all.
pub(crate) fn check(
    masked: &str,
    words: &str,
    notes: &HashSet<String>,
    none: bool,
) -> Result<(), String> {
    if let Some(phrase) = relative(words) {
        return Err(format!("\"{phrase}\" depends on the day of reading"));
    }
    if masked.trim_end().ends_with('?') {
        return Ok(());
    }
    for clause in masked.split([',', ';', ':', '.', '!', '(', ')', '–', '—']) {
        let spaced = super::language::spaced(clause);
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let known = |word: &str| notes.contains(&stem(word));
        let is_open = words.iter().any(|word| OPEN.contains(word)) || words.first() == Some(&"say");
        let near = |at: usize, list: &[&str]| {
            (1..=3).any(|back| {
                let word = at.checked_sub(back).and_then(|at| words.get(at));
                word.is_some_and(|word| list.contains(word))
            })
        };
        let is = [
            "are", "is", "were", "was", "be", "been", "am", "feel", "felt", "seem", "seemed",
        ];
        // A label may be anybody, but where the sender speaks it is rather a thing.
        let ours = words.contains(&"we") || words.contains(&"i");
        let others = if ours { PERSONS } else { OTHERS };
        for (at, word) in words.iter().enumerate() {
            let before = at
                .checked_sub(1)
                .and_then(|at| words.get(at))
                .copied()
                .unwrap_or_default();
            let of_others = near(at, others) && near(at, &is) && !near(at, &["we", "i"]);
            if FEELINGS.contains(word) && of_others && !is_open && !known(word) && *word != "open" {
                return Err(format!("it says how somebody feels (\"{word}\")"));
            }
            let done = near(
                at,
                &[
                    "have", "has", "had", "are", "is", "am", "was", "were", "be", "been",
                ],
            ) || matches!(before, "we" | "i");
            let is_order = words.first() == Some(&"be");
            if DEEDS.contains(word) && done && !is_order && !is_open && !known(word) {
                return Err(format!(
                    "it tells of a deed (\"{word}\") that no record holds"
                ));
            }
            if ACTS.contains(word)
                && near(at, PERSONS)
                && !near(at, &["we", "i"])
                && !is_open
                && !known(word)
            {
                return Err(format!("it says what somebody else has done (\"{word}\")"));
            }
            if DECIDED.contains(word) && near(at, &is) && !is_open && !known(word) {
                return Err(format!(
                    "it says that something is {word}, which no record does"
                ));
            }
        }
        let denied = words.iter().any(|word| DENIES.contains(word));
        if let Some(word) = words
            .iter()
            .find(|word| EARLIER.contains(word))
            .filter(|_| none && !denied)
        {
            return Err(format!(
                "it speaks of earlier contact (\"{word}\"), and there was none"
            ));
        }
        let ours = spaced.contains(" our call ")
            || spaced.contains(" a call with ")
            || spaced.contains(" our visit ");
        if none && ours && !denied {
            return Err("it speaks of earlier contact, and there was none".to_owned());
        }
    }
    said_for_the_sender(words)
}

/// Finds "next week" and the like.
fn relative(words: &str) -> Option<String> {
    let words: Vec<&str> = words.split_whitespace().collect();
    let found = words.windows(2).find(|pair| match pair {
        [which, span] => {
            matches!(
                *which,
                "next" | "this" | "coming" | "following" | "past" | "previous"
            ) && matches!(
                *span,
                "week" | "month" | "year" | "quarter" | "weeks" | "months" | "years" | "days"
            )
        }
        _ => false,
    });
    found.map(|pair| pair.join(" "))
}

/// Refuses to put into a mouth what the sender would do: "tell the customer that we send it".
fn said_for_the_sender(words: &str) -> Result<(), String> {
    const ACTS: [&str; 14] = [
        "send", "give", "bring", "supply", "deliver", "pay", "visit", "take", "replace", "provide",
        "offer", "change", "call", "put",
    ];
    let words: Vec<&str> = words.split_whitespace().collect();
    let found = words
        .windows(3)
        .any(|three| matches!(three, ["that", "we", act] if ACTS.contains(act)));
    if found {
        return Err("it announces what nobody has decided".to_owned());
    }
    Ok(())
}

/// Refuses offers to a customer with a safety matter, and to take safety matters to anybody but the contact;
/// `named` tells whether the sentence names the contact.
pub(super) fn safety(words: &str, named: bool) -> Result<(), String> {
    const OFFERS: [&str; 12] = [
        " we visit ",
        " to visit ",
        " we meet ",
        " to meet ",
        " to discuss ",
        " we discuss ",
        " meet you ",
        " visit you ",
        " come to you ",
        " call you ",
        " discuss this ",
        " for discussion ",
    ];
    const US: [&str; 10] = [
        " contact us ",
        " tell us ",
        " call us ",
        " write to us ",
        " turn to us ",
        " inform us ",
        " report to us ",
        " let us know ",
        " reach us ",
        " with us ",
    ];
    const MATTERS: [&str; 6] = [
        " safety ",
        " side effect",
        " adverse ",
        " report ",
        " reports ",
        " reaction",
    ];
    const HUSH: [&str; 8] = [
        " not to report ",
        " not report ",
        " not to contact ",
        " not contact ",
        " not to turn ",
        " not to tell ",
        " not tell ",
        " never report ",
    ];
    if let Some(hush) = HUSH.iter().find(|hush| words.contains(**hush)) {
        return Err(format!(
            "it keeps from the safety contact (\"{}\")",
            hush.trim()
        ));
    }
    let silent = words.contains(" do not ");
    if let Some(offer) = OFFERS
        .iter()
        .find(|offer| words.contains(**offer))
        .filter(|_| !silent)
    {
        return Err(format!(
            "it offers (\"{}\") where a safety matter is on record",
            offer.trim()
        ));
    }
    let to_us = US.iter().take(9).any(|phrase| words.contains(phrase));
    if to_us && !named && MATTERS.iter().any(|matter| words.contains(matter)) {
        return Err("it takes a safety matter to another than the safety contact".to_owned());
    }
    Ok(())
}
