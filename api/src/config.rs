//! The settings of the server, each a flag and an environment variable, with the values used in production.

use std::{path::PathBuf, time::Duration};

use clap::{Args, builder::BoolishValueParser};

/// What a request may take beyond its statement and the wait for a connection.
const GRACE: Duration = Duration::from_secs(5);

/// The largest file accepted, in MiB, unless the setting says otherwise.
pub const DEFAULT_MAX_FILE_MIB: u64 = 128;

/// How the server runs.
#[derive(Debug, Clone, Args)]
pub struct ServerConfig {
    /// Address and port to listen on.
    #[arg(
        long,
        env = "RAPPORT_LISTEN",
        default_value = "127.0.0.1:8080",
        value_name = "HOST:PORT"
    )]
    pub listen: String,

    /// File that holds the bearer token which every request to /api/ must carry.
    #[arg(long, env = "RAPPORT_API_TOKEN_FILE", value_name = "FILE")]
    pub token_file: Option<PathBuf>,

    /// Listen on an address other machines can reach although no token is set.
    #[arg(long, env = "RAPPORT_ALLOW_UNAUTHENTICATED", value_parser = BoolishValueParser::new())]
    pub allow_unauthenticated: bool,

    /// Database connections for questions.
    #[arg(long, env = "RAPPORT_POOL_SIZE", default_value_t = 8, value_name = "N",
          value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub pool_size: u32,

    /// Database connections for imports. PostgreSQL runs one import at a time; the other connections wait for it.
    #[arg(long, env = "RAPPORT_IMPORT_POOL_SIZE", default_value_t = 2, value_name = "N",
          value_parser = clap::value_parser!(u32).range(1..=100))]
    pub import_pool_size: u32,

    /// Database connections for exports. A download holds one for as long as its client reads.
    #[arg(long, env = "RAPPORT_EXPORT_POOL_SIZE", default_value_t = 2, value_name = "N",
          value_parser = clap::value_parser!(u32).range(1..=100))]
    pub export_pool_size: u32,

    /// Seconds a question waits for a free connection before it is answered 503.
    #[arg(long, env = "RAPPORT_POOL_WAIT_SECONDS", default_value_t = 3, value_name = "SECONDS",
          value_parser = clap::value_parser!(u64).range(1..=600))]
    pub pool_wait_seconds: u64,

    /// Seconds an upload waits for a free connection for imports before it is answered 503.
    #[arg(long, env = "RAPPORT_IMPORT_WAIT_SECONDS", default_value_t = 60, value_name = "SECONDS",
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub import_wait_seconds: u64,

    /// Seconds a question may run in PostgreSQL before it is answered 504.
    #[arg(long, env = "RAPPORT_STATEMENT_TIMEOUT_SECONDS", default_value_t = 20, value_name = "SECONDS",
          value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub statement_timeout_seconds: u64,

    /// Seconds without a byte after which an upload or a download is given up.
    #[arg(long, env = "RAPPORT_IDLE_SECONDS", default_value_t = 30, value_name = "SECONDS",
          value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub idle_seconds: u64,

    /// Seconds an upload may take, and again its import in PostgreSQL; seconds an export may take.
    #[arg(long, env = "RAPPORT_IMPORT_TIMEOUT_SECONDS", default_value_t = 600, value_name = "SECONDS",
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub import_timeout_seconds: u64,

    /// Largest upload in MiB. PostgreSQL has its own limits: rapport.max_file_size for workbooks, which it holds in
    /// memory, and rapport.max_text_size.
    #[arg(long, env = "RAPPORT_MAX_FILE_MIB", default_value_t = DEFAULT_MAX_FILE_MIB, value_name = "MIB",
          value_parser = clap::value_parser!(u64).range(1..=65_536))]
    pub max_file_mib: u64,

    /// Seconds that open requests are given to finish when the server is asked to stop.
    #[arg(long, env = "RAPPORT_SHUTDOWN_SECONDS", default_value_t = 20, value_name = "SECONDS",
          value_parser = clap::value_parser!(u64).range(0..=3600))]
    pub shutdown_seconds: u64,
}

impl ServerConfig {
    /// Returns how long a question waits for a connection.
    pub fn pool_wait(&self) -> Duration {
        Duration::from_secs(self.pool_wait_seconds)
    }

    /// Returns how long an upload waits for a connection. An import holds one for minutes, even when its client has
    /// left, so this is longer than [`Self::pool_wait`].
    pub fn import_wait(&self) -> Duration {
        Duration::from_secs(self.import_wait_seconds)
    }

    /// Returns how long PostgreSQL works on a question.
    pub fn statement_timeout(&self) -> Duration {
        Duration::from_secs(self.statement_timeout_seconds)
    }

    /// Returns how long a client may be silent in the middle of an upload or a download.
    pub fn idle_timeout(&self) -> Duration {
        Duration::from_secs(self.idle_seconds)
    }

    /// Returns how long an upload may take, and how long PostgreSQL works on an import.
    pub fn import_timeout(&self) -> Duration {
        Duration::from_secs(self.import_timeout_seconds)
    }

    /// Returns how long a question may take in all. It only fires when PostgreSQL's own limit did not.
    pub fn request_timeout(&self) -> Duration {
        self.pool_wait() + self.statement_timeout() + GRACE
    }

    /// Returns how long an upload and its import may take in all.
    pub fn import_request_timeout(&self) -> Duration {
        self.import_wait() + self.import_timeout() * 2 + GRACE
    }

    /// Returns the largest upload in bytes.
    pub fn max_file_bytes(&self) -> usize {
        usize::try_from(self.max_file_mib << 20).unwrap_or(usize::MAX)
    }

    /// Returns how long open requests may go on after the signal to stop.
    pub fn shutdown(&self) -> Duration {
        Duration::from_secs(self.shutdown_seconds)
    }
}
