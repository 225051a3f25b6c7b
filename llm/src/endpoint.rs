//! Where a model is reached, and how it is asked: data, not code.

use rapport_core::generation::ModelError;
use serde_json::{Map, Value};
use url::Url;

use crate::secret::Secret;
use crate::wire::Header;

/// A model of a provider.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The base of the API, such as `https://api.openai.com/v1`; a query is kept.
    pub url: Url,
    /// The name by which the provider knows the model.
    pub model: String,
    /// Which header carries the secret.
    pub auth: Auth,
    /// The key of the API, if it wants one.
    pub secret: Option<Secret>,
    /// What is merged into the body of each request, such as `temperature`.
    pub parameters: Map<String, Value>,
    /// Whether the answer is asked for as a stream.
    pub stream: bool,
}

/// Which header carries the secret of an endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Auth {
    /// The header that the dialect knows.
    #[default]
    Standard,
    /// `Authorization: Bearer …`.
    Bearer,
    /// A header of this name that holds the secret alone, such as `api-key`.
    ApiKeyHeader(String),
}

/// Headers that frame a message; a secret in one of them would change what is sent.
const FRAMING: &[&str] = &[
    "accept",
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

impl Endpoint {
    /// Returns an endpoint without secret, parameters and streaming.
    #[must_use]
    pub fn new(url: Url, model: impl Into<String>) -> Self {
        Self {
            url,
            model: model.into(),
            auth: Auth::Standard,
            secret: None,
            parameters: Map::new(),
            stream: false,
        }
    }

    /// Returns the address below the base; the query of the base stays.
    pub(crate) fn address(&self, path: &[&str]) -> Result<Url, ModelError> {
        let mut url = self.url.clone();
        match url.path_segments_mut() {
            Ok(mut segments) => segments.pop_if_empty().extend(path),
            Err(()) => {
                return Err(ModelError::NotConfigured(
                    "its address is not one of HTTP".to_owned(),
                ));
            }
        };
        Ok(url)
    }

    /// Returns the header that carries the secret, if there is a secret.
    pub(crate) fn credentials(
        &self,
        standard: impl FnOnce(&str) -> Header,
    ) -> Result<Option<Header>, ModelError> {
        let Some(secret) = &self.secret else {
            return Ok(None);
        };
        Ok(Some(match &self.auth {
            Auth::Standard => standard(secret.expose()),
            Auth::Bearer => bearer(secret.expose()),
            Auth::ApiKeyHeader(name) => {
                let name = name.to_ascii_lowercase();
                if !is_header_name(&name) || FRAMING.contains(&name.as_str()) {
                    return Err(ModelError::NotConfigured(
                        "the header for its secret cannot carry one".to_owned(),
                    ));
                }
                Header::sensitive(name, secret.expose())
            }
        }))
    }
}

/// Returns the header of RFC 6750.
pub(crate) fn bearer(secret: &str) -> Header {
    Header::sensitive("authorization", format!("Bearer {secret}"))
}

fn is_header_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Endpoint;

    #[rstest]
    #[case("https://h/v1", "https://h/v1/chat/completions")]
    #[case("https://h/v1/", "https://h/v1/chat/completions")]
    #[case("http://h:8080", "http://h:8080/chat/completions")]
    #[case(
        "https://r.example/openai/deployments/d?api-version=2024-10-21",
        "https://r.example/openai/deployments/d/chat/completions?api-version=2024-10-21"
    )]
    fn path_is_appended_and_query_kept(#[case] base: &str, #[case] expected: &str) {
        let endpoint = Endpoint::new(base.parse().unwrap(), "m");
        let url = endpoint.address(&["chat", "completions"]).unwrap();
        assert_eq!(url.as_str(), expected);
    }

    #[test]
    fn address_without_a_path_is_refused() {
        let endpoint = Endpoint::new("mailto:a@b.example".parse().unwrap(), "m");
        assert!(endpoint.address(&["chat"]).is_err());
    }
}
