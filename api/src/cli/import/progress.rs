//! The progress of one import on the standard error; invisible when that is no terminal.

use std::time::{Duration, Instant};

use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use super::stage::Stage;

const SENDING_OF: &str =
    "{prefix}: sending [{bar:30}] {bytes}/{total_bytes}, {binary_bytes_per_sec}";
const SENDING: &str = "{spinner} {prefix}: sending {bytes}, {binary_bytes_per_sec}";
const WAITING: &str = "{spinner} {prefix}: waiting for the server";
const READING: &str = "{prefix}: reading [{bar:30}] {percent}%, {msg}, {eta} left";
const STORING: &str = "{prefix}: storing [{bar:30}] {percent}%, {msg}, {eta} left";
const REFRESHING: &str = "{spinner} {prefix}: refreshing statistics";
const CANCELLING: &str = "{spinner} {prefix}: cancelling";

/// A bar that is cleared when its value goes.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Shows that work on something has begun.
    pub(super) fn start(name: &str) -> Self {
        // A name may hold what moves the cursor.
        let name: String = name.chars().filter(|c| !c.is_control()).collect();
        let bar = ProgressBar::new_spinner().with_prefix(name);
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { bar }
    }

    /// Shows that the bytes are on their way to the server.
    pub(super) fn sending(&self, bytes: Option<u64>) {
        if let Some(bytes) = bytes {
            self.bar.set_length(bytes);
        }
        self.style(if bytes.is_some() { SENDING_OF } else { SENDING });
        self.bar.reset();
    }

    /// Shows how much was sent.
    pub(super) fn sent(&self, bytes: u64) {
        self.bar.set_position(bytes);
    }

    /// Shows that everything is there, and the server has begun.
    pub(super) fn waiting(&self) {
        self.style(WAITING);
    }

    /// Shows how far the server has come; `entered` says that this is the first look at this stage.
    pub(super) fn at(&self, stage: Stage, pace: &Pace, entered: bool) {
        let (percent, rows) = match stage {
            Stage::Reading { percent, rows } => {
                if entered {
                    self.style(READING);
                }
                (percent, rows)
            }
            Stage::Storing { percent, rows } => {
                if entered {
                    self.style(STORING);
                }
                (percent, rows)
            }
            Stage::Refreshing => return self.style(REFRESHING),
        };
        if entered {
            // What is left is estimated from this stage alone.
            self.bar.set_length(100);
            self.bar.reset();
        }
        self.bar.set_message(match pace.rows_per_second(rows) {
            Some(rate) => format!("{} rows, {} rows/s", HumanCount(rows), HumanCount(rate)),
            None => format!("{} rows", HumanCount(rows)),
        });
        self.bar.set_position(percent.min(100));
    }

    /// Shows that the server was asked to stop.
    pub(super) fn cancelling(&self) {
        self.style(CANCELLING);
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

/// How fast rows come.
#[derive(Debug)]
pub(super) struct Pace {
    since: Instant,
    rows: u64,
}

impl Pace {
    /// Starts counting at a number of rows.
    pub(super) fn from(rows: u64) -> Self {
        Self {
            since: Instant::now(),
            rows,
        }
    }

    /// Returns the average since the start; none in the first half second, when it says nothing.
    fn rows_per_second(&self, rows: u64) -> Option<u64> {
        per_second(rows.checked_sub(self.rows)?, self.since.elapsed())
    }
}

fn per_second(rows: u64, took: Duration) -> Option<u64> {
    let milliseconds = u64::try_from(took.as_millis()).ok()?;
    if rows == 0 || milliseconds < 500 {
        return None;
    }
    rows.checked_mul(1_000)?.checked_div(milliseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_told_once_it_means_something() {
        assert_eq!(
            per_second(215_000, Duration::from_millis(500)),
            Some(430_000)
        );
        assert_eq!(per_second(215_000, Duration::from_millis(499)), None);
        assert_eq!(per_second(0, Duration::from_secs(9)), None);
        assert_eq!(Pace::from(10).rows_per_second(9), None);
    }

    #[test]
    fn every_template_is_one_that_the_bar_understands() {
        // A key that the bar does not know would be shown as nothing.
        const KEYS: [&str; 9] = [
            "{spinner}",
            "{prefix}",
            "{bar:30}",
            "{percent}",
            "{msg}",
            "{eta}",
            "{bytes}",
            "{total_bytes}",
            "{binary_bytes_per_sec}",
        ];
        for template in [
            SENDING_OF, SENDING, WAITING, READING, STORING, REFRESHING, CANCELLING,
        ] {
            let style = ProgressStyle::with_template(template);
            assert!(style.is_ok(), "{template}: {:?}", style.err());
            let unknown = KEYS
                .iter()
                .fold(template.to_owned(), |rest, key| rest.replace(key, ""));
            assert!(!unknown.contains(['{', '}']), "{unknown}");
        }
        for template in [READING, STORING] {
            assert!(template.contains("{percent}%") && template.contains("{eta} left"));
        }
    }

    #[test]
    fn the_bar_shows_how_far_the_server_is() {
        let progress = Progress::start("a\u{1b}[31m.csv");
        assert_eq!(progress.bar.prefix(), "a[31m.csv");
        for bytes in [Some(7), None] {
            progress.sending(bytes);
        }
        let (percent, rows) = (43, 215_000);
        for stage in [
            Stage::Reading { percent, rows },
            Stage::Storing { percent, rows },
        ] {
            progress.at(stage, &Pace::from(0), true);
            assert_eq!(
                (progress.bar.position(), progress.bar.length()),
                (43, Some(100))
            );
            assert_eq!(progress.bar.message(), "215,000 rows");
        }
    }
}
