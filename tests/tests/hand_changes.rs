//! What people change by hand is remembered, explained, and not lost with an import.

use rapport_tests::books::INTERACTIONS as HEADER;
use rapport_tests::{Database, Session, database::table, fixture};

async fn corrected() -> (Database, Session) {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let file = fixture::csv(&[HEADER, "13/03/2020 10:00,Call,1,Old,"]);
    session.import_csv(&file, "a.csv").await.unwrap();
    session
        .execute("UPDATE crm.interactions SET topic = 'New', sentiment = 'Positive'")
        .await;
    (database, session)
}

/// Asks for the steps of the only interaction's value that are about cells and corrections.
fn explained(column: &str) -> String {
    format!(
        "SELECT e.cell, e.before, e.after, e.rule
         FROM crm.interactions AS i, rapport.explain_value('interactions', i.interaction_id, '{column}') AS e
         WHERE e.step > 1 ORDER BY e.step"
    )
}

#[tokio::test]
async fn a_correction_stands_in_the_ledger() {
    let (_database, mut session) = corrected().await;
    assert_eq!(
        session
            .rows(
                "SELECT l.sheet, l.field, l.rule, l.action, l.before, l.after, l.detail = 'by ' || session_user,
                    l.interaction_id = i.interaction_id
                 FROM crm.ledger AS l, crm.interactions AS i WHERE l.import_id IS NULL ORDER BY l.field"
            )
            .await,
        table(&[
            ["crm.interactions", "sentiment", "changed_by_hand", "corrected", "NULL", "Positive", "t", "t"],
            ["crm.interactions", "topic", "changed_by_hand", "corrected", "Old", "New", "t", "t"],
        ])
    );
}

#[tokio::test]
async fn a_corrected_value_is_explained_by_its_cell_and_the_correction() {
    let (_database, mut session) = corrected().await;
    assert_eq!(
        session
            .rows(
                "SELECT e.cell, e.before, e.after, e.rule
                 FROM crm.interactions AS i, rapport.explain_value('interactions', i.interaction_id, 'topic') AS e
                 WHERE e.step > 1 ORDER BY e.step"
            )
            .await,
        table(&[
            ["D2", "Old", "Old", "NULL"],
            ["NULL", "Old", "New", "changed_by_hand"]
        ])
    );
}

#[tokio::test]
async fn an_import_is_not_undone_over_a_correction_until_it_is_set_back() {
    let (_database, mut session) = corrected().await;
    let fault = session.fault("SELECT rapport.undo_import(1)").await;
    assert_eq!(fault.code, "55006");
    for part in [
        "topic was \"old\" and is \"new\", changed by hand",
        "sentiment was empty",
    ] {
        assert!(fault.text().contains(part), "{fault:?}");
    }
    session
        .execute("UPDATE crm.interactions SET topic = 'Old', sentiment = NULL")
        .await;
    session.execute("SELECT rapport.undo_import(1)").await;
    assert_eq!(
        session
            .number("SELECT count(*) FROM crm.interactions")
            .await,
        0
    );
}

#[tokio::test]
async fn imports_and_undone_imports_change_nothing_by_hand() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    for (name, line) in [
        ("a.csv", "13/03/2020 10:00,Call,1,,"),
        ("b.csv", "13/03/2020 10:00,Call,1,Price,Positive"),
    ] {
        let file = fixture::csv(&[HEADER, line]);
        session.import_csv(&file, name).await.unwrap();
    }
    session.execute("SELECT rapport.undo_import(2)").await;
    assert_eq!(
        session
            .rows("SELECT topic, sentiment FROM crm.interactions")
            .await,
        table(&[["NULL", "NULL"]])
    );
    assert_eq!(
        session
            .number("SELECT count(*) FROM crm.ledger WHERE rule = 'changed_by_hand'")
            .await,
        0
    );
}

#[tokio::test]
async fn an_administrator_corrects_without_rights_on_the_ledger_of_others() {
    let (database, mut session) = corrected().await;
    session
        .execute("REVOKE INSERT ON crm.ledger FROM rapport_importer")
        .await;
    let mut admin = database.session_as("rapport_admin").await;
    admin
        .execute("UPDATE crm.customers SET occupation = 'Jedi' WHERE customer_id = 1")
        .await;
    assert_eq!(
        session
            .rows("SELECT field, after, customer_id FROM crm.ledger WHERE sheet = 'crm.customers'")
            .await,
        table(&[["occupation", "Jedi", "1"]])
    );
}

#[tokio::test]
async fn a_correction_is_no_repair_in_the_statistics() {
    let (_database, mut session) = corrected().await;
    assert_eq!(
        session
            .json("SELECT rapport.customer_data_quality(1)")
            .await,
        serde_json::json!({"interactions": 1, "repaired": 0, "conflicts": 0})
    );
    session.execute("SELECT rapport.refresh_stats()").await;
    assert_eq!(
        session
            .rows("SELECT import_id, file_name, action, entries FROM bi.data_quality WHERE rule = 'changed_by_hand'")
            .await,
        table(&[["0", "changed by hand", "corrected", "2"]])
    );
}

#[tokio::test]
async fn an_interaction_that_was_given_to_another_customer_keeps_its_story() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let customers = fixture::csv(&["Customer Id,Occupation,Type", "1,Jedi,Red", "2,Baker,Red"]);
    session.import_csv(&customers, "c.csv").await.unwrap();
    let file = fixture::csv(&[HEADER, "13/03/2020 10:00,Call,1, Old,"]);
    session.import_csv(&file, "a.csv").await.unwrap();
    session
        .execute(
            "UPDATE crm.interactions SET topic = 'New';
             UPDATE crm.interactions SET customer_id = 2",
        )
        .await;
    assert_eq!(
        session.rows(&explained("customer_id")).await,
        table(&[
            ["C2", "1", "1", "NULL"],
            ["NULL", "1", "2", "changed_by_hand"]
        ])
    );
    assert_eq!(
        session.rows(&explained("topic")).await,
        table(&[
            ["D2", " Old", "Old", "white_space_trimmed"],
            ["NULL", "Old", "New", "changed_by_hand"]
        ])
    );
    let fault = session.fault("SELECT rapport.undo_import(2)").await;
    for part in [
        "customer_id was \"1\" and is \"2\", changed by hand",
        "topic was \"old\" and is \"new\", changed by hand",
    ] {
        assert!(fault.text().contains(part), "{fault:?}");
    }
    session
        .execute("UPDATE crm.interactions SET customer_id = 1, topic = 'Old'")
        .await;
    session.execute("SELECT rapport.undo_import(2)").await;
    assert_eq!(
        session
            .number("SELECT count(*) FROM crm.interactions")
            .await,
        0
    );
}

#[tokio::test]
async fn a_gap_that_was_filled_is_emptied_although_the_customer_was_corrected() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    for (name, line) in [
        ("a.csv", "13/03/2020 10:00,Call,1,,"),
        ("b.csv", "13/03/2020 10:00,Call,1,Late,"),
        ("c.csv", "13/03/2020 11:00,Call,2,,"),
    ] {
        let file = fixture::csv(&[HEADER, line]);
        session.import_csv(&file, name).await.unwrap();
    }
    session
        .execute("UPDATE crm.interactions SET customer_id = 2 WHERE customer_id = 1")
        .await;
    session.execute("SELECT rapport.undo_import(2)").await;
    assert_eq!(
        session
            .rows("SELECT customer_id, topic FROM crm.interactions ORDER BY occurred_at")
            .await,
        table(&[["2", "NULL"], ["2", "NULL"]])
    );
}

#[tokio::test]
async fn each_kept_column_is_corrected_and_explained_for_itself() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let file = fixture::csv(&[
        "Date Start,Interaction,Customers,Region,Rep",
        "13/03/2020 10:00,Call,1,North,Anna",
    ]);
    session.import_csv(&file, "a.csv").await.unwrap();
    session
        .execute(r#"UPDATE crm.interactions SET extra = '{"Region": "South", "Rep": "Anna", "Team": "B"}'"#)
        .await;
    assert_eq!(
        session
            .rows(
                "SELECT field, column_name, before, after FROM crm.ledger
                 WHERE rule = 'changed_by_hand' ORDER BY column_name"
            )
            .await,
        table(&[
            ["extra", "Region", "North", "South"],
            ["extra", "Team", "NULL", "B"]
        ])
    );
    assert_eq!(
        session.rows(&explained("Region")).await,
        table(&[
            ["D2", "North", "North", "NULL"],
            ["NULL", "North", "South", "changed_by_hand"]
        ])
    );
    assert_eq!(
        session.rows(&explained("Rep")).await,
        table(&[["E2", "Anna", "Anna", "NULL"]])
    );
}

#[tokio::test]
async fn a_value_that_came_after_a_correction_is_not_explained_by_it() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let file = fixture::csv(&[HEADER, "13/03/2020 10:00,Call,1,First,"]);
    session.import_csv(&file, "a.csv").await.unwrap();
    session
        .execute("UPDATE crm.interactions SET topic = NULL")
        .await;
    let file = fixture::csv(&[HEADER, "13/03/2020 10:00,Call,1,Second,"]);
    session.import_csv(&file, "b.csv").await.unwrap();
    assert_eq!(
        session
            .rows(
                "SELECT e.file_name, e.cell, e.before, e.after, e.rule
                 FROM crm.interactions AS i, rapport.explain_value('interactions', i.interaction_id, 'topic') AS e
                 WHERE e.step > 1 ORDER BY e.step"
            )
            .await,
        table(&[
            ["NULL", "NULL", "First", "NULL", "changed_by_hand"],
            ["b.csv", "D2", "Second", "Second", "NULL"],
            ["b.csv", "D2", "NULL", "Second", "fill_gap"],
        ])
    );
}

#[tokio::test]
async fn a_correction_by_a_transaction_that_began_before_the_import_counts() {
    let database = Database::fresh().await;
    let (mut session, mut other) = (database.session().await, database.session().await);
    other.execute("BEGIN; SELECT now()").await;
    let file = fixture::csv(&[HEADER, "13/03/2020 10:00,Call,1,Old,"]);
    session.import_csv(&file, "a.csv").await.unwrap();
    other
        .execute("UPDATE crm.interactions SET topic = 'New'")
        .await;
    // As long as it is under way, nobody knows what it will be.
    session.execute("SET lock_timeout = '100ms'").await;
    let fault = session.fault("SELECT rapport.undo_import(1)").await;
    assert_eq!(fault.code, "55P03", "{fault:?}");
    other.execute("COMMIT").await;
    let fault = session.fault("SELECT rapport.undo_import(1)").await;
    assert!(
        fault.text().contains("topic was \"old\" and is \"new\""),
        "{fault:?}"
    );
}
