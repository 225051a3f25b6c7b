//! What became of an import, and a page of its ledger.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{JsonText, fetch_json},
    ImportPath,
    list::ImportSummary,
};
use crate::{
    app::App,
    parameters::{PathParameters, QueryParameters},
    problem::{CommonProblems, Problem, ProblemDocument},
};

/// Which page of the ledger.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct LedgerQuery {
    /// Only entries after this one: `next_after` of the page before.
    #[param(default = 0, minimum = 0)]
    pub after_entry: Option<i64>,
    /// How many entries.
    #[param(default = 100, minimum = 1, maximum = 1000)]
    pub limit: Option<i32>,
}

/// An import and a page of its ledger.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportReport {
    /// The import and its counts.
    #[serde(flatten)]
    pub summary: ImportSummary,
    /// What was done to cells and rows, in order.
    pub ledger: Vec<LedgerEntry>,
    /// What to pass as `after_entry` for the next page; null on the last.
    #[schema(required)]
    pub next_after: Option<i64>,
}

/// One decision about a cell or a row.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerEntry {
    /// Its number.
    pub entry_id: i64,
    /// The sheet.
    pub sheet: String,
    /// The row, as the spreadsheet shows it.
    #[schema(required)]
    pub row: Option<i64>,
    /// The header of the column, as the file writes it; null where the entry is about a whole row.
    #[schema(required)]
    pub column: Option<String>,
    /// The cell, as the spreadsheet names it; of a whole column, its header or its first such cell.
    #[schema(required, example = "D17")]
    pub cell: Option<String>,
    /// The column of the table that the value went to; `extra` for a column that has no place of its own.
    #[schema(required, example = "topic")]
    pub field: Option<String>,
    /// The rule that decided.
    pub rule: String,
    /// Its version.
    #[schema(example = 1)]
    pub rule_version: i16,
    /// `info`: nothing to do; `warning`: look at it; `error`: something was not loaded.
    #[schema(example = "info")]
    pub severity: String,
    /// What it did: `repaired`, `split`, `rejected`, …
    pub action: String,
    /// The cell as it was.
    #[schema(required)]
    pub before: Option<String>,
    /// The value as it was stored.
    #[schema(required)]
    pub after: Option<String>,
    /// More about it.
    #[schema(required)]
    pub detail: Option<String>,
    /// The customer it concerns.
    #[schema(required)]
    pub customer_id: Option<i64>,
    /// The interaction it concerns.
    #[schema(required)]
    pub interaction_id: Option<i64>,
    /// The product of a month it concerns.
    #[schema(required)]
    pub product_month_id: Option<i64>,
}

/// Report on an import
#[utoipa::path(
    get,
    path = "/api/v1/imports/{import_id}",
    tag = "imports",
    security((), ("token" = [])),
    params(ImportPath, LedgerQuery),
    responses(
        (status = 200, description = "Its counts and a page of its ledger", body = ImportReport),
        (status = 404, description = "No such import", body = ProblemDocument,
         content_type = "application/problem+json"),
        CommonProblems
    )
)]
pub(crate) async fn report_import(
    State(app): State<App>,
    PathParameters(ImportPath { import_id }): PathParameters<ImportPath>,
    QueryParameters(query): QueryParameters<LedgerQuery>,
) -> Result<JsonText, Problem> {
    let statement = sqlx::query_scalar(
        "SELECT rapport.import_report($1, coalesce($2, 0), coalesce($3, 100))::text",
    )
    .bind(import_id)
    .bind(query.after_entry)
    .bind(query.limit);
    fetch_json(statement, &app.database.questions).await
}
