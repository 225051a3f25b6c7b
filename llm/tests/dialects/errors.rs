//! What a status and the body of an error mean.

use rapport_core::generation::ModelError;
use rapport_llm::{WireResponse, dialects};
use rstest::rstest;

use crate::prompt::{anthropic, fixture, openai, response};

#[test]
fn message_of_the_provider_is_kept() {
    let body = fixture("openai/error.json");
    assert_eq!(
        openai().read_error(&response(404, "application/json", body)),
        ModelError::Failed(
            "an error (status 404): The model `gpt-none` does not exist or you do not have \
             access to it."
                .to_owned()
        )
    );
    let body = fixture("anthropic/error.json");
    assert_eq!(
        anthropic().read_error(&response(401, "application/json", body)),
        ModelError::NotConfigured(
            "the provider does not accept the key (status 401): invalid x-api-key".to_owned()
        )
    );
}

#[rstest]
#[case(400, r#"{"detail":"bad"}"#, "an error (status 400): bad")]
#[case(
    422,
    r#"{"object":"error","message":"bad","code":400}"#,
    "an error (status 422): bad"
)]
#[case(500, r#"{"error":"bad"}"#, "an error (status 500): bad")]
#[case(500, r#"{"error":{"message":7}}"#, "an error (status 500)")]
#[case(502, "<html>\nBad gateway", "an error (status 502)")]
#[case(503, "", "an error (status 503)")]
#[case(307, "", "a redirect, which is not followed (status 307)")]
#[case(600, "", "an error (status 600)")]
fn body_may_have_any_form(#[case] status: u16, #[case] body: &str, #[case] message: &str) {
    for dialect in dialects() {
        assert_eq!(
            dialect.read_error(&response(status, "text/plain", body)),
            ModelError::Failed(message.to_owned())
        );
    }
}

#[test]
fn long_message_is_cut_and_made_one_line() {
    let body = serde_json::json!({"error": {"message": "a\n\u{1b}b ".repeat(200)}}).to_string();
    let ModelError::Failed(message) = openai().read_error(&response(500, "", body)) else {
        panic!("another error");
    };
    assert!(message.chars().count() < 350);
    assert!(!message.contains(char::is_control));
}

#[rstest]
#[case(429, Some("7"), Some(7))]
#[case(429, None, None)]
#[case(429, Some("soon"), None)]
#[case(529, Some("3"), Some(3))]
fn rate_limit_tells_how_long(
    #[case] status: u16,
    #[case] header: Option<&str>,
    #[case] retry_after: Option<u64>,
) {
    let headers = header.map(|value| ("retry-after".to_owned(), value.to_owned()));
    let body = fixture("anthropic/error_overloaded.json");
    let response = WireResponse::new(status, headers.into_iter().collect(), body);
    assert_eq!(
        anthropic().read_error(&response),
        ModelError::RateLimited { retry_after }
    );
}

#[test]
fn used_up_quota_is_no_rate_limit() {
    let response = response(429, "application/json", fixture("openai/error_quota.json"));
    assert!(matches!(
        openai().read_error(&response),
        ModelError::Failed(message) if message.contains("quota is used up")
    ));
}

#[test]
fn time_limit_of_the_provider_is_ours() {
    assert_eq!(
        openai().read_error(&response(408, "", "")),
        ModelError::TimedOut
    );
}
