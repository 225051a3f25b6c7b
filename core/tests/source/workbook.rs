//! What an ordinary workbook holds comes out as it is.

use jiff::civil::date;
use rapport_core::source::{Format, Input, Limits, SheetInfo, SourceFile};
use rapport_core::{Cell, Error};
use rust_xlsxwriter::{ExcelDateTime, Format as Style, Formula, Workbook};

use crate::fixtures::{Parts, invalid, shared_strings, sheet, styles, text, texts, workbook};

fn written() -> Vec<u8> {
    let mut book = Workbook::new();
    let day = Style::new().set_num_format("dd/mm/yyyy hh:mm");
    let duration = Style::new().set_num_format("[h]:mm");
    let shown = book
        .add_worksheet()
        .set_name("external interactions")
        .unwrap();
    shown.write(0, 0, "Date Start").unwrap();
    shown.write(0, 1, "Interaction").unwrap();
    shown.write(0, 2, "Customers").unwrap();
    let start = ExcelDateTime::parse_from_str("2019-10-04T09:00:00").unwrap();
    shown.write_with_format(2, 0, &start, &day).unwrap();
    shown.write(2, 1, " Bird\u{a0}").unwrap();
    shown.write(2, 2, 1).unwrap();
    shown.write(3, 0, "11/02/2020 16:10").unwrap();
    shown.write(3, 2, "12in").unwrap();
    shown.write(4, 0, true).unwrap();
    shown
        .write_formula(4, 1, Formula::new("=1/0").set_result("#DIV/0!"))
        .unwrap();
    shown
        .write_formula(4, 2, Formula::new("=6*7").set_result("42"))
        .unwrap();
    shown
        .write_number_with_format(4, 3, 1.5, &duration)
        .unwrap();
    shown.write_blank(6, 300, &day).unwrap();
    shown.write(7, 4, "  ").unwrap();
    shown.write(9, 0, "last").unwrap();
    let hidden = book.add_worksheet().set_name("products & more").unwrap();
    hidden.set_hidden(true);
    book.save_to_buffer().unwrap()
}

fn open(content: &[u8]) -> SourceFile<'_> {
    let input = Input::file(content, Format::Xlsx);
    SourceFile::open(input, "a.xlsx", &Limits::default()).unwrap()
}

#[test]
fn cells_keep_their_types_and_places() {
    let content = written();
    let mut file = open(&content);
    assert_eq!(file.encoding(), None);
    assert_eq!(
        file.sheets(),
        [
            SheetInfo {
                name: "external interactions".to_owned(),
                hidden: false
            },
            SheetInfo {
                name: "products & more".to_owned(),
                hidden: true
            },
        ]
    );
    assert_eq!(file.row_estimate(), 7);
    for _ in 0..2 {
        let rows: Vec<_> = file
            .rows("external interactions")
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let numbers: Vec<_> = rows.iter().map(|row| row.number).collect();
        assert_eq!(numbers, [1, 3, 4, 5, 10]);
        let start = date(2019, 10, 4).at(9, 0, 0, 0);
        assert_eq!(
            rows[1].cells,
            [
                Cell::DateTime(start),
                text(" Bird\u{a0}"),
                Cell::Number(1.0)
            ]
        );
        assert_eq!(
            rows[2].cells,
            [text("11/02/2020 16:10"), Cell::Empty, text("12in")]
        );
        assert_eq!(
            rows[3].cells,
            [
                Cell::Bool(true),
                Cell::Error("#DIV/0!".to_owned()),
                Cell::Number(42.0),
                Cell::Number(1.5)
            ]
        );
        assert_eq!(file.rows("products & more").unwrap().count(), 0);
    }
}

#[test]
fn an_unknown_sheet_is_refused_with_the_known_ones() {
    let content = written();
    let mut file = open(&content);
    match file.rows("Products").err() {
        Some(Error::InvalidValue { message, hint }) => {
            assert_eq!(message, "there is no sheet \"Products\"");
            assert!(hint.unwrap().contains("\"products & more\""));
        }
        other => panic!("{other:?}"),
    }
}

/// Style 1 is a built-in date format, style 2 an own one, style 3 a time, style 0 none.
const DATE_STYLES: &str = r#"<numFmts count="1"><numFmt numFmtId="164" formatCode="d. mmmm yyyy"/></numFmts><cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="20"/></cellXfs>"#;

#[test]
fn the_1904_system_is_kept() {
    let rows = r#"<row r="1"><c r="A1" s="1"><v>42280.375</v></c><c r="B1" s="2"><v>42280</v></c><c r="C1" s="0"><v>42280</v></c><c r="D1" s="3"><v>0.375</v></c><c r="E1" t="d"><v>2019-10-04T09:00:00</v></c></row>"#;
    let parts = Parts::new(rows).with("xl/styles.xml", &styles(DATE_STYLES));
    let at_nine = date(2019, 10, 4).at(9, 0, 0, 0);
    let midnight = date(2019, 10, 4).at(0, 0, 0, 0);

    let first = parts.with(
        "xl/workbook.xml",
        r#"<workbook xmlns:r="r"><workbookPr date1904="1"/><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
    );
    assert_eq!(
        workbook(&first.zip()).unwrap()[0].cells,
        [
            Cell::DateTime(at_nine),
            Cell::DateTime(midnight),
            Cell::Number(42280.0),
            Cell::Number(0.375),
            Cell::DateTime(at_nine),
        ]
    );
}

#[test]
fn the_1900_system_is_the_default() {
    let rows = r#"<row r="1"><c r="A1" s="1"><v>43742.375</v></c><c r="B1" s="1"><v>60</v></c><c r="C1" s="1"><v>-5</v></c></row>"#;
    let parts = Parts::new(rows).with("xl/styles.xml", &styles(DATE_STYLES));
    assert_eq!(
        workbook(&parts.zip()).unwrap()[0].cells,
        [
            Cell::DateTime(date(2019, 10, 4).at(9, 0, 0, 0)),
            Cell::Number(60.0),
            Cell::Number(-5.0)
        ]
    );
}

#[test]
fn strings_of_every_kind_are_read() {
    let rows = r#"<row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2" t="inlineStr"><is><r><t xml:space="preserve">Santa </t></r><r><t>Claus</t></r></is></c><c r="C2" t="str"><f>A1</f><v>a&amp;b</v></c><c r="D2" t="s"><v>0</v></c><c r="E2" t="inlineStr"><is><t>&#233;&lt;</t></is></c></row>"#;
    let parts = Parts::new(rows).with(
        "xl/sharedStrings.xml",
        &shared_strings(
            r#"count="2" uniqueCount="2""#,
            "<si><t/></si><si><t>Jedi</t></si>",
        ),
    );
    let rows = workbook(&parts.zip()).unwrap();
    assert_eq!(
        texts(&rows),
        [(
            2,
            ["Jedi", "Santa Claus", "a&b", "", "é<"]
                .map(str::to_owned)
                .to_vec()
        )]
    );
}

#[test]
fn cells_without_references_follow_each_other() {
    let rows = "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>";
    let rows = workbook(&Parts::new(rows).zip()).unwrap();
    assert_eq!(
        texts(&rows),
        [
            (1, vec!["1".to_owned(), "2".to_owned()]),
            (2, vec!["3".to_owned()])
        ]
    );
}

#[test]
fn pictures_and_foreign_parts_do_not_matter() {
    let parts = Parts::new(r#"<row r="1"><c r="A1"><v>1</v></c></row>"#)
        .with_bytes("xl/media/image1.png", b"\x89PNG\0\0<<<&&&".to_vec())
        .with(
            "customXml/item1.xml",
            &format!("<a>{}</a>", "x".repeat(2_000_000)),
        )
        .with("xl/drawings/drawing1.xml", "<a><b></a>")
        .with("docProps/app.xml", "");
    assert_eq!(workbook(&parts.zip()).unwrap().len(), 1);
}

#[test]
fn rows_out_of_order_are_refused() {
    let rows = r#"<row r="5"><c r="A5"><v>1</v></c></row><row r="2"><c r="B2"><v>2</v></c></row>"#;
    let message = invalid(workbook(&Parts::new(rows).zip()));
    assert!(
        message.contains("cell \"B2\" of sheet \"Sheet1\" comes after row 5"),
        "{message}"
    );
}

#[test]
fn two_sheets_of_one_name_are_refused() {
    let parts = Parts::new("").with(
        "xl/workbook.xml",
        r#"<workbook xmlns:r="r"><sheets><sheet name="A" r:id="rId1"/><sheet name="A" r:id="rId1"/></sheets></workbook>"#,
    );
    assert!(invalid(workbook(&parts.zip())).contains("two sheets are named \"A\""));
}

#[test]
fn files_of_other_kinds_are_named() {
    let zip = |names: &[&str]| {
        names
            .iter()
            .fold(Parts::new(""), |parts, name| parts.with(name, "<a/>"))
            .zip()
    };
    assert!(invalid(workbook(b"")).contains("empty"));
    assert!(invalid(workbook(b"%PDF-1.4")).contains("PDF"));
    assert!(invalid(workbook(b"Date,Product\n")).contains("import it as CSV"));
    assert!(invalid(workbook(&zip(&["xl/workbook.bin"]))).contains(".xlsb"));
    assert!(invalid(workbook(&zip(&["mimetype", "content.xml"]))).contains("OpenDocument"));
    let content = written();
    for length in [3, 30, 500, content.len() / 2, content.len() - 1] {
        let message = invalid(workbook(&content[..length]));
        assert!(message.contains("damaged"), "{message}");
    }
    let foreign = Parts::new("").with(
        "xl/worksheets/sheet1.xml",
        &sheet("").replace("worksheet", "x"),
    );
    assert!(workbook(&foreign.zip()).unwrap().is_empty());
    let chart = Parts::new("").with("xl/worksheets/sheet1.xml", "<chartsheet><a/></chartsheet>");
    assert!(invalid(workbook(&chart.zip())).contains("chartsheet"));
}
