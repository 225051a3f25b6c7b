//! Interactions topic by topic.

use axum::{extract::State, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{AnswerFormat, PAGE, answer, require_whole_file};
use crate::{
    app::App,
    parameters::{QueryParameters, empty_as_none, iso_date, optional},
    problem::{CommonProblems, Problem},
    routes::DataQuality,
};

/// What to count. An empty parameter is an absent one.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TopicsQuery {
    /// Only this topic.
    #[serde(default, deserialize_with = "empty_as_none")]
    #[param(example = "Drug Efficacy")]
    pub topic: Option<String>,
    /// Only customers of this type.
    #[serde(default, deserialize_with = "empty_as_none")]
    #[param(example = "Red")]
    pub customer_type: Option<String>,
    /// Only interactions in the months of this product.
    #[serde(default, deserialize_with = "empty_as_none")]
    #[param(example = "Sand")]
    pub product: Option<String>,
    /// Only interactions on this day or later, `YYYY-MM-DD`.
    #[serde(default, deserialize_with = "iso_date")]
    #[param(format = Date, example = "2019-01-01")]
    pub since: Option<String>,
    /// Only interactions on this day or earlier, `YYYY-MM-DD`.
    #[serde(default, deserialize_with = "iso_date")]
    #[param(format = Date, example = "2020-12-31")]
    pub until: Option<String>,
    /// Only what comes after this page: `next_after` of the page before.
    #[serde(default, deserialize_with = "empty_as_none")]
    pub after: Option<String>,
    /// How many rows.
    #[serde(default, deserialize_with = "optional")]
    #[param(default = 1000, minimum = 1, maximum = 10000)]
    pub limit: Option<i32>,
    /// A page of JSON, which is the default, or a file for spreadsheet programs with every row.
    #[serde(default, deserialize_with = "optional")]
    #[param(inline)]
    pub format: Option<AnswerFormat>,
}

/// A page of topics.
#[derive(Debug, Serialize, ToSchema)]
pub struct TopicsAnswer {
    /// When the counts were true.
    #[schema(format = DateTime, example = "2026-01-31T08:00:00.5+00:00")]
    pub as_of: String,
    /// How an interaction belongs to a product: by the month it took place in.
    #[schema(example = "month")]
    pub attribution: String,
    /// All interactions counted here, on all pages.
    #[schema(example = 67)]
    pub total_interactions: i64,
    /// Those of a month in which no product was discussed.
    #[schema(example = 4)]
    pub unattributed: i64,
    /// How far the interactions counted here can be trusted.
    pub data_quality: DataQuality,
    /// The topics, by name; in a CSV file the most frequent first.
    pub topics: Vec<TopicCounts>,
    /// What to pass as `after` for the next page; null on the last.
    #[schema(required)]
    pub next_after: Option<String>,
}

/// How customers feel about a topic.
#[derive(Debug, Serialize, ToSchema)]
pub struct TopicCounts {
    /// The topic; `Unknown` where it is missing.
    #[schema(example = "Drug Efficacy")]
    pub topic: String,
    /// Its interactions.
    #[schema(example = 14)]
    pub interactions: i64,
    /// Those with the sentiment `Positive`.
    #[schema(example = 12)]
    pub positive: i64,
    /// Those with the sentiment `Neutral`.
    #[schema(example = 2)]
    pub neutral: i64,
    /// Those with the sentiment `Negative`.
    #[schema(example = 0)]
    pub negative: i64,
    /// Those with another sentiment.
    #[schema(example = 0)]
    pub other: i64,
    /// Those where nobody said.
    #[schema(example = 0)]
    pub unknown: i64,
    /// (positive - negative) / (positive + neutral + negative), from -1 to 1; null when nobody said.
    #[schema(required, example = 0.857)]
    pub net_sentiment: Option<f64>,
    /// The first day of the month of the latest interaction.
    #[schema(format = Date, example = "2020-12-01")]
    pub last_month: String,
    /// Those of a month in which no product was discussed.
    #[schema(example = 0)]
    pub unattributed: i64,
    /// Those that come from a row that was repaired or split.
    #[schema(example = 0)]
    pub repaired: i64,
    /// Those that another row contradicts.
    #[schema(example = 0)]
    pub conflicts: i64,
}

/// Count interactions by topic
#[utoipa::path(
    get,
    path = "/api/v1/stats/topics",
    tag = "statistics",
    security((), ("token" = [])),
    params(TopicsQuery),
    responses(
        (status = 200, description = "The counts", content(
            (TopicsAnswer = "application/json"),
            (String = "text/csv; charset=utf-8")
        )),
        CommonProblems
    )
)]
pub(crate) async fn count_topics(
    State(app): State<App>,
    QueryParameters(query): QueryParameters<TopicsQuery>,
) -> Result<Response, Problem> {
    let format = query.format.unwrap_or_default();
    let statement = match format {
        AnswerFormat::Json => {
            "SELECT rapport.topics_report($1, $2, $3, $4::text::date, $5::text::date, $6, $7)::text"
        }
        AnswerFormat::Csv => {
            require_whole_file(query.after.as_ref(), query.limit)?;
            "SELECT rapport.topics_csv($1, $2, $3, $4::text::date, $5::text::date)"
        }
    };
    let asked = sqlx::query_scalar(statement)
        .bind(query.topic)
        .bind(query.customer_type)
        .bind(query.product)
        .bind(query.since)
        .bind(query.until);
    let asked = match format {
        AnswerFormat::Json => asked.bind(query.after).bind(query.limit.unwrap_or(PAGE)),
        AnswerFormat::Csv => asked,
    };
    answer(&app, format, "topics.csv", asked).await
}
