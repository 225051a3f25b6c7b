//! Refuses numbers, dates and times that the data does not hold.
//!
//! A number must be one of the counts of the facts; a date one of a cited interaction, or of the
//! first or last one. Percentages, amounts of money and fractions are never in the data.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::Scope;
use super::marks::What;
use super::mask::COVER;
use super::token::{self, Token};
use crate::generation::label;

/// What a number in front of it counts.
const COUNTED: [&str; 22] = [
    "call",
    "calls",
    "contact",
    "contacts",
    "conversation",
    "conversations",
    "email",
    "emails",
    "exchange",
    "exchanges",
    "interaction",
    "interactions",
    "letter",
    "letters",
    "meeting",
    "meetings",
    "message",
    "messages",
    "occasions",
    "times",
    "visit",
    "visits",
];

/// Checks every quantity of a sentence, and tells whether it names a day.
pub(super) fn check(
    tokens: &[Token],
    scope: &Scope,
    counts: &BTreeSet<u64>,
    customer_id: i64,
) -> Result<bool, String> {
    let mut dated = false;
    let mut rest = tokens;
    let mut before = None;
    while let Some((token, after)) = rest.split_first() {
        let mut used = 0;
        match token {
            Token::Mark(mark) if mark.is_numeric() => {
                return Err(format!("the number {mark} is not in the data"));
            }
            Token::Mark(_) => {}
            Token::Word(word) => {
                if let Some(month) = month(token) {
                    let (day, year, length) = after_month(after);
                    let alone = day.is_none() && year.is_none();
                    if !alone || names_month(word, before) {
                        scope.allows(year, Some(month), day)?;
                    }
                    dated |= day.is_some();
                    used = length;
                } else {
                    check_word(word, after, scope, counts)?;
                }
            }
            Token::Number(number) => {
                if after.first().and_then(Token::word).is_some_and(|word| {
                    matches!(
                        word.as_str(),
                        "percent" | "am" | "pm" | "per" | "k" | "m" | "million"
                    )
                }) || matches!(
                    after.first(),
                    Some(Token::Mark('%' | '€' | '$' | '£' | '°'))
                ) || matches!(before, Some(Token::Mark('€' | '$' | '£' | '#')))
                {
                    return Err(format!(
                        "the number {number} has a unit that is not in the data"
                    ));
                }
                let written_out = number
                    .parse::<i8>()
                    .ok()
                    .and_then(|day| Some((day, after_day(after)?)));
                if let Some((day, (month, year, length))) = written_out {
                    scope.allows(year, Some(month), Some(day))?;
                    dated = true;
                    used = length;
                } else if number.contains([':', '/', '-', '.']) {
                    dated |= check_figures(number, scope)?;
                } else {
                    check_count(number, before, after, scope, counts, customer_id)?;
                }
            }
        }
        before = after.get(..used).and_then(<[_]>::last).or(Some(token));
        rest = after.get(used..).unwrap_or_default();
    }
    Ok(dated)
}

/// Reads a day or a month of a year at the start of the tokens, with their number.
pub(super) fn day_at(tokens: &[Token]) -> Option<(What, usize)> {
    let (first, after) = tokens.split_first()?;
    let day = |year: i16, month: i8, day: i8| Date::new(year, month, day).ok().map(What::Day);
    match first {
        Token::Word(_) => {
            let month = month(first)?;
            match after_month(after) {
                (Some(of_month), Some(year), length) => {
                    Some((day(year, month, of_month)?, length + 1))
                }
                (None, Some(year), length) => Some((What::Month(year, month), length + 1)),
                _ => None,
            }
        }
        Token::Number(number) => {
            if let Ok(of_month) = number.parse::<i8>() {
                let (month, year, length) = after_day(after)?;
                return Some((day(year?, month, of_month)?, length + 1));
            }
            let parts: Vec<&str> = number.split(['-', '/', '.']).collect();
            let small = |text: &str| text.parse::<i8>().ok();
            match parts.as_slice() {
                [first, second, third] => {
                    let (of_year, of_month) = match year(first) {
                        Some(year) => (year, small(third)?),
                        None => (year(third)?, small(first)?),
                    };
                    Some((day(of_year, small(second)?, of_month)?, 1))
                }
                _ => None,
            }
        }
        Token::Mark(_) => None,
    }
}

impl Scope {
    fn allows(&self, year: Option<i16>, month: Option<i8>, day: Option<i8>) -> Result<(), String> {
        let fits = |date: &Date| {
            year.is_none_or(|year| date.year() == year)
                && month.is_none_or(|month| date.month() == month)
                && day.is_none_or(|day| date.day() == day)
        };
        if self.days.iter().any(fits) {
            return Ok(());
        }
        let month = month.and_then(|month| label::MONTHS.get(usize::try_from(month - 1).ok()?));
        let written = [
            day.map(|day| day.to_string()),
            month.map(|month| super::super::phrase::capitalised(month)),
            year.map(|year| year.to_string()),
        ];
        let written: Vec<String> = written.into_iter().flatten().collect();
        Err(format!(
            "the date {} is not in what it relies on",
            written.join(" ")
        ))
    }
}

fn month(token: &Token) -> Option<i8> {
    let Token::Word(word) = token else {
        return None;
    };
    // In lower case these are other words.
    if matches!(word.as_str(), "may" | "march" | "mar" | "dec" | "sep") {
        return None;
    }
    label::month_of(&word.to_lowercase())
}

/// Tells whether a month without day and year is one, and no other word at the start.
fn names_month(word: &str, before: Option<&Token>) -> bool {
    let ambiguous = matches!(word, "May" | "March" | "Mar");
    let preposition = before.and_then(Token::word).is_some_and(|word| {
        matches!(
            word.as_str(),
            "in" | "since" | "during" | "until" | "from" | "of" | "last" | "by" | "early" | "late"
        )
    });
    !ambiguous || preposition
}

/// Reads `11 2020`, `11th, 2020`, `11` or `2020` behind a month, with the number of tokens.
fn after_month(after: &[Token]) -> (Option<i8>, Option<i16>, usize) {
    let skipped = usize::from(matches!(after.first(), Some(Token::Mark('.'))));
    let Some(Token::Number(first)) = after.get(skipped) else {
        return (None, None, 0);
    };
    if let Some(year) = year(first) {
        return (None, Some(year), skipped + 1);
    }
    let Ok(day) = first.parse::<i8>() else {
        return (None, None, 0);
    };
    let suffix = usize::from(after.get(skipped + 1).is_some_and(is_ordinal));
    let comma = usize::from(after.get(skipped + 1 + suffix) == Some(&Token::Mark(',')));
    let length = skipped + 1 + suffix;
    match after.get(length + comma) {
        Some(Token::Number(next)) if year(next).is_some() => {
            (Some(day), year(next), length + comma + 1)
        }
        _ => (Some(day), None, length),
    }
}

/// Reads `February 2020` or `th of February` behind a day, with the number of tokens.
fn after_day(after: &[Token]) -> Option<(i8, Option<i16>, usize)> {
    let suffix = usize::from(after.first().is_some_and(is_ordinal));
    let of = usize::from(after.get(suffix).and_then(Token::word).as_deref() == Some("of"));
    let position = suffix + of;
    let month = month(after.get(position)?)?;
    let dot = usize::from(after.get(position + 1) == Some(&Token::Mark('.')));
    let comma = usize::from(after.get(position + 1 + dot) == Some(&Token::Mark(',')));
    match after.get(position + 1 + dot + comma) {
        Some(Token::Number(next)) if year(next).is_some() => {
            Some((month, year(next), position + 2 + dot + comma))
        }
        _ => Some((month, None, position + 1)),
    }
}

fn is_ordinal(token: &Token) -> bool {
    token
        .word()
        .is_some_and(|word| matches!(word.as_str(), "st" | "nd" | "rd" | "th"))
}

fn year(text: &str) -> Option<i16> {
    (text.len() == 4).then(|| text.parse().ok()).flatten()
}

fn check_word(
    word: &str,
    after: &[Token],
    scope: &Scope,
    counts: &BTreeSet<u64>,
) -> Result<(), String> {
    let lower = word.to_lowercase();
    let next = after.first().and_then(Token::word).unwrap_or_default();
    if matches!(lower.as_str(), "ago" | "yesterday" | "tomorrow")
        || (lower == "last" && matches!(next.as_str(), "week" | "month" | "year" | "quarter"))
    {
        return Err(format!("\"{lower}\" depends on the day of reading"));
    }
    if word.starts_with(char::is_uppercase)
        && let Some(weekday) = label::WEEKDAYS.iter().position(|day| *day == lower)
    {
        let same = |date: &Date| {
            usize::try_from(date.weekday().to_monday_zero_offset()).ok() == Some(weekday)
        };
        if !scope.days.iter().any(same) {
            return Err(format!("no interaction took place on a {word}"));
        }
    }
    if matches!(
        lower.as_str(),
        "dozens" | "scores" | "tens" | "hundreds" | "thousands"
    ) {
        return Err(format!("the number {lower} is not in the data"));
    }
    let mut sum = None;
    for part in lower.split('-') {
        if let Some((_, value)) = label::NUMBER_WORDS.iter().find(|(name, _)| *name == part) {
            // "one" and "once" mostly count nothing: "one of them", "once more".
            let idle = *value == 1 && !COUNTED.contains(&next.as_str());
            if !idle || sum.is_some() {
                sum = Some(sum.unwrap_or(0) + value);
            }
        }
    }
    match sum {
        Some(sum) if !counts.contains(&sum) => Err(format!("the number {word} is not in the data")),
        _ => Ok(()),
    }
}

/// Checks `2020-02-11`, `11/02/2020`, `02-2020`, `16:10`, and tells whether it is a day.
fn check_figures(number: &str, scope: &Scope) -> Result<bool, String> {
    let refused = || Err(format!("the number {number} is not in the data"));
    if number.contains(':') {
        let clock: Vec<&str> = number.split(':').collect();
        let [hour, minute, ..] = clock.as_slice() else {
            return refused();
        };
        let clock = format!("{}:{minute}", hour.trim_start_matches('0'));
        return if scope.times.contains(&clock) {
            Ok(false)
        } else {
            Err(format!("the time {number} is not in what it relies on"))
        };
    }
    let Some(separator) = number.chars().find(|c| !c.is_ascii_digit()) else {
        return refused();
    };
    let parts: Vec<&str> = number.split(separator).collect();
    let small = |text: &str| text.parse::<i8>().ok();
    match parts.as_slice() {
        [first, second, third] => {
            let (wanted_year, day) = match (year(first), year(third)) {
                (Some(year), _) => (year, small(third)),
                (None, Some(year)) => (year, small(first)),
                (None, None) => return refused(),
            };
            let (Some(month), Some(day)) = (small(second), day) else {
                return refused();
            };
            if scope
                .allows(Some(wanted_year), Some(month), Some(day))
                .is_err()
            {
                return Err(format!("the date {number} is not in what it relies on"));
            }
            Ok(true)
        }
        [first, second] => {
            let (wanted_year, month) = match (year(first), year(second)) {
                (Some(year), None) => (year, small(second)),
                (None, Some(year)) => (year, small(first)),
                _ => return refused(),
            };
            if month.is_none() || scope.allows(Some(wanted_year), month, None).is_err() {
                return Err(format!("the month {number} is not in what it relies on"));
            }
            Ok(false)
        }
        _ => refused(),
    }
}

fn check_count(
    number: &str,
    before: Option<&Token>,
    after: &[Token],
    scope: &Scope,
    counts: &BTreeSet<u64>,
    customer_id: i64,
) -> Result<(), String> {
    // The word is covered when it is a label too.
    let covered = before == Some(&Token::Mark(COVER));
    let of_customer = covered || before.and_then(Token::word).as_deref() == Some("customer");
    if of_customer && number == customer_id.to_string() {
        return Ok(());
    }
    if token::whole(number).is_some_and(|value| counts.contains(&value)) {
        return Ok(());
    }
    let counted = after
        .first()
        .and_then(Token::word)
        .is_some_and(|word| COUNTED.contains(&word.as_str()));
    if let Some(year) = year(number)
        && !counted
    {
        return scope.allows(Some(year), None, None);
    }
    Err(format!("the number {number} is not in the data"))
}
