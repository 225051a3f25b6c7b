//! The rows of a sheet together with the file that they are read from.
//!
//! Rows borrow their file, so nothing could hold both: not a function that hands out one row at a
//! time, and not PostgreSQL between two of its calls. The two stand in one cell here.

use std::fmt;

use self_cell::{MutBorrow, self_cell};

use super::{Row, Rows, SourceFile};
use crate::Error;

self_cell!(
    struct OpenSheet<'a> {
        owner: MutBorrow<SourceFile<'a>>,

        #[covariant]
        dependent: Rows,
    }
);

/// The rows of one sheet of a file that it owns. It ends after the first error.
///
/// ```
/// use rapport_core::source::{Format, Input, Limits, Row, SourceFile};
/// # fn main() -> Result<(), rapport_core::Error> {
/// let input = Input::file(b"Date,Product\n01-2019,Sand\n".as_slice(), Format::Csv);
/// let file = SourceFile::open(input, "p.csv", &Limits::default())?;
/// let (mut rows, mut row) = (file.into_rows("p")?, Row::default());
/// while rows.read(&mut row)? {}
/// assert_eq!(row.number, 2);
/// assert_eq!(rows.into_file().row_estimate(), 3);
/// # Ok(())
/// # }
/// ```
pub struct SheetReader<'a>(OpenSheet<'a>);

impl<'a> SheetReader<'a> {
    pub(super) fn open(file: SourceFile<'a>, sheet: &str) -> Result<Self, Error> {
        OpenSheet::try_new(MutBorrow::new(file), |file| file.borrow_mut().rows(sheet)).map(Self)
    }

    /// Reads the next row in place of another one, whose memory it uses; false at the end.
    ///
    /// # Errors
    /// As [`Rows::read`].
    pub fn read(&mut self, row: &mut Row) -> Result<bool, Error> {
        self.0.with_dependent_mut(|_, rows| rows.read(row))
    }

    /// Gives the file back, for its next sheet.
    #[must_use]
    pub fn into_file(self) -> SourceFile<'a> {
        self.0.into_owner().into_inner()
    }
}

impl fmt::Debug for SheetReader<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SheetReader")
            .finish_non_exhaustive()
    }
}
