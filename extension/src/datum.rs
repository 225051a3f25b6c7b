//! Values of the core as PostgreSQL's.

use jiff::civil;
use pgrx::datum::{Date, Timestamp};
use pgrx::pg_sys::panic::ErrorReport;

use crate::sqlstate::out_of_range;

/// Converts a civil time, to the microsecond.
///
/// # Errors
/// 22008 when PostgreSQL has no such timestamp.
pub(crate) fn timestamp(value: civil::DateTime) -> Result<Timestamp, ErrorReport> {
    let seconds = f64::from(value.second()) + f64::from(value.subsec_nanosecond()) / 1e9;
    Timestamp::new(
        i32::from(value.year()),
        value.month().unsigned_abs(),
        value.day().unsigned_abs(),
        value.hour().unsigned_abs(),
        value.minute().unsigned_abs(),
        seconds,
    )
    .map_err(|_| out_of_range(&value))
}

/// Converts a civil day.
///
/// # Errors
/// 22008 when PostgreSQL has no such date.
pub(crate) fn date(value: civil::Date) -> Result<Date, ErrorReport> {
    Date::new(
        i32::from(value.year()),
        value.month().unsigned_abs(),
        value.day().unsigned_abs(),
    )
    .map_err(|_| out_of_range(&value))
}
