//! The sheets as an Excel workbook, with a fixed creation time so that its bytes never change.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use crate::sheet::{Cell, Sheet};

/// Renders the workbook.
///
/// # Errors
/// What the writer refuses: a sheet name or a cell outside Excel's limits.
pub(crate) fn render(sheets: &[Sheet]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let properties = DocProperties::new()
        .set_title("External interactions 2019 and 2020")
        .set_creation_datetime(&ExcelDateTime::from_ymd(2021, 1, 4)?);
    workbook.set_properties(&properties);
    for sheet in sheets {
        fill(workbook.add_worksheet(), sheet)?;
    }
    workbook.save_to_buffer()
}

fn fill(worksheet: &mut Worksheet, sheet: &Sheet) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    let moment = Format::new().set_num_format("dd/mm/yyyy hh:mm");
    let month = Format::new().set_num_format("mm-yyyy");
    worksheet.set_name(sheet.name)?;
    for (column, header) in (0u16..).zip(sheet.headers) {
        worksheet.write_string_with_format(0, column, *header, &bold)?;
        worksheet.set_column_width(column, 24)?;
    }
    for (row, cells) in (1u32..).zip(&sheet.rows) {
        for (column, cell) in (0u16..).zip(&cells.cells) {
            match *cell {
                Cell::Empty => continue,
                Cell::Text(text) => worksheet.write_string(row, column, text)?,
                Cell::Number(number) => worksheet.write_number(row, column, number)?,
                Cell::Moment(y, m, d, hour, minute) => {
                    let date =
                        ExcelDateTime::from_ymd(y, m, d)?.and_hms(u16::from(hour), minute, 0)?;
                    worksheet.write_datetime_with_format(row, column, &date, &moment)?
                }
                Cell::Month(y, m) => {
                    let date = ExcelDateTime::from_ymd(y, m, 1)?;
                    worksheet.write_datetime_with_format(row, column, &date, &month)?
                }
            };
        }
    }
    Ok(())
}
