//! Handing facts and evidence to a model. Gathering them is SQL, in `sql/generation.sql` and
//! `sql/ask.sql`.

use std::time::Instant;

use pgrx::pg_sys::panic::ErrorReport;
use pgrx::{JsonB, pg_extern, search_path};
use rapport_core::generation::Prompt;
use serde_json::json;

use crate::database::generations::{self, Kept};
use crate::models;
use crate::sqlstate::report;
use crate::work::Work;

/// Has a model do what a request asks for, and checks it against the evidence; what was written
/// before is not written again.
#[pg_extern(volatile, parallel_unsafe, strict, cost = 10000, security_definer)]
#[search_path(pg_catalog, pg_temp)]
pub(crate) fn generate(request: JsonB, model: &str) -> Result<JsonB, ErrorReport> {
    let work = Work::read(request.0)?;
    models::require_chosen(model, work.task())?;
    let (prompt, identity) = (work.prompt(), models::identity(model)?);
    let key = content_key(&work, &prompt, &identity);
    if let Some(written) = generations::find(&key)? {
        return Ok(written);
    }
    let model = models::open(model)?;
    let started = Instant::now();
    let written = work.write(model.as_ref()).map_err(report)?;
    let id = generations::keep(Kept {
        key: &key,
        task: work.task(),
        model: model.name(),
        prompt: &prompt.id(),
        customer: work.customer(),
        about: work.about(),
        data_digest: &prompt.data_digest(),
        model_identity: &identity,
        result: &written.result,
        fallback: written.fallback,
        usage: written.usage,
        milliseconds: started.elapsed().as_millis(),
        customers: work.customers(),
    })?;
    Ok(generations::numbered(written.result, id))
}

/// Has a model do what a request asks for, though it may have been written before, and keeps
/// nothing.
#[pg_extern(volatile, parallel_unsafe, strict, cost = 10000)]
pub(crate) fn generate_anew(request: JsonB, model: &str) -> Result<JsonB, ErrorReport> {
    let work = Work::read(request.0)?;
    let model = models::open(model)?;
    let written = work.write(model.as_ref()).map_err(report)?;
    Ok(JsonB(written.result))
}

/// Tells what a model would be given, without asking it.
#[pg_extern(stable, parallel_restricted, strict, security_definer)]
#[search_path(pg_catalog, pg_temp)]
pub(crate) fn describe_request(request: JsonB, model: &str) -> Result<JsonB, ErrorReport> {
    let work = Work::read(request.0)?;
    let identity = models::identity(model)?;
    let prompt = work.prompt();
    let kept = generations::find(&content_key(&work, &prompt, &identity))?;
    Ok(JsonB(json!({
        "task": work.task(),
        "prompt": prompt.id(),
        "key": prompt.key(&identity),
        "generation_id": kept.and_then(|kept| kept.0.get("generation_id").cloned()),
        "data_digest": prompt.data_digest(),
        "model_identity": identity,
        "system": prompt.system,
        "user": prompt.user,
        "estimated_input_tokens": prompt.estimated_tokens(),
        "max_output_tokens": prompt.max_output_tokens,
    })))
}

/// Returns the key under which the outcome is kept: besides what decides it also what it was asked
/// for, so that no two requests share a row.
fn content_key(work: &Work, prompt: &Prompt, identity: &str) -> String {
    prompt.key(&json!([identity, work.customer(), work.about()]).to_string())
}
