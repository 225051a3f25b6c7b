//! The statement of one import, watched and cancelled from a second connection.

use std::{path::Path, time::Duration};

use sqlx::{Connection as _, PgConnection};
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval, timeout},
};

use super::{file::File, progress::Progress};
use crate::{
    database::{self, DatabaseUrl, Fault, FaultKind},
    error::Error,
    import::ImportOutcome,
};

/// How often the server is asked how far it is.
const POLL: Duration = Duration::from_millis(200);

/// How long an answer to that may take before the bar just stands still.
const POLL_LIMIT: Duration = Duration::from_secs(2);

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

/// Imports one file, or undoes it when `stop` is raised.
pub(super) async fn run(
    connections: Connections,
    path: &Path,
    file: &File,
    dry_run: bool,
    progress: &Progress,
    mut stop: watch::Receiver<bool>,
) -> Result<ImportOutcome, Error> {
    let Connections {
        mut worker,
        mut watcher,
        worker_pid,
    } = connections;
    progress.sending(file.content.len() as u64);
    let work = import(&mut worker, file, dry_run);
    tokio::pin!(work);
    let mut ticks = interval(POLL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut cancelling = false;
    loop {
        tokio::select! {
            finished = &mut work => return conclude(finished, cancelling, path),
            _ = stop.wait_for(|stop| *stop), if !cancelling => {
                cancelling = true;
                progress.cancelling();
            }
            _ = ticks.tick() => {
                // While bytes still arrive the server has no statement to cancel, so it is asked again and again.
                let asked = timeout(POLL_LIMIT, async {
                    if cancelling {
                        cancel(&mut watcher, worker_pid).await
                    } else {
                        show_percentage(&mut watcher, worker_pid, progress).await
                    }
                });
                if let Ok(Err(error)) = asked.await {
                    tracing::debug!(%error, "the import cannot be watched");
                }
            }
        }
    }
}

async fn import(
    worker: &mut PgConnection,
    file: &File,
    dry_run: bool,
) -> Result<ImportOutcome, sqlx::Error> {
    let query = sqlx::query_scalar::<_, String>(file.format.import_statement())
        .bind(file.content.as_slice())
        .bind(file.name.as_str());
    let row = if dry_run {
        let mut transaction = worker.begin().await?;
        let row = query.fetch_one(&mut *transaction).await?;
        transaction.rollback().await?;
        row
    } else {
        query.fetch_one(worker).await?
    };
    let mut outcome: ImportOutcome =
        serde_json::from_str(&row).map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
    if dry_run {
        // The number was rolled back with the rest: it names nothing.
        outcome.import_id = None;
    }
    Ok(outcome)
}

fn conclude(
    finished: Result<ImportOutcome, sqlx::Error>,
    cancelling: bool,
    path: &Path,
) -> Result<ImportOutcome, Error> {
    let error = match finished {
        // It may have ended just before the cancellation arrived; then the truth is that it is imported.
        Ok(outcome) => return Ok(outcome),
        Err(error) => error,
    };
    let mut fault = Fault::from(&error);
    if cancelling && matches!(fault.kind, FaultKind::TimedOut | FaultKind::Unavailable) {
        return Err(interrupted(path));
    }
    fault.message = format!(
        "file \"{}\" was not imported: {}",
        path.display(),
        fault.message
    );
    Err(Error::Database(Box::new(fault)))
}

/// Returns what an interrupted import says.
pub(super) fn interrupted(path: &Path) -> Error {
    Error::Interrupted {
        message: format!(
            "interrupted: nothing was imported from \"{}\"",
            path.display()
        ),
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

async fn show_percentage(
    watcher: &mut PgConnection,
    pid: i32,
    progress: &Progress,
) -> Result<(), sqlx::Error> {
    let name: Option<String> = sqlx::query_scalar(
        "SELECT application_name FROM pg_catalog.pg_stat_activity WHERE pid = $1",
    )
    .bind(pid)
    .fetch_optional(watcher)
    .await?
    .flatten();
    if let Some(percent) = name.as_deref().and_then(percentage) {
        progress.importing(percent);
    }
    Ok(())
}

/// Reads `rapport import 43%`.
fn percentage(application_name: &str) -> Option<u64> {
    application_name
        .strip_prefix("rapport import ")?
        .strip_suffix('%')?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_percentage_is_read_from_the_name_of_the_session() {
        assert_eq!(percentage("rapport import 43%"), Some(43));
        assert_eq!(percentage("rapport import"), None);
        assert_eq!(percentage("psql"), None);
    }
}
