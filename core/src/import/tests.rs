//! What a whole file becomes, with values worked out by hand.

use jiff::civil::datetime;

use super::*;
use crate::ledger::{Action, Rule};

mod accounted;
mod dates;
mod extra;
mod labels;
mod lossless;
mod near_misses;
mod notes;
mod policies;
mod sheets;
mod streaming;

/// Leaves out the notes that every file has; the tests of notes look at those.
fn without_usual_notes(mut file: CleanedFile) -> CleanedFile {
    let usual = [
        Rule::HeaderMapped,
        Rule::EncodingDetected,
        Rule::DelimiterDetected,
        Rule::FormFound,
    ];
    file.rows
        .retain(|row| row.number > 0 || !usual.contains(&row.entries[0].rule));
    file
}

/// Cleans a delimited file with the default options.
fn csv(lines: &[&str]) -> CleanedFile {
    try_csv(lines, &ImportOptions::default()).unwrap()
}

fn try_csv(lines: &[&str], options: &ImportOptions) -> Result<CleanedFile, Error> {
    clean_lines(lines, options).map(without_usual_notes)
}

/// Cleans a delimited file, with all of its notes.
fn clean_lines(lines: &[&str], options: &ImportOptions) -> Result<CleanedFile, Error> {
    clean_file(
        lines.join("\n").as_bytes(),
        "file.csv",
        Format::Csv,
        options,
        &mut |_| (),
    )
}

/// The entries of a row, as rule, before and after.
fn entries(file: &CleanedFile, number: u32) -> Vec<(&str, Option<&str>, Option<&str>)> {
    file.rows
        .iter()
        .filter(|row| row.number == number)
        .flat_map(|row| &row.entries)
        .map(|entry| {
            (
                entry.rule.name(),
                entry.before.as_deref(),
                entry.after.as_deref(),
            )
        })
        .collect()
}

fn records(file: &CleanedFile, number: u32) -> Vec<&Record> {
    file.rows
        .iter()
        .filter(|row| row.number == number)
        .filter_map(|row| row.record.as_ref())
        .collect()
}

const INTERACTIONS: &str = "Date Start;Interaction;Customers;Topic;Sentiment";

#[test]
fn a_clean_row_has_no_entries() {
    let file = csv(&[
        INTERACTIONS,
        "2019-10-04 09:00;Email;1;Drug Interaction Concerns;Negative",
    ]);
    assert_eq!(file.rows.len(), 1);
    assert_eq!(
        file.rows[0],
        CleanRow {
            sheet: Arc::from("file"),
            number: 2,
            is_repeat: false,
            record: Some(Record::Interaction {
                customer_id: 1,
                occurred_at: datetime(2019, 10, 4, 9, 0, 0, 0),
                channel: Some("Email".to_owned()),
                topic: Some("Drug Interaction Concerns".to_owned()),
                sentiment: Some("Negative".to_owned()),
                notes: None,
                extra: None,
            }),
            entries: vec![],
        }
    );
    assert_eq!((file.rows_read, file.date_order), (1, DateOrder::Dmy));
}

#[test]
fn every_repair_of_a_row_is_entered() {
    let file = csv(&[
        INTERACTIONS,
        "2019-10-04;  email ;12in;cafÃ©;\u{a0}positive",
    ]);
    assert_eq!(
        entries(&file, 2),
        [
            (
                "time_missing",
                Some("2019-10-04"),
                Some("2019-10-04 00:00:00")
            ),
            ("stray_text_removed", Some("12in"), Some("12")),
            ("white_space_trimmed", Some("  email "), Some("Email")),
            ("standard_spelling", Some("  email "), Some("Email")),
            ("mojibake_repaired", Some("cafÃ©"), Some("café")),
            (
                "no_break_spaces_replaced",
                Some("\u{a0}positive"),
                Some("Positive")
            ),
            (
                "white_space_trimmed",
                Some("\u{a0}positive"),
                Some("Positive")
            ),
            (
                "standard_spelling",
                Some("\u{a0}positive"),
                Some("Positive")
            ),
        ]
    );
    let columns: Vec<_> = file.rows[0]
        .entries
        .iter()
        .map(|entry| entry.column.as_deref().unwrap())
        .collect();
    assert_eq!(columns[..3], ["Date Start", "Customers", "Interaction"]);
    let places: Vec<_> = file.rows[0]
        .entries
        .iter()
        .map(|entry| (entry.cell.as_deref().unwrap(), entry.field.unwrap()))
        .collect();
    assert_eq!(
        places,
        [
            ("A2", "occurred_at"),
            ("C2", "customer_id"),
            ("B2", "channel"),
            ("B2", "channel"),
            ("D2", "topic"),
            ("E2", "sentiment"),
            ("E2", "sentiment"),
            ("E2", "sentiment"),
        ]
    );
}

#[test]
fn a_row_with_several_customers_is_split() {
    let file = csv(&[INTERACTIONS, "2019-10-04 09:00;Call;1, 4;Efficacy;"]);
    let split: Vec<_> = file
        .rows
        .iter()
        .map(|row| (row.number, row.entries.len()))
        .collect();
    assert_eq!(split, [(2, 1), (2, 0)]);
    assert_eq!(
        entries(&file, 2),
        [("several_customers_split", Some("1, 4"), Some("1, 4"))]
    );
    assert_eq!(file.rows[0].entries[0].action, Action::Split);
    let ids: Vec<i64> = records(&file, 2)
        .into_iter()
        .map(|record| match record {
            Record::Interaction {
                customer_id,
                topic: Some(topic),
                sentiment: None,
                ..
            } if topic == "Efficacy" => *customer_id,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(ids, [1, 4]);
    assert_eq!(file.rows_read, 1);
}

#[test]
fn rows_that_cannot_be_loaded_are_kept_in_the_ledger() {
    let file = csv(&[
        INTERACTIONS,
        "2019-10-04 09:00;Call;none;Efficacy;",
        "31/02/2019 10:00;Call;;Efficacy;",
        ";Call;1;;",
        "2019-10-04 09:00;Call;7;;",
    ]);
    assert_eq!(
        entries(&file, 2),
        [("customer_unreadable", Some("none"), None)]
    );
    assert_eq!(
        file.rows[0].entries[0].detail.as_deref().unwrap(),
        "\"none\" holds no customer id; the row is {\"Date Start\":\"2019-10-04 09:00\",\
         \"Interaction\":\"Call\",\"Customers\":\"none\",\"Topic\":\"Efficacy\"}"
    );
    assert_eq!(
        entries(&file, 3),
        [
            ("date_unreadable", Some("31/02/2019 10:00"), None),
            ("customer_missing", None, None)
        ]
    );
    assert_eq!(
        file.rows[1].entries[1].detail.as_deref().unwrap(),
        "\"Customers\" is empty"
    );
    assert_eq!(entries(&file, 4), [("date_missing", None, None)]);
    assert_eq!(records(&file, 5).len(), 1);
    assert!(file.rows[..3].iter().all(|row| {
        row.record.is_none()
            && row
                .entries
                .iter()
                .all(|entry| entry.action == Action::Rejected)
    }));
}

#[test]
fn customers_may_lack_everything_but_their_id() {
    let file = csv(&[
        "customer_id,OCCUPATION,Type",
        "1,Jedi,Red",
        "2,,",
        "3,  ,Blue",
        ",Jedi,Red",
    ]);
    let customer =
        |customer_id, occupation: Option<&str>, customer_type: Option<&str>| Record::Customer {
            customer_id,
            occupation: occupation.map(str::to_owned),
            customer_type: customer_type.map(str::to_owned),
            extra: None,
        };
    assert_eq!(records(&file, 2), [&customer(1, Some("Jedi"), Some("Red"))]);
    assert_eq!(records(&file, 3), [&customer(2, None, None)]);
    assert_eq!(records(&file, 4), [&customer(3, None, Some("Blue"))]);
    assert_eq!(entries(&file, 4), []);
    assert_eq!(entries(&file, 5), [("customer_missing", None, None)]);
}

#[test]
fn products_need_a_month_and_a_name() {
    let file = csv(&[
        "Date,Product",
        "01-2019,Sand",
        "Feb 2019, sand",
        "13-2019,Sand",
        "01-2019,",
    ]);
    let month = |month| Record::Product {
        month: Date::constant(2019, month, 1),
        product: "Sand".to_owned(),
        extra: None,
    };
    assert_eq!(records(&file, 2), [&month(1)]);
    assert_eq!(records(&file, 3), [&month(2)]);
    assert_eq!(
        entries(&file, 3),
        [
            ("date_rewritten", Some("Feb 2019"), Some("2019-02-01")),
            ("white_space_trimmed", Some(" sand"), Some("Sand")),
            ("commonest_spelling", Some(" sand"), Some("Sand")),
        ]
    );
    assert_eq!(
        entries(&file, 4),
        [("month_unreadable", Some("13-2019"), None)]
    );
    assert_eq!(entries(&file, 5), [("product_missing", None, None)]);
}

#[test]
fn notes_keep_their_lines() {
    let file = csv(&[
        "Date Start;Interaction;Customers;Notes",
        "2019-10-04 09:00;Call;1;\"one\ntwo \"",
    ]);
    let Some(Record::Interaction { notes, .. }) = &file.rows[0].record else {
        panic!()
    };
    assert_eq!(notes.as_deref(), Some("one\ntwo"));
    assert_eq!(
        entries(&file, 2),
        [("white_space_trimmed", Some("one\ntwo "), Some("one\ntwo"))]
    );
}

#[test]
fn notes_of_dirt_alone_are_empty_and_entered() {
    let file = csv(&[
        "Date Start;Interaction;Customers;Notes",
        "2019-10-04 09:00;Call;1;\u{200b}",
        "2019-10-04 09:00;Call;1;\"one\r\ntwo\"",
    ]);
    assert!(matches!(
        records(&file, 2)[..],
        [Record::Interaction { notes: None, .. }]
    ));
    assert_eq!(
        entries(&file, 2),
        [("invisible_characters_removed", Some("\u{200b}"), None)]
    );
    assert_eq!(
        entries(&file, 3),
        [("line_breaks_unified", Some("one\r\ntwo"), Some("one\ntwo"))]
    );
}

#[test]
fn a_split_may_not_multiply_a_file() {
    let notes = "x".repeat(100_000);
    let ids = (1..=100)
        .map(|id| id.to_string())
        .collect::<Vec<_>>()
        .join(";");
    let line = format!("2019-10-04 09:00,Call,{ids},{notes}");
    let lines = ["Date Start,Interaction,Customers,Notes", &line];
    let mut options = ImportOptions::default();
    assert_eq!(try_csv(&lines, &options).unwrap().rows.len(), 100);
    // One file's worth may be repeated, and this is ninety-nine.
    options.limits.file_bytes = 200_000;
    let error = try_csv(&lines, &options).unwrap_err().to_string();
    assert!(
        error.starts_with("the text repeated for rows with several customers"),
        "{error}"
    );
}

#[test]
fn progress_never_falls_and_ends_at_a_hundred() {
    let mut lines = vec!["Date,Product"];
    lines.extend(std::iter::repeat_n("01-2019,Sand", 20_000));
    let mut seen = Vec::new();
    let content = lines.join("\n");
    let options = ImportOptions::default();
    clean_file(
        content.as_bytes(),
        "f.csv",
        Format::Csv,
        &options,
        &mut |progress| seen.push((progress.percent, progress.rows)),
    )
    .unwrap();
    assert!(seen.is_sorted());
    assert!(seen.len() > 30);
    assert_eq!(seen.last(), Some(&(100, 20_000)));
    // Nothing is handed out in the first half.
    assert!(
        seen.iter()
            .all(|(percent, rows)| (*percent < 50) == (*rows == 0)),
        "{seen:?}"
    );
}
