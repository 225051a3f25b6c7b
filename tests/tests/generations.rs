//! What models wrote is kept: given again without a call, to nobody else, and gone with its customer.

use std::time::Duration;

use rapport_tests::{Database, ModelServer, Reply, Session};
use serde_json::{Value, json};

const FOUR: &str = r#"{"parts": [{"part": "summary", "sentences": [
    {"text": "There are 4 interactions with customer 7 on record.", "evidence": [], "mentions": []}]}]}"#;

/// A database whose every task is done by a server, which gives one answer after the other.
async fn served(answers: &[&str]) -> (Database, ModelServer) {
    let database = Database::with_sample().await;
    let replies = answers.iter().map(|text| Reply::Answer((*text).to_owned()));
    let server = ModelServer::start(replies.collect()).await;
    let mut session = server
        .register(&database, ", input_price => 2, output_price => 10")
        .await;
    session
        .execute("SELECT rapport.use_model('all', 'local')")
        .await;
    (database, server)
}

async fn summary(session: &mut Session, customer: i64) -> Value {
    session
        .json(&format!("SELECT rapport.summarize_customer({customer})"))
        .await
}

fn text(summary: &Value) -> &str {
    summary["summary"]["summary_text"].as_str().unwrap()
}

async fn kept(session: &mut Session) -> i64 {
    session
        .number("SELECT count(*) FROM rapport.generations")
        .await
}

#[tokio::test]
async fn the_same_data_give_the_same_text_without_a_call() {
    let (database, server) = served(&[FOUR]).await;
    let mut session = database.session().await;
    let first = summary(&mut session, 7).await;
    assert!(first["provenance"]["generation_id"].is_i64(), "{first}");
    assert_eq!(summary(&mut session, 7).await, first);
    let mut other = database.session_as("rapport_analyst").await;
    assert_eq!(summary(&mut other, 7).await, first);
    assert_eq!(server.requests().len(), 1);

    // Who signs, what is asked for, the data and the model are all part of the question.
    session
        .execute("UPDATE crm.interactions SET sentiment = 'Neutral' WHERE customer_id = 7")
        .await;
    let changed = summary(&mut session, 7).await;
    assert_ne!(changed["provenance"]["key"], first["provenance"]["key"]);
    session.execute("SET rapport.sender = 'Ana Silva'").await;
    let signed = summary(&mut session, 7).await;
    assert_ne!(signed["provenance"]["key"], changed["provenance"]["key"]);
    session
        .execute(
            "UPDATE rapport.model SET parameters = '{\"temperature\": 1}' WHERE name = 'local'",
        )
        .await;
    let warmer = summary(&mut session, 7).await;
    assert_ne!(warmer["provenance"]["key"], signed["provenance"]["key"]);
    assert_eq!(server.requests().len(), 4);
    // What was written before is still there when the data are what they were.
    session
        .execute(
            "UPDATE rapport.model SET parameters = '{}' WHERE name = 'local'; RESET rapport.sender",
        )
        .await;
    assert_eq!(summary(&mut session, 7).await, changed);
    assert_eq!(server.requests().len(), 4);
    assert_eq!(kept(&mut session).await, 4);
}

#[tokio::test]
async fn a_role_gets_only_what_was_written_from_rows_that_it_sees() {
    let (database, server) = served(&[FOUR]).await;
    let mut admin = database.session().await;
    admin
        .execute(
            "ALTER TABLE crm.interactions ENABLE ROW LEVEL SECURITY;
             CREATE POLICY all_rows ON crm.interactions TO rapport_admin USING (true);
             CREATE POLICY old_rows ON crm.interactions TO rapport_analyst USING (occurred_at < '2020-06-01')",
        )
        .await;
    let whole = summary(&mut admin, 7).await;
    assert!(text(&whole).contains("4 interactions"));
    let mut analyst = database.session_as("rapport_analyst").await;
    let part = summary(&mut analyst, 7).await;
    assert_eq!(part["summary"]["total_interactions"], 2);
    // The server said 4 again, which the rows of this role do not bear out.
    assert!(!text(&part).contains('4'), "{part}");
    assert_ne!(part["provenance"]["key"], whole["provenance"]["key"]);
    let requests = server.requests();
    let sent = requests.last().unwrap().body.to_string();
    assert!(!sent.contains("2020-12-18"), "{sent}");
    for statement in [
        "SELECT * FROM rapport.generations",
        "SELECT * FROM rapport.generation_customers",
        "SELECT * FROM rapport.usage",
        "DELETE FROM rapport.generations",
        "INSERT INTO rapport.generation_customers VALUES (7, 1)",
    ] {
        assert_eq!(analyst.fault(statement).await.code, "42501", "{statement}");
    }
    // Made-up data make a text of their own, which nobody with true data gets.
    analyst
        .execute(
            "SELECT rapport.generate('{\"task\": \"summary\", \"facts\": {\"customer_id\": 7, \"total_interactions\": 4}}', 'local')",
        )
        .await;
    assert_eq!(summary(&mut admin, 7).await, whole);
    assert_eq!(text(&summary(&mut analyst, 7).await), text(&part));
}

#[tokio::test]
async fn texts_go_with_their_customer() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    for customer in [7, 1] {
        summary(&mut session, customer).await;
        session
            .execute(&format!(
                "SELECT rapport.generate_content({customer}, 'letter')"
            ))
            .await;
    }
    // An answer that tells of several customers goes with each of them.
    let answer = session.json("SELECT rapport.ask('side effects')").await;
    let told: Vec<i64> = answer["citations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|citation| citation["customer_id"].as_i64().unwrap())
        .collect();
    assert!(
        told.contains(&7) && told.iter().any(|customer| *customer != 7),
        "{answer}"
    );
    assert_eq!(kept(&mut session).await, 5);
    session
        .execute("DELETE FROM crm.interactions WHERE customer_id = 7; DELETE FROM crm.customers WHERE customer_id = 7")
        .await;
    assert_eq!(kept(&mut session).await, 2);
    let about = "SELECT count(*) FROM rapport.generations AS g WHERE g.result::text ~ 'customer 7|Customer 7'";
    assert_eq!(session.number(about).await, 0);
    assert_eq!(
        session
            .number("SELECT count(*) FROM rapport.generation_customers WHERE customer_id = 7")
            .await,
        0
    );
    session.execute("TRUNCATE crm.customers CASCADE").await;
    assert_eq!(kept(&mut session).await, 0);
}

#[tokio::test]
async fn a_text_that_is_being_written_does_not_outlive_its_customer() {
    let database = Database::with_sample().await;
    let mut writer = database.session().await;
    let mut eraser = database.session().await;
    writer
        .execute("BEGIN; SELECT rapport.summarize_customer(7)")
        .await;
    let erasing = tokio::spawn(async move {
        eraser
            .execute("DELETE FROM crm.interactions WHERE customer_id = 7; DELETE FROM crm.customers WHERE customer_id = 7")
            .await;
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!erasing.is_finished(), "it waits for the writer");
    writer.execute("COMMIT").await;
    erasing.await.unwrap();
    assert_eq!(kept(&mut writer).await, 0);
    // Of a customer who is gone nothing is kept, whoever hands in what.
    let answer = writer
        .json("SELECT rapport.generate('{\"task\": \"summary\", \"facts\": {\"customer_id\": 7}}', 'mock')")
        .await;
    assert_eq!(answer["generation_id"], Value::Null);
    assert_eq!(kept(&mut writer).await, 0);
}

#[tokio::test]
async fn the_standard_text_is_not_given_again() {
    let (database, server) = served(&["no", "no", FOUR]).await;
    let mut session = database.session().await;
    let first = summary(&mut session, 7).await;
    assert_eq!(first["provenance"]["fallback"], true);
    let second = summary(&mut session, 7).await;
    assert_eq!(second["provenance"]["fallback"], false);
    assert_eq!(summary(&mut session, 7).await, second);
    assert_eq!(server.requests().len(), 3);
    assert_eq!(kept(&mut session).await, 2);
    let rows = session
        .rows(
            "SELECT role, task, model, generations, input_tokens, output_tokens, cost, fallbacks, refused_sentences
             FROM rapport.usage",
        )
        .await;
    let row: Vec<&str> = rows[0]
        .iter()
        .map(|value| value.as_deref().unwrap())
        .collect();
    // 3 000 tokens at 2 a million, 300 at 10 a million.
    assert_eq!(
        row[1..],
        ["summary", "local", "2", "3000", "300", "0.009000", "1", "2"]
    );
}

#[tokio::test]
async fn where_nothing_may_be_written_nothing_is_kept() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    session.execute("BEGIN READ ONLY").await;
    let unkept = summary(&mut session, 7).await;
    assert_eq!(unkept["provenance"]["generation_id"], Value::Null);
    session.execute("COMMIT").await;
    assert_eq!(kept(&mut session).await, 0);
    let first = summary(&mut session, 7).await;
    assert_eq!(text(&first), text(&unkept));
    session.execute("BEGIN READ ONLY").await;
    assert_eq!(summary(&mut session, 7).await, first);
    session.execute("ROLLBACK").await;
    // What is rolled back was never written.
    session
        .execute("BEGIN; SELECT rapport.summarize_customer(1); ROLLBACK")
        .await;
    assert_eq!(kept(&mut session).await, 1);
    assert_eq!(
        session
            .rows("SELECT generated_by, task, model, prompt, is_fallback FROM rapport.generations")
            .await,
        [[
            json!("rapport"),
            json!("summary"),
            json!("mock"),
            json!("summary/3"),
            json!("f")
        ]
        .map(|value| value.as_str().map(str::to_owned))
        .to_vec()]
    );
}

#[tokio::test]
async fn a_prompt_is_explained_without_a_call() {
    let (database, server) = served(&[FOUR]).await;
    let mut session = database.session_as("rapport_analyst").await;
    let explain = "SELECT rapport.explain_prompt('summary', 7)";
    let explained = session.json(explain).await;
    assert_eq!(explained["model"], "local");
    assert_eq!(explained["calls"], 2);
    assert_eq!(explained["generation_id"], Value::Null);
    assert_eq!(explained["interactions"], json!([38, 37, 36, 35]));
    assert_eq!(
        explained["destination"]["endpoint"],
        format!("{}/v1", server.origin())
    );
    assert!(
        explained["user"]
            .as_str()
            .unwrap()
            .starts_with("BEGIN DATA ")
    );
    let number = |key: &str| explained[key].as_f64().unwrap();
    let (input, output) = (
        number("estimated_input_tokens"),
        number("max_output_tokens"),
    );
    // Two calls; the second is shown the answer to the first and the reasons.
    let bound = ((2.0 * input + 2.0 * output) * 2.0 + 2.0 * output * 10.0) / 1e6;
    assert!((number("cost_bound") - bound).abs() < 1e-5, "{explained}");
    assert_eq!(server.requests().len(), 0);

    let written = summary(&mut session, 7).await;
    let sent = &server.requests()[0].body["messages"];
    assert_eq!(sent[0]["content"], explained["system"]);
    assert_eq!(sent[1]["content"], explained["user"]);
    let explained = session.json(explain).await;
    assert_eq!(explained["calls"], 0);
    assert_eq!(explained["cost_bound"].as_f64(), Some(0.0));
    assert_eq!(
        explained["generation_id"],
        written["provenance"]["generation_id"]
    );
    let counted = session
        .json("SELECT rapport.explain_prompt('ask', about => 'How many calls were there in 2020?')")
        .await;
    assert_eq!(counted["calls"], 0);
    let asked = session
        .json("SELECT rapport.explain_prompt('ask', 7, 'side effects', model => 'mock')")
        .await;
    assert_eq!(asked["model"], "mock");
    assert_eq!(asked["interactions"][0], 36);
    assert_eq!(server.requests().len(), 1);
    for (call, code) in [
        ("explain_prompt('poem', 7)", "22023"),
        ("explain_prompt(NULL, 7)", "22023"),
        ("explain_prompt('email', 99999)", "P0002"),
        ("explain_prompt('email')", "22004"),
        ("explain_prompt('ask', 7)", "22004"),
        ("explain_prompt('email', 7, model => 'nobody')", "42704"),
    ] {
        let error = session.fault(&format!("SELECT rapport.{call}")).await;
        assert_eq!(error.code, code, "{call}: {error:?}");
    }
}

#[tokio::test]
async fn a_kept_text_is_held_against_what_would_be_written_today() {
    let five = FOUR.replace("There are", "On record there are");
    let (database, server) = served(&[FOUR, FOUR, &five]).await;
    let mut session = database.session_as("rapport_admin").await;
    let written = summary(&mut session, 7).await;
    let reproduce = format!(
        "SELECT rapport.reproduce({})",
        written["provenance"]["generation_id"]
    );
    let stale = "SELECT coalesce(jsonb_agg(s.reasons), '[]') FROM rapport.stale_generations() AS s";
    assert_eq!(session.json(&reproduce).await["verdict"], "identical");
    assert_eq!(session.json(stale).await, json!([]));
    let drifted = session.json(&reproduce).await;
    assert_eq!(drifted["verdict"], "model drift");
    assert_eq!(
        drifted["anew"],
        "On record there are 4 interactions with customer 7 on record."
    );
    assert_eq!(kept(&mut session).await, 1);
    assert_eq!(server.requests().len(), 3);

    session
        .execute(
            "SELECT rapport.register_model('local', 'openai', 'http://127.0.0.1:1/v1', 'other')",
        )
        .await;
    assert_eq!(session.json(&reproduce).await["verdict"], "model changed");
    assert_eq!(session.json(stale).await, json!([["model changed"]]));
    session
        .execute(
            "SELECT rapport.use_model('all', 'mock');
             UPDATE crm.interactions SET sentiment = 'Negative' WHERE customer_id = 7",
        )
        .await;
    assert_eq!(session.json(&reproduce).await["verdict"], "data changed");
    assert_eq!(
        session.json(stale).await,
        json!([["data changed", "another model is chosen"]])
    );
    session
        .execute("SELECT rapport.ask('side effects', customer_id => 7), rapport.generate_content(7, 'letter', 'side effects')")
        .await;
    let verdicts =
        "SELECT jsonb_agg(rapport.reproduce(generation_id) -> 'verdict' ORDER BY generation_id)
        FROM rapport.generations WHERE model = 'mock'";
    assert_eq!(
        session.json(verdicts).await,
        json!(["identical", "identical"])
    );
    assert_eq!(server.requests().len(), 3);
    // What nobody could ask for again hides no others, and a model that is gone is no error.
    session
        .execute(
            "SELECT rapport.generate('{\"task\": \"ask\", \"question\": \"\", \"evidence\": []}', 'mock');
             DELETE FROM rapport.model WHERE name = 'local'",
        )
        .await;
    assert_eq!(session.json(&reproduce).await["verdict"], "data changed");
    let odd = session.json(stale).await.to_string();
    assert!(
        odd.contains("cannot be asked for any more") && odd.contains("another model"),
        "{odd}"
    );
    let too_long =
        "SELECT rapport.generate(jsonb_build_object('task', 'ask', 'question', repeat('x', 2001),
        'evidence', '[]'::jsonb), 'mock')";
    assert_eq!(session.fault(too_long).await.code, "22023");
    assert_eq!(
        session.fault("SELECT rapport.reproduce(999)").await.code,
        "42704"
    );
    assert_eq!(
        session
            .fault("SELECT rapport.stale_generations(0)")
            .await
            .code,
        "22023"
    );
    let mut analyst = database.session_as("rapport_analyst").await;
    for call in [
        "reproduce(1)",
        "stale_generations()",
        "generate_anew('{}', 'mock')",
    ] {
        assert_eq!(
            analyst.fault(&format!("SELECT rapport.{call}")).await.code,
            "42501",
            "{call}"
        );
    }
}
