//! What the parts of an attempt share: what it may do, how far it has come, and why it was ended.

use std::io;
use std::os::fd::AsFd;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rapport_core::generation::ModelError;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::Transport;
use crate::cancel::Cancel;
use crate::guard::{Entry, Guard};

/// How long is waited at most before looking whether somebody has cancelled.
const SLICE: Duration = Duration::from_millis(10);
/// What the parts of an attempt share.
#[derive(Debug)]
pub(super) struct State {
    pub(super) guard: Guard,
    pub(super) entry: Entry,
    cancel: Cancel,
    deadline: Instant,
    connect: Duration,
    connect_deadline: Instant,
    connected: AtomicBool,
    /// Whether any of the response has come.
    received: AtomicBool,
    /// Why we ended it ourselves; libraries on the way up lose such reasons.
    stopped: OnceLock<ModelError>,
}

impl State {
    pub(super) fn new(transport: &Transport, entry: Entry, deadline: Instant) -> Self {
        Self {
            guard: transport.guard.clone(),
            entry,
            cancel: transport.cancel.clone(),
            deadline,
            connect: transport.limits.connect,
            connect_deadline: super::deadline(transport.limits.connect),
            connected: AtomicBool::new(false),
            received: AtomicBool::new(false),
            stopped: OnceLock::new(),
        }
    }

    /// Ends the attempt for a reason of our own.
    pub(super) fn stop(&self, reason: ModelError) -> io::Error {
        let _ = self.stopped.set(reason);
        io::Error::other("stopped")
    }

    /// Fails if somebody has cancelled or time is up.
    pub(super) fn check(&self) -> io::Result<()> {
        if self.cancel.is_cancelled() {
            return Err(self.stop(ModelError::Cancelled));
        }
        let now = Instant::now();
        if now >= self.deadline {
            return Err(self.stop(ModelError::TimedOut));
        }
        if now >= self.connect_deadline && !self.is_connected() {
            let limit = self.connect.as_millis();
            return Err(self.stop(ModelError::Unreachable(format!(
                "no connection within {limit} ms"
            ))));
        }
        Ok(())
    }

    /// Returns how long may be waited before the next check.
    pub(super) fn slice(&self) -> Duration {
        let mut left = self.deadline;
        if !self.is_connected() {
            left = left.min(self.connect_deadline);
        }
        left.saturating_duration_since(Instant::now()).min(SLICE)
    }

    /// Waits until a socket is ready, or fails as [`State::check`] does.
    pub(super) fn wait(&self, socket: impl AsFd, flags: PollFlags) -> io::Result<()> {
        self.wait_until(socket, flags, None)
    }

    /// Waits as [`State::wait`] does, but not beyond an instant.
    pub(super) fn wait_until(
        &self,
        socket: impl AsFd,
        flags: PollFlags,
        until: Option<Instant>,
    ) -> io::Result<()> {
        loop {
            self.check()?;
            let mut slice = self.slice();
            if let Some(until) = until {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(io::ErrorKind::TimedOut.into());
                }
                slice = slice.min(left);
            }
            let slice = Timespec::try_from(slice).map_err(io::Error::other)?;
            match poll(&mut [PollFd::new(&socket, flags)], Some(&slice)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Notes that the connection stands.
    pub(super) fn set_connected(&self) {
        self.connected.store(true, Ordering::Relaxed);
    }

    /// Returns how long all addresses together may still take to connect.
    pub(super) fn connect_time(&self) -> Duration {
        self.connect_deadline
            .min(self.deadline)
            .saturating_duration_since(Instant::now())
    }

    /// Notes that some of the response has come.
    pub(super) fn set_received(&self) {
        self.received.store(true, Ordering::Relaxed);
    }

    /// Returns whether the connection stands.
    pub(super) fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    /// Returns whether some of the response has come.
    pub(super) fn is_received(&self) -> bool {
        self.received.load(Ordering::Relaxed)
    }

    /// Returns why we ended it ourselves, if we did.
    pub(super) fn stopped(&self) -> Option<&ModelError> {
        self.stopped.get()
    }
}
