//! Text for spreadsheet programs, which take some of it for formulas.

use pgrx::{VariadicArray, pg_extern};
use rapport_core::export::{self, csv_field};

/// Marks a text that a spreadsheet program would take for a formula.
#[pg_extern(immutable, parallel_safe, strict)]
pub(crate) fn spreadsheet_safe(text: &str) -> String {
    export::spreadsheet_safe(text).into_owned()
}

/// Writes one line of a CSV file, without its line end.
#[pg_extern(immutable, parallel_safe)]
pub(crate) fn csv_line(fields: VariadicArray<&str>) -> String {
    fields
        .iter()
        .map(|field| csv_field(field.unwrap_or_default()).into_owned())
        .collect::<Vec<_>>()
        .join(",")
}
