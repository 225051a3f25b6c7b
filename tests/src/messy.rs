//! Random messy files of interactions, each row with what must be read from it.
//!
//! The cells come from short lists, so that rows meet: the same contact comes twice, with a gap, in
//! another spelling or in contradiction. What a cell means is written beside it by hand.

use fastrand::Rng;

/// A kind of column, with its header and the field of the table that it fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The header.
    pub header: &'static str,
    /// The column of `crm.interactions`; `extra` for one without a place.
    pub field: &'static str,
}

const COLUMNS: [Column; 7] = [
    column("Date Start", "occurred_at"),
    column("Interaction", "channel"),
    column("Customers", "customer_id"),
    column("Topic", "topic"),
    column("Sentiment", "sentiment"),
    column("Notes", "notes"),
    column("Region", "extra"),
];

const fn column(header: &'static str, field: &'static str) -> Column {
    Column { header, field }
}

/// A cell with the moment it means.
const DATES: [(&str, Option<&str>); 11] = [
    ("13/01/2020 09:00", Some("2020-01-13 09:00:00")),
    ("13/01/2020 09:00", Some("2020-01-13 09:00:00")),
    ("  13/01/2020 09:00", Some("2020-01-13 09:00:00")),
    ("13/01/2020 10:30", Some("2020-01-13 10:30:00")),
    ("2020-01-13 10:30", Some("2020-01-13 10:30:00")),
    ("13.1.2020 9:00 am", Some("2020-01-13 09:00:00")),
    ("14/01/2020 09:00", Some("2020-01-14 09:00:00")),
    ("14/01/2020", Some("2020-01-14 00:00:00")),
    ("", None),
    ("soon", None),
    ("31/02/2020 09:00", None),
];

/// A cell with the channel it means.
const CHANNELS: [(&str, Option<&str>); 8] = [
    ("Email", Some("Email")),
    ("Email", Some("Email")),
    ("email", Some("Email")),
    (" Email", Some("Email")),
    ("BIRD", Some("Bird")),
    ("Carrier\u{a0}Pigeon", Some("Carrier Pigeon")),
    ("Carrier Pigeon", Some("Carrier Pigeon")),
    ("", None),
];

/// A cell with the customers it names; `1,000` could be one or two.
const CUSTOMERS: [(&str, &[i64]); 12] = [
    ("1", &[1]),
    ("1", &[1]),
    ("2", &[2]),
    ("3", &[3]),
    ("1, 4", &[1, 4]),
    ("2;3", &[2, 3]),
    ("12in", &[12]),
    ("007", &[7]),
    ("3 and 3", &[3]),
    ("n/a", &[]),
    ("", &[]),
    ("1,000", &[]),
];

const TOPICS: [&str; 11] = [
    "Drug Efficacy",
    "drug efficacy",
    "Drug  Efficacy",
    "Dosage Inquiry",
    "Dosage Inquiry ",
    "Dosage\u{200b} Inquiry",
    "Zażółć",
    "BÃ¤cker",
    "",
    "",
    " \t",
];
const SENTIMENTS: [&str; 5] = ["Positive", "positive", "Negative", "", ""];
const NOTES: [&str; 7] = [
    "",
    "",
    "first line\nsecond line",
    "first line\r\nsecond line",
    "  spaced  out ",
    "=1+1",
    "she said \"no\", twice",
];
const REGIONS: [&str; 4] = ["", "North", " South ", "0"];

/// One row of a messy file.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its number in the file.
    pub number: usize,
    /// The cells in the order of the file.
    pub cells: Vec<&'static str>,
    /// The customers it names; none when the cell cannot be read.
    pub customers: &'static [i64],
    /// When it was; `None` when that cannot be read.
    pub at: Option<&'static str>,
    /// The channel, clean.
    pub channel: Option<&'static str>,
}

impl Row {
    /// Tells whether the row cannot be loaded.
    pub fn is_unreadable(&self) -> bool {
        self.at.is_none() || self.customers.is_empty()
    }
}

/// A messy file.
#[derive(Debug, Clone)]
pub struct File {
    /// Its columns from left to right.
    pub columns: Vec<Column>,
    /// Its rows below the header.
    pub rows: Vec<Row>,
}

impl File {
    /// Makes a file of so many rows.
    pub fn random(random: &mut Rng, rows: usize) -> Self {
        let mut order: Vec<usize> = (0..COLUMNS.len()).collect();
        random.shuffle(&mut order);
        let rows = (0..rows).map(|index| {
            let date = DATES[random.usize(..DATES.len())];
            let channel = CHANNELS[random.usize(..CHANNELS.len())];
            let customers = CUSTOMERS[random.usize(..CUSTOMERS.len())];
            let mut one = |list: &[&'static str]| list[random.usize(..list.len())];
            let mut cells = [
                date.0,
                channel.0,
                customers.0,
                one(&TOPICS),
                one(&SENTIMENTS),
                one(&NOTES),
                one(&REGIONS),
            ];
            if cells.iter().all(|cell| cell.trim().is_empty()) {
                // A line without anything would be no row.
                cells[6] = "North";
            }
            Row {
                number: index + 2,
                cells: order.iter().map(|&column| cells[column]).collect(),
                customers: customers.1,
                at: date.1,
                channel: channel.1,
            }
        });
        let rows = rows.collect();
        let columns = order.iter().map(|&column| COLUMNS[column]).collect();
        Self { columns, rows }
    }

    /// Writes the file as CSV.
    pub fn csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let headers = self.columns.iter().map(|column| column.header);
        writer.write_record(headers).expect("headers");
        for row in &self.rows {
            writer.write_record(&row.cells).expect("a row");
        }
        writer.into_inner().expect("a file in memory")
    }
}

/// Returns the name of a cell in a spreadsheet, of the first 26 columns.
pub fn reference(row: usize, column: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(column).expect("few columns"));
    format!("{letter}{row}")
}
