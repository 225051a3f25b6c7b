//! Headers that span several rows or columns.
//!
//! A file has the text of merged cells in the first of them only. Where headers are looked for,
//! each cell has the text of its area: a header over several rows counts for the row in which the
//! others stand, and one over several columns names the further ones `Header (2)`, `Header (3)`.

use super::pace::Pace;

/// The lowest row in which an area may start to matter, far below any header.
pub(super) const LOWEST_START: u32 = 1_000;
/// The most areas of one sheet that are kept: above a table stand tens of them.
pub(super) const AREAS: usize = 1_024;

/// Cells that were merged into one; all numbers count from 1 and are included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) top: u32,
    pub(super) left: u32,
    pub(super) bottom: u32,
    pub(super) right: u32,
}

/// The merged cells at the top of a sheet, whose rows are shown to it from the first one on.
#[derive(Debug, Clone)]
pub struct MergedCells {
    /// Each area with its text, once its first row was seen.
    areas: Vec<(Area, Option<String>)>,
    columns: u32,
    pace: Pace,
}

impl MergedCells {
    pub(super) fn new(areas: &[Area], limits: &super::Limits) -> Self {
        Self {
            areas: areas.iter().map(|area| (*area, None)).collect(),
            columns: limits.columns,
            pace: Pace::of(limits),
        }
    }

    /// Gives the empty cells of a row the text of the area that they belong to.
    pub fn spread(&mut self, row: u32, texts: &mut Vec<String>) {
        for (area, text) in &mut self.areas {
            self.pace.item();
            if !(area.top..=area.bottom).contains(&row) {
                continue;
            }
            let left = area.left.saturating_sub(1) as usize;
            if area.top == row {
                *text = texts.get(left).filter(|text| !text.is_empty()).cloned();
            }
            let Some(text) = text else {
                continue;
            };
            for (nth, column) in (left..area.right.min(self.columns) as usize).enumerate() {
                self.pace.item();
                if texts.len() <= column {
                    texts.resize(column + 1, String::new());
                }
                if let Some(free) = texts.get_mut(column).filter(|text| text.is_empty()) {
                    *free = match nth {
                        0 => text.clone(),
                        nth => format!("{text} ({})", nth + 1),
                    };
                }
            }
        }
    }

    /// Returns the last row of the areas that a row begins or crosses in the given columns, which
    /// count from 0; the row itself if there are none.
    #[must_use]
    pub fn last_row(&self, row: u32, columns: impl Fn(usize) -> bool) -> u32 {
        self.areas
            .iter()
            .map(|(area, _)| area)
            .filter(|area| (area.top..=area.bottom).contains(&row))
            .filter(|area| {
                area.left
                    .checked_sub(1)
                    .is_some_and(|left| columns(left as usize))
            })
            .map(|area| area.bottom)
            .fold(row, u32::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Limits;

    fn merged(areas: &[(u32, u32, u32, u32)]) -> MergedCells {
        let areas: Vec<Area> = areas
            .iter()
            .map(|(top, left, bottom, right)| Area {
                top: *top,
                left: *left,
                bottom: *bottom,
                right: *right,
            })
            .collect();
        MergedCells::new(&areas, &Limits::default())
    }

    fn spread(merged: &mut MergedCells, row: u32, texts: &[&str]) -> Vec<String> {
        let mut texts = texts.iter().map(|text| (*text).to_owned()).collect();
        merged.spread(row, &mut texts);
        texts
    }

    #[test]
    fn areas_give_their_text_to_all_their_cells() {
        // Over rows, over columns, over both.
        let mut merged = merged(&[(1, 1, 2, 1), (1, 2, 1, 3), (2, 5, 3, 6)]);
        assert_eq!(
            spread(&mut merged, 1, &["Date", "Contact", "", "x"]),
            ["Date", "Contact", "Contact (2)", "x"]
        );
        assert_eq!(
            spread(&mut merged, 2, &["", "Call", "", "", "Note"]),
            ["Date", "Call", "", "", "Note", "Note (2)"]
        );
        assert_eq!(
            spread(&mut merged, 3, &["a"]),
            ["a", "", "", "", "Note", "Note (2)"]
        );
        assert_eq!(spread(&mut merged, 4, &["a"]), ["a"]);
        assert_eq!(merged.last_row(1, |column| column == 0), 2);
        assert_eq!(merged.last_row(1, |column| column == 1), 1);
        assert_eq!(merged.last_row(2, |column| column == 4), 3);
        assert_eq!(merged.last_row(4, |_| true), 4);
    }

    #[test]
    fn an_area_without_text_gives_none() {
        let mut merged = merged(&[(1, 1, 2, 2)]);
        assert_eq!(spread(&mut merged, 1, &["", "b"]), ["", "b"]);
        assert_eq!(spread(&mut merged, 2, &[]), Vec::<String>::new());
    }

    #[test]
    fn a_hostile_area_is_as_wide_as_the_limit() {
        let mut merged = merged(&[(1, 1, 9_999_999, 18_278)]);
        let texts = spread(&mut merged, 1, &["a"]);
        assert_eq!((texts.len(), texts[255].as_str()), (256, "a (256)"));
    }
}
