//! Errors as HTTP shows them: RFC 9457 `application/problem+json`.
//!
//! A handler returns a [`Problem`]; the middleware in `rendering` writes its body, because only there the id of the
//! request is known. What PostgreSQL says about a 4xx reaches the client; what it says about a 5xx only the log.

mod document;
mod fault;
mod rendering;

use axum::http::StatusCode;

pub use self::document::{CommonProblems, ProblemDocument};
pub(crate) use self::rendering::{from_panic, render};

/// An error on its way to a client.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    slug: &'static str,
    title: &'static str,
    detail: String,
    hint: Option<String>,
    sqlstate: Option<String>,
}

impl Problem {
    fn new(
        status: StatusCode,
        slug: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            status,
            slug,
            title,
            detail: detail.into(),
            hint: None,
            sqlstate: None,
        }
    }

    fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The request cannot be read.
    pub fn unreadable(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "unreadable-request",
            "Unreadable request",
            detail,
        )
    }

    /// The request carries no token, or a wrong one.
    pub fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "Unauthorized",
            "this address needs a bearer token",
        )
        .with_hint("send the header \"Authorization: Bearer …\" with the token of this server")
    }

    /// No route has this path.
    pub fn no_such_path(path: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not-found",
            "Not found",
            format!("there is nothing at \"{path}\""),
        )
        .with_hint("see /docs for the paths of this API")
    }

    /// The route exists, but not for this method.
    pub fn method_not_allowed(method: &str, path: &str) -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            "Method not allowed",
            format!("\"{path}\" does not take {method}"),
        )
        .with_hint("see the header \"allow\"")
    }

    /// The body has a type that no import reads.
    pub fn unsupported_media_type(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "Unsupported media type",
            detail,
        )
    }

    /// A file is larger than the server takes.
    pub fn too_large(limit: usize) -> Self {
        Self::body_too_large(limit)
            .with_hint("split the file, or raise RAPPORT_MAX_FILE_MIB on the server")
    }

    /// A body is larger than its route takes.
    pub fn body_too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "Too large",
            format!("the body is larger than the {limit} bytes that this server takes"),
        )
    }

    /// The body did not arrive in time.
    pub fn upload_timeout() -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "upload-timeout",
            "Upload timed out",
            "the body did not arrive in time, or no byte of it for too long; nothing was imported",
        )
    }

    /// The server has its hands full; the same request may succeed in a moment.
    pub fn busy(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            "Busy, try again",
            detail,
        )
    }

    /// The server cannot answer now, and says why without details of its inside.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "Service unavailable",
            detail,
        )
    }

    /// The database is reachable, but not set up.
    pub fn not_configured(detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "not-configured",
            "Not configured",
            detail,
        )
        .with_hint(hint)
    }

    /// The answer took too long.
    pub fn timed_out() -> Self {
        Self::new(
            StatusCode::GATEWAY_TIMEOUT,
            "timed-out",
            "Timed out",
            "the database took too long to answer",
        )
    }

    /// This program has a fault.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Internal error",
            "something went wrong on the server; its log has the details under this instance",
        )
    }

    /// Returns the HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }
}
