//! Turns the date cells of a spreadsheet into dates.
//!
//! Two systems exist: days since the end of 1899, with a 29 February 1900 that never was, and
//! days since 1 January 1904 (ECMA-376 part 1, 18.17.4.1). calamine knows which one a workbook
//! has and converts to the millisecond; here is decided what counts as a date at all.

use calamine::ExcelDateTime;
use jiff::civil::{Date, DateTime, Time};

/// Converts a date cell.
///
/// `None` for what is no date: a duration, less than one day (a time of day alone), beyond the
/// year 9999, or the 29 February 1900 of the 1900 system.
pub(super) fn from_serial(serial: &ExcelDateTime) -> Option<DateTime> {
    // 9999-12-31 is day 2 958 465; the comparison also refuses what is not a number. calamine
    // would turn all of these into the first or the last day that it knows.
    if !serial.is_datetime() || !(1.0..2_958_466.0).contains(&serial.as_f64()) {
        return None;
    }
    let (year, month, day, hour, minute, second, millisecond) = serial.to_ymd_hms_milli();
    let part = |number: u8| i8::try_from(number).ok();
    let date = Date::new(i16::try_from(year).ok()?, part(month)?, part(day)?).ok()?;
    let nanosecond = i32::from(millisecond) * 1_000_000;
    let time = Time::new(part(hour)?, part(minute)?, part(second)?, nanosecond).ok()?;
    Some(date.to_datetime(time))
}

/// Reads a date as ISO 8601 cells hold it (`2019-10-04`, `2019-10-04T09:00:00`, also with `Z`).
pub(super) fn from_iso(text: &str) -> Option<DateTime> {
    text.strip_suffix('Z').unwrap_or(text).parse().ok()
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType;

    use super::*;

    fn text(number: f64, is_1904: bool) -> Option<String> {
        let serial = ExcelDateTime::new(number, ExcelDateTimeType::DateTime, is_1904);
        from_serial(&serial).map(|at| at.to_string())
    }

    #[test]
    fn both_systems_agree_with_the_standard() {
        // The day numbers that Excel shows for these dates.
        for (number, expected) in [
            (1.0, "1900-01-01T00:00:00"),
            (59.0, "1900-02-28T00:00:00"),
            (61.0, "1900-03-01T00:00:00"),
            (43_742.375, "2019-10-04T09:00:00"),
            (43_872.673_611_111_1, "2020-02-11T16:10:00"),
            (45_943.5, "2025-10-13T12:00:00"),
            (2_958_465.0, "9999-12-31T00:00:00"),
        ] {
            assert_eq!(text(number, false).as_deref(), Some(expected));
        }
        // The systems are 1 462 days apart.
        assert_eq!(
            text(42_280.375, true).as_deref(),
            Some("2019-10-04T09:00:00")
        );
        assert_eq!(text(1.0, true).as_deref(), Some("1904-01-02T00:00:00"));
    }

    #[test]
    fn what_is_no_date_stays_a_number() {
        for number in [
            0.0,
            0.375,
            60.0,
            60.5,
            -1.0,
            2_958_466.0,
            f64::NAN,
            f64::INFINITY,
            1e300,
        ] {
            assert_eq!(text(number, false), None, "{number}");
        }
        let duration = ExcelDateTime::new(43_742.0, ExcelDateTimeType::TimeDelta, false);
        assert_eq!(from_serial(&duration), None);
    }

    #[test]
    fn the_last_millisecond_of_a_day_carries() {
        assert_eq!(
            text(43_742.999_999_999_99, false).as_deref(),
            Some("2019-10-05T00:00:00")
        );
        assert_eq!(text(59.999_999_999_9, false), None);
    }

    #[test]
    fn iso_cells_are_dates() {
        assert_eq!(
            from_iso("2019-10-04").unwrap().to_string(),
            "2019-10-04T00:00:00"
        );
        assert_eq!(
            from_iso("2019-10-04T09:00:00Z").unwrap().to_string(),
            "2019-10-04T09:00:00"
        );
        assert_eq!(from_iso("04/10/2019"), None);
    }
}
