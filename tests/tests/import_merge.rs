//! How a file meets rows that are already there: gaps are filled, nothing is overwritten.

use rapport_tests::books::import_interactions as import;
use rapport_tests::{Database, Session, database::table, fixture};

async fn interactions(session: &mut Session) -> Vec<Vec<Option<String>>> {
    session
        .rows(
            "SELECT customer_id, occurred_at, channel, topic, sentiment FROM crm.interactions
             ORDER BY customer_id, occurred_at, channel",
        )
        .await
}

/// Stores interactions of customer 1 as the previous developer left them: no import, no topic.
async fn inherit(session: &mut Session, contacts: &[(&str, &str)]) {
    session
        .execute("INSERT INTO crm.customers (customer_id) VALUES (1)")
        .await;
    for (time, channel) in contacts {
        session
            .execute(&format!(
                "INSERT INTO crm.interactions (customer_id, occurred_at, channel) VALUES (1, '{time}', '{channel}')"
            ))
            .await;
    }
}

#[tokio::test]
async fn a_second_row_fills_the_gaps_of_the_first() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "one.csv",
        &[
            "13/01/2020 09:00,Email,1,,Positive",
            "13/01/2020 09:00,Email,1,Drug Efficacy,",
        ],
    )
    .await;
    assert_eq!(
        interactions(&mut session).await,
        table(&[[
            "1",
            "2020-01-13 09:00:00",
            "Email",
            "Drug Efficacy",
            "Positive"
        ]])
    );
    assert_eq!(
        session
            .rows("SELECT row_number, after FROM crm.ledger WHERE action = 'merged'")
            .await,
        table(&[["3", "Drug Efficacy"]])
    );
}

#[tokio::test]
async fn a_stored_row_without_topic_is_enriched_at_the_same_time() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(&mut session, "one.csv", &["13/01/2020 09:00,Email,1,,"]).await;
    let second = import(
        &mut session,
        "two.csv",
        &["13/01/2020 09:00,Email,1,Drug Efficacy,Positive"],
    )
    .await;
    assert_eq!(second["interactions_enriched"], 1);
    assert_eq!(second["interactions_added"], 0);
    assert_eq!(
        interactions(&mut session).await,
        table(&[[
            "1",
            "2020-01-13 09:00:00",
            "Email",
            "Drug Efficacy",
            "Positive"
        ]])
    );
}

#[tokio::test]
async fn an_inherited_row_is_enriched_on_the_same_day_and_known_ever_after() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    inherit(&mut session, &[("2020-01-13 00:00", "Email")]).await;
    let second = import(
        &mut session,
        "two.csv",
        &["13/01/2020 09:00,Email,1,Drug Efficacy,Positive"],
    )
    .await;
    assert_eq!(second["interactions_enriched"], 1);
    assert_eq!(second["interactions_added"], 0);
    // The stored time is kept, and the other one is in the ledger.
    assert_eq!(
        interactions(&mut session).await,
        table(&[[
            "1",
            "2020-01-13 00:00:00",
            "Email",
            "Drug Efficacy",
            "Positive"
        ]])
    );
    assert_eq!(
        session
            .rows("SELECT before, after FROM crm.ledger WHERE action = 'conflict'")
            .await,
        table(&[["2020-01-13 09:00:00", "2020-01-13 00:00:00"]])
    );
    // The next workbook holds the same contact once more, at the same time as the last one did.
    let third = import(
        &mut session,
        "three.csv",
        &[
            "13/01/2020 09:00,Email,1,Drug Efficacy,Positive",
            "25/01/2020 09:00,Call,1,Dosage Inquiry,Neutral",
        ],
    )
    .await;
    assert_eq!(third["interactions_added"], 1);
    assert_eq!(third["duplicates"], 1);
    assert_eq!(third["conflicts"], 0);
}

#[tokio::test]
async fn a_day_with_two_candidates_matches_neither() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    inherit(
        &mut session,
        &[("2020-01-13 00:00", "Email"), ("2020-01-14 00:00", "Call")],
    )
    .await;
    let second = import(
        &mut session,
        "two.csv",
        &[
            "13/01/2020 09:00,Email,1,Drug Efficacy,Positive",
            "13/01/2020 15:00,Email,1,Dosage Inquiry,Neutral",
            // Another channel on that day is another interaction.
            "14/01/2020 10:00,Post,1,Sample Request,Neutral",
        ],
    )
    .await;
    assert_eq!(second["interactions_enriched"], 0);
    assert_eq!(second["interactions_added"], 3);
    assert_eq!(
        session
            .number("SELECT count(*) FROM crm.interactions")
            .await,
        5
    );
}

#[tokio::test]
async fn a_row_that_an_import_brought_has_its_own_time() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(&mut session, "one.csv", &["13/01/2020 09:00,Email,1,,"]).await;
    let second = import(
        &mut session,
        "two.csv",
        &["13/01/2020 17:00,Email,1,Drug Efficacy,Positive"],
    )
    .await;
    assert_eq!(second["interactions_enriched"], 0);
    assert_eq!(second["interactions_added"], 1);
}

#[tokio::test]
async fn every_part_of_a_split_row_counts_as_repaired() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "one.csv",
        &["13/01/2020 09:00,Email,\"1, 4\",Drug  Efficacy,"],
    )
    .await;
    for customer in [1, 4] {
        assert_eq!(
            session
                .json(&format!("SELECT rapport.customer_data_quality({customer})"))
                .await,
            serde_json::json!({"interactions": 1, "repaired": 1, "conflicts": 0})
        );
    }
}

#[tokio::test]
async fn a_stored_row_with_a_topic_is_not_matched_by_day() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "one.csv",
        &["13/01/2020 00:00,Email,1,Drug Efficacy,"],
    )
    .await;
    let second = import(
        &mut session,
        "two.csv",
        &["13/01/2020 09:00,Email,1,Dosage Inquiry,Positive"],
    )
    .await;
    assert_eq!(second["interactions_added"], 1);
    assert_eq!(second["conflicts"], 0);
}

#[tokio::test]
async fn a_stored_value_is_never_overwritten() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "one.csv",
        &["13/01/2020 09:00,Email,1,Drug Efficacy,Positive"],
    )
    .await;
    let second = import(
        &mut session,
        "two.csv",
        &["13/01/2020 09:00,Email,1,Dosage Inquiry,Positive"],
    )
    .await;
    assert_eq!(second["conflicts"], 1);
    assert_eq!(
        session
            .rows("SELECT column_name, before, after FROM crm.ledger WHERE action = 'conflict'")
            .await,
        table(&[["Topic", "Dosage Inquiry", "Drug Efficacy"]])
    );
    assert_eq!(
        interactions(&mut session).await,
        table(&[[
            "1",
            "2020-01-13 09:00:00",
            "Email",
            "Drug Efficacy",
            "Positive"
        ]])
    );
}

#[tokio::test]
async fn a_placeholder_becomes_a_customer_when_its_row_arrives() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "one.csv",
        &["13/01/2020 09:00,Email,7,Drug Efficacy,Positive"],
    )
    .await;
    let flag = "SELECT is_placeholder, occupation FROM crm.customers WHERE customer_id = 7";
    assert_eq!(session.rows(flag).await, table(&[["t", "NULL"]]));
    let rows = fixture::csv(&["Customer Id,Occupation,Type", "7,Florist,Blue"]);
    let result = session.import_csv(&rows, "customers.csv").await.unwrap();
    assert_eq!(result["customers_updated"], 1);
    assert_eq!(result["customers_added"], 0);
    assert_eq!(session.rows(flag).await, table(&[["f", "Florist"]]));
}

#[tokio::test]
async fn a_customer_is_enriched_and_never_overwritten() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let header = "Customer Id,Occupation,Type";
    session
        .import_csv(&fixture::csv(&[header, "7,,Blue"]), "one.csv")
        .await
        .unwrap();
    session
        .import_csv(&fixture::csv(&[header, "7,Florist,Red"]), "two.csv")
        .await
        .unwrap();
    assert_eq!(
        session
            .rows("SELECT occupation, customer_type FROM crm.customers")
            .await,
        table(&[["Florist", "Blue"]])
    );
    assert_eq!(
        session
            .rows(
                "SELECT action, before, after FROM crm.ledger
                 WHERE import_id = 2 AND row_number IS NOT NULL ORDER BY action"
            )
            .await,
        table(&[["conflict", "Red", "Blue"], ["merged", "NULL", "Florist"]])
    );
}

#[tokio::test]
async fn a_spelling_that_is_known_wins_over_the_case_of_a_later_file() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "one.csv",
        &["13/01/2020 09:00,Bird,1,Drug Efficacy,Positive"],
    )
    .await;
    import(
        &mut session,
        "two.csv",
        &[
            "14/01/2020 09:00,BIRD,1,DRUG EFFICACY,POSITIVE",
            "15/01/2020 09:00,BIRD,1,Drug efficiency,Positive",
        ],
    )
    .await;
    assert_eq!(
        interactions(&mut session).await,
        table(&[
            [
                "1",
                "2020-01-13 09:00:00",
                "Bird",
                "Drug Efficacy",
                "Positive"
            ],
            [
                "1",
                "2020-01-14 09:00:00",
                "Bird",
                "Drug Efficacy",
                "Positive"
            ],
            // Another word is not another spelling.
            [
                "1",
                "2020-01-15 09:00:00",
                "Bird",
                "Drug efficiency",
                "Positive"
            ],
        ])
    );
}

#[tokio::test]
async fn dates_without_proof_are_day_first_and_the_ledger_says_so() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "one.csv",
        &["04/10/2019 09:00,Email,1,Drug Efficacy,Positive"],
    )
    .await;
    assert_eq!(
        session
            .value("SELECT occurred_at FROM crm.interactions")
            .await
            .as_deref(),
        Some("2019-10-04 09:00:00")
    );
    assert_eq!(
        session
            .number("SELECT count(*) FROM crm.ledger WHERE action = 'ambiguous'")
            .await,
        1
    );
}

#[tokio::test]
async fn one_proof_of_month_first_decides_the_whole_column() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "one.csv",
        &[
            "04/10/2019 09:00,Email,1,Drug Efficacy,Positive",
            "04/22/2019 09:00,Email,1,Drug Efficacy,Positive",
        ],
    )
    .await;
    assert_eq!(
        session
            .rows("SELECT occurred_at FROM crm.interactions ORDER BY 1")
            .await,
        table(&[["2019-04-10 09:00:00"], ["2019-04-22 09:00:00"]])
    );
}
