//! Handing facts and evidence to a model. Gathering them is SQL, in `sql/generation.sql`.

use pgrx::pg_sys::panic::ErrorReport;
use pgrx::{JsonB, pg_extern};
use rapport_core::generation::{self, MockModel, Request};

use crate::settings;
use crate::sqlstate::{self, report};

/// Has the model write the text of a request, and checks it against the evidence.
#[pg_extern(volatile, parallel_unsafe, strict, cost = 10000)]
pub(crate) fn generate(request: JsonB) -> Result<JsonB, ErrorReport> {
    let mut request: Request =
        serde_json::from_value(request.0).map_err(|error| sqlstate::invalid("request", &error))?;
    request.voice = settings::voice();
    let generation = generation::generate(&request, &MockModel).map_err(report)?;
    serde_json::to_value(&generation)
        .map(JsonB)
        .map_err(|error| sqlstate::internal(&error))
}
