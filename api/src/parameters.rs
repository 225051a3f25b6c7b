//! Extractors that answer unreadable paths and queries with a problem instead of a line of plain text.

use std::{fmt::Display, str::FromStr};

use axum::{
    extract::{
        FromRequestParts, Path, Query,
        path::{ErrorKind, FailedToDeserializePathParams},
        rejection::{PathRejection, QueryRejection},
    },
    http::request::Parts,
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
