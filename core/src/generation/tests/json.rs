//! The JSON that callers give and get.

use serde_json::{Value, json};

use super::population::disappointed;
use crate::generation::{MockModel, Prompt, Request, Task, generate};

#[test]
fn reads_the_whole_request_and_what_it_does_not_know() {
    let request: Request = serde_json::from_value(json!({
        "task": "call_script",
        "facts": {
            "customer_id": 1, "occupation": "Jedi", "customer_type": null, "total_interactions": 5,
            "first_interaction": {"date": "2019-10-04", "time": "09:00"},
            "most_frequent_channel": "Email",
            "channels": [{"channel": "Email", "interactions": 3}, {"channel": null, "interactions": 2}],
            "last_interaction": {"interaction_id": 17, "date": "2024-01-25", "time": "16:10",
                "channel": "Call", "topic": null, "sentiment": "Positive"},
            "key_topics": ["Drug Efficacy"], "topics": null, "sentiments": [],
            "products": ["Sand"], "attribution": "month", "sensitive_topics": [], "later": {"a": 1}
        },
        "evidence": [{"interaction_id": 17, "date": "2024-01-25", "time": "16:10",
            "channel": "Call", "topic": null, "sentiment": "Positive", "products": null,
            "notes": null, "sensitive": null, "more": true}],
        "voice": null,
        "extra": "ignored"
    }))
    .unwrap();
    assert_eq!(request.task, Task::CallScript);
    assert_eq!(request.facts.total_interactions, 5);
    assert_eq!(request.evidence[0].interaction_id, 17);
    let generation = generate(&request, &MockModel).unwrap();
    assert!(
        generation
            .text
            .starts_with("Call script for Jedi (customer 1)")
    );
}

#[test]
fn reads_the_least_request() {
    let request: Request =
        serde_json::from_str(r#"{"task": "email", "facts": {"customer_id": 9}}"#).unwrap();
    assert_eq!(request.facts.total_interactions, 0);
    assert!(
        serde_json::from_str::<Request>(r#"{"task": "poem", "facts": {"customer_id": 9}}"#)
            .is_err()
    );
    assert!(serde_json::from_str::<Request>(r#"{"task": "email", "facts": {}}"#).is_err());
}

#[test]
fn writes_every_key() {
    let generation = generate(&disappointed(Task::Email), &MockModel).unwrap();
    let value = serde_json::to_value(&generation).unwrap();
    let keys: Vec<&String> = value.as_object().unwrap().keys().collect();
    let mut expected = [
        "task",
        "text",
        "subject",
        "needs_review",
        "review_reasons",
        "cited",
        "sentences",
        "refused",
        "discarded",
        "fallback",
        "model",
        "prompt",
        "key",
        "usage",
    ];
    expected.sort_unstable();
    assert_eq!(keys, expected);
    assert_eq!(value["task"], "email");
    assert_eq!(value["prompt"], "email/3");
    assert_eq!(value["cited"], json!([17, 3]));
    assert_eq!(value["key"].as_str().map(str::len), Some(64));
    let letter = generate(&disappointed(Task::Summary), &MockModel).unwrap();
    assert_eq!(
        serde_json::to_value(&letter).unwrap()["subject"],
        Value::Null
    );
}

#[test]
fn the_key_follows_all_that_decides_the_answer() {
    let request = disappointed(Task::Email);
    let prompt = Prompt::build(&request);
    assert_eq!(prompt.key("mock"), Prompt::build(&request).key("mock"));
    assert_ne!(prompt.key("mock"), prompt.key("other"));
    let mut changed = request.clone();
    changed.evidence[0].sentiment = None;
    assert_ne!(prompt.key("mock"), Prompt::build(&changed).key("mock"));
    let mut reworded = prompt.clone();
    reworded.version += 1;
    assert_ne!(prompt.key("mock"), reworded.key("mock"));
}

#[test]
fn names_of_tasks_are_read() {
    for task in Task::ALL {
        assert_eq!(task.name().parse::<Task>().unwrap(), task);
        assert_eq!(serde_json::to_value(task).unwrap(), task.name());
    }
    let error = "Fax".parse::<Task>().unwrap_err();
    assert_eq!(error.to_string(), "unknown content type \"Fax\"");
}
