//! Reads the cells that a record cannot do without, by what the file says they are.

use std::borrow::Cow;

use jiff::civil::{Date, DateTime};

use crate::cell::Cell;
use crate::customer_id::customer_id_of_number;
use crate::error::Error;
use crate::import::columns::ColumnRules;
use crate::label::tidy;
use crate::ledger::{Cleaned, REJECTED, cut, quoted};
use crate::month::{clean_month, month_of_date};
use crate::timestamp::{DateOrder, Written, WrittenDate, check_year, clean_timestamp, date_of};

/// Tells whether a cell is empty for a person who looks at it.
pub(super) fn is_blank(cell: &Cell) -> bool {
    cell.is_empty() || matches!(cell, Cell::Text(text) if tidy(text).value.is_empty())
}

/// Refuses a cell of a type that has no place in the column.
pub(super) fn wrong_type(cell: &Cell, expected: &str) -> Error {
    let what = match cell {
        Cell::Number(_) => "a number",
        Cell::DateTime(_) => "a date",
        Cell::Bool(_) => "a truth value",
        Cell::Error(_) => "an error",
        Cell::Empty | Cell::Text(_) => "a text",
    };
    Error::invalid(format!(
        "{} is {what} where {expected}",
        quoted(&cell.text())
    ))
}

pub(super) fn customer<T>(
    cell: &Cell,
    of_text: impl Fn(&str) -> Result<Cleaned<T>, Error>,
    of_id: impl Fn(i64) -> T,
) -> Result<Cleaned<T>, Error> {
    match cell {
        Cell::Text(text) => of_text(text),
        Cell::Number(number) => Ok(Cleaned::untouched(of_id(customer_id_of_number(*number)?))),
        // Excel turns "1/4" into a date as it is typed.
        Cell::DateTime(_) => Err(wrong_type(
            cell,
            "a customer id is expected; format the cell as text",
        )),
        _ => Err(wrong_type(cell, "a customer id is expected")),
    }
}

pub(super) fn start(cell: &Cell, rules: &ColumnRules) -> Result<Cleaned<DateTime>, Error> {
    match (cell, rules) {
        (Cell::Text(text), ColumnRules::Dates(order)) => clean_timestamp(text, *order),
        (Cell::DateTime(at), _) => check_year(at.date()).map(|()| Cleaned::untouched(*at)),
        _ => Err(wrong_type(
            cell,
            "a date is expected; format the cell as a date",
        )),
    }
}

pub(super) fn month(cell: &Cell, rules: &ColumnRules) -> Result<Cleaned<Date>, Error> {
    match (cell, rules) {
        (Cell::Text(text), ColumnRules::Dates(order)) => month_of_text(text, *order),
        (Cell::DateTime(at), _) => month_of_date(at.date()),
        _ => Err(wrong_type(
            cell,
            "a month is expected; format the cell as text or as a date",
        )),
    }
}

/// Reads a month; a full date stands for its month in the order that the column has.
fn month_of_text(text: &str, order: DateOrder) -> Result<Cleaned<Date>, Error> {
    let tidied = tidy(text);
    let Ok(Written {
        date: date @ WrittenDate::YearLast { .. },
        ..
    }) = Written::read(&tidied.value)
    else {
        return clean_month(text);
    };
    let date = date_of(date, order)
        .map_err(|reason| Error::invalid(format!("{} {reason}", quoted(text))))?;
    let month = month_of_date(date)?;
    Ok(Cleaned {
        value: month.value,
        rules: tidied.rules.into_iter().chain(month.rules).collect(),
    })
}

/// Writes a row as a JSON object of its headers and texts, in the order of the file; a long one is
/// cut.
pub(super) fn row_text(headers: &[String], cells: &[Cell]) -> String {
    let mut row = String::from("{");
    for (index, cell) in cells.iter().enumerate() {
        if cell.is_empty() {
            continue;
        }
        // The bytes are at least the characters that are kept.
        if row.len() > 4 * REJECTED {
            break;
        }
        let header = headers
            .get(index)
            .filter(|header| !header.is_empty())
            .map_or_else(
                || Cow::Owned(format!("column {}", index + 1)),
                |header| Cow::Borrowed(header.as_str()),
            );
        if row.len() > 1 {
            row.push(',');
        }
        for (text, end) in [(header, ":"), (cell.text(), "")] {
            // Cut before it is quoted: one more character than is kept shows that it was longer.
            let text: String = text.chars().take(REJECTED + 1).collect();
            row.push_str(&serde_json::Value::from(text).to_string());
            row.push_str(end);
        }
    }
    row.push('}');
    cut(&row, REJECTED)
}
