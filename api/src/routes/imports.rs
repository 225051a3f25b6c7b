//! Workbooks in, and what became of each.

mod upload;

use axum::{
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{JsonText, fetch_json};
use crate::{
    app::App,
    import::ImportOutcome,
    parameters::{PathParameters, QueryParameters, empty_as_none},
    problem::{CommonProblems, Problem, ProblemDocument},
};

/// The longest file name kept.
const LONGEST_FILE_NAME: usize = 255;

/// Collects the routes. Their body limit is applied while reading, from the settings.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(import_file))
        .routes(routes!(report_import))
        .layer(DefaultBodyLimit::disable())
}

/// How to call an upload.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct UploadQuery {
    /// The name that the import is remembered by; `upload.xlsx` or `upload.csv` without it.
    #[serde(default, deserialize_with = "empty_as_none")]
    #[param(
        max_length = 255,
        pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*$",
        example = "interactions.xlsx"
    )]
    pub file_name: Option<String>,
}

/// The bytes of a file.
#[derive(Debug, ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct FileBytes(pub Vec<u8>);

/// Import a workbook
///
/// The body is the file itself. One import is one transaction; the same file a second time changes nothing. An import
/// whose client leaves after the last byte goes on and is kept, unless the server stops before its end: send the file
/// again to learn its number. PostgreSQL runs one import at a time; an upload that waits too long for its turn is
/// answered 503 and not imported.
#[utoipa::path(
    post,
    path = "/api/v1/imports",
    tag = "imports",
    security((), ("token" = [])),
    params(UploadQuery),
    request_body(description = "The file", content(
        (FileBytes = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (String = "text/csv")
    )),
    responses(
        (status = 201, description = "Imported", body = ImportOutcome,
         headers(("location" = String, description = "Where its report is"))),
        (status = 200, description = "The same file was imported before; nothing changed", body = ImportOutcome),
        (status = 408, description = "The file did not arrive in time", body = ProblemDocument,
         content_type = "application/problem+json"),
        (status = 409, description = "The file contradicts what is stored", body = ProblemDocument,
         content_type = "application/problem+json"),
        (status = 413, description = "The file exceeds a limit", body = ProblemDocument,
         content_type = "application/problem+json"),
        (status = 415, description = "Neither xlsx nor CSV", body = ProblemDocument,
         content_type = "application/problem+json"),
        CommonProblems
    )
)]
pub(crate) async fn import_file(
    State(app): State<App>,
    QueryParameters(query): QueryParameters<UploadQuery>,
    request: Request,
) -> Result<Response, Problem> {
    let format = upload::format_of(request.headers())?;
    let file_name = query
        .file_name
        .unwrap_or_else(|| format.default_file_name().to_owned());
    if file_name.len() > LONGEST_FILE_NAME || file_name.chars().any(char::is_control) {
        return Err(Problem::unreadable(format!(
            "file_name must have at most {LONGEST_FILE_NAME} bytes and no control characters"
        )));
    }
    let place = app
        .uploads
        .try_acquire()
        .map_err(|_| Problem::busy("too many uploads at once; nothing was imported"))?;
    let content = upload::read(request, &app.config).await?;
    // When the client leaves from here on, this future is dropped, but the statement is not cancelled: PostgreSQL ends
    // and commits the import, and the pool has the connection back only then.
    let query = sqlx::query_scalar(format.import_statement())
        .bind(content.as_ref())
        .bind(&file_name);
    let answer = match query.fetch_one(&app.database.imports).await {
        Ok(answer) => JsonText(answer),
        Err(sqlx::Error::PoolTimedOut) => return Err(no_turn(&app)),
        Err(error) => return Err(error.into()),
    };
    drop(place);
    let outcome: ImportOutcome = serde_json::from_str(&answer.0).map_err(|error| {
        tracing::error!(%error, "the row of an import cannot be read");
        Problem::internal()
    })?;
    log_outcome(&outcome, content.len());
    if outcome.status == "unchanged" {
        return Ok(answer.into_response());
    }
    let mut response = (StatusCode::CREATED, answer).into_response();
    if let Some(import_id) = outcome.import_id
        && let Ok(location) = HeaderValue::try_from(format!("/api/v1/imports/{import_id}"))
    {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// Answers an upload that found no connection. The pool cannot tell a database that is away from imports that last.
fn no_turn(app: &App) -> Problem {
    let seconds = app.config.import_wait_seconds;
    tracing::warn!(seconds, "an upload found no connection for imports");
    Problem::busy(format!(
        "no connection for imports became free in {seconds} s: other imports hold them, or the database is away; \
         nothing was imported"
    ))
}

fn log_outcome(outcome: &ImportOutcome, bytes: usize) {
    tracing::info!(
        import_id = outcome.import_id,
        status = outcome.status,
        file_name = outcome.file_name,
        bytes,
        rows_read = outcome.rows_read,
        customers_added = outcome.customers_added,
        customers_updated = outcome.customers_updated,
        placeholders_added = outcome.placeholders_added,
        interactions_added = outcome.interactions_added,
        interactions_enriched = outcome.interactions_enriched,
        products_added = outcome.products_added,
        duplicates = outcome.duplicates,
        repaired = outcome.repaired,
        split = outcome.split,
        conflicts = outcome.conflicts,
        rejected = outcome.rejected,
        "import finished"
    );
}

/// The import a path names.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ImportPath {
    /// The number of the import.
    #[param(minimum = 1, example = 1)]
    pub import_id: i64,
}

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
    /// `xlsx` or `csv`.
    #[schema(example = "xlsx")]
    pub file_format: String,
    /// The size of the file.
    pub content_bytes: i64,
    /// The SHA-256 of the file, in hexadecimal.
    pub content_sha256: String,
    /// How text dates with slashes were read: `DMY` or `MDY`; null when the file has none.
    #[schema(required)]
    pub date_order: Option<String>,
    /// Rows read.
    pub rows_read: i64,
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
    /// Rows that repeat another.
    pub duplicates: i64,
    /// Cells that were repaired.
    pub repaired: i64,
    /// Rows that were split over several customers.
    pub split: i64,
    /// Values that filled a gap in a stored row.
    pub merged: i64,
    /// Values that contradict stored ones; the stored ones were kept.
    pub conflicts: i64,
    /// Rows that could not be used.
    pub rejected: i64,
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
    /// The header of the column in the file; where a value met a stored one, the column of the table; null where the
    /// entry is about a whole row.
    #[schema(required)]
    pub column: Option<String>,
    /// The rule that decided.
    pub rule: String,
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
