//! Writes problems: the middleware that knows the id of the request, and the answer to a panic.

use std::any::Any;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tower_http::request_id::RequestId;

use super::{Problem, ProblemDocument};

/// Seconds after which a client may try again when the database is away.
const RETRY_AFTER_SECONDS: u16 = 2;

impl Problem {
    pub(super) fn into_document(self, instance: &str) -> ProblemDocument {
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

impl IntoResponse for Problem {
    /// Leaves the body to the middleware `render`.
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

/// Writes the log line of a panic, and answers 500.
pub(crate) fn from_panic(panic: Box<dyn Any + Send + 'static>) -> Response {
    let reason = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("unknown");
    tracing::error!(reason, "a handler panicked");
    Problem::internal().into_response()
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::to_bytes, middleware, routing::get};
    use tower::{ServiceBuilder, ServiceExt as _};
    use tower_http::catch_panic::CatchPanicLayer;

    use super::*;

    async fn panics() -> StatusCode {
        panic!("secret of the inside")
    }

    #[tokio::test]
    async fn a_panic_is_a_500_that_keeps_its_reason_to_itself() {
        let around = ServiceBuilder::new()
            .layer(middleware::from_fn(render))
            .layer(CatchPanicLayer::custom(from_panic));
        let router: Router = Router::new().route("/", get(panics)).layer(around);
        let request = Request::get("/").body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = to_bytes(response.into_body(), 4096).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(
            body.contains("urn:rapport:problem:internal") && !body.contains("secret"),
            "{body}"
        );
    }
}
