//! `rapport ledger`: every decision of an import, for people, programs and spreadsheets.
//!
//! CSV and workbooks are made of the lines that PostgreSQL writes, in which nothing can become a formula.

mod sheets;
mod sink;
mod table;

use std::{
    io::IsTerminal as _,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use futures_util::TryStreamExt as _;
use sqlx::PgConnection;

use self::{sheets::Sheets, sink::Sink};
use crate::{
    database::{self, DatabaseUrl},
    error::Error,
    import::LEDGER_CSV,
};

/// How many entries a table shows: it is drawn in memory, and nobody reads more.
const LONGEST_TABLE: i32 = 1_000;

/// The entries as JSON, one a row, as many as asked for or all.
const ENTRIES: &str = "SELECT rapport.ledger_entries($1, max_entries => $2)::text";

/// Shows the ledger of an import: every cell and row that was repaired, inferred, merged or rejected, and by which
/// rule.
#[derive(Debug, Args)]
#[command(after_help = super::EXIT_CODES, after_long_help = long_examples!(
    "  rapport ledger 1\n  \
       rapport ledger 1 --output ledger.xlsx\n  \
       rapport ledger 1 --format csv | head\n  \
       rapport ledger 1 --format json | jq 'select(.rule == \"unknown_customer\")'"))]
pub(super) struct Ledger {
    /// The number of the import.
    #[arg(value_name = "ID", allow_negative_numbers = true)]
    import_id: i64,

    /// How to print the entries; without it the ending of the output file decides.
    #[arg(long, value_enum)]
    format: Option<LedgerFormat>,

    /// File to write, instead of the standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// How a ledger is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LedgerFormat {
    /// For people: the first 1000 entries.
    Table,
    /// For spreadsheets: nothing in it can become a formula.
    Csv,
    /// For programs: one JSON object per line.
    Json,
    /// A workbook.
    Xlsx,
}

impl LedgerFormat {
    fn of_name(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "json" | "jsonl" | "ndjson" => Some(Self::Json),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }
}

impl Ledger {
    /// Reads the ledger and writes it as it comes.
    pub(super) async fn run(&self, database_url: &DatabaseUrl) -> Result<(), Error> {
        let format = self
            .format
            .or_else(|| LedgerFormat::of_name(self.output.as_deref()?))
            .unwrap_or(LedgerFormat::Table);
        if format == LedgerFormat::Xlsx && self.output.is_none() && std::io::stdout().is_terminal()
        {
            return Err(Error::Usage {
                message: "a workbook is nothing for a terminal".to_owned(),
                hint: Some("name a file with --output".to_owned()),
            });
        }
        let mut connection = database::connect(&database_url.options("rapport ledger")?).await?;
        // Before a file is opened to be written, which empties it.
        sqlx::query("SELECT rapport.require_import($1)")
            .bind(self.import_id)
            .execute(&mut connection)
            .await?;
        let mut sink = Sink::open(self.output.as_deref())?;
        let written = match format {
            LedgerFormat::Table => self.write_table(&mut connection, &mut sink).await,
            LedgerFormat::Csv => {
                let lines = sqlx::query_scalar(LEDGER_CSV).bind(self.import_id);
                write_lines(lines, &mut connection, &mut sink, "\r\n").await
            }
            LedgerFormat::Json => {
                let lines = sqlx::query_scalar(ENTRIES)
                    .bind(self.import_id)
                    .bind(None::<i32>);
                write_lines(lines, &mut connection, &mut sink, "\n").await
            }
            LedgerFormat::Xlsx => self.write_sheets(&mut connection, &mut sink).await,
        };
        sink.close(written)
    }

    async fn write_table(
        &self,
        connection: &mut PgConnection,
        sink: &mut Sink,
    ) -> Result<(), Error> {
        let entries: Vec<String> = sqlx::query_scalar(ENTRIES)
            .bind(self.import_id)
            .bind(LONGEST_TABLE + 1)
            .fetch_all(connection)
            .await?;
        let longest = usize::try_from(LONGEST_TABLE).unwrap_or(usize::MAX);
        let mut text = table::draw(entries.iter().take(longest))?;
        if entries.len() > longest {
            text.push_str(&format!(
                "\nthe first {longest} entries; --format csv, json or xlsx has all"
            ));
        }
        sink.write(&[text.as_bytes(), b"\n"])?;
        Ok(())
    }

    async fn write_sheets(
        &self,
        connection: &mut PgConnection,
        sink: &mut Sink,
    ) -> Result<(), Error> {
        let mut lines = sqlx::query_scalar::<_, String>(LEDGER_CSV)
            .bind(self.import_id)
            .fetch(connection);
        let mut sheets = Sheets::new();
        while let Some(line) = lines.try_next().await? {
            sheets.add(&line)?;
        }
        sheets.save(sink)
    }
}

/// Writes the lines of a statement as they come; a closed pipe (`| head`) is the end.
async fn write_lines(
    lines: sqlx::query::QueryScalar<'_, sqlx::Postgres, String, sqlx::postgres::PgArguments>,
    connection: &mut PgConnection,
    sink: &mut Sink,
    ending: &str,
) -> Result<(), Error> {
    let mut lines = lines.fetch(connection);
    while let Some(line) = lines.try_next().await? {
        if !sink.write(&[line.as_bytes(), ending.as_bytes()])? {
            break;
        }
    }
    Ok(())
}
