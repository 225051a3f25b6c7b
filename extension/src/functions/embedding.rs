//! Texts as vectors. What is done with them is SQL, in `sql/passages.sql` and `sql/retrieval.sql`.

use pgrx::iter::TableIterator;
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::{Array, default, name, pg_extern};
use rapport_core::embedding::{self, Embedder, Table};
use rapport_core::{passage, ranking, wording};

use crate::progress::check_interrupts;
use crate::sqlstate;

/// The most texts that are embedded at once: their vectors are held in memory.
const MANY: usize = 10_000;

/// Turns a text into a vector of length 1; NULL for a text without a word that the embedder knows.
#[pg_extern(immutable, parallel_safe, strict)]
pub(crate) fn embed(
    text: &str,
    model: default!(&str, "'static'"),
) -> Result<Option<Vec<f32>>, ErrorReport> {
    Ok(embedder(model)?.embed(text))
}

/// Turns texts into vectors, each with the place of its text, from 1.
#[expect(
    clippy::type_complexity,
    reason = "pgrx reads the columns from the type"
)]
#[pg_extern(immutable, parallel_safe, strict)]
pub(crate) fn embed_all(
    texts: Array<'_, &str>,
    model: default!(&str, "'static'"),
) -> Result<
    TableIterator<'static, (name!(place, i32), name!(embedding, Option<Vec<f32>>))>,
    ErrorReport,
> {
    let embedder = embedder(model)?;
    if texts.len() > MANY {
        return Err(sqlstate::refused(format!(
            "{} texts at once, and {MANY} are allowed",
            texts.len()
        )));
    }
    let vectors: Vec<_> = (1..)
        .zip(texts.iter())
        .map(|(place, text)| {
            check_interrupts();
            (place, text.and_then(|text| embedder.embed(text)))
        })
        .collect();
    Ok(TableIterator::new(vectors))
}

/// Lists the embedders.
#[pg_extern(immutable, parallel_safe)]
pub(crate) fn embedders() -> TableIterator<
    'static,
    (
        name!(model, &'static str),
        name!(dimensions, i32),
        name!(is_default, bool),
    ),
> {
    TableIterator::new(
        embedding::embedders()
            .iter()
            .enumerate()
            .map(|(place, embedder)| {
                let dimensions = i32::try_from(embedder.dimensions()).unwrap_or(i32::MAX);
                (embedder.name(), dimensions, place == 0)
            }),
    )
}

/// Tells how much a word says.
#[pg_extern(immutable, parallel_safe, strict)]
pub(crate) fn word_weight(word: &str) -> f32 {
    Table.weight(word)
}

/// Writes the condition that a text has words with at least half of the weight of all.
#[pg_extern(immutable, parallel_safe, strict)]
pub(crate) fn half_of(
    words: Vec<Option<String>>,
    weights: Vec<Option<f32>>,
) -> Result<Option<String>, ErrorReport> {
    let (words, weights) = (all_of("words", words)?, all_of("weights", weights)?);
    let words: Vec<(&str, f32)> = words.iter().map(String::as_str).zip(weights).collect();
    Ok(wording::half(&words))
}

/// Takes the elements of an array of which none may be NULL.
fn all_of<T>(name: &str, elements: Vec<Option<T>>) -> Result<Vec<T>, ErrorReport> {
    elements
        .into_iter()
        .collect::<Option<Vec<T>>>()
        .ok_or_else(|| sqlstate::refused(format!("{name} must not have a null element")))
}

/// Splits what an interaction says into the texts by which it is found, each with its number, from 0.
#[pg_extern(immutable, parallel_safe)]
pub(crate) fn passages_of(
    topic: Option<&str>,
    notes: Option<&str>,
) -> TableIterator<'static, (name!(part, i32), name!(content, String))> {
    TableIterator::new((0..).zip(passage::passages(topic, notes)))
}

/// Chooses places of results, from 1, by maximal marginal relevance. `likenesses` has, row by row, how
/// alike each result is to each other one.
#[pg_extern(immutable, parallel_safe, strict)]
pub(crate) fn diverse(
    scores: Vec<Option<f32>>,
    likenesses: Vec<Option<f32>>,
    relevance: f32,
    count: i32,
) -> Result<Vec<i32>, ErrorReport> {
    let (scores, likenesses) = (all_of("scores", scores)?, all_of("likenesses", likenesses)?);
    let results = scores.len();
    if likenesses.len() != results * results {
        return Err(sqlstate::refused(format!(
            "{results} scores need {} likenesses, got \"{}\"",
            results * results,
            likenesses.len()
        )));
    }
    let alike = |one: usize, other: usize| {
        likenesses
            .get(one * results + other)
            .copied()
            .unwrap_or_default()
    };
    let chosen = ranking::diverse(
        &scores,
        &alike,
        relevance,
        usize::try_from(count).unwrap_or_default(),
    );
    Ok(chosen
        .into_iter()
        .filter_map(|place| i32::try_from(place + 1).ok())
        .collect())
}

fn embedder(model: &str) -> Result<&'static dyn Embedder, ErrorReport> {
    embedding::embedder(model).ok_or_else(|| {
        sqlstate::refused(format!("embedder \"{model}\" is unknown"))
            .set_hint("SELECT model FROM rapport.embedders() lists those that are known.")
    })
}
