//! A little of something is sound; millions of it, or megabytes in one, are not.

use super::Cases;
use super::archive::Part;
use super::book::{
    ALL, Book, CONTENT_TYPES, INTERACTIONS, STRINGS, STYLES, WORKBOOK, WORKBOOK_RELATIONS,
    around_interactions,
};
use super::deflate::repeated;

pub(super) fn add(cases: &mut Cases) {
    elements(cases);
    long(cases);
    deep(cases);
}

/// Before what, in which part, many times what.
fn elements(cases: &mut Cases) {
    let elements: [(&str, &str, &str, &str); 26] = [
        ("rows", INTERACTIONS, "</sheetData>", "<row/>"),
        (
            "cells in one row",
            INTERACTIONS,
            "</row></sheetData>",
            "<c/>",
        ),
        (
            "filled cells in one row",
            INTERACTIONS,
            "</row></sheetData>",
            "<c><v>1</v></c>",
        ),
        (
            "filled rows",
            INTERACTIONS,
            "</sheetData>",
            "<row><c><v>43843</v></c><c/><c><v>1</v></c></row>",
        ),
        (
            "rejected rows",
            INTERACTIONS,
            "</sheetData>",
            "<row><c t=\"str\"><v>never</v></c></row>",
        ),
        (
            "one row again",
            INTERACTIONS,
            "</sheetData>",
            "<row r=\"2\"><c r=\"C2\"><v>2</v></c></row>",
        ),
        (
            "shared cells",
            INTERACTIONS,
            "</sheetData>",
            "<row><c t=\"s\"><v>3</v></c></row>",
        ),
        (
            "merged ranges",
            INTERACTIONS,
            "</worksheet>",
            "<mergeCell ref=\"A1:XFD1048576\"/>",
        ),
        (
            "columns",
            INTERACTIONS,
            "<sheetData>",
            "<col min=\"1\" max=\"16384\"/>",
        ),
        ("breaks", INTERACTIONS, "</worksheet>", "<brk id=\"1\"/>"),
        (
            "sheet data",
            INTERACTIONS,
            "</worksheet>",
            "<sheetData></sheetData>",
        ),
        (
            "values in a cell",
            INTERACTIONS,
            "</c></row></sheetData>",
            "<v>1</v>",
        ),
        ("strings", STRINGS, "</sst>", "<si><t>x</t></si>"),
        ("empty strings", STRINGS, "</sst>", "<si/>"),
        (
            "runs of one string",
            STRINGS,
            "</si></sst>",
            "<r><t>x</t></r>",
        ),
        (
            "phonetic runs",
            STRINGS,
            "</si></sst>",
            "<rPh><t>x</t></rPh>",
        ),
        ("formats", STYLES, "</cellXfs>", "<xf numFmtId=\"164\"/>"),
        (
            "number formats",
            STYLES,
            "</numFmts>",
            "<numFmt numFmtId=\"165\" formatCode=\"yyyy\"/>",
        ),
        ("fonts", STYLES, "</styleSheet>", "<fonts><font/></fonts>"),
        (
            "sheets",
            WORKBOOK,
            "</sheets>",
            "<sheet name=\"x\" sheetId=\"9\" r:id=\"rId1\"/>",
        ),
        (
            "hidden sheets",
            WORKBOOK,
            "</sheets>",
            "<sheet name=\"x\" sheetId=\"9\" state=\"hidden\" r:id=\"rId1\"/>",
        ),
        (
            "names",
            WORKBOOK,
            "</workbook>",
            "<definedName name=\"x\">Customers!$A$1</definedName>",
        ),
        (
            "relations",
            WORKBOOK_RELATIONS,
            "</Relationships>",
            "<Relationship Id=\"r\" Type=\"x\" Target=\"y\"/>",
        ),
        (
            "content types",
            CONTENT_TYPES,
            "</Types>",
            "<Override PartName=\"/x\" ContentType=\"y\"/>",
        ),
        ("comments", INTERACTIONS, "<sheetData>", "<!-- x -->"),
        ("instructions", STRINGS, "</sst>", "<?x y?>"),
    ];
    for (name, part, before, element) in elements {
        for count in [1_000_u64, 30_000, 1_000_000, 8_000_000] {
            cases.workbook("repeated", format!("{count} {name}"), move || {
                let book = Book::sound();
                let text = book.text(part);
                let at = text.rfind(before).expect("the mark is there");
                let bytes = count * element.len() as u64;
                let part = repeated(part, &text[..at], element.as_bytes(), bytes, &text[at..]);
                book.archive_with(part).bytes()
            });
            cases.heavy_if(count > 40_000);
        }
    }
    for attributes in [10, 1_000, 100_000] {
        for same in [false, true] {
            cases.workbook(
                "attributes",
                format!("{attributes} attributes, same {same}"),
                move || {
                    let list: String = (0..attributes)
                        .map(|number| format!(" a{}=\"1\"", if same { 0 } else { number }))
                        .collect();
                    let text = format!("<row{list}><c{list}/></row>");
                    Book::sound().with_interactions(&text).zip()
                },
            );
        }
    }
}

/// Texts and tags of up to a gigabyte.
fn long(cases: &mut Cases) {
    let places: [(&str, &str, &str, &str); 9] = [
        (
            "an inline string",
            INTERACTIONS,
            "<row r=\"2\"><c r=\"D2\" t=\"inlineStr\"><is><t>",
            "</t></is></c></row>",
        ),
        (
            "a value",
            INTERACTIONS,
            "<row r=\"2\"><c r=\"C2\"><v>",
            "</v></c></row>",
        ),
        (
            "a formula",
            INTERACTIONS,
            "<row r=\"2\"><c r=\"C2\"><f>",
            "</f><v>1</v></c></row>",
        ),
        (
            "an attribute",
            INTERACTIONS,
            "<row r=\"2\" spans=\"",
            "\"></row>",
        ),
        (
            "an address",
            INTERACTIONS,
            "<row r=\"2\"><c r=\"",
            "\"><v>1</v></c></row>",
        ),
        ("a tag", INTERACTIONS, "<row r=\"2\"><", "/></row>"),
        ("a comment", INTERACTIONS, "<!--", "-->"),
        (
            "CDATA",
            INTERACTIONS,
            "<row r=\"2\"><c r=\"D2\" t=\"str\"><v><![CDATA[",
            "]]></v></c></row>",
        ),
        ("an instruction", INTERACTIONS, "<?x ", "?>"),
    ];
    for (kilobytes, name) in [
        (32, "32 kB"),
        (200, "200 kB"),
        (2_000, "2 MB"),
        (15_000, "15 MB"),
        (1_048_576, "1 GB"),
    ] {
        let bytes = kilobytes * 1_000;
        for (place, part, before, after) in places {
            cases.workbook("long", format!("{name} in {place}"), move || {
                let (start, end) = around_interactions();
                let part = repeated(
                    part,
                    &format!("{start}{before}"),
                    b"9",
                    bytes,
                    &format!("{after}{end}"),
                );
                Book::sound().archive_with(part).bytes()
            });
            cases.heavy_if(kilobytes > 2_000);
        }
        for (place, part, mark) in [
            ("a shared string", STRINGS, "Jedi"),
            ("a format", STYLES, "dd/mm/yyyy hh:mm"),
            ("the name of a sheet", WORKBOOK, "Interactions"),
            ("a target", WORKBOOK_RELATIONS, "worksheets/sheet2.xml"),
        ] {
            cases.workbook("long", format!("{name} in {place}"), move || {
                let text = Book::sound().text(part);
                let (start, end) = text.split_once(mark).expect("the mark is there");
                Book::sound()
                    .archive_with(repeated(part, start, b"9", bytes, end))
                    .bytes()
            });
            cases.heavy_if(kilobytes > 2_000);
        }
        // The size is only said, by both headers.
        cases.workbook("long", format!("{name}, which is only said"), move || {
            let mut archive = Book::sound().archive();
            archive.parts[7].size = bytes as u32;
            archive.bytes()
        });
        cases.text("long_text", format!("{name} in a field"), move || {
            let mut text = b"Customer Id,Occupation,Type\n1,".to_vec();
            text.resize(text.len() + bytes.min(120 << 20) as usize, b'x');
            text.extend_from_slice(b",Red\n");
            text
        });
        cases.heavy_if(kilobytes > 2_000);
    }
    // A great many strings of the longest length that is allowed.
    for strings in [100_u64, 3_000] {
        cases.workbook(
            "repeated",
            format!("{strings} shared strings of 32 kB"),
            move || {
                let unit = format!("<si><t>{}</t></si>", "x".repeat(32_000));
                let book = Book::sound();
                let text = book.text(STRINGS);
                let at = text.rfind("</sst>").expect("the mark is there");
                let bytes = strings * unit.len() as u64;
                let part: Part =
                    repeated(STRINGS, &text[..at], unit.as_bytes(), bytes, &text[at..]);
                book.archive_with(part).bytes()
            },
        );
        cases.heavy_if(strings > 100);
    }
}

fn deep(cases: &mut Cases) {
    for depth in [10, 255, 256, 257, 1_000, 10_000, 1_000_000] {
        for part in ALL {
            for closed in [false, true] {
                let name = format!("{depth} tags in {part}, closed {closed}");
                cases.workbook("deep", name, move || {
                    let text = Book::sound().text(part);
                    let (start, end) = text.rsplit_once("</").expect("a part ends with a tag");
                    let close = if closed {
                        "</a>".repeat(depth)
                    } else {
                        String::new()
                    };
                    let text = format!("{start}{}{close}</{end}", "<a>".repeat(depth));
                    Book::sound().with(part, text).zip()
                });
            }
        }
    }
}
