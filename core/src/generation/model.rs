//! What a model is to the rest: something that answers a prompt, or fails.

use serde::{Deserialize, Serialize};

use super::Prompt;

/// Something that answers prompts.
pub trait Model {
    /// Returns the name under which answers of this model are stored.
    fn name(&self) -> &str;

    /// Returns all that decides how the model answers: two models of one identity are one.
    fn identity(&self) -> String {
        self.name().to_owned()
    }

    /// Answers a prompt.
    ///
    /// # Errors
    /// A [`ModelError`] when there is no answer at all. An answer that makes no sense is none.
    fn complete(&self, prompt: &Prompt) -> Result<Completion, ModelError>;
}

/// What a model answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The answer, as the model wrote it.
    pub text: String,
    /// Why the model stopped writing.
    pub finish: FinishReason,
    /// What the answer consumed.
    pub usage: Usage,
}

/// Why a model stopped writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// The answer is complete.
    Stop,
    /// The answer was cut at the limit of tokens.
    Length,
    /// The provider withheld the answer.
    Filtered,
}

/// What an answer consumed, in tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the prompt.
    pub input_tokens: u64,
    /// Tokens of the answer.
    pub output_tokens: u64,
}

/// The reason why a model gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// The model, or the way to it, is not set up.
    #[error("is not configured: {0}")]
    NotConfigured(String),
    /// The model could not be reached.
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    /// The provider asks to come back later.
    #[error("is over its rate limit")]
    RateLimited {
        /// How long to wait, in seconds, if the provider said so.
        retry_after: Option<u64>,
    },
    /// The answer did not come in time.
    #[error("did not answer in time")]
    TimedOut,
    /// The caller no longer wants the answer.
    #[error("was cancelled")]
    Cancelled,
    /// The provider answered with an error.
    #[error("answered an error: {0}")]
    Failed(String),
}
