//! The rows of `rapport.model`.

use pgrx::pg_sys::panic::ErrorReport;
use pgrx::{Spi, pg_sys};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::sqlstate;

/// How a model is reached.
#[derive(Debug, Deserialize)]
pub(crate) struct ModelRow {
    pub(crate) name: String,
    pub(crate) dialect: String,
    #[serde(default)]
    pub(crate) endpoint: Option<String>,
    #[serde(default)]
    pub(crate) provider_model: Option<String>,
    #[serde(default)]
    pub(crate) secret: Option<String>,
    #[serde(default)]
    pub(crate) auth_header: Option<String>,
    #[serde(default)]
    pub(crate) parameters: Map<String, Value>,
    #[serde(default)]
    pub(crate) streams: bool,
    pub(crate) timeout_seconds: u64,
    pub(crate) attempts: u32,
}

/// Reads a row, with the rights of the caller.
///
/// # Errors
/// 42704 when there is none.
pub(crate) fn read(name: &str) -> Result<ModelRow, ErrorReport> {
    let row: Option<String> = Spi::connect(|client| {
        let row =
            "SELECT pg_catalog.row_to_json(m)::text FROM rapport.model AS m WHERE m.name = $1";
        let found = client.select(row, Some(1), &[name.into()])?;
        if found.is_empty() {
            return Ok(None);
        }
        found.first().get_one()
    })
    .map_err(|error| sqlstate::spi(&error))?;
    let row = row.ok_or_else(|| sqlstate::unknown_model(name))?;
    serde_json::from_str(&row).map_err(|error| sqlstate::internal(&error))
}

/// Refuses a model that was not chosen for a task, unless the caller may choose.
///
/// # Errors
/// 42501 for a model that others are to decide about.
pub(crate) fn require_chosen(name: &str, task: &str) -> Result<(), ErrorReport> {
    // SAFETY: it reads a variable of this backend.
    let caller = unsafe { pg_sys::GetOuterUserId() };
    let permitted: Option<bool> = Spi::connect(|client| {
        let chosen = "SELECT EXISTS (SELECT FROM rapport.model_choice AS c WHERE c.task = $1 AND c.model = $2)
            OR pg_catalog.has_table_privilege($3, 'rapport.model_choice', 'UPDATE')";
        client
            .select(chosen, Some(1), &[task.into(), name.into(), caller.into()])?
            .first()
            .get_one()
    })
    .map_err(|error| sqlstate::spi(&error))?;
    if permitted == Some(true) {
        Ok(())
    } else {
        Err(sqlstate::not_chosen(name, task))
    }
}
