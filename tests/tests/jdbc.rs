//! What BI tools see through their most common driver, pgJDBC: `tests/jdbc/BiContract.java` looks, this
//! test holds what it saw against the catalog and the facts.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use rapport_tests::Database;
use rapport_tests::environment::repository;
use serde_json::{Value, json};

/// Where Debian's libpostgresql-jdbc-java puts the driver.
const DRIVER: &str = "/usr/share/java/postgresql.jar";

/// A login of a dashboard, which goes with the test.
struct Login<'a> {
    database: &'a Database,
    name: String,
}

impl<'a> Login<'a> {
    async fn new(database: &'a Database) -> Self {
        let name = format!("{}_dashboard", database.name);
        database
            .session()
            .await
            .execute(&format!(
                "CREATE ROLE {name} LOGIN PASSWORD '{name}' IN ROLE rapport_bi; ALTER ROLE {name} SET statement_timeout = '3s'"
            ))
            .await;
        Self { database, name }
    }

    fn look(&self, password: &str) -> std::process::Output {
        assert!(
            Path::new(DRIVER).exists(),
            "{DRIVER} is missing: install libpostgresql-jdbc-java and default-jdk-headless, as `make test` does"
        );
        let url = &self.database.url;
        Command::new("java")
            .args(["-XX:TieredStopAtLevel=1", "-cp", DRIVER])
            .arg(repository().join("tests/jdbc/BiContract.java"))
            .env(
                "RAPPORT_JDBC_URL",
                format!(
                    "jdbc:postgresql://{}:{}{}",
                    url.host_str().unwrap(),
                    url.port().unwrap(),
                    url.path()
                ),
            )
            .env("RAPPORT_JDBC_USER", &self.name)
            .env("RAPPORT_JDBC_PASSWORD", password)
            .env("RAPPORT_JDBC_SLEEP", "20")
            .output()
            .expect("java starts")
    }

    async fn end(self) {
        self.database
            .session()
            .await
            .execute(&format!("DROP ROLE {}", self.name))
            .await;
    }
}

fn list(value: &Value) -> &Vec<Value> {
    value
        .as_array()
        .unwrap_or_else(|| panic!("no list: {value}"))
}

fn by_name<'a>(items: &'a Value, key: &str) -> BTreeMap<&'a str, &'a Value> {
    list(items)
        .iter()
        .map(|item| (item[key].as_str().unwrap(), item))
        .collect()
}

#[tokio::test]
async fn a_bi_tool_finds_bi_described_and_nothing_else() {
    let database = Database::with_sample().await;
    let login = Login::new(&database).await;
    let output = login.look(&login.name);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let seen: Value = serde_json::from_slice(&output.stdout).expect("a JSON document");
    let mut session = database.session().await;

    // What it may read is bi, whole.
    let views = session
        .json("SELECT jsonb_agg(relname ORDER BY relname COLLATE \"C\") FROM pg_class WHERE relkind = 'v' AND relnamespace = 'bi'::regnamespace")
        .await;
    assert!(list(&views).len() >= 13);
    for schema in list(&seen["schemas"]) {
        let expected = if schema["name"] == "bi" {
            &views
        } else {
            &json!([])
        };
        assert_eq!(&schema["readable"], expected, "{}", schema["name"]);
    }
    let relations = by_name(&seen["relations"], "name");
    assert_eq!(relations.len(), list(&views).len());

    for (name, relation) in &relations {
        assert_eq!(relation["type"], "VIEW");
        assert_eq!(
            relation["remarks"].as_str(),
            session
                .value(&format!(
                    "SELECT obj_description('bi.{name}'::regclass, 'pg_class')"
                ))
                .await
                .as_deref(),
            "{name}"
        );
        // Columns in their order, each with its comment and a type that holds for the rows too.
        let columns = list(&relation["columns"]);
        for (place, column) in columns.iter().enumerate() {
            assert_eq!(column["ordinal"], place + 1, "{name}");
            let remarks = column["remarks"].as_str().unwrap_or_default();
            assert!(remarks.len() > 5, "{name}: {column}");
            let column_name = column["type"]["name"].as_str().unwrap();
            assert_eq!(
                column["type"]["jdbc_type"],
                match column_name {
                    "month" | "day" | "last_month" => "DATE",
                    "interactions" | "customers" | "entries" | "repaired" | "conflicts"
                    | "customer_id" | "import_id" | "total_interactions" => "BIGINT",
                    "is_placeholder" => "BIT",
                    "refreshed_at"
                    | "imported_at"
                    | "first_interaction_at"
                    | "last_interaction_at" => "TIMESTAMP",
                    _ => "VARCHAR",
                },
                "{name}.{column_name}"
            );
            assert_eq!(
                column["type"], relation["result_types"][place],
                "{name}.{column_name}"
            );
        }
        let counted = session
            .json(&format!(
                "SELECT jsonb_build_array(count(*), sum((to_jsonb(v) ->> 'interactions')::bigint)) FROM bi.{name} AS v"
            ))
            .await;
        assert_eq!(
            json!([relation["rows"], relation["interactions"]]),
            counted,
            "{name}"
        );
        let rights: Vec<&Value> = list(&relation["grants"])
            .iter()
            .filter(|grant| grant["grantee"] == "rapport_bi")
            .map(|grant| &grant["privilege"])
            .collect();
        assert_eq!(rights, [&json!("SELECT")], "{name}");
    }
    assert_eq!(relations["monthly_activity"]["interactions"], 67);

    let probes = by_name(&seen["probes"], "probe");
    let refused = probes.iter().filter(|(name, _)| {
        name.starts_with("read ") || name.contains("rapport.") || name.contains("stats.")
    });
    assert!(refused.clone().count() > 25);
    for (name, probe) in refused {
        assert_eq!(probe["sql_state"], "42501", "{name}");
    }
    for (name, state) in [
        ("CREATE TABLE bi.probe (n int)", "42501"),
        ("CREATE TABLE public.probe (n int)", "42501"),
        ("CREATE VIEW bi.probe AS SELECT 1 AS n", "42501"),
        ("CREATE SCHEMA probe", "42501"),
        ("DROP VIEW bi.customer_overview", "42501"),
        // No view of bi takes rows, whoever brings them.
        ("insert into bi.monthly_activity", "55000"),
        ("delete from bi.customer_overview", "55000"),
        ("read_only read", "00000"),
        ("read_only write", "25006"),
        ("query_timeout", "57014"),
        ("statement_timeout", "57014"),
    ] {
        assert_eq!(probes[name]["sql_state"], state, "{name}: {}", probes[name]);
    }
    let ended_by = |name: &str| probes[name]["message"].as_str().unwrap().to_owned();
    assert!(ended_by("query_timeout").contains("user request"));
    assert!(ended_by("statement_timeout").contains("statement timeout"));
    assert_eq!(seen["statement_timeout"], "3s");

    // Rows come through a cursor, and parameters arrive as they were meant.
    assert_eq!(
        probes["cursor"]["value"],
        json!({"fetch_size": 10, "rows": relations["monthly_activity"]["rows"], "open_cursors": 1})
    );
    assert_eq!(probes["max_rows"]["value"], 3);
    let red_since_2020 = session
        .json(
            "SELECT jsonb_build_object('interactions', sum(interactions), 'first_month', min(month))
             FROM rapport.monthly_activity('Red', since => '2020-01-01')",
        )
        .await;
    for name in ["java.sql.Date parameter", "LocalDate parameter"] {
        assert_eq!(
            probes[name]["value"]["answers"],
            json!([red_since_2020]),
            "{name}"
        );
    }
    login.end().await;
}

#[tokio::test]
async fn a_login_that_is_refused_is_told_so() {
    let database = Database::fresh().await;
    let login = Login::new(&database).await;
    let output = login.look("wrong");
    assert!(!output.status.success());
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("password authentication failed"), "{told}");
    login.end().await;
}
