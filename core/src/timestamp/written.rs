//! The shape of a date as it is written, before anybody decides which number is the month.

use jiff::civil::Time;

use super::shape::{DateLayout, Habits, Half, Layout, Letters, Shape, TimeLayout, zero_in_front};

/// The numbers of a date in the order in which they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WrittenDate {
    /// `yyyy-mm-dd`, which has one reading.
    YearFirst { year: i16, month: i8, day: i8 },
    /// `dd/mm/yyyy` or `mm/dd/yyyy`.
    YearLast { first: i8, second: i8, year: i16 },
}

/// A date and, if there is one, a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) date: WrittenDate,
    pub(crate) time: Option<Time>,
    pub(crate) shape: Shape,
}

/// How the form that nearly all dates of a column have lays out its time.
const USUAL_TIME: TimeLayout = TimeLayout {
    comma: false,
    gap: Some(' '),
    seconds: None,
    half: None,
};

impl Written {
    /// Reads a text that was tidied before; the error is the rest of a sentence after the text.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        match Self::usual(text) {
            Some(written) => Ok(written),
            None => Self::scan(text),
        }
    }

    /// Reads the form that nearly all dates of a column have, `dd/mm/yyyy hh:mm`, in one step;
    /// `None` for another one, which [`Self::scan`] reads or refuses.
    fn usual(text: &str) -> Option<Self> {
        let bytes: &[u8; 16] = text.as_bytes().try_into().ok()?;
        let [
            d1,
            d2,
            first_separator,
            m1,
            m2,
            second_separator,
            y1,
            y2,
            y3,
            y4,
            b' ',
            h1,
            h2,
            b':',
            n1,
            n2,
        ] = *bytes
        else {
            return None;
        };
        if first_separator != second_separator || !matches!(first_separator, b'/' | b'-' | b'.') {
            return None;
        }
        let digit = |byte: u8| byte.is_ascii_digit().then(|| i16::from(byte - b'0'));
        let pair = |tens: u8, ones: u8| Some(digit(tens)? * 10 + digit(ones)?);
        let short = |tens, ones| i8::try_from(pair(tens, ones)?).ok();
        let date = WrittenDate::YearLast {
            first: short(d1, d2)?,
            second: short(m1, m2)?,
            year: pair(y1, y2)? * 100 + pair(y3, y4)?,
        };
        let time = Time::new(short(h1, h2)?, short(n1, n2)?, 0, 0).ok()?;
        let zero = |tens: u8| (tens == b'0').then_some(true);
        Some(Self {
            date,
            time: Some(time),
            shape: Shape {
                layout: Some(Layout {
                    date: DateLayout::YearLast(char::from(first_separator)),
                    time: Some(USUAL_TIME),
                }),
                habits: [zero(d1), zero(m1), zero(h1), None],
            },
        })
    }

    fn scan(text: &str) -> Result<Self, String> {
        let mut scanner = Scanner {
            rest: text,
            habits: [None; 4],
        };
        let (date, date_layout) = scanner.date()?;
        let comma = scanner.eat(',');
        let gap = match comma {
            true => [' '].as_slice(),
            false => &[' ', 'T', 't'],
        };
        let gap = gap.iter().copied().find(|&gap| scanner.eat(gap));
        let separated = comma || gap.is_some();
        if scanner.rest.is_empty() && !separated {
            return Ok(Self {
                date,
                time: None,
                shape: Shape {
                    layout: Some(Layout {
                        date: date_layout,
                        time: None,
                    }),
                    habits: scanner.habits,
                },
            });
        }
        if !separated {
            return Err(NOT_A_DATE.to_owned());
        }
        let (time, time_layout) = scanner.time()?;
        if !scanner.rest.is_empty() {
            return Err(format!(
                "has {} behind the time",
                crate::ledger::quoted(scanner.rest.trim())
            ));
        }
        let layout = time_layout.map(|time| Layout {
            date: date_layout,
            time: Some(TimeLayout { comma, gap, ..time }),
        });
        Ok(Self {
            date,
            time: Some(time),
            shape: Shape {
                layout,
                habits: scanner.habits,
            },
        })
    }
}

const NOT_A_DATE: &str = "is not a date";
const NOT_A_TIME: &str = "has no time as hh:mm or hh:mm:ss behind the date";

struct Scanner<'t> {
    rest: &'t str,
    habits: Habits,
}

impl Scanner<'_> {
    fn eat(&mut self, character: char) -> bool {
        let stripped = self.rest.strip_prefix(character);
        self.rest = stripped.unwrap_or(self.rest);
        stripped.is_some()
    }

    /// Reads a number of one to four digits, with the count of its digits.
    fn number(&mut self) -> Option<(i16, usize)> {
        let end = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self
            .rest
            .split_at_checked(end)
            .filter(|_| (1..=4).contains(&end))?;
        self.rest = rest;
        Some((digits.parse().ok()?, end))
    }

    /// Reads a number of one or two digits, with whether it has a zero in front.
    fn short(&mut self) -> Option<(i8, Option<bool>)> {
        let (number, digits) = self.number()?;
        let short = i8::try_from(number).ok().filter(|_| digits <= 2)?;
        Some((short, zero_in_front(number, digits)))
    }

    fn date(&mut self) -> Result<(WrittenDate, DateLayout), String> {
        let refused = || NOT_A_DATE.to_owned();
        let (head, digits) = self.number().ok_or_else(refused)?;
        let separator = ['/', '-', '.']
            .into_iter()
            .find(|&separator| self.eat(separator));
        let separator = separator.ok_or_else(refused)?;
        let (second, second_zero) = self.short().ok_or_else(refused)?;
        if !self.eat(separator) {
            return Err(refused());
        }
        if digits == 4 {
            let (day, day_zero) = self.short().ok_or_else(refused)?;
            self.habits = [second_zero, day_zero, None, None];
            let date = WrittenDate::YearFirst {
                year: head,
                month: second,
                day,
            };
            return Ok((date, DateLayout::YearFirst(separator)));
        }
        let first = i8::try_from(head)
            .ok()
            .filter(|_| digits <= 2)
            .ok_or_else(refused)?;
        self.habits = [zero_in_front(head, digits), second_zero, None, None];
        match self.number().ok_or_else(refused)? {
            (year, 4) => {
                let date = WrittenDate::YearLast {
                    first,
                    second,
                    year,
                };
                Ok((date, DateLayout::YearLast(separator)))
            }
            (_, 2) => Err("has a two-digit year, whose century is a guess".to_owned()),
            _ => Err(refused()),
        }
    }

    /// Reads a time; its layout is `None` where no form writes it back.
    fn time(&mut self) -> Result<(Time, Option<TimeLayout>), String> {
        let refused = || NOT_A_TIME.to_owned();
        let (hour, hour_zero) = self.short().ok_or_else(refused)?;
        let [_, _, zero, _] = &mut self.habits;
        *zero = hour_zero;
        if !self.eat(':') {
            return Err(refused());
        }
        let minute = self.two_digits().ok_or_else(refused)?;
        let mut second = 0;
        let mut fraction = Fraction::default();
        let has_seconds = self.eat(':');
        if has_seconds {
            second = self.two_digits().ok_or_else(refused)?;
            if self.eat('.') {
                fraction = self.fraction().ok_or_else(refused)?;
            }
        }
        let (hour, half) = self.half_of_day(hour)?;
        if self.rest.starts_with(['Z', 'z', '+', '-']) {
            return Err("names a time zone, but times are local here".to_owned());
        }
        let time = Time::new(hour, minute, second, fraction.nanosecond)
            .map_err(|_| "has a time that does not exist".to_owned())?;
        let layout = half.filter(|_| fraction.is_whole).map(|half| TimeLayout {
            seconds: has_seconds.then_some(fraction.digits),
            half,
            ..USUAL_TIME
        });
        Ok((time, layout))
    }

    fn two_digits(&mut self) -> Option<i8> {
        let (number, digits) = self.number()?;
        i8::try_from(number).ok().filter(|_| digits == 2)
    }

    /// Reads the digits of a fraction of a second, to the microsecond that the database keeps.
    fn fraction(&mut self) -> Option<Fraction> {
        let end = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self
            .rest
            .split_at_checked(end)
            .filter(|_| (1..=9).contains(&end))?;
        self.rest = rest;
        let micros: String = digits.chars().chain("000000".chars()).take(6).collect();
        Some(Fraction {
            nanosecond: micros.parse::<i32>().ok()? * 1000,
            digits: end,
            is_whole: digits.bytes().skip(6).all(|digit| digit == b'0'),
        })
    }

    /// Applies AM or PM, if one follows, to an hour of 1 to 12. How it is written is `None` where
    /// no form writes it back.
    fn half_of_day(&mut self, hour: i8) -> Result<(i8, Option<Option<Half>>), String> {
        let word = self.rest.trim_start();
        let found = [("p.m.", 12), ("a.m.", 0), ("pm", 12), ("am", 0)]
            .into_iter()
            .find_map(|(name, offset)| {
                let start = word.get(..name.len())?;
                start.eq_ignore_ascii_case(name).then_some((start, offset))
            });
        let Some((name, offset)) = found else {
            return Ok((hour, Some(None)));
        };
        let spaces = self.rest.len() - word.len();
        self.rest = word.get(name.len()..).unwrap_or_default();
        if !(1..=12).contains(&hour) {
            let half = if offset == 12 { "PM" } else { "AM" };
            return Err(format!("has the hour {hour} {half}, which does not exist"));
        }
        let half = |capital| Half {
            space: spaces == 1,
            dots: name.contains('.'),
            capital,
        };
        let half = match Letters::of(name) {
            _ if spaces > 1 => None,
            Some(Letters::Small) => Some(Some(half(false))),
            Some(Letters::Capital) => Some(Some(half(true))),
            Some(Letters::Title) | None => None,
        };
        Ok((hour % 12 + offset, half))
    }
}

/// A fraction of a second.
#[derive(Debug, Clone, Copy)]
struct Fraction {
    nanosecond: i32,
    digits: usize,
    /// Whether its digits beyond the microsecond are zeros.
    is_whole: bool,
}

impl Default for Fraction {
    fn default() -> Self {
        Self {
            nanosecond: 0,
            digits: 0,
            is_whole: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_usual_form_is_known() {
        let usual = Written::usual("04/10/2019 09:05").unwrap();
        assert_eq!(usual.time, Some(Time::constant(9, 5, 0, 0)));
        let date = WrittenDate::YearLast {
            first: 4,
            second: 10,
            year: 2019,
        };
        assert_eq!(usual.date, date);
        for text in [
            "04/10-2019 09:05",
            "04/10/2019 24:00",
            "04/10/2019,09:05",
            "04/10/2019 9:05 ",
        ] {
            assert_eq!(Written::usual(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_usual_form_is_read_as_any_other(
            text in "[0-9]{2}[/.-][0-9]{2}[/.-][0-9]{4}[ ,T][0-2][0-9][:.][0-6][0-9é]",
        ) {
            if let Some(usual) = Written::usual(&text) {
                prop_assert_eq!(Ok(usual), Written::scan(&text));
            }
        }
    }
}
