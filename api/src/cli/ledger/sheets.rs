//! A ledger as a workbook, made of the lines of its CSV: both hold the same texts, protected by the same function.
//!
//! Rows go to a temporary file as they come, so that a long ledger needs no memory.

use std::io::Write;

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use crate::error::Error;

/// Rows of a sheet, the header among them. Excel has 1 048 576.
const ROWS: u32 = 1_000_000;

/// Characters that Excel takes in a cell.
const LONGEST_CELL: usize = 32_767;

/// Columns that hold numbers; everything else is text, whatever it looks like.
const NUMBERS: &[&str] = &[
    "entry_id",
    "row",
    "rule_version",
    "customer_id",
    "interaction_id",
    "product_month_id",
];

/// A workbook that grows line by line.
pub(super) struct Sheets {
    workbook: Workbook,
    header: Vec<String>,
    /// Rows of the sheet that is being written.
    rows: u32,
    sheets: usize,
}

impl Sheets {
    pub(super) fn new() -> Self {
        Self {
            workbook: Workbook::new(),
            header: Vec::new(),
            rows: 0,
            sheets: 0,
        }
    }

    /// Adds a line of CSV; the first is the header.
    pub(super) fn add(&mut self, line: &str) -> Result<(), Error> {
        let fields = fields(line)?;
        if self.sheets == 0 {
            self.header = fields;
            return self.begin_sheet().map_err(unwritable);
        }
        if self.rows >= ROWS {
            self.begin_sheet().map_err(unwritable)?;
        }
        let row = self.rows;
        let Some(sheet) = self.workbook.worksheets_mut().last_mut() else {
            return Ok(());
        };
        let names = self.header.iter().map(String::as_str).map(Some);
        let names = names.chain(std::iter::repeat(None));
        for ((column, field), name) in (0_u16..).zip(&fields).zip(names) {
            write(sheet, row, column, field, name).map_err(unwritable)?;
        }
        self.rows += 1;
        Ok(())
    }

    /// Writes the workbook.
    pub(super) fn save(mut self, writer: impl Write + Send) -> Result<(), Error> {
        self.workbook.save_to_writer(writer).map_err(unwritable)
    }

    fn begin_sheet(&mut self) -> Result<(), XlsxError> {
        self.sheets += 1;
        let name = match self.sheets {
            1 => "Ledger".to_owned(),
            number => format!("Ledger {number}"),
        };
        let bold = Format::new().set_bold();
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?.set_freeze_panes(1, 0)?;
        for (column, name) in (0_u16..).zip(&self.header) {
            sheet.write_string_with_format(0, column, name, &bold)?;
        }
        self.rows = 1;
        Ok(())
    }
}

fn write(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    field: &str,
    name: Option<&str>,
) -> Result<(), XlsxError> {
    if field.is_empty() {
        return Ok(());
    }
    let number = name
        .filter(|name| NUMBERS.contains(name))
        .and_then(|_| field.parse::<u32>().ok());
    match number {
        Some(number) => sheet.write_number(row, column, number)?,
        None => sheet.write_string(row, column, shortened(field))?,
    };
    Ok(())
}

/// Cuts a text to what a cell takes. Excel counts UTF-16 units.
fn shortened(text: &str) -> String {
    let mut units = 0;
    let fits = text.chars().all(|character| {
        units += character.len_utf16();
        units <= LONGEST_CELL
    });
    if fits {
        return text.to_owned();
    }
    units = 0;
    let kept = text.chars().take_while(|character| {
        units += character.len_utf16();
        units < LONGEST_CELL
    });
    kept.chain(['…']).collect()
}

/// Reads the one record of a line, which may hold line breaks between quotes.
fn fields(line: &str) -> Result<Vec<String>, Error> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .buffer_capacity(line.len().max(1))
        .from_reader(line.as_bytes());
    let unreadable = |reason: String| Error::Server(format!("the ledger cannot be read: {reason}"));
    match reader.records().next() {
        Some(Ok(record)) => Ok(record.iter().map(str::to_owned).collect()),
        Some(Err(error)) => Err(unreadable(error.to_string())),
        None => Err(unreadable("a line is empty".to_owned())),
    }
}

fn unwritable(error: XlsxError) -> Error {
    Error::Server(format!("the workbook cannot be written: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_record() {
        assert_eq!(
            fields("1,\"a, \"\"b\"\"\r\nc\",").unwrap(),
            ["1", "a, \"b\"\r\nc", ""]
        );
        assert!(fields("").is_err());
    }

    #[test]
    fn a_text_that_is_too_long_is_cut_where_a_character_ends() {
        assert_eq!(shortened(&"a".repeat(LONGEST_CELL)).len(), LONGEST_CELL);
        for text in ["a".repeat(LONGEST_CELL + 1), "😀".repeat(LONGEST_CELL)] {
            let cut = shortened(&text);
            let units = cut.encode_utf16().count();
            assert!(
                cut.ends_with('…') && (LONGEST_CELL - 1..=LONGEST_CELL).contains(&units),
                "{units}"
            );
        }
    }
}
