//! What the API gives back of an import: the list, the ledger as a file, the quality, the way of a value.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rapport_tests::answer::{header, problem};
use rapport_tests::{Database, Server, Session, fixture};
use serde_json::Value;

#[tokio::test]
async fn imports_are_listed_page_by_page_the_newest_first() {
    let database = Database::fresh().await;
    let server = Server::start(&database).await;
    let empty = server.json("/api/v1/imports").await;
    assert_eq!(empty["imports"], Value::Array(Vec::new()));
    assert_eq!(empty["next_before"], Value::Null);
    let mut ids = Vec::new();
    for name in ["customers", "interactions", "products"] {
        let response = server
            .post_import(
                &format!("{name}.csv"),
                "text/csv",
                fixture::sample_csv(name),
            )
            .await;
        let body: Value = response.json().await.unwrap();
        ids.push(body["import_id"].as_i64().unwrap());
    }
    let names = |page: &Value| -> Vec<String> {
        let imports = page["imports"].as_array().unwrap();
        imports
            .iter()
            .map(|import| import["file_name"].as_str().unwrap().to_owned())
            .collect()
    };
    let page = server.json("/api/v1/imports?limit=2").await;
    assert_eq!(names(&page), ["products.csv", "interactions.csv"]);
    assert_eq!(page["next_before"], ids[1]);
    let path = format!("/api/v1/imports?limit=2&before_import={}", ids[1]);
    let page = server.json(&path).await;
    assert_eq!(names(&page), ["customers.csv"]);
    assert_eq!(page["next_before"], Value::Null);
    assert_eq!(page["imports"][0]["customers_added"], 16);
    for limit in ["0", "101", "-1"] {
        let response = server.get(&format!("/api/v1/imports?limit={limit}")).await;
        problem(response, 422).await;
    }
    database
        .session()
        .await
        .execute(&format!("SELECT rapport.undo_import({})", ids[2]))
        .await;
    let page = server.json("/api/v1/imports?limit=1").await;
    assert!(page["imports"][0]["undone_at"].is_string(), "{page:#}");
}

#[tokio::test]
async fn a_ledger_is_downloaded_as_a_file() {
    let database = Database::with_sample().await;
    let server = Server::start(&database).await;
    let response = server.get("/api/v1/imports/1/ledger.csv").await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), "text/csv; charset=utf-8");
    assert_eq!(
        header(&response, "content-disposition"),
        "attachment; filename=\"import-1-ledger.csv\""
    );
    assert_eq!(header(&response, "cache-control"), "no-store");
    let text = response.text().await.unwrap();
    let mut csv = csv::Reader::from_reader(text.as_bytes());
    let records: Vec<_> = csv.records().map(Result::unwrap).collect();
    let mut session = database.session().await;
    let entries = session.number("SELECT count(*) FROM crm.ledger WHERE import_id = 1");
    assert_eq!(records.len() as i64, entries.await);
    assert!(text.ends_with("\r\n") && !text.contains("\r\n\r\n"));

    for id in ["4711", "9223372036854775807"] {
        problem(
            server
                .get(&format!("/api/v1/imports/{id}/ledger.csv"))
                .await,
            404,
        )
        .await;
        problem(
            server.get(&format!("/api/v1/imports/{id}/quality")).await,
            404,
        )
        .await;
    }
    problem(server.get("/api/v1/imports/x/ledger.csv").await, 400).await;
}

#[tokio::test]
async fn a_downloaded_ledger_holds_no_formula() {
    let database = Database::fresh().await;
    let server = Server::start(&database).await;
    let hostile = fixture::csv(&[
        "Customer Id,Occupation,Type",
        "1,  =HYPERLINK(\"\"x\"\"),Red",
        "2,  -2+3,Red",
    ]);
    let response = server.post_import("h.csv", "text/csv", hostile).await;
    let body: Value = response.json().await.unwrap();
    let path = format!("/api/v1/imports/{}/ledger.csv", body["import_id"]);
    let text = server.get(&path).await.text().await.unwrap();
    let mut csv = csv::Reader::from_reader(text.as_bytes());
    let mut found = 0;
    for record in csv.records().map(Result::unwrap) {
        for field in &record {
            assert!(
                !field.trim_start().starts_with(['=', '+', '-', '@']),
                "{record:?}"
            );
            found += usize::from(
                field
                    .trim_start_matches('\'')
                    .trim_start()
                    .starts_with(['=', '-']),
            );
        }
    }
    assert!(found >= 2, "{text}");
}

/// Gives import 1 a ledger of 40 MB more: too much for the buffers between a server and its client.
async fn lengthen(session: &mut Session) {
    session
        .execute(
            "INSERT INTO crm.ledger (import_id, sheet, row_number, rule, rule_version, severity, action, before)
             SELECT 1, 'long', n, 'fill_gap', 1, 'info', 'merged', repeat('x', 300)
             FROM generate_series(1, 120000) AS n",
        )
        .await;
}

/// Asks for the ledger of import 1, and reads nothing of it yet.
fn begin_download(server: &Server) -> TcpStream {
    let mut client = TcpStream::connect(server.address()).unwrap();
    client
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let request =
        b"GET /api/v1/imports/1/ledger.csv HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n";
    client.write_all(request).unwrap();
    client
}

const EXPORTING: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
    AND pid <> pg_backend_pid() AND query LIKE '%ledger_csv%' AND state = 'active'";

#[tokio::test]
async fn a_long_ledger_arrives_whole_and_a_client_that_leaves_frees_its_connection() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    lengthen(&mut session).await;
    let variables = [
        ("RAPPORT_EXPORT_POOL_SIZE", "1"),
        ("RAPPORT_IDLE_SECONDS", "2"),
        ("RAPPORT_POOL_WAIT_SECONDS", "20"),
    ];
    let server = Server::start_with(&database.url_as("rapport_api"), &variables).await;
    let entries = session
        .number("SELECT count(*) FROM crm.ledger WHERE import_id = 1")
        .await;
    for leaves in [true, false] {
        // One client asks and leaves or reads no further; the other gets everything, on the only connection.
        let mut client = begin_download(&server);
        let mut begin = [0; 1024];
        client.read_exact(&mut begin).unwrap();
        assert!(begin.starts_with(b"HTTP/1.1 200"));
        assert_eq!(session.number(EXPORTING).await, 1);
        // Other questions do not wait for it.
        assert_eq!(server.get("/api/v1/stats/customers").await.status(), 200);
        let client = (!leaves).then_some(client);
        let text = server.get("/api/v1/imports/1/ledger.csv").await;
        let text = text.text().await.unwrap();
        assert_eq!(text.lines().count() as i64, entries + 1);
        let started = Instant::now();
        while session.number(EXPORTING).await > 0 {
            assert!(started.elapsed() < Duration::from_secs(10));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        if let Some(mut client) = client {
            // What was cut off does not look complete: the last chunk of an answer is empty.
            let mut rest = Vec::new();
            let _ = client.read_to_end(&mut rest);
            assert!(!rest.ends_with(b"0\r\n\r\n"));
            assert!(rest.len() < text.len());
        }
    }
}

#[tokio::test]
async fn an_export_that_the_database_ends_is_cut_and_not_completed() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    lengthen(&mut session).await;
    let server = Server::start(&database).await;
    let mut client = begin_download(&server);
    let mut begin = [0; 1024];
    client.read_exact(&mut begin).unwrap();
    session
        .execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND query LIKE '%ledger_csv%' AND pid <> pg_backend_pid()",
        )
        .await;
    let mut rest = Vec::new();
    let _ = client.read_to_end(&mut rest);
    assert!(!rest.ends_with(b"0\r\n\r\n"));
    server.wait_for_log("an export broke off").await;
    assert_eq!(
        server.get("/api/v1/imports/1/ledger.csv").await.status(),
        200
    );
}

#[tokio::test]
async fn quality_is_a_list_of_rules() {
    let database = Database::with_sample().await;
    let server = Server::start(&database).await;
    let lines = server.json("/api/v1/imports/1/quality").await;
    let lines = lines.as_array().unwrap();
    let stray: Vec<_> = lines
        .iter()
        .filter(|line| line["rule"] == "stray_text_removed")
        .collect();
    // `12in` stands in the customers and in the interactions.
    assert_eq!(stray.len(), 2, "{lines:#?}");
    for line in stray {
        assert_eq!(line["action"], "repaired");
        assert_eq!(line["entries"], 1);
        assert_eq!(line["example_before"], "12in");
        assert_eq!(line["example_after"], "12");
        assert_eq!(line["import_id"], 1);
    }
}

#[tokio::test]
async fn a_value_is_led_back_to_its_cell() {
    let database = Database::with_sample().await;
    let server = Server::start(&database).await;
    let mut session = database.session().await;
    let (id, cell) = (
        session
            .value(
                "SELECT interaction_id FROM crm.ledger WHERE before = 'Prescription  Guidelines'",
            )
            .await
            .unwrap(),
        session
            .value("SELECT cell FROM crm.ledger WHERE before = 'Prescription  Guidelines'")
            .await
            .unwrap(),
    );
    let steps = server
        .json(&format!("/api/v1/values/interactions/{id}/topic"))
        .await;
    let steps = steps.as_array().unwrap();
    let step = steps
        .iter()
        .find(|step| step["rule"] == "white_space_folded")
        .unwrap_or_else(|| panic!("{steps:#?}"));
    assert_eq!(step["before"], "Prescription  Guidelines");
    assert_eq!(step["after"], "Prescription Guidelines");
    assert_eq!(step["file_name"], "interactions.xlsx");
    assert_eq!(step["sheet"], "External Interactions");
    assert_eq!(step["cell"], cell.as_str());
    for (number, step) in (1..).zip(steps) {
        assert_eq!(step["step"], number);
    }
    for (path, status) in [
        ("interactions/99999/topic", 404),
        ("customers/99999/occupation", 404),
        ("people/1/name", 422),
        ("interactions/1/nothing", 422),
        ("interactions/1/a%00b", 422),
        ("interactions/x/topic", 400),
        ("interactions/1", 404),
    ] {
        problem(server.get(&format!("/api/v1/values/{path}")).await, status).await;
    }
}
