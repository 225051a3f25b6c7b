//! The JSON that a model must answer, and how it is read.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::Task;

/// The longest answer that is read, in bytes.
const LONGEST_ANSWER: usize = 64 * 1024;

/// What a model answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The subject line of an email or a letter.
    #[serde(default)]
    pub subject: Option<String>,
    /// The parts of the text.
    pub parts: Vec<Part>,
}

/// A named part of the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its name, one of those that the prompt lists.
    pub part: String,
    /// Its sentences.
    pub sentences: Vec<Sentence>,
}

/// One sentence and what it relies on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// The sentence.
    pub text: String,
    /// The identifiers of the interactions that it relies on.
    #[serde(default)]
    pub evidence: Vec<i64>,
    /// The labels of the data that it speaks about.
    #[serde(default)]
    pub mentions: Vec<Mention>,
}

/// A label of the data that a sentence speaks about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mention {
    /// What kind of label.
    pub kind: MentionKind,
    /// The label, letter by letter as in the data.
    pub value: String,
}

/// A kind of label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MentionKind {
    /// A way of contact.
    Channel,
    /// A topic.
    Topic,
    /// A product of discussion.
    Product,
    /// A sentiment.
    Sentiment,
}

impl Reply {
    /// Reads an answer, also one in a Markdown code block.
    ///
    /// # Errors
    /// The reason why the answer is not what the prompt asked for.
    pub(crate) fn parse(answer: &str, task: Task) -> Result<Self, String> {
        let reply: Self = parse_json(answer)?;
        for part in &reply.parts {
            if !task.parts().contains(&part.part.as_str()) {
                return Err(format!(
                    "the answer has a part \"{}\" that the schema does not name",
                    super::label::clean(&part.part, 60)
                ));
            }
        }
        if reply.parts.iter().all(|part| part.sentences.is_empty()) {
            return Err("the answer has no sentences".to_owned());
        }
        Ok(reply)
    }
}

/// Reads the JSON of an answer, which may stand in a fence.
pub(crate) fn parse_json<T: DeserializeOwned>(answer: &str) -> Result<T, String> {
    if answer.len() > LONGEST_ANSWER {
        return Err(format!("the answer is longer than {LONGEST_ANSWER} bytes"));
    }
    let answer = answer.trim();
    if answer.is_empty() {
        return Err("the answer is empty".to_owned());
    }
    let bare = answer
        .strip_prefix("```json")
        .or_else(|| answer.strip_prefix("```"))
        .and_then(|rest| rest.strip_suffix("```"))
        .unwrap_or(answer);
    serde_json::from_str(bare)
        .map_err(|error| format!("the answer does not follow the schema: {error}"))
}

/// Returns the JSON schema of the answer to a task, in the subset that providers enforce.
pub(crate) fn schema(task: Task) -> Value {
    let sentence = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["text", "evidence", "mentions"],
        "properties": {
            "text": {"type": "string"},
            "evidence": {"type": "array", "items": {"type": "integer"}},
            "mentions": {"type": "array", "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["kind", "value"],
                "properties": {
                    "kind": {"type": "string", "enum": ["channel", "topic", "product", "sentiment"]},
                    "value": {"type": "string"}
                }
            }}
        }
    });
    let parts = json!({"type": "array", "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["part", "sentences"],
        "properties": {
            "part": {"type": "string", "enum": task.parts()},
            "sentences": {"type": "array", "items": sentence}
        }
    }});
    if task.has_subject() {
        json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["subject", "parts"],
            "properties": {"subject": {"type": "string"}, "parts": parts}
        })
    } else {
        json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["parts"],
            "properties": {"parts": parts}
        })
    }
}
