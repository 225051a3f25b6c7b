//! The ledger of an import as a file for spreadsheets, written while it is read.
//!
//! A task reads the lines and hands them over in blocks; a client that reads slowly slows it down, and one that reads
//! no more ends it. Only an answer that is complete ends in order: one that breaks off is cut, so that nobody takes a
//! half for the whole.

use std::time::Duration;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::{TryStreamExt as _, stream};
use tokio::{sync::mpsc, time::timeout};
use tracing::Instrument as _;

use super::ImportPath;
use crate::{
    app::App,
    database::HeldConnection,
    import::LEDGER_CSV,
    parameters::PathParameters,
    problem::{CommonProblems, Problem, ProblemDocument},
};

/// Lines are handed over in blocks of about this many bytes.
const BLOCK: usize = 32 << 10;

/// Blocks that wait for the client.
const BLOCKS_AHEAD: usize = 4;

/// What the reading task hands over.
#[derive(Debug)]
enum Part {
    Block(Bytes),
    End,
    Failed(sqlx::Error),
}

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
    let connection = HeldConnection::of(&app.database.exports).await?;
    let (sender, mut receiver) = mpsc::channel(BLOCKS_AHEAD);
    let reader = Reader {
        connection,
        import_id,
        sender,
        patience: app.config.idle_timeout(),
    };
    tokio::spawn(reader.run(app.config.import_timeout()).in_current_span());
    // The status is decided by what comes first.
    let first = match receiver.recv().await {
        Some(Part::Failed(error)) => return Err(error.into()),
        Some(part) => part,
        None => return Err(Problem::internal()),
    };
    let parts = stream::try_unfold((Some(first), receiver), async |(first, mut receiver)| {
        let part = match first {
            Some(part) => Some(part),
            None => receiver.recv().await,
        };
        match part {
            Some(Part::Block(block)) => Ok(Some((block, (None, receiver)))),
            Some(Part::End) => Ok(None),
            Some(Part::Failed(error)) => {
                tracing::error!(%error, "an export broke off");
                Err(error)
            }
            None => Err(sqlx::Error::WorkerCrashed),
        }
    });
    let mut response = Body::from_stream(parts).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    let name = format!("attachment; filename=\"import-{import_id}-ledger.csv\"");
    if let Ok(name) = HeaderValue::try_from(name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// The task that reads.
struct Reader {
    connection: HeldConnection,
    import_id: i64,
    sender: mpsc::Sender<Part>,
    /// How long a block may wait for the client.
    patience: Duration,
}

impl Reader {
    /// Reads the lines to their end, or until nobody takes them. Then the connection is closed: the rest of the
    /// answer is still in it.
    async fn run(mut self, limit: Duration) {
        let last = match timeout(limit, self.read()).await {
            Ok(Ok(true)) => Part::End,
            Ok(Ok(false)) | Err(_) => {
                tracing::info!(
                    import_id = self.import_id,
                    "nobody reads an export any more, or too slowly"
                );
                return;
            }
            Ok(Err(error)) => Part::Failed(error),
        };
        // After an error of PostgreSQL's own the session is ready for the next question.
        if matches!(&last, Part::End | Part::Failed(sqlx::Error::Database(_))) {
            self.connection.give_back();
        }
        // Fails only when the client has left.
        let _ = timeout(self.patience, self.sender.send(last)).await;
    }

    /// Says whether the lines were read to their end.
    async fn read(&mut self) -> Result<bool, sqlx::Error> {
        let mut lines = sqlx::query_scalar::<_, String>(LEDGER_CSV)
            .bind(self.import_id)
            .fetch(&mut *self.connection);
        let mut block = Vec::with_capacity(BLOCK);
        loop {
            let line = lines.try_next().await?;
            if let Some(line) = &line {
                block.extend_from_slice(line.as_bytes());
                block.extend_from_slice(b"\r\n");
            }
            let ended = line.is_none();
            if block.len() >= BLOCK || (ended && !block.is_empty()) {
                let full = std::mem::replace(&mut block, Vec::with_capacity(BLOCK));
                let sending = self.sender.send(Part::Block(full.into()));
                if !matches!(timeout(self.patience, sending).await, Ok(Ok(()))) {
                    return Ok(false);
                }
            }
            if ended {
                return Ok(true);
            }
        }
    }
}
