//! Finds out which sheet of a file holds what, or says exactly why that cannot be told.

use std::sync::Arc;

use super::CleanRow;
use crate::error::Error;
use crate::header::{Fit, Layout, Recognised, SheetKind, header_texts, recognise};
use crate::ledger::{Entry, Rule, quoted, quoted_list};
use crate::source::{Format, SourceFile};

/// The rows that are searched for a header: enough for a title, a logo and a note.
const HEADER_ROWS: usize = 20;

/// The most headers of one sheet that a message repeats.
const SHOWN_HEADERS: usize = 12;

/// A sheet that will be read.
pub(super) struct Sheet {
    pub(super) name: Arc<str>,
    pub(super) layout: Layout,
    /// The row number of the header.
    pub(super) header_row: u32,
}

impl Sheet {
    /// Makes a note on the sheet.
    pub(super) fn note(&self, entry: Entry) -> CleanRow {
        note(&self.name, entry)
    }
}

fn note(sheet: &Arc<str>, entry: Entry) -> CleanRow {
    CleanRow {
        sheet: Arc::clone(sheet),
        number: 0,
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
        let mut first: Option<Vec<String>> = None;
        let mut nearest: Option<Fit> = None;
        for (above, row) in file.rows(name)?.take(HEADER_ROWS).enumerate() {
            let row = row?;
            let headers = header_texts(&row.cells);
            match recognise(&headers) {
                Recognised::As(layout) => {
                    let kind = layout.kind;
                    let sheet = Sheet {
                        name: Arc::from(name),
                        layout,
                        header_row: row.number,
                    };
                    self.note_skipped(&sheet, above);
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

    /// Notes the rows above the header and the columns that will not be loaded.
    fn note_skipped(&mut self, sheet: &Sheet, above: usize) {
        if above > 0 {
            let entry = Entry::of(Rule::RowsAboveHeader).detail(format!(
                "the header is in row {}; rows above it that were not read: {above}",
                sheet.header_row
            ));
            self.notes.push(sheet.note(entry));
        }
        let ignored: Vec<&str> = sheet.layout.ignored().collect();
        if !ignored.is_empty() {
            let entry = Entry::of(Rule::ColumnsIgnored).detail(format!(
                "columns that {} have no place for and that were not loaded: {}",
                sheet.layout.kind.name(),
                quoted_list(ignored)
            ));
            self.notes.push(sheet.note(entry));
        }
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
