//! What an analyst decides about cleaning, as rows: synonyms and policies.

use rapport_tests::books::{
    INTERACTIONS as HEADER, entries, import_interactions as import, topics,
};
use rapport_tests::database::table;
use rapport_tests::{Database, fixture};

#[tokio::test]
async fn a_synonym_changes_the_next_import_and_not_the_last() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "one.csv",
        &["2020-01-13 09:00,Phone,1,Effikacy,"],
    )
    .await;
    session
        .execute(
            "INSERT INTO crm.synonyms (kind, synonym, label) VALUES
                 ('channel', 'Phone', 'Call'), ('topic', 'effikacy', 'Drug Efficacy'),
                 ('customer_type', 'rot', 'Red'), ('occupation', 'Plummer', 'Plumber'),
                 ('sentiment', 'gut', 'Positive'), ('product', 'Send', 'Sand')",
        )
        .await;
    let second = import(
        &mut session,
        "two.csv",
        &[
            "2020-01-14 09:00,PHONE,1, Effikacy,gut",
            "2020-01-15 09:00,Telephone,1,Effikacy Trial,Positive",
        ],
    )
    .await;
    assert_eq!(second["repaired"], 3, "{second:#}");
    assert_eq!(
        session
            .rows("SELECT channel, topic, sentiment FROM crm.interactions ORDER BY occurred_at")
            .await,
        table(&[
            ["Phone", "Effikacy", "NULL"],
            ["Call", "Drug Efficacy", "Positive"],
            // A synonym stands for a whole label.
            ["Telephone", "Effikacy Trial", "Positive"],
        ])
    );
    assert_eq!(
        entries(&mut session, "synonym_replaced").await,
        table(&[
            ["2", "B2", "channel", "PHONE", "Call", "repaired"],
            ["2", "D2", "topic", " Effikacy", "Drug Efficacy", "repaired"],
            ["2", "E2", "sentiment", "gut", "Positive", "repaired"],
        ])
    );
    let customers = fixture::csv(&[
        "Customer Id,Occupation,Type",
        "1,Plummer,ROT",
        "2,Plumber,Red",
    ]);
    session.import_csv(&customers, "three.csv").await.unwrap();
    session
        .import_csv(
            &fixture::csv(&["Date,Product", "01-2020,send", "02-2020,Sand"]),
            "four.csv",
        )
        .await
        .unwrap();
    assert_eq!(
        session
            .rows("SELECT occupation, customer_type FROM crm.customers ORDER BY customer_id")
            .await,
        table(&[["Plumber", "Red"], ["Plumber", "Red"]])
    );
    assert_eq!(
        session
            .rows("SELECT product FROM crm.products ORDER BY month")
            .await,
        table(&[["Sand"], ["Sand"]])
    );
    // A row that is deleted decides nothing any more.
    session
        .execute("DELETE FROM crm.synonyms WHERE kind = 'channel'")
        .await;
    import(&mut session, "five.csv", &["2020-01-16 09:00,Phone,1,,"]).await;
    assert_eq!(
        session
            .value("SELECT channel FROM crm.interactions WHERE occurred_at = '2020-01-16 09:00'")
            .await
            .as_deref(),
        Some("Phone")
    );
}

#[tokio::test]
async fn a_synonym_is_replaced_once() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    session
        .execute("INSERT INTO crm.synonyms (kind, synonym, label) VALUES ('topic', 'Alpha', 'Bravo'), ('topic', 'Bravo', 'Charlie')")
        .await;
    import(
        &mut session,
        "one.csv",
        &[
            "2020-01-13 09:00,Email,1,Alpha,",
            "2020-01-14 09:00,Email,1,Bravo,",
        ],
    )
    .await;
    assert_eq!(topics(&mut session).await, table(&[["Bravo"], ["Charlie"]]));
}

#[tokio::test]
async fn synonyms_that_make_no_sense_are_refused() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    session
        .execute(
            "INSERT INTO crm.synonyms (kind, synonym, label) VALUES ('topic', 'Alpha', 'Bravo')",
        )
        .await;
    for (values, code) in [
        ("'colour', 'Alpha', 'Bravo'", "23514"),
        ("'topic', '', 'Bravo'", "23514"),
        ("'topic', 'Alpha', ''", "23514"),
        ("'topic', 'Same', 'Same'", "23514"),
        ("'topic', 'Alpha', 'Charlie'", "23505"),
        ("'topic', 'ALPHA', 'Charlie'", "23505"),
        ("'topic', NULL, 'Charlie'", "23502"),
    ] {
        let fault = session
            .fault(&format!(
                "INSERT INTO crm.synonyms (kind, synonym, label) VALUES ({values})"
            ))
            .await;
        assert_eq!(fault.code, code, "{values}: {fault:?}");
    }
    // Whatever was let in, an import still works, or says which row is in its way.
    for values in [
        "'topic', '  ', 'Bravo'",
        "'topic', 'Al  pha', ' '",
        "'topic', ' Alpha', 'Charlie'",
    ] {
        session.execute("BEGIN").await;
        let inserted = session
            .try_execute(&format!(
                "INSERT INTO crm.synonyms (kind, synonym, label) VALUES ({values})"
            ))
            .await;
        match inserted {
            Err(fault) => assert_eq!(fault.code, "23514", "{values}: {fault:?}"),
            Ok(()) => {
                let content = fixture::csv(&[HEADER, "2020-01-13 09:00,Email,1,Alpha,"]);
                if let Err(fault) = session.import_csv(&content, "one.csv").await {
                    assert_eq!(fault.code, "22023", "{values}: {fault:?}");
                    assert!(fault.text().contains("synonym"), "{values}: {fault:?}");
                }
            }
        }
        session.execute("ROLLBACK").await;
    }
}

#[tokio::test]
async fn analysts_write_synonyms_and_administrators_policies() {
    let database = Database::fresh().await;
    let mut analyst = database.session_as("rapport_analyst").await;
    analyst
        .execute(
            "INSERT INTO crm.synonyms (kind, synonym, label) VALUES ('channel', 'Phone', 'Post');
             UPDATE crm.synonyms SET label = 'Call' WHERE synonym = 'Phone';",
        )
        .await;
    assert_eq!(
        analyst
            .rows("SELECT label, added_by FROM crm.synonyms")
            .await,
        table(&[["Call", "rapport_analyst"]])
    );
    let policy =
        "INSERT INTO crm.rule_policies (rule, policy) VALUES ('white_space_folded', 'reject')";
    assert_eq!(analyst.fault(policy).await.code, "42501");
    let mut importer = database.session_as("rapport_importer").await;
    assert_eq!(
        importer
            .fault("INSERT INTO crm.synonyms (kind, synonym, label) VALUES ('topic', 'a', 'b')")
            .await
            .code,
        "42501"
    );
    assert_eq!(importer.fault(policy).await.code, "42501");
    // An importer imports by the rules that others made.
    import(&mut importer, "one.csv", &["2020-01-13 09:00,Phone,1,,"]).await;
    assert_eq!(
        importer
            .value("SELECT channel FROM crm.interactions")
            .await
            .as_deref(),
        Some("Call")
    );
    analyst.execute("DELETE FROM crm.synonyms").await;
    let mut admin = database.session_as("rapport_admin").await;
    admin.execute(policy).await;
    assert_eq!(
        admin
            .value("SELECT set_by FROM crm.rule_policies")
            .await
            .as_deref(),
        Some("rapport_admin")
    );
    admin.execute("DELETE FROM crm.rule_policies").await;
}

#[tokio::test]
async fn a_policy_rejects_rows_and_keeps_them_in_the_ledger() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    session
        .execute(
            "INSERT INTO crm.rule_policies (rule, policy) VALUES
                 ('white_space_folded', 'reject'), ('several_customers_split', 'reject'), ('time_missing', 'reject')",
        )
        .await;
    let result = import(
        &mut session,
        "one.csv",
        &[
            "2020-01-13 09:00,Email,1,Drug  Efficacy,Positive",
            "2020-01-13 09:00,Email,\"2, 3\",,",
            "2020-01-13,Email,4,,",
            // Another rule may still repair.
            "2020-01-13 09:00,email,5, Dosage,",
        ],
    )
    .await;
    assert_eq!(
        [
            "rows_read",
            "records",
            "loaded",
            "rejected",
            "split",
            "repaired"
        ]
        .map(|name| result[name].clone()),
        [4, 4, 1, 3, 0, 2],
        "{result:#}"
    );
    assert_eq!(
        session
            .rows("SELECT customer_id, topic FROM crm.interactions")
            .await,
        table(&[["5", "Dosage"]])
    );
    assert_eq!(
        session
            .rows(
                "SELECT row_number, cell, rule, severity, before, after FROM crm.ledger
                 WHERE action = 'rejected' ORDER BY row_number"
            )
            .await,
        table(&[
            [
                "2",
                "D2",
                "white_space_folded",
                "error",
                "Drug  Efficacy",
                "NULL"
            ],
            [
                "3",
                "C3",
                "several_customers_split",
                "error",
                "2, 3",
                "NULL"
            ],
            ["4", "A4", "time_missing", "error", "2020-01-13", "NULL"],
        ])
    );
    let detail = session
        .value("SELECT detail FROM crm.ledger WHERE row_number = 2 AND action = 'rejected'")
        .await
        .unwrap();
    assert!(
        detail.contains("the policy of the rule white_space_folded is to reject"),
        "{detail}"
    );
    assert!(detail.contains("\"Sentiment\":\"Positive\""), "{detail}");
    assert_eq!(
        session
            .number("SELECT count(*) FROM crm.customers WHERE customer_id < 5")
            .await,
        0
    );
}

#[tokio::test]
async fn a_policy_of_repair_is_the_default() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    session
        .execute(
            "INSERT INTO crm.rule_policies (rule, policy) VALUES ('white_space_folded', 'repair')",
        )
        .await;
    let result = import(
        &mut session,
        "one.csv",
        &["2020-01-13 09:00,Email,1,Drug  Efficacy,"],
    )
    .await;
    assert_eq!(result["repaired"], 1, "{result:#}");
    assert_eq!(topics(&mut session).await, table(&[["Drug Efficacy"]]));
}

#[tokio::test]
async fn an_assumed_date_order_refuses_the_file_by_policy() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    session
        .execute(
            "INSERT INTO crm.rule_policies (rule, policy) VALUES ('date_order_assumed', 'reject')",
        )
        .await;
    let content = fixture::csv(&[HEADER, "04/10/2019 09:00,Email,1,,"]);
    let fault = session.import_csv(&content, "one.csv").await.unwrap_err();
    assert_eq!(fault.code, "22023", "{fault:?}");
    assert!(
        fault.detail.contains("date_order_assumed") && !fault.hint.is_empty(),
        "{fault:?}"
    );
    assert_eq!(session.number("SELECT count(*) FROM crm.imports").await, 0);
    let result = import(
        &mut session,
        "two.csv",
        &["04/10/2019 09:00,Email,1,,", "13/10/2019 09:00,Email,1,,"],
    )
    .await;
    assert_eq!(result["loaded"], 2, "{result:#}");
}

#[tokio::test]
async fn a_policy_for_no_rule_is_refused_as_it_is_written() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    for rule in [
        "white_space",
        "header_mapped",
        "fill_gap",
        "customer_missing",
        "near_miss_suggested",
    ] {
        let fault = session
            .fault(&format!(
                "INSERT INTO crm.rule_policies (rule, policy) VALUES ('{rule}', 'reject')"
            ))
            .await;
        assert_eq!(fault.code, "22023", "{rule}: {fault:?}");
        assert!(fault.message.contains(&format!("\"{rule}\"")), "{fault:?}");
        assert!(fault.hint.contains("rapport.cleaning_rules()"), "{fault:?}");
    }
    session
        .execute(
            "INSERT INTO crm.rule_policies (rule, policy) VALUES ('white_space_folded', 'reject')",
        )
        .await;
    let fault = session
        .fault("UPDATE crm.rule_policies SET rule = 'white_space'")
        .await;
    assert_eq!(fault.code, "22023", "{fault:?}");
    let fault = session
        .fault("UPDATE crm.rule_policies SET policy = 'ignore'")
        .await;
    assert_eq!(fault.code, "23514", "{fault:?}");
    // Every rule that may reject is accepted.
    session
        .execute(
            "DELETE FROM crm.rule_policies;
             INSERT INTO crm.rule_policies (rule, policy)
             SELECT rule, 'reject' FROM rapport.cleaning_rules() WHERE may_reject;",
        )
        .await;
    let result = import(
        &mut session,
        "one.csv",
        &["2020-01-13 09:00,Email,1,Dosage,"],
    )
    .await;
    assert_eq!(result["loaded"], 1, "{result:#}");
}

#[tokio::test]
async fn too_many_stored_labels_are_not_passed_over_in_silence() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    session
        .execute(
            "INSERT INTO crm.labels (kind, label) SELECT 'topic', 'Topic ' || n FROM generate_series(1, 20000) AS n;
             INSERT INTO crm.labels (kind, label) VALUES ('channel', 'Call')",
        )
        .await;
    let row = "2020-01-14 09:00,CALL,1,TOPIC 5,";
    import(&mut session, "one.csv", &[row]).await;
    assert_eq!(topics(&mut session).await, table(&[["Topic 5"]]));
    session
        .execute("INSERT INTO crm.labels (kind, label) VALUES ('topic', 'One More')")
        .await;
    let row = "2020-01-15 09:00,CALL,1,TOPIC 6,";
    import(&mut session, "two.csv", &[row]).await;
    assert_eq!(
        session
            .rows(
                "SELECT l.import_id, l.severity, l.column_name, l.field, l.detail LIKE '20001 labels of this kind%'
                 FROM crm.ledger AS l WHERE l.rule = 'spellings_not_compared'"
            )
            .await,
        table(&[["2", "warning", "Topic", "topic", "t"]])
    );
    assert_eq!(
        session
            .rows("SELECT channel, topic FROM crm.interactions ORDER BY occurred_at")
            .await,
        table(&[["Call", "Topic 5"], ["Call", "TOPIC 6"]])
    );
}
