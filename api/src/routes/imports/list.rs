//! The imports, page by page.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::{JsonText, fetch_json};
use crate::{
    app::App,
    parameters::QueryParameters,
    problem::{CommonProblems, Problem},
};

/// Which page of the imports.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ImportsQuery {
    /// Only imports before this one: `next_before` of the page before.
    #[param(minimum = 1)]
    pub before_import: Option<i64>,
    /// How many imports.
    #[param(default = 20, minimum = 1, maximum = 100)]
    pub limit: Option<i32>,
}

/// A page of imports.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportPage {
    /// The imports, the newest first.
    pub imports: Vec<ImportSummary>,
    /// What to pass as `before_import` for the next page; null on the last.
    #[schema(required)]
    pub next_before: Option<i64>,
}

/// An import and its counts.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportSummary {
    /// The number of the import.
    #[schema(example = 1)]
    pub import_id: i64,
    /// The name of the file.
    #[schema(example = "interactions.xlsx")]
    pub file_name: String,
    /// When it was imported.
    #[schema(format = DateTime)]
    pub imported_at: String,
    /// The database role that imported it.
    pub imported_by: String,
    /// When it was undone; null when it was not.
    #[schema(required, format = DateTime)]
    pub undone_at: Option<String>,
    /// The database role that undid it.
    #[schema(required)]
    pub undone_by: Option<String>,
    /// `xlsx`, `csv`, or `query` when SQL imported the rows of a query.
    #[schema(example = "xlsx")]
    pub file_format: String,
    /// The size of the file.
    pub content_bytes: i64,
    /// The SHA-256 of the file, in hexadecimal.
    pub content_sha256: String,
    /// How text dates with slashes were read: `DMY` or `MDY`; null when the file has none.
    #[schema(required)]
    pub date_order: Option<String>,
    /// How a text file is encoded; null for a workbook.
    #[schema(required, example = "UTF-8")]
    pub encoding: Option<String>,
    /// What separates the values of a text file; null for a workbook.
    #[schema(required, example = "comma")]
    pub delimiter: Option<String>,
    /// Rows read.
    pub rows_read: i64,
    /// Rows after each was split over its customers: `loaded` + `merged` + `duplicates` + `rejected`. These five are
    /// null for imports of an earlier version.
    #[schema(required)]
    pub records: Option<i64>,
    /// Records that became a row of their own.
    #[schema(required)]
    pub loaded: Option<i64>,
    /// Records that met a stored row, and filled its gaps or contradict it.
    #[schema(required)]
    pub merged: Option<i64>,
    /// Records that say nothing new.
    #[schema(required)]
    pub duplicates: Option<i64>,
    /// Records that could not be used.
    #[schema(required)]
    pub rejected: Option<i64>,
    /// Customers that were not there before.
    pub customers_added: i64,
    /// Customers that gained an occupation or a type.
    pub customers_updated: i64,
    /// Customers made up for interactions that name an unknown one.
    pub placeholders_added: i64,
    /// Interactions that were not there before.
    pub interactions_added: i64,
    /// Interactions that gained a topic or a sentiment.
    pub interactions_enriched: i64,
    /// Products of a month that were not there before.
    pub products_added: i64,
    /// Cells that were repaired.
    pub repaired: i64,
    /// Rows that were split over several customers.
    pub split: i64,
    /// Values that filled a gap in a stored row.
    pub filled: i64,
    /// Values that contradict stored ones; the stored ones were kept.
    pub conflicts: i64,
    /// Texts that come close to a known one; the ledger has the suggestions.
    pub suggested: i64,
}

/// List the imports
///
/// The newest first. An import that was undone stays in the list.
#[utoipa::path(
    get,
    path = "/api/v1/imports",
    tag = "imports",
    security((), ("token" = [])),
    params(ImportsQuery),
    responses(
        (status = 200, description = "A page of imports", body = ImportPage),
        CommonProblems
    )
)]
pub(crate) async fn list_imports(
    State(app): State<App>,
    QueryParameters(query): QueryParameters<ImportsQuery>,
) -> Result<JsonText, Problem> {
    let statement = sqlx::query_scalar("SELECT rapport.list_imports($1, coalesce($2, 20))::text")
        .bind(query.before_import)
        .bind(query.limit);
    fetch_json(statement, &app.database.questions).await
}
