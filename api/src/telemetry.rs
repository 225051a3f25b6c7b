//! Logs: for people or as JSON, always to the standard error, so that the standard output holds answers only.

use std::io::IsTerminal as _;

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

use crate::error::Error;

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One readable line per event.
    #[default]
    Human,
    /// One JSON object per event.
    Json,
}

/// Starts logging. `RUST_LOG` decides what is logged; without it, `default_level`.
///
/// # Errors
/// [`Error::Usage`] when `RUST_LOG` cannot be read.
pub fn start(format: LogFormat, default_level: &str) -> Result<(), Error> {
    let directives = std::env::var("RUST_LOG").unwrap_or_default();
    let directives = if directives.trim().is_empty() {
        default_level
    } else {
        &directives
    };
    let filter = EnvFilter::try_new(directives).map_err(|error| Error::Usage {
        message: format!("RUST_LOG \"{directives}\" cannot be read: {error}"),
        hint: Some("write it as info, or as info,rapport_api=debug".to_owned()),
    })?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    // A second start, as in a test, keeps the first subscriber.
    let _ = match format {
        LogFormat::Human => lines.try_init(),
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .try_init(),
    };
    Ok(())
}
