//! Headers over several rows and columns, and files that merge everything.

use rapport_core::source::{Format, Input, Limits, SourceFile};
use rapport_core::{Error, ImportOptions, Record, clean};
use rust_xlsxwriter::{Format as Style, Workbook, Worksheet};

use crate::fixtures::Parts;

/// A workbook whose interactions are written by a test, beside the other two sheets.
fn book(interactions: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    let customers = book.add_worksheet();
    customers
        .write_row(0, 0, ["Customer Id", "Occupation", "Type"])
        .unwrap();
    customers.write_row(1, 0, ["1", "Jedi", "Red"]).unwrap();
    let products = book.add_worksheet();
    products.write_row(0, 0, ["Date", "Product"]).unwrap();
    products.write_row(1, 0, ["01-2019", "Sand"]).unwrap();
    interactions(book.add_worksheet().set_name("a & b").unwrap());
    book.save_to_buffer().unwrap()
}

/// The interactions of a workbook: the row, the channel, the notes.
fn interactions(content: Vec<u8>) -> Vec<(u32, Option<String>, Option<String>)> {
    let input = Input::file(content, Format::Xlsx);
    clean(input, "a.xlsx", ImportOptions::default(), |_| ())
        .unwrap()
        .map(Result::unwrap)
        .filter_map(|row| match row.record? {
            Record::Interaction { channel, notes, .. } => Some((row.number, channel, notes)),
            _ => None,
        })
        .collect()
}

/// The texts that a row would have as a header.
fn headers(content: &[u8], row: u32) -> Vec<String> {
    let input = Input::file(content, Format::Xlsx);
    let mut file = SourceFile::open(input, "a.xlsx", &Limits::default()).unwrap();
    let sheet = file.sheets().last().unwrap().name.clone();
    let mut merged = file.merged_cells(&sheet);
    let mut headers = Vec::new();
    for found in file.rows(&sheet).unwrap().map(Result::unwrap) {
        if found.number <= row {
            headers = found
                .cells
                .iter()
                .map(|cell| cell.text().into_owned())
                .collect();
            merged.spread(found.number, &mut headers);
        }
    }
    headers
}

fn merge(sheet: &mut Worksheet, area: (u32, u16, u32, u16), text: &str) {
    sheet
        .merge_range(area.0, area.1, area.2, area.3, text, &Style::new())
        .unwrap();
}

#[test]
fn a_header_over_rows_counts_where_the_header_is() {
    let content = book(|sheet| {
        merge(sheet, (0, 0, 1, 0), "Date Start");
        merge(sheet, (0, 1, 0, 2), "Contact");
        sheet
            .write_row(1, 1, ["Interaction", "Customers", "Notes"])
            .unwrap();
        sheet
            .write_row(2, 0, ["2019-10-04 09:00", "Call", "1", "n"])
            .unwrap();
    });
    assert_eq!(
        headers(&content, 1),
        ["Date Start", "Contact", "Contact (2)"]
    );
    assert_eq!(
        headers(&content, 2),
        ["Date Start", "Interaction", "Customers", "Notes"]
    );
    let call = (3, Some("Call".to_owned()), Some("n".to_owned()));
    assert_eq!(interactions(content), [call]);
}

#[test]
fn a_header_over_rows_below_it_is_no_data() {
    let content = book(|sheet| {
        for (column, header) in ["Date Start", "Interaction", "Customers"]
            .iter()
            .enumerate()
        {
            merge(sheet, (0, column as u16, 1, column as u16), header);
        }
        sheet.write(1, 3, "a second line of the header").unwrap();
        sheet
            .write_row(2, 0, ["2019-10-04 09:00", "Call", "1"])
            .unwrap();
    });
    let input = Input::file(content.as_slice(), Format::Xlsx);
    let rows = clean(input, "a.xlsx", ImportOptions::default(), |_| ()).unwrap();
    assert_eq!(rows.rows_read(), 3);
    assert_eq!(
        interactions(content.clone()),
        [(3, Some("Call".to_owned()), None)]
    );
}

#[test]
fn a_header_over_columns_names_the_first() {
    let content = book(|sheet| {
        sheet
            .write_row(0, 0, ["Date Start", "Interaction", "Customers"])
            .unwrap();
        merge(sheet, (0, 3, 0, 5), "Notes");
        sheet
            .write_row(1, 0, ["2019-10-04 09:00", "Call", "1", "n", "m"])
            .unwrap();
    });
    assert_eq!(
        headers(&content, 1)[3..],
        ["Notes", "Notes (2)", "Notes (3)"]
    );
    assert_eq!(interactions(content)[0].2.as_deref(), Some("n"));
}

#[test]
fn a_header_over_both_is_both() {
    let content = book(|sheet| {
        merge(sheet, (1, 0, 2, 1), "Date Start");
        merge(sheet, (0, 2, 2, 2), "Interaction");
        merge(sheet, (2, 3, 2, 4), "Customers");
        sheet
            .write_row(3, 0, ["2019-10-04 09:00", "x", "Call", "1"])
            .unwrap();
    });
    assert_eq!(
        headers(&content, 3),
        [
            "Date Start",
            "Date Start (2)",
            "Interaction",
            "Customers",
            "Customers (2)"
        ]
    );
    assert_eq!(interactions(content), [(4, Some("Call".to_owned()), None)]);
}

/// A sheet with merged cells behind its rows.
fn with_merges(merges: &str) -> Vec<u8> {
    let rows = r#"<row r="1"><c r="A1"><v>7</v></c></row><row r="2"><c r="B2"><v>8</v></c></row>"#;
    let parts = Parts::new(rows);
    let sheet = parts.text("xl/worksheets/sheet1.xml");
    let sheet = sheet.replace(
        "</worksheet>",
        &format!("<mergeCells>{merges}</mergeCells></worksheet>"),
    );
    parts.with("xl/worksheets/sheet1.xml", &sheet).zip()
}

#[test]
fn a_million_merged_cells_cost_nothing() {
    // Over each other, as wide and as deep as a sheet.
    let merges = r#"<mergeCell ref="A1:XFD1048576"/>"#.repeat(1_000_000);
    let content = with_merges(&merges);
    let found = headers(&content, 2);
    assert_eq!(
        (found.len(), found[0].as_str(), found[1].as_str()),
        (256, "7", "8")
    );
    assert_eq!(found[255], "7 (256)");
    let limits = Limits {
        held_bytes: 4_096,
        ..Limits::default()
    };
    let refusal = SourceFile::open(Input::file(content, Format::Xlsx), "a.xlsx", &limits).err();
    assert!(matches!(refusal, Some(Error::TooLarge { .. })));
}

#[test]
fn only_areas_at_the_top_are_kept() {
    let below = r#"<mergeCell ref="A1001:B1001"/>"#.repeat(10_000);
    let content = with_merges(&format!(r#"{below}<mergeCell ref="A1:A2"/>"#));
    assert_eq!(headers(&content, 2), ["7", "8"]);
    for odd in ["B2:A1", "", "A1:", "A1:AAAAAAAA1", "A0:B1", "1:2"] {
        let content = with_merges(&format!(r#"<mergeCell ref="{odd}"/><mergeCell/>"#));
        assert_eq!(headers(&content, 2), ["", "8"], "{odd}");
    }
}

#[test]
fn the_1904_system_is_told() {
    for (mark, is_1904) in [("", false), (r#"<workbookPr date1904="1"/>"#, true)] {
        let content = Parts::new("")
            .with(
                "xl/workbook.xml",
                &format!(r#"<workbook xmlns:r="r">{mark}<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>"#),
            )
            .zip();
        let input = Input::file(content, Format::Xlsx);
        let file = SourceFile::open(input, "a.xlsx", &Limits::default()).unwrap();
        assert_eq!((file.is_1904(), file.delimiter()), (is_1904, None));
    }
}
