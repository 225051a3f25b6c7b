//! Texts as vectors.

use pgrx::iter::TableIterator;
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::{Array, default, name, pg_extern};
use rapport_core::embedding::{self, Embedder};

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

fn embedder(model: &str) -> Result<&'static dyn Embedder, ErrorReport> {
    embedding::embedder(model).ok_or_else(|| {
        sqlstate::refused(format!("embedder \"{model}\" is unknown"))
            .set_hint("SELECT model FROM rapport.embedders() lists those that are known.")
    })
}
