//! The rows of `rapport.generations`: what models wrote before.

use pgrx::pg_sys::panic::ErrorReport;
use pgrx::{JsonB, Spi, pg_sys};
use rapport_core::generation::Usage;
use serde_json::Value;

use crate::sqlstate;

/// A text to be kept.
pub(crate) struct Kept<'a> {
    pub(crate) key: &'a str,
    pub(crate) task: &'a str,
    pub(crate) model: &'a str,
    pub(crate) prompt: &'a str,
    /// The customer that was asked about, if it was one.
    pub(crate) customer: Option<i64>,
    /// The focus or the question.
    pub(crate) about: Option<&'a str>,
    /// SHA-256 of the data in the prompt, in hexadecimal.
    pub(crate) data_digest: &'a str,
    pub(crate) model_identity: &'a str,
    pub(crate) result: &'a Value,
    pub(crate) fallback: bool,
    pub(crate) usage: Usage,
    pub(crate) milliseconds: u128,
    /// Whom the text tells of.
    pub(crate) customers: Vec<i64>,
}

/// Returns the text that was written under a key, if there is one.
pub(crate) fn find(key: &str) -> Result<Option<JsonB>, ErrorReport> {
    if !is_there() {
        return Ok(None);
    }
    Spi::connect(|client| {
        let found = client.select(
            "SELECT g.result || pg_catalog.jsonb_build_object('generation_id', g.generation_id)
             FROM rapport.generations AS g
             WHERE g.content_key = pg_catalog.decode($1, 'hex') AND NOT g.is_fallback
             ORDER BY g.generation_id
             LIMIT 1",
            Some(1),
            &[key.into()],
        )?;
        if found.is_empty() {
            return Ok(None);
        }
        found.first().get_one()
    })
    .map_err(|error| sqlstate::spi(&error))
}

/// Keeps a text, and returns its number. Nothing is kept where nothing may be written, or of
/// customers that are no longer there.
pub(crate) fn keep(kept: Kept<'_>) -> Result<Option<i64>, ErrorReport> {
    // SAFETY: a flag of this backend; it is set on standbys too.
    if !is_there() || unsafe { pg_sys::XactReadOnly } {
        return Ok(None);
    }
    let number = |tokens: u64| i64::try_from(tokens).unwrap_or(i64::MAX);
    Spi::connect_mut(|client| {
        // Whoever deletes a customer waits for the lock, and then finds the text.
        let found = client.update(
            "WITH present AS MATERIALIZED (
                SELECT c.customer_id FROM crm.customers AS c
                WHERE c.customer_id = ANY ($10) ORDER BY c.customer_id FOR KEY SHARE
            ),
            kept AS (
                INSERT INTO rapport.generations (
                    content_key, task, model, prompt, result, is_fallback, input_tokens, output_tokens, milliseconds,
                    generated_by, customer_id, about, data_digest, model_identity
                )
                SELECT pg_catalog.decode($1, 'hex'), $2, $3, $4, $5, $6, $7, $8, $9, $11, $12, $13,
                    pg_catalog.decode($14, 'hex'), $15
                WHERE (SELECT pg_catalog.count(*) FROM present) = pg_catalog.cardinality($10)
                RETURNING generation_id
            ),
            told AS (
                INSERT INTO rapport.generation_customers (customer_id, generation_id)
                SELECT p.customer_id, k.generation_id FROM present AS p CROSS JOIN kept AS k
            )
            SELECT k.generation_id FROM kept AS k",
            None,
            &[
                kept.key.into(),
                kept.task.into(),
                kept.model.into(),
                kept.prompt.into(),
                JsonB(kept.result.clone()).into(),
                kept.fallback.into(),
                number(kept.usage.input_tokens).into(),
                number(kept.usage.output_tokens).into(),
                i32::try_from(kept.milliseconds).unwrap_or(i32::MAX).into(),
                kept.customers.into(),
                caller().into(),
                kept.customer.into(),
                kept.about.into(),
                kept.data_digest.into(),
                kept.model_identity.into(),
            ],
        )?;
        if found.is_empty() {
            return Ok(None);
        }
        found.first().get_one()
    })
    .map_err(|error| sqlstate::spi(&error))
}

/// Tells whether the migrations have made the table.
fn is_there() -> bool {
    // SAFETY: look-ups in the catalogs of this database, with names that PostgreSQL copies.
    unsafe {
        let schema = pg_sys::get_namespace_oid(c"rapport".as_ptr(), true);
        schema != pg_sys::InvalidOid
            && pg_sys::get_relname_relid(c"generations".as_ptr(), schema) != pg_sys::InvalidOid
    }
}

/// Returns the name of the role that called, not of the owner of the function.
fn caller() -> String {
    // SAFETY: the name is a C string that PostgreSQL has just allocated; it is copied at once.
    unsafe {
        let name = pg_sys::GetUserNameFromId(pg_sys::GetOuterUserId(), true);
        if name.is_null() {
            return "unknown".to_owned();
        }
        std::ffi::CStr::from_ptr(name)
            .to_string_lossy()
            .into_owned()
    }
}

/// Adds the number of a text to it, as [`find`] does.
pub(crate) fn numbered(mut result: Value, generation_id: Option<i64>) -> JsonB {
    if let Value::Object(fields) = &mut result {
        fields.insert("generation_id".to_owned(), generation_id.into());
    }
    JsonB(result)
}
