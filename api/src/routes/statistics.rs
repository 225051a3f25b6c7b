//! Counts over all customers, and the row count that was there before this program.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{DataQuality, JsonText, fetch_json};
use crate::{
    app::App,
    parameters::{PathParameters, QueryParameters, empty_as_none, iso_date},
    problem::{CommonProblems, Problem},
};

/// What to count. An empty parameter is an absent one.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ProductsQuery {
    /// Only customers of this type.
    #[serde(default, deserialize_with = "empty_as_none")]
    #[param(example = "Red")]
    pub customer_type: Option<String>,
    /// Only this product.
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
}

/// Interactions for each customer type and product.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProductsAnswer {
    /// How an interaction belongs to a product: by the month it took place in.
    #[schema(example = "month")]
    pub attribution: String,
    /// All interactions counted here, each once.
    #[schema(example = 20)]
    pub total_interactions: i64,
    /// Those of a month in which no product was discussed.
    #[schema(example = 0)]
    pub unattributed: i64,
    /// How often an interaction was counted for one more product, because its month has several.
    #[schema(example = 0)]
    pub counted_again: i64,
    /// The full matrix, zeros included.
    pub customer_types: Vec<TypeCounts>,
    /// How far the interactions counted here can be trusted.
    pub data_quality: DataQuality,
}

/// One customer type.
#[derive(Debug, Serialize, ToSchema)]
pub struct TypeCounts {
    /// The type; `Unknown` where it is missing.
    #[schema(example = "Red")]
    pub customer_type: String,
    /// All interactions with customers of this type, each once.
    #[schema(example = 8)]
    pub total_interactions: i64,
    /// Those of a month in which no product was discussed.
    #[schema(example = 0)]
    pub unattributed: i64,
    /// How often an interaction was counted for one more product, because its month has several.
    #[schema(example = 0)]
    pub counted_again: i64,
    /// Every product.
    pub products: Vec<ProductCount>,
}

/// One product for one customer type.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProductCount {
    /// The product.
    #[schema(example = "Sand")]
    pub product: String,
    /// Interactions in the months in which it was discussed.
    #[schema(example = 8)]
    pub interactions: i64,
}

/// Count interactions per product
#[utoipa::path(
    get,
    path = "/api/v1/stats/interactions-per-product",
    tag = "statistics",
    security((), ("token" = [])),
    params(ProductsQuery),
    responses(
        (status = 200, description = "The counts", body = ProductsAnswer),
        CommonProblems
    )
)]
pub(crate) async fn count_interactions_per_product(
    State(app): State<App>,
    QueryParameters(query): QueryParameters<ProductsQuery>,
) -> Result<JsonText, Problem> {
    let statement = sqlx::query_scalar(
        "SELECT rapport.interactions_per_product_report($1, $2, $3::text::date, $4::text::date)::text",
    )
    .bind(query.customer_type)
    .bind(query.product)
    .bind(query.since)
    .bind(query.until);
    fetch_json(statement, &app.database.questions).await
}

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
