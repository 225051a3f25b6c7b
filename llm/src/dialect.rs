//! The wire formats of providers, without I/O: a prompt becomes a request, a response becomes a
//! completion.
//!
//! A new dialect is one file, one line in [`dialects`], and fixtures. What a provider says is
//! held against its format strictly: an answer without a reason for its end, or with one that is
//! not known, is an error and not an answer.

pub mod anthropic;
mod body;
mod failure;
pub mod openai;
pub mod sse;

use rapport_core::generation::{Completion, ModelError, Prompt, Usage};

use crate::endpoint::Endpoint;
use crate::wire::{WireRequest, WireResponse};

/// A wire format.
pub trait Dialect: Send + Sync {
    /// Returns the name by which the format is configured.
    fn name(&self) -> &'static str;

    /// Builds the request for the answer to a prompt.
    ///
    /// # Errors
    /// [`ModelError::NotConfigured`] if the endpoint cannot be asked in this format.
    fn chat(&self, endpoint: &Endpoint, prompt: &Prompt) -> Result<WireRequest, ModelError>;

    /// Reads the response to [`Dialect::chat`], in one piece or as a complete event stream.
    ///
    /// # Errors
    /// A [`ModelError`] if the response is an error, or is not an answer in this format.
    fn read_chat(&self, response: &WireResponse) -> Result<Completion, ModelError>;

    /// Returns a decoder for a response to [`Dialect::chat`] that comes as an event stream.
    fn stream(&self) -> Box<dyn StreamDecoder>;

    /// Builds the request for the embeddings of texts.
    ///
    /// # Errors
    /// [`ModelError::NotConfigured`] if the endpoint cannot be asked, or the format has none.
    fn embed(&self, endpoint: &Endpoint, texts: &[String]) -> Result<WireRequest, ModelError>;

    /// Reads the response to [`Dialect::embed`] for an expected number of texts.
    ///
    /// # Errors
    /// A [`ModelError`] if the response is an error, or does not hold one vector of one length
    /// for each text.
    fn read_embeddings(
        &self,
        response: &WireResponse,
        expected: usize,
    ) -> Result<Embeddings, ModelError>;

    /// Reads a response whose status is not one of success.
    fn read_error(&self, response: &WireResponse) -> ModelError {
        failure::of_response(response)
    }
}

/// Assembles an answer from a stream that comes in chunks of any size.
pub trait StreamDecoder: Send {
    /// Takes the next chunk of the body.
    ///
    /// # Errors
    /// A [`ModelError`] if the stream holds an error, or something that is not of the format. The
    /// decoder is of no use afterwards.
    fn feed(&mut self, chunk: &[u8]) -> Result<Progress, ModelError>;

    /// Ends the stream and returns the answer.
    ///
    /// # Errors
    /// A [`ModelError`] if the stream ended before the answer was complete.
    fn finish(self: Box<Self>) -> Result<Completion, ModelError>;
}

/// Whether a stream is at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// There is more to come.
    More,
    /// The answer is complete; nothing that follows belongs to it.
    Done,
}

/// The vectors of some texts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Embeddings {
    /// One vector for each text, in the order of the texts; all have one length.
    pub vectors: Vec<Vec<f32>>,
    /// What they consumed.
    pub usage: Usage,
}

/// Returns every dialect.
#[must_use]
pub fn dialects() -> &'static [&'static dyn Dialect] {
    &[&openai::OpenAi, &anthropic::Anthropic]
}

/// Returns the dialect of a name.
#[must_use]
pub fn dialect(name: &str) -> Option<&'static dyn Dialect> {
    dialects()
        .iter()
        .copied()
        .find(|dialect| dialect.name() == name)
}

/// Reads a whole response in one piece or as a stream.
fn read_answer(
    dialect: &dyn Dialect,
    response: &WireResponse,
    read: impl FnOnce(&serde_json::Value) -> Result<Completion, ModelError>,
) -> Result<Completion, ModelError> {
    if !response.is_success() {
        return Err(dialect.read_error(response));
    }
    if response.is_event_stream() {
        let mut decoder = dialect.stream();
        decoder.feed(&response.body)?;
        return decoder.finish();
    }
    read(&body::json(&response.body)?)
}
