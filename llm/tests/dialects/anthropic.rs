//! Answers of the Messages API that are not as one hopes.

use rapport_core::generation::{FinishReason, ModelError};
use rstest::rstest;
use serde_json::{Value, json};

use crate::prompt::{anthropic, fixture, ok, with};

fn answer() -> Value {
    serde_json::from_slice(&fixture("anthropic/answer.json")).unwrap()
}

fn failure(body: &Value) -> String {
    match anthropic().read_chat(&ok(body)) {
        Err(ModelError::Failed(message)) => message,
        other => panic!("{other:?}"),
    }
}

#[rstest]
#[case("tool_use", FinishReason::Stop)]
#[case("end_turn", FinishReason::Stop)]
#[case("stop_sequence", FinishReason::Stop)]
#[case("max_tokens", FinishReason::Length)]
#[case("model_context_window_exceeded", FinishReason::Length)]
#[case("refusal", FinishReason::Filtered)]
fn reason_for_the_end_is_read(#[case] reason: &str, #[case] finish: FinishReason) {
    let body = with(answer(), "/stop_reason", Some(json!(reason)));
    assert_eq!(anthropic().read_chat(&ok(&body)).unwrap().finish, finish);
}

#[rstest]
#[case(Some(json!("pause_turn")))]
#[case(Some(json!("done")))]
#[case(Some(json!(null)))]
#[case(Some(json!([])))]
#[case(None)]
fn other_reason_is_an_error(#[case] reason: Option<Value>) {
    let message = failure(&with(answer(), "/stop_reason", reason));
    assert!(message.contains("cannot be read"), "{message}");
}

#[test]
fn tool_that_is_announced_but_not_used_is_an_error() {
    let body = with(
        answer(),
        "/content",
        Some(json!([{"type": "text", "text": "a"}])),
    );
    assert!(failure(&body).contains("tool_use"));
}

#[rstest]
#[case(json!([]), "an empty answer")]
#[case(json!([{"type": "text", "text": " "}]), "an empty answer")]
#[case(json!([{"type": "server_tool_use"}]), "an empty answer")]
#[case(json!([{"type": "thinking", "thinking": "Hm."}]), "reasoning without an answer")]
#[case(json!([{"type": "redacted_thinking", "data": "x"}]), "reasoning without an answer")]
fn content_without_an_answer_is_an_error(#[case] content: Value, #[case] message: &str) {
    let body = with(answer(), "/content", Some(content));
    let body = with(body, "/stop_reason", Some(json!("end_turn")));
    assert_eq!(failure(&body), message);
    let body = with(body, "/stop_reason", Some(json!("refusal")));
    let completion = anthropic().read_chat(&ok(&body)).unwrap();
    assert_eq!(completion.finish, FinishReason::Filtered);
}

#[rstest]
#[case("/content", None)]
#[case("/content", Some(json!("text")))]
#[case("/content/0", Some(json!("text")))]
#[case("/content/0/type", None)]
#[case("/content/0/text", Some(json!(7)))]
#[case("/content/1/name", Some(json!("other")))]
#[case("/content/1/input", Some(json!("text")))]
#[case("/content/1/input", None)]
fn wrong_form_is_an_error(#[case] pointer: &str, #[case] value: Option<Value>) {
    let message = failure(&with(answer(), pointer, value));
    assert!(message.contains("cannot be read"), "{message}");
}

#[test]
fn tool_used_twice_is_an_error() {
    let tool = answer()["content"][1].clone();
    let body = with(answer(), "/content", Some(json!([tool, tool])));
    assert!(failure(&body).contains("twice"));
}

#[test]
fn usage_may_be_missing() {
    let body = with(answer(), "/usage", None);
    let usage = anthropic().read_chat(&ok(&body)).unwrap().usage;
    assert_eq!((usage.input_tokens, usage.output_tokens), (0, 0));
}
