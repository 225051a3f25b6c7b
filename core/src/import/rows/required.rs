//! Reads the cells that a record cannot do without: whoever it is about, and when.

use std::borrow::Cow;

use jiff::civil::{Date, DateTime};

use super::RowCleaner;
use super::cells::{customer, is_blank, month, start, wrong_type};
use super::draft::Draft;
use crate::cell::Cell;
use crate::customer_id::{clean_customer_id, clean_customer_ids};
use crate::error::Error;
use crate::header::{Field, Place};
use crate::import::columns::ColumnRules;
use crate::label::{check_length, tidy};
use crate::ledger::{Action, Cleaned, Rule, quoted};

impl RowCleaner {
    /// Reads a cell.
    fn read<T>(
        &self,
        draft: &mut Draft,
        field: Field,
        (missing, unreadable): (Rule, Rule),
        read: impl Fn(&Cell, &ColumnRules) -> Result<Cleaned<T>, Error>,
        after: impl Fn(&T) -> String,
    ) -> Option<T> {
        let (place, rules) = self.place(field)?;
        let cell = draft.cells.get(place.index).unwrap_or(&Cell::Empty);
        match read(cell, rules) {
            Ok(cleaned) => return Some(draft.accept(place, cleaned, after)),
            Err(_) if is_blank(cell) => reject(draft, place, missing, None),
            Err(reason) => reject(draft, place, unreadable, Some(&reason)),
        }
        None
    }

    pub(super) fn one_customer(&self, draft: &mut Draft) -> Option<i64> {
        let rules = (Rule::CustomerMissing, Rule::CustomerUnreadable);
        self.read(
            draft,
            Field::CustomerId,
            rules,
            |cell, _| customer(cell, clean_customer_id, |id| id),
            i64::to_string,
        )
    }

    pub(super) fn customers(&self, draft: &mut Draft) -> Option<Vec<i64>> {
        let rules = (Rule::CustomerMissing, Rule::CustomerUnreadable);
        let list = |ids: &Vec<i64>| {
            ids.iter()
                .map(i64::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        };
        self.read(
            draft,
            Field::Customers,
            rules,
            |cell, _| customer(cell, clean_customer_ids, |id| vec![id]),
            list,
        )
    }

    pub(super) fn start(&self, draft: &mut Draft) -> Option<DateTime> {
        let rules = (Rule::DateMissing, Rule::DateUnreadable);
        self.read(draft, Field::Start, rules, start, |at| {
            at.strftime("%Y-%m-%d %H:%M:%S%.f").to_string()
        })
    }

    pub(super) fn month(&self, draft: &mut Draft) -> Option<Date> {
        let rules = (Rule::MonthMissing, Rule::MonthUnreadable);
        self.read(draft, Field::Month, rules, month, Date::to_string)
    }

    /// Rejects a row without a product. The cell is read later: a rejected row keeps it.
    pub(super) fn require_product(&self, draft: &mut Draft) {
        let Some((place, _)) = self.place(Field::Product) else {
            return;
        };
        let cell = draft.cells.get(place.index).filter(|cell| !is_blank(cell));
        let (rule, reason) = match cell {
            None => (Rule::ProductMissing, None),
            Some(Cell::Error(_)) => (
                Rule::ProductMissing,
                cell.map(|cell| wrong_type(cell, "a product is expected")),
            ),
            Some(cell) => match check_length(&tidy(&cell.text()).value) {
                Ok(()) => return,
                Err(reason) => (Rule::LabelTooLong, Some(reason)),
            },
        };
        reject(draft, place, rule, reason.as_ref());
    }
}

/// Rejects the row for one of its cells; without a reason the cell is empty.
fn reject(draft: &mut Draft, place: &Place, rule: Rule, reason: Option<&Error>) {
    let before = draft.cells.get(place.index).map(Cell::text);
    let reason = reason.map_or_else(
        || format!("{} is empty", quoted(&place.header)),
        ToString::to_string,
    );
    let mut entry = draft.entry(place, rule).detail(reason);
    // Also by a rule that puts a cell right where the row can do without it.
    entry.action = Action::Rejected;
    entry.before = before.filter(|text| !text.is_empty()).map(Cow::into_owned);
    draft.rejected.push(entry);
}
