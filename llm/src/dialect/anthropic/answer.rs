//! An answer of the Messages API.

use rapport_core::generation::{Completion, FinishReason, ModelError, Usage};
use serde_json::Value;

use super::TOOL;
use crate::dialect::body::{malformed, text, tokens};
use crate::dialect::failure;
use crate::excerpt::excerpt;

/// What is known of an answer so far, whether it came in one piece or in many.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) blocks: Vec<Block>,
    stop: Option<String>,
    usage: Usage,
}

/// A block of content.
#[derive(Debug)]
pub(super) enum Block {
    /// Text for the reader.
    Text(String),
    /// The input of the tool, as JSON.
    Tool(String),
    /// Reasoning, which is no part of an answer.
    Thinking,
    /// Something else that is no part of an answer.
    Other,
}

/// Reads a response in one piece.
pub(super) fn read(body: &Value) -> Result<Completion, ModelError> {
    if let Some(error) = failure::of_body(body) {
        return Err(error);
    }
    let Some(content) = body.get("content").and_then(Value::as_array) else {
        return Err(malformed("it has no \"content\""));
    };
    let mut draft = Draft::default();
    for block in content {
        draft.blocks.push(Block::read(block)?);
    }
    draft.take_usage(body.get("usage"));
    draft.take_stop(body)?;
    draft.conclude()
}

impl Block {
    /// Reads a block of content; what it holds may be the beginning only.
    pub(super) fn read(block: &Value) -> Result<Self, ModelError> {
        Ok(match text(block, "type")? {
            "text" => Self::Text(text(block, "text")?.to_owned()),
            "tool_use" => {
                if text(block, "name")? != TOOL {
                    return Err(malformed("it uses a tool that it was not given"));
                }
                match block.get("input") {
                    Some(input @ Value::Object(_)) => Self::Tool(input.to_string()),
                    _ => return Err(malformed("the input of the tool is not an object")),
                }
            }
            "thinking" | "redacted_thinking" => Self::Thinking,
            "" => return Err(malformed("a block of its content has no type")),
            _ => Self::Other,
        })
    }
}

impl Draft {
    /// Takes the counts of tokens that an object holds; others stay as they are.
    pub(super) fn take_usage(&mut self, usage: Option<&Value>) {
        let has = |key: &str| {
            usage
                .and_then(|usage| usage.get(key))
                .is_some_and(Value::is_u64)
        };
        if has("input_tokens") {
            // What was read from a cache or written to one counts apart.
            self.usage.input_tokens = tokens(usage, "input_tokens")
                + tokens(usage, "cache_creation_input_tokens")
                + tokens(usage, "cache_read_input_tokens");
        }
        if has("output_tokens") {
            self.usage.output_tokens = tokens(usage, "output_tokens");
        }
    }

    /// Takes the reason for the end, if an object gives one.
    pub(super) fn take_stop(&mut self, object: &Value) -> Result<(), ModelError> {
        let stop = text(object, "stop_reason")?;
        if !stop.is_empty() {
            self.stop = Some(stop.to_owned());
        }
        Ok(())
    }

    /// Returns the answer, if what is known makes one.
    pub(super) fn conclude(self) -> Result<Completion, ModelError> {
        let (mut words, mut tool, mut thought) = (String::new(), None, false);
        for block in self.blocks {
            match block {
                Block::Text(text) => words.push_str(&text),
                Block::Tool(input) if tool.is_none() => tool = Some(canonical(input)),
                Block::Tool(_) => return Err(malformed("it uses its tool twice")),
                Block::Thinking => thought = true,
                Block::Other => {}
            }
        }
        let finish = match self.stop.as_deref() {
            Some("end_turn" | "stop_sequence") => FinishReason::Stop,
            Some("tool_use") if tool.is_some() => FinishReason::Stop,
            Some("max_tokens" | "model_context_window_exceeded") => FinishReason::Length,
            Some("refusal") => FinishReason::Filtered,
            Some(reason) => {
                return Err(malformed(&format!(
                    "it ends for an unknown reason, \"{}\"",
                    excerpt(reason)
                )));
            }
            None => return Err(malformed("it gives no reason for its end")),
        };
        let text = tool.unwrap_or(words);
        if finish == FinishReason::Stop && text.trim().is_empty() {
            return Err(ModelError::Failed(
                if thought {
                    "reasoning without an answer"
                } else {
                    "an empty answer"
                }
                .to_owned(),
            ));
        }
        Ok(Completion {
            text,
            finish,
            usage: self.usage,
        })
    }
}

/// Writes JSON in the one way that it is written here, so that an answer in pieces is the same
/// as one in one piece. Input that was cut off is no JSON and stays as it is.
fn canonical(input: String) -> String {
    serde_json::from_str::<Value>(&input).map_or(input, |value| value.to_string())
}
