//! No bytes at all may panic, run away, or come out changed.

use std::sync::LazyLock;

use proptest::prelude::*;
use rapport_core::source::{Format, Limits};
use rapport_core::{Cell, Row};

use crate::fixtures::{Parts, read, shared_strings, sheet, styles, texts, workbook};

/// Small enough that no input can take long.
fn limits() -> Limits {
    Limits {
        inflated_bytes: 1 << 20,
        cells: 10_000,
        csv_cells: 10_000,
        ..Limits::default()
    }
}

fn parts() -> Parts {
    Parts::new("").with(
        "xl/sharedStrings.xml",
        &shared_strings(r#"uniqueCount="2""#, "<si><t>Jedi</t></si><si><t>Sand</t></si>"),
    )
    .with("xl/styles.xml", &styles(r#"<numFmts><numFmt numFmtId="164" formatCode="yyyy"/></numFmts><fonts><font><name val="Arial"/></font></fonts><cellXfs><xf numFmtId="0"/><xf numFmtId="164" fontId="0"/></cellXfs>"#))
    .with("xl/worksheets/sheet1.xml", &sheet(ROWS))
}

const ROWS: &str = r#"<row r="1" spans="1:2"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><v>43742.375</v></c></row><row r="2"><c r="A2" t="inlineStr"><is><t>a&amp;b</t></is></c><c r="B2" t="e"><v>#N/A</v></c></row>"#;

static SOUND: LazyLock<Vec<u8>> = LazyLock::new(|| parts().zip());

#[test]
fn the_sound_workbook_is_sound() {
    let rows = workbook(&SOUND).unwrap();
    assert_eq!(
        texts(&rows),
        [
            (1, vec!["Jedi".to_owned(), "2019-10-04 09:00:00".to_owned()]),
            (2, vec!["a&b".to_owned(), "#N/A".to_owned()]),
        ]
    );
}

/// Rows keep what the contract of the reader promises.
fn check(rows: &[Row]) {
    for pair in rows.windows(2) {
        assert!(pair[0].number <= pair[1].number);
    }
    for row in rows {
        assert!(row.number >= 1 && row.cells.len() <= limits().columns as usize);
        assert!(row.cells.last().is_some_and(|cell| !cell.is_empty()));
    }
}

fn read_any(content: &[u8]) {
    for format in [Format::Xlsx, Format::Csv] {
        if let Ok(rows) = read(content, format, &limits()) {
            check(&rows);
        }
    }
}

fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<prop::sample::Index>(), any::<u8>());
    prop::collection::vec(change, 1..6).prop_map(|changes| {
        let mut content = SOUND.clone();
        for (at, byte) in changes {
            let at = at.index(content.len());
            content[at] = byte;
        }
        content
    })
}

/// A part whose text was changed before it was zipped, so that the archive itself is sound.
fn mutated_part() -> impl Strategy<Value = Vec<u8>> {
    let names = [
        "_rels/.rels",
        "xl/_rels/workbook.xml.rels",
        "xl/workbook.xml",
        "xl/sharedStrings.xml",
        "xl/styles.xml",
        "xl/worksheets/sheet1.xml",
    ];
    let snippet = prop_oneof![
        Just("<"),
        Just(">"),
        Just("\""),
        Just("&"),
        Just("</c>"),
        Just("<c>"),
        Just("<row>"),
        Just("<v>"),
        Just("9999999999"),
        Just("A0"),
        Just("<si>"),
        Just("</sst>"),
        Just("<xf>"),
        Just("<!--"),
        Just("]]>"),
        Just("<?xml encoding='utf-16'?>"),
        Just("é"),
        Just("-1"),
        Just("<t>"),
        Just("</is>"),
        Just("/"),
        Just(""),
        Just(" r=''"),
        Just("ZZZ9999999"),
        Just("<dimension ref='B2:A1'/>"),
        Just("_xD800_"),
        Just("&#x110000;"),
        Just("NaN"),
    ];
    let change = (any::<prop::sample::Index>(), 0..12_usize, snippet);
    (
        prop::sample::select(names.to_vec()),
        prop::collection::vec(change, 1..5),
    )
        .prop_map(|(name, changes)| {
            let mut text = parts().text(name);
            for (at, removed, inserted) in changes {
                let start = at.index(text.len() + 1);
                let start = text.floor_char_boundary(start);
                let end = text.floor_char_boundary((start + removed).min(text.len()));
                text.replace_range(start..end.max(start), inserted);
            }
            parts().with(name, &text).zip()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn random_bytes_do_no_harm(content in prop::collection::vec(any::<u8>(), 0..2_000)) {
        read_any(&content);
        read_any(&[b"PK\x03\x04", content.as_slice()].concat());
    }

    #[test]
    fn mutated_archives_do_no_harm(content in mutated()) {
        read_any(&content);
    }

    #[test]
    fn truncated_archives_are_refused(length in any::<prop::sample::Index>()) {
        let content = &SOUND[..length.index(SOUND.len())];
        prop_assert!(read(content, Format::Xlsx, &limits()).is_err());
    }

    #[test]
    fn mutated_parts_do_no_harm(content in mutated_part()) {
        read_any(&content);
    }

    #[test]
    fn random_text_is_read(content in "[a-c,;\"\r\n\t é|]{0,300}") {
        if let Ok(rows) = read(content.as_bytes(), Format::Csv, &limits()) {
            check(&rows);
        }
    }

    #[test]
    fn csv_comes_back(
        delimiter in prop::sample::select(vec![b',', b';', b'\t', b'|']),
        records in prop::collection::vec(prop::collection::vec("[a-c \"\n\r€é\u{0}D]{0,8}", 3), 1..20),
    ) {
        // `D` stands for the delimiter: the other candidates must not be in the text, or they
        // could be as good a guess.
        let delimiter_text = char::from(delimiter).to_string();
        let records: Vec<Vec<String>> = records
            .iter()
            .map(|record| {
                record.iter().map(|cell| cell.replace('D', &delimiter_text).replace('\0', "")).collect()
            })
            .collect();
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
        writer.write_record(["x", "y", "z"]).unwrap();
        for record in &records {
            writer.write_record(record).unwrap();
        }
        let content = writer.into_inner().unwrap();
        let found = read(&content, Format::Csv, &Limits::default()).unwrap();

        let wanted: Vec<(u32, Vec<String>)> = records
            .iter()
            .enumerate()
            .filter_map(|(index, record)| {
                let used = record.iter().rposition(|cell| !cell.trim().is_empty())?;
                Some((index as u32 + 2, record[..=used].to_vec()))
            })
            .collect();
        let all_text = found.iter().flat_map(|row| &row.cells)
            .all(|cell| matches!(cell, Cell::Text(_) | Cell::Empty));
        prop_assert!(all_text);
        prop_assert_eq!(texts(&found[1..]), wanted);
    }
}
