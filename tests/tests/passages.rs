//! The passages follow the interactions, in the transaction that changes them.

use rapport_tests::books::{self, import_interactions};
use rapport_tests::recount::assert_passages_are_right;
use rapport_tests::{Database, Session, database::table};

fn insert(at: &str, topic: &str, notes: &str) -> String {
    let text = |text: &str| match text {
        "" => "NULL".to_owned(),
        text => format!("'{text}'"),
    };
    format!(
        "INSERT INTO crm.interactions (customer_id, occurred_at, topic, notes) VALUES (1, '{at}', {}, {})",
        text(topic),
        text(notes)
    )
}

async fn contents(session: &mut Session) -> Vec<Vec<Option<String>>> {
    session
        .rows("SELECT content FROM crm.passages ORDER BY content COLLATE \"C\"")
        .await
}

/// A database with customer 1 and nothing else.
async fn with_customer() -> (Database, Session) {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    session
        .execute("INSERT INTO crm.customers (customer_id) VALUES (1)")
        .await;
    (database, session)
}

#[tokio::test]
async fn a_text_is_kept_once_for_all_who_say_it() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    assert_passages_are_right(&mut session).await;
    // The sample has 13 topics and no notes.
    assert_eq!(contents(&mut session).await.len(), 13);
    session
        .execute("UPDATE crm.interactions SET topic = 'Price' WHERE interaction_id % 2 = 0")
        .await;
    assert_passages_are_right(&mut session).await;
    session
        .execute("UPDATE crm.interactions SET sentiment = 'Positive', channel = NULL")
        .await;
    assert_passages_are_right(&mut session).await;
    session
        .execute("DELETE FROM crm.interactions WHERE topic <> 'Price'")
        .await;
    assert_eq!(contents(&mut session).await, table(&[["Price"]]));
    session.execute("TRUNCATE crm.customers CASCADE").await;
    assert_eq!(contents(&mut session).await.len(), 0);
}

#[tokio::test]
async fn notes_are_found_by_their_parts() {
    let (_database, mut session) = with_customer().await;
    let long = "Nothing new. ".repeat(200);
    session
        .execute(&insert("2020-01-01", "Dosage", &long))
        .await;
    session.execute(&insert("2020-01-02", "", "  ")).await;
    session.execute(&insert("2020-01-03", "", "")).await;
    session
        .execute(&insert("2020-01-04", "", "Only notes."))
        .await;
    assert_passages_are_right(&mut session).await;
    assert_eq!(
        session
            .rows("SELECT count(*), count(DISTINCT document_id), max(length(content)) <= 1010 FROM crm.passages")
            .await,
        table(&[["4", "2", "t"]])
    );
    session
        .execute("UPDATE crm.interactions SET notes = 'Short.' WHERE topic = 'Dosage'")
        .await;
    assert_eq!(
        contents(&mut session).await,
        table(&[["Dosage. Short."], ["Only notes."]])
    );
}

#[tokio::test]
async fn nothing_is_left_of_what_is_taken_back() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let before = contents(&mut session).await;
    let first = import_interactions(
        &mut session,
        "one.csv",
        &[
            "2031-01-13 09:00,Email,1,Secret matter,",
            "2031-01-14 09:00,Email,1,Drug Efficacy,",
        ],
    )
    .await;
    assert_eq!(contents(&mut session).await.len(), before.len() + 1);
    assert_passages_are_right(&mut session).await;
    books::undo(&mut session, first["import_id"].as_i64().unwrap()).await;
    assert_eq!(contents(&mut session).await, before);
    assert_passages_are_right(&mut session).await;
    session
        .execute("DELETE FROM crm.interactions WHERE customer_id = 1; DELETE FROM crm.customers WHERE customer_id = 1")
        .await;
    assert_passages_are_right(&mut session).await;
    // What was not committed was never there.
    session.execute("BEGIN").await;
    session
        .execute("UPDATE crm.interactions SET topic = 'Rolled back'")
        .await;
    session.execute("ROLLBACK").await;
    assert_passages_are_right(&mut session).await;
}

/// What two transactions do at the same time, of which the first ends after the second; neither may wait.
/// Each writes of a customer of its own.
async fn at_once(database: &Database, first: &str, first_ends: &str, second: &str) {
    let (mut one, mut other) = (database.session().await, database.session().await);
    for session in [&mut one, &mut other] {
        session.execute("SET lock_timeout = '1s'").await;
        session.execute("BEGIN").await;
    }
    one.execute(first).await;
    other.execute(second).await;
    other.execute("COMMIT").await;
    one.execute(first_ends).await;
}

fn of_second(statement: &str) -> String {
    statement
        .replace("VALUES (1,", "VALUES (2,")
        .replace("customer_id = 1", "customer_id = 2")
}

#[tokio::test]
async fn nobody_waits_and_nothing_is_lost_or_left() {
    let (database, mut session) = with_customer().await;
    session
        .execute("INSERT INTO crm.customers (customer_id) VALUES (2)")
        .await;
    let say = insert("2020-01-02", "Rare", "");
    let former = insert("2020-01-01", "Rare", "");
    let remove = "DELETE FROM crm.interactions WHERE customer_id = 1".to_owned();
    let change = "UPDATE crm.interactions SET topic = 'Other' WHERE customer_id = 1".to_owned();
    for (name, before, first, ends, second, left) in [
        (
            "both say it first",
            vec![],
            &say,
            "COMMIT",
            of_second(&say),
            vec!["Rare"],
        ),
        (
            "one takes it back",
            vec![],
            &say,
            "ROLLBACK",
            of_second(&say),
            vec!["Rare"],
        ),
        (
            "the last one goes, another comes",
            vec![former.clone()],
            &remove,
            "COMMIT",
            of_second(&say),
            vec!["Rare"],
        ),
        (
            "the last one says something else",
            vec![former.clone()],
            &change,
            "COMMIT",
            of_second(&say),
            vec!["Other", "Rare"],
        ),
        (
            "the last one stays",
            vec![former.clone()],
            &remove,
            "ROLLBACK",
            of_second(&say),
            vec!["Rare"],
        ),
        (
            "another comes, the last one goes",
            vec![of_second(&former)],
            &say,
            "COMMIT",
            of_second(&remove),
            vec!["Rare"],
        ),
        (
            "another does not come",
            vec![of_second(&former)],
            &say,
            "ROLLBACK",
            of_second(&remove),
            vec![],
        ),
        (
            "the last two go",
            vec![former.clone(), of_second(&former)],
            &remove,
            "COMMIT",
            of_second(&remove),
            vec![],
        ),
        (
            "one of two goes",
            vec![former.clone(), of_second(&former)],
            &remove,
            "ROLLBACK",
            of_second(&remove),
            vec!["Rare"],
        ),
        (
            "both of two say something else",
            vec![former.clone(), of_second(&former)],
            &change,
            "COMMIT",
            of_second(&change),
            vec!["Other"],
        ),
    ] {
        session.execute("TRUNCATE crm.interactions").await;
        for statement in before {
            session.execute(&statement).await;
        }
        at_once(&database, first, ends, &second).await;
        // Whatever stands there twice, or too long, is found once or not at all.
        assert_eq!(
            session
                .number("SELECT count(*) FROM rapport.search_interactions('rare other')")
                .await,
            session
                .number("SELECT count(*) FROM crm.interactions")
                .await,
            "{name}"
        );
        session.execute("SELECT rapport.settle_passages()").await;
        assert_passages_are_right(&mut session).await;
        let left: Vec<[&str; 1]> = left.into_iter().map(|text| [text]).collect();
        assert_eq!(contents(&mut session).await, table(&left), "{name}");
    }
}

#[tokio::test]
async fn the_next_removal_looks_at_what_was_in_doubt() {
    let (database, mut session) = with_customer().await;
    session
        .execute("INSERT INTO crm.customers (customer_id) VALUES (2)")
        .await;
    let rare = insert("2020-01-01", "Rare", "");
    for statement in [&rare, &of_second(&rare), &insert("2020-01-03", "Other", "")] {
        session.execute(statement).await;
    }
    let remove = "DELETE FROM crm.interactions WHERE topic = 'Rare' AND customer_id = 1";
    at_once(&database, remove, "COMMIT", &of_second(remove)).await;
    assert_eq!(contents(&mut session).await, table(&[["Other"], ["Rare"]]));
    session.execute("DELETE FROM crm.interactions").await;
    assert_eq!(contents(&mut session).await.len(), 0);
}

#[tokio::test]
async fn an_old_snapshot_leaves_the_removal_to_the_next_change() {
    let (_database, mut session) = with_customer().await;
    session.execute(&insert("2020-01-01", "Rare", "")).await;
    session
        .execute("BEGIN ISOLATION LEVEL REPEATABLE READ; DELETE FROM crm.interactions; COMMIT")
        .await;
    assert_eq!(contents(&mut session).await, table(&[["Rare"]]));
    // Nobody finds it meanwhile.
    assert_eq!(
        session
            .number("SELECT count(*) FROM rapport.search_interactions('rare')")
            .await,
        0
    );
    for function in ["settle_passages", "rebuild_passages"] {
        let fault = session
            .fault(&format!(
                "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT rapport.{function}()"
            ))
            .await;
        assert_eq!(fault.code, "25001");
        session.execute("ROLLBACK").await;
    }
    session.execute(&insert("2020-01-02", "Other", "")).await;
    session.execute("DELETE FROM crm.interactions").await;
    assert_eq!(contents(&mut session).await.len(), 0);
    assert_eq!(
        session
            .number("SELECT count(*) FROM crm.doubtful_documents")
            .await,
        0
    );
}

#[tokio::test]
async fn interactions_come_without_the_extension_too() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    session.execute("DROP EXTENSION rapport").await;
    session
        .execute(&insert("2031-01-01", "New", "Said without it"))
        .await;
    session
        .execute("DELETE FROM crm.interactions WHERE topic = 'Drug Efficacy'")
        .await;
    session
        .execute("CREATE EXTENSION rapport WITH SCHEMA rapport")
        .await;
    assert_eq!(
        session.number("SELECT rapport.rebuild_passages()").await,
        session.number("SELECT count(*) FROM crm.passages").await
    );
    assert_passages_are_right(&mut session).await;
}

#[tokio::test]
async fn many_at_once_are_found_before_they_are_in_the_index() {
    let (_database, mut session) = with_customer().await;
    session
        .execute(&insert("2019-01-01", "Parcel was late", ""))
        .await;
    session
        .execute(
            "INSERT INTO crm.interactions (customer_id, occurred_at, topic)
             SELECT 1, '2020-01-01'::timestamp + n * interval '1 hour', 'Matter ' || n FROM generate_series(1, 300) AS n",
        )
        .await;
    assert_passages_are_right(&mut session).await;
    let fresh = "SELECT count(*) FROM crm.passages WHERE is_fresh";
    let near = "SELECT vector_rank, topic FROM rapport.search_interactions('Matter 123', 400) WHERE topic = 'Matter 123'";
    let all = "SELECT count(*) FROM rapport.search_interactions('Matter 123', 400) WHERE vector_rank IS NOT NULL";
    assert_eq!(session.number(fresh).await, 300);
    assert_eq!(session.rows(near).await, table(&[["1", "Matter 123"]]));
    assert_eq!(session.number(all).await, 301);
    assert_eq!(
        session.number("SELECT rapport.settle_passages(100)").await,
        200
    );
    assert_eq!(session.number(fresh).await, 200);
    assert_eq!(session.rows(near).await, table(&[["1", "Matter 123"]]));
    assert_eq!(session.number("SELECT rapport.settle_passages()").await, 0);
    assert_eq!(session.rows(near).await, table(&[["1", "Matter 123"]]));
    assert_passages_are_right(&mut session).await;
}

#[tokio::test]
async fn the_embedder_is_changed_step_by_step() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let fault = session
        .fault("SELECT rapport.use_embedder('word2vec')")
        .await;
    assert_eq!(fault.code, "22023");
    assert!(fault.hint.contains("rapport.embedders()"));
    assert_eq!(
        session
            .value("SELECT rapport.use_embedder('hash')")
            .await
            .as_deref(),
        Some("hash/1")
    );
    let search = "SELECT count(*) FROM rapport.search_interactions('drug efficacy', 5)";
    let relevant = "SELECT topic FROM rapport.relevant_interactions(1, 'drug efficacy', 1)";
    let mut left = 13;
    while left > 0 {
        // Found by words, and what has been embedded already by both.
        assert_eq!(session.number(search).await, 5);
        assert_eq!(session.rows(relevant).await, table(&[["Drug Efficacy"]]));
        let now = session.number("SELECT rapport.settle_passages(5)").await;
        assert_eq!(now, (left - 5).max(0));
        left = now;
    }
    assert_passages_are_right(&mut session).await;
    // Those that come are embedded by it at once.
    session.execute(&insert("2031-01-01", "New", "")).await;
    assert_passages_are_right(&mut session).await;
    let fault = session.fault("SELECT rapport.settle_passages(0)").await;
    assert_eq!(fault.code, "22023");
}

#[tokio::test]
async fn what_is_said_while_an_old_snapshot_looks_elsewhere_is_kept() {
    let (database, mut session) = with_customer().await;
    session
        .execute("INSERT INTO crm.customers (customer_id) VALUES (2)")
        .await;
    session.execute(&insert("2020-01-01", "Rare", "")).await;
    let mut old = database.session().await;
    old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ").await;
    old.number("SELECT count(*) FROM crm.interactions").await;
    session.execute("DELETE FROM crm.interactions").await;
    old.execute(&of_second(&insert("2020-01-02", "Rare", "")))
        .await;
    old.execute("COMMIT").await;
    assert_passages_are_right(&mut session).await;
    assert_eq!(contents(&mut session).await, table(&[["Rare"]]));
}

#[tokio::test]
async fn the_planner_knows_nothing_of_what_is_said() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    session.execute("ANALYZE crm.passages").await;
    assert_eq!(
        session
            .rows(
                "SELECT c.relname, a.attname FROM pg_statistic AS s
                 JOIN pg_class AS c ON c.oid = s.starelid JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = s.staattnum
                 WHERE (c.oid = 'crm.passages'::regclass AND a.attname IN ('content', 'words', 'embedding'))
                     OR c.relname = 'passages_static_1'"
            )
            .await,
        table::<2>(&[])
    );
}
