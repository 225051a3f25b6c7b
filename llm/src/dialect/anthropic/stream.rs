//! An answer of the Messages API in events.

use rapport_core::generation::{Completion, ModelError};
use serde_json::Value;

use super::answer::{Block, Draft};
use crate::dialect::body::{json, malformed, text};
use crate::dialect::sse::{Event, Parser};
use crate::dialect::{Progress, StreamDecoder, failure};

/// Assembles an answer from its events.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    parser: Parser,
    state: State,
    done: bool,
}

#[derive(Debug, Default)]
struct State {
    draft: Draft,
    /// Whether the input of the open tool block is still the one of its start, which the first
    /// piece replaces.
    initial_input: bool,
}

impl StreamDecoder for Decoder {
    fn feed(&mut self, chunk: &[u8]) -> Result<Progress, ModelError> {
        if self.done {
            return Ok(Progress::Done);
        }
        let state = &mut self.state;
        let progress = self.parser.feed(chunk, &mut |event| state.take(&event))?;
        self.done = progress == Progress::Done;
        Ok(progress)
    }

    fn finish(self: Box<Self>) -> Result<Completion, ModelError> {
        if !self.done {
            return Err(ModelError::Failed(
                "the stream ended before the answer was complete".to_owned(),
            ));
        }
        self.state.draft.conclude()
    }
}

impl State {
    fn take(&mut self, event: &Event) -> Result<Progress, ModelError> {
        let body = json(event.data.as_bytes())?;
        match text(&body, "type")? {
            "error" => {
                let error = failure::of_body(&body);
                return Err(error.unwrap_or_else(|| ModelError::Failed("an error".to_owned())));
            }
            "message_start" => {
                let message = body.get("message").unwrap_or(&Value::Null);
                self.draft.take_usage(message.get("usage"));
                self.draft.take_stop(message)?;
            }
            "content_block_start" => {
                // Blocks come one after the other, so that their number is their place.
                let place = body.get("index").and_then(Value::as_u64);
                if place != u64::try_from(self.draft.blocks.len()).ok() {
                    return Err(malformed("a block of its content is out of order"));
                }
                let block = body.get("content_block").unwrap_or(&Value::Null);
                self.draft.blocks.push(Block::read(block)?);
                self.initial_input = true;
            }
            "content_block_delta" => self.take_delta(&body)?,
            "message_delta" => {
                self.draft.take_usage(body.get("usage"));
                self.draft
                    .take_stop(body.get("delta").unwrap_or(&Value::Null))?;
            }
            "message_stop" => return Ok(Progress::Done),
            // The API may add events, and asks to pass over those that are not known.
            _ => {}
        }
        Ok(Progress::More)
    }

    fn take_delta(&mut self, body: &Value) -> Result<(), ModelError> {
        let place = body.get("index").and_then(Value::as_u64);
        let last = u64::try_from(self.draft.blocks.len())
            .ok()
            .and_then(|length| length.checked_sub(1));
        if place.is_none() || place != last {
            return Err(malformed("a piece of its content is out of order"));
        }
        let delta = body.get("delta").unwrap_or(&Value::Null);
        match (self.draft.blocks.last_mut(), text(delta, "type")?) {
            (Some(Block::Text(words)), "text_delta") => words.push_str(text(delta, "text")?),
            (Some(Block::Tool(input)), "input_json_delta") => {
                let piece = text(delta, "partial_json")?;
                // The first piece may be empty, and then says nothing.
                if !piece.is_empty() && std::mem::take(&mut self.initial_input) {
                    input.clear();
                }
                input.push_str(piece);
            }
            (Some(Block::Text(_) | Block::Tool(_)), "text_delta" | "input_json_delta") => {
                return Err(malformed("a piece of its content is of another type"));
            }
            _ => {}
        }
        Ok(())
    }
}
