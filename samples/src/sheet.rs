//! What a sheet of the sample is made of, before it becomes a workbook or a CSV file.

/// One cell as a person typed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Nothing at all.
    Empty,
    /// Text, exactly these characters.
    Text(&'static str),
    /// A whole number in a number cell.
    Number(u32),
    /// A real date cell: year, month, day, hour, minute.
    Moment(u16, u8, u8, u8, u8),
    /// A real date cell that shows a month: year, month; its day is the first.
    Month(u16, u8),
}

impl Cell {
    /// Shows the cell as the CSV twin holds it.
    pub(crate) fn text(self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.to_owned(),
            Self::Number(number) => number.to_string(),
            Self::Moment(year, month, day, hour, minute) => {
                format!("{day:02}/{month:02}/{year} {hour:02}:{minute:02}")
            }
            Self::Month(year, month) => format!("{month:02}-{year}"),
        }
    }
}

/// What is wrong with one cell, and what an import makes of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mess {
    /// The column, counted from 0.
    pub(crate) column: u8,
    /// What is wrong.
    pub(crate) what: &'static str,
    /// What the import does about it.
    pub(crate) outcome: &'static str,
}

/// One row, with what is wrong in it.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// The cells from column A on.
    pub(crate) cells: Vec<Cell>,
    /// The faults put there on purpose.
    pub(crate) messes: Vec<Mess>,
}

impl Row {
    /// Makes a row without a fault.
    pub(crate) fn clean(cells: impl Into<Vec<Cell>>) -> Self {
        Self {
            cells: cells.into(),
            messes: Vec::new(),
        }
    }

    /// Adds what is wrong with the cell in `column` (from 0).
    pub(crate) fn mess(mut self, column: u8, what: &'static str, outcome: &'static str) -> Self {
        self.messes.push(Mess {
            column,
            what,
            outcome,
        });
        self
    }
}

/// One sheet of the workbook, and one CSV twin.
#[derive(Debug, Clone)]
pub(crate) struct Sheet {
    /// The name on the tab.
    pub(crate) name: &'static str,
    /// The name of the CSV twin, without its extension.
    pub(crate) file_stem: &'static str,
    /// The first row.
    pub(crate) headers: &'static [&'static str],
    /// The rows below it.
    pub(crate) rows: Vec<Row>,
}
