//! The only place that does I/O: one POST at a time, to a listed origin, under limits.
//!
//! Each attempt has its own agent and its own connection, so that nothing is left of it when it
//! ends. Redirects are not followed, a proxy of the environment is not used, and a compressed
//! response is refused, so that the limit of size holds for what is read.

mod attempt;
mod connect;
mod resolve;
mod retry;
mod state;

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rapport_core::generation::{Completion, ModelError};
use ureq::unversioned::transport::RustlsConnector;

use crate::cancel::Cancel;
use crate::dialect::Dialect;
use crate::guard::{Entry, Guard};
use crate::wire::{WireRequest, WireResponse};
use attempt::Attempt;

/// How a name becomes addresses; the resolver of the system unless told otherwise.
pub type Lookup = dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync;

/// What one call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long a connection may take, from the lookup of the name to the end of the handshake
    /// of TLS.
    pub connect: Duration,
    /// How long all may take, with every attempt and every wait between them.
    pub total: Duration,
    /// The largest request, in bytes.
    pub request_bytes: usize,
    /// The largest response, in bytes.
    pub response_bytes: usize,
    /// How often it is tried; at least once.
    pub attempts: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(60),
            request_bytes: 4 << 20,
            response_bytes: 4 << 20,
            attempts: 3,
        }
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) enum Reply {
    /// A response in one piece, with a status of success.
    Whole(WireResponse),
    /// The answer that a stream held.
    Streamed(Completion),
}

/// What sends requests.
pub(crate) struct Transport {
    guard: Guard,
    limits: Limits,
    cancel: Cancel,
    lookup: Arc<Lookup>,
    /// Kept from attempt to attempt for its certificates, which take long to load.
    tls: Arc<RustlsConnector>,
}

impl fmt::Debug for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Transport")
            .field("guard", &self.guard)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Transport {
    pub(crate) fn new(guard: Guard, limits: Limits, cancel: Cancel) -> Self {
        Self {
            guard,
            limits,
            cancel,
            lookup: Arc::new(resolve::system),
            tls: Arc::default(),
        }
    }

    pub(crate) fn set_lookup(&mut self, lookup: Arc<Lookup>) {
        self.lookup = lookup;
    }

    /// Sends a request, again if it may help, and returns a response of success.
    pub(crate) fn send(
        &self,
        request: &WireRequest,
        dialect: &dyn Dialect,
    ) -> Result<Reply, ModelError> {
        let entry = self.admit(request)?;
        let deadline = deadline(self.limits.total);
        let mut tried = 1;
        loop {
            let failure = match self.attempt(entry, deadline).run(request, dialect) {
                Ok(reply) => return Ok(reply),
                Err(failure) => failure,
            };
            let Some(asked) = failure.again else {
                return Err(failure.error);
            };
            if tried >= self.limits.attempts {
                return Err(failure.error);
            }
            let wait = retry::backoff(tried).max(asked.unwrap_or_default());
            if wait >= deadline.saturating_duration_since(Instant::now()) {
                // Waiting is of no use: the deadline comes first.
                return Err(match asked {
                    Some(asked) => ModelError::RateLimited {
                        retry_after: Some(asked.as_secs()),
                    },
                    None => failure.error,
                });
            }
            if self.cancel.sleep(wait) {
                return Err(ModelError::Cancelled);
            }
            tried += 1;
        }
    }

    fn admit(&self, request: &WireRequest) -> Result<&Entry, ModelError> {
        let length = request.body.len();
        if length > self.limits.request_bytes {
            return Err(ModelError::Failed(format!(
                "the request has {length} bytes, more than the {} that are sent",
                self.limits.request_bytes
            )));
        }
        self.guard
            .check_url(&request.url)
            .map_err(|error| ModelError::NotConfigured(error.to_string()))
    }

    fn attempt(&self, entry: &Entry, deadline: Instant) -> Attempt {
        Attempt::new(self, entry.clone(), deadline)
    }
}

/// Returns the end of a span that begins now; one that never ends is a day.
fn deadline(span: Duration) -> Instant {
    const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
    Instant::now() + span.min(LONGEST)
}
