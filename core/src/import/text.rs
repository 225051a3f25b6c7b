//! Notes how a text file was read: its encoding and its delimiter are conclusions from its bytes.

use super::CleanRow;
use super::plan::Sheet;
use crate::ledger::{Entry, Rule};
use crate::source::StrayBytes;

/// Notes the encoding and the delimiter of a text file, on its only sheet; nothing for a workbook.
pub(super) fn notes(
    encoding: Option<&str>,
    strays: Option<StrayBytes>,
    delimiter: Option<char>,
    sheets: &[Sheet],
) -> Vec<CleanRow> {
    let Some(sheet) = sheets.first() else {
        return Vec::new();
    };
    let note = |rule, what: &str, found: &str| {
        let mut entry = Entry::of(rule).detail(format!("the {what} is {found}"));
        entry.after = Some(found.to_owned());
        sheet.note(entry)
    };
    let encoding = encoding.map(|name| note(Rule::EncodingDetected, "encoding", name));
    let strays = strays.map(|StrayBytes { count, line }| {
        sheet.note(Entry::of(Rule::EncodingMixed).detail(format!(
            "bytes that are not UTF-8, and are read as windows-1252: {count} (the first is in line {line})"
        )))
    });
    let delimiter = delimiter.map(|found| match found {
        ',' => "comma".to_owned(),
        ';' => "semicolon".to_owned(),
        '\t' => "tab".to_owned(),
        '|' => "pipe".to_owned(),
        other => other.to_string(),
    });
    let delimiter = delimiter.map(|name| note(Rule::DelimiterDetected, "delimiter", &name));
    encoding
        .into_iter()
        .chain(strays)
        .chain(delimiter)
        .collect()
}
