//! Streams the cells of an `.xlsx` workbook through calamine.
//!
//! Only `worksheet_cells_reader` is used: calamine's ranges allocate rows × columns, which a
//! workbook of 1.5 kB can make larger than any memory (calamine issue 693).

use std::fmt;
use std::slice;
use std::sync::Arc;

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxCellReader, XlsxError};

use super::archive::{damaged, inspect};
use super::input::{Content, Watched};
use super::limits::Limits;
use super::markup::{Outline, ResultlessFormulas, SheetOutline};
use super::merged::MergedCells;
use super::pace::{PIECE, Pace};
use super::row::{Filling, ReadRow, Row, check_cell};
use super::serial_date::{from_iso, from_serial};
use super::signature::{self, OleSearch};
use super::{Format, SheetInfo, reference, too_many_bytes, unknown_sheet};
use crate::Error;
use crate::cell::Cell;
use crate::ledger::quoted;

/// An inspected workbook.
pub(super) struct Workbook<'a> {
    xlsx: Xlsx<Watched<'a>>,
    file_name: String,
    sheets: Vec<SheetInfo>,
    /// What is known of each sheet.
    outlines: Vec<Arc<SheetOutline>>,
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
    pub(super) fn open(
        content: Content<'a>,
        file_name: &str,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let Outline {
            rows: row_estimate,
            sheets: mut known,
        } = check(content.as_ref(), file_name, limits)?;
        let xlsx = Xlsx::new(Watched::new(content, limits.checkpoint))
            .map_err(|error| damaged(file_name, None, &error.to_string()))?;
        let mut sheets: Vec<SheetInfo> = Vec::new();
        let mut outlines = Vec::new();
        for (index, sheet) in xlsx.sheets_metadata().iter().enumerate() {
            if sheet.typ != SheetType::WorkSheet {
                continue;
            }
            if sheets.iter().any(|known| known.name == sheet.name) {
                let found = format!("two sheets are named \"{}\"", sheet.name);
                return Err(damaged(file_name, None, &found));
            }
            outlines.push(known.get_mut(index).map(std::mem::take).unwrap_or_default());
            sheets.push(SheetInfo {
                name: sheet.name.clone(),
                hidden: sheet.visible != SheetVisible::Visible,
            });
        }
        Ok(Self {
            xlsx,
            file_name: file_name.to_owned(),
            sheets,
            outlines,
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

    /// Tells whether days are counted from 1904, as spreadsheet programs of old Macs did.
    pub(super) fn is_1904(&self) -> bool {
        self.xlsx.has_1904_epoch()
    }

    pub(super) fn merged(&self, sheet: &str) -> MergedCells {
        let outline = self.outline(sheet);
        MergedCells::new(outline.map_or(&[], |outline| &outline.merged), &self.limits)
    }

    pub(super) fn resultless_formulas(&self, sheet: &str) -> Vec<ResultlessFormulas> {
        let outline = self.outline(sheet);
        outline.map(SheetOutline::formulas).unwrap_or_default()
    }

    fn outline(&self, sheet: &str) -> Option<&SheetOutline> {
        let mut sheets = self.sheets.iter().zip(&self.outlines);
        let (_, outline) = sheets.find(|(known, _)| known.name == sheet)?;
        Some(outline)
    }

    pub(super) fn rows(&mut self, sheet: &str) -> Result<SheetRows<'_, 'a>, Error> {
        let mut sheets = self.sheets.iter().zip(&self.outlines);
        let Some((_, outline)) = sheets.find(|(known, _)| known.name == sheet) else {
            return Err(unknown_sheet(sheet, &self.sheets));
        };
        let cells = self
            .xlsx
            .worksheet_cells_reader(sheet)
            .map_err(|error| damaged(&self.file_name, None, &error.to_string()))?;
        Ok(SheetRows {
            cells,
            file_name: &self.file_name,
            limits: &self.limits,
            unknown_errors: outline.errors.iter(),
            stopped_in: None,
            pending: None,
            seen: 0,
            last_row: 0,
            ended: false,
            place: format!("sheet \"{sheet}\""),
            pace: Pace::of(&self.limits),
        })
    }
}

/// Refuses what is no workbook of this kind, and looks into its archive.
fn check(content: &[u8], file_name: &str, limits: &Limits) -> Result<Outline, Error> {
    let bytes = content.len() as u64;
    if bytes > limits.file_bytes {
        let what = format!("file \"{file_name}\"");
        return Err(too_many_bytes(&what, bytes, limits.file_bytes));
    }
    if signature::is_ole(content) {
        let mut search = OleSearch::default();
        for piece in content.chunks(PIECE) {
            (limits.checkpoint)();
            search.piece(piece);
        }
        return Err(search.refusal(file_name, Format::Xlsx));
    }
    signature::check(content, file_name, Format::Xlsx)?;
    inspect(content, file_name, limits)
}

/// One cell, at its place counted from 0.
struct Placed<'w> {
    row: u32,
    column: usize,
    value: Value<'w>,
}

impl<'w> Placed<'w> {
    const fn new((row, column): (u32, u32), value: Value<'w>) -> Self {
        Self {
            row,
            column: column as usize,
            value,
        }
    }
}

/// What stands in a cell.
enum Value<'w> {
    Known(DataRef<'w>),
    /// An error value that calamine has no name for.
    UnknownError(String),
}

/// The rows of one sheet.
pub(super) struct SheetRows<'w, 'a> {
    cells: XlsxCellReader<'w, Watched<'a>>,
    file_name: &'w str,
    /// The sheet in words.
    place: String,
    limits: &'w Limits,
    /// Where the error values are that calamine does not know, from the next one on.
    unknown_errors: slice::Iter<'w, Option<(u32, u32)>>,
    /// The place of the last cell if calamine stopped in it for such an error value.
    stopped_in: Option<(u32, u32)>,
    /// The first cell of the next row, read while looking for the end of the last one.
    pending: Option<Placed<'w>>,
    seen: u64,
    last_row: u32,
    /// Whether calamine has told the end of the sheet: asked again, it reads on into an error.
    ended: bool,
    pace: Pace,
}

impl ReadRow for SheetRows<'_, '_> {
    fn read_row(&mut self, row: &mut Row) -> Result<bool, Error> {
        loop {
            let first = match self.pending.take() {
                Some(placed) => placed,
                None => match self.next_cell()? {
                    Some(placed) => placed,
                    None => return Ok(false),
                },
            };
            let index = first.row;
            row.number = index + 1;
            let mut filling = Filling::new(row);
            let mut next = Some(first);
            while let Some(placed) = next.take() {
                if placed.row != index {
                    self.pending = Some(placed);
                    break;
                }
                if let Some(cell) = filling.cell(placed.column) {
                    convert(&placed.value, cell);
                }
                next = self.next_cell()?;
            }
            if filling.finish() {
                return Ok(true);
            }
        }
    }
}

impl<'w> SheetRows<'w, '_> {
    /// Reads up to the next cell that has a value, and holds it against the limits.
    fn next_cell(&mut self) -> Result<Option<Placed<'w>>, Error> {
        while let Some(placed) = self.any_cell()? {
            self.pace.item();
            self.seen += 1;
            if self.seen > self.limits.cells {
                return Err(Error::TooLarge {
                    what: format!("the number of cells in {}", self.place),
                    limit: format!("{} cells", self.limits.cells),
                });
            }
            // A format without a value may reach to the last column of a sheet, and costs nothing.
            if text_of(&placed.value).is_some_and(str::is_empty) {
                continue;
            }
            self.check(&placed)?;
            self.last_row = placed.row;
            return Ok(Some(placed));
        }
        Ok(None)
    }

    /// Reads the next cell, with a value or without.
    fn any_cell(&mut self) -> Result<Option<Placed<'w>>, Error> {
        if self.ended {
            return Ok(None);
        }
        match self.cells.next_cell() {
            Ok(Some(cell)) => {
                let at = cell.get_position();
                if self.stopped_in.take() == Some(at) {
                    // calamine did not count the cell that it stopped in, and gives its column to a
                    // cell without a reference.
                    let (name, place) = (reference(at.0, at.1), &self.place);
                    let found = format!("the cell behind \"{name}\" of {place} has no reference");
                    return Err(damaged(self.file_name, None, &found));
                }
                Ok(Some(Placed::new(
                    at,
                    Value::Known(cell.get_value().clone()),
                )))
            }
            Ok(None) => {
                self.ended = true;
                Ok(None)
            }
            // calamine stopped within the cell, and goes on with the next one.
            Err(XlsxError::CellError(literal)) => {
                let Some(&Some((row, column))) = self.unknown_errors.next() else {
                    let found = format!(
                        "a cell without a reference has the error value {}, which is unknown",
                        quoted(&literal)
                    );
                    return Err(self.unreadable(&found));
                };
                let at = (row.saturating_sub(1), column.saturating_sub(1));
                self.stopped_in = Some(at);
                Ok(Some(Placed::new(at, Value::UnknownError(literal))))
            }
            Err(error) => Err(self.unreadable(&error.to_string())),
        }
    }

    fn unreadable(&self, found: &str) -> Error {
        let row = u64::from(self.last_row) + 1;
        let found = format!("{}, row {row} or later: {found}", self.place);
        damaged(self.file_name, None, &found)
    }

    fn check(&self, placed: &Placed<'_>) -> Result<(), Error> {
        let bytes = text_of(&placed.value).map_or(0, str::len);
        check_cell((placed.row, placed.column), bytes, &self.place, self.limits)?;
        let place = || {
            let column = u32::try_from(placed.column).unwrap_or(u32::MAX);
            format!(
                "cell \"{}\" of {}",
                reference(placed.row, column),
                self.place
            )
        };
        if placed.row >= self.limits.sheet_rows {
            return Err(Error::TooLarge {
                what: format!("the row of {}", place()),
                limit: format!("{} rows", self.limits.sheet_rows),
            });
        }
        if placed.row < self.last_row {
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

/// Returns the text of a cell that has text, or an empty one.
fn text_of<'v>(value: &'v Value<'_>) -> Option<&'v str> {
    let known = match value {
        Value::Known(known) => known,
        Value::UnknownError(literal) => return Some(literal),
    };
    match known {
        DataRef::Empty => Some(""),
        DataRef::String(text) | DataRef::DurationIso(text) | DataRef::DateTimeIso(text) => {
            Some(text)
        }
        DataRef::SharedString(text) => Some(text),
        _ => None,
    }
}

fn convert(value: &Value<'_>, cell: &mut Cell) {
    let known = match value {
        Value::Known(known) => known,
        Value::UnknownError(literal) => return *cell = Cell::Error(literal.clone()),
    };
    let other = match known {
        DataRef::Bool(truth) => Cell::Bool(*truth),
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => number_cell(*number),
        DataRef::Error(error) => Cell::Error(error.to_string()),
        DataRef::DateTime(serial) => {
            from_serial(serial).map_or_else(|| number_cell(serial.as_f64()), Cell::DateTime)
        }
        DataRef::DateTimeIso(text) if let Some(at) = from_iso(text) => Cell::DateTime(at),
        _ => return cell.set_text(text_of(value).unwrap_or_default()),
    };
    *cell = other;
}

fn number_cell(number: f64) -> Cell {
    if number.is_finite() {
        Cell::Number(number)
    } else {
        Cell::Text(number.to_string())
    }
}
