//! Drafts for one customer.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{CustomerPath, DataQuality, JsonText, Provenance, fetch_generation};
use crate::{
    app::App,
    parameters::{PathParameters, QueryParameters, empty_as_none},
    problem::{CommonProblems, Problem, ProblemDocument},
};

/// What kind of text is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ContentQuery {
    /// `email`, `letter` or `call_script`.
    #[serde(default, deserialize_with = "empty_as_none")]
    #[param(default = "email", example = "email")]
    pub content_type: Option<String>,
    /// What the draft should mainly be about.
    #[serde(default, deserialize_with = "empty_as_none")]
    #[param(example = "side effects")]
    pub focus: Option<String>,
}

/// A draft and what it rests on.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContentAnswer {
    /// The number of the customer.
    #[schema(example = 1)]
    pub customer_id: i64,
    /// The draft.
    pub generated_content: GeneratedContent,
    /// The subject line of an email or a letter; null for a call script.
    #[schema(required)]
    pub subject: Option<String>,
    /// Whether a person has to look at the draft before it is sent.
    pub needs_review: bool,
    /// Why.
    pub review_reasons: Vec<String>,
    /// The interactions that the draft relies on.
    pub evidence: Vec<i64>,
    /// How far the data behind it can be trusted.
    pub data_quality: DataQuality,
    /// Where the text comes from.
    pub provenance: Provenance,
}

/// The draft itself.
#[derive(Debug, Serialize, ToSchema)]
pub struct GeneratedContent {
    /// The kind of text.
    #[serde(rename = "Content_type")]
    #[schema(example = "email")]
    pub content_type: String,
    /// The text.
    #[serde(rename = "Content")]
    #[schema(example = "Dear Jedi, …")]
    pub content: String,
}

/// Draft a text for a customer
///
/// The draft rests on the interactions of the customer and on nothing else: the latest, and those that matter
/// most or come near the focus. The same data give the same bytes.
#[utoipa::path(
    get,
    path = "/api/v1/generate-content/{customer_id}",
    tag = "generation",
    security((), ("token" = [])),
    params(CustomerPath, ContentQuery),
    responses(
        (status = 200, description = "The draft", body = ContentAnswer),
        (status = 404, description = "No such customer", body = ProblemDocument,
         content_type = "application/problem+json"),
        (status = 502, description = "The model gave no usable answer", body = ProblemDocument,
         content_type = "application/problem+json"),
        CommonProblems
    )
)]
pub(crate) async fn generate_content(
    State(app): State<App>,
    PathParameters(CustomerPath { customer_id }): PathParameters<CustomerPath>,
    QueryParameters(query): QueryParameters<ContentQuery>,
) -> Result<JsonText, Problem> {
    let statement =
        sqlx::query_scalar("SELECT rapport.generate_content($1, coalesce($2, 'email'), $3)::text")
            .bind(customer_id)
            .bind(query.content_type)
            .bind(query.focus);
    fetch_generation("content", customer_id, statement, &app.database.questions).await
}
