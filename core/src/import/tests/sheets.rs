//! Which sheet is what, and what is said when that cannot be told.

use rust_xlsxwriter::{ExcelDateTime, Format as CellFormat, Workbook, Worksheet};

use super::*;

const CUSTOMERS: [&str; 3] = ["Customer Id", "Occupation", "Type"];
const VISITS: [&str; 5] = [
    "Date Start",
    "Interaction",
    "Customers",
    "Topic",
    "Sentiment",
];
const PRODUCTS: [&str; 2] = ["Date", "Product"];

fn sheet<'w>(workbook: &'w mut Workbook, name: &str, rows: &[&[&str]]) -> &'w mut Worksheet {
    let sheet = workbook.add_worksheet().set_name(name).unwrap();
    for (row, cells) in (0..).zip(rows) {
        for (column, text) in (0..).zip(*cells) {
            if !text.is_empty() {
                sheet.write_string(row, column, *text).unwrap();
            }
        }
    }
    sheet
}

fn clean(mut workbook: Workbook) -> Result<CleanedFile, Error> {
    let content = workbook.save_to_buffer().unwrap();
    clean_file(
        &content,
        "report.xlsx",
        Format::Xlsx,
        &ImportOptions::default(),
        &mut |_| (),
    )
    .map(without_usual_notes)
}

/// The notes on the file, as sheet, rule and detail.
fn notes(file: &CleanedFile) -> Vec<(&str, &str, &str)> {
    file.rows
        .iter()
        .filter(|row| row.number == 0)
        .flat_map(|row| row.entries.iter().map(|entry| (&*row.sheet, entry)))
        .map(|(sheet, entry)| (sheet, entry.rule.name(), entry.detail.as_deref().unwrap()))
        .collect()
}

fn refusal(workbook: Workbook) -> (String, String) {
    match clean(workbook).unwrap_err() {
        Error::InvalidFile {
            message, detail, ..
        } => (message, detail.unwrap()),
        other => panic!("{other}"),
    }
}

#[test]
fn a_workbook_is_read_by_its_headers() {
    let mut workbook = Workbook::new();
    sheet(
        &mut workbook,
        "B",
        &[&["PRODUCT", "date"], &["Sand", "01-2019"]],
    );
    let visits = sheet(
        &mut workbook,
        "A",
        &[&VISITS, &["", "Email", "", "Drug Efficacy", "Positive"]],
    );
    let start = ExcelDateTime::parse_from_str("2020-02-11T16:10:00").unwrap();
    let format = CellFormat::new().set_num_format("dd/mm/yyyy hh:mm");
    visits
        .write_datetime_with_format(1, 0, &start, &format)
        .unwrap();
    visits.write_number(1, 2, 4.0).unwrap();
    let customers = sheet(
        &mut workbook,
        "C",
        &[&["customer_id", "occupation", "type"]],
    );
    customers.write_number(1, 0, 1.5).unwrap();
    let file = clean(workbook).unwrap();

    let sheets: Vec<_> = file
        .sheets
        .iter()
        .map(|sheet| (&*sheet.name, sheet.kind, sheet.rows))
        .collect();
    assert_eq!(
        sheets,
        [
            ("B", SheetKind::Products, 1),
            ("A", SheetKind::Interactions, 1),
            ("C", SheetKind::Customers, 1)
        ]
    );
    assert_eq!(file.rows_read, 3);
    assert_eq!(notes(&file), []);
    assert_eq!(
        file.rows[1].record,
        Some(Record::Interaction {
            customer_id: 4,
            occurred_at: datetime(2020, 2, 11, 16, 10, 0, 0),
            channel: Some("Email".to_owned()),
            topic: Some("Drug Efficacy".to_owned()),
            sentiment: Some("Positive".to_owned()),
            notes: None,
            extra: None,
        })
    );
    assert_eq!(file.rows[1].entries, []);
    assert_eq!(file.rows[2].record, None);
    assert_eq!(
        file.rows[2].entries[0].detail.as_deref(),
        Some("\"1.5\" is not a whole number; the row is {\"customer_id\":\"1.5\"}")
    );
}

#[test]
fn a_date_in_the_customers_column_is_rejected() {
    let mut workbook = Workbook::new();
    sheet(&mut workbook, "P", &[&PRODUCTS]);
    sheet(&mut workbook, "C", &[&CUSTOMERS]);
    let visits = sheet(
        &mut workbook,
        "V",
        &[&VISITS, &["04/10/2019 09:00", "Call"]],
    );
    let date = ExcelDateTime::parse_from_str("2024-04-01").unwrap();
    visits
        .write_datetime_with_format(1, 2, &date, &CellFormat::new().set_num_format("d/m"))
        .unwrap();
    visits
        .write_number(2, 0, 43742.375)
        .unwrap()
        .write_number(2, 2, 1.0)
        .unwrap();
    let file = clean(workbook).unwrap();
    let entry = &file.rows[1].entries[0];
    assert_eq!(entry.before.as_deref(), Some("2024-04-01 00:00:00"));
    assert!(
        entry
            .detail
            .as_deref()
            .unwrap()
            .contains("is a date where a customer id is expected; format the cell as text")
    );
    let detail = file.rows[2].entries[0].detail.as_deref().unwrap();
    assert!(
        detail.starts_with("\"43742.375\" is a number where a date is expected"),
        "{detail}"
    );
}

#[test]
fn what_is_not_read_is_named() {
    let mut workbook = Workbook::new();
    sheet(
        &mut workbook,
        "Products",
        &[
            &["Report of 2024"],
            &[""],
            &["Date", "Region", "Product"],
            &["01-2019", "EU", "Sand", "", "?"],
        ],
    );
    sheet(&mut workbook, "Customers", &[&CUSTOMERS]);
    sheet(&mut workbook, "Visits", &[&VISITS]);
    sheet(&mut workbook, "Read me", &[&["This is our report"]]);
    sheet(
        &mut workbook,
        "Old",
        &[&VISITS, &["04/10/2019 09:00", "Call", "1"]],
    )
    .set_hidden(true);
    let file = clean(workbook).unwrap();
    assert_eq!(
        notes(&file),
        [
            (
                "Products",
                "rows_above_header_skipped",
                "the header is in row 3; rows above it that were not read: 1"
            ),
            (
                "Products",
                "column_kept",
                "products have no place for the column"
            ),
            (
                "Old",
                "hidden_sheet_skipped",
                "sheet \"Old\" is hidden and was not read"
            ),
            (
                "Read me",
                "unknown_sheet_skipped",
                "sheet \"Read me\" has \"This is our report\""
            ),
            (
                "Products",
                "column_without_header_kept",
                "cells of the column: 1 (the first is in row 4)"
            ),
        ]
    );
    assert_eq!(file.rows_read, 1);
}

#[test]
fn missing_sheets_and_columns_are_named_with_what_was_found() {
    let mut workbook = Workbook::new();
    sheet(&mut workbook, "Clients", &[&CUSTOMERS]);
    sheet(
        &mut workbook,
        "Visits",
        &[&["Date Start", "Customers", "Topic"]],
    );
    sheet(&mut workbook, "Blank", &[]);
    sheet(&mut workbook, "Old", &[&PRODUCTS]).set_hidden(true);
    let (message, detail) = refusal(workbook);
    assert_eq!(
        message,
        "\"report.xlsx\" has no sheet of interactions and no sheet of products"
    );
    assert_eq!(
        detail,
        "interactions need the columns \"Date Start\", \"Interaction\", \"Customers\"; \
         products need the columns \"Date\", \"Product\"; \
         found: sheet \"Clients\" holds customers (\"Customer Id\", \"Occupation\", \"Type\"); \
         sheet \"Visits\" has \"Date Start\", \"Customers\", \"Topic\", where interactions would also need \"Interaction\"; \
         sheet \"Blank\" is empty; sheet \"Old\" is hidden and was not read"
    );
}

#[test]
fn two_sheets_of_a_kind_are_refused_unless_one_is_hidden() {
    let build = |hidden| {
        let mut workbook = Workbook::new();
        sheet(&mut workbook, "Customers", &[&CUSTOMERS]);
        sheet(&mut workbook, "Products", &[&PRODUCTS]);
        sheet(&mut workbook, "2023", &[&VISITS]);
        sheet(&mut workbook, "2024", &[&VISITS]).set_hidden(hidden);
        workbook
    };
    let (message, detail) = refusal(build(false));
    assert_eq!(
        message,
        "\"report.xlsx\" has several sheets of interactions"
    );
    assert_eq!(detail, "they are \"2023\", \"2024\"");
    assert_eq!(clean(build(true)).unwrap().sheets.len(), 3);
}

#[test]
fn a_delimited_file_of_no_kind_is_refused() {
    let error = try_csv(&["Name,Age", "Jedi,900"], &ImportOptions::default()).unwrap_err();
    let Error::InvalidFile {
        message, detail, ..
    } = error
    else {
        panic!("{error}")
    };
    assert_eq!(
        message,
        "\"file.csv\" holds no customers, interactions or products"
    );
    assert_eq!(
        detail.unwrap(),
        "one of: customers need the columns \"Customer Id\", \"Occupation\", \"Type\"; \
         interactions need the columns \"Date Start\", \"Interaction\", \"Customers\"; \
         products need the columns \"Date\", \"Product\"; found: sheet \"file\" has \"Name\", \"Age\""
    );
}

#[test]
fn a_sheet_of_two_kinds_is_refused() {
    let error = try_csv(
        &["Customer Id,Occupation,Type,Date Start,Interaction"],
        &ImportOptions::default(),
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "sheet \"file\" could hold customers as well as interactions"
    );
}

#[test]
fn a_header_without_rows_is_fine() {
    let file = csv(&["Customer Id,Occupation,Type"]);
    assert_eq!((file.rows.len(), file.rows_read), (0, 0));
}

#[test]
fn error_cells_count_as_empty() {
    let mut workbook = Workbook::new();
    sheet(&mut workbook, "P", &[&PRODUCTS]);
    sheet(&mut workbook, "V", &[&VISITS]);
    let customers = sheet(&mut workbook, "C", &[&CUSTOMERS, &["1", "", "Red"]]);
    customers
        .write_formula(
            1,
            1,
            rust_xlsxwriter::Formula::new("=NA()").set_result("#N/A"),
        )
        .unwrap();
    let file = clean(workbook).unwrap();
    assert!(matches!(
        &file.rows[0].record,
        Some(Record::Customer {
            occupation: None,
            ..
        })
    ));
    assert_eq!(
        entries(&file, 2),
        [("error_cell_emptied", Some("#N/A"), None)]
    );
}
