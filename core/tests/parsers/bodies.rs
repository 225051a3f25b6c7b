//! What must hold for any bytes at all, one function for each parser. `main.rs` feeds them by
//! chance, `fuzz/` by what libFuzzer learns.

use std::io::{Cursor, Write as _};

use rapport_core::generation::{
    Completion, FinishReason, MockModel, Prompt, Request, Usage, check,
};
use rapport_core::import::{CleanedFile, ImportOptions, Record, clean_file};
use rapport_core::source::{Format, Input, Limits, SourceFile};
use rapport_core::{
    DateOrder, Error, clean_channel, clean_customer_id, clean_customer_ids, clean_label,
    clean_month, clean_notes, clean_sentiment, clean_timestamp, mojibake,
};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A workbook, as it comes.
pub(crate) fn workbook(data: &[u8]) {
    clean(data, Format::Xlsx);
}

/// One part of a sound workbook: the first byte says which, the others are its text.
pub(crate) fn workbook_part(data: &[u8]) {
    let Some((choice, text)) = data.split_first() else {
        return;
    };
    let replaced = usize::from(*choice) % PARTS.len();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (index, (name, sound)) in PARTS.iter().enumerate() {
        zip.start_file(*name, options).unwrap();
        let content = if index == replaced {
            text
        } else {
            sound.as_bytes()
        };
        zip.write_all(content).unwrap();
    }
    clean(&zip.finish().unwrap().into_inner(), Format::Xlsx);
}

/// The text of one part of [`workbook_part`] that is sound, for a start.
pub(crate) fn sound_part(choice: u8) -> Vec<u8> {
    let (_, sound) = PARTS[usize::from(choice) % PARTS.len()];
    [&[choice], sound.as_bytes()].concat()
}

/// Delimited text, as it comes.
pub(crate) fn delimited(data: &[u8]) {
    clean(data, Format::Csv);
}

/// The encoding of a delimited file: found, and good for every byte.
pub(crate) fn encoding(data: &[u8]) {
    match SourceFile::open(Input::file(data, Format::Csv), "data.csv", &limits()) {
        Ok(mut file) => {
            let encoding = file.encoding().unwrap().to_owned();
            assert!(!encoding.is_empty());
            // ASCII is UTF-8, whatever else it might be.
            let plain = data
                .iter()
                .all(|byte| (b' '..=b'~').contains(byte) || *byte == b'\n');
            assert!(!plain || encoding.starts_with("UTF-8"), "{encoding}");
            let is_utf8 = std::str::from_utf8(data).is_ok();
            assert!(!is_utf8 || file.stray_bytes().is_none());
            assert!(file.stray_bytes().is_none() || encoding.starts_with("UTF-8"));
            let sheet = file.sheets()[0].name.clone();
            if let Err(error) = file
                .rows(&sheet)
                .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            {
                presentable(&error);
            }
        }
        Err(error) => presentable(&error),
    }
}

/// A date with a time; what came out goes in again.
pub(crate) fn timestamp(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for order in [DateOrder::Dmy, DateOrder::Mdy] {
        match clean_timestamp(&text, order) {
            Ok(cleaned) => {
                let written = cleaned.value.strftime("%Y-%m-%d %H:%M:%S").to_string();
                let again = clean_timestamp(&written, order).unwrap().value;
                assert_eq!(again.date(), cleaned.value.date(), "{text:?}");
                assert_eq!(again.hour(), cleaned.value.hour(), "{text:?}");
                assert_eq!(again.minute(), cleaned.value.minute(), "{text:?}");
            }
            Err(error) => presentable(&error),
        }
    }
}

/// A month: its first day, and what came out goes in again.
pub(crate) fn month(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match clean_month(&text) {
        Ok(cleaned) => {
            assert_eq!(cleaned.value.day(), 1, "{text:?}");
            let again = clean_month(&cleaned.value.strftime("%Y-%m").to_string()).unwrap();
            assert_eq!(again.value, cleaned.value, "{text:?}");
        }
        Err(error) => presentable(&error),
    }
}

/// One id, or several in one cell.
pub(crate) fn customer_id(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match clean_customer_id(&text) {
        Ok(cleaned) => {
            assert!(cleaned.value >= 1, "{text:?}");
            let again = clean_customer_id(&cleaned.value.to_string()).unwrap();
            assert_eq!(again.value, cleaned.value);
            assert!(again.rules.is_empty(), "{text:?}");
        }
        Err(error) => presentable(&error),
    }
    match clean_customer_ids(&text) {
        Ok(cleaned) => {
            assert!(!cleaned.value.is_empty(), "{text:?}");
            assert!(cleaned.value.iter().all(|id| *id >= 1), "{text:?}");
        }
        Err(error) => presentable(&error),
    }
}

/// Labels and notes: clean text that is clean.
pub(crate) fn label(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for clean in [clean_label, clean_channel, clean_sentiment] {
        if let Some(cleaned) = clean(&text) {
            assert!(!cleaned.value.trim().is_empty(), "{text:?}");
            assert!(!cleaned.value.contains(char::is_control), "{text:?}");
            let again = clean(&cleaned.value).unwrap();
            assert_eq!(again.value, cleaned.value, "{text:?}");
        }
    }
    if let Some(cleaned) = clean_notes(&text) {
        let again = clean_notes(&cleaned.value).unwrap();
        assert_eq!(again.value, cleaned.value, "{text:?}");
        assert!(!cleaned.value.contains('\0'), "{text:?}");
    }
}

/// Letters that were decoded wrongly: plain text stays, and a repaired text is repaired.
pub(crate) fn mojibake(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let repaired = mojibake::repair(&text);
    assert!(!text.is_ascii() || repaired == text, "{text:?}");
    assert!(repaired.chars().count() <= text.chars().count(), "{text:?}");
    assert_eq!(mojibake::repair(&repaired), repaired, "{text:?}");
}

/// Headers, one a line, above one row.
pub(crate) fn header(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let headers: Vec<&str> = text.split('\n').take(300).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&headers).unwrap();
    writer.write_record(vec!["1"; headers.len()]).unwrap();
    clean(&writer.into_inner().unwrap(), Format::Csv);
}

/// What a model answers: its bytes as the whole answer, and as a sentence in a sound one.
pub(crate) fn reply(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for task in ["summary", "email", "letter", "call_script"] {
        let request: Request = serde_json::from_str(&REQUEST.replace("TASK", task)).unwrap();
        let part = if task == "summary" {
            "summary"
        } else {
            "opening"
        };
        let sound = serde_json::json!({"subject": text, "parts": [{"part": part, "sentences": [
            {"text": text, "evidence": [1], "mentions": [{"kind": "topic", "value": text}]},
            {"text": "You last spoke about \"Drug Efficacy\".", "evidence": [1]}
        ]}]});
        for answer in [text.clone().into_owned(), sound.to_string()] {
            let completion = Completion {
                text: answer,
                finish: FinishReason::Stop,
                usage: Usage::default(),
            };
            let prompt = Prompt::build(&request);
            let generation = check(&request, &prompt, &MockModel, &completion);
            assert!(!generation.text.trim().is_empty());
            assert!(generation.text.chars().count() < 10_000);
            assert!(
                !generation
                    .text
                    .contains(|letter: char| letter.is_control() && letter != '\n')
            );
            assert!(
                generation.cited.iter().all(|id| *id == 1),
                "{:?}",
                generation.cited
            );
            for refused in &generation.refused {
                assert!(refused.text.chars().count() <= 301, "{}", refused.text);
            }
        }
    }
}

/// Small enough that no input takes long.
fn limits() -> Limits {
    Limits {
        inflated_bytes: 1 << 20,
        held_bytes: 4 << 20,
        cells: 20_000,
        csv_rows: 20_000,
        ..Limits::default()
    }
}

fn clean(content: &[u8], format: Format) {
    let name = match format {
        Format::Xlsx => "data.xlsx",
        Format::Csv => "data.csv",
    };
    let options = ImportOptions {
        limits: limits(),
        ..ImportOptions::default()
    };
    match clean_file(content, name, format, &options, &mut |_| ()) {
        Ok(file) => storable(&file),
        Err(error) => presentable(&error),
    }
}

/// What comes out can be stored: a database refuses what these refuse.
fn storable(file: &CleanedFile) {
    let label = |text: &Option<String>| {
        let sound = |text: &String| !text.trim().is_empty() && !text.contains(char::is_control);
        assert!(text.as_ref().is_none_or(sound), "{text:?}");
    };
    for row in &file.rows {
        assert!(row.number > 0 || row.record.is_none());
        match &row.record {
            Some(Record::Customer {
                customer_id,
                occupation,
                customer_type,
                ..
            }) => {
                assert!(*customer_id >= 1);
                label(occupation);
                label(customer_type);
            }
            Some(Record::Interaction {
                customer_id,
                channel,
                topic,
                sentiment,
                notes,
                ..
            }) => {
                assert!(*customer_id >= 1);
                label(channel);
                label(topic);
                label(sentiment);
                assert!(notes.as_ref().is_none_or(|notes| !notes.contains('\0')));
            }
            Some(Record::Product { month, product, .. }) => {
                assert_eq!(month.day(), 1);
                label(&Some(product.clone()));
            }
            None => {}
        }
        for entry in &row.entries {
            let texts = serde_json::to_string(entry).unwrap();
            assert!(!texts.contains("\\u0000"), "{texts}");
        }
    }
}

/// An error repeats what it refuses, but not without end.
fn bounded(error: &Error) {
    let text = error.to_string();
    assert!(text.chars().count() <= 2_000, "{text}");
}

/// An error is shown on terminals and stored in logs.
fn presentable(error: &Error) {
    let text = error.to_string();
    assert!(!text.contains(char::is_control), "{text:?}");
    if let Error::InvalidFile { detail, hint, .. } = error {
        for text in [detail, hint].into_iter().flatten() {
            assert!(!text.contains(char::is_control), "{text:?}");
            assert!(text.chars().count() <= 2_000, "{text}");
        }
    }
    bounded(error);
}

const REQUEST: &str = r#"{"task": "TASK", "facts": {"customer_id": 6, "occupation": "Jedi", "total_interactions": 1,
    "key_topics": ["Drug Efficacy"], "products": ["Sand"]},
    "evidence": [{"interaction_id": 1, "date": "2020-01-13", "channel": "Email", "topic": "Drug Efficacy", "sentiment": "Positive"}],
    "voice": {"sender": "The Rapport team", "safety_contact": "safety@example.org"}}"#;

const PARTS: [(&str, &str); 9] = [
    ("[Content_Types].xml", "<Types/>"),
    (
        "_rels/.rels",
        r#"<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Customers" sheetId="1" r:id="rId1"/><sheet name="Interactions" sheetId="2" r:id="rId2"/><sheet name="Products" sheetId="3" r:id="rId3"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet2.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet3.xml"/></Relationships>"#,
    ),
    (
        "xl/sharedStrings.xml",
        r#"<sst count="5" uniqueCount="5"><si><t>Email</t></si><si><t>Drug  Efficacy</t></si><si><r><t>Posi</t></r><r><t>tive</t></r></si><si><t>Sand</t></si><si><t xml:space="preserve"> Jedi_x000D_</t></si></sst>"#,
    ),
    (
        "xl/styles.xml",
        r#"<styleSheet><numFmts count="1"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/></numFmts><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>"#,
    ),
    (
        "xl/worksheets/sheet1.xml",
        r#"<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Customer Id</t></is></c><c r="B1" t="inlineStr"><is><t>Occupation</t></is></c><c r="C1" t="inlineStr"><is><t>Type</t></is></c></row><row r="2"><c r="A2"><v>1</v></c><c r="B2" t="s"><v>4</v></c></row></sheetData></worksheet>"#,
    ),
    (
        "xl/worksheets/sheet2.xml",
        r#"<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>Date Start</v></c><c r="B1" t="str"><v>Interaction</v></c><c r="C1" t="str"><v>Customers</v></c><c r="D1" t="str"><v>Topic</v></c><c r="E1" t="str"><v>Sentiment</v></c></row><row r="2"><c r="A2" s="1"><v>43843.5</v></c><c r="B2" t="s"><v>0</v></c><c r="C2"><v>1</v></c><c r="D2" t="s"><v>1</v></c><c r="E2" t="s"><v>2</v></c></row></sheetData></worksheet>"#,
    ),
    (
        "xl/worksheets/sheet3.xml",
        r#"<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>Date</v></c><c r="B1" t="str"><v>Product</v></c></row><row r="2"><c r="A2" t="str"><v>01-2019</v></c><c r="B2" t="s"><v>3</v></c></row></sheetData></worksheet>"#,
    ),
];
