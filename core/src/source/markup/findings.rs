//! What the parts of a workbook hold, and how the sheets lead to their parts.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::Error;
use crate::source::merged::Area;

/// The parts that calamine reads by their name.
const READ_NAMES: [&str; 4] = [
    "workbook.xml",
    "sharedstrings.xml",
    "styles.xml",
    "theme1.xml",
];

/// What the parts of one workbook hold.
#[derive(Debug, Default)]
pub(in crate::source) struct Findings {
    pub(super) rows: u64,
    pub(super) shared_strings: u64,
    pub(super) held_bytes: u64,
    pub(super) longest_format: u64,
    pub(super) longest_font_name: u64,
    pub(super) targets: HashSet<String>,
    flaws: Vec<(String, Error)>,
    /// The relationship of each sheet, in the order of the workbook.
    pub(super) sheets: Vec<String>,
    /// The targets of the workbook's relationships.
    pub(super) relations: HashMap<String, String>,
    /// By part, for those of which there is something to tell.
    outlines: HashMap<String, SheetOutline>,
}

/// What is known of a workbook before it is opened.
pub(in crate::source) struct Outline {
    /// The rows of all sheets as they are written.
    pub(in crate::source) rows: u64,
    /// In the order of the workbook; sheets may share a part.
    pub(in crate::source) sheets: Vec<Arc<SheetOutline>>,
}

/// What is known of a sheet before its cells are read.
#[derive(Debug, Default)]
pub(in crate::source) struct SheetOutline {
    /// The merged cells at its top.
    pub(in crate::source) merged: Vec<Area>,
    /// The formulas without a stored result, by their column from 1; 0 for cells that name none.
    formulas: BTreeMap<u32, Formulas>,
    /// The row and the column from 1 of each cell with an error value that calamine does not know,
    /// in the order of the file; `None` for a cell that names none.
    pub(in crate::source) errors: Vec<Option<(u32, u32)>>,
}

/// Formulas of one column.
#[derive(Debug)]
struct Formulas {
    first_row: u32,
    cells: u64,
}

/// Cells of one column that have a formula, and no result of it in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResultlessFormulas {
    /// The row from 1 and the column from 0 of the first of them; `None` for cells of which the
    /// file does not say where they are.
    pub first: Option<(u32, usize)>,
    /// How many they are.
    pub cells: u64,
}

impl SheetOutline {
    /// Counts a formula without a result, and tells how many bytes that took.
    pub(super) fn add_formula(&mut self, reference: Option<(u32, u32)>, columns: u32) -> u64 {
        /// Bytes of an entry of the map, with its share of the nodes.
        const ENTRY: u64 = 96;
        let (row, column) = reference.unwrap_or_default();
        if column > columns {
            return 0;
        }
        let mut bytes = 0;
        let formulas = self.formulas.entry(column).or_insert_with(|| {
            bytes = ENTRY;
            Formulas {
                first_row: row,
                cells: 0,
            }
        });
        formulas.cells += 1;
        bytes
    }

    /// Remembers where an unknown error value is, and tells how many bytes that took.
    pub(super) fn add_error(&mut self, reference: Option<(u32, u32)>) -> u64 {
        self.errors.push(reference);
        2 * size_of_val(&reference) as u64
    }

    /// Lists the formulas without a result, column by column.
    pub(in crate::source) fn formulas(&self) -> Vec<ResultlessFormulas> {
        let formulas = self.formulas.iter();
        formulas
            .map(|(column, formulas)| ResultlessFormulas {
                first: column
                    .checked_sub(1)
                    .map(|index| (formulas.first_row, index as usize)),
                cells: formulas.cells,
            })
            .collect()
    }
}

impl Findings {
    /// Records why a part cannot be read.
    pub(in crate::source) fn add_flaw(&mut self, part: &str, flaw: Error) {
        self.flaws.push((part.to_owned(), flaw));
    }

    /// Returns what is told of a part, to tell more of it.
    pub(super) fn outline(&mut self, part: &str) -> &mut SheetOutline {
        self.outlines.entry(part.to_owned()).or_default()
    }

    /// Returns what was found, or the first flaw of a part that would be read.
    pub(in crate::source) fn finish(self) -> Result<Outline, Error> {
        let Self {
            rows,
            targets,
            flaws,
            sheets,
            relations,
            outlines,
            ..
        } = self;
        let is_read = |part: &str| {
            let name = base_name(part);
            name.ends_with(".rels") || READ_NAMES.contains(&name) || targets.contains(name)
        };
        if let Some((_, flaw)) = flaws.into_iter().find(|(part, _)| is_read(part)) {
            return Err(flaw);
        }
        let outlines: HashMap<_, _> = outlines
            .into_iter()
            .map(|(part, outline)| (part, Arc::new(outline)))
            .collect();
        let outline = |relation: &String| {
            let target = relations.get(relation)?;
            let path = match target.strip_prefix('/') {
                Some(absolute) => absolute.to_owned(),
                None => format!("xl/{target}"),
            };
            outlines.get(&path).map(Arc::clone)
        };
        let sheets = sheets.iter();
        Ok(Outline {
            rows,
            sheets: sheets
                .map(|relation| outline(relation).unwrap_or_default())
                .collect(),
        })
    }
}

/// Returns the last part of a path.
pub(super) fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_names_are_the_last_part() {
        assert_eq!(base_name("xl/worksheets/sheet1.xml"), "sheet1.xml");
        assert_eq!(base_name("a\\b"), "b");
        assert_eq!(base_name("c"), "c");
    }

    #[test]
    fn formulas_are_counted_by_column() {
        let mut outline = SheetOutline::default();
        assert!(outline.add_formula(Some((2, 4)), 4) > 0);
        assert_eq!(outline.add_formula(Some((3, 4)), 4), 0);
        // Beyond the last column that may have a value.
        assert_eq!(outline.add_formula(Some((2, 5)), 4), 0);
        assert!(outline.add_formula(None, 4) > 0);
        assert_eq!(
            outline.formulas(),
            [
                ResultlessFormulas {
                    first: None,
                    cells: 1
                },
                ResultlessFormulas {
                    first: Some((2, 3)),
                    cells: 2
                },
            ]
        );
    }
}
