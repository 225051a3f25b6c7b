//! The server as its operator sees it: request ids, logs, a database that goes away, documentation.

use std::time::{Duration, Instant};

use rapport_tests::answer::{header, problem};
use rapport_tests::{Database, Server, fixture, proxy::Proxy};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

#[tokio::test]
async fn every_answer_carries_a_request_id() {
    let database = Database::fresh().await;
    let server = Server::start(&database).await;
    let one = server.get("/api/v1/stats/customers").await;
    let two = server.get("/api/v1/stats/customers").await;
    assert!(!header(&one, "x-request-id").is_empty());
    assert_ne!(header(&one, "x-request-id"), header(&two, "x-request-id"));
    let named = server
        .client
        .get(server.url("/api/v1/nothing"))
        .header("x-request-id", "mine-17")
        .send()
        .await;
    let body = problem(named.unwrap(), 404).await;
    assert!(body["instance"].as_str().unwrap().contains("mine-17"));
    server.wait_for_log("mine-17").await;
}

#[tokio::test]
async fn the_server_is_alive_without_a_database_and_recovers_by_itself() {
    let database = Database::with_sample().await;
    let url = database.url_as("rapport_api");
    let proxy = Proxy::start(&url).await;
    let server = Server::start_with(&proxy.url(&url), &[("RAPPORT_POOL_WAIT_SECONDS", "1")]).await;
    assert_eq!(server.json("/api/v1/stats/customers").await["rows"], 17);

    proxy.switch_off();
    for path in [
        "/api/v1/stats/customers",
        "/api/v1/summarized_interactions/1",
        "/readyz",
    ] {
        let response = server.get(path).await;
        assert_eq!(response.status(), 503, "{path}");
        assert!(!header(&response, "retry-after").is_empty(), "{path}");
        let body = response.text().await.unwrap();
        for secret in [&database.name, "rapport_api", "127.0.0.1", "password"] {
            assert!(!body.contains(secret), "{path} tells \"{secret}\": {body}");
        }
    }
    assert_eq!(server.get("/livez").await.status(), 200);

    proxy.switch_on();
    let started = Instant::now();
    while server.get("/api/v1/stats/customers").await.status() != 200 {
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "no recovery:\n{}",
            server.log()
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // And it stays so, for every pooled connection.
    for _ in 0..20 {
        assert_eq!(server.get("/api/v1/stats/customers").await.status(), 200);
    }
    assert_eq!(server.get("/readyz").await.status(), 200);
}

#[tokio::test]
async fn sessions_that_were_killed_while_idle_are_replaced_unseen() {
    let database = Database::with_sample().await;
    let server = Server::start(&database).await;
    assert_eq!(server.get("/api/v1/stats/customers").await.status(), 200);
    database
        .session()
        .await
        .execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await;
    // A connection that lay idle for a second is tried before it is used.
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    for _ in 0..10 {
        assert_eq!(server.get("/api/v1/stats/customers").await.status(), 200);
    }
}

#[tokio::test]
async fn a_database_without_migrations_is_not_ready() {
    let database = Database::empty().await;
    let server = Server::spawn(&database.url, &[]);
    let started = Instant::now();
    while server
        .client
        .get(server.url("/livez"))
        .send()
        .await
        .is_err()
    {
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "{}",
            server.log()
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(server.get("/readyz").await.status(), 503);
    let body = server.get("/api/v1/stats/customers").await;
    assert_eq!(body.status(), 503);
    assert!(body.text().await.unwrap().contains("rapport migrate"));
}

#[tokio::test]
async fn the_openapi_document_lists_every_route() {
    let database = Database::fresh().await;
    let server = Server::start(&database).await;
    let document = server.json("/openapi.json").await;
    assert!(
        document["openapi"].as_str().unwrap().starts_with("3.1"),
        "{}",
        document["openapi"]
    );
    let paths = document["paths"].as_object().unwrap();
    for (path, method) in [
        ("/api/v1/generate-content/{customer_id}", "get"),
        ("/api/v1/summarized_interactions/{customer_id}", "get"),
        ("/api/v1/ask", "post"),
        ("/api/v1/stats/interactions-per-product", "get"),
        ("/api/v1/stats/{table}", "get"),
        ("/api/v1/imports", "post"),
        ("/api/v1/imports", "get"),
        ("/api/v1/imports/{import_id}", "get"),
        ("/api/v1/imports/{import_id}/ledger.csv", "get"),
        ("/api/v1/imports/{import_id}/quality", "get"),
        ("/api/v1/values/{table}/{id}/{column}", "get"),
        ("/livez", "get"),
        ("/readyz", "get"),
    ] {
        // The name in the braces is the document's own.
        let shape = |path: &str| -> Vec<String> {
            path.split('/')
                .map(|part| if part.starts_with('{') { "{}" } else { part }.to_owned())
                .collect()
        };
        let found = paths
            .iter()
            .find(|(listed, _)| shape(listed) == shape(path));
        let (_, operations) =
            found.unwrap_or_else(|| panic!("{path} is not in {:?}", paths.keys()));
        assert!(
            operations[method]["responses"].is_object(),
            "{method} {path}"
        );
    }
    // Every reference leads somewhere.
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"").skip(1) {
        let pointer = reference.split('"').next().unwrap().trim_start_matches('#');
        assert!(
            document.pointer(pointer).is_some(),
            "{pointer} leads nowhere"
        );
    }
}

#[tokio::test]
async fn the_docs_page_needs_no_other_host() {
    let database = Database::fresh().await;
    let server = Server::start(&database).await;
    let mut path = "/docs".to_owned();
    let mut response = server.get(&path).await;
    if response.status().is_redirection() {
        path = header(&response, "location").to_owned();
        response = server.get(&path).await;
    }
    assert_eq!(response.status(), 200);
    assert!(header(&response, "content-type").starts_with("text/html"));
    let page = response.text().await.unwrap();
    let folder = &path[..=path.rfind('/').unwrap()];
    let mut assets = 0;
    for attribute in [" src=\"", " href=\""] {
        for target in page
            .split(attribute)
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
        {
            assert!(!target.contains("//"), "{target} is on another host");
            let asset = match target.strip_prefix('/') {
                Some(_) => target.to_owned(),
                None => format!("{folder}{}", target.trim_start_matches("./")),
            };
            assert_eq!(server.get(&asset).await.status(), 200, "{asset}");
            assets += 1;
        }
    }
    assert!(assets > 2, "{page}");
}

#[tokio::test]
async fn a_server_that_is_asked_to_stop_finishes_its_work() {
    let database = Database::fresh().await;
    let server = Server::start(&database).await;
    let content = fixture::sample_workbook();
    let (first, rest) = content.split_at(content.len() / 2);
    let address = server.address().to_owned();
    let mut client = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /api/v1/imports?file_name=a.xlsx HTTP/1.1\r\nhost: test\r\ncontent-type: {XLSX}\r\n\
         content-length: {}\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n",
        content.len()
    );
    client.write_all(head.as_bytes()).await.unwrap();
    // The server asks for the body once it works on the request.
    let mut go_on = [0; 25];
    client.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    client.write_all(first).await.unwrap();
    let finish = async {
        // Nobody listens any more: the signal has arrived.
        while TcpStream::connect(&address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        client.write_all(rest).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let (status, answer) = tokio::join!(server.terminate(), finish);
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert_eq!(status.code(), Some(0));
    let imported = "SELECT count(*) FROM crm.interactions";
    assert_eq!(database.session().await.number(imported).await, 67);
}

#[tokio::test]
async fn the_log_counts_what_an_import_did_and_keeps_secrets() {
    let database = Database::fresh().await;
    let server = Server::start(&database).await;
    server
        .post_import("interactions.xlsx", XLSX, fixture::sample_workbook())
        .await;
    server.get("/api/v1/generate-content/1").await;
    let log = server.wait_for_log("\"generated\"").await;
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect();
    let line = |message: &str| {
        let found = lines.iter().find(|line| line["message"] == message);
        found.unwrap_or_else(|| panic!("no \"{message}\" in {log}"))
    };
    let import = line("import finished");
    assert_eq!(import["file_name"], "interactions.xlsx");
    for (name, count) in [
        ("rows_read", 109),
        // Two rows name two customers each.
        ("records", 111),
        ("customers_added", 16),
        ("interactions_added", 67),
        ("products_added", 24),
        ("repaired", 18),
        ("rejected", 2),
    ] {
        assert_eq!(import[name], count, "{name} of {import}");
    }
    let generation = line("generated");
    assert_eq!(generation["model"], "mock");
    for name in ["input_tokens", "output_tokens"] {
        assert!(
            generation[name].as_u64().unwrap() > 0,
            "{name} of {generation}"
        );
    }
    assert!(generation["duration_ms"].is_u64(), "{generation}");
    if let Some(password) = database.url.password() {
        assert!(!log.contains(password), "the log tells the password");
    }
    assert!(!log.contains("Dear Jedi"), "the log tells the draft");
}

#[tokio::test]
async fn a_token_is_asked_for_where_one_is_set() {
    let database = Database::with_sample().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "a-token-of-thirty-two-characters!\n").unwrap();
    let server = Server::start_with(
        &database.url_as("rapport_api"),
        &[("RAPPORT_API_TOKEN_FILE", file.to_str().unwrap())],
    )
    .await;
    let response = server.get("/api/v1/stats/customers").await;
    assert!(header(&response, "www-authenticate").starts_with("Bearer"));
    problem(response, 401).await;
    for (token, status) in [("a-token-of-thirty-two-characters!", 200), ("another", 401)] {
        let request = server
            .client
            .get(server.url("/api/v1/stats/customers"))
            .bearer_auth(token);
        assert_eq!(request.send().await.unwrap().status(), status);
    }
    assert_eq!(server.get("/livez").await.status(), 200);
}
