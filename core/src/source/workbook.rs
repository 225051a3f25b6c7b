//! Streams the cells of an `.xlsx` workbook through calamine.
//!
//! Only `worksheet_cells_reader` is used: calamine's ranges allocate rows × columns, which a
//! workbook of 1.5 kB can make larger than any memory (calamine issue 693).

use std::fmt;
use std::io::Cursor;

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxCellReader, XlsxError};

use super::archive::{damaged, inspect};
use super::limits::Limits;
use super::serial_date::{from_iso, from_serial};
use super::signature::refuse;
use super::{Format, Row, SheetInfo, reference, row, unknown_sheet};
use crate::Error;
use crate::cell::Cell;

/// An inspected workbook.
pub(super) struct Workbook<'a> {
    xlsx: Xlsx<Cursor<&'a [u8]>>,
    file_name: String,
    sheets: Vec<SheetInfo>,
    row_estimate: u64,
    limits: Limits,
}

impl fmt::Debug for Workbook<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Workbook")
            .field("sheets", &self.sheets)
            .finish_non_exhaustive()
    }
}

impl<'a> Workbook<'a> {
    pub(super) fn open(content: &'a [u8], file_name: &str, limits: &Limits) -> Result<Self, Error> {
        let row_estimate = inspect(content, file_name, limits)?;
        let xlsx = Xlsx::new(Cursor::new(content)).map_err(|error| refused(file_name, &error))?;
        let mut sheets: Vec<SheetInfo> = Vec::new();
        for sheet in xlsx.sheets_metadata() {
            if sheet.typ != SheetType::WorkSheet {
                continue;
            }
            if sheets.iter().any(|known| known.name == sheet.name) {
                let found = format!("two sheets are named \"{}\"", sheet.name);
                return Err(damaged(file_name, None, &found));
            }
            sheets.push(SheetInfo {
                name: sheet.name.clone(),
                hidden: sheet.visible != SheetVisible::Visible,
            });
        }
        Ok(Self {
            xlsx,
            file_name: file_name.to_owned(),
            sheets,
            row_estimate,
            limits: limits.clone(),
        })
    }

    pub(super) fn sheets(&self) -> &[SheetInfo] {
        &self.sheets
    }

    pub(super) fn row_estimate(&self) -> u64 {
        self.row_estimate
    }

    pub(super) fn rows(&mut self, sheet: &str) -> Result<SheetRows<'_, 'a>, Error> {
        if !self.sheets.iter().any(|known| known.name == sheet) {
            return Err(unknown_sheet(sheet, &self.sheets));
        }
        let cells = self
            .xlsx
            .worksheet_cells_reader(sheet)
            .map_err(|error| refused(&self.file_name, &error))?;
        Ok(SheetRows {
            cells,
            file_name: &self.file_name,
            sheet: sheet.to_owned(),
            limits: &self.limits,
            pending: None,
            seen: 0,
            last_row: 0,
            ended: false,
            done: false,
        })
    }
}

/// One cell with a value, at its place counted from 0.
struct Placed {
    row: u32,
    column: u32,
    cell: Cell,
}

/// The rows of one sheet.
pub(super) struct SheetRows<'w, 'a> {
    cells: XlsxCellReader<'w, Cursor<&'a [u8]>>,
    file_name: &'w str,
    sheet: String,
    limits: &'w Limits,
    /// The first cell of the next row, read while looking for the end of the last one.
    pending: Option<Placed>,
    seen: u64,
    last_row: u32,
    /// Whether calamine has told the end of the sheet: asked again, it reads on into an error.
    ended: bool,
    done: bool,
}

impl Iterator for SheetRows<'_, '_> {
    type Item = Result<Row, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.done {
            match self.next_row() {
                Ok(Some((number, cells))) => {
                    if let Some(row) = row(number, cells) {
                        return Some(Ok(row));
                    }
                }
                Ok(None) => self.done = true,
                Err(error) => {
                    self.done = true;
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

impl SheetRows<'_, '_> {
    fn next_row(&mut self) -> Result<Option<(u32, Vec<Cell>)>, Error> {
        let first = match self.pending.take() {
            Some(placed) => placed,
            None => match self.next_cell()? {
                Some(placed) => placed,
                None => return Ok(None),
            },
        };
        let index = first.row;
        let mut cells = Vec::new();
        place(&mut cells, first);
        while let Some(placed) = self.next_cell()? {
            if placed.row != index {
                self.pending = Some(placed);
                break;
            }
            place(&mut cells, placed);
        }
        Ok(Some((index + 1, cells)))
    }

    /// Reads up to the next cell that has a value, and holds it against the limits.
    fn next_cell(&mut self) -> Result<Option<Placed>, Error> {
        while !self.ended {
            let next = self
                .cells
                .next_cell()
                .map_err(|error| unreadable(self.file_name, &self.sheet, self.last_row, &error))?;
            let Some(next) = next else {
                self.ended = true;
                break;
            };
            self.seen += 1;
            if self.seen > self.limits.cells {
                return Err(Error::TooLarge {
                    what: format!("the number of cells in sheet \"{}\"", self.sheet),
                    limit: format!("{} cells", self.limits.cells),
                });
            }
            let (row, column) = next.get_position();
            let cell = convert(next.get_value());
            // A format without a value may reach to the last column of a sheet, and costs nothing.
            if cell == Cell::Empty {
                continue;
            }
            self.check(row, column, &cell)?;
            self.last_row = row;
            return Ok(Some(Placed { row, column, cell }));
        }
        Ok(None)
    }

    fn check(&self, row: u32, column: u32, cell: &Cell) -> Result<(), Error> {
        let place = || {
            format!(
                "cell \"{}\" of sheet \"{}\"",
                reference(row, column),
                self.sheet
            )
        };
        let too_large = |what: &str, limit: String| {
            Err(Error::TooLarge {
                what: format!("the {what} of {}", place()),
                limit,
            })
        };
        if column >= self.limits.columns {
            return too_large("column", format!("{} columns", self.limits.columns));
        }
        if row >= self.limits.sheet_rows {
            return too_large("row", format!("{} rows", self.limits.sheet_rows));
        }
        if let Cell::Text(text) = cell
            && text.len() > self.limits.cell_bytes
        {
            return too_large("text", format!("{} bytes", self.limits.cell_bytes));
        }
        if row < self.last_row {
            let found = format!(
                "{} comes after row {}",
                place(),
                u64::from(self.last_row) + 1
            );
            return Err(damaged(self.file_name, None, &found));
        }
        Ok(())
    }
}

fn unreadable(file_name: &str, sheet: &str, last_row: u32, error: &XlsxError) -> Error {
    let found = match error {
        XlsxError::CellError(value) => format!("the error value \"{value}\" is unknown"),
        error => error.to_string(),
    };
    let row = u64::from(last_row) + 1;
    damaged(
        file_name,
        None,
        &format!("sheet \"{sheet}\", row {row} or later: {found}"),
    )
}

/// Puts a cell in its column. The columns were held against their limit before.
fn place(cells: &mut Vec<Cell>, placed: Placed) {
    let column = placed.column as usize;
    if cells.len() <= column {
        cells.resize(column + 1, Cell::Empty);
    }
    if let Some(cell) = cells.get_mut(column) {
        *cell = placed.cell;
    }
}

fn convert(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::String(text) => text_cell(text),
        DataRef::SharedString(text) => text_cell(text),
        DataRef::DurationIso(text) => text_cell(text),
        DataRef::DateTimeIso(text) => {
            from_iso(text).map_or_else(|| text_cell(text), Cell::DateTime)
        }
        DataRef::Bool(truth) => Cell::Bool(*truth),
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => number_cell(*number),
        DataRef::Error(error) => Cell::Error(error.to_string()),
        DataRef::DateTime(serial) => {
            from_serial(serial).map_or_else(|| number_cell(serial.as_f64()), Cell::DateTime)
        }
    }
}

fn text_cell(text: &str) -> Cell {
    if text.is_empty() {
        Cell::Empty
    } else {
        Cell::Text(text.to_owned())
    }
}

fn number_cell(number: f64) -> Cell {
    if number.is_finite() {
        Cell::Number(number)
    } else {
        Cell::Text(number.to_string())
    }
}

fn refused(file_name: &str, error: &XlsxError) -> Error {
    match error {
        XlsxError::Password => {
            let hint = "remove the password in Excel and save it again";
            refuse(
                file_name,
                Format::Xlsx,
                "it is encrypted with a password",
                hint,
            )
        }
        error => damaged(file_name, None, &error.to_string()),
    }
}
