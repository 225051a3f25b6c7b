//! The migrations embedded in this binary, and what of them a database already has.
//!
//! They are applied one by one rather than with `Migrator::run`, so that each can be reported when it is done.

use std::{collections::BTreeMap, time::Duration};

use sqlx::{
    PgConnection,
    migrate::{Migrate, MigrateError, Migration, Migrator},
};

use crate::{
    database::{Fault, FaultKind},
    error::Error,
};

/// Every migration, in order.
pub static MIGRATOR: Migrator = sqlx::migrate!("../migrations");

/// Where sqlx keeps its record; its own default.
const RECORD: &str = "_sqlx_migrations";

/// The extensions the migrations create, and how PostgreSQL gets the files of each.
const EXTENSIONS: [(&str, &str); 2] = [
    (
        "vector",
        "install pgvector on the machine that runs PostgreSQL (Debian: postgresql-<version>-pgvector)",
    ),
    (
        "rapport",
        "install it with `cargo pgrx install --release` on the machine that runs PostgreSQL",
    ),
];

/// One embedded migration and whether the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The number in its file name.
    pub version: i64,
    /// The words in its file name.
    pub description: String,
    /// Whether the database has it.
    pub applied: bool,
}

fn upward() -> impl Iterator<Item = &'static Migration> {
    MIGRATOR
        .iter()
        .filter(|migration| !migration.migration_type.is_down_migration())
}

/// Returns the versions embedded here that are not among `applied`.
pub fn missing_from(applied: &[i64]) -> Vec<i64> {
    upward()
        .map(|migration| migration.version)
        .filter(|version| !applied.contains(version))
        .collect()
}

/// Lists the embedded migrations with their state, without changing anything.
///
/// # Errors
/// [`Error::Input`] when the database was migrated by a newer binary or a migration was edited afterwards,
/// [`Error::Database`] when a statement fails.
pub async fn status(connection: &mut PgConnection) -> Result<Vec<Step>, Error> {
    let recorded: bool = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL")
        .fetch_one(&mut *connection)
        .await?;
    let applied = if recorded {
        checked_record(connection).await?
    } else {
        BTreeMap::new()
    };
    Ok(upward()
        .map(|migration| Step {
            version: migration.version,
            description: migration.description.to_string(),
            applied: applied.contains_key(&migration.version),
        })
        .collect())
}

/// Applies what is missing, and calls `report` after each migration with the time it took.
///
/// Only one process does so at a time: the others wait for its lock.
///
/// # Errors
/// [`Error::NotMigrated`] when PostgreSQL lacks the files of the extension; otherwise as [`status`]. The migrations
/// before the one that failed stay applied.
pub async fn apply_missing(
    connection: &mut PgConnection,
    mut report: impl FnMut(&Migration, Duration),
) -> Result<usize, Error> {
    require_extension_files(connection).await?;
    connection
        .lock()
        .await
        .map_err(|error| explain(error, None))?;
    connection
        .ensure_migrations_table(RECORD)
        .await
        .map_err(|error| explain(error, None))?;
    let applied = checked_record(connection).await?;
    let mut count = 0;
    for migration in upward().filter(|migration| !applied.contains_key(&migration.version)) {
        let took = connection
            .apply(RECORD, migration)
            .await
            .map_err(|error| explain(error, Some(migration)))?;
        report(migration, took);
        count += 1;
    }
    connection
        .unlock()
        .await
        .map_err(|error| explain(error, None))?;
    Ok(count)
}

/// Reads the record and refuses a database that does not fit this binary.
async fn checked_record(connection: &mut PgConnection) -> Result<BTreeMap<i64, Vec<u8>>, Error> {
    if let Some(version) = connection
        .dirty_version(RECORD)
        .await
        .map_err(|error| explain(error, None))?
    {
        return Err(explain(MigrateError::Dirty(version), None));
    }
    let applied: BTreeMap<i64, Vec<u8>> = connection
        .list_applied_migrations(RECORD)
        .await
        .map_err(|error| explain(error, None))?
        .into_iter()
        .map(|migration| (migration.version, migration.checksum.into_owned()))
        .collect();
    for (version, checksum) in &applied {
        match upward().find(|migration| migration.version == *version) {
            None => return Err(explain(MigrateError::VersionMissing(*version), None)),
            Some(migration) if *migration.checksum != **checksum => {
                return Err(explain(MigrateError::VersionMismatch(*version), None));
            }
            Some(_) => {}
        }
    }
    Ok(applied)
}

async fn require_extension_files(connection: &mut PgConnection) -> Result<(), Error> {
    for (extension, hint) in EXTENSIONS {
        let available: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name = $1)",
        )
        .bind(extension)
        .fetch_one(&mut *connection)
        .await?;
        if !available {
            let version: String = sqlx::query_scalar("SHOW server_version")
                .fetch_one(&mut *connection)
                .await?;
            return Err(Error::NotMigrated {
                message: format!(
                    "PostgreSQL {version} has no files of the extension \"{extension}\""
                ),
                hint: format!("{hint}, then run `rapport migrate` again"),
            });
        }
    }
    Ok(())
}

fn explain(error: MigrateError, migration: Option<&Migration>) -> Error {
    let name = migration.map(|migration| {
        format!(
            "migration {:04} \"{}\"",
            migration.version, migration.description
        )
    });
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            let mut fault = Fault::from(&error);
            if let Some(name) = name {
                fault.message = format!("{name} failed: {}", fault.message);
                fault.detail = fault.detail.or(fault.context.take());
                // A migration that meets a missing function is a broken migration, not a missing one.
                if fault.kind == FaultKind::NotConfigured {
                    fault.kind = FaultKind::Bug;
                    fault.hint = None;
                }
            }
            Error::Database(Box::new(fault))
        }
        MigrateError::VersionMissing(version) => Error::input(
            format!("the database has migration {version:04}, which this binary does not know"),
            Some("use the version of rapport that migrated it, or a newer one"),
        ),
        MigrateError::VersionMismatch(version) => Error::input(
            format!("migration {version:04} was changed after it was applied to this database"),
            Some("an applied migration is never edited: restore the file, and add a new one"),
        ),
        MigrateError::Dirty(version) => Error::input(
            format!("migration {version:04} was applied only in part"),
            Some("repair it by hand, then delete its row from _sqlx_migrations"),
        ),
        other => Error::input(format!("the migrations do not run: {other}"), None),
    }
}
