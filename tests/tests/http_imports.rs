//! Files that come in over HTTP: imported once, refused with a reason, never half.

use std::time::{Duration, Instant};

use rapport_tests::answer::{header, problem, raw};
use rapport_tests::leaving::upload_and_leave;
use rapport_tests::{Database, Server, fixture};
use serde_json::Value;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

#[tokio::test]
async fn a_workbook_is_imported_once() {
    let database = Database::fresh().await;
    let server = Server::start(&database).await;
    let response = server
        .post_import("interactions.xlsx", XLSX, fixture::sample_workbook())
        .await;
    assert_eq!(response.status(), 201);
    let location = header(&response, "location").to_owned();
    let body: Value = response.json().await.unwrap();
    let id = body["import_id"].as_i64().unwrap();
    assert_eq!(location, format!("/api/v1/imports/{id}"));
    for (name, count) in [
        ("rows_read", 109),
        ("customers_added", 16),
        ("placeholders_added", 1),
        ("interactions_added", 67),
        ("products_added", 24),
        ("repaired", 18),
        ("split", 2),
        ("duplicates", 1),
        ("conflicts", 1),
        ("rejected", 2),
    ] {
        assert_eq!(body[name], count, "{name} of {body:#}");
    }
    let again = server
        .post_import("copy.xlsx", XLSX, fixture::sample_workbook())
        .await;
    assert_eq!(again.status(), 200);
    let body: Value = again.json().await.unwrap();
    assert_eq!(body["status"], "unchanged");
    assert_eq!(body["import_id"], id);
    assert_eq!(server.json("/api/v1/stats/interactions").await["rows"], 67);

    let report = server.json(&format!("/api/v1/imports/{id}")).await;
    assert_eq!(report["import_id"], id);
    assert_eq!(report["file_name"], "interactions.xlsx");
    let entries = database
        .session()
        .await
        .number("SELECT count(*) FROM crm.ledger")
        .await;
    assert_eq!(report["ledger"].as_array().unwrap().len() as i64, entries);
    assert_eq!(report["next_after"], Value::Null);
}

#[tokio::test]
async fn csv_files_are_imported() {
    let database = Database::fresh().await;
    let server = Server::start(&database).await;
    for (name, content_type) in [
        ("customers", "text/csv"),
        ("interactions", "text/csv; charset=utf-8"),
        ("products", "TEXT/CSV"),
    ] {
        let response = server
            .post_import(
                &format!("{name}.csv"),
                content_type,
                fixture::sample_csv(name),
            )
            .await;
        assert_eq!(response.status(), 201, "{name}");
    }
    assert_eq!(server.json("/api/v1/stats/interactions").await["rows"], 67);
}

#[tokio::test]
async fn an_import_that_cannot_be_is_refused() {
    let database = Database::fresh().await;
    let server = Server::start(&database).await;
    problem(
        server
            .post_import("a.png", "image/png", vec![1, 2, 3])
            .await,
        415,
    )
    .await;
    let untyped = server
        .client
        .post(server.url("/api/v1/imports?file_name=a.xlsx"))
        .body("x")
        .send()
        .await
        .unwrap();
    problem(untyped, 415).await;
    let body = problem(
        server
            .post_import("a.xlsx", XLSX, b"not a workbook".to_vec())
            .await,
        422,
    )
    .await;
    assert_eq!(body["sqlstate"], "22023");
    let sheets = fixture::workbook(&[("People", &[fixture::CUSTOMERS])]);
    let body = problem(server.post_import("a.xlsx", XLSX, sheets).await, 422).await;
    assert!(
        body.to_string().to_lowercase().contains("product"),
        "{body:#}"
    );
    problem(
        server
            .post_import("corner.xlsx", XLSX, fixture::corner_cells(true))
            .await,
        413,
    )
    .await;
    assert_eq!(server.json("/api/v1/stats/customers").await["rows"], 0);
    for id in ["4711", "9223372036854775807"] {
        problem(server.get(&format!("/api/v1/imports/{id}")).await, 404).await;
    }
    for id in ["abc", "1180591620717411303424"] {
        let response = server.get(&format!("/api/v1/imports/{id}")).await;
        assert_eq!(response.status(), 400, "{id}");
    }
    let named = server
        .client
        .post(server.url("/api/v1/imports?file_name=a%FF.xlsx"))
        .header("content-type", XLSX)
        .body(fixture::sample_workbook())
        .send()
        .await
        .unwrap();
    let body = problem(named, 400).await;
    assert!(body["detail"].as_str().unwrap().contains("not UTF-8"));
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_before_it_is_read() {
    let database = Database::fresh().await;
    let server = Server::start_with(
        &database.url_as("rapport_api"),
        &[("RAPPORT_MAX_FILE_MIB", "1")],
    )
    .await;
    // A promise of 2 GB, of which not one byte is sent.
    let promise = format!(
        "POST /api/v1/imports?file_name=a.xlsx HTTP/1.1\r\nhost: test\r\ncontent-type: {XLSX}\r\n\
         content-length: 2147483648\r\nconnection: close\r\n\r\n"
    );
    let started = Instant::now();
    let answer = raw(&server, promise.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
    assert!(started.elapsed() < Duration::from_secs(5));
    // The same without a promise, in chunks.
    let mut chunked = format!(
        "POST /api/v1/imports?file_name=a.xlsx HTTP/1.1\r\nhost: test\r\ncontent-type: {XLSX}\r\n\
         transfer-encoding: chunked\r\nconnection: close\r\n\r\n"
    )
    .into_bytes();
    for _ in 0..5 {
        chunked.extend_from_slice(b"40000\r\n");
        chunked.resize(chunked.len() + 0x40000, b'x');
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    let answer = raw(&server, &chunked);
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn a_body_that_stops_half_way_imports_nothing() {
    let database = Database::fresh().await;
    let server = Server::start(&database).await;
    let content = fixture::sample_workbook();
    let mut request = format!(
        "POST /api/v1/imports?file_name=a.xlsx HTTP/1.1\r\nhost: test\r\ncontent-type: {XLSX}\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        content.len()
    )
    .into_bytes();
    request.extend_from_slice(&content[..content.len() / 2]);
    let answer = raw(&server, &request);
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert_eq!(server.json("/api/v1/stats/interactions").await["rows"], 0);
    assert_eq!(
        database
            .session()
            .await
            .number("SELECT count(*) FROM crm.imports")
            .await,
        0
    );
}

#[tokio::test]
async fn two_uploads_of_the_same_file_at_once_are_one_import() {
    let database = Database::fresh().await;
    let server = Server::start(&database).await;
    let content = fixture::sample_workbook();
    let (one, two) = tokio::join!(
        server.post_import("a.xlsx", XLSX, content.clone()),
        server.post_import("b.xlsx", XLSX, content)
    );
    let mut statuses = [one.status().as_u16(), two.status().as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 201]);
    assert_eq!(server.json("/api/v1/stats/interactions").await["rows"], 67);
}

#[tokio::test]
async fn imports_whose_clients_left_complete_and_the_next_upload_waits_for_them() {
    let database = Database::fresh().await;
    let server = Server::start_with(
        &database.url_as("rapport_api"),
        &[
            ("RAPPORT_POOL_WAIT_SECONDS", "1"),
            ("RAPPORT_IMPORT_POOL_SIZE", "2"),
        ],
    )
    .await;
    let mut watcher = database.session().await;
    let mut holder = database.session().await;
    holder
        .execute("BEGIN; LOCK TABLE crm.imports IN ACCESS EXCLUSIVE MODE")
        .await;
    upload_and_leave(&server, &mut watcher, &fixture::sample_csv("customers"), 1).await;
    upload_and_leave(&server, &mut watcher, &fixture::sample_csv("products"), 2).await;
    let third = server.post_import("c.csv", "text/csv", fixture::sample_csv("interactions"));
    let release = async {
        // Longer than a question would wait for a connection.
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(server.get("/readyz").await.status(), 200);
        holder.execute("COMMIT").await;
    };
    let (third, ()) = tokio::join!(third, release);
    assert_eq!(third.status(), 201);
    // All three, those of the clients that left included.
    assert_eq!(watcher.number("SELECT count(*) FROM crm.imports").await, 3);
    for (table, rows) in [("interactions", 67), ("products", 24)] {
        let path = format!("/api/v1/stats/{table}");
        assert_eq!(server.json(&path).await["rows"], rows, "{table}");
    }
}

#[tokio::test]
async fn an_upload_that_waited_too_long_is_told_to_try_again() {
    let database = Database::fresh().await;
    let server = Server::start_with(
        &database.url_as("rapport_api"),
        &[
            ("RAPPORT_IMPORT_WAIT_SECONDS", "1"),
            ("RAPPORT_IMPORT_POOL_SIZE", "1"),
        ],
    )
    .await;
    let mut watcher = database.session().await;
    let mut holder = database.session().await;
    holder
        .execute("BEGIN; LOCK TABLE crm.imports IN ACCESS EXCLUSIVE MODE")
        .await;
    upload_and_leave(&server, &mut watcher, &fixture::sample_csv("customers"), 1).await;
    let response = server
        .post_import("b.csv", "text/csv", fixture::sample_csv("products"))
        .await;
    assert!(!header(&response, "retry-after").is_empty());
    let body = problem(response, 503).await;
    assert_eq!(body["type"], "urn:rapport:problem:busy");
    assert_eq!(body["title"], "Busy, try again");
    let detail = body["detail"].as_str().unwrap();
    assert!(detail.contains("other imports hold them"), "{detail}");
    holder.execute("COMMIT").await;
}
