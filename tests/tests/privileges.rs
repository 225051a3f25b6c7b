//! Who may do what: each role against each object, tried and not only read from the catalog.

use rapport_tests::{Database, fixture};

/// Statements by what they need.
const READ_FACTS: &[&str] = &[
    "SELECT count(*) FROM crm.customers",
    "SELECT count(*) FROM crm.interactions",
    "SELECT count(*) FROM crm.products",
    "SELECT count(*) FROM crm.imports",
    "SELECT count(*) FROM crm.ledger",
    "SELECT count(*) FROM crm.ledger_in_force",
    "SELECT count(*) FROM crm.interaction_quality",
    "SELECT count(*) FROM crm.synonyms",
    "SELECT count(*) FROM crm.rule_policies",
];
const OLD_NAMES: &[&str] = &[
    "SELECT count(*) FROM public.customers",
    "SELECT count(*) FROM public.interactions",
    "SELECT count(*) FROM public.products",
];
const ASK: &[&str] = &[
    "SELECT * FROM rapport.interactions_per_product()",
    "SELECT rapport.interactions_per_product_report()",
    "SELECT * FROM rapport.customer_statistics(1)",
    "SELECT rapport.row_count('customers')",
    "SELECT * FROM rapport.quality_report()",
    "SELECT rapport.import_report(1)",
    "SELECT rapport.import_summary(1)",
    "SELECT rapport.list_imports()",
    "SELECT rapport.ledger_csv(1)",
    "SELECT * FROM rapport.explain_value('customers', 1, 'occupation')",
    "SELECT * FROM rapport.explain_value('interactions', (SELECT min(interaction_id) FROM crm.interactions), 'topic')",
    "SELECT * FROM rapport.undo_obstacles(1)",
    "SELECT rapport.customer_data_quality(1)",
    "SELECT rapport.interaction_quality()",
    "SELECT * FROM rapport.product_matrix()",
    "SELECT rapport.interactions_per_product_csv()",
    "SELECT * FROM rapport.monthly_activity()",
    "SELECT rapport.monthly_activity_report(after => rapport.page_key('monthly_activity', '2019-01-01', 'a', 'b', 'c'))",
    "SELECT rapport.monthly_activity_csv()",
    "SELECT * FROM rapport.topic_sentiments()",
    "SELECT rapport.topics_report()",
    "SELECT rapport.topics_csv()",
    "SELECT rapport.customer_report(1)",
    "SELECT rapport.customer_csv(1)",
    "SELECT * FROM rapport.relevant_interactions(1, 'drug')",
    "SELECT * FROM rapport.search_interactions('drug', customer_type => 'Red')",
    "SELECT rapport.ask('How many calls were there in 2020?')",
    "SELECT rapport.ask('side effects')",
];
const GENERATE: &[&str] = &[
    "SELECT rapport.summarize_customer(1)",
    "SELECT rapport.generate_content(1)",
];
const CLEAN: &[&str] = &[
    "SELECT rapport.clean_label('x')",
    "SELECT rapport.version()",
    "SELECT * FROM rapport.cleaning_rules()",
    "SELECT rapport.spreadsheet_safe('=x'), rapport.csv_line('a', 'b')",
];
const IMPORT: &[&str] = &[
    "SELECT * FROM rapport.import_csv(convert_to(E'Date,Product\\n01-2031,Sand\\n', 'UTF8'), 'p.csv')",
    "SELECT * FROM rapport.import_query('SELECT ''01-2031'' AS date, ''Sand'' AS product')",
    "SELECT * FROM rapport.preview_import(convert_to(E'Date,Product\\n01-2031,Sand\\n', 'UTF8'), 'p.csv', 'csv')",
    "SELECT * FROM rapport.preview_query('SELECT ''01-2031'' AS date, ''Sand'' AS product')",
    "SELECT rapport.begin_upload()",
];
const UNDO: &[&str] = &["SELECT * FROM rapport.undo_import(1)"];
/// What an analyst decides about cleaning.
const SYNONYMS: &[&str] = &[
    "INSERT INTO crm.synonyms (kind, synonym, label) VALUES ('topic', 'a', 'b')",
    "UPDATE crm.synonyms SET label = 'b'",
    "DELETE FROM crm.synonyms",
];
/// What an administrator decides about it.
const POLICIES: &[&str] = &[
    "INSERT INTO crm.rule_policies (rule, policy) VALUES ('white_space_folded', 'reject')",
    "UPDATE crm.rule_policies SET policy = 'repair'",
    "DELETE FROM crm.rule_policies",
];
const REFRESH: &[&str] = &["SELECT rapport.refresh_stats()"];
/// How an administrator verifies and makes anew what is kept.
const VERIFY: &[&str] = &[
    "SELECT rapport.rebuild_passages()",
    "SELECT rapport.use_embedder('static')",
    "SELECT rapport.settle_passages()",
    "SELECT * FROM rapport.verify_stats()",
    "SELECT * FROM rapport.rebuild_stats()",
];
const BI: &[&str] = &[
    "SELECT count(*) FROM bi.interactions_per_product",
    "SELECT count(*) FROM bi.monthly_activity",
    "SELECT count(*) FROM bi.topic_sentiment",
    "SELECT count(*) FROM bi.customer_overview",
    "SELECT count(*) FROM bi.data_quality",
    "SELECT count(*) FROM bi.interactions_per_product_live",
    "SELECT count(*) FROM bi.monthly_activity_live",
    "SELECT count(*) FROM bi.daily_activity_live",
    "SELECT count(*) FROM bi.monthly_interactions_live",
    "SELECT count(*) FROM bi.monthly_topics_live",
    "SELECT count(*) FROM bi.topic_sentiment_live",
    "SELECT count(*) FROM bi.customer_types_live",
    "SELECT count(*) FROM bi.data_quality_live",
];
const STATS: &[&str] = &[
    "SELECT count(*) FROM stats.interactions_per_product",
    "SELECT count(*) FROM stats.refreshes",
    "SELECT count(*) FROM stats.counts",
    "SELECT count(*) FROM stats.current_counts",
    "SELECT count(*) FROM stats.customer_activity",
    "SELECT stats.rebuild()",
    "SELECT stats.may_merge()",
];
const WRITE: &[&str] = &[
    "UPDATE crm.customers SET occupation = 'x' WHERE customer_id = 1",
    "INSERT INTO crm.products (month, product) VALUES ('2031-01-01', 'Sand')",
    "UPDATE crm.interactions SET topic = 'x' WHERE customer_id = 1",
];
const CORRECT: &[&str] = &[
    "DELETE FROM crm.interactions WHERE customer_id = 1",
    "UPDATE crm.interactions SET channel = 'x' WHERE customer_id = 2",
    "INSERT INTO rapport.sensitive_topics VALUES ('x')",
];
const TAMPER: &[&str] = &[
    "DELETE FROM crm.ledger",
    "UPDATE crm.ledger SET before = 'x'",
    "TRUNCATE crm.imports",
];
const DEFINE: &[&str] = &[
    "CREATE TABLE crm.x (n int)",
    "CREATE FUNCTION rapport.x() RETURNS int LANGUAGE sql RETURN 1",
    "CREATE VIEW bi.x AS SELECT 1 AS n",
    "DROP VIEW bi.customer_overview",
    "ALTER TABLE crm.customers ADD COLUMN x int",
];

/// Runs every statement as the role; each must succeed or each must end with 42501.
async fn expect(role: &str, allowed: bool, groups: &[&[&str]]) {
    let database = Database::with_sample().await;
    let mut session = database.session_as(role).await;
    for statement in groups.iter().copied().flatten() {
        session.execute("BEGIN").await;
        match session.try_rows(statement).await {
            Ok(_) => assert!(allowed, "{role} may: {statement}"),
            Err(fault) => assert!(
                !allowed && fault.code == "42501",
                "{role}: {statement}: {fault:?}"
            ),
        }
        session.execute("ROLLBACK").await;
    }
}

#[tokio::test]
async fn analysts_read_ask_and_generate() {
    expect(
        "rapport_analyst",
        true,
        &[READ_FACTS, OLD_NAMES, ASK, GENERATE, CLEAN, BI, SYNONYMS],
    )
    .await;
    expect(
        "rapport_analyst",
        false,
        &[
            IMPORT, UNDO, POLICIES, STATS, VERIFY, WRITE, CORRECT, TAMPER, DEFINE,
        ],
    )
    .await;
}

#[tokio::test]
async fn bi_reads_the_bi_views_and_nothing_else() {
    expect("rapport_bi", true, &[BI]).await;
    expect(
        "rapport_bi",
        false,
        &[
            READ_FACTS, OLD_NAMES, ASK, GENERATE, IMPORT, UNDO, SYNONYMS, POLICIES, REFRESH, STATS,
            VERIFY, WRITE, CORRECT, TAMPER, DEFINE,
        ],
    )
    .await;
}

#[tokio::test]
async fn the_api_asks_generates_and_imports() {
    expect(
        "rapport_api",
        true,
        &[READ_FACTS, ASK, GENERATE, CLEAN, IMPORT],
    )
    .await;
    expect(
        "rapport_api",
        false,
        &[UNDO, POLICIES, STATS, VERIFY, CORRECT, TAMPER, DEFINE],
    )
    .await;
}

#[tokio::test]
async fn importers_add_and_enrich_and_never_delete() {
    expect(
        "rapport_importer",
        true,
        &[READ_FACTS, IMPORT, REFRESH, CLEAN],
    )
    .await;
    expect(
        "rapport_importer",
        false,
        &[
            GENERATE, UNDO, SYNONYMS, POLICIES, STATS, VERIFY, CORRECT, TAMPER, DEFINE, BI,
        ],
    )
    .await;
}

#[tokio::test]
async fn administrators_correct_and_do_not_define() {
    expect(
        "rapport_admin",
        true,
        &[
            READ_FACTS, ASK, GENERATE, CLEAN, IMPORT, UNDO, SYNONYMS, POLICIES, REFRESH, VERIFY,
            BI, WRITE, CORRECT,
        ],
    )
    .await;
    expect("rapport_admin", false, &[STATS, DEFINE]).await;
}

#[tokio::test]
async fn a_role_of_the_cluster_may_nothing() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    // A role that belongs to none of ours; it goes with this transaction.
    session
        .execute("BEGIN; CREATE ROLE rapport_test_stranger; SET LOCAL ROLE rapport_test_stranger")
        .await;
    for statement in [
        READ_FACTS, OLD_NAMES, ASK, GENERATE, IMPORT, UNDO, SYNONYMS, POLICIES, REFRESH, VERIFY,
        BI, STATS, WRITE, TAMPER,
    ]
    .concat()
    {
        session.execute("SAVEPOINT before").await;
        let fault = session.fault(statement).await;
        assert_eq!(fault.code, "42501", "{statement}: {fault:?}");
        session.execute("ROLLBACK TO before").await;
    }
    session.execute("ROLLBACK").await;
}

#[tokio::test]
async fn an_importer_imports_the_whole_sample() {
    let database = Database::fresh().await;
    let mut session = database.session_as("rapport_importer").await;
    let result = session
        .import_workbook(&fixture::sample_workbook(), "interactions.xlsx")
        .await
        .unwrap();
    assert_eq!(result["interactions_added"], 67);
    assert_eq!(
        session
            .value("SELECT imported_by FROM crm.imports")
            .await
            .as_deref(),
        Some("rapport_importer")
    );
}

#[tokio::test]
async fn a_summary_sees_only_the_rows_its_caller_may_see() {
    let database = Database::with_sample().await;
    let mut owner = database.session().await;
    owner
        .execute(
            "ALTER TABLE crm.interactions ENABLE ROW LEVEL SECURITY;
             CREATE POLICY recent ON crm.interactions FOR SELECT TO rapport_analyst
                 USING (occurred_at >= '2020-01-01')",
        )
        .await;
    let mut analyst = database.session_as("rapport_analyst").await;
    let summary = analyst.json("SELECT rapport.summarize_customer(1)").await;
    // Of the eight interactions of customer 1 three are of 2020; of all 67 it is 37.
    assert_eq!(summary["summary"]["total_interactions"], 3);
    assert_eq!(
        analyst
            .number("SELECT rapport.row_count('interactions')")
            .await,
        37
    );
    assert_eq!(
        owner.json("SELECT rapport.summarize_customer(1)").await["summary"]["total_interactions"],
        8
    );
}
