//! `rapport import`: files into the database, one transaction each, with progress and a way out.

mod file;
mod outcome;
mod progress;
mod statement;

use std::path::{Path, PathBuf};

use clap::Args;
use tokio::sync::watch;

use self::progress::Progress;
use super::{OutputFormat, print_line, serve::termination};
use crate::{
    config::DEFAULT_MAX_FILE_MIB,
    database::DatabaseUrl,
    error::Error,
    import::{FileFormat, ImportOutcome},
};

/// Imports workbooks or CSV files.
///
/// The files are imported in the order given, each in its own transaction. A workbook holds all three sheets
/// (customers, interactions, products of discussion); a CSV file holds one of them. The same file a second time
/// changes nothing. Ctrl-C stops the import that runs; the files before it stay imported.
#[derive(Debug, Args)]
#[command(after_help = super::EXIT_CODES, after_long_help = long_examples!(
    "  rapport import interactions.xlsx\n  \
       rapport import --dry-run interactions.xlsx\n  \
       rapport import customers.csv products.csv interactions.csv --format json"))]
pub(super) struct Import {
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Do everything, show what would change, and roll it back.
    #[arg(long)]
    dry_run: bool,

    /// How to print what was done.
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,

    /// What the files are, when neither their names nor their contents should decide.
    #[arg(long, value_enum)]
    file_format: Option<FileFormat>,

    /// Largest file in MiB; a larger one is refused before it is read.
    #[arg(long, env = "RAPPORT_MAX_FILE_MIB", default_value_t = DEFAULT_MAX_FILE_MIB, value_name = "MIB",
          value_parser = clap::value_parser!(u64).range(1..=512))]
    max_file_mib: u64,
}

impl Import {
    /// Imports the files one after the other; the first that fails ends the command.
    pub(super) async fn run(&self, database_url: &DatabaseUrl) -> Result<(), Error> {
        let stop = listen_for_stop();
        for (done, path) in self.files.iter().enumerate() {
            let imported = self.import(path, database_url, stop.clone()).await;
            let outcome = imported.map_err(|error| self.among_files(error, done))?;
            match self.format {
                OutputFormat::Json => print_line(&outcome::as_json(&outcome, self.dry_run)?)?,
                OutputFormat::Table => print_line(&outcome::as_table(&outcome, self.dry_run))?,
            }
        }
        Ok(())
    }

    async fn import(
        &self,
        path: &Path,
        database_url: &DatabaseUrl,
        mut stop: watch::Receiver<bool>,
    ) -> Result<ImportOutcome, Error> {
        let progress = Progress::start(path);
        let prepare = async {
            let file =
                file::read(path, self.file_format, self.max_file_mib << 20, &progress).await?;
            let connections = statement::Connections::open(database_url).await?;
            Ok::<_, Error>((file, connections))
        };
        let (file, connections) = tokio::select! {
            prepared = prepare => prepared?,
            _ = stop.wait_for(|stop| *stop) => return Err(statement::interrupted(path)),
        };
        statement::run(connections, path, &file, self.dry_run, &progress, stop).await
    }

    /// Says in an error what became of the other files.
    fn among_files(&self, error: Error, done: usize) -> Error {
        if self.files.len() == 1 {
            return error;
        }
        let (before, rest) = self.files.split_at(done);
        let verb = if self.dry_run { "tried" } else { "imported" };
        let others = format!(
            "{verb} before it: {}; not tried: {}",
            names(before),
            names(rest.get(1..).unwrap_or_default())
        );
        Error::AmongFiles {
            detail: match error.detail() {
                Some(detail) => format!("{detail}; {others}"),
                None => others,
            },
            error: Box::new(error),
        }
    }
}

fn names(files: &[PathBuf]) -> String {
    if files.is_empty() {
        return "none".to_owned();
    }
    let names: Vec<_> = files
        .iter()
        .map(|file| format!("\"{}\"", file.display()))
        .collect();
    names.join(", ")
}

/// Turns Ctrl-C and SIGTERM into a flag that the import looks at.
fn listen_for_stop() -> watch::Receiver<bool> {
    let (asked, stop) = watch::channel(false);
    tokio::spawn(async move {
        termination().await;
        // Fails only when the import has already ended.
        let _ = asked.send(true);
        termination().await;
        // Asked twice: whoever asks wants the terminal back now. The server notices that we are gone.
        eprintln!("error: interrupted twice; PostgreSQL rolls the import back by itself");
        std::process::exit(130);
    });
    stop
}
