//! Imports that may not come to their end, and what they may leave behind.

use std::time::Instant;

use rust_xlsxwriter::Workbook;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use url::Url;

use crate::{Session, fixture};

/// A file of its own for each number: every third row a new customer, every tenth with a topic to
/// repair, every fiftieth without a date.
pub fn batch(number: u64, rows: u64) -> Vec<u8> {
    let mut lines = vec!["Date Start,Interaction,Customers,Topic,Sentiment,Notes".to_owned()];
    for row in 0..rows {
        let customer = number * 1_000_000 + row / 3 + 1;
        let topic = if row % 10 == 0 {
            "Drug  Efficacy"
        } else {
            "Drug Efficacy"
        };
        let date = match row % 50 {
            0 => "never".to_owned(),
            _ => format!(
                "{:02}/{:02}/2020 {:02}:{:02}",
                row % 28 + 1,
                row / 28 % 12 + 1,
                row % 24,
                row / 24 % 60
            ),
        };
        lines.push(format!(
            "{date},Email,{customer},{topic},Positive,Remark {row} of {number}"
        ));
    }
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    fixture::csv(&lines)
}

/// A workbook with as many strings as rows, none of them twice.
pub fn workbook_of_strings(rows: u32) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let headers: [(&str, &[&str]); 3] = [
        ("Customers", fixture::CUSTOMERS),
        (
            "Interactions",
            &[
                "Date Start",
                "Interaction",
                "Customers",
                "Topic",
                "Sentiment",
                "Notes",
            ],
        ),
        ("Products", fixture::PRODUCTS),
    ];
    for (name, headers) in headers {
        let sheet = workbook
            .add_worksheet()
            .set_name(name)
            .expect("a good name");
        sheet
            .write_row(0, 0, headers.iter().copied())
            .expect("headers");
        if name == "Interactions" {
            for row in 1..=rows {
                let date = format!("{:02}/{:02}/2020 09:00", row % 28 + 1, row % 12 + 1);
                sheet.write_string(row, 0, date).expect("a date");
                sheet.write_string(row, 1, "Email").expect("a channel");
                sheet.write_number(row, 2, row).expect("a customer");
                let notes = format!("{row} {}", "said nothing new ".repeat(12));
                sheet.write_string(row, 5, notes).expect("notes");
            }
        }
    }
    workbook.save_to_buffer().expect("a workbook in memory")
}

/// A session that may be lost.
#[derive(Debug)]
pub struct Importer {
    connection: PgConnection,
    /// The process behind it.
    pub pid: i32,
}

/// What became of an import, and when that was known.
#[derive(Debug)]
pub struct Answer {
    /// Whether it was acknowledged.
    pub outcome: Result<(), sqlx::Error>,
    /// When.
    pub at: Instant,
}

impl Answer {
    /// Returns the SQLSTATE of a refusal.
    pub fn code(&self) -> Option<String> {
        let error = self.outcome.as_ref().err()?.as_database_error()?;
        Some(error.code()?.into_owned())
    }
}

impl Importer {
    /// Connects.
    pub async fn open(url: &Url) -> Self {
        let mut connection = PgConnection::connect(url.as_str())
            .await
            .expect("the server answers");
        let pid = sqlx::query_scalar("SELECT pg_backend_pid()")
            .fetch_one(&mut connection)
            .await
            .expect("a session has a process");
        Self { connection, pid }
    }

    /// Runs a statement that must succeed.
    pub async fn execute(&mut self, sql: &'static str) {
        sqlx::raw_sql(sql)
            .execute(&mut self.connection)
            .await
            .expect(sql);
    }

    /// Imports a file through a function of the SQL API.
    pub async fn import(&mut self, function: &str, content: &[u8]) -> Answer {
        let sql = format!("SELECT to_jsonb(r) FROM rapport.{function}($1, 'crash') AS r");
        let outcome = sqlx::query(AssertSqlSafe(sql))
            .bind(content)
            .fetch_one(&mut self.connection)
            .await;
        Answer {
            outcome: outcome.map(drop),
            at: Instant::now(),
        }
    }
}

/// Rows of each table, the statistics included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows {
    /// Rows of `crm.imports`.
    pub imports: i64,
    /// Rows of `crm.customers`.
    pub customers: i64,
    /// Rows of `crm.interactions`.
    pub interactions: i64,
    /// Rows of `crm.ledger`.
    pub ledger: i64,
    /// Interactions as the statistics count them.
    pub counted: i64,
}

/// Counts the rows.
pub async fn count(session: &mut Session) -> Rows {
    let mut of = async |sql: &str| session.number(&format!("SELECT {sql}")).await;
    Rows {
        imports: of("count(*) FROM crm.imports").await,
        customers: of("count(*) FROM crm.customers").await,
        interactions: of("count(*) FROM crm.interactions").await,
        ledger: of("count(*) FROM crm.ledger").await,
        counted: of("coalesce(sum(interactions), 0)::bigint FROM bi.monthly_activity").await,
    }
}
