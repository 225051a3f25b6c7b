//! Random changes by several sessions at once. `RAPPORT_STATS_CHANGES` sets their number.

use fastrand::Rng;
use rapport_tests::recount::{assert_counts_are_right, assert_passages_are_right};
use rapport_tests::{Database, Session};

const SESSIONS: u64 = 4;
const CUSTOMERS: u32 = 30;

fn changes() -> u64 {
    std::env::var("RAPPORT_STATS_CHANGES").map_or(500, |number| number.parse().expect("a number"))
}

fn word(random: &mut Rng, words: &[&str]) -> String {
    match random.choice(words) {
        Some(&"") | None => "NULL".to_owned(),
        Some(word) => format!("'{word}'"),
    }
}

fn channel(random: &mut Rng) -> String {
    word(random, &["Email", "Call", "Boat", "boat", ""])
}

fn topic(random: &mut Rng) -> String {
    word(random, &["Side Effects", "Dosage", "Price", "Unknown", ""])
}

fn sentiment(random: &mut Rng) -> String {
    word(random, &["Positive", "Neutral", "Negative", ""])
}

fn kind(random: &mut Rng) -> String {
    word(random, &["Red", "Blue", "Unknown", ""])
}

/// A time out of few, so that rows meet.
fn moment(random: &mut Rng) -> String {
    format!(
        "'2020-{:02}-{:02} {:02}:00'",
        random.u8(1..=3),
        random.u8(1..=28),
        random.u8(0..3)
    )
}

fn insert(random: &mut Rng, rows: usize) -> String {
    let values: Vec<String> = (0..rows)
        .map(|_| {
            format!(
                "({}, {}::timestamp, {}, {}, {})",
                random.u32(1..=CUSTOMERS),
                moment(random),
                channel(random),
                topic(random),
                sentiment(random)
            )
        })
        .collect();
    format!(
        "INSERT INTO crm.interactions (customer_id, occurred_at, channel, topic, sentiment)
         VALUES {} ON CONFLICT DO NOTHING",
        values.join(", ")
    )
}

/// Some rows, found by what many have.
fn chosen(random: &mut Rng) -> String {
    let customer = random.u32(1..=CUSTOMERS);
    match random.u8(0..4) {
        0 => format!("customer_id = {customer}"),
        1 => format!(
            "customer_id BETWEEN {customer} AND {} AND topic = {}",
            customer + 3,
            topic(random)
        ),
        2 => format!("interaction_id % 13 = {}", random.u8(0..13)),
        _ => format!(
            "occurred_at = (SELECT max(occurred_at) FROM crm.interactions WHERE customer_id = {customer})"
        ),
    }
}

fn statement(random: &mut Rng) -> String {
    let customer = random.u32(1..=CUSTOMERS);
    match random.u8(0..24) {
        23 => format!(
            "UPDATE crm.interactions SET is_repaired = NOT is_repaired, has_conflict = {} WHERE {}",
            random.bool(),
            chosen(random)
        ),
        20 => {
            let rows = random.usize(1..6);
            insert(random, rows).replace(
                "ON CONFLICT DO NOTHING",
                "ON CONFLICT (customer_id, occurred_at, lower(channel)) DO UPDATE SET topic = 'Again'",
            )
        }
        21 => format!(
            "WITH moved AS (DELETE FROM crm.interactions WHERE customer_id = {customer} RETURNING *)
             INSERT INTO crm.interactions (customer_id, occurred_at, channel, topic, sentiment)
             SELECT customer_id, occurred_at + interval '1 day', channel, topic, {} FROM moved",
            sentiment(random)
        ),
        22 => format!(
            "WITH typed AS (UPDATE crm.customers SET customer_type = {} WHERE customer_id = {customer})
             UPDATE crm.interactions SET topic = {} WHERE customer_id = {customer} AND {}",
            kind(random),
            topic(random),
            chosen(random)
        ),
        0..=5 => insert(random, 1),
        6..=7 => {
            let rows = random.usize(2..40);
            insert(random, rows)
        }
        8..=9 => format!("DELETE FROM crm.interactions WHERE {}", chosen(random)),
        10 => format!(
            "UPDATE crm.interactions SET topic = {} WHERE {}",
            topic(random),
            chosen(random)
        ),
        11 => format!(
            "UPDATE crm.interactions SET sentiment = {}, topic = {} WHERE {}",
            sentiment(random),
            topic(random),
            chosen(random)
        ),
        12 => format!(
            "UPDATE crm.interactions SET occurred_at = occurred_at + interval '1 month' WHERE {}",
            chosen(random)
        ),
        13 => format!(
            "UPDATE crm.interactions SET customer_id = {customer} WHERE {}",
            chosen(random)
        ),
        14 => format!(
            "UPDATE crm.customers SET customer_type = {} WHERE customer_id = {customer}",
            kind(random)
        ),
        15 => format!(
            "UPDATE crm.customers SET customer_type = {} WHERE customer_id % 5 = {}",
            kind(random),
            random.u8(0..5)
        ),
        16 => format!(
            "INSERT INTO crm.customers (customer_id, customer_type) VALUES ({}, {}) ON CONFLICT DO NOTHING",
            random.u32(1..=CUSTOMERS + 10),
            kind(random)
        ),
        17 => format!(
            "DELETE FROM crm.customers AS c WHERE customer_id > {} AND NOT EXISTS
                (SELECT FROM crm.interactions AS i WHERE i.customer_id = c.customer_id)",
            CUSTOMERS - 5
        ),
        18 => "SELECT rapport.refresh_stats()".to_owned(),
        _ => format!(
            "SELECT rapport.import_query(format('SELECT %s AS customers, %L::timestamp AS \"date start\", %L AS interaction',
                 {customer}, {}, 'Boat'))",
            moment(random)
        ),
    }
}

/// What other sessions make impossible, and what is refused for other reasons.
fn is_expected(code: &str) -> bool {
    matches!(
        code,
        // Serialization, deadlock, unique and foreign keys.
        "40001" | "40P01" | "23505" | "23503"
            // One statement that meets a row twice.
            | "21000"
            // An import above read committed.
            | "25001"
    )
}

async fn change(mut session: Session, seed: u64, share: u64) -> u64 {
    let mut random = Rng::with_seed(seed);
    let (mut done, mut refused) = (0, 0);
    while done < share {
        let level = ["READ COMMITTED", "READ COMMITTED", "REPEATABLE READ"][random.usize(0..3)];
        session
            .execute(&format!("BEGIN ISOLATION LEVEL {level}"))
            .await;
        let mut failed = false;
        for _ in 0..random.u8(1..4) {
            let to_savepoint = random.u8(0..4) == 0;
            if to_savepoint {
                session.execute("SAVEPOINT here").await;
            }
            let statement = statement(&mut random);
            if let Err(fault) = session.try_execute(&statement).await {
                assert!(
                    is_expected(&fault.code),
                    "seed {seed}: {statement}: {fault:?}"
                );
                failed = true;
                refused += 1;
                break;
            }
            done += 1;
            if to_savepoint && random.bool() {
                session.execute("ROLLBACK TO SAVEPOINT here").await;
            }
        }
        let end = if failed || random.u8(0..6) == 0 {
            "ROLLBACK"
        } else {
            "COMMIT"
        };
        if let Err(fault) = session.try_execute(end).await {
            assert!(is_expected(&fault.code), "seed {seed}: {end}: {fault:?}");
        }
    }
    refused
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_changes_by_several_sessions_leave_the_counts_right() {
    const ROUNDS: u64 = 4;
    let database = Database::fresh().await;
    let mut session = database.session().await;
    session
        .execute(&format!(
            "INSERT INTO crm.customers (customer_id) SELECT * FROM generate_series(1, {CUSTOMERS})"
        ))
        .await;
    for round in 0..ROUNDS {
        let mut writers = Vec::new();
        for writer in 0..SESSIONS {
            let share = changes().div_ceil(SESSIONS * ROUNDS);
            let seed = round * SESSIONS + writer;
            writers.push(tokio::spawn(change(database.session().await, seed, share)));
        }
        let mut refused = 0;
        for writer in writers {
            refused += writer.await.expect("the writer ends");
        }
        assert!(refused < changes(), "{refused} statements were refused");
        // Whatever was written into the columns of quality, decisions have the last word.
        session
            .execute(
                "INSERT INTO crm.ledger (sheet, rule, rule_version, severity, action, interaction_id)
                 SELECT 'none', 'none', 1, 'info', d.action, i.interaction_id
                 FROM crm.interactions AS i
                 CROSS JOIN LATERAL (VALUES ('repaired', i.is_repaired), ('conflict', i.has_conflict)) AS d (action, holds)
                 WHERE d.holds;
                 SELECT rapport.mark_quality(ARRAY(SELECT interaction_id FROM crm.interactions))",
            )
            .await;
        assert_counts_are_right(&mut session).await;
        assert_passages_are_right(&mut session).await;
    }
    assert!(
        session
            .number("SELECT count(*) FROM crm.interactions")
            .await
            > 30
    );
}
