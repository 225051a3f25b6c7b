//! Passes over the plain rows, cells and strings of which a workbook mostly consists.
//!
//! Programs write them all alike: `<c r="B7" s="1" t="s"><v>12</v></c>`. What has exactly such a
//! form is whole and harmless, and needs no parser; anything else is left to it. That is all that
//! is decided here: a unit is passed over from its first byte to its last, or not touched.

use super::reference::cell_reference;

/// What was passed over.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Passed {
    pub(super) bytes: usize,
    pub(super) rows: u64,
    /// Those of no row that was passed over.
    pub(super) cells: u64,
    pub(super) strings: u64,
    pub(super) string_bytes: u64,
}

/// Passes over whole `row` elements; one that fits into a buffer has fewer cells than Excel has columns.
pub(super) fn rows(buffer: &[u8]) -> Passed {
    let mut passed = Passed::default();
    let mut rest = buffer;
    while let Some(behind) = row(rest) {
        rest = behind;
        passed.rows += 1;
    }
    passed.bytes = buffer.len() - rest.len();
    passed
}

/// Passes over whole `c` elements.
pub(super) fn cells(buffer: &[u8]) -> Passed {
    let (cells, rest) = behind_cells(buffer);
    Passed {
        bytes: buffer.len() - rest.len(),
        cells,
        ..Passed::default()
    }
}

/// Passes over whole `si` elements.
pub(super) fn strings(buffer: &[u8]) -> Passed {
    let mut passed = Passed::default();
    let mut rest = buffer;
    while let Some((length, behind)) = string(rest) {
        rest = behind;
        passed.strings += 1;
        passed.string_bytes += length as u64;
    }
    passed.bytes = buffer.len() - rest.len();
    passed
}

fn row(input: &[u8]) -> Option<&[u8]> {
    let mut rest = input.strip_prefix(b"<row")?;
    while let Some(attribute) = rest.strip_prefix(b" ") {
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b':';
        let (name, behind) = split(attribute, is_name);
        let (value, behind) = split(behind.strip_prefix(b"=\"")?, is_value);
        if name == b"r" {
            cell_reference(std::str::from_utf8(value).ok()?)?;
        }
        rest = behind.strip_prefix(b"\"")?;
    }
    if let Some(behind) = rest.strip_prefix(b"/>") {
        return Some(behind);
    }
    let (_, behind) = behind_cells(rest.strip_prefix(b">")?);
    behind.strip_prefix(b"</row>")
}

fn behind_cells(input: &[u8]) -> (u64, &[u8]) {
    let (mut cells, mut rest) = (0, input);
    while let Some(behind) = cell(rest) {
        rest = behind;
        cells += 1;
    }
    (cells, rest)
}

fn cell(input: &[u8]) -> Option<&[u8]> {
    let mut rest = input.strip_prefix(b"<c")?;
    if let Some(behind) = rest.strip_prefix(b" r=\"") {
        rest = reference(behind)?.strip_prefix(b"\"")?;
    }
    for name in [b" s=\"", b" t=\""] {
        if let Some(behind) = rest.strip_prefix(name) {
            let (value, behind) = split(behind, u8::is_ascii_alphanumeric);
            // Which errors there are is not decided here.
            if name == b" t=\"" && value == b"e" {
                return None;
            }
            rest = behind.strip_prefix(b"\"")?;
        }
    }
    if let Some(behind) = rest.strip_prefix(b"/>") {
        return Some(behind);
    }
    let rest = rest.strip_prefix(b">")?;
    let behind = if let Some(value) = rest.strip_prefix(b"<v>") {
        text(value)?.1.strip_prefix(b"</v>")?
    } else if let Some(value) = rest.strip_prefix(b"<is><t>") {
        text(value)?.1.strip_prefix(b"</t></is>")?
    } else {
        rest
    };
    behind.strip_prefix(b"</c>")
}

fn string(input: &[u8]) -> Option<(usize, &[u8])> {
    let rest = input.strip_prefix(b"<si><t")?;
    let rest = rest
        .strip_prefix(b" xml:space=\"preserve\"")
        .unwrap_or(rest);
    let (text, behind) = text(rest.strip_prefix(b">")?)?;
    Some((text.len(), behind.strip_prefix(b"</t></si>")?))
}

/// Passes a reference that is as short as those which [`cell_reference`] takes.
fn reference(input: &[u8]) -> Option<&[u8]> {
    let (letters, rest) = split(input, u8::is_ascii_alphabetic);
    let (digits, rest) = split(rest, u8::is_ascii_digit);
    let is_sound = (1..=3).contains(&letters.len())
        && (1..=7).contains(&digits.len())
        && digits.first() != Some(&b'0');
    is_sound.then_some(rest)
}

/// Splits a text without entities from the tag behind it.
fn text(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let (text, rest) = split(input, |byte| !matches!(byte, b'<' | b'&'));
    let is_sound =
        rest.first() == Some(&b'<') && (text.is_ascii() || std::str::from_utf8(text).is_ok());
    is_sound.then_some((text, rest))
}

fn is_value(byte: &u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'<' | b'>' | b'&')
}

fn split(input: &[u8], is_part: impl Fn(&u8) -> bool) -> (&[u8], &[u8]) {
    let end = input
        .iter()
        .position(|byte| !is_part(byte))
        .unwrap_or(input.len());
    input.split_at_checked(end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_write_is_passed_over() {
        for unit in [
            r#"<row r="7" spans="1:5" x14ac:dyDescent="0.25"><c r="A7" s="1" t="s"><v>0</v></c><c r="B7"><v>-1.5E+3</v></c><c r="C7" s="2"/><c t="inlineStr"><is><t>é</t></is></c></row>"#,
            "<row><c><v>1</v></c><c></c></row>",
            "<row r=\"1048576\"/>",
        ] {
            let twice = format!("{unit}{unit}<row");
            let passed = rows(twice.as_bytes());
            assert_eq!((passed.bytes, passed.rows), (2 * unit.len(), 2), "{unit}");
        }
        let cell = r#"<c r="XFD1048576" t="str"><v></v></c>"#;
        assert_eq!(cells(format!("{cell}</row>").as_bytes()).bytes, cell.len());
        let strings =
            strings("<si><t>né</t></si><si><t xml:space=\"preserve\"> a</t></si><si>".as_bytes());
        assert_eq!((strings.strings, strings.string_bytes), (2, 5));
    }

    #[test]
    fn what_is_unusual_or_cut_is_left() {
        for unit in [
            r#"<row r="0"/>"#,
            r#"<row r="A"/>"#,
            r#"<row r='1'/>"#,
            r#"<row r="12345678"/>"#,
            "<row><c r=\"1\"/></row>",
            "<row><c r=\"A0\"/></row>",
            "<row><c r=\"\"/></row>",
            "<row><c r=\"AAAA1\"/></row>",
            "<row><c s=\"1\" r=\"A1\"/></row>",
            "<row><c><v>&amp;</v></c></row>",
            "<row><c><v><b/></v></c></row>",
            "<row><c><f>A1</f><v>1</v></c></row>",
            "<row><c t=\"e\"><v>#N/A</v></c></row>",
            "<row><c><v>1</c></v></row>",
            "<row><x/></row>",
            "<row ><c/></row>",
            "<rows/>",
            "<row><c/></row",
            "<row><!-- --></row>",
        ] {
            assert_eq!(rows(unit.as_bytes()), Passed::default(), "{unit}");
        }
        for unit in [
            "<si/>",
            "<si><r><t>a</t></r></si>",
            "<si><t>a</si>",
            "<si><t>&lt;</t></si>",
        ] {
            assert_eq!(strings(unit.as_bytes()), Passed::default(), "{unit}");
        }
        assert_eq!(cells(b"<c><v>\xFF</v></c>"), Passed::default());
    }
}
