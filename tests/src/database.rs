//! A database of its own for every test, and what a test asks it.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;
use sqlx::postgres::{PgDatabaseError, PgRow};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _, ValueRef as _};
use url::Url;

use crate::environment::Environment;
use crate::fixture;

/// A database that goes with its value, even when the test panics.
#[derive(Debug)]
pub struct Database {
    /// Its name in the test cluster.
    pub name: String,
    /// Its URL, as the superuser.
    pub url: Url,
}

impl Database {
    /// Makes a migrated database without rows.
    pub async fn fresh() -> Self {
        Self::create(&format!("TEMPLATE {}", Environment::get().template)).await
    }

    /// Makes a database that no migration has touched.
    pub async fn empty() -> Self {
        Self::create("TEMPLATE template0").await
    }

    /// Makes a migrated database that holds the sample workbook.
    pub async fn with_sample() -> Self {
        let database = Self::fresh().await;
        database
            .session()
            .await
            .import_workbook(&fixture::sample_workbook(), "interactions.xlsx")
            .await
            .unwrap();
        database
    }

    async fn create(options: &str) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let environment = Environment::get();
        let random = RandomState::new().build_hasher().finish();
        let name = format!("t_{random:016x}_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut admin = Session::open(&environment.database_url).await;
        let mut attempts = 0;
        // A copy needs the template for itself for a moment: 55006 when a neighbour is still in it.
        while let Err(fault) = admin
            .try_execute(&format!("CREATE DATABASE {name} {options}"))
            .await
        {
            attempts += 1;
            assert!(
                fault.code == "55006" && attempts < 50,
                "creating a test database: {fault:?}"
            );
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        Self {
            url: environment.url_of(&name),
            name,
        }
    }

    /// Opens a session as the superuser.
    pub async fn session(&self) -> Session {
        Session::open(&self.url).await
    }

    /// Opens a session with the rights of a role.
    pub async fn session_as(&self, role: &str) -> Session {
        let mut session = self.session().await;
        session.execute(&format!("SET ROLE {role}")).await;
        session
    }

    /// Lists origins of models for the sessions that begin from now on.
    pub async fn permit_models_at(&self, origins: &str) {
        let set = format!(
            "LOAD 'rapport'; ALTER DATABASE {} SET rapport.model_origins = '{origins}'",
            self.name
        );
        self.session().await.execute(&set).await;
    }

    /// Returns a URL whose sessions have the rights of a role.
    pub fn url_as(&self, role: &str) -> Url {
        let mut url = self.url.clone();
        url.query_pairs_mut()
            .append_pair("options", &format!("-c role={role}"));
        url
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // The runtime of the test may be gone or busy: a thread with its own always works.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.expect("a runtime starts").block_on(async {
                Session::open(&Environment::get().database_url)
                    .await
                    .try_execute(&statement)
                    .await
            })
        });
        match dropped.join() {
            Ok(Ok(())) => {}
            failed => eprintln!("the test database {} stays behind: {failed:?}", self.name),
        }
    }
}

/// What PostgreSQL says when it refuses.
#[derive(Debug, Clone)]
pub struct Fault {
    /// The SQLSTATE.
    pub code: String,
    /// The message.
    pub message: String,
    /// The detail, or nothing.
    pub detail: String,
    /// The hint, or nothing.
    pub hint: String,
}

impl Fault {
    /// Returns everything that a person reads, in lower case.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}", self.message, self.detail, self.hint).to_lowercase()
    }

    fn from_sqlx(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => {
                let error = error.downcast::<PgDatabaseError>();
                Self {
                    code: error.code().to_owned(),
                    message: error.message().to_owned(),
                    detail: error.detail().unwrap_or_default().to_owned(),
                    hint: error.hint().unwrap_or_default().to_owned(),
                }
            }
            other => panic!("the connection failed: {other}"),
        }
    }
}

/// One connection.
#[derive(Debug)]
pub struct Session {
    connection: PgConnection,
}

impl Session {
    /// Connects.
    pub async fn open(url: &Url) -> Self {
        let connection = PgConnection::connect(url.as_str()).await;
        Self {
            connection: connection.expect("the test cluster answers"),
        }
    }

    /// Runs statements, each value as psql would print it; `None` is NULL.
    pub async fn try_rows(&mut self, sql: &str) -> Result<Vec<Vec<Option<String>>>, Fault> {
        let rows = sqlx::raw_sql(AssertSqlSafe(sql))
            .fetch_all(&mut self.connection)
            .await;
        Ok(rows.map_err(Fault::from_sqlx)?.iter().map(texts).collect())
    }

    /// Runs statements that must succeed.
    pub async fn rows(&mut self, sql: &str) -> Vec<Vec<Option<String>>> {
        self.try_rows(sql)
            .await
            .unwrap_or_else(|fault| panic!("{sql}: {fault:?}"))
    }

    /// Runs statements whose answer is not read.
    pub async fn try_execute(&mut self, sql: &str) -> Result<(), Fault> {
        self.try_rows(sql).await.map(drop)
    }

    /// Runs statements that must succeed and whose answer is not read.
    pub async fn execute(&mut self, sql: &str) {
        self.rows(sql).await;
    }

    /// Runs a statement that must be refused.
    pub async fn fault(&mut self, sql: &str) -> Fault {
        match self.try_rows(sql).await {
            Ok(rows) => panic!("{sql}: answered {rows:?} instead of an error"),
            Err(fault) => fault,
        }
    }

    /// Returns the only value of a statement.
    pub async fn value(&mut self, sql: &str) -> Option<String> {
        let mut rows = self.rows(sql).await;
        assert!(
            rows.len() == 1 && rows[0].len() == 1,
            "{sql}: one value expected, got {rows:?}"
        );
        rows.remove(0).remove(0)
    }

    /// Returns the only value of a statement, a number.
    pub async fn number(&mut self, sql: &str) -> i64 {
        let text = self.value(sql).await;
        text.as_deref()
            .and_then(|text| text.parse().ok())
            .unwrap_or_else(|| panic!("{sql}: {text:?}"))
    }

    /// Returns the only value of a statement, a JSON document.
    pub async fn json(&mut self, sql: &str) -> Value {
        let text = self
            .value(sql)
            .await
            .unwrap_or_else(|| panic!("{sql}: NULL"));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{sql}: {error}: {text}"))
    }

    /// Imports a workbook; returns the row of `rapport.import_workbook` as an object.
    pub async fn import_workbook(&mut self, content: &[u8], name: &str) -> Result<Value, Fault> {
        let sql = "SELECT to_jsonb(r) FROM rapport.import_workbook($1, $2) AS r";
        self.import(sql, content, name).await
    }

    /// Imports a CSV file; returns the row of `rapport.import_csv` as an object.
    pub async fn import_csv(&mut self, content: &[u8], name: &str) -> Result<Value, Fault> {
        self.import(
            "SELECT to_jsonb(r) FROM rapport.import_csv($1, $2) AS r",
            content,
            name,
        )
        .await
    }

    /// Imports the rows of a query; returns the row of `rapport.import_query` as an object.
    pub async fn import_query(&mut self, query: &str, name: &str) -> Result<Value, Fault> {
        let row = sqlx::query("SELECT to_jsonb(r) FROM rapport.import_query($1, $2) AS r")
            .bind(query)
            .bind(name)
            .fetch_one(&mut self.connection)
            .await;
        Ok(row.map_err(Fault::from_sqlx)?.get(0))
    }

    /// Previews a file; returns the lines of `rapport.preview_import` as objects.
    pub async fn preview(
        &mut self,
        content: &[u8],
        name: &str,
        format: &str,
    ) -> Result<Value, Fault> {
        let sql =
            "SELECT coalesce(jsonb_agg(p), '[]') FROM rapport.preview_import($1, $2, $3) AS p";
        let row = sqlx::query(sql)
            .bind(content)
            .bind(name)
            .bind(format)
            .fetch_one(&mut self.connection)
            .await;
        Ok(row.map_err(Fault::from_sqlx)?.get(0))
    }

    /// Begins an upload, and stores its parts in the order in which they are given.
    pub async fn upload(&mut self, parts: &[(i32, &[u8])]) -> Result<(), Fault> {
        self.try_execute("SELECT rapport.begin_upload()").await?;
        for (part, content) in parts {
            sqlx::query("INSERT INTO pg_temp.rapport_upload (part, content) VALUES ($1, $2)")
                .bind(part)
                .bind(*content)
                .execute(&mut self.connection)
                .await
                .map_err(Fault::from_sqlx)?;
        }
        Ok(())
    }

    async fn import(
        &mut self,
        sql: &'static str,
        content: &[u8],
        name: &str,
    ) -> Result<Value, Fault> {
        let row = sqlx::query(sql)
            .bind(content)
            .bind(name)
            .fetch_one(&mut self.connection)
            .await;
        Ok(row.map_err(Fault::from_sqlx)?.get(0))
    }
}

fn texts(row: &PgRow) -> Vec<Option<String>> {
    (0..row.len())
        .map(|index| {
            let value = row.try_get_raw(index).expect("the column exists");
            // The simple query protocol answers in text.
            (!value.is_null()).then(|| value.as_str().expect("text is UTF-8").to_owned())
        })
        .collect()
}

/// Makes literal rows comparable to [`Session::rows`]; `NULL` stands for NULL.
pub fn table<const N: usize>(rows: &[[&str; N]]) -> Vec<Vec<Option<String>>> {
    let cell = |text: &&str| (*text != "NULL").then(|| (*text).to_owned());
    rows.iter()
        .map(|row| row.iter().map(cell).collect())
        .collect()
}
