//! Labels that are a typing error away from others: suggested, or corrected if a setting says so.

use rapport_tests::books::import_interactions as import;
use rapport_tests::books::{entries, topics};
use rapport_tests::database::table;
use rapport_tests::{Database, Session};
use serde_json::Value;

/// Rows of the topic "Drug Efficacy" for customers 1 to 6, and one of customer 7.
fn with_miss(topic: &str) -> Vec<String> {
    (1..7)
        .map(|customer| format!("2020-01-13 09:00,Email,{customer},Drug Efficacy,"))
        .chain([format!("2020-01-13 09:00,Email,7,{topic},")])
        .collect()
}

async fn import_with_miss(session: &mut Session, name: &str, topic: &str) -> Value {
    let lines = with_miss(topic);
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    import(session, name, &lines).await
}

#[tokio::test]
async fn near_misses_are_suggested_and_not_applied() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let result = import_with_miss(&mut session, "one.csv", "Drug Eficacy").await;
    assert_eq!(result["suggested"], 1, "{result:#}");
    assert_eq!(result["repaired"], 0, "{result:#}");
    assert_eq!(
        entries(&mut session, "near_miss_suggested").await,
        table(&[[
            "NULL",
            "D8",
            "topic",
            "Drug Eficacy",
            "Drug Efficacy",
            "ambiguous"
        ]])
    );
    assert_eq!(
        session
            .value("SELECT topic FROM crm.interactions WHERE customer_id = 7")
            .await
            .as_deref(),
        Some("Drug Eficacy")
    );
    // Whoever asks after the value is told.
    let id = session
        .number("SELECT interaction_id FROM crm.interactions WHERE customer_id = 7")
        .await;
    let other = session
        .number("SELECT interaction_id FROM crm.interactions WHERE customer_id = 6")
        .await;
    let told = |id| {
        format!(
            "SELECT count(*) FROM rapport.explain_value('interactions', {id}, 'topic') WHERE rule = 'near_miss_suggested'"
        )
    };
    assert_eq!(session.number(&told(id)).await, 1);
    assert_eq!(session.number(&told(other)).await, 0);
}

#[tokio::test]
async fn near_misses_are_applied_when_a_setting_says_so() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    session.execute("SET rapport.apply_near_misses = on").await;
    let result = import_with_miss(&mut session, "one.csv", "Drug Eficacy").await;
    assert_eq!(
        [&result["suggested"], &result["repaired"]],
        [0, 1],
        "{result:#}"
    );
    assert_eq!(
        entries(&mut session, "near_miss_applied").await,
        table(&[[
            "8",
            "D8",
            "topic",
            "Drug Eficacy",
            "Drug Efficacy",
            "repaired"
        ]])
    );
    assert_eq!(
        session
            .rows("SELECT DISTINCT topic FROM crm.interactions")
            .await,
        table(&[["Drug Efficacy"]])
    );
}

#[tokio::test]
async fn labels_that_are_near_by_nature_are_left_alone() {
    for topic in [
        // Three errors; digits; a short word; another word.
        "Drag Eficaci",
        "Drug Efficacy 2",
        "Drug",
        "Dosage Inquiry",
    ] {
        let database = Database::fresh().await;
        let mut session = database.session().await;
        session.execute("SET rapport.apply_near_misses = on").await;
        let result = import_with_miss(&mut session, "one.csv", topic).await;
        assert_eq!(
            [&result["suggested"], &result["repaired"]],
            [0, 0],
            "{topic}: {result:#}"
        );
    }
}

#[tokio::test]
async fn between_two_equally_near_labels_nothing_is_suggested() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let mut lines = Vec::new();
    for customer in 1..7 {
        lines.push(format!("2020-01-13 09:00,Email,{customer},Cold chain,"));
        lines.push(format!("2020-01-14 09:00,Email,{customer},Gold chain,"));
    }
    // One letter from the first, and one from the second.
    lines.push("2020-01-15 09:00,Email,1,Bold chain,".to_owned());
    // One letter from the first, two from the second.
    lines.push("2020-01-16 09:00,Email,1,Cold chian,".to_owned());
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let result = import(&mut session, "one.csv", &lines).await;
    assert_eq!(result["suggested"], 1, "{result:#}");
    assert_eq!(
        entries(&mut session, "near_miss_suggested").await,
        table(&[[
            "NULL",
            "D15",
            "topic",
            "Cold chian",
            "Cold chain",
            "ambiguous"
        ]])
    );
}

#[tokio::test]
async fn a_stored_label_is_a_candidate_and_a_synonym_settles_the_matter() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "one.csv",
        &["2020-01-13 09:00,Email,1,Reimbursement,"],
    )
    .await;
    let second = import(
        &mut session,
        "two.csv",
        &["2020-01-14 09:00,Email,1,Reimbursment,"],
    )
    .await;
    assert_eq!(second["suggested"], 1, "{second:#}");
    // Now it is stored itself, and is asked about no more.
    let third = import(
        &mut session,
        "three.csv",
        &["2020-01-15 09:00,Email,1,Reimbursment,"],
    )
    .await;
    assert_eq!(third["suggested"], 0, "{third:#}");
    session
        .execute("INSERT INTO crm.synonyms (kind, synonym, label) VALUES ('topic', 'Reimbursment', 'Reimbursement')")
        .await;
    let fourth = import(
        &mut session,
        "four.csv",
        &["2020-01-16 09:00,Email,1,reimbursment,"],
    )
    .await;
    assert_eq!(
        [&fourth["suggested"], &fourth["repaired"]],
        [0, 1],
        "{fourth:#}"
    );
    assert_eq!(
        topics(&mut session).await,
        table(&[
            ["Reimbursement"],
            ["Reimbursment"],
            ["Reimbursment"],
            ["Reimbursement"]
        ])
    );
}
