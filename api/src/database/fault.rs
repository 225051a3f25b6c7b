//! What a database error means for whoever asked: the one table of SQLSTATEs.

use sqlx::postgres::PgDatabaseError;

/// The meaning of an error, independent of how it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// An argument has a value that cannot be used.
    BadArgument,
    /// A customer, model, import or content type does not exist.
    Unknown,
    /// The change contradicts what is stored.
    Conflict,
    /// The role may not do this.
    Forbidden,
    /// A budget is used up.
    BudgetExhausted,
    /// The input exceeds a limit.
    TooLarge,
    /// The database is not set up for Rapport.
    NotConfigured,
    /// The model answered an error or nonsense.
    ModelFailed,
    /// The statement was cancelled, or ran out of time.
    TimedOut,
    /// PostgreSQL is down, starting, full or shutting down; later it may work.
    Unavailable,
    /// No connection became free in time: the others hold them all, or PostgreSQL lets none in.
    Busy,
    /// A fault of this program.
    Bug,
}

impl FaultKind {
    /// Classifies an SQLSTATE.
    ///
    /// ```
    /// # use rapport_api::database::FaultKind;
    /// assert_eq!(FaultKind::of_sqlstate("P0002"), FaultKind::Unknown);
    /// assert_eq!(FaultKind::of_sqlstate("53400"), FaultKind::BudgetExhausted);
    /// assert_eq!(FaultKind::of_sqlstate("53300"), FaultKind::Unavailable);
    /// assert_eq!(FaultKind::of_sqlstate("22012"), FaultKind::Bug);
    /// ```
    pub fn of_sqlstate(code: &str) -> Self {
        match code {
            // 22003, 22007, 22008 and 22021 are what PostgreSQL itself says to a number out of range, a date
            // that does not exist and a NUL byte in a text.
            "22023" | "22P02" | "22001" | "22003" | "22004" | "22007" | "22008" | "22021"
            | "23514" => Self::BadArgument,
            "P0002" | "42704" => Self::Unknown,
            // 55006: what is to be undone is in use by later imports.
            "23505" | "23503" | "55006" => Self::Conflict,
            "42501" => Self::Forbidden,
            "53400" => Self::BudgetExhausted,
            "54000" => Self::TooLarge,
            // 3F000, 42883 and 42P01: the schema, its functions or tables are absent, so nobody ran the migrations.
            "55000" | "3F000" | "42883" | "42P01" => Self::NotConfigured,
            "38000" => Self::ModelFailed,
            "57014" => Self::TimedOut,
            // 3D000 and class 28: there is no such database, or it lets this role not in.
            "3D000" => Self::Unavailable,
            _ => match code.get(..2) {
                Some("08" | "28" | "40" | "53") => Self::Unavailable,
                _ if code.starts_with("57P0") => Self::Unavailable,
                _ => Self::Bug,
            },
        }
    }
}

/// A database error, reduced to what people are told.
#[derive(Debug, Clone)]
pub struct Fault {
    /// What it means.
    pub kind: FaultKind,
    /// The SQLSTATE, when PostgreSQL itself spoke.
    pub sqlstate: Option<String>,
    /// The primary message.
    pub message: String,
    /// PostgreSQL's DETAIL.
    pub detail: Option<String>,
    /// PostgreSQL's HINT, or ours.
    pub hint: Option<String>,
    /// PostgreSQL's CONTEXT, for logs.
    pub context: Option<String>,
}

impl Fault {
    /// The hint for a database that was never migrated.
    pub const MIGRATE_HINT: &'static str = "run `rapport migrate` with the owner of the database";

    fn plain(kind: FaultKind, message: String) -> Self {
        Self {
            kind,
            sqlstate: None,
            message,
            detail: None,
            hint: None,
            context: None,
        }
    }
}

impl From<&sqlx::Error> for Fault {
    fn from(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(database) => {
                let code = database.code().map(|code| code.into_owned());
                let postgres = database.try_downcast_ref::<PgDatabaseError>();
                let kind = code
                    .as_deref()
                    .map_or(FaultKind::Bug, FaultKind::of_sqlstate);
                let hint = postgres.and_then(PgDatabaseError::hint).map(str::to_owned);
                Self {
                    kind,
                    message: database.message().to_owned(),
                    detail: postgres
                        .and_then(PgDatabaseError::detail)
                        .map(str::to_owned),
                    hint: match code.as_deref() {
                        // PostgreSQL's own hint talks about argument types there, which helps nobody.
                        Some("3F000" | "42883" | "42P01") => Some(Self::MIGRATE_HINT.to_owned()),
                        _ => hint,
                    },
                    context: postgres
                        .and_then(PgDatabaseError::r#where)
                        .map(str::to_owned),
                    sqlstate: code,
                }
            }
            sqlx::Error::PoolTimedOut => Self::plain(
                FaultKind::Busy,
                "no database connection became free in time".to_owned(),
            ),
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => {
                let message = match error {
                    sqlx::Error::Io(reason) => reason.to_string(),
                    _ => error.to_string(),
                };
                Self::plain(FaultKind::Unavailable, message)
            }
            _ => Self::plain(FaultKind::Bug, error.to_string()),
        }
    }
}
