//! What every handler shares.

use std::{ops::Deref, sync::Arc};

use tokio::sync::Semaphore;

use crate::{auth::ApiToken, config::ServerConfig, database::Database};

/// Uploads at a time for each connection that imports them: one has the connection and streams into it, the others
/// wait for it. PostgreSQL runs one import at a time, by an advisory lock, so that a connection may wait as well.
const UPLOADS_PER_CONNECTION: usize = 4;

/// The parts of a running server.
#[derive(Debug)]
pub struct Parts {
    /// The settings it was started with.
    pub config: ServerConfig,
    /// Its connection pools.
    pub database: Database,
    /// The token that `/api/` asks for, if any.
    pub token: Option<ApiToken>,
    /// Bounds how many uploads there are at a time.
    pub uploads: Semaphore,
}

/// A cheap handle on [`Parts`].
#[derive(Debug, Clone)]
pub struct App(Arc<Parts>);

impl App {
    /// Puts a server together.
    pub fn new(config: ServerConfig, database: Database, token: Option<ApiToken>) -> Self {
        let connections = usize::try_from(config.import_pool_size).unwrap_or(1);
        let uploads = Semaphore::new(connections.saturating_mul(UPLOADS_PER_CONNECTION));
        Self(Arc::new(Parts {
            config,
            database,
            token,
            uploads,
        }))
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
