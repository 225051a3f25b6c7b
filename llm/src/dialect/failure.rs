//! What a provider says when it does not answer.

use rapport_core::generation::ModelError;
use serde_json::Value;

use crate::excerpt::excerpt;
use crate::wire::WireResponse;

/// Codes of a limit that waiting does not lift.
const EXHAUSTED: &[&str] = &[
    "insufficient_quota",
    "billing_error",
    "billing_hard_limit_reached",
    "billing_not_active",
];

/// Reads a response whose status is not one of success.
pub(super) fn of_response(response: &WireResponse) -> ModelError {
    let status = response.status;
    let error = serde_json::from_slice::<Value>(&response.body)
        .ok()
        .map(|body| Error::read(&body))
        .unwrap_or_default();
    let said = |text: &str| {
        if error.message.is_empty() {
            format!("{text} (status {status})")
        } else {
            format!("{text} (status {status}): {}", error.message)
        }
    };
    let retry_after = response.retry_after().map(|wait| wait.as_secs());
    match status {
        300..=399 => ModelError::Failed(said("a redirect, which is not followed")),
        401 => ModelError::NotConfigured(said("the provider does not accept the key")),
        403 => ModelError::NotConfigured(said("the provider denies access")),
        408 => ModelError::TimedOut,
        429 if error.is_exhausted() => ModelError::Failed(said("the quota is used up")),
        429 | 529 => ModelError::RateLimited { retry_after },
        _ => ModelError::Failed(said("an error")),
    }
}

/// Reads the member `error` of an answer that claims success, or of an event of a stream.
pub(super) fn of_body(body: &Value) -> Option<ModelError> {
    let raw = body.get("error").filter(|error| !error.is_null())?;
    let error = Error::read(body);
    Some(if error.is_exhausted() {
        ModelError::Failed(format!("the quota is used up: {}", error.message))
    } else if matches!(
        error.code.as_str(),
        "rate_limit_error" | "rate_limit_exceeded" | "overloaded_error" | "429"
    ) {
        ModelError::RateLimited { retry_after: None }
    } else if error.message.is_empty() {
        ModelError::Failed(excerpt(&raw.to_string()))
    } else {
        ModelError::Failed(error.message)
    })
}

/// What an error says about itself.
#[derive(Default)]
struct Error {
    message: String,
    /// The code or else the type.
    code: String,
}

impl Error {
    /// Reads the forms that are in use: `{"error": {"message", "code", "type"}}`,
    /// `{"error": "…"}`, `{"message": "…"}` and `{"detail": "…"}`.
    fn read(body: &Value) -> Self {
        let error = body.get("error").unwrap_or(body);
        let text = |key: &str| error.get(key).and_then(Value::as_str);
        let message = error
            .as_str()
            .or_else(|| text("message"))
            .or_else(|| text("detail"))
            .unwrap_or_default();
        let code = match error.get("code") {
            Some(Value::String(code)) => code.clone(),
            Some(Value::Number(code)) => code.to_string(),
            _ => text("type").unwrap_or_default().to_owned(),
        };
        Self {
            message: excerpt(message),
            code,
        }
    }

    fn is_exhausted(&self) -> bool {
        EXHAUSTED.contains(&self.code.as_str())
    }
}
