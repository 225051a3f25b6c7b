//! A language model that is one: a llama.cpp server with a small model, which `make test-llm` starts.
//!
//! What the model writes is worth little, which is why nothing here expects it to say anything. What is
//! held to account is the wire in both dialects, the key, the count of tokens, the end of a call in the
//! middle of an answer, and that no sentence reaches a reader except through the gate.

use std::time::{Duration, Instant};

use rapport_tests::{Database, Fault, Session};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard};

const URL: &str = "RAPPORT_TEST_MODEL_URL";
const KEY_FILE: &str = "RAPPORT_TEST_MODEL_KEY_FILE";
/// A small model on a busy machine takes its time.
const PATIENCE: Duration = Duration::from_secs(300);
/// An answer that is cut early; most answers below are about something else than their end.
const SHORT: &str = r#"{"max_tokens": 60, "temperature": 0}"#;

/// The server, for one test at a time: it has one place for a call, and its counts are for all.
struct RealModel {
    url: String,
    key: String,
    client: Client,
    _turn: MutexGuard<'static, ()>,
}

/// What the server counted since it started.
#[derive(Debug, PartialEq, Eq)]
struct Tokens {
    input: u64,
    output: u64,
}

impl RealModel {
    /// Takes the turn of a test, or says why there is none.
    async fn take(test: &str) -> Option<Self> {
        static TURN: Mutex<()> = Mutex::const_new(());
        let Ok(url) = std::env::var(URL) else {
            println!(
                "{test}: skipped, {URL} is not set; `make test-llm` starts a model and sets it"
            );
            return None;
        };
        let file = std::env::var(KEY_FILE).unwrap_or_else(|_| panic!("{KEY_FILE} is not set"));
        let key = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
        let model = Self {
            url,
            key: key.trim().to_owned(),
            client: Client::new(),
            _turn: TURN.lock().await,
        };
        model.wait_until_idle().await;
        Some(model)
    }

    async fn get(&self, path: &str) -> String {
        let request = self.client.get(format!("{}{path}", self.url));
        let response = request.bearer_auth(&self.key).send().await.unwrap();
        assert!(response.status().is_success(), "{path}: {response:?}");
        response.text().await.unwrap()
    }

    /// Returns what the server is doing: whether it is at work, and how many tokens it has written.
    async fn work(&self) -> (bool, u64) {
        let places: Value = serde_json::from_str(&self.get("/slots").await).unwrap();
        let place = &places[0];
        (
            place["is_processing"].as_bool().unwrap(),
            place["next_token"][0]["n_decoded"].as_u64().unwrap_or(0),
        )
    }

    async fn wait_until_idle(&self) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.work().await.0 {
            assert!(Instant::now() < deadline, "the server goes on and on");
            // llama.cpp looks for a caller who left when it has told nobody anything for a second.
            tokio::time::sleep(Duration::from_millis(1_500)).await;
        }
    }

    /// Returns what the server itself counted, once it is idle.
    async fn tokens(&self) -> Tokens {
        self.wait_until_idle().await;
        let text = self.get("/metrics").await;
        let count = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap_or_else(|| panic!("no {name} in {text}"))
                .trim()
                .parse::<u64>()
                .unwrap()
        };
        Tokens {
            input: count("llamacpp:prompt_tokens_total "),
            output: count("llamacpp:tokens_predicted_total "),
        }
    }

    /// Makes a database that may call the server and has its key, as an administrator would do it.
    async fn database(&self) -> (Database, Session) {
        let database = Database::with_sample().await;
        let mut session = database.session().await;
        let folder = session.value("SHOW data_directory").await.unwrap();
        let (name, secrets) = (
            &database.name,
            format!("{folder}/secrets_of_{}", database.name),
        );
        session
            .execute(&format!(
                "LOAD 'rapport';
                 ALTER DATABASE {name} SET rapport.model_origins = '{}';
                 ALTER DATABASE {name} SET rapport.secrets_directory = '{secrets}'",
                self.url
            ))
            .await;
        for (file, key) in [("right", self.key.as_str()), ("wrong", "wrong-canary-7c1")] {
            session
                .execute(&format!(
                    "COPY (SELECT '{key}') TO PROGRAM
                     'umask 077; mkdir -p {secrets}; cat > {secrets}/{file}'"
                ))
                .await;
        }
        let session = database.session().await;
        (database, session)
    }

    /// Registers the server as the model `real`; `more` are further arguments.
    async fn register(&self, session: &mut Session, dialect: &str, secret: &str, more: &str) {
        let (url, patience) = (&self.url, PATIENCE.as_secs());
        session
            .execute(&format!(
                "SELECT rapport.register_model('real', '{dialect}', '{url}/v1', 'small', '{secret}',
                     timeout_seconds => {patience}, attempts => 1{more})"
            ))
            .await;
    }
}

fn usage(tokens: &Tokens, before: &Tokens) -> Value {
    json!({
        "input_tokens": tokens.input - before.input,
        "output_tokens": tokens.output - before.output
    })
}

/// Holds a summary to account, whatever the model wrote.
async fn check_summary(session: &mut Session, customer: i64, answer: &Value) {
    let provenance = &answer["provenance"];
    assert_eq!(provenance["model"], "real");

    // Every word that is read is a sentence that went through the gate, or one of the standard text.
    let mut rest = answer["summary"]["summary_text"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(!rest.trim().is_empty(), "{answer}");
    let sentences = provenance["sentences"].as_array().unwrap();
    for sentence in sentences {
        let text = sentence["text"].as_str().unwrap();
        let place = rest.find(text);
        let place = place.unwrap_or_else(|| panic!("not in the text: {text}"));
        rest.replace_range(place..place + text.len(), "");
    }
    assert!(rest.trim().is_empty(), "written and not traced: {rest}");

    // It rests on interactions of this customer, and on nobody else's.
    let cited: Vec<i64> = sentences
        .iter()
        .flat_map(|sentence| sentence["evidence"].as_array().unwrap())
        .map(|id| id.as_i64().unwrap())
        .collect();
    let own = format!(
        "SELECT count(*) FROM unnest('{{{}}}'::bigint[]) AS c WHERE NOT EXISTS (
             SELECT FROM crm.interactions AS i WHERE i.interaction_id = c AND i.customer_id = {customer})",
        cited.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
    );
    assert_eq!(session.number(&own).await, 0, "{cited:?}");

    // The numbers are those of SQL.
    let total = format!("SELECT count(*) FROM crm.interactions WHERE customer_id = {customer}");
    assert_eq!(
        answer["summary"]["total_interactions"],
        session.number(&total).await
    );

    // What was refused is on record, and the standard text says that it is one.
    let refused = provenance["refused"].as_array().unwrap();
    if provenance["fallback"] == true {
        assert!(!refused.is_empty(), "{provenance}");
    }
    if !refused.is_empty() {
        assert_eq!(provenance["needs_review"], true, "{provenance}");
    }
    for refused in refused {
        let reason = refused["reason"].as_str().unwrap();
        assert!(!reason.is_empty(), "{provenance}");
    }
}

/// Prints in a line what became of an answer, for who reads along.
fn tell(what: &str, provenance: &Value) {
    let reasons: Vec<&str> = ["refused", "discarded"]
        .iter()
        .filter_map(|list| provenance[*list].as_array())
        .flatten()
        .filter_map(|refused| refused["reason"].as_str())
        .collect();
    println!(
        "{what}: {} sentences, fallback {}, {}, refused: {reasons:?}",
        provenance["sentences"].as_array().map_or(0, Vec::len),
        provenance["fallback"],
        provenance["usage"],
    );
}

#[tokio::test]
async fn both_dialects_answer_whole_and_in_parts() {
    let Some(model) = RealModel::take("both_dialects_answer_whole_and_in_parts").await else {
        return;
    };
    let (_database, mut session) = model.database().await;
    for dialect in ["openai", "anthropic"] {
        let mut answers = Vec::new();
        for streams in [false, true] {
            let shown = format!("{dialect}, streams {streams}");
            let more = format!(", parameters => '{SHORT}', streams => {streams}");
            model.register(&mut session, dialect, "right", &more).await;
            session
                .execute("SELECT rapport.use_model('all', 'real')")
                .await;

            let before = model.tokens().await;
            let tested = session.json("SELECT rapport.test_model('real')").await;
            assert_eq!(tested["ok"], true, "{shown}: {tested}");
            assert_eq!(
                tested["usage"],
                usage(&model.tokens().await, &before),
                "{shown}"
            );
            let answer = tested["answer"].as_str().unwrap().to_owned();
            println!("{shown}: {answer:?} after {} ms", tested["milliseconds"]);
            assert!(!answer.is_empty(), "{shown}");
            answers.push(answer);

            // A long prompt takes seconds: each dialect has one, and each way of answering.
            if streams != (dialect == "anthropic") {
                continue;
            }
            // Both rounds are counted where the model was asked twice.
            let before = model.tokens().await;
            let summary = session.json("SELECT rapport.summarize_customer(7)").await;
            let counted = usage(&model.tokens().await, &before);
            assert_eq!(summary["provenance"]["usage"], counted, "{shown}");
            assert_ne!(counted["output_tokens"], 0, "{shown}");
            check_summary(&mut session, 7, &summary).await;
            tell(&shown, &summary["provenance"]);
        }
        // A stream is put together to what the server sends as a whole.
        assert_eq!(answers[0], answers[1], "{dialect}");
    }
}

#[tokio::test]
async fn the_schema_of_an_answer_is_enforced_by_the_server() {
    let Some(model) = RealModel::take("the_schema_of_an_answer_is_enforced_by_the_server").await
    else {
        return;
    };
    let (_database, mut session) = model.database().await;
    for streams in [false, true] {
        let more = format!(", streams => {streams}, parameters => '{{\"temperature\": 1.5}}'");
        model.register(&mut session, "openai", "right", &more).await;
        // However wild it is, it can only write what the schema lets it.
        for _ in 0..3 {
            let tested = session.json("SELECT rapport.test_model('real')").await;
            let answer: Value = serde_json::from_str(tested["answer"].as_str().unwrap())
                .unwrap_or_else(|error| panic!("{error}: {tested}"));
            let members = answer.as_object().unwrap();
            assert!(members.len() == 1 && members["ok"].is_boolean(), "{tested}");
        }
    }
}

#[tokio::test]
async fn a_whole_summary_passes_the_gate_or_is_refused() {
    let Some(model) = RealModel::take("a_whole_summary_passes_the_gate_or_is_refused").await else {
        return;
    };
    let (_database, mut session) = model.database().await;
    let expected = session.json("SELECT rapport.summarize_customer(7)").await;
    let more = ", streams => true, parameters => '{\"temperature\": 0}'";
    model.register(&mut session, "openai", "right", more).await;
    session
        .execute("SELECT rapport.use_model('all', 'real')")
        .await;
    let summary = session.json("SELECT rapport.summarize_customer(7)").await;
    check_summary(&mut session, 7, &summary).await;
    tell("a whole summary", &summary["provenance"]);
    for key in [
        "total_interactions",
        "most_frequent_channel",
        "key_topics",
        "last_interaction",
    ] {
        assert_eq!(summary["summary"][key], expected["summary"][key], "{key}");
    }
    assert_eq!(summary["data_quality"], expected["data_quality"]);
}

#[tokio::test]
async fn drafts_and_questions_are_answered_too() {
    let Some(model) = RealModel::take("drafts_and_questions_are_answered_too").await else {
        return;
    };
    let (_database, mut session) = model.database().await;
    let more = format!(", streams => true, parameters => '{SHORT}'");
    model.register(&mut session, "openai", "right", &more).await;
    session
        .execute("SELECT rapport.use_model('all', 'real')")
        .await;
    let draft = session
        .json("SELECT rapport.generate_content(7, 'call_script')")
        .await;
    assert_eq!(draft["provenance"]["model"], "real");
    assert_eq!(draft["generated_content"]["Content_type"], "call_script");
    let text = draft["generated_content"]["Content"].as_str().unwrap();
    for sentence in draft["provenance"]["sentences"].as_array().unwrap() {
        assert!(text.contains(sentence["text"].as_str().unwrap()), "{draft}");
    }
    tell("call_script", &draft["provenance"]);
    let answer = session
        .json("SELECT rapport.ask('side effects', customer_id => 7)")
        .await;
    assert_eq!(answer["provenance"]["model"], "real", "{answer}");
    assert_ne!(
        answer["provenance"]["usage"]["output_tokens"], 0,
        "{answer}"
    );
    assert_ne!(answer["citations"], json!([]), "{answer}");
    tell("ask", &answer["provenance"]);

    // A number is counted by SQL, and asks no model.
    let before = model.tokens().await;
    let answer = session
        .json("SELECT rapport.ask('How many interactions are there?')")
        .await;
    let total = session
        .number("SELECT count(*) FROM crm.interactions")
        .await;
    assert_eq!(answer["facts"]["interactions"], total, "{answer}");
    assert_eq!(model.tokens().await, before);
}

#[tokio::test]
async fn a_wrong_key_is_refused_and_the_right_one_works() {
    let Some(model) = RealModel::take("a_wrong_key_is_refused_and_the_right_one_works").await
    else {
        return;
    };
    let (_database, mut session) = model.database().await;
    let before = model.tokens().await;
    for dialect in ["openai", "anthropic"] {
        for streams in [false, true] {
            let more = format!(", parameters => '{SHORT}', streams => {streams}");
            model.register(&mut session, dialect, "wrong", &more).await;
            session
                .execute("SELECT rapport.use_model('all', 'real')")
                .await;
            let tested = session.json("SELECT rapport.test_model('real')").await;
            assert_eq!(tested["ok"], false, "{dialect}: {tested}");
            let error = session.fault("SELECT rapport.summarize_customer(7)").await;
            assert_eq!(error.code, "55000", "{dialect}: {error:?}");
            for said in [tested.to_string(), error.text()] {
                assert!(said.contains("401") && !said.contains("canary"), "{said}");
            }
        }
    }
    model.register(&mut session, "openai", "none", "").await;
    let error = session.fault("SELECT rapport.test_model('real')").await;
    assert_eq!(error.code, "55000", "{error:?}");
    // Nobody who lacks the key makes the server work.
    assert_eq!(model.tokens().await, before);

    for dialect in ["openai", "anthropic"] {
        model.register(&mut session, dialect, "right", "").await;
        let tested = session.json("SELECT rapport.test_model('real')").await;
        assert_eq!(tested["ok"], true, "{dialect}: {tested}");
        assert!(!tested.to_string().contains(&model.key), "{dialect}");
    }
}

/// Asks for an answer of a thousand tokens and more, and returns the session and what it was told.
async fn interrupted(
    model: &RealModel,
    mut session: Session,
    watcher: &mut Session,
    pid: i64,
) -> (Session, Fault, Duration) {
    let asked = tokio::spawn(async move {
        let fault = session
            .fault("SELECT rapport.generate_content(7, 'letter')")
            .await;
        (session, fault, Instant::now())
    });
    let deadline = Instant::now() + PATIENCE;
    loop {
        let (at_work, written) = model.work().await;
        if at_work && written >= 10 {
            break;
        }
        assert!(
            Instant::now() < deadline && !asked.is_finished(),
            "no answer has begun"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let told = Instant::now();
    watcher
        .execute(&format!("SELECT pg_cancel_backend({pid})"))
        .await;
    let (session, fault, ended) = asked.await.unwrap();
    (session, fault, ended.duration_since(told))
}

#[tokio::test]
async fn a_call_that_is_cancelled_in_mid_answer_leaves_nothing_behind() {
    let name = "a_call_that_is_cancelled_in_mid_answer_leaves_nothing_behind";
    let Some(model) = RealModel::take(name).await else {
        return;
    };
    let (database, mut session) = model.database().await;
    let mut watcher = database.session().await;
    let pid = session.number("SELECT pg_backend_pid()").await;
    for dialect in ["openai", "anthropic"] {
        for streams in [false, true] {
            let shown = format!("{dialect}, streams {streams}");
            // It may not end by itself, and says what it likes until then.
            let more = format!(
                ", parameters => '{{\"structured\": \"none\", \"ignore_eos\": true}}', streams => {streams}"
            );
            model.register(&mut session, dialect, "right", &more).await;
            session
                .execute("SELECT rapport.use_model('all', 'real')")
                .await;
            let (again, fault, took) = interrupted(&model, session, &mut watcher, pid).await;
            session = again;
            assert_eq!(fault.code, "57014", "{shown}: {fault:?}");
            assert!(took < Duration::from_secs(5), "{shown}: {took:?}");
            let threads = std::fs::read_dir(format!("/proc/{pid}/task")).map(Iterator::count);
            assert_eq!(threads.ok(), Some(1), "{shown}");
            // The server has heard that nobody listens any more, and is there for the next.
            let (_, written) = model.work().await;
            model.wait_until_idle().await;
            println!("{shown}: cancelled after {took:?}, {written} tokens written of 2400");
            model
                .register(
                    &mut session,
                    dialect,
                    "right",
                    &format!(", parameters => '{SHORT}'"),
                )
                .await;
            let tested = session.json("SELECT rapport.test_model('real')").await;
            assert_eq!(tested["ok"], true, "{shown}: {tested}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_given_up() {
    let Some(model) = RealModel::take("an_answer_that_takes_too_long_is_given_up").await else {
        return;
    };
    let (_database, mut session) = model.database().await;
    let parameters = r#"{"structured": "none", "ignore_eos": true}"#;
    for streams in [false, true] {
        session
            .execute(&format!(
                "SELECT rapport.register_model('real', 'openai', '{}/v1', 'small', 'right', '{parameters}',
                     streams => {streams}, timeout_seconds => 1, attempts => 3);
                 SELECT rapport.use_model('all', 'real')",
                model.url
            ))
            .await;
        let started = Instant::now();
        let error = session
            .fault("SELECT rapport.generate_content(7, 'letter')")
            .await;
        assert_eq!(error.code, "57014", "{error:?}");
        assert!(
            error.message.contains("did not answer in time"),
            "{error:?}"
        );
        assert!(
            started.elapsed() < Duration::from_secs(6),
            "{:?}",
            started.elapsed()
        );
        model.wait_until_idle().await;
    }
}

#[tokio::test]
async fn the_mock_is_the_same_before_and_after_a_real_model() {
    let Some(model) = RealModel::take("the_mock_is_the_same_before_and_after_a_real_model").await
    else {
        return;
    };
    let (_database, mut session) = model.database().await;
    let more = format!(", parameters => '{SHORT}'");
    model.register(&mut session, "openai", "right", &more).await;
    let calls = [
        "SELECT rapport.summarize_customer(7)::text",
        "SELECT rapport.ask('side effects', customer_id => 7)::text",
    ];
    let mut rounds = Vec::new();
    for name in ["mock", "real", "mock"] {
        session
            .execute(&format!("SELECT rapport.use_model('all', '{name}')"))
            .await;
        let mut answers = Vec::new();
        for call in calls {
            answers.push(session.value(call).await.unwrap());
        }
        rounds.push(answers);
    }
    assert_eq!(rounds[0], rounds[2]);
    for (mock, real) in rounds[0].iter().zip(&rounds[1]) {
        let answer: Value = serde_json::from_str(real).unwrap();
        assert_eq!(answer["provenance"]["model"], "real");
        assert_ne!(mock, real);
    }
}
