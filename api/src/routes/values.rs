//! From a stored value back to the cell it came from.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{JsonText, fetch_json};
use crate::{
    app::App,
    parameters::PathParameters,
    problem::{CommonProblems, Problem, ProblemDocument},
};

/// The value a path names.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ValuePath {
    /// `customers`, `interactions` or `products`.
    #[param(example = "interactions")]
    pub table: String,
    /// The number of the row: its `customer_id`, `interaction_id` or `product_month_id`.
    #[param(minimum = 1, example = 1)]
    pub id: i64,
    /// The column, or a header that the file had beyond them.
    #[param(example = "topic")]
    pub column: String,
}

/// One step on the way from a cell to a stored value.
#[derive(Debug, Serialize, ToSchema)]
pub struct ValueStep {
    /// Its place, from 1.
    #[schema(example = 1)]
    pub step: i64,
    /// The import; null for a value that was inherited or written by hand.
    #[schema(required, example = 1)]
    pub import_id: Option<i64>,
    /// The name of the file.
    #[schema(required, example = "interactions.xlsx")]
    pub file_name: Option<String>,
    /// The sheet.
    #[schema(required)]
    pub sheet: Option<String>,
    /// The row, as the spreadsheet shows it; null for what holds of a whole column.
    #[schema(required, example = 17)]
    pub row_number: Option<i64>,
    /// The cell.
    #[schema(required, example = "D17")]
    pub cell: Option<String>,
    /// The header above it.
    #[schema(required, example = "Topic")]
    pub header: Option<String>,
    /// The value before the step.
    #[schema(required)]
    pub before: Option<String>,
    /// The value after it.
    #[schema(required)]
    pub after: Option<String>,
    /// The rule that decided; null for a value that was taken as it is.
    #[schema(required, example = "white_space_folded")]
    pub rule: Option<String>,
    /// The version of the rule.
    #[schema(required, example = 1)]
    pub rule_version: Option<i16>,
    /// What it did.
    #[schema(required, example = "repaired")]
    pub action: Option<String>,
    /// `info`, `warning` or `error`.
    #[schema(required, example = "info")]
    pub severity: Option<String>,
    /// What the rule does.
    #[schema(required)]
    pub description: Option<String>,
    /// The step in a sentence.
    pub explanation: String,
}

/// Explain a stored value
///
/// Which cell it came from, and every decision on its way.
#[utoipa::path(
    get,
    path = "/api/v1/values/{table}/{id}/{column}",
    tag = "imports",
    security((), ("token" = [])),
    params(ValuePath),
    responses(
        (status = 200, description = "The steps, in order", body = Vec<ValueStep>),
        (status = 404, description = "No such row", body = ProblemDocument,
         content_type = "application/problem+json"),
        CommonProblems
    )
)]
pub(crate) async fn explain_value(
    State(app): State<App>,
    PathParameters(ValuePath { table, id, column }): PathParameters<ValuePath>,
) -> Result<JsonText, Problem> {
    let statement = sqlx::query_scalar(
        "SELECT coalesce(json_agg(s ORDER BY s.step), '[]')::text FROM rapport.explain_value($1, $2, $3) AS s",
    )
    .bind(table)
    .bind(id)
    .bind(column);
    fetch_json(statement, &app.database.questions).await
}
