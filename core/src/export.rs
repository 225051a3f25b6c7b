//! Writes texts into CSV files so that no spreadsheet program takes them for formulas.
//!
//! Stored data is never changed: a label such as `=1+1` is legitimate. Only where it leaves for a
//! spreadsheet, an apostrophe in front of it says that it is text (OWASP, "CSV Injection").

use std::borrow::Cow;

/// Puts an apostrophe in front of a text that a spreadsheet program would take for a formula.
///
/// Such a text begins with `=`, `+`, `-` or `@`, with white space in front of it or not, or has a
/// tab or a carriage return in the white space at its beginning.
///
/// ```
/// use rapport_core::export::spreadsheet_safe;
///
/// assert_eq!(spreadsheet_safe("=1+1"), "'=1+1");
/// assert_eq!(spreadsheet_safe("1+1=2"), "1+1=2");
/// ```
#[must_use]
pub fn spreadsheet_safe(text: &str) -> Cow<'_, str> {
    if is_formula(text) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

fn is_formula(text: &str) -> bool {
    text.chars()
        .find(|&first| matches!(first, '\t' | '\r') || !first.is_whitespace())
        .is_some_and(|first| matches!(first, '=' | '+' | '-' | '@' | '\t' | '\r'))
}

/// Writes a text as one field of a CSV line, safe for a spreadsheet and quoted where RFC 4180 asks
/// for it; also around white space, which some readers remove.
///
/// ```
/// use rapport_core::export::csv_field;
///
/// assert_eq!(csv_field("Jedi"), "Jedi");
/// assert_eq!(csv_field("5\" tape, red"), "\"5\"\" tape, red\"");
/// assert_eq!(csv_field("=A1,B1"), "\"'=A1,B1\"");
/// ```
#[must_use]
pub fn csv_field(text: &str) -> Cow<'_, str> {
    let safe = spreadsheet_safe(text);
    let needs_quotes = safe.contains(['"', ',', '\n', '\r'])
        || safe.starts_with(char::is_whitespace)
        || safe.ends_with(char::is_whitespace);
    if needs_quotes {
        Cow::Owned(format!("\"{}\"", safe.replace('"', "\"\"")))
    } else {
        safe
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("=1+1", "'=1+1")]
    #[case("+49 30", "'+49 30")]
    #[case("-3", "'-3")]
    #[case("@SUM(A1)", "'@SUM(A1)")]
    #[case("\t=1", "'\t=1")]
    #[case("\tx", "'\tx")]
    #[case("\rx", "'\rx")]
    #[case("  =1", "'  =1")]
    #[case(" \u{a0}@x", "' \u{a0}@x")]
    #[case("\n=1", "'\n=1")]
    #[case("  \tx", "'  \tx")]
    #[case("", "")]
    #[case("  ", "  ")]
    #[case("Jedi", "Jedi")]
    #[case("a=b", "a=b")]
    #[case("3-4", "3-4")]
    #[case("'=1", "'=1")]
    #[case("a\tb", "a\tb")]
    fn formulas_are_told_to_be_text(#[case] text: &str, #[case] safe: &str) {
        assert_eq!(spreadsheet_safe(text), safe);
    }

    #[rstest]
    #[case("Jedi", "Jedi")]
    #[case("", "")]
    #[case("a b", "a b")]
    #[case("a;b", "a;b")]
    #[case("a,b", "\"a,b\"")]
    #[case("a\nb", "\"a\nb\"")]
    #[case("say \"hi\"", "\"say \"\"hi\"\"\"")]
    #[case(" x ", "\" x \"")]
    #[case("-1,5", "\"'-1,5\"")]
    fn fields_are_quoted_where_they_must_be(#[case] text: &str, #[case] field: &str) {
        assert_eq!(csv_field(text), field);
    }

    proptest! {
        #[test]
        fn a_field_is_read_back(texts in prop::collection::vec("[ =+@a\",;\t\r\n'é-]{0,8}", 2..6)) {
            let line = texts.iter().map(|text| csv_field(text)).collect::<Vec<_>>().join(",");
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
            let record = reader.records().next().unwrap().unwrap();
            let read: Vec<&str> = record.iter().collect();
            prop_assert_eq!(read.len(), texts.len());
            for (field, text) in read.into_iter().zip(&texts) {
                prop_assert_eq!(field, spreadsheet_safe(text));
                prop_assert!(!field.trim_start().starts_with(['=', '+', '-', '@']), "{field:?}");
                prop_assert!(!field.starts_with(['\t', '\r']), "{field:?}");
            }
        }
    }
}
