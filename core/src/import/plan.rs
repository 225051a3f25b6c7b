//! Finds out which sheet of a file holds what, or says exactly why that cannot be told.

use std::sync::Arc;

use super::CleanRow;
use super::kept::KeptColumns;
use crate::cell::Cell;
use crate::error::Error;
use crate::header::{Fit, Layout, Place, Recognised, SheetKind, header_texts, recognise};
use crate::ledger::{ABOVE_HEADER, Entry, ObjectText, Rule, quoted, quoted_list};
use crate::source::{Format, ResultlessFormulas, Row, SourceFile, reference};

/// The rows that are searched for a header: enough for a title, a logo and a note.
const HEADER_ROWS: usize = 20;

/// The most headers of one sheet that a message repeats.
const SHOWN_HEADERS: usize = 12;

/// A sheet that will be read.
pub(super) struct Sheet {
    pub(super) name: Arc<str>,
    pub(super) layout: Layout,
    pub(super) kept: KeptColumns,
    /// The row number of the header.
    pub(super) header_row: u32,
    /// Whether the days of date cells count from 1904.
    pub(super) is_1904: bool,
}

impl Sheet {
    /// Makes a note on the sheet.
    pub(super) fn note(&self, entry: Entry) -> CleanRow {
        note(&self.name, entry)
    }

    /// Starts an entry on a whole column; its cell is the header.
    pub(super) fn column(&self, place: &Place, rule: Rule) -> Entry {
        place.entry(rule, self.header_row)
    }

    /// Notes what each column is taken for; `cells` are those of the header.
    fn headers(&self, cells: &[Cell]) -> Vec<CleanRow> {
        let text = |index| cells.get(index).map(Cell::text).unwrap_or_default();
        let kind = self.layout.kind.name();
        let mapped = self.layout.places.iter().map(|place| {
            let field = place.field.name();
            self.column(place, Rule::HeaderMapped)
                .change(&text(place.index), Some(field))
                .detail(format!("the column is {field} of {kind}"))
        });
        let kept = self.kept.without_place().iter().filter_map(|&index| {
            let header = self
                .layout
                .headers
                .get(index)
                .filter(|header| !header.is_empty())?;
            let key = self.kept.key(index);
            let entry = Entry::of(Rule::ColumnKept)
                .column(header)
                .cell(self.header_row, index)
                .field(EXTRA)
                .change(&text(index), Some(&key));
            Some(entry.detail(format!("{kind} have no place for the column")))
        });
        mapped.chain(kept).map(|entry| self.note(entry)).collect()
    }

    /// Notes formulas of a column whose cells count as empty.
    fn formulas(&self, formulas: &ResultlessFormulas) -> CleanRow {
        let entry = Entry::of(Rule::FormulaWithoutValue);
        let (entry, which) = match formulas.first {
            Some((row, index)) => {
                let mut places = self.layout.places.iter();
                let entry = match places.find(|place| place.index == index) {
                    Some(place) => place.entry(entry.rule, row),
                    None => {
                        let header = self.layout.headers.get(index);
                        let header = header.map(String::as_str).unwrap_or_default();
                        entry.column(header).cell(row, index).field(EXTRA)
                    }
                };
                (entry, "of the column")
            }
            None => (entry, "without a reference"),
        };
        self.note(entry.detail(format!(
            "cells {which} that have a formula and no stored result: {}; open the workbook in a \
             spreadsheet program and save it, so that results are stored",
            formulas.cells
        )))
    }
}

/// The field of a column that has no place.
pub(super) const EXTRA: &str = "extra";

fn note(sheet: &Arc<str>, entry: Entry) -> CleanRow {
    CleanRow {
        sheet: Arc::clone(sheet),
        number: 0,
        is_repeat: false,
        record: None,
        entries: vec![entry],
    }
}

/// The sheets to read, and notes on what will not be read.
pub(super) struct Plan {
    pub(super) sheets: Vec<Sheet>,
    pub(super) notes: Vec<CleanRow>,
}

/// What was found in one sheet, for messages.
struct Finding {
    name: String,
    what: Found,
}

enum Found {
    Hidden,
    Empty,
    Kind {
        kind: SheetKind,
        headers: Vec<String>,
    },
    Other {
        headers: Vec<String>,
        nearest: Option<Fit>,
    },
}

impl Finding {
    fn describe(&self) -> String {
        let name = quoted(&self.name);
        match &self.what {
            Found::Hidden => format!("sheet {name} is hidden and was not read"),
            Found::Empty => format!("sheet {name} is empty"),
            Found::Kind { kind, headers } => {
                format!("sheet {name} holds {} ({})", kind.name(), listed(headers))
            }
            Found::Other {
                headers,
                nearest: None,
            } => format!("sheet {name} has {}", listed(headers)),
            Found::Other {
                headers,
                nearest: Some(fit),
            } => format!(
                "sheet {name} has {}, where {} would also need {}",
                listed(headers),
                fit.layout.kind.name(),
                quoted_list(fit.missing.iter().copied())
            ),
        }
    }
}

/// Lists the headers of a row that are not empty, but not hundreds of them.
fn listed(headers: &[String]) -> String {
    let named: Vec<&str> = headers
        .iter()
        .map(String::as_str)
        .filter(|text| !text.is_empty())
        .collect();
    let shown = quoted_list(named.iter().copied().take(SHOWN_HEADERS));
    match named.len().saturating_sub(SHOWN_HEADERS) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The rows above a header, of which the first texts are kept.
struct RowsAbove {
    rows: usize,
    texts: ObjectText,
}

impl RowsAbove {
    fn new() -> Self {
        Self {
            rows: 0,
            texts: ObjectText::new(ABOVE_HEADER),
        }
    }

    /// Adds a row, with its texts by cell.
    fn add(&mut self, row: &Row) {
        self.rows += 1;
        for (cell, column) in row.cells.iter().zip(0..) {
            if !cell.is_empty() {
                let name = reference(row.number.saturating_sub(1), column);
                self.texts.add(name.into(), cell.text());
            }
        }
    }

    /// Notes them, if there are any.
    fn entry(self, header_row: u32) -> Option<Entry> {
        let mut entry = Entry::of(Rule::RowsAboveHeader).detail(format!(
            "the header is in row {header_row}; rows above it that were not read: {}",
            self.rows
        ));
        entry.before = Some(self.texts.finish());
        (self.rows > 0).then_some(entry)
    }
}

impl Plan {
    /// Looks at the first rows of every sheet.
    pub(super) fn of(
        file: &mut SourceFile<'_>,
        file_name: &str,
        format: Format,
    ) -> Result<Self, Error> {
        let mut plan = Self {
            sheets: Vec::new(),
            notes: Vec::new(),
        };
        let mut findings = Vec::new();
        for sheet in file.sheets() {
            let what = if sheet.hidden {
                let entry = Entry::of(Rule::SheetHidden).detail(format!(
                    "sheet {} is hidden and was not read",
                    quoted(&sheet.name)
                ));
                plan.notes
                    .push(note(&Arc::from(sheet.name.as_str()), entry));
                Found::Hidden
            } else {
                plan.look_at(file, &sheet.name)?
            };
            findings.push(Finding {
                name: sheet.name,
                what,
            });
        }
        plan.check(file_name, format, &findings)?;
        for finding in &findings {
            if matches!(finding.what, Found::Other { .. } | Found::Empty) {
                let entry = Entry::of(Rule::SheetUnknown).detail(finding.describe());
                plan.notes
                    .push(note(&Arc::from(finding.name.as_str()), entry));
            }
        }
        Ok(plan)
    }

    /// Searches one sheet for its header, and takes it up if there is one.
    fn look_at(&mut self, file: &mut SourceFile<'_>, name: &str) -> Result<Found, Error> {
        let is_1904 = file.is_1904();
        let mut first: Option<Vec<String>> = None;
        let mut nearest: Option<Fit> = None;
        let mut merged = file.merged_cells(name);
        let formulas = file.resultless_formulas(name);
        let mut above = RowsAbove::new();
        for row in file.rows(name)?.take(HEADER_ROWS) {
            let row = row?;
            let mut headers = header_texts(&row.cells);
            merged.spread(row.number, &mut headers);
            match recognise(&headers) {
                Recognised::As(layout) => {
                    let kind = layout.kind;
                    let is_placed =
                        |column| layout.places.iter().any(|place| place.index == column);
                    // A header that was merged over rows ends with the last of them.
                    let header_row = merged.last_row(row.number, is_placed);
                    let sheet = Sheet {
                        name: Arc::from(name),
                        kept: KeptColumns::of(&layout),
                        layout,
                        header_row,
                        is_1904,
                    };
                    self.notes
                        .extend(above.entry(row.number).map(|entry| sheet.note(entry)));
                    self.notes.extend(sheet.headers(&row.cells));
                    let formulas = formulas.iter().map(|column| sheet.formulas(column));
                    self.notes.extend(formulas);
                    self.sheets.push(sheet);
                    return Ok(Found::Kind { kind, headers });
                }
                Recognised::Both(one, other) => {
                    return Err(Error::InvalidFile {
                        message: format!(
                            "sheet {} could hold {} as well as {}",
                            quoted(name),
                            one.name(),
                            other.name()
                        ),
                        detail: Some(format!("row {} has {}", row.number, listed(&headers))),
                        hint: Some("keep each kind in a sheet of its own".to_owned()),
                    });
                }
                Recognised::Not(Some(fit)) => {
                    let columns = |fit: &Fit| fit.layout.places.len();
                    if nearest
                        .as_ref()
                        .is_none_or(|best| columns(best) < columns(&fit))
                    {
                        nearest = Some(fit);
                    }
                }
                Recognised::Not(None) => {}
            }
            first.get_or_insert(headers);
            above.add(&row);
        }
        Ok(match (first, nearest) {
            (None, _) => Found::Empty,
            (Some(_), Some(fit)) => Found::Other {
                headers: fit.layout.headers.clone(),
                nearest: Some(fit),
            },
            (Some(headers), None) => Found::Other {
                headers,
                nearest: None,
            },
        })
    }

    /// Refuses a file in which a kind of sheet is missing or stands twice.
    fn check(&self, file_name: &str, format: Format, findings: &[Finding]) -> Result<(), Error> {
        let of_kind = |kind| {
            self.sheets
                .iter()
                .filter(move |sheet| sheet.layout.kind == kind)
        };
        for kind in SheetKind::ALL {
            let names: Vec<&str> = of_kind(kind).map(|sheet| &*sheet.name).collect();
            if names.len() > 1 {
                return Err(Error::InvalidFile {
                    message: format!(
                        "{} has several sheets of {}",
                        quoted(file_name),
                        kind.name()
                    ),
                    detail: Some(format!("they are {}", quoted_list(names))),
                    hint: Some("remove or hide all of them but one".to_owned()),
                });
            }
        }
        let missing: Vec<SheetKind> = SheetKind::ALL
            .into_iter()
            .filter(|kind| of_kind(*kind).next().is_none())
            .collect();
        let complete = match format {
            Format::Xlsx => missing.is_empty(),
            Format::Csv => !self.sheets.is_empty(),
        };
        if complete {
            return Ok(());
        }
        let needs = missing
            .iter()
            .map(|kind| kind.needs())
            .collect::<Vec<_>>()
            .join("; ");
        let found = findings
            .iter()
            .map(Finding::describe)
            .collect::<Vec<_>>()
            .join("; ");
        let found = if found.is_empty() {
            "no sheets".to_owned()
        } else {
            found
        };
        let (message, alternative) = match format {
            Format::Xlsx => {
                let names: Vec<&str> = missing.iter().map(|kind| kind.name()).collect();
                (
                    format!(
                        "{} has no sheet of {}",
                        quoted(file_name),
                        names.join(" and no sheet of ")
                    ),
                    "",
                )
            }
            Format::Csv => {
                let message = format!(
                    "{} holds no customers, interactions or products",
                    quoted(file_name)
                );
                (message, "one of: ")
            }
        };
        Err(Error::InvalidFile {
            message,
            detail: Some(format!("{alternative}{needs}; found: {found}")),
            hint: Some(format!(
                "name the columns in one of the first {HEADER_ROWS} rows; case, spaces and underscores do not matter"
            )),
        })
    }
}
