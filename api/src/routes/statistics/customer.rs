//! One customer in numbers.

use axum::{extract::State, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{AnswerFormat, answer, products::ProductCount};
use crate::{
    app::App,
    parameters::{PathParameters, QueryParameters, optional},
    problem::{CommonProblems, Problem, ProblemDocument},
    routes::{CustomerPath, DataQuality},
};

/// How to answer.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CustomerQuery {
    /// A JSON document, which is the default, or a file for spreadsheet programs.
    #[serde(default, deserialize_with = "optional")]
    #[param(inline)]
    pub format: Option<AnswerFormat>,
}

/// What is known about a customer, in numbers.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerAnswer {
    /// When the counts were true.
    #[schema(format = DateTime, example = "2026-01-31T08:00:00.5+00:00")]
    pub as_of: String,
    /// The number of the customer.
    #[schema(example = 1)]
    pub customer_id: i64,
    /// The occupation; null when nobody said.
    #[schema(required, example = "Jedi")]
    pub occupation: Option<String>,
    /// The type; null when nobody said.
    #[schema(required, example = "Red")]
    pub customer_type: Option<String>,
    /// Whether only interactions mention this customer.
    pub is_placeholder: bool,
    /// All interactions, each once.
    #[schema(example = 8)]
    pub total_interactions: i64,
    /// The time of the earliest interaction, local time without a time zone; null when there is none.
    #[schema(required, example = "2019-01-14T10:30:00")]
    pub first_interaction_at: Option<String>,
    /// The time of the latest one.
    #[schema(required, example = "2020-11-24T09:20:00")]
    pub last_interaction_at: Option<String>,
    /// The number of the latest one.
    #[schema(required, example = 8)]
    pub last_interaction_id: Option<i64>,
    /// Its channel.
    #[schema(required, example = "Email")]
    pub last_channel: Option<String>,
    /// Its topic.
    #[schema(required, example = "Reimbursement Question")]
    pub last_topic: Option<String>,
    /// Its sentiment.
    #[schema(required, example = "Neutral")]
    pub last_sentiment: Option<String>,
    /// The channel used most often; ties go to the most recently used, then alphabetical.
    #[schema(required, example = "Email")]
    pub most_frequent_channel: Option<String>,
    /// At most five topics, the most frequent first.
    pub key_topics: Vec<String>,
    /// How an interaction belongs to a product: by the month it took place in.
    #[schema(example = "month")]
    pub attribution: String,
    /// The products discussed in the months of the interactions.
    pub products: Vec<ProductCount>,
    /// Interactions of a month in which no product was discussed.
    #[schema(example = 1)]
    pub unattributed: i64,
    /// How often an interaction was counted for one more product, because its month has several.
    #[schema(example = 1)]
    pub counted_again: i64,
    /// How far the interactions can be trusted.
    pub data_quality: DataQuality,
}

/// Count the interactions of a customer
#[utoipa::path(
    get,
    path = "/api/v1/stats/customers/{customer_id}",
    tag = "statistics",
    security((), ("token" = [])),
    params(CustomerPath, CustomerQuery),
    responses(
        (status = 200, description = "The counts", content(
            (CustomerAnswer = "application/json"),
            (String = "text/csv; charset=utf-8")
        )),
        (status = 404, description = "No such customer", body = ProblemDocument,
         content_type = "application/problem+json"),
        CommonProblems
    )
)]
pub(crate) async fn count_interactions_of_customer(
    State(app): State<App>,
    PathParameters(CustomerPath { customer_id }): PathParameters<CustomerPath>,
    QueryParameters(query): QueryParameters<CustomerQuery>,
) -> Result<Response, Problem> {
    let format = query.format.unwrap_or_default();
    let statement = match format {
        AnswerFormat::Json => "SELECT rapport.customer_report($1)::text",
        AnswerFormat::Csv => "SELECT rapport.customer_csv($1)",
    };
    let asked = sqlx::query_scalar(statement).bind(customer_id);
    answer(&app, format, &format!("customer-{customer_id}.csv"), asked).await
}
