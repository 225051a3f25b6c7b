//! An answer of the Chat Completions API.

use rapport_core::generation::{Completion, FinishReason, ModelError, Usage};
use serde_json::Value;

use crate::dialect::body::{malformed, text, tokens};
use crate::dialect::failure;
use crate::excerpt::excerpt;

/// What is known of an answer so far, whether it came in one piece or in many.
#[derive(Debug, Default)]
pub(super) struct Draft {
    text: String,
    refusal: String,
    reasoned: bool,
    finish: Option<String>,
    usage: Usage,
}

/// Reads a response in one piece.
pub(super) fn read(body: &Value) -> Result<Completion, ModelError> {
    let mut draft = Draft::default();
    draft.take(body, "message")?;
    if !body.get("choices").is_some_and(Value::is_array) {
        return Err(malformed("it has no \"choices\""));
    }
    draft.conclude()
}

impl Draft {
    /// Takes a response, whose choices hold a `message`, or a chunk of one, with a `delta`.
    pub(super) fn take(&mut self, body: &Value, part: &str) -> Result<(), ModelError> {
        if let Some(error) = failure::of_body(body) {
            return Err(error);
        }
        let usage = body.get("usage").filter(|usage| usage.is_object());
        if usage.is_some() {
            self.usage = Usage {
                input_tokens: tokens(usage, "prompt_tokens"),
                output_tokens: tokens(usage, "completion_tokens"),
            };
        }
        let choices = match body.get("choices") {
            None | Some(Value::Null) => return Ok(()),
            Some(Value::Array(choices)) => choices,
            Some(_) => return Err(malformed("\"choices\" is not a list")),
        };
        // One answer is asked for; any other than the first is not ours.
        let first = |choice: &&Value| {
            choice
                .get("index")
                .and_then(Value::as_u64)
                .is_none_or(|index| index == 0)
        };
        let Some(choice) = choices.iter().find(first) else {
            return Ok(());
        };
        match choice.get(part) {
            None | Some(Value::Null) => {}
            Some(message @ Value::Object(_)) => self.take_message(message)?,
            Some(_) => return Err(malformed(&format!("\"{part}\" is not an object"))),
        }
        let finish = text(choice, "finish_reason")?;
        if !finish.is_empty() {
            self.finish = Some(finish.to_owned());
        }
        Ok(())
    }

    /// Returns whether the answer has said why it ends.
    pub(super) const fn is_finished(&self) -> bool {
        self.finish.is_some()
    }

    fn take_message(&mut self, message: &Value) -> Result<(), ModelError> {
        self.text.push_str(text(message, "content")?);
        self.refusal.push_str(text(message, "refusal")?);
        // vLLM, llama.cpp and others call it by one name, Ollama by the other.
        self.reasoned |= ["reasoning_content", "reasoning"].iter().any(|key| {
            let reasoning = message.get(*key).and_then(Value::as_str);
            reasoning.is_some_and(|reasoning| !reasoning.is_empty())
        });
        Ok(())
    }

    /// Returns the answer, if what is known makes one.
    pub(super) fn conclude(self) -> Result<Completion, ModelError> {
        let finish = match self.finish.as_deref() {
            _ if !self.refusal.is_empty() => {
                return Ok(Completion {
                    text: self.refusal,
                    finish: FinishReason::Filtered,
                    usage: self.usage,
                });
            }
            Some("stop") => FinishReason::Stop,
            Some("length") => FinishReason::Length,
            Some("content_filter") => FinishReason::Filtered,
            Some(reason) => {
                return Err(malformed(&format!(
                    "it ends for an unknown reason, \"{}\"",
                    excerpt(reason)
                )));
            }
            None => return Err(malformed("it gives no reason for its end")),
        };
        if finish == FinishReason::Stop && self.text.trim().is_empty() {
            return Err(ModelError::Failed(
                if self.reasoned {
                    "reasoning without an answer"
                } else {
                    "an empty answer"
                }
                .to_owned(),
            ));
        }
        Ok(Completion {
            text: self.text,
            finish,
            usage: self.usage,
        })
    }
}
