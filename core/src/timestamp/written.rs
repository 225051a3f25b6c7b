//! The shape of a date as it is written, before anybody decides which number is the month.

use jiff::civil::Time;

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
}

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
        Some(Self {
            date,
            time: Some(time),
        })
    }

    fn scan(text: &str) -> Result<Self, String> {
        let mut scanner = Scanner { rest: text };
        let date = scanner.date()?;
        let separated = scanner.eat(',') | scanner.eat(' ') || scanner.eat('T') || scanner.eat('t');
        if scanner.rest.is_empty() && !separated {
            return Ok(Self { date, time: None });
        }
        if !separated {
            return Err(NOT_A_DATE.to_owned());
        }
        let time = scanner.time()?;
        if !scanner.rest.is_empty() {
            return Err(format!(
                "has {} behind the time",
                crate::ledger::quoted(scanner.rest.trim())
            ));
        }
        Ok(Self {
            date,
            time: Some(time),
        })
    }
}

const NOT_A_DATE: &str = "is not a date";
const NOT_A_TIME: &str = "has no time as hh:mm or hh:mm:ss behind the date";

struct Scanner<'t> {
    rest: &'t str,
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

    /// Reads a number of one or two digits.
    fn short(&mut self) -> Option<i8> {
        let (number, digits) = self.number()?;
        i8::try_from(number).ok().filter(|_| digits <= 2)
    }

    fn date(&mut self) -> Result<WrittenDate, String> {
        let refused = || NOT_A_DATE.to_owned();
        let (head, digits) = self.number().ok_or_else(refused)?;
        let separator = ['/', '-', '.']
            .into_iter()
            .find(|&separator| self.eat(separator));
        let separator = separator.ok_or_else(refused)?;
        let second = self.short().ok_or_else(refused)?;
        if !self.eat(separator) {
            return Err(refused());
        }
        if digits == 4 {
            let day = self.short().ok_or_else(refused)?;
            return Ok(WrittenDate::YearFirst {
                year: head,
                month: second,
                day,
            });
        }
        let first = i8::try_from(head)
            .ok()
            .filter(|_| digits <= 2)
            .ok_or_else(refused)?;
        match self.number().ok_or_else(refused)? {
            (year, 4) => Ok(WrittenDate::YearLast {
                first,
                second,
                year,
            }),
            (_, 2) => Err("has a two-digit year, whose century is a guess".to_owned()),
            _ => Err(refused()),
        }
    }

    fn time(&mut self) -> Result<Time, String> {
        let refused = || NOT_A_TIME.to_owned();
        let hour = self.short().ok_or_else(refused)?;
        if !self.eat(':') {
            return Err(refused());
        }
        let minute = self.two_digits().ok_or_else(refused)?;
        let mut second = 0;
        let mut nanosecond = 0;
        if self.eat(':') {
            second = self.two_digits().ok_or_else(refused)?;
            if self.eat('.') {
                nanosecond = self.fraction().ok_or_else(refused)?;
            }
        }
        let hour = self.half_of_day(hour)?;
        if self.rest.starts_with(['Z', 'z', '+', '-']) {
            return Err("names a time zone, but times are local here".to_owned());
        }
        Time::new(hour, minute, second, nanosecond)
            .map_err(|_| "has a time that does not exist".to_owned())
    }

    fn two_digits(&mut self) -> Option<i8> {
        let (number, digits) = self.number()?;
        i8::try_from(number).ok().filter(|_| digits == 2)
    }

    /// Reads the digits of a fraction of a second, to the microsecond that the database keeps.
    fn fraction(&mut self) -> Option<i32> {
        let end = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self
            .rest
            .split_at_checked(end)
            .filter(|_| (1..=9).contains(&end))?;
        self.rest = rest;
        let micros: String = digits.chars().chain("000000".chars()).take(6).collect();
        Some(micros.parse::<i32>().ok()? * 1000)
    }

    /// Applies AM or PM, if one follows, to an hour of 1 to 12.
    fn half_of_day(&mut self, hour: i8) -> Result<i8, String> {
        let word = self.rest.trim_start();
        let found = [("p.m.", 12), ("a.m.", 0), ("pm", 12), ("am", 0)]
            .into_iter()
            .find(|(name, _)| {
                word.get(..name.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(name))
            });
        let Some((name, offset)) = found else {
            return Ok(hour);
        };
        self.rest = word.get(name.len()..).unwrap_or_default();
        if !(1..=12).contains(&hour) {
            let half = if offset == 12 { "PM" } else { "AM" };
            return Err(format!("has the hour {hour} {half}, which does not exist"));
        }
        Ok(hour % 12 + offset)
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
