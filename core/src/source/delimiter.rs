//! Finds the delimiter of a delimited file from its first lines.
//!
//! The delimiter is the candidate that most lines have equally often outside quotes. Values may
//! hold the other candidates (`1, 4`), but hardly the same number of times in every line.

/// The delimiters that are looked for, in the order that decides a tie.
const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Lines that are looked at.
const LINES: usize = 50;

/// What the first lines say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    /// Whether the first line is Excel's `sep=;`, which is no record of the data.
    pub(super) has_declaration: bool,
}

/// Finds the delimiter of a text; `is_whole` tells whether its last line is complete.
pub(super) fn detect(head: &[u8], is_whole: bool) -> Dialect {
    if let Some(delimiter) = declared(head) {
        return Dialect {
            delimiter,
            has_declaration: true,
        };
    }
    let mut best = (0, 0, CANDIDATES[0]);
    for delimiter in CANDIDATES {
        let (lines, count) = agreement(&counts(head, delimiter, is_whole));
        if (lines, count) > (best.0, best.1) {
            best = (lines, count, delimiter);
        }
    }
    Dialect {
        delimiter: best.2,
        has_declaration: false,
    }
}

/// Reads the line `sep=;` with which Excel lets a file name its own delimiter.
fn declared(head: &[u8]) -> Option<u8> {
    let line = head.split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
    match line {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter]
            if delimiter.is_ascii_punctuation() && *delimiter != b'"' || *delimiter == b'\t' =>
        {
            Some(*delimiter)
        }
        _ => None,
    }
}

/// Counts a delimiter outside quotes in each of the first lines that are not blank.
fn counts(head: &[u8], delimiter: u8, is_whole: bool) -> Vec<usize> {
    let mut counts = Vec::new();
    let (mut count, mut quoted, mut field_start, mut blank) = (0, false, true, true);
    // Whether another candidate was just read: if that is the delimiter, a quotation may begin here.
    let mut after_other = false;
    for (at, byte) in head.iter().enumerate() {
        let was_after_other = std::mem::take(&mut after_other);
        match byte {
            // What follows a closing quote is a delimiter, or a second quote that opens again.
            b'"' if quoted => (quoted, field_start) = (false, true),
            // A quote within a value that did not start with one is an inch sign.
            b'"' if field_start
                || (was_after_other && is_closed(head.get(at + 1..).unwrap_or_default())) =>
            {
                (quoted, field_start, blank) = (true, false, false);
            }
            _ if quoted => (),
            b'\r' | b'\n' => {
                if !blank {
                    counts.push(count);
                }
                if counts.len() == LINES {
                    return counts;
                }
                (count, field_start, blank) = (0, true, true);
            }
            byte if *byte == delimiter => (count, field_start, blank) = (count + 1, true, false),
            b' ' if field_start => (),
            b' ' => after_other = was_after_other,
            byte => {
                after_other = CANDIDATES.contains(byte);
                (field_start, blank) = (false, false);
            }
        }
    }
    if is_whole && !blank {
        counts.push(count);
    }
    counts
}

/// Tells whether a quotation that has just begun ends as a field does: in front of a candidate, at
/// the end of a line, or with the text.
fn is_closed(rest: &[u8]) -> bool {
    let mut bytes = rest.iter().peekable();
    while let Some(byte) = bytes.next() {
        if *byte == b'"' && bytes.next_if(|next| **next == b'"').is_none() {
            return bytes
                .peek()
                .is_none_or(|next| matches!(next, b'\r' | b'\n') || CANDIDATES.contains(next));
        }
    }
    false
}

/// Returns how many lines have the commonest count above zero, and that count.
fn agreement(counts: &[usize]) -> (usize, usize) {
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            (
                counts.iter().filter(|other| *other == count).count(),
                *count,
            )
        })
        .max()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delimiter(text: &str) -> char {
        char::from(detect(text.as_bytes(), true).delimiter)
    }

    #[test]
    fn each_candidate_is_found() {
        for delimiter_ in [',', ';', '\t', '|'] {
            let text = "Date,Product\n01-2019,Sand\n".replace(',', &delimiter_.to_string());
            assert_eq!(delimiter(&text), delimiter_);
        }
    }

    #[test]
    fn values_may_hold_the_others() {
        assert_eq!(delimiter("Date;Customers\n1;1, 4\n2;2, 3\n3;5\n"), ';');
        assert_eq!(delimiter("Id,Note\n1,\"a; b; c\"\n2,\"d; e; f\"\n"), ',');
        assert_eq!(delimiter("Id|Note\n1|a, b\n2|c, d\n3|e\n"), '|');
        assert_eq!(delimiter("Id;Amount;Tax\n1;2,5;3,5\n2;4,5;5,5\n"), ';');
    }

    #[test]
    fn quotes_hide_delimiters_and_line_breaks() {
        assert_eq!(
            delimiter("a;b\n\"x,y,z\n,,,\";2\n\"p \"\"q\"\",,\";3\n"),
            ';'
        );
        // An inch sign opens nothing.
        assert_eq!(delimiter("size;name\n5\" pipe;a\n7\" pipe;b\n"), ';');
    }

    #[test]
    fn lines_of_a_quotation_are_none_for_any_candidate() {
        let list = "\"milk;\nbread;\neggs;\nof \"\"Sand\"\";\"";
        assert_eq!(delimiter(&format!("Id,Note\n1,{list}\n2,\n")), ',');
        assert_eq!(delimiter(&format!("Id,Note,End\n1, {list},x\n")), ',');
        // One that does not end as a field does opens nothing.
        assert_eq!(delimiter("a;b;c\n1;x, \"y;2\n3;z, \"w\" v;4\n5;u;6\n"), ';');
    }

    #[test]
    fn a_title_above_the_header_does_not_matter() {
        assert_eq!(
            delimiter("Report, made in May\n\nDate;Product\n1;2\n3;4\n"),
            ';'
        );
    }

    #[test]
    fn one_column_is_a_comma_file() {
        assert_eq!(delimiter("Product\nSand\n"), ',');
        assert_eq!(delimiter(""), ',');
    }

    #[test]
    fn a_declaration_wins() {
        let found = detect(b"sep=|\r\na,b|c\r\n", true);
        assert_eq!(
            found,
            Dialect {
                delimiter: b'|',
                has_declaration: true
            }
        );
        assert!(!detect(b"sep=,;\na,b\n", true).has_declaration);
    }

    #[test]
    fn a_cut_line_does_not_count() {
        assert_eq!(counts(b"a,b\nc,d\ne", b',', false), [1, 1]);
        assert_eq!(counts(b"a,b\nc,d\ne", b',', true), [1, 1, 0]);
    }
}
