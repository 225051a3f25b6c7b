//! Reading questions, and having them answered. Finding what answers them is SQL, in `sql/ask.sql`.

use pgrx::pg_sys::panic::ErrorReport;
use pgrx::{JsonB, pg_extern};
use rapport_core::generation::MockModel;
use rapport_core::question::{self, answer};

use crate::sqlstate::{self, report};

/// Plans the answer to a question with the labels that it can mean.
#[pg_extern(immutable, parallel_safe, strict)]
pub(crate) fn read_question(question: &str, vocabulary: JsonB) -> Result<JsonB, ErrorReport> {
    let vocabulary = serde_json::from_value(vocabulary.0)
        .map_err(|error| sqlstate::invalid("vocabulary", &error))?;
    serde_json::to_value(question::plan(question, &vocabulary))
        .map(JsonB)
        .map_err(|error| sqlstate::internal(&error))
}

/// Has the model answer a question from rows, and checks what it says against them.
#[pg_extern(volatile, parallel_unsafe, strict, cost = 10000)]
pub(crate) fn answer_from(request: JsonB) -> Result<JsonB, ErrorReport> {
    let request: answer::Request =
        serde_json::from_value(request.0).map_err(|error| sqlstate::invalid("request", &error))?;
    let answer = answer::answer(&request, &MockModel).map_err(report)?;
    serde_json::to_value(&answer)
        .map(JsonB)
        .map_err(|error| sqlstate::internal(&error))
}
