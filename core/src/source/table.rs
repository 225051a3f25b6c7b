//! Streams the rows of a table or a query.
//!
//! The headers are row 0 and the rows below them count from 1, as there is no file whose numbers
//! they could have. Rows that are wholly empty count too.

use std::fmt;

use super::input::TableSource;
use super::limits::Limits;
use super::pace::Pace;
use super::row::{Filling, ReadRow, Row, check_cell};
use super::{SheetInfo, unknown_sheet};
use crate::Error;
use crate::cell::Cell;

/// A table that can be read.
pub(super) struct Table<'a> {
    source: Box<dyn TableSource + 'a>,
    sheet: SheetInfo,
    limits: Limits,
}

impl fmt::Debug for Table<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Table")
            .field("sheet", &self.sheet)
            .finish_non_exhaustive()
    }
}

impl<'a> Table<'a> {
    pub(super) fn open(source: Box<dyn TableSource + 'a>, name: &str, limits: &Limits) -> Self {
        Self {
            source,
            sheet: SheetInfo {
                name: name.to_owned(),
                hidden: false,
            },
            limits: limits.clone(),
        }
    }

    pub(super) fn sheet(&self) -> &SheetInfo {
        &self.sheet
    }

    pub(super) fn row_estimate(&self) -> u64 {
        self.source.rows().unwrap_or(0).saturating_add(1)
    }

    pub(super) fn rows(&mut self, sheet: &str) -> Result<TableRows<'_>, Error> {
        if sheet != self.sheet.name {
            return Err(unknown_sheet(sheet, std::slice::from_ref(&self.sheet)));
        }
        self.source.restart()?;
        Ok(TableRows {
            source: self.source.as_mut(),
            place: format!("table \"{}\"", self.sheet.name),
            limits: &self.limits,
            number: None,
            cells: 0,
            pace: Pace::of(&self.limits),
        })
    }
}

/// The rows of a table.
pub(super) struct TableRows<'t> {
    source: &'t mut (dyn TableSource + 't),
    place: String,
    limits: &'t Limits,
    /// The number of the last row; `None` before the headers.
    number: Option<u32>,
    cells: u64,
    pace: Pace,
}

impl ReadRow for TableRows<'_> {
    fn read_row(&mut self, row: &mut Row) -> Result<bool, Error> {
        loop {
            row.number = match self.number {
                None => {
                    let headers = self.source.headers().iter();
                    row.cells = headers.map(|name| Cell::Text(name.clone())).collect();
                    0
                }
                Some(number) => {
                    let Some(cells) = self.source.next()? else {
                        return Ok(false);
                    };
                    row.cells = cells;
                    number.saturating_add(1)
                }
            };
            self.number = Some(row.number);
            self.pace.item();
            self.check(row)?;
            if Filling::of_all(row).finish() {
                return Ok(true);
            }
        }
    }
}

impl TableRows<'_> {
    fn check(&mut self, row: &Row) -> Result<(), Error> {
        let too_large = |what: &str, limit: String| {
            Err(Error::TooLarge {
                what: format!("the number of {what} in {}", self.place),
                limit,
            })
        };
        if row.number > self.limits.csv_rows {
            return too_large("rows", format!("{} rows", self.limits.csv_rows));
        }
        self.cells = self.cells.saturating_add(row.cells.len() as u64);
        if self.cells > self.limits.csv_cells {
            return too_large("cells", format!("{} cells", self.limits.csv_cells));
        }
        for (column, cell) in row.cells.iter().enumerate() {
            let bytes = match cell {
                Cell::Empty => continue,
                Cell::Text(text) | Cell::Error(text) => text.len(),
                Cell::Number(_) | Cell::DateTime(_) | Cell::Bool(_) => 0,
            };
            self.pace.bytes(bytes);
            let at = (row.number.saturating_sub(1), column);
            check_cell(at, bytes, &self.place, self.limits)?;
        }
        Ok(())
    }
}
