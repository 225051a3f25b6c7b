//! The questions of the HTTP API over a real socket: what each route answers and what it refuses.

use std::collections::{BTreeMap, BTreeSet};

use rapport_tests::answer::{header, problem};
use rapport_tests::{Database, Server, expected, fixture};
use serde_json::{Value, json};

#[tokio::test]
async fn the_inherited_endpoint_answers_byte_for_byte() {
    let database = Database::with_sample().await;
    let server = Server::start(&database).await;
    for (table, body) in [
        ("customers", r#"{"message":"Number of Rows","rows":17}"#),
        ("interactions", r#"{"message":"Number of Rows","rows":67}"#),
        ("products", r#"{"message":"Number of Rows","rows":24}"#),
    ] {
        let response = server.get(&format!("/api/v1/stats/{table}")).await;
        assert_eq!(response.status(), 200, "{table}");
        assert_eq!(header(&response, "content-type"), "application/json");
        assert_eq!(response.text().await.unwrap(), body);
    }
    for name in [
        "Customers",
        "users",
        "pg_authid",
        "customers%20",
        "1",
        "%27%3BDROP%20TABLE%20crm.customers%3B--",
    ] {
        let response = server.get(&format!("/api/v1/stats/{name}")).await;
        assert_eq!(response.status(), 404, "{name}");
        assert_eq!(header(&response, "content-type"), "application/json");
        assert_eq!(
            response.text().await.unwrap(),
            r#"{"message":"Table name not found"}"#
        );
    }
}

#[tokio::test]
async fn the_matrix_is_the_one_of_sql() {
    let database = Database::with_sample().await;
    let server = Server::start(&database).await;
    let answer = server.json("/api/v1/stats/interactions-per-product").await;
    assert_eq!(answer["attribution"], "month");
    assert_eq!(answer["total_interactions"], 67);
    assert_eq!(answer["unattributed"], 4);
    let types: Vec<_> = answer["customer_types"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| &t["customer_type"])
        .collect();
    assert_eq!(types, ["Blue", "Orange", "Red", "Unknown"]);
    let matrix = expected::matrix("matrix");
    for entry in answer["customer_types"].as_array().unwrap() {
        let kind = entry["customer_type"].as_str().unwrap();
        assert_eq!(entry["unattributed"], matrix[&(kind.to_owned(), None)]);
        let products = entry["products"].as_array().unwrap();
        assert_eq!(products.len(), 2);
        for product in products {
            let name = product["product"].as_str().unwrap();
            assert_eq!(
                product["interactions"],
                matrix[&(kind.to_owned(), Some(name.to_owned()))],
                "{kind} {name}"
            );
        }
    }
    let red = server
        .json("/api/v1/stats/interactions-per-product?customer_type=Red&product=Sand")
        .await;
    assert_eq!(red["customer_types"].as_array().unwrap().len(), 1);
    assert_eq!(
        red["customer_types"][0]["products"],
        json!([{ "product": "Sand", "interactions": 13 }])
    );
    let period = server
        .json("/api/v1/stats/interactions-per-product?since=2019-10-04&until=2020-02-11")
        .await;
    let totals = expected::totals("matrix_2019_10_04_to_2020_02_11");
    assert_eq!(period["total_interactions"], totals.values().sum::<i64>());
}

#[tokio::test]
async fn the_matrix_refuses_periods_that_are_none() {
    let database = Database::with_sample().await;
    let server = Server::start(&database).await;
    for (query, status) in [
        ("since=yesterday", 400),
        ("since=2020-13-01", 400),
        ("since=2020-02-11&until=2020-02-10", 422),
        ("until=infinityy", 400),
    ] {
        let response = server
            .get(&format!("/api/v1/stats/interactions-per-product?{query}"))
            .await;
        assert_eq!(response.status(), status, "{query}");
        problem(response, status).await;
    }
}

#[tokio::test]
async fn a_summary_has_the_shape_of_the_contract() {
    let database = Database::with_sample().await;
    let server = Server::start(&database).await;
    let answer = server.json("/api/v1/summarized_interactions/1").await;
    assert_eq!(answer["customer_id"], 1);
    let said = &answer["summary"];
    assert_eq!(said["total_interactions"], 8);
    assert_eq!(said["most_frequent_channel"], "Email");
    assert_eq!(
        said["last_interaction"],
        json!({ "date": "2020-11-24", "channel": "Email", "topic": "Reimbursement Question" })
    );
    assert_eq!(
        said["key_topics"],
        json!([
            "Drug Efficacy",
            "Reimbursement Question",
            "Dosage Inquiry",
            "Prescription Guidelines",
            "Drug Interaction Concerns"
        ])
    );
    assert!(said["summary_text"].as_str().unwrap().len() > 40);
    let nothing = server.json("/api/v1/summarized_interactions/13").await;
    assert_eq!(nothing["summary"]["total_interactions"], 0);
    assert_eq!(nothing["summary"]["last_interaction"], Value::Null);
    // Customer 2 used Boat, Call and Email twice each, Boat the last.
    let tie = server.json("/api/v1/summarized_interactions/2").await;
    assert_eq!(tie["summary"]["most_frequent_channel"], "Boat");
}

#[tokio::test]
async fn a_draft_has_the_shape_of_the_contract() {
    let database = Database::with_sample().await;
    let server = Server::start(&database).await;
    let response = server.get("/api/v1/generate-content/1").await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), "application/json");
    let first = response.text().await.unwrap();
    let answer: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(answer["customer_id"], 1);
    assert_eq!(answer["generated_content"]["Content_type"], "email");
    assert!(
        answer["generated_content"]["Content"]
            .as_str()
            .unwrap()
            .starts_with("Dear Jedi,")
    );
    // The same state of the data, the same bytes.
    assert_eq!(
        server
            .get("/api/v1/generate-content/1")
            .await
            .text()
            .await
            .unwrap(),
        first
    );
    let letter = server
        .json("/api/v1/generate-content/1?content_type=letter")
        .await;
    assert_eq!(letter["generated_content"]["Content_type"], "letter");
    let review = server.json("/api/v1/generate-content/12").await;
    assert_eq!(review["needs_review"], true);
}

#[tokio::test]
async fn impossible_customers_are_refused_and_unknown_ones_not_found() {
    let database = Database::with_sample().await;
    let server = Server::start(&database).await;
    for route in ["generate-content", "summarized_interactions"] {
        for (id, status) in [
            ("abc", 400),
            ("0", 422),
            ("-1", 422),
            ("1.5", 400),
            ("1e3", 400),
            ("%201", 400),
            ("1180591620717411303424", 400),
            ("9223372036854775808", 400),
            ("1;2", 400),
        ] {
            let response = server.get(&format!("/api/v1/{route}/{id}")).await;
            assert_eq!(response.status(), status, "{route}/{id}");
            problem(response, status).await;
        }
        let body = problem(server.get(&format!("/api/v1/{route}/99999")).await, 404).await;
        assert!(body.to_string().contains("99999"), "{body:#}");
        problem(
            server
                .get(&format!("/api/v1/{route}/9223372036854775807"))
                .await,
            404,
        )
        .await;
        problem(server.get(&format!("/api/v1/{route}/")).await, 404).await;
    }
    let response = server
        .get("/api/v1/generate-content/1?content_type=telegram")
        .await;
    problem(response, 422).await;
}

async fn ask(server: &Server, body: impl Into<reqwest::Body>) -> reqwest::Response {
    let request = server
        .client
        .post(server.url("/api/v1/ask"))
        .header("content-type", "application/json")
        .body(body);
    request.send().await.unwrap()
}

#[tokio::test]
async fn a_question_is_json() {
    let database = Database::with_sample().await;
    let server = Server::start(&database).await;
    let answer: Value = ask(
        &server,
        r#"{"question": "How many interactions are there?"}"#,
    )
    .await
    .json()
    .await
    .unwrap();
    let interactions = server.json("/api/v1/stats/interactions").await;
    assert_eq!(answer["facts"]["interactions"], interactions["rows"]);
    let long = format!(r#"{{"question": "{}"}}"#, "why ".repeat(1000));
    let huge = format!(r#"{{"question": "{}"}}"#, "x".repeat(70_000));
    for (body, status) in [
        ("", 400),
        ("{", 400),
        ("{}", 400),
        ("[]", 400),
        (r#"{"question": 1}"#, 400),
        (r#"{"question": null}"#, 400),
        (r#"{"question": "why", "limit": 1}"#, 400),
        (r#"{"question": "why", "customer_id": "1"}"#, 400),
        (
            r#"{"question": "why", "customer_id": 99999999999999999999}"#,
            400,
        ),
        (r#"{"question": ""}"#, 422),
        (r#"{"question": "?!"}"#, 422),
        (r#"{"question": "why", "customer_id": 0}"#, 422),
        ("{\"question\": \"a\\u0000b\"}", 422),
        (long.as_str(), 413),
        (huge.as_str(), 413),
    ] {
        let shown: String = body.chars().take(60).collect();
        let answer = ask(&server, body.to_owned()).await;
        assert_eq!(answer.status(), status, "{shown}");
        problem(answer, status).await;
    }
    problem(ask(&server, vec![b'{', 0xff, b'}']).await, 400).await;
    let plain = server
        .client
        .post(server.url("/api/v1/ask"))
        .body(r#"{"question": "why"}"#);
    problem(plain.send().await.unwrap(), 415).await;
    problem(server.get("/api/v1/ask").await, 405).await;
}

/// Follows references to the schema they lead to.
fn resolved<'a>(document: &'a Value, mut schema: &'a Value) -> &'a Value {
    while let Some(reference) = schema["$ref"].as_str() {
        schema = document
            .pointer(reference.trim_start_matches('#'))
            .unwrap_or_else(|| panic!("{reference} leads nowhere"));
    }
    schema
}

/// Collects what an object may have (with its schema) and what it must have, through `allOf`.
fn members<'a>(
    document: &'a Value,
    schema: &'a Value,
    properties: &mut BTreeMap<&'a str, &'a Value>,
    required: &mut Vec<&'a str>,
) {
    let schema = resolved(document, schema);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        members(document, part, properties, required);
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        properties.insert(name, property);
    }
    required.extend(
        schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str),
    );
}

/// Says whether a schema allows a type, `type` being a name or a list of names.
fn allows(schema: &Value, name: &str) -> bool {
    match &schema["type"] {
        Value::Array(names) => names.iter().any(|listed| listed == name),
        listed => listed == name,
    }
}

/// Says whether a body has the keys that a schema requires.
fn has_required(document: &Value, schema: &Value, body: &Value) -> bool {
    let (mut properties, mut required) = (BTreeMap::new(), Vec::new());
    members(document, schema, &mut properties, &mut required);
    required.into_iter().all(|name| body.get(name).is_some())
}

/// Checks that a body holds every required key and no key that the schema does not declare.
fn check(document: &Value, schema: &Value, body: &Value, place: &str) {
    let schema = resolved(document, schema);
    if let Some(choices) = schema["oneOf"].as_array() {
        let (nulls, others): (Vec<_>, Vec<_>) = choices
            .iter()
            .partition(|choice| allows(resolved(document, choice), "null"));
        if body.is_null() {
            assert!(!nulls.is_empty(), "{place} may not be null");
            return;
        }
        let fitting: Vec<_> = others
            .into_iter()
            .filter(|choice| has_required(document, choice, body))
            .collect();
        assert_eq!(fitting.len(), 1, "{place}: {schema:#}");
        check(document, fitting[0], body, place);
        return;
    }
    match body {
        Value::Object(object) => {
            let (mut properties, mut required) = (BTreeMap::new(), Vec::new());
            members(document, schema, &mut properties, &mut required);
            for name in required {
                assert!(object.contains_key(name), "{place} lacks \"{name}\"");
            }
            for (name, value) in object {
                let property = properties
                    .get(name.as_str())
                    .unwrap_or_else(|| panic!("{place}/{name} is not in the document"));
                check(document, property, value, &format!("{place}/{name}"));
            }
        }
        Value::Array(items) => {
            assert!(allows(schema, "array"), "{place}: {schema:#}");
            for item in items {
                check(document, &schema["items"], item, &format!("{place}[]"));
            }
        }
        Value::Null => assert!(allows(schema, "null"), "{place} may not be null"),
        Value::String(_) => assert!(allows(schema, "string"), "{place}: {schema:#}"),
        Value::Bool(_) => assert!(allows(schema, "boolean"), "{place}: {schema:#}"),
        Value::Number(_) => assert!(
            allows(schema, "integer") || allows(schema, "number"),
            "{place}: {schema:#}"
        ),
    }
}

#[tokio::test]
async fn the_openapi_document_declares_every_key_of_every_answer() {
    let database = Database::fresh().await;
    let server = Server::start(&database).await;
    let document = server.json("/openapi.json").await;
    let mut answers = Vec::new();
    for status in [201, 200] {
        let response = server
            .post_import(
                "interactions.xlsx",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                fixture::sample_workbook(),
            )
            .await;
        answers.push(("post", "/api/v1/imports", status, response));
    }
    let dry_run = server
        .client
        .post(server.url("/api/v1/imports?dry_run=true"))
        .header("content-type", "text/csv")
        .body(fixture::csv(&["Date,Product", "01-2031, Sand"]))
        .send();
    answers.push(("post", "/api/v1/imports", 200, dry_run.await.unwrap()));
    for (question, status) in [
        (r#"{"question": "How many calls per month?"}"#, 200),
        (r#"{"question": "side effects", "customer_id": 7}"#, 200),
        (r#"{"question": "batch X9917Z", "customer_id": null}"#, 200),
        (r#"{"question": "side effects", "customer_id": 99999}"#, 404),
    ] {
        let answer = ask(&server, question).await;
        answers.push(("post", "/api/v1/ask", status, answer));
    }
    for (template, path, status) in [
        (
            "/api/v1/generate-content/{customer_id}",
            "/api/v1/generate-content/1",
            200,
        ),
        (
            "/api/v1/generate-content/{customer_id}",
            "/api/v1/generate-content/12?content_type=call_script",
            200,
        ),
        (
            "/api/v1/generate-content/{customer_id}",
            "/api/v1/generate-content/13?content_type=letter",
            200,
        ),
        (
            "/api/v1/generate-content/{customer_id}",
            "/api/v1/generate-content/99999",
            404,
        ),
        (
            "/api/v1/summarized_interactions/{customer_id}",
            "/api/v1/summarized_interactions/1",
            200,
        ),
        (
            "/api/v1/summarized_interactions/{customer_id}",
            "/api/v1/summarized_interactions/13",
            200,
        ),
        (
            "/api/v1/summarized_interactions/{customer_id}",
            "/api/v1/summarized_interactions/abc",
            400,
        ),
        (
            "/api/v1/stats/interactions-per-product",
            "/api/v1/stats/interactions-per-product",
            200,
        ),
        (
            "/api/v1/stats/interactions-per-product",
            "/api/v1/stats/interactions-per-product?since=2020-02-11&until=2020-02-10",
            422,
        ),
        (
            "/api/v1/stats/interactions-per-product",
            "/api/v1/stats/interactions-per-product?format=csv",
            200,
        ),
        (
            "/api/v1/stats/monthly-activity",
            "/api/v1/stats/monthly-activity?limit=5",
            200,
        ),
        (
            "/api/v1/stats/monthly-activity",
            "/api/v1/stats/monthly-activity?format=csv",
            200,
        ),
        (
            "/api/v1/stats/monthly-activity",
            "/api/v1/stats/monthly-activity?limit=0",
            422,
        ),
        ("/api/v1/stats/topics", "/api/v1/stats/topics", 200),
        (
            "/api/v1/stats/topics",
            "/api/v1/stats/topics?format=csv",
            200,
        ),
        (
            "/api/v1/stats/customers/{customer_id}",
            "/api/v1/stats/customers/1",
            200,
        ),
        (
            "/api/v1/stats/customers/{customer_id}",
            "/api/v1/stats/customers/13",
            200,
        ),
        (
            "/api/v1/stats/customers/{customer_id}",
            "/api/v1/stats/customers/1?format=csv",
            200,
        ),
        (
            "/api/v1/stats/customers/{customer_id}",
            "/api/v1/stats/customers/99999",
            404,
        ),
        ("/api/v1/stats/{table}", "/api/v1/stats/customers", 200),
        ("/api/v1/stats/{table}", "/api/v1/stats/users", 404),
        ("/api/v1/imports/{import_id}", "/api/v1/imports/1", 200),
        (
            "/api/v1/imports/{import_id}",
            "/api/v1/imports/1?limit=1",
            200,
        ),
        ("/api/v1/imports", "/api/v1/imports", 200),
        (
            "/api/v1/imports/{import_id}/ledger.csv",
            "/api/v1/imports/1/ledger.csv",
            200,
        ),
        (
            "/api/v1/imports/{import_id}/ledger.csv",
            "/api/v1/imports/4711/ledger.csv",
            404,
        ),
        (
            "/api/v1/imports/{import_id}/quality",
            "/api/v1/imports/1/quality",
            200,
        ),
        (
            "/api/v1/values/{table}/{id}/{column}",
            "/api/v1/values/customers/1/occupation",
            200,
        ),
        ("/livez", "/livez", 200),
        ("/readyz", "/readyz", 200),
    ] {
        answers.push(("get", template, status, server.get(path).await));
    }
    let mut seen = BTreeSet::new();
    for (method, template, status, response) in answers {
        let place = format!("{method} {template} {status}");
        assert_eq!(response.status(), status, "{place}");
        let content = header(&response, "content-type").to_owned();
        let declared = &document["paths"][template][method]["responses"][status.to_string()];
        let schema = &resolved(&document, declared)["content"][&content]["schema"];
        assert!(schema.is_object(), "{place}: no {content}");
        let body: Value = match content.contains("json") {
            true => response.json().await.unwrap(),
            false => Value::String(response.text().await.unwrap()),
        };
        check(&document, schema, &body, &place);
        seen.insert((template.to_owned(), method.to_owned()));
    }
    // No operation was left out.
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            assert!(
                seen.contains(&(path.clone(), method.clone())),
                "{method} {path}"
            );
        }
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems_too() {
    let database = Database::fresh().await;
    let server = Server::start(&database).await;
    problem(server.get("/api/v1/nothing").await, 404).await;
    let response = server
        .client
        .delete(server.url("/api/v1/stats/customers"))
        .send()
        .await
        .unwrap();
    assert!(header(&response, "allow").contains("GET"));
    problem(response, 405).await;
}
