//! What both the HTTP API and the command line know about an import: its statement and its outcome.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a file can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FileFormat {
    /// A workbook as Excel writes it since 2007.
    Xlsx,
    /// Comma-separated values.
    Csv,
}

impl FileFormat {
    /// Returns the statement that imports such a file: its content is `$1`, its name `$2`.
    pub fn import_statement(self) -> &'static str {
        match self {
            Self::Xlsx => "SELECT to_json(i)::text FROM rapport.import_workbook($1, $2) AS i",
            Self::Csv => "SELECT to_json(i)::text FROM rapport.import_csv($1, $2) AS i",
        }
    }

    /// Returns the name of a file that came without one.
    pub fn default_file_name(self) -> &'static str {
        match self {
            Self::Xlsx => "upload.xlsx",
            Self::Csv => "upload.csv",
        }
    }
}

/// What an import did.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
pub struct ImportOutcome {
    /// The number of the import; none after a dry run, which keeps nothing. HTTP knows no dry run.
    #[schema(value_type = i64, example = 1)]
    pub import_id: Option<i64>,
    /// `imported`, or `unchanged` when the same file was imported before.
    #[schema(example = "imported")]
    pub status: String,
    /// The name of the file.
    #[schema(example = "interactions.xlsx")]
    pub file_name: String,
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
    /// Rows that repeat another.
    pub duplicates: i64,
    /// Cells that were repaired.
    pub repaired: i64,
    /// Rows that were split over several customers.
    pub split: i64,
    /// Values that contradict stored ones; the stored ones were kept.
    pub conflicts: i64,
    /// Rows that could not be used.
    pub rejected: i64,
    /// Rows read.
    pub rows_read: i64,
    /// How text dates with slashes were read: `DMY` or `MDY`; null when the file has none.
    #[schema(required)]
    pub date_order: Option<String>,
    /// The same in a sentence.
    pub message: String,
}
