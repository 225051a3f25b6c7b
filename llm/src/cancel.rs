//! How a caller tells a running call that its answer is no longer wanted.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A handle that ends a call from another thread; clones share one state.
///
/// What was cancelled stays cancelled: a new call needs a new handle. It takes a lock, so it is
/// not for a signal handler.
#[derive(Clone, Default)]
pub struct Cancel(Arc<State>);

#[derive(Default)]
struct State {
    cancelled: Mutex<bool>,
    changed: Condvar,
}

impl Cancel {
    /// Returns a handle that nobody has cancelled yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends every call that holds a clone of this handle, within about 20 ms.
    pub fn cancel(&self) {
        *self
            .0
            .cancelled
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = true;
        self.0.changed.notify_all();
    }

    /// Returns whether [`Cancel::cancel`] was called on this handle or a clone.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        *self
            .0
            .cancelled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Sleeps, and returns early and true if it is cancelled.
    pub(crate) fn sleep(&self, duration: Duration) -> bool {
        let end = Instant::now() + duration;
        let mut cancelled = self
            .0
            .cancelled
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        while !*cancelled {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            cancelled = self
                .0
                .changed
                .wait_timeout(cancelled, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        *cancelled
    }
}

impl fmt::Debug for Cancel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Cancel")
            .field(&self.is_cancelled())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::{Duration, Instant};

    use super::Cancel;

    #[test]
    fn sleep_ends_at_its_time_or_when_cancelled() {
        let cancel = Cancel::new();
        assert!(!cancel.sleep(Duration::from_millis(5)));
        let other = cancel.clone();
        let thread = thread::spawn(move || {
            thread::sleep(Duration::from_millis(20));
            other.cancel();
        });
        let started = Instant::now();
        assert!(cancel.sleep(Duration::from_secs(60)));
        assert!(started.elapsed() < Duration::from_secs(1));
        thread.join().unwrap();
        assert!(cancel.is_cancelled());
        assert!(cancel.sleep(Duration::from_secs(60)));
    }
}
