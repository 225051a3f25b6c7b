//! Calls that take long: in a thread of their own, so that this backend goes on listening.
//!
//! The only module that starts threads. The thread touches nothing of PostgreSQL: no setting, no
//! log, no memory context, and no signal, which all are blocked in it. The backend looks every
//! few milliseconds whether it is to stop, and whether the client is still there; then the call
//! is cancelled and the thread is waited for, so that none outlives its statement.

use std::io;
use std::mem::MaybeUninit;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use pgrx::pg_sys;
use rapport_core::generation::{Completion, Model, ModelError, Prompt};
use rapport_llm::Cancel;

use crate::progress::check_interrupts;

/// How long a backend does not look up from a call.
const GLANCE: Duration = Duration::from_millis(20);
/// The stack of a thread; JSON is read with a limit of depth.
const STACK_BYTES: usize = 1 << 20;

/// A model that is asked in a thread.
pub(crate) struct InThread {
    model: Arc<dyn Model + Send + Sync>,
    cancel: Cancel,
}

impl InThread {
    /// Returns a model that asks another one in a thread; the handle ends what that one does.
    pub(crate) fn new(model: Arc<dyn Model + Send + Sync>, cancel: Cancel) -> Self {
        Self { model, cancel }
    }
}

impl Model for InThread {
    fn name(&self) -> &str {
        self.model.name()
    }

    fn identity(&self) -> String {
        self.model.identity()
    }

    fn complete(&self, prompt: &Prompt) -> Result<Completion, ModelError> {
        let (sender, receiver) = mpsc::sync_channel(1);
        let (model, prompt) = (Arc::clone(&self.model), prompt.clone());
        let mut call = Call {
            cancel: self.cancel.clone(),
            thread: Some(
                start(move || {
                    // Nobody listens any more if the call was cancelled.
                    let _ = sender.send(model.complete(&prompt));
                })
                .map_err(|error| ModelError::Failed(format!("no thread for the call: {error}")))?,
            ),
        };
        loop {
            match receiver.recv_timeout(GLANCE) {
                Ok(answer) => {
                    // It has said all; cancelled now, it would take the next call with it.
                    call.wait();
                    return answer;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(ModelError::Failed(
                        "the call ended without a result".to_owned(),
                    ));
                }
            }
            if is_to_stop() {
                drop(call);
                check_interrupts();
                return Err(ModelError::Cancelled);
            }
            check_interrupts();
        }
    }
}

/// A running call, which is cancelled when it is dropped.
struct Call {
    cancel: Cancel,
    thread: Option<JoinHandle<()>>,
}

impl Call {
    fn wait(&mut self) {
        if let Some(thread) = self.thread.take() {
            // It reports by the channel; a panic in it has closed that.
            let _ = thread.join();
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if self.thread.is_some() {
            self.cancel.cancel();
            self.wait();
        }
    }
}

/// Starts a thread in which every signal is blocked: PostgreSQL's handlers are for its own.
fn start(work: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    let mut all = MaybeUninit::uninit();
    let mut before = MaybeUninit::uninit();
    // SAFETY: sigfillset fills the set that it is given, and pthread_sigmask the old mask.
    unsafe {
        libc::sigfillset(all.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr());
    }
    // The thread inherits the mask. Nothing in between raises an error of PostgreSQL.
    let thread = thread::Builder::new()
        .name("rapport call".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(work);
    // SAFETY: the mask is the one that was read above.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), std::ptr::null_mut()) };
    thread
}

/// Tells whether this backend is to end its statement or itself.
fn is_to_stop() -> bool {
    // SAFETY: these are integers that signal handlers of this very thread set.
    unsafe {
        if client_is_gone() {
            pg_sys::ClientConnectionLost = 1;
            pg_sys::InterruptPending = 1;
        }
        pg_sys::QueryCancelPending != 0
            || pg_sys::ProcDiePending != 0
            || pg_sys::ClientConnectionLost != 0
    }
}

/// Tells whether the other end of the connection was closed; a background worker has none.
///
/// PostgreSQL itself looks only where `client_connection_check_interval` is set.
fn client_is_gone() -> bool {
    // SAFETY: PostgreSQL itself calls it from its handler of interrupts, in this thread; it is only
    // called for a backend with a client, and an error in it is turned into a panic.
    unsafe {
        !pg_sys::MyProcPort.is_null()
            && !pg_sys::ffi::pg_guard_ffi_boundary(|| pq_check_connection())
    }
}

unsafe extern "C-unwind" {
    /// `src/backend/libpq/pqcomm.c`, since PostgreSQL 14: whether the connection still stands.
    fn pq_check_connection() -> bool;
}

/// A model that thinks for a while before it answers.
pub(crate) struct Delayed {
    pub(crate) model: Box<dyn Model + Send + Sync>,
    pub(crate) delay: Duration,
    pub(crate) limit: Duration,
    pub(crate) cancel: Cancel,
}

impl Model for Delayed {
    fn name(&self) -> &str {
        self.model.name()
    }

    fn identity(&self) -> String {
        self.model.identity()
    }

    fn complete(&self, prompt: &Prompt) -> Result<Completion, ModelError> {
        let started = Instant::now();
        while started.elapsed() < self.delay {
            if self.cancel.is_cancelled() {
                return Err(ModelError::Cancelled);
            }
            if started.elapsed() >= self.limit {
                return Err(ModelError::TimedOut);
            }
            thread::sleep(GLANCE / 2);
        }
        self.model.complete(prompt)
    }
}
