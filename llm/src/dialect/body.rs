//! Bodies of JSON: what every dialect writes and reads in the same way.

use rapport_core::generation::{ModelError, Prompt};
use serde_json::{Map, Value, json};

use crate::endpoint::Endpoint;
use crate::excerpt::excerpt;
use crate::wire::{Header, WireRequest};

/// The parameter that chooses how much a provider holds an answer to its schema.
pub(super) const STRUCTURED: &str = "structured";

/// How much a provider holds an answer to its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Structured {
    /// Not at all; the prompt asks for it.
    None,
    /// The answer is some JSON object.
    JsonObject,
    /// The answer is of the schema.
    JsonSchema,
}

impl Structured {
    /// Takes the choice from the parameters of an endpoint; the schema unless told otherwise.
    pub(super) fn of(endpoint: &Endpoint) -> Result<Self, ModelError> {
        match endpoint.parameters.get(STRUCTURED) {
            None => Ok(Self::JsonSchema),
            Some(Value::String(choice)) if choice == "json_schema" => Ok(Self::JsonSchema),
            Some(Value::String(choice)) if choice == "json_object" => Ok(Self::JsonObject),
            Some(Value::String(choice)) if choice == "none" => Ok(Self::None),
            Some(_) => Err(ModelError::NotConfigured(format!(
                "the parameter \"{STRUCTURED}\" is none of none, json_object, json_schema"
            ))),
        }
    }
}

/// Merges the parameters of an endpoint into the body of a request.
///
/// A parameter may replace a default of the body, but none of the reserved keys. Controls are
/// parameters that steer the dialect and are not sent.
pub(super) fn merge(
    body: &mut Map<String, Value>,
    endpoint: &Endpoint,
    reserved: &[&str],
    controls: &[&str],
) -> Result<(), ModelError> {
    for (key, value) in &endpoint.parameters {
        // Some servers match keys without regard to case, Unicode folding included: `MODEL` and
        // `meſsages` would replace what they resemble.
        let plain = key
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
        if key.is_empty() || !plain {
            return Err(ModelError::NotConfigured(format!(
                "the parameter \"{}\" is not a name of lower-case letters, digits, \"_\" and \"-\"",
                excerpt(key)
            )));
        }
        if reserved.contains(&key.as_str()) {
            return Err(ModelError::NotConfigured(format!(
                "the parameter \"{key}\" is not one that may be set"
            )));
        }
        if !controls.contains(&key.as_str()) {
            body.insert(key.clone(), value.clone());
        }
    }
    Ok(())
}

/// Builds a request of JSON.
pub(super) fn request(
    endpoint: &Endpoint,
    path: &[&str],
    body: Map<String, Value>,
    mut headers: Vec<Header>,
    credentials: Option<Header>,
) -> Result<WireRequest, ModelError> {
    headers.push(Header::plain("content-type", "application/json"));
    headers.extend(credentials);
    let body = serde_json::to_vec(&Value::Object(body))
        .map_err(|_| ModelError::Failed("its request cannot be written as JSON".to_owned()))?;
    Ok(WireRequest {
        url: endpoint.address(path)?,
        headers,
        body,
    })
}

/// Returns the header that names the form of the answer.
pub(super) fn accept(stream: bool) -> Header {
    let value = if stream {
        "text/event-stream"
    } else {
        "application/json"
    };
    Header::plain("accept", value)
}

/// Returns the turns of a conversation after the instructions.
pub(super) fn turns(prompt: &Prompt) -> Vec<Value> {
    let mut turns = vec![json!({"role": "user", "content": prompt.user})];
    if let Some(repair) = &prompt.repair {
        // A provider may refuse a turn without text.
        let answer = if repair.answer.trim().is_empty() {
            "(no answer)"
        } else {
            &repair.answer
        };
        turns.push(json!({"role": "assistant", "content": answer}));
        turns.push(json!({"role": "user", "content": repair.complaint}));
    }
    turns
}

/// Parses a body of JSON.
pub(super) fn json(body: &[u8]) -> Result<Value, ModelError> {
    serde_json::from_slice(body).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        malformed(&format!("it is not JSON ({place})"))
    })
}

/// Returns the error for a response that is not of the format.
pub(super) fn malformed(problem: &str) -> ModelError {
    ModelError::Failed(format!("the response cannot be read: {problem}"))
}

/// Reads a text that may be missing or null.
pub(super) fn text<'a>(object: &'a Value, key: &str) -> Result<&'a str, ModelError> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(""),
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(malformed(&format!("\"{key}\" is not a text"))),
    }
}

/// Reads a number of tokens that may be missing. One that no answer can have counts as the
/// largest that fits in 32 bits, so that nobody's sum overflows.
pub(super) fn tokens(usage: Option<&Value>, key: &str) -> u64 {
    usage
        .and_then(|usage| usage.get(key))
        .and_then(Value::as_u64)
        .unwrap_or(0)
        .min(u64::from(u32::MAX))
}
