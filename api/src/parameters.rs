//! Extractors that answer unreadable paths, queries and bodies with a problem instead of a line of plain text.

use std::{error::Error as _, fmt::Display, str::FromStr};

use axum::{
    Json,
    extract::{
        DefaultBodyLimit, FromRequest, FromRequestParts, Path, Query, Request,
        path::{ErrorKind, FailedToDeserializePathParams},
        rejection::{JsonRejection, PathRejection, QueryRejection},
    },
    http::{StatusCode, request::Parts},
};
use jiff::civil::Date;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Deserializer, de, de::DeserializeOwned};

use crate::problem::Problem;

/// The parameters in a path.
#[derive(Debug, Clone, Copy)]
pub struct PathParameters<T>(pub T);

impl<T, S> FromRequestParts<S> for PathParameters<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(parameters)) => Ok(Self(parameters)),
            Err(PathRejection::FailedToDeserializePathParams(error)) => {
                Err(unreadable_path(&error))
            }
            Err(error) => Err(Problem::unreadable(error.body_text())),
        }
    }
}

fn unreadable_path(error: &FailedToDeserializePathParams) -> Problem {
    match error.kind() {
        ErrorKind::ParseErrorAtKey { key, value, .. } => Problem::unreadable(format!(
            "{key} \"{value}\" is not a whole number from 1 to {}",
            i64::MAX
        )),
        ErrorKind::InvalidUtf8InPathParam { key } => {
            Problem::unreadable(format!("{key} is not UTF-8"))
        }
        _ => Problem::unreadable(error.body_text()),
    }
}

/// The longest body of JSON, in bytes; files have a limit of their own.
const LONGEST_JSON: usize = 64 * 1024;

/// A body of JSON.
#[derive(Debug, Clone, Copy)]
pub struct JsonBody<T>(pub T);

impl<T, S> FromRequest<S> for JsonBody<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(mut request: Request, state: &S) -> Result<Self, Problem> {
        DefaultBodyLimit::max(LONGEST_JSON).apply(&mut request);
        match Json::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(Problem::unsupported_media_type(
                "the body is not declared as JSON; send the content type \"application/json\"",
            )),
            Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(Problem::body_too_large(LONGEST_JSON))
            }
            Err(error) => Err(Problem::unreadable(format!(
                "the body cannot be read: {}",
                error
                    .source()
                    .map_or_else(|| error.to_string(), ToString::to_string)
            ))),
        }
    }
}

/// The parameters behind the question mark.
#[derive(Debug, Clone, Copy)]
pub struct QueryParameters<T>(pub T);

impl<T, S> FromRequestParts<S> for QueryParameters<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        // Left alone, bytes that are no UTF-8 would become replacement characters, and be stored.
        let raw = parts.uri.query().unwrap_or_default();
        if percent_decode_str(raw).decode_utf8().is_err() {
            return Err(Problem::unreadable("the query string is not UTF-8"));
        }
        match Query::from_request_parts(parts, state).await {
            Ok(Query(parameters)) => Ok(Self(parameters)),
            Err(QueryRejection::FailedToDeserializeQueryString(error)) => {
                let text = error.body_text();
                let reason = text
                    .strip_prefix("Failed to deserialize query string: ")
                    .unwrap_or(&text);
                Err(Problem::unreadable(format!(
                    "the query string cannot be read: {reason}"
                )))
            }
            Err(error) => Err(Problem::unreadable(error.body_text())),
        }
    }
}

/// Reads an empty parameter as an absent one, as HTML forms and hand-written URLs mean it.
pub(crate) fn empty_as_none<'de, D>(deserializer: D) -> Result<Option<String>, D::Error>
where
    D: Deserializer<'de>,
{
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.filter(|text| !text.is_empty()))
}

/// Reads a value, and an empty parameter as an absent one.
pub(crate) fn optional<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    let text = empty_as_none(deserializer)?;
    text.map(|text| {
        text.parse()
            .map_err(|error| de::Error::custom(format!("\"{text}\": {error}")))
    })
    .transpose()
}

/// Reads a date as `YYYY-MM-DD` and nothing else: PostgreSQL would take `05/03/2020` and guess.
pub(crate) fn iso_date<'de, D>(deserializer: D) -> Result<Option<String>, D::Error>
where
    D: Deserializer<'de>,
{
    let Some(text) = empty_as_none(deserializer)? else {
        return Ok(None);
    };
    match Date::strptime("%Y-%m-%d", &text) {
        Ok(date) if date.year() >= 1 && text.len() == 10 => Ok(Some(text)),
        _ => Err(de::Error::custom(format!(
            "\"{text}\" is not a date written YYYY-MM-DD"
        ))),
    }
}
