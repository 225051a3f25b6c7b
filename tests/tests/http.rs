//! The questions of the HTTP API over a real socket: what each route answers and what it refuses.

use rapport_tests::answer::{header, problem};
use rapport_tests::{Database, Server, expected};
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
    for query in [
        "since=yesterday",
        "since=2020-13-01",
        "since=2020-02-11&until=2020-02-10",
        "until=infinityy",
    ] {
        let response = server
            .get(&format!("/api/v1/stats/interactions-per-product?{query}"))
            .await;
        let status = response.status().as_u16();
        assert!([400, 422].contains(&status), "{query}: {status}");
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
        for id in [
            "abc",
            "0",
            "-1",
            "1.5",
            "1e3",
            "%201",
            "1180591620717411303424",
            "9223372036854775808",
            "1;2",
        ] {
            let response = server.get(&format!("/api/v1/{route}/{id}")).await;
            let status = response.status().as_u16();
            assert!([400, 422].contains(&status), "{route}/{id}: {status}");
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
    let status = response.status().as_u16();
    assert!([400, 422].contains(&status), "telegram: {status}");
    problem(response, status).await;
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
