//! How this process reaches PostgreSQL: the URL, the pools of the server, the single connections of commands.
//!
//! The pools hand out busy connections untested: a test costs a round trip per request. A connection that was idle
//! for a second is pinged first, so after that second a restart of PostgreSQL goes unnoticed. Before it, each
//! connection that broke costs one request an error.

mod fault;
mod held;

use std::{convert::Infallible, fmt, str::FromStr, time::Duration};

use sqlx::{
    ConnectOptions, Connection, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

pub use self::{
    fault::{Fault, FaultKind},
    held::HeldConnection,
};
use crate::{config::ServerConfig, error::Error};

/// How long a pooled connection may lie idle before it is pinged on its way out.
const IDLE_BEFORE_TEST: Duration = Duration::from_secs(1);

/// How long a command waits for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A database URL; its password never appears in `Debug` or in an error.
#[derive(Clone)]
pub struct DatabaseUrl(String);

impl FromStr for DatabaseUrl {
    type Err = Infallible;

    /// Takes any text: an error of a command-line parser would print the password it was given.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DatabaseUrl(…)")
    }
}

impl DatabaseUrl {
    /// Says whether there is nothing in it, as in an environment variable that is set to nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads the URL, and sets what every connection of this program shares.
    ///
    /// `client_connection_check_interval` makes the server give up a statement within a second of this process
    /// dying, so that a killed import does not run on unseen. A fixed `search_path` keeps the record of migrations in
    /// one place, also for a role called `rapport`, which would else look in the schema of that name first.
    ///
    /// # Errors
    /// [`Error::Usage`] when it is not a PostgreSQL URL.
    ///
    /// ```
    /// # use rapport_api::database::DatabaseUrl;
    /// let url: DatabaseUrl = "mysql://root@localhost/crm".parse()?;
    /// assert!(url.options("rapport").is_err());
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    pub fn options(&self, application_name: &str) -> Result<PgConnectOptions, Error> {
        let unreadable = |reason: String| Error::Usage {
            message: format!("the database URL cannot be read: {reason}"),
            hint: Some("write it as postgres://user:password@host:port/database".to_owned()),
        };
        if !["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| self.0.starts_with(scheme))
        {
            return Err(unreadable("it does not begin with postgres://".to_owned()));
        }
        let options = PgConnectOptions::from_str(&self.0).map_err(|error| match error {
            sqlx::Error::Configuration(reason) => unreadable(reason.to_string()),
            _ => unreadable("a part of it is not understood".to_owned()),
        })?;
        Ok(options
            .application_name(application_name)
            .options([
                ("client_connection_check_interval", "1000"),
                ("search_path", "public"),
            ])
            .disable_statement_logging())
    }
}

/// Says where the options lead, for messages.
fn place(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(folder) => format!("{}, port {}", folder.display(), options.get_port()),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}

/// Opens one connection for a command.
///
/// # Errors
/// [`Error::Unreachable`] when nothing answers in ten seconds or the server lets nobody in,
/// [`Error::Database`] when it refuses for another reason.
pub async fn connect(options: &PgConnectOptions) -> Result<PgConnection, Error> {
    let unreachable = |reason: String| Error::Unreachable {
        place: place(options),
        reason,
    };
    match tokio::time::timeout(CONNECT_TIMEOUT, PgConnection::connect_with(options)).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => {
            let fault = Fault::from(&error);
            Err(match fault.kind {
                FaultKind::Unavailable => unreachable(fault.message),
                _ => Error::Database(Box::new(fault)),
            })
        }
        Err(_) => Err(unreachable(format!(
            "no answer in {} s",
            CONNECT_TIMEOUT.as_secs()
        ))),
    }
}

/// The pools of the server. Imports and exports have their own, so that they never starve the short questions.
#[derive(Debug, Clone)]
pub struct Database {
    /// For everything that answers quickly.
    pub questions: PgPool,
    /// For imports, with their longer time limit.
    pub imports: PgPool,
    /// For exports, which last as long as their clients read, with the same limit.
    pub exports: PgPool,
}

impl Database {
    /// Describes the pools; connects to nothing yet, so that the server starts while PostgreSQL is down.
    ///
    /// # Errors
    /// [`Error::Usage`] when the URL cannot be read.
    pub fn lazy(url: &DatabaseUrl, config: &ServerConfig) -> Result<Self, Error> {
        let options = url.options("rapport")?;
        let pool = |size: u32, wait: Duration, limit: Duration| {
            PgPoolOptions::new()
                .max_connections(size)
                .acquire_timeout(wait)
                .test_before_acquire(false)
                .before_acquire(|connection, idle| {
                    Box::pin(async move {
                        if idle.idle_for >= IDLE_BEFORE_TEST {
                            connection.ping().await?;
                        }
                        Ok(true)
                    })
                })
                .connect_lazy_with(
                    options
                        .clone()
                        .options([("statement_timeout", limit.as_millis().to_string())]),
                )
        };
        Ok(Self {
            questions: pool(
                config.pool_size,
                config.pool_wait(),
                config.statement_timeout(),
            ),
            imports: pool(
                config.import_pool_size,
                config.import_wait(),
                config.import_timeout(),
            ),
            exports: pool(
                config.export_pool_size,
                config.pool_wait(),
                config.import_timeout(),
            ),
        })
    }

    /// Closes the pools, waiting for the statements that still run.
    pub async fn close(&self) {
        self.questions.close().await;
        self.imports.close().await;
        self.exports.close().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_in_no_message() {
        for text in [
            "postgres://u:hunter2@localhost:99999/x",
            "mysql://u:hunter2@h/x",
        ] {
            let url: DatabaseUrl = text.parse().unwrap();
            let error = url.options("t").unwrap_err();
            assert!(!format!("{error} {error:?} {url:?}").contains("hunter2"));
            assert_eq!(error.code(), 2);
        }
    }
}
