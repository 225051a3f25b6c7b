//! The numbers, against those worked out without Rapport.

use rapport_tests::matrix::{Cells, matrix};
use rapport_tests::{Database, database::table, expected, fixture};
use serde_json::Value;

#[tokio::test]
async fn the_matrix_is_the_one_worked_out_by_hand() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    assert_eq!(
        session
            .rows("SELECT * FROM rapport.interactions_per_product()")
            .await,
        table(&[
            ["Blue", "Orange", "10"],
            ["Blue", "Sand", "11"],
            ["Blue", "NULL", "1"],
            ["Orange", "Orange", "7"],
            ["Orange", "Sand", "12"],
            ["Orange", "NULL", "1"],
            ["Red", "Orange", "10"],
            ["Red", "Sand", "13"],
            ["Red", "NULL", "2"],
            ["Unknown", "Orange", "5"],
            ["Unknown", "Sand", "2"],
            ["Unknown", "NULL", "0"],
        ])
    );
    assert_eq!(matrix(&mut session, "").await, expected::matrix("matrix"));
}

#[tokio::test]
async fn a_period_includes_both_of_its_days() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    // The first required row is of 4 October 2019 at 9:00, two others of 11 February 2020 after 16:00.
    assert_eq!(
        matrix(&mut session, "since => '2019-10-04', until => '2020-02-11'").await,
        expected::matrix("matrix_2019_10_04_to_2020_02_11")
    );
    let one_day = matrix(&mut session, "since => '2020-02-11', until => '2020-02-11'").await;
    assert_eq!(one_day.values().sum::<i64>(), 2);
    let before = matrix(&mut session, "until => '2020-02-10'").await;
    let after = matrix(&mut session, "since => '2020-02-11'").await;
    for (cell, count) in expected::matrix("matrix") {
        assert_eq!(before[&cell] + after[&cell], count, "{cell:?}");
    }
    let empty = matrix(&mut session, "since => '2031-01-01', until => '2031-12-31'").await;
    assert_eq!(empty.len(), 12);
    assert!(empty.values().all(|count| *count == 0));
}

#[tokio::test]
async fn a_period_that_ends_before_it_begins_is_refused() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let fault = session
        .fault("SELECT * FROM rapport.interactions_per_product(since => '2020-02-11', until => '2020-02-10')")
        .await;
    assert_eq!(fault.code, "22023");
}

#[tokio::test]
async fn filters_keep_the_numbers_of_what_they_keep() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let whole = expected::matrix("matrix");
    let red = matrix(&mut session, "customer_type => 'Red'").await;
    assert_eq!(
        red,
        whole
            .clone()
            .into_iter()
            .filter(|((kind, _), _)| kind == "Red")
            .collect()
    );
    let sand = matrix(&mut session, "product => 'Sand'").await;
    assert_eq!(
        sand,
        whole
            .into_iter()
            .filter(|((_, product), _)| product.as_deref() == Some("Sand"))
            .collect()
    );
    // `Orange` is a type and a product; one must not be taken for the other.
    let both = matrix(
        &mut session,
        "customer_type => 'Orange', product => 'Orange'",
    )
    .await;
    assert_eq!(
        both,
        [(("Orange".to_owned(), Some("Orange".to_owned())), 7)].into()
    );
    assert!(
        matrix(&mut session, "customer_type => 'Mauve'")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn the_report_adds_up_to_all_interactions() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let report = session
        .json("SELECT rapport.interactions_per_product_report()")
        .await;
    assert_eq!(report["attribution"], "month");
    assert_eq!(report["total_interactions"], 67);
    assert_eq!(report["unattributed"], 4);
    let totals = expected::totals("matrix");
    assert_eq!(totals.values().sum::<i64>(), 67);
    let mut counted = 0;
    for entry in report["customer_types"].as_array().unwrap() {
        assert_eq!(
            entry["total_interactions"],
            totals[entry["customer_type"].as_str().unwrap()],
            "{entry:#}"
        );
        counted += entry["unattributed"].as_i64().unwrap();
        counted += entry["products"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| p["interactions"].as_i64().unwrap())
            .sum::<i64>();
    }
    assert_eq!(report["customer_types"].as_array().unwrap().len(), 4);
    // Seven interactions lie in the two months with two products: customers 1, 12 and 2 in April
    // 2019; 4, 3, 10 and 14 in June 2020. They are counted for each.
    assert_eq!(counted, 67 + 7);
}

#[tokio::test]
async fn without_double_months_the_matrix_sums_to_the_total() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    session.execute("DELETE FROM crm.products WHERE product = 'Orange' AND month IN ('2019-04-01', '2020-06-01')").await;
    assert_eq!(matrix(&mut session, "").await.values().sum::<i64>(), 67);
    session.execute("TRUNCATE crm.products").await;
    let report = session
        .json("SELECT rapport.interactions_per_product_report()")
        .await;
    assert_eq!(report["total_interactions"], 67);
    assert_eq!(report["unattributed"], 67);
}

#[tokio::test]
async fn every_customer_has_the_statistics_worked_out() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let customers = expected::at("/customers").as_object().unwrap();
    assert_eq!(customers.len(), 17);
    for (id, customer) in customers {
        let row = session
            .json(&format!(
                "SELECT to_jsonb(s) FROM rapport.customer_statistics({id}) AS s"
            ))
            .await;
        for name in [
            "occupation",
            "customer_type",
            "is_placeholder",
            "total_interactions",
            "most_frequent_channel",
        ] {
            assert_eq!(row[name], customer[name], "{name} of customer {id}");
        }
        assert_eq!(
            row["key_topics"], customer["key_topics"],
            "key topics of customer {id}"
        );
        let last = &customer["last_interaction"];
        for (column, name) in [
            ("last_channel", "channel"),
            ("last_topic", "topic"),
            ("last_sentiment", "sentiment"),
        ] {
            assert_eq!(row[column], last[name], "{column} of customer {id}");
        }
        let time = match last {
            Value::Null => Value::Null,
            last => format!(
                "{}T{}:00",
                last["date"].as_str().unwrap(),
                last["time"].as_str().unwrap()
            )
            .into(),
        };
        assert_eq!(
            row["last_interaction_at"], time,
            "last interaction of customer {id}"
        );
    }
}

#[tokio::test]
async fn a_customer_without_interactions_has_zeros_and_nulls() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    assert_eq!(
        session
            .rows(
                "SELECT total_interactions, first_interaction_at, last_interaction_at, last_channel,
                        most_frequent_channel, key_topics FROM rapport.customer_statistics(13)"
            )
            .await,
        table(&[["0", "NULL", "NULL", "NULL", "NULL", "{}"]])
    );
}

#[tokio::test]
async fn unknown_and_impossible_customers_are_told_apart() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    for (argument, code) in [
        ("99999", "P0002"),
        ("0", "22023"),
        ("-1", "22023"),
        ("NULL", "22004"),
    ] {
        let fault = session
            .fault(&format!(
                "SELECT * FROM rapport.customer_statistics({argument})"
            ))
            .await;
        assert_eq!(fault.code, code, "{argument}: {fault:?}");
    }
}

#[tokio::test]
async fn ties_go_to_the_latest_then_to_the_alphabet() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let content = fixture::csv(&[
        "Date Start,Interaction,Customers,Topic,Sentiment",
        // Customer 1: three channels twice each, Post the latest.
        "13/01/2020 09:00,Call,1,Dosage Inquiry,Positive",
        "14/01/2020 09:00,Boat,1,Drug Efficacy,Positive",
        "15/01/2020 09:00,Post,1,Sample Request,Positive",
        "16/01/2020 09:00,Call,1,Dosage Inquiry,Positive",
        "17/01/2020 09:00,Boat,1,Drug Efficacy,Positive",
        "18/01/2020 09:00,Post,1,Sample Request,Positive",
        // Customer 2: two channels and two topics at the very same moment.
        "13/01/2020 09:00,Post,2,Sample Request,Positive",
        "13/01/2020 09:00,Boat,2,Drug Efficacy,Negative",
        // Customer 3: six topics, one of them twice but long ago.
        "13/01/2019 09:00,Post,3,Topic F,Positive",
        "14/01/2019 09:00,Post,3,Topic F,Positive",
        "15/01/2020 09:00,Post,3,Topic A,Positive",
        "16/01/2020 09:00,Post,3,Topic B,Positive",
        "17/01/2020 09:00,Post,3,Topic C,Positive",
        "18/01/2020 09:00,Post,3,Topic D,Positive",
        "18/01/2020 10:00,Post,3,Topic E,Positive",
    ]);
    session.import_csv(&content, "ties.csv").await.unwrap();
    assert_eq!(
        session
            .rows(
                "SELECT s.customer_id, s.most_frequent_channel, s.key_topics
                 FROM generate_series(1, 3) AS id, rapport.customer_statistics(id) AS s ORDER BY 1"
            )
            .await,
        table(&[
            [
                "1",
                "Post",
                r#"{"Sample Request","Drug Efficacy","Dosage Inquiry"}"#
            ],
            ["2", "Boat", r#"{"Drug Efficacy","Sample Request"}"#],
            [
                "3",
                "Post",
                r#"{"Topic F","Topic E","Topic D","Topic C","Topic B"}"#
            ],
        ])
    );
    // Of two interactions at the same moment the last is the one with the higher number.
    assert_eq!(
        session
            .value("SELECT last_interaction_id FROM rapport.customer_statistics(2)")
            .await,
        session
            .value("SELECT max(interaction_id) FROM crm.interactions WHERE customer_id = 2")
            .await
    );
}

#[tokio::test]
async fn bi_views_hold_the_same_numbers_after_an_import() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let rows = session
        .rows("SELECT customer_type, nullif(product, '(unattributed)'), interactions FROM bi.interactions_per_product")
        .await;
    let cells: Cells = rows
        .into_iter()
        .map(|row| {
            (
                (row[0].clone().unwrap(), row[1].clone()),
                row[2].as_ref().unwrap().parse().unwrap(),
            )
        })
        .collect();
    assert_eq!(cells, expected::matrix("matrix"));
    assert_eq!(
        session
            .number("SELECT sum(interactions) FROM bi.monthly_activity")
            .await,
        67
    );
    assert_eq!(
        session
            .number("SELECT sum(interactions) FROM bi.topic_sentiment")
            .await,
        67
    );
    assert_eq!(
        session
            .number("SELECT count(*) FROM bi.customer_overview")
            .await,
        17
    );
    assert_eq!(
        session
            .rows(
                "SELECT total_interactions, most_frequent_channel, key_topics, customer_type
                 FROM bi.customer_overview WHERE customer_id = 99"
            )
            .await,
        table(&[["2", "Email", "Drug Efficacy", "Unknown"]])
    );
}

#[tokio::test]
async fn bi_views_say_when_they_were_refreshed() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let views = session
        .rows(
            "SELECT table_name FROM information_schema.views WHERE table_schema = 'bi' ORDER BY 1",
        )
        .await;
    assert!(views.len() >= 5, "{views:?}");
    let old = session
        .value("SELECT min(refreshed_at) FROM bi.interactions_per_product")
        .await
        .unwrap();
    session
        .execute("DELETE FROM crm.interactions WHERE customer_id = 1")
        .await;
    assert_eq!(
        session
            .number("SELECT sum(interactions) FROM bi.monthly_activity")
            .await,
        67
    );
    assert_eq!(
        session
            .number("SELECT sum(interactions) FROM bi.monthly_activity_live")
            .await,
        59
    );
    session.execute("SELECT rapport.refresh_stats()").await;
    assert_eq!(
        session
            .number("SELECT sum(interactions) FROM bi.monthly_activity")
            .await,
        59
    );
    for view in views {
        let view = view[0].clone().unwrap();
        // A twin has no age.
        if !view.ends_with("_live") {
            let newer = format!("SELECT count(*) FROM bi.{view} WHERE refreshed_at <= '{old}'");
            assert_eq!(session.number(&newer).await, 0, "{view}");
        }
        let comments = format!(
            "SELECT count(*) FROM pg_attribute WHERE attrelid = 'bi.{view}'::regclass AND attnum > 0
                 AND col_description(attrelid, attnum) IS NULL"
        );
        assert_eq!(
            session.number(&comments).await,
            0,
            "a column of bi.{view} has no comment"
        );
    }
}

#[tokio::test]
async fn row_counts_know_three_names() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    assert_eq!(
        session
            .rows(
                "SELECT rapport.row_count('customers'), rapport.row_count('interactions'),
                        rapport.row_count('products'), rapport.row_count('pg_authid'), rapport.row_count(NULL)"
            )
            .await,
        table(&[["17", "67", "24", "NULL", "NULL"]])
    );
}
