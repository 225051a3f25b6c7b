//! The bearer token: where it comes from, and the gate in front of `/api/`.

use std::{fmt, path::Path};

use axum::{
    extract::{Request, State},
    http::header,
    middleware::Next,
    response::Response,
};
use subtle::ConstantTimeEq;

use crate::{app::App, error::Error, problem::Problem};

/// Below this many characters a token is easy to guess.
const SHORT_TOKEN: usize = 20;

/// A shared secret; `Debug` hides it.
#[derive(Clone)]
pub struct ApiToken(String);

impl fmt::Debug for ApiToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApiToken(…)")
    }
}

impl ApiToken {
    /// Takes a token, without the white space around it.
    ///
    /// # Errors
    /// [`Error::Input`] when nothing is left, or when it could not stand in a header.
    pub fn new(text: &str) -> Result<Self, Error> {
        let token = text.trim();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::input(
                "the API token is empty or holds something other than visible ASCII characters",
                Some("make one with: openssl rand -hex 32"),
            ));
        }
        if token.len() < SHORT_TOKEN {
            tracing::warn!(
                "the API token has fewer than {SHORT_TOKEN} characters: it can be guessed"
            );
        }
        Ok(Self(token.to_owned()))
    }

    /// Reads a token from a file.
    ///
    /// # Errors
    /// [`Error::Input`] when the file cannot be read or holds no usable token.
    pub fn from_file(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::input(
                format!("token file \"{}\" cannot be read: {error}", path.display()),
                None,
            )
        })?;
        Self::new(&text)
    }

    /// Says whether an `Authorization` value carries this token, in a time that does not depend on where it differs.
    ///
    /// ```
    /// # use rapport_api::auth::ApiToken;
    /// let token = ApiToken::new("0123456789abcdef0123\n")?;
    /// assert!(token.admits(b"Bearer 0123456789abcdef0123"));
    /// assert!(!token.admits(b"Bearer 0123456789abcdef0124"));
    /// assert!(!token.admits(b"0123456789abcdef0123"));
    /// # Ok::<(), rapport_api::Error>(())
    /// ```
    pub fn admits(&self, authorization: &[u8]) -> bool {
        let Some((scheme, credentials)) = authorization.split_at_checked(b"bearer ".len()) else {
            return false;
        };
        scheme.eq_ignore_ascii_case(b"bearer ")
            && bool::from(credentials.trim_ascii().ct_eq(self.0.as_bytes()))
    }
}

/// Lets a request to `/api/` pass only with the token, when there is one.
///
/// It looks at the path rather than at the routes, so that a route added later is behind it too.
pub(crate) async fn require_token(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let path = request.uri().path();
    let guarded = path == "/api" || path.starts_with("/api/");
    if let Some(token) = app.token.as_ref().filter(|_| guarded) {
        let admitted = request
            .headers()
            .get(header::AUTHORIZATION)
            .is_some_and(|value| token.admits(value.as_bytes()));
        if !admitted {
            return Err(Problem::unauthorized());
        }
    }
    Ok(next.run(request).await)
}
