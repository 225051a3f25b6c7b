//! Writes texts into CSV files so that no spreadsheet program takes them for formulas.
//!
//! Stored data is never changed: a label such as `=1+1` is legitimate. Only where it leaves for a
//! spreadsheet, an apostrophe in front of it says that it is text (OWASP, "CSV Injection"). Which
//! character separates the cells is up to the reader: where its list separator is `;`, a field
//! such as `a;=1` is two cells however it is quoted, so what is behind a separator is marked too.

use std::borrow::Cow;

/// What makes a formula of a cell that begins with it.
const TRIGGERS: [char; 4] = ['=', '+', '-', '@'];

/// What separates cells and lines in one program or another. A comma does where fields with a comma
/// are read as they are quoted.
const SEPARATORS: [char; 4] = [';', '\t', '\n', '\r'];

/// Puts an apostrophe in front of a text that a spreadsheet program would take for a formula, and
/// in front of each of its parts that would be one if the text were split into cells.
///
/// Such a text begins with `=`, `+`, `-` or `@`, with white space in front of it or not, or has a
/// tab or a carriage return in the white space at its beginning. Such a part has one of the four
/// behind a semicolon, a tab or a line break, with nothing but white space and double
/// quotes between.
///
/// ```
/// use rapport_core::export::spreadsheet_safe;
///
/// assert_eq!(spreadsheet_safe("=1+1"), "'=1+1");
/// assert_eq!(spreadsheet_safe("1+1=2"), "1+1=2");
/// assert_eq!(spreadsheet_safe("a; =1+1"), "a; '=1+1");
/// ```
#[must_use]
pub fn spreadsheet_safe(text: &str) -> Cow<'_, str> {
    let first = is_formula(text).then_some(0);
    let mut marks = first.into_iter().chain(inner_formulas(text)).peekable();
    if marks.peek().is_none() {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 1);
    let mut done = 0;
    for mark in marks {
        safe.push_str(text.get(done..mark).unwrap_or_default());
        safe.push('\'');
        done = mark;
    }
    safe.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(safe)
}

fn is_formula(text: &str) -> bool {
    text.chars()
        .find(|&first| matches!(first, '\t' | '\r') || !first.is_whitespace())
        .is_some_and(|first| TRIGGERS.contains(&first) || matches!(first, '\t' | '\r'))
}

/// Lists the places of the triggers at which a part of a text begins, the first part left out.
fn inner_formulas(text: &str) -> impl Iterator<Item = usize> {
    let mut begins = false;
    text.char_indices().filter_map(move |(at, character)| {
        let is_formula = begins && TRIGGERS.contains(&character);
        // A quote may be an empty quoted text, behind which a program reads on.
        let is_passed = character == '"' || character.is_whitespace();
        begins = SEPARATORS.contains(&character) || begins && is_passed;
        is_formula.then_some(at)
    })
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
    #[case("\t=1", "'\t'=1")]
    #[case("\tx", "'\tx")]
    #[case("\rx", "'\rx")]
    #[case("  =1", "'  =1")]
    #[case(" \u{a0}@x", "' \u{a0}@x")]
    #[case("\n=1", "'\n'=1")]
    #[case("  \tx", "'  \tx")]
    #[case("", "")]
    #[case("  ", "  ")]
    #[case("Jedi", "Jedi")]
    #[case("a=b", "a=b")]
    #[case("3-4", "3-4")]
    #[case("'=1", "'=1")]
    #[case("a\tb", "a\tb")]
    #[case("a;=1+1", "a;'=1+1")]
    #[case("a; \u{a0}@x", "a; \u{a0}'@x")]
    #[case("a\t-3", "a\t'-3")]
    #[case("1, +4", "1, +4")]
    #[case("- a\r\n- b", "'- a\r\n'- b")]
    #[case(";;=1;=2", ";;'=1;'=2")]
    #[case("=1;=1", "'=1;'=1")]
    #[case("a;\"=1", "a;\"'=1")]
    #[case("a;'=1", "a;'=1")]
    #[case("a;b=1;c-d", "a;b=1;c-d")]
    #[case("a|=1", "a|=1")]
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
    #[case("a;=1", "a;'=1")]
    #[case("a;\"=1", "\"a;\"\"'=1\"")]
    fn fields_are_quoted_where_they_must_be(#[case] text: &str, #[case] field: &str) {
        assert_eq!(csv_field(text), field);
    }

    proptest! {
        #[test]
        fn no_field_has_a_formula_however_it_is_split(
            text in "([ =+@a'\",;\t\r\n\u{a0}é-]|=1|;=){0,12}"
        ) {
            let field = csv_field(&text);
            for (nth, part) in field.split([';', '\t', '\n', '\r']).enumerate() {
                // The quotes around the whole field are no empty quoted text.
                let is_passed = |c: char| c.is_whitespace() || nth > 0 && c == '"';
                let begin = part.trim_start_matches(is_passed);
                prop_assert!(!begin.starts_with(['=', '+', '-', '@']), "{field:?}");
            }
            // Nothing but apostrophes was added.
            let safe = spreadsheet_safe(&text);
            prop_assert_eq!(safe.replace('\'', ""), text.replace('\'', ""));
            prop_assert_eq!(&spreadsheet_safe(&safe), &safe);
        }

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
