//! Reading questions. Finding what answers them is SQL, in `sql/ask.sql`.

use pgrx::pg_sys::panic::ErrorReport;
use pgrx::{JsonB, pg_extern};
use rapport_core::question;

use crate::sqlstate;

/// Plans the answer to a question with the labels that it can mean.
#[pg_extern(immutable, parallel_safe, strict)]
pub(crate) fn read_question(question: &str, vocabulary: JsonB) -> Result<JsonB, ErrorReport> {
    let vocabulary = serde_json::from_value(vocabulary.0)
        .map_err(|error| sqlstate::invalid("vocabulary", &error))?;
    serde_json::to_value(question::plan(question, &vocabulary))
        .map(JsonB)
        .map_err(|error| sqlstate::internal(&error))
}
