//! The row count that was there before this program.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::App,
    parameters::PathParameters,
    problem::{CommonProblems, Problem},
};

/// The table a path names.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct TablePath {
    /// `customers`, `interactions` or `products`.
    #[param(example = "customers")]
    pub table: String,
}

/// How many rows a table has. Older clients compare these bytes, so they never change.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowCount {
    /// Always `Number of Rows`.
    #[schema(example = "Number of Rows")]
    message: &'static str,
    /// The number.
    #[schema(example = 5)]
    rows: i64,
}

/// Nothing has the name. Older clients compare these bytes, so they never change.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnknownTable {
    /// Always `Table name not found`.
    #[schema(example = "Table name not found")]
    message: &'static str,
}

/// Count the rows of a table
#[utoipa::path(
    get,
    path = "/api/v1/stats/{table}",
    tag = "statistics",
    security((), ("token" = [])),
    params(TablePath),
    responses(
        (status = 200, description = "The number of rows", body = RowCount),
        (status = 404, description = "No such table", body = UnknownTable),
        CommonProblems
    )
)]
pub(crate) async fn count_rows(
    State(app): State<App>,
    PathParameters(TablePath { table }): PathParameters<TablePath>,
) -> Result<Response, Problem> {
    let unknown = || {
        let body = UnknownTable {
            message: "Table name not found",
        };
        (StatusCode::NOT_FOUND, Json(body)).into_response()
    };
    // PostgreSQL refuses a NUL byte in a text, and no table has one in its name.
    if table.contains('\0') {
        return Ok(unknown());
    }
    let rows: Option<i64> = sqlx::query_scalar("SELECT rapport.row_count($1)")
        .bind(table)
        .fetch_one(&app.database.questions)
        .await?;
    Ok(rows.map_or_else(unknown, |rows| {
        Json(RowCount {
            message: "Number of Rows",
            rows,
        })
        .into_response()
    }))
}
