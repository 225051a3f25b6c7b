//! What cleaning decided, read back: counted by rule, and as a file.

use rapport_tests::Database;
use rapport_tests::books::import_interactions as import;
use rapport_tests::database::table;

#[tokio::test]
async fn the_ledger_as_csv_is_safe_to_open() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "one.csv",
        &[
            "2020-01-13 09:00,Email,1, =SUM(A1),",
            "2020-01-13 09:00,Email,n/a,\"a\"\"b, c\",",
        ],
    )
    .await;
    let lines: Vec<String> = session
        .rows("SELECT rapport.ledger_csv(1)")
        .await
        .into_iter()
        .map(|row| row[0].clone().unwrap())
        .collect();
    let entries = session.number("SELECT count(*) FROM crm.ledger").await;
    assert_eq!(lines.len() as i64, 1 + entries);
    let text = lines.join("\n");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header: Vec<String> = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_owned)
        .collect();
    let place = |name: &str| {
        header
            .iter()
            .position(|other| other == name)
            .unwrap_or_else(|| panic!("{name}: {header:?}"))
    };
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len() as i64, entries);
    let trimmed = records
        .iter()
        .find(|record| &record[place("rule")] == "white_space_trimmed")
        .unwrap();
    // Stored as it is, and shown behind an apostrophe.
    assert_eq!(&trimmed[place("before")], "' =SUM(A1)");
    assert_eq!(&trimmed[place("after")], "'=SUM(A1)");
    assert_eq!(&trimmed[place("cell")], "D2");
    assert_eq!(
        session
            .value("SELECT topic FROM crm.interactions")
            .await
            .as_deref(),
        Some("=SUM(A1)")
    );
    let rejected = records
        .iter()
        .find(|record| &record[place("action")] == "rejected")
        .unwrap();
    assert!(
        rejected[place("detail")].contains(r#"a\"b, c"#),
        "{rejected:?}"
    );
    assert_eq!(
        session.fault("SELECT rapport.ledger_csv(4711)").await.code,
        "P0002"
    );
}

#[tokio::test]
async fn the_report_counts_cells_and_rows_of_each_column() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "one.csv",
        &[
            "2020-01-13 09:00,Email,1,Drug  Efficacy,",
            "2020-01-14 09:00,Email,1,Drug   Efficacy,Very  good",
            "2020-01-15 09:00,Email,nobody,,",
            "2020-01-15 09:00,Email,12in,,",
        ],
    )
    .await;
    assert_eq!(
        session
            .rows(
                "SELECT header, field, severity, rule, entries, rows, example_cell, example_before, example_after
                 FROM rapport.quality_report(1)"
            )
            .await,
        table(&[
            ["Customers", "customer_id", "error", "customer_unreadable", "1", "1", "C4", "nobody", "NULL"],
            ["Customers", "customer_id", "warning", "unknown_customer", "2", "2", "C2", "1", "1"],
            ["Customers", "customer_id", "warning", "stray_text_removed", "1", "1", "C5", "12in", "12"],
            ["Date Start", "occurred_at", "info", "date_form_found", "1", "0", "A1", "NULL", "YYYY-MM-DD HH:MM"],
            ["NULL", "NULL", "info", "delimiter_detected", "1", "0", "NULL", "NULL", "comma"],
            ["NULL", "NULL", "info", "encoding_detected", "1", "0", "NULL", "NULL", "UTF-8"],
            ["Date Start", "occurred_at", "info", "header_mapped", "1", "0", "A1", "Date Start", "occurred_at"],
            ["Interaction", "channel", "info", "header_mapped", "1", "0", "B1", "Interaction", "channel"],
            ["Customers", "customer_id", "info", "header_mapped", "1", "0", "C1", "Customers", "customer_id"],
            ["Topic", "topic", "info", "header_mapped", "1", "0", "D1", "Topic", "topic"],
            ["Sentiment", "sentiment", "info", "header_mapped", "1", "0", "E1", "Sentiment", "sentiment"],
            ["Topic", "topic", "info", "white_space_folded", "2", "2", "D2", "Drug  Efficacy", "Drug Efficacy"],
            ["Sentiment", "sentiment", "info", "white_space_folded", "1", "1", "E3", "Very  good", "Very good"],
        ])
    );
    // All imports in force, and each for itself, say the same.
    import(
        &mut session,
        "two.csv",
        &["2020-01-16 09:00,Email,1, Dosage,"],
    )
    .await;
    assert_eq!(
        session.rows("SELECT q.* FROM rapport.quality_report() AS q").await,
        session
            .rows("SELECT q.* FROM generate_series(1, 2) AS i, rapport.quality_report(i) AS q ORDER BY i")
            .await
    );
}
