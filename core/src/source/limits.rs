//! What a file may cost before it is refused.
//!
//! Running out of memory aborts the whole database server, so nothing that a file declares
//! about itself is believed: each limit is checked against what was really read.

const MIB: u64 = 1024 * 1024;

/// The limits under which a file is read.
///
/// ```
/// use rapport_core::source::Limits;
/// let limits = Limits { columns: 64, ..Limits::default() };
/// assert_eq!(limits.sheet_rows, 1_048_576);
/// ```
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of a workbook, which is held in memory; 128 MiB by default.
    pub file_bytes: u64,
    /// Bytes of a text, which is streamed; 64 GiB by default.
    pub stream_bytes: u64,
    /// The highest row number of a worksheet; Excel's own 1 048 576 by default.
    pub sheet_rows: u32,
    /// The highest record number of a delimited file or a table; 2 147 483 647 by default, the
    /// highest row number that an SQL `integer` holds.
    pub csv_rows: u32,
    /// The highest column number in which a cell may have a value; 256 by default.
    pub columns: u32,
    /// Cells of one sheet, empty ones that are written in the file included; 100 000 000 by
    /// default.
    pub cells: u64,
    /// Cells of a delimited file or a table, empty ones included; 256 for each row that it may
    /// have by default.
    pub csv_cells: u64,
    /// UTF-8 bytes of one cell; 131 072 by default, Excel's 32 767 characters at their longest.
    pub cell_bytes: usize,
    /// Files inside a workbook's archive; 4 096 by default.
    pub zip_entries: usize,
    /// Bytes of one file of the archive once inflated; 512 MiB by default.
    pub entry_bytes: u64,
    /// Bytes of all files of the archive once inflated; 1 GiB by default.
    pub inflated_bytes: u64,
    /// Inflated bytes for one compressed byte, for a file of the archive beyond 16 MiB; 200 by
    /// default. Real worksheets stay below 50, a bomb is near 1 000.
    pub inflation_ratio: u64,
    /// Strings in the table that a workbook's sheets share; 2 000 000 by default.
    pub shared_strings: u64,
    /// Estimated bytes that a workbook keeps in memory while it is open (shared strings, styles,
    /// names); 256 MiB by default.
    pub held_bytes: u64,
    /// Bytes of rows that an import keeps in memory so that it need not parse them twice; 24 MiB by
    /// default, some 150 000 interactions.
    pub row_bytes: usize,
    /// Called every 64 KiB that are read and every 1 024 rows or cells at the latest, so that a
    /// caller may raise out of a long reading by a panic; does nothing by default. A reader that
    /// was left so is at its end.
    pub checkpoint: fn(),
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 128 * MIB,
            stream_bytes: 64 * 1024 * MIB,
            sheet_rows: 1_048_576,
            csv_rows: i32::MAX.unsigned_abs(),
            columns: 256,
            cells: 100_000_000,
            csv_cells: 256 * i32::MAX as u64,
            cell_bytes: 131_072,
            zip_entries: 4_096,
            entry_bytes: 512 * MIB,
            inflated_bytes: 1024 * MIB,
            inflation_ratio: 200,
            shared_strings: 2_000_000,
            held_bytes: 256 * MIB,
            row_bytes: 24 * MIB as usize,
            checkpoint: || (),
        }
    }
}
