//! Reads dates with times: `dd/mm/yyyy hh:mm[:ss]` or `mm/dd/yyyy …`, and ISO `yyyy-mm-dd[ T]hh:mm`.
//!
//! The order of day and month is always given by the caller; a single cell never decides it. Years
//! have four digits and lie between 1900 and 2200. A date that does not exist, a two-digit year,
//! a time zone and a time without minutes are refused, each with its reason.

use jiff::civil::{Date, DateTime, Time};
use serde::Serialize;

use crate::error::Error;
use crate::label::tidy;
use crate::ledger::{Cleaned, Rule, quoted};

mod form;
mod shape;
mod written;

pub use form::DateForm;
pub(crate) use shape::{
    DateLayout, Habits, Layout, Letters, Separator, Shape, USUAL_HABITS, zero_in_front,
};
pub(crate) use written::{Written, WrittenDate};

/// The first and the last year that a date of this business can have.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2200;

/// The order of day and month in dates that end in the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub enum DateOrder {
    /// Day, month, year.
    #[default]
    #[serde(rename = "DMY")]
    Dmy,
    /// Month, day, year.
    #[serde(rename = "MDY")]
    Mdy,
}

impl DateOrder {
    /// Returns the name under which settings and ledgers know the order.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dmy => "DMY",
            Self::Mdy => "MDY",
        }
    }

    /// Describes the order as people write it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Dmy => "day/month/year",
            Self::Mdy => "month/day/year",
        }
    }
}

impl std::str::FromStr for DateOrder {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        [Self::Dmy, Self::Mdy]
            .into_iter()
            .find(|order| order.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| Error::InvalidValue {
                message: format!("{} is not a date order", quoted(name)),
                hint: Some("use DMY (day/month/year) or MDY (month/day/year)".to_owned()),
            })
    }
}

/// Reads a date with an optional time, in the given order of day and month.
///
/// ISO dates, which start with the year, are read the same in every order.
///
/// ```
/// use jiff::civil::datetime;
/// use rapport_core::timestamp::{DateOrder, clean_timestamp};
///
/// let read = clean_timestamp("04/10/2019 09:00", DateOrder::Dmy).unwrap();
/// assert_eq!(read.value, datetime(2019, 10, 4, 9, 0, 0, 0));
/// assert!(clean_timestamp("31/02/2019", DateOrder::Dmy).is_err());
/// ```
///
/// # Errors
/// [`Error::InvalidValue`] when the text is not such a date, or the date does not exist.
pub fn clean_timestamp(text: &str, order: DateOrder) -> Result<Cleaned<DateTime>, Error> {
    read_timestamp(text, order).map(|(cleaned, _)| cleaned)
}

/// Reads a date as [`clean_timestamp`] does, with what its text tells of its form.
pub(crate) fn read_timestamp(
    text: &str,
    order: DateOrder,
) -> Result<(Cleaned<DateTime>, Shape), Error> {
    let tidied = tidy(text);
    let written = Written::read(&tidied.value).map_err(|reason| refused(text, &reason))?;
    let date = date_of(written.date, order).map_err(|reason| refused(text, &reason))?;
    let mut rules = tidied.rules;
    if written.time.is_none() {
        rules.push(Rule::TimeMissing);
    }
    let cleaned = Cleaned {
        value: date.to_datetime(written.time.unwrap_or(Time::midnight())),
        rules,
    };
    Ok((cleaned, written.shape))
}

/// Tells whether a text is written like a date, whether or not that date exists.
pub(crate) fn is_date(text: &str) -> bool {
    Written::read(text).is_ok()
}

/// Refuses a date cell outside the years of this business, such as a serial number of 0.
///
/// # Errors
/// [`Error::InvalidValue`] when the year is before 1900 or after 2200.
pub fn check_year(date: Date) -> Result<(), Error> {
    if YEARS.contains(&date.year()) {
        return Ok(());
    }
    Err(refused(&date.to_string(), &year_reason(date.year())))
}

pub(crate) fn year_reason(year: i16) -> String {
    format!(
        "has the year {year}, which is not between {} and {}",
        YEARS.start(),
        YEARS.end()
    )
}

fn refused(text: &str, reason: &str) -> Error {
    Error::InvalidValue {
        message: format!("{} {reason}", quoted(text)),
        hint: Some("write a date as dd/mm/yyyy hh:mm or yyyy-mm-dd hh:mm".to_owned()),
    }
}

/// Decides which day a written date is; the error is the rest of the sentence after the text.
pub(crate) fn date_of(written: WrittenDate, order: DateOrder) -> Result<Date, String> {
    day_of(written, order).ok_or_else(|| unreal(written, order))
}

/// Decides which day a written date is, if it is any.
pub(crate) fn day_of(written: WrittenDate, order: DateOrder) -> Option<Date> {
    let (year, month, day, _) = parts(written, order);
    if !YEARS.contains(&year) || !(1..=12).contains(&month) {
        return None;
    }
    let days = Date::new(year, month, 1).ok()?.days_in_month();
    (1..=days)
        .contains(&day)
        .then(|| Date::new(year, month, day).ok())?
}

/// Returns year, month and day, and the order they were read in.
const fn parts(written: WrittenDate, order: DateOrder) -> (i16, i8, i8, &'static str) {
    match (written, order) {
        (WrittenDate::YearFirst { year, month, day }, _) => (year, month, day, "year-month-day"),
        (
            WrittenDate::YearLast {
                first,
                second,
                year,
            },
            DateOrder::Dmy,
        ) => (year, second, first, order.words()),
        (
            WrittenDate::YearLast {
                first,
                second,
                year,
            },
            DateOrder::Mdy,
        ) => (year, first, second, order.words()),
    }
}

/// Says why a written date is no day.
fn unreal(written: WrittenDate, order: DateOrder) -> String {
    let (year, month, _, order) = parts(written, order);
    if !YEARS.contains(&year) {
        return year_reason(year);
    }
    if !(1..=12).contains(&month) {
        return format!("has no month {month} when read as {order}");
    }
    match Date::new(year, month, 1) {
        Ok(first) => format!(
            "does not exist when read as {order}: {} has days 1 to {}",
            first.strftime("%B %Y"),
            first.days_in_month()
        ),
        Err(error) => format!("is not a date: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::datetime;
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("04/10/2019 09:00", datetime(2019, 10, 4, 9, 0, 0, 0))]
    #[case("4/1/2019 9:05", datetime(2019, 1, 4, 9, 5, 0, 0))]
    #[case("04-10-2019 09:00:30", datetime(2019, 10, 4, 9, 0, 30, 0))]
    #[case("04.10.2019 23:59", datetime(2019, 10, 4, 23, 59, 0, 0))]
    #[case("04/10/2019, 09:00", datetime(2019, 10, 4, 9, 0, 0, 0))]
    #[case("29/02/2020 00:00", datetime(2020, 2, 29, 0, 0, 0, 0))]
    #[case("2019-10-04 09:00", datetime(2019, 10, 4, 9, 0, 0, 0))]
    #[case("2019-10-04T09:00:01", datetime(2019, 10, 4, 9, 0, 1, 0))]
    #[case("2019-10-04 09:00:01.250", datetime(2019, 10, 4, 9, 0, 1, 250_000_000))]
    #[case("04/10/2019 9:00 PM", datetime(2019, 10, 4, 21, 0, 0, 0))]
    #[case("04/10/2019 12:00am", datetime(2019, 10, 4, 0, 0, 0, 0))]
    #[case("04/10/2019 12:30 p.m.", datetime(2019, 10, 4, 12, 30, 0, 0))]
    #[case("01/01/1900 00:00", datetime(1900, 1, 1, 0, 0, 0, 0))]
    #[case("31/12/2200 00:00", datetime(2200, 12, 31, 0, 0, 0, 0))]
    fn dates_day_first(#[case] text: &str, #[case] value: DateTime) {
        assert_eq!(
            clean_timestamp(text, DateOrder::Dmy).unwrap(),
            Cleaned::untouched(value)
        );
    }

    #[rstest]
    #[case("10/04/2019 09:00", datetime(2019, 10, 4, 9, 0, 0, 0))]
    #[case("12/31/2019 09:00", datetime(2019, 12, 31, 9, 0, 0, 0))]
    #[case("2019-10-04 09:00", datetime(2019, 10, 4, 9, 0, 0, 0))]
    fn dates_month_first(#[case] text: &str, #[case] value: DateTime) {
        assert_eq!(
            clean_timestamp(text, DateOrder::Mdy).unwrap(),
            Cleaned::untouched(value)
        );
    }

    #[rstest]
    #[case("04/10/2019", &[Rule::TimeMissing])]
    #[case(" 04/10/2019", &[Rule::Trimmed, Rule::TimeMissing])]
    #[case("2019-10-04", &[Rule::TimeMissing])]
    fn a_date_alone_is_midnight(#[case] text: &str, #[case] rules: &[Rule]) {
        let read = clean_timestamp(text, DateOrder::Dmy).unwrap();
        assert_eq!(read.value, datetime(2019, 10, 4, 0, 0, 0, 0));
        assert_eq!(read.rules, rules);
    }

    #[rstest]
    #[case("", "is not a date")]
    #[case("soon", "is not a date")]
    #[case("43742", "is not a date")]
    #[case("04/10/19 09:00", "two-digit year")]
    #[case(
        "31/02/2019 10:00",
        "does not exist when read as day/month/year: February 2019 has days 1 to 28"
    )]
    #[case("29/02/2100", "February 2100 has days 1 to 28")]
    #[case("00/10/2019", "October 2019 has days 1 to 31")]
    #[case("04/13/2019", "no month 13 when read as day/month/year")]
    #[case("2019-13-04", "no month 13 when read as year-month-day")]
    #[case("04/10/1899", "year 1899")]
    #[case("04/10/2201", "year 2201")]
    #[case("04/10-2019", "is not a date")]
    #[case("04/10/2019 24:00", "time")]
    #[case("04/10/2019 09:60", "time")]
    #[case("04/10/2019 9", "time")]
    #[case("04/10/2019 13:00 PM", "13 PM")]
    #[case("04/10/2019 0:30 AM", "0 AM")]
    #[case("2019-10-04T09:00:00Z", "time zone")]
    #[case("2019-10-04 09:00+02:00", "time zone")]
    #[case("04/10/2019 09:00 maybe", "maybe")]
    #[case("04/10/20190 09:00", "is not a date")]
    fn refused_dates(#[case] text: &str, #[case] reason: &str) {
        let message = clean_timestamp(text, DateOrder::Dmy)
            .unwrap_err()
            .to_string();
        assert!(message.contains(reason), "{message}");
    }

    #[rstest]
    #[case("DMY", Some(DateOrder::Dmy))]
    #[case("mdy", Some(DateOrder::Mdy))]
    #[case("YMD", None)]
    fn orders(#[case] name: &str, #[case] order: Option<DateOrder>) {
        assert_eq!(name.parse().ok(), order);
    }

    proptest! {
        #[test]
        fn reading_is_total(text in any::<String>(), digits in "[0-9/.:TAPM -]{0,24}") {
            let _ = clean_timestamp(&text, DateOrder::Dmy);
            let _ = clean_timestamp(&digits, DateOrder::Mdy);
        }

        #[test]
        fn every_day_is_read_in_its_order(
            year in 1900_i16..=2200, month in 1_i8..=12, day in 1_i8..=28, hour in 0_i8..24, minute in 0_i8..60,
        ) {
            let expected = datetime(year, month, day, hour, minute, 0, 0);
            for (text, order) in [
                (format!("{day:02}/{month:02}/{year} {hour:02}:{minute:02}"), DateOrder::Dmy),
                (format!("{month}-{day}-{year} {hour}:{minute:02}"), DateOrder::Mdy),
                (format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:00"), DateOrder::Mdy),
            ] {
                prop_assert_eq!(clean_timestamp(&text, order).unwrap(), Cleaned::untouched(expected));
            }
        }
    }
}
