//! What an import did, or a dry run would do, for people and for programs.

use comfy_table::{CellAlignment, Table, presets::UTF8_BORDERS_ONLY};
use serde::Serialize;

use super::{super::quality, statement::Done};
use crate::{
    error::Error,
    import::{ImportOutcome, QualityLine},
};

/// What stands above the counts when nothing was kept.
const DRY_RUN: &str = "dry run: nothing was written";

/// Writes one line of JSON.
pub(super) fn as_json(done: &Done) -> Result<String, Error> {
    #[derive(Serialize)]
    struct Line<'a> {
        #[serde(flatten)]
        outcome: &'a ImportOutcome,
        dry_run: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        report: Option<&'a [QualityLine]>,
    }
    let line = Line {
        outcome: &done.outcome,
        dry_run: done.report.is_some(),
        report: done.report.as_deref(),
    };
    serde_json::to_string(&line)
        .map_err(|error| Error::Server(format!("the outcome cannot be written: {error}")))
}

/// Draws a table of counts with the message below it, and the quality report of a dry run.
pub(super) fn as_table(done: &Done) -> String {
    let outcome = &done.outcome;
    let counts = &outcome.counts;
    let mut table = Table::new();
    table
        .load_style(UTF8_BORDERS_ONLY)
        .set_header([outcome.file_name.as_str(), outcome.status.as_str()]);
    for (name, value) in [
        ("encoding", &counts.encoding),
        ("delimiter", &counts.delimiter),
    ] {
        if let Some(value) = value {
            table.add_row([name, value]);
        }
    }
    for (name, count) in [
        ("rows read", counts.rows_read),
        ("records, after splits", counts.records),
        ("  loaded", counts.loaded),
        ("  merged", counts.merged),
        ("  duplicates", counts.duplicates),
        ("  rejected", counts.rejected),
        ("customers added", counts.customers_added),
        ("customers updated", counts.customers_updated),
        ("placeholder customers added", counts.placeholders_added),
        ("interactions added", counts.interactions_added),
        ("interactions enriched", counts.interactions_enriched),
        ("products added", counts.products_added),
        ("cells repaired", counts.repaired),
        ("rows split", counts.split),
        ("conflicts", counts.conflicts),
        ("suggestions", counts.suggested),
    ] {
        table.add_row([name.to_owned(), count.to_string()]);
    }
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let text = format!("{table}\n{}", outcome.message);
    match &done.report {
        Some(report) => format!("{DRY_RUN}\n{text}\n{}\n{DRY_RUN}", quality::draw(report)),
        None => text,
    }
}
