//! The routes, each one SQL statement, and the kinds of answers they share.

pub mod content;
pub mod imports;
pub mod operations;
pub mod questions;
pub mod statistics;
pub mod summaries;
pub mod values;

use std::time::{Duration, Instant};

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, openapi, problem::Problem};

/// Collects every documented route.
pub(crate) fn all() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::frame())
        .routes(routes!(content::generate_content))
        .routes(routes!(summaries::summarize_interactions))
        .routes(routes!(questions::ask))
        .merge(statistics::routes())
        .merge(imports::routes())
        .routes(routes!(values::explain_value))
        .routes(routes!(operations::check_liveness))
        .routes(routes!(operations::check_readiness))
}

/// JSON that PostgreSQL built, passed on as it is.
#[derive(Debug)]
pub struct JsonText(pub String);

impl IntoResponse for JsonText {
    fn into_response(self) -> Response {
        let json = HeaderValue::from_static("application/json");
        ([(header::CONTENT_TYPE, json)], self.0).into_response()
    }
}

/// The customer a path names.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct CustomerPath {
    /// The number of the customer.
    #[param(minimum = 1, example = 1)]
    pub customer_id: i64,
}

/// How far the interactions behind an answer can be trusted.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataQuality {
    /// How many interactions there are.
    #[schema(example = 8)]
    pub interactions: i64,
    /// How many of them come from a row that was repaired or split.
    #[schema(example = 1)]
    pub repaired: i64,
    /// How many of them another row contradicts.
    #[schema(example = 1)]
    pub conflicts: i64,
}

/// Where a text comes from, so that it can be traced and asked for again.
#[derive(Debug, Serialize, ToSchema)]
pub struct Provenance {
    /// What was asked for: `summary`, `email`, `letter` or `call_script`.
    #[schema(example = "email")]
    pub task: String,
    /// The name of the model.
    #[schema(example = "mock")]
    pub model: String,
    /// The name and version of the prompt.
    #[schema(example = "email/3")]
    pub prompt: String,
    /// Names the question: the same key means the same prompt to the same model.
    pub key: String,
    /// What the model said it consumed.
    pub usage: TokenUsage,
    /// Whether the text is the standard one, because nothing the model wrote could be used.
    pub fallback: bool,
    /// What the model wrote and was not let through.
    pub refused: Vec<RefusedSentence>,
    /// The same of the answer that was not used, where the model was asked twice.
    pub discarded: Vec<RefusedSentence>,
    /// The sentences of the text, in order.
    pub sentences: Vec<TracedSentence>,
    /// The number under which the text is kept; null where nothing may be written.
    #[schema(required)]
    pub generation_id: Option<i64>,
}

/// What a model consumed.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenUsage {
    /// Tokens of the prompt.
    pub input_tokens: u64,
    /// Tokens of the answer.
    pub output_tokens: u64,
}

/// Something that the model wrote and that is not in the text.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusedSentence {
    /// What it wrote, cut to 300 characters.
    pub text: String,
    /// Why it was refused.
    pub reason: String,
}

/// A sentence and the interactions it relies on.
#[derive(Debug, Serialize, ToSchema)]
pub struct TracedSentence {
    /// The part of the text that it stands in.
    #[schema(example = "opening")]
    pub part: String,
    /// The sentence.
    pub text: String,
    /// The interactions.
    pub evidence: Vec<i64>,
}

/// Asks for a text, and logs which model wrote it, how long it took and what it consumed.
pub(crate) async fn fetch_generation(
    what: &str,
    customer_id: i64,
    query: sqlx::query::QueryScalar<'_, sqlx::Postgres, String, sqlx::postgres::PgArguments>,
    pool: &PgPool,
) -> Result<JsonText, Problem> {
    let started = Instant::now();
    let answer = fetch_json(query, pool).await?;
    log_generation(what, customer_id, &answer, started.elapsed());
    Ok(answer)
}

fn log_generation(what: &str, customer_id: i64, answer: &JsonText, took: Duration) {
    #[derive(Default, Deserialize)]
    struct Answer {
        provenance: Logged,
    }
    #[derive(Default, Deserialize)]
    struct Logged {
        model: String,
        prompt: String,
        fallback: bool,
        usage: Usage,
    }
    #[derive(Default, Deserialize)]
    struct Usage {
        input_tokens: u64,
        output_tokens: u64,
    }
    let Answer { provenance } = serde_json::from_str(&answer.0).unwrap_or_else(|error| {
        tracing::error!(%error, "the provenance of a text cannot be read");
        Answer::default()
    });
    tracing::info!(
        what,
        customer_id,
        model = provenance.model,
        prompt = provenance.prompt,
        fallback = provenance.fallback,
        input_tokens = provenance.usage.input_tokens,
        output_tokens = provenance.usage.output_tokens,
        duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        "generated"
    );
}

/// Returns JSON that a statement yields as text; SQL functions of ours never answer NULL there.
pub(crate) async fn fetch_json(
    query: sqlx::query::QueryScalar<'_, sqlx::Postgres, String, sqlx::postgres::PgArguments>,
    pool: &PgPool,
) -> Result<JsonText, Problem> {
    Ok(JsonText(query.fetch_one(pool).await?))
}
