//! Workbooks made to exhaust memory are refused, and name the limit.
//!
//! Running out of memory would abort the test process, as it would abort the database server.

use rapport_core::source::{Format, Limits};

use crate::fixtures::{
    Parts, invalid, read, shared_strings, sheet, styles, text, texts, too_large, workbook,
};

fn limited(parts: &Parts, limits: &Limits) -> Result<Vec<rapport_core::Row>, rapport_core::Error> {
    read(&parts.zip(), Format::Xlsx, limits)
}

const CORNERS: &str = r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>"#;

#[test]
fn the_corner_cell_is_refused_by_name() {
    let content = Parts::new(CORNERS).zip();
    assert!(content.len() < 2_000);
    let message = too_large(workbook(&content));
    assert_eq!(
        message,
        "the column of cell \"XFD1048576\" of sheet \"Sheet1\" is over the limit of 256 columns"
    );
}

#[test]
fn the_corner_cell_streams_when_the_limits_allow_it() {
    let limits = Limits {
        columns: 16_384,
        ..Limits::default()
    };
    let rows = limited(&Parts::new(CORNERS), &limits).unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!((rows[1].number, rows[1].cells.len()), (1_048_576, 16_384));
    let limits = Limits {
        sheet_rows: 1_000,
        ..limits
    };
    let message = too_large(limited(&Parts::new(CORNERS), &limits));
    assert!(message.contains("row of cell \"XFD1048576\""), "{message}");
}

#[test]
fn a_lying_dimension_costs_nothing() {
    let rows = r#"<row r="1"><c r="A1"><v>1</v></c></row>"#;
    let part = sheet(rows).replace(
        "<sheetData>",
        r#"<dimension ref="A1:XFD1048576"/><sheetData>"#,
    );
    let parts = Parts::new("").with("xl/worksheets/sheet1.xml", &part);
    assert_eq!(workbook(&parts.zip()).unwrap().len(), 1);
    for reference in ["B2:A1", "A1:AAAAAAAAAA1", "A1:B99999999999", ""] {
        let part = part.replace("A1:XFD1048576", reference);
        let parts = Parts::new("").with("xl/worksheets/sheet1.xml", &part);
        assert!(
            invalid(workbook(&parts.zip())).contains("dimension"),
            "{reference}"
        );
    }
}

#[test]
fn references_that_overflow_are_refused() {
    for rows in [
        r#"<row r="4294967295"/><row/><row><c><v>1</v></c></row>"#,
        r#"<row r="1"><c r="AAAAAAAAAAAAAA1"><v>1</v></c></row>"#,
        r#"<row r="1"><c r="A99999999999"><v>1</v></c></row>"#,
        r#"<row r="1"><c r=""><v>1</v></c></row>"#,
        r#"<row r="1"><c r="1"><v>1</v></c></row>"#,
        r#"<row r="0"><c><v>1</v></c></row>"#,
    ] {
        let message = invalid(workbook(&Parts::new(rows).zip()));
        assert!(message.contains("attribute \"r\""), "{message}");
    }
}

#[test]
fn declared_string_counts_are_not_believed() {
    let rows = r#"<row r="1"><c r="A1" t="s"><v>0</v></c></row>"#;
    let parts = |count: &str| {
        let strings = shared_strings(&format!("uniqueCount=\"{count}\""), "<si><t>a</t></si>");
        Parts::new(rows)
            .with("xl/sharedStrings.xml", &strings)
            .zip()
    };
    for count in [
        "4294967295",
        "18446744073709551615",
        "99999999999999999999999",
    ] {
        let message = too_large(workbook(&parts(count)));
        assert!(message.contains("declares"), "{message}");
    }
    assert!(invalid(workbook(&parts("-1"))).contains("uniqueCount"));
    // Too low, or a little too high, is only wrong.
    assert_eq!(workbook(&parts("0")).unwrap()[0].cells, [text("a")]);
    assert_eq!(workbook(&parts("1000000")).unwrap()[0].cells, [text("a")]);
}

#[test]
fn a_declared_count_cannot_hide() {
    let lie = shared_strings(r#"uniqueCount="4294967295""#, "<si><t>a</t></si>");
    // In a part of another case, behind a declared encoding, behind a comment.
    for (name, part) in [
        ("xl/SHAREDstrings.XML", lie.clone()),
        ("xl\\sharedStrings.xml", lie.clone()),
        (
            "xl/sharedStrings.xml",
            lie.replace("<sst", "<!-- <sst uniqueCount=\"1\"> --><x:sst")
                .replace("</sst", "</x:sst"),
        ),
        (
            "xl/sharedStrings.xml",
            lie.replace("uniqueCount", "uniqueCount=\"1\" uniqueCount"),
        ),
        (
            "xl/sharedStrings.xml",
            lie.replace("<si>", "<sst uniqueCount=\"4294967295\"/><si>"),
        ),
    ] {
        let outcome = workbook(&Parts::new("").with(name, &part).zip());
        assert!(too_large(outcome).contains("declares"), "{name}");
    }
    let wide: Vec<u8> = lie.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [b"\xFF\xFE".to_vec(), wide.clone()].concat();
    for content in [wide, marked, format!("x{lie}").into_bytes(), Vec::new()] {
        let parts = Parts::new("").with_bytes("xl/sharedStrings.xml", content);
        assert!(invalid(workbook(&parts.zip())).contains("sharedstrings.xml"));
    }
}

#[test]
fn real_strings_are_limited_too() {
    let strings = "<si><t>abcdefgh</t></si>".repeat(100);
    let parts = Parts::new("").with("xl/sharedStrings.xml", &shared_strings("", &strings));
    assert!(limited(&parts, &Limits::default()).is_ok());
    let limits = Limits {
        shared_strings: 99,
        ..Limits::default()
    };
    assert!(too_large(limited(&parts, &limits)).contains("shared strings"));
    let limits = Limits {
        held_bytes: 5_000,
        ..Limits::default()
    };
    assert!(too_large(limited(&parts, &limits)).contains("memory"));
}

#[test]
fn a_long_text_is_refused_where_it_is() {
    let limits = Limits {
        cell_bytes: 10,
        ..Limits::default()
    };
    let cell = |text: &str| {
        format!(r#"<row r="3"><c r="B3" t="inlineStr"><is><t>{text}</t></is></c></row>"#)
    };
    assert!(limited(&Parts::new(&cell("0123456789")), &limits).is_ok());
    let message = too_large(limited(&Parts::new(&cell("0123456789a")), &limits));
    assert!(
        message.contains("the text of cell \"B3\" of sheet \"Sheet1\""),
        "{message}"
    );
    // Far beyond the limit the part is refused before calamine would collect the text: in one
    // run, in many, as entities, and in a table that cells refer to.
    let run = "x".repeat(100_000);
    let runs = format!("<t>{}</t>", "x".repeat(1_000)).repeat(100);
    for part in [
        cell(&run),
        cell(&"&#120;".repeat(100_000)),
        format!("<row><c t=\"inlineStr\"><is>{runs}</is></c></row>"),
        format!("<row><c t=\"str\"><f>{run}</f></c></row>"),
    ] {
        assert!(too_large(limited(&Parts::new(&part), &limits)).contains("sheet1.xml"));
    }
    let strings = shared_strings("", &format!("<si>{runs}</si>"));
    let parts = Parts::new("").with("xl/sharedStrings.xml", &strings);
    assert!(too_large(limited(&parts, &limits)).contains("sharedstrings.xml"));
}

#[test]
fn cells_are_counted() {
    let limits = Limits {
        cells: 3,
        ..Limits::default()
    };
    let rows = "<row><c/><c/><c/></row>";
    assert!(limited(&Parts::new(rows), &limits).unwrap().is_empty());
    let rows = "<row><c/><c/></row><row><c/><c/></row>";
    assert!(too_large(limited(&Parts::new(rows), &limits)).contains("cells in sheet"));
}

#[test]
fn no_row_has_more_cells_than_a_sheet_has_columns() {
    // Plain ones, those which only the parser understands, and some of each.
    for cell in ["<c/>", "<c ><f/></c>", "<c/><c ><f/></c>"] {
        let elements = cell.matches("<c").count();
        let full = format!("<row>{}</row>", cell.repeat(16_384 / elements));
        let twice = format!("{full}{full}");
        assert!(limited(&Parts::new(&twice), &Limits::default()).is_ok());
        let over = twice.replacen("</row>", "<c/></row>", 1);
        let message = too_large(limited(&Parts::new(&over), &Limits::default()));
        assert!(message.contains("cells in one row"), "{message}");
    }
}

#[test]
fn no_sheet_describes_more_columns_than_it_has() {
    for (count, is_refused) in [(16_384, false), (16_385, true)] {
        let columns = format!("<cols>{}</cols><sheetData>", "<col/>".repeat(count));
        let part = sheet("<row><c><v>1</v></c></row>").replace("<sheetData>", &columns);
        let parts = Parts::new("").with("xl/worksheets/sheet1.xml", &part);
        let read = workbook(&parts.zip());
        if is_refused {
            let message = too_large(read);
            assert!(message.contains("described columns"), "{message}");
        } else {
            assert_eq!(read.unwrap().len(), 1);
        }
    }
}

#[test]
fn rows_are_counted_before_they_are_read() {
    let limits = Limits {
        sheet_rows: 3,
        ..Limits::default()
    };
    for row in ["<row/>", "<row ></row>"] {
        assert!(limited(&Parts::new(&row.repeat(3)), &limits).is_ok());
        let message = too_large(limited(&Parts::new(&row.repeat(4)), &limits));
        assert!(message.contains("number of rows in part"), "{message}");
    }
}

#[test]
fn bombs_are_refused_by_what_comes_out() {
    let zeros = vec![b' '; 20 << 20];
    let bomb = Parts::new("").with_bytes("xl/media/image1.bin", zeros);
    let content = bomb.zip();
    assert!(content.len() < 100_000);
    let message = too_large(workbook(&content));
    assert!(
        message.contains("the compression of part \"xl/media/image1.bin\""),
        "{message}"
    );
    let limits = Limits {
        entry_bytes: 1 << 20,
        ..Limits::default()
    };
    assert!(too_large(read(&content, Format::Xlsx, &limits)).contains("inflated size of part"));
    let limits = Limits {
        inflated_bytes: 1 << 20,
        ..Limits::default()
    };
    assert!(
        too_large(read(&content, Format::Xlsx, &limits)).contains("inflated size of \"book.xlsx\"")
    );

    // The same with a declared size of 10 bytes, in both headers of the part.
    let size = (20_u32 << 20).to_le_bytes();
    let mut lying = content;
    let places: Vec<_> = (0..lying.len() - 4)
        .filter(|at| lying[*at..*at + 4] == size)
        .collect();
    assert!(!places.is_empty());
    for place in places {
        lying[place..place + 4].copy_from_slice(&10_u32.to_le_bytes());
    }
    assert!(invalid(workbook(&lying)).contains("declared"));
}

#[test]
fn a_bomb_within_a_sheet_is_refused_too() {
    let rows = format!("<row/>{}", " ".repeat(1_000)).repeat(18_000);
    let limits = Limits {
        inflation_ratio: 50,
        ..Limits::default()
    };
    let message = too_large(limited(&Parts::new(&rows), &limits));
    assert!(
        message.contains("compression of part \"xl/worksheets/sheet1.xml\""),
        "{message}"
    );
}

#[test]
fn styles_cannot_multiply() {
    let long = "x".repeat(3_000);
    let formats = format!(
        r#"<numFmts><numFmt numFmtId="200" formatCode="{long}"/></numFmts><cellXfs>{}</cellXfs>"#,
        r#"<xf numFmtId="200"/>"#.repeat(10_000)
    );
    let fonts = format!(
        r#"<fonts><font><name val="{long}"/></font></fonts><cellXfs>{}</cellXfs>"#,
        r#"<xf fontId="0"/>"#.repeat(10_000)
    );
    let plain = format!("<cellXfs>{}</cellXfs>", "<xf/>".repeat(40_000));
    for content in [formats, fonts, plain] {
        let parts = Parts::new("").with("xl/styles.xml", &styles(&content));
        let limits = Limits {
            held_bytes: 16 << 20,
            ..Limits::default()
        };
        assert!(too_large(limited(&parts, &limits)).contains("memory"));
    }
    let brackets = format!(
        r#"<numFmts><numFmt numFmtId="1" formatCode="{}"/></numFmts><cellXfs><xf numFmtId="1"/></cellXfs>"#,
        "[".repeat(300)
    );
    let parts = Parts::new("").with("xl/styles.xml", &styles(&brackets));
    assert!(invalid(workbook(&parts.zip())).contains("brackets"));
}

#[test]
fn sheets_and_names_cannot_multiply() {
    let names = r#"<definedName name="a">Sheet1!$A$1</definedName>"#.repeat(100_000);
    let sheets = r#"<sheet name="A" r:id="rId1"/>"#.repeat(40_000);
    for content in [names, sheets] {
        let part = format!(r#"<workbook xmlns:r="r">{content}</workbook>"#);
        let parts = Parts::new("").with("xl/workbook.xml", &part);
        let limits = Limits {
            held_bytes: 4 << 20,
            ..Limits::default()
        };
        assert!(too_large(limited(&parts, &limits)).contains("memory"));
    }
}

#[test]
fn markup_without_end_is_refused() {
    let deep = "<a>".repeat(1_000);
    let message = too_large(workbook(&Parts::new(&deep).zip()));
    assert!(message.contains("depth"), "{message}");
    // A list of ranges may be long in a real workbook, but not without end.
    let tag = |length: usize| format!("<row r=\"1\" spans=\"{}\"/>", "1".repeat(length));
    assert!(workbook(&Parts::new(&tag(100_000)).zip()).is_ok());
    assert!(too_large(workbook(&Parts::new(&tag(1 << 20)).zip())).contains("a text or tag"));
    let sheet_tag = format!(
        r#"<workbook><sheets><sheet name="{}"/></sheets></workbook>"#,
        "x".repeat(20_000)
    );
    let parts = Parts::new("").with("xl/workbook.xml", &sheet_tag);
    assert!(too_large(workbook(&parts.zip())).contains("a tag"));
    let comment = format!("<!-- {} -->", "x".repeat(1 << 20));
    assert!(too_large(workbook(&Parts::new(&comment).zip())).contains("a text or tag"));
    assert!(invalid(workbook(&Parts::new("<row><c></row>").zip())).contains("sheet1.xml"));
    assert!(invalid(workbook(&Parts::new("<row").zip())).contains("sheet1.xml"));
}

#[test]
fn entities_are_refused() {
    let laughs = sheet("").replace(
        "<worksheet",
        "<!DOCTYPE a [<!ENTITY b \"ha\"><!ENTITY c \"&b;&b;&b;&b;\">]><worksheet",
    );
    let parts = Parts::new("").with("xl/worksheets/sheet1.xml", &laughs);
    assert!(invalid(workbook(&parts.zip())).contains("document type"));
    let unknown = r#"<row><c t="str"><v>&c;</v></c></row>"#;
    invalid(workbook(&Parts::new(unknown).zip()));
}

#[test]
fn a_hostile_part_cannot_pass_as_a_foreign_one() {
    let part = format!(
        "<worksheet><sheetData>{}</sheetData></worksheet>",
        "<a>".repeat(300)
    );
    let parts = Parts::new("").with("customXml/item1.xml", &part);
    assert!(workbook(&parts.zip()).is_ok());
    for target in ["/customXml/item1.xml", "../customXml/ITEM1.xml"] {
        let parts = Parts::new("").with("customXml/item1.xml", &part).with(
            "xl/_rels/workbook.xml.rels",
            &format!(r#"<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="{target}"/></Relationships>"#),
        );
        assert!(
            too_large(workbook(&parts.zip())).contains("depth"),
            "{target}"
        );
    }
}

#[test]
fn ambiguous_archives_are_refused() {
    let cases = Parts::new("").with("xl/Workbook.xml", "<a/>").zip();
    assert!(invalid(workbook(&cases)).contains("two files named"));
    let mut twice = Parts::new("").with("xl/workbook.xm_", "<a/>").zip();
    let places: Vec<_> = (0..twice.len() - 15)
        .filter(|at| &twice[*at..*at + 15] == b"xl/workbook.xm_")
        .collect();
    for place in places {
        twice[place + 14] = b'l';
    }
    assert!(invalid(workbook(&twice)).contains("two files named"));
    let limits = Limits {
        zip_entries: 4,
        ..Limits::default()
    };
    assert!(too_large(limited(&Parts::new(""), &limits)).contains("5 files"));
}

#[test]
fn declared_archive_counts_are_not_believed() {
    // A zip64 end that declares 2^40 files in a directory of 2^60 bytes.
    let mut content = Parts::new("").zip();
    let end = content.len() - 22;
    let mut tail = content.split_off(end);
    let end64 = content.len() as u64;
    content.extend_from_slice(b"PK\x06\x06");
    content.extend_from_slice(&44_u64.to_le_bytes());
    content.extend_from_slice(&[45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    content.extend_from_slice(&(1_u64 << 40).to_le_bytes());
    content.extend_from_slice(&(1_u64 << 40).to_le_bytes());
    content.extend_from_slice(&(1_u64 << 60).to_le_bytes());
    content.extend_from_slice(&(1_u64 << 50).to_le_bytes());
    content.extend_from_slice(b"PK\x06\x07\0\0\0\0");
    content.extend_from_slice(&end64.to_le_bytes());
    content.extend_from_slice(&1_u32.to_le_bytes());
    tail[8..20].fill(0xFF);
    content.extend_from_slice(&tail);
    assert!(invalid(workbook(&content)).contains("zip64"));
}

#[test]
fn a_file_over_its_limit_is_not_looked_at() {
    let limits = Limits {
        file_bytes: 10,
        ..Limits::default()
    };
    let message = too_large(read(b"not even a zip", Format::Xlsx, &limits));
    assert!(message.contains("\"book.xlsx\" with 14 bytes"), "{message}");
    assert_eq!(
        texts(&read(b"Id\n1\n", Format::Csv, &limits).unwrap()).len(),
        2
    );
}
