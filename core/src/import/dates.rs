//! Decides the order of day and month for a whole column, from the dates that allow only one.

use super::plan::Sheet;
use crate::error::Error;
use crate::label::tidy;
use crate::ledger::{Entry, Rule, quoted};
use crate::timestamp::{DateOrder, Written, WrittenDate, date_of};

/// What the text dates of a column say about their order.
#[derive(Debug, Default)]
pub(super) struct DateEvidence {
    day_first: Proof,
    month_first: Proof,
    /// Dates that are two different days in the two orders.
    either: Proof,
}

/// Cells that agree, and the first of them.
#[derive(Debug, Default)]
struct Proof {
    cells: u64,
    example: Option<String>,
}

impl Proof {
    fn count(&mut self, text: &str, row: u32) {
        self.cells += 1;
        self.example
            .get_or_insert_with(|| format!("{} in row {row}", quoted(text)));
    }

    fn shown(&self) -> String {
        match &self.example {
            Some(example) => format!("{} (the first is {example})", self.cells),
            None => "0".to_owned(),
        }
    }
}

impl DateEvidence {
    /// Takes note of a text cell; text that is no date in any order proves nothing.
    pub(super) fn cell(&mut self, text: &str, row: u32) {
        let tidied = tidy(text);
        let Ok(Written {
            date: date @ WrittenDate::YearLast { .. },
            ..
        }) = Written::read(&tidied.value)
        else {
            return;
        };
        match (date_of(date, DateOrder::Dmy), date_of(date, DateOrder::Mdy)) {
            (Ok(_), Err(_)) => self.day_first.count(text, row),
            (Err(_), Ok(_)) => self.month_first.count(text, row),
            (Ok(day_first), Ok(month_first)) if day_first != month_first => {
                self.either.count(text, row);
            }
            _ => {}
        }
    }

    /// Decides the order, with the entry that says why; no entry when nothing hung on it.
    pub(super) fn decide(
        self,
        sheet: &Sheet,
        header: &str,
        default: DateOrder,
    ) -> Result<(DateOrder, Option<Entry>), Error> {
        let order = match (&self.day_first.example, &self.month_first.example) {
            (Some(day_first), Some(month_first)) => {
                return Err(Error::MixedDateOrder {
                    sheet: sheet.name.to_string(),
                    column: header.to_owned(),
                    day_first: day_first.clone(),
                    month_first: month_first.clone(),
                });
            }
            (Some(_), None) => DateOrder::Dmy,
            (None, Some(_)) => DateOrder::Mdy,
            (None, None) if self.either.cells == 0 => return Ok((default, None)),
            (None, None) => {
                let detail = format!(
                    "read as {} by the setting; no date proves an order, and dates that fit both: {}",
                    default.words(),
                    self.either.shown()
                );
                let entry = Entry::of(Rule::OrderAssumed).column(header).detail(detail);
                return Ok((
                    default,
                    Some(Entry {
                        after: Some(default.name().to_owned()),
                        ..entry
                    }),
                ));
            }
        };
        let detail = format!(
            "read as {}; dates that can only be day/month/year: {}; only month/day/year: {}; that fit both: {}",
            order.words(),
            self.day_first.shown(),
            self.month_first.shown(),
            self.either.shown()
        );
        let entry = Entry::of(Rule::OrderProven).column(header).detail(detail);
        Ok((
            order,
            Some(Entry {
                after: Some(order.name().to_owned()),
                ..entry
            }),
        ))
    }
}
