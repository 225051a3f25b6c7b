//! Databases that the migrations meet in the field: what stops them, and who may still read.

use rapport_tests::{Database, command, database::table};

const TABLES: &str = "
CREATE TABLE customers (customer_id INT PRIMARY KEY, occupation VARCHAR(255), type VARCHAR(255));
CREATE TABLE interactions (date_start TIMESTAMP, interaction VARCHAR(255), customers INT);
CREATE TABLE products (date VARCHAR(7), product VARCHAR(255));";

async fn inherited(statements: &str) -> Database {
    let database = Database::empty().await;
    let mut session = database.session().await;
    session.execute(TABLES).await;
    session.execute(statements).await;
    database
}

#[tokio::test]
async fn every_obstacle_is_named_before_anything_is_changed() {
    let database = inherited(
        "INSERT INTO customers VALUES (1, 'Jedi', 'Red');
         CREATE VIEW vip AS SELECT customer_id FROM customers;
         ALTER TABLE interactions ADD COLUMN id serial PRIMARY KEY, ADD COLUMN channel text;
         CREATE POLICY own_rows ON customers USING (true);
         CREATE SCHEMA stats;",
    )
    .await;
    let finished = command::rapport(&database.url, &["migrate"]);
    assert_ne!(finished.code, 0, "{finished:?}");
    for obstacle in [
        "vip reads public.customers",
        "public.interactions has a primary key",
        "public.interactions has a column \"channel\" already",
        "policy \"own_rows\" is on public.customers",
        "schema \"stats\" exists already",
    ] {
        assert!(
            finished.stderr.contains(obstacle),
            "{obstacle}: {finished:?}"
        );
    }
    let mut session = database.session().await;
    assert_eq!(
        session.rows("SELECT * FROM public.customers").await,
        table(&[["1", "Jedi", "Red"]])
    );
}

#[tokio::test]
async fn a_database_that_cannot_hold_every_label_is_refused() {
    let database = Database::empty().await;
    let mut session = database.session().await;
    let name = format!("{}_latin", database.name);
    session
        .execute(&format!(
            "CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"
        ))
        .await;
    let mut url = database.url.clone();
    url.set_path(&name);
    let finished = command::rapport(&url, &["migrate"]);
    session
        .execute(&format!("DROP DATABASE {name} WITH (FORCE)"))
        .await;
    assert_ne!(finished.code, 0, "{finished:?}");
    assert!(finished.stderr.contains("LATIN1"), "{finished:?}");
}

#[tokio::test]
async fn who_could_read_the_tables_can_read_the_views() {
    let role = "rapport_test_reader";
    let database = inherited(&format!(
        "DO $$ BEGIN CREATE ROLE {role}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
         GRANT SELECT ON customers, interactions TO {role};
         INSERT INTO customers VALUES (1, 'Jedi', 'Red');"
    ))
    .await;
    command::rapport(&database.url, &["migrate"]).succeeded();
    let mut session = database.session_as(role).await;
    assert_eq!(
        session
            .rows("SELECT customer_id, occupation, type FROM customers")
            .await,
        table(&[["1", "Jedi", "Red"]])
    );
    assert_eq!(session.number("SELECT count(*) FROM interactions").await, 0);
    assert_eq!(session.fault("SELECT * FROM products").await.code, "42501");
}

#[tokio::test]
async fn inherited_labels_are_cleaned_so_that_a_workbook_meets_them() {
    let database = inherited(
        "INSERT INTO customers VALUES (1, E'Dr\\u00c3\\u00a4ger', 'red'), (2, 'Baker', 'Red'), (3, 'Vet', 'Red');
         INSERT INTO interactions VALUES ('2020-03-13 09:00', E'Site \\u00a0Visit', 1), ('2020-03-14 09:00', 'email', 1);
         INSERT INTO products VALUES ('1-2019', 'Sand'), ('01/2019', 'SAND'), ('02-2019', 'Sand');",
    )
    .await;
    command::rapport(&database.url, &["migrate"]).succeeded();
    let mut session = database.session().await;
    assert_eq!(
        session
            .rows("SELECT occupation, customer_type FROM crm.customers ORDER BY customer_id")
            .await,
        table(&[["Dr\u{e4}ger", "Red"], ["Baker", "Red"], ["Vet", "Red"]])
    );
    assert_eq!(
        session
            .rows("SELECT channel FROM crm.interactions ORDER BY occurred_at")
            .await,
        table(&[["Site Visit"], ["Email"]])
    );
    assert_eq!(
        session
            .rows("SELECT month, product FROM crm.products ORDER BY month")
            .await,
        table(&[["2019-01-01", "Sand"], ["2019-02-01", "Sand"]])
    );
    // Drager and red; Site Visit and email; two months and SAND.
    assert_eq!(
        session
            .number("SELECT count(*) FROM crm.ledger WHERE action = 'repaired'")
            .await,
        7
    );
}

#[tokio::test]
async fn an_extension_that_is_created_again_serves_the_same_roles() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    session.execute("DROP EXTENSION rapport").await;
    session
        .execute("CREATE EXTENSION rapport WITH SCHEMA rapport")
        .await;
    for (role, question) in [
        (
            "rapport_analyst",
            "SELECT rapport.row_count('interactions')",
        ),
        (
            "rapport_api",
            "SELECT (rapport.summarize_customer(1) #>> '{summary,total_interactions}')::bigint",
        ),
    ] {
        let mut session = database.session_as(role).await;
        assert!(session.number(question).await > 0, "{role}");
    }
}
