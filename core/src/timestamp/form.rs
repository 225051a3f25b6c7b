//! The form in which the dates of a column are written, such as `DD/MM/YYYY HH:MM`.
//!
//! A stored date does not say how it was written. The form of its column does: it writes the date
//! back, letter by letter. A text in another form does not fit, and has to be kept itself.

use std::fmt::{self, Write};
use std::str::FromStr;

use jiff::civil::DateTime;

use super::DateOrder;
use super::shape::{
    DateLayout, Habits, Half, Layout, Letters, Separator, Shape, TimeLayout, USUAL_HABITS,
};
use super::written::Written;
use crate::error::Error;
use crate::ledger::quoted;
use crate::month::{self, WrittenMonth};

/// A form in which dates are written.
///
/// It is shown as a pattern: `YYYY`, `MM` and `DD` are the numbers of the date, `HH`, `MM` and `SS`
/// those of the time, and `F` is each digit of a fraction of a second. `M`, `D` and `H` have no zero
/// in front. `Month` and `Mon` are English names, with the capitals of the pattern. `AM` says that
/// the hour is one of twelve, with `AM` or `PM` behind it.
///
/// ```
/// use jiff::civil::datetime;
/// use rapport_core::timestamp::DateForm;
///
/// let form: DateForm = "D.M.YYYY H:MM am".parse()?;
/// assert_eq!(form.write(datetime(2019, 1, 4, 21, 5, 0, 0)), "4.1.2019 9:05 pm");
/// assert_eq!(form.to_string(), "D.M.YYYY H:MM am");
/// # Ok::<(), rapport_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateForm {
    layout: Layout,
    habits: [bool; 4],
    order: DateOrder,
}

impl DateForm {
    /// Makes the form of a layout. What no habit is known of is written as usual.
    pub(crate) fn new(layout: Layout, habits: Habits, order: DateOrder) -> Self {
        let mut known = USUAL_HABITS;
        for (known, habit) in known.iter_mut().zip(habits) {
            *known = habit.unwrap_or(*known);
        }
        Self {
            layout,
            habits: known,
            // Only these have a day and a month that could change places.
            order: match layout.date {
                DateLayout::YearLast(_) => order,
                DateLayout::YearFirst(_) | DateLayout::Month { .. } => DateOrder::default(),
            },
        }
    }

    /// Tells whether [`Self::write`] gives back a text of this shape, from the date that it is.
    pub(crate) fn fits(&self, shape: &Shape) -> bool {
        shape.layout == Some(self.layout)
            && shape
                .habits
                .iter()
                .zip(self.habits)
                .all(|(shown, habit)| shown.is_none_or(|shown| shown == habit))
    }

    /// Writes a date in this form.
    #[must_use]
    pub fn write(&self, at: DateTime) -> String {
        self.filled(Some(at))
    }

    /// Fills the pattern with the numbers of a date, or with its own letters.
    fn filled(&self, at: Option<DateTime>) -> String {
        let [first, second, hour, short] = self.habits;
        let mut out = Filling {
            text: String::new(),
            at,
        };
        match self.layout.date {
            DateLayout::YearFirst(separator) => {
                out.year();
                out.text.push(separator);
                out.month(first);
                out.text.push(separator);
                out.day(second);
            }
            DateLayout::YearLast(separator) => {
                match self.order {
                    DateOrder::Dmy => out.day(first),
                    DateOrder::Mdy => out.month(first),
                }
                out.text.push(separator);
                match self.order {
                    DateOrder::Dmy => out.month(second),
                    DateOrder::Mdy => out.day(second),
                }
                out.text.push(separator);
                out.year();
            }
            DateLayout::Month {
                year_first,
                separator,
                name,
            } => {
                if year_first {
                    out.year();
                    out.separator(separator);
                }
                match name {
                    Some(letters) => out.name(letters, short),
                    None => out.month(first),
                }
                if !year_first {
                    out.separator(separator);
                    out.year();
                }
            }
        }
        if let Some(time) = self.layout.time {
            out.time(time, hour);
        }
        out.text
    }
}

impl fmt::Display for DateForm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.filled(None))
    }
}

/// A text that is being filled with the numbers of a date, or with the letters for them.
struct Filling {
    text: String,
    at: Option<DateTime>,
}

impl Filling {
    fn number(&mut self, letter: char, number: impl Fn(DateTime) -> i8, zero: bool) {
        // Writing into a text cannot fail.
        let _ = match (self.at.map(number), zero) {
            (Some(number), true) => write!(self.text, "{number:02}"),
            (Some(number), false) => write!(self.text, "{number}"),
            (None, true) => write!(self.text, "{letter}{letter}"),
            (None, false) => self.text.write_char(letter),
        };
    }

    fn year(&mut self) {
        match self.at {
            Some(at) => self.text.push_str(&format!("{:04}", at.year())),
            None => self.text.push_str("YYYY"),
        }
    }

    fn month(&mut self, zero: bool) {
        self.number('M', DateTime::month, zero);
    }

    fn day(&mut self, zero: bool) {
        self.number('D', DateTime::day, zero);
    }

    fn name(&mut self, letters: Letters, short: bool) {
        let full = self.at.map_or("month", |at| month::name(at.month()));
        let name = if short { full.get(..3) } else { Some(full) };
        self.text.push_str(&letters.write(name.unwrap_or_default()));
    }

    fn separator(&mut self, separator: Separator) {
        let space = |has_space: bool| has_space.then_some(' ');
        self.text.extend(space(separator.space_before));
        self.text.extend(separator.mark);
        self.text.extend(space(separator.space_behind));
    }

    fn time(&mut self, layout: TimeLayout, zero: bool) {
        self.text.extend(layout.comma.then_some(','));
        self.text.extend(layout.gap);
        let has_half = layout.half.is_some();
        let hour = |at: DateTime| match at.hour() % 12 {
            _ if !has_half => at.hour(),
            0 => 12,
            hour => hour,
        };
        self.number('H', hour, zero);
        self.text.push(':');
        self.number('M', DateTime::minute, true);
        if let Some(digits) = layout.seconds {
            self.text.push(':');
            self.number('S', DateTime::second, true);
            if digits > 0 {
                let fraction = self.at.map_or_else(
                    || "F".repeat(digits),
                    |at| format!("{:09}", at.subsec_nanosecond()),
                );
                self.text.push('.');
                self.text.extend(fraction.chars().take(digits));
            }
        }
        if let Some(half) = layout.half {
            self.half(half);
        }
    }

    fn half(&mut self, half: Half) {
        self.text.extend(half.space.then_some(' '));
        let word = match (self.at.is_some_and(|at| at.hour() >= 12), half.dots) {
            (false, false) => "am",
            (false, true) => "a.m.",
            (true, false) => "pm",
            (true, true) => "p.m.",
        };
        let letters = if half.capital {
            Letters::Capital
        } else {
            Letters::Small
        };
        self.text.push_str(&letters.write(word));
    }
}

/// What a pattern may hold, with what a date of 1 February 2003, 4:05:06 has there; the name of
/// June shows whether it is shortened.
const TOKENS: [(&str, &str); 20] = [
    ("MONTH", "JUNE"),
    ("Month", "June"),
    ("month", "june"),
    ("MON", "JUN"),
    ("Mon", "Jun"),
    ("mon", "jun"),
    ("A.M.", "A.M."),
    ("AM", "AM"),
    ("a.m.", "a.m."),
    ("am", "am"),
    (":MM", ":05"),
    (":SS", ":06"),
    ("YYYY", "2003"),
    ("DD", "01"),
    ("D", "1"),
    ("MM", "02"),
    ("M", "2"),
    ("HH", "04"),
    ("H", "4"),
    ("F", "0"),
];

impl FromStr for DateForm {
    type Err = Error;

    /// Reads a pattern as [`DateForm`] shows it.
    fn from_str(pattern: &str) -> Result<Self, Error> {
        let mut sample = String::new();
        let mut rest = pattern;
        while let Some(character) = rest.chars().next() {
            let token = TOKENS
                .into_iter()
                .find_map(|(token, text)| Some((rest.strip_prefix(token)?, text)));
            if let Some((behind, text)) = token {
                sample.push_str(text);
                rest = behind;
            } else {
                sample.push(character);
                rest = rest.get(character.len_utf8()..).unwrap_or_default();
            }
        }
        let shape = match WrittenMonth::read(&sample) {
            Some(written) => Some(written.shape),
            None => Written::read(&sample).ok().map(|written| written.shape),
        };
        let order = match pattern.starts_with('M') {
            true => DateOrder::Mdy,
            false => DateOrder::Dmy,
        };
        shape
            .and_then(|shape| Some(Self::new(shape.layout?, shape.habits, order)))
            .filter(|form| form.to_string() == pattern)
            .ok_or_else(|| Error::InvalidValue {
                message: format!("{} is not the form of a date", quoted(pattern)),
                hint: Some("a form is a pattern such as DD/MM/YYYY HH:MM".to_owned()),
            })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::datetime;
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::timestamp::read_timestamp;

    /// The form that a text has by itself.
    fn form(text: &str, order: DateOrder) -> Option<DateForm> {
        let shape = match WrittenMonth::read(text) {
            Some(month) => month.shape,
            None => Written::read(text).unwrap().shape,
        };
        Some(DateForm::new(shape.layout?, shape.habits, order))
    }

    #[rstest]
    #[case("04/10/2019 09:05", "DD/MM/YYYY HH:MM")]
    #[case("4/1/2019 9:05", "D/M/YYYY H:MM")]
    #[case("13.12.2019, 19:05:30", "DD.MM.YYYY, HH:MM:SS")]
    #[case("04-10-2019,09:05", "DD-MM-YYYY,HH:MM")]
    #[case("04/10/2019", "DD/MM/YYYY")]
    #[case("4/1/2019 09:05 PM", "D/M/YYYY HH:MM AM")]
    #[case("4/1/2019 9:05pm", "D/M/YYYY H:MMam")]
    #[case("04/10/2019 9:05 a.m.", "DD/MM/YYYY H:MM a.m.")]
    #[case("04/10/2019 9:05:00 P.M.", "DD/MM/YYYY H:MM:SS A.M.")]
    #[case("2019-10-04T09:05", "YYYY-MM-DDTHH:MM")]
    #[case("2019-10-04t09:05:06.250", "YYYY-MM-DDtHH:MM:SS.FFF")]
    #[case("2019-10-04 09:05:06.2500000", "YYYY-MM-DD HH:MM:SS.FFFFFFF")]
    #[case("2019/1/4", "YYYY/M/D")]
    #[case("01-2019", "MM-YYYY")]
    #[case("1 / 2019", "M / YYYY")]
    #[case("2019.01", "YYYY.MM")]
    #[case("Jan. 2019", "Mon. YYYY")]
    #[case("2019 JANUARY", "YYYY MONTH")]
    #[case("feb-2019", "mon-YYYY")]
    #[case("May 2019", "Month YYYY")]
    fn a_text_shows_its_form(#[case] text: &str, #[case] pattern: &str) {
        let form = form(text, DateOrder::Dmy).unwrap();
        assert_eq!(form.to_string(), pattern);
        assert_eq!(pattern.parse::<DateForm>().unwrap(), form);
    }

    #[test]
    fn the_month_may_come_first() {
        let form = form("4/13/2019 9:05", DateOrder::Mdy).unwrap();
        assert_eq!(form.to_string(), "M/DD/YYYY H:MM");
        assert_eq!(
            form.write(datetime(2019, 12, 3, 19, 5, 0, 0)),
            "12/03/2019 19:05"
        );
        assert_eq!("M/DD/YYYY H:MM".parse::<DateForm>().unwrap(), form);
    }

    #[rstest]
    #[case("04/10/2019 9:00 pM")]
    #[case("2019-10-04 09:00:00.1234567")]
    #[case("Sept 2019")]
    #[case("jAN 2019")]
    fn some_texts_have_no_form(#[case] text: &str) {
        assert_eq!(form(text, DateOrder::Dmy), None);
    }

    #[rstest]
    #[case(
        "DD/MM/YYYY H:MM AM",
        datetime(2019, 1, 4, 0, 30, 0, 0),
        "04/01/2019 12:30 AM"
    )]
    #[case(
        "DD/MM/YYYY H:MM AM",
        datetime(2019, 1, 4, 12, 0, 0, 0),
        "04/01/2019 12:00 PM"
    )]
    #[case(
        "D.M.YYYY HH:MM a.m.",
        datetime(2019, 11, 14, 21, 5, 0, 0),
        "14.11.2019 09:05 p.m."
    )]
    #[case(
        "YYYY-MM-DD HH:MM:SS.FF",
        datetime(2019, 1, 4, 9, 5, 6, 250_000_000),
        "2019-01-04 09:05:06.25"
    )]
    #[case("MONTH YYYY", datetime(2019, 9, 1, 0, 0, 0, 0), "SEPTEMBER 2019")]
    #[case("Mon YYYY", datetime(2019, 9, 1, 0, 0, 0, 0), "Sep 2019")]
    fn a_form_writes_dates(#[case] pattern: &str, #[case] at: DateTime, #[case] text: &str) {
        assert_eq!(pattern.parse::<DateForm>().unwrap().write(at), text);
    }

    #[rstest]
    #[case("")]
    #[case("DMY")]
    #[case("DD/MM-YYYY")]
    #[case("DD/MM/YY")]
    #[case("DD/DD/YYYY")]
    #[case("04/10/2019")]
    #[case("DD/MM/YYYY HH:MM Am")]
    #[case("Sept YYYY")]
    fn other_patterns_are_refused(#[case] pattern: &str) {
        let message = pattern.parse::<DateForm>().unwrap_err().to_string();
        assert!(message.ends_with("is not the form of a date"), "{message}");
    }

    /// Texts of many forms, most of which are dates.
    fn texts() -> impl Strategy<Value = String> {
        let number = || prop_oneof!["0[1-9]", "[1-9]", "1[0-2]"];
        let separator = prop::sample::select(vec!["/", "-", "."]);
        let gap = prop::sample::select(vec![" ", ",", ", ", "T", "t"]);
        let seconds = prop_oneof![Just(String::new()), ":[0-5][0-9](\\.[0-9]{1,9})?"];
        let half = prop::sample::select(vec!["", " AM", "pm", " p.m.", "A.M.", " Pm", " aM"]);
        let time = (gap, number(), "[0-5][0-9]", seconds, half).prop_map(
            |(gap, hour, minute, seconds, half)| format!("{gap}{hour}:{minute}{seconds}{half}"),
        );
        let time = prop_oneof![Just(String::new()), time];
        let date = (number(), number(), separator, any::<bool>(), time).prop_map(
            |(one, other, separator, year_first, time)| match year_first {
                true => format!("2019{separator}{one}{separator}{other}{time}"),
                false => format!("{one}{separator}{other}{separator}2019{time}"),
            },
        );
        let month = prop_oneof![
            number().prop_map(|number| number.to_string()),
            prop::sample::select(vec![
                "January", "may", "MAY", "Sept", "SEP", "DECEMBER", "dec", "jUNE"
            ])
            .prop_map(str::to_owned)
        ];
        let month = (month, "( |-|/|\\.| - |\\. | /)", any::<bool>()).prop_map(
            |(month, separator, year_first)| match year_first {
                true => format!("2019{separator}{month}"),
                false => format!("{month}{separator}2019"),
            },
        );
        prop_oneof![3 => date, 1 => month]
    }

    proptest! {
        #[test]
        fn a_form_writes_a_text_back_exactly_when_it_fits(
            text in texts(), other in texts(), month_first in any::<bool>(),
        ) {
            let order = if month_first { DateOrder::Mdy } else { DateOrder::Dmy };
            let (at, shape) = match WrittenMonth::read(&text) {
                Some(month) => {
                    (month.first_day().unwrap().to_datetime(jiff::civil::Time::midnight()), month.shape)
                }
                None => {
                    let (read, shape) = read_timestamp(&text, order).unwrap();
                    (read.value, shape)
                }
            };
            for form in [form(&text, order), form(&other, order)].into_iter().flatten() {
                prop_assert_eq!(form.fits(&shape), form.write(at) == text, "{} {}", form, text);
                prop_assert_eq!(form.to_string().parse::<DateForm>().unwrap(), form);
            }
            if let Some(own) = form(&text, order) {
                prop_assert!(own.fits(&shape));
            }
        }

        #[test]
        fn reading_a_pattern_is_total(text in any::<String>(), near in "[DMYHSFA/.: TamMonth-]{0,20}") {
            for pattern in [text, near] {
                if let Ok(form) = pattern.parse::<DateForm>() {
                    prop_assert_eq!(form.to_string(), pattern);
                }
            }
        }
    }
}
