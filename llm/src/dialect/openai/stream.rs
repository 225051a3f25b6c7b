//! An answer of the Chat Completions API in chunks.

use rapport_core::generation::{Completion, ModelError};

use super::answer::Draft;
use crate::dialect::body::json;
use crate::dialect::sse::Parser;
use crate::dialect::{Progress, StreamDecoder};

/// The data of the event that ends a stream.
const DONE: &str = "[DONE]";

/// Assembles an answer from its chunks.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    parser: Parser,
    draft: Draft,
    done: bool,
}

impl StreamDecoder for Decoder {
    fn feed(&mut self, chunk: &[u8]) -> Result<Progress, ModelError> {
        if self.done {
            return Ok(Progress::Done);
        }
        let draft = &mut self.draft;
        let progress = self.parser.feed(chunk, &mut |event| {
            if event.data.trim() == DONE {
                return Ok(Progress::Done);
            }
            draft.take(&json(event.data.as_bytes())?, "delta")?;
            Ok(Progress::More)
        })?;
        self.done = progress == Progress::Done;
        Ok(progress)
    }

    /// A stream is complete when it has said why it ends. Some servers leave the last event
    /// out, and without it only the usage can be missing.
    fn finish(self: Box<Self>) -> Result<Completion, ModelError> {
        if !self.draft.is_finished() {
            return Err(ModelError::Failed(
                "the stream ended before the answer was complete".to_owned(),
            ));
        }
        self.draft.conclude()
    }
}
