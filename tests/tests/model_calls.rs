//! Calls of language models: what goes wrong on the way, where they may go, and how they end.

use std::time::{Duration, Instant};

use rapport_tests::{Database, ModelServer, Reply, Session};

#[tokio::test]
async fn what_goes_wrong_on_the_way_is_told() {
    let database = Database::with_sample().await;
    let status = |status, headers, body: &str| Reply::Status(status, headers, body.to_owned());
    for (reply, code, says) in [
        (
            status(401, "", "{\"error\": {\"message\": \"bad key\"}}"),
            "55000",
            "401",
        ),
        (status(404, "", ""), "38000", "404"),
        (
            status(429, "retry-after: 40\r\n", ""),
            "38000",
            "over its rate limit",
        ),
        (status(500, "", "boom"), "38000", "500"),
        (
            status(302, "location: http://169.254.169.254/\r\n", ""),
            "38000",
            "302",
        ),
        (status(200, "", "{}"), "38000", "choices"),
        (status(200, "", "<html>"), "38000", "JSON"),
        (
            status(200, "content-encoding: gzip\r\n", "x"),
            "38000",
            "compressed",
        ),
        (
            Reply::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort".to_vec()),
            "38000",
            "",
        ),
        (Reply::Raw(b"nonsense\r\n\r\n".to_vec()), "38000", ""),
        (Reply::Raw(Vec::new()), "38000", ""),
        (status(200, "", &"x".repeat(5 << 20)), "38000", ""),
        (Reply::Hang, "57014", "did not answer in time"),
        (Reply::Drip, "57014", "did not answer in time"),
    ] {
        let shown = format!("{reply:?}").chars().take(60).collect::<String>();
        let server = ModelServer::start(vec![reply]).await;
        let mut session = server
            .register(&database, ", timeout_seconds => 1, attempts => 1")
            .await;
        session
            .execute("SELECT rapport.use_model('all', 'local')")
            .await;
        let error = session.fault("SELECT rapport.summarize_customer(7)").await;
        assert_eq!(error.code, code, "{shown}: {error:?}");
        assert!(
            error.message.starts_with("model \"local\" "),
            "{shown}: {error:?}"
        );
        assert!(error.message.contains(says), "{shown}: {error:?}");
        // The session goes on, and the test of a model tells the same as a row.
        let tested = session.json("SELECT rapport.test_model('local')").await;
        assert_eq!(tested["ok"], false, "{shown}: {tested}");
    }
}

#[tokio::test]
async fn only_listed_origins_are_called() {
    let database = Database::with_sample().await;
    let server = ModelServer::start(vec![Reply::Answer("{}".to_owned())]).await;
    let mut session = server.register(&database, "").await;
    let port = server.port;
    session.execute("SELECT rapport.test_model('local')").await;
    let calls = server.requests().len();
    for origins in [
        String::new(),
        format!("https://127.0.0.1:{port}"),
        format!("http://127.0.0.1:{}", port ^ 1),
        "http://models.example.com".to_owned(),
        format!("http://127.0.0.1:{port}/v1"),
        "nonsense".to_owned(),
    ] {
        session
            .execute(&format!("SET rapport.model_origins = '{origins}'"))
            .await;
        let error = session.fault("SELECT rapport.test_model('local')").await;
        assert_eq!(error.code, "55000", "{origins}: {error:?}");
        assert!(error.message.contains("rapport.model_origins"), "{error:?}");
    }
    assert_eq!(server.requests().len(), calls);
}

/// Waits until a backend is in the middle of a call, and returns its number.
async fn calling(watcher: &mut Session, server: &ModelServer, calls: usize) -> i64 {
    let deadline = Instant::now() + Duration::from_secs(20);
    while server.requests().len() < calls {
        assert!(Instant::now() < deadline, "no call came");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    watcher
        .number(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()
             AND state = 'active' AND query LIKE '%summarize_customer%' AND pid <> pg_backend_pid()",
        )
        .await
}

#[tokio::test]
async fn a_hanging_call_ends_at_once_when_it_is_told_to() {
    let database = Database::with_sample().await;
    let server = ModelServer::start(vec![Reply::Hang]).await;
    let mut session = server.register(&database, "").await;
    session
        .execute("SELECT rapport.use_model('all', 'local')")
        .await;
    let mut watcher = database.session().await;
    let pid = session.number("SELECT pg_backend_pid()").await;
    let (mut slowest, mut calls) = (Duration::ZERO, 0);
    for round in 0..20 {
        calls += 1;
        let asked = tokio::spawn(async move {
            let error = session.fault("SELECT rapport.summarize_customer(7)").await;
            (session, error, Instant::now())
        });
        assert_eq!(calling(&mut watcher, &server, calls).await, pid);
        let told = Instant::now();
        watcher
            .execute(&format!("SELECT pg_cancel_backend({pid})"))
            .await;
        let (again, error, ended) = asked.await.unwrap();
        session = again;
        assert_eq!(error.code, "57014", "round {round}: {error:?}");
        slowest = slowest.max(ended.duration_since(told));
    }
    // A build for tests writes a backtrace, which takes longer than the end of the call.
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    session.execute("SET statement_timeout = '200ms'").await;
    let error = session.fault("SELECT rapport.summarize_customer(7)").await;
    assert_eq!(error.code, "57014");
    session.execute("RESET statement_timeout").await;

    // Neither a thread nor a socket of a call is left.
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).map(Iterator::count);
    assert_eq!(threads.ok(), Some(1));
    session.execute("SELECT 1").await;
}

#[tokio::test]
async fn a_call_ends_when_the_client_is_gone() {
    let database = Database::with_sample().await;
    let server = ModelServer::start(vec![Reply::Hang]).await;
    let mut setup = server.register(&database, "").await;
    setup
        .execute("SELECT rapport.use_model('all', 'local')")
        .await;
    for (calls, ending) in ["leaves", "terminated"].into_iter().enumerate() {
        let mut session = database.session().await;
        let asked = tokio::spawn(async move {
            let _ = session
                .try_execute("SELECT rapport.summarize_customer(7)")
                .await;
        });
        let pid = calling(&mut setup, &server, calls + 1).await;
        if ending == "leaves" {
            asked.abort();
        } else {
            setup
                .execute(&format!("SELECT pg_terminate_backend({pid})"))
                .await;
        }
        let deadline = Instant::now() + Duration::from_secs(3);
        let gone = format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {pid}");
        while setup.number(&gone).await > 0 {
            assert!(Instant::now() < deadline, "{ending}: the backend goes on");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    // The server of the database goes on as if nothing had happened.
    setup.execute("SELECT 1").await;
}

#[tokio::test]
async fn explaining_calls_nobody() {
    let database = Database::with_sample().await;
    let server = ModelServer::start(vec![Reply::Answer("{}".to_owned())]).await;
    let mut session = server.register(&database, "").await;
    session
        .execute("SELECT rapport.use_model('all', 'local')")
        .await;
    for statement in [
        "EXPLAIN VERBOSE SELECT rapport.summarize_customer(7)",
        "EXPLAIN SELECT * FROM crm.customers WHERE rapport.generate_content(customer_id) IS NOT NULL",
        "PREPARE p AS SELECT rapport.ask('side effects'), rapport.test_model('local')",
    ] {
        session.execute(statement).await;
    }
    assert_eq!(server.requests().len(), 0);
}
