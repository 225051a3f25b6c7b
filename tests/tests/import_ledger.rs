//! The books of an import: every record is accounted for, every decision has its line.

use rapport_tests::books::{
    INTERACTIONS as HEADER, balance, import_interactions as import, rules_agree, tables,
};
use rapport_tests::database::table;
use rapport_tests::{Database, fixture};
use serde_json::{Value, json};

#[tokio::test]
async fn every_record_is_loaded_merged_a_duplicate_or_rejected() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "stored.csv",
        &[
            "2020-01-13 09:00,Email,1,Drug Efficacy,",
            "2020-01-13 09:00,Email,2,,Positive",
        ],
    )
    .await;
    // Each file works on customers of its own, besides 1 and 2, which are stored.
    let cases: &[(&str, &[&str], [i64; 6])] = &[
        (
            "split",
            &["2020-02-01 09:00,Email,\"11, 12\",Dosage,"],
            [1, 2, 2, 0, 0, 0],
        ),
        (
            "half of a split is stored",
            &["2020-02-01 09:00,Email,11; 13,Dosage,"],
            [1, 2, 1, 0, 1, 0],
        ),
        (
            "the same row twice",
            &[
                "2020-02-01 09:00,Email,14,Dosage,",
                "2020-02-01 09:00,Email,14,Dosage,",
            ],
            [2, 2, 1, 0, 1, 0],
        ),
        (
            "a row that is stored",
            &[
                "2020-01-13 09:00,Email,1,Drug Efficacy,",
                "2020-02-01 09:00,Email,15,Dosage,",
            ],
            [2, 2, 1, 0, 1, 0],
        ),
        (
            "a gap within the file",
            &[
                "2020-02-01 09:00,Email,16,,Positive",
                "2020-02-01 09:00,Email,16,Dosage,",
            ],
            [2, 2, 1, 1, 0, 0],
        ),
        (
            "a gap of a stored row",
            &["2020-01-13 09:00,Email,2,Dosage,Positive"],
            [1, 1, 0, 1, 0, 0],
        ),
        (
            "a conflict",
            &["2020-01-13 09:00,Email,1,Dosage,"],
            [1, 1, 0, 1, 0, 0],
        ),
        (
            "a conflict and a gap count once",
            &["2020-01-13 09:00,Email,1,Dosage,Positive"],
            [1, 1, 0, 1, 0, 0],
        ),
        (
            "three versions of one row",
            &[
                "2020-02-01 09:00,Email,17,Dosage,",
                "2020-02-01 09:00,Email,17,Safety,",
                "2020-02-01 09:00,Email,17,Dosage,",
            ],
            [3, 3, 1, 1, 1, 0],
        ),
        (
            "rejects",
            &[
                "2020-02-01 09:00,Email,n/a,Dosage,",
                ",Email,18,Dosage,",
                "soon,Email,\"1,000\",Dosage,",
                "2020-02-01 09:00,Email,18,Dosage,",
            ],
            [4, 4, 1, 0, 0, 3],
        ),
        (
            "one customer named twice",
            &["2020-02-01 09:00,Email,19 and 19,Dosage,"],
            [1, 1, 1, 0, 0, 0],
        ),
        (
            "lines without anything are no rows",
            &[",,,,", "2020-02-01 09:00,Email,20,Dosage,", " , ,,,"],
            [1, 1, 1, 0, 0, 0],
        ),
        ("nothing but headers", &[], [0, 0, 0, 0, 0, 0]),
    ];
    for (name, lines, expected) in cases {
        let result = import(&mut session, name, lines).await;
        assert_eq!(balance(&result), *expected, "{name}: {result:#}");
        let stored = session
            .rows(&format!(
                "SELECT rows_read, records, loaded, merged, duplicates, rejected FROM crm.imports
                 WHERE import_id = {}",
                result["import_id"]
            ))
            .await;
        assert_eq!(
            stored,
            table(&[expected
                .map(|n| n.to_string())
                .each_ref()
                .map(String::as_str)]),
            "{name}"
        );
    }
}

#[tokio::test]
async fn customers_and_products_balance_too() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(&mut session, "stored.csv", &["2020-01-13 09:00,Email,1,,"]).await;
    let lines = [
        "Customer Id,Occupation,Type",
        "1,Jedi,Red",   // describes a placeholder
        "1,Jedi,Red",   // says it again
        "1,,Blue",      // contradicts
        "30,Baker,",    // is new
        "30,Baker,Red", // fills its gap
        "30,,",         // says nothing
        "x,Baker,Red",  // names nobody
    ];
    let result = session
        .import_csv(&fixture::csv(&lines), "customers.csv")
        .await
        .unwrap();
    assert_eq!(balance(&result), [7, 7, 1, 3, 2, 1], "{result:#}");
    assert_eq!(
        session
            .rows(
                "SELECT row_number, rule, cell, before, after FROM crm.ledger
                 WHERE import_id = 2 AND row_number IS NOT NULL ORDER BY row_number, field"
            )
            .await,
        table(&[
            ["2", "fill_gap", "C2", "NULL", "Red"],
            ["2", "fill_gap", "B2", "NULL", "Jedi"],
            ["2", "customer_described", "NULL", "NULL", "1"],
            ["3", "same_customer", "NULL", "1", "NULL"],
            ["4", "keep_first_value", "C4", "Blue", "Red"],
            ["6", "fill_gap", "C6", "NULL", "Red"],
            ["7", "same_customer", "NULL", "30", "NULL"],
            ["8", "customer_unreadable", "A8", "x", "NULL"],
        ])
    );

    let lines = [
        "Date,Product",
        "01-2020,Sand",
        "01-2020,Sand",
        "2020-01,sand",
        "13-2020,Sand",
        ",Sand",
        "02-2020,",
        "soon,",
    ];
    let result = session
        .import_csv(&fixture::csv(&lines), "products.csv")
        .await
        .unwrap();
    assert_eq!(balance(&result), [7, 7, 1, 0, 2, 4], "{result:#}");
    assert_eq!(
        session
            .rows(
                "SELECT DISTINCT row_number FROM crm.ledger
                 WHERE import_id = 3 AND action = 'rejected' ORDER BY 1"
            )
            .await,
        table(&[["5"], ["6"], ["7"], ["8"]])
    );
}

#[tokio::test]
async fn a_rejected_row_stands_in_the_ledger_whole() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let content = fixture::csv(&[
        "Date Start,Interaction,Customers,Topic,Sentiment,Region",
        "soon,Email,nobody,\"a \"\"topic\"\", quoted\",Positive,North",
        "2020-01-13 09:00,Email,1,,,",
    ]);
    session.import_csv(&content, "one.csv").await.unwrap();
    assert_eq!(
        session
            .rows(
                "SELECT cell, field, column_name, rule, severity, before, after FROM crm.ledger
                 WHERE row_number = 2 ORDER BY cell"
            )
            .await,
        table(&[
            [
                "A2",
                "occurred_at",
                "Date Start",
                "date_unreadable",
                "error",
                "soon",
                "NULL"
            ],
            [
                "C2",
                "customer_id",
                "Customers",
                "customer_unreadable",
                "error",
                "nobody",
                "NULL"
            ],
        ])
    );
    let detail = session
        .value("SELECT string_agg(detail, ' ') FROM crm.ledger WHERE row_number = 2")
        .await
        .unwrap();
    let start = detail.find('{').unwrap_or_else(|| panic!("{detail}"));
    let end = detail.rfind('}').unwrap();
    let row: Value = serde_json::from_str(&detail[start..=end]).unwrap();
    assert_eq!(
        row,
        json!({
            "Date Start": "soon", "Interaction": "Email", "Customers": "nobody",
            "Topic": "a \"topic\", quoted", "Sentiment": "Positive", "Region": "North",
        })
    );
}

#[tokio::test]
async fn entries_agree_with_the_table_of_rules() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    rules_agree(&mut session).await;
    assert_eq!(
        session
            .rows(
                "SELECT rule, severity, action, may_reject FROM rapport.cleaning_rules()
                 WHERE rule IN ('white_space_folded', 'customer_missing', 'fill_gap', 'keep_first_value',
                                'several_customers_split', 'date_order_assumed', 'near_miss_suggested')
                 ORDER BY rule"
            )
            .await,
        table(&[
            ["customer_missing", "error", "rejected", "f"],
            ["date_order_assumed", "warning", "ambiguous", "t"],
            ["fill_gap", "info", "merged", "f"],
            ["keep_first_value", "warning", "conflict", "f"],
            ["near_miss_suggested", "warning", "ambiguous", "f"],
            ["several_customers_split", "info", "split", "t"],
            ["white_space_folded", "info", "repaired", "t"],
        ])
    );
}

#[tokio::test]
async fn what_holds_of_a_column_is_written_once() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let lines = [
        "Topic;Date Start; customers_;INTERACTION;Region",
        "Dosage;13/01/2020 09:00;1;Email;North",
        "Dosage;04/10/2019 09:00;2;Email;North",
        "Dosage;05/10/2019 09:00;3;Email;South",
    ];
    session
        .import_csv(&fixture::csv(&lines), "one.csv")
        .await
        .unwrap();
    assert_eq!(
        session
            .rows(
                "SELECT rule, column_name, cell, field, before, after, severity FROM crm.ledger
                 WHERE row_number IS NULL ORDER BY rule, cell"
            )
            .await,
        table(&[
            [
                "column_kept",
                "Region",
                "E1",
                "extra",
                "Region",
                "Region",
                "info"
            ],
            [
                "date_form_found",
                "Date Start",
                "B1",
                "occurred_at",
                "NULL",
                "DD/MM/YYYY HH:MM",
                "info"
            ],
            [
                "date_order_proven",
                "Date Start",
                "B1",
                "occurred_at",
                "NULL",
                "DMY",
                "info"
            ],
            [
                "delimiter_detected",
                "NULL",
                "NULL",
                "NULL",
                "NULL",
                "semicolon",
                "info"
            ],
            [
                "encoding_detected",
                "NULL",
                "NULL",
                "NULL",
                "NULL",
                "UTF-8",
                "info"
            ],
            [
                "header_mapped",
                "Topic",
                "A1",
                "topic",
                "Topic",
                "topic",
                "info"
            ],
            [
                "header_mapped",
                "Date Start",
                "B1",
                "occurred_at",
                "Date Start",
                "occurred_at",
                "info"
            ],
            [
                "header_mapped",
                "customers_",
                "C1",
                "customer_id",
                " customers_",
                "customer_id",
                "info"
            ],
            [
                "header_mapped",
                "INTERACTION",
                "D1",
                "channel",
                "INTERACTION",
                "channel",
                "info"
            ],
        ])
    );
    let detail = session
        .value("SELECT detail FROM crm.ledger WHERE rule = 'date_order_proven'")
        .await
        .unwrap();
    assert!(detail.contains("\"13/01/2020 09:00\" in row 2"), "{detail}");
    // No cell of the file was changed.
    assert_eq!(
        session
            .rows("SELECT DISTINCT rule FROM crm.ledger WHERE row_number IS NOT NULL")
            .await,
        table(&[["unknown_customer"]])
    );
}

#[tokio::test]
async fn a_date_in_another_form_than_its_column_keeps_its_text() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let lines = [
        "13/01/2020 09:00,Email,1,,",
        "14.1.2020 9:05 pm,Email,1,,",
        "15/01/2020 09:00,Email,1,,",
        "2020-01-16T09:00,Email,1,,",
        " 17/01/2020 9:00,Email,1,,",
    ];
    let result = import(&mut session, "one.csv", &lines).await;
    assert_eq!([&result["loaded"], &result["repaired"]], [5, 1]);
    assert_eq!(
        session
            .rows(
                "SELECT rule, action, cell, before, after FROM crm.ledger
                 WHERE field = 'occurred_at' AND row_number IS NOT NULL ORDER BY row_number"
            )
            .await,
        table(&[
            [
                "date_rewritten",
                "inferred",
                "A3",
                "14.1.2020 9:05 pm",
                "2020-01-14 21:05:00"
            ],
            [
                "date_rewritten",
                "inferred",
                "A5",
                "2020-01-16T09:00",
                "2020-01-16 09:00:00"
            ],
            [
                "white_space_trimmed",
                "repaired",
                "A6",
                " 17/01/2020 9:00",
                "2020-01-17 09:00:00"
            ],
        ])
    );
    assert_eq!(
        session
            .rows("SELECT cell, after, severity FROM crm.ledger WHERE rule = 'date_form_found'")
            .await,
        table(&[["A1", "DD/MM/YYYY HH:MM", "info"]])
    );
    rules_agree(&mut session).await;
}

#[tokio::test]
async fn the_same_rows_in_another_file_load_nothing() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let before = tables(&mut session).await;
    let text = String::from_utf8(fixture::sample_csv("interactions")).unwrap();
    let result = session
        .import_csv(
            text.replace(',', "\t")
                .replace("\"1\t 4\"", "1, 4")
                .as_bytes(),
            "again.tsv",
        )
        .await
        .unwrap();
    // 68 rows, two of them of two customers; one without a customer, one that contradicts another.
    assert_eq!(balance(&result), [68, 70, 0, 1, 68, 1], "{result:#}");
    assert_eq!(tables(&mut session).await, before);
}

#[tokio::test]
async fn twenty_thousand_equal_rows_are_one() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let mut text = format!("{HEADER},Region\n");
    text.push_str(&"2020-01-13 09:00,Email,1,Drug Efficacy,Positive,North\n".repeat(20_000));
    let result = session
        .import_csv(text.as_bytes(), "one.csv")
        .await
        .unwrap();
    assert_eq!(
        balance(&result),
        [20_000, 20_000, 1, 0, 19_999, 0],
        "{result:#}"
    );
    let text = format!(
        "Customer Id,Occupation,Type\n{}",
        "1,Jedi,Red\n".repeat(20_000)
    );
    let result = session
        .import_csv(text.as_bytes(), "two.csv")
        .await
        .unwrap();
    assert_eq!(
        balance(&result),
        [20_000, 20_000, 0, 1, 19_999, 0],
        "{result:#}"
    );
    let text = format!("Date,Product\n{}", "01-2020,Sand\n".repeat(20_000));
    let result = session
        .import_csv(text.as_bytes(), "three.csv")
        .await
        .unwrap();
    assert_eq!(
        balance(&result),
        [20_000, 20_000, 1, 0, 19_999, 0],
        "{result:#}"
    );
}
