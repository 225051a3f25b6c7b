//! Calls the caller's checkpoint often enough to cancel by, and seldom enough to cost nothing.

use super::limits::Limits;

/// The most bytes between two calls, and the size of the pieces in which files are read.
pub(super) const PIECE: usize = 64 * 1024;
/// The most rows or cells between two calls.
const ITEMS: u32 = 1_024;

/// Counts what is read between two calls of the checkpoint.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    checkpoint: fn(),
    bytes: usize,
    items: u32,
}

impl Pace {
    pub(super) fn of(limits: &Limits) -> Self {
        Self {
            checkpoint: limits.checkpoint,
            bytes: 0,
            items: 0,
        }
    }

    /// Counts bytes that were read.
    pub(super) fn bytes(&mut self, count: usize) {
        self.bytes = self.bytes.saturating_add(count);
        if self.bytes >= PIECE {
            // What is beyond a piece counts for the next one.
            self.bytes %= PIECE;
            (self.checkpoint)();
        }
    }

    /// Counts a row or a cell.
    pub(super) fn item(&mut self) {
        self.items += 1;
        if self.items >= ITEMS {
            self.items = 0;
            (self.checkpoint)();
        }
    }
}
