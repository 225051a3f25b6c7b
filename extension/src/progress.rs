//! Tells other sessions how far an import has come, through this session's `application_name`.
//!
//! `pg_stat_activity` then shows `rapport import 43%, 215000 rows`: a DBA sees it, and so does a
//! progress bar on a second connection.

use std::ffi::{CStr, CString};

use pgrx::pg_sys;
use rapport_core::import;

/// Shows progress while it lives, and restores the session's own name when it is dropped.
pub(crate) struct Progress {
    own_name: CString,
    shown: Option<import::Progress>,
}

impl Progress {
    /// Remembers the name to come back to.
    pub(crate) fn start() -> Self {
        // SAFETY: application_name is a C string that PostgreSQL owns; it is copied at once.
        let own_name = unsafe {
            if pg_sys::application_name.is_null() {
                CString::default()
            } else {
                CStr::from_ptr(pg_sys::application_name).to_owned()
            }
        };
        Self {
            own_name,
            shown: None,
        }
    }

    /// Shows how far it is, and lets a waiting cancel request through.
    pub(crate) fn report(&mut self, progress: import::Progress) {
        check_interrupts();
        if self.shown == Some(progress) {
            return;
        }
        self.shown = Some(progress);
        let import::Progress { percent, rows } = progress;
        if let Ok(name) = CString::new(format!("rapport import {percent}%, {rows} rows")) {
            show(&name);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        show(&self.own_name);
    }
}

/// Raises when somebody asked this session to stop; the core calls it in every long loop.
pub(crate) fn check_interrupts() {
    pgrx::check_for_interrupts!();
}

fn show(name: &CStr) {
    // SAFETY: pgstat_report_appname copies the string into this backend's own entry.
    unsafe { pg_sys::pgstat_report_appname(name.as_ptr()) };
}
