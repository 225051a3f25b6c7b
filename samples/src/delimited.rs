//! A sheet as the CSV file that a spreadsheet exports: UTF-8 with a byte order mark, CRLF.

use anyhow::Context as _;

use crate::sheet::Sheet;

/// Renders the CSV twin of a sheet.
///
/// # Errors
/// When the writer cannot give its buffer back.
pub(crate) fn render(sheet: &Sheet) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(b"\xef\xbb\xbf".to_vec());
    writer.write_record(sheet.headers)?;
    for row in &sheet.rows {
        let mut record: Vec<String> = row.cells.iter().map(|cell| cell.text()).collect();
        record.resize(sheet.headers.len(), String::new());
        writer.write_record(&record)?;
    }
    writer
        .into_inner()
        .map_err(|refused| refused.into_error())
        .context("finishing a CSV twin")
}
