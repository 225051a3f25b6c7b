//! Reads one sheet of a workbook, and tells how much it holds and how long that took:
//! `cargo run --release -p rapport-core --example read_sheet -- FILE SHEET`

use std::error::Error;
use std::io::Write as _;
use std::time::Instant;
use std::{env, fs, io};

use rapport_core::source::{Format, Input, Limits, Row, SourceFile};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [file, sheet] = arguments.as_slice() else {
        return Err("expected FILE and SHEET".into());
    };
    let content = fs::read(file)?;

    let started = Instant::now();
    let input = Input::file(content, Format::Xlsx);
    let mut workbook = SourceFile::open(input, file, &Limits::default())?;
    let (mut rows, mut row) = (workbook.rows(sheet)?, Row::default());
    let (mut row_count, mut cell_count) = (0_u64, 0);
    while rows.read(&mut row)? {
        row_count += 1;
        cell_count += row.cells.len();
    }
    let seconds = started.elapsed().as_secs_f64();

    writeln!(
        io::stdout(),
        "{row_count} rows, {cell_count} cells, {seconds:.4} s"
    )?;
    Ok(())
}
