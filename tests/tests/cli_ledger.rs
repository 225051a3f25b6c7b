//! What an import did, on the command line: its quality, its ledger, and the way back.

use rapport_tests::command::{argument, rapport};
use rapport_tests::{Database, fixture};
use serde_json::Value;

/// A file with two cells that a spreadsheet would execute, and one that a terminal would obey.
fn hostile() -> Vec<u8> {
    fixture::csv(&[
        "Customer Id,Occupation,Type",
        "1,  =1+1,Red",
        "2,  @SUM(A1),Red",
        "3,\"a\u{1b}[31m  b\",Red",
    ])
}

#[tokio::test]
async fn a_ledger_is_a_table_csv_json_or_a_workbook() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let entries = session
        .number("SELECT count(*) FROM crm.ledger WHERE import_id = 1")
        .await;
    let folder = tempfile::tempdir().unwrap();

    let table = rapport(&database.url, &["ledger", "1"]).succeeded().stdout;
    for part in [
        "unknown_customer",
        "External Interactions",
        "Prescription  Guidelines",
    ] {
        assert!(table.contains(part), "\"{part}\" is not in:\n{table}");
    }

    let lines = rapport(&database.url, &["ledger", "1", "--format", "json"])
        .succeeded()
        .stdout;
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len() as i64, entries);
    // The keys are those of the HTTP API.
    let report = session
        .json("SELECT rapport.import_report(1, 0, 1000) -> 'ledger'")
        .await;
    assert_eq!(Value::Array(lines), report);

    let file = folder.path().join("ledger.csv");
    let told = rapport(&database.url, &["ledger", "1", "--output", argument(&file)]).succeeded();
    assert!(told.stdout.is_empty(), "{told:?}");
    let mut csv = csv::Reader::from_path(&file).unwrap();
    let header = csv.headers().unwrap().clone();
    let records: Vec<_> = csv.records().map(Result::unwrap).collect();
    assert_eq!(records.len() as i64, entries);
    let column = |name: &str| header.iter().position(|found| found == name).unwrap();
    let unknown = records
        .iter()
        .find(|record| &record[column("rule")] == "unknown_customer")
        .unwrap();
    assert_eq!(&unknown[column("before")], "99");

    let file = folder.path().join("ledger.xlsx");
    rapport(&database.url, &["ledger", "1", "--output", argument(&file)]).succeeded();
    let sheet = entry(&file, "xl/worksheets/sheet1.xml");
    assert_eq!(sheet.matches("<row ").count() as i64, entries + 1);
    assert!(sheet.contains("unknown_customer") && !sheet.contains("<f>"));
}

/// Reads an entry of a workbook.
fn entry(path: &std::path::Path, name: &str) -> String {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    std::io::read_to_string(archive.by_name(name).unwrap()).unwrap()
}

#[tokio::test]
async fn no_export_holds_a_formula_and_no_table_moves_the_cursor() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let outcome = session.import_csv(&hostile(), "h.csv").await.unwrap();
    let id = outcome["import_id"].to_string();
    let csv = rapport(&database.url, &["ledger", &id, "--format", "csv"])
        .succeeded()
        .stdout;
    for formula in ["=1+1", "@SUM(A1)"] {
        assert!(csv.contains(formula), "{csv}");
        assert!(!csv.contains(&format!(",{formula}")), "{csv}");
        assert!(!csv.contains(&format!(",\"{formula}")), "{csv}");
    }
    assert!(csv.contains(",'=1+1"), "{csv}");
    // What is stored is what the file says.
    let stored = "SELECT occupation FROM crm.customers WHERE customer_id = 1";
    assert_eq!(session.value(stored).await.as_deref(), Some("=1+1"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("l.xlsx");
    rapport(&database.url, &["ledger", &id, "--output", argument(&file)]).succeeded();
    let sheet = entry(&file, "xl/worksheets/sheet1.xml");
    assert!(
        sheet.contains(">'=1+1<") && !sheet.contains(">=1+1<"),
        "{sheet}"
    );
    for arguments in [["ledger", &id], ["quality", &id]] {
        let shown = rapport(&database.url, &arguments).succeeded();
        assert!(!shown.stdout.contains('\u{1b}'), "{shown:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_written_is_told_and_leaves_no_file() {
    let database = Database::with_sample().await;
    let folder = tempfile::tempdir().unwrap();
    let unknown = folder.path().join("unknown.csv");
    let finished = rapport(
        &database.url,
        &["ledger", "4711", "--output", argument(&unknown)],
    );
    assert_eq!(finished.code, 1, "{finished:?}");
    assert!(finished.stderr.contains("4711"), "{finished:?}");
    assert!(!unknown.exists());
    let nowhere = folder.path().join("absent/ledger.csv");
    let finished = rapport(
        &database.url,
        &["ledger", "1", "--output", argument(&nowhere)],
    );
    assert_eq!(finished.code, 1, "{finished:?}");
    assert!(
        finished.stderr.contains("cannot be written"),
        "{finished:?}"
    );
    for verb in ["quality", "undo"] {
        let finished = rapport(&database.url, &[verb, "4711"]);
        assert_eq!(finished.code, 1, "{finished:?}");
        assert!(
            finished.stdout.is_empty() && finished.stderr.contains("4711"),
            "{finished:?}"
        );
    }
}

#[tokio::test]
async fn quality_is_told_rule_by_rule() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let table = rapport(&database.url, &["quality", "1"]).succeeded().stdout;
    for part in ["stray_text_removed", "12in", "12"] {
        assert!(table.contains(part), "\"{part}\" is not in:\n{table}");
    }
    let lines = rapport(&database.url, &["quality", "1", "--format", "json"])
        .succeeded()
        .stdout;
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let entries: i64 = lines
        .iter()
        .filter_map(|line| line["entries"].as_i64())
        .sum();
    let all = session.number("SELECT count(*) FROM crm.ledger WHERE import_id = 1");
    assert_eq!(entries, all.await);
}

#[tokio::test]
async fn an_import_is_taken_back_unless_another_builds_on_it() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let customers = fixture::csv(&["Customer Id,Occupation,Type", "1,Jedi,Red"]);
    let first = session.import_csv(&customers, "c.csv").await.unwrap();
    let interactions = fixture::csv(&[
        "Date Start,Interaction,Customers,Topic,Sentiment",
        "01/02/2020 10:00,Email,1,Side Effects Discussion,Neutral",
    ]);
    let second = session.import_csv(&interactions, "i.csv").await.unwrap();
    let (first, second) = (
        first["import_id"].to_string(),
        second["import_id"].to_string(),
    );

    let refused = rapport(&database.url, &["undo", &first]);
    assert_eq!(refused.code, 1, "{refused:?}");
    for part in [
        "detail:",
        "i.csv",
        "interactions of customers that came with it: 1",
    ] {
        assert!(refused.stderr.contains(part), "\"{part}\": {refused:?}");
    }
    assert_eq!(
        session.number("SELECT count(*) FROM crm.customers").await,
        1
    );

    let undone = rapport(&database.url, &["undo", &second, "--format", "json"])
        .succeeded()
        .json();
    assert_eq!(undone["interactions_removed"], 1, "{undone:#}");
    let table = rapport(&database.url, &["undo", &first]).succeeded().stdout;
    assert!(table.contains("customers removed"), "{table}");
    assert_eq!(
        session.number("SELECT count(*) FROM crm.customers").await,
        0
    );
    let again = rapport(&database.url, &["undo", &first]);
    assert_eq!(again.code, 1, "{again:?}");
    assert!(again.stderr.contains("undone already"), "{again:?}");
}
