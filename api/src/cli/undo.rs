//! `rapport undo`: an import taken back.

use clap::Args;
use comfy_table::{CellAlignment, Table, presets::UTF8_BORDERS_ONLY};
use serde::Deserialize;

use super::{OutputFormat, print_line, printable};
use crate::{
    database::{self, DatabaseUrl},
    error::Error,
};

/// Takes an import back: removes what only it brought, and restores what it changed.
///
/// Its ledger stays. When later imports build on it, nothing is undone, and the reasons are told. It is one
/// transaction and asks nothing first.
#[derive(Debug, Args)]
#[command(after_help = super::EXIT_CODES, after_long_help = long_examples!(
    "  rapport undo 3\n  \
       rapport undo 3 --format json"))]
pub(super) struct Undo {
    /// The number of the import.
    #[arg(value_name = "ID", allow_negative_numbers = true)]
    import_id: i64,

    /// How to print what was done.
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

/// What was undone.
#[derive(Debug, Deserialize)]
struct Undone {
    import_id: i64,
    customers_removed: i64,
    interactions_removed: i64,
    products_removed: i64,
    values_restored: i64,
    message: String,
}

impl Undo {
    /// Undoes the import and prints what that meant.
    pub(super) async fn run(&self, database_url: &DatabaseUrl) -> Result<(), Error> {
        let mut connection = database::connect(&database_url.options("rapport undo")?).await?;
        let answer: String =
            sqlx::query_scalar("SELECT to_json(u)::text FROM rapport.undo_import($1) AS u")
                .bind(self.import_id)
                .fetch_one(&mut connection)
                .await?;
        match self.format {
            OutputFormat::Json => print_line(&answer),
            OutputFormat::Table => print_line(&table(&answer)?),
        }
    }
}

fn table(answer: &str) -> Result<String, Error> {
    let undone: Undone = serde_json::from_str(answer)
        .map_err(|error| Error::Server(format!("the answer cannot be read: {error}")))?;
    let mut table = Table::new();
    table
        .load_style(UTF8_BORDERS_ONLY)
        .set_header([format!("import {}", undone.import_id), "undone".to_owned()]);
    for (name, count) in [
        ("customers removed", undone.customers_removed),
        ("interactions removed", undone.interactions_removed),
        ("products removed", undone.products_removed),
        ("values restored", undone.values_restored),
    ] {
        table.add_row([name.to_owned(), count.to_string()]);
    }
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    Ok(format!("{table}\n{}", printable(&undone.message)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_is_shown_with_its_name() {
        let text = table(
            r#"{"import_id": 3, "customers_removed": 11, "interactions_removed": 22, "products_removed": 33,
                "values_restored": 44, "message": "import 3 was undone"}"#,
        )
        .unwrap();
        for (name, count) in [
            ("customers removed", "11"),
            ("interactions removed", "22"),
            ("products removed", "33"),
            ("values restored", "44"),
        ] {
            let line = text.lines().find(|line| line.contains(name)).unwrap();
            assert!(line.contains(count), "{text}");
        }
        assert!(text.ends_with("import 3 was undone"), "{text}");
    }
}
