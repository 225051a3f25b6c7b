//! Language models as rows: registering, choosing, asking, and all that can go wrong on the way.

use std::time::{Duration, Instant};

use rapport_tests::{Database, ModelServer, Reply, Session};
use serde_json::{Value, json};

/// Registers a server as the model `local` and lets it be called.
async fn register(database: &Database, server: &ModelServer, more: &str) -> Session {
    permit(database, &server.origin()).await;
    let mut session = database.session().await;
    let endpoint = format!("{}/v1", server.origin());
    session
        .execute(&format!(
            "SELECT rapport.register_model('local', 'openai', '{endpoint}', 'tiny'{more})"
        ))
        .await;
    session
}

/// Lists origins for the sessions that begin from now on.
async fn permit(database: &Database, origins: &str) {
    let name = &database.name;
    let mut session = database.session().await;
    session
        .execute(&format!(
            "LOAD 'rapport'; ALTER DATABASE {name} SET rapport.model_origins = '{origins}'"
        ))
        .await;
}

fn written(sentences: &[(&str, &[i64])]) -> String {
    let sentences: Vec<Value> = sentences
        .iter()
        .map(|(text, evidence)| json!({"text": text, "evidence": evidence, "mentions": []}))
        .collect();
    json!({"parts": [{"part": "summary", "sentences": sentences}]}).to_string()
}

#[tokio::test]
async fn a_model_is_swapped_by_one_statement() {
    let database = Database::with_sample().await;
    let good = written(&[("There are 4 interactions with customer 7 on record.", &[])]);
    let server = ModelServer::start(vec![Reply::Answer(good)]).await;
    let mut session = register(&database, &server, ", parameters => '{\"temperature\": 0}'").await;
    let mock = session.json("SELECT rapport.summarize_customer(7)").await;
    assert_eq!(mock["provenance"]["model"], "mock");

    session
        .execute("SELECT rapport.use_model('summary', 'local')")
        .await;
    let real = session.json("SELECT rapport.summarize_customer(7)").await;
    assert_eq!(real["provenance"]["model"], "local");
    assert_eq!(real["provenance"]["refused"], json!([]));
    assert_eq!(
        real["summary"]["summary_text"],
        "There are 4 interactions with customer 7 on record."
    );
    assert_eq!(
        real["provenance"]["usage"],
        json!({"input_tokens": 1_000, "output_tokens": 100})
    );
    assert_ne!(real["provenance"]["key"], mock["provenance"]["key"]);
    // The numbers are those of SQL, whoever writes the words.
    for key in ["total_interactions", "key_topics", "last_interaction"] {
        assert_eq!(real["summary"][key], mock["summary"][key]);
    }
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].line, "post /v1/chat/completions http/1.1");
    assert_eq!(requests[0].body["model"], "tiny");
    assert_eq!(requests[0].body["temperature"], 0);
    assert_eq!(requests[0].body["response_format"]["type"], "json_schema");
    let other_tasks = session.json("SELECT rapport.generate_content(7)").await;
    assert_eq!(other_tasks["provenance"]["model"], "mock");

    session
        .execute("SELECT rapport.use_model('all', 'mock')")
        .await;
    assert_eq!(
        session.json("SELECT rapport.summarize_customer(7)").await,
        mock
    );
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn what_a_model_makes_up_is_refused_and_asked_for_once_more() {
    let database = Database::with_sample().await;
    let bad = written(&[
        ("There are 4 interactions with customer 7 on record.", &[]),
        ("The customer said “I will buy a thousand”.", &[38]),
    ]);
    let good = written(&[("There are 4 interactions with customer 7 on record.", &[])]);
    let server = ModelServer::start(vec![Reply::Answer(bad.clone()), Reply::Answer(good)]).await;
    let mut session = register(&database, &server, "").await;
    session
        .execute("SELECT rapport.use_model('all', 'local')")
        .await;
    let answer = session.json("SELECT rapport.summarize_customer(7)").await;
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    let messages = requests[1].body["messages"].as_array().unwrap();
    assert_eq!(messages[2], json!({"role": "assistant", "content": bad}));
    assert!(
        messages[3]["content"]
            .as_str()
            .unwrap()
            .contains("buy a thousand")
    );
    assert_eq!(answer["provenance"]["refused"], json!([]));
    assert_eq!(
        answer["provenance"]["discarded"][0]["text"],
        "The customer said “I will buy a thousand”."
    );
    assert!(
        !answer["summary"]["summary_text"]
            .as_str()
            .unwrap()
            .contains("thousand")
    );
    assert_eq!(answer["provenance"]["needs_review"], false);

    // One that does not learn is left with the standard text.
    let server = ModelServer::start(vec![Reply::Answer("Sure! Here you go.".to_owned())]).await;
    let mut session = register(&database, &server, "").await;
    let answer = session.json("SELECT rapport.summarize_customer(7)").await;
    assert_eq!(answer["provenance"]["fallback"], true);
    assert_eq!(answer["provenance"]["needs_review"], true);
    assert_eq!(server.requests().len(), 2);
    let answer = session
        .json("SELECT rapport.ask('side effects', customer_id => 7)")
        .await;
    assert_eq!(answer["provenance"]["fallback"], true);
    assert!(
        answer["answer"]
            .as_str()
            .unwrap()
            .contains("Side Effects Discussion")
    );
}

#[tokio::test]
async fn a_mock_can_be_told_to_misbehave() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    for fault in [
        "fabricated_quote",
        "stitched_quote",
        "wrong_number",
        "wrong_date",
        "wrong_name",
        "obedient",
        "off_schema",
        "empty",
        "truncated",
        "oversized",
    ] {
        session
            .execute(&format!(
                "SELECT rapport.register_model('liar', 'mock', parameters => '{{\"fault\": \"{fault}\"}}');
                 SELECT rapport.use_model('all', 'liar')"
            ))
            .await;
        let answer = session.json("SELECT rapport.generate_content(7)").await;
        assert_ne!(answer["provenance"]["refused"], json!([]), "{fault}");
        assert_eq!(answer["needs_review"], true, "{fault}");
        let text = answer["generated_content"]["Content"].as_str().unwrap();
        for lie in ["changed everything", "Marlowe", "1005", "PWNED", "forever"] {
            assert!(!text.contains(lie), "{fault}: {text}");
        }
    }
    for (fault, code, hint) in [
        ("rate_limited", "38000", "Try again in 7 seconds."),
        ("server_error", "38000", ""),
    ] {
        session
            .execute(&format!(
                "SELECT rapport.register_model('liar', 'mock', parameters => '{{\"fault\": \"{fault}\"}}')"
            ))
            .await;
        let error = session.fault("SELECT rapport.summarize_customer(7)").await;
        assert_eq!(
            (error.code.as_str(), error.hint.as_str()),
            (code, hint),
            "{error:?}"
        );
    }
}

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
        let mut session =
            register(&database, &server, ", timeout_seconds => 1, attempts => 1").await;
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
    let mut session = register(&database, &server, "").await;
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

#[tokio::test]
async fn only_administrators_say_where_models_are() {
    let database = Database::with_sample().await;
    for role in [
        "rapport_analyst",
        "rapport_importer",
        "rapport_api",
        "rapport_bi",
    ] {
        let mut session = database.session_as(role).await;
        for statement in [
            "SELECT rapport.register_model('own', 'openai', 'http://127.0.0.1:1/v1', 'x')",
            "SELECT rapport.use_model('all', 'mock')",
            "SELECT rapport.test_model('mock')",
            "SELECT rapport.probe_model('mock')",
            "INSERT INTO rapport.model (name, dialect) VALUES ('own', 'mock')",
            "UPDATE rapport.model SET endpoint = 'http://127.0.0.1:1/'",
            "UPDATE rapport.model_choice SET model = 'mock'",
            "DELETE FROM rapport.model_choice",
        ] {
            let error = session.fault(statement).await;
            assert_eq!(error.code, "42501", "{role}: {statement}: {error:?}");
        }
    }
    // A model that was registered and not chosen is for administrators to try.
    let mut admin = database.session_as("rapport_admin").await;
    let request = "'{\"task\": \"email\", \"facts\": {\"customer_id\": 7}}'";
    admin
        .execute(&format!(
            "SELECT rapport.register_model('trial', 'mock'); SELECT rapport.use_model('summary', 'trial');
             SELECT rapport.generate({request}, 'trial')"
        ))
        .await;
    let mut analyst = database.session_as("rapport_analyst").await;
    let error = analyst
        .fault(&format!("SELECT rapport.generate({request}, 'trial')"))
        .await;
    assert_eq!(error.code, "42501", "{error:?}");
    analyst
        .execute("SELECT rapport.summarize_customer(7)")
        .await;
    // Before the library is loaded, a setting is only a name; loading it takes the value back.
    let mut session = database.session_as("rapport_analyst").await;
    session
        .execute("SET rapport.model_origins = 'http://127.0.0.1:1'; SELECT rapport.dialects()")
        .await;
    let origins = session.value("SHOW rapport.model_origins").await;
    assert_eq!(origins.as_deref(), Some(""));
    for setting in ["model_origins", "secrets_directory"] {
        let error = session.fault(&format!("SET rapport.{setting} = '/'")).await;
        assert_eq!(error.code, "42501", "{error:?}");
    }
    let mut session = database.session_as("rapport_admin").await;
    session
        .execute(
            "SELECT rapport.register_model('other', 'mock'); SELECT rapport.use_model('ask', 'other');
             SELECT rapport.test_model('other'); SELECT rapport.use_model('ask', 'mock');
             DELETE FROM rapport.model WHERE name = 'other'",
        )
        .await;
}

#[tokio::test]
async fn what_no_call_could_be_made_with_is_not_registered() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    for (arguments, code) in [
        ("'m', 'telepathy', 'http://a.example', 'x'", "22023"),
        ("'m', 'openai'", "22023"),
        ("'m', 'openai', 'http://a.example'", "22023"),
        ("'m', 'openai', 'nonsense', 'x'", "22023"),
        ("'m', 'openai', 'mailto:a@b.example', 'x'", "22023"),
        (
            "'m', 'openai', 'http://a.example', 'x', parameters => '{\"model\": \"y\"}'",
            "22023",
        ),
        (
            "'m', 'openai', 'http://a.example', 'x', parameters => '[]'",
            "22023",
        ),
        (
            "'m', 'mock', parameters => '{\"fault\": \"telepathy\"}'",
            "22023",
        ),
        ("'m', 'mock', parameters => '{\"mood\": \"good\"}'", "22023"),
        ("'m', 'mock', 'http://a.example'", "22023"),
        ("'mock', 'openai', 'http://a.example', 'x'", "22023"),
        ("'m', 'openai', 'http://user:pass@a.example', 'x'", "22023"),
        ("'m', 'mock', input_price => 'NaN'", "22023"),
        ("'Über', 'mock'", "22023"),
        ("NULL, 'mock'", "22023"),
        (
            "'m', 'openai', 'http://a.example', 'x', '../../etc/passwd'",
            "22023",
        ),
        (
            "'m', 'openai', 'http://a.example', 'x', timeout_seconds => 0",
            "22023",
        ),
        (
            "'m', 'openai', 'http://a.example', 'x', timeout_seconds => -1",
            "22023",
        ),
        (
            "'m', 'openai', 'http://a.example', 'x', attempts => 99",
            "22023",
        ),
        (
            "'m', 'openai', 'http://a.example', 'x', input_price => -1",
            "22023",
        ),
        (
            "'m', 'openai', 'http://a.example', 'x', auth_header => 'a b'",
            "22023",
        ),
    ] {
        let error = session
            .fault(&format!("SELECT rapport.register_model({arguments})"))
            .await;
        assert_eq!(error.code, code, "{arguments}: {error:?}");
    }
    for (call, code) in [
        ("use_model('all', 'nobody')", "42704"),
        ("use_model('all', NULL)", "42704"),
        ("use_model('poem', 'mock')", "22023"),
        ("use_model(NULL, 'mock')", "22023"),
        ("test_model('nobody')", "42704"),
        ("test_model(NULL)", "22004"),
    ] {
        let error = session.fault(&format!("SELECT rapport.{call}")).await;
        assert_eq!(error.code, code, "{call}: {error:?}");
    }
    assert_eq!(
        session.number("SELECT count(*) FROM rapport.model").await,
        1
    );
}

#[tokio::test]
async fn a_key_is_sent_to_its_provider_and_shown_to_nobody() {
    const KEY: &str = "sk-canary-5f1e9c";
    let database = Database::with_sample().await;
    let reject = format!("{{\"error\": {{\"message\": \"{KEY} is not valid\"}}}}");
    let server = ModelServer::start(vec![
        Reply::Answer("{\"ok\": true}".to_owned()),
        Reply::Status(401, "", reject),
    ])
    .await;
    let mut session = register(&database, &server, ", secret => 'our-key', attempts => 1").await;
    let error = session.fault("SELECT rapport.test_model('local')").await;
    assert_eq!(error.code, "55000", "{error:?}");
    assert!(
        error.message.contains("RAPPORT_SECRET_OUR_KEY"),
        "{error:?}"
    );

    // The server reads it, so it lies where the server may read; nobody else may.
    let folder = session.value("SHOW data_directory").await.unwrap();
    session
        .execute(&format!(
            "COPY (SELECT '{KEY}') TO PROGRAM 'umask 077; mkdir -p {folder}/secrets_of_{0}; cat > {folder}/secrets_of_{0}/our-key';
             SET rapport.secrets_directory = '{folder}/secrets_of_{0}'",
            database.name
        ))
        .await;
    let answer = session.json("SELECT rapport.test_model('local')").await;
    assert_eq!(answer["ok"], true, "{answer}");
    let headers = &server.requests()[0].headers;
    assert!(
        headers.contains(&format!("authorization: bearer {KEY}")),
        "{headers}"
    );
    let refused = session.json("SELECT rapport.test_model('local')").await;
    let error = session
        .fault("SELECT rapport.use_model('all', 'local'), rapport.summarize_customer(7)")
        .await;
    for said in [refused.to_string(), error.text()] {
        assert!(said.contains("401") && !said.contains("canary"), "{said}");
    }
    // However long the answer is that repeats it, and though it is cut.
    let long = format!(
        "{{\"error\": {{\"message\": \"{} {KEY}\"}}}}",
        "x".repeat(285)
    );
    let echo = ModelServer::start(vec![
        Reply::Status(400, "", long),
        Reply::Answer(format!("{{\"ok\": \"{KEY}\"}}")),
    ])
    .await;
    permit(&database, &echo.origin()).await;
    session
        .execute(&format!(
            "SET rapport.model_origins = '{0}'; SELECT rapport.register_model('local', 'openai', '{0}/v1', 'tiny',
                 secret => 'our-key', attempts => 1)",
            echo.origin()
        ))
        .await;
    for _ in 0..2 {
        let told = session
            .json("SELECT rapport.test_model('local')")
            .await
            .to_string();
        assert!(!told.contains("canary") && !told.contains("sk-"), "{told}");
    }
    for query in [
        "SELECT * FROM rapport.model",
        "SELECT * FROM rapport.models",
        "SELECT name, setting FROM pg_settings",
    ] {
        let rows = format!("{:?}", session.rows(query).await);
        assert!(!rows.contains("canary"), "{query}");
    }
    let mut analyst = database.session_as("rapport_analyst").await;
    analyst.execute("SELECT rapport.version()").await;
    let error = analyst.fault("SHOW rapport.secrets_directory").await;
    assert_eq!(error.code, "42501");
    // Readable by others, it is not used.
    session
        .execute(&format!(
            "COPY (SELECT 1) TO PROGRAM 'chmod 644 {folder}/secrets_of_{}/our-key; cat > /dev/null'",
            database.name
        ))
        .await;
    let error = session.fault("SELECT rapport.test_model('local')").await;
    assert!(
        error.code == "55000" && error.message.contains("our-key"),
        "{error:?}"
    );
    session
        .execute(&format!(
            "COPY (SELECT 1) TO PROGRAM 'rm -r {folder}/secrets_of_{}; cat > /dev/null'",
            database.name
        ))
        .await;
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
    let mut session = register(&database, &server, "").await;
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
    let mut setup = register(&database, &server, "").await;
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
    let mut session = register(&database, &server, "").await;
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
