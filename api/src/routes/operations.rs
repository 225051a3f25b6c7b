//! Whether the process lives, and whether it can do its work.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    database::Fault,
    migrations,
    problem::{Problem, ProblemDocument},
};

/// The process answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Liveness {
    /// Always `alive`.
    #[schema(example = "alive")]
    status: &'static str,
    /// The version of this program.
    #[schema(example = "0.1.0")]
    version: &'static str,
}

/// Tell that the process lives
#[utoipa::path(
    get,
    path = "/livez",
    tag = "operations",
    security(()),
    responses((status = 200, description = "The process lives", body = Liveness))
)]
pub(crate) async fn check_liveness() -> Json<Liveness> {
    Json(Liveness {
        status: "alive",
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// The database is there and fits this program.
#[derive(Debug, Serialize, ToSchema)]
pub struct Readiness {
    /// Always `ready`.
    #[schema(example = "ready")]
    status: &'static str,
    /// The version of the extension in the database.
    #[schema(example = "0.1.0")]
    extension: String,
    /// The number of the newest migration applied.
    #[schema(example = 7)]
    migration: i64,
}

/// Tell whether questions can be answered
///
/// The database answers, has the extension, and has every migration that this program knows.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operations",
    security(()),
    responses(
        (status = 200, description = "Ready", body = Readiness),
        (status = 503, description = "Not ready, and why", body = ProblemDocument,
         content_type = "application/problem+json")
    )
)]
pub(crate) async fn check_readiness(State(app): State<App>) -> Result<Json<Readiness>, Problem> {
    let found: Result<(Option<String>, Vec<i64>), sqlx::Error> = sqlx::query_as(
        "SELECT (SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'rapport'), \
                ARRAY(SELECT version FROM _sqlx_migrations WHERE success ORDER BY version)",
    )
    .fetch_one(&app.database.questions)
    .await;
    let (extension, applied) = match found {
        Ok(found) => found,
        Err(error) => {
            let fault = Fault::from(&error);
            return Err(match fault.sqlstate.as_deref() {
                // 42P01: there is no record of migrations. 42501: it may not be read.
                Some("42P01") => {
                    Problem::not_configured("the database was never migrated", Fault::MIGRATE_HINT)
                }
                Some("42501") => Problem::not_configured(
                    "the role of this server may not read which migrations are applied",
                    "grant it rapport_api, and SELECT on _sqlx_migrations",
                ),
                _ => {
                    tracing::warn!(
                        sqlstate = fault.sqlstate,
                        reason = fault.message,
                        "not ready"
                    );
                    Problem::unavailable("the database does not answer now")
                }
            });
        }
    };
    let missing = migrations::missing_from(&applied).len();
    if missing > 0 {
        return Err(Problem::not_configured(
            format!("the database lacks {missing} of the migrations that this program knows"),
            Fault::MIGRATE_HINT,
        ));
    }
    let Some(extension) = extension else {
        return Err(Problem::not_configured(
            "the database lacks the extension \"rapport\"",
            Fault::MIGRATE_HINT,
        ));
    };
    Ok(Json(Readiness {
        status: "ready",
        extension,
        migration: applied.last().copied().unwrap_or_default(),
    }))
}
