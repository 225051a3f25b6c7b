//! The period that a question names: months, years and days, with "since", "until", "to" and the like.

use jiff::civil::{Date, date};

use super::word::{self, Word};
use crate::month::NAMES;

/// Both days belong to it; an end that is missing is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) since: Option<Date>,
    pub(super) until: Option<Date>,
}

/// Reads the first period of a question, and takes its words; none when there is a month beside it, as of
/// several periods one would be left out.
pub(super) fn take(words: &mut [Word]) -> Period {
    for at in 0..words.len() {
        let Some((first, length)) = span(words, at) else {
            continue;
        };
        let cue = at.checked_sub(1).and_then(|before| words.get(before));
        let cue = cue.map_or("", |word| word.stem.as_str()).to_owned();
        let next = words.get(at + length).map_or("", |word| word.stem.as_str());
        let joined = matches!(next, "to" | "until" | "till" | "through")
            || (next == "and" && cue == "between");
        let second = joined
            .then(|| span(words, at + length + 1))
            .flatten()
            .filter(|(second, _)| second.0 >= first.0);
        let known_cue = matches!(
            cue.as_str(),
            "in" | "during"
                | "of"
                | "for"
                | "from"
                | "between"
                | "since"
                | "after"
                | "until"
                | "till"
                | "before"
                | "on"
                | "by"
        );
        // A number alone may be anything; behind a comma, at the end, it is a year.
        let is_last = at + length == words.len() && words.get(at).is_some_and(|word| word.is_apart);
        if length == 1 && first.1 != first.0 && !known_cue && second.is_none() && !is_last {
            continue;
        }
        let (period, end) = match (second, cue.as_str()) {
            (Some((second, further)), cue)
                if !matches!(cue, "since" | "after" | "until" | "before") =>
            {
                (
                    Period {
                        since: Some(first.0),
                        until: Some(second.1),
                    },
                    at + length + 1 + further,
                )
            }
            (_, "since") => (
                Period {
                    since: Some(first.0),
                    until: None,
                },
                at + length,
            ),
            (_, "after") => (
                Period {
                    since: first.1.tomorrow().ok(),
                    until: None,
                },
                at + length,
            ),
            (_, "until" | "till" | "by") => (
                Period {
                    since: None,
                    until: Some(first.1),
                },
                at + length,
            ),
            (_, "before") => (
                Period {
                    since: None,
                    until: first.0.yesterday().ok(),
                },
                at + length,
            ),
            _ => (
                Period {
                    since: Some(first.0),
                    until: Some(first.1),
                },
                at + length,
            ),
        };
        let begin = at - usize::from(known_cue);
        let beside = words
            .iter()
            .enumerate()
            .any(|(place, word)| !(begin..end).contains(&place) && is_date(word));
        if beside {
            return Period::default();
        }
        word::take(words, begin, end - begin);
        return period;
    }
    Period::default()
}

/// Tells whether a word is a month, a year or a day.
pub(super) fn is_date(word: &Word) -> bool {
    let lower = word.text.to_lowercase();
    let is_month = NAMES.contains(&lower.as_str()) && word.text.starts_with(char::is_uppercase);
    (is_month && (lower != "may" || !word.is_first))
        || year(&word.text).is_some()
        || day(&word.text).is_some()
}

/// Reads `March 2024`, `2024` or `2024-03-05` as its first and last day, with the number of words.
fn span(words: &[Word], at: usize) -> Option<((Date, Date), usize)> {
    let word = words.get(at).filter(|word| !word.is_taken)?;
    if let Some(day) = day(&word.text) {
        return Some(((day, day), 1));
    }
    if let Some(year) = year(&word.text) {
        return Some(((date(year, 1, 1), date(year, 12, 31)), 1));
    }
    let lower = word.text.to_lowercase();
    let is_month = |name: &&str| *name == lower || (lower.len() == 3 && name.starts_with(&lower));
    let month = i8::try_from(NAMES.iter().position(is_month)?).ok()? + 1;
    let year = year(&words.get(at + 1)?.text)?;
    let first = date(year, month, 1);
    Some(((first, first.last_of_month()), 2))
}

fn year(text: &str) -> Option<i16> {
    let year = (text.len() == 4).then(|| text.parse().ok()).flatten()?;
    (1900..2100).contains(&year).then_some(year)
}

fn day(text: &str) -> Option<Date> {
    let day: Date = (text.len() == 10).then(|| text.parse().ok()).flatten()?;
    (1900..2100).contains(&day.year()).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::super::word::words;
    use super::*;

    #[test]
    fn periods_are_read_as_they_are_written() {
        for (question, since, until, rest) in [
            ("calls in March 2024", "2024-03-01", "2024-03-31", "calls"),
            ("webinars of 2022", "2022-01-01", "2022-12-31", "webinars"),
            (
                "out of stock, 2023 to 2025",
                "2023-01-01",
                "2025-12-31",
                "out of stock",
            ),
            (
                "between January 2023 and Feb 2024 prices",
                "2023-01-01",
                "2024-02-29",
                "prices",
            ),
            ("nausea since 2024", "2024-01-01", "", "nausea"),
            ("before May 2023: nausea", "", "2023-04-30", "nausea"),
            ("after 2024-03-05", "2024-03-06", "", ""),
            ("until 2023", "", "2023-12-31", ""),
            ("samples 2025", "", "", "samples 2025"),
            ("samples, 2025", "2025-01-01", "2025-12-31", "samples"),
            ("calls in 2023 and 2025", "", "", "calls in 2023 and 2025"),
            (
                "June, July and August 2024",
                "",
                "",
                "June July and August 2024",
            ),
            ("after 9999-12-31", "", "", "after 9999-12-31"),
            ("2000 tablets", "", "", "2000 tablets"),
            ("in May", "", "", "in May"),
            ("2024-13-05", "", "", "2024-13-05"),
            ("", "", "", ""),
        ] {
            let mut words = words(question);
            let period = take(&mut words);
            let text = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
            assert_eq!(
                (text(period.since).as_str(), text(period.until).as_str()),
                (since, until),
                "{question}"
            );
            let left: Vec<&str> = words
                .iter()
                .filter(|word| !word.is_taken)
                .map(|word| word.text.as_str())
                .collect();
            assert_eq!(left.join(" "), rest, "{question}");
        }
    }
}
