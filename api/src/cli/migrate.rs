//! `rapport migrate`: brings a database to the state this binary needs.

use clap::Args;

use super::print_line;
use crate::{
    database::{self, DatabaseUrl},
    error::Error,
    migrations,
};

/// Creates or updates the tables, and the extension in the database.
///
/// Each migration is one transaction, and none is applied twice. Run it as the owner of the database; PostgreSQL must
/// have the files of the extension.
#[derive(Debug, Args)]
#[command(after_help = super::EXIT_CODES, after_long_help = long_examples!(
    "  rapport migrate\n  \
       rapport migrate --status"))]
pub(super) struct Migrate {
    /// Only tell which migrations are applied and which are missing.
    #[arg(long)]
    status: bool,
}

impl Migrate {
    /// Applies the missing migrations, or lists all.
    pub(super) async fn run(&self, database_url: &DatabaseUrl) -> Result<(), Error> {
        let mut connection = database::connect(&database_url.options("rapport migrate")?).await?;
        if self.status {
            for step in migrations::status(&mut connection).await? {
                let state = if step.applied { "applied" } else { "missing" };
                print_line(&format!("{state} {:04} {}", step.version, step.description))?;
            }
            return Ok(());
        }
        let count = migrations::apply_missing(&mut connection, |migration, took| {
            // A closed standard output must not stop a migration half-way.
            let _ = print_line(&format!(
                "applied {:04} {} ({} ms)",
                migration.version,
                migration.description,
                took.as_millis()
            ));
        })
        .await?;
        match count {
            0 => print_line("nothing to do: every migration is applied"),
            1 => print_line("1 migration applied"),
            _ => print_line(&format!("{count} migrations applied")),
        }
    }
}
