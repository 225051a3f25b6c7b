//! What the server answers without asking a database: its pools lead to a port where nobody listens.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use clap::Parser;
use rapport_api::{app::App, auth::ApiToken, config::ServerConfig, database::Database, router};
use rstest::rstest;
use serde_json::Value;
use tower::ServiceExt as _;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Reads settings as the command line does.
#[derive(Debug, Parser)]
struct Settings {
    #[command(flatten)]
    config: ServerConfig,
}

fn server(token: Option<&str>) -> Router {
    let arguments = [
        "test",
        "--pool-wait-seconds",
        "1",
        "--import-wait-seconds",
        "1",
        "--idle-seconds",
        "1",
        "--max-file-mib",
        "1",
    ];
    let config = Settings::parse_from(arguments).config;
    let url = "postgres://nobody:hunter2@127.0.0.1:1/none"
        .parse()
        .unwrap();
    let database = Database::lazy(&url, &config).unwrap();
    router::build(&App::new(
        config,
        database,
        token.map(|token| ApiToken::new(token).unwrap()),
    ))
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Reads the body as the problem it has to be.
    fn problem(&self) -> Value {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.body
        );
        let problem: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(problem["status"], self.status.as_u16());
        assert_eq!(problem["instance"], self.header("x-request-id"));
        for key in ["type", "title", "detail"] {
            assert!(
                problem[key].as_str().is_some_and(|text| !text.is_empty()),
                "{problem}"
            );
        }
        problem
    }
}

async fn ask(server: Router, request: Request<Body>) -> Answer {
    let response = server.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 16 << 20).await.unwrap();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

async fn get(path: &str) -> Answer {
    ask(
        server(None),
        Request::get(path).body(Body::empty()).unwrap(),
    )
    .await
}

#[rstest]
#[case(
    "/api/v1/summarized_interactions/abc",
    400,
    "\"abc\" is not a whole number"
)]
#[case(
    "/api/v1/summarized_interactions/1180591620717411303424",
    400,
    "1180591620717411303424"
)]
#[case("/api/v1/generate-content/1.5", 400, "customer_id \"1.5\"")]
#[case("/api/v1/generate-content/%FF", 400, "")]
#[case("/api/v1/generate-content/1?content_tipe=email", 400, "content_tipe")]
#[case("/api/v1/imports/x", 400, "import_id \"x\"")]
#[case("/api/v1/imports/1?limit=many", 400, "limit")]
#[case("/api/v1/stats/interactions-per-product?product=%FF", 400, "not UTF-8")]
#[case(
    "/api/v1/stats/interactions-per-product?since=05/03/2020",
    400,
    "YYYY-MM-DD"
)]
#[case(
    "/api/v1/stats/interactions-per-product?until=2020-02-30",
    400,
    "YYYY-MM-DD"
)]
#[case("/nothing", 404, "/nothing")]
#[case("/docs/nothing", 404, "/docs/nothing")]
#[case("/api/v2/summarized_interactions/1", 404, "/api/v2")]
#[case("/api/v1/imports/1/quality/2", 404, "/quality/2")]
#[case("/api/v1/imports/x/ledger.csv", 400, "import_id \"x\"")]
#[case("/api/v1/imports/x/quality", 400, "import_id \"x\"")]
#[case("/api/v1/imports?limit=many", 400, "limit")]
#[case("/api/v1/imports?page=2", 400, "page")]
#[case("/api/v1/values/interactions/x/topic", 400, "id \"x\"")]
#[tokio::test]
async fn an_unreadable_request_is_refused_in_words(
    #[case] path: &str,
    #[case] status: u16,
    #[case] words: &str,
) {
    let answer = get(path).await;
    assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    let detail = answer.problem()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains(words), "{detail}");
}

#[tokio::test]
async fn a_method_that_a_path_does_not_take_is_405() {
    let request = Request::delete("/api/v1/imports")
        .body(Body::empty())
        .unwrap();
    let answer = ask(server(None), request).await;
    assert_eq!(answer.status.as_u16(), 405);
    let detail = answer.problem()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("DELETE"), "{detail}");
}

#[rstest]
#[case("/api/v1/summarized_interactions/1")]
#[case("/api/v1/generate-content/1")]
#[case("/api/v1/stats/interactions-per-product")]
#[case("/api/v1/stats/customers")]
#[case("/api/v1/imports")]
#[case("/api/v1/imports/1")]
#[case("/api/v1/imports/1/ledger.csv")]
#[case("/api/v1/imports/1/quality")]
#[case("/api/v1/values/interactions/1/topic")]
#[case("/readyz")]
#[tokio::test]
async fn without_a_database_the_answer_is_503_and_tells_nothing_of_the_inside(#[case] path: &str) {
    let answer = get(path).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    answer.problem();
    assert!(!answer.header("retry-after").is_empty());
    for secret in ["hunter2", "nobody", "127.0.0.1"] {
        assert!(!answer.body.contains(secret), "{}", answer.body);
    }
}

#[tokio::test]
async fn the_inherited_404_keeps_its_bytes() {
    let answer = get("/api/v1/stats/a%00b").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.body, r#"{"message":"Table name not found"}"#);
}

#[tokio::test]
async fn the_process_says_that_it_lives_without_a_database() {
    let answer = get("/livez").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body.contains("alive"));
}

#[rstest]
#[case(Some("mine-1"), "mine-1")]
#[case(Some("two words"), "")]
#[case(None, "")]
#[tokio::test]
async fn a_request_keeps_its_id_when_it_is_a_plain_one(
    #[case] sent: Option<&str>,
    #[case] kept: &str,
) {
    let mut request = Request::get("/livez").body(Body::empty()).unwrap();
    if let Some(id) = sent {
        request
            .headers_mut()
            .insert("x-request-id", id.parse().unwrap());
    }
    let answer = ask(server(None), request).await;
    let id = answer.header("x-request-id");
    assert!(!id.is_empty() && Some(id) != sent.filter(|_| kept.is_empty()));
    assert!(kept.is_empty() || id == kept);
}

#[rstest]
#[case("/api/v1/summarized_interactions/1", None, 401)]
#[case("/api/v1/nothing", None, 401)]
#[case("/api/v1/nothing", Some("Bearer wrong-wrong-wrong-wrong"), 401)]
#[case("/api/v1/nothing", Some("Bearer right-right-right-right"), 404)]
#[case("/livez", None, 200)]
#[case("/openapi.json", None, 200)]
#[tokio::test]
async fn with_a_token_the_api_needs_it_and_the_rest_does_not(
    #[case] path: &str,
    #[case] authorization: Option<&str>,
    #[case] status: u16,
) {
    let mut request = Request::get(path).body(Body::empty()).unwrap();
    if let Some(value) = authorization {
        request
            .headers_mut()
            .insert("authorization", value.parse().unwrap());
    }
    let answer = ask(server(Some("right-right-right-right")), request).await;
    assert_eq!(answer.status.as_u16(), status);
    if status == 401 {
        answer.problem();
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
    }
}

fn upload(content_type: &str, body: Body) -> Request<Body> {
    Request::post("/api/v1/imports?file_name=a.xlsx")
        .header("content-type", content_type)
        .body(body)
        .unwrap()
}

#[tokio::test]
async fn an_upload_of_another_type_is_415() {
    let answer = ask(server(None), upload("application/json", Body::from("{}"))).await;
    assert_eq!(answer.status.as_u16(), 415);
    assert!(answer.problem()["detail"].as_str().unwrap().contains(XLSX));
}

#[tokio::test]
async fn an_upload_that_declares_too_much_is_413_before_a_byte_is_read() {
    let never = Body::from_stream(futures_util::stream::pending::<Result<&[u8], std::io::Error>>());
    let mut request = upload(XLSX, never);
    request
        .headers_mut()
        .insert("content-length", (2_u64 << 30).into());
    let answer = ask(server(None), request).await;
    assert_eq!(answer.status.as_u16(), 413);
    assert!(
        answer.problem()["detail"]
            .as_str()
            .unwrap()
            .contains("1048576")
    );
}

#[tokio::test]
async fn an_upload_that_breaks_off_at_once_is_400() {
    let broken = futures_util::stream::iter([Err::<&[u8], _>(std::io::Error::from(
        std::io::ErrorKind::UnexpectedEof,
    ))]);
    let answer = ask(server(None), upload(XLSX, Body::from_stream(broken))).await;
    assert_eq!(answer.status.as_u16(), 400);
    assert!(
        answer.problem()["detail"]
            .as_str()
            .unwrap()
            .contains("nothing was imported")
    );
}

#[tokio::test]
async fn a_client_that_sends_nothing_is_given_up_and_takes_no_connection() {
    let silent =
        Body::from_stream(futures_util::stream::pending::<Result<&[u8], std::io::Error>>());
    // There is no database: only an answer that needs none can be anything but 503.
    let answer = ask(server(None), upload("text/csv", silent)).await;
    assert_eq!(answer.status.as_u16(), 408);
    answer.problem();
}

#[tokio::test]
async fn without_a_database_an_upload_is_503_and_no_more_than_its_beginning_is_read() {
    let read = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&read);
    let chunks = futures_util::stream::repeat_with(move || {
        counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok::<_, std::io::Error>(vec![0_u8; 1 << 10])
    });
    let answer = ask(server(None), upload(XLSX, Body::from_stream(chunks))).await;
    assert_eq!(answer.status.as_u16(), 503);
    // 1 MiB.
    assert_eq!(read.load(std::sync::atomic::Ordering::Relaxed), 1 << 10);
}

#[rstest]
#[case("dry_run=maybe", 400)]
#[case("dry-run=true", 400)]
#[tokio::test]
async fn an_upload_says_plainly_whether_it_is_a_dry_run(#[case] query: &str, #[case] status: u16) {
    let request = Request::post(format!("/api/v1/imports?{query}"))
        .header("content-type", XLSX)
        .body(Body::from("x"))
        .unwrap();
    let answer = ask(server(None), request).await;
    assert_eq!(answer.status.as_u16(), status);
    answer.problem();
}

#[tokio::test]
async fn swagger_ui_comes_from_this_server_alone() {
    let answer = get("/").await;
    assert!(answer.status.is_redirection());
    assert_eq!(answer.header("location"), "/docs/");
    let page = get("/docs/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.header("content-security-policy")
            .contains("script-src 'self'")
    );
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    for foreign in ["src=\"http", "href=\"http", "<script>"] {
        assert!(!page.body.contains(foreign), "{}", page.body);
    }
    let settings = get("/docs/swagger-initializer.js").await;
    assert!(
        settings.body.contains(r#""validatorUrl": "none""#),
        "{}",
        settings.body
    );
}
