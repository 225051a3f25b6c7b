//! Tells how far an import is.

/// The rows between two calls: often enough to cancel by, seldom enough to cost nothing.
const ROWS_PER_CALL: u64 = 1024;

/// Counts the rows of two readings against an estimate.
pub(super) struct Progress<'p> {
    report: Box<dyn FnMut(u8) + 'p>,
    done: u64,
    expected: u64,
}

impl<'p> Progress<'p> {
    /// Starts to count; `estimate` is the rows of one reading.
    pub(super) fn new(report: impl FnMut(u8) + 'p, estimate: u64) -> Self {
        Self {
            report: Box::new(report),
            done: 0,
            expected: estimate.saturating_mul(2).max(1),
        }
    }

    /// Counts a row of either reading.
    pub(super) fn row(&mut self) {
        self.done += 1;
        if self.done.is_multiple_of(ROWS_PER_CALL) {
            // An estimate may be too low, and only the end is 100.
            let percent = (self.done.saturating_mul(100) / self.expected).min(99);
            (self.report)(u8::try_from(percent).unwrap_or(99));
        }
    }

    /// Reports the end.
    pub(super) fn finish(&mut self) {
        (self.report)(100);
    }
}
