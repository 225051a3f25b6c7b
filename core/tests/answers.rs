//! What the evidence gate lets through, measured on labelled answers that were written without
//! sight of it: `answers/README.md`.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use std::collections::BTreeMap;

use rapport_core::generation::{
    self, Completion, FinishReason, Model, ModelError, Prompt, Refused, Request, Usage,
};
use rapport_core::question::answer;
use serde::Deserialize;
use serde_json::Value;

const REQUESTS: &str = include_str!("answers/requests.jsonl");
const BAD: &str = include_str!("answers/bad.jsonl");
const GOOD: &str = include_str!("answers/good.jsonl");

#[derive(Deserialize)]
struct Asked {
    id: String,
    kind: Kind,
    request: Value,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Text,
    Question,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    request: String,
    #[serde(default)]
    fault: String,
    finish: FinishReason,
    answer: String,
    #[serde(default)]
    bad: Vec<String>,
    expect: Option<Expectation>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Expectation {
    Fallback,
    SafetyContact,
}

/// What reaches the reader.
struct Read {
    text: String,
    sentences: Vec<String>,
    refused: Vec<Refused>,
    fallback: bool,
}

fn lines<T: for<'de> Deserialize<'de>>(file: &str) -> Vec<T> {
    file.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A model that gives the answer of a case.
struct Scripted(Completion);

impl Model for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn complete(&self, _: &Prompt) -> Result<Completion, ModelError> {
        Ok(self.0.clone())
    }
}

fn read(asked: &Asked, case: &Case) -> Read {
    let model = Scripted(Completion {
        text: case.answer.clone(),
        finish: case.finish,
        usage: Usage::default(),
    });
    match asked.kind {
        Kind::Text => {
            let request: Request = serde_json::from_value(asked.request.clone()).unwrap();
            let written = generation::generate(&request, &model).unwrap();
            let sentences = written.sentences.into_iter().map(|own| own.text);
            Read {
                sentences: sentences.chain(written.subject).collect(),
                text: written.text,
                refused: written.refused,
                fallback: written.fallback,
            }
        }
        Kind::Question => {
            let request: answer::Request = serde_json::from_value(asked.request.clone()).unwrap();
            let answered = answer::answer(&request, &model).unwrap();
            Read {
                sentences: answered.sentences.into_iter().map(|own| own.text).collect(),
                text: answered.text,
                refused: answered.refused,
                fallback: answered.fallback,
            }
        }
    }
}

fn asked() -> BTreeMap<String, Asked> {
    lines(REQUESTS)
        .into_iter()
        .map(|asked: Asked| (asked.id.clone(), asked))
        .collect()
}

/// Says what of a bad answer reached the reader.
fn leak(asked: &Asked, case: &Case) -> Option<String> {
    let read = read(asked, case);
    if case.expect == Some(Expectation::Fallback) && !read.fallback {
        return Some(format!("not the standard text: {}", read.text));
    }
    if case.expect == Some(Expectation::SafetyContact) {
        let contact = asked.request["voice"]["safety_contact"].as_str().unwrap();
        if !read.text.contains(contact) {
            return Some(format!("no safety contact: {}", read.text));
        }
    }
    // Where the standard text took its place, its sentences are not those of the answer.
    let passed =
        |bad: &&String| !read.fallback && read.sentences.iter().any(|own| own == bad.trim());
    case.bad.iter().find(passed).cloned()
}

#[test]
fn no_bad_answer_reaches_the_reader() {
    let asked = asked();
    let cases: Vec<Case> = lines(BAD);
    assert!(cases.len() >= 500);
    let leaks: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let leak = leak(&asked[&case.request], case)?;
            Some(format!(
                "{} {} {}: {leak}",
                case.id, case.request, case.fault
            ))
        })
        .collect();
    println!("bad answers: {}, leaks: {}", cases.len(), leaks.len());
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

#[test]
fn hardly_any_good_answer_is_refused() {
    let asked = asked();
    let cases: Vec<Case> = lines(GOOD);
    assert!(cases.len() >= 300);
    let (mut told, mut refused, mut sentences) = (Vec::new(), 0, 0);
    for case in &cases {
        let read = read(&asked[&case.request], case);
        sentences += read.sentences.len() + read.refused.len();
        refused += usize::from(!read.refused.is_empty());
        for Refused { text, reason } in read.refused {
            told.push(format!("{} {}: {reason}: {text}", case.id, case.request));
        }
    }
    println!(
        "good answers: {}, with a refusal: {refused}; sentences: {sentences}, refused: {}",
        cases.len(),
        told.len()
    );
    assert!(refused * 100 <= cases.len(), "{}", told.join("\n"));
}
