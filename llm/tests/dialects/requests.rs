//! What a dialect sends.

use rapport_core::generation::{ModelError, Prompt, Repair};
use rapport_llm::{Auth, Dialect, Endpoint, dialects};
use rstest::rstest;
use serde_json::{Value, json};

use crate::prompt::{anthropic, body, endpoint, fixture, header, none, openai, prompt, repaired};

fn golden(path: &str) -> Value {
    serde_json::from_slice(&fixture(path)).unwrap()
}

#[rstest]
#[case(openai(), "gpt-test", prompt(), "openai/request.json")]
#[case(openai(), "gpt-test", repaired(), "openai/request_repair.json")]
#[case(anthropic(), "claude-test", prompt(), "anthropic/request.json")]
#[case(
    anthropic(),
    "claude-test",
    repaired(),
    "anthropic/request_repair.json"
)]
fn request_is_the_fixture(
    #[case] dialect: &dyn Dialect,
    #[case] model: &str,
    #[case] prompt: Prompt,
    #[case] path: &str,
) {
    let endpoint = endpoint("https://models.example/v1", model, none());
    let request = dialect.chat(&endpoint, &prompt).unwrap();
    assert_eq!(body(&request), golden(path));
    assert_eq!(header(&request, "content-type"), Some("application/json"));
    assert_eq!(header(&request, "accept"), Some("application/json"));
}

#[test]
fn stream_and_parameters_are_in_the_request() {
    let mut openai_endpoint = endpoint(
        "https://models.example/v1",
        "gpt-test",
        json!({
            "structured": "json_object", "token_limit_key": "max_completion_tokens",
            "temperature": 0.2, "top_p": 0.9, "seed": 7,
        }),
    );
    openai_endpoint.stream = true;
    let request = openai().chat(&openai_endpoint, &prompt()).unwrap();
    assert_eq!(body(&request), golden("openai/request_stream.json"));
    assert_eq!(header(&request, "accept"), Some("text/event-stream"));

    let mut anthropic_endpoint = endpoint(
        "https://models.example/v1",
        "claude-test",
        json!({
            "structured": "none", "max_tokens": 2000, "temperature": 0.2, "top_p": 0.9,
            "anthropic_version": "2024-10-22",
        }),
    );
    anthropic_endpoint.stream = true;
    let request = anthropic().chat(&anthropic_endpoint, &prompt()).unwrap();
    assert_eq!(body(&request), golden("anthropic/request_stream.json"));
    assert_eq!(header(&request, "anthropic-version"), Some("2024-10-22"));
}

#[test]
fn own_limit_of_tokens_replaces_that_of_the_prompt() {
    for key in ["max_tokens", "max_completion_tokens"] {
        let endpoint = endpoint("https://h/v1", "m", json!({key: 5000}));
        let body = body(&openai().chat(&endpoint, &prompt()).unwrap());
        let sent: Vec<_> = ["max_tokens", "max_completion_tokens"]
            .into_iter()
            .filter_map(|key| Some((key, body.get(key)?.clone())))
            .collect();
        assert_eq!(sent, [(key, json!(5000))]);
    }
}

#[rstest]
#[case(openai(), Auth::Standard, "authorization", "Bearer hunter2")]
#[case(openai(), Auth::Bearer, "authorization", "Bearer hunter2")]
#[case(openai(), Auth::ApiKeyHeader("Api-Key".to_owned()), "api-key", "hunter2")]
#[case(anthropic(), Auth::Standard, "x-api-key", "hunter2")]
#[case(anthropic(), Auth::Bearer, "authorization", "Bearer hunter2")]
fn secret_is_in_one_header(
    #[case] dialect: &dyn Dialect,
    #[case] auth: Auth,
    #[case] name: &str,
    #[case] value: &str,
) {
    let mut endpoint = Endpoint {
        auth,
        ..endpoint("https://h/v1", "m", none())
    };
    let request = dialect.chat(&endpoint, &prompt()).unwrap();
    let carrying: Vec<_> = request
        .headers
        .iter()
        .filter(|header| header.value.contains("hunter2"))
        .collect();
    assert_eq!(carrying.len(), 1);
    assert_eq!(
        (carrying[0].name.as_str(), carrying[0].value.as_str()),
        (name, value)
    );
    assert!(!format!("{request:?} {endpoint:?}").contains("hunter2"));
    endpoint.secret = None;
    let request = dialect.chat(&endpoint, &prompt()).unwrap();
    assert!(!request.headers.iter().any(|header| header.sensitive));
}

#[rstest]
#[case("host")]
#[case("Content-Length")]
#[case("transfer-encoding")]
#[case("x key")]
#[case("x\r\nhost")]
#[case("")]
fn secret_is_in_no_header_that_frames_the_message(#[case] name: &str) {
    let endpoint = Endpoint {
        auth: Auth::ApiKeyHeader(name.to_owned()),
        ..endpoint("https://h/v1", "m", none())
    };
    assert!(matches!(
        openai().chat(&endpoint, &prompt()),
        Err(ModelError::NotConfigured(_))
    ));
}

#[test]
fn address_is_below_the_base_and_keeps_its_query() {
    let azure = endpoint(
        "https://r.example/openai/deployments/d?api-version=2024-10-21",
        "m",
        none(),
    );
    let chat = openai().chat(&azure, &prompt()).unwrap();
    assert_eq!(
        chat.url.as_str(),
        "https://r.example/openai/deployments/d/chat/completions?api-version=2024-10-21"
    );
    let embed = openai().embed(&azure, &["a".to_owned()]).unwrap();
    assert!(embed.url.path().ends_with("/d/embeddings"));
    let messages = endpoint("https://h/v1/", "m", none());
    let messages = anthropic().chat(&messages, &prompt()).unwrap();
    assert_eq!(messages.url.as_str(), "https://h/v1/messages");
    assert_eq!(header(&messages, "anthropic-version"), Some("2023-06-01"));
}

#[rstest]
fn parameter_replaces_nothing_that_matters(
    #[values(
        "model",
        "messages",
        "stream",
        "tools",
        "tool_choice",
        "Model",
        "MESSAGES",
        "me\u{17f}sages",
        "model ",
        "",
        "a.b",
        "model\0"
    )]
    key: &str,
    #[values("openai", "anthropic")] name: &str,
) {
    let dialect = rapport_llm::dialect(name).unwrap();
    let endpoint = endpoint("https://h/v1", "m", json!({key: "x"}));
    let Err(ModelError::NotConfigured(message)) = dialect.chat(&endpoint, &prompt()) else {
        panic!("{key} is sent");
    };
    assert!(message.contains(key.trim_matches(['\0', ' '])), "{message}");
}

#[rstest]
#[case(openai(), "response_format")]
#[case(openai(), "stream_options")]
#[case(openai(), "functions")]
#[case(openai(), "n")]
#[case(openai(), "prompt")]
#[case(anthropic(), "system")]
#[case(anthropic(), "output_format")]
#[case(anthropic(), "mcp_servers")]
fn parameter_of_one_dialect_is_refused(#[case] dialect: &dyn Dialect, #[case] key: &str) {
    let endpoint = endpoint("https://h/v1", "m", json!({key: 1}));
    assert_eq!(
        dialect.chat(&endpoint, &prompt()).unwrap_err(),
        ModelError::NotConfigured(format!(
            "the parameter \"{key}\" is not one that may be set"
        ))
    );
}

#[rstest]
#[case("openai", json!({"structured": "strict"}))]
#[case("openai", json!({"structured": true}))]
#[case("openai", json!({"token_limit_key": "model"}))]
#[case("anthropic", json!({"structured": "json_object"}))]
#[case("anthropic", json!({"anthropic_version": "2023\r\nx: y"}))]
#[case("anthropic", json!({"anthropic_version": 2023}))]
fn control_with_another_value_is_refused(#[case] name: &str, #[case] parameters: Value) {
    let endpoint = endpoint("https://h/v1", "m", parameters);
    assert!(matches!(
        rapport_llm::dialect(name)
            .unwrap()
            .chat(&endpoint, &prompt()),
        Err(ModelError::NotConfigured(_))
    ));
}

#[test]
fn structure_can_be_turned_down() {
    let without = endpoint("https://h/v1", "m", json!({"structured": "none"}));
    let request = body(&openai().chat(&without, &prompt()).unwrap());
    assert_eq!(request.get("response_format"), None);
    assert_eq!(request.get("structured"), None);
    let request = body(&anthropic().chat(&without, &prompt()).unwrap());
    assert_eq!(
        (request.get("tools"), request.get("tool_choice")),
        (None, None)
    );
    // A prompt without a schema has nothing to hold an answer to.
    let free = Prompt {
        schema: Value::Null,
        ..prompt()
    };
    let with = endpoint("https://h/v1", "m", none());
    let request = body(&openai().chat(&with, &free).unwrap());
    assert_eq!(request.get("response_format"), None);
    assert_eq!(
        body(&anthropic().chat(&with, &free).unwrap()).get("tools"),
        None
    );
}

#[test]
fn no_turn_is_without_text() {
    let empty = Prompt {
        repair: Some(Repair {
            answer: " \n".to_owned(),
            complaint: "It is empty.".to_owned(),
        }),
        ..prompt()
    };
    let endpoint = endpoint("https://h/v1", "m", none());
    for dialect in dialects() {
        let body = body(&dialect.chat(&endpoint, &empty).unwrap());
        let turns = body["messages"].as_array().unwrap();
        assert_eq!(turns[turns.len() - 2]["content"], "(no answer)");
    }
}

#[test]
fn embeddings_are_asked_for_in_one_request() {
    let embedding = endpoint("https://h/v1", "embed-test", json!({"dimensions": 3}));
    let texts = ["a".to_owned(), "ä".to_owned()];
    let request = openai().embed(&embedding, &texts).unwrap();
    assert_eq!(body(&request), golden("openai/request_embeddings.json"));
    for key in ["input", "encoding_format", "model"] {
        let endpoint = endpoint("https://h/v1", "m", json!({key: "base64"}));
        assert!(openai().embed(&endpoint, &texts).is_err(), "{key}");
    }
    assert_eq!(
        anthropic().embed(&embedding, &texts).unwrap_err(),
        ModelError::NotConfigured("the dialect \"anthropic\" has no embeddings".to_owned())
    );
}

#[test]
fn dialects_have_names() {
    let names: Vec<_> = dialects().iter().map(|dialect| dialect.name()).collect();
    assert_eq!(names, ["openai", "anthropic"]);
    assert!(rapport_llm::dialect("OpenAI").is_none());
}
