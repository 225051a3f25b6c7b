//! Formulas whose results were never stored, and errors that have no common name.

use rapport_core::source::{Format, Input, Limits, ResultlessFormulas, SourceFile};
use rapport_core::{Cell, CleanRow, ImportOptions, Record, Rule, clean};

use crate::fixtures::{Parts, invalid, sheet, text, texts, workbook};

/// A text cell as it is written.
fn written(reference: &str, text: &str) -> String {
    format!(r#"<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

fn row(number: u32, texts: &[&str], more: &str) -> String {
    let cells = ('A'..).zip(texts);
    let cells: String = cells
        .map(|(column, text)| written(&format!("{column}{number}"), text))
        .collect();
    format!(r#"<row r="{number}">{cells}{more}</row>"#)
}

/// A workbook of all three kinds, with what a test writes below the header of the interactions.
fn book(interactions: &str) -> Vec<u8> {
    let headers = [
        "Date Start",
        "Interaction",
        "Customers",
        "Topic",
        "Sentiment",
        "Region",
    ];
    let interactions = row(1, &headers, "") + interactions;
    let customers = row(1, &["Customer Id", "Occupation", "Type"], "");
    let relation = |number: u32| {
        format!(
            r#"<Relationship Id="r{number}" Type="x/worksheet" Target="worksheets/sheet{number}.xml"/>"#
        )
    };
    Parts::new(&interactions)
        .with("xl/worksheets/sheet2.xml", &sheet(&customers))
        .with("xl/worksheets/sheet3.xml", &sheet(&row(1, &["Date", "Product"], "")))
        .with(
            "xl/workbook.xml",
            r#"<workbook xmlns:r="r"><sheets><sheet name="C" r:id="r2"/><sheet name="V" r:id="r1"/><sheet name="P" r:id="r3"/></sheets></workbook>"#,
        )
        .with(
            "xl/_rels/workbook.xml.rels",
            &format!("<Relationships>{}{}{}</Relationships>", relation(1), relation(2), relation(3)),
        )
        .zip()
}

fn cleaned(content: Vec<u8>) -> Vec<CleanRow> {
    let input = Input::file(content, Format::Xlsx);
    clean(input, "a.xlsx", ImportOptions::default(), |_| ())
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

/// The formulas without results of the first sheet.
fn resultless(rows: &str, limits: &Limits) -> Vec<ResultlessFormulas> {
    let content = Parts::new(rows).zip();
    let file = SourceFile::open(Input::file(content, Format::Xlsx), "a.xlsx", limits).unwrap();
    file.resultless_formulas("Sheet1")
}

#[test]
fn formulas_without_results_are_noted_once_for_a_column() {
    let visit = ["2019-10-04 09:00", "Call", "1"];
    // As openpyxl writes them: without a type, and with an empty value or none.
    let formulas = |row: u32| {
        format!(
            r#"<c r="D{row}"><f>UPPER(A1)</f></c><c r="E{row}" t="str"><f>"Positive"</f><v>Positive</v></c><c r="F{row}"><f>A1</f><v></v></c><c r="H{row}"><f>A1</f><v/></c>"#
        )
    };
    let rows = row(2, &visit, "") + &row(3, &visit, &formulas(3)) + &row(4, &visit, &formulas(4));
    let rows = cleaned(book(&rows));
    let notes: Vec<_> = rows
        .iter()
        .filter(|row| row.number == 0)
        .flat_map(|row| row.entries.iter().map(|entry| (&*row.sheet, entry)))
        .filter(|(_, entry)| entry.rule == Rule::FormulaWithoutValue)
        .collect();
    let places: Vec<_> = notes
        .iter()
        .map(|(sheet, entry)| {
            let (column, cell) = (entry.column.as_deref(), entry.cell.as_deref());
            (*sheet, column, cell, entry.field)
        })
        .collect();
    assert_eq!(
        places,
        [
            ("V", Some("Topic"), Some("D3"), Some("topic")),
            ("V", Some("Region"), Some("F3"), Some("extra")),
            ("V", None, Some("H3"), Some("extra")),
        ]
    );
    assert_eq!(
        notes[0].1.detail.as_deref(),
        Some(
            "cells of the column that have a formula and no stored result: 2; open the workbook in a \
             spreadsheet program and save it, so that results are stored"
        )
    );
    let topics: Vec<_> = rows
        .iter()
        .filter_map(|row| match row.record.as_ref()? {
            Record::Interaction {
                topic, sentiment, ..
            } => Some((row.number, topic.as_deref(), sentiment.as_deref())),
            _ => None,
        })
        .collect();
    assert_eq!(
        topics,
        [
            (2, None, None),
            (3, None, Some("Positive")),
            (4, None, Some("Positive"))
        ]
    );
}

#[test]
fn a_formula_without_a_place_is_noted_without_one() {
    let rows = cleaned(book("<row><c><f>A1</f></c><c><f>A1</f></c></row>"));
    let notes: Vec<_> = rows
        .iter()
        .flat_map(|row| &row.entries)
        .filter(|entry| entry.rule == Rule::FormulaWithoutValue)
        .collect();
    assert_eq!(notes.len(), 1);
    assert_eq!(
        (&notes[0].column, &notes[0].cell, notes[0].field),
        (&None, &None, None)
    );
    let detail = notes[0].detail.as_deref().unwrap();
    assert!(
        detail
            .starts_with("cells without a reference that have a formula and no stored result: 2;"),
        "{detail}"
    );
}

#[test]
fn a_result_is_whatever_a_formula_gave() {
    for cell in [
        // Empty texts are results, and a spreadsheet program writes them so.
        r#"<c r="A1" t="str"><f>IF(B1,1,"")</f><v></v></c>"#,
        r#"<c r="A1" t="str"><f>""</f><v/></c>"#,
        r#"<c r="A1"><f>1</f><v>0</v></c>"#,
        r#"<c r="A1"><v>0</v><f>1</f></c>"#,
        r#"<c r="A1" t="e"><f>1/0</f><v>#DIV/0!</v></c>"#,
        r#"<c r="A1" t="str"><f>1</f><v>&amp;</v></c>"#,
        r#"<c r="A1" t="inlineStr"><f>1</f><is><r><t>a</t></r></is></c>"#,
        r#"<c r="A1"><v></v></c>"#,
    ] {
        let rows = format!(r#"<row r="1">{cell}</row>"#);
        assert_eq!(resultless(&rows, &Limits::default()), [], "{cell}");
    }
    for cell in [
        r#"<c r="A1"><f>1</f></c>"#,
        r#"<c r="A1"><f t="shared" si="0"/></c>"#,
        r#"<c r="A1" t="str"><f>""</f></c>"#,
        r#"<c r="A1" t="n"><f>1</f><v> </v></c>"#,
        "<c r=\"A1\">\n<f>1</f>\n<v/>\n</c>",
    ] {
        let rows = format!(r#"<row r="1">{cell}</row>"#);
        let found = resultless(&rows, &Limits::default());
        let first = Some((1, 0));
        assert_eq!(found, [ResultlessFormulas { first, cells: 1 }], "{cell}");
    }
    let outside = Parts::new("").with(
        "xl/worksheets/sheet1.xml",
        r#"<worksheet><c r="A1"><f>1</f></c><sheetData/><c r="A1"><f>1</f></c></worksheet>"#,
    );
    let input = Input::file(outside.zip(), Format::Xlsx);
    let file = SourceFile::open(input, "a.xlsx", &Limits::default()).unwrap();
    assert_eq!(file.resultless_formulas("Sheet1"), []);
}

#[test]
fn formulas_beyond_the_last_column_are_not_counted() {
    let limits = Limits {
        columns: 2,
        ..Limits::default()
    };
    let rows =
        r#"<row r="7"><c r="B7"><f>1</f></c><c r="C7"><f>1</f></c><c r="XFD7"><f>1</f></c></row>"#;
    let first = Some((7, 1));
    assert_eq!(
        resultless(rows, &limits),
        [ResultlessFormulas { first, cells: 1 }]
    );
}

#[test]
fn every_error_value_is_an_error_cell() {
    let rows = r##"<row r="1"><c r="A1" t="e"><v>#GETTING_DATA</v></c><c r="B1" t="e"><v>#N/A</v></c><c r="C1"><v>7</v></c></row><row r="3"><c r="B3" t="e"><f>x</f><v>#ERROR!</v></c><c r="D3" t="e"><v>#SPILL!</v><is><t>no</t></is></c></row><row r="4"><c r="A4" t="s"><v>0</v></c></row>"##;
    let strings = crate::fixtures::shared_strings("", "<si><t>Sand</t></si>");
    let rows = workbook(
        &Parts::new(rows)
            .with("xl/sharedStrings.xml", &strings)
            .zip(),
    )
    .unwrap();
    let error = |literal: &str| Cell::Error(literal.to_owned());
    let found: Vec<_> = rows
        .into_iter()
        .map(|row| (row.number, row.cells))
        .collect();
    assert_eq!(
        found,
        [
            (
                1,
                vec![error("#GETTING_DATA"), error("#N/A"), Cell::Number(7.0)]
            ),
            (
                3,
                vec![Cell::Empty, error("#ERROR!"), Cell::Empty, error("#SPILL!")]
            ),
            (4, vec![text("Sand")]),
        ]
    );
}

#[test]
fn an_error_without_a_common_name_is_emptied_like_any_other() {
    let visit = ["2019-10-04 09:00", "Call", "1"];
    let rows = row(2, &visit, r##"<c r="D2" t="e"><v>#GETTING_DATA</v></c>"##);
    let rows = cleaned(book(&rows));
    let last = rows.last().unwrap();
    assert!(matches!(
        &last.record,
        Some(Record::Interaction { topic: None, .. })
    ));
    let entry = &last.entries[0];
    assert_eq!(
        (entry.rule, entry.cell.as_deref(), entry.before.as_deref()),
        (Rule::ErrorCell, Some("D2"), Some("#GETTING_DATA"))
    );
}

#[test]
fn an_error_is_not_taken_from_where_calamine_takes_none() {
    // Each is an empty cell, or text, for the reader; the error behind it keeps its place.
    for cell in [
        r##"<c r="A1" t="e"><v></v></c>"##,
        r##"<c r="A1" t="e"><v/>#X!</c>"##,
        r##"<c r="A1" t="e"><v><!-- -->#X!</v></c>"##,
        r##"<c r="A1" t="e"><v>&amp;#X!</v></c>"##,
        r##"<c r="A1" t="e"><v><![CDATA[#X!]]></v></c>"##,
        r##"<c r="A1" t="e"><f>#X!</f></c>"##,
        r##"<c r="A1" t="str"><v></v></c>"##,
    ] {
        let rows = format!(r##"<row r="1">{cell}<c r="C1" t="e"><v>#X!</v></c></row>"##);
        let rows = workbook(&Parts::new(&rows).zip()).unwrap();
        assert_eq!(
            texts(&rows),
            [(1, ["", "", "#X!"].map(str::to_owned).to_vec())],
            "{cell}"
        );
    }
}

#[test]
fn an_unknown_error_that_hides_a_place_is_refused_by_name() {
    let rows = r##"<row><c><v>1</v></c></row><row><c t="e"><v>#GETTING_DATA</v></c></row>"##;
    let message = invalid(workbook(&Parts::new(rows).zip()));
    assert!(
        message.contains(
            "sheet \"Sheet1\", row 1 or later: a cell without a reference has the error value \
             \"#GETTING_DATA\", which is unknown"
        ) && message.contains("save it as .xlsx"),
        "{message}"
    );
    for behind in ["<c><v>2</v></c>", "<c/>"] {
        let rows = format!(r##"<row r="1"><c r="B1" t="e"><v>#X!</v></c>{behind}</row>"##);
        let message = invalid(workbook(&Parts::new(&rows).zip()));
        assert!(
            message.contains("the cell behind \"B1\" of sheet \"Sheet1\" has no reference"),
            "{message}"
        );
    }
    let rows = r##"<row r="1"><c r="B1" t="e"><v>#X!</v></c></row><row><c><v>2</v></c></row>"##;
    let rows = workbook(&Parts::new(rows).zip()).unwrap();
    assert_eq!(texts(&rows)[1], (2, vec!["2".to_owned()]));
}

#[test]
fn errors_count_in_the_memory_of_a_workbook() {
    let rows = r##"<row r="1"><c r="A1" t="e"><v>#X!</v></c></row>"##.repeat(1_000);
    let limits = Limits {
        held_bytes: 64 * 1024,
        ..Limits::default()
    };
    // 24 bytes for each; the sheet has 48 KiB of its own, and the relations some.
    let input = Input::file(Parts::new(&rows).zip(), Format::Xlsx);
    let refusal = SourceFile::open(input, "a.xlsx", &limits).unwrap_err();
    assert!(refusal.to_string().contains("keeps in memory"), "{refusal}");
}
