//! Answers that both dialects read, in one piece and as a stream.

use rapport_core::generation::{Completion, FinishReason, ModelError, Usage};
use rapport_llm::Dialect;
use rstest::rstest;

use crate::prompt::{anthropic, fixture, openai, response};

const TEXT: &str = r#"{"summary":"Ada schätzt 😀 Tee."}"#;
const TOOL: &str = r#"{"count":2,"list":[1.5,null,true],"summary":"Ada schätzt 😀 Tee."}"#;

#[rstest]
#[case(openai(), "openai/answer", TEXT)]
#[case(anthropic(), "anthropic/answer", TOOL)]
#[case(anthropic(), "anthropic/answer_text", TEXT)]
fn answer_is_read_whole_and_as_a_stream(
    #[case] dialect: &dyn Dialect,
    #[case] path: &str,
    #[case] text: &str,
) {
    let expected = Completion {
        text: text.to_owned(),
        finish: FinishReason::Stop,
        usage: Usage {
            input_tokens: 31,
            output_tokens: 12,
        },
    };
    let whole = response(200, "application/json", fixture(&format!("{path}.json")));
    assert_eq!(dialect.read_chat(&whole).unwrap(), expected);
    let stream = response(
        200,
        "text/event-stream; charset=utf-8",
        fixture(&format!("{path}.sse")),
    );
    assert_eq!(dialect.read_chat(&stream).unwrap(), expected);
}

#[rstest]
fn what_is_not_json_is_no_answer(
    #[values("openai", "anthropic")] name: &str,
    #[values("", "<html>busy</html>", "{", "[]", "null", "7", "{}", "\u{feff}{}")] body: &str,
) {
    let dialect = rapport_llm::dialect(name).unwrap();
    assert!(matches!(
        dialect.read_chat(&response(200, "application/json", body)),
        Err(ModelError::Failed(_))
    ));
}

#[rstest]
fn bytes_that_are_no_text_are_no_answer(#[values("openai", "anthropic")] name: &str) {
    let dialect = rapport_llm::dialect(name).unwrap();
    let body = fixture(&format!("{name}/answer.json"));
    let at = body.windows(3).position(|bytes| bytes == b"Ada").unwrap();
    let mut body = body;
    body[at] = 0xff;
    assert!(
        dialect
            .read_chat(&response(200, "application/json", body))
            .is_err()
    );
}
