//! A model behind an address.

use std::fmt;
use std::sync::Arc;

use rapport_core::generation::{Completion, Model, ModelError, Prompt};
use serde_json::json;

use crate::cancel::Cancel;
use crate::dialect::{Dialect, Embeddings};
use crate::endpoint::Endpoint;
use crate::guard::Guard;
use crate::transport::{Limits, Lookup, Reply, Transport};

/// A model behind an address, which is asked in the dialect of its provider.
///
/// A call blocks its thread until there is an answer, a limit is reached, or somebody cancels.
/// It needs no runtime, takes no signal, and writes nowhere.
///
/// ```no_run
/// use rapport_llm::{Cancel, Endpoint, Guard, Limits, RemoteModel, Secret, dialect};
///
/// let url = "https://api.openai.com/v1".parse().unwrap();
/// let mut endpoint = Endpoint::new(url, "gpt-5-mini");
/// endpoint.secret = Some(Secret::resolve("openai", None)?);
/// let guard = Guard::parse("https://api.openai.com").unwrap();
/// let (dialect, cancel) = (dialect("openai").unwrap(), Cancel::new());
/// let model = RemoteModel::new("mini", endpoint, dialect, Limits::default(), guard, cancel.clone());
/// // Another thread may call `cancel.cancel()` while this one waits in `model.complete(…)`.
/// # Ok::<(), rapport_llm::SecretError>(())
/// ```
pub struct RemoteModel {
    name: String,
    endpoint: Endpoint,
    dialect: &'static dyn Dialect,
    transport: Transport,
}

impl RemoteModel {
    /// Returns a model that is called under limits, only where the guard lets it, and until it
    /// is cancelled. The name is the one under which its answers are stored.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        endpoint: Endpoint,
        dialect: &'static dyn Dialect,
        limits: Limits,
        guard: Guard,
        cancel: Cancel,
    ) -> Self {
        Self {
            name: name.into(),
            endpoint,
            dialect,
            transport: Transport::new(guard, limits, cancel),
        }
    }

    /// Looks names up in another way than the system does. What comes back is checked all the
    /// same.
    #[must_use]
    pub fn with_lookup(mut self, lookup: Arc<Lookup>) -> Self {
        self.transport.set_lookup(lookup);
        self
    }

    /// Returns one vector for each text; no text needs no call.
    ///
    /// # Errors
    /// A [`ModelError`] when there are no vectors.
    pub fn embed(&self, texts: &[String]) -> Result<Embeddings, ModelError> {
        if texts.is_empty() {
            return Ok(Embeddings::default());
        }
        let ask = || {
            let request = self.dialect.embed(&self.endpoint, texts)?;
            match self.transport.send(&request, self.dialect)? {
                Reply::Whole(response) => self.dialect.read_embeddings(&response, texts.len()),
                Reply::Streamed(_) => Err(ModelError::Failed(
                    "a stream in the place of vectors".to_owned(),
                )),
            }
        };
        ask().map_err(|error| self.redact(error))
    }

    /// Checks, without a call, whether a request can be made of the endpoint.
    ///
    /// # Errors
    /// [`ModelError::NotConfigured`] with what stands in the way.
    pub fn check(&self) -> Result<(), ModelError> {
        let built = self.dialect.chat(&self.endpoint, &Prompt::probe());
        built.map(drop).map_err(|error| self.redact(error))
    }

    fn ask(&self, prompt: &Prompt) -> Result<Completion, ModelError> {
        let request = self.dialect.chat(&self.endpoint, prompt)?;
        match self.transport.send(&request, self.dialect)? {
            Reply::Whole(response) => self.dialect.read_chat(&response),
            Reply::Streamed(completion) => Ok(completion),
        }
        .map(|completion| Completion {
            text: self.hide(&completion.text),
            ..completion
        })
    }

    /// Hides the secret in what a provider says.
    fn hide(&self, text: &str) -> String {
        match &self.endpoint.secret {
            Some(secret) => secret.redact(text),
            None => text.to_owned(),
        }
    }

    /// Hides the secret in an error: a provider may repeat what it was sent.
    fn redact(&self, error: ModelError) -> ModelError {
        let hide = |text: String| self.hide(&text);
        match error {
            ModelError::NotConfigured(text) => ModelError::NotConfigured(hide(text)),
            ModelError::Unreachable(text) => ModelError::Unreachable(hide(text)),
            ModelError::Failed(text) => ModelError::Failed(hide(text)),
            other => other,
        }
    }
}

impl Model for RemoteModel {
    fn name(&self) -> &str {
        &self.name
    }

    /// The name is no part of it: it may be given to another model later, or to the same with
    /// other parameters.
    /// The name is no part of it: it may be given to another model later, or to the same with
    /// other parameters.
    fn identity(&self) -> String {
        let Endpoint {
            url,
            model,
            parameters,
            ..
        } = &self.endpoint;
        // A map of JSON is written in the order of its keys, so one identity has one text.
        json!([self.dialect.name(), url.as_str(), model, parameters]).to_string()
    }

    fn complete(&self, prompt: &Prompt) -> Result<Completion, ModelError> {
        self.ask(prompt).map_err(|error| self.redact(error))
    }
}

impl fmt::Debug for RemoteModel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RemoteModel")
            .field("name", &self.name)
            .field("endpoint", &self.endpoint)
            .field("dialect", &self.dialect.name())
            .field("transport", &self.transport)
            .finish()
    }
}
