//! What the text of a date tells of the form in which it is written.
//!
//! A text leaves some of its form open: `12/10/2019` may be written with zeros in front of small
//! numbers or without. What it leaves open is for the other texts of its column to tell.

/// What one text says about its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// `None` for a text that is written as no column is, such as `4/10/2019 9:00 pM`.
    pub(crate) layout: Option<Layout>,
    pub(crate) habits: Habits,
}

/// Whether the first number of the date, the second one and the hour have a zero in front when
/// they are below ten, and whether the name of the month is shortened to three letters; `None`
/// where the text could be either.
pub(crate) type Habits = [Option<bool>; 4];

/// What a writer does who shows no habit.
pub(crate) const USUAL_HABITS: [bool; 4] = [true, true, true, false];

/// The order and the separators of a date and its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) date: DateLayout,
    pub(crate) time: Option<TimeLayout>,
}

/// How a date is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateLayout {
    /// `YYYY-MM-DD`, with its separator.
    YearFirst(char),
    /// `DD/MM/YYYY` or `MM/DD/YYYY`, with its separator.
    YearLast(char),
    /// A month of a year.
    Month {
        year_first: bool,
        separator: Separator,
        /// The letters of a month that is written with its name.
        name: Option<Letters>,
    },
}

/// What stands between a month and its year: at least one of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Separator {
    pub(crate) space_before: bool,
    pub(crate) mark: Option<char>,
    pub(crate) space_behind: bool,
}

/// The letters of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Letters {
    /// `january`
    Small,
    /// `JANUARY`
    Capital,
    /// `January`
    Title,
}

impl Letters {
    /// Tells how an ASCII word is written; `None` for one such as `jANUARY`. Other characters
    /// than letters do not matter.
    pub(crate) fn of(word: &str) -> Option<Self> {
        let first = word.get(..1)?;
        let rest = word.get(1..)?;
        let has_small = |text: &str| text.bytes().any(|byte| byte.is_ascii_lowercase());
        let has_capital = |text: &str| text.bytes().any(|byte| byte.is_ascii_uppercase());
        if !has_capital(word) {
            Some(Self::Small)
        } else if !has_small(word) {
            Some(Self::Capital)
        } else if has_capital(first) && !has_capital(rest) {
            Some(Self::Title)
        } else {
            None
        }
    }

    /// Writes an ASCII word of small letters.
    pub(crate) fn write(self, word: &str) -> String {
        match self {
            Self::Small => word.to_owned(),
            Self::Capital => word.to_ascii_uppercase(),
            Self::Title => {
                let (first, rest) = word.split_at_checked(1).unwrap_or_default();
                format!("{}{rest}", first.to_ascii_uppercase())
            }
        }
    }
}

/// How a time is laid out, and what stands between it and its date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimeLayout {
    pub(crate) comma: bool,
    /// A space, `T` or `t`.
    pub(crate) gap: Option<char>,
    /// The digits of the fraction of a second, where there are seconds.
    pub(crate) seconds: Option<usize>,
    pub(crate) half: Option<Half>,
}

/// How the half of the day is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Half {
    pub(crate) space: bool,
    pub(crate) dots: bool,
    /// `AM`, and not `am`.
    pub(crate) capital: bool,
}

/// Tells whether a number with so many digits has a zero in front, where it could.
pub(crate) const fn zero_in_front(number: i16, digits: usize) -> Option<bool> {
    match (number, digits) {
        (_, 1) => Some(false),
        (..=9, _) => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_written_in_three_ways() {
        for (word, letters) in [
            ("may", Some(Letters::Small)),
            ("MAY", Some(Letters::Capital)),
            ("May", Some(Letters::Title)),
            ("mAY", None),
            ("MaY", None),
            ("p.m.", Some(Letters::Small)),
        ] {
            assert_eq!(Letters::of(word), letters, "{word}");
            if let Some(letters) = letters {
                assert_eq!(letters.write(&word.to_ascii_lowercase()), word);
            }
        }
    }

    #[test]
    fn only_numbers_below_ten_tell_of_zeros() {
        assert_eq!(zero_in_front(4, 1), Some(false));
        assert_eq!(zero_in_front(4, 2), Some(true));
        assert_eq!(zero_in_front(10, 2), None);
    }
}
