//! The entries of a ledger on a terminal.

use comfy_table::{ContentArrangement, Table, presets::UTF8_BORDERS_ONLY};
use serde_json::Value;

use super::super::printable;
use crate::error::Error;

/// The keys that are shown, each a column.
const COLUMNS: [&str; 9] = [
    "sheet", "row", "cell", "column", "action", "rule", "before", "after", "detail",
];

/// Draws entries that are JSON objects.
pub(super) fn draw<'a>(entries: impl Iterator<Item = &'a String>) -> Result<String, Error> {
    let mut table = Table::new();
    table
        .load_style(UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(COLUMNS);
    let mut count = 0;
    for entry in entries {
        let entry: Value = serde_json::from_str(entry)
            .map_err(|error| Error::Server(format!("an entry cannot be read: {error}")))?;
        table.add_row(COLUMNS.map(|key| match entry.get(key) {
            None | Some(Value::Null) => "–".to_owned(),
            Some(Value::String(text)) => printable(text),
            Some(other) => other.to_string(),
        }));
        count += 1;
    }
    if count == 0 {
        return Ok("the ledger of this import is empty".to_owned());
    }
    Ok(table.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_holds_cannot_speak_to_the_terminal() {
        let entry =
            r#"{"sheet": "S", "row": 7, "before": "\u001b[31mred", "after": null}"#.to_owned();
        let text = draw([entry].iter()).unwrap();
        assert!(!text.contains('\u{1b}') && text.contains("red"), "{text}");
        assert_eq!(text.matches('–').count(), 6, "{text}");
    }
}
