//! The order of day and month, decided for a whole column.

use jiff::civil::{DateTime, datetime};
use rstest::rstest;

use super::*;

fn starts(file: &CleanedFile) -> Vec<DateTime> {
    file.rows
        .iter()
        .filter_map(|row| match row.record {
            Some(Record::Interaction { occurred_at, .. }) => Some(occurred_at),
            _ => None,
        })
        .collect()
}

fn interactions(dates: &[&str], options: &ImportOptions) -> Result<CleanedFile, Error> {
    let mut lines = vec![INTERACTIONS.to_owned()];
    lines.extend(dates.iter().map(|date| format!("{date};Call;1;;")));
    try_csv(
        &lines.iter().map(String::as_str).collect::<Vec<_>>(),
        options,
    )
}

/// The entry on the whole column, as rule, action and detail.
fn note(file: &CleanedFile) -> (&str, Action, &str) {
    let notes: Vec<_> = file.rows.iter().filter(|row| row.number == 0).collect();
    assert_eq!(notes.len(), 1);
    let entry = &notes[0].entries[0];
    assert_eq!(entry.column.as_deref(), Some("Date Start"));
    (
        entry.rule.name(),
        entry.action,
        entry.detail.as_deref().unwrap(),
    )
}

#[test]
fn a_date_with_day_thirteen_decides_its_column() {
    let file = interactions(
        &["04/10/2019 09:00", "13/10/2019 09:00"],
        &ImportOptions::default(),
    )
    .unwrap();
    assert_eq!(
        starts(&file),
        [
            datetime(2019, 10, 4, 9, 0, 0, 0),
            datetime(2019, 10, 13, 9, 0, 0, 0)
        ]
    );
    assert_eq!(
        note(&file),
        (
            "date_order_proven",
            Action::Inferred,
            "read as day/month/year; dates that can only be day/month/year: 1 (the first is \
             \"13/10/2019 09:00\" in row 3); only month/day/year: 0; that fit both: 1 (the first is \
             \"04/10/2019 09:00\" in row 2)"
        )
    );
}

#[test]
fn a_proof_beats_the_setting() {
    let file = interactions(
        &["04/10/2019 09:00", "10/13/2019 09:00"],
        &ImportOptions::default(),
    )
    .unwrap();
    assert_eq!(
        starts(&file),
        [
            datetime(2019, 4, 10, 9, 0, 0, 0),
            datetime(2019, 10, 13, 9, 0, 0, 0)
        ]
    );
    assert_eq!(file.date_order, DateOrder::Mdy);
    assert_eq!(note(&file).0, "date_order_proven");
}

#[rstest]
#[case(DateOrder::Dmy, datetime(2019, 10, 4, 9, 0, 0, 0))]
#[case(DateOrder::Mdy, datetime(2019, 4, 10, 9, 0, 0, 0))]
fn the_setting_decides_what_nothing_proves(#[case] date_order: DateOrder, #[case] start: DateTime) {
    let options = ImportOptions {
        date_order,
        ..ImportOptions::default()
    };
    let file = interactions(&["04/10/2019 09:00", "05/05/2019 09:00"], &options).unwrap();
    assert_eq!(starts(&file)[0], start);
    let (rule, action, detail) = note(&file);
    assert_eq!((rule, action), ("date_order_assumed", Action::Ambiguous));
    assert!(
        detail.ends_with("dates that fit both: 1 (the first is \"04/10/2019 09:00\" in row 2)"),
        "{detail}"
    );
}

#[test]
fn dates_with_one_reading_need_no_note() {
    let file = interactions(
        &["2019-10-04 09:00", "05/05/2019 09:00"],
        &ImportOptions::default(),
    )
    .unwrap();
    assert!(file.rows.iter().all(|row| row.number > 0));
}

/// The form that is noted on the dates of a file.
fn form(lines: &[&str]) -> Vec<String> {
    let file = clean_lines(lines, &ImportOptions::default()).unwrap();
    let notes = file.rows.into_iter().filter(|row| row.number == 0);
    notes
        .flat_map(|row| row.entries)
        .filter(|entry| entry.rule == Rule::FormFound)
        .map(|entry| {
            assert_eq!(entry.cell.as_deref(), Some("A1"));
            assert!(entry.before.is_none() && entry.field.is_some());
            entry.after.unwrap()
        })
        .collect()
}

#[test]
fn a_date_in_another_form_than_its_column_keeps_its_text() {
    let lines = [
        INTERACTIONS,
        "4.1.2019 9:05 pm;Call;1;;",
        "04/10/2019 09:00;Call;1;;",
        "2019-10-04T09:00:01;Call;1;;",
        "13/10/2019 09:00;Call;1;;",
        "12/10/2019 9:00;Call;1;;",
        " 12/10/2019 9:00;Call;1;;",
        "12/10/2019;Call;1;;",
        "soon;Call;1;;",
    ];
    assert_eq!(form(&lines), ["DD/MM/YYYY HH:MM"]);
    let file = csv(&lines);
    for (row, before, after) in [
        (2, "4.1.2019 9:05 pm", "2019-01-04 21:05:00"),
        (4, "2019-10-04T09:00:01", "2019-10-04 09:00:01"),
        (6, "12/10/2019 9:00", "2019-10-12 09:00:00"),
    ] {
        assert_eq!(
            entries(&file, row),
            [("date_rewritten", Some(before), Some(after))]
        );
    }
    assert_eq!(entries(&file, 3), []);
    assert_eq!(entries(&file, 5), []);
    // Another entry has the text already.
    for (row, rule) in [
        (7, "white_space_trimmed"),
        (8, "time_missing"),
        (9, "date_unreadable"),
    ] {
        assert_eq!(
            entries(&file, row)
                .iter()
                .map(|entry| entry.0)
                .collect::<Vec<_>>(),
            [rule]
        );
    }
    let rewritten = file.rows.iter().find(|row| row.number == 2).unwrap();
    assert_eq!(rewritten.entries[0].action, Action::Inferred);
    assert_eq!(rewritten.entries[0].cell.as_deref(), Some("A2"));
}

#[test]
fn the_form_of_a_column_is_that_of_most_dates() {
    let row = |date: &str| format!("{date};Call;1;;");
    for (dates, expected) in [
        // A day below ten has one digit twice and two digits once; the only such month has one.
        (
            &["4/1/2019 9:00", "04/10/2019 9:00", "5/10/2019 10:00"][..],
            "D/M/YYYY H:MM",
        ),
        (&["13/12/2019 10:00"], "DD/MM/YYYY HH:MM"),
        (&["10/13/2019 10:00", "2/3/2019 10:00"], "M/D/YYYY HH:MM"),
        (
            &["2019-10-04", "soon", "soon", "31/02/2019", "31/02/2019"],
            "YYYY-MM-DD",
        ),
        (&["2019-10-04", "4/10/2019"], "YYYY-MM-DD"),
    ] {
        let rows: Vec<String> = dates.iter().map(|date| row(date)).collect();
        let lines = [INTERACTIONS]
            .into_iter()
            .chain(rows.iter().map(String::as_str));
        assert_eq!(form(&lines.collect::<Vec<_>>()), [expected], "{dates:?}");
    }
    assert_eq!(form(&[INTERACTIONS, "soon;Call;1;;"]), Vec::<String>::new());
    assert_eq!(
        form(&[
            "Date,Product",
            "01-2019,Sand",
            "2-2019,Sand",
            "Mar 2019,Sand"
        ]),
        ["MM-YYYY"]
    );
}

#[test]
fn months_in_another_form_keep_their_text() {
    let file = csv(&[
        "Date,Product",
        "01-2019,Sand",
        "2-2019,Sand",
        "2019-03-01,Sand",
        "01/04/2019 00:00,Sand",
        "Sept 2019,Sand",
        "12-2019,Sand",
    ]);
    assert_eq!(entries(&file, 2), []);
    assert_eq!(entries(&file, 7), []);
    for (row, before, after) in [
        (3, "2-2019", "2019-02-01"),
        (4, "2019-03-01", "2019-03-01"),
        (5, "01/04/2019 00:00", "2019-04-01"),
        (6, "Sept 2019", "2019-09-01"),
    ] {
        assert_eq!(
            entries(&file, row),
            [("date_rewritten", Some(before), Some(after))]
        );
    }
}

#[test]
fn a_column_in_two_orders_is_refused_with_both_examples() {
    let error = interactions(
        &["13/10/2019", "01/02/2019", "10/14/2019"],
        &ImportOptions::default(),
    )
    .unwrap_err();
    let Error::MixedDateOrder {
        sheet,
        column,
        day_first,
        month_first,
    } = error
    else {
        panic!("{error}");
    };
    assert_eq!(
        (
            sheet.as_str(),
            column.as_str(),
            day_first.as_str(),
            month_first.as_str()
        ),
        (
            "file",
            "Date Start",
            "\"13/10/2019\" in row 2",
            "\"10/14/2019\" in row 4"
        )
    );
}

#[test]
fn a_column_of_date_cells_has_no_form() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    for (name, headers) in [
        ("C", &["Customer Id", "Occupation", "Type"][..]),
        ("V", &["Date Start", "Interaction", "Customers"]),
        ("P", &["Date", "Product"]),
    ] {
        let sheet = workbook.add_worksheet().set_name(name).unwrap();
        sheet.write_row(0, 0, headers.iter().copied()).unwrap();
        if name == "P" {
            let date = rust_xlsxwriter::ExcelDateTime::parse_from_str("2019-10-01").unwrap();
            let format = rust_xlsxwriter::Format::new().set_num_format("mm-yyyy");
            sheet
                .write_datetime_with_format(1, 0, &date, &format)
                .unwrap();
            sheet.write_string(1, 1, "Sand").unwrap();
        }
    }
    let content = workbook.save_to_buffer().unwrap();
    let options = ImportOptions::default();
    let file = clean_file(&content, "w.xlsx", Format::Xlsx, &options, &mut |_| ()).unwrap();
    assert_eq!(records(&file, 2).len(), 1);
    let rules: Vec<Rule> = file
        .rows
        .iter()
        .flat_map(|row| &row.entries)
        .map(|entry| entry.rule)
        .collect();
    assert!(
        rules.iter().all(|rule| *rule == Rule::HeaderMapped),
        "{rules:?}"
    );
}

#[test]
fn a_date_that_does_not_exist_proves_nothing() {
    let file = interactions(&["31/02/2019", "10/13/2019"], &ImportOptions::default()).unwrap();
    assert_eq!(file.date_order, DateOrder::Mdy);
    assert_eq!(entries(&file, 2)[0].0, "date_unreadable");
}

#[test]
fn the_time_of_day_that_a_month_leaves_out_is_entered() {
    let file = csv(&[
        "Date,Product",
        "2019-04-01 09:30,Sand",
        "01/04/2019 09:30,Sand",
        "2019-04-01 00:00,Sand",
    ]);
    for (row, before) in [(2, "2019-04-01 09:30"), (3, "01/04/2019 09:30")] {
        assert_eq!(
            entries(&file, row),
            [("month_of_date", Some(before), Some("2019-04-01"))]
        );
    }
    assert_eq!(entries(&file, 4), []);
}

#[test]
fn full_dates_stand_for_months_in_the_order_of_their_column() {
    let file = csv(&["Date,Product", "03/04/2019,Sand", "13/04/2019,Sand"]);
    let april = Record::Product {
        month: Date::constant(2019, 4, 1),
        product: "Sand".to_owned(),
        extra: None,
    };
    assert_eq!(
        (records(&file, 2), records(&file, 3)),
        (vec![&april], vec![&april])
    );
    assert_eq!(
        entries(&file, 2),
        [("month_of_date", Some("03/04/2019"), Some("2019-04-01"))]
    );
    assert_eq!(
        entries(&file, 0),
        [("date_order_proven", None, Some("DMY"))]
    );
}
