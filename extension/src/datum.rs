//! Values of the core as PostgreSQL's, which counts from the year 2000.

use jiff::civil::{self, DateTime};
use pgrx::datum::{Date, Timestamp};
use pgrx::pg_sys::panic::ErrorReport;

use crate::sqlstate::out_of_range;

const EPOCH: DateTime = civil::datetime(2000, 1, 1, 0, 0, 0, 0);

/// Converts a civil time, to the microsecond.
///
/// # Errors
/// 22008 when PostgreSQL has no such timestamp.
pub(crate) fn timestamp(value: DateTime) -> Result<Timestamp, ErrorReport> {
    i64::try_from(value.duration_since(EPOCH).as_micros())
        .ok()
        .and_then(|micros| Timestamp::try_from(micros).ok())
        .ok_or_else(|| out_of_range(&value))
}

/// Converts a civil day.
///
/// # Errors
/// 22008 when PostgreSQL has no such date.
pub(crate) fn date(value: civil::Date) -> Result<Date, ErrorReport> {
    let hours = value.duration_since(EPOCH.date()).as_hours();
    i32::try_from(hours / 24)
        .ok()
        .and_then(|days| Date::try_from(days).ok())
        .ok_or_else(|| out_of_range(&value))
}
