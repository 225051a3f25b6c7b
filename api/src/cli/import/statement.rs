//! One import: the file into the session, then the statement, watched and cancelled from a second connection.

use std::time::Duration;

use sqlx::PgConnection;
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval, timeout},
};

use super::{
    file::{File, Shown},
    progress::{Pace, Progress},
    stage::Stage,
};
use crate::{
    database::{self, DatabaseUrl, Fault, FaultKind},
    error::Error,
    import::{ImportOutcome, ImportPreview, QualityLine},
    upload,
};

/// How often the server is asked how far it is.
const POLL: Duration = Duration::from_millis(200);

/// How long an answer to that may take before the bar just stands still.
const POLL_LIMIT: Duration = Duration::from_secs(2);

/// What was done, or would be.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) outcome: ImportOutcome,
    /// The quality report of a dry run.
    pub(super) report: Option<Vec<QualityLine>>,
}

/// One connection works, the other watches it.
#[derive(Debug)]
pub(super) struct Connections {
    worker: PgConnection,
    watcher: PgConnection,
    worker_pid: i32,
}

impl Connections {
    /// Opens both.
    pub(super) async fn open(database_url: &DatabaseUrl) -> Result<Self, Error> {
        let options = database_url.options("rapport import")?;
        let mut worker = database::connect(&options).await?;
        let worker_pid = sqlx::query_scalar("SELECT pg_catalog.pg_backend_pid()")
            .fetch_one(&mut worker)
            .await?;
        let watcher = database::connect(&options).await?;
        Ok(Self {
            worker,
            watcher,
            worker_pid,
        })
    }
}

/// Imports one file, or leaves nothing of it when `stop` is raised.
pub(super) async fn run(
    connections: Connections,
    shown: &str,
    mut file: File,
    dry_run: bool,
    progress: &Progress,
    mut stop: watch::Receiver<bool>,
) -> Result<Done, Error> {
    let Connections {
        mut worker,
        mut watcher,
        worker_pid,
    } = connections;
    progress.sending(file.size());
    let mut arriving = Shown {
        file: &mut file,
        progress,
        sent: 0,
    };
    // What was sent lies in a table of the session, and goes with it.
    tokio::select! {
        sent = upload::send(&mut worker, &mut arriving) => sent.map_err(|error| not_imported(error, shown))?,
        _ = stop.wait_for(|stop| *stop) => return Err(interrupted(shown)),
    };
    progress.waiting();
    let work = work(&mut worker, &file, dry_run);
    tokio::pin!(work);
    let mut ticks = interval(POLL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut cancelling = false;
    let mut watched = None;
    loop {
        tokio::select! {
            finished = &mut work => return conclude(finished, cancelling, shown),
            _ = stop.wait_for(|stop| *stop), if !cancelling => {
                cancelling = true;
                progress.cancelling();
            }
            _ = ticks.tick() => {
                // The statement may not have begun when it is first cancelled, so it is asked again and again.
                let asked = timeout(POLL_LIMIT, async {
                    if cancelling {
                        cancel(&mut watcher, worker_pid).await
                    } else {
                        look(&mut watcher, worker_pid, &mut watched, progress).await
                    }
                });
                if let Ok(Err(error)) = asked.await {
                    tracing::debug!(%error, "the import cannot be watched");
                }
            }
        }
    }
}

async fn work(worker: &mut PgConnection, file: &File, dry_run: bool) -> Result<Done, sqlx::Error> {
    let statement = if dry_run {
        upload::PREVIEW
    } else {
        upload::IMPORT
    };
    let answer: String = sqlx::query_scalar(statement)
        .bind(file.name.as_str())
        .bind(file.format.name())
        .fetch_one(worker)
        .await?;
    let unreadable = |error| sqlx::Error::Decode(Box::new(error));
    if dry_run {
        let preview: ImportPreview = serde_json::from_str(&answer).map_err(unreadable)?;
        return Ok(Done {
            outcome: preview.result,
            report: Some(preview.report),
        });
    }
    Ok(Done {
        outcome: serde_json::from_str(&answer).map_err(unreadable)?,
        report: None,
    })
}

fn conclude(
    finished: Result<Done, sqlx::Error>,
    cancelling: bool,
    shown: &str,
) -> Result<Done, Error> {
    let error = match finished {
        // It may have ended just before the cancellation arrived; then the truth is that it is imported.
        Ok(done) => return Ok(done),
        Err(error) => error,
    };
    let fault = Fault::from(&error);
    if cancelling && matches!(fault.kind, FaultKind::TimedOut | FaultKind::Unavailable) {
        return Err(interrupted(shown));
    }
    Err(not_imported(Error::from(error), shown))
}

/// Puts the name of the file before what PostgreSQL says.
fn not_imported(error: Error, shown: &str) -> Error {
    match error {
        Error::Database(mut fault) => {
            fault.message = format!("{shown} was not imported: {}", fault.message);
            Error::Database(fault)
        }
        other => other,
    }
}

/// Returns what an interrupted import says.
pub(super) fn interrupted(shown: &str) -> Error {
    Error::Interrupted {
        message: format!("interrupted: nothing was imported from {shown}"),
        detail: None,
    }
}

async fn cancel(watcher: &mut PgConnection, pid: i32) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT pg_catalog.pg_cancel_backend($1)")
        .bind(pid)
        .execute(watcher)
        .await?;
    Ok(())
}

/// The stage that was last seen, and since when.
type Watched = Option<(Stage, Pace)>;

async fn look(
    watcher: &mut PgConnection,
    pid: i32,
    watched: &mut Watched,
    progress: &Progress,
) -> Result<(), sqlx::Error> {
    let name: Option<String> = sqlx::query_scalar(
        "SELECT application_name FROM pg_catalog.pg_stat_activity WHERE pid = $1",
    )
    .bind(pid)
    .fetch_optional(watcher)
    .await?
    .flatten();
    let Some(stage) = name.as_deref().and_then(Stage::of_session) else {
        return Ok(());
    };
    let entered = !watched
        .as_ref()
        .is_some_and(|(before, _)| stage.continues(*before));
    let pace = match watched.take() {
        Some((_, pace)) if !entered => pace,
        _ => Pace::from(stage.rows()),
    };
    progress.at(stage, &pace, entered);
    *watched = Some((stage, pace));
    Ok(())
}
