//! Reading a file or a query: bytes or rows in, clean rows out. What becomes of them is decided in
//! `sql/merge.sql`.
//!
//! Rows are handed to PostgreSQL one by one (value per call), which keeps them in a tuplestore that
//! goes to disk beyond `work_mem`: a file of any size must not cost the memory of the server.

use pgrx::datum::{Date, Timestamp};
use pgrx::iter::TableIterator;
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::{JsonB, PgLogLevel, default, name, pg_extern};
use rapport_core::Error;
use rapport_core::import::{CleanRow, CleanRows, Context, Record, clean};
use rapport_core::source::{Input, digest};
use serde_json::{Map, Value};

use crate::database::staging::{StagedRows, UploadedFile};
use crate::progress::Progress;
use crate::sqlstate::{self, report};
use crate::{datum, settings};

/// Reads and cleans a file; one row for each record, and one for each decision about a column.
#[expect(
    clippy::type_complexity,
    reason = "pgrx derives the columns of the SQL function from the type"
)]
#[pg_extern(stable, parallel_restricted, cost = 10000)]
pub(crate) fn read_file<'a>(
    content: Option<&'a [u8]>,
    file_name: Option<&str>,
    file_format: Option<&str>,
    context: default!(Option<JsonB>, "'{}'"),
) -> Result<
    TableIterator<
        'a,
        (
            name!(seq, i64),
            name!(split_of, Option<i64>),
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
            name!(extra, Option<JsonB>),
            name!(entries, Option<JsonB>),
        ),
    >,
    ErrorReport,
> {
    let file_name = required("file_name", file_name)?;
    let file_format = required("file_format", file_format)?;
    let context: Context = serde_json::from_value(required("context", context)?.0)
        .map_err(|error| sqlstate::invalid("context", &error))?;
    let options = settings::import_options(context).map_err(report)?;
    let mut progress = Progress::start();
    // The argument outlives the calls: PostgreSQL keeps the arguments of a set-returning function
    // until its last row, and pgrx detoasts them into the context of all calls.
    let input = input(content, file_format)?;
    let rows =
        clean(input, file_name, options, move |step| progress.report(step)).map_err(report)?;
    Ok(TableIterator::new(Tuples {
        rows,
        seq: 0,
        first: 0,
    }))
}

/// Returns the SHA-256 of the uploaded file, or of the rows of the staged query.
#[pg_extern(stable, parallel_restricted, strict, cost = 10000)]
pub(crate) fn source_digest(file_format: &str) -> Result<Vec<u8>, ErrorReport> {
    let mut limits = settings::limits();
    let mut input = match file_format {
        "query" => Input::Table(Box::new(StagedRows::open()?)),
        _ => Input::Text(Box::new(UploadedFile::open()?)),
    };
    // A workbook will be held in memory, so a larger one is refused here already.
    if file_format == "xlsx" {
        limits.stream_bytes = limits.file_bytes;
    }
    let digest = digest(&mut input, &limits).map_err(report)?;
    Ok(digest.to_vec())
}

/// Refuses NULL for an argument: the functions are not strict, because the content may be NULL.
fn required<T>(argument: &str, value: Option<T>) -> Result<T, ErrorReport> {
    value.ok_or_else(|| sqlstate::null(argument))
}

/// Finds what is to be read: the argument, or what the session holds.
fn input<'a>(content: Option<&'a [u8]>, file_format: &str) -> Result<Input<'a>, ErrorReport> {
    let limit = settings::limits().file_bytes;
    if let Some(content) = content
        && content.len() as u64 > limit
    {
        return Err(report(Error::TooLarge {
            what: format!("the file with {} bytes", content.len()),
            limit: format!("{limit} bytes"),
        }));
    }
    Ok(match (file_format, content) {
        ("xlsx", Some(content)) => Input::Workbook(content.into()),
        ("xlsx", None) => Input::Workbook(UploadedFile::open()?.collect(limit)?.into()),
        ("csv", Some(content)) => Input::Text(Box::new(std::io::Cursor::new(content))),
        ("csv", None) => Input::Text(Box::new(UploadedFile::open()?)),
        ("query", None) => Input::Table(Box::new(StagedRows::open()?)),
        ("query", Some(_)) => {
            return Err(report(Error::invalid("a query has no content")));
        }
        (other, _) => {
            return Err(report(Error::invalid(format!(
                "unknown file format \"{other}\"; use xlsx or csv"
            ))));
        }
    })
}

/// The tuples of a file, made as PostgreSQL asks for them.
struct Tuples<'a> {
    rows: CleanRows<'a>,
    seq: i64,
    /// The first record of the last row: a split makes several of one.
    first: i64,
}

impl Iterator for Tuples<'_> {
    type Item = Columns;

    fn next(&mut self) -> Option<Columns> {
        let row = self.rows.next()?;
        self.seq += 1;
        let tuple = row.map_err(report).and_then(|row| {
            let split_of = row.is_repeat.then_some(self.first);
            if !row.is_repeat {
                self.first = self.seq;
            }
            columns(row, self.seq, split_of)
        });
        match tuple {
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
    Option<i64>,
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
    Option<JsonB>,
);

/// Lays a row out in the columns of `read_file`.
fn columns(row: CleanRow, seq: i64, split_of: Option<i64>) -> Result<Columns, ErrorReport> {
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
    let json = |extra: Option<Map<String, Value>>| extra.map(Value::Object).map(JsonB);
    Ok(match row.record {
        None => (
            seq, split_of, None, sheet, number, None, None, None, None, None, None, None, None,
            None, None, None, entries,
        ),
        Some(Record::Customer {
            customer_id,
            occupation,
            customer_type,
            extra,
        }) => (
            seq,
            split_of,
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
            json(extra),
            entries,
        ),
        Some(Record::Interaction {
            customer_id,
            occurred_at,
            channel,
            topic,
            sentiment,
            notes,
            extra,
        }) => (
            seq,
            split_of,
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
            json(extra),
            entries,
        ),
        Some(Record::Product {
            month,
            product,
            extra,
        }) => (
            seq,
            split_of,
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
            json(extra),
            entries,
        ),
    })
}
