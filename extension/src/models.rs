//! From a row of `rapport.model` to something that answers prompts.

use std::sync::Arc;
use std::time::Duration;

use pgrx::pg_sys::panic::ErrorReport;
use rapport_core::Error;
use rapport_core::generation::{
    Completion, Fault, FaultyModel, MockModel, Model, ModelError, Prompt,
};
use rapport_llm::{Auth, Cancel, Endpoint, Guard, Limits, RemoteModel, Secret};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::calls::{Delayed, InThread};
use crate::database::models::{self, ModelRow};
use crate::settings;
use crate::sqlstate::{self, report};

/// The model that is always there, and the dialect of others like it, which need no network.
pub(crate) const MOCK: &str = "mock";

/// Parameters of a mock.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct MockParameters {
    /// How it misbehaves.
    #[serde(default)]
    fault: Option<String>,
    /// Whether it does so only until it is told.
    #[serde(default)]
    learns: bool,
    /// How long it thinks, in milliseconds.
    #[serde(default)]
    delay_ms: u64,
}

/// Returns the model of a name, ready to be asked.
///
/// # Errors
/// 42704 for an unknown name, 55000 for one that the server is not set up for.
pub(crate) fn open(name: &str) -> Result<Box<dyn Model>, ErrorReport> {
    if name == MOCK {
        return Ok(Box::new(MockModel));
    }
    let row = models::read(name)?;
    if row.dialect == MOCK {
        return mock(&row);
    }
    let refused = |message: String| {
        report(Error::Model {
            model: row.name.clone(),
            source: ModelError::NotConfigured(message),
        })
    };
    let guard = settings::model_origins()
        .map_err(|error| refused(format!("in rapport.model_origins {error}")))?;
    let mut endpoint = endpoint(&row)?;
    endpoint.url = guard
        .read_url(row.endpoint.as_deref().unwrap_or_default())
        .map_err(|error| refused(format!("{error} (setting rapport.model_origins)")))?;
    if let Some(secret) = &row.secret {
        let found = Secret::resolve(secret, settings::secrets_directory().as_deref());
        endpoint.secret = Some(found.map_err(|error| refused(error.to_string()))?);
    }
    let cancel = Cancel::new();
    let model = remote(&row, endpoint, guard, cancel.clone())?;
    Ok(Box::new(InThread::new(Arc::new(model), cancel)))
}

/// Refuses a model that was not chosen for a task, unless the caller may choose or it is built in.
///
/// # Errors
/// 42501 for a model that others are to decide about.
pub(crate) fn require_chosen(name: &str, task: &str) -> Result<(), ErrorReport> {
    if name == MOCK {
        return Ok(());
    }
    models::require_chosen(name, task)
}

/// Returns all that decides how a model answers, without its key and without being able to call it.
///
/// # Errors
/// 42704 for an unknown name, 22023 for a row that cannot be used.
pub(crate) fn identity(name: &str) -> Result<String, ErrorReport> {
    if name == MOCK {
        return Ok(MockModel.identity());
    }
    let row = models::read(name)?;
    if row.dialect == MOCK {
        return Ok(mock(&row)?.identity());
    }
    let model = remote(&row, endpoint(&row)?, Guard::default(), Cancel::new())?;
    Ok(model.identity())
}

/// Checks all of a row that can be checked without the server's settings.
///
/// # Errors
/// 22023 when it cannot be used.
pub(crate) fn check(row: &ModelRow) -> Result<(), ErrorReport> {
    if row.name == MOCK {
        return Err(sqlstate::refused_with_hint(
            format!("model \"{MOCK}\" is built in and stays as it is"),
            "Register one of another name with the dialect mock.".to_owned(),
        ));
    }
    if row.dialect == MOCK {
        return mock(row).map(drop);
    }
    let endpoint = endpoint(row)?;
    let model = remote(row, endpoint, Guard::default(), Cancel::new())?;
    // A request is built and not sent, which tells whether the parameters can be part of it.
    model
        .check()
        .map_err(|error| sqlstate::refused(format!("model \"{}\" {error}", row.name)))
}

fn endpoint(row: &ModelRow) -> Result<Endpoint, ErrorReport> {
    let missing = |what: &str| sqlstate::refused(format!("model \"{}\" needs {what}", row.name));
    let url = row
        .endpoint
        .as_deref()
        .ok_or_else(|| missing("an endpoint"))?;
    let provider_model = row.provider_model.as_deref();
    let url = Url::parse(url).map_err(|error| {
        sqlstate::refused(format!("endpoint \"{}\": {error}", url.escape_debug()))
    })?;
    // They would be shown with the endpoint to everybody who sees the models.
    if !url.username().is_empty() || url.password().is_some() {
        return Err(sqlstate::refused_with_hint(
            "an endpoint has no user and no password".to_owned(),
            "The key of a model is a secret, which is named and not told.".to_owned(),
        ));
    }
    Ok(Endpoint {
        auth: match &row.auth_header {
            None => Auth::Standard,
            Some(name) if name.eq_ignore_ascii_case("authorization") => Auth::Bearer,
            Some(name) => Auth::ApiKeyHeader(name.clone()),
        },
        parameters: row.parameters.clone(),
        stream: row.streams,
        ..Endpoint::new(
            url,
            provider_model.ok_or_else(|| missing("a provider_model"))?,
        )
    })
}

fn remote(
    row: &ModelRow,
    endpoint: Endpoint,
    guard: Guard,
    cancel: Cancel,
) -> Result<RemoteModel, ErrorReport> {
    let dialect = rapport_llm::dialect(&row.dialect).ok_or_else(|| {
        let known: Vec<&str> = dialects().collect();
        sqlstate::refused_with_hint(
            format!("unknown dialect \"{}\"", row.dialect.escape_debug()),
            format!("Use one of {}.", known.join(", ")),
        )
    })?;
    let limits = Limits {
        total: Duration::from_secs(row.timeout_seconds),
        attempts: row.attempts,
        ..Limits::default()
    };
    Ok(RemoteModel::new(
        &row.name, endpoint, dialect, limits, guard, cancel,
    ))
}

/// Returns the names of all dialects.
pub(crate) fn dialects() -> impl Iterator<Item = &'static str> {
    let remote = rapport_llm::dialects().iter().map(|dialect| dialect.name());
    std::iter::once(MOCK).chain(remote)
}

fn mock(row: &ModelRow) -> Result<Box<dyn Model>, ErrorReport> {
    let parameters: MockParameters = serde_json::from_value(Value::Object(row.parameters.clone()))
        .map_err(|error| sqlstate::invalid("parameters", &error))?;
    let fault = parameters.fault.as_deref().map(str::parse::<Fault>);
    let model: Box<dyn Model + Send + Sync> = match fault.transpose().map_err(report)? {
        Some(fault) => Box::new(FaultyModel::new(&row.name, fault, parameters.learns)),
        None => Box::new(NamedMock(row.name.clone())),
    };
    if parameters.delay_ms == 0 {
        return Ok(model);
    }
    let cancel = Cancel::new();
    let delayed = Delayed {
        model,
        delay: Duration::from_millis(parameters.delay_ms),
        limit: Duration::from_secs(row.timeout_seconds),
        cancel: cancel.clone(),
    };
    Ok(Box::new(InThread::new(Arc::new(delayed), cancel)))
}

/// The mock under the name of its row.
struct NamedMock(String);

impl Model for NamedMock {
    fn name(&self) -> &str {
        &self.0
    }

    fn identity(&self) -> String {
        MOCK.to_owned()
    }

    fn complete(&self, prompt: &Prompt) -> Result<Completion, ModelError> {
        MockModel.complete(prompt)
    }
}
