//! Tells how far an import is.

/// The rows between two calls: often enough to cancel by, seldom enough to cost nothing.
const ROWS_PER_CALL: u64 = 1024;

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The share of both readings that is done, in per cent. It never falls, and is 100 at the
    /// end only.
    pub percent: u8,
    /// The rows that the second reading has handed out; 0 during the first.
    pub rows: u64,
}

/// Counts the rows of two readings against an estimate.
pub(super) struct Count<'p> {
    report: Box<dyn FnMut(Progress) + 'p>,
    done: u64,
    expected: u64,
    handed_out: u64,
}

impl<'p> Count<'p> {
    /// Starts to count; `estimate` is the rows of one reading.
    pub(super) fn new(report: impl FnMut(Progress) + 'p, estimate: u64) -> Self {
        Self {
            report: Box::new(report),
            done: 0,
            expected: estimate.saturating_mul(2).max(1),
            handed_out: 0,
        }
    }

    /// Counts a row of the first reading.
    pub(super) fn surveyed(&mut self) {
        self.row();
    }

    /// Counts a row of the second reading.
    pub(super) fn handed_out(&mut self) {
        self.handed_out += 1;
        self.row();
    }

    fn row(&mut self) {
        self.done += 1;
        if self.done.is_multiple_of(ROWS_PER_CALL) {
            // An estimate may be too low, and only the end is 100.
            let percent = (self.done.saturating_mul(100) / self.expected).min(99);
            self.report(u8::try_from(percent).unwrap_or(99));
        }
    }

    /// Reports the end.
    pub(super) fn finish(&mut self) {
        self.report(100);
    }

    fn report(&mut self, percent: u8) {
        (self.report)(Progress {
            percent,
            rows: self.handed_out,
        });
    }
}
