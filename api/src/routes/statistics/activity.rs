//! Interactions month by month.

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
pub struct ActivityQuery {
    /// Only customers of this type.
    #[serde(default, deserialize_with = "empty_as_none")]
    #[param(example = "Red")]
    pub customer_type: Option<String>,
    /// Only interactions through this channel.
    #[serde(default, deserialize_with = "empty_as_none")]
    #[param(example = "Call")]
    pub channel: Option<String>,
    /// Only interactions with this sentiment.
    #[serde(default, deserialize_with = "empty_as_none")]
    #[param(example = "Positive")]
    pub sentiment: Option<String>,
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

/// A page of monthly activity.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActivityAnswer {
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
    /// The rows, by month, channel, customer type and sentiment; those without an interaction are left out.
    pub activity: Vec<MonthActivity>,
    /// What to pass as `after` for the next page; null on the last.
    #[schema(required)]
    pub next_after: Option<String>,
}

/// One month, channel, customer type and sentiment.
#[derive(Debug, Serialize, ToSchema)]
pub struct MonthActivity {
    /// The first day of the month.
    #[schema(format = Date, example = "2020-01-01")]
    pub month: String,
    /// The channel; `Unknown` where it is missing.
    #[schema(example = "Call")]
    pub channel: String,
    /// The type; `Unknown` where it is missing.
    #[schema(example = "Red")]
    pub customer_type: String,
    /// The sentiment; `Unknown` where it is missing.
    #[schema(example = "Positive")]
    pub sentiment: String,
    /// Their interactions.
    #[schema(example = 2)]
    pub interactions: i64,
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

/// Count interactions by month
#[utoipa::path(
    get,
    path = "/api/v1/stats/monthly-activity",
    tag = "statistics",
    security((), ("token" = [])),
    params(ActivityQuery),
    responses(
        (status = 200, description = "The counts", content(
            (ActivityAnswer = "application/json"),
            (String = "text/csv; charset=utf-8")
        )),
        CommonProblems
    )
)]
pub(crate) async fn count_monthly_activity(
    State(app): State<App>,
    QueryParameters(query): QueryParameters<ActivityQuery>,
) -> Result<Response, Problem> {
    let format = query.format.unwrap_or_default();
    let statement = match format {
        AnswerFormat::Json => {
            "SELECT rapport.monthly_activity_report($1, $2, $3, $4, $5::text::date, $6::text::date, $7, $8)::text"
        }
        AnswerFormat::Csv => {
            require_whole_file(query.after.as_ref(), query.limit)?;
            "SELECT rapport.monthly_activity_csv($1, $2, $3, $4, $5::text::date, $6::text::date)"
        }
    };
    let asked = sqlx::query_scalar(statement)
        .bind(query.customer_type)
        .bind(query.channel)
        .bind(query.sentiment)
        .bind(query.product)
        .bind(query.since)
        .bind(query.until);
    let asked = match format {
        AnswerFormat::Json => asked.bind(query.after).bind(query.limit.unwrap_or(PAGE)),
        AnswerFormat::Csv => asked,
    };
    answer(&app, format, "monthly-activity.csv", asked).await
}
