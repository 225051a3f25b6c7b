//! Whatever is long can be left on the way.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rapport_core::source::{Format, Input, Limits, SourceFile, TableSource, digest};

use crate::fixtures::{Parts, read_input, shared_strings, sheet};
use crate::tables::Numbers;

thread_local! {
    static CALLS: Cell<u64> = const { Cell::new(0) };
    /// The call that panics, if any.
    static FATAL: Cell<u64> = const { Cell::new(u64::MAX) };
}

fn checkpoint() {
    let calls = CALLS.get() + 1;
    CALLS.set(calls);
    assert!(calls != FATAL.get(), "the statement is cancelled");
}

fn limits() -> Limits {
    Limits {
        checkpoint,
        // Hostile files are of interest here, not refused ones.
        inflation_ratio: u64::MAX,
        ..Limits::default()
    }
}

/// Counts the calls during some work.
fn calls<T>(work: impl FnOnce() -> T) -> u64 {
    CALLS.set(0);
    FATAL.set(u64::MAX);
    work();
    CALLS.get()
}

const KIB_64: u64 = 64 * 1024;

fn text() -> Vec<u8> {
    b"some,text\n".repeat(200_000)
}

#[test]
fn texts_are_interrupted_in_every_reading() {
    for content in [
        text(),
        // One cell that is never closed: the whole file is looked at before it is refused.
        [b"a,\"".as_slice(), &vec![b'x'; 2_000_000]].concat(),
        // The one odd byte is at the end, and the detector reads what is before it.
        [text().as_slice(), b"\xE9\n"].concat(),
        // Nearly all of it is UTF-8, and decoded because of the rest.
        ["é,".repeat(700_000).as_bytes(), b"\xE9\n"].concat(),
        // Half of it are bytes that no encoding follows from.
        b"\xC3\xA9\xE9".repeat(700_000),
        // Decoded, and three bytes for two.
        std::iter::once(0xFEFF_u16)
            .chain(std::iter::repeat_n(0x65E5, 1_000_000))
            .flat_map(u16::to_le_bytes)
            .collect(),
        // Nothing but the ends of lines.
        vec![b'\n'; 2_000_000],
        // An old Office document, whose kind stands anywhere in it.
        [
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".as_slice(),
            &vec![b'x'; 2_000_000],
        ]
        .concat(),
    ] {
        let bytes = content.len() as u64;
        let opening = calls(|| {
            let input = Input::file(content.as_slice(), Format::Csv);
            SourceFile::open(input, "a.csv", &limits()).is_ok()
        });
        assert!(opening >= bytes / KIB_64, "{opening}");
        let reading =
            calls(|| read_input(Input::file(content.as_slice(), Format::Csv), &limits()).is_ok());
        assert!(reading >= opening, "{reading}");
        let hashing =
            calls(|| digest(&mut Input::file(content.as_slice(), Format::Csv), &limits()));
        assert!(hashing >= bytes / KIB_64, "{hashing}");
    }
    let content = text();
    let mut file =
        SourceFile::open(Input::file(content.as_slice(), Format::Csv), "a", &limits()).unwrap();
    let reading = calls(|| file.rows("a").unwrap().count());
    assert!(reading >= 200_000 / 1_024 + 2_000_000 / KIB_64, "{reading}");
}

#[test]
fn archives_are_interrupted_while_they_are_inspected() {
    let strings = shared_strings("", &"<si><t>a rather common text</t></si>".repeat(100_000));
    let others = shared_strings("", &"<si><r><t>a</t></r></si>".repeat(100_000));
    let rows = sheet(&"<row><c t=\"s\"><v>0</v></c></row>".repeat(100_000));
    let odd_rows = sheet(&"<row><c t='s'><v>0</v></c></row>".repeat(100_000));
    let cell = sheet(&format!(
        "<row><c t=\"str\"><v>{}</v></c></row>",
        "x".repeat(400_000)
    ));
    for (name, part) in [
        ("xl/sharedStrings.xml", strings),
        ("xl/sharedStrings.xml", others),
        ("xl/worksheets/sheet1.xml", rows),
        ("xl/worksheets/sheet1.xml", odd_rows),
        ("xl/worksheets/sheet1.xml", cell),
        ("xl/media/image1.png", "x".repeat(4_000_000)),
    ] {
        let content = Parts::new("").with(name, &part).zip();
        let inspecting = calls(|| {
            let input = Input::file(content.as_slice(), Format::Xlsx);
            SourceFile::open(input, "a.xlsx", &limits()).is_ok()
        });
        assert!(
            inspecting >= part.len() as u64 / KIB_64,
            "{name}: {inspecting}"
        );
    }
}

#[test]
fn sheets_are_interrupted_while_they_are_read() {
    let rows = "<row><c><v>0</v></c><c><v>1</v></c></row>".repeat(50_000);
    let content = Parts::new(&rows).zip();
    let mut file = SourceFile::open(Input::file(content, Format::Xlsx), "a", &limits()).unwrap();
    let reading = calls(|| assert_eq!(file.rows("Sheet1").unwrap().count(), 50_000));
    assert!(reading >= 100_000 / 1_024, "{reading}");
    // Bytes that do not compress, so that each inflated one has been read.
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    })
    .take(2_000_000)
    .collect();
    let content = Parts::new("")
        .with_bytes("xl/media/image1.bin", noise)
        .zip();
    let bytes = content.len() as u64;
    let hashing = calls(|| {
        digest(
            &mut Input::file(content.as_slice(), Format::Xlsx),
            &limits(),
        )
    });
    assert!(bytes > 1_000_000 && hashing >= bytes / KIB_64, "{hashing}");
    // The end of the archive is looked for in all of it.
    let opening = calls(|| {
        let input = Input::file(content.as_slice(), Format::Xlsx);
        SourceFile::open(input, "a.xlsx", &limits()).unwrap();
    });
    assert!(opening >= 2 * bytes / KIB_64, "{opening}");
}

#[test]
fn tables_are_interrupted() {
    let input = || Input::Table(Box::new(Numbers::new(100_000)));
    let reading = calls(|| read_input(input(), &limits()).unwrap().len());
    assert!(reading >= 100_000 / 1_024, "{reading}");
    let hashing = calls(|| digest(&mut input(), &limits()));
    assert!(hashing >= 200_000 / 1_024, "{hashing}");
}

#[test]
fn a_reader_that_was_left_is_at_its_end() {
    let content = text();
    let workbook = Parts::new(&"<row><c><v>0</v></c></row>".repeat(10_000)).zip();
    for (input, name) in [
        (Input::file(content.as_slice(), Format::Csv), "a"),
        (Input::file(workbook.as_slice(), Format::Xlsx), "Sheet1"),
        (Input::Table(Box::new(Numbers::new(10_000))), "a"),
    ] {
        FATAL.set(u64::MAX);
        let mut file = SourceFile::open(input, "a", &limits()).unwrap();
        let whole = file.rows(name).unwrap().count();
        CALLS.set(0);
        FATAL.set(6);
        let mut rows = file.rows(name).unwrap();
        let before = Cell::new(0);
        let left = catch_unwind(AssertUnwindSafe(|| {
            rows.by_ref().for_each(|_| before.set(before.get() + 1));
        }));
        assert!(left.is_err() && before.get() < whole);
        assert!(rows.next().is_none());
        drop(rows);
        // The file itself can be read again, from its start.
        FATAL.set(u64::MAX);
        assert_eq!(file.rows(name).unwrap().count(), whole);
    }
}

#[test]
fn opening_can_be_left_at_every_checkpoint() {
    let content = Parts::new(&"<row><c><v>0</v></c></row>".repeat(5_000)).zip();
    let open = || {
        let input = Input::file(content.as_slice(), Format::Xlsx);
        SourceFile::open(input, "a.xlsx", &limits()).map(|file| file.row_estimate())
    };
    let calls = calls(open);
    assert!(calls > 10);
    for fatal in 1..=calls {
        CALLS.set(0);
        FATAL.set(fatal);
        assert!(catch_unwind(open).is_err(), "{fatal} of {calls}");
    }
    FATAL.set(u64::MAX);
    assert_eq!(open().unwrap(), 5_000);
    assert_eq!(Numbers::new(1).rows(), Some(1));
}
