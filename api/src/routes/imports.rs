//! Files in, and what became of each.

mod ledger;
pub mod list;
mod quality;
pub mod report;
mod upload;

use std::time::Instant;

use axum::{
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;
use tracing::Instrument as _;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::upload::{Body, Kind};
use super::JsonText;
use crate::{
    app::App,
    database::HeldConnection,
    import::{ImportOutcome, ImportPreview},
    parameters::{QueryParameters, empty_as_none},
    problem::{CommonProblems, Problem, ProblemDocument},
    upload::{IMPORT, PREVIEW, send},
};

/// The longest file name kept.
const LONGEST_FILE_NAME: usize = 255;

/// Collects the routes. Their body limit is applied while reading, from the settings.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list_imports, import_file))
        .routes(routes!(report::report_import))
        .routes(routes!(ledger::export_ledger))
        .routes(routes!(quality::report_quality))
        .layer(DefaultBodyLimit::disable())
}

/// How to call an upload, and whether to keep it.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct UploadQuery {
    /// The name that the import is remembered by; `upload.xlsx`, `upload.csv` or `upload.tsv` without it.
    #[serde(default, deserialize_with = "empty_as_none")]
    #[param(
        max_length = 255,
        pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*$",
        example = "interactions.xlsx"
    )]
    pub file_name: Option<String>,
    /// Write nothing, and answer what an import would do.
    #[serde(default)]
    #[param(default = false)]
    pub dry_run: bool,
}

/// The bytes of a file.
#[derive(Debug, ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct FileBytes(pub Vec<u8>);

/// The answer when nothing was written.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Unwritten {
    /// The same file was imported before.
    Unchanged(ImportOutcome),
    /// It was a dry run.
    Preview(ImportPreview),
}

/// Import a file
///
/// The body is the file itself: a workbook, or text with commas, semicolons, tabs or bars between its values. It goes
/// to PostgreSQL as it arrives. One import is one transaction; the same file a second time changes nothing. An upload
/// that breaks off imports nothing. An import whose client leaves after the last byte goes on and is kept, unless the
/// server stops before its end: send the file again to learn its number. PostgreSQL runs one import at a time; an
/// upload that waits too long for its turn is answered 503 and not imported.
#[utoipa::path(
    post,
    path = "/api/v1/imports",
    tag = "imports",
    security((), ("token" = [])),
    params(UploadQuery),
    request_body(description = "The file", content(
        (FileBytes = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (String = "text/csv"),
        (String = "text/tab-separated-values")
    )),
    responses(
        (status = 201, description = "Imported", body = ImportOutcome,
         headers(("location" = String, description = "Where its report is"))),
        (status = 200, description = "Nothing was written: the same file was imported before, or it was a dry run",
         body = Unwritten),
        (status = 408, description = "The file did not arrive in time", body = ProblemDocument,
         content_type = "application/problem+json"),
        (status = 409, description = "The file contradicts what is stored", body = ProblemDocument,
         content_type = "application/problem+json"),
        (status = 413, description = "The file exceeds a limit", body = ProblemDocument,
         content_type = "application/problem+json"),
        (status = 415, description = "Neither xlsx nor separated values", body = ProblemDocument,
         content_type = "application/problem+json"),
        CommonProblems
    )
)]
pub(crate) async fn import_file(
    State(app): State<App>,
    QueryParameters(query): QueryParameters<UploadQuery>,
    request: Request,
) -> Result<Response, Problem> {
    let kind = Kind::of(request.headers())?;
    let file_name = query
        .file_name
        .unwrap_or_else(|| kind.default_file_name().to_owned());
    if file_name.len() > LONGEST_FILE_NAME || file_name.chars().any(char::is_control) {
        return Err(Problem::unreadable(format!(
            "file_name must have at most {LONGEST_FILE_NAME} bytes and no control characters"
        )));
    }
    let place = app
        .uploads
        .try_acquire()
        .map_err(|_| Problem::busy("too many uploads at once; nothing was imported"))?;
    let late = |_| Problem::upload_timeout();
    let limit = app.config.import_timeout();
    let started = Instant::now();
    let mut body = timeout(limit, Body::begin(request, &app.config))
        .await
        .map_err(late)??;
    // The wait for a connection has a limit of its own.
    let limit = limit.saturating_sub(started.elapsed());
    let mut connection = match HeldConnection::of(&app.database.imports).await {
        Ok(connection) => connection,
        Err(sqlx::Error::PoolTimedOut) => return Err(no_turn(&app)),
        Err(error) => return Err(error.into()),
    };
    let sending = timeout(limit, send(&mut connection, &mut body));
    let bytes = sending.await.map_err(late)??;
    drop(place);
    let file = File {
        connection,
        name: file_name,
        kind,
        bytes,
    };
    if query.dry_run {
        return Ok(file.preview().await?.into_response());
    }
    // When the client leaves from here on, this future is dropped, and the task imports nevertheless.
    let import = tokio::spawn(file.import().in_current_span());
    let (answer, outcome) = import.await.map_err(|error| {
        tracing::error!(%error, "an import ended before its statement");
        Problem::internal()
    })??;
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

/// A file that has arrived, and the connection whose session holds it.
struct File {
    connection: HeldConnection,
    name: String,
    kind: Kind,
    bytes: u64,
}

impl File {
    /// Imports it. After an error the file is still in the session, which is closed.
    async fn import(mut self) -> Result<(JsonText, ImportOutcome), Problem> {
        let answer = self.ask(IMPORT).await?;
        // The statement has dropped the table that held the file.
        self.connection.give_back();
        let outcome: ImportOutcome = serde_json::from_str(&answer).map_err(|error| {
            tracing::error!(%error, "the row of an import cannot be read");
            Problem::internal()
        })?;
        log_outcome(&outcome, self.bytes);
        Ok((JsonText(answer), outcome))
    }

    /// Tells what importing it would do.
    async fn preview(mut self) -> Result<JsonText, Problem> {
        let answer = self.ask(PREVIEW).await?;
        self.connection.give_back();
        tracing::info!(
            file_name = self.name,
            bytes = self.bytes,
            "import previewed"
        );
        Ok(JsonText(answer))
    }

    async fn ask(&mut self, statement: &'static str) -> Result<String, sqlx::Error> {
        sqlx::query_scalar(statement)
            .bind(&self.name)
            .bind(self.kind.format().name())
            .fetch_one(&mut *self.connection)
            .await
    }
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

fn log_outcome(outcome: &ImportOutcome, bytes: u64) {
    tracing::info!(
        import_id = outcome.import_id,
        status = outcome.status,
        file_name = outcome.file_name,
        bytes,
        rows_read = outcome.counts.rows_read,
        records = outcome.counts.records,
        loaded = outcome.counts.loaded,
        merged = outcome.counts.merged,
        customers_added = outcome.counts.customers_added,
        customers_updated = outcome.counts.customers_updated,
        placeholders_added = outcome.counts.placeholders_added,
        interactions_added = outcome.counts.interactions_added,
        interactions_enriched = outcome.counts.interactions_enriched,
        products_added = outcome.counts.products_added,
        duplicates = outcome.counts.duplicates,
        repaired = outcome.counts.repaired,
        split = outcome.counts.split,
        conflicts = outcome.counts.conflicts,
        rejected = outcome.counts.rejected,
        suggested = outcome.counts.suggested,
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
