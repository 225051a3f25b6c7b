//! Vectors, in the order of their texts and of one length, or none.

use rapport_core::generation::ModelError;
use rstest::rstest;
use serde_json::{Value, json};

use crate::prompt::{anthropic, fixture, ok, openai, response, with};

fn answer() -> Value {
    serde_json::from_slice(&fixture("openai/embeddings.json")).unwrap()
}

#[test]
fn vectors_are_in_the_order_of_the_texts() {
    let embeddings = openai().read_embeddings(&ok(&answer()), 2).unwrap();
    assert_eq!(
        embeddings.vectors,
        [vec![1.0, 0.5, 0.001], vec![0.0, -1.5, 0.25]]
    );
    assert_eq!(embeddings.usage.input_tokens, 5);
    assert_eq!(embeddings.usage.output_tokens, 0);
}

#[test]
fn vectors_without_a_number_are_in_the_order_of_the_answer() {
    let body = json!({"data": [{"embedding": [1]}, {"embedding": [2]}]});
    let embeddings = openai().read_embeddings(&ok(&body), 2).unwrap();
    assert_eq!(embeddings.vectors, [[1.0], [2.0]]);
}

#[rstest]
#[case::missing("/data", None)]
#[case::not_a_list("/data", Some(json!({})))]
#[case::too_few("/data", Some(json!([{"index": 0, "embedding": [1]}])))]
#[case::twice("/data/0/index", Some(json!(0)))]
#[case::beyond("/data/0/index", Some(json!(2)))]
#[case::negative("/data/0/index", Some(json!(-1)))]
#[case::null_index("/data/0/index", Some(json!(null)))]
#[case::other_length("/data/0/embedding", Some(json!([1, 2])))]
#[case::empty("/data/0/embedding", Some(json!([])))]
#[case::base64("/data/0/embedding", Some(json!("AACAPw==")))]
#[case::text("/data/0/embedding/0", Some(json!("1")))]
#[case::null("/data/0/embedding/0", Some(json!(null)))]
#[case::infinite("/data/0/embedding/0", Some(json!(1e300)))]
#[case::error("/error", Some(json!({"message": "no"})))]
fn anything_else_is_an_error(#[case] pointer: &str, #[case] value: Option<Value>) {
    let body = with(answer(), pointer, value);
    assert!(matches!(
        openai().read_embeddings(&ok(&body), 2),
        Err(ModelError::Failed(_))
    ));
}

#[test]
fn error_of_the_provider_is_an_error() {
    let error = response(401, "application/json", fixture("openai/error.json"));
    assert!(matches!(
        openai().read_embeddings(&error, 2),
        Err(ModelError::NotConfigured(_))
    ));
    assert!(anthropic().read_embeddings(&ok(&answer()), 2).is_err());
}
