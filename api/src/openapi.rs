//! The OpenAPI document: what the routes say about themselves, and the frame around it.

use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Document,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use crate::routes;

/// The frame: title, tags, and how to authenticate.
#[derive(Debug, OpenApi)]
#[openapi(
    info(
        title = "Rapport",
        description = "Evidence-backed answers about your customers. A workbook goes in; statistics, summaries \
                       and drafts come out, each number computed in PostgreSQL.\n\nErrors are \
                       `application/problem+json` (RFC 9457); their `instance` is the id of the request.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    modifiers(&BearerToken),
    tags(
        (name = "generation", description = "Summaries and drafts for one customer"),
        (name = "questions", description = "Answers with citations"),
        (name = "statistics", description = "Counts over all customers"),
        (name = "imports", description = "Workbooks in, with a ledger of every repaired cell"),
        (name = "operations", description = "Is the server well?")
    )
)]
struct Frame;

/// Declares the bearer token.
struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, document: &mut Document) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "The token of this server. Not needed when the server was started without one.",
            ))
            .build();
        document
            .components
            .get_or_insert_default()
            .add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// Returns the frame, for the router to add its routes to.
pub(crate) fn frame() -> Document {
    Frame::openapi()
}

/// Returns the whole document.
///
/// ```
/// let document = rapport_api::openapi::document();
/// assert!(document.paths.paths.contains_key("/api/v1/summarized_interactions/{customer_id}"));
/// ```
pub fn document() -> Document {
    routes::all().into_openapi()
}
