//! The checks of contacts over rows that stand for themselves, as those of a question do.

use super::contacts::Said;
use super::marks::{CLOSES, Finder, OPENS, What, leave_told};
use super::{language, notes};
use crate::generation::{Evidence, Facts, Request, Task, Voice};

/// Marks a label that was quoted, so that it is found as one.
pub(crate) fn as_label(text: &str) -> String {
    format!("{OPENS}{text}{CLOSES}")
}

/// Rows that are cited.
#[derive(Debug)]
pub(crate) struct Records {
    data: Request,
}

impl Records {
    /// Takes the rows that a sentence cites.
    pub(crate) fn new(evidence: Vec<Evidence>) -> Self {
        Self {
            data: Request {
                task: Task::Summary,
                facts: Facts::default(),
                focus: None,
                evidence,
                voice: Voice::default(),
            },
        }
    }

    /// Checks that what a sentence says of a contact is true of one row, and returns the places
    /// of the rows that it means, from 0.
    ///
    /// # Errors
    /// What is not true of one row.
    pub(crate) fn meant(&self, text: &str) -> Result<Vec<usize>, String> {
        let mut marks = Finder::new(&self.data).find(text, &[]);
        marks.retain(|mark| !matches!(mark.what, What::Count(_)));
        let notes = self
            .data
            .evidence
            .iter()
            .filter_map(|row| row.notes.as_deref());
        leave_told(&mut marks, &notes::stems_of(notes));
        if marks
            .iter()
            .any(|mark| matches!(mark.what, What::Denied(_)))
        {
            return Err("it denies a sentiment".to_owned());
        }
        let rows: Vec<&Evidence> = self.data.evidence.iter().collect();
        let said = Said {
            marks: &marks,
            words: &language::spaced(text),
            rows: &rows,
            data: &self.data,
            is_subject: false,
            asks: false,
        };
        said.check()?;
        let meant = said.meant();
        let places = rows.iter().enumerate();
        Ok(places
            .filter(|(_, row)| meant.iter().any(|own| std::ptr::eq(*own, **row)))
            .map(|(place, _)| place)
            .collect())
    }
}
