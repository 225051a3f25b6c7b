//! What both the HTTP API and the command line know about an import: its format, its outcome, its quality report.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The lines of the ledger of import `$1` as a CSV file, without their ends.
pub const LEDGER_CSV: &str = "SELECT rapport.ledger_csv($1)";

/// What a file can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FileFormat {
    /// A workbook as Excel writes it since 2007.
    Xlsx,
    /// Values separated by commas, semicolons, tabs or bars.
    #[value(alias = "tsv")]
    Csv,
}

impl FileFormat {
    /// Returns the name that the SQL functions know it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
        }
    }
}

/// What an import did.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
pub struct ImportOutcome {
    /// The number of the import; null after a dry run, which keeps nothing.
    #[schema(required, example = 1)]
    pub import_id: Option<i64>,
    /// `imported`, or `unchanged` when the same file was imported before.
    #[schema(example = "imported")]
    pub status: String,
    /// The name of the file.
    #[schema(example = "interactions.xlsx")]
    pub file_name: String,
    /// Its counts, and how the file was read.
    #[serde(flatten)]
    pub counts: ImportCounts,
    /// The same in a sentence.
    pub message: String,
}

/// How a file was read, and what became of its rows.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
pub struct ImportCounts {
    /// How text dates with slashes were read: `DMY` or `MDY`; null when the file has none.
    #[schema(required)]
    pub date_order: Option<String>,
    /// How a text file is encoded; null for a workbook.
    #[schema(required, example = "UTF-8")]
    pub encoding: Option<String>,
    /// What separates the values of a text file; null for a workbook.
    #[schema(required, example = "comma")]
    pub delimiter: Option<String>,
    /// Rows read.
    pub rows_read: i64,
    /// Rows after each was split over its customers: `loaded` + `merged` + `duplicates` + `rejected`.
    pub records: i64,
    /// Records that became a row of their own.
    pub loaded: i64,
    /// Records that met a stored row, and filled its gaps or contradict it.
    pub merged: i64,
    /// Records that say nothing new.
    pub duplicates: i64,
    /// Records that could not be used.
    pub rejected: i64,
    /// Customers that were not there before.
    pub customers_added: i64,
    /// Customers that gained an occupation or a type.
    pub customers_updated: i64,
    /// Customers made up for interactions that name an unknown one.
    pub placeholders_added: i64,
    /// Interactions that were not there before.
    pub interactions_added: i64,
    /// Interactions that gained a topic or a sentiment.
    pub interactions_enriched: i64,
    /// Products of a month that were not there before.
    pub products_added: i64,
    /// Cells that were repaired.
    pub repaired: i64,
    /// Rows that were split over several customers.
    pub split: i64,
    /// Values that contradict stored ones; the stored ones were kept.
    pub conflicts: i64,
    /// Texts that come close to a known one; the ledger has the suggestions.
    pub suggested: i64,
}

/// What a dry run would do.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
pub struct ImportPreview {
    /// Its counts.
    pub result: ImportOutcome,
    /// Its quality report.
    pub report: Vec<QualityLine>,
}

/// How often one rule was applied to one column of a sheet, with its first example.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
pub struct QualityLine {
    /// The number of the import; null in a dry run.
    #[schema(required, example = 1)]
    pub import_id: Option<i64>,
    /// The name of the file.
    #[schema(required, example = "interactions.xlsx")]
    pub file_name: Option<String>,
    /// The sheet.
    #[schema(example = "External Interactions")]
    pub sheet: String,
    /// The header of the column; null for what concerns whole rows.
    #[schema(required, example = "Topic")]
    pub header: Option<String>,
    /// The column of the table that its values go to.
    #[schema(required, example = "topic")]
    pub field: Option<String>,
    /// `info`, `warning` or `error`.
    #[schema(example = "info")]
    pub severity: String,
    /// What the rule did: `repaired`, `split`, `rejected`, …
    #[schema(example = "repaired")]
    pub action: String,
    /// The rule.
    #[schema(example = "white_space_folded")]
    pub rule: String,
    /// Its version.
    #[schema(example = 1)]
    pub rule_version: i16,
    /// What it does.
    #[schema(required)]
    pub description: Option<String>,
    /// How many entries of the ledger it has.
    pub entries: i64,
    /// How many rows they concern.
    pub rows: i64,
    /// The first cell.
    #[schema(required, example = "D17")]
    pub example_cell: Option<String>,
    /// That cell as it was.
    #[schema(required)]
    pub example_before: Option<String>,
    /// The value as it was stored.
    #[schema(required)]
    pub example_after: Option<String>,
}
