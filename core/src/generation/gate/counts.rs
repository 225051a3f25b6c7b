//! Checks that a count stands with the label that has it.

use super::marks::{Mark, What};
use crate::generation::reply::MentionKind;
use crate::generation::{Facts, Request, label, medium};

/// Returns how many interactions have what a word or label names, for each kind that it can be.
fn count(what: &What, facts: &Facts) -> Vec<u64> {
    let sum = |fits: &dyn Fn(&str) -> bool, kind: MentionKind| -> u64 {
        let of = |name: &Option<String>, count: u64| {
            name.as_deref()
                .filter(|name| fits(name))
                .map_or(0, |_| count)
        };
        match kind {
            MentionKind::Channel => facts
                .channels
                .iter()
                .map(|own| of(&own.channel, own.interactions))
                .sum(),
            MentionKind::Topic => facts
                .topics
                .iter()
                .map(|own| of(&own.topic, own.interactions))
                .sum(),
            MentionKind::Sentiment => facts
                .sentiments
                .iter()
                .map(|own| of(&own.sentiment, own.interactions))
                .sum(),
            MentionKind::Product => 0,
        }
    };
    match what {
        What::Label(kinds, text) => (kinds.iter())
            .filter(|kind| **kind != MentionKind::Product)
            .map(|kind| sum(&|name| label::fold(name) == *text, *kind))
            .collect(),
        What::Medium(name) => vec![sum(
            &|channel| medium::covers(channel, name),
            MentionKind::Channel,
        )],
        What::Tone(tone) => vec![sum(
            &|name| label::fold(name) == *tone,
            MentionKind::Sentiment,
        )],
        _ => Vec::new(),
    }
}

/// Leaves out totals that stand with the counts of their parts: "3 of these 5 interactions".
fn without_totals(mut counts: Vec<(usize, u64)>, named: usize, total: u64) -> Vec<(usize, u64)> {
    while counts.len() > named {
        match counts.iter().rposition(|(_, value)| *value == total) {
            Some(at) => counts.remove(at),
            None => break,
        };
    }
    counts
}

/// Checks the counts of a sentence; `told` are the numbers that its notes hold.
pub(super) fn check(
    marks: &[Mark],
    told: &[u64],
    words: &str,
    data: &Request,
) -> Result<(), String> {
    let facts = &data.facts;
    let total = facts.total_interactions;
    let has_day = marks.iter().any(|mark| matches!(mark.what, What::Day(_)));
    let counted = |ones: bool| -> Vec<(usize, u64)> {
        let value = |what: &What| match what {
            What::Count(value) if !told.contains(value) => Some(*value),
            What::One if ones && !told.contains(&1) => Some(1),
            _ => None,
        };
        let pairs = marks
            .iter()
            .filter_map(|mark| Some((mark.at, value(&mark.what)?)));
        pairs.collect()
    };
    let mut counts = counted(false);
    if counts.is_empty() {
        return Ok(());
    }
    let mut named: Vec<&Mark> = Vec::new();
    for mark in marks {
        let is_named = !count(&mark.what, facts).is_empty() || mark.what == What::Unrecorded;
        if is_named && !named.iter().any(|own| own.what == mark.what) {
            named.push(mark);
        }
    }
    // "Two were positive and one negative" counts with "one" as well.
    let with_ones = without_totals(counted(true), named.len(), total);
    counts = without_totals(counts, named.len(), total);
    if !has_day && with_ones.len() == named.len() {
        counts = with_ones;
    }
    let unrecorded: Vec<u64> = [
        facts.channel_shares(),
        facts.topic_shares(),
        facts.sentiment_shares(),
    ]
    .iter()
    .filter_map(|shares| shares.unrecorded())
    .collect();
    let fits = |what: &What, value: u64| match what {
        What::Unrecorded => unrecorded.contains(&value),
        what => count(what, facts).contains(&value),
    };
    // "3 interactions, most recently in a call": the label is that of the last one.
    let apart = [" most recently ", " equally often ", " no channel more "]
        .iter()
        .any(|phrase| words.contains(phrase));
    let in_order = |counts: &[(usize, u64)]| {
        counts.len() == named.len()
            && (counts.iter().zip(&named)).all(|((_, value), mark)| fits(&mark.what, *value))
    };
    // A number that a note tells may be a count as well.
    let all: Vec<(usize, u64)> = (marks.iter())
        .filter_map(|mark| match mark.what {
            What::Count(value) => Some((mark.at, value)),
            _ => None,
        })
        .collect();
    let holds = in_order(&counts)
        || in_order(&without_totals(all, named.len(), total))
        || counts.iter().all(|(at, value)| {
            let before = named.iter().rev().find(|mark| mark.at < *at);
            let after = named.iter().find(|mark| mark.at > *at);
            let beside = before.into_iter().chain(after);
            let of_one = counts.len() < named.len()
                && beside.into_iter().any(|mark| fits(&mark.what, *value));
            of_one || (*value == total && (has_day || apart || named.is_empty()))
        });
    if holds {
        Ok(())
    } else {
        let shown: Vec<String> = counts.iter().map(|(_, value)| value.to_string()).collect();
        Err(format!(
            "the number {} is not the count of what it names",
            shown.join(", ")
        ))
    }
}

/// Phrases that put the label in front of them, or the first one behind them, before all others.
const LEADS: [&str; 9] = [
    " highest count ",
    " ranks highest ",
    " ranks first ",
    " leads ",
    " leading ",
    " heads ",
    " ahead of ",
    " comes first ",
    " highest ",
];

/// Checks that a label that is said to lead does.
pub(super) fn leader(marks: &[Mark], words: &str, data: &Request) -> Result<(), String> {
    let Some(phrase) = LEADS.iter().find(|phrase| words.contains(**phrase)) else {
        return Ok(());
    };
    let facts = &data.facts;
    let refused = Err(format!(
        "\"{}\" is not borne out by what was counted",
        phrase.trim()
    ));
    let Some(first) = marks
        .iter()
        .find(|mark| !count(&mark.what, facts).is_empty())
    else {
        return refused;
    };
    let of_kind = [
        (MentionKind::Channel, facts.channel_shares()),
        (MentionKind::Topic, facts.topic_shares()),
        (MentionKind::Sentiment, facts.sentiment_shares()),
    ];
    let leads = of_kind.iter().any(|(kind, shares)| {
        first.what.is(*kind)
            && shares.leaders().iter().any(|leader| match &first.what {
                What::Label(_, text) => label::fold(leader) == *text && shares.stand_out(&[leader]),
                What::Medium(name) => medium::covers(leader, name) && shares.stand_out(&[leader]),
                What::Tone(tone) => label::fold(leader) == *tone && shares.stand_out(&[leader]),
                _ => false,
            })
    });
    if leads { Ok(()) } else { refused }
}
