//! Summaries of one customer.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{CustomerPath, DataQuality, JsonText, Provenance, fetch_generation};
use crate::{
    app::App,
    parameters::{PathParameters, QueryParameters, empty_as_none},
    problem::{CommonProblems, Problem, ProblemDocument},
};

/// What the reader is interested in.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SummaryQuery {
    /// What the summary should also name the nearest interactions of.
    #[serde(default, deserialize_with = "empty_as_none")]
    #[param(example = "side effects")]
    pub focus: Option<String>,
}

/// A summary and what it rests on.
#[derive(Debug, Serialize, ToSchema)]
pub struct SummaryAnswer {
    /// The number of the customer.
    #[schema(example = 1)]
    pub customer_id: i64,
    /// The summary.
    pub summary: Summary,
    /// The interactions that the sentences rely on.
    pub evidence: Vec<i64>,
    /// How far the data behind it can be trusted.
    pub data_quality: DataQuality,
    /// Where the text comes from.
    pub provenance: SummaryProvenance,
}

/// Where a summary comes from, and whether a person has to look at it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SummaryProvenance {
    /// As for every text.
    #[serde(flatten)]
    pub provenance: Provenance,
    /// Whether a person has to look at the summary before it is used.
    pub needs_review: bool,
    /// Why.
    pub review_reasons: Vec<String>,
}

/// What is known about the interactions of a customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Summary {
    /// How many interactions there are.
    #[schema(example = 5)]
    pub total_interactions: i64,
    /// The channel used most; a tie goes to the one used last.
    #[schema(required, example = "Email")]
    pub most_frequent_channel: Option<String>,
    /// The latest interaction; null when there is none.
    #[schema(required)]
    pub last_interaction: Option<LastInteraction>,
    /// At most five, the most frequent first.
    pub key_topics: Vec<String>,
    /// The same in sentences.
    pub summary_text: String,
}

/// The latest interaction of a customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct LastInteraction {
    /// Its day.
    #[schema(example = "2024-01-25")]
    pub date: String,
    /// Its channel.
    #[schema(required, example = "Call")]
    pub channel: Option<String>,
    /// Its topic.
    #[schema(required)]
    pub topic: Option<String>,
}

/// Summarise the interactions of a customer
///
/// A customer without interactions is answered 200 with zeros and a sentence that says so.
#[utoipa::path(
    get,
    path = "/api/v1/summarized_interactions/{customer_id}",
    tag = "generation",
    security((), ("token" = [])),
    params(CustomerPath, SummaryQuery),
    responses(
        (status = 200, description = "The summary", body = SummaryAnswer),
        (status = 404, description = "No such customer", body = ProblemDocument,
         content_type = "application/problem+json"),
        (status = 502, description = "The model gave no usable answer", body = ProblemDocument,
         content_type = "application/problem+json"),
        CommonProblems
    )
)]
pub(crate) async fn summarize_interactions(
    State(app): State<App>,
    PathParameters(CustomerPath { customer_id }): PathParameters<CustomerPath>,
    QueryParameters(query): QueryParameters<SummaryQuery>,
) -> Result<JsonText, Problem> {
    let statement = sqlx::query_scalar("SELECT rapport.summarize_customer($1, $2)::text")
        .bind(customer_id)
        .bind(query.focus);
    fetch_generation("summary", customer_id, statement, &app.database.questions).await
}
