//! XML that means harm, counts that lie, and sheets that lead astray.

use super::Cases;
use super::book::{
    ALL, Book, INTERACTIONS, PRODUCTS, STRINGS, STYLES, WORKBOOK, WORKBOOK_RELATIONS,
};

pub(super) fn add(cases: &mut Cases) {
    entities(cases);
    declarations(cases);
    counts(cases);
    workbook(cases);
    relations(cases);
}

fn entities(cases: &mut Cases) {
    let laughs: String = (1..12)
        .map(|level| {
            format!(
                "<!ENTITY l{level} \"{}\">",
                format!("&l{};", level - 1).repeat(10)
            )
        })
        .collect();
    let types = [
        (
            "laughs",
            format!("<!DOCTYPE a [<!ENTITY l0 \"ha\">{laughs}]>"),
            "&l11;",
        ),
        (
            "quadratic",
            format!("<!DOCTYPE a [<!ENTITY l \"{}\">]>", "ha".repeat(50_000)),
            "&l;&l;&l;&l;",
        ),
        (
            "file",
            r#"<!DOCTYPE a [<!ENTITY l SYSTEM "file:///etc/passwd">]>"#.to_owned(),
            "&l;",
        ),
        (
            "network",
            r#"<!DOCTYPE a [<!ENTITY l SYSTEM "http://127.0.0.1:1/">]>"#.to_owned(),
            "&l;",
        ),
        (
            "parameter",
            r#"<!DOCTYPE a [<!ENTITY % l SYSTEM "file:///dev/zero"> %l;]>"#.to_owned(),
            "",
        ),
        (
            "recursive",
            r#"<!DOCTYPE a [<!ENTITY l "&m;"><!ENTITY m "&l;">]>"#.to_owned(),
            "&l;",
        ),
        (
            "external type",
            r#"<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd">"#.to_owned(),
            "",
        ),
        ("open type", "<!DOCTYPE a [<!ENTITY".to_owned(), ""),
        ("unknown", String::new(), "&l;"),
        (
            "characters",
            String::new(),
            "&#0;&#x1F;&#xFFFF;&#xD800;&#x110000;&#99999999999;&#;&#x;&;",
        ),
    ];
    for (name, declaration, entity) in types {
        for part in ALL {
            let declaration = declaration.clone();
            cases.workbook("entities", format!("{name} in {part}"), move || {
                let text = Book::sound().text(part);
                let (head, body) = text.split_once("?>").expect("a part has a declaration");
                let (start, end) = body.rsplit_once("</").expect("a part ends with a tag");
                let text = format!("{head}?>{declaration}{start}{entity}</{end}");
                Book::sound().with(part, text).zip()
            });
        }
    }
}

/// Encodings, bytes and shapes that are no sound document.
fn declarations(cases: &mut Cases) {
    type Change = fn(&str) -> Vec<u8>;
    let changes: [(&str, Change); 28] = [
        ("nothing", |_| Vec::new()),
        ("blanks", |_| vec![b' '; 1_000]),
        ("a picture", |_| b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec()),
        ("zeros", |_| vec![0; 10_000]),
        ("no tag", |_| b"text".to_vec()),
        ("another root", |_| b"<html><body/></html>".to_vec()),
        ("an open root", |text| {
            text.rsplit_once("</").unwrap_or((text, "")).0.into()
        }),
        ("half", |text| text.as_bytes()[..text.len() / 2].to_vec()),
        ("two roots", |text| text.repeat(2).into()),
        ("rest", |text| format!("{text}rest<").into()),
        ("UTF-16 said", |text| {
            text.replacen("UTF-8", "UTF-16", 1).into()
        }),
        ("UTF-16", |text| {
            utf16(&text.replacen("UTF-8", "UTF-16", 1), true)
        }),
        ("UTF-16 without a mark", |text| utf16(text, false)),
        ("latin said", |text| {
            text.replacen("UTF-8", "ISO-8859-1", 1).into()
        }),
        ("an unknown encoding", |text| {
            text.replacen("UTF-8", "x-none", 1).into()
        }),
        ("a byte order mark", |text| format!("\u{feff}{text}").into()),
        ("three byte order marks", |text| {
            format!("\u{feff}\u{feff}\u{feff}{text}").into()
        }),
        ("version 1.1", |text| text.replacen("1.0", "1.1", 1).into()),
        ("NUL in a tag", |text| text.replacen("><", "\0><", 3).into()),
        ("NUL between tags", |text| text.replace("><", ">\0<").into()),
        ("bad UTF-8", |text| {
            [text.as_bytes(), b"<a>\xC3\x28\xFF</a>"].concat()
        }),
        ("bad UTF-8 inside", |text| {
            text.bytes()
                .map(|byte| if byte == b'=' { 0xFF } else { byte })
                .collect()
        }),
        ("instructions", |text| {
            text.replace("><", "><?php evil() ?><").into()
        }),
        ("comments", |text| {
            text.replace("><", "><!-- - - --><").into()
        }),
        ("CDATA", |text| {
            text.replace("><", "><![CDATA[<c><v>]]><").into()
        }),
        ("prefixes", |text| {
            text.replace('<', "<x:")
                .replace("<x:/", "</x:")
                .replace("<x:?", "<?")
                .into()
        }),
        ("namespaces", |text| {
            text.replace("http://", "urn:no:").into()
        }),
        ("single quotes", |text| text.replace('"', "'").into()),
    ];
    for (name, change) in changes {
        for part in ALL {
            cases.workbook("document", format!("{name} in {part}"), move || {
                let text = Book::sound().text(part);
                Book::sound().with(part, change(&text)).zip()
            });
        }
    }
}

fn utf16(text: &str, mark: bool) -> Vec<u8> {
    let mark = mark.then_some(0xFEFF);
    mark.into_iter()
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect()
}

/// Counts that are not believed.
fn counts(cases: &mut Cases) {
    const NUMBERS: [&str; 14] = [
        "-1",
        "0",
        "1",
        "17",
        "2147483647",
        "2147483648",
        "4294967295",
        "4294967296",
        "9223372036854775807",
        "18446744073709551615",
        "99999999999999999999999999",
        "1e9",
        "NaN",
        "",
    ];
    for number in NUMBERS {
        let mut lie = |name: &str, part: &'static str, from: &'static str, to: String| {
            cases.workbook("count", format!("{name} {number}"), move || {
                Book::sound().replace(part, from, &to).zip()
            });
        };
        lie(
            "strings",
            STRINGS,
            r#" count="16""#,
            format!(" count=\"{number}\""),
        );
        lie(
            "unique strings",
            STRINGS,
            r#"uniqueCount="16""#,
            format!("uniqueCount=\"{number}\""),
        );
        lie(
            "formats",
            STYLES,
            r#"cellXfs count="2""#,
            format!("cellXfs count=\"{number}\""),
        );
        lie(
            "number formats",
            STYLES,
            r#"numFmts count="1""#,
            format!("numFmts count=\"{number}\""),
        );
        lie(
            "format number",
            STYLES,
            r#"numFmtId="164" f"#,
            format!("numFmtId=\"{number}\" f"),
        );
        lie(
            "sheet number",
            WORKBOOK,
            r#"sheetId="2""#,
            format!("sheetId=\"{number}\""),
        );
        lie(
            "row",
            INTERACTIONS,
            r#"<row r="2""#,
            format!("<row r=\"{number}\""),
        );
        lie(
            "spans",
            INTERACTIONS,
            r#"<row r="2""#,
            format!("<row r=\"2\" spans=\"1:{number}\""),
        );
        lie(
            "string",
            INTERACTIONS,
            "<v>10</v>",
            format!("<v>{number}</v>"),
        );
        lie("style", INTERACTIONS, r#"s="1""#, format!("s=\"{number}\""));
        lie(
            "date",
            INTERACTIONS,
            "<v>43843.375</v>",
            format!("<v>{number}</v>"),
        );
        lie(
            "customer",
            INTERACTIONS,
            "<v>1</v>",
            format!("<v>{number}</v>"),
        );
        lie(
            "merged cells",
            INTERACTIONS,
            "</sheetData>",
            format!(
                "</sheetData><mergeCells count=\"{number}\"><mergeCell ref=\"A1:B2\"/></mergeCells>"
            ),
        );
        lie(
            "columns",
            INTERACTIONS,
            "<sheetData>",
            format!("<cols><col min=\"1\" max=\"{number}\"/></cols><sheetData>"),
        );
        lie("characters", PRODUCTS, "01-2019", format!("&#{number};"));
    }
}

/// Sheets as the workbook lists them.
fn workbook(cases: &mut Cases) {
    let two = r#"<sheet name="Interactions" sheetId="2" r:id="rId2"/>"#;
    let lists = [
        ("no sheet", "two", String::new()),
        ("the same name", two, two.repeat(2)),
        ("no name", "name=\"Interactions\"", String::new()),
        ("an empty name", "name=\"Interactions\"", "name=\"\"".to_owned()),
        ("control characters", "name=\"Interactions\"", "name=\"&#7;&#27;[31m\u{85}\"".to_owned()),
        ("a line break", "name=\"Interactions\"", "name=\"a&#10;b&#13;c&#9;d\"".to_owned()),
        ("a long name", "name=\"Interactions\"", format!("name=\"{}\"", "x".repeat(9_000))),
        ("right to left", "name=\"Interactions\"", "name=\"\u{202e}snoitcaretnI\"".to_owned()),
        ("hidden", "sheetId=\"2\"", "sheetId=\"2\" state=\"hidden\"".to_owned()),
        ("very hidden", "sheetId=\"2\"", "sheetId=\"2\" state=\"veryHidden\"".to_owned()),
        ("another state", "sheetId=\"2\"", "sheetId=\"2\" state=\"none\"".to_owned()),
        ("no relation", " r:id=\"rId2\"", String::new()),
        ("an unknown relation", "r:id=\"rId2\"", "r:id=\"rId99\"".to_owned()),
        ("the relation of another", "r:id=\"rId2\"", "r:id=\"rId1\"".to_owned()),
        ("the relation of styles", "r:id=\"rId2\"", "r:id=\"rId4\"".to_owned()),
        ("1904", "<sheets>", "<workbookPr date1904=\"1\"/><sheets>".to_owned()),
        ("1904 and not", "<sheets>", "<workbookPr date1904=\"0\"/><workbookPr date1904=\"true\"/><sheets>".to_owned()),
        ("1904 or what", "<sheets>", "<workbookPr date1904=\"maybe\"/><sheets>".to_owned()),
        ("a cyclic name", "</sheets>", "</sheets><definedNames><definedName name=\"a\">b</definedName><definedName name=\"b\">a</definedName></definedNames>".to_owned()),
        ("a bad name", "</sheets>", "</sheets><definedNames><definedName>=1/0</definedName></definedNames>".to_owned()),
    ];
    for (name, from, to) in lists {
        cases.workbook("workbook", name, move || {
            let book = Book::sound();
            if from == "two" {
                let text = book.text(WORKBOOK);
                let (start, rest) = text.split_once("<sheets>").expect("sheets");
                let (_, end) = rest.split_once("</sheets>").expect("sheets");
                return book
                    .clone()
                    .with(WORKBOOK, format!("{start}<sheets></sheets>{end}"))
                    .zip();
            }
            book.replace(WORKBOOK, from, &to).zip()
        });
    }
}

fn relations(cases: &mut Cases) {
    let targets = [
        ("itself", "_rels/workbook.xml.rels"),
        ("the workbook", "workbook.xml"),
        ("the root", "/"),
        ("nothing", ""),
        ("the other sheet", "worksheets/sheet1.xml"),
        ("the strings", "sharedStrings.xml"),
        ("parents", "../../../../../etc/passwd"),
        ("many parents", "../xl/../xl/../xl/worksheets/sheet2.xml"),
        ("a file", "file:///etc/passwd"),
        ("the network", "http://127.0.0.1:1/sheet.xml"),
        ("escaped", "worksheets/%2e%2e/sheet2.xml"),
        ("capitals", "WORKSHEETS/SHEET2.XML"),
        ("absolute", "/xl/worksheets/sheet2.xml"),
        ("backslashes", "worksheets\\sheet2.xml"),
        ("a query", "worksheets/sheet2.xml?x#y"),
        ("controls", "worksheets/&#10;&#27;sheet2.xml"),
    ];
    for (name, target) in targets {
        for (which, from) in [
            ("sheet", "worksheets/sheet2.xml"),
            ("strings", "sharedStrings.xml"),
            ("styles", "styles.xml"),
        ] {
            cases.workbook("relation", format!("{which} at {name}"), move || {
                Book::sound()
                    .replace(WORKBOOK_RELATIONS, from, target)
                    .zip()
            });
        }
        cases.workbook("relation", format!("workbook at {name}"), move || {
            Book::sound()
                .replace("_rels/.rels", "xl/workbook.xml", target)
                .zip()
        });
    }
    for (name, from, to) in [
        (
            "external",
            "Target=\"worksheets/sheet2.xml\"",
            "TargetMode=\"External\" Target=\"worksheets/sheet2.xml\"",
        ),
        ("the same id", "Id=\"rId2\"", "Id=\"rId1\""),
        ("no id", "Id=\"rId2\" ", ""),
        (
            "no type",
            "worksheet\" Target=\"worksheets/sheet2.xml\"",
            "\" Target=\"worksheets/sheet2.xml\"",
        ),
        (
            "a chart",
            "relationships/worksheet\" Target=\"worksheets/sheet2.xml\"",
            "relationships/chartsheet\" Target=\"worksheets/sheet2.xml\"",
        ),
        (
            "strings as a sheet",
            "relationships/sharedStrings",
            "relationships/worksheet",
        ),
    ] {
        cases.workbook("relation", name, move || {
            Book::sound().replace(WORKBOOK_RELATIONS, from, to).zip()
        });
    }
}
