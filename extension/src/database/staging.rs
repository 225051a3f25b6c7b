//! What a session holds for an import: the parts of an uploaded file, or the rows of a query.

use std::collections::VecDeque;

use pgrx::pg_sys::panic::ErrorReport;
use pgrx::spi::{self, SpiClient, SpiTupleTable};
use pgrx::{FromDatum, Spi};
use rapport_core::Error;
use rapport_core::cell::Cell;
use rapport_core::source::{ByteStream, TableSource};

use crate::sqlstate::{self, report};

/// The rows that are fetched at once.
const ROWS: std::ffi::c_long = 1_000;

/// The parts of an uploaded file, one after the other.
pub(crate) struct UploadedFile {
    bytes: u64,
    next_part: i32,
    part: Vec<u8>,
    read: usize,
}

impl UploadedFile {
    /// Looks at the upload of this session.
    ///
    /// # Errors
    /// 42P01 when the session has none.
    pub(crate) fn open() -> Result<Self, ErrorReport> {
        let bytes: Option<i64> = Spi::connect(|client| {
            let sum = "SELECT pg_catalog.sum(pg_catalog.octet_length(content))::bigint FROM pg_temp.rapport_upload";
            client.select(sum, Some(1), &[])?.first().get(1)
        })
        .map_err(|error| sqlstate::spi(&error))?;
        Ok(Self {
            bytes: bytes.and_then(|bytes| bytes.try_into().ok()).unwrap_or(0),
            next_part: 0,
            part: Vec::new(),
            read: 0,
        })
    }

    /// Collects the whole file, if it has at most `limit` bytes.
    ///
    /// # Errors
    /// 54000 beyond the limit.
    pub(crate) fn collect(mut self, limit: u64) -> Result<Vec<u8>, ErrorReport> {
        let too_large = || {
            report(Error::TooLarge {
                what: format!("the upload with {} bytes", self.bytes),
                limit: format!("{limit} bytes"),
            })
        };
        let mut content = Vec::new();
        if self.bytes > limit {
            return Err(too_large());
        }
        let bytes = usize::try_from(self.bytes).map_err(|_| too_large())?;
        content.try_reserve_exact(bytes).map_err(|_| too_large())?;
        while self.next().map_err(report)? {
            content.extend_from_slice(&self.part);
        }
        Ok(content)
    }

    /// Fetches the next part; false at the end.
    fn next(&mut self) -> Result<bool, Error> {
        let part: Option<Vec<u8>> = Spi::connect(|client| {
            let part = "SELECT content FROM pg_temp.rapport_upload WHERE part = $1";
            let mut rows = client.select(part, Some(1), &[self.next_part.into()])?;
            if rows.next().is_none() {
                return Ok(None);
            }
            value(&rows, 1)
        })
        .map_err(|error| unreadable("upload", &error))?;
        self.read = 0;
        self.part = part.unwrap_or_default();
        if self.part.is_empty() {
            return Ok(false);
        }
        self.next_part = self.next_part.saturating_add(1);
        Ok(true)
    }
}

impl ByteStream for UploadedFile {
    fn len(&self) -> u64 {
        self.bytes
    }

    fn restart(&mut self) -> Result<(), Error> {
        self.next_part = 0;
        self.part.clear();
        self.read = 0;
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        if self.read >= self.part.len() && !self.next()? {
            return Ok(0);
        }
        let rest = self.part.get(self.read..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..length), rest.get(..length)) {
            to.copy_from_slice(from);
        }
        self.read += length;
        Ok(length)
    }
}

/// The rows that `rapport.stage_query` keeps, every value as text.
pub(crate) struct StagedRows {
    headers: Vec<String>,
    rows: Option<u64>,
    /// The query that reads them.
    query: String,
    /// The name of its cursor, once it is open.
    cursor: Option<String>,
    fetched: VecDeque<Vec<Cell>>,
    is_at_end: bool,
}

impl StagedRows {
    /// Looks at the columns of the staged query.
    ///
    /// # Errors
    /// 42P01 when this transaction staged none.
    pub(crate) fn open() -> Result<Self, ErrorReport> {
        let columns = "
            SELECT
                coalesce(array_agg(a.attname::text ORDER BY a.attnum), '{}'),
                -- An instant is shown as the clock of the session shows it: files have no time zones.
                coalesce(string_agg(
                    CASE
                        WHEN a.atttypid = 'pg_catalog.timestamptz'::regtype THEN format('%I::timestamp::text', a.attname)
                        ELSE format('%I::text', a.attname)
                    END, ', ' ORDER BY a.attnum
                ), ''),
                (SELECT count(*) FROM pg_temp.rapport_import_source)
            FROM pg_catalog.pg_attribute AS a
            WHERE a.attrelid = 'pg_temp.rapport_import_source'::regclass AND a.attnum > 0 AND NOT a.attisdropped";
        let (headers, list, rows) = Spi::connect(|client| {
            client
                .select(columns, Some(1), &[])?
                .first()
                .get_three::<Vec<String>, String, i64>()
        })
        .map_err(|error| sqlstate::spi(&error))?;
        Ok(Self {
            headers: headers.unwrap_or_default(),
            rows: rows.and_then(|rows| rows.try_into().ok()),
            query: format!(
                "SELECT {} FROM pg_temp.rapport_import_source",
                list.unwrap_or_default()
            ),
            cursor: None,
            fetched: VecDeque::new(),
            is_at_end: false,
        })
    }

    fn fetch(&mut self, client: &mut SpiClient<'_>) -> Result<(), spi::Error> {
        let mut cursor = match self.cursor.take() {
            Some(name) => client.find_cursor(&name)?,
            None => client.open_cursor(self.query.as_str(), &[]),
        };
        let mut rows = cursor.fetch(ROWS)?;
        let is_last = rows.len() < ROWS as usize;
        while rows.next().is_some() {
            let cells = (1..=self.headers.len())
                .map(|column| value(&rows, column))
                .map(|text| Ok(text?.map_or(Cell::Empty, Cell::Text)))
                .collect::<Result<_, spi::Error>>()?;
            self.fetched.push_back(cells);
        }
        // Dropped, it is closed: an open one would keep the table from being dropped.
        self.is_at_end = is_last;
        if !is_last {
            self.cursor = Some(cursor.detach_into_name());
        }
        Ok(())
    }
}

impl TableSource for StagedRows {
    fn headers(&self) -> &[String] {
        &self.headers
    }

    fn rows(&self) -> Option<u64> {
        self.rows
    }

    fn restart(&mut self) -> Result<(), Error> {
        self.fetched.clear();
        self.is_at_end = false;
        if let Some(name) = self.cursor.take() {
            // Found, it is closed as it is dropped.
            Spi::connect(|client| client.find_cursor(&name).map(drop))
                .map_err(|error| unreadable("staged query", &error))?;
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Vec<Cell>>, Error> {
        if self.fetched.is_empty() && !self.is_at_end {
            Spi::connect_mut(|client| self.fetch(client))
                .map_err(|error| unreadable("staged query", &error))?;
        }
        Ok(self.fetched.pop_front())
    }
}

/// Reads a value of the current row in the memory of the question, which is free after it: what
/// `SpiTupleTable::get` makes of a large value would stay until the end of the transaction.
fn value<T: FromDatum>(rows: &SpiTupleTable<'_>, column: usize) -> Result<Option<T>, spi::Error> {
    let datum = rows.get_datum_by_ordinal(column)?;
    // SAFETY: the questions of this module ask for the types that their callers read, and the value
    // becomes one of Rust before the row is gone.
    Ok(datum.and_then(|datum| unsafe { T::from_datum(datum, false) }))
}

fn unreadable(what: &str, error: &spi::Error) -> Error {
    Error::InvalidFile {
        message: format!("the {what} cannot be read"),
        detail: Some(error.to_string()),
        hint: None,
    }
}
