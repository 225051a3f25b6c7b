//! The Messages API of Anthropic.
//!
//! The answer is held to its schema by a tool that the model must use and whose input is the
//! answer: every model and every compatible server knows tools. Besides what is sent as it is,
//! two parameters of an endpoint steer this dialect: `structured` (`none`, or `json_schema`, the
//! default), and `anthropic_version`, the value of the header of that name.

mod answer;
mod stream;

use rapport_core::generation::{Completion, ModelError, Prompt};
use serde_json::{Map, Value, json};

use super::body::{self, STRUCTURED, Structured};
use super::{Dialect, Embeddings, StreamDecoder};
use crate::endpoint::Endpoint;
use crate::wire::{Header, WireRequest, WireResponse};

/// The parameter that chooses the version of the API.
const VERSION: &str = "anthropic_version";
/// The version of the API that this dialect was written for.
const DEFAULT_VERSION: &str = "2023-06-01";
/// The name of the tool whose input is the answer.
const TOOL: &str = "answer";

/// What a parameter may not set: it would replace the question, or the form of the answer.
const RESERVED: &[&str] = &[
    "container",
    "mcp_servers",
    "messages",
    "model",
    "output_config",
    "output_format",
    "stream",
    "system",
    "tool_choice",
    "tools",
];

/// The dialect of Anthropic.
#[derive(Debug, Clone, Copy)]
pub struct Anthropic;

impl Dialect for Anthropic {
    fn name(&self) -> &'static str {
        "anthropic"
    }

    fn chat(&self, endpoint: &Endpoint, prompt: &Prompt) -> Result<WireRequest, ModelError> {
        let mut body = Map::new();
        body.insert("model".to_owned(), json!(endpoint.model));
        body.insert("max_tokens".to_owned(), json!(prompt.max_output_tokens));
        body.insert("system".to_owned(), json!(prompt.system));
        body.insert("messages".to_owned(), json!(body::turns(prompt)));
        match Structured::of(endpoint)? {
            Structured::JsonSchema if prompt.schema.is_object() => {
                let tool = json!({
                    "name": TOOL,
                    "description": "Takes the answer. Use it exactly once.",
                    "input_schema": prompt.schema,
                });
                let choice =
                    json!({"type": "tool", "name": TOOL, "disable_parallel_tool_use": true});
                body.insert("tools".to_owned(), json!([tool]));
                body.insert("tool_choice".to_owned(), choice);
            }
            Structured::None | Structured::JsonSchema => {}
            Structured::JsonObject => {
                return Err(ModelError::NotConfigured(
                    "the dialect \"anthropic\" has no json_object; set \"structured\" to none or json_schema"
                        .to_owned(),
                ));
            }
        }
        if endpoint.stream {
            body.insert("stream".to_owned(), json!(true));
        }
        body::merge(&mut body, endpoint, RESERVED, &[STRUCTURED, VERSION])?;
        let headers = vec![
            body::accept(endpoint.stream),
            Header::plain("anthropic-version", version(endpoint)?),
        ];
        let credentials = endpoint.credentials(|secret| Header::sensitive("x-api-key", secret))?;
        body::request(endpoint, &["messages"], body, headers, credentials)
    }

    fn read_chat(&self, response: &WireResponse) -> Result<Completion, ModelError> {
        super::read_answer(self, response, answer::read)
    }

    fn stream(&self) -> Box<dyn StreamDecoder> {
        Box::<stream::Decoder>::default()
    }

    fn embed(&self, _: &Endpoint, _: &[String]) -> Result<WireRequest, ModelError> {
        Err(no_embeddings())
    }

    fn read_embeddings(&self, _: &WireResponse, _: usize) -> Result<Embeddings, ModelError> {
        Err(no_embeddings())
    }
}

fn no_embeddings() -> ModelError {
    ModelError::NotConfigured("the dialect \"anthropic\" has no embeddings".to_owned())
}

fn version(endpoint: &Endpoint) -> Result<&str, ModelError> {
    match endpoint.parameters.get(VERSION) {
        None => Ok(DEFAULT_VERSION),
        Some(Value::String(version))
            if !version.is_empty()
                && version
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') =>
        {
            Ok(version)
        }
        Some(_) => Err(ModelError::NotConfigured(format!(
            "the parameter \"{VERSION}\" is not a version such as {DEFAULT_VERSION}"
        ))),
    }
}
