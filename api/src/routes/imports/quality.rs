//! What cleaning did in an import, rule by rule.

use axum::extract::State;

use super::{
    super::{JsonText, fetch_json},
    ImportPath,
};
use crate::{
    app::App,
    import::QualityLine,
    parameters::PathParameters,
    problem::{CommonProblems, Problem, ProblemDocument},
};

/// Report on the quality of an import
///
/// How often each rule was applied to each sheet, the gravest first, with its first example.
#[utoipa::path(
    get,
    path = "/api/v1/imports/{import_id}/quality",
    tag = "imports",
    security((), ("token" = [])),
    params(ImportPath),
    responses(
        (status = 200, description = "One line for each rule and column", body = Vec<QualityLine>),
        (status = 404, description = "No such import", body = ProblemDocument,
         content_type = "application/problem+json"),
        CommonProblems
    )
)]
pub(crate) async fn report_quality(
    State(app): State<App>,
    PathParameters(ImportPath { import_id }): PathParameters<ImportPath>,
) -> Result<JsonText, Problem> {
    let statement = sqlx::query_scalar(
        "SELECT coalesce(json_agg(q), '[]')::text FROM rapport.quality_report($1) AS q",
    )
    .bind(import_id);
    fetch_json(statement, &app.database.questions).await
}
