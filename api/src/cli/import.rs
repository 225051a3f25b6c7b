//! `rapport import`: files into the database, one transaction each, with progress and a way out.

mod file;
mod outcome;
mod progress;
mod stage;
mod statement;

use std::path::{Path, PathBuf};

use clap::Args;
use tokio::sync::watch;

use self::{
    file::{File, Wanted, is_standard_input},
    progress::Progress,
    statement::{Connections, Done},
};
use super::{OutputFormat, print_line, serve::termination};
use crate::{
    config::DEFAULT_MAX_FILE_MIB, database::DatabaseUrl, error::Error, import::FileFormat,
};

/// Imports workbooks, or files of separated values.
///
/// The files are imported in the order given, each in its own transaction. A workbook holds all three sheets
/// (customers, interactions, products of discussion); a text file holds one of them, with commas, semicolons, tabs or
/// bars between the values. Text is sent as it is read, so it may be of any size that the server accepts. The same
/// file a second time changes nothing. Ctrl-C stops the import that runs and leaves nothing of it; the files before it
/// stay imported.
#[derive(Debug, Args)]
#[command(after_help = super::EXIT_CODES, after_long_help = long_examples!(
    "  rapport import interactions.xlsx\n  \
       rapport import --dry-run interactions.xlsx\n  \
       rapport import customers.csv products.tsv interactions.csv --format json\n  \
       zcat interactions.csv.gz | rapport import - --name interactions.csv"))]
pub(super) struct Import {
    /// The files; `-` is the standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Write nothing; show what an import would do, and its quality report.
    #[arg(long)]
    dry_run: bool,

    /// How to print what was done.
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,

    /// What the files are, when neither their names nor their contents should decide.
    #[arg(long, value_enum)]
    file_format: Option<FileFormat>,

    /// The name that a single file is remembered by, instead of its own.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// Largest workbook in MiB; text files have no limit here.
    #[arg(long, env = "RAPPORT_MAX_FILE_MIB", default_value_t = DEFAULT_MAX_FILE_MIB, value_name = "MIB",
          value_parser = clap::value_parser!(u64).range(1..=512))]
    max_file_mib: u64,
}

impl Import {
    /// Imports the files one after the other; the first that fails ends the command.
    pub(super) async fn run(&self, database_url: &DatabaseUrl) -> Result<(), Error> {
        self.check()?;
        let stop = listen_for_stop();
        for (number, path) in self.files.iter().enumerate() {
            let imported = self.import(path, database_url, stop.clone()).await;
            let done = imported.map_err(|error| self.among_files(error, number))?;
            match self.format {
                OutputFormat::Json => print_line(&outcome::as_json(&done)?)?,
                OutputFormat::Table => print_line(&outcome::as_table(&done))?,
            }
        }
        Ok(())
    }

    /// Refuses what makes no sense for these files.
    fn check(&self) -> Result<(), Error> {
        let usage = |message: &str, hint: &str| {
            Err(Error::Usage {
                message: message.to_owned(),
                hint: Some(hint.to_owned()),
            })
        };
        if self.name.is_some() && self.files.len() > 1 {
            return usage(
                "--name is for a single file",
                "import the files one at a time",
            );
        }
        let inputs = self.files.iter().filter(|path| is_standard_input(path));
        if inputs.count() > 1 {
            return usage(
                "the standard input can be read only once",
                "name \"-\" once",
            );
        }
        Ok(())
    }

    async fn import(
        &self,
        path: &Path,
        database_url: &DatabaseUrl,
        mut stop: watch::Receiver<bool>,
    ) -> Result<Done, Error> {
        let shown = file::shown(path);
        let progress = Progress::start(&file::label(path));
        let prepare = async {
            let file = File::open(Wanted {
                path,
                format: self.file_format,
                name: self.name.as_deref(),
                limit: self.max_file_mib << 20,
            })
            .await?;
            let connections = Connections::open(database_url).await?;
            Ok::<_, Error>((file, connections))
        };
        let (file, connections) = tokio::select! {
            prepared = prepare => prepared?,
            _ = stop.wait_for(|stop| *stop) => return Err(statement::interrupted(&shown)),
        };
        statement::run(connections, &shown, file, self.dry_run, &progress, stop).await
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
        // Asked twice: whoever asks wants the terminal back now. The server looks for us once a second.
        eprintln!(
            "error: interrupted twice; PostgreSQL notices within about a second, \
             and rolls the import back unless it committed before"
        );
        std::process::exit(130);
    });
    stop
}
