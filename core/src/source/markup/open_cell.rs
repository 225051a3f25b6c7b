//! What a cell tells that calamine does not: whether its formula has a result, and where an error
//! value is that it has no name for.
//!
//! calamine hands out a formula without a result as an empty cell, and knows seven error values;
//! at another one it stops within the cell, without saying where.

use calamine::CellErrorType;
use quick_xml::events::BytesStart;

use super::reference::cell_reference;

/// A cell of a sheet while its elements come by.
#[derive(Debug)]
pub(super) struct OpenCell {
    depth: usize,
    reference: Option<(u32, u32)>,
    kind: Kind,
    within: Within,
    has_formula: bool,
    has_value: bool,
    has_unknown_error: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    /// An error value (`t="e"`).
    Error,
    /// The text that a formula gave (`t="str"`); it may be empty.
    Result,
    Other,
}

#[derive(Debug, PartialEq, Eq)]
enum Within {
    /// In the formula, or between two elements.
    Other,
    /// At the beginning of a value: calamine takes an error value from what comes next, or not at all.
    StartOfValue,
    Value,
}

impl OpenCell {
    pub(super) fn of(tag: &BytesStart<'_>, depth: usize) -> Self {
        let mut cell = Self {
            depth,
            reference: None,
            kind: Kind::Other,
            within: Within::Other,
            has_formula: false,
            has_value: false,
            has_unknown_error: false,
        };
        for attribute in tag.attributes().with_checks(false).flatten() {
            match (attribute.key.as_ref(), &*attribute.value) {
                ("r", text) => {
                    cell.reference = cell_reference(text).map(|(_, reference)| reference);
                }
                ("t", "e") => cell.kind = Kind::Error,
                ("t", "str") => cell.kind = Kind::Result,
                _ => (),
            }
        }
        cell
    }

    /// Takes note of the start of an element within the cell.
    pub(super) fn start(&mut self, name: &str, depth: usize) {
        if self.within == Within::StartOfValue {
            self.within = Within::Value;
        }
        if depth != self.depth + 1 {
            return;
        }
        match name {
            "f" => {
                self.has_formula = true;
                self.within = Within::Other;
            }
            "v" => {
                self.has_value |= self.kind == Kind::Result;
                self.within = Within::StartOfValue;
            }
            _ => self.within = Within::Value,
        }
    }

    /// Takes note of the end of an element.
    pub(super) fn end(&mut self, depth: usize) {
        if depth == self.depth + 1 {
            self.within = Within::Other;
        }
    }

    /// Takes note of a text within the cell.
    pub(super) fn text(&mut self, text: &str) {
        let is_error = self.kind == Kind::Error && self.within == Within::StartOfValue;
        // calamine does not come back to what is behind an unknown one.
        self.has_unknown_error |= is_error && text.parse::<CellErrorType>().is_err();
        self.other(text);
    }

    /// Takes note of anything else within the cell that may be a part of its text.
    pub(super) fn other(&mut self, text: &str) {
        if self.within != Within::Other {
            self.within = Within::Value;
            self.has_value |= !text.trim().is_empty();
        }
    }

    /// Tells whether the element that ends at a depth is the cell.
    pub(super) const fn is_closed_at(&self, depth: usize) -> bool {
        self.depth == depth
    }

    /// Returns the row and the column of the cell, from 1, if it names them.
    pub(super) const fn reference(&self) -> Option<(u32, u32)> {
        self.reference
    }

    /// Tells whether the cell has a formula, and no value.
    pub(super) const fn lacks_result(&self) -> bool {
        self.has_formula && !self.has_value
    }

    /// Tells whether calamine will stop at the cell.
    pub(super) const fn has_unknown_error(&self) -> bool {
        self.has_unknown_error
    }
}
