//! The one error of the command line: what it prints, and the exit code it ends with.
//!
//! HTTP answers have their own type, [`crate::problem::Problem`]; both read the same [`Fault`].

use std::process::ExitCode;

use crate::database::{Fault, FaultKind};

/// Everything that can stop a command.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line asks for something that makes no sense.
    #[error("{message}")]
    Usage {
        /// What is wrong with it.
        message: String,
        /// What to type instead.
        hint: Option<String>,
    },
    /// A file, a token or another input cannot be used.
    #[error("{message}")]
    Input {
        /// What is wrong, with the name of the input.
        message: String,
        /// Numbers and findings.
        detail: Option<String>,
        /// What helps.
        hint: Option<String>,
    },
    /// PostgreSQL does not answer where the database URL points.
    #[error("cannot connect to PostgreSQL at {place}: {reason}")]
    Unreachable {
        /// Host and port, or socket folder; never the password.
        place: String,
        /// What the attempt met.
        reason: String,
    },
    /// The database lacks the tables or functions of Rapport, or PostgreSQL lacks the extension's files.
    #[error("{message}")]
    NotMigrated {
        /// What is missing.
        message: String,
        /// What installs it.
        hint: String,
    },
    /// PostgreSQL refused a statement.
    #[error("{}", .0.message)]
    Database(Box<Fault>),
    /// Someone pressed Ctrl-C, or the process was asked to end.
    #[error("{message}")]
    Interrupted {
        /// What was and was not done by then.
        message: String,
        /// What to know about the rest.
        detail: Option<String>,
    },
    /// The import of one of several files failed.
    #[error("{error}")]
    AmongFiles {
        /// Why.
        error: Box<Error>,
        /// Its detail, and what became of the other files.
        detail: String,
    },
    /// The server could not go on.
    #[error("{0}")]
    Server(String),
}

impl Error {
    /// Builds an input error that needs no detail.
    pub fn input(message: impl Into<String>, hint: Option<&str>) -> Self {
        Self::Input {
            message: message.into(),
            detail: None,
            hint: hint.map(str::to_owned),
        }
    }

    /// Returns the exit code: 1 data or user error, 2 usage, 3 database, 130 interrupted.
    pub fn code(&self) -> u8 {
        match self {
            Self::Input { .. } | Self::Server(_) => 1,
            Self::Usage { .. } => 2,
            Self::Unreachable { .. } | Self::NotMigrated { .. } => 3,
            Self::Database(fault) => match fault.kind {
                FaultKind::Unavailable | FaultKind::Busy | FaultKind::NotConfigured => 3,
                _ => 1,
            },
            Self::Interrupted { .. } => 130,
            Self::AmongFiles { error, .. } => error.code(),
        }
    }

    /// Returns [`Self::code`] as the process wants it.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code())
    }

    /// Returns what stands behind `detail:`.
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Input { detail, .. } | Self::Interrupted { detail, .. } => detail.as_deref(),
            Self::Database(fault) => fault.detail.as_deref(),
            Self::AmongFiles { detail, .. } => Some(detail),
            _ => None,
        }
    }

    /// Returns what stands behind `hint:`.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Usage { hint, .. } | Self::Input { hint, .. } => hint.as_deref(),
            Self::Unreachable { .. } => {
                Some("check that the server runs, and --database-url or RAPPORT_DATABASE_URL")
            }
            Self::NotMigrated { hint, .. } => Some(hint),
            Self::Database(fault) => fault.hint.as_deref(),
            Self::AmongFiles { error, .. } => error.hint(),
            Self::Interrupted { .. } | Self::Server(_) => None,
        }
    }

    /// Writes the error to the standard error as `error:`, `detail:` and `hint:` lines.
    pub fn print(&self) {
        eprintln!("error: {self}");
        if let Some(detail) = self.detail() {
            eprintln!("detail: {detail}");
        }
        if let Some(hint) = self.hint() {
            eprintln!("hint: {hint}");
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(Box::new(Fault::from(&error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_tells_data_from_usage_from_database() {
        assert_eq!(Error::input("x", None).code(), 1);
        assert_eq!(
            Error::Usage {
                message: "x".into(),
                hint: None
            }
            .code(),
            2
        );
        assert_eq!(Error::from(sqlx::Error::PoolTimedOut).code(), 3);
        assert_eq!(Error::from(sqlx::Error::RowNotFound).code(), 1);
        assert_eq!(
            Error::Interrupted {
                message: "x".into(),
                detail: None
            }
            .code(),
            130
        );
    }
}
