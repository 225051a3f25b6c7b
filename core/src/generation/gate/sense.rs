//! The checks of what a sentence means: its words, and what it says of contacts.

use std::collections::HashSet;

use super::contacts::Said;
use super::language::{self, Language};
use super::lexicon::Use;
use super::{Gate, counts, denial, marks, notes, products, telling};
use crate::generation::Evidence;
use crate::generation::reply::Sentence;

/// Signs that a sentence asks or offers.
const ASKS: [&str; 26] = [
    " if ",
    " please ",
    " kindly ",
    " may we ",
    " may i ",
    " would like ",
    " should like ",
    " would be ",
    " should be ",
    " can ",
    " could ",
    " shall ",
    " disposal ",
    " welcome ",
    " let us ",
    " tell us ",
    " allow us ",
    " permit us ",
    " offer ",
    " ask ",
    " look forward ",
    " happy to ",
    " glad to ",
    " pleased to ",
    " perhaps ",
    " remind ",
];

impl Gate<'_> {
    /// Checks the words of a sentence and what it says of contacts.
    ///
    /// Notes are those of the rows that it means: of two that it cites, the one of the day that it
    /// names.
    #[expect(clippy::too_many_arguments, reason = "they are views of one sentence")]
    pub(super) fn sense(
        &self,
        sentence: &Sentence,
        text: &str,
        quoted: &str,
        masked: &str,
        noted: &[&Evidence],
        told: &[u64],
        is_subject: bool,
    ) -> Result<(), String> {
        let words = language::spaced(masked);
        let asks = masked.trim_end().ends_with('?') || ASKS.iter().any(|sign| words.contains(sign));
        let mut marks = self
            .finder
            .find(&self.mask.spoken(text), &sentence.mentions);
        let stems = notes::stems_of(noted.iter().filter_map(|row| row.notes.as_deref()));
        marks::leave_told(&mut marks, &stems);
        let cited: &[&Evidence] = if is_subject { &[] } else { noted };
        let said = Said {
            marks: &marks,
            words: &language::spaced(quoted),
            rows: cited,
            data: self.data,
            is_subject,
            asks,
        };
        said.check()?;
        said.mentions(&sentence.mentions)?;
        let meant = said.meant();
        let noted = if is_subject { noted } else { &meant };
        self.mask.quotations(text, noted)?;
        products::check(
            &marks,
            self.mask.unmarked_product(text),
            sentence,
            cited,
            self.data,
        )?;
        counts::check(&marks, told, said.words, self.data)?;
        counts::leader(&marks, said.words, self.data)?;
        let texts: Vec<&str> = noted
            .iter()
            .filter_map(|row| row.notes.as_deref())
            .collect();
        let stems: HashSet<String> = notes::stems_of(texts.iter().copied());
        // A question may name what any note tells, as it claims nothing.
        let asked: HashSet<String> = if masked.trim_end().ends_with('?') {
            notes::stems_of(
                self.data
                    .evidence
                    .iter()
                    .filter_map(|row| row.notes.as_deref()),
            )
        } else {
            HashSet::new()
        };
        denial::check(masked, &marks, &stems, cited, self.data)?;
        for note in &texts {
            notes::keeps_sense(masked, note, &stems)?;
        }
        let reaches = self.data.is_sensitive() && self.data.task.reaches_customer();
        telling::check(
            masked,
            &words,
            &stems,
            self.data.facts.total_interactions == 0,
        )?;
        if self.data.is_sensitive() && self.data.task.reaches_customer() {
            let contact = self.data.voice.safety_contact.as_str();
            telling::safety(&words, !contact.is_empty() && text.contains(contact))?;
        }
        let language = Language {
            notes: &stems,
            labels: &self.labels,
            known: &asked,
            widest: if reaches { Use::Asked } else { Use::Offered },
            told: texts
                .iter()
                .any(|note| language::is_foreign(&notes::stems_of([*note].into_iter()))),
        };
        language.check(masked)?;
        language.no_wish(masked)
    }
}
