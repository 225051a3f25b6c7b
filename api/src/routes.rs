//! The routes, each one SQL statement, and the kinds of answers they share.

pub mod content;
pub mod imports;
pub mod operations;
pub mod statistics;
pub mod summaries;

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
        .routes(routes!(statistics::count_interactions_per_product))
        .routes(routes!(statistics::count_rows))
        .merge(imports::routes())
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

/// The model that worked on an answer, as far as the answer tells. More keys may stand beside these.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
pub struct Provenance {
    /// The name of the model.
    pub model: Option<String>,
    /// The name and version of the prompt.
    #[schema(example = "email/2")]
    pub prompt: Option<String>,
    /// Names the question: the same key means the same prompt to the same model.
    pub key: Option<String>,
    /// Whether the text is the standard one, because nothing the model wrote could be used.
    pub fallback: Option<bool>,
    /// How long the model took, in milliseconds.
    pub duration_ms: Option<f64>,
}

/// Logs which model wrote an answer. An answer without provenance is logged without.
pub(crate) fn log_generation(what: &str, customer_id: i64, answer: &JsonText) {
    #[derive(Deserialize)]
    struct Answer {
        #[serde(default)]
        provenance: Provenance,
    }
    let provenance = serde_json::from_str::<Answer>(&answer.0)
        .map(|answer| answer.provenance)
        .unwrap_or_default();
    tracing::info!(
        what,
        customer_id,
        model = provenance.model,
        duration_ms = provenance.duration_ms,
        prompt = provenance.prompt,
        fallback = provenance.fallback,
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
