//! The routes with everything around them: ids, logs, headers, tokens, limits, errors.

use std::time::Duration;

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method, Uri, header},
    middleware::{self, Next},
    response::{Redirect, Response},
    routing::get,
};
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer},
    set_header::SetResponseHeaderLayer,
    trace::TraceLayer,
};
use tracing::Span;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::{app::App, auth, problem, problem::Problem, routes};

/// Longest request id that is taken over from a client; it ends up in every log line.
const LONGEST_REQUEST_ID: usize = 128;

/// Where a request carries its id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Swagger UI needs its own scripts, inline styles and `data:` images; nothing here needs another host.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; \
     style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'";

/// Builds the service that answers every request.
pub fn build(app: &App) -> Router {
    let (api, document) = routes::all().split_for_parts();
    let always =
        |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    // The first layer is the outermost: ids before logs, logs before the errors they should see.
    let around = ServiceBuilder::new()
        .map_request(drop_unusable_id)
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(span_of)
                .on_request(())
                .on_failure(())
                .on_response(log_answer),
        )
        .layer(always(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(always(header::REFERRER_POLICY, "no-referrer"))
        .layer(always(
            header::CONTENT_SECURITY_POLICY,
            CONTENT_SECURITY_POLICY,
        ))
        .layer(middleware::from_fn(problem::render))
        .layer(CatchPanicLayer::custom(problem::from_panic))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            auth::require_token,
        ))
        .layer(middleware::from_fn(never_cache_answers))
        .layer(middleware::from_fn_with_state(app.clone(), time_limit));
    api.route("/", get(|| async { Redirect::temporary("/docs/") }))
        .with_state(app.clone())
        .merge(
            SwaggerUi::new("/docs")
                // Without this the page sends the address of the document to validator.swagger.io.
                .config(Config::default().validator_url("none"))
                .url("/openapi.json", document),
        )
        .fallback(async |uri: Uri| Problem::no_such_path(uri.path()))
        .method_not_allowed_fallback(async |method: Method, uri: Uri| {
            Problem::method_not_allowed(method.as_str(), uri.path())
        })
        .layer(around)
}

/// Drops an id that is too long or holds what a log should not.
fn drop_unusable_id<B>(mut request: axum::http::Request<B>) -> axum::http::Request<B> {
    let usable = request.headers().get(&REQUEST_ID).is_none_or(|value| {
        let bytes = value.as_bytes();
        (1..=LONGEST_REQUEST_ID).contains(&bytes.len())
            && bytes
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte))
    });
    if !usable {
        request.headers_mut().remove(&REQUEST_ID);
    }
    request
}

/// Opens the span of a request. It names the route and not the path, so that lines group.
fn span_of<B>(request: &axum::http::Request<B>) -> Span {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unmatched", MatchedPath::as_str);
    let id = request
        .extensions()
        .get::<RequestId>()
        .and_then(|id| id.header_value().to_str().ok());
    tracing::info_span!("request", id, method = %request.method(), route)
}

fn log_answer<B>(response: &axum::http::Response<B>, latency: Duration, _: &Span) {
    let status = response.status().as_u16();
    let latency_ms = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
    if response.status().is_server_error() {
        tracing::warn!(status, latency_ms, "answered");
    } else {
        tracing::info!(status, latency_ms, "answered");
    }
}

/// Keeps personal data out of caches between here and the client.
async fn never_cache_answers(request: Request, next: Next) -> Response {
    let api = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    if api {
        let value = HeaderValue::from_static("no-store");
        response
            .headers_mut()
            .entry(header::CACHE_CONTROL)
            .or_insert(value);
    }
    response
}

/// Ends a request that the limits of the database did not end. Imports are given their own, longer time.
async fn time_limit(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let limit = if request.method() == Method::POST {
        app.config.import_request_timeout()
    } else {
        app.config.request_timeout()
    };
    tokio::time::timeout(limit, next.run(request))
        .await
        .map_err(|_| {
            tracing::error!(seconds = limit.as_secs(), "the request took too long");
            Problem::timed_out()
        })
}
