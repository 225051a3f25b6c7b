//! Workbooks written by hand into a zip, so that they can hold what no program writes.

use std::io::{Cursor, Write};

use rapport_core::source::{Format, Input, Limits, Row, SourceFile};
use rapport_core::{Cell, Error};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";

/// The parts of a workbook, each of which a test may replace.
pub(crate) struct Parts(Vec<(String, Vec<u8>)>);

impl Parts {
    /// A workbook with one sheet "Sheet1" whose `sheetData` holds the given rows.
    pub(crate) fn new(rows: &str) -> Self {
        let parts = Self(Vec::new());
        parts
            .with(
                "[Content_Types].xml",
                r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#,
            )
            .with(
                "_rels/.rels",
                &format!(
                    r#"<?xml version="1.0"?><Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{RELATIONSHIPS}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
                ),
            )
            .with(
                "xl/_rels/workbook.xml.rels",
                &format!(
                    r#"<?xml version="1.0"?><Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{RELATIONSHIPS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#
                ),
            )
            .with(
                "xl/workbook.xml",
                &format!(
                    r#"<?xml version="1.0"?><workbook xmlns="{MAIN}" xmlns:r="{RELATIONSHIPS}"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>"#
                ),
            )
            .with("xl/worksheets/sheet1.xml", &sheet(rows))
    }

    /// Adds or replaces a part.
    pub(crate) fn with(mut self, name: &str, content: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), content.as_bytes().to_vec()));
        self
    }

    /// Adds or replaces a part that is no text.
    pub(crate) fn with_bytes(mut self, name: &str, content: Vec<u8>) -> Self {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), content));
        self
    }

    /// Returns the text of a part.
    pub(crate) fn text(&self, name: &str) -> String {
        let (_, content) = self.0.iter().find(|(known, _)| known == name).unwrap();
        String::from_utf8(content.clone()).unwrap()
    }

    /// Writes the archive.
    pub(crate) fn zip(&self) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in &self.0 {
            writer
                .start_file(name.as_str(), SimpleFileOptions::default())
                .unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }
}

/// A worksheet part with the given rows.
pub(crate) fn sheet(rows: &str) -> String {
    format!(
        r#"<?xml version="1.0"?><worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>"#
    )
}

/// A table of shared strings with the given opening attributes.
pub(crate) fn shared_strings(attributes: &str, strings: &str) -> String {
    format!(r#"<?xml version="1.0"?><sst xmlns="{MAIN}" {attributes}>{strings}</sst>"#)
}

/// A part of styles.
pub(crate) fn styles(content: &str) -> String {
    format!(r#"<?xml version="1.0"?><styleSheet xmlns="{MAIN}">{content}</styleSheet>"#)
}

/// Reads all rows of the first sheet.
pub(crate) fn read(content: &[u8], format: Format, limits: &Limits) -> Result<Vec<Row>, Error> {
    read_input(Input::file(content, format), limits)
}

/// Reads all rows of the first sheet of anything.
pub(crate) fn read_input(input: Input<'_>, limits: &Limits) -> Result<Vec<Row>, Error> {
    let name = match input.format() {
        Format::Xlsx => "book.xlsx",
        Format::Csv => "data.csv",
    };
    let mut file = SourceFile::open(input, name, limits)?;
    let sheet = file.sheets().first().map(|sheet| sheet.name.clone());
    file.rows(&sheet.unwrap_or_default())?.collect()
}

/// Reads a workbook under the default limits.
pub(crate) fn workbook(content: &[u8]) -> Result<Vec<Row>, Error> {
    read(content, Format::Xlsx, &Limits::default())
}

/// A row with its number and the texts of its cells.
pub(crate) fn texts(rows: &[Row]) -> Vec<(u32, Vec<String>)> {
    rows.iter()
        .map(|row| {
            (
                row.number,
                row.cells
                    .iter()
                    .map(|cell| cell.text().into_owned())
                    .collect(),
            )
        })
        .collect()
}

/// A text cell.
pub(crate) fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

/// The message of an [`Error::TooLarge`].
pub(crate) fn too_large(outcome: Result<Vec<Row>, Error>) -> String {
    match outcome {
        Err(error @ Error::TooLarge { .. }) => error.to_string(),
        other => panic!("{:?}", other.map(|rows| rows.len())),
    }
}

/// The message, detail and hint of an [`Error::InvalidFile`].
pub(crate) fn invalid(outcome: Result<Vec<Row>, Error>) -> String {
    match outcome {
        Err(Error::InvalidFile {
            message,
            detail,
            hint,
        }) => {
            format!("{message}; {}; {}", detail.unwrap(), hint.unwrap())
        }
        other => panic!("{:?}", other.map(|rows| rows.len())),
    }
}
