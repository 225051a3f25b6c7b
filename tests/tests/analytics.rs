//! Channels, sentiment, topics, reach and engagement, on facts small enough to count by hand.

use rapport_tests::{Database, Session, database::table};

/// Customers 1 and 3 are Red, 2 is Blue; 3 was never met.
async fn counted_by_hand() -> (Database, Session) {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    session
        .execute(
            "INSERT INTO crm.customers (customer_id, customer_type) VALUES (1, 'Red'), (2, 'Blue'), (3, 'Red');
             INSERT INTO crm.interactions (customer_id, occurred_at, channel, topic, sentiment) VALUES
                 (1, '2020-01-10 09:00', 'Email', 'Dosage', 'Positive'),
                 (1, '2020-01-20 09:00', 'Call', 'Price', 'Negative'),
                 (2, '2020-03-05 09:00', 'Email', 'Dosage', NULL),
                 (2, '2020-03-31 23:59', 'Email', NULL, 'Mixed'),
                 (1, '2020-04-01 00:00', 'Boat', 'Dosage', 'Neutral')",
        )
        .await;
    (database, session)
}

#[tokio::test]
async fn the_channel_mix_is_in_percent_of_what_was_counted() {
    let (_database, mut session) = counted_by_hand().await;
    assert_eq!(
        session.rows("SELECT * FROM rapport.channel_mix()").await,
        table(&[
            ["Email", "3", "60.00"],
            ["Boat", "1", "20.00"],
            ["Call", "1", "20.00"]
        ])
    );
    // A month that is cut, a whole one without anything, a whole one.
    assert_eq!(
        session
            .rows("SELECT * FROM rapport.channel_mix(since => '2020-01-15', until => '2020-03-31')")
            .await,
        table(&[["Email", "2", "66.67"], ["Call", "1", "33.33"]])
    );
    assert_eq!(
        session
            .rows("SELECT * FROM rapport.channel_mix(since => '2020-03-06', until => '2020-03-31')")
            .await,
        table(&[["Email", "1", "100.00"]])
    );
    assert_eq!(
        session
            .rows("SELECT channel FROM rapport.channel_mix('Red')")
            .await,
        table(&[["Boat"], ["Call"], ["Email"]])
    );
    assert!(
        session
            .rows("SELECT * FROM rapport.channel_mix('Mauve')")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn a_trend_of_sentiment_has_every_period() {
    let (_database, mut session) = counted_by_hand().await;
    assert_eq!(
        session
            .rows("SELECT * FROM rapport.sentiment_trend()")
            .await,
        table(&[
            ["2020-01-01", "2", "1", "0", "1", "0", "0", "0.000"],
            ["2020-02-01", "0", "0", "0", "0", "0", "0", "NULL"],
            ["2020-03-01", "2", "0", "0", "0", "1", "1", "NULL"],
            ["2020-04-01", "1", "0", "1", "0", "0", "0", "0.000"],
        ])
    );
    assert_eq!(
        session
            .rows("SELECT * FROM rapport.sentiment_trend('quarter', until => '2020-01-19')")
            .await,
        table(&[["2020-01-01", "1", "1", "0", "0", "0", "0", "1.000"]])
    );
    // 10 January 2020 was a Friday, 1 April a Wednesday: thirteen Mondays, the first of them the 6th.
    assert_eq!(
        session
            .rows("SELECT count(*), min(period), max(period), sum(interactions) FROM rapport.sentiment_trend('week')")
            .await,
        table(&[["13", "2020-01-06", "2020-03-30", "5"]])
    );
    assert_eq!(
        session
            .rows("SELECT count(*), sum(interactions) FROM rapport.sentiment_trend('day', 'Red', until => '2020-03-31')")
            .await,
        table(&[["11", "2"]])
    );
}

#[tokio::test]
async fn a_trend_of_topics_tells_shares_and_changes() {
    let (_database, mut session) = counted_by_hand().await;
    assert_eq!(
        session
            .rows("SELECT * FROM rapport.topic_trends(topics => 1)")
            .await,
        table(&[
            ["Dosage", "2020-01-01", "1", "50.00", "NULL"],
            ["Dosage", "2020-02-01", "0", "NULL", "-1"],
            ["Dosage", "2020-03-01", "1", "50.00", "1"],
            ["Dosage", "2020-04-01", "1", "100.00", "0"],
        ])
    );
    assert_eq!(
        session
            .rows("SELECT * FROM rapport.topic_trends('year', 'Red')")
            .await,
        table(&[
            ["Dosage", "2020-01-01", "2", "66.67", "NULL"],
            ["Price", "2020-01-01", "1", "33.33", "NULL"],
        ])
    );
}

#[tokio::test]
async fn reach_counts_customers_that_were_met() {
    let (_database, mut session) = counted_by_hand().await;
    assert_eq!(
        session
            .rows("SELECT * FROM rapport.reach(since => '2020-01-01', until => '2020-03-31')")
            .await,
        table(&[
            ["Blue", "1", "1", "100.00", "2", "2.00"],
            ["Red", "2", "1", "50.00", "2", "2.00"],
        ])
    );
    assert_eq!(
        session
            .rows("SELECT * FROM rapport.reach(since => '2021-01-01')")
            .await,
        table(&[
            ["Blue", "1", "0", "0.00", "0", "NULL"],
            ["Red", "2", "0", "0.00", "0", "NULL"],
        ])
    );
}

#[tokio::test]
async fn engagement_follows_its_formula() {
    let (_database, mut session) = counted_by_hand().await;
    // 100 * (0.4 * 356/365 + 0.4 * 3/12 + 0.2 * 1/2) and 100 * (0.4 * 355/365 + 0.4 * 2/12 + 0.2 * 1/2).
    assert_eq!(
        session
            .rows("SELECT * FROM rapport.engagement('2020-04-10')")
            .await,
        table(&[
            [
                "1",
                "Red",
                "2020-04-01",
                "9",
                "3",
                "0.000",
                "59.0",
                "active"
            ],
            [
                "2",
                "Blue",
                "2020-03-31",
                "10",
                "2",
                "NULL",
                "55.6",
                "active"
            ],
            ["3", "Red", "NULL", "NULL", "0", "NULL", "0.0", "never"],
        ])
    );
    // What came later is left out; the year ends on the day.
    assert_eq!(
        session
            .rows("SELECT customer_id, recency_days, interactions_in_year, segment FROM rapport.engagement('2020-03-31', 'Red')")
            .await,
        table(&[["1", "71", "2", "active"], ["3", "NULL", "0", "never"]])
    );
    assert_eq!(
        session
            .rows("SELECT customer_id, recency_days, interactions_in_year, score, segment FROM rapport.engagement('2021-04-02')")
            .await,
        table(&[
            ["1", "366", "0", "10.0", "dormant"],
            ["2", "367", "0", "10.0", "dormant"],
            ["3", "NULL", "0", "0.0", "never"],
        ])
    );
}

#[tokio::test]
async fn impossible_questions_are_refused() {
    let (_database, mut session) = counted_by_hand().await;
    for (question, code, word) in [
        ("sentiment_trend('fortnight')", "22023", "fortnight"),
        ("topic_trends(NULL)", "22004", "bucket"),
        ("topic_trends(topics => 0)", "22023", "topics"),
        (
            "channel_mix(since => '2020-02-02', until => '2020-02-01')",
            "22023",
            "since",
        ),
        (
            "reach(since => '2020-02-02', until => '2020-02-01')",
            "22023",
            "since",
        ),
        ("engagement('infinity')", "22023", "as_of"),
        ("engagement(NULL)", "22023", "as_of"),
    ] {
        let fault = session
            .fault(&format!("SELECT * FROM rapport.{question}"))
            .await;
        assert_eq!(fault.code, code, "{question}: {fault:?}");
        assert!(fault.text().contains(word), "{question}: {fault:?}");
    }
}

#[tokio::test]
async fn without_facts_there_are_no_trends() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    for question in [
        "channel_mix()",
        "sentiment_trend()",
        "sentiment_trend('day')",
        "topic_trends()",
        "reach()",
        "engagement('2020-01-01')",
        "customer_types()",
        "interactions_per_type()",
    ] {
        let rows = session
            .rows(&format!("SELECT * FROM rapport.{question}"))
            .await;
        assert!(rows.is_empty(), "{question}: {rows:?}");
    }
}

#[tokio::test]
async fn counts_and_rows_give_the_same_answers() {
    let database = Database::with_sample().await;
    let mut counted = database.session().await;
    // A policy that hides nothing makes the functions count from the rows.
    counted
        .execute(
            "ALTER TABLE crm.products ENABLE ROW LEVEL SECURITY;
             CREATE POLICY everything ON crm.products USING (true);
             -- Longer than what is counted: two texts that are one label.
             INSERT INTO crm.interactions (customer_id, occurred_at, channel, topic, sentiment)
             SELECT 1, ('2020-11-0' || n)::timestamp, repeat('c', 200 + n), repeat('t', 200 + n), repeat('s', 200 + n)
             FROM generate_series(6, 8) AS n;
             UPDATE crm.customers SET customer_type = repeat('k', 210) WHERE customer_id = 3",
        )
        .await;
    let mut from_rows = database.session_as("rapport_analyst").await;
    assert_eq!(
        from_rows.value("SELECT bi.sees_every_row()").await.unwrap(),
        "f"
    );
    for question in [
        "channel_mix()",
        "channel_mix('Red', '2019-10-05', '2020-11-07')",
        "sentiment_trend()",
        "sentiment_trend('quarter', 'Blue', '2019-12-31', '2020-12-01')",
        "sentiment_trend('year', since => '2020-02-29')",
        "topic_trends()",
        "topic_trends('quarter', 'Orange', '2019-10-05', '2020-11-07')",
        "interactions_per_type('2019-10-05', '2020-11-07') ORDER BY month, customer_type",
        "interactions_per_type(until => '2020-01-01') ORDER BY month, customer_type",
        "interactions_per_product(since => '2020-02-12')",
        "interactions_per_product(since => '2020-02-12', until => '2020-02-28')",
        "interactions_per_product()",
        "customer_types()",
        "customer_statistics(1)",
        "reach()",
        "engagement('2020-12-31')",
        "monthly_activity()",
        "monthly_activity(since => '2020-02-12', until => '2020-11-07')",
        "monthly_activity(repeat('k', 333))",
        "monthly_activity(channel => repeat('c', 207), until => '2020-11-07')",
        "topic_sentiments(since => '2020-02-12', until => '2020-11-07')",
        "topic_sentiments(repeat('t', 400), since => '2020-11-07')",
    ] {
        let question = format!("SELECT * FROM rapport.{question}");
        let rows = counted.rows(&question).await;
        assert!(!rows.is_empty(), "{question}");
        assert_eq!(from_rows.rows(&question).await, rows, "{question}");
    }
}
