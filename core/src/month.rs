//! Reads months: `MM-YYYY` and other forms with one reading, as the first day of the month.
//!
//! A full date that starts with its year stands for its month. `03/04/2019` is refused here: which
//! of its numbers is the month is for the caller to know.

use jiff::civil::Date;

use crate::error::Error;
use crate::label::tidy;
use crate::ledger::{Cleaned, Rule, quoted};
use crate::timestamp::{
    DateLayout, DateOrder, Layout, Letters, Separator, Shape, Written, WrittenDate, check_year,
    date_of, year_reason, zero_in_front,
};

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
    if let Some(month) = WrittenMonth::read(&tidied.value) {
        let value = month.first_day().map_err(|reason| refused(text, &reason))?;
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
            let date = date_of(date, DateOrder::Dmy).map_err(|reason| refused(text, &reason))?;
            let month = month_of_date(date)?;
            let rules = tidied.rules.into_iter().chain(month.rules).collect();
            Ok(Cleaned {
                value: month.value,
                rules,
            })
        }
        Ok(_) => Err(refused(
            text,
            "is a full date; which of its numbers is the month is not certain",
        )),
        Err(_) => Err(refused(text, "is not a month")),
    }
}

fn refused(text: &str, reason: &str) -> Error {
    Error::InvalidValue {
        message: format!("{} {reason}", quoted(text)),
        hint: Some("write a month as MM-YYYY".to_owned()),
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

/// A month of a four-digit year, as it is written.
pub(crate) struct WrittenMonth {
    year: i16,
    month: i8,
    pub(crate) shape: Shape,
}

impl WrittenMonth {
    /// Reads a text that was tidied before; `None` for any other text.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let at = text.find(['-', '/', '.', ' '])?;
        let (left, rest) = text.split_at(at);
        // "Jan. 2019" and "01 - 2019" have more than one separating character.
        let behind_space = rest.trim_start_matches(' ');
        let mark = behind_space
            .chars()
            .next()
            .filter(|mark| matches!(mark, '-' | '/' | '.'));
        let behind_mark = behind_space
            .get(mark.map_or(0, char::len_utf8)..)
            .unwrap_or_default();
        let right = behind_mark.trim_start_matches(' ');
        let separator = Separator {
            space_before: rest.len() > behind_space.len(),
            mark,
            space_behind: behind_mark.len() > right.len(),
        };
        let (year, year_first, month) = match (year(left), year(right)) {
            (Some(year), None) => (year, true, month(right)?),
            (None, Some(year)) => (year, false, month(left)?),
            _ => return None,
        };
        // A form has one space at most on each side.
        let spaces = rest.len() - right.len() - mark.map_or(0, char::len_utf8);
        let has_form =
            spaces == usize::from(separator.space_before) + usize::from(separator.space_behind);
        let layout = month.name.filter(|_| has_form).map(|name| Layout {
            date: DateLayout::Month {
                year_first,
                separator,
                name,
            },
            time: None,
        });
        Some(Self {
            year,
            month: month.number,
            shape: Shape {
                layout,
                habits: [month.zero, None, None, month.short],
            },
        })
    }

    /// Returns the first day of the month; the error is the rest of the sentence after the text.
    pub(crate) fn first_day(&self) -> Result<Date, String> {
        if !(1900..=2200).contains(&self.year) {
            return Err(year_reason(self.year));
        }
        Date::new(self.year, self.month, 1).map_err(|_| format!("has no month {}", self.month))
    }
}

fn year(text: &str) -> Option<i16> {
    text.parse()
        .ok()
        .filter(|_| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The month alone, with what its text tells of its form.
struct MonthPart {
    number: i8,
    zero: Option<bool>,
    short: Option<bool>,
    /// The letters of a name; `None` for a name that no form writes.
    name: Option<Option<Letters>>,
}

/// Reads a number of one or two digits, or an English name, whole or cut to its usual length.
fn month(text: &str) -> Option<MonthPart> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        let number = text
            .parse()
            .ok()
            .filter(|_| (1..=2).contains(&text.len()))?;
        return Some(MonthPart {
            number,
            zero: zero_in_front(i16::from(number), text.len()),
            short: None,
            name: Some(None),
        });
    }
    let lower = text.to_ascii_lowercase();
    let (number, full) = (1..).zip(NAMES).find(|(_, full)| {
        *full == lower
            || full.get(..3) == Some(lower.as_str())
            || (lower == "sept" && *full == "september")
    })?;
    Some(MonthPart {
        number,
        zero: None,
        // "May" is both.
        short: (full.len() > 3).then(|| lower != full),
        name: Letters::of(text).filter(|_| lower != "sept").map(Some),
    })
}

/// Returns the English name of a month from 1 to 12.
pub(crate) fn name(month: i8) -> &'static str {
    usize::try_from(month)
        .ok()
        .and_then(|month| NAMES.get(month.checked_sub(1)?))
        .copied()
        .unwrap_or_default()
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
