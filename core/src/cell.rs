//! One cell as a file holds it, before any rule has touched it.
//!
//! A cell keeps the type that the file gives it; a CSV has only text. What the text means is
//! for the cleaning modules to decide.

use std::borrow::Cow;

/// One cell of a spreadsheet or a delimited file.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing at all.
    Empty,
    /// Text, untrimmed.
    Text(String),
    /// A finite number without a date format.
    Number(f64),
    /// A number that its format shows as a date, in the workbook's own date system.
    DateTime(jiff::civil::DateTime),
    /// A truth value.
    Bool(bool),
    /// An error value such as `#N/A`.
    Error(String),
}

impl Cell {
    /// Tells whether nothing but white space is in the cell.
    ///
    /// ```
    /// use rapport_core::cell::Cell;
    /// assert!(Cell::Text(" \u{a0}".to_owned()).is_empty());
    /// assert!(!Cell::Number(0.0).is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.chars().all(char::is_whitespace),
            Self::Number(_) | Self::DateTime(_) | Self::Bool(_) | Self::Error(_) => false,
        }
    }

    /// Puts a text in the cell, in the memory of the text that was there if it fits.
    pub(crate) fn set_text(&mut self, text: &str) {
        /// The most bytes that are kept for a shorter text: a row of long ones must not stay.
        const KEPT: usize = 1_024;
        match self {
            Self::Text(old) if old.capacity() <= KEPT => {
                old.clear();
                old.push_str(text);
            }
            _ => *self = Self::Text(text.to_owned()),
        }
    }

    /// Returns the text that a person sees in the cell.
    ///
    /// Numbers are shown with the 15 significant digits that Excel keeps, dates as
    /// `2019-10-04 09:00:00`.
    ///
    /// ```
    /// use rapport_core::cell::Cell;
    /// assert_eq!(Cell::Number(12.0).text(), "12");
    /// let start = jiff::civil::date(2019, 10, 4).at(9, 0, 0, 0);
    /// assert_eq!(Cell::DateTime(start).text(), "2019-10-04 09:00:00");
    /// ```
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) | Self::Error(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number_text(*number)),
            Self::DateTime(at) => Cow::Owned(at.strftime("%Y-%m-%d %H:%M:%S%.f").to_string()),
            Self::Bool(true) => Cow::Borrowed("TRUE"),
            Self::Bool(false) => Cow::Borrowed("FALSE"),
        }
    }
}

/// Writes a number without the digits that only binary fractions have (0.1 + 0.2 is `0.3`).
fn number_text(number: f64) -> String {
    // Whole numbers are exact, and `-0` is a zero for everybody.
    if number.fract() == 0.0 {
        return if number == 0.0 {
            "0".to_owned()
        } else {
            number.to_string()
        };
    }
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    rounded.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_see_them() {
        for (number, text) in [
            (12.0, "12"),
            (-0.0, "0"),
            (0.1 + 0.2, "0.3"),
            (1234.5, "1234.5"),
            (-2.25, "-2.25"),
            (123_456_789_012.0, "123456789012"),
        ] {
            assert_eq!(Cell::Number(number).text(), text);
        }
    }

    #[test]
    fn other_cells_read_as_people_see_them() {
        assert_eq!(Cell::Empty.text(), "");
        assert_eq!(Cell::Text(" a ".to_owned()).text(), " a ");
        assert_eq!(Cell::Bool(true).text(), "TRUE");
        assert_eq!(Cell::Bool(false).text(), "FALSE");
        assert_eq!(Cell::Error("#N/A".to_owned()).text(), "#N/A");
        let at = jiff::civil::date(2024, 1, 25).at(16, 10, 5, 0);
        assert_eq!(Cell::DateTime(at).text(), "2024-01-25 16:10:05");
        let at = jiff::civil::date(2024, 1, 25).at(16, 10, 5, 250_000_000);
        assert_eq!(Cell::DateTime(at).text(), "2024-01-25 16:10:05.25");
    }

    #[test]
    fn only_white_space_is_empty() {
        assert!(Cell::Empty.is_empty());
        assert!(Cell::Text(String::new()).is_empty());
        assert!(Cell::Text("\t\u{3000}\n".to_owned()).is_empty());
        assert!(!Cell::Text(" x".to_owned()).is_empty());
        assert!(!Cell::Bool(false).is_empty());
    }
}
