//! The imports, page by page.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::{JsonText, fetch_json};
use crate::{
    app::App,
    import::ImportCounts,
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
    /// Its counts, and how the file was read.
    #[serde(flatten)]
    pub counts: ImportCounts,
    /// Values that filled a gap in a stored row.
    pub filled: i64,
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
