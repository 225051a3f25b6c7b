//! Decides the order of day and month for a whole column, from the dates that allow only one.

use super::ImportOptions;
use super::forms::{DateRules, SeenForms};
use super::plan::Sheet;
use crate::cell::Cell;
use crate::error::Error;
use crate::header::Place;
use crate::label::tidy;
use crate::ledger::{Entry, Rule, quoted};
use crate::month::WrittenMonth;
use crate::timestamp::{DateOrder, Written, WrittenDate, day_of};

/// What the dates of a column say about their order, the day that they count from, and their form.
#[derive(Debug)]
pub(super) struct DateEvidence {
    /// Whether months are dates here.
    has_months: bool,
    /// Cells that are a day in one order at least.
    readable: u64,
    forms: SeenForms,
    /// Cells that are dates by their type: they have no order.
    typed: Proof,
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
    /// Starts a column of dates, or of months and dates that stand for them.
    pub(super) fn new(has_months: bool) -> Self {
        Self {
            has_months,
            readable: 0,
            forms: SeenForms::default(),
            typed: Proof::default(),
            day_first: Proof::default(),
            month_first: Proof::default(),
            either: Proof::default(),
        }
    }

    /// Takes note of a text cell; text that is no date in any order proves nothing.
    pub(super) fn cell(&mut self, text: &str, row: u32) {
        let tidied = tidy(text);
        if self.has_months
            && let Some(month) = WrittenMonth::read(&tidied.value)
        {
            if month.first_day().is_ok() {
                self.readable += 1;
                self.forms.count(&month.shape);
            }
            return;
        }
        let Ok(Written { date, shape, .. }) = Written::read(&tidied.value) else {
            return;
        };
        match (day_of(date, DateOrder::Dmy), day_of(date, DateOrder::Mdy)) {
            (None, None) => return,
            _ if matches!(date, WrittenDate::YearFirst { .. }) => {}
            (Some(_), None) => self.day_first.count(text, row),
            (None, Some(_)) => self.month_first.count(text, row),
            (Some(day_first), Some(month_first)) => {
                if day_first != month_first {
                    self.either.count(text, row);
                }
            }
        }
        self.readable += 1;
        self.forms.count(&shape);
    }

    /// Counts the cells that may be read; all others will be rejected.
    pub(super) const fn readable(&self) -> u64 {
        self.readable
    }

    /// Takes note of a date cell.
    pub(super) fn typed_cell(&mut self, cell: &Cell, row: u32) {
        self.readable += 1;
        // Only the first of them is ever shown, and writing a date costs more than reading it.
        if self.typed.cells == 0 {
            self.typed.count(&cell.text(), row);
        } else {
            self.typed.cells += 1;
        }
    }

    /// Decides how the column is read, with the entries that say why.
    pub(super) fn decide(
        self,
        sheet: &Sheet,
        place: &Place,
        options: &ImportOptions,
    ) -> Result<(DateRules, Vec<Entry>), Error> {
        let (order, mut entries) = self.order(sheet, place, options)?;
        let form = self.forms.commonest(order);
        entries.extend(form.map(|form| self.forms.note(form, sheet, place)));
        Ok((DateRules { order, form }, entries))
    }

    /// Decides the order, with the entries that say why; no entry when nothing hung on it.
    fn order(
        &self,
        sheet: &Sheet,
        place: &Place,
        options: &ImportOptions,
    ) -> Result<(DateOrder, Vec<Entry>), Error> {
        let mut entries = Vec::new();
        if sheet.is_1904 && self.typed.cells > 0 {
            let detail = format!(
                "the workbook counts days from 1904; date cells of the column: {}",
                self.typed.shown()
            );
            entries.push(sheet.column(place, Rule::Dates1904).detail(detail));
        }
        let order = match (&self.day_first.example, &self.month_first.example) {
            (Some(day_first), Some(month_first)) => {
                return Err(Error::MixedDateOrder {
                    sheet: sheet.name.to_string(),
                    column: place.header.clone(),
                    day_first: day_first.clone(),
                    month_first: month_first.clone(),
                });
            }
            (Some(_), None) => DateOrder::Dmy,
            (None, Some(_)) => DateOrder::Mdy,
            (None, None) => options.date_order,
        };
        let (rule, detail) = if self.day_first.cells + self.month_first.cells > 0 {
            let detail = format!(
                "read as {}; dates that can only be day/month/year: {}; only month/day/year: {}; that fit both: {}",
                order.words(),
                self.day_first.shown(),
                self.month_first.shown(),
                self.either.shown()
            );
            (Rule::OrderProven, detail)
        } else if self.either.cells > 0 {
            if options.policies.rejects(Rule::OrderAssumed) {
                return Err(self.refuse(sheet, place));
            }
            let detail = format!(
                "read as {} by the setting; no date proves an order, and dates that fit both: {}",
                order.words(),
                self.either.shown()
            );
            (Rule::OrderAssumed, detail)
        } else {
            return Ok((order, entries));
        };
        let mut entry = sheet.column(place, rule).detail(detail);
        entry.after = Some(order.name().to_owned());
        entries.push(entry);
        Ok((order, entries))
    }

    /// Refuses a column whose order would have to be assumed.
    fn refuse(&self, sheet: &Sheet, place: &Place) -> Error {
        let rule = Rule::OrderAssumed.name();
        Error::InvalidFile {
            message: format!(
                "no date in column {} of sheet {} proves the order of day and month",
                quoted(&place.header),
                quoted(&sheet.name)
            ),
            detail: Some(format!(
                "the policy of the rule {rule} is to reject; dates that fit both orders: {}",
                self.either.shown()
            )),
            hint: Some(format!(
                "write the dates as yyyy-mm-dd, or remove the policy of the rule {rule} and set the date order"
            )),
        }
    }
}
