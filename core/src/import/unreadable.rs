//! Refuses a sheet of which most rows cannot be read.
//!
//! Such a file is not a messy one but another one: a column is mistaken for another, or the rows
//! are of no kind we know. A ledger with an entry for each row would tell less than three examples,
//! and cost a hundred times the file.

use crate::error::Error;
use crate::ledger::quoted;

/// The fewest rows of a sheet that is refused as a whole.
///
/// A smaller one is loaded as far as it goes, however bad it is: its ledger can be read by a
/// person, and costs nothing.
const FEWEST_ROWS: u64 = 1_000;

/// A sheet is refused when more than one row in this many is unreadable: more than half. With
/// fewer, the readable rows are what the sheet is about, and loading them is what was asked for.
const ONE_IN: u64 = 2;

/// The unreadable rows that the refusal repeats.
const EXAMPLES: usize = 3;

/// Counts the unreadable rows of one sheet.
#[derive(Debug)]
pub(super) struct Unreadable {
    /// The rows of the sheet, as its first reading counted them.
    of: u64,
    /// How many of them its first reading could tell to be unreadable.
    foreseen: u64,
    rows: u64,
    examples: Vec<String>,
}

impl Unreadable {
    pub(super) const fn new(of: u64, foreseen: u64) -> Self {
        Self {
            of,
            foreseen,
            rows: 0,
            examples: Vec::new(),
        }
    }

    /// Counts a row that was rejected for a reason.
    pub(super) fn count(&mut self, number: u32, reason: &str) {
        self.rows += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(format!("row {number}: {reason}"));
        }
    }

    /// Refuses the sheet as soon as so many of its rows are known to be unreadable, and there are
    /// enough examples.
    pub(super) fn check(&self, sheet: &str) -> Result<(), Error> {
        let known = self.rows.max(self.foreseen);
        if self.of < FEWEST_ROWS
            || self.examples.len() < EXAMPLES
            || known.saturating_mul(ONE_IN) <= self.of
        {
            return Ok(());
        }
        Err(Error::InvalidFile {
            message: format!(
                "more than half of the {} rows of sheet {} cannot be read",
                self.of,
                quoted(sheet)
            ),
            detail: Some(format!("the first: {}", self.examples.join("; "))),
            hint: Some(
                "nothing was loaded; check that each column holds what its header says, and remove rows that are no data"
                    .to_owned(),
            ),
        })
    }
}
