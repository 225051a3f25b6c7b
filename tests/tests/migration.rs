//! The inherited database: its rows survive the migrations and meet the workbook.

use rapport_tests::recount::assert_counts_are_right;
use rapport_tests::{Database, command, database::table, fixture};

/// What the previous developer left, with rows as users have them.
const INHERITED: &str = "
CREATE TABLE customers (customer_id INT PRIMARY KEY, occupation VARCHAR(255), type VARCHAR(255));
CREATE TABLE interactions (date_start TIMESTAMP, interaction VARCHAR(255), customers INT);
CREATE TABLE products (date VARCHAR(7), product VARCHAR(255));
INSERT INTO customers VALUES
    (1, 'Jedi', 'Red'), (2, 'Batman', 'Orange'), (3, 'Santa Claus', 'Blue'), (4, 'Mover', 'Orange'),
    (6, NULL, NULL), (20, 'Baker', 'Green');
INSERT INTO interactions VALUES
    ('2019-10-04 09:00', 'Email', 1),
    ('2020-02-11 16:10', 'Call', 4),
    ('2020-03-05 11:23', 'Bird', 4),
    ('2020-02-11 16:24', 'Call', 5),   -- no customer 5 here
    ('2019-10-04 09:00', 'Email', 1),  -- the first once more
    ('2019-02-05 00:00', 'Post', 6),   -- the workbook knows the hour
    ('2018-06-01 10:00', 'Call', 20),  -- not in the workbook
    ('2018-07-01 10:00', NULL, 20),    -- nobody wrote down how
    ('2018-06-02 10:00', 'Call', NULL),
    (NULL, 'Call', 1);
INSERT INTO products VALUES ('01-2019', 'Sand'), ('01-2019', 'Sand'), ('06-2018', 'Orange'), (NULL, 'Sand');";

async fn inherited() -> Database {
    let database = Database::empty().await;
    database.session().await.execute(INHERITED).await;
    database
}

#[tokio::test]
async fn inherited_rows_are_kept_and_the_others_are_in_the_ledger() {
    let database = inherited().await;
    command::rapport(&database.url, &["migrate"]).succeeded();
    let mut session = database.session().await;
    assert_eq!(
        session
            .rows(
                "SELECT customer_id, occurred_at, channel, topic, sentiment FROM crm.interactions
                 ORDER BY occurred_at, customer_id"
            )
            .await,
        table(&[
            ["20", "2018-06-01 10:00:00", "Call", "NULL", "NULL"],
            ["20", "2018-07-01 10:00:00", "NULL", "NULL", "NULL"],
            ["6", "2019-02-05 00:00:00", "Post", "NULL", "NULL"],
            ["1", "2019-10-04 09:00:00", "Email", "NULL", "NULL"],
            ["4", "2020-02-11 16:10:00", "Call", "NULL", "NULL"],
            ["5", "2020-02-11 16:24:00", "Call", "NULL", "NULL"],
            ["4", "2020-03-05 11:23:00", "Bird", "NULL", "NULL"],
        ])
    );
    assert_eq!(
        session
            .rows("SELECT customer_id, is_placeholder FROM crm.customers ORDER BY customer_id")
            .await,
        table(&[
            ["1", "f"],
            ["2", "f"],
            ["3", "f"],
            ["4", "f"],
            ["5", "t"],
            ["6", "f"],
            ["20", "f"]
        ])
    );
    assert_eq!(
        session
            .rows("SELECT month, product FROM crm.products ORDER BY month")
            .await,
        table(&[["2018-06-01", "Orange"], ["2019-01-01", "Sand"]])
    );
    // Two doubled rows, two interactions that cannot be placed, one product without month, customer 5.
    assert_eq!(
        session
            .rows("SELECT action, count(*) FROM crm.ledger GROUP BY action ORDER BY action")
            .await,
        table(&[["duplicate", "2"], ["placeholder", "1"], ["rejected", "3"]])
    );
    // The rules that the migrations applied are in the table of rules, as grave as it says.
    assert_eq!(
        session
            .number(
                "SELECT count(*) FROM crm.ledger AS l
                 INNER JOIN rapport.cleaning_rules() AS r USING (rule, severity, action)
                 WHERE r.version = l.rule_version"
            )
            .await,
        6
    );
}

#[tokio::test]
async fn the_workbook_enriches_inherited_rows_and_doubles_none() {
    let database = inherited().await;
    command::rapport(&database.url, &["migrate"]).succeeded();
    let mut session = database.session().await;
    // What was there is counted.
    assert_counts_are_right(&mut session).await;
    assert_eq!(
        session
            .rows("SELECT sum(interactions) > 0 FROM bi.monthly_activity")
            .await,
        table(&[["t"]])
    );
    let before = session
        .rows("SELECT interaction_id FROM crm.interactions ORDER BY 1")
        .await;
    let result = session
        .import_workbook(&fixture::sample_workbook(), "interactions.xlsx")
        .await
        .unwrap();
    // Of the 67 interactions of the workbook 5 were there; of its 16 customers 6 (5 as a placeholder).
    assert_eq!(result["interactions_enriched"], 5, "{result:#}");
    assert_eq!(result["interactions_added"], 62, "{result:#}");
    assert_eq!(result["customers_added"], 10, "{result:#}");
    assert_eq!(result["products_added"], 23, "{result:#}");
    // 67 and the two of customer 20.
    assert_eq!(
        session
            .number("SELECT count(*) FROM crm.interactions")
            .await,
        69
    );
    let after = session
        .rows("SELECT interaction_id FROM crm.interactions ORDER BY 1")
        .await;
    assert!(
        before.iter().all(|id| after.contains(id)),
        "an inherited row lost its number"
    );
    assert_eq!(
        session
            .rows(
                "SELECT customer_id, occurred_at, channel, topic, sentiment FROM crm.interactions
                 WHERE import_id IS NULL ORDER BY occurred_at, customer_id"
            )
            .await,
        table(&[
            ["20", "2018-06-01 10:00:00", "Call", "NULL", "NULL"],
            ["20", "2018-07-01 10:00:00", "NULL", "NULL", "NULL"],
            [
                "6",
                "2019-02-05 00:00:00",
                "Post",
                "Sample Request",
                "Positive"
            ],
            [
                "1",
                "2019-10-04 09:00:00",
                "Email",
                "Drug Interaction Concerns",
                "Negative"
            ],
            [
                "4",
                "2020-02-11 16:10:00",
                "Call",
                "Side Effects Discussion",
                "Positive"
            ],
            [
                "5",
                "2020-02-11 16:24:00",
                "Call",
                "Prescription Guidelines",
                "Positive"
            ],
            [
                "4",
                "2020-03-05 11:23:00",
                "Bird",
                "Drug Efficacy",
                "Positive"
            ],
        ])
    );
    assert_eq!(
        session
            .rows(
                "SELECT customer_id, occupation, customer_type, is_placeholder FROM crm.customers
                 WHERE customer_id IN (5, 6, 20) ORDER BY customer_id"
            )
            .await,
        table(&[
            ["5", "Plummer", "Red", "f"],
            ["6", "Florist", "Blue", "f"],
            ["20", "Baker", "Green", "f"]
        ])
    );
}

#[tokio::test]
async fn migrating_twice_changes_nothing() {
    let database = inherited().await;
    let state = "SELECT (SELECT count(*) FROM crm.ledger), (SELECT count(*) FROM crm.interactions),
                        (SELECT string_agg(version || ' ' || installed_on, ',' ORDER BY version) FROM _sqlx_migrations)";
    command::rapport(&database.url, &["migrate"]).succeeded();
    let mut session = database.session().await;
    let before = session.rows(state).await;
    command::rapport(&database.url, &["migrate"]).succeeded();
    assert_eq!(session.rows(state).await, before);
}

#[tokio::test]
async fn two_migrations_at_once_are_one() {
    let database = inherited().await;
    let runs: Vec<_> = (0..2)
        .map(|_| {
            let url = database.url.clone();
            std::thread::spawn(move || command::rapport(&url, &["migrate"]))
        })
        .collect();
    for run in runs {
        run.join().unwrap().succeeded();
    }
    assert_eq!(
        database
            .session()
            .await
            .number("SELECT count(*) FROM crm.interactions")
            .await,
        7
    );
}

#[tokio::test]
async fn the_old_names_are_still_readable() {
    let database = inherited().await;
    command::rapport(&database.url, &["migrate"]).succeeded();
    let mut session = database.session().await;
    let columns = "SELECT table_name, string_agg(column_name, ' ' ORDER BY ordinal_position)
                   FROM information_schema.columns
                   WHERE table_schema = 'public' AND table_name IN ('customers', 'interactions', 'products')
                   GROUP BY table_name ORDER BY table_name";
    assert_eq!(
        session.rows(columns).await,
        table(&[
            ["customers", "customer_id occupation type"],
            ["interactions", "date_start interaction customers"],
            ["products", "date product"],
        ])
    );
    // A reader of the old tables finds what it found: a number, a text, a timestamp, MM-YYYY.
    assert_eq!(
        session
            .rows("SELECT customer_id + 0, upper(occupation), type FROM customers WHERE type = 'Green'")
            .await,
        table(&[["20", "BAKER", "Green"]])
    );
    assert_eq!(
        session
            .rows(
                "SELECT interaction, customers + 0, date_start - interval '1 day', pg_typeof(date_start)
                 FROM interactions WHERE customers = 5"
            )
            .await,
        table(&[["Call", "5", "2020-02-10 16:24:00", "timestamp without time zone"]])
    );
    assert_eq!(
        session
            .rows("SELECT date, product, pg_typeof(date) FROM products ORDER BY product")
            .await,
        table(&[
            ["06-2018", "Orange", "character varying"],
            ["01-2019", "Sand", "character varying"]
        ])
    );
}

#[tokio::test]
async fn an_empty_database_gets_everything() {
    let database = Database::empty().await;
    command::rapport(&database.url, &["migrate"]).succeeded();
    let mut session = database.session().await;
    for name in ["customers", "interactions", "products"] {
        assert_eq!(
            session
                .number(&format!("SELECT rapport.row_count('{name}')"))
                .await,
            0
        );
    }
    let result = session
        .import_workbook(&fixture::sample_workbook(), "interactions.xlsx")
        .await
        .unwrap();
    assert_eq!(result["interactions_added"], 67);
}

#[tokio::test]
async fn the_extension_alone_cleans_and_says_what_it_lacks() {
    let database = Database::empty().await;
    let mut session = database.session().await;
    session.execute("CREATE EXTENSION rapport").await;
    assert_eq!(
        session
            .number("SELECT rapport.clean_customer_id('12in')")
            .await,
        12
    );
    for statement in [
        "SELECT * FROM rapport.interactions_per_product()",
        "SELECT * FROM rapport.customer_statistics(1)",
        "SELECT rapport.summarize_customer(1)",
        "SELECT rapport.generate_content(1)",
        "SELECT rapport.row_count('customers')",
        "SELECT * FROM rapport.quality_report()",
        "SELECT rapport.import_report(1)",
        "SELECT rapport.refresh_stats()",
        "SELECT * FROM rapport.import_csv('x'::bytea, 'x.csv')",
        "SELECT * FROM rapport.import_query('SELECT 1 AS a')",
        "SELECT * FROM rapport.preview_import('x'::bytea, 'x.csv', 'csv')",
        "SELECT * FROM rapport.explain_value('customers', 1, 'occupation')",
        "SELECT * FROM rapport.undo_import(1)",
        "SELECT rapport.ledger_csv(1)",
        "SELECT rapport.list_imports()",
    ] {
        let fault = session.fault(statement).await;
        assert_eq!(fault.code, "55000", "{statement}: {fault:?}");
        assert!(
            fault.hint.contains("rapport migrate"),
            "{statement}: {fault:?}"
        );
    }
}

#[tokio::test]
async fn dropping_the_extension_drops_no_customer() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    session.execute("DROP EXTENSION rapport").await;
    assert_eq!(
        session
            .number("SELECT count(*) FROM crm.interactions")
            .await,
        67
    );
    session.execute("CREATE EXTENSION rapport").await;
    assert_eq!(
        session
            .number("SELECT rapport.row_count('interactions')")
            .await,
        67
    );
}
