//! The Chat Completions and Embeddings APIs of OpenAI, as OpenAI, Azure, vLLM, Ollama and
//! llama.cpp serve them.
//!
//! Besides what is sent as it is, two parameters of an endpoint steer this dialect: `structured`
//! (`none`, `json_object` or `json_schema`, the default), and `token_limit_key`, the name of the
//! member that limits the answer (`max_tokens`, the default, or `max_completion_tokens`).

mod answer;
mod embeddings;
mod stream;

use rapport_core::generation::{Completion, ModelError, Prompt};
use serde_json::{Map, Value, json};

use super::body::{self, STRUCTURED, Structured};
use super::{Dialect, Embeddings, StreamDecoder};
use crate::endpoint::{Endpoint, bearer};
use crate::wire::{WireRequest, WireResponse};

/// The parameter that names the member which limits the answer.
const TOKEN_LIMIT_KEY: &str = "token_limit_key";

/// What a parameter may not set: it would replace the question, or the form of the answer.
const RESERVED: &[&str] = &[
    "add_generation_prompt",
    "audio",
    "chat_template",
    "continue_final_message",
    "echo",
    "function_call",
    "functions",
    "grammar",
    "input",
    "json_schema",
    "messages",
    "modalities",
    "model",
    "n",
    "prompt",
    "response_format",
    "stream",
    "stream_options",
    "tool_choice",
    "tools",
];

/// What a parameter may not set for embeddings.
const RESERVED_EMBEDDING: &[&str] = &["encoding_format", "input", "model", "stream"];

/// The dialect of OpenAI.
#[derive(Debug, Clone, Copy)]
pub struct OpenAi;

impl Dialect for OpenAi {
    fn name(&self) -> &'static str {
        "openai"
    }

    fn chat(&self, endpoint: &Endpoint, prompt: &Prompt) -> Result<WireRequest, ModelError> {
        let mut messages = vec![json!({"role": "system", "content": prompt.system})];
        messages.extend(body::turns(prompt));
        let mut body = Map::new();
        body.insert("model".to_owned(), json!(endpoint.model));
        body.insert("messages".to_owned(), json!(messages));
        if let Some(format) = response_format(Structured::of(endpoint)?, prompt) {
            body.insert("response_format".to_owned(), format);
        }
        if endpoint.stream {
            body.insert("stream".to_owned(), json!(true));
            body.insert("stream_options".to_owned(), json!({"include_usage": true}));
        }
        let limit = token_limit_key(endpoint)?;
        let limited = ["max_tokens", "max_completion_tokens"]
            .iter()
            .any(|key| endpoint.parameters.contains_key(*key));
        if !limited {
            body.insert(limit.to_owned(), json!(prompt.max_output_tokens));
        }
        let controls = [STRUCTURED, TOKEN_LIMIT_KEY];
        body::merge(&mut body, endpoint, RESERVED, &controls)?;
        body::request(
            endpoint,
            &["chat", "completions"],
            body,
            vec![body::accept(endpoint.stream)],
            endpoint.credentials(bearer)?,
        )
    }

    fn read_chat(&self, response: &WireResponse) -> Result<Completion, ModelError> {
        super::read_answer(self, response, answer::read)
    }

    fn stream(&self) -> Box<dyn StreamDecoder> {
        Box::<stream::Decoder>::default()
    }

    fn embed(&self, endpoint: &Endpoint, texts: &[String]) -> Result<WireRequest, ModelError> {
        let mut body = Map::new();
        body.insert("model".to_owned(), json!(endpoint.model));
        body.insert("input".to_owned(), json!(texts));
        body.insert("encoding_format".to_owned(), json!("float"));
        let controls = [STRUCTURED, TOKEN_LIMIT_KEY];
        body::merge(&mut body, endpoint, RESERVED_EMBEDDING, &controls)?;
        body::request(
            endpoint,
            &["embeddings"],
            body,
            vec![body::accept(false)],
            endpoint.credentials(bearer)?,
        )
    }

    fn read_embeddings(
        &self,
        response: &WireResponse,
        expected: usize,
    ) -> Result<Embeddings, ModelError> {
        if !response.is_success() {
            return Err(self.read_error(response));
        }
        embeddings::read(&body::json(&response.body)?, expected)
    }
}

fn token_limit_key(endpoint: &Endpoint) -> Result<&str, ModelError> {
    match endpoint.parameters.get(TOKEN_LIMIT_KEY) {
        None => Ok("max_tokens"),
        Some(Value::String(key)) if key == "max_tokens" || key == "max_completion_tokens" => {
            Ok(key)
        }
        Some(_) => Err(ModelError::NotConfigured(format!(
            "the parameter \"{TOKEN_LIMIT_KEY}\" is none of max_tokens, max_completion_tokens"
        ))),
    }
}

fn response_format(structured: Structured, prompt: &Prompt) -> Option<Value> {
    match structured {
        Structured::None => None,
        Structured::JsonObject => Some(json!({"type": "json_object"})),
        // A prompt without a schema asks for free text.
        Structured::JsonSchema if !prompt.schema.is_object() => None,
        Structured::JsonSchema => Some(json!({
            "type": "json_schema",
            "json_schema": {"name": prompt.name, "strict": true, "schema": prompt.schema},
        })),
    }
}
