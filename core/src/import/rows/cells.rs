//! Reads the cells that a record cannot do without, by what the file says they are.

use jiff::civil::{Date, DateTime, Time};

use crate::cell::Cell;
use crate::customer_id::customer_id_of_number;
use crate::error::Error;
use crate::import::columns::ColumnRules;
use crate::import::forms::DateRules;
use crate::label::tidy;
use crate::ledger::{Cleaned, Rule, add_rule, quoted};
use crate::month::{WrittenMonth, month_of_date};
use crate::timestamp::{Written, check_year, date_of, read_timestamp};

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
        (Cell::Text(text), ColumnRules::Dates(dates)) => {
            let (start, shape) = read_timestamp(text, dates.order)?;
            Ok(dates.checked(start, &shape))
        }
        (Cell::DateTime(at), _) => check_year(at.date()).map(|()| Cleaned::untouched(*at)),
        _ => Err(wrong_type(
            cell,
            "a date is expected; format the cell as a date",
        )),
    }
}

pub(super) fn month(cell: &Cell, rules: &ColumnRules) -> Result<Cleaned<Date>, Error> {
    match (cell, rules) {
        (Cell::Text(text), ColumnRules::Dates(dates)) => month_of_text(text, dates),
        (Cell::DateTime(at), _) => Ok(without_time(month_of_date(at.date())?, Some(at.time()))),
        _ => Err(wrong_type(
            cell,
            "a month is expected; format the cell as text or as a date",
        )),
    }
}

/// Reads a month; a full date stands for its month in the order that the column has.
fn month_of_text(text: &str, dates: &DateRules) -> Result<Cleaned<Date>, Error> {
    let tidied = tidy(text);
    let refused = |reason: String| Error::invalid(format!("{} {reason}", quoted(text)));
    if let Some(month) = WrittenMonth::read(&tidied.value) {
        let cleaned = Cleaned {
            value: month.first_day().map_err(refused)?,
            rules: tidied.rules,
        };
        return Ok(dates.checked(cleaned, &month.shape));
    }
    let Ok(Written { date, time, shape }) = Written::read(&tidied.value) else {
        return Err(refused("is not a month".to_owned()));
    };
    let date = date_of(date, dates.order).map_err(refused)?;
    let month = month_of_date(date)?;
    let month = Cleaned {
        value: month.value,
        rules: tidied.rules.into_iter().chain(month.rules).collect(),
    };
    Ok(dates.checked(without_time(month, time), &shape))
}

/// Enters a time of day that a month leaves out, as a day other than the first is.
fn without_time(mut month: Cleaned<Date>, time: Option<Time>) -> Cleaned<Date> {
    if time.is_some_and(|time| time != Time::midnight()) {
        add_rule(&mut month.rules, Rule::MonthOfDate);
    }
    month
}
