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

use super::FOUND;
use super::archive::{Breach, Meter};
use super::limits::Limits;
use super::merged::{AREAS, LOWEST_START};
use super::pace::PIECE;
use crate::Error;
use crate::ledger::{quoted, visible};

mod findings;
mod open_cell;
mod plain;
mod reference;

pub use findings::ResultlessFormulas;
use findings::base_name;
pub(super) use findings::{Findings, Outline, SheetOutline};
use open_cell::OpenCell;
use reference::{cell_reference, is_range, range};

/// Bytes of a tag whose attributes calamine copies for each sheet; real ones stay below 1 KiB.
const TAG_BYTES: usize = 16 * 1024;
/// Depth of elements; real workbooks stay below 30.
const DEPTH: usize = 128;
/// Cells of one row, and descriptions of columns: Excel's own 16 384, each has a column of its own.
const COLUMNS_OF_SHEET: u64 = 16_384;
/// calamine counts open brackets of a number format in a `u8`.
const FORMAT_BRACKETS: usize = 200;
/// The kinds of relationship that make calamine read their target.
const READ_TARGETS: [&str; 4] = ["officedocument", "worksheet", "chartsheet", "dialogsheet"];

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
        cell: None,
        in_sheet_data: false,
        depth: 0,
        rows: 0,
        cells_of_row: 0,
        columns: 0,
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

    meter.limit_events(text_bytes.saturating_add(PIECE));
    let mut buffer = Vec::with_capacity(1024);
    loop {
        buffer.clear();
        meter.next_event();
        match xml.read_event_into(&mut buffer) {
            Ok(Event::Start(tag)) => inspector.start(&tag)?,
            Ok(Event::End(tag)) => {
                let pass = match tag.local_name().as_ref() {
                    "row" => Some(plain::rows as fn(&[u8]) -> plain::Passed),
                    "c" => Some(plain::cells as _),
                    "si" => Some(plain::strings as _),
                    _ => None,
                };
                inspector.end(tag.local_name().as_ref())?;
                let Some(pass) = pass.filter(|_| inspector.may_pass()) else {
                    continue;
                };
                // The parser stands between two elements, and what follows is one after another.
                let mut stream = xml.stream();
                while let Ok(ready) = stream.fill_buf() {
                    let passed = pass(ready);
                    if passed.bytes == 0 {
                        break;
                    }
                    stream.consume(passed.bytes);
                    meter.next_event();
                    inspector.passed(&passed)?;
                }
            }
            Ok(Event::Text(text)) => {
                inspector.in_cell(|cell| cell.text(&text));
                inspector.text(text.len())?;
            }
            Ok(Event::CData(text)) => {
                inspector.in_cell(|cell| cell.other(&text));
                inspector.text(text.len())?;
            }
            Ok(Event::GeneralRef(reference)) => {
                inspector.in_cell(|cell| cell.other(&reference));
                inspector.text(reference.len())?;
            }
            Ok(Event::DocType(_)) => {
                return Err(inspector.flaw("it defines a document type, which no workbook does"));
            }
            Ok(Event::Eof) if inspector.depth == 0 => return Ok(()),
            Ok(Event::Eof) => return Err(inspector.flaw("it ends within an element")),
            Ok(_) => inspector.in_cell(|cell| cell.other("")),
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
    /// The cell of a sheet that the parser stands in.
    cell: Option<OpenCell>,
    in_sheet_data: bool,
    depth: usize,
    rows: u64,
    cells_of_row: u64,
    columns: u64,
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
        let depth = self.depth;
        self.in_cell(|cell| cell.start(name.as_ref(), depth));
        if matches!(name.as_ref(), "sheet" | "Relationship") && tag.len() > TAG_BYTES {
            return Err(self.too_large("a tag", TAG_BYTES as u64, "bytes"));
        }
        match name.as_ref() {
            "c" => {
                self.attribute(tag, "r", |text| {
                    cell_reference(text).is_some_and(|(column, _)| column > 0)
                })?;
                self.cells(1)?;
                self.open_span(false);
                if self.in_sheet_data {
                    self.cell = Some(OpenCell::of(tag, self.depth));
                }
            }
            "sheetData" => self.in_sheet_data = true,
            "col" => {
                self.columns += 1;
                if self.columns > COLUMNS_OF_SHEET {
                    let what = "the number of described columns";
                    return Err(self.too_large(what, COLUMNS_OF_SHEET, "columns"));
                }
            }
            "row" => {
                self.rows(1)?;
                self.attribute(tag, "r", |text| cell_reference(text).is_some())?;
            }
            "dimension" => self.attribute(tag, "ref", is_range)?,
            "sst" => self.declared_strings(tag)?,
            "si" => {
                self.shared_strings(1)?;
                self.open_span(true);
            }
            "mergeCell" => self.merged_cells(tag)?,
            "definedName" => {
                self.hold(tag_bytes + 64)?;
                self.open_span(true);
            }
            // Each sheet keeps a path of the target's and the folder's length beside its name.
            "sheet" => {
                self.hold(3 * TAG_BYTES as u64)?;
                self.sheet(tag)?;
            }
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

    /// Tells whether plain elements that follow would be of no other interest than those which
    /// [`Self::passed`] counts.
    fn may_pass(&self) -> bool {
        /// The most elements within each other of a plain row.
        const PLAIN: usize = 4;
        self.span.is_none() && self.depth + PLAIN <= DEPTH && !self.part.ends_with("theme1.xml")
    }

    /// Counts plain elements as if each had been inspected.
    fn passed(&mut self, passed: &plain::Passed) -> Result<(), Error> {
        self.rows(passed.rows)?;
        self.cells(passed.cells)?;
        self.shared_strings(passed.strings)?;
        self.hold(passed.string_bytes)
    }

    /// Counts rows, behind which another one begins.
    fn rows(&mut self, count: u64) -> Result<(), Error> {
        self.findings.rows += count;
        self.rows += count;
        if count > 0 {
            self.cells_of_row = 0;
        }
        let limit = u64::from(self.limits.sheet_rows);
        if self.rows > limit {
            return Err(self.too_large("the number of rows", limit, "rows"));
        }
        Ok(())
    }

    fn cells(&mut self, count: u64) -> Result<(), Error> {
        self.cells_of_row += count;
        if self.cells_of_row > COLUMNS_OF_SHEET {
            return Err(self.too_large(
                "the number of cells in one row",
                COLUMNS_OF_SHEET,
                "cells",
            ));
        }
        Ok(())
    }

    fn shared_strings(&mut self, count: u64) -> Result<(), Error> {
        self.findings.shared_strings += count;
        if self.findings.shared_strings > self.limits.shared_strings {
            let limit = self.limits.shared_strings;
            return Err(self.too_large("the number of shared strings", limit, "strings"));
        }
        self.hold(48 * count)
    }

    /// Keeps merged cells that a header may be in; what they are elsewhere does not matter.
    fn merged_cells(&mut self, tag: &BytesStart<'_>) -> Result<(), Error> {
        let mut area = None;
        for attribute in tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| self.flaw(&error.to_string()))?;
            if attribute.key.as_ref() == "ref" {
                area = range(&attribute.value);
            }
        }
        let Some(area) = area.filter(|area| area.top <= LOWEST_START) else {
            return Ok(());
        };
        let areas = &mut self.findings.outline(self.part).merged;
        if areas.len() < AREAS {
            areas.push(area);
            return self.hold(2 * size_of_val(&area) as u64);
        }
        Ok(())
    }

    /// Remembers which relationship leads to a sheet.
    fn sheet(&mut self, tag: &BytesStart<'_>) -> Result<(), Error> {
        if base_name(self.part) != "workbook.xml" {
            return Ok(());
        }
        let mut relation = String::new();
        for attribute in tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| self.flaw(&error.to_string()))?;
            if matches!(attribute.key.as_ref().rsplit(':').next(), Some("id")) {
                relation = attribute.value.into_owned();
            }
        }
        self.findings.sheets.push(relation);
        Ok(())
    }

    fn end(&mut self, name: &str) -> Result<(), Error> {
        let depth = self.depth;
        let is_closed = |cell: &mut OpenCell| cell.is_closed_at(depth);
        if let Some(cell) = self.cell.take_if(is_closed) {
            self.closed(&cell)?;
        }
        self.in_cell(|cell| cell.end(depth));
        if name == "sheetData" {
            self.in_sheet_data = false;
        }
        if self
            .span
            .as_ref()
            .is_some_and(|span| span.depth == self.depth)
        {
            self.span = None;
        }
        self.depth = self.depth.saturating_sub(1);
        Ok(())
    }

    fn in_cell(&mut self, look: impl FnOnce(&mut OpenCell)) {
        if let Some(cell) = &mut self.cell {
            look(cell);
        }
    }

    /// Keeps what is told by a cell of a sheet.
    fn closed(&mut self, cell: &OpenCell) -> Result<(), Error> {
        let columns = self.limits.columns;
        let mut bytes = 0;
        if cell.lacks_result() {
            bytes += self
                .findings
                .outline(self.part)
                .add_formula(cell.reference(), columns);
        }
        if cell.has_unknown_error() {
            bytes += self.findings.outline(self.part).add_error(cell.reference());
        }
        self.hold(bytes)
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

    /// Checks the value of an attribute.
    fn attribute(
        &self,
        tag: &BytesStart<'_>,
        name: &str,
        is_sound: impl Fn(&str) -> bool,
    ) -> Result<(), Error> {
        for attribute in tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| self.flaw(&error.to_string()))?;
            if attribute.key.as_ref() == name && !is_sound(&attribute.value) {
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
        self.attribute(tag, "uniqueCount", is_number)?;
        let fits = |text: &str| text.is_empty() || text.parse::<u64>().is_ok_and(|n| n <= limit);
        self.attribute(tag, "uniqueCount", fits).map_err(|_| {
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
        let mut relation = (String::new(), String::new());
        for attribute in tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| self.flaw(&error.to_string()))?;
            let value = attribute.value.to_ascii_lowercase();
            match attribute.key.as_ref() {
                "Type" => is_read |= READ_TARGETS.contains(&base_name(&value)),
                "Target" => {
                    targets.push(base_name(&value).to_owned());
                    relation.1 = value;
                }
                "Id" => relation.0 = attribute.value.into_owned(),
                _ => (),
            }
        }
        if is_read {
            if targets.iter().any(|target| target.contains('&')) {
                return Err(self.flaw("the name of a sheet's part is escaped"));
            }
            self.findings.targets.extend(targets);
            if base_name(self.part) == "workbook.xml.rels" {
                self.findings.relations.extend([relation]);
            }
        }
        Ok(())
    }

    fn flaw(&self, found: &str) -> Error {
        let found = visible(found, FOUND);
        Error::InvalidFile {
            message: "the workbook is damaged".to_owned(),
            detail: Some(format!("part {}: {found}", quoted(self.part))),
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
