//! An answer without a model: the sentence of each row that is nearest to the question, quoted.

use super::{Reply, Request, Row, Sentence};
use crate::embedding::{Embedder as _, Table};
use crate::generation::label;

/// The most rows that are quoted.
const MOST: usize = 5;

/// The most characters that are quoted of one.
const LONGEST: usize = 300;

/// Of what comes so much less near than the nearest nothing is quoted.
const NEAR_ENOUGH: f32 = 0.5;

/// Quotes the rows that come nearest, those that say the same once.
pub(crate) fn extract(request: &Request) -> Reply {
    let question = Table.embed(&request.question);
    let found: Vec<(usize, f32, String)> = (1..)
        .zip(&request.evidence)
        .filter_map(|(place, row)| {
            let (near, quotation) = nearest(row, question.as_deref())?;
            Some((place, near, quotation))
        })
        .collect();
    let best = found.iter().map(|(_, near, _)| *near).fold(0.0, f32::max);
    let mut said: Vec<(String, Sentence)> = Vec::new();
    for (place, near, quotation) in found {
        if let Some((_, same)) = said.iter_mut().find(|(earlier, _)| *earlier == quotation) {
            same.evidence.push(place);
            same.text = together(&quotation, &same.evidence, request);
        } else if said.len() < MOST && near >= NEAR_ENOUGH * best {
            let evidence = vec![place];
            let text = together(&quotation, &evidence, request);
            said.push((quotation, Sentence { text, evidence }));
        }
    }
    Reply {
        sentences: said.into_iter().map(|(_, sentence)| sentence).collect(),
    }
}

fn together(quotation: &str, places: &[usize], request: &Request) -> String {
    let rows = places
        .iter()
        .filter_map(|place| request.evidence.get(place - 1));
    let sources: Vec<String> = rows.map(source).collect();
    format!("{}: “{quotation}”", sources.join("; "))
}

fn source(row: &Row) -> String {
    let channel = row.channel.as_deref().and_then(label::shown);
    match channel.filter(|shown| !shown.starts_with('“')) {
        Some(channel) => format!("Customer {}, {channel} on {}", row.customer_id, row.date),
        None => format!("Customer {}, on {}", row.customer_id, row.date),
    }
}

/// The sentence of the notes that is nearest to the question, or the topic where there are none, and how near
/// it or its topic is.
fn nearest(row: &Row, question: Option<&[f32]>) -> Option<(f32, String)> {
    let near = |text: &str| -> f32 {
        let vector = Table.embed(text);
        let pairs = question.zip(vector.as_deref());
        pairs.map_or(0.0, |(one, other)| {
            one.iter().zip(other).map(|(a, b)| a * b).sum()
        })
    };
    let topic = row.topic.as_deref();
    let of_topic = topic.map_or(0.0, near);
    let best_of = |texts: &mut dyn Iterator<Item = &str>| {
        texts
            .map(|text| label::clean(text, usize::MAX))
            .filter(|text| label::is_presentable(text))
            .map(|text| (near(&text), text))
            .reduce(|best, next| if next.0 > best.0 { next } else { best })
    };
    let notes = row.notes.as_deref().unwrap_or_default();
    best_of(&mut sentences(notes))
        .or_else(|| best_of(&mut topic.into_iter()))
        .map(|(near, text)| {
            (
                near.max(of_topic),
                label::shorten(&label::quotable(&text), LONGEST),
            )
        })
}

fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let ends = rest
            .char_indices()
            .zip(rest.chars().skip(1).map(Some).chain([None]));
        let end = ends
            .filter(|((_, letter), _)| matches!(letter, '.' | '!' | '?' | '\n'))
            .find(|(_, next)| next.is_none_or(char::is_whitespace))
            .map_or(rest.len(), |((at, letter), _)| at + letter.len_utf8());
        let (sentence, behind) = rest.split_at(end);
        rest = behind;
        (!sentence.is_empty()).then_some(sentence)
    })
}
