//! Cells that no program writes: their addresses, types and values.

use super::Cases;
use super::book::{Book, INTERACTIONS};

pub(super) fn add(cases: &mut Cases) {
    references(cases);
    cells(cases);
}

/// Addresses of cells, dimensions and merged ranges.
fn references(cases: &mut Cases) {
    const REFERENCES: [&str; 24] = [
        "A1",
        "XFD1048576",
        "XFE1",
        "A1048577",
        "A0",
        "A-1",
        "1A",
        "A",
        "1",
        "",
        "$A$1",
        "a2",
        "A1:B2",
        "ZZZZZZZZZZ1",
        "A99999999999",
        "AAAAAAA1048576",
        "R1C1",
        "Ａ１",
        "A1 ",
        "B2:A1",
        "A1:XFD1048576",
        "#REF!",
        "Sheet1!A1",
        "IW2",
    ];
    for reference in REFERENCES {
        for cell in ["A2", "B2", "E2"] {
            cases.workbook("corner", format!("{cell} is {reference:?}"), move || {
                let from = format!("r=\"{cell}\"");
                Book::sound()
                    .replace(INTERACTIONS, &from, &format!("r=\"{reference}\""))
                    .zip()
            });
        }
        for (name, from, before, after) in [
            (
                "dimension",
                "<sheetData>",
                "<dimension ref=\"",
                "\"/><sheetData>",
            ),
            (
                "merged",
                "</sheetData>",
                "</sheetData><mergeCells><mergeCell ref=\"",
                "\"/></mergeCells>",
            ),
            (
                "selection",
                "<sheetData>",
                "<sheetViews><sheetView><selection sqref=\"",
                "\"/></sheetView></sheetViews><sheetData>",
            ),
        ] {
            cases.workbook("corner", format!("{name} {reference:?}"), move || {
                let to = format!("{before}{reference}{after}");
                Book::sound().replace(INTERACTIONS, from, &to).zip()
            });
        }
    }
    let rows = [
        (
            "descending rows",
            r#"<row r="9"><c r="A9"><v>1</v></c></row><row r="3"><c r="A3"><v>1</v></c></row>"#,
        ),
        (
            "one row twice",
            r#"<row r="2"><c r="A2"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>"#,
        ),
        (
            "descending cells",
            r#"<row r="2"><c r="C2"><v>1</v></c><c r="A2"><v>1</v></c></row>"#,
        ),
        (
            "one cell twice",
            r#"<row r="2"><c r="A2"><v>1</v></c><c r="A2"><v>2</v></c></row>"#,
        ),
        (
            "row and cell differ",
            r#"<row r="2"><c r="A7"><v>1</v></c></row>"#,
        ),
        (
            "no addresses",
            "<row><c><v>1</v></c></row><row><c/><c/></row>",
        ),
        (
            "a row in a row",
            r#"<row r="2"><row r="3"><c r="A3"><v>1</v></c></row></row>"#,
        ),
        (
            "a cell in a cell",
            r#"<row r="2"><c r="A2"><c r="B2"><v>1</v></c></c></row>"#,
        ),
        ("a cell without a row", r#"<c r="A2"><v>1</v></c>"#),
        (
            "two values",
            r#"<row r="2"><c r="A2"><v>1</v><v>2</v></c></row>"#,
        ),
        (
            "corners",
            r#"<row r="2"><c r="A2"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#,
        ),
        (
            "the last row",
            r#"<row r="1048576"><c r="A1048576"><v>1</v></c></row>"#,
        ),
    ];
    for (name, rows) in rows {
        cases.workbook("corner", name, move || {
            Book::sound().with_interactions(rows).zip()
        });
    }
}

/// Types, values and formulas of one cell, in each column.
fn cells(cases: &mut Cases) {
    let long = format!("<v>{}</v>", "9".repeat(100_000));
    let values = [
        "<v>-1</v>",
        "<v>0</v>",
        "<v>0.5</v>",
        "<v>59</v>",
        "<v>60</v>",
        "<v>2958465.99999</v>",
        "<v>2958466</v>",
        "<v>1e300</v>",
        "<v>-1e300</v>",
        "<v>1e400</v>",
        "<v>NaN</v>",
        "<v>inf</v>",
        "<v>-0</v>",
        "<v>9007199254740993</v>",
        "<v>9223372036854775807</v>",
        "<v>1180591620717411303424</v>",
        "<v>0x10</v>",
        "<v> 1 </v>",
        "<v>1,5</v>",
        "<v/>",
        "<v></v>",
        "",
        "<v>true</v>",
        "<v>2020-13-45T99:99:99</v>",
        "<v>2020-01-31T10:00:00Z</v>",
        "<v>P1Y</v>",
        "<v>#DIV/0!</v>",
        "<f>1/0</f>",
        "<f>HYPERLINK(\"http://127.0.0.1\")</f><v>1</v>",
        "<f t=\"array\" ref=\"A1:XFD1048576\">1</f><v>1</v>",
        "<f t=\"shared\" si=\"4294967296\"/><v>2</v>",
        "<is><t>in</t></is>",
        "<is><r><t>a</t></r><r><t>b</t></r></is>",
        "<is><t xml:space=\"preserve\">  a  </t></is>",
        "<is><t>_x0000__xD800__x005F_</t></is>",
        "<is><rPh sb=\"0\" eb=\"1\"><t>x</t></rPh><t>y</t></is>",
        long.as_str(),
    ];
    let kinds = [
        "",
        "t=\"s\"",
        "t=\"b\"",
        "t=\"e\"",
        "t=\"d\"",
        "t=\"str\"",
        "t=\"inlineStr\"",
        "t=\"none\"",
        "s=\"1\"",
    ];
    for (index, value) in values.iter().enumerate() {
        for kind in kinds {
            for column in ["A", "C", "D"] {
                let cell = format!("<c r=\"{column}2\" {kind}>{value}</c>");
                let name = format!("{column} {kind} {index}");
                cases.workbook("cell", name, move || {
                    let others = [
                        ("A", "<c r=\"A2\" s=\"1\"><v>43843</v></c>"),
                        ("C", "<c r=\"C2\"><v>1</v></c>"),
                        ("D", ""),
                    ];
                    let cells: String = others
                        .iter()
                        .map(|(other, sound)| {
                            if *other == column {
                                cell.as_str()
                            } else {
                                sound
                            }
                        })
                        .collect();
                    Book::sound()
                        .with_interactions(&format!("<row r=\"2\">{cells}</row>"))
                        .zip()
                });
            }
        }
    }
}
