//! The cleaning functions as an analyst calls them.

use rapport_tests::{Database, database::table};

#[tokio::test]
async fn labels_lose_their_dirt_and_nothing_else() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    assert_eq!(
        session
            .rows(
                "SELECT rapport.clean_label(text) FROM (VALUES
                    (1, '  Santa   Claus '), (2, U&'Ghost\\00A0Hunter'), (3, U&'Night\\200Bwatchman'),
                    (4, 'BÃ¤cker'), (5, U&'Cafe\\0301'), (6, 'Plummer'), (7, '   '), (8, ''), (9, NULL)
                 ) AS labels (n, text) ORDER BY n"
            )
            .await,
        table(&[
            ["Santa Claus"],
            ["Ghost Hunter"],
            ["Nightwatchman"],
            ["Bäcker"],
            ["Café"],
            ["Plummer"],
            ["NULL"],
            ["NULL"],
            ["NULL"],
        ])
    );
    for name in ["clean_channel", "clean_sentiment"] {
        let sql = format!("SELECT rapport.{name}('  Carrier  Pigeon '), rapport.{name}(NULL)");
        assert_eq!(
            session.rows(&sql).await,
            table(&[["Carrier Pigeon", "NULL"]])
        );
    }
}

#[tokio::test]
async fn customer_ids_are_found_or_refused() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    assert_eq!(
        session
            .rows(
                "SELECT rapport.clean_customer_id('12in'), rapport.clean_customer_id(' 7 '),
                        rapport.clean_customer_id('9223372036854775807'), rapport.clean_customer_id(NULL)"
            )
            .await,
        table(&[["12", "7", "9223372036854775807", "NULL"]])
    );
    for text in [
        "n/a",
        "",
        "0",
        "-1",
        "1, 4",
        "9223372036854775808",
        "1180591620717411303424",
    ] {
        let fault = session
            .fault(&format!("SELECT rapport.clean_customer_id('{text}')"))
            .await;
        assert!(fault.code.starts_with("22"), "{text}: {fault:?}");
    }
}

#[tokio::test]
async fn timestamps_are_read_in_the_order_they_are_told() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    // The answer must not depend on what the session prefers.
    session
        .execute("SET DateStyle = 'ISO, MDY'; SET TimeZone = 'Pacific/Auckland'")
        .await;
    assert_eq!(
        session
            .rows(
                "SELECT rapport.clean_timestamp('04/10/2019 09:00'),
                        rapport.clean_timestamp('04/10/2019 09:00', 'MDY'),
                        rapport.clean_timestamp('2019-10-04 09:00', 'MDY'),
                        rapport.clean_timestamp(NULL)"
            )
            .await,
        table(&[[
            "2019-10-04 09:00:00",
            "2019-04-10 09:00:00",
            "2019-10-04 09:00:00",
            "NULL"
        ]])
    );
    for arguments in [
        "'31/02/2020 09:00'",
        "'yesterday'",
        "''",
        "'13/13/2020 09:00'",
        "'04/10/2019 09:00', 'YDM'",
    ] {
        let fault = session
            .fault(&format!("SELECT rapport.clean_timestamp({arguments})"))
            .await;
        assert_eq!(fault.code, "22023", "{arguments}: {fault:?}");
    }
}

#[tokio::test]
async fn months_become_their_first_day() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    assert_eq!(
        session.rows("SELECT rapport.clean_month('01-2019'), rapport.clean_month('12-2020'), rapport.clean_month(NULL)").await,
        table(&[["2019-01-01", "2020-12-01", "NULL"]])
    );
    for text in ["13-2019", "00-2019", "spring", ""] {
        let fault = session
            .fault(&format!("SELECT rapport.clean_month('{text}')"))
            .await;
        assert_eq!(fault.code, "22023", "{text}: {fault:?}");
    }
}

#[tokio::test]
async fn an_error_is_a_sentence_with_the_value_in_quotes() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let fault = session
        .fault("SELECT rapport.clean_customer_id('n/a')")
        .await;
    assert!(fault.message.contains("\"n/a\""), "{fault:?}");
    assert!(
        fault
            .message
            .starts_with(|first: char| !first.is_uppercase()),
        "{fault:?}"
    );
}

#[tokio::test]
async fn the_version_is_the_one_of_the_extension() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    assert_eq!(
        session.value("SELECT rapport.version()").await,
        session
            .value("SELECT extversion FROM pg_extension WHERE extname = 'rapport'")
            .await
    );
}
