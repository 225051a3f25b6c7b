//! The surface of the SQL API. `expected/catalog.txt` holds it; `UPDATE_GOLDEN=1` writes it anew, and
//! the difference is then reviewed like code. What must hold of every function is tested apart.

use rapport_tests::environment::repository;
use rapport_tests::{Database, Session};

/// One line for each function of the API.
const SIGNATURES: &str = "
SELECT format('%s(%s) -> %s | %s %s%s | cost %s%s | %s%s',
    p.proname, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid),
    CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END,
    CASE p.proparallel WHEN 's' THEN 'parallel safe' WHEN 'r' THEN 'parallel restricted' ELSE 'parallel unsafe' END,
    CASE WHEN p.proisstrict THEN ' strict' ELSE '' END,
    p.procost, CASE WHEN p.proretset THEN ' rows ' || p.prorows ELSE '' END,
    CASE WHEN p.prosecdef THEN 'definer' ELSE 'invoker' END,
    CASE WHEN p.proconfig IS NULL THEN '' ELSE ' ' || array_to_string(p.proconfig, ' ') END)
FROM pg_proc AS p WHERE p.pronamespace = 'rapport'::regnamespace
ORDER BY p.proname COLLATE \"C\", pg_get_function_identity_arguments(p.oid) COLLATE \"C\"";

async fn names(session: &mut Session, condition: &str) -> Vec<String> {
    let sql = format!(
        "SELECT format('%s(%s)', p.proname, pg_get_function_identity_arguments(p.oid)) FROM pg_proc AS p
         WHERE p.pronamespace = 'rapport'::regnamespace AND {condition} ORDER BY 1"
    );
    session
        .rows(&sql)
        .await
        .into_iter()
        .map(|row| row[0].clone().unwrap())
        .collect()
}

#[tokio::test]
async fn the_surface_is_the_one_on_record() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let mut text = String::new();
    for row in session.rows(SIGNATURES).await {
        text.push_str(row[0].as_ref().unwrap());
        text.push('\n');
    }
    let golden = repository().join("tests/expected/catalog.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, &text).unwrap();
    }
    let recorded = std::fs::read_to_string(&golden).unwrap_or_default();
    let missing: Vec<_> = recorded
        .lines()
        .filter(|line| !text.contains(line))
        .collect();
    let new: Vec<_> = text
        .lines()
        .filter(|line| !recorded.contains(line))
        .collect();
    assert!(
        recorded == text,
        "the SQL API changed; if that is meant, UPDATE_GOLDEN=1 writes {}\ngone: {missing:#?}\nnew: {new:#?}",
        golden.display()
    );
}

#[tokio::test]
async fn every_promised_function_exists() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    for signature in [
        "clean_label(text)",
        "clean_customer_id(text)",
        "clean_timestamp(text,text)",
        "clean_month(text)",
        "clean_channel(text)",
        "clean_sentiment(text)",
        "import_workbook(bytea,text)",
        "import_csv(bytea,text)",
        "import_report(bigint,bigint,integer)",
        "begin_upload()",
        "import_upload(text,text)",
        "preview_upload(text,text)",
        "import_query(text,text)",
        "import_table(regclass)",
        "preview_import(bytea,text,text)",
        "preview_query(text,text)",
        "undo_import(bigint)",
        "explain_value(text,bigint,text)",
        "cleaning_rules()",
        "spreadsheet_safe(text)",
        "csv_line(text[])",
        "ledger_csv(bigint)",
        "interactions_per_product(text,text,date,date)",
        "interactions_per_product_report(text,text,date,date)",
        "customer_statistics(bigint)",
        "quality_report(bigint)",
        "refresh_stats()",
        "row_count(text)",
        "summarize_customer(bigint,text)",
        "generate_content(bigint,text,text)",
        "version()",
    ] {
        let found = session
            .value(&format!("SELECT to_regprocedure('rapport.{signature}')"))
            .await;
        assert!(found.is_some(), "rapport.{signature} does not exist");
    }
}

#[tokio::test]
async fn every_function_has_a_comment_with_an_example() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let silent = "coalesce(obj_description(p.oid, 'pg_proc'), '') !~ 'Example: '";
    assert_eq!(names(&mut session, silent).await, [""; 0]);
    let tables = session
        .rows(
            "SELECT c.oid::regclass FROM pg_class AS c
             WHERE c.relnamespace IN ('crm'::regnamespace, 'bi'::regnamespace)
                 AND c.relkind IN ('r', 'p', 'v', 'm') AND obj_description(c.oid, 'pg_class') IS NULL",
        )
        .await;
    assert!(tables.is_empty(), "without a comment: {tables:?}");
}

#[tokio::test]
async fn labels_follow_the_kind_of_function() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let bad_exporters =
        "p.proname IN ('cleaning_rules', 'spreadsheet_safe', 'csv_line', 'embed', 'embed_all',
            'embedders', 'passages_of', 'diverse', 'word_weight', 'half_of',
            'read_question')
        AND NOT (p.provolatile = 'i' AND p.proparallel = 's')";
    assert_eq!(names(&mut session, bad_exporters).await, [""; 0]);
    let bad_cleaners = "p.proname LIKE 'clean\\_%' AND NOT
        (p.provolatile = 'i' AND p.proparallel = 's' AND p.proisstrict AND p.proconfig IS NULL)";
    assert_eq!(names(&mut session, bad_cleaners).await, [""; 0]);
    let bad_callers = "p.proname IN ('summarize_customer', 'generate_content', 'generate') AND NOT
        (p.provolatile = 'v' AND p.proparallel = 'u' AND p.procost >= 10000)";
    assert_eq!(names(&mut session, bad_callers).await, [""; 0]);
    let bad_writers =
        "(p.proname LIKE 'import\\_%' AND p.proname NOT IN
            ('import_report', 'import_counts', 'import_outcome', 'import_summary')
            OR p.proname LIKE 'merge\\_%' OR p.proname LIKE 'preview\\_%' OR p.proname LIKE 'run\\_%'
            OR p.proname LIKE 'mark\\_%' OR p.proname IN ('refresh_stats', 'rebuild_stats', 'undo_import', 'begin_upload', 'stage_query',
                'rebuild_passages', 'ask', 'evaluate_answers', 'settle_passages', 'use_embedder', 'index_passages'))
        AND NOT (p.provolatile = 'v' AND p.proparallel = 'u')";
    assert_eq!(names(&mut session, bad_writers).await, [""; 0]);
    let bad_readers = "p.proname IN ('interactions_per_product', 'interactions_per_product_report',
            'customer_statistics', 'quality_report', 'row_count', 'import_report', 'import_outcome', 'import_summary', 'list_imports',
            'explain_value', 'ledger_csv', 'undo_obstacles', 'customer_data_quality', 'interaction_quality',
            'customer_types', 'interactions_per_type', 'verify_stats', 'product_matrix', 'monthly_activity',
            'monthly_activity_report', 'monthly_activity_csv', 'topic_sentiments', 'topics_report', 'topics_csv',
            'interactions_per_product_csv', 'customer_report', 'customer_csv', 'relevant_interactions',
            'search_interactions', 'nearest_passages', 'worded_passages', 'count_planned', 'plan_question',
            'planned_evidence', 'question_vocabulary', 'evaluate_retrieval')
        AND NOT (p.provolatile = 's' AND p.proparallel = 'r')";
    assert_eq!(names(&mut session, bad_readers).await, [""; 0]);
}

#[tokio::test]
async fn every_function_but_a_cleaner_fixes_its_search_path() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    // A body in standard SQL has its names resolved once and for all.
    let open = "p.prosqlbody IS NULL AND p.prolang IN (SELECT oid FROM pg_language WHERE lanname IN ('sql', 'plpgsql'))
        AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS s WHERE s LIKE 'search_path=%')";
    // A query that is handed in means the names of its caller: these run with his search path, and
    // name everything of their own with its schema.
    assert_eq!(
        names(&mut session, open).await,
        [
            "import_query(query text, source_name text)",
            "import_table(source regclass)",
            "preview_query(query text, source_name text)",
            "run_preview(source_name text, source_format text, query text)",
            "stage_query(query text, source_name text)",
        ]
    );
    // Definers are few, and each has a reason in its source.
    assert_eq!(
        names(&mut session, "p.prosecdef").await,
        [
            "describe_request(request jsonb, model text)",
            "generate(request jsonb, model text)",
            "lock_customers_of_import()",
            "mark_quality(interactions bigint[])",
            "rebuild_passages()",
            "rebuild_stats()",
            "refresh_stats()",
            "settle_passages(max_passages integer)",
            "use_embedder(model text)",
            "verify_stats()"
        ]
    );
}

#[tokio::test]
async fn nothing_that_reads_writes_or_generates_is_granted_to_everybody() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    // No list of grants means PostgreSQL's default: EXECUTE for PUBLIC.
    let open =
        "(p.proacl IS NULL OR EXISTS (SELECT FROM aclexplode(p.proacl) AS g WHERE g.grantee = 0))
        AND p.proname NOT LIKE 'clean\\_%'
        AND p.proname NOT IN ('version', 'cleaning_rules', 'spreadsheet_safe', 'csv_line', 'embed', 'embed_all',
            'embedders', 'passages_of', 'diverse', 'word_weight', 'half_of',
            'read_question')";
    assert_eq!(names(&mut session, open).await, [""; 0]);
    let tables = session
        .rows(
            "SELECT c.oid::regclass FROM pg_class AS c, aclexplode(c.relacl) AS g
             WHERE g.grantee = 0 AND c.relnamespace IN
                 ('crm'::regnamespace, 'rapport'::regnamespace, 'stats'::regnamespace, 'bi'::regnamespace)",
        )
        .await;
    assert!(tables.is_empty(), "granted to PUBLIC: {tables:?}");
}

#[tokio::test]
async fn the_examples_in_the_comments_run() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let comments = session
        .rows(
            "SELECT p.oid::regprocedure, obj_description(p.oid, 'pg_proc') FROM pg_proc AS p
             WHERE p.pronamespace = 'rapport'::regnamespace ORDER BY 1",
        )
        .await;
    let mut broken = Vec::new();
    for row in comments {
        let (name, comment) = (row[0].as_ref().unwrap(), row[1].as_ref().unwrap());
        let example = comment.split_once("Example: ").unwrap().1;
        // The steps of an import need a running one, and the workbook of an example is not there.
        if example.starts_with("none") || example.contains("pg_read_binary_file") {
            continue;
        }
        session.execute("BEGIN").await;
        if let Err(fault) = session.try_rows(example).await {
            broken.push(format!("{name}: {example}: {fault:?}"));
        }
        session.execute("ROLLBACK").await;
    }
    assert!(broken.is_empty(), "{broken:#?}");
}
