//! Streams in any pieces, streams that break off, and errors within them.

use proptest::prelude::*;
use rapport_core::generation::{Completion, FinishReason, ModelError};
use rapport_llm::dialect::Progress;
use rapport_llm::{Dialect, dialect};
use rstest::rstest;
use serde_json::json;

use crate::prompt::{anthropic, fixture, openai};

const FIXTURES: [(&str, &str); 3] = [
    ("openai", "openai/answer"),
    ("anthropic", "anthropic/answer"),
    ("anthropic", "anthropic/answer_text"),
];

fn decode<'a>(
    dialect: &dyn Dialect,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Completion, ModelError> {
    let mut decoder = dialect.stream();
    for chunk in chunks {
        if decoder.feed(chunk)? == Progress::Done {
            break;
        }
    }
    decoder.finish()
}

fn events(events: &[serde_json::Value]) -> String {
    events
        .iter()
        .map(|event| format!("data: {event}\n\n"))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn pieces_do_not_matter(
        which in 0..FIXTURES.len(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
        returns in any::<bool>(),
    ) {
        let (name, path) = FIXTURES[which];
        let dialect = dialect(name).unwrap();
        let mut stream = String::from_utf8(fixture(&format!("{path}.sse"))).unwrap();
        if returns {
            stream = stream.replace('\n', "\r\n");
        }
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let chunks = cuts.windows(2).map(|cut| &stream.as_bytes()[cut[0]..cut[1]]);
        let whole = fixture(&format!("{path}.json"));
        let whole = crate::prompt::response(200, "application/json", whole);
        prop_assert_eq!(decode(dialect, chunks), dialect.read_chat(&whole));
    }

    #[test]
    fn text_is_the_same_in_one_piece_and_in_many(pieces in prop::collection::vec(".{0,6}", 1..8)) {
        let text = pieces.concat();
        let body = json!({"choices": [{"message": {"content": text}, "finish_reason": "length"}]});
        let chunks: Vec<_> = pieces
            .iter()
            .map(|piece| json!({"choices": [{"index": 0, "delta": {"content": piece}}]}))
            .chain([json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]})])
            .collect();
        let stream = events(&chunks);
        prop_assert_eq!(
            decode(openai(), [stream.as_bytes()]),
            openai().read_chat(&crate::prompt::ok(&body))
        );
    }

    #[test]
    fn any_bytes_are_an_answer_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for dialect in rapport_llm::dialects() {
            let _ = decode(*dialect, [bytes.as_slice()]);
        }
    }

    #[test]
    fn damaged_stream_does_not_panic(
        which in 0..FIXTURES.len(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let (name, path) = FIXTURES[which];
        let mut stream = fixture(&format!("{path}.sse"));
        let at = at.index(stream.len());
        stream[at] = byte;
        let _ = decode(dialect(name).unwrap(), [stream.as_slice()]);
    }
}

#[rstest]
#[case(0)]
#[case(1)]
#[case(2)]
fn stream_that_breaks_off_is_an_error(#[case] which: usize) {
    let (name, path) = FIXTURES[which];
    let dialect = dialect(name).unwrap();
    let stream = fixture(&format!("{path}.sse"));
    let whole = decode(dialect, [stream.as_slice()]).unwrap();
    let mut complete = 0;
    for end in 0..stream.len() {
        match decode(dialect, [&stream[..end]]) {
            Ok(completion) => {
                complete += 1;
                assert_eq!(completion.text, whole.text);
            }
            Err(error) => assert_eq!(
                error.to_string(),
                "answered an error: the stream ended before the answer was complete"
            ),
        }
    }
    // Only of the form of OpenAI is the last event dispensable.
    assert_eq!(complete > 0, name == "openai");
}

#[test]
fn end_without_a_reason_is_an_error() {
    let stream = events(&[json!({"choices": [{"index": 0, "delta": {"content": "a"}}]})]);
    let stream = format!("{stream}data: [DONE]\n\n");
    assert!(decode(openai(), [stream.as_bytes()]).is_err());
    let stream = events(&[json!({"type": "message_stop"})]);
    assert!(decode(anthropic(), [stream.as_bytes()]).is_err());
}

#[rstest]
#[case(openai(), json!({"error": {"message": "broken", "code": 500}}), "broken")]
#[case(openai(), json!({"error": "broken"}), "broken")]
#[case(anthropic(), json!({"type": "error", "error": {"type": "api_error", "message": "broken"}}), "broken")]
#[case(anthropic(), json!({"type": "error"}), "an error")]
fn error_within_a_stream_is_an_error(
    #[case] dialect: &dyn Dialect,
    #[case] event: serde_json::Value,
    #[case] message: &str,
) {
    assert_eq!(
        decode(dialect, [events(&[event]).as_bytes()]),
        Err(ModelError::Failed(message.to_owned()))
    );
}

#[test]
fn overload_within_a_stream_is_a_rate_limit() {
    let error = String::from_utf8(fixture("anthropic/error_overloaded.json")).unwrap();
    let stream = format!("event: error\ndata: {}\n\n", error.replace('\n', ""));
    assert_eq!(
        decode(anthropic(), [stream.as_bytes()]),
        Err(ModelError::RateLimited { retry_after: None })
    );
}

#[test]
fn refusal_comes_in_pieces_too() {
    let stream = events(&[
        json!({"choices": [{"index": 0, "delta": {"refusal": "I can"}}]}),
        json!({"choices": [{"index": 0, "delta": {"refusal": "not."}, "finish_reason": "stop"}]}),
    ]);
    let completion = decode(openai(), [stream.as_bytes()]).unwrap();
    assert_eq!(completion.finish, FinishReason::Filtered);
    assert_eq!(completion.text, "I cannot.");
}

#[test]
fn input_that_was_cut_off_stays_as_it_is() {
    let stream = events(&[
        json!({"type": "content_block_start", "index": 0, "content_block":
            {"type": "tool_use", "name": "answer", "input": {}}}),
        json!({"type": "content_block_delta", "index": 0, "delta":
            {"type": "input_json_delta", "partial_json": "{\"summary\": \"Ad"}}),
        json!({"type": "message_delta", "delta": {"stop_reason": "max_tokens"}}),
        json!({"type": "message_stop"}),
    ]);
    let completion = decode(anthropic(), [stream.as_bytes()]).unwrap();
    assert_eq!(completion.finish, FinishReason::Length);
    assert_eq!(completion.text, "{\"summary\": \"Ad");
}

#[rstest]
#[case(json!({"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}}))]
#[case(json!({"type": "content_block_start", "content_block": {"type": "text", "text": ""}}))]
#[case(json!({"type": "content_block_start", "index": 0}))]
#[case(json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "a"}}))]
fn pieces_out_of_order_are_an_error(#[case] event: serde_json::Value) {
    assert!(matches!(
        decode(anthropic(), [events(&[event]).as_bytes()]),
        Err(ModelError::Failed(message)) if message.contains("cannot be read")
    ));
}
