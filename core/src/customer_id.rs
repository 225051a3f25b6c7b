//! Reads customer ids: whole numbers from 1 to 9 223 372 036 854 775 807.
//!
//! Dirt around the only number of an id is removed ("12in" is 12), and a list of ids is split.
//! What could be two things is refused rather than guessed: "1,000" (a thousand, or two ids),
//! "1 4", "1-4", "1.5", "(3)". A cell is read whole or not at all.

use std::borrow::Cow;

use crate::error::Error;
use crate::label::tidy;
use crate::ledger::{Cleaned, Rule, add_rule, quoted};
use crate::timestamp;

/// The most ids of one cell; more is not a visit but a broken file, and each becomes a row.
const IDS_PER_CELL: usize = 100;

/// Reads one customer id.
///
/// ```
/// use rapport_core::customer_id::clean_customer_id;
///
/// assert_eq!(clean_customer_id("12in").unwrap().value, 12);
/// assert!(clean_customer_id("1, 4").is_err());
/// ```
///
/// # Errors
/// [`Error::InvalidValue`] when the text holds no id, several, or one out of range.
pub fn clean_customer_id(text: &str) -> Result<Cleaned<i64>, Error> {
    let ids = clean_customer_ids(text)?;
    match ids.value.as_slice() {
        [id] => Ok(Cleaned {
            value: *id,
            rules: ids.rules,
        }),
        _ => Err(refused(
            text,
            "holds several customer ids",
            "give one customer id",
        )),
    }
}

/// Reads the customer ids of a cell, in their order and without repetition.
///
/// Ids may be separated by a comma, a semicolon, a slash, an ampersand, a line break or "and".
///
/// ```
/// use rapport_core::customer_id::clean_customer_ids;
///
/// assert_eq!(clean_customer_ids("1, 4 and 7").unwrap().value, [1, 4, 7]);
/// ```
///
/// # Errors
/// [`Error::InvalidValue`] when a part of the text is not an id in range, or could mean two
/// things; then no id of the cell is returned.
pub fn clean_customer_ids(text: &str) -> Result<Cleaned<Vec<i64>>, Error> {
    if let Some(id) = plain_id(text) {
        return Ok(Cleaned::untouched(vec![id]));
    }
    let mut rules = Vec::new();
    let ascii = ascii_digits(text, &mut rules)?;
    let whole = tidy(&ascii).value;
    if !whole.bytes().any(|byte| byte.is_ascii_digit()) {
        return Err(refused(
            text,
            "holds no customer id",
            "write the number of a customer",
        ));
    }
    if timestamp::is_date(&whole) {
        return Err(refused(
            text,
            "is a date, not a customer id",
            "write the number of a customer",
        ));
    }
    if has_thousands(&whole) {
        return Err(refused(
            text,
            "is either one number with thousands separators or several customer ids",
            "write one number without separators, or several with a semicolon between them",
        ));
    }

    let parts = parts(&ascii, IDS_PER_CELL + 1);
    if parts.len() > IDS_PER_CELL {
        return Err(refused(
            text,
            &format!("holds more than {IDS_PER_CELL} customer ids"),
            "use a row for each customer",
        ));
    }
    // White space beside a separator belongs to the list; around a lone id it is dirt.
    if parts.len() == 1 {
        rules.extend(tidy(&ascii).rules);
    }
    let mut ids = Vec::with_capacity(parts.len());
    for part in parts {
        let part = tidy(part).value;
        if part.is_empty() {
            add_rule(&mut rules, Rule::StraySeparator);
            continue;
        }
        let id = read_id(&part, text, &mut rules)?;
        if ids.contains(&id) {
            add_rule(&mut rules, Rule::RepeatedCustomer);
        } else {
            ids.push(id);
        }
    }
    if ids.len() > 1 {
        rules.push(Rule::SeveralCustomers);
    }
    Ok(Cleaned { value: ids, rules })
}

/// Reads a number cell of a spreadsheet.
///
/// # Errors
/// [`Error::InvalidValue`] when the number is not whole, not positive, or too large for a
/// spreadsheet to hold exactly.
pub fn customer_id_of_number(number: f64) -> Result<i64, Error> {
    /// Beyond 2^53 a spreadsheet has rounded the number already.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let text = number.to_string();
    if !number.is_finite() || number.fract() != 0.0 {
        return Err(refused(&text, "is not a whole number", HINT));
    }
    if number < 1.0 {
        return Err(refused(&text, "is not above zero", HINT));
    }
    if number >= EXACT {
        return Err(refused(&text, "is too large for a customer id", HINT));
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole and below 2^53, as checked above"
    )]
    let id = number as i64;
    Ok(id)
}

const HINT: &str = "a customer id is a whole number from 1 to 9223372036854775807";

fn refused(text: &str, reason: &str, hint: &str) -> Error {
    Error::InvalidValue {
        message: format!("{} {reason}", quoted(text)),
        hint: Some(hint.to_owned()),
    }
}

/// Reads digits with nothing around them and no zero in front, without a copy.
fn plain_id(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.first().is_none_or(|&first| first == b'0') || !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    text.parse().ok()
}

/// Converts the digits that are written in place of 0 to 9, and refuses all other numerals.
fn ascii_digits<'t>(text: &'t str, rules: &mut Vec<Rule>) -> Result<Cow<'t, str>, Error> {
    if text.is_ascii() {
        return Ok(Cow::Borrowed(text));
    }
    let mut converted = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii() || !character.is_numeric() {
            converted.push(character);
            continue;
        }
        let Some(digit) = digit_of(character) else {
            return Err(refused(
                text,
                "has a numeral that is not a plain digit",
                HINT,
            ));
        };
        converted.push(digit);
        add_rule(rules, Rule::Digits);
    }
    Ok(Cow::Owned(converted))
}

/// Returns the plain digit for a full-width, Arabic, Persian or Devanagari one.
fn digit_of(character: char) -> Option<char> {
    ['\u{FF10}', '\u{660}', '\u{6F0}', '\u{966}']
        .into_iter()
        .find_map(|zero| {
            let value = u32::from(character).checked_sub(u32::from(zero))?;
            char::from_digit(value, 10)
        })
}

/// Tells whether a text is one to three digits and then only groups of three behind commas.
fn has_thousands(text: &str) -> bool {
    let mut groups = text.split(',');
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let head = groups
        .next()
        .is_some_and(|head| (1..=3).contains(&head.len()) && digits(head));
    head && text.contains(',') && groups.all(|group| group.len() == 3 && digits(group))
}

/// Cuts a cell at its separators, into at most `limit` parts.
fn parts(text: &str, limit: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut previous: Option<char> = None;
    let mut rest = text.char_indices();
    while let Some((at, character)) = rest.next() {
        let end = if matches!(character, ',' | ';' | '/' | '&' | '\n' | '\r') {
            Some(at + character.len_utf8())
        } else if character.eq_ignore_ascii_case(&'a') && !previous.is_some_and(char::is_alphabetic)
        {
            end_of_and(text, at)
        } else {
            None
        };
        previous = Some(character);
        if let Some(end) = end {
            if parts.len() + 1 == limit {
                break;
            }
            parts.push(text.get(start..at).unwrap_or_default());
            start = end;
            while rest.offset() < end && rest.next().is_some() {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    // A line break after a comma, or the two bytes of a Windows line break, separate once.
    if parts.len() > 1 && text.contains(['\n', '\r']) {
        parts.retain(|part| !part.trim().is_empty());
    }
    parts
}

/// Returns where the word "and" at `at` ends, if it stands there as a word.
fn end_of_and(text: &str, at: usize) -> Option<usize> {
    let word = text.get(at..at + 3)?;
    let next = text.get(at + 3..)?.chars().next();
    (word.eq_ignore_ascii_case("and") && !next.is_some_and(char::is_alphabetic)).then_some(at + 3)
}

/// Reads a part that is to hold exactly one id; `cell` is what messages quote.
fn read_id(part: &str, cell: &str, rules: &mut Vec<Rule>) -> Result<i64, Error> {
    let several = || {
        refused(
            cell,
            "holds several numbers without a separator between them",
            "separate customer ids by a comma or a semicolon",
        )
    };
    let Some(start) = part.find(|character: char| character.is_ascii_digit()) else {
        return Err(refused(
            cell,
            &format!("has {} where a customer id is expected", quoted(part)),
            HINT,
        ));
    };
    let (before, rest) = part.split_at(start);
    let end = rest
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(rest.len());
    let (digits, mut after) = rest.split_at(end);

    if let Some(decimals) = after.strip_prefix('.')
        && decimals.starts_with(|character: char| character.is_ascii_digit())
    {
        let end = decimals
            .find(|character: char| !character.is_ascii_digit())
            .unwrap_or(decimals.len());
        let (decimals, tail) = decimals.split_at(end);
        if decimals.bytes().any(|digit| digit != b'0') {
            return Err(refused(cell, "is not a whole number", HINT));
        }
        if decimals.len() == 3 {
            return Err(refused(
                cell,
                "is either a number with a thousands separator or one with decimals",
                HINT,
            ));
        }
        add_rule(rules, Rule::ZeroDecimals);
        after = tail;
    }
    if after.bytes().any(|byte| byte.is_ascii_digit()) {
        return Err(several());
    }
    if is_negative(before, after) {
        return Err(refused(cell, "is not above zero", HINT));
    }
    if !before.is_empty() || !after.is_empty() {
        add_rule(rules, Rule::StrayText);
    }
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        return Err(refused(cell, "has a customer id of zero", HINT));
    }
    if significant.len() < digits.len() {
        add_rule(rules, Rule::LeadingZeros);
    }
    significant
        .parse()
        .map_err(|_| refused(cell, "has a number too large for a customer id", HINT))
}

/// Tells whether a number is, or may be, negative: "-3", "3-", "(3)". "C-12" is not.
fn is_negative(before: &str, after: &str) -> bool {
    let dash = |character: char| {
        matches!(
            character,
            '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE63}' | '\u{FF0D}'
        )
    };
    let mut before = before.trim_end().chars().rev();
    let last = before.next();
    let signed = last.is_some_and(dash) && !before.next().is_some_and(char::is_alphanumeric);
    let trailing = after
        .strip_prefix(dash)
        .is_some_and(|rest| rest.trim().is_empty());
    let bracketed = last == Some('(') && after.trim_start().starts_with(')');
    signed || trailing || bracketed
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("12", 12, &[])]
    #[case("9223372036854775807", i64::MAX, &[])]
    #[case("12in", 12, &[Rule::StrayText])]
    #[case("#12", 12, &[Rule::StrayText])]
    #[case("C-12", 12, &[Rule::StrayText])]
    #[case("customer 12", 12, &[Rule::StrayText])]
    #[case("12 (new)", 12, &[Rule::StrayText])]
    #[case(" 12\u{a0}", 12, &[Rule::NoBreakSpace, Rule::Trimmed])]
    #[case("\u{feff}12", 12, &[Rule::Invisible])]
    #[case("007", 7, &[Rule::LeadingZeros])]
    #[case("12.0", 12, &[Rule::ZeroDecimals])]
    #[case("12.00", 12, &[Rule::ZeroDecimals])]
    #[case("１２", 12, &[Rule::Digits])]
    #[case("١٢", 12, &[Rule::Digits])]
    #[case("12,", 12, &[Rule::StraySeparator])]
    #[case("12\n", 12, &[Rule::Folded, Rule::Trimmed])]
    #[case("4, 4", 4, &[Rule::RepeatedCustomer])]
    fn one_id(#[case] text: &str, #[case] id: i64, #[case] rules: &[Rule]) {
        let cleaned = clean_customer_id(text).unwrap();
        assert_eq!((cleaned.value, cleaned.rules.as_slice()), (id, rules));
    }

    #[rstest]
    #[case("1, 4", &[1, 4])]
    #[case("1,4", &[1, 4])]
    #[case("1;4", &[1, 4])]
    #[case("1 / 4", &[1, 4])]
    #[case("1 & 4", &[1, 4])]
    #[case("1 and 4", &[1, 4])]
    #[case("1and4", &[1, 4])]
    #[case("1 AND 4", &[1, 4])]
    #[case("1\n4", &[1, 4])]
    #[case("1\r\n4", &[1, 4])]
    #[case("1,\n4", &[1, 4])]
    #[case("4, 1, 4", &[4, 1])]
    #[case("12in, 4", &[12, 4])]
    #[case("1, 234", &[1, 234])]
    #[case("1234,5678", &[1234, 5678])]
    #[case("1, 4, and 7", &[1, 4, 7])]
    fn several_ids(#[case] text: &str, #[case] ids: &[i64]) {
        let cleaned = clean_customer_ids(text).unwrap();
        assert_eq!(cleaned.value, ids);
        assert_eq!(cleaned.rules.last(), Some(&Rule::SeveralCustomers));
        assert!(clean_customer_id(text).is_err());
    }

    #[rstest]
    #[case("", "holds no customer id")]
    #[case("none", "holds no customer id")]
    #[case("0", "customer id of zero")]
    #[case("1, 0", "customer id of zero")]
    #[case("-3", "not above zero")]
    #[case("− 3", "not above zero")]
    #[case("3-", "not above zero")]
    #[case("(3)", "not above zero")]
    #[case("1.5", "not a whole number")]
    #[case("1.000", "thousands separator")]
    #[case("1,000", "thousands separators or several")]
    #[case("1,234", "thousands separators or several")]
    #[case("12,345,678", "thousands separators or several")]
    #[case("1180591620717411303424", "too large")]
    #[case("9223372036854775808", "too large")]
    #[case("1 4", "several numbers")]
    #[case("1-4", "several numbers")]
    #[case("1e5", "several numbers")]
    #[case("Smith, 12", "\"Smith\" where a customer id is expected")]
    #[case("½", "numeral")]
    #[case("12²", "numeral")]
    #[case("04/10/2019", "is a date")]
    #[case("2019-10-04", "is a date")]
    fn refused_ids(#[case] text: &str, #[case] reason: &str) {
        let message = clean_customer_ids(text).unwrap_err().to_string();
        assert!(message.contains(reason), "{message}");
    }

    #[test]
    fn a_cell_has_at_most_a_hundred_ids() {
        let list = |count: u32| {
            (1..=count)
                .map(|id| id.to_string())
                .collect::<Vec<_>>()
                .join(";")
        };
        assert_eq!(clean_customer_ids(&list(100)).unwrap().value.len(), 100);
        assert!(
            clean_customer_ids(&list(101))
                .unwrap_err()
                .to_string()
                .contains("more than 100")
        );
        assert!(clean_customer_ids(&list(300_000)).is_err());
        assert!(clean_customer_ids(&"9".repeat(1_000_000)).is_err());
    }

    #[rstest]
    #[case(12.0, Some(12))]
    #[case(1.5, None)]
    #[case(0.0, None)]
    #[case(-3.0, None)]
    #[case(1e30, None)]
    #[case(f64::NAN, None)]
    fn number_cells(#[case] number: f64, #[case] id: Option<i64>) {
        assert_eq!(customer_id_of_number(number).ok(), id);
    }

    proptest! {
        #[test]
        fn reading_is_total(text in any::<String>()) {
            let _ = clean_customer_ids(&text);
        }

        #[test]
        fn what_is_read_is_read_again(text in "[0-9 ,;/&\n.a-dA-D#()-]{0,20}") {
            if let Ok(ids) = clean_customer_ids(&text) {
                prop_assert!(!ids.value.is_empty());
                prop_assert!(ids.value.iter().all(|id| *id > 0));
                let again = ids.value.iter().map(i64::to_string).collect::<Vec<_>>().join("; ");
                prop_assert_eq!(clean_customer_ids(&again).unwrap().value, ids.value);
            }
        }

        #[test]
        fn every_id_is_read(id in 1..=i64::MAX) {
            prop_assert_eq!(clean_customer_ids(&id.to_string()).unwrap(), Cleaned::untouched(vec![id]));
        }
    }
}
