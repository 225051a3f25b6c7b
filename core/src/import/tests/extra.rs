//! Cells that have no place in the database, kept beside the record.

use serde_json::json;

use super::*;

fn extras(file: &CleanedFile, number: u32) -> Vec<Option<Value>> {
    records(file, number)
        .into_iter()
        .map(|record| match record {
            Record::Customer { extra, .. }
            | Record::Interaction { extra, .. }
            | Record::Product { extra, .. } => extra.clone().map(Value::Object),
        })
        .collect()
}

#[test]
fn cells_without_a_place_are_kept_as_the_file_writes_them() {
    let file = csv(&[
        "Customer Id,Region,Occupation,,Type,Region",
        "1, North  West ,Jedi,x,Red,EU,last",
        "2,,Jedi, ,Red,",
        "3,,Jedi",
    ]);
    let kept = json!({
        "Region": " North  West ", "column 4": "x", "Region (2)": "EU", "column 7": "last",
    });
    assert_eq!(extras(&file, 2), [Some(kept)]);
    assert_eq!(entries(&file, 2), []);
    assert_eq!(extras(&file, 3), [None]);
    assert_eq!(extras(&file, 4), [None]);
}

#[test]
fn a_second_column_of_one_meaning_is_kept() {
    let file = csv(&["Date,Product,Product", "01-2019,Sand,Orange"]);
    assert_eq!(extras(&file, 2), [Some(json!({"Product (2)": "Orange"}))]);
}

#[test]
fn a_split_row_has_its_extra_on_every_record() {
    let file = csv(&[
        "Date Start;Interaction;Customers;Region",
        "2019-10-04 09:00;Call;1, 4;EU",
    ]);
    let kept = Some(json!({"Region": "EU"}));
    assert_eq!(extras(&file, 2), [kept.clone(), kept]);
}

#[test]
fn a_split_may_not_multiply_extra_cells() {
    let ids = (1..=100).map(|id| id.to_string()).collect::<Vec<_>>();
    let line = format!(
        "2019-10-04 09:00,Call,{},{}",
        ids.join(";"),
        "x".repeat(100_000)
    );
    let lines = ["Date Start,Interaction,Customers,Region", &line];
    let mut options = ImportOptions::default();
    assert_eq!(extras(&try_csv(&lines, &options).unwrap(), 2).len(), 100);
    options.limits.file_bytes = 200_000;
    assert!(try_csv(&lines, &options).is_err());
}

#[test]
fn a_rejected_row_keeps_columns_of_one_header_apart() {
    let file = csv(&["Date,Product,Product,", "bad,Sand,Orange,x"]);
    let row = file.rows.last().unwrap();
    let detail = row.entries[0].detail.as_deref().unwrap();
    assert!(
        detail
            .ends_with(r#"{"Date":"bad","Product":"Sand","Product (2)":"Orange","column 4":"x"}"#),
        "{detail}"
    );
}

#[test]
fn nul_is_no_character_of_a_database() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    for (name, headers) in [
        ("C", &["Customer Id", "Occupation", "Type"][..]),
        ("V", &["Date Start", "Interaction", "Customers"]),
        ("P", &["Date", "Product", "Region"]),
    ] {
        let sheet = workbook.add_worksheet().set_name(name).unwrap();
        sheet.write_row(0, 0, headers.iter().copied()).unwrap();
        if name == "P" {
            sheet
                .write_row(1, 0, ["01-2019", "Sand", "a\u{0}b"])
                .unwrap();
        }
    }
    let content = workbook.save_to_buffer().unwrap();
    let options = ImportOptions::default();
    let file = clean_file(&content, "w.xlsx", Format::Xlsx, &options, &mut |_| ()).unwrap();
    assert_eq!(extras(&file, 2), [Some(json!({"Region": "ab"}))]);
    let entry = &file.rows.last().unwrap().entries[0];
    assert_eq!(
        (entry.rule, entry.cell.as_deref(), entry.field),
        (Rule::Control, Some("C2"), Some("extra"))
    );
    assert_eq!(
        (entry.before.as_deref(), entry.after.as_deref()),
        (Some("a\0b"), Some("ab"))
    );
}
