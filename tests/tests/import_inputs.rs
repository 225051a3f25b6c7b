//! The forms in which a file may come: what was concluded from its bytes stands in the books.

use rapport_tests::books::forget;
use rapport_tests::database::table;
use rapport_tests::{Database, Session, fixture};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};
use serde_json::Value;

const LINES: &[&str] = &[
    "Date Start,Interaction,Customers,Topic",
    "13/01/2020 09:00,Email,1,Café déjà vu",
    "14/01/2020 10:00,Call,2,Ångström naïve",
];

fn utf16(text: &str, encode: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(0xFEFF)
        .chain(text.encode_utf16())
        .flat_map(encode)
        .collect()
}

#[tokio::test]
async fn encoding_and_delimiter_are_found_out_and_recorded() {
    let text = format!("{}\n", LINES.join("\n"));
    let western = encoding_rs::WINDOWS_1252.encode(&text).0.into_owned();
    assert_ne!(western, text.as_bytes());
    let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    let cases: [(&str, Vec<u8>, &str, &str); 9] = [
        ("plain.csv", text.clone().into_bytes(), "UTF-8", "comma"),
        ("marked.csv", marked, "UTF-8 with BOM", "comma"),
        ("western.csv", western, "windows-1252", "comma"),
        (
            "little.csv",
            utf16(&text, u16::to_le_bytes),
            "UTF-16LE",
            "comma",
        ),
        (
            "big.csv",
            utf16(&text, u16::to_be_bytes),
            "UTF-16BE",
            "comma",
        ),
        (
            "tabs.tsv",
            text.replace(',', "\t").into_bytes(),
            "UTF-8",
            "tab",
        ),
        (
            "semicolons.csv",
            text.replace(',', ";").into_bytes(),
            "UTF-8",
            "semicolon",
        ),
        (
            "pipes.txt",
            text.replace(',', "|").into_bytes(),
            "UTF-8",
            "pipe",
        ),
        (
            "tabs16.txt",
            utf16(&text.replace(',', "\t"), u16::to_le_bytes),
            "UTF-16LE",
            "tab",
        ),
    ];
    let database = Database::fresh().await;
    let mut session = database.session().await;
    for (name, content, encoding, delimiter) in cases {
        forget(&mut session).await;
        let result = session.import_csv(&content, name).await.unwrap();
        assert_eq!(
            [&result["encoding"], &result["delimiter"]],
            [encoding, delimiter],
            "{name}: {result:#}"
        );
        assert_eq!(
            session
                .rows("SELECT encoding, delimiter, file_format FROM crm.imports")
                .await,
            table(&[[encoding, delimiter, "csv"]]),
            "{name}"
        );
        assert_eq!(
            session
                .rows("SELECT customer_id, occurred_at, channel, topic FROM crm.interactions ORDER BY 1")
                .await,
            table(&[
                ["1", "2020-01-13 09:00:00", "Email", "Café déjà vu"],
                ["2", "2020-01-14 10:00:00", "Call", "Ångström naïve"],
            ]),
            "{name}"
        );
        assert_eq!(
            session
                .rows(
                    "SELECT rule, after, row_number, severity FROM crm.ledger
                     WHERE rule IN ('encoding_detected', 'delimiter_detected') ORDER BY rule DESC"
                )
                .await,
            table(&[
                ["encoding_detected", encoding, "NULL", "info"],
                ["delimiter_detected", delimiter, "NULL", "info"],
            ]),
            "{name}"
        );
        // A sheet has the name of its file.
        let stem = name.split('.').next().unwrap();
        assert_eq!(
            session
                .rows("SELECT DISTINCT source_sheet FROM crm.interactions")
                .await,
            table(&[[stem]])
        );
    }
}

/// A sheet with text cells below the first row given.
fn write(sheet: &mut Worksheet, first: u32, rows: &[&[&str]]) {
    for (row, cells) in (first..).zip(rows) {
        for (column, cell) in (0..).zip(*cells) {
            if !cell.is_empty() {
                sheet.write_string(row, column, *cell).unwrap();
            }
        }
    }
}

/// A workbook with empty sheets of customers and products, and the interactions that are written.
fn workbook(interactions: impl FnOnce(&mut Worksheet)) -> Workbook {
    let mut workbook = Workbook::new();
    write(
        workbook.add_worksheet().set_name("Customers").unwrap(),
        0,
        &[fixture::CUSTOMERS],
    );
    interactions(workbook.add_worksheet().set_name("Interactions").unwrap());
    write(
        workbook.add_worksheet().set_name("Products").unwrap(),
        0,
        &[fixture::PRODUCTS],
    );
    workbook
}

async fn import(session: &mut Session, mut workbook: Workbook) -> Value {
    let content = workbook.save_to_buffer().unwrap();
    session
        .import_workbook(&content, "visits.xlsx")
        .await
        .unwrap()
}

#[tokio::test]
async fn a_workbook_has_neither_encoding_nor_delimiter() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    assert_eq!(
        session
            .rows("SELECT encoding, delimiter, file_format FROM crm.imports")
            .await,
        table(&[["NULL", "NULL", "xlsx"]])
    );
    assert_eq!(
        session.number("SELECT count(*) FROM crm.ledger WHERE rule IN ('encoding_detected', 'delimiter_detected')").await,
        0
    );
}

#[tokio::test]
async fn hidden_and_unknown_sheets_are_named() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let mut book = workbook(|sheet| {
        write(
            sheet,
            0,
            &[
                fixture::INTERACTIONS,
                &["2020-01-13 09:00", "Email", "1", "Dosage", ""],
            ],
        );
    });
    let hidden = book.add_worksheet().set_name("Old visits").unwrap();
    write(
        hidden,
        0,
        &[
            fixture::INTERACTIONS,
            &["2019-01-13 09:00", "Email", "9", "", ""],
        ],
    );
    hidden.set_hidden(true);
    write(
        book.add_worksheet().set_name("Legend").unwrap(),
        0,
        &[&["Colour", "Meaning"], &["red", "late"]],
    );
    let result = import(&mut session, book).await;
    assert_eq!(
        [&result["rows_read"], &result["loaded"]],
        [1, 1],
        "{result:#}"
    );
    assert_eq!(
        session
            .rows(
                "SELECT sheet, rule, severity, action, row_number FROM crm.ledger
                 WHERE rule LIKE '%sheet_skipped' ORDER BY sheet"
            )
            .await,
        table(&[
            [
                "Legend",
                "unknown_sheet_skipped",
                "warning",
                "inferred",
                "NULL"
            ],
            [
                "Old visits",
                "hidden_sheet_skipped",
                "warning",
                "inferred",
                "NULL"
            ],
        ])
    );
    let detail = session
        .value("SELECT string_agg(detail, ' ' ORDER BY sheet) FROM crm.ledger WHERE rule LIKE '%sheet_skipped'")
        .await
        .unwrap();
    assert!(
        detail.contains("Colour") && detail.contains("\"Old visits\" is hidden"),
        "{detail}"
    );
}

#[tokio::test]
async fn merged_headers_name_their_columns() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let plain = Format::new();
    let book = workbook(|sheet| {
        // | Date Start |        Contact         |     Place     |
        // |            | Interaction | Customers | Topic |      |
        sheet.merge_range(0, 0, 1, 0, "Date Start", &plain).unwrap();
        sheet.merge_range(0, 1, 0, 2, "Contact", &plain).unwrap();
        write(sheet, 1, &[&["", "Interaction", "Customers", "Topic"]]);
        sheet.merge_range(1, 4, 1, 6, "Place", &plain).unwrap();
        write(
            sheet,
            2,
            &[&[
                "13/01/2020 09:00",
                "Email",
                "1",
                "Dosage",
                "Rome",
                "Italy",
                "",
            ]],
        );
        write(
            sheet,
            3,
            &[&["14/01/2020 09:00", "Email", "2", "", "", "France", "EU"]],
        );
    });
    let result = import(&mut session, book).await;
    assert_eq!(
        [&result["rows_read"], &result["loaded"]],
        [2, 2],
        "{result:#}"
    );
    assert_eq!(
        session
            .rows("SELECT source_row, customer_id, occurred_at, topic, extra FROM crm.interactions ORDER BY 1")
            .await,
        table(&[
            ["3", "1", "2020-01-13 09:00:00", "Dosage", r#"{"Place": "Rome", "Place (2)": "Italy"}"#],
            ["4", "2", "2020-01-14 09:00:00", "NULL", r#"{"Place (2)": "France", "Place (3)": "EU"}"#],
        ])
    );
    assert_eq!(
        session
            .rows(
                "SELECT cell, column_name, after FROM crm.ledger
                 WHERE rule IN ('header_mapped', 'column_kept') AND sheet = 'Interactions' ORDER BY cell"
            )
            .await,
        table(&[
            ["A2", "Date Start", "occurred_at"],
            ["B2", "Interaction", "channel"],
            ["C2", "Customers", "customer_id"],
            ["D2", "Topic", "topic"],
            ["E2", "Place", "Place"],
            ["F2", "Place (2)", "Place (2)"],
            ["G2", "Place (3)", "Place (3)"],
        ])
    );
    // A value in such a column leads to its cell.
    let id = session
        .number("SELECT interaction_id FROM crm.interactions WHERE customer_id = 2")
        .await;
    assert_eq!(
        session
            .rows(&format!("SELECT cell, before FROM rapport.explain_value('interactions', {id}, 'Place (3)') WHERE rule IS NULL"))
            .await,
        table(&[["G4", "EU"]])
    );
}

fn dated(sheet: &mut Worksheet) {
    let format = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    let start = ExcelDateTime::from_ymd(2020, 1, 13)
        .unwrap()
        .and_hms(9, 30, 0)
        .unwrap();
    write(
        sheet,
        0,
        &[fixture::INTERACTIONS, &["", "Email", "1", "Dosage", ""]],
    );
    sheet
        .write_datetime_with_format(1, 0, &start, &format)
        .unwrap();
    write(
        sheet,
        2,
        &[&["14/01/2020 09:00", "Email", "1", "Dosage", ""]],
    );
}

#[tokio::test]
async fn date_cells_count_from_1900_or_from_1904() {
    let content = workbook(dated).save_to_buffer().unwrap();
    let from_1904 = fixture::rewritten(&content, "xl/workbook.xml", |xml| {
        xml.replace("<workbookPr ", "<workbookPr date1904=\"1\" ")
    });
    // The same number of days, 1 462 later: four years, one leap day, and the 29th of February 1900.
    for (content, first, notes) in [
        (content, "2020-01-13 09:30:00", &[][..]),
        (
            from_1904,
            "2024-01-14 09:30:00",
            &[["dates_1904", "A1", "occurred_at", "info"]],
        ),
    ] {
        let database = Database::fresh().await;
        let mut session = database.session().await;
        session
            .import_workbook(&content, "visits.xlsx")
            .await
            .unwrap();
        assert_eq!(
            session
                .rows("SELECT occurred_at FROM crm.interactions ORDER BY source_row")
                .await,
            table(&[[first], ["2020-01-14 09:00:00"]])
        );
        assert_eq!(
            session
                .rows(
                    "SELECT rule, cell, field, severity FROM crm.ledger WHERE rule = 'dates_1904'"
                )
                .await,
            table(notes)
        );
    }
}

#[tokio::test]
async fn formulas_count_by_the_values_they_had() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let book = workbook(|sheet| {
        write(
            sheet,
            0,
            &[
                fixture::INTERACTIONS,
                &["2020-01-13 09:00", "Email", "", "", "Positive"],
            ],
        );
        let number = Formula::new("=3+4").set_result("7");
        sheet.write_formula(1, 2, number).unwrap();
        let text = Formula::new("=UPPER(\"x\")").set_result("Drug  Efficacy");
        sheet.write_formula(1, 3, text).unwrap();
    });
    import(&mut session, book).await;
    assert_eq!(
        session
            .rows("SELECT customer_id, topic FROM crm.interactions")
            .await,
        table(&[["7", "Drug Efficacy"]])
    );
    assert_eq!(
        session
            .rows("SELECT cell, before FROM crm.ledger WHERE action = 'repaired'")
            .await,
        table(&[["D2", "Drug  Efficacy"]])
    );
}

#[tokio::test]
async fn notes_are_kept_with_their_lines() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let notes = "Called back.\n\n=1+1 is what she said, \"twice\"; ünïcode";
    let book = workbook(|sheet| {
        write(
            sheet,
            0,
            &[
                &["Date Start", "Interaction", "Customers", "Comments"],
                &["2020-01-13 09:00", "Email", "1", notes],
                &["2020-01-14 09:00", "Email", "1", "  spaced  out \n"],
                &["2020-01-15 09:00", "Email", "1", ""],
            ],
        );
    });
    import(&mut session, book).await;
    assert_eq!(
        session
            .rows("SELECT notes FROM crm.interactions ORDER BY occurred_at")
            .await,
        table(&[[notes], ["spaced out"], ["NULL"]])
    );
    assert_eq!(
        session
            .rows("SELECT DISTINCT row_number, cell, field, before, after FROM crm.ledger WHERE action = 'repaired'")
            .await,
        table(&[["3", "D3", "notes", "  spaced  out \n", "spaced out"]])
    );
    // In CSV the lines stand in quotes, and notes are no label: nothing makes them alike.
    let content = "Date Start,Interaction,Customers,Notes\n2020-01-16 09:00,Email,1,\"one\ntwo\"\n2020-01-17 09:00,Email,1,ONE\n2020-01-18 09:00,Email,1,one\n";
    session
        .import_csv(content.as_bytes(), "notes.csv")
        .await
        .unwrap();
    assert_eq!(
        session
            .rows("SELECT notes FROM crm.interactions WHERE import_id = 2 ORDER BY occurred_at")
            .await,
        table(&[["one\ntwo"], ["ONE"], ["one"]])
    );
}

#[tokio::test]
async fn other_formats_are_refused_with_what_to_do() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let mut old = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    old.resize(512, 0);
    old.extend("Workbook".encode_utf16().flat_map(u16::to_le_bytes));
    old.resize(2048, 0);
    let binary = binary_workbook();
    for (name, content, said) in [("old.xls", &old, ".xls"), ("binary.xlsb", &binary, ".xlsb")] {
        for (format, result) in [
            ("xlsx", session.import_workbook(content, name).await),
            ("csv", session.import_csv(content, name).await),
        ] {
            let fault = result.unwrap_err();
            assert_eq!(fault.code, "22023", "{name} as {format}: {fault:?}");
            assert!(fault.hint.contains("save"), "{name} as {format}: {fault:?}");
            if format == "xlsx" {
                assert!(fault.detail.contains(said), "{name}: {fault:?}");
                assert!(fault.hint.contains(".xlsx"), "{name}: {fault:?}");
            }
        }
    }
    assert_eq!(session.number("SELECT count(*) FROM crm.imports").await, 0);
}

/// An archive as Excel writes it for .xlsb: the parts are binary.
fn binary_workbook() -> Vec<u8> {
    use std::io::Write as _;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in [
        ("[Content_Types].xml", &b"<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"bin\" ContentType=\"application/vnd.ms-excel.sheet.binary.macroEnabled.main\"/></Types>"[..]),
        ("_rels/.rels", b"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.bin\"/></Relationships>"),
        ("xl/workbook.bin", b"\x83\x01\x00\x80\x01\x32"),
    ] {
        archive
            .start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[tokio::test]
async fn a_stray_byte_does_not_change_the_encoding_of_a_file() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let mut content = "Customer Id,Occupation,Type\n1,Zażółć gęślą jaźń,Żółw\n"
        .as_bytes()
        .to_vec();
    content.extend(b"2,Caf\xE9,\n");
    let result = session.import_csv(&content, "one.csv").await.unwrap();
    assert_eq!(result["encoding"], "UTF-8", "{result:#}");
    assert_eq!(
        session
            .rows("SELECT occupation, customer_type FROM crm.customers ORDER BY customer_id")
            .await,
        table(&[["Zażółć gęślą jaźń", "Żółw"], ["Café", "NULL"]])
    );
    assert_eq!(
        session
            .rows("SELECT severity, action, row_number, detail FROM crm.ledger WHERE rule = 'encoding_mixed'")
            .await,
        table(&[[
            "warning",
            "ambiguous",
            "NULL",
            "bytes that are not UTF-8, and are read as windows-1252: 1 (the first is in line 3)"
        ]])
    );
}
