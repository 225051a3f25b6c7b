//! A pooled connection in the middle of something.

use std::ops::{Deref, DerefMut};

use sqlx::{PgConnection, PgPool, Postgres, pool::PoolConnection};

/// A connection that goes back to its pool only when it is [given back](Self::give_back): dropped before that, by an
/// error or because its client left, it is closed, and PostgreSQL rolls back what it was doing. Whoever gets a
/// connection from the pool must never find half a file or half an answer in it.
#[derive(Debug)]
pub struct HeldConnection {
    connection: PoolConnection<Postgres>,
    clean: bool,
}

impl HeldConnection {
    /// Waits for a connection of a pool.
    ///
    /// # Errors
    /// [`sqlx::Error::PoolTimedOut`] when none becomes free in time, and whatever keeps a new one from being opened.
    pub async fn of(pool: &PgPool) -> Result<Self, sqlx::Error> {
        Ok(Self {
            connection: pool.acquire().await?,
            clean: false,
        })
    }

    /// Gives it back: nothing is in it.
    pub fn give_back(mut self) {
        self.clean = true;
    }
}

impl Drop for HeldConnection {
    fn drop(&mut self) {
        if !self.clean {
            self.connection.close_on_drop();
        }
    }
}

impl Deref for HeldConnection {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for HeldConnection {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}
