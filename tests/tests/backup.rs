//! A dump holds everything: restored elsewhere, it answers the same.

use std::process::{Command, Stdio};

use rapport_tests::environment::Environment;
use rapport_tests::{Database, fixture};

const QUESTIONS: [&str; 12] = [
    "SELECT jsonb_agg(c ORDER BY customer_id)::text FROM crm.customers AS c",
    "SELECT jsonb_agg(i ORDER BY interaction_id)::text FROM crm.interactions AS i",
    "SELECT jsonb_agg(l ORDER BY entry_id)::text FROM crm.ledger AS l",
    "SELECT jsonb_agg(p ORDER BY product_month_id)::text FROM crm.products AS p",
    "SELECT jsonb_agg(i ORDER BY import_id)::text FROM crm.imports AS i",
    "SELECT jsonb_agg(s)::text FROM crm.synonyms AS s",
    "SELECT jsonb_agg(p)::text FROM crm.rule_policies AS p",
    "SELECT jsonb_agg(e)::text FROM rapport.explain_value('customers', 12, 'customer_id') AS e",
    "SELECT (rapport.interactions_per_product_report() - 'as_of')::text",
    "SELECT jsonb_agg(s)::text FROM rapport.search_interactions('side effects') AS s",
    "SELECT rapport.generate_content(1)::text",
    "SELECT sum(interactions)::text FROM bi.monthly_activity",
];

#[tokio::test]
async fn a_restored_dump_answers_the_same() {
    let original = Database::with_sample().await;
    original
        .session()
        .await
        .execute(
            "INSERT INTO crm.synonyms (kind, synonym, label) VALUES ('channel', 'Phone', 'Call');
             INSERT INTO crm.rule_policies (rule, policy) VALUES ('time_missing', 'reject');",
        )
        .await;
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
    // Rows that come now have numbers that no restored row has.
    let content = fixture::csv(&["Date,Product", "01-2031,Sand"]);
    let next = restored
        .session()
        .await
        .import_csv(&content, "products.csv")
        .await
        .unwrap();
    assert_eq!(next["loaded"], 1, "{next:#}");
    let mut api = restored.session_as("rapport_api").await;
    assert_eq!(
        api.number("SELECT rapport.row_count('customers')").await,
        17
    );
}
