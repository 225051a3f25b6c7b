//! What is noted on a whole column or file.

use rstest::rstest;

use super::*;
use crate::cell::Cell;
use crate::header::{Recognised, recognise};
use crate::import::columns::Survey;
use crate::import::kept::KeptColumns;
use crate::import::plan::Sheet;
use crate::source::Row;

/// The notes with some rule, as cell, column, field, before and after.
type Note<'f> = (
    Option<&'f str>,
    Option<&'f str>,
    Option<&'f str>,
    Option<&'f str>,
    Option<&'f str>,
);

fn notes(rows: &[CleanRow], rule: Rule) -> Vec<Note<'_>> {
    rows.iter()
        .filter(|row| row.number == 0)
        .flat_map(|row| &row.entries)
        .filter(|entry| entry.rule == rule)
        .map(|entry| {
            (
                entry.cell.as_deref(),
                entry.column.as_deref(),
                entry.field,
                entry.before.as_deref(),
                entry.after.as_deref(),
            )
        })
        .collect()
}

fn all_notes(lines: &[&str]) -> Vec<CleanRow> {
    clean_lines(lines, &ImportOptions::default()).unwrap().rows
}

#[test]
fn every_recognised_column_is_noted_with_its_header() {
    let rows = all_notes(&[
        "Report of 2024",
        "Sentiment;date_start; Channel ;CUSTOMERS;Subject;Comments;Region",
    ]);
    let mapped = |cell, column, before, after| {
        (
            Some(cell),
            Some(column),
            Some(after),
            Some(before),
            Some(after),
        )
    };
    assert_eq!(
        notes(&rows, Rule::HeaderMapped),
        [
            mapped("B2", "date_start", "date_start", "occurred_at"),
            mapped("C2", "Channel", " Channel ", "channel"),
            mapped("D2", "CUSTOMERS", "CUSTOMERS", "customer_id"),
            mapped("E2", "Subject", "Subject", "topic"),
            mapped("A2", "Sentiment", "Sentiment", "sentiment"),
            mapped("F2", "Comments", "Comments", "notes"),
        ]
    );
    assert_eq!(
        notes(&rows, Rule::ColumnKept),
        [(
            Some("G2"),
            Some("Region"),
            Some("extra"),
            Some("Region"),
            Some("Region")
        )]
    );
}

#[test]
fn the_fields_are_columns_of_the_tables() {
    let fields = |header| -> Vec<Option<String>> {
        notes(&all_notes(&[header]), Rule::HeaderMapped)
            .into_iter()
            .map(|(_, _, field, ..)| field.map(str::to_owned))
            .collect()
    };
    let names = |names: &[&str]| -> Vec<Option<String>> {
        names.iter().map(|&name| Some(name.to_owned())).collect()
    };
    assert_eq!(
        fields("Customer Id,Occupation,Type"),
        names(&["customer_id", "occupation", "customer_type"])
    );
    assert_eq!(fields("Date,Product"), names(&["month", "product"]));
}

#[rstest]
#[case(b"Date,Product\n01-2019,Sand", "UTF-8", "comma")]
#[case(b"Date;Product\n01-2019;Sand", "UTF-8", "semicolon")]
#[case(b"\xEF\xBB\xBFDate\tProduct\n01-2019\tSand", "UTF-8 with BOM", "tab")]
#[case(b"Date|Product\n01-2019|Caf\xe9", "windows-1252", "pipe")]
fn encoding_and_delimiter_are_always_noted(
    #[case] content: &[u8],
    #[case] encoding: &str,
    #[case] delimiter: &str,
) {
    let options = ImportOptions::default();
    let file = clean_file(content, "p.csv", Format::Csv, &options, &mut |_| ()).unwrap();
    let note = |after| vec![(None, None, None, None, Some(after))];
    assert_eq!(notes(&file.rows, Rule::EncodingDetected), note(encoding));
    assert_eq!(notes(&file.rows, Rule::DelimiterDetected), note(delimiter));
    let details: Vec<_> = file.rows.iter().flat_map(|row| &row.entries).collect();
    assert!(details.iter().any(|entry| {
        entry.detail.as_deref() == Some(format!("the encoding is {encoding}").as_str())
    }));
}

#[test]
fn stray_bytes_of_a_text_in_utf8_are_noted() {
    let mut content = "Date,Product\n01-2019,Zażółć gęślą jaźń\n01-2019,Zażółć gęślą jaźń ąę\n"
        .as_bytes()
        .to_vec();
    content.extend(b"02-2019,Caf\xE9\n02-2019,\x80uro\n");
    let options = ImportOptions::default();
    let file = clean_file(&content, "p.csv", Format::Csv, &options, &mut |_| ()).unwrap();
    assert_eq!(
        notes(&file.rows, Rule::EncodingDetected),
        [(None, None, None, None, Some("UTF-8"))]
    );
    let note = file
        .rows
        .iter()
        .flat_map(|row| &row.entries)
        .find(|entry| entry.rule == Rule::EncodingMixed)
        .unwrap();
    assert_eq!(
        note.detail.as_deref(),
        Some("bytes that are not UTF-8, and are read as windows-1252: 2 (the first is in line 4)")
    );
    let products: Vec<&str> = file
        .rows
        .iter()
        .filter_map(|row| match &row.record {
            Some(Record::Product { product, .. }) => Some(product.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(
        products,
        ["Zażółć gęślą jaźń", "Zażółć gęślą jaźń ąę", "Café", "€uro"]
    );
    assert!(
        file.rows
            .iter()
            .all(|row| row.number == 0 || row.entries.is_empty())
    );
}

#[test]
fn rows_above_the_header_keep_their_texts() {
    let rows = all_notes(&[
        "Report of 2024;;by \"\"",
        "",
        ";Ann",
        "Date;Product",
        "01-2024;Sand",
    ]);
    assert_eq!(
        notes(&rows, Rule::RowsAboveHeader),
        [(
            None,
            None,
            None,
            Some(r#"{"A1":"Report of 2024","C1":"by \"\"","B3":"Ann"}"#),
            None
        )]
    );
    // 4 096 bytes and the mark.
    let rows = all_notes(&[&"ä".repeat(3_000), "more", "Date;Product", "01-2024;Sand"]);
    let before = notes(&rows, Rule::RowsAboveHeader)[0].3.unwrap();
    assert!(
        before.starts_with("{\"A1\":\"ää") && before.ends_with("ä…"),
        "{before}"
    );
    assert!(
        (4_095..=4_096).contains(&(before.len() - '…'.len_utf8())),
        "{}",
        before.len()
    );
}

#[test]
fn cells_below_no_header_are_noted_by_column() {
    let rows = all_notes(&[
        "Date;Product;;Price",
        "01-2019;Sand",
        "01-2019;Sand;a;1;b",
        "01-2019;Sand;c;1",
    ]);
    assert_eq!(
        notes(&rows, Rule::ColumnWithoutHeader),
        [
            (Some("C3"), None, Some("extra"), Some("a"), Some("column 3")),
            (Some("E3"), None, Some("extra"), Some("b"), Some("column 5")),
        ]
    );
    assert!(rows.iter().flat_map(|row| &row.entries).any(|entry| {
        entry.detail.as_deref() == Some("cells of the column: 2 (the first is in row 3)")
    }));
}

/// A sheet of products whose workbook has one of the two date systems.
fn survey(is_1904: bool, cells: &[Cell]) -> Vec<CleanRow> {
    let headers = ["Product", "Date"].map(str::to_owned);
    let Recognised::As(layout) = recognise(&headers) else {
        panic!("not recognised");
    };
    let sheet = Sheet {
        name: Arc::from("P"),
        kept: KeptColumns::of(&layout),
        layout,
        header_row: 1,
        is_1904,
    };
    let mut survey = Survey::new(&sheet);
    for (number, cell) in (2..).zip(cells) {
        let cells = vec![Cell::Text("Sand".to_owned()), cell.clone()];
        survey.row(&Row { number, cells }, &sheet);
    }
    let mut notes = Vec::new();
    survey
        .decide(&sheet, &ImportOptions::default(), &mut notes)
        .unwrap();
    notes
}

#[test]
fn date_cells_that_count_from_1904_are_noted_by_column() {
    let date = Cell::DateTime(datetime(2019, 10, 4, 0, 0, 0, 0));
    let text = Cell::Text("01-2019".to_owned());
    let rows = survey(true, &[text.clone(), date.clone(), date.clone()]);
    assert_eq!(
        notes(&rows, Rule::Dates1904),
        [(Some("B1"), Some("Date"), Some("month"), None, None)]
    );
    assert_eq!(
        rows[0].entries[0].detail.as_deref(),
        Some(
            "the workbook counts days from 1904; date cells of the column: 2 (the first is \"2019-10-04 00:00:00\" in row 3)"
        )
    );
    let form = survey(true, &[text]);
    assert_eq!(
        notes(&form, Rule::FormFound),
        [(
            Some("B1"),
            Some("Date"),
            Some("month"),
            None,
            Some("MM-YYYY")
        )]
    );
    assert_eq!(form.len(), 1);
    assert_eq!(survey(false, &[date]), []);
}
