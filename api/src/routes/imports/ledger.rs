//! The ledger of an import as a file for spreadsheets.

use axum::{extract::State, response::Response};

use super::ImportPath;
use crate::{
    app::App,
    export::csv_file,
    import::LEDGER_CSV,
    parameters::PathParameters,
    problem::{CommonProblems, Problem, ProblemDocument},
};

/// Export the ledger of an import
///
/// CSV with a header line, one line for each cell or row that was repaired, inferred, merged or rejected. A text that
/// a spreadsheet would take for a formula has a `'` in front.
#[utoipa::path(
    get,
    path = "/api/v1/imports/{import_id}/ledger.csv",
    tag = "imports",
    security((), ("token" = [])),
    params(ImportPath),
    responses(
        (status = 200, description = "The ledger", body = String, content_type = "text/csv; charset=utf-8",
         headers(("content-disposition" = String, description = "The name of the file"))),
        (status = 404, description = "No such import", body = ProblemDocument,
         content_type = "application/problem+json"),
        CommonProblems
    )
)]
pub(crate) async fn export_ledger(
    State(app): State<App>,
    PathParameters(ImportPath { import_id }): PathParameters<ImportPath>,
) -> Result<Response, Problem> {
    let lines = sqlx::query_scalar(LEDGER_CSV).bind(import_id);
    csv_file(&app, &format!("import-{import_id}-ledger.csv"), lines).await
}
