//! The statistics over HTTP: pages, files, filters, and what each answer says of itself.

use rapport_tests::answer::{header, problem};
use rapport_tests::{Database, Server, fixture};
use serde_json::{Value, json};

const ACTIVITY: &str = "/api/v1/stats/monthly-activity";
const TOPICS: &str = "/api/v1/stats/topics";
const PRODUCTS: &str = "/api/v1/stats/interactions-per-product";

/// Turns the pages of a statistic; each must tell the totals of all.
async fn pages(server: &Server, path: &str, list: &str, limit: usize) -> (Value, Vec<Value>) {
    let separator = if path.contains('?') { '&' } else { '?' };
    let whole = server.json(path).await;
    assert_eq!(whole["next_after"], Value::Null);
    let mut rows = Vec::new();
    let mut after = String::new();
    loop {
        let page = server
            .json(&format!("{path}{separator}limit={limit}&after={after}"))
            .await;
        for key in [
            "total_interactions",
            "unattributed",
            "data_quality",
            "attribution",
        ] {
            assert_eq!(page[key], whole[key], "{key}");
        }
        let found = page[list].as_array().unwrap();
        assert!(!found.is_empty() && found.len() <= limit, "{page:#}");
        rows.extend(found.iter().cloned());
        match page["next_after"].as_str() {
            Some(next) => {
                assert_eq!(found.len(), limit);
                next.clone_into(&mut after);
            }
            None => break,
        }
    }
    assert_eq!(Value::Array(rows.clone()), whole[list]);
    (whole, rows)
}

fn sum(rows: &[Value], key: &str) -> i64 {
    rows.iter().map(|row| row[key].as_i64().unwrap()).sum()
}

/// Fetches a CSV file as its header and its records.
async fn file(server: &Server, path: &str, name: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let response = server.get(path).await;
    assert_eq!(response.status(), 200, "{path}");
    assert_eq!(header(&response, "content-type"), "text/csv; charset=utf-8");
    assert_eq!(
        header(&response, "content-disposition"),
        format!("attachment; filename=\"{name}\"")
    );
    let text = response.text().await.unwrap();
    assert!(text.ends_with("\r\n"), "{text}");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_owned)
        .collect();
    let records = reader
        .records()
        .map(|record| record.unwrap().iter().map(str::to_owned).collect())
        .collect();
    (header, records)
}

/// The sum of a column of numbers.
fn column(header: &[String], records: &[Vec<String>], name: &str) -> i64 {
    let at = header.iter().position(|column| column == name).unwrap();
    records
        .iter()
        .map(|record| record[at].parse::<i64>().unwrap())
        .sum()
}

#[tokio::test]
async fn monthly_activity_comes_in_pages_that_add_up() {
    let database = Database::with_sample().await;
    let server = Server::start(&database).await;
    let (whole, rows) = pages(&server, ACTIVITY, "activity", 7).await;
    // Worked out by hand for the matrix: 67 interactions, 4 of them in months without a product.
    assert_eq!(whole["total_interactions"], 67);
    assert_eq!(whole["unattributed"], 4);
    assert_eq!(whole["attribution"], "month");
    assert_eq!(sum(&rows, "interactions"), 67);
    assert_eq!(sum(&rows, "unattributed"), 4);
    assert_eq!(sum(&rows, "repaired"), whole["data_quality"]["repaired"]);
    assert_eq!(sum(&rows, "conflicts"), whole["data_quality"]["conflicts"]);
    let mut session = database.session().await;
    assert_eq!(
        whole["data_quality"],
        session
            .json(
                "SELECT jsonb_build_object('interactions', 67,
                     'repaired', count(DISTINCT interaction_id) FILTER (WHERE action IN ('repaired', 'split')),
                     'conflicts', count(DISTINCT interaction_id) FILTER (WHERE action = 'conflict'))
                 FROM crm.interaction_decisions"
            )
            .await
    );
    assert!(sum(&rows, "repaired") > 0 && sum(&rows, "conflicts") > 0);
    let age = session
        .number(&format!(
            "SELECT extract(epoch FROM now() - '{}'::timestamptz)::bigint",
            whole["as_of"].as_str().unwrap()
        ))
        .await;
    assert!((0..60).contains(&age), "{age} s");
}

#[tokio::test]
async fn filters_of_the_activity_choose_rows() {
    let database = Database::with_sample().await;
    let server = Server::start(&database).await;
    let mut session = database.session().await;
    for (filters, condition) in [
        ("customer_type=Red", "c.customer_type = 'Red'"),
        ("customer_type=Unknown", "c.customer_type IS NULL"),
        (
            "channel=Call&sentiment=Positive",
            "i.channel = 'Call' AND i.sentiment = 'Positive'",
        ),
        (
            "since=2019-10-04&until=2020-02-11",
            "i.occurred_at >= '2019-10-04' AND i.occurred_at < '2020-02-12'",
        ),
        (
            "product=Sand&customer_type=Red",
            "c.customer_type = 'Red' AND EXISTS (SELECT FROM crm.products AS p
                 WHERE p.product = 'Sand' AND p.month = date_trunc('month', i.occurred_at))",
        ),
        ("channel=Smoke", "false"),
        ("channel=&sentiment=&limit=&format=&after=", "true"),
    ] {
        let answer = server.json(&format!("{ACTIVITY}?{filters}")).await;
        let expected = session
            .number(&format!(
                "SELECT count(*) FROM crm.interactions AS i JOIN crm.customers AS c USING (customer_id)
                 WHERE {condition}"
            ))
            .await;
        assert_eq!(answer["total_interactions"], expected, "{filters}");
        assert_eq!(answer["data_quality"]["interactions"], expected);
        assert_eq!(
            sum(answer["activity"].as_array().unwrap(), "interactions"),
            expected
        );
    }
}

#[tokio::test]
async fn topics_come_in_pages_and_with_their_sentiment() {
    let database = Database::with_sample().await;
    let server = Server::start(&database).await;
    let (whole, rows) = pages(&server, TOPICS, "topics", 4).await;
    assert_eq!(whole["total_interactions"], 67);
    assert_eq!(whole["unattributed"], 4);
    assert_eq!(sum(&rows, "interactions"), 67);
    let moods =
        ["positive", "neutral", "negative", "other", "unknown"].map(|mood| sum(&rows, mood));
    assert_eq!(moods.iter().sum::<i64>(), 67);
    let effects = rows
        .iter()
        .find(|row| row["topic"] == "Side Effects Discussion")
        .unwrap();
    // 1 positive, 5 neutral, 2 negative: (1 - 2) / 8.
    assert_eq!(effects["interactions"], 8);
    assert_eq!(effects["net_sentiment"], json!(-0.125));
    assert_eq!(effects["last_month"], "2020-08-01");
    let one = server
        .json(&format!("{TOPICS}?topic=Side%20Effects%20Discussion"))
        .await;
    assert_eq!(one["topics"], json!([effects]));
    let red = server.json(&format!("{TOPICS}?customer_type=Red")).await;
    assert_eq!(red["total_interactions"], 23);
    let (header, records) = file(&server, &format!("{TOPICS}?format=csv"), "topics.csv").await;
    assert_eq!(column(&header, &records, "interactions"), 67);
    // The most frequent first, and a number below zero is a number.
    assert_eq!(records[0][0], "Drug Efficacy");
    let net = header
        .iter()
        .position(|name| name == "net_sentiment")
        .unwrap();
    assert!(records.iter().any(|record| record[net] == "-0.125"));
}

#[tokio::test]
async fn a_customer_is_told_in_numbers() {
    let database = Database::with_sample().await;
    let server = Server::start(&database).await;
    let jedi = server.json("/api/v1/stats/customers/1").await;
    assert_eq!(jedi["occupation"], "Jedi");
    assert_eq!(jedi["total_interactions"], 8);
    assert_eq!(jedi["last_interaction_at"], "2020-11-24T09:20:00");
    assert_eq!(jedi["attribution"], "month");
    let products = jedi["products"].as_array().unwrap();
    let (unattributed, again) = (&jedi["unattributed"], &jedi["counted_again"]);
    assert_eq!(
        sum(products, "interactions") + unattributed.as_i64().unwrap(),
        8 + again.as_i64().unwrap()
    );
    assert_eq!(
        jedi["data_quality"],
        json!({"interactions": 8, "repaired": 1, "conflicts": 1})
    );
    let quiet = server.json("/api/v1/stats/customers/13").await;
    assert_eq!(quiet["total_interactions"], 0);
    assert_eq!(quiet["unattributed"], 0);
    assert_eq!(quiet["counted_again"], 0);
    assert_eq!(quiet["products"], json!([]));
    let path = "/api/v1/stats/customers/1?format=csv";
    let (header, records) = file(&server, path, "customer-1.csv").await;
    assert_eq!(column(&header, &records, "total_interactions"), 8);
    for path in ["99999", "99999?format=csv"] {
        let path = format!("/api/v1/stats/customers/{path}");
        problem(server.get(&path).await, 404).await;
    }
    problem(server.get("/api/v1/stats/customers/0").await, 422).await;
    problem(server.get("/api/v1/stats/customers/x").await, 400).await;
}

#[tokio::test]
async fn files_have_every_row_and_no_formula() {
    let database = Database::fresh().await;
    let server = Server::start(&database).await;
    let hostile = fixture::csv(&[
        "Date Start,Interaction,Customers,Topic,Sentiment",
        "2020-01-13 09:00,\"=HYPERLINK(\"\"x\"\")\",1,\"+1, and more\",-3",
        "2020-01-14 09:00,@now,1,\"quoted \"\"topic\"\"\",Positive",
    ]);
    server.post_import("h.csv", "text/csv", hostile).await;
    for (path, name) in [
        (ACTIVITY, "monthly-activity.csv"),
        (TOPICS, "topics.csv"),
        (PRODUCTS, "interactions-per-product.csv"),
    ] {
        let (header, records) = file(&server, &format!("{path}?format=csv"), name).await;
        assert_eq!(column(&header, &records, "interactions"), 2, "{path}");
        assert_eq!(column(&header, &records, "conflicts"), 0);
        for record in &records {
            for field in record {
                assert!(!field.starts_with(['=', '+', '-', '@']), "{record:?}");
            }
            assert!(record.iter().any(|field| field == "month"));
        }
    }
    let (_, records) = file(
        &server,
        &format!("{ACTIVITY}?format=csv"),
        "monthly-activity.csv",
    )
    .await;
    assert_eq!(records.len(), 2);
    assert!(
        records
            .iter()
            .any(|record| record[1] == "'=HYPERLINK(\"x\")")
    );
    // In JSON they are what they are.
    let answer = server.json(ACTIVITY).await;
    assert!(answer.to_string().contains("\"=HYPERLINK("), "{answer:#}");
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused() {
    let database = Database::with_sample().await;
    let server = Server::start(&database).await;
    // JSON that is nested deeper than PostgreSQL reads it, and more of it than a key can be.
    let deep = format!("after={}", "W1tb".repeat(4_000));
    let long = format!("after={}", "W1tb".repeat(14_000));
    for path in [ACTIVITY, TOPICS] {
        for (query, status) in [
            ("limit=0", 422),
            ("limit=10001", 422),
            ("limit=many", 400),
            ("after=nonsense", 422),
            ("after=%22%5B%5D", 422),
            ("after=bnVsbA", 422),
            ("after=%00", 422),
            (deep.as_str(), 422),
            (long.as_str(), 422),
            ("format=xml", 400),
            ("format=csv&limit=5", 400),
            ("format=csv&after=WyJhIl0", 400),
            ("until=2020-02-30", 400),
            ("since=2020-02-11&until=2020-02-10", 422),
            ("since=2020-02-11&until=2020-02-10&format=csv", 422),
            ("customertype=Red", 400),
        ] {
            let response = server.get(&format!("{path}?{query}")).await;
            assert_eq!(response.status(), status, "{path}?{query}");
            problem(response, status).await;
        }
    }
    // A key of one statistic is none of another.
    let topics = server.json(&format!("{TOPICS}?limit=1")).await;
    let key = topics["next_after"].as_str().unwrap();
    problem(server.get(&format!("{ACTIVITY}?after={key}")).await, 422).await;
    let mut session = database.session().await;
    for key in [
        "'other', '2020-01-01', 'x', 'x', 'x'",
        "'monthly_activity', 'x', 'x', 'x', 'x'",
        "'monthly_activity', '2020-13-01', 'x', 'x', 'x'",
        "'monthly_activity', '2020-01-01', 'x', 'x'",
    ] {
        let key = session
            .value(&format!("SELECT rapport.page_key({key})"))
            .await
            .unwrap();
        problem(server.get(&format!("{ACTIVITY}?after={key}")).await, 422).await;
    }
    // One behind the last row leads to an empty page.
    let end = session
        .value("SELECT rapport.page_key('monthly_activity', '9999-12-01', 'x', 'x', 'x')")
        .await;
    let page = server
        .json(&format!("{ACTIVITY}?after={}", end.unwrap()))
        .await;
    assert_eq!(page["activity"], json!([]));
    assert_eq!(page["next_after"], Value::Null);
    assert_eq!(page["total_interactions"], 67);
}

#[tokio::test]
async fn pages_are_the_same_whatever_a_session_prefers() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let page = "SELECT rapport.monthly_activity_report(max_rows => 20) - 'as_of'";
    let usual = session.json(page).await;
    let line = "SELECT max(l) FROM rapport.monthly_activity_csv() AS l WHERE l LIKE '2020-12-01,%'";
    assert!(session.value(line).await.is_some());
    session.execute("SET datestyle = 'German'").await;
    assert_eq!(session.json(page).await, usual);
    assert!(session.value(line).await.is_some());
    let next = format!(
        "SELECT rapport.monthly_activity_report(after => '{}') #>> '{{activity,0,month}}'",
        usual["next_after"].as_str().unwrap()
    );
    let last = usual["activity"][19]["month"].as_str().unwrap();
    assert!(session.value(&next).await.unwrap().as_str() >= last);
}
