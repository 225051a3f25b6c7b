//! The command line: what can be asked of `rapport`, and the exit codes it answers with.

/// Puts examples above the exit codes.
macro_rules! long_examples {
    ($text:literal) => {
        format!("Examples:\n{}\n\n{}", $text, $crate::cli::EXIT_CODES)
    };
}

mod import;
mod ledger;
mod migrate;
mod quality;
mod serve;
mod summarize;
mod undo;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

use crate::{
    database::DatabaseUrl,
    error::Error,
    openapi,
    telemetry::{self, LogFormat},
};

/// Exit codes, shown below the help text of every command, short or long.
const EXIT_CODES: &str = "Exit codes:\n  \
      0  done\n  \
      1  the data or the input cannot be used, or PostgreSQL refused it\n  \
      2  the command line is wrong\n  \
      3  the database is unreachable, or not migrated\n\
    130  interrupted";

/// Evidence-backed answers about your customers, inside PostgreSQL.
///
/// A messy spreadsheet goes in; statistics, summaries and drafts come out.
#[derive(Debug, Parser)]
#[command(name = "rapport", version, arg_required_else_help = true, after_help = EXIT_CODES,
          after_long_help = long_examples!(
    "  rapport migrate --database-url postgres://rapport@localhost/rapport\n  \
       rapport import interactions.xlsx\n  \
       rapport quality 1\n  \
       rapport ledger 1 --output ledger.xlsx\n  \
       rapport summarize 1\n  \
       rapport serve --listen 127.0.0.1:8080"))]
pub struct Cli {
    /// Where the database is: postgres://USER:PASSWORD@HOST:PORT/DATABASE.
    ///
    /// Everybody on this machine can see a command line: a password belongs in the environment variable or in
    /// ~/.pgpass.
    #[arg(
        long,
        env = "RAPPORT_DATABASE_URL",
        hide_env_values = true,
        global = true,
        value_name = "URL"
    )]
    database_url: Option<DatabaseUrl>,

    /// How log lines look; RUST_LOG decides which there are.
    #[arg(
        long,
        env = "RAPPORT_LOG_FORMAT",
        global = true,
        value_enum,
        default_value_t
    )]
    log_format: LogFormat,

    #[command(subcommand)]
    command: Command,
}

/// How a command prints its answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people.
    #[default]
    Table,
    /// For programs: one JSON object per line.
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Migrate(migrate::Migrate),
    Import(import::Import),
    Quality(quality::Quality),
    Ledger(ledger::Ledger),
    Undo(undo::Undo),
    Summarize(summarize::Summarize),
    /// Print the OpenAPI document of the HTTP API.
    #[command(after_help = EXIT_CODES, after_long_help = long_examples!(
        "  rapport openapi > openapi.json"))]
    Openapi,
}

impl Cli {
    /// Reads the command line and the environment; prints and exits when it cannot.
    pub fn read() -> Self {
        let matches = without_empty_variables(Self::command()).get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }

    /// Does what was asked.
    ///
    /// # Errors
    /// Whatever stops the command; [`Error::code`] is the exit code.
    pub async fn run(self) -> Result<(), Error> {
        let serving = matches!(self.command, Command::Serve(_));
        telemetry::start(self.log_format, if serving { "info" } else { "warn" })?;
        let database_url = || {
            self.database_url
                .clone()
                .filter(|url| !url.is_empty())
                .ok_or_else(|| Error::Usage {
                    message: "no database is given".to_owned(),
                    hint: Some("use --database-url, or set RAPPORT_DATABASE_URL".to_owned()),
                })
        };
        match &self.command {
            Command::Serve(command) => command.run(&database_url()?).await,
            Command::Migrate(command) => command.run(&database_url()?).await,
            Command::Import(command) => command.run(&database_url()?).await,
            Command::Quality(command) => command.run(&database_url()?).await,
            Command::Ledger(command) => command.run(&database_url()?).await,
            Command::Undo(command) => command.run(&database_url()?).await,
            Command::Summarize(command) => command.run(&database_url()?).await,
            Command::Openapi => print_document(),
        }
    }
}

/// Takes an environment variable that is set to nothing as one that is not set, as compose files mean it.
fn without_empty_variables(command: clap::Command) -> clap::Command {
    command
        .mut_args(|argument| {
            let empty = argument
                .get_env()
                .and_then(std::env::var_os)
                .is_some_and(|value| value.is_empty());
            if empty { argument.env(None) } else { argument }
        })
        .mut_subcommands(without_empty_variables)
}

fn print_document() -> Result<(), Error> {
    let text = openapi::document()
        .to_pretty_json()
        .map_err(|error| Error::Server(format!("the document cannot be written: {error}")))?;
    print_line(&text)
}

/// Prints a line, and takes a closed pipe (`| head`) as the end rather than as a fault.
pub(crate) fn print_line(text: &str) -> Result<(), Error> {
    use std::io::Write as _;
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Error::Server(
            format!("the answer cannot be written: {error}"),
        )),
        _ => Ok(()),
    }
}

/// Replaces what a terminal would obey: a file may hold anything.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\t' | '\n' => ' ',
            other if other.is_control() => '\u{FFFD}',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_database_may_stand_before_or_after_the_command() {
        let url = "postgres://u@h/d";
        for line in [
            ["rapport", "--database-url", url, "migrate", "--status"],
            ["rapport", "migrate", "--status", "--database-url", url],
        ] {
            assert!(Cli::try_parse_from(line).unwrap().database_url.is_some());
        }
    }

    #[test]
    fn every_command_documents_its_exit_codes_and_shows_an_example() {
        let mut cli = Cli::command();
        assert!(cli.render_help().to_string().contains(EXIT_CODES));
        // `help` is clap's own: it only shows the texts of the others.
        for command in cli
            .get_subcommands_mut()
            .filter(|command| command.get_name() != "help")
        {
            let short = command.render_help().to_string();
            assert!(short.contains(EXIT_CODES), "{short}");
            let long = command.render_long_help().to_string();
            assert!(
                long.contains(EXIT_CODES) && long.contains("Examples:"),
                "{long}"
            );
        }
    }
}
