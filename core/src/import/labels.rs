//! What a first reading keeps of a column of labels, and what becomes of each label in the second.
//!
//! A column has few labels in many cells, so each is cleaned once. Free text in such a column must
//! not fill the memory: beyond a bound nothing is kept, and its cells are cleaned one by one.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::label::{check_length, tidy};
use crate::ledger::{Entry, Rule};
use crate::spelling::{CommonSpellings, KnownSpellings, LabelKind, SpellingCount, choose};

/// The most different texts of a column that are kept. A workbook has tens of them, a catalogue of
/// products thousands; with more, the commonest spelling of each says nothing.
const TEXTS: usize = 50_000;

/// The most bytes of the texts that are kept of a column, so that it takes some tens of megabytes
/// at the very most while they are compared.
const BYTES: usize = 4 * 1024 * 1024;

/// The longest text that is kept, in bytes: a longer one is no label, or is mostly white space.
const TEXT: usize = 2_048;

/// The texts of one column.
pub(super) struct SeenLabels {
    kind: LabelKind,
    /// The cells of each text as the file writes it, and how many texts were seen before it;
    /// `None` when there were too many.
    texts: Option<HashMap<String, (u64, usize)>>,
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
    pub(super) fn cell(&mut self, text: String) {
        let Some(texts) = &mut self.texts else {
            return;
        };
        if text.len() > TEXT {
            return;
        }
        if let Some((cells, _)) = texts.get_mut(text.as_str()) {
            *cells += 1;
            return;
        }
        let place = texts.len();
        self.bytes += text.len();
        if place >= TEXTS || self.bytes > BYTES {
            self.texts = None;
            return;
        }
        texts.insert(text, (1, place));
    }

    /// Decides what becomes of each text, with a note if there were too many of them.
    pub(super) fn decide(
        self,
        header: &str,
        known: &KnownSpellings,
    ) -> (LabelRules, Option<Entry>) {
        let note = self.texts.is_none().then(|| {
            Entry::of(Rule::SpellingsNotCompared)
                .column(header)
                .detail(format!(
                    "the column has more than {TEXTS} different texts, or {} MB of them: labels that differ in case stay as they are, unless they are stored or well known",
                    BYTES >> 20
                ))
        });
        let texts = self.texts.unwrap_or_default();
        let mut count = SpellingCount::default();
        for (text, (cells, place)) in &texts {
            let tidied = tidy(text).value;
            if !tidied.is_empty() && check_length(&tidied).is_ok() {
                count.add(&tidied, *cells, *place);
            }
        }
        let mut rules = LabelRules {
            kind: self.kind,
            common: count.finish(),
            decided: HashMap::new(),
        };
        rules.decided = texts
            .into_keys()
            .map(|text| {
                let label = rules.clean(&text, known).map(Box::new);
                (text, label)
            })
            .collect();
        (rules, note)
    }
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
    pub(super) fn label(&self, text: &str, known: &KnownSpellings) -> Option<Cow<'_, Label>> {
        match self.decided.get(text) {
            Some(decided) => decided.as_deref().map(Cow::Borrowed),
            None => self.clean(text, known).map(Cow::Owned),
        }
    }

    fn clean(&self, text: &str, known: &KnownSpellings) -> Option<Label> {
        let tidied = tidy(text);
        if check_length(&tidied.value).is_err() {
            return Some(Label {
                value: None,
                rules: vec![Rule::LabelTooLong],
            });
        }
        let mut rules = tidied.rules;
        let (spelling, rule) = choose(self.kind, &tidied.value, known, &self.common);
        rules.extend(rule);
        let value = Some(spelling).filter(|spelling| !spelling.is_empty());
        (spelling != text || spelling.is_empty()).then(|| Label {
            value: value.map(str::to_owned),
            rules,
        })
    }
}
