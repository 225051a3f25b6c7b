//! What a client of the API is told when a language model fails.

use rapport_tests::{Database, ModelServer, Reply, Server, answer};
use serde_json::Value;

#[tokio::test]
async fn failures_of_a_model_have_statuses_of_their_own() {
    let database = Database::with_sample().await;
    let fault = |text: &str| Reply::Status(500, "", text.to_owned());
    for (reply, listed, status) in [
        (fault("boom: secret detail"), true, 502),
        (
            Reply::Status(429, "retry-after: 30\r\n", String::new()),
            true,
            502,
        ),
        (Reply::Raw(Vec::new()), true, 502),
        (Reply::Hang, true, 504),
        (fault(""), false, 503),
    ] {
        let shown = format!("{reply:?}");
        let models = ModelServer::start(vec![reply]).await;
        models
            .register(&database, ", timeout_seconds => 1, attempts => 1")
            .await
            .execute("SELECT rapport.use_model('all', 'local')")
            .await;
        if !listed {
            database.permit_models_at("").await;
        }
        let server = Server::start(&database).await;
        for path in [
            "summarized_interactions/7",
            "generate-content/7?content_type=letter",
        ] {
            let response = server.get(&format!("/api/v1/{path}")).await;
            let problem: Value = answer::problem(response, status).await;
            let told = problem.to_string();
            assert!(
                !told.contains("boom") && !told.contains("127.0.0.1"),
                "{shown}: {told}"
            );
        }
        assert_eq!(server.get("/livez").await.status(), 200, "{shown}");
    }
}
