//! Files for an import: the sample, and those that nobody should send.

use std::io::{Cursor, Read as _, Write as _};

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook};
use zip::write::SimpleFileOptions;

use crate::environment::repository;

/// The headers of the three kinds of sheet, as a tidy person writes them.
pub const CUSTOMERS: &[&str] = &["Customer Id", "Occupation", "Type"];
/// See [`CUSTOMERS`].
pub const INTERACTIONS: &[&str] = &[
    "Date Start",
    "Interaction",
    "Customers",
    "Topic",
    "Sentiment",
];
/// See [`CUSTOMERS`].
pub const PRODUCTS: &[&str] = &["Date", "Product"];

/// Reads the sample workbook.
pub fn sample_workbook() -> Vec<u8> {
    read("samples/interactions.xlsx")
}

/// Reads a CSV twin of the sample: `customers`, `interactions` or `products`.
pub fn sample_csv(name: &str) -> Vec<u8> {
    read(&format!("samples/csv/{name}.csv"))
}

fn read(path: &str) -> Vec<u8> {
    std::fs::read(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Begins a workbook that is the same whenever it is made; else it holds the time.
pub fn new_workbook() -> Workbook {
    let mut workbook = Workbook::new();
    let made = ExcelDateTime::from_ymd(2021, 1, 4).expect("a date");
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    workbook
}

/// Builds a workbook of text cells: sheets of rows, the first of which is the header.
pub fn workbook(sheets: &[(&str, &[&[&str]])]) -> Vec<u8> {
    let mut workbook = new_workbook();
    for (name, rows) in sheets {
        let worksheet = workbook
            .add_worksheet()
            .set_name(*name)
            .expect("a good name");
        for (row, cells) in (0u32..).zip(*rows) {
            for (column, cell) in (0u16..).zip(*cells) {
                worksheet
                    .write_string(row, column, *cell)
                    .expect("a cell in bounds");
            }
        }
    }
    workbook.save_to_buffer().expect("a workbook in memory")
}

/// Builds a workbook with all three sheets and these interactions.
pub fn workbook_of_interactions(rows: &[&[&str]]) -> Vec<u8> {
    let mut all = vec![INTERACTIONS];
    all.extend_from_slice(rows);
    workbook(&[
        ("Customers", &[CUSTOMERS]),
        ("External Interactions", &all),
        ("Products of Discussion", &[PRODUCTS]),
    ])
}

/// Builds a CSV file from its lines.
pub fn csv(lines: &[&str]) -> Vec<u8> {
    let mut text = lines.join("\r\n");
    text.push_str("\r\n");
    text.into_bytes()
}

/// Builds the small workbook that asks for 17 billion cells: A1 and XFD1048576.
pub fn corner_cells(with_headers: bool) -> Vec<u8> {
    let mut workbook = new_workbook();
    for (name, headers) in [
        ("Customers", CUSTOMERS),
        ("Interactions", INTERACTIONS),
        ("Products", PRODUCTS),
    ] {
        let worksheet = workbook
            .add_worksheet()
            .set_name(name)
            .expect("a good name");
        if with_headers {
            worksheet
                .write_row(0, 0, headers.iter().copied())
                .expect("headers");
        } else {
            worksheet.write_string(0, 0, "x").expect("the first cell");
        }
        worksheet
            .write_string(1_048_575, 16_383, "x")
            .expect("the last cell");
    }
    workbook.save_to_buffer().expect("a workbook in memory")
}

/// Builds the sample with `mebibytes` of blanks in its second sheet: small as a file, large inflated.
pub fn zip_bomb(mebibytes: usize) -> Vec<u8> {
    let mut archive =
        zip::ZipArchive::new(Cursor::new(sample_workbook())).expect("the sample is a zip");
    let mut bomb = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).expect("an entry");
        let mut content = Vec::new();
        entry.read_to_end(&mut content).expect("it inflates");
        let name = entry.name().expect("a name").into_owned();
        bomb.start_file(name.as_str(), SimpleFileOptions::default())
            .expect("a new entry");
        if name == "xl/worksheets/sheet2.xml" {
            let text = String::from_utf8(content).expect("XML is UTF-8");
            let (before, after) = text.split_once("<sheetData>").expect("a sheet has data");
            bomb.write_all(before.as_bytes()).expect("the start");
            bomb.write_all(b"<sheetData>").expect("the start");
            let blanks = vec![b' '; 1 << 20];
            for _ in 0..mebibytes {
                bomb.write_all(&blanks).expect("blanks");
            }
            bomb.write_all(after.as_bytes()).expect("the end");
        } else {
            bomb.write_all(&content).expect("a copy");
        }
    }
    bomb.finish().expect("a zip in memory").into_inner()
}

/// Rewrites one part of a workbook, given by its name in the archive.
pub fn rewritten(workbook: &[u8], part: &str, rewrite: impl Fn(&str) -> String) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(workbook)).expect("a workbook is a zip");
    let mut copy = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut found = false;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).expect("an entry");
        let name = entry.name().expect("a name").into_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).expect("it inflates");
        if name == part {
            let text = String::from_utf8(content).expect("XML is UTF-8");
            let new = rewrite(&text);
            assert_ne!(new, text, "{part} stays as it is");
            content = new.into_bytes();
            found = true;
        }
        copy.start_file(name.as_str(), SimpleFileOptions::default())
            .expect("a new entry");
        copy.write_all(&content).expect("a copy");
    }
    assert!(found, "the workbook has no {part}");
    copy.finish().expect("a zip in memory").into_inner()
}
