//! `rapport quality`: what cleaning did in an import, rule by rule.

use clap::Args;
use comfy_table::{ContentArrangement, Table, presets::UTF8_BORDERS_ONLY};

use super::{OutputFormat, print_line, printable};
use crate::{
    database::{self, DatabaseUrl},
    error::Error,
    import::QualityLine,
};

/// Shows what cleaning did in an import: each rule, how often it was applied, and its first example.
#[derive(Debug, Args)]
#[command(after_help = super::EXIT_CODES, after_long_help = long_examples!(
    "  rapport quality 1\n  \
       rapport quality 1 --format json | jq 'select(.severity != \"info\")'"))]
pub(super) struct Quality {
    /// The number of the import.
    #[arg(value_name = "ID", allow_negative_numbers = true)]
    import_id: i64,

    /// How to print the report; JSON is one line for each rule and sheet.
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

impl Quality {
    /// Asks the database and prints what it answers.
    pub(super) async fn run(&self, database_url: &DatabaseUrl) -> Result<(), Error> {
        let mut connection = database::connect(&database_url.options("rapport quality")?).await?;
        let lines: Vec<String> =
            sqlx::query_scalar("SELECT to_json(q)::text FROM rapport.quality_report($1) AS q")
                .bind(self.import_id)
                .fetch_all(&mut connection)
                .await?;
        match self.format {
            OutputFormat::Json if lines.is_empty() => Ok(()),
            OutputFormat::Json => print_line(&lines.join("\n")),
            OutputFormat::Table => {
                let lines: Result<Vec<QualityLine>, _> = lines
                    .iter()
                    .map(|line| serde_json::from_str(line))
                    .collect();
                print_line(&draw(&lines.map_err(|error| {
                    Error::Server(format!("the report cannot be read: {error}"))
                })?))
            }
        }
    }
}

/// Draws a report.
pub(super) fn draw(lines: &[QualityLine]) -> String {
    if lines.is_empty() {
        return "nothing had to be repaired, inferred or rejected".to_owned();
    }
    let mut table = Table::new();
    table
        .load_style(UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header([
            "sheet", "column", "severity", "action", "rule", "entries", "rows", "cell", "before",
            "after",
        ]);
    for line in lines {
        let text = |value: &Option<String>| printable(value.as_deref().unwrap_or("–"));
        table.add_row([
            printable(&line.sheet),
            text(&line.header),
            line.severity.clone(),
            line.action.clone(),
            line.rule.clone(),
            line.entries.to_string(),
            line.rows.to_string(),
            text(&line.example_cell),
            text(&line.example_before),
            text(&line.example_after),
        ]);
    }
    table.to_string()
}
