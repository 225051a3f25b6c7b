//! The progress of one import on the standard error; invisible when that is no terminal.

use std::{path::Path, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};

/// A bar that is cleared when its value goes.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Shows that work on a file has begun.
    pub(super) fn start(path: &Path) -> Self {
        let name = path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy()
            .into_owned();
        let bar = ProgressBar::new_spinner().with_prefix(name);
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { bar }
    }

    /// Shows that the file is being read.
    pub(super) fn reading(&self, bytes: u64) {
        self.bar.set_length(bytes);
        self.style("{prefix}: reading {bytes}/{total_bytes}");
    }

    /// Shows how much was read.
    pub(super) fn read(&self, bytes: u64) {
        self.bar.set_position(bytes);
    }

    /// Shows that the bytes are on their way to the server.
    pub(super) fn sending(&self, bytes: u64) {
        self.bar.set_length(bytes);
        self.bar.set_position(bytes);
        self.style("{spinner} {prefix}: sending {total_bytes}");
    }

    /// Shows how far the server has come.
    pub(super) fn importing(&self, percent: u64) {
        if self.bar.length() != Some(100) || self.bar.position() > 100 {
            self.bar.set_length(100);
        }
        self.style("{prefix}: importing [{bar:40}] {percent}%");
        self.bar.set_position(percent.min(100));
    }

    /// Shows that the server was asked to stop.
    pub(super) fn cancelling(&self) {
        self.style("{spinner} {prefix}: cancelling");
    }

    fn style(&self, template: &str) {
        // The templates above are constants; a broken one costs the bar and not the import.
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style.progress_chars("=> "));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
