//! Reads months: `MM-YYYY` and other forms with one reading, as the first day of the month.
//!
//! A full date that starts with its year stands for its month. `03/04/2019` is refused here: which
//! of its numbers is the month is for the caller to know.

use jiff::civil::Date;

use crate::error::Error;
use crate::label::tidy;
use crate::ledger::{Cleaned, Rule, quoted};
use crate::timestamp::{DateOrder, Written, WrittenDate, check_year, date_of, year_reason};

/// The English names of the months, in order.
pub(crate) const NAMES: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Reads a month as its first day.
///
/// Accepted are the month's number or English name and a four-digit year, in either order, with a
/// hyphen, slash, dot or space between them, and full dates that start with the year.
///
/// ```
/// use jiff::civil::date;
/// use rapport_core::month::clean_month;
///
/// assert_eq!(clean_month("01-2019").unwrap().value, date(2019, 1, 1));
/// assert!(clean_month("01-19").is_err());
/// ```
///
/// # Errors
/// [`Error::InvalidValue`] when the text has another form, or the month does not exist.
pub fn clean_month(text: &str) -> Result<Cleaned<Date>, Error> {
    let tidied = tidy(text);
    let refused = |reason: &str| Error::InvalidValue {
        message: format!("{} {reason}", quoted(text)),
        hint: Some("write a month as MM-YYYY".to_owned()),
    };
    if let Some((year, month)) = year_and_month(&tidied.value) {
        if !(1900..=2200).contains(&year) {
            return Err(refused(&year_reason(year)));
        }
        let value =
            Date::new(year, month, 1).map_err(|_| refused(&format!("has no month {month}")))?;
        return Ok(Cleaned {
            value,
            rules: tidied.rules,
        });
    }
    match Written::read(&tidied.value) {
        Ok(Written {
            date: date @ WrittenDate::YearFirst { .. },
            ..
        }) => {
            let date = date_of(date, DateOrder::Dmy).map_err(|reason| refused(&reason))?;
            let month = month_of_date(date)?;
            let rules = tidied.rules.into_iter().chain(month.rules).collect();
            Ok(Cleaned {
                value: month.value,
                rules,
            })
        }
        Ok(_) => Err(refused(
            "is a full date; which of its numbers is the month is not certain",
        )),
        Err(_) => Err(refused("is not a month")),
    }
}

/// Takes a date for its month, as for a date cell.
///
/// # Errors
/// [`Error::InvalidValue`] when the year is before 1900 or after 2200.
pub fn month_of_date(date: Date) -> Result<Cleaned<Date>, Error> {
    check_year(date)?;
    let rules = if date.day() == 1 {
        Vec::new()
    } else {
        vec![Rule::MonthOfDate]
    };
    Ok(Cleaned {
        value: date.first_of_month(),
        rules,
    })
}

/// Splits a text into a four-digit year and a month, whichever comes first.
fn year_and_month(text: &str) -> Option<(i16, i8)> {
    let at = text.find(['-', '/', '.', ' '])?;
    let (left, rest) = text.split_at(at);
    let right = rest.trim_start_matches(' ');
    // "Jan. 2019" and "01 - 2019" have more than one separating character.
    let right = right
        .strip_prefix(['-', '/', '.'])
        .unwrap_or(right)
        .trim_start_matches(' ');
    match (year(left), year(right)) {
        (Some(year), None) => Some((year, month(right)?)),
        (None, Some(year)) => Some((year, month(left)?)),
        _ => None,
    }
}

fn year(text: &str) -> Option<i16> {
    text.parse()
        .ok()
        .filter(|_| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Reads a number of one or two digits, or an English name, whole or cut to its usual length.
fn month(text: &str) -> Option<i8> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().filter(|_| (1..=2).contains(&text.len()));
    }
    let name = text.to_ascii_lowercase();
    let position = NAMES.iter().position(|full| {
        *full == name
            || full.get(..3) == Some(name.as_str())
            || (name == "sept" && *full == "september")
    })?;
    i8::try_from(position + 1).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("01-2019", 2019, 1)]
    #[case("1-2019", 2019, 1)]
    #[case("12/2019", 2019, 12)]
    #[case("1.2019", 2019, 1)]
    #[case("01 2019", 2019, 1)]
    #[case("01 - 2019", 2019, 1)]
    #[case("2019-01", 2019, 1)]
    #[case("2019/1", 2019, 1)]
    #[case("Jan 2019", 2019, 1)]
    #[case("Jan. 2019", 2019, 1)]
    #[case("sept-2019", 2019, 9)]
    #[case("MAY 2019", 2019, 5)]
    #[case("2019 December", 2019, 12)]
    #[case("2019-01-01", 2019, 1)]
    #[case("2019-01-01 00:00:00", 2019, 1)]
    fn months(#[case] text: &str, #[case] year: i16, #[case] month: i8) {
        assert_eq!(
            clean_month(text).unwrap(),
            Cleaned::untouched(date(year, month, 1))
        );
    }

    #[rstest]
    #[case(" 01-2019", &[Rule::Trimmed])]
    #[case("2019-01-15", &[Rule::MonthOfDate])]
    fn repaired_months(#[case] text: &str, #[case] rules: &[Rule]) {
        let month = clean_month(text).unwrap();
        assert_eq!(
            (month.value, month.rules.as_slice()),
            (date(2019, 1, 1), rules)
        );
    }

    #[rstest]
    #[case("", "is not a month")]
    #[case("January", "is not a month")]
    #[case("01-19", "is not a month")]
    #[case("Jan 19", "is not a month")]
    #[case("201901", "is not a month")]
    #[case("2019-2020", "is not a month")]
    #[case("13-2019", "no month 13")]
    #[case("0-2019", "no month 0")]
    #[case("01-1899", "year 1899")]
    #[case("01-9999", "year 9999")]
    #[case("01/02/2019", "which of its numbers is the month is not certain")]
    #[case("2019-02-30", "February 2019 has days 1 to 28")]
    #[case("Q1 2019", "is not a month")]
    fn refused_months(#[case] text: &str, #[case] reason: &str) {
        let message = clean_month(text).unwrap_err().to_string();
        assert!(message.contains(reason), "{message}");
    }

    proptest! {
        #[test]
        fn reading_is_total(text in any::<String>(), near in "[0-9JanSept./ -]{0,14}") {
            let _ = clean_month(&text);
            let _ = clean_month(&near);
        }

        #[test]
        fn every_month_is_read(year in 1900_i16..=2200, month in 1_i8..=12) {
            let expected = Cleaned::untouched(date(year, month, 1));
            prop_assert_eq!(clean_month(&format!("{month:02}-{year}")).unwrap(), expected.clone());
            prop_assert_eq!(clean_month(&format!("{year}-{month:02}")).unwrap(), expected);
        }
    }
}
