//! Errors as HTTP shows them: RFC 9457 `application/problem+json`, with the status of each kind in one place.
//!
//! A handler returns a [`Problem`]; the [`render`] middleware writes its body, because only there the id of the
//! request is known. What PostgreSQL says about a 4xx reaches the client; what it says about a 5xx only the log.

use std::any::Any;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use tower_http::request_id::RequestId;
use utoipa::{IntoResponses, ToSchema};

use crate::database::{Fault, FaultKind};

/// Seconds after which a client may try again when the database is away.
const RETRY_AFTER_SECONDS: u16 = 2;

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

    /// The body is larger than the server takes.
    pub fn too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "Too large",
            format!("the body is larger than the {limit} bytes that this server takes"),
        )
        .with_hint("split the file, or raise RAPPORT_MAX_FILE_MIB on the server")
    }

    /// The body did not arrive in time.
    pub fn upload_timeout() -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "upload-timeout",
            "Upload timed out",
            "the body did not arrive in time; nothing was imported",
        )
    }

    /// The server has its hands full.
    pub fn busy() -> Self {
        Self::unavailable("too many uploads at once")
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

    /// Writes the log line of a panic, and answers 500.
    pub(crate) fn from_panic(panic: Box<dyn Any + Send + 'static>) -> Response {
        let reason = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("unknown");
        tracing::error!(reason, "a handler panicked");
        Self::internal().into_response()
    }

    /// Returns the HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    fn into_document(self, instance: &str) -> ProblemDocument {
        ProblemDocument {
            kind: format!("urn:rapport:problem:{}", self.slug),
            title: self.title,
            status: self.status.as_u16(),
            detail: self.detail,
            instance: instance.to_owned(),
            hint: self.hint,
            sqlstate: self.sqlstate,
        }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let (status, slug, title) = match fault.kind {
            FaultKind::BadArgument => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "bad-argument",
                "Bad argument",
            ),
            FaultKind::Unknown => (StatusCode::NOT_FOUND, "not-found", "Not found"),
            FaultKind::Conflict => (StatusCode::CONFLICT, "conflict", "Conflict"),
            FaultKind::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "Forbidden"),
            FaultKind::BudgetExhausted => (
                StatusCode::TOO_MANY_REQUESTS,
                "budget-exhausted",
                "Budget exhausted",
            ),
            FaultKind::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Too large"),
            kind => return Self::server_side(kind, &fault),
        };
        tracing::info!(
            sqlstate = fault.sqlstate,
            reason = fault.message,
            detail = fault.detail,
            "refused by the database"
        );
        let detail = match fault.detail {
            Some(detail) => format!("{}: {detail}", fault.message),
            None => fault.message,
        };
        Self {
            status,
            slug,
            title,
            detail,
            hint: fault.hint,
            sqlstate: fault.sqlstate,
        }
    }
}

impl Problem {
    /// Answers a fault the client did not cause: a constant body, the rest to the log.
    fn server_side(kind: FaultKind, fault: &Fault) -> Self {
        tracing::error!(
            ?kind,
            sqlstate = fault.sqlstate,
            reason = fault.message,
            detail = fault.detail,
            hint = fault.hint,
            context = fault.context,
            "the database failed"
        );
        match kind {
            FaultKind::NotConfigured => Self::not_configured(
                "the database is not set up for Rapport",
                fault.hint.as_deref().unwrap_or(Fault::MIGRATE_HINT),
            ),
            FaultKind::ModelFailed => Self::new(
                StatusCode::BAD_GATEWAY,
                "model-failed",
                "Model failed",
                "the model gave no usable answer",
            ),
            FaultKind::TimedOut => Self::timed_out(),
            FaultKind::Unavailable => Self::unavailable("the database does not answer now"),
            _ => Self::internal(),
        }
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        Fault::from(&error).into()
    }
}

impl IntoResponse for Problem {
    /// Leaves the body to [`render`].
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the body of the problem that a response carries.
pub(crate) async fn render(request: Request, next: Next) -> Response {
    let instance = request
        .extensions()
        .get::<RequestId>()
        .and_then(|id| id.header_value().to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        // Swagger UI answers an unknown file with nothing at all.
        None if is_bare_404(&response) => Problem::no_such_path(&path),
        None => return response,
    };
    let status = problem.status;
    // The document holds only text and a number, so it always serialises.
    let body = serde_json::to_vec(&problem.into_document(&instance)).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    headers.remove(header::CONTENT_LENGTH);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS));
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"rapport\""),
        );
    }
    *response.body_mut() = Body::from(body);
    response
}

fn is_bare_404(response: &Response) -> bool {
    response.status() == StatusCode::NOT_FOUND
        && !response.headers().contains_key(header::CONTENT_TYPE)
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
    /// The database is down, busy or not set up. The header `retry-after` says when to try again.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(ProblemDocument),
    /// The database took too long.
    #[response(status = 504, content_type = "application/problem+json")]
    TimedOut(ProblemDocument),
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn fault(code: &str) -> Fault {
        Fault {
            kind: FaultKind::of_sqlstate(code),
            sqlstate: Some(code.to_owned()),
            message: "message-of-postgres".to_owned(),
            detail: Some("detail-of-postgres".to_owned()),
            hint: Some("hint-of-postgres".to_owned()),
            context: None,
        }
    }

    #[rstest]
    #[case("22023", 422)]
    #[case("22P02", 422)]
    #[case("22001", 422)]
    #[case("22004", 422)]
    #[case("23514", 422)]
    #[case("P0002", 404)]
    #[case("42704", 404)]
    #[case("23505", 409)]
    #[case("23503", 409)]
    #[case("42501", 403)]
    #[case("53400", 429)]
    #[case("54000", 413)]
    #[case("55000", 503)]
    #[case("38000", 502)]
    #[case("57014", 504)]
    #[case("53300", 503)]
    #[case("57P01", 503)]
    #[case("08006", 503)]
    #[case("XX000", 500)]
    #[case("", 500)]
    fn each_sqlstate_has_its_status(#[case] code: &str, #[case] status: u16) {
        assert_eq!(Problem::from(fault(code)).status().as_u16(), status);
    }

    #[test]
    fn a_client_error_tells_what_postgres_said_and_a_server_error_does_not() {
        let told = Problem::from(fault("P0002")).into_document("7");
        assert_eq!(told.detail, "message-of-postgres: detail-of-postgres");
        assert_eq!(told.hint.as_deref(), Some("hint-of-postgres"));
        assert_eq!(told.instance, "7");
        let kept =
            serde_json::to_string(&Problem::from(fault("XX000")).into_document("7")).unwrap();
        for secret in [
            "message-of-postgres",
            "detail-of-postgres",
            "hint-of-postgres",
            "XX000",
        ] {
            assert!(!kept.contains(secret), "{kept}");
        }
    }

    #[test]
    fn a_database_without_migrations_is_a_503_that_says_what_to_run() {
        let document = Problem::from(fault("3F000")).into_document("");
        assert_eq!(document.status, 503);
    }
}
