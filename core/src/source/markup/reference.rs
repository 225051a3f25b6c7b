//! Reads references to cells within bounds in which no arithmetic can overflow.

use crate::source::merged::Area;

/// Reads `A1` or `1` into its count of letters and its row; `None` when calamine's arithmetic
/// could overflow on it, or when it is no reference.
pub(super) fn cell_reference(text: &str) -> Option<(usize, (u32, u32))> {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (column, row) = text.split_at_checked(letters)?;
    let is_row = (1..=7).contains(&row.len()) && row.bytes().all(|byte| byte.is_ascii_digit());
    if letters > 3 || !is_row {
        return None;
    }
    let column = column.bytes().fold(0, |number, letter| {
        number * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1
    });
    let row = row.parse().ok().filter(|row| *row > 0)?;
    Some((letters, (row, column)))
}

/// Tells whether a text is a cell or two cells of which the second is not before the first.
pub(super) fn is_range(text: &str) -> bool {
    range(text).is_some()
}

/// Reads a cell, or two cells of which the second is not before the first.
pub(super) fn range(text: &str) -> Option<Area> {
    let corner = |text: &str| cell_reference(text).filter(|(letters, _)| *letters > 0);
    let (first, last) = text.split_once(':').unwrap_or((text, text));
    let (_, (top, left)) = corner(first)?;
    let (_, (bottom, right)) = corner(last)?;
    (top <= bottom && left <= right).then_some(Area {
        top,
        left,
        bottom,
        right,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_bounded() {
        assert_eq!(cell_reference("A1"), Some((1, (1, 1))));
        assert_eq!(cell_reference("xfd1048576"), Some((3, (1_048_576, 16_384))));
        assert_eq!(cell_reference("12"), Some((0, (12, 0))));
        for text in [
            "",
            "A",
            "A0",
            "0",
            "AAAA1",
            "A12345678",
            "A1B",
            "$A$1",
            "Ä1",
            "A-1",
            "A1:B2",
        ] {
            assert_eq!(cell_reference(text), None, "{text}");
        }
    }

    #[test]
    fn ranges_are_ordered() {
        assert!(is_range("A1"));
        assert!(is_range("A1:XFD1048576"));
        assert!(is_range("B2:B2"));
        for text in ["", "B2:A3", "B2:C1", "A1:", ":A1", "1:2", "A1:B2:C3"] {
            assert!(!is_range(text), "{text}");
        }
    }
}
