//! Reading a file: bytes in, clean rows out. What becomes of the rows is decided in `sql/merge.sql`.
//!
//! Rows are handed to PostgreSQL one by one (value per call), which keeps them in a tuplestore that
//! goes to disk beyond `work_mem`: a file of any size must not cost the memory of the server.

use pgrx::datum::{Date, Timestamp};
use pgrx::iter::TableIterator;
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::{JsonB, PgLogLevel, default, name, pg_extern};
use rapport_core::Error;
use rapport_core::import::{CleanRow, CleanRows, ImportOptions, Record, clean};
use rapport_core::source::Format;

use crate::progress::Progress;
use crate::sqlstate::{self, report};
use crate::{datum, settings};

/// Reads and cleans a file; one row for each record, and one for each decision about a column.
#[expect(
    clippy::type_complexity,
    reason = "pgrx derives the columns of the SQL function from the type"
)]
#[pg_extern(stable, parallel_restricted, strict, cost = 10000)]
pub(crate) fn read_file<'a>(
    content: &'a [u8],
    file_name: &str,
    file_format: &str,
    known: default!(JsonB, "'{}'"),
) -> Result<
    TableIterator<
        'a,
        (
            name!(seq, i64),
            name!(kind, Option<&'static str>),
            name!(sheet, String),
            name!(row_number, Option<i32>),
            name!(customer_id, Option<i64>),
            name!(occupation, Option<String>),
            name!(customer_type, Option<String>),
            name!(occurred_at, Option<Timestamp>),
            name!(channel, Option<String>),
            name!(topic, Option<String>),
            name!(sentiment, Option<String>),
            name!(notes, Option<String>),
            name!(month, Option<Date>),
            name!(product, Option<String>),
            name!(entries, Option<JsonB>),
        ),
    >,
    ErrorReport,
> {
    let format = match file_format {
        "xlsx" => Format::Xlsx,
        "csv" => Format::Csv,
        other => {
            return Err(report(Error::invalid(format!(
                "unknown file format \"{other}\"; use xlsx or csv"
            ))));
        }
    };
    let options = ImportOptions {
        date_order: settings::date_order().map_err(report)?,
        known: serde_json::from_value(known.0)
            .map_err(|error| sqlstate::invalid("known", &error))?,
        limits: settings::limits(),
    };
    let mut progress = Progress::start();
    // The argument outlives the calls: PostgreSQL keeps the arguments of a set-returning function
    // until its last row, and pgrx detoasts them into the context of all calls.
    let rows = clean(content, file_name, format, options, move |percent| {
        progress.report(percent);
    })
    .map_err(report)?;
    Ok(TableIterator::new(Tuples { rows, seq: 0 }))
}

/// The tuples of a file, made as PostgreSQL asks for them.
struct Tuples<'a> {
    rows: CleanRows<'a>,
    seq: i64,
}

impl Iterator for Tuples<'_> {
    type Item = Columns;

    fn next(&mut self) -> Option<Columns> {
        let row = self.rows.next()?;
        self.seq += 1;
        match row.map_err(report).and_then(|row| columns(row, self.seq)) {
            Ok(tuple) => Some(tuple),
            Err(refusal) => {
                // Raises, and so unwinds to PostgreSQL; the rows are dropped with the context of
                // the calls, the progress already with the error.
                refusal.report(PgLogLevel::ERROR);
                None
            }
        }
    }
}

type Columns = (
    i64,
    Option<&'static str>,
    String,
    Option<i32>,
    Option<i64>,
    Option<String>,
    Option<String>,
    Option<Timestamp>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<Date>,
    Option<String>,
    Option<JsonB>,
);

/// Lays a row out in the columns of `read_file`.
fn columns(row: CleanRow, seq: i64) -> Result<Columns, ErrorReport> {
    let sheet = row.sheet.to_string();
    // A decision about a whole column or sheet has no row.
    let number = i32::try_from(row.number).ok().filter(|number| *number > 0);
    let entries = if row.entries.is_empty() {
        None
    } else {
        Some(JsonB(
            serde_json::to_value(&row.entries).map_err(|error| sqlstate::internal(&error))?,
        ))
    };
    Ok(match row.record {
        None => (
            seq, None, sheet, number, None, None, None, None, None, None, None, None, None, None,
            entries,
        ),
        Some(Record::Customer {
            customer_id,
            occupation,
            customer_type,
        }) => (
            seq,
            Some("customer"),
            sheet,
            number,
            Some(customer_id),
            occupation,
            customer_type,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            entries,
        ),
        Some(Record::Interaction {
            customer_id,
            occurred_at,
            channel,
            topic,
            sentiment,
            notes,
        }) => (
            seq,
            Some("interaction"),
            sheet,
            number,
            Some(customer_id),
            None,
            None,
            Some(datum::timestamp(occurred_at)?),
            channel,
            topic,
            sentiment,
            notes,
            None,
            None,
            entries,
        ),
        Some(Record::Product { month, product }) => (
            seq,
            Some("product"),
            sheet,
            number,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            Some(datum::date(month)?),
            Some(product),
            entries,
        ),
    })
}
