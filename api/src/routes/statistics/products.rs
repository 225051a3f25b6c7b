//! Interactions for each customer type and product.

use axum::{extract::State, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{AnswerFormat, answer};
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
    /// A JSON document, which is the default, or a file for spreadsheet programs.
    #[serde(default, deserialize_with = "optional")]
    #[param(inline)]
    pub format: Option<AnswerFormat>,
}

/// Interactions for each customer type and product.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProductsAnswer {
    /// When the counts were true.
    #[schema(format = DateTime, example = "2026-01-31T08:00:00.5+00:00")]
    pub as_of: String,
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
        (status = 200, description = "The counts", content(
            (ProductsAnswer = "application/json"),
            (String = "text/csv; charset=utf-8")
        )),
        CommonProblems
    )
)]
pub(crate) async fn count_interactions_per_product(
    State(app): State<App>,
    QueryParameters(query): QueryParameters<ProductsQuery>,
) -> Result<Response, Problem> {
    let format = query.format.unwrap_or_default();
    let statement = match format {
        AnswerFormat::Json => {
            "SELECT rapport.interactions_per_product_report($1, $2, $3::text::date, $4::text::date)::text"
        }
        AnswerFormat::Csv => {
            "SELECT rapport.interactions_per_product_csv($1, $2, $3::text::date, $4::text::date)"
        }
    };
    let asked = sqlx::query_scalar(statement)
        .bind(query.customer_type)
        .bind(query.product)
        .bind(query.since)
        .bind(query.until);
    answer(&app, format, "interactions-per-product.csv", asked).await
}
