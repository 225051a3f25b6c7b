//! Lines that PostgreSQL yields as a CSV file, written while they are read.
//!
//! A task reads the lines and hands them over in blocks; a client that reads slowly slows it down, and one that reads
//! no more ends it. Only an answer that is complete ends in order: one that breaks off is cut, so that nobody takes a
//! half for the whole.

use std::time::Duration;

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::{TryStreamExt as _, stream};
use sqlx::{Postgres, postgres::PgArguments, query::QueryScalar};
use tokio::{sync::mpsc, time::timeout};
use tracing::Instrument as _;

use crate::{app::App, database::HeldConnection, problem::Problem};

/// The content type of such a file.
pub(crate) const CSV: &str = "text/csv; charset=utf-8";

/// A statement that yields the lines of a file, without their ends.
pub(crate) type Lines = QueryScalar<'static, Postgres, String, PgArguments>;

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

/// Answers with a file of this name.
pub(crate) async fn csv_file(app: &App, name: &str, lines: Lines) -> Result<Response, Problem> {
    let connection = HeldConnection::of(&app.database.exports).await?;
    let (sender, mut receiver) = mpsc::channel(BLOCKS_AHEAD);
    let reader = Reader {
        connection,
        name: name.to_owned(),
        sender,
        patience: app.config.idle_timeout(),
    };
    tokio::spawn(
        reader
            .run(lines, app.config.import_timeout())
            .in_current_span(),
    );
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
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CSV));
    let disposition = format!("attachment; filename=\"{name}\"");
    if let Ok(disposition) = HeaderValue::try_from(disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}

/// The task that reads.
struct Reader {
    connection: HeldConnection,
    name: String,
    sender: mpsc::Sender<Part>,
    /// How long a block may wait for the client.
    patience: Duration,
}

impl Reader {
    /// Reads the lines to their end, or until nobody takes them. Then the connection is closed: the rest of the
    /// answer is still in it.
    async fn run(mut self, lines: Lines, limit: Duration) {
        let last = match timeout(limit, self.read(lines)).await {
            Ok(Ok(true)) => Part::End,
            Ok(Ok(false)) | Err(_) => {
                tracing::info!(
                    file = self.name,
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
    async fn read(&mut self, lines: Lines) -> Result<bool, sqlx::Error> {
        let mut lines = lines.fetch(&mut *self.connection);
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
