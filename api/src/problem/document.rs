//! The shape of an error, for clients and for the OpenAPI document.

use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

/// The body of an error.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProblemDocument {
    /// Names the kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "urn:rapport:problem:not-found")]
    pub kind: String,
    /// The same for every problem of this kind.
    #[schema(example = "Not found")]
    pub title: &'static str,
    /// The HTTP status.
    #[schema(example = 404)]
    pub status: u16,
    /// What happened this time.
    #[schema(example = "customer 99999 does not exist")]
    pub detail: String,
    /// The id of the request, as in the header `x-request-id` and in the log of the server.
    #[schema(example = "0191d4a2-6a7c-4b8e-9f57-3f5d7c1f0b9e")]
    pub instance: String,
    /// What helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The SQLSTATE, when PostgreSQL refused the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "P0002")]
    pub sqlstate: Option<String>,
}

/// The problems that any route of the API can answer, for the OpenAPI document.
#[derive(Debug, IntoResponses)]
pub enum CommonProblems {
    /// A part of the request cannot be read.
    #[response(status = 400, content_type = "application/problem+json")]
    Unreadable(ProblemDocument),
    /// The server asks for a token.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(ProblemDocument),
    /// The role of the server may not do this.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(ProblemDocument),
    /// A value is readable, but cannot be used.
    #[response(status = 422, content_type = "application/problem+json")]
    BadArgument(ProblemDocument),
    /// A fault of the server.
    #[response(status = 500, content_type = "application/problem+json")]
    Internal(ProblemDocument),
    /// The database is down or not set up, or the server is busy. The header `retry-after` says when to try again.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(ProblemDocument),
    /// The database took too long.
    #[response(status = 504, content_type = "application/problem+json")]
    TimedOut(ProblemDocument),
}
