//! What a first reading keeps of each column, and the rules that follow from it for the second.

use super::dates::DateEvidence;
use super::labels::{LabelRules, SeenLabels};
use super::plan::Sheet;
use super::{CleanRow, ImportOptions};
use crate::cell::Cell;
use crate::error::Error;
use crate::header::{Field, Layout};
use crate::ledger::{Entry, Rule, quoted};
use crate::source::Row;
use crate::timestamp::DateOrder;

/// What a first reading of a sheet found out.
pub(super) struct Survey {
    rows: u64,
    /// By place of the layout, with the index of its cell.
    columns: Vec<(usize, Seen)>,
    stray: StrayCells,
}

enum Seen {
    Dates(DateEvidence),
    Labels(SeenLabels),
    /// A column whose cells are read one by one.
    Cells,
}

/// The cells in columns without a header.
#[derive(Default)]
struct StrayCells {
    cells: u64,
    /// The first of them, in words.
    first: Option<String>,
}

/// How the cells of a column are read; parallel to the places of the layout.
pub(super) enum ColumnRules {
    Dates(DateOrder),
    Labels(LabelRules),
    Cells,
}

/// What a first reading of a sheet decides for the second.
pub(super) struct Decisions {
    pub(super) rules: Vec<ColumnRules>,
    /// The order of the dates of interactions, for a sheet of interactions.
    pub(super) date_order: Option<DateOrder>,
}

impl Survey {
    pub(super) fn new(layout: &Layout) -> Self {
        let seen = |field: Field| match field.label_kind() {
            Some(kind) => Seen::Labels(SeenLabels::new(kind)),
            None if matches!(field, Field::Start | Field::Month) => {
                Seen::Dates(DateEvidence::default())
            }
            None => Seen::Cells,
        };
        let columns = layout
            .places
            .iter()
            .map(|place| (place.index, seen(place.field)));
        Self {
            rows: 0,
            columns: columns.collect(),
            stray: StrayCells::default(),
        }
    }

    /// Counts the rows that were read.
    pub(super) const fn rows(&self) -> u64 {
        self.rows
    }

    /// Takes note of a row; it is not kept.
    pub(super) fn row(&mut self, mut row: Row, layout: &Layout) {
        self.rows += 1;
        self.stray.row(&row, &layout.headers);
        for (index, seen) in &mut self.columns {
            let Some(cell) = row.cells.get_mut(*index) else {
                continue;
            };
            match (seen, cell) {
                (Seen::Dates(evidence), Cell::Text(text)) => evidence.cell(text, row.number),
                (Seen::Labels(labels), cell) => {
                    if let Some(text) = label_text(cell) {
                        labels.cell(text);
                    }
                }
                _ => {}
            }
        }
    }

    /// Decides the rules of every column, and notes those that concern a whole column.
    pub(super) fn decide(
        self,
        sheet: &Sheet,
        options: &ImportOptions,
        notes: &mut Vec<CleanRow>,
    ) -> Result<Decisions, Error> {
        let mut rules = Vec::with_capacity(self.columns.len());
        let mut date_order = None;
        for ((_, seen), place) in self.columns.into_iter().zip(&sheet.layout.places) {
            let (rule, entry) = match seen {
                Seen::Cells => (ColumnRules::Cells, None),
                Seen::Labels(labels) => {
                    let (rules, entry) = labels.decide(&place.header, &options.known);
                    (ColumnRules::Labels(rules), entry)
                }
                Seen::Dates(evidence) => {
                    let (order, entry) =
                        evidence.decide(sheet, &place.header, options.date_order)?;
                    if place.field == Field::Start {
                        date_order = Some(order);
                    }
                    (ColumnRules::Dates(order), entry)
                }
            };
            notes.extend(entry.map(|entry| sheet.note(entry)));
            rules.push(rule);
        }
        notes.extend(self.stray.note().map(|entry| sheet.note(entry)));
        Ok(Decisions { rules, date_order })
    }
}

impl StrayCells {
    fn row(&mut self, row: &Row, headers: &[String]) {
        if row.cells.len() <= headers.len() && !headers.iter().any(String::is_empty) {
            return;
        }
        for (index, cell) in row.cells.iter().enumerate() {
            if headers.get(index).is_none_or(String::is_empty) && !cell.is_empty() {
                self.cells += 1;
                self.first.get_or_insert_with(|| {
                    format!(
                        "{} in row {}, column {}",
                        quoted(&cell.text()),
                        row.number,
                        index + 1
                    )
                });
            }
        }
    }

    fn note(self) -> Option<Entry> {
        let first = self.first?;
        Some(Entry::of(Rule::CellsIgnored).detail(format!(
            "cells in columns without a header that were not loaded: {} (the first is {first})",
            self.cells
        )))
    }
}

/// Takes the text of a label out of its cell; `None` for an empty cell and an error.
pub(super) fn label_text(cell: &mut Cell) -> Option<String> {
    match cell {
        Cell::Empty | Cell::Error(_) => None,
        Cell::Text(text) => Some(std::mem::take(text)).filter(|text| !text.is_empty()),
        Cell::Number(_) | Cell::DateTime(_) | Cell::Bool(_) => Some(cell.text().into_owned()),
    }
}
