//! What a first reading keeps of each column, and the rules that follow from it for the second.

use std::collections::BTreeMap;

use super::dates::DateEvidence;
use super::forms::DateRules;
use super::labels::{LabelRules, SeenLabels};
use super::plan::{EXTRA, Sheet};
use super::{CleanRow, ImportOptions};
use crate::cell::Cell;
use crate::error::Error;
use crate::header::Field;
use crate::ledger::{Entry, HEADER, Rule, cut};
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

/// The cells of the columns without a header, by position.
#[derive(Default)]
struct StrayCells(BTreeMap<usize, Stray>);

/// The cells of one column without a header.
struct Stray {
    cells: u64,
    /// The row and the text of the first of them.
    row: u32,
    text: String,
}

/// How the cells of a column are read; parallel to the places of the layout.
pub(super) enum ColumnRules {
    Dates(DateRules),
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
    pub(super) fn new(sheet: &Sheet) -> Self {
        let seen = |field: Field| match field.label_kind() {
            Some(kind) => Seen::Labels(SeenLabels::new(kind)),
            None if matches!(field, Field::Start | Field::Month) => {
                Seen::Dates(DateEvidence::new(field == Field::Month))
            }
            None => Seen::Cells,
        };
        let columns = sheet
            .layout
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

    /// Counts rows that will be rejected, because their date cannot be read; there may be more.
    pub(super) fn unreadable(&self) -> u64 {
        let readable = self.columns.iter().filter_map(|(_, seen)| match seen {
            Seen::Dates(evidence) => Some(evidence.readable()),
            Seen::Labels(_) | Seen::Cells => None,
        });
        readable.min().map_or(0, |readable| self.rows - readable)
    }

    /// Takes note of a row; it is not kept.
    pub(super) fn row(&mut self, row: &Row, sheet: &Sheet) {
        self.rows += 1;
        self.stray.row(row, sheet);
        for (index, seen) in &mut self.columns {
            let Some(cell) = row.cells.get(*index) else {
                continue;
            };
            match (seen, cell) {
                (Seen::Dates(evidence), Cell::Text(text)) => evidence.cell(text, row.number),
                (Seen::Dates(evidence), cell @ Cell::DateTime(_)) => {
                    evidence.typed_cell(cell, row.number);
                }
                (Seen::Labels(_), Cell::Empty | Cell::Error(_)) => {}
                (Seen::Labels(labels), cell) => {
                    let text = cell.text();
                    if !text.is_empty() {
                        labels.cell(&text, row.number);
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
            let (rule, entries) = match seen {
                Seen::Cells => (ColumnRules::Cells, Vec::new()),
                Seen::Labels(labels) => {
                    let (rules, entries) = labels.decide(sheet, place, options);
                    (ColumnRules::Labels(rules), entries)
                }
                Seen::Dates(evidence) => {
                    let (rules, entries) = evidence.decide(sheet, place, options)?;
                    if place.field == Field::Start {
                        date_order = Some(rules.order);
                    }
                    (ColumnRules::Dates(rules), entries)
                }
            };
            notes.extend(entries.into_iter().map(|entry| sheet.note(entry)));
            rules.push(rule);
        }
        notes.extend(self.stray.entries(sheet).map(|entry| sheet.note(entry)));
        Ok(Decisions { rules, date_order })
    }
}

impl StrayCells {
    fn row(&mut self, row: &Row, sheet: &Sheet) {
        for (index, cell) in sheet.kept.cells(&row.cells) {
            let has_header = |header: &String| !header.is_empty();
            if sheet.layout.headers.get(index).is_some_and(has_header) {
                continue;
            }
            let stray = self.0.entry(index).or_insert_with(|| Stray {
                cells: 0,
                row: row.number,
                text: cut(&cell.text(), HEADER),
            });
            stray.cells += 1;
        }
    }

    fn entries(self, sheet: &Sheet) -> impl Iterator<Item = Entry> {
        self.0.into_iter().map(|(index, stray)| {
            Entry::of(Rule::ColumnWithoutHeader)
                .cell(stray.row, index)
                .field(EXTRA)
                .change(&stray.text, Some(&sheet.kept.key(index)))
                .detail(format!(
                    "cells of the column: {} (the first is in row {})",
                    stray.cells, stray.row
                ))
        })
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
