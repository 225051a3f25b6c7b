//! What a first reading keeps of each column, and the rules that follow from it for the second.

use std::collections::HashMap;

use super::dates::DateEvidence;
use super::plan::Sheet;
use super::{CleanedFile, ImportOptions};
use crate::cell::Cell;
use crate::error::Error;
use crate::header::{Field, Layout};
use crate::label::tidy;
use crate::ledger::Rule;
use crate::source::Row;
use crate::spelling::{KnownSpellings, LabelKind, SpellingCount, choose};
use crate::timestamp::DateOrder;

/// What a first reading of a sheet found out, by place of its layout.
pub(super) struct Survey {
    columns: Vec<(usize, Seen)>,
}

enum Seen {
    Dates(DateEvidence),
    /// The cells of each text as the file writes it, and how many texts were seen before it.
    Labels(LabelKind, HashMap<String, (u64, usize)>),
    /// A column whose cells are read one by one.
    Cells,
}

/// How the cells of a column are read; parallel to the places of the layout.
pub(super) enum ColumnRules {
    Dates(DateOrder),
    Labels(Labels),
    Cells,
}

/// What becomes of each text of a column; `None` when it stays as it is.
pub(super) type Labels = HashMap<String, Option<Box<Label>>>;

/// A label that is not what the cell says.
pub(super) struct Label {
    /// The label; `None` when nothing but dirt was in the cell.
    pub(super) value: Option<String>,
    pub(super) rules: Vec<Rule>,
}

impl Survey {
    pub(super) fn new(layout: &Layout) -> Self {
        let seen = |field: Field| match field.label_kind() {
            Some(kind) => Seen::Labels(kind, HashMap::new()),
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
            columns: columns.collect(),
        }
    }

    /// Takes note of a row; it is not kept.
    pub(super) fn row(&mut self, mut row: Row) {
        for (index, seen) in &mut self.columns {
            let Some(cell) = row.cells.get_mut(*index) else {
                continue;
            };
            match (seen, cell) {
                (Seen::Dates(evidence), Cell::Text(text)) => evidence.cell(text, row.number),
                (Seen::Labels(_, texts), cell) => {
                    if let Some(text) = label_text(cell) {
                        match texts.get_mut(text.as_str()) {
                            Some((cells, _)) => *cells += 1,
                            None => {
                                let place = texts.len();
                                texts.insert(text, (1, place));
                            }
                        }
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
        cleaned: &mut CleanedFile,
    ) -> Result<Vec<ColumnRules>, Error> {
        let mut rules = Vec::with_capacity(self.columns.len());
        for ((_, seen), place) in self.columns.into_iter().zip(&sheet.layout.places) {
            rules.push(match seen {
                Seen::Cells => ColumnRules::Cells,
                Seen::Labels(kind, texts) => {
                    ColumnRules::Labels(labels(kind, texts, &options.known))
                }
                Seen::Dates(evidence) => {
                    let (order, entry) =
                        evidence.decide(sheet, &place.header, options.date_order)?;
                    cleaned.rows.extend(entry.map(|entry| sheet.note(entry)));
                    if place.field == Field::Start {
                        cleaned.date_order = order;
                    }
                    ColumnRules::Dates(order)
                }
            });
        }
        Ok(rules)
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

/// Decides what becomes of each distinct text of a column.
fn labels(kind: LabelKind, texts: HashMap<String, (u64, usize)>, known: &KnownSpellings) -> Labels {
    let mut count = SpellingCount::default();
    for (text, (cells, place)) in &texts {
        let tidied = tidy(text);
        if !tidied.value.is_empty() {
            count.add(&tidied.value, *cells, *place);
        }
    }
    let common = count.finish();
    let outcome = |text: &str| {
        let tidied = tidy(text);
        let mut rules = tidied.rules;
        let (spelling, rule) = choose(kind, &tidied.value, known, &common);
        rules.extend(rule);
        let value = Some(spelling).filter(|spelling| !spelling.is_empty());
        (spelling != text || spelling.is_empty()).then(|| {
            Box::new(Label {
                value: value.map(str::to_owned),
                rules,
            })
        })
    };
    texts
        .into_keys()
        .map(|text| {
            let label = outcome(&text);
            (text, label)
        })
        .collect()
}
