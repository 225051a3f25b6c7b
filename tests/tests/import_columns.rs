//! Columns that have no place in the tables, and cells that meet stored ones.

use rapport_tests::books::{balance, undo};
use rapport_tests::database::table;
use rapport_tests::{Database, fixture};

#[tokio::test]
async fn stored_rows_are_completed_and_contradictions_name_both_sides() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let header = "Region,Date Start,Interaction,Customers,Topic,Sentiment,Notes";
    let one = fixture::csv(&[header, "North,2020-01-13 09:00,Email,1,Drug Efficacy,,"]);
    session.import_csv(&one, "one.csv").await.unwrap();
    let two = fixture::csv(&[
        header,
        ",2020-02-13 09:00,Email,1,,,",
        "South,2020-01-13 09:00,Email,1, Dosage  Inquiry,Positive,called back",
    ]);
    let result = session.import_csv(&two, "two.csv").await.unwrap();
    assert_eq!(balance(&result), [2, 2, 1, 1, 0, 0]);
    assert_eq!(result["conflicts"], 2);
    assert_eq!(result["interactions_enriched"], 1);
    assert_eq!(
        session
            .rows(
                "SELECT rule, cell, column_name, field, before, after, i.topic
                 FROM crm.ledger AS l INNER JOIN crm.interactions AS i USING (customer_id, interaction_id)
                 WHERE l.import_id = 2 AND row_number = 3 AND action IN ('conflict', 'merged') ORDER BY cell"
            )
            .await,
        table(&[
            ["keep_first_value", "A3", "Region", "extra", "South", "North", "Drug Efficacy"],
            ["keep_first_value", "E3", "Topic", "topic", "Dosage Inquiry", "Drug Efficacy", "Drug Efficacy"],
            ["fill_gap", "F3", "Sentiment", "sentiment", "NULL", "Positive", "Drug Efficacy"],
            ["fill_gap", "G3", "Notes", "notes", "NULL", "called back", "Drug Efficacy"],
        ])
    );
    assert_eq!(
        session
            .rows(
                "SELECT topic, sentiment, notes, extra FROM crm.interactions WHERE occurred_at = '2020-01-13 09:00'"
            )
            .await,
        table(&[["Drug Efficacy", "Positive", "called back", r#"{"Region": "North"}"#]])
    );
}

#[tokio::test]
async fn columns_without_a_place_are_kept_under_keys_of_their_own() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let content = fixture::csv(&[
        "Date Start,Interaction,Customers,Region,Topic,Region,",
        "2020-01-13 09:00,Email,1,North,Dosage,Harbour,by hand",
        "2020-01-14 09:00,Email,1,,,,",
        "2020-01-15 09:00,Email,1,, ,West,",
    ]);
    session.import_csv(&content, "one.csv").await.unwrap();
    assert_eq!(
        session
            .rows("SELECT extra FROM crm.interactions ORDER BY occurred_at")
            .await,
        table(&[
            [r#"{"Region": "North", "column 7": "by hand", "Region (2)": "Harbour"}"#],
            ["NULL"],
            [r#"{"Region (2)": "West"}"#],
        ])
    );
    assert_eq!(
        session
            .rows(
                "SELECT rule, cell, column_name, after FROM crm.ledger
                 WHERE field = 'extra' ORDER BY cell"
            )
            .await,
        table(&[
            ["column_kept", "D1", "Region", "Region"],
            ["column_kept", "F1", "Region", "Region (2)"],
            ["column_without_header_kept", "G2", "NULL", "column 7"],
        ])
    );
    // The second file fills what the first left out, and contradicts what it said.
    let content = fixture::csv(&[
        "Date Start,Interaction,Customers,Region,Topic,Region,",
        "2020-01-13 09:00,Email,1,South,,Station,by phone",
        "2020-01-14 09:00,Email,1,East,,Airport,by fax",
    ]);
    let result = session.import_csv(&content, "two.csv").await.unwrap();
    assert_eq!(balance(&result), [2, 2, 0, 2, 0, 0], "{result:#}");
    assert_eq!(
        session
            .rows(
                "SELECT rule, cell, before, after FROM crm.ledger
                 WHERE import_id = 2 AND row_number IS NOT NULL ORDER BY cell"
            )
            .await,
        table(&[
            ["keep_first_value", "D2", "South", "North"],
            ["fill_gap", "D3", "NULL", "East"],
            ["keep_first_value", "F2", "Station", "Harbour"],
            ["fill_gap", "F3", "NULL", "Airport"],
            ["keep_first_value", "G2", "by phone", "by hand"],
            ["fill_gap", "G3", "NULL", "by fax"],
        ])
    );
    assert_eq!(result["conflicts"], 3, "{result:#}");
    assert_eq!(
        session
            .value("SELECT extra FROM crm.interactions WHERE occurred_at = '2020-01-14 09:00'")
            .await,
        Some(r#"{"Region": "East", "column 7": "by fax", "Region (2)": "Airport"}"#.to_owned())
    );
}

#[tokio::test]
async fn customers_and_products_keep_other_columns_too() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let customers = fixture::csv(&[
        "Customer Id,Occupation,Type,City",
        "1,Jedi,Red,Mos Eisley",
        "2,Baker,Red,",
    ]);
    session.import_csv(&customers, "one.csv").await.unwrap();
    let customers = fixture::csv(&[
        "Customer Id,Occupation,Type,City,Age",
        "1,Jedi,Red,Theed,900",
        "2,Baker,Red,Coruscant,",
    ]);
    session.import_csv(&customers, "two.csv").await.unwrap();
    assert_eq!(
        session
            .rows("SELECT customer_id, extra FROM crm.customers ORDER BY 1")
            .await,
        table(&[
            ["1", r#"{"Age": "900", "City": "Mos Eisley"}"#],
            ["2", r#"{"City": "Coruscant"}"#]
        ])
    );
    assert_eq!(
        session
            .rows(
                "SELECT rule, cell, column_name, before, after, customer_id FROM crm.ledger
                 WHERE import_id = 2 AND row_number IS NOT NULL ORDER BY cell"
            )
            .await,
        table(&[
            ["keep_first_value", "D2", "City", "Theed", "Mos Eisley", "1"],
            ["fill_gap", "D3", "City", "NULL", "Coruscant", "2"],
            ["fill_gap", "E2", "Age", "NULL", "900", "1"],
        ])
    );
}

#[tokio::test]
async fn a_product_month_is_enriched_and_never_overwritten() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    for (name, lines) in [
        ("one.csv", ["Date,Product", "01-2020,Sand"].as_slice()),
        (
            "two.csv",
            &[
                "Date,Product,Price,Country",
                "01-2020,Sand,3.50,",
                "01-2020,Sand,4,",
                "01-2020,Sand,3.50,",
                "01-2020,Sand,,France",
            ],
        ),
    ] {
        let file = fixture::csv(lines);
        session.import_csv(&file, name).await.unwrap();
    }
    assert_eq!(
        session
            .rows("SELECT product, extra FROM crm.products")
            .await,
        table(&[["Sand", r#"{"Price": "3.50", "Country": "France"}"#]])
    );
    assert_eq!(
        session
            .rows(
                "SELECT row_number, rule, cell, before, after, product_month_id FROM crm.ledger
                 WHERE import_id = 2 AND row_number IS NOT NULL ORDER BY entry_id"
            )
            .await,
        table(&[
            ["2", "fill_gap", "C2", "NULL", "3.50", "1"],
            ["3", "keep_first_value", "C3", "4", "3.50", "1"],
            [
                "4",
                "same_product_month",
                "NULL",
                "01-2020 Sand",
                "NULL",
                "1"
            ],
            ["5", "fill_gap", "D5", "NULL", "France", "1"],
        ])
    );
    assert_eq!(
        session
            .rows("SELECT cell, before, rule FROM rapport.explain_value('products', 1, 'Price') WHERE step > 1")
            .await,
        table(&[["C2", "3.50", "NULL"], ["C2", "NULL", "fill_gap"], ["C3", "4", "keep_first_value"]])
    );
    undo(&mut session, 2).await;
    assert_eq!(
        session
            .rows("SELECT product, extra FROM crm.products")
            .await,
        table(&[["Sand", "NULL"]])
    );
}
