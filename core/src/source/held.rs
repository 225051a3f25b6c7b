//! Rows that stay in memory after they were read, so that a file is not parsed a second time.

use jiff::civil::DateTime;

use super::limits::Limits;
use super::row::{Filling, Row};
use crate::cell::Cell;

/// The most rows that stand together in memory.
const ROWS_OF_BLOCK: usize = 1_024;
/// The bytes that make a block full. A full one has no memory to spare, the last one at most so
/// many bytes.
const BYTES_OF_BLOCK: usize = 64 * 1024;

/// The rows of a sheet, packed, in as much memory as [`Self::hold`] counts.
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
    bytes: usize,
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

    /// Holds one more row and takes its bytes from the room; false, with nothing done, if there is
    /// no room for it.
    ///
    /// ```
    /// use rapport_core::cell::Cell;
    /// use rapport_core::source::{HeldRows, Limits, Row};
    /// let sand = Row { number: 2, cells: vec![Cell::Text("Sand".to_owned())] };
    /// let (mut held, mut room) = (HeldRows::new(&Limits::default()), 60);
    /// assert!(held.hold(&sand, &mut room) && room < 60);
    /// assert!(!held.hold(&sand, &mut room));
    /// let mut row = Row::default();
    /// assert!(held.read(&mut row) && row == sand && !held.read(&mut row));
    /// ```
    #[must_use]
    pub fn hold(&mut self, row: &Row, room: &mut usize) -> bool {
        let bytes = row.cells.iter().map(text_bytes).sum::<usize>();
        let bytes = Self::bytes_without_text(row.cells.len()).saturating_add(bytes);
        let Some(left) = room.checked_sub(bytes) else {
            return false;
        };
        *room = left;
        if self.blocks.last().is_none_or(Block::is_full) {
            self.blocks.push(Block::default());
        }
        if let Some(block) = self.blocks.last_mut() {
            block.hold(row, bytes);
        }
        true
    }

    /// Returns the bytes of a row of so many cells, without those of its texts.
    pub(super) const fn bytes_without_text(cells: usize) -> usize {
        size_of::<(u32, usize)>() + cells.saturating_mul(size_of::<HeldCell>())
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
    const fn is_full(&self) -> bool {
        self.rows.len() >= ROWS_OF_BLOCK || self.bytes >= BYTES_OF_BLOCK
    }

    /// Adds a row of so many bytes, and gives spare memory back after the last one.
    fn hold(&mut self, row: &Row, bytes: usize) {
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
        self.bytes += bytes;
        if self.is_full() {
            self.rows.shrink_to_fit();
            self.cells.shrink_to_fit();
            self.text.shrink_to_fit();
        }
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

const fn text_bytes(cell: &Cell) -> usize {
    match cell {
        Cell::Text(text) | Cell::Error(text) => text.len(),
        Cell::Empty | Cell::Number(_) | Cell::DateTime(_) | Cell::Bool(_) => 0,
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
            let mut room = usize::MAX;
            for row in &rows {
                prop_assert!(held.hold(row, &mut room));
            }
            let counted: usize = held.blocks.iter().map(|block| block.bytes).sum();
            prop_assert_eq!(usize::MAX - room, counted);
            let mut read = Row::default();
            for row in rows {
                prop_assert!(held.read(&mut read));
                prop_assert_eq!(&read, row);
            }
            prop_assert!(!held.read(&mut read) && !held.read(&mut read));
        }
    }

    /// The bytes that the memory of a block has.
    fn memory(block: &Block) -> usize {
        block.rows.capacity() * size_of::<(u32, usize)>()
            + block.cells.capacity() * size_of::<HeldCell>()
            + block.text.capacity()
    }

    fn texts(number: u32, texts: &[&str]) -> Row {
        let cells = texts.iter().map(|text| Cell::Text((*text).to_owned()));
        Row {
            number,
            cells: cells.collect(),
        }
    }

    #[test]
    fn a_row_without_room_is_not_held() {
        let mut held = HeldRows::new(&Limits::default());
        // A number and an end of 16 bytes together, two cells of 16, four bytes of text.
        let mut room = 52;
        assert!(!held.hold(&texts(1, &["Sand", "x"]), &mut room));
        assert_eq!((room, held.blocks.len()), (52, 0));
        assert!(held.hold(&texts(1, &["Sand", ""]), &mut room));
        assert_eq!(room, 0);
        assert!(!held.hold(&texts(2, &[]), &mut room));
    }

    #[test]
    fn the_memory_is_as_much_as_was_counted() {
        let long = "x".repeat(3_000);
        for row in [
            texts(1, &["2019-10-04 09:00", "Call", "12", "Sand", "Positive"]),
            texts(1, &[&long]),
            texts(1, &[""; 200]),
        ] {
            let mut held = HeldRows::new(&Limits::default());
            let mut room = 5_000_000;
            while held.hold(&row, &mut room) {}
            let (last, full) = held.blocks.split_last().unwrap();
            let counted: usize = full.iter().map(|block| block.bytes).sum();
            let taken: usize = full.iter().map(memory).sum();
            assert!(taken <= counted, "{taken} of {counted}");
            assert!(memory(last) <= last.bytes + BYTES_OF_BLOCK);
        }
    }
}
