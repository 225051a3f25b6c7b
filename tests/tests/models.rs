//! Language models as rows: registering them, choosing one, its key, and what is made of its answers.

use rapport_tests::{Database, ModelServer, Reply};
use serde_json::{Value, json};

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
    let mut session = server
        .register(&database, ", parameters => '{\"temperature\": 0}'")
        .await;
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
    let mut session = server.register(&database, "").await;
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
    let mut session = server.register(&database, "").await;
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
    let mut session = server
        .register(&database, ", secret => 'our-key', attempts => 1")
        .await;
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
    database.permit_models_at(&echo.origin()).await;
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
