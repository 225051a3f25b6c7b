//! Inspects the XML parts of a workbook with the parser that calamine uses, before calamine
//! builds anything from them.
//!
//! calamine 0.38 allocates what `uniqueCount` declares, clones a font and a format for every
//! cell style, buffers tags and texts of any length, and computes with cell references without
//! a check for overflow. Each of these is bounded here, in one pass that holds one tag or text
//! at a time. What is wrong with a part matters only when calamine would read that part.

use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::archive::{Breach, Meter};
use super::limits::Limits;
use crate::Error;

/// Bytes of a tag whose attributes calamine copies for each sheet; real ones stay below 1 KiB.
const TAG_BYTES: usize = 16 * 1024;
/// Depth of elements; real workbooks stay below 30.
const DEPTH: usize = 128;
/// calamine counts open brackets of a number format in a `u8`.
const FORMAT_BRACKETS: usize = 200;
/// The kinds of relationship that make calamine read their target.
const READ_TARGETS: [&str; 4] = ["officedocument", "worksheet", "chartsheet", "dialogsheet"];
/// The parts that calamine reads by their name.
const READ_NAMES: [&str; 4] = [
    "workbook.xml",
    "sharedstrings.xml",
    "styles.xml",
    "theme1.xml",
];

/// What the parts of one workbook hold.
#[derive(Debug, Default)]
pub(super) struct Findings {
    rows: u64,
    shared_strings: u64,
    held_bytes: u64,
    longest_format: u64,
    longest_font_name: u64,
    targets: Vec<String>,
    flaws: Vec<(String, Error)>,
}

impl Findings {
    /// Records why a part cannot be read.
    pub(super) fn add_flaw(&mut self, part: &str, flaw: Error) {
        self.flaws.push((part.to_owned(), flaw));
    }

    /// Returns the rows of all sheets, or the first flaw of a part that would be read.
    pub(super) fn into_rows(self) -> Result<u64, Error> {
        let Self {
            rows,
            targets,
            flaws,
            ..
        } = self;
        let is_read = |part: &str| {
            let name = base_name(part);
            name.ends_with(".rels")
                || READ_NAMES.contains(&name)
                || targets.iter().any(|target| target == name)
        };
        match flaws.into_iter().find(|(part, _)| is_read(part)) {
            Some((_, flaw)) => Err(flaw),
            None => Ok(rows),
        }
    }
}

/// The outermost element whose text is collected into one value.
struct Span {
    depth: usize,
    text_bytes: usize,
    /// Whether the text stays in memory while the workbook is open.
    held: bool,
}

/// Inspects one part to its end.
pub(super) fn inspect_part(
    part: &str,
    input: impl BufRead,
    meter: &Meter,
    limits: &Limits,
    findings: &mut Findings,
) -> Result<(), Error> {
    // Four bytes of XML for one of text (`&#9;`) is what escaping writers produce at most.
    let text_bytes = limits
        .cell_bytes
        .saturating_mul(4)
        .saturating_add(64 * 1024);
    let mut inspector = Inspector {
        part,
        limits,
        findings,
        span: None,
        depth: 0,
        text_bytes,
    };
    let mut xml = Reader::from_reader(input);
    let config = xml.config_mut();
    // As calamine sets them, except that tags must match: its loops end at the first end tag of
    // the right name, so only in a well-formed part is every loop bounded by its element.
    config.check_end_names = true;
    config.check_comments = false;
    config.expand_empty_elements = true;
    config.trim_text(false);

    meter.limit_events(text_bytes.saturating_add(8 * 1024));
    let mut buffer = Vec::with_capacity(1024);
    loop {
        buffer.clear();
        meter.next_event();
        match xml.read_event_into(&mut buffer) {
            Ok(Event::Start(tag)) => inspector.start(&tag)?,
            Ok(Event::End(_)) => inspector.end(),
            Ok(Event::Text(text)) => inspector.text(text.len())?,
            Ok(Event::CData(text)) => inspector.text(text.len())?,
            Ok(Event::GeneralRef(reference)) => inspector.text(reference.len())?,
            Ok(Event::DocType(_)) => {
                return Err(inspector.flaw("it defines a document type, which no workbook does"));
            }
            Ok(Event::Eof) if inspector.depth == 0 => return Ok(()),
            Ok(Event::Eof) => return Err(inspector.flaw("it ends within an element")),
            Ok(_) => (),
            Err(_) if meter.breach() == Some(Breach::Event) => {
                return Err(inspector.too_large("a text or tag", text_bytes as u64, "bytes"));
            }
            Err(error) => return Err(inspector.flaw(&error.to_string())),
        }
    }
}

struct Inspector<'i> {
    part: &'i str,
    limits: &'i Limits,
    findings: &'i mut Findings,
    span: Option<Span>,
    depth: usize,
    text_bytes: usize,
}

impl Inspector<'_> {
    fn start(&mut self, tag: &BytesStart<'_>) -> Result<(), Error> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.too_large("the depth of elements", DEPTH as u64, "elements"));
        }
        let tag_bytes = tag.len() as u64;
        let name = tag.local_name();
        if matches!(name.as_ref(), "sheet" | "Relationship") && tag.len() > TAG_BYTES {
            return Err(self.too_large("a tag", TAG_BYTES as u64, "bytes"));
        }
        match name.as_ref() {
            "c" => {
                self.attributes(tag, &["r"], |text| {
                    cell_reference(text).is_some_and(|(column, _)| column > 0)
                })?;
                self.open_span(false);
            }
            "row" => {
                self.findings.rows += 1;
                self.attributes(tag, &["r"], |text| cell_reference(text).is_some())?;
            }
            "dimension" => self.attributes(tag, &["ref"], is_range)?,
            "sst" => self.declared_strings(tag)?,
            "si" => {
                self.findings.shared_strings += 1;
                if self.findings.shared_strings > self.limits.shared_strings {
                    let limit = self.limits.shared_strings;
                    return Err(self.too_large("the number of shared strings", limit, "strings"));
                }
                self.hold(48)?;
                self.open_span(true);
            }
            "definedName" => {
                self.hold(tag_bytes + 64)?;
                self.open_span(true);
            }
            // Each sheet keeps a path of the target's and the folder's length beside its name.
            "sheet" => self.hold(3 * TAG_BYTES as u64)?,
            "Relationship" => {
                self.hold(tag_bytes + 256)?;
                self.relationship(tag)?;
            }
            "numFmt" => {
                if tag
                    .bytes()
                    .filter(|byte| matches!(byte, b'[' | b'&'))
                    .count()
                    > FORMAT_BRACKETS
                {
                    return Err(self.flaw("a number format has too many brackets"));
                }
                self.findings.longest_format = self.findings.longest_format.max(tag_bytes);
                self.hold(tag_bytes + 128)?;
            }
            "name" => {
                self.findings.longest_font_name = self.findings.longest_font_name.max(tag_bytes);
                self.hold(tag_bytes)?;
            }
            "font" | "fill" | "border" => self.hold(512)?,
            // A cell style clones its font and its number format.
            "xf" => {
                let clones = self.findings.longest_format + self.findings.longest_font_name;
                self.hold(512 + clones)?;
            }
            _ if self.part.ends_with("theme1.xml") => self.hold(8)?,
            _ => (),
        }
        Ok(())
    }

    fn end(&mut self) {
        if self
            .span
            .as_ref()
            .is_some_and(|span| span.depth == self.depth)
        {
            self.span = None;
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn text(&mut self, bytes: usize) -> Result<(), Error> {
        let Some(span) = &mut self.span else {
            return Ok(());
        };
        span.text_bytes = span.text_bytes.saturating_add(bytes);
        let held = span.held;
        if span.text_bytes > self.text_bytes {
            return Err(self.too_large("the text of a cell", self.text_bytes as u64, "bytes"));
        }
        if held {
            self.hold(bytes as u64)
        } else {
            Ok(())
        }
    }

    fn open_span(&mut self, held: bool) {
        if self.span.is_none() {
            self.span = Some(Span {
                depth: self.depth,
                text_bytes: 0,
                held,
            });
        }
    }

    /// Adds to the memory that the open workbook will need.
    fn hold(&mut self, bytes: u64) -> Result<(), Error> {
        self.findings.held_bytes = self.findings.held_bytes.saturating_add(bytes);
        if self.findings.held_bytes > self.limits.held_bytes {
            let limit = self.limits.held_bytes;
            return Err(self.too_large("what the workbook keeps in memory", limit, "bytes"));
        }
        Ok(())
    }

    /// Checks the values of the named attributes.
    fn attributes(
        &self,
        tag: &BytesStart<'_>,
        names: &[&str],
        is_sound: impl Fn(&str) -> bool,
    ) -> Result<(), Error> {
        for attribute in tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| self.flaw(&error.to_string()))?;
            if names.contains(&attribute.key.as_ref()) && !is_sound(&attribute.value) {
                return Err(self.flaw(&format!(
                    "\"{}\" is no value for attribute \"{}\" of element \"{}\"",
                    attribute.value,
                    attribute.key.as_ref(),
                    tag.local_name().as_ref(),
                )));
            }
        }
        Ok(())
    }

    /// Checks the count for which calamine reserves memory before it reads a string.
    fn declared_strings(&self, tag: &BytesStart<'_>) -> Result<(), Error> {
        let limit = self.limits.shared_strings;
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        self.attributes(tag, &["uniqueCount"], is_number)?;
        let fits = |text: &str| text.is_empty() || text.parse::<u64>().is_ok_and(|n| n <= limit);
        self.attributes(tag, &["uniqueCount"], fits).map_err(|_| {
            self.too_large(
                "the number of shared strings that it declares",
                limit,
                "strings",
            )
        })
    }

    fn relationship(&mut self, tag: &BytesStart<'_>) -> Result<(), Error> {
        let mut is_read = false;
        let mut targets = Vec::new();
        for attribute in tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| self.flaw(&error.to_string()))?;
            let value = attribute.value.to_ascii_lowercase();
            match attribute.key.as_ref() {
                "Type" => is_read |= READ_TARGETS.contains(&base_name(&value)),
                "Target" => targets.push(base_name(&value).to_owned()),
                _ => (),
            }
        }
        if is_read {
            if targets.iter().any(|target| target.contains('&')) {
                return Err(self.flaw("the name of a sheet's part is escaped"));
            }
            self.findings.targets.append(&mut targets);
        }
        Ok(())
    }

    fn flaw(&self, found: &str) -> Error {
        let found: String = found.chars().take(200).collect();
        Error::InvalidFile {
            message: "the workbook is damaged".to_owned(),
            detail: Some(format!("part \"{}\": {found}", self.part)),
            hint: Some("open it in a spreadsheet program and save it again as .xlsx".to_owned()),
        }
    }

    fn too_large(&self, what: &str, limit: u64, unit: &str) -> Error {
        Error::TooLarge {
            what: format!("{what} in part \"{}\" of the workbook", self.part),
            limit: format!("{limit} {unit}"),
        }
    }
}

/// Reads `A1` or `1` into its count of letters and its row; `None` when calamine's arithmetic
/// could overflow on it, or when it is no reference.
fn cell_reference(text: &str) -> Option<(usize, (u32, u32))> {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (column, row) = text.split_at_checked(letters)?;
    let is_row = (1..=7).contains(&row.len()) && row.bytes().all(|byte| byte.is_ascii_digit());
    if letters > 3 || !is_row {
        return None;
    }
    let column = column.bytes().fold(0, |number, letter| {
        number * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1
    });
    let row = row.parse().ok().filter(|row| *row > 0)?;
    Some((letters, (row, column)))
}

/// Tells whether a text is a cell or two cells of which the second is not before the first.
fn is_range(text: &str) -> bool {
    let corner = |text: &str| cell_reference(text).filter(|(letters, _)| *letters > 0);
    match text.split_once(':') {
        None => corner(text).is_some(),
        Some((first, last)) => match (corner(first), corner(last)) {
            (Some((_, (top, left))), Some((_, (bottom, right)))) => top <= bottom && left <= right,
            _ => false,
        },
    }
}

fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_bounded() {
        assert_eq!(cell_reference("A1"), Some((1, (1, 1))));
        assert_eq!(cell_reference("xfd1048576"), Some((3, (1_048_576, 16_384))));
        assert_eq!(cell_reference("12"), Some((0, (12, 0))));
        for text in [
            "",
            "A",
            "A0",
            "0",
            "AAAA1",
            "A12345678",
            "A1B",
            "$A$1",
            "Ä1",
            "A-1",
            "A1:B2",
        ] {
            assert_eq!(cell_reference(text), None, "{text}");
        }
    }

    #[test]
    fn ranges_are_ordered() {
        assert!(is_range("A1"));
        assert!(is_range("A1:XFD1048576"));
        assert!(is_range("B2:B2"));
        for text in ["", "B2:A3", "B2:C1", "A1:", ":A1", "1:2", "A1:B2:C3"] {
            assert!(!is_range(text), "{text}");
        }
    }

    #[test]
    fn base_names_are_the_last_part() {
        assert_eq!(base_name("xl/worksheets/sheet1.xml"), "sheet1.xml");
        assert_eq!(base_name("a\\b"), "b");
        assert_eq!(base_name("c"), "c");
    }
}
