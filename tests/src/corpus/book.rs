//! A small sound workbook whose parts are replaced one at a time.

use super::archive::{Archive, Part};

pub(super) const CONTENT_TYPES: &str = "[Content_Types].xml";
pub(super) const RELATIONS: &str = "_rels/.rels";
pub(super) const WORKBOOK: &str = "xl/workbook.xml";
pub(super) const WORKBOOK_RELATIONS: &str = "xl/_rels/workbook.xml.rels";
pub(super) const STRINGS: &str = "xl/sharedStrings.xml";
pub(super) const STYLES: &str = "xl/styles.xml";
pub(super) const CUSTOMERS: &str = "xl/worksheets/sheet1.xml";
pub(super) const INTERACTIONS: &str = "xl/worksheets/sheet2.xml";
pub(super) const PRODUCTS: &str = "xl/worksheets/sheet3.xml";

/// Every part of the workbook.
pub(super) const ALL: [&str; 9] = [
    CONTENT_TYPES,
    RELATIONS,
    WORKBOOK,
    WORKBOOK_RELATIONS,
    STRINGS,
    STYLES,
    CUSTOMERS,
    INTERACTIONS,
    PRODUCTS,
];

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";

/// A workbook before it is zipped.
#[derive(Debug, Clone)]
pub(super) struct Book {
    parts: Vec<(String, Vec<u8>)>,
}

impl Book {
    /// One row in each of the three sheets: shared strings, a date, numbers, an inline string.
    pub(super) fn sound() -> Self {
        let shared = [
            "Customer Id",
            "Occupation",
            "Type",
            "Jedi",
            "Red",
            "Date Start",
            "Interaction",
            "Customers",
            "Topic",
            "Sentiment",
            "Email",
            "Drug Efficacy",
            "Positive",
            "Date",
            "Product",
            "Sand",
        ];
        let strings: String = shared
            .iter()
            .map(|text| format!("<si><t>{text}</t></si>"))
            .collect();
        let count = shared.len();
        let xml = r#"<?xml version="1.0" encoding="UTF-8"?>"#;
        let texts = [
            format!(
                r#"{xml}<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#
            ),
            format!(
                r#"{xml}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
            format!(
                r#"{xml}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="Customers" sheetId="1" r:id="rId1"/><sheet name="Interactions" sheetId="2" r:id="rId2"/><sheet name="Products" sheetId="3" r:id="rId3"/></sheets></workbook>"#
            ),
            format!(
                r#"{xml}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{OFFICE}/worksheet" Target="worksheets/sheet2.xml"/><Relationship Id="rId3" Type="{OFFICE}/worksheet" Target="worksheets/sheet3.xml"/><Relationship Id="rId4" Type="{OFFICE}/styles" Target="styles.xml"/><Relationship Id="rId5" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#
            ),
            format!(
                r#"{xml}<sst xmlns="{MAIN}" count="{count}" uniqueCount="{count}">{strings}</sst>"#
            ),
            format!(
                r#"{xml}<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="dd/mm/yyyy hh:mm"/></numFmts><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164" applyNumberFormat="1"/></cellXfs></styleSheet>"#
            ),
            sheet(&format!(
                "{}{}",
                shared_row(1, 0..3),
                r#"<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="s"><v>3</v></c><c r="C2" t="s"><v>4</v></c></row>"#
            )),
            sheet(&format!(
                "{}{}",
                shared_row(1, 5..10),
                r#"<row r="2"><c r="A2" s="1"><v>43843.375</v></c><c r="B2" t="s"><v>10</v></c><c r="C2"><v>1</v></c><c r="D2" t="s"><v>11</v></c><c r="E2" t="inlineStr"><is><t>Positive</t></is></c></row>"#
            )),
            sheet(&format!(
                "{}{}",
                shared_row(1, 13..15),
                r#"<row r="2"><c r="A2" t="str"><v>01-2019</v></c><c r="B2" t="s"><v>15</v></c></row>"#
            )),
        ];
        let names = ALL.into_iter().map(str::to_owned);
        Self {
            parts: names
                .zip(texts.into_iter().map(String::into_bytes))
                .collect(),
        }
    }

    /// Replaces a part, or adds one.
    pub(super) fn with(mut self, name: &str, content: impl Into<Vec<u8>>) -> Self {
        let content = content.into();
        match self.parts.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = content,
            None => self.parts.push((name.to_owned(), content)),
        }
        self
    }

    /// Removes a part.
    pub(super) fn without(mut self, name: &str) -> Self {
        self.parts.retain(|(known, _)| known != name);
        self
    }

    /// Replaces a text of a part that must be in it.
    pub(super) fn replace(self, name: &str, from: &str, to: &str) -> Self {
        let text = self.text(name);
        assert!(text.contains(from), "{from} is not in {name}");
        let text = text.replacen(from, to, 1);
        self.with(name, text)
    }

    /// Replaces the rows of the sheet of interactions below its header.
    pub(super) fn with_interactions(self, rows: &str) -> Self {
        let header = shared_row(1, 5..10);
        self.with(INTERACTIONS, sheet(&format!("{header}{rows}")))
    }

    /// The text of a part.
    pub(super) fn text(&self, name: &str) -> String {
        let (_, content) = self
            .parts
            .iter()
            .find(|(known, _)| known == name)
            .unwrap_or_else(|| panic!("there is no part {name}"));
        String::from_utf8(content.clone()).expect("a sound part is UTF-8")
    }

    /// The names of all parts.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|(name, _)| name.as_str())
    }

    /// The archive, compressed.
    pub(super) fn archive(&self) -> Archive {
        let parts = self.parts.iter();
        Archive {
            parts: parts
                .map(|(name, content)| Part::deflated(name, content))
                .collect(),
            ..Archive::default()
        }
    }

    /// The archive with one more part, or with that one in the place of its namesake.
    pub(super) fn archive_with(&self, part: Part) -> Archive {
        let mut archive = self.archive();
        match archive
            .parts
            .iter_mut()
            .find(|known| known.name == part.name)
        {
            Some(known) => *known = part,
            None => archive.parts.push(part),
        }
        archive
    }

    /// Writes the workbook.
    pub(super) fn zip(&self) -> Vec<u8> {
        self.archive().bytes()
    }
}

/// A worksheet with these rows.
pub(super) fn sheet(rows: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>"#
    )
}

/// What stands before and after the rows of the sheet of interactions, header included.
pub(super) fn around_interactions() -> (String, String) {
    let text = sheet(&format!("{}|", shared_row(1, 5..10)));
    let (before, after) = text.split_once('|').expect("the mark is there");
    (before.to_owned(), after.to_owned())
}

fn shared_row(number: u32, strings: std::ops::Range<u32>) -> String {
    let cells: String = (b'A'..)
        .zip(strings)
        .map(|(column, index)| {
            format!(
                r#"<c r="{}{number}" t="s"><v>{index}</v></c>"#,
                char::from(column)
            )
        })
        .collect();
    format!(r#"<row r="{number}">{cells}</row>"#)
}
