//! Uploads as they arrive: however they are cut, broken off or slow, nothing stays behind but what was imported.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rapport_tests::answer::problem;
use rapport_tests::leaving::upload_and_leave;
use rapport_tests::{Database, Server, Session, fixture};
use serde_json::Value;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Temporary tables that hold an upload, in whatever session.
const UPLOADS: &str =
    "SELECT count(*) FROM pg_class WHERE relname = 'rapport_upload' AND relpersistence = 't'";

/// Sessions into which an upload is being copied.
const COPYING: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND state = 'active' AND query LIKE 'COPY pg_temp.rapport_upload%'";

/// Waits until a count is as wanted.
async fn wait_for(session: &mut Session, sql: &str, wanted: i64) {
    let started = Instant::now();
    loop {
        let found = session.number(sql).await;
        if found == wanted {
            return;
        }
        assert!(
            started.elapsed() < Duration::from_secs(15),
            "{sql}: {found} instead of {wanted}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Begins an upload of text: the head, and the first bytes of a body that has more.
fn begin_upload(server: &Server, name: &str, declared: &str, first: &[u8]) -> TcpStream {
    let mut client = TcpStream::connect(server.address()).unwrap();
    client
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let head = format!(
        "POST /api/v1/imports?file_name={name} HTTP/1.1\r\nhost: test\r\ncontent-type: text/csv\r\n\
         {declared}\r\nconnection: close\r\n\r\n"
    );
    client.write_all(head.as_bytes()).unwrap();
    client.write_all(first).unwrap();
    client
}

/// Starts a server with one connection for imports.
async fn server_with_one_connection(database: &Database, variables: &[(&str, &str)]) -> Server {
    let mut all = vec![("RAPPORT_IMPORT_POOL_SIZE", "1")];
    all.extend_from_slice(variables);
    Server::start_with(&database.url_as("rapport_api"), &all).await
}

#[tokio::test]
async fn a_connection_is_used_again_and_holds_no_file() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let server = server_with_one_connection(&database, &[]).await;
    let worker = "SELECT max(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE '%rapport.%_upload(%' AND pid <> pg_backend_pid()";
    let mut pids = Vec::new();
    for (query, name) in [
        ("dry_run=true", "customers"),
        ("dry_run=false", "customers"),
        ("", "interactions"),
    ] {
        let response = server
            .client
            .post(server.url(&format!("/api/v1/imports?{query}")))
            .header("content-type", "text/csv")
            .body(fixture::sample_csv(name))
            .send()
            .await
            .unwrap();
        assert!(response.status().is_success(), "{query} {name}");
        assert_eq!(session.number(UPLOADS).await, 0, "{query} {name}");
        pids.push(session.number(worker).await);
    }
    assert!(pids.iter().all(|pid| *pid == pids[0]), "{pids:?}");
    // A file that is refused is still in the session: that session is closed.
    let refused = server
        .post_import("a.csv", "text/csv", b"What,Is,This\n1,2,3\n".to_vec())
        .await;
    problem(refused, 422).await;
    wait_for(&mut session, UPLOADS, 0).await;
    let response = server
        .post_import("p.csv", "text/csv", fixture::sample_csv("products"))
        .await;
    assert_eq!(response.status(), 201);
    assert_ne!(session.number(worker).await, pids[0]);
}

#[tokio::test]
async fn a_dry_run_answers_what_an_import_would_do() {
    let database = Database::fresh().await;
    let server = Server::start(&database).await;
    let ask = async |query: &str| {
        let response = server
            .client
            .post(server.url(&format!("/api/v1/imports?file_name=i.xlsx&{query}")))
            .header("content-type", XLSX)
            .body(fixture::sample_workbook())
            .send()
            .await
            .unwrap();
        (
            response.status().as_u16(),
            response.json::<Value>().await.unwrap(),
        )
    };
    let (status, preview) = ask("dry_run=true").await;
    assert_eq!(status, 200, "{preview:#}");
    assert_eq!(preview["result"]["interactions_added"], 67);
    assert_eq!(preview["result"]["import_id"], Value::Null);
    let report = preview["report"].as_array().unwrap();
    assert!(
        report
            .iter()
            .any(|line| line["rule"] == "stray_text_removed")
    );
    let mut session = database.session().await;
    for table in ["imports", "ledger", "customers", "interactions", "products"] {
        let count = format!("SELECT count(*) FROM crm.{table}");
        assert_eq!(session.number(&count).await, 0, "{table}");
    }
    // The same file can still be imported, and does what was foretold.
    let (status, imported) = ask("dry_run=false").await;
    assert_eq!(status, 201, "{imported:#}");
    for name in [
        "rows_read",
        "records",
        "loaded",
        "merged",
        "duplicates",
        "rejected",
        "repaired",
    ] {
        assert_eq!(imported[name], preview["result"][name], "{name}");
    }
    let (status, again) = ask("dry_run=true").await;
    assert_eq!(
        (status, &again["result"]["status"]),
        (200, &Value::from("unchanged"))
    );
}

#[tokio::test]
async fn values_may_be_separated_by_tabs() {
    let database = Database::fresh().await;
    let server = Server::start(&database).await;
    let response = server
        .client
        .post(server.url("/api/v1/imports"))
        .header("content-type", "text/tab-separated-values")
        .body("Date\tProduct\r\n01-2031\tSand, wet\r\n")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 201);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["file_name"], "upload.tsv");
    assert_eq!(body["products_added"], 1);
    assert_eq!(
        database
            .session()
            .await
            .value("SELECT product FROM crm.products")
            .await
            .as_deref(),
        Some("Sand, wet")
    );
}

#[tokio::test]
async fn an_empty_body_is_refused() {
    let database = Database::fresh().await;
    let server = server_with_one_connection(&database, &[]).await;
    for content_type in ["text/csv", "text/tab-separated-values", XLSX] {
        for dry_run in [true, false] {
            let response = server
                .client
                .post(server.url(&format!("/api/v1/imports?dry_run={dry_run}")))
                .header("content-type", content_type)
                .send()
                .await
                .unwrap();
            problem(response, 422).await;
        }
    }
    let mut session = database.session().await;
    assert_eq!(session.number("SELECT count(*) FROM crm.imports").await, 0);
    wait_for(&mut session, UPLOADS, 0).await;
}

#[tokio::test]
async fn a_body_is_the_same_file_however_it_is_cut() {
    const PIECE: usize = 256 << 10;
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let server = server_with_one_connection(&database, &[]).await;
    for (month, (size, cut)) in (1..).zip([
        (PIECE - 1, 1_000),
        (PIECE, PIECE),
        (PIECE + 1, PIECE),
        (2 * PIECE, 3 * PIECE / 2),
        (3 * PIECE + 5, 65_537),
    ]) {
        // Blank lines fill the file up.
        let mut content = format!("Date,Product\n{month:02}-2031,Sand\n").into_bytes();
        content.resize(size, b'\n');
        let mut client = begin_upload(&server, "cut.csv", "transfer-encoding: chunked", b"");
        for chunk in content.chunks(cut) {
            client
                .write_all(format!("{:x}\r\n", chunk.len()).as_bytes())
                .unwrap();
            client.write_all(chunk).unwrap();
            client.write_all(b"\r\n").unwrap();
        }
        client.write_all(b"0\r\n\r\n").unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 201"), "{size}: {answer}");
        // The same bytes in one piece are the same file.
        let whole = session.import_csv(&content, "whole.csv").await.unwrap();
        assert_eq!(whole["status"], "unchanged", "{size}: {whole:#}");
    }
}

#[tokio::test]
async fn a_client_that_leaves_mid_way_leaves_nothing() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let server = server_with_one_connection(&database, &[]).await;
    let mut half = b"Date,Product\n".to_vec();
    half.extend_from_slice(&b"01-2031,Sand\n".repeat(100_000));
    for declared in ["content-length: 100000000", "transfer-encoding: chunked"] {
        let mut first = half.clone();
        if declared.starts_with("transfer") {
            first = [format!("{:x}\r\n", half.len()).as_bytes(), &half].concat();
        }
        let client = begin_upload(&server, "half.csv", declared, &first);
        wait_for(&mut session, COPYING, 1).await;
        drop(client);
        wait_for(&mut session, COPYING, 0).await;
        wait_for(&mut session, UPLOADS, 0).await;
        assert_eq!(session.number("SELECT count(*) FROM crm.imports").await, 0);
    }
    // Whatever the connection was in, the next upload has a clean one.
    let response = server
        .post_import("p.csv", "text/csv", fixture::sample_csv("products"))
        .await;
    assert_eq!(response.status(), 201);
    assert_eq!(
        session.number("SELECT count(*) FROM crm.products").await,
        24
    );
}

#[tokio::test]
async fn a_client_that_falls_silent_is_given_up() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let server = server_with_one_connection(&database, &[("RAPPORT_IDLE_SECONDS", "1")]).await;
    // Before it has a connection of the database, and while it has one.
    let long = b"01-2031,Sand\n".repeat(200_000);
    for first in [b"".as_slice(), b"Date,Product\n01-2031,Sand\n", &long] {
        let started = Instant::now();
        let mut client = begin_upload(&server, "silent.csv", "content-length: 9999999", first);
        let mut answer = String::new();
        let _ = client.read_to_string(&mut answer);
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        assert!(answer.contains("application/problem+json"), "{answer}");
        assert!(started.elapsed() < Duration::from_secs(10));
        wait_for(&mut session, UPLOADS, 0).await;
    }
    // Slow is not silent: a byte now and then for longer than a silence may last.
    let content = fixture::csv(&["Date,Product", "01-2031,Sand"]);
    let declared = format!("content-length: {}", content.len());
    let mut client = begin_upload(&server, "slow.csv", &declared, b"");
    for piece in content.chunks(content.len() / 5 + 1) {
        std::thread::sleep(Duration::from_millis(400));
        client.write_all(piece).unwrap();
    }
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert_eq!(session.number("SELECT count(*) FROM crm.imports").await, 1);
}

#[tokio::test]
async fn a_body_that_takes_too_long_in_all_is_given_up() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let server =
        server_with_one_connection(&database, &[("RAPPORT_IMPORT_TIMEOUT_SECONDS", "2")]).await;
    let long = vec![b'x'; 3 << 20];
    let mut client = begin_upload(&server, "endless.csv", "content-length: 9999999", &long);
    let mut writer = client.try_clone().unwrap();
    let feeder = std::thread::spawn(move || {
        for _ in 0..60 {
            std::thread::sleep(Duration::from_millis(100));
            if writer.write_all(b"x").is_err() {
                break;
            }
        }
    });
    let mut answer = String::new();
    let _ = client.read_to_string(&mut answer);
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    drop(client);
    feeder.join().unwrap();
    wait_for(&mut session, UPLOADS, 0).await;
    assert_eq!(session.number("SELECT count(*) FROM crm.imports").await, 0);
}

#[tokio::test]
async fn a_body_over_the_limit_leaves_nothing_and_a_silent_client_holds_no_connection() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let server = server_with_one_connection(&database, &[("RAPPORT_MAX_FILE_MIB", "1")]).await;
    let silent = begin_upload(&server, "silent.csv", "content-length: 1000", b"");
    let mut client = begin_upload(&server, "large.csv", "transfer-encoding: chunked", b"");
    let chunk = [b"40000\r\n".as_slice(), &vec![b'x'; 0x40000], b"\r\n"].concat();
    for _ in 0..5 {
        // It may hang up before the last.
        let _ = client.write_all(&chunk);
    }
    let mut answer = String::new();
    let _ = client.read_to_string(&mut answer);
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    wait_for(&mut session, UPLOADS, 0).await;
    let response = server
        .post_import("p.csv", "text/csv", fixture::sample_csv("products"))
        .await;
    assert_eq!(response.status(), 201);
    drop(silent);
}

/// Finds the process that listens on an address, by the variable that told it so.
fn process_of(server: &Server) -> u32 {
    let variable = format!("RAPPORT_LISTEN={}", server.address());
    let found = std::fs::read_dir("/proc").unwrap().find_map(|entry| {
        let pid: u32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
        let environment = std::fs::read(format!("/proc/{pid}/environ")).ok()?;
        environment
            .split(|byte| *byte == 0)
            .any(|one| one == variable.as_bytes())
            .then_some(pid)
    });
    found.expect("the server runs")
}

#[tokio::test]
async fn a_large_body_passes_through_little_memory() {
    const BODY: usize = 150 << 20;
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let server = server_with_one_connection(&database, &[("RAPPORT_MAX_FILE_MIB", "200")]).await;
    let pid = process_of(&server);
    let peak = || {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:"));
        let kibibytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
        kibibytes.unwrap() << 10
    };
    let before = peak();
    let declared = format!("content-length: {}", BODY + 1);
    let mut client = begin_upload(&server, "large.csv", &declared, b"");
    let chunk = b"01-2031,Sand,\n\n\n".repeat(1 << 16);
    for _ in 0..BODY / chunk.len() {
        client.write_all(&chunk).unwrap();
    }
    // All but what is under way is in PostgreSQL, and not here.
    let received = "SELECT (coalesce(sum(pg_total_relation_size(oid)), 0) > 100 << 20)::int
        FROM pg_class WHERE relname = 'rapport_upload'";
    wait_for(&mut session, received, 1).await;
    let grown = peak() - before;
    assert!(grown < 32 << 20, "{grown} bytes of memory");
    drop(client);
    wait_for(&mut session, UPLOADS, 0).await;
}

#[tokio::test]
async fn a_file_that_a_client_left_behind_is_imported_and_its_connection_used_again() {
    let database = Database::fresh().await;
    let mut watcher = database.session().await;
    let server = server_with_one_connection(&database, &[]).await;
    let mut holder = database.session().await;
    holder
        .execute("BEGIN; LOCK TABLE crm.imports IN ACCESS EXCLUSIVE MODE")
        .await;
    upload_and_leave(&server, &mut watcher, &fixture::sample_csv("customers"), 1).await;
    holder.execute("COMMIT").await;
    server.wait_for_log("import finished").await;
    // One that fails after its client has left leaves no file in the pool either.
    holder
        .execute("BEGIN; LOCK TABLE crm.imports IN ACCESS EXCLUSIVE MODE")
        .await;
    upload_and_leave(&server, &mut watcher, b"What,Is,This\n1,2,3\n", 1).await;
    holder.execute("COMMIT").await;
    let response = server
        .post_import("p.csv", "text/csv", fixture::sample_csv("products"))
        .await;
    assert_eq!(response.status(), 201);
    wait_for(&mut watcher, UPLOADS, 0).await;
    assert_eq!(watcher.number("SELECT count(*) FROM crm.imports").await, 2);
}
