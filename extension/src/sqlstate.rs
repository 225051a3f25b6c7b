//! The one place that chooses SQLSTATEs for refusals of the core.

use pgrx::pg_sys::panic::ErrorReport;
use pgrx::{PgSqlErrorCode, function_name, spi};
use rapport_core::Error;
use rapport_core::generation::ModelError;

/// Turns a refusal of the core into an SQL error with its DETAIL and HINT.
pub(crate) fn report(error: Error) -> ErrorReport {
    let message = error.to_string();
    let (code, detail, hint) = match error {
        Error::InvalidValue { hint, .. } => {
            (PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE, None, hint)
        }
        Error::InvalidFile { detail, hint, .. } => (
            PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE,
            detail,
            hint,
        ),
        Error::TooLarge { .. } => (PgSqlErrorCode::ERRCODE_PROGRAM_LIMIT_EXCEEDED, None, None),
        Error::MixedDateOrder {
            day_first,
            month_first,
            ..
        } => (
            PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE,
            Some(format!(
                "{day_first} can only be day/month/year; {month_first} can only be month/day/year."
            )),
            Some(
                "Correct the cells of one of the two orders, then import the file again."
                    .to_owned(),
            ),
        ),
        Error::Model { source, .. } => {
            let (code, hint) = failure(&source);
            (code, None, hint)
        }
    };
    let mut report = ErrorReport::new(code, message, function_name!());
    if let Some(detail) = detail {
        report = report.set_detail(detail);
    }
    if let Some(hint) = hint {
        report = report.set_hint(hint);
    }
    report
}

/// Says what it means that a model gave no answer.
fn failure(failure: &ModelError) -> (PgSqlErrorCode, Option<String>) {
    match failure {
        ModelError::NotConfigured(_) => (
            PgSqlErrorCode::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
            Some("SELECT * FROM rapport.models shows how models are reached; docs/models.md tells what they need.".to_owned()),
        ),
        ModelError::Unreachable(_) | ModelError::Failed(_) => {
            (PgSqlErrorCode::ERRCODE_EXTERNAL_ROUTINE_EXCEPTION, None)
        }
        ModelError::RateLimited { retry_after } => (
            PgSqlErrorCode::ERRCODE_EXTERNAL_ROUTINE_EXCEPTION,
            retry_after.map(|seconds| format!("Try again in {seconds} seconds.")),
        ),
        ModelError::TimedOut | ModelError::Cancelled => {
            (PgSqlErrorCode::ERRCODE_QUERY_CANCELED, None)
        }
    }
}

/// Reports a date or time that PostgreSQL cannot hold.
pub(crate) fn out_of_range(value: &dyn std::fmt::Display) -> ErrorReport {
    ErrorReport::new(
        PgSqlErrorCode::ERRCODE_DATETIME_FIELD_OVERFLOW,
        format!("\"{value}\" is out of range"),
        function_name!(),
    )
}

/// Reports a JSON argument of the wrong shape.
pub(crate) fn invalid(argument: &str, error: &serde_json::Error) -> ErrorReport {
    ErrorReport::new(
        PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE,
        format!("argument \"{argument}\" does not have the expected shape"),
        function_name!(),
    )
    .set_detail(error.to_string())
}

/// Reports an argument that can be read but not used.
pub(crate) fn refused(message: String) -> ErrorReport {
    ErrorReport::new(
        PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE,
        message,
        function_name!(),
    )
}

/// Reports an argument that can be read but not used, with what could be.
pub(crate) fn refused_with_hint(message: String, hint: String) -> ErrorReport {
    refused(message).set_hint(hint)
}

/// Reports a model that is no row of `rapport.model`.
pub(crate) fn unknown_model(name: &str) -> ErrorReport {
    ErrorReport::new(
        PgSqlErrorCode::ERRCODE_UNDEFINED_OBJECT,
        format!("model \"{}\" does not exist", name.escape_debug()),
        function_name!(),
    )
    .set_hint("SELECT name FROM rapport.models lists those that do.")
}

/// Reports a model that somebody else would have to choose.
pub(crate) fn not_chosen(name: &str, task: &str) -> ErrorReport {
    ErrorReport::new(
        PgSqlErrorCode::ERRCODE_INSUFFICIENT_PRIVILEGE,
        format!(
            "model \"{}\" is not the one for the task \"{task}\"",
            name.escape_debug()
        ),
        function_name!(),
    )
    .set_hint("An administrator chooses it with rapport.use_model.")
}

/// Reports an argument that must not be NULL.
pub(crate) fn null(argument: &str) -> ErrorReport {
    ErrorReport::new(
        PgSqlErrorCode::ERRCODE_NULL_VALUE_NOT_ALLOWED,
        format!("argument \"{argument}\" must not be null"),
        function_name!(),
    )
}

/// Reports a value of ours that could not be written as JSON: a bug.
pub(crate) fn internal(error: &serde_json::Error) -> ErrorReport {
    ErrorReport::new(
        PgSqlErrorCode::ERRCODE_INTERNAL_ERROR,
        "could not write JSON",
        function_name!(),
    )
    .set_detail(error.to_string())
}

/// Reports a question to PostgreSQL that was not answered: a bug, for errors of the server itself
/// do not come back.
pub(crate) fn spi(error: &spi::Error) -> ErrorReport {
    ErrorReport::new(
        PgSqlErrorCode::ERRCODE_INTERNAL_ERROR,
        "could not read what the session holds",
        function_name!(),
    )
    .set_detail(error.to_string())
}
