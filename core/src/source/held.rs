//! Rows that stay in memory after they were read, so that a file is not parsed a second time.

use jiff::civil::DateTime;

use super::limits::Limits;
use super::row::{Filling, Row};
use crate::cell::Cell;

/// Rows that stand together in memory: no vector grows beyond them.
const ROWS_OF_BLOCK: usize = 1_024;

/// The rows of a sheet, packed, up to a number of bytes.
#[derive(Debug)]
pub struct HeldRows {
    blocks: Vec<Block>,
    /// Called between two blocks.
    checkpoint: fn(),
    /// The block and the row in it that [`Self::read`] comes to next.
    next: (usize, Position),
}

/// Some rows in a row.
#[derive(Debug, Default)]
struct Block {
    /// The number of each row, and the end of its cells.
    rows: Vec<(u32, usize)>,
    cells: Vec<HeldCell>,
    text: String,
}

/// Where reading stands in a block.
#[derive(Debug, Default, Clone, Copy)]
struct Position {
    row: usize,
    cell: usize,
    byte: usize,
}

/// A [`Cell`] whose text stands elsewhere, up to a byte.
#[derive(Debug)]
enum HeldCell {
    Empty,
    Text(usize),
    Number(f64),
    DateTime(DateTime),
    Bool(bool),
    Error(usize),
}

impl HeldRows {
    /// Holds nothing yet; what there is room for is counted by the caller.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            blocks: Vec::new(),
            checkpoint: limits.checkpoint,
            next: (0, Position::default()),
        }
    }

    /// Holds one more row, and tells how many bytes that took.
    ///
    /// ```
    /// use rapport_core::cell::Cell;
    /// use rapport_core::source::{HeldRows, Limits, Row};
    /// let sand = Row { number: 2, cells: vec![Cell::Text("Sand".to_owned())] };
    /// let mut held = HeldRows::new(&Limits::default());
    /// assert!(held.hold(&sand) > 4);
    /// let mut row = Row::default();
    /// assert!(held.read(&mut row) && row == sand && !held.read(&mut row));
    /// ```
    pub fn hold(&mut self, row: &Row) -> usize {
        if self
            .blocks
            .last()
            .is_none_or(|block| block.rows.len() >= ROWS_OF_BLOCK)
        {
            self.blocks.push(Block::default());
        }
        self.blocks.last_mut().map_or(0, |block| block.hold(row))
    }

    /// Reads the next row in place of another one, whose memory it uses; false at the end.
    pub fn read(&mut self, row: &mut Row) -> bool {
        let (block, position) = &mut self.next;
        while let Some(current) = self.blocks.get(*block) {
            if current.read(position, row) {
                return true;
            }
            (self.checkpoint)();
            (*block, *position) = (*block + 1, Position::default());
        }
        false
    }
}

impl Block {
    fn hold(&mut self, row: &Row) -> usize {
        let text = self.text.len();
        for cell in &row.cells {
            let cell = match cell {
                Cell::Empty => HeldCell::Empty,
                Cell::Text(text) => HeldCell::Text(self.keep(text)),
                Cell::Number(number) => HeldCell::Number(*number),
                Cell::DateTime(at) => HeldCell::DateTime(*at),
                Cell::Bool(truth) => HeldCell::Bool(*truth),
                Cell::Error(text) => HeldCell::Error(self.keep(text)),
            };
            self.cells.push(cell);
        }
        self.rows.push((row.number, self.cells.len()));
        size_of::<(u32, usize)>() + row.cells.len() * size_of::<HeldCell>() + self.text.len() - text
    }

    fn keep(&mut self, text: &str) -> usize {
        self.text.push_str(text);
        self.text.len()
    }

    fn read(&self, position: &mut Position, row: &mut Row) -> bool {
        let Some(&(number, end)) = self.rows.get(position.row) else {
            return false;
        };
        row.number = number;
        let mut filling = Filling::new(row);
        let cells = self.cells.get(position.cell..end).unwrap_or_default();
        for (column, held) in cells.iter().enumerate() {
            let Some(cell) = filling.cell(column) else {
                break;
            };
            match *held {
                HeldCell::Text(end) => cell.set_text(self.text(position, end)),
                HeldCell::Error(end) => *cell = Cell::Error(self.text(position, end).to_owned()),
                HeldCell::Empty => *cell = Cell::Empty,
                HeldCell::Number(number) => *cell = Cell::Number(number),
                HeldCell::DateTime(at) => *cell = Cell::DateTime(at),
                HeldCell::Bool(truth) => *cell = Cell::Bool(truth),
            }
        }
        filling.finish();
        position.row += 1;
        position.cell = end;
        true
    }

    fn text(&self, position: &mut Position, end: usize) -> &str {
        let text = self.text.get(position.byte..end).unwrap_or_default();
        position.byte = end;
        text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cell() -> impl Strategy<Value = Cell> {
        prop_oneof![
            Just(Cell::Empty),
            ".{0,9}".prop_map(Cell::Text),
            any::<i32>().prop_map(|number| Cell::Number(number.into())),
            (1900_i16..2100, 1_i8..13).prop_map(|(year, month)| Cell::DateTime(
                jiff::civil::date(year, month, 1).at(9, 30, 0, 7)
            )),
            any::<bool>().prop_map(Cell::Bool),
            "#[A-Z]{1,5}!".prop_map(Cell::Error),
        ]
    }

    /// A row as readers hand it out: not empty, and without empty cells at its end.
    fn row() -> impl Strategy<Value = Row> {
        (
            any::<u32>(),
            prop::collection::vec(cell(), 0..7),
            any::<bool>(),
        )
            .prop_map(|(number, mut cells, truth)| {
                cells.push(Cell::Bool(truth));
                Row { number, cells }
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_was_held_is_read_in_its_order(some in prop::collection::vec(row(), 1..9)) {
            // More than a block of them.
            let rows: Vec<&Row> = some.iter().cycle().take(2 * ROWS_OF_BLOCK + 3).collect();
            let mut held = HeldRows::new(&Limits::default());
            for row in &rows {
                held.hold(row);
            }
            let mut read = Row::default();
            for row in rows {
                prop_assert!(held.read(&mut read));
                prop_assert_eq!(&read, row);
            }
            prop_assert!(!held.read(&mut read) && !held.read(&mut read));
        }
    }
}
