//! Rows one by one, and what bounds the memory and the ledger of a hostile file.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;
use crate::ledger::Rule;

fn products(rows: impl IntoIterator<Item = String>) -> String {
    std::iter::once("Date,Product".to_owned())
        .chain(rows)
        .collect::<Vec<_>>()
        .join("\n")
}

/// A sheet with so many readable rows, and as many unreadable ones behind them.
fn mixed(readable: usize, unreadable: usize) -> String {
    products(
        std::iter::repeat_n("01-2019,Sand".to_owned(), readable)
            .chain((1..=unreadable).map(|row| format!("bad {row},Sand"))),
    )
}

fn start<'c>(
    content: &'c str,
    progress: impl FnMut(Progress) + 'c,
) -> Result<CleanRows<'c>, Error> {
    let options = ImportOptions::default();
    let input = Input::file(content.as_bytes(), Format::Csv);
    clean(input, "f.csv", options, progress)
}

#[test]
fn the_file_is_known_before_its_first_row() {
    let content = "Date Start,Interaction,Customers\n12/31/2019,Call,1\n01/02/2019,Call,1\n";
    let rows = start(content, |_| ()).unwrap();
    assert_eq!(rows.date_order(), DateOrder::Mdy);
    assert_eq!((rows.rows_read(), rows.sheets().len()), (2, 1));
    assert_eq!(rows.encoding(), Some("UTF-8"));
    assert_eq!(
        rows.filter(|row| row.as_ref().unwrap().number > 0).count(),
        2
    );
}

#[test]
fn progress_is_dropped_however_the_reading_ends() {
    struct Dropped<'d>(&'d Cell<bool>);
    impl Drop for Dropped<'_> {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }
    let dropped = Cell::new(false);
    let watched = || {
        dropped.set(false);
        let guard = Dropped(&dropped);
        move |progress: Progress| {
            let _ = &guard;
            assert!(progress.percent < 99, "the statement is cancelled");
        }
    };

    let good = mixed(100, 0);
    let mut rows = start(&good, watched()).unwrap();
    assert_eq!(rows.by_ref().take(99).count(), 99);
    assert!(!dropped.get());
    drop(rows);
    assert!(dropped.get());

    let broken = format!("{good}\n01-2019,\"Sand\n");
    assert!(start(&broken, watched()).is_err());
    assert!(dropped.get());

    // Fails at the end only, where 100 per cent is reported.
    let mut rows = start(&good, watched()).unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| rows.by_ref().count())).is_err());
    assert!(dropped.get());
    assert!(rows.next().is_none());
}

#[test]
fn a_sheet_of_unreadable_rows_is_refused() {
    let content = mixed(499, 501);
    let mut rows = start(&content, |_| ()).unwrap();
    let error = rows.by_ref().find_map(Result::err).unwrap();
    assert_eq!(
        error.to_string(),
        "more than half of the 1000 rows of sheet \"f\" cannot be read"
    );
    let Error::InvalidFile { detail, .. } = error else {
        panic!()
    };
    assert_eq!(
        detail.as_deref(),
        Some(
            "the first: row 501: \"bad 1\" is not a month; row 502: \"bad 2\" is not a month; row 503: \"bad 3\" is not a month"
        )
    );
    assert!(rows.next().is_none());
}

#[test]
fn half_of_a_sheet_or_a_small_one_may_be_unreadable() {
    for (readable, unreadable) in [(500, 500), (0, 999)] {
        let content = mixed(readable, unreadable);
        let rows: Vec<_> = start(&content, |_| ())
            .unwrap()
            .map(Result::unwrap)
            .filter(|row| row.number > 0)
            .collect();
        let rejected = rows.iter().filter(|row| row.record.is_none()).count();
        assert_eq!((rows.len(), rejected), (readable + unreadable, unreadable));
    }
}

#[test]
fn no_more_rows_are_handed_out_than_may_be_rejected() {
    let handed_out = |content: &str| {
        let rows = start(content, |_| ()).unwrap();
        let rows = rows.map_while(Result::ok).filter(|row| row.number > 0);
        rows.count()
    };
    // The first reading has seen that no date can be read: the examples are all that is wanted.
    assert_eq!(handed_out(&mixed(0, 10_000)), 2);
    // Customers are first looked at when they are read.
    let customers = format!("Customer Id,Occupation,Type\n{}", "x,,\n".repeat(10_000));
    assert_eq!(handed_out(&customers), 5_000);
}

/// The JSON text of the row that a rejection keeps.
fn kept_row(entry: &crate::ledger::Entry) -> &str {
    let detail = entry.detail.as_deref().unwrap();
    detail.split_once("the row is ").unwrap().1
}

#[test]
fn a_cell_as_long_as_excel_allows_is_kept_whole() {
    let cell = "ä".repeat(32_767);
    let file = csv(&["Date,Product,Note", &format!("{cell},Sand,{cell}")]);
    let entry = &file.rows[1].entries[0];
    assert_eq!(entry.rule, Rule::MonthUnreadable);
    assert_eq!(entry.before.as_deref(), Some(cell.as_str()));
    let row: serde_json::Value = serde_json::from_str(kept_row(entry)).unwrap();
    assert_eq!(
        row,
        serde_json::json!({"Date": cell, "Product": "Sand", "Note": cell})
    );
}

#[test]
fn a_longer_rejected_row_is_cut_in_the_ledger() {
    let cell = "ä".repeat(32_768);
    let cells = [cell.as_str(); 5].join(",");
    let file = csv(&["Date,Product,1,2,3,4", &format!("{cells},x")]);
    let entry = &file.rows[4].entries[0];
    assert_eq!(entry.before.as_deref(), Some(cell.as_str()));
    let row = kept_row(entry);
    assert!(row.starts_with("{\"Date\":\"ää"));
    assert!(row.ends_with("ä…"));
    // 256 kB and the mark, which has three bytes; a letter may not be cut in two.
    let bytes = 256 * 1024 + '…'.len_utf8();
    assert!((bytes - 1..=bytes).contains(&row.len()), "{}", row.len());
}

#[test]
fn a_short_rejected_row_is_whole() {
    let note = "n".repeat(1_900);
    let file = csv(&["Date,Product,Note", &format!("x,\"a \"\"b\"\"\",{note}")]);
    let detail = file.rows[1].entries[0].detail.clone().unwrap();
    let (_, row) = detail.split_once("the row is ").unwrap();
    let row: serde_json::Value = serde_json::from_str(row).unwrap();
    assert_eq!(
        row,
        serde_json::json!({"Date": "x", "Product": "a \"b\"", "Note": note})
    );
}

#[test]
fn a_column_of_free_text_is_not_remembered() {
    let row = |topic: &str| format!("2019-10-04 09:00;Call;1;{topic};positive");
    let mut lines = vec![INTERACTIONS.to_owned()];
    lines.extend((0..50_001).map(|text| row(&format!("text {text}"))));
    lines.extend([row("SAFETY"), row("Safety"), row("Safety"), row(" x ")]);
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let file = csv(&lines);
    let note = &file.rows[0];
    assert_eq!(
        (note.number, note.entries[0].rule),
        (0, Rule::SpellingsNotCompared)
    );
    assert_eq!(note.entries[0].column.as_deref(), Some("Topic"));
    // Case stays, dirt goes, and the other columns are folded as ever.
    assert_eq!(
        entries(&file, 50_003),
        [("standard_spelling", Some("positive"), Some("Positive"))]
    );
    assert_eq!(
        entries(&file, 50_006),
        [
            ("white_space_trimmed", Some(" x "), Some("x")),
            ("standard_spelling", Some("positive"), Some("Positive"))
        ]
    );
}

#[test]
fn too_many_stored_labels_are_not_passed_over_in_silence() {
    let context: Context =
        serde_json::from_str(r#"{"known": {"topic": 20001, "channel": ["call"]}}"#).unwrap();
    let lines = [
        INTERACTIONS,
        "2019-10-04 09:00;Call;1;SAFETY;Positive",
        "2019-10-05 09:00;Call;1;Safety;Positive",
        "2019-10-06 09:00;Call;1;Safety;Positive",
    ];
    let file = try_csv(&lines, &ImportOptions::from(context)).unwrap();
    let note = &file.rows[0].entries[0];
    assert_eq!(note.rule, Rule::SpellingsNotCompared);
    assert_eq!(note.column.as_deref(), Some("Topic"));
    assert!(note.detail.as_deref().unwrap().starts_with("20001 labels"));
    // The column itself still says which spelling is the usual one.
    assert_eq!(
        entries(&file, 2),
        [
            ("known_spelling", Some("Call"), Some("call")),
            ("commonest_spelling", Some("SAFETY"), Some("Safety"))
        ]
    );
}

#[test]
fn a_column_of_long_texts_is_not_remembered() {
    let text = |number: usize| format!("{number:04}{}", "x".repeat(2_000));
    let mut lines = vec![INTERACTIONS.to_owned()];
    lines.extend((0..2_200).map(|number| format!("2019-10-04;Call;1;{};", text(number))));
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let file = csv(&lines);
    assert_eq!(file.rows[0].entries[0].rule, Rule::SpellingsNotCompared);
}
