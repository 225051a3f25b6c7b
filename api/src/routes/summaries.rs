//! Summaries of one customer.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::{CustomerPath, JsonText, Provenance, fetch_json, log_generation};
use crate::{
    app::App,
    parameters::PathParameters,
    problem::{CommonProblems, Problem, ProblemDocument},
};

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
    /// Where the text comes from.
    pub provenance: Option<Provenance>,
}

/// What is known about the interactions of a customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Summary {
    /// How many interactions there are.
    #[schema(example = 5)]
    pub total_interactions: i64,
    /// The channel used most; a tie goes to the one used last.
    #[schema(example = "Email")]
    pub most_frequent_channel: Option<String>,
    /// The latest interaction.
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
    #[schema(example = "Call")]
    pub channel: Option<String>,
    /// Its topic.
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
    params(CustomerPath),
    responses(
        (status = 200, description = "The summary", body = SummaryAnswer),
        (status = 404, description = "No such customer", body = ProblemDocument,
         content_type = "application/problem+json"),
        (status = 429, description = "The budget of the server's role is used up", body = ProblemDocument,
         content_type = "application/problem+json"),
        (status = 502, description = "The model gave no usable answer", body = ProblemDocument,
         content_type = "application/problem+json"),
        CommonProblems
    )
)]
pub(crate) async fn summarize_interactions(
    State(app): State<App>,
    PathParameters(CustomerPath { customer_id }): PathParameters<CustomerPath>,
) -> Result<JsonText, Problem> {
    let statement =
        sqlx::query_scalar("SELECT rapport.summarize_customer($1)::text").bind(customer_id);
    let answer = fetch_json(statement, &app.database.questions).await?;
    log_generation("summary", customer_id, &answer);
    Ok(answer)
}
