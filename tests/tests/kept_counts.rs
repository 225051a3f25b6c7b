//! The counts follow every change of the facts, in the transaction that changes them.

use rapport_tests::books::INTERACTIONS as HEADER;
use rapport_tests::recount::assert_counts_are_right;
use rapport_tests::{Database, Session, database::table, fixture};

/// Statements that change facts, each from the state that the one before left. The sample has
/// customers 1 to 17.
const CHANGES: &[&str] = &[
    "INSERT INTO crm.customers (customer_id, customer_type) VALUES (101, 'Red'), (102, NULL), (103, 'Mauve')",
    "INSERT INTO crm.interactions (customer_id, occurred_at, channel, topic, sentiment) VALUES
        (101, '2020-02-29 23:59:59', 'Boat', 'Side Effects', 'Negative'), (101, '2020-02-01', NULL, NULL, NULL),
        (102, '2031-12-31 12:00', 'Bird', 'Side Effects', 'Negative'), (1, '2020-02-15', 'Call', 'New', 'Positive')",
    // The latest, the first and the only one of a customer.
    "DELETE FROM crm.interactions WHERE customer_id = 101 AND occurred_at = '2020-02-29 23:59:59'",
    "DELETE FROM crm.interactions WHERE interaction_id IN (SELECT min(interaction_id) FROM crm.interactions GROUP BY customer_id)",
    "DELETE FROM crm.interactions WHERE customer_id = 102",
    "UPDATE crm.interactions SET occurred_at = occurred_at + interval '1 month' WHERE customer_id IN (1, 2)",
    "UPDATE crm.interactions SET channel = 'Boat' WHERE channel = 'Email'",
    "UPDATE crm.interactions SET topic = NULL WHERE customer_id = 3",
    "UPDATE crm.interactions SET topic = 'Other', sentiment = 'Neutral' WHERE customer_id < 5",
    "UPDATE crm.interactions SET customer_id = 103 WHERE customer_id = 4",
    "UPDATE crm.interactions SET notes = 'only words' WHERE customer_id < 9",
    "UPDATE crm.interactions SET sentiment = sentiment",
    "UPDATE crm.customers SET customer_type = 'Blue' WHERE customer_id IN (1, 2, 103)",
    "UPDATE crm.customers SET customer_type = NULL WHERE customer_id IN (5, 101)",
    "UPDATE crm.customers SET occupation = 'Sailor'",
    "UPDATE crm.customers SET customer_id = 104 WHERE customer_id = 102",
    "DELETE FROM crm.customers WHERE customer_id = 104",
    "INSERT INTO crm.products (month, product) VALUES ('2020-02-01', 'Later')",
    "UPDATE crm.products SET month = '2019-10-01' WHERE product = 'Later'",
    "DELETE FROM crm.products WHERE product = 'Later'",
    "WITH moved AS (DELETE FROM crm.interactions WHERE customer_id = 6 RETURNING *)
        INSERT INTO crm.interactions (customer_id, occurred_at, channel, topic, sentiment)
        SELECT 7, occurred_at + interval '1 second', channel, topic, sentiment FROM moved",
    "INSERT INTO crm.interactions (customer_id, occurred_at, channel) VALUES (8, '2022-01-01', 'Call')
        ON CONFLICT (customer_id, occurred_at, lower(channel)) DO UPDATE SET topic = 'Again'",
    "INSERT INTO crm.interactions (customer_id, occurred_at, channel) VALUES (8, '2022-01-01', 'Call')
        ON CONFLICT (customer_id, occurred_at, lower(channel)) DO UPDATE SET topic = 'Again'",
    "MERGE INTO crm.interactions AS i USING (VALUES (8), (9)) AS v (id)
        ON i.customer_id = v.id AND i.occurred_at = '2022-01-01'
        WHEN MATCHED THEN DELETE
        WHEN NOT MATCHED THEN INSERT (customer_id, occurred_at) VALUES (v.id, '2022-01-01')",
    "DELETE FROM crm.interactions WHERE false",
    // One statement, several events: each has rows that the others see.
    "INSERT INTO crm.interactions (customer_id, occurred_at, channel, topic, sentiment) VALUES
        (8, '2022-03-01', 'Call', 'A', 'Positive'), (8, '2022-03-02', 'Call', 'A', 'Positive')
        ON CONFLICT (customer_id, occurred_at, lower(channel)) DO UPDATE SET topic = 'B', sentiment = excluded.sentiment",
    "INSERT INTO crm.interactions (customer_id, occurred_at, channel, topic, sentiment) VALUES
        (8, '2022-03-02', 'Call', 'A', NULL), (8, '2022-03-03', 'Call', 'B', NULL), (9, '2022-03-03', 'Call', 'B', NULL)
        ON CONFLICT (customer_id, occurred_at, lower(channel)) DO UPDATE SET topic = 'C', sentiment = excluded.sentiment",
    "WITH moved AS (DELETE FROM crm.interactions WHERE customer_id = 7 RETURNING *)
        INSERT INTO crm.interactions (customer_id, occurred_at, channel, topic, sentiment)
        SELECT 7, occurred_at + interval '1 second', channel, topic, sentiment FROM moved",
    "MERGE INTO crm.interactions AS i
        USING (VALUES (8, timestamp '2022-03-01'), (8, '2022-03-05')) AS v (id, at)
        ON i.customer_id = v.id AND i.occurred_at = v.at
        WHEN MATCHED THEN DELETE
        WHEN NOT MATCHED THEN INSERT (customer_id, occurred_at, topic) VALUES (v.id, v.at, 'B')",
    "WITH typed AS (UPDATE crm.customers SET customer_type = 'Green' WHERE customer_id = 1)
        INSERT INTO crm.interactions (customer_id, occurred_at, topic) VALUES (1, '2022-04-01', 'B')",
    "WITH topics AS (UPDATE crm.interactions SET topic = 'D' WHERE customer_id = 1 AND topic IS NOT NULL)
        UPDATE crm.customers SET customer_type = 'Violet' WHERE customer_id = 1",
    "WITH gone AS (DELETE FROM crm.interactions WHERE interaction_id = (
            SELECT min(interaction_id) FROM crm.interactions WHERE customer_id = 1))
        UPDATE crm.customers SET customer_type = 'Green' WHERE customer_id = 1",
    "WITH gone AS (DELETE FROM crm.interactions WHERE customer_id = 9) DELETE FROM crm.customers WHERE customer_id = 9",
    "WITH gone AS (DELETE FROM crm.customers WHERE customer_id = 8 RETURNING customer_id)
        DELETE FROM crm.interactions WHERE customer_id IN (SELECT customer_id FROM gone)",
    "INSERT INTO crm.customers (customer_id, customer_type) VALUES (8, 'Red'), (9, NULL)",
    "WITH gone AS (DELETE FROM crm.customers WHERE customer_id = 5 RETURNING customer_id)
        INSERT INTO crm.customers (customer_id, customer_type) SELECT customer_id, 'Reborn' FROM gone",
    "WITH come AS (INSERT INTO crm.customers (customer_id, customer_type) VALUES (105, 'Red') RETURNING customer_id)
        INSERT INTO crm.interactions (customer_id, occurred_at) SELECT customer_id, '2022-05-01' FROM come",
    // Longer than an index holds, and counted by its beginning.
    "INSERT INTO crm.interactions (customer_id, occurred_at, topic) SELECT 9, '2022-05-01',
        string_agg(md5(n::text), '') FROM generate_series(1, 300) AS n",
];

#[tokio::test]
async fn every_statement_takes_the_counts_with_it() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    assert_counts_are_right(&mut session).await;
    for statement in CHANGES {
        session
            .execute("BEGIN; SET CONSTRAINTS ALL IMMEDIATE")
            .await;
        session.execute(statement).await;
        session.execute("SET CONSTRAINTS ALL IMMEDIATE").await;
        assert_counts_are_right(&mut session).await;
        session.execute("ROLLBACK").await;
        assert_counts_are_right(&mut session).await;
        session.execute(statement).await;
        assert_counts_are_right(&mut session).await;
    }
}

#[tokio::test]
async fn a_truncated_table_counts_nothing() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    session.execute("TRUNCATE crm.interactions").await;
    assert_counts_are_right(&mut session).await;
    assert_eq!(
        session
            .number("SELECT count(*) FROM bi.customer_overview WHERE total_interactions = 0")
            .await,
        17
    );
    // An older snapshot would leave what it does not show.
    let fault = session
        .fault("BEGIN ISOLATION LEVEL REPEATABLE READ; TRUNCATE crm.interactions")
        .await;
    assert_eq!(fault.code, "25001");
    session.execute("ROLLBACK").await;
    session.execute("TRUNCATE crm.customers CASCADE").await;
    assert_counts_are_right(&mut session).await;
    session.execute("TRUNCATE crm.ledger, crm.products").await;
    assert_counts_are_right(&mut session).await;
    assert_eq!(
        session
            .rows("SELECT view_name, is_refreshed FROM rapport.refresh_stats()")
            .await,
        table(&[
            ["data_quality", "t"],
            ["interactions_per_product", "t"],
            ["monthly_activity", "t"],
            ["topic_sentiment", "t"],
        ])
    );
    for view in [
        "interactions_per_product",
        "monthly_activity",
        "topic_sentiment",
        "data_quality",
    ] {
        assert_eq!(
            session
                .number(&format!("SELECT count(*) FROM bi.{view}"))
                .await,
            0,
            "{view}"
        );
    }
}

#[tokio::test]
async fn imports_and_what_takes_them_back_are_followed() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let file = fixture::csv(&[
        HEADER,
        "13/03/2020 10:00,Call,1,Old,",
        "14/03/2020 10:00,Call,\"2, 99\",Old,Positive",
        "soon,Call,3,Old,",
    ]);
    session.import_csv(&file, "a.csv").await.unwrap();
    assert_counts_are_right(&mut session).await;
    session.execute("SELECT rapport.undo_import(2)").await;
    assert_counts_are_right(&mut session).await;
}

/// More than 10 000 interactions of 100 customers, from a day on.
fn many(from: &str) -> String {
    format!(
        "INSERT INTO crm.interactions (customer_id, occurred_at, channel, topic, sentiment)
         SELECT 200 + n % 100, '{from}'::timestamp + n * interval '7 hours', 'Channel ' || n % 3, 'Topic ' || n % 7,
             CASE n % 4 WHEN 0 THEN NULL ELSE 'Sentiment ' || n % 4 END
         FROM generate_series(1, 12000) AS n"
    )
}

async fn with_customers() -> (Database, Session) {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    session
        .execute(
            "INSERT INTO crm.customers (customer_id, customer_type)
             SELECT 200 + n, CASE n % 3 WHEN 0 THEN NULL ELSE 'Type ' || n % 3 END FROM generate_series(0, 99) AS n",
        )
        .await;
    (database, session)
}

#[tokio::test]
async fn a_large_change_is_counted_once_at_the_end() {
    let (_database, mut session) = with_customers().await;
    session.execute("BEGIN").await;
    session.execute(&many("2001-01-01")).await;
    assert_eq!(
        session
            .number("SELECT count(*) FROM stats.due_rebuilds")
            .await,
        1
    );
    // What follows in the same transaction is counted with it.
    session
        .execute("UPDATE crm.customers SET customer_type = 'Red' WHERE customer_id = 201")
        .await;
    session
        .execute("INSERT INTO crm.customers (customer_id) VALUES (300)")
        .await;
    session
        .execute("DELETE FROM crm.interactions WHERE customer_id = 202")
        .await;
    session.execute("COMMIT").await;
    assert_eq!(
        session
            .number("SELECT count(*) FROM stats.due_rebuilds")
            .await,
        0
    );
    assert_counts_are_right(&mut session).await;

    // A refresh does not wait for the end.
    session.execute("BEGIN").await;
    session.execute(&many("2041-01-01")).await;
    session.execute("SELECT rapport.refresh_stats()").await;
    assert_counts_are_right(&mut session).await;
    session.execute(&many("2061-01-01")).await;
    session.execute("ROLLBACK").await;
    assert_counts_are_right(&mut session).await;

    // Nor does one that is small beside what is there wait for anything.
    session.execute(&many("2021-01-01")).await;
    session.execute("BEGIN").await;
    session
        .execute("DELETE FROM crm.interactions WHERE customer_id = 203")
        .await;
    assert_eq!(
        session
            .number("SELECT count(*) FROM stats.due_rebuilds")
            .await,
        0
    );
    assert_counts_are_right(&mut session).await;
    session.execute("COMMIT").await;
}

#[tokio::test]
async fn marks_of_quality_follow_decisions_and_nothing_else() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let marked =
        "SELECT interaction_id, is_repaired, has_conflict FROM crm.interactions ORDER BY 1";
    let right = session.rows(marked).await;
    let mut importer = database.session_as("rapport_importer").await;
    let fault = importer
        .fault("UPDATE crm.interactions SET is_repaired = false")
        .await;
    assert_eq!(fault.code, "42501");
    session
        .execute("UPDATE crm.interactions SET is_repaired = NOT is_repaired")
        .await;
    assert_eq!(
        session
            .number("SELECT count(DISTINCT key) FROM rapport.verify_stats() WHERE counted = 'interaction'")
            .await,
        67
    );
    session.execute("SELECT rapport.rebuild_stats()").await;
    assert_eq!(session.rows(marked).await, right);
    assert_counts_are_right(&mut session).await;
}

#[tokio::test]
async fn a_count_that_is_wrong_is_named_and_counted_anew() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    session
        .execute("UPDATE stats.counts SET total = total + 1 WHERE grain = 'month' AND day = '2020-02-01' AND channel = 'Email'")
        .await;
    session
        .execute("UPDATE stats.customer_activity SET last_topic = 'Wrong' WHERE customer_id = 1")
        .await;
    session
        .execute("DELETE FROM stats.customer_activity WHERE customer_id = 2")
        .await;
    session
        .execute("DELETE FROM stats.ledger_counts WHERE rule = 'several_customers_split'")
        .await;
    let found = session
        .rows("SELECT counted, coalesce(key ->> 'customer_id', key ->> 'rule', key ->> 'day') FROM rapport.verify_stats() ORDER BY 1, 2")
        .await;
    assert!(found.len() >= 4, "{found:?}");
    for (counted, key) in [
        ("customer_activity", "1"),
        ("customer_activity", "2"),
        ("ledger", "several_customers_split"),
        ("month", "2020-02-01"),
    ] {
        assert!(
            found.contains(&vec![Some(counted.to_owned()), Some(key.to_owned())]),
            "{counted} {key}: {found:?}"
        );
    }
    // Triggers that were off are the usual reason.
    session
        .execute("SET session_replication_role = replica; DELETE FROM crm.interactions WHERE customer_id = 5; RESET session_replication_role")
        .await;
    session.execute("SELECT rapport.rebuild_stats()").await;
    assert_counts_are_right(&mut session).await;
}

#[tokio::test]
async fn a_customer_that_came_unseen_is_counted_when_it_is_met() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    session
        .execute(
            "SET session_replication_role = replica;
             INSERT INTO crm.customers (customer_id) VALUES (500);
             RESET session_replication_role;
             INSERT INTO crm.interactions (customer_id, occurred_at) VALUES (500, '2020-02-03'), (1, '2020-02-03')",
        )
        .await;
    assert_counts_are_right(&mut session).await;
}

#[tokio::test]
async fn a_refresh_tells_what_it_did_and_leaves_the_rest() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let refresh = "SELECT view_name, is_refreshed, changed FROM rapport.refresh_stats()";
    assert_eq!(
        session.rows(refresh).await,
        table(&[
            ["data_quality", "f", "{}"],
            ["interactions_per_product", "f", "{}"],
            ["monthly_activity", "f", "{}"],
            ["topic_sentiment", "f", "{}"],
        ])
    );
    session
        .execute("INSERT INTO crm.products (month, product) VALUES ('2020-02-01', 'Later')")
        .await;
    session
        .execute("UPDATE crm.interactions SET notes = 'no statistic tells this'")
        .await;
    assert_eq!(
        session.rows(refresh).await,
        table(&[
            // The correction by hand stands in the ledger.
            ["data_quality", "t", "{ledger}"],
            ["interactions_per_product", "t", "{products}"],
            ["monthly_activity", "f", "{}"],
            ["topic_sentiment", "f", "{}"],
        ])
    );
    assert_eq!(
        session.number("SELECT count(*) FROM bi.interactions_per_product WHERE product = 'Later' AND interactions > 0").await,
        3
    );
}
