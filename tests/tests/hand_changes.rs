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
