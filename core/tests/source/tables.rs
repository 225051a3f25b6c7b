//! A table is read like a sheet whose headers are row 0.

use rapport_core::source::{Format, Input, Limits, SourceFile, TableSource, digest};
use rapport_core::{Cell, Error, ImportOptions, Record, Row, clean};

use crate::fixtures::{read_input, text, texts, too_large};

/// Rows that were given.
struct Given {
    headers: Vec<String>,
    rows: Vec<Vec<Cell>>,
    at: usize,
}

impl Given {
    fn new(headers: &[&str], rows: &[&[&str]]) -> Self {
        let cell = |cell: &&str| match *cell {
            "" => Cell::Empty,
            cell => text(cell),
        };
        Self {
            headers: headers.iter().map(|header| (*header).to_owned()).collect(),
            rows: rows
                .iter()
                .map(|row| row.iter().map(cell).collect())
                .collect(),
            at: 0,
        }
    }
}

impl TableSource for Given {
    fn headers(&self) -> &[String] {
        &self.headers
    }

    fn rows(&self) -> Option<u64> {
        Some(self.rows.len() as u64)
    }

    fn restart(&mut self) -> Result<(), Error> {
        self.at = 0;
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Vec<Cell>>, Error> {
        self.at += 1;
        Ok(self.rows.get(self.at - 1).cloned())
    }
}

/// Rows with their own number in two columns.
pub(crate) struct Numbers {
    headers: Vec<String>,
    rows: u64,
    at: u64,
}

impl Numbers {
    pub(crate) fn new(rows: u64) -> Self {
        Self {
            headers: vec!["a".to_owned(), "b".to_owned()],
            rows,
            at: 0,
        }
    }
}

impl TableSource for Numbers {
    fn headers(&self) -> &[String] {
        &self.headers
    }

    fn rows(&self) -> Option<u64> {
        Some(self.rows)
    }

    fn restart(&mut self) -> Result<(), Error> {
        self.at = 0;
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Vec<Cell>>, Error> {
        self.at += 1;
        let cell = || text(&self.at.to_string());
        Ok((self.at <= self.rows).then(|| vec![cell(), cell()]))
    }
}

fn rows(table: impl TableSource, limits: &Limits) -> Result<Vec<Row>, Error> {
    read_input(Input::Table(Box::new(table)), limits)
}

#[test]
fn rows_count_from_one_below_the_headers() {
    let table = Given::new(
        &["Date", "Product", ""],
        &[&["01-2019", "Sand"], &["", " "], &["", "x", ""]],
    );
    let found = rows(table, &Limits::default()).unwrap();
    let line = |cells: &[&str]| {
        cells
            .iter()
            .map(|cell| (*cell).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        texts(&found),
        [
            (0, line(&["Date", "Product"])),
            (1, line(&["01-2019", "Sand"])),
            (3, line(&["", "x"])),
        ]
    );
}

#[test]
fn a_table_has_one_sheet_of_its_name() {
    let input = Input::Table(Box::new(Numbers::new(7)));
    let mut file = SourceFile::open(input, "crm.visits.csv", &Limits::default()).unwrap();
    assert_eq!(file.sheets()[0].name, "crm.visits.csv");
    assert_eq!(
        (file.encoding(), file.delimiter(), file.is_1904()),
        (None, None, false)
    );
    assert_eq!(file.row_estimate(), 8);
    for _ in 0..2 {
        assert_eq!(file.rows("crm.visits.csv").unwrap().count(), 8);
    }
    assert!(matches!(
        file.rows("a").err(),
        Some(Error::InvalidValue { .. })
    ));
}

#[test]
fn limits_hold_for_tables() {
    let limits = Limits {
        csv_rows: 3,
        columns: 2,
        cell_bytes: 4,
        ..Limits::default()
    };
    let limited =
        |line: &[&str], lines: usize| rows(Given::new(&["a"], &vec![line; lines]), &limits);
    assert_eq!(limited(&["1234", ""], 3).unwrap().len(), 4);
    assert!(too_large(limited(&["1"], 4)).contains("rows in table \"data.csv\""));
    assert!(too_large(limited(&["1", "2", "3"], 2)).contains("column of cell \"C1\" of table"));
    assert!(too_large(limited(&["1", "12345"], 1)).contains("text of cell \"B1\" of table"));
    let limits = Limits {
        csv_cells: 6,
        ..Limits::default()
    };
    assert_eq!(rows(Numbers::new(2), &limits).unwrap().len(), 3);
    assert!(too_large(rows(Numbers::new(3), &limits)).contains("number of cells"));
}

#[test]
fn a_table_is_cleaned_like_a_file() {
    let table = Given::new(
        &["Date Start", "Interaction", "Customers"],
        &[
            &["04/10/2019 09:00", " call", "12in"],
            &["", "", ""],
            &["31/12/2019", "Call", "1; 2"],
        ],
    );
    let input = Input::Table(Box::new(table));
    let cleaned = clean(input, "crm.visits", ImportOptions::default(), |_| ()).unwrap();
    assert_eq!((cleaned.rows_read(), cleaned.delimiter()), (2, None));
    let found: Vec<(String, u32, i64)> = cleaned
        .map(Result::unwrap)
        .filter_map(|row| match row.record? {
            Record::Interaction { customer_id, .. } => {
                Some((row.sheet.to_string(), row.number, customer_id))
            }
            _ => None,
        })
        .collect();
    let row = |number, customer| ("crm.visits".to_owned(), number, customer);
    assert_eq!(found, [row(1, 12), row(3, 1), row(3, 2)]);
}

fn hash(input: Input<'_>) -> [u8; 32] {
    let mut input = input;
    let first = digest(&mut input, &Limits::default()).unwrap();
    // It begins at the start, wherever the last reading ended.
    assert_eq!(digest(&mut input, &Limits::default()).unwrap(), first);
    first
}

#[test]
fn the_digest_of_a_file_is_that_of_its_bytes() {
    // FIPS 180-2, appendix B.3: a million times "a", which is more than one piece.
    let million = vec![b'a'; 1_000_000];
    let expected = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
    for format in [Format::Csv, Format::Xlsx] {
        let digest = hash(Input::file(million.as_slice(), format));
        let shown: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(shown, expected);
    }
    let limits = Limits {
        stream_bytes: 999_999,
        ..Limits::default()
    };
    assert!(digest(&mut Input::file(million, Format::Csv), &limits).is_err());
}

#[test]
fn no_two_tables_share_a_digest() {
    let cells = |headers: &[&str], rows: Vec<Vec<Cell>>| {
        let mut table = Given::new(headers, &[]);
        table.rows = rows;
        hash(Input::Table(Box::new(table)))
    };
    let one = |cell: Cell| cells(&["a"], vec![vec![cell]]);
    let at = jiff::civil::date(2019, 10, 4).at(9, 0, 0, 0);
    let digests = [
        cells(&[], vec![]),
        cells(&["a", "b"], vec![]),
        cells(&["ab"], vec![]),
        cells(&["a"], vec![vec![text("b")]]),
        cells(&["a"], vec![vec![text("ab"), text("c")]]),
        cells(&["a"], vec![vec![text("a"), text("bc")]]),
        // As they would be if only the kinds of the cells stood between them.
        cells(&["a"], vec![vec![text("a"), text("btc")]]),
        cells(&["a"], vec![vec![text("atb"), text("c")]]),
        cells(&["a"], vec![vec![text("a")], vec![text("bc")]]),
        cells(&["a"], vec![vec![]]),
        cells(&["a"], vec![vec![], vec![]]),
        one(Cell::Empty),
        one(text("")),
        one(text("1")),
        one(Cell::Number(1.0)),
        one(Cell::Bool(true)),
        one(Cell::Error("1".to_owned())),
        one(Cell::DateTime(at)),
        one(text("2019-10-04 09:00:00")),
    ];
    for (index, digest) in digests.iter().enumerate() {
        assert!(!digests[..index].contains(digest), "{index}");
    }
    assert_eq!(one(text("1")), one(text("1")));
}
