//! Names the columns that have no place in the database: their cells are kept beside the record.
//!
//! A key is the header; the second column with the same header has " (2)" behind it, and a column
//! without a header is called by its number. No two columns of a sheet have one key.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::cell::Cell;
use crate::header::Layout;
use crate::ledger::{HEADER, cut};

/// The keys of all columns of a sheet, and which of them have no place.
#[derive(Debug)]
pub(super) struct KeptColumns {
    /// By position, for the columns up to the last header.
    keys: Vec<String>,
    /// The positions below the header row that are no place of the layout, in their order.
    without_place: Vec<usize>,
}

impl KeptColumns {
    pub(super) fn of(layout: &Layout) -> Self {
        let placed: HashSet<usize> = layout.places.iter().map(|place| place.index).collect();
        let mut keys = Keys::default();
        // Headers come first: a column without one gives way.
        let named: Vec<Option<String>> = layout
            .headers
            .iter()
            .map(|header| (!header.is_empty()).then(|| keys.take(cut(header, HEADER))))
            .collect();
        Self {
            keys: named
                .into_iter()
                .enumerate()
                .map(|(index, key)| key.unwrap_or_else(|| keys.take(number_key(index))))
                .collect(),
            without_place: (0..layout.headers.len())
                .filter(|index| !placed.contains(index))
                .collect(),
        }
    }

    /// Returns the key of a column, with or without a place.
    pub(super) fn key(&self, index: usize) -> Cow<'_, str> {
        match self.keys.get(index) {
            Some(key) => Cow::Borrowed(key),
            None => {
                let mut key = number_key(index);
                while self.keys.contains(&key) {
                    key.push_str(" (2)");
                }
                Cow::Owned(key)
            }
        }
    }

    /// Lists the positions of the columns with a header that have no place.
    pub(super) fn without_place(&self) -> &[usize] {
        &self.without_place
    }

    /// Lists the cells of a row that have no place and are not empty.
    pub(super) fn cells<'c>(&self, cells: &'c [Cell]) -> impl Iterator<Item = (usize, &'c Cell)> {
        self.without_place
            .iter()
            .copied()
            .chain(self.keys.len()..cells.len())
            .filter_map(|index| Some((index, cells.get(index)?)))
            .filter(|(_, cell)| !cell.is_empty())
    }
}

fn number_key(index: usize) -> String {
    format!("column {}", index + 1)
}

/// Hands out keys, each once.
#[derive(Default)]
struct Keys {
    taken: HashSet<String>,
    /// How often each key was asked for, so that a header that stands a thousand times costs a
    /// thousand steps and not a million.
    asked: HashMap<String, usize>,
}

impl Keys {
    fn take(&mut self, key: String) -> String {
        let count = self.asked.entry(key.clone()).or_default();
        loop {
            *count += 1;
            let numbered = match *count {
                1 => key.clone(),
                count => format!("{key} ({count})"),
            };
            if self.taken.insert(numbered.clone()) {
                return numbered;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header::{Recognised, recognise};

    fn kept(headers: &[&str]) -> KeptColumns {
        let headers: Vec<String> = headers.iter().map(|&header| header.to_owned()).collect();
        let Recognised::As(layout) = recognise(&headers) else {
            panic!("not recognised");
        };
        KeptColumns::of(&layout)
    }

    fn keys(kept: &KeptColumns, count: usize) -> Vec<String> {
        (0..count)
            .map(|index| kept.key(index).into_owned())
            .collect()
    }

    #[test]
    fn every_column_has_a_key_of_its_own() {
        let kept = kept(&[
            "Date", "Region", "Product", "", "Price", "Product", "Product",
        ]);
        assert_eq!(kept.without_place(), [1, 3, 4, 5, 6]);
        assert_eq!(
            keys(&kept, 9),
            [
                "Date",
                "Region",
                "Product",
                "column 4",
                "Price",
                "Product (2)",
                "Product (3)",
                "column 8",
                "column 9"
            ]
        );
    }

    #[test]
    fn headers_that_look_like_made_up_keys_are_no_trap() {
        let kept = kept(&[
            "Product (2)",
            "Date",
            "Product",
            "Product",
            "",
            "column 5",
            "column 8",
        ]);
        assert_eq!(
            keys(&kept, 8),
            [
                "Product (2)",
                "Date",
                "Product",
                "Product (3)",
                "column 5 (2)",
                "column 5",
                "column 8",
                "column 8 (2)"
            ]
        );
    }

    #[test]
    fn cells_that_are_empty_are_not_kept() {
        let kept = kept(&["Date", "Region", "Product", ""]);
        let text = |text: &str| Cell::Text(text.to_owned());
        let cells = [
            text("01-2019"),
            text(" "),
            text("Sand"),
            text("x"),
            Cell::Empty,
            Cell::Bool(true),
        ];
        let found: Vec<usize> = kept.cells(&cells).map(|(index, _)| index).collect();
        assert_eq!(found, [3, 5]);
        assert_eq!(kept.cells(&cells[..1]).count(), 0);
    }
}
