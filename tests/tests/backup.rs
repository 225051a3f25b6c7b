//! A dump holds everything: restored elsewhere, it answers the same.

use std::process::{Command, Stdio};

use rapport_tests::environment::Environment;
use rapport_tests::{Database, fixture};

const QUESTIONS: [&str; 6] = [
    "SELECT jsonb_agg(c ORDER BY customer_id)::text FROM crm.customers AS c",
    "SELECT jsonb_agg(i ORDER BY interaction_id)::text FROM crm.interactions AS i",
    "SELECT jsonb_agg(l ORDER BY entry_id)::text FROM crm.ledger AS l",
    "SELECT rapport.interactions_per_product_report()::text",
    "SELECT rapport.generate_content(1)::text",
    "SELECT sum(interactions)::text FROM bi.monthly_activity",
];

#[tokio::test]
async fn a_restored_dump_answers_the_same() {
    let original = Database::with_sample().await;
    let restored = Database::empty().await;
    let programs = Environment::get().psql.parent().unwrap();
    let mut dump = Command::new(programs.join("pg_dump"))
        .arg(original.url.as_str())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let restore = Command::new(programs.join("psql"))
        .args([
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            restored.url.as_str(),
        ])
        .stdin(dump.stdout.take().unwrap())
        .output()
        .unwrap();
    assert!(dump.wait().unwrap().success());
    assert!(
        restore.status.success(),
        "{}",
        String::from_utf8_lossy(&restore.stderr)
    );

    for question in QUESTIONS {
        let answer = restored.session().await.value(question).await;
        assert!(answer.is_some(), "{question}");
        assert_eq!(
            answer,
            original.session().await.value(question).await,
            "{question}"
        );
    }
    // It goes on where it was: the file is known, and the API's role may still ask.
    let again = restored
        .session()
        .await
        .import_workbook(&fixture::sample_workbook(), "interactions.xlsx")
        .await
        .unwrap();
    assert_eq!(again["status"], "unchanged");
    let mut api = restored.session_as("rapport_api").await;
    assert_eq!(
        api.number("SELECT rapport.row_count('customers')").await,
        17
    );
}
