//! The rows of `rapport.model`.

use pgrx::Spi;
use pgrx::pg_sys::panic::ErrorReport;
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
