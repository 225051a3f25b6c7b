//! What a first reading keeps of a column of labels, and what becomes of each label in the second.
//!
//! A column has few labels in many cells, so each is cleaned once. Free text in such a column must
//! not fill the memory: beyond a bound nothing is kept, and its cells are cleaned one by one.

use std::borrow::Cow;
use std::collections::HashMap;

use super::ImportOptions;
use super::plan::Sheet;
use crate::header::Place;
use crate::label::{check_length, tidy};
use crate::ledger::{Entry, Rule, quoted};
use crate::spelling::near_miss::{self, ColumnLabel, NearMiss, NearMisses};
use crate::spelling::{CommonSpellings, LabelKind, SpellingCount, choose};

/// The most different texts of a column that are kept. A workbook has tens of them, a catalogue of
/// products thousands; with more, the commonest spelling of each says nothing.
const TEXTS: usize = 50_000;

/// The most bytes of the texts that are kept of a column, so that it takes some tens of megabytes
/// at the very most while they are compared.
const BYTES: usize = 4 * 1024 * 1024;

/// The longest text that is kept, in bytes: a longer one is no label, or is mostly white space.
const TEXT: usize = 2_048;

/// The cells that have one text.
#[derive(Debug, Clone, Copy)]
struct Seen {
    cells: u64,
    /// The row of the first of them.
    row: u32,
}

/// The texts of one column.
pub(super) struct SeenLabels {
    kind: LabelKind,
    /// The cells of each text as the file writes it; `None` when there were too many.
    texts: Option<HashMap<String, Seen>>,
    bytes: usize,
}

impl SeenLabels {
    pub(super) fn new(kind: LabelKind) -> Self {
        Self {
            kind,
            texts: Some(HashMap::new()),
            bytes: 0,
        }
    }

    /// Takes note of a cell.
    pub(super) fn cell(&mut self, text: &str, row: u32) {
        let Some(texts) = &mut self.texts else {
            return;
        };
        if text.len() > TEXT {
            return;
        }
        if let Some(seen) = texts.get_mut(text) {
            seen.cells += 1;
            return;
        }
        self.bytes += text.len();
        if texts.len() >= TEXTS || self.bytes > BYTES {
            self.texts = None;
            return;
        }
        texts.insert(text.to_owned(), Seen { cells: 1, row });
    }

    /// Decides what becomes of each text, with notes on the column.
    pub(super) fn decide(
        self,
        sheet: &Sheet,
        place: &Place,
        options: &ImportOptions,
    ) -> (LabelRules, Vec<Entry>) {
        let mut rules = LabelRules {
            kind: self.kind,
            common: CommonSpellings::default(),
            decided: HashMap::new(),
        };
        let mut notes = Vec::new();
        if let Some(number) = options.known.unlisted(self.kind) {
            let note = sheet.column(place, Rule::SpellingsNotCompared);
            notes.push(note.detail(format!(
                "{number} labels of this kind are stored, too many to hold each cell against them: one that differs in case from a stored label stays as it is, and near misses of stored ones are not looked for"
            )));
        }
        let Some(texts) = self.texts else {
            let note = sheet.column(place, Rule::SpellingsNotCompared).detail(format!(
                "the column has more than {TEXTS} different texts, or {} MB of them: labels that differ in case stay as they are, unless they are stored or well known, and near misses are not looked for",
                BYTES >> 20
            ));
            notes.push(note);
            return (rules, notes);
        };
        let mut count = SpellingCount::default();
        for (text, seen) in &texts {
            (options.limits.checkpoint)();
            let tidied = tidy(text).value;
            if !tidied.is_empty() && check_length(&tidied).is_ok() {
                let label = options.synonyms.find(self.kind, &tidied);
                count.add(label.unwrap_or(&tidied), seen.cells, seen.row as usize);
            }
        }
        rules.common = count.finish();
        rules.decided = texts
            .keys()
            .map(|text| {
                (options.limits.checkpoint)();
                let label = rules.clean(text, options).map(Box::new);
                (text.clone(), label)
            })
            .collect();
        let near = rules.near_misses(&texts, options);
        if options.apply_near_misses {
            rules.apply(&near.found);
        } else {
            let suggest = |near: &NearMiss| suggestion(near, place);
            notes.extend(near.found.iter().map(suggest));
        }
        if near.not_compared > 0 {
            let note = sheet.column(place, Rule::NearMissesNotCompared);
            notes.push(note.detail(format!(
                "labels that were not held against the others of the column and the stored ones: {}",
                near.not_compared
            )));
        }
        (rules, notes)
    }
}

/// Suggests a label for another one.
fn suggestion(near: &NearMiss, place: &Place) -> Entry {
    let next = near.next.map_or_else(
        || "no other label is near".to_owned(),
        |next| format!("the next nearest label is {next} away"),
    );
    place
        .entry(Rule::NearMissSuggested, near.row)
        .change(&near.label, Some(&near.suggestion))
        .detail(format!(
            "typing errors between {} and {}: {}; {next}; cells: {} (the first is in row {})",
            quoted(&near.label),
            quoted(&near.suggestion),
            near.distance,
            near.cells,
            near.row
        ))
}

/// A label that is not what the cell says.
#[derive(Debug, Clone)]
pub(super) struct Label {
    /// The label; `None` when it is too long, or nothing but dirt was in the cell.
    pub(super) value: Option<String>,
    pub(super) rules: Vec<Rule>,
}

/// What becomes of the texts of one column.
pub(super) struct LabelRules {
    kind: LabelKind,
    common: CommonSpellings,
    /// `None` for a text that stays as it is.
    decided: HashMap<String, Option<Box<Label>>>,
}

impl LabelRules {
    /// Cleans a text; `None` when it stays as it is.
    pub(super) fn label(&self, text: &str, options: &ImportOptions) -> Option<Cow<'_, Label>> {
        match self.decided.get(text) {
            Some(decided) => decided.as_deref().map(Cow::Borrowed),
            None => self.clean(text, options).map(Cow::Owned),
        }
    }

    fn clean(&self, text: &str, options: &ImportOptions) -> Option<Label> {
        let tidied = tidy(text);
        if check_length(&tidied.value).is_err() {
            return Some(Label {
                value: None,
                rules: vec![Rule::LabelTooLong],
            });
        }
        let mut rules = tidied.rules;
        let synonym = options.synonyms.find(self.kind, &tidied.value);
        let label = synonym.unwrap_or(&tidied.value);
        if label != tidied.value {
            rules.push(Rule::Synonym);
        }
        let (spelling, rule) = choose(self.kind, label, &options.known, &self.common);
        rules.extend(rule);
        let value = Some(spelling).filter(|spelling| !spelling.is_empty());
        (spelling != text || spelling.is_empty()).then(|| Label {
            value: value.map(str::to_owned),
            rules,
        })
    }

    /// Finds the labels of the column that are near to others.
    fn near_misses(&self, texts: &HashMap<String, Seen>, options: &ImportOptions) -> NearMisses {
        let labels: Vec<ColumnLabel<'_>> = texts
            .iter()
            .filter_map(|(text, seen)| {
                let label = match self.decided.get(text)? {
                    Some(label) => label.value.as_deref()?,
                    None => text,
                };
                Some(ColumnLabel {
                    label,
                    cells: seen.cells,
                    row: seen.row,
                })
            })
            .collect();
        near_miss::find(
            self.kind,
            &labels,
            &options.known,
            &options.synonyms,
            options.limits.checkpoint,
        )
    }

    /// Replaces the labels that are near to others.
    fn apply(&mut self, found: &[NearMiss]) {
        let found: HashMap<&str, &NearMiss> = found
            .iter()
            .map(|near| (near.label.as_str(), near))
            .collect();
        for (text, decided) in &mut self.decided {
            let label = decided
                .as_deref()
                .map_or(Some(text.as_str()), |label| label.value.as_deref());
            if let Some(near) = label.and_then(|label| found.get(label)) {
                let rules = decided.take().map_or_else(Vec::new, |label| label.rules);
                *decided = Some(Box::new(Label {
                    value: Some(near.suggestion.clone()),
                    rules: rules.into_iter().chain([Rule::NearMissApplied]).collect(),
                }));
            }
        }
    }
}
