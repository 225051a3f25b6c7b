//! The form in which most dates of a column are written, and the dates that are written otherwise.

use super::plan::Sheet;
use crate::header::Place;
use crate::ledger::{Cleaned, Entry, Rule};
use crate::timestamp::{DateForm, DateOrder, Habits, Layout, Shape, USUAL_HABITS};

/// The most layouts of a column that are counted: a column has one or two, and those that come
/// first are among the common ones.
const LAYOUTS: usize = 8;

/// The forms of the dates of a column that are text.
#[derive(Debug, Default)]
pub(super) struct SeenForms {
    /// Those that are dates, in whatever form.
    cells: u64,
    layouts: Vec<SeenLayout>,
}

#[derive(Debug)]
struct SeenLayout {
    layout: Layout,
    cells: u64,
    /// How often each habit was seen not to be there, and to be there.
    habits: [[u64; 2]; 4],
}

impl SeenForms {
    /// Takes note of a date.
    pub(super) fn count(&mut self, shape: &Shape) {
        self.cells += 1;
        let Some(layout) = shape.layout else {
            return;
        };
        let known = self.layouts.iter().position(|seen| seen.layout == layout);
        if known.is_none() {
            if self.layouts.len() == LAYOUTS {
                return;
            }
            self.layouts.push(SeenLayout {
                layout,
                cells: 0,
                habits: [[0; 2]; 4],
            });
        }
        let seen = match known {
            Some(index) => self.layouts.get_mut(index),
            None => self.layouts.last_mut(),
        };
        if let Some(seen) = seen {
            seen.cells += 1;
            for (counts, habit) in seen.habits.iter_mut().zip(shape.habits) {
                let [without, with] = counts;
                *without += u64::from(habit == Some(false));
                *with += u64::from(habit == Some(true));
            }
        }
    }

    /// Decides the form of the column: its commonest layout, of those the first, with the habits of
    /// most of its dates.
    pub(super) fn commonest(&self, order: DateOrder) -> Option<DateForm> {
        let best = self
            .layouts
            .iter()
            .reduce(|best, seen| if seen.cells > best.cells { seen } else { best })?;
        let mut habits: Habits = USUAL_HABITS.map(Some);
        for (habit, [without, with]) in habits.iter_mut().zip(best.habits) {
            if without != with {
                *habit = Some(with > without);
            }
        }
        Some(DateForm::new(best.layout, habits, order))
    }

    /// Notes the form on its column.
    pub(super) fn note(&self, form: DateForm, sheet: &Sheet, place: &Place) -> Entry {
        let mut entry = sheet.column(place, Rule::FormFound).detail(format!(
            "dates of the column that are text: {}; one in another form has an entry with its text",
            self.cells
        ));
        entry.after = Some(form.to_string());
        entry
    }
}

/// How the dates of a column are read, and how most of them are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct DateRules {
    pub(super) order: DateOrder,
    /// `None` when no text of the column is a date.
    pub(super) form: Option<DateForm>,
}

impl DateRules {
    /// Adds the rule for a text that the form of the column does not write back, unless another
    /// rule enters that text already.
    pub(super) fn checked<T>(&self, mut cleaned: Cleaned<T>, shape: &Shape) -> Cleaned<T> {
        let fits = || self.form.is_some_and(|form| form.fits(shape));
        if cleaned.rules.is_empty() && !fits() {
            cleaned.rules.push(Rule::DateRewritten);
        }
        cleaned
    }
}
