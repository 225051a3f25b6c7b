//! What a delimited file holds comes out as it is, and its rows keep their numbers.

use rapport_core::source::{Format, Input, Limits, SourceFile};
use rapport_core::{Cell, Error, Row};

use crate::fixtures::{invalid, read, text, texts, too_large};

fn csv(content: impl AsRef<[u8]>) -> Result<Vec<Row>, Error> {
    read(content.as_ref(), Format::Csv, &Limits::default())
}

fn plain(content: impl AsRef<[u8]>) -> Vec<(u32, String)> {
    texts(&csv(content).unwrap())
        .into_iter()
        .map(|(row, cells)| (row, cells.join("/")))
        .collect()
}

fn expected(rows: &[(u32, &str)]) -> Vec<(u32, String)> {
    rows.iter()
        .map(|(row, text)| (*row, (*text).to_owned()))
        .collect()
}

fn open<'c>(content: &'c [u8], name: &str) -> SourceFile<'c> {
    let input = Input::file(content, Format::Csv);
    SourceFile::open(input, name, &Limits::default()).unwrap()
}

fn encoding(content: &[u8]) -> String {
    let file = open(content, "a.csv");
    file.encoding().unwrap().to_owned()
}

#[test]
fn every_cell_is_text() {
    let rows = csv("Id,Type,Start\n012,,04/10/2019\n 7 ,\"Red\n\"\"x\"\"\",\n").unwrap();
    assert_eq!(
        rows[1].cells,
        [text("012"), Cell::Empty, text("04/10/2019")]
    );
    assert_eq!(rows[2].cells, [text(" 7 "), text("Red\n\"x\"")]);
}

#[test]
fn rows_count_as_in_a_spreadsheet() {
    for end in ["\n", "\r\n", "\r"] {
        let content = "a,b\n\n1,2\n\n\n\"x\ny\",3\n,,\n4\n".replace('\n', end);
        let inner = format!("x{end}y/3");
        assert_eq!(
            plain(&content),
            expected(&[(1, "a/b"), (3, "1/2"), (6, &inner), (8, "4")]),
            "{end:?}"
        );
        let without_end = content.strip_suffix(end).unwrap();
        assert_eq!(plain(without_end), plain(&content));
        assert_eq!(
            plain(format!("{end}{end}a,b{end}")),
            expected(&[(3, "a/b")])
        );
    }
    assert_eq!(
        plain("a\r\nb\n\nc\r\rd"),
        expected(&[(1, "a"), (2, "b"), (4, "c"), (6, "d")])
    );
    assert_eq!(plain("\n\r\n"), []);
}

#[test]
fn numbers_hold_across_the_pieces_that_are_decoded() {
    let content = "a,\"b\r\nc\"\r\n\r\n".repeat(20_000);
    let rows = csv(&content).unwrap();
    assert_eq!(rows.len(), 20_000);
    for (index, row) in rows.iter().enumerate() {
        assert_eq!(row.number as usize, index * 2 + 1);
        assert_eq!(row.cells, [text("a"), text("b\r\nc")]);
    }
}

#[test]
fn ragged_rows_are_read() {
    assert_eq!(
        plain("a,b\n1\n1,2,3,4\n"),
        expected(&[(1, "a/b"), (2, "1"), (3, "1/2/3/4")])
    );
}

#[test]
fn the_delimiter_is_found() {
    for delimiter in [",", ";", "\t", "|"] {
        let content = "Date,Customers\n1,\"1, 4; 5\t6|7\"\n".replacen(',', delimiter, 1);
        let content = content.replacen("1,", &format!("1{delimiter}"), 1);
        assert_eq!(
            plain(&content),
            expected(&[(1, "Date/Customers"), (2, "1/1, 4; 5\t6|7")])
        );
    }
    assert_eq!(plain("sep=;\r\na;b,c,d\r\n"), expected(&[(2, "a/b,c,d")]));
}

#[test]
fn encodings_are_found_and_told() {
    let sample = "Id;Type\n1;Café Zoë naïve\n";
    let utf16 = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        std::iter::once(0xFEFF)
            .chain(sample.encode_utf16())
            .flat_map(order)
            .collect()
    };
    let (western, _, _) = encoding_rs::WINDOWS_1252.encode(sample);
    for (content, name) in [
        (sample.as_bytes().to_vec(), "UTF-8"),
        (
            [b"\xEF\xBB\xBF", sample.as_bytes()].concat(),
            "UTF-8 with BOM",
        ),
        (utf16(u16::to_le_bytes), "UTF-16LE"),
        (utf16(u16::to_be_bytes), "UTF-16BE"),
        (western.to_vec(), "windows-1252"),
    ] {
        assert_eq!(encoding(&content), name);
        assert_eq!(
            plain(&content),
            expected(&[(1, "Id/Type"), (2, "1/Café Zoë naïve")])
        );
    }
}

#[test]
fn other_alphabets_are_guessed() {
    let sample = "Имя;Тип\nДед Мороз;Синий покупатель\nБэтмен;Оранжевый покупатель\n";
    let (content, _, _) = encoding_rs::WINDOWS_1251.encode(sample);
    assert_eq!(encoding(&content), "windows-1251");
    assert_eq!(plain(&content)[1].1, "Дед Мороз/Синий покупатель");
}

#[test]
fn what_is_no_text_is_refused() {
    assert!(invalid(csv("")).contains("empty"));
    assert!(invalid(csv("a,b\nc\0d\n")).contains("line 2 has NUL bytes"));
    assert!(invalid(csv(b"\xEF\xBB\xBFa\n\n\xFF\n")).contains("line 3 is not"));
    assert!(invalid(csv(b"\xFF\xFEa\0\0\0")).contains("NUL"));
    assert!(invalid(csv(b"%PDF-1.7 ")).contains("PDF"));
    assert!(invalid(csv(b"PK\x03\x04")).contains("workbook"));
    // Half a character far behind the first lines.
    let mut content = b"\xFF\xFE".to_vec();
    content.extend(
        "a\n"
            .repeat(100_000)
            .encode_utf16()
            .flat_map(u16::to_le_bytes),
    );
    content.push(0x41);
    assert!(invalid(csv(&content)).contains("cannot be read beyond row"));
}

#[test]
fn an_open_quote_is_refused() {
    let message = invalid(csv("a,b\n1,\"x\n2,y\n3,z\n"));
    assert!(
        message.contains("beyond row 2") && message.contains("never closed"),
        "{message}"
    );
    assert_eq!(
        plain("a,b\n1,\"x\n2\""),
        expected(&[(1, "a/b"), (2, "1/x\n2")])
    );
    let content = format!("a,b\n1,\"x\n{}", "2,y\n".repeat(1_000_000));
    assert!(too_large(csv(&content)).contains("row 2 of \"data.csv\" (perhaps a quote"));
}

#[test]
fn limits_hold() {
    let limits = Limits {
        csv_rows: 3,
        columns: 2,
        cell_bytes: 512,
        csv_cells: 7,
        ..Limits::default()
    };
    let limited = |content: &str| read(content.as_bytes(), Format::Csv, &limits);
    assert_eq!(limited("1\n2\n3\n").unwrap().len(), 3);
    assert!(too_large(limited("1\n\n\n4\n")).contains("rows in \"data.csv\""));
    assert_eq!(limited("1,2,,\n").unwrap()[0].cells.len(), 2);
    assert!(too_large(limited("1,2\n1,2,3\n")).contains("column of cell \"C2\""));
    assert!(limited(&"x".repeat(512)).is_ok());
    assert!(too_large(limited(&format!("1,{}", "x".repeat(513)))).contains("text of cell \"B1\""));
    assert!(too_large(limited(&"1,2,,\n".repeat(2))).contains("cells"));
    assert!(too_large(limited(&",".repeat(20_000))).contains("fields in row 1"));
    assert!(too_large(limited(&"x".repeat(100_000))).contains("row 1"));
}

#[test]
fn the_sheet_is_named_after_the_file() {
    for (file, sheet) in [
        ("customers.csv", "customers"),
        ("C:\\data\\a.b.csv", "a.b"),
        ("/tmp/products", "products"),
        (".csv", ".csv"),
    ] {
        let mut opened = open(b"a\n1\n", file);
        assert_eq!(opened.sheets()[0].name, sheet);
        assert!(!opened.sheets()[0].hidden);
        assert_eq!(opened.row_estimate(), 3);
        for _ in 0..2 {
            assert_eq!(opened.rows(sheet).unwrap().count(), 2);
        }
        assert!(matches!(
            opened.rows("x").err(),
            Some(Error::InvalidValue { .. })
        ));
    }
}
