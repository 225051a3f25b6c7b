//! The cleaning rules as SQL functions, so that an analyst can try them on any text.

use pgrx::datum::{Date, Timestamp};
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::{default, pg_extern};
use rapport_core::{customer_id, label, month, timestamp};

use crate::datum;
use crate::sqlstate::report;

#[pg_extern(immutable, parallel_safe, strict)]
pub(crate) fn clean_label(text: &str) -> Option<String> {
    label::clean_label(text).map(|cleaned| cleaned.value)
}

#[pg_extern(immutable, parallel_safe, strict)]
pub(crate) fn clean_channel(text: &str) -> Option<String> {
    label::clean_channel(text).map(|cleaned| cleaned.value)
}

#[pg_extern(immutable, parallel_safe, strict)]
pub(crate) fn clean_sentiment(text: &str) -> Option<String> {
    label::clean_sentiment(text).map(|cleaned| cleaned.value)
}

#[pg_extern(immutable, parallel_safe, strict)]
pub(crate) fn clean_customer_id(text: &str) -> Result<i64, ErrorReport> {
    customer_id::clean_customer_id(text)
        .map(|cleaned| cleaned.value)
        .map_err(report)
}

#[pg_extern(immutable, parallel_safe, strict)]
pub(crate) fn clean_timestamp(
    text: &str,
    date_order: default!(&str, "'DMY'"),
) -> Result<Timestamp, ErrorReport> {
    let order = date_order.parse().map_err(report)?;
    let cleaned = timestamp::clean_timestamp(text, order).map_err(report)?;
    datum::timestamp(cleaned.value)
}

#[pg_extern(immutable, parallel_safe, strict)]
pub(crate) fn clean_month(text: &str) -> Result<Date, ErrorReport> {
    datum::date(month::clean_month(text).map_err(report)?.value)
}
