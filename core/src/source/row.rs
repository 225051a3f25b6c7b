//! One row, and how its memory is used again for the next one.

use super::reference;
use crate::Error;
use crate::cell::Cell;

/// One row that is not wholly empty.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    /// The row number that a spreadsheet program shows, from 1. In a delimited file it counts
    /// records, blank lines and the header included; in a table its rows, so that the headers
    /// have the number 0.
    pub number: u32,
    /// The cells from the first column on, without the empty ones at the end.
    pub cells: Vec<Cell>,
}

/// Reads rows one after another.
pub(super) trait ReadRow {
    /// Reads the next row over another one; false at the end.
    fn read_row(&mut self, row: &mut Row) -> Result<bool, Error>;
}

/// The rows of one sheet in the order of the file. It ends after the first error, and when a
/// checkpoint raises out of it.
pub struct Rows<'s> {
    reader: Box<dyn ReadRow + 's>,
    ended: bool,
}

impl<'s> Rows<'s> {
    pub(super) fn new(reader: impl ReadRow + 's) -> Self {
        Self {
            reader: Box::new(reader),
            ended: false,
        }
    }

    /// Reads the next row in place of another one, whose memory it uses; false at the end.
    ///
    /// ```
    /// use rapport_core::source::{Format, Input, Limits, Row, SourceFile};
    /// # fn main() -> Result<(), rapport_core::Error> {
    /// let input = Input::file(b"Date,Product\n01-2019,Sand\n".as_slice(), Format::Csv);
    /// let mut file = SourceFile::open(input, "p.csv", &Limits::default())?;
    /// let (mut rows, mut row) = (file.rows("p")?, Row::default());
    /// while rows.read(&mut row)? {
    ///     assert_eq!(row.cells.len(), 2);
    /// }
    /// assert_eq!(row.number, 2);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidFile`] and [`Error::TooLarge`] where the file cannot be read on.
    pub fn read(&mut self, row: &mut Row) -> Result<bool, Error> {
        if self.ended {
            return Ok(false);
        }
        // Whatever leaves the reader in the middle of a row, a panic included, ends it.
        self.ended = true;
        let is_row = self.reader.read_row(row)?;
        self.ended = !is_row;
        Ok(is_row)
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut row = Row::default();
        match self.read(&mut row) {
            Ok(true) => Some(Ok(row)),
            Ok(false) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

/// Puts the cells of a row over those of the row before.
pub(super) struct Filling<'r> {
    cells: &'r mut Vec<Cell>,
    width: usize,
}

impl<'r> Filling<'r> {
    pub(super) const fn new(row: &'r mut Row) -> Self {
        Self {
            cells: &mut row.cells,
            width: 0,
        }
    }

    /// Takes a row that was filled at once.
    pub(super) const fn of_all(row: &'r mut Row) -> Self {
        let width = row.cells.len();
        Self {
            cells: &mut row.cells,
            width,
        }
    }

    /// Returns the cell of a column, from 0, with what the row before had in it, and empties the
    /// columns before it that were left out. Columns are held against their limit by the caller.
    pub(super) fn cell(&mut self, column: usize) -> Option<&mut Cell> {
        if column >= self.width {
            let end = self.cells.len().min(column);
            if let Some(skipped) = self.cells.get_mut(self.width..end) {
                skipped.fill(Cell::Empty);
            }
            while self.cells.len() <= column {
                self.cells.push(Cell::Empty);
            }
            self.width = column + 1;
        }
        self.cells.get_mut(column)
    }

    /// Removes the empty cells at the end, and tells whether anything is left.
    pub(super) fn finish(self) -> bool {
        let mut used = self.cells.iter().take(self.width);
        let used = used.rposition(|cell| !cell.is_empty());
        self.cells.truncate(used.map_or(0, |last| last + 1));
        used.is_some()
    }
}

/// Refuses a cell over a limit; `row` and `column` count from 0.
pub(super) fn check_cell(
    (row, column): (u32, usize),
    text_bytes: usize,
    place: &str,
    limits: &super::Limits,
) -> Result<(), Error> {
    let (what, limit) = if column >= limits.columns as usize {
        ("column", format!("{} columns", limits.columns))
    } else if text_bytes > limits.cell_bytes {
        ("text", format!("{} bytes", limits.cell_bytes))
    } else {
        return Ok(());
    };
    let name = reference(row, u32::try_from(column).unwrap_or(u32::MAX));
    Err(Error::TooLarge {
        what: format!("the {what} of cell \"{name}\" of {place}"),
        limit,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(row: &mut Row, columns: &[(usize, &str)]) -> bool {
        let mut filling = Filling::new(row);
        for (column, text) in columns {
            filling.cell(*column).unwrap().set_text(text);
        }
        filling.finish()
    }

    #[test]
    fn nothing_of_the_row_before_is_left() {
        let mut row = Row::default();
        let text = |text: &str| Cell::Text(text.to_owned());
        assert!(filled(&mut row, &[(0, "a"), (1, "b"), (3, "d")]));
        assert_eq!(row.cells, [text("a"), text("b"), Cell::Empty, text("d")]);
        // Out of order, as a damaged workbook may be, and shorter.
        assert!(filled(&mut row, &[(2, "z"), (1, "y")]));
        assert_eq!(row.cells, [Cell::Empty, text("y"), text("z")]);
        assert!(filled(&mut row, &[(1, "x"), (2, " "), (4, "")]));
        assert_eq!(row.cells, [Cell::Empty, text("x")]);
        assert!(!filled(&mut row, &[(0, " ")]));
        assert!(row.cells.is_empty());
        assert!(!filled(&mut row, &[]));
    }
}
