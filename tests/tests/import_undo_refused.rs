//! What stands against taking an import back: every reason is told, and nothing is changed.

use rapport_tests::books::{dump, import, inherit, undo};
use rapport_tests::{Database, Session};

const INTERACTIONS: &str = "Date Start,Interaction,Customers,Topic,Sentiment,Notes,Region";

const CUSTOMERS: &str = "Customer Id,Occupation,Type,City";

const PRODUCTS: &str = "Date,Product,Price";

/// Asserts that an undo is refused for these reasons, and changes nothing.
async fn refused(session: &mut Session, import_id: i64, reasons: &[&str]) {
    let before = dump(session).await;
    let fault = session
        .fault(&format!("SELECT * FROM rapport.undo_import({import_id})"))
        .await;
    assert_eq!(fault.code, "55006", "{fault:?}");
    for reason in reasons {
        assert!(fault.detail.contains(reason), "{reason}: {fault:?}");
    }
    assert_eq!(
        fault.detail.matches("; ").count() + 1,
        reasons.len(),
        "{fault:?}"
    );
    assert_eq!(dump(session).await, before);
    assert_eq!(
        session
            .number(&format!(
                "SELECT count(*) FROM rapport.undo_obstacles({import_id})"
            ))
            .await,
        reasons.len() as i64
    );
    let undone = format!(
        "SELECT count(*) FROM crm.imports WHERE import_id = {import_id} AND undone_at IS NOT NULL"
    );
    assert_eq!(session.number(&undone).await, 0);
}

#[tokio::test]
async fn a_later_import_that_builds_on_it_is_named() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "one.csv",
        &[CUSTOMERS, "1,Jedi,,", "2,Baker,Red,"],
    )
    .await;
    import(
        &mut session,
        "two.csv",
        &[INTERACTIONS, "2020-01-13 09:00,Email,1,Dosage,,,"],
    )
    .await;
    import(&mut session, "three.csv", &[PRODUCTS, "01-2020,Sand,3"]).await;
    let before = dump(&mut session).await;
    refused(
        &mut session,
        1,
        &["import 2 (\"two.csv\") has interactions of customers that came with it: 1"],
    )
    .await;

    import(
        &mut session,
        "four.csv",
        &[CUSTOMERS, "1,Jedi,Red,", "2,,,", "3,Vet,Red,"],
    )
    .await;
    refused(
        &mut session,
        1,
        &[
            "import 2 (\"two.csv\") has interactions of customers that came with it: 1",
            "import 4 (\"four.csv\") has rows that say more of its customers, or the same: 2",
        ],
    )
    .await;
    import(
        &mut session,
        "five.csv",
        &[
            INTERACTIONS,
            "2020-01-13 09:00,Email,1,Dosage,,,",
            "2020-01-13 09:00,Email,1,,,,North",
        ],
    )
    .await;
    refused(
        &mut session,
        2,
        &["import 5 (\"five.csv\") has rows that say more of its interactions, or the same: 2"],
    )
    .await;
    import(
        &mut session,
        "six.csv",
        &[PRODUCTS, "01-2020,Sand,4", "02-2020,Sand,4"],
    )
    .await;
    refused(
        &mut session,
        3,
        &["import 6 (\"six.csv\") has rows with its product months: 1"],
    )
    .await;

    // The latest first, and every one can be undone.
    for import_id in [6, 5, 4] {
        undo(&mut session, import_id).await;
    }
    assert_eq!(dump(&mut session).await, before);
    for import_id in [3, 2, 1] {
        undo(&mut session, import_id).await;
    }
    assert_eq!(
        dump(&mut session).await,
        vec![Vec::<Vec<Option<String>>>::new(); 4]
    );
}

#[tokio::test]
async fn what_was_written_by_hand_since_is_named() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    inherit(&mut session).await;
    import(
        &mut session,
        "one.csv",
        &[CUSTOMERS, "1,,Red,Theed", "9,Vet,Red,"],
    )
    .await;
    import(
        &mut session,
        "two.csv",
        &[INTERACTIONS, "2020-01-14 10:00,Call,1,Dosage,,called,North"],
    )
    .await;
    session
        .execute(
            "UPDATE crm.customers SET customer_type = 'Blue' WHERE customer_id = 1;
             INSERT INTO crm.interactions (customer_id, occurred_at, channel) VALUES (9, '2020-03-01 09:00', 'Call');",
        )
        .await;
    refused(
        &mut session,
        1,
        &[
            "the database has interactions of customers that came with it: 1",
            "customer 1: customer_type was \"Red\" and is \"Blue\", changed by hand",
        ],
    )
    .await;
    session
        .execute(
            "UPDATE crm.interactions SET topic = NULL, extra = '{\"Region\": \"South\"}'
             WHERE occurred_at = '2020-01-14 10:00'",
        )
        .await;
    refused(
        &mut session,
        2,
        &[
            "topic was \"Dosage\" and is empty, changed by hand",
            "Region was \"North\" and is \"South\", changed by hand",
        ],
    )
    .await;
    // Put back, it can be undone.
    session
        .execute(
            "UPDATE crm.interactions SET topic = 'Dosage', extra = '{\"Region\": \"North\"}'
             WHERE occurred_at = '2020-01-14 10:00'",
        )
        .await;
    undo(&mut session, 2).await;
}

#[tokio::test]
async fn a_contradiction_changed_nothing_and_is_no_obstacle() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let line = |topic: &str| format!("2020-01-13 09:00,Email,1,{topic},,,");
    import(&mut session, "one.csv", &[INTERACTIONS, &line("Dosage")]).await;
    let two = import(&mut session, "two.csv", &[INTERACTIONS, &line("Safety")]).await;
    assert_eq!(two["conflicts"], 1, "{two:#}");
    // It repeats the first, and knows nothing of the second.
    import(
        &mut session,
        "three.csv",
        &[
            INTERACTIONS,
            &line("Dosage"),
            "2020-01-14 09:00,Email,2,,,,",
        ],
    )
    .await;
    // All that it brought is a spelling, and the mark of the contradiction.
    session
        .execute(
            "DELETE FROM crm.labels WHERE label = 'Safety';
             UPDATE crm.interactions SET has_conflict = false WHERE has_conflict",
        )
        .await;
    let before = dump(&mut session).await;
    undo(&mut session, 2).await;
    assert_eq!(dump(&mut session).await, before);
    refused(
        &mut session,
        1,
        &["import 3 (\"three.csv\") has rows that say more of its interactions, or the same: 1"],
    )
    .await;
}

#[tokio::test]
async fn a_placeholder_that_was_described_later_is_an_obstacle() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "one.csv",
        &[INTERACTIONS, "2020-01-13 09:00,Email,7,Dosage,,,"],
    )
    .await;
    import(&mut session, "two.csv", &[CUSTOMERS, "7,,,"]).await;
    assert_eq!(
        session
            .value("SELECT is_placeholder FROM crm.customers")
            .await
            .as_deref(),
        Some("f")
    );
    refused(
        &mut session,
        1,
        &["import 2 (\"two.csv\") has rows that say more of its customers, or the same: 1"],
    )
    .await;
    undo(&mut session, 2).await;
    assert_eq!(
        session
            .value("SELECT is_placeholder FROM crm.customers")
            .await
            .as_deref(),
        Some("t")
    );
    undo(&mut session, 1).await;
}

#[tokio::test]
async fn an_import_is_undone_once() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    undo(&mut session, 1).await;
    let fault = session.fault("SELECT * FROM rapport.undo_import(1)").await;
    assert_eq!(fault.code, "55006", "{fault:?}");
    assert!(fault.message.contains("undone already"), "{fault:?}");
    assert_eq!(
        session
            .fault("SELECT * FROM rapport.undo_import(4711)")
            .await
            .code,
        "P0002"
    );
    assert_eq!(
        session
            .fault("SELECT * FROM rapport.undo_import(NULL)")
            .await
            .code,
        "22004"
    );
}

#[tokio::test]
async fn of_many_reasons_ten_are_told() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    session
        .execute("INSERT INTO crm.customers (customer_id, occupation) SELECT n, 'Jedi' FROM generate_series(1, 12) AS n")
        .await;
    let lines: Vec<String> = (1..13).map(|id| format!("{id},,Red,")).collect();
    let lines: Vec<&str> = [CUSTOMERS]
        .into_iter()
        .chain(lines.iter().map(String::as_str))
        .collect();
    import(&mut session, "one.csv", &lines).await;
    session
        .execute("UPDATE crm.customers SET customer_type = 'Blue'")
        .await;
    let fault = session.fault("SELECT * FROM rapport.undo_import(1)").await;
    assert_eq!(
        fault.detail.matches("was \"Red\" and is \"Blue\"").count(),
        10,
        "{fault:?}"
    );
    assert!(fault.detail.ends_with("; and 2 more"), "{fault:?}");
    assert!(fault.hint.contains("rapport.undo_obstacles"), "{fault:?}");
    assert_eq!(
        session
            .number("SELECT count(*) FROM rapport.undo_obstacles(1)")
            .await,
        12
    );
}
