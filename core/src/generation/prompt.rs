//! What a model is given: fixed instructions, and the data as one fenced line of JSON.
//!
//! No label of the data is ever part of the instructions. JSON escapes line breaks, so the data
//! is one line; the fence around it carries a code computed from the data, which the data cannot
//! hold. Hence nothing in a cell can end the block.

mod instructions;

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Request, Task, reply};

/// The name of [`Prompt::probe`].
pub(crate) const PROBE: &str = "probe";

const BEGIN: &str = "BEGIN DATA ";
const END: &str = "END DATA ";

/// A question to a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// The name of the prompt, which is the name of the task.
    pub name: &'static str,
    /// The version of its wording; a new wording is a new version.
    pub version: u32,
    /// The instructions: the same for every customer.
    pub system: String,
    /// The data of one customer between two fence lines.
    pub user: String,
    /// The JSON schema of the answer.
    pub schema: Value,
    /// The longest answer, in tokens.
    pub max_output_tokens: u32,
    /// What was wrong with a first answer, when a second one is asked for.
    pub repair: Option<Repair>,
}

/// A first answer, and what the model is told about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// The answer, as the model wrote it.
    pub answer: String,
    /// What is wrong with it, in words for the model.
    pub complaint: String,
}

impl Prompt {
    /// Builds the prompt of a request; the same request gives the same prompt.
    #[must_use]
    pub fn build(request: &Request) -> Self {
        let data = request.bounded();
        let schema = reply::schema(data.task);
        Self {
            name: data.task.name(),
            version: instructions::version(data.task),
            system: instructions::system(data.task, &schema),
            user: fenced(&data),
            schema,
            max_output_tokens: match data.task {
                Task::Summary => 800,
                Task::Email => 1_600,
                Task::Letter | Task::CallScript => 2_400,
            },
            repair: None,
        }
    }

    /// Builds a prompt that costs next to nothing, to see whether a model answers at all.
    #[must_use]
    pub fn probe() -> Self {
        Self {
            name: PROBE,
            version: 1,
            system: "You are asked whether you can be reached. Answer with the JSON object \
                     {\"ok\": true} and nothing else."
                .to_owned(),
            user: fenced(&json!({})),
            schema: json!({
                "type": "object",
                "additionalProperties": false,
                "required": ["ok"],
                "properties": {"ok": {"type": "boolean"}}
            }),
            max_output_tokens: 50,
            repair: None,
        }
    }

    /// Returns name and version, such as `email/3`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}/{}", self.name, self.version)
    }

    /// Returns the key under which the answer of a model can be stored: SHA-256 over all that
    /// decides the answer, in hexadecimal.
    #[must_use]
    pub fn key(&self, model: &str) -> String {
        let mut hash = Sha256::new();
        let (id, schema) = (self.id(), self.schema.to_string());
        let limit = self.max_output_tokens.to_string();
        for field in [&id, model, &self.system, &self.user, &schema, &limit] {
            // The length in front keeps two neighbouring fields from running into each other.
            hash.update(field.len().to_le_bytes());
            hash.update(field.as_bytes());
        }
        hex(&hash.finalize())
    }

    /// Returns SHA-256 of the data, in hexadecimal.
    #[must_use]
    pub fn data_digest(&self) -> String {
        hex(&Sha256::digest(self.user.as_bytes()))
    }

    /// Estimates the tokens of the prompt as providers advise for English: four characters each.
    #[must_use]
    pub fn estimated_tokens(&self) -> u64 {
        tokens(&self.system) + tokens(&self.user)
    }

    /// Returns the line of JSON between the fence lines of [`Prompt::user`].
    #[must_use]
    pub fn data(&self) -> Option<&str> {
        let mut lines = self.user.lines();
        let nonce = lines.next()?.strip_prefix(BEGIN)?;
        let json = lines.next()?;
        (lines.next()?.strip_prefix(END)? == nonce && lines.next().is_none()).then_some(json)
    }
}

/// Estimates tokens: four characters each.
pub(super) fn tokens(text: &str) -> u64 {
    u64::try_from(text.chars().count().div_ceil(4)).unwrap_or(u64::MAX)
}

/// Writes data as one line of JSON in its fence.
pub(crate) fn fenced(data: &impl Serialize) -> String {
    // It holds only strings, numbers and dates, which JSON can always express.
    let json = serde_json::to_string(data).unwrap_or_default();
    let nonce: String = hex(&Sha256::digest(json.as_bytes()))
        .chars()
        .take(32)
        .collect();
    format!("{BEGIN}{nonce}\n{json}\n{END}{nonce}\n")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
