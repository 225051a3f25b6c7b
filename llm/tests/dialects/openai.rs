//! Answers of the Chat Completions API that are not as one hopes.

use rapport_core::generation::{FinishReason, ModelError};
use rstest::rstest;
use serde_json::{Value, json};

use crate::prompt::{fixture, ok, openai, with};

fn answer() -> Value {
    serde_json::from_slice(&fixture("openai/answer.json")).unwrap()
}

fn failure(body: &Value) -> String {
    match openai().read_chat(&ok(body)) {
        Err(ModelError::Failed(message)) => message,
        other => panic!("{other:?}"),
    }
}

#[rstest]
#[case("length", FinishReason::Length)]
#[case("content_filter", FinishReason::Filtered)]
#[case("stop", FinishReason::Stop)]
fn reason_for_the_end_is_read(#[case] reason: &str, #[case] finish: FinishReason) {
    let body = with(answer(), "/choices/0/finish_reason", Some(json!(reason)));
    assert_eq!(openai().read_chat(&ok(&body)).unwrap().finish, finish);
}

#[rstest]
#[case(Some(json!("tool_calls")))]
#[case(Some(json!("abort")))]
#[case(Some(json!("Stop")))]
#[case(Some(json!(null)))]
#[case(Some(json!("")))]
#[case(Some(json!(1)))]
#[case(None)]
fn other_reason_is_an_error(#[case] reason: Option<Value>) {
    let message = failure(&with(answer(), "/choices/0/finish_reason", reason));
    assert!(message.contains("cannot be read"), "{message}");
}

#[test]
fn refusal_is_filtered() {
    let body = with(answer(), "/choices/0/message/content", Some(Value::Null));
    let body = with(body, "/choices/0/message/refusal", Some(json!("I cannot.")));
    let completion = openai().read_chat(&ok(&body)).unwrap();
    assert_eq!(completion.finish, FinishReason::Filtered);
    assert_eq!(completion.text, "I cannot.");
    assert_eq!(completion.usage.output_tokens, 12);
}

#[rstest]
#[case(Some(json!(null)))]
#[case(Some(json!("")))]
#[case(Some(json!(" \n")))]
#[case(None)]
fn empty_content_is_an_error_or_cut_off(#[case] content: Option<Value>) {
    let body = with(answer(), "/choices/0/message/content", content);
    assert_eq!(failure(&body), "an empty answer");
    for key in ["reasoning_content", "reasoning"] {
        let pointer = format!("/choices/0/message/{key}");
        let body = with(body.clone(), &pointer, Some(json!("Hm.")));
        assert_eq!(failure(&body), "reasoning without an answer");
    }
    let body = with(body, "/choices/0/finish_reason", Some(json!("length")));
    let completion = openai().read_chat(&ok(&body)).unwrap();
    assert_eq!(completion.finish, FinishReason::Length);
}

#[rstest]
#[case("/choices", None)]
#[case("/choices", Some(json!(null)))]
#[case("/choices", Some(json!([])))]
#[case("/choices", Some(json!({})))]
#[case("/choices/0", Some(json!("text")))]
#[case("/choices/0/index", Some(json!(1)))]
#[case("/choices/0/message", Some(json!("text")))]
#[case("/choices/0/message/content", Some(json!(7)))]
#[case("/choices/0/message/content", Some(json!(["a"])))]
#[case("/choices/0/message/content", Some(json!({"text": "a"})))]
#[case("/choices/0/message/refusal", Some(json!(true)))]
fn wrong_form_is_an_error(#[case] pointer: &str, #[case] value: Option<Value>) {
    let message = failure(&with(answer(), pointer, value));
    assert!(message.contains("cannot be read"), "{message}");
}

#[rstest]
#[case("/usage", None, 0, 0)]
#[case("/usage", Some(json!(null)), 0, 0)]
#[case("/usage", Some(json!("many")), 0, 0)]
#[case("/usage/prompt_tokens", Some(json!(-1)), 0, 12)]
#[case("/usage/completion_tokens", Some(json!(1.5)), 31, 0)]
#[case("/usage/prompt_tokens", Some(json!(u64::MAX)), u64::from(u32::MAX), 12)]
fn usage_may_be_missing_or_odd(
    #[case] pointer: &str,
    #[case] value: Option<Value>,
    #[case] input: u64,
    #[case] output: u64,
) {
    let body = with(answer(), pointer, value);
    let usage = openai().read_chat(&ok(&body)).unwrap().usage;
    assert_eq!((usage.input_tokens, usage.output_tokens), (input, output));
}

#[test]
fn first_of_several_choices_is_taken() {
    let other = json!({"index": 1, "message": {"content": "other"}, "finish_reason": "stop"});
    let choice = answer()["choices"][0].clone();
    let body = with(answer(), "/choices", Some(json!([other, choice])));
    assert!(openai().read_chat(&ok(&body)).unwrap().text.contains("Ada"));
}

#[test]
fn error_with_a_status_of_success_is_an_error() {
    let message = failure(&json!({"error": {"message": "out of memory", "code": 500}}));
    assert_eq!(message, "out of memory");
    assert_eq!(failure(&json!({"error": "no such model"})), "no such model");
}
