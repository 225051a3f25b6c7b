//! A text that comes in pieces of any size is the text that it is in one.

use std::io::Cursor;

use proptest::prelude::*;
use rapport_core::source::{ByteStream, Format, Input, Limits, SourceFile};
use rapport_core::{Error, Row};

use crate::fixtures::{invalid, read, read_input, texts};

/// Hands out its bytes in pieces of the given sizes, over and over.
pub(crate) struct Pieces<'p> {
    content: &'p [u8],
    sizes: &'p [usize],
    at: usize,
    reads: usize,
}

impl<'p> Pieces<'p> {
    pub(crate) fn new(content: &'p [u8], sizes: &'p [usize]) -> Self {
        Self {
            content,
            sizes,
            at: 0,
            reads: 0,
        }
    }
}

impl ByteStream for Pieces<'_> {
    fn len(&self) -> u64 {
        self.content.len() as u64
    }

    fn restart(&mut self) -> Result<(), Error> {
        (self.at, self.reads) = (0, 0);
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        let rest = &self.content[self.at..];
        let size = self.sizes[self.reads % self.sizes.len()];
        let length = size.min(rest.len()).min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.at += length;
        self.reads += 1;
        Ok(length)
    }
}

fn streamed(content: &[u8], sizes: &[usize]) -> Result<Vec<Row>, Error> {
    let stream = Pieces::new(content, sizes);
    read_input(Input::Text(Box::new(stream)), &Limits::default())
}

/// What a reading came to, for comparison.
fn outcome(rows: Result<Vec<Row>, Error>) -> Result<Vec<Row>, String> {
    rows.map_err(|error| format!("{error:?}"))
}

/// The csv crate's own records, with the blank lines that it skips left out.
fn by_csv_crate(content: &str) -> Vec<Vec<String>> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(content.as_bytes())
        .records()
        .map(|record| record.unwrap().iter().map(str::to_owned).collect())
        .filter_map(|mut record: Vec<String>| {
            let last = record.iter().rposition(|cell| !cell.trim().is_empty())?;
            record.truncate(last + 1);
            Some(record)
        })
        .collect()
}

/// A text that is longer than what is read at a time, with a name for its encoding.
fn long_texts() -> Vec<(&'static str, Vec<u8>)> {
    let lines = "Idé;Тип\n1;\"Zoë; \"\"x\"\"\nБэтмен\"\n;2\n€uro;naïve “ — ”\n".repeat(3_000);
    let western = "Idé;Type\r\n1;\"Zoë; \"\"x\"\"\r\nnaïve\"\r\n€uro;“déjà vu”\r\n".repeat(3_000);
    let wide = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        std::iter::once(0xFEFF)
            .chain(lines.encode_utf16())
            .flat_map(order)
            .collect()
    };
    vec![
        ("UTF-8", lines.clone().into_bytes()),
        (
            "UTF-8 with BOM",
            [b"\xEF\xBB\xBF", lines.as_bytes()].concat(),
        ),
        ("UTF-16LE", wide(u16::to_le_bytes)),
        ("UTF-16BE", wide(u16::to_be_bytes)),
        (
            "windows-1252",
            encoding_rs::WINDOWS_1252.encode(&western).0.into_owned(),
        ),
    ]
}

#[test]
fn every_encoding_streams() {
    for (name, content) in long_texts() {
        for sizes in [[1, 2, 3].as_slice(), &[65_535], &[4_096, 1, 100_000]] {
            let stream = Pieces::new(&content, sizes);
            let input = Input::Text(Box::new(stream));
            let mut file = SourceFile::open(input, "a.csv", &Limits::default()).unwrap();
            assert_eq!((file.encoding(), file.delimiter()), (Some(name), Some(';')));
            let rows: Vec<Row> = file.rows("a").unwrap().map(Result::unwrap).collect();
            let first = if name == "windows-1252" {
                "Idé/Type"
            } else {
                "Idé/Тип"
            };
            let second = if name == "windows-1252" {
                "1/Zoë; \"x\"\r\nnaïve"
            } else {
                "1/Zoë; \"x\"\nБэтмен"
            };
            let rows: Vec<String> = texts(&rows)
                .into_iter()
                .map(|(_, cells)| cells.join("/"))
                .collect();
            let period = rows.len() / 3_000;
            for nth in [0, 1_499, 2_999] {
                assert_eq!(
                    &rows[nth * period..nth * period + 2],
                    [first, second],
                    "{name}"
                );
            }
        }
    }
}

/// The place of each byte of the text around the end of what is read at a time.
#[test]
fn no_border_falls_badly() {
    let record = "\"é,\"\"€\"\"\r\n\",x\r\ny,日本\r\n";
    for shift in 0..record.len() {
        let filler = format!("{}\n", "f".repeat(65_536 - 1 - shift));
        let content = format!("{filler}{record}{record}");
        let rows = texts(&streamed(content.as_bytes(), &[65_536]).unwrap());
        let cells = |first: &str, second: &str| vec![first.to_owned(), second.to_owned()];
        let expected = [
            (2, cells("é,\"€\"\r\n", "x")),
            (3, cells("y", "日本")),
            (4, cells("é,\"€\"\r\n", "x")),
            (5, cells("y", "日本")),
        ];
        assert_eq!(rows[1..], expected, "{shift}");
    }
}

#[test]
fn a_failing_stream_fails_with_its_own_error() {
    struct Failing {
        good: Cursor<Vec<u8>>,
        restarts: u32,
        /// The reading that fails.
        fails: u32,
    }
    impl ByteStream for Failing {
        fn len(&self) -> u64 {
            self.good.len()
        }
        fn restart(&mut self) -> Result<(), Error> {
            self.restarts += 1;
            self.good.restart()
        }
        fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
            if self.restarts == self.fails {
                return Err(Error::invalid("the connection is lost"));
            }
            ByteStream::read(&mut self.good, buffer)
        }
    }
    let mut failed = 0;
    for fails in 1..=3 {
        let stream = Failing {
            good: Cursor::new(b"a,b\n1,2\n".to_vec()),
            restarts: 0,
            fails,
        };
        let outcome = read_input(Input::Text(Box::new(stream)), &Limits::default());
        assert_eq!(outcome.unwrap_err().to_string(), "the connection is lost");
        failed += 1;
    }
    assert_eq!(failed, 3);
}

#[test]
fn a_stream_that_changes_is_refused() {
    struct Changing(Cursor<Vec<u8>>, u32);
    impl ByteStream for Changing {
        fn len(&self) -> u64 {
            self.0.len()
        }
        fn restart(&mut self) -> Result<(), Error> {
            self.1 += 1;
            if self.1 == 3 {
                self.0 = Cursor::new(b"a,b\n1,\xFF\n".to_vec());
            }
            self.0.restart()
        }
        fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
            ByteStream::read(&mut self.0, buffer)
        }
    }
    let stream = Changing(Cursor::new(b"a,b\n1,2\n".to_vec()), 0);
    let outcome = read_input(Input::Text(Box::new(stream)), &Limits::default());
    assert!(invalid(outcome).contains("beyond row 2"));
}

#[test]
fn a_text_is_held_against_its_own_limit() {
    let limits = Limits {
        file_bytes: 3,
        stream_bytes: 8,
        ..Limits::default()
    };
    assert!(read(b"a,b\n1,2\n", Format::Csv, &limits).is_ok());
    let error = read(b"a,b\n1,2\n\n", Format::Csv, &limits).unwrap_err();
    assert_eq!(
        error.to_string(),
        "file \"data.csv\" with 9 bytes is over the limit of 8 bytes"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn pieces_of_any_size_make_the_same_rows(
        content in prop_oneof![
            "[a-c,;\"\r\n é€日]{0,300}".prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>(), 0..300),
            // Longer than what is read at a time.
            "[a,\"\n€]{1,40}".prop_map(|unit| unit.repeat(8_000).into_bytes()),
        ],
        sizes in prop::collection::vec(prop_oneof![1_usize..10, 1_usize..100_000], 1..6),
        mark in prop::sample::select(vec![b"".as_slice(), b"\xEF\xBB\xBF", b"\xFF\xFE", b"\xFE\xFF"]),
    ) {
        let content = [mark, &content].concat();
        prop_assert_eq!(
            outcome(streamed(&content, &sizes)),
            outcome(read(&content, Format::Csv, &Limits::default()))
        );
    }

    #[test]
    fn records_are_those_of_the_csv_crate(
        lines in prop::collection::vec("[a-c,\" é]{0,12}(\n|\r\n|\r)", 1..40),
    ) {
        // Two lines that settle the delimiter, and an end that closes a quote.
        let content = format!("x,y,z\nx,y,z\n{}\"\"\n", lines.concat());
        let rows = read(content.as_bytes(), Format::Csv, &Limits::default()).unwrap();
        let found: Vec<Vec<String>> = texts(&rows).into_iter().map(|(_, cells)| cells).collect();
        prop_assert_eq!(found, by_csv_crate(&content));
    }
}
