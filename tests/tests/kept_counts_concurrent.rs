//! Counts that several sessions change at once, or that a session sees too late.

use rapport_tests::database::table;
use rapport_tests::recount::assert_counts_are_right;
use rapport_tests::{Database, Session, fixture};

/// Waits until so many sessions of the database wait for a lock.
async fn until_waiting(session: &mut Session, sessions: i64) {
    for _ in 0..200 {
        let waiting = session
            .number(
                "SELECT count(*) FROM pg_stat_activity
                 WHERE datname = current_database() AND wait_event_type = 'Lock'",
            )
            .await;
        if waiting == sessions {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("nobody waits");
}

#[tokio::test]
async fn writers_of_different_customers_do_not_wait_for_each_other() {
    let database = Database::with_sample().await;
    let (mut one, mut other) = (database.session().await, database.session().await);
    let insert = |customer: i32, day: i32| {
        format!(
            "INSERT INTO crm.interactions (customer_id, occurred_at, channel, topic, sentiment)
             VALUES ({customer}, '2020-02-{day:02}', 'Email', 'Topic', 'Neutral')"
        )
    };
    // The same month, channel, topic and sentiment; in opposite order, which would be a deadlock
    // if they changed the same counters.
    for session in [&mut one, &mut other] {
        session.execute("SET lock_timeout = '2s'").await;
        session.execute("BEGIN").await;
    }
    one.execute(&insert(1, 1)).await;
    other.execute(&insert(2, 1)).await;
    one.execute(&insert(3, 2)).await;
    other.execute(&insert(4, 2)).await;
    // Each sees its own.
    for session in [&mut one, &mut other] {
        assert_counts_are_right(session).await;
    }
    other.execute("COMMIT").await;
    assert_counts_are_right(&mut one).await;
    one.execute("COMMIT").await;
    assert_ne!(
        one.number("SELECT count(*) FROM stats.pending_counts")
            .await,
        0
    );
    // What was left is added by a refresh.
    one.execute("SELECT rapport.refresh_stats()").await;
    assert_eq!(
        one.number("SELECT count(*) FROM stats.pending_counts")
            .await,
        0
    );
    assert_counts_are_right(&mut one).await;
}

#[tokio::test]
async fn a_type_that_changes_meets_interactions_that_come() {
    let database = Database::with_sample().await;
    let (mut one, mut other) = (database.session().await, database.session().await);
    let insert = "INSERT INTO crm.interactions (customer_id, occurred_at, channel) VALUES (1, '2020-02-03', 'Boat')";
    for writer_is_first in [true, false] {
        let (first, second) = if writer_is_first {
            (
                insert,
                "UPDATE crm.customers SET customer_type = 'Blue' WHERE customer_id = 1",
            )
        } else {
            (
                "UPDATE crm.customers SET customer_type = 'Red' WHERE customer_id = 1",
                "DELETE FROM crm.interactions WHERE occurred_at = '2020-02-03'",
            )
        };
        one.execute("BEGIN").await;
        one.execute(first).await;
        let waiting = async { other.execute(second).await };
        let ending = async {
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            one.execute("COMMIT").await;
        };
        tokio::join!(waiting, ending);
        assert_counts_are_right(&mut one).await;
    }
}

#[tokio::test]
async fn an_import_and_a_correction_of_the_same_customers_wait_for_each_other() {
    let database = Database::with_sample().await;
    let mut holder = database.session().await;
    let mut watcher = database.session().await;
    let (mut importer, mut corrector) = (database.session().await, database.session().await);
    holder
        .execute(
            "INSERT INTO crm.interactions (customer_id, occurred_at, channel) VALUES
                 (5, '2031-01-01 09:00', 'Call'), (5, '2031-01-02 09:00', 'Call'), (9, '2031-01-02 09:00', 'Call')",
        )
        .await;
    // The import adds to customer 9, then fills a gap of customer 5, for which it has to wait.
    holder
        .execute("BEGIN; SELECT FROM crm.interactions WHERE customer_id = 5 AND occurred_at = '2031-01-01 09:00' FOR UPDATE")
        .await;
    let lines = fixture::csv(&[
        "Date Start,Interaction,Customers,Topic",
        "2031-02-05 09:00,Call,9,Price",
        "2031-01-01 09:00,Call,5,Price",
    ]);
    let import = async { importer.import_csv(&lines, "both.csv").await.unwrap() };
    let rest = async {
        until_waiting(&mut watcher, 1).await;
        let correction = async {
            corrector
                .execute("UPDATE crm.interactions SET sentiment = 'Neutral' WHERE occurred_at = '2031-01-02 09:00'")
                .await;
        };
        let end = async {
            until_waiting(&mut watcher, 2).await;
            holder.execute("COMMIT").await;
        };
        tokio::join!(correction, end);
    };
    let (result, ()) = tokio::join!(import, rest);
    assert_eq!(result["interactions_enriched"], 1, "{result:#}");
    assert_counts_are_right(&mut watcher).await;
}

#[tokio::test]
async fn a_snapshot_that_is_too_old_is_refused_and_not_miscounted() {
    let database = Database::with_sample().await;
    let (mut one, mut other) = (database.session().await, database.session().await);
    let insert = |customer: i32, at: &str| {
        format!(
            "INSERT INTO crm.interactions (customer_id, occurred_at, channel) VALUES ({customer}, '{at}', 'Boat')"
        )
    };
    for (meanwhile, customer) in [
        (insert(1, "2020-02-03"), 1),
        (
            "UPDATE crm.customers SET customer_type = 'Mauve' WHERE customer_id = 2".to_owned(),
            2,
        ),
    ] {
        one.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM crm.interactions")
            .await;
        other.execute(&meanwhile).await;
        one.execute(&insert(3, "2020-02-03")).await;
        let fault = one.fault(&insert(customer, "2020-02-04")).await;
        assert_eq!(fault.code, "40001", "{meanwhile}");
        one.execute("ROLLBACK").await;
        one.execute("BEGIN ISOLATION LEVEL REPEATABLE READ").await;
        one.execute(&insert(customer, "2020-02-04")).await;
        one.execute("COMMIT").await;
        assert_counts_are_right(&mut one).await;
    }
}

#[tokio::test]
async fn views_are_not_refreshed_from_an_old_snapshot() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    session
        .execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        .await;
    let fault = session.fault("SELECT rapport.refresh_stats()").await;
    assert_eq!(fault.code, "25001");
    session.execute("ROLLBACK").await;
    // What is committed while they are refreshed may be missing: they are true as of before.
    session
        .execute("UPDATE crm.interactions SET topic = 'Other'")
        .await;
    assert_eq!(
        session
            .rows("SELECT count(DISTINCT refreshed_at), bool_or(is_refreshed) FROM rapport.refresh_stats()")
            .await,
        table(&[["1", "t"]])
    );
}
