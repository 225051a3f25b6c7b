//! What an import did, for people and for programs.

use comfy_table::{CellAlignment, Table, presets::UTF8_BORDERS_ONLY};
use serde::Serialize;

use crate::{error::Error, import::ImportOutcome};

/// What stands above the counts when nothing was kept.
const DRY_RUN: &str = "dry run: nothing was written";

/// Writes one line of JSON.
pub(super) fn as_json(outcome: &ImportOutcome, dry_run: bool) -> Result<String, Error> {
    #[derive(Serialize)]
    struct Line<'a> {
        #[serde(flatten)]
        outcome: &'a ImportOutcome,
        dry_run: bool,
    }
    serde_json::to_string(&Line { outcome, dry_run })
        .map_err(|error| Error::Server(format!("the outcome cannot be written: {error}")))
}

/// Draws a table of counts, with the message below it.
pub(super) fn as_table(outcome: &ImportOutcome, dry_run: bool) -> String {
    let mut table = Table::new();
    table
        .load_style(UTF8_BORDERS_ONLY)
        .set_header([outcome.file_name.as_str(), outcome.status.as_str()]);
    for (name, count) in [
        ("rows read", outcome.rows_read),
        ("customers added", outcome.customers_added),
        ("customers updated", outcome.customers_updated),
        ("placeholder customers added", outcome.placeholders_added),
        ("interactions added", outcome.interactions_added),
        ("interactions enriched", outcome.interactions_enriched),
        ("products added", outcome.products_added),
        ("duplicates", outcome.duplicates),
        ("cells repaired", outcome.repaired),
        ("rows split", outcome.split),
        ("conflicts", outcome.conflicts),
        ("rows rejected", outcome.rejected),
    ] {
        table.add_row([name.to_owned(), count.to_string()]);
    }
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut text = format!("{table}\n{}", outcome.message);
    if dry_run {
        text = format!("{DRY_RUN}\n{text}\n{DRY_RUN}");
    }
    text
}
