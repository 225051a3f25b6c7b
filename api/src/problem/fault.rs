//! The one table that gives each kind of database error its HTTP status.

use axum::http::StatusCode;

use super::Problem;
use crate::database::{Fault, FaultKind};

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
            FaultKind::Busy => Self::busy(
                "no database connection became free in time: other requests hold them, or the database is away",
            ),
            _ => Self::internal(),
        }
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        Fault::from(&error).into()
    }
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
    #[case("55006", 409)]
    #[case("42501", 403)]
    #[case("53400", 429)]
    #[case("54000", 413)]
    #[case("55000", 503)]
    #[case("42P01", 503)]
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
