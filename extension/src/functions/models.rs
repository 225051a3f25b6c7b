//! Looking at models. Registering and choosing them is SQL, in `sql/models.sql`.

use std::time::Instant;

use pgrx::iter::SetOfIterator;
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::{JsonB, pg_extern};
use rapport_core::generation::Prompt;
use serde_json::json;

use crate::models;
use crate::sqlstate;

/// Refuses a row of rapport.model that no call could be made with.
#[pg_extern(immutable, parallel_safe, strict)]
pub(crate) fn check_model(model: JsonB) -> Result<(), ErrorReport> {
    let row =
        serde_json::from_value(model.0).map_err(|error| sqlstate::invalid("model", &error))?;
    models::check(&row)
}

/// Lists the wire formats.
#[pg_extern(immutable, parallel_safe)]
pub(crate) fn dialects() -> SetOfIterator<'static, &'static str> {
    SetOfIterator::new(models::dialects())
}

/// Asks a model for a word, and tells how that went.
#[pg_extern(volatile, parallel_unsafe, strict, cost = 10000)]
pub(crate) fn probe_model(name: &str) -> Result<JsonB, ErrorReport> {
    let model = models::open(name)?;
    let started = Instant::now();
    let answer = model.complete(&Prompt::probe());
    let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(JsonB(match answer {
        Ok(answer) => json!({
            "model": name,
            "ok": true,
            "milliseconds": milliseconds,
            "answer": answer.text.chars().take(200).collect::<String>(),
            "usage": answer.usage,
        }),
        Err(error) => json!({
            "model": name,
            "ok": false,
            "milliseconds": milliseconds,
            "error": error.to_string(),
        }),
    }))
}
