//! Hostile and damaged files, more than ten thousand of them, the same for the same seed.
//!
//! A [`Case`] is a name and a recipe: its bytes exist only while it is tried, for some of the files
//! are large. `mutation` damages sound files, `container` lies in the zip archive, `markup`,
//! `cell`, `repeats` and `parts` in its XML, `text` and `encoding` in delimited text, `value` in the cells.

mod archive;
mod book;
mod cell;
mod container;
mod deflate;
mod encoding;
mod markup;
mod mutation;
mod parts;
mod repeats;
mod seed;
mod text;
mod value;

use std::collections::BTreeMap;
use std::fmt;

/// The function that gets a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// `rapport.import_workbook`.
    Workbook,
    /// `rapport.import_csv`.
    Text,
}

/// One file that nobody should send.
pub struct Case {
    /// What is wrong with it, in one word.
    pub family: &'static str,
    /// What is wrong with it, exactly; unique within the family.
    pub name: String,
    /// The name under which it is sent.
    pub file_name: String,
    /// To whom it is sent.
    pub format: FileFormat,
    /// Whether making or reading it takes as long as hundreds of others.
    pub heavy: bool,
    make: Box<dyn Fn() -> Vec<u8> + Send + Sync>,
}

impl Case {
    /// Makes the file.
    pub fn content(&self) -> Vec<u8> {
        (self.make)()
    }
}

impl fmt::Display for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.family, self.name)
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

/// Collects cases.
pub(crate) struct Cases {
    seed: u64,
    list: Vec<Case>,
}

impl Cases {
    /// Adds a workbook.
    pub(crate) fn workbook(
        &mut self,
        family: &'static str,
        name: impl Into<String>,
        make: impl Fn() -> Vec<u8> + Send + Sync + 'static,
    ) {
        self.add(family, name, "corpus.xlsx", FileFormat::Workbook, make);
    }

    /// Adds a delimited file.
    pub(crate) fn text(
        &mut self,
        family: &'static str,
        name: impl Into<String>,
        make: impl Fn() -> Vec<u8> + Send + Sync + 'static,
    ) {
        self.add(family, name, "corpus.csv", FileFormat::Text, make);
    }

    /// Adds a file under a name of its own.
    pub(crate) fn add(
        &mut self,
        family: &'static str,
        name: impl Into<String>,
        file_name: &str,
        format: FileFormat,
        make: impl Fn() -> Vec<u8> + Send + Sync + 'static,
    ) {
        self.list.push(Case {
            family,
            name: name.into(),
            file_name: file_name.to_owned(),
            format,
            heavy: false,
            make: Box::new(make),
        });
    }

    /// Marks the case that was added last as heavy, if the condition holds.
    pub(crate) fn heavy_if(&mut self, heavy: bool) {
        if let Some(case) = self.list.last_mut() {
            case.heavy = heavy;
        }
    }

    /// Starts a source of chance of its own, so that one more case changes no other.
    pub(crate) fn chance(&self, name: &str) -> fastrand::Rng {
        let hash = name.bytes().fold(self.seed, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        fastrand::Rng::with_seed(hash)
    }
}

/// Lists the whole corpus of a seed, in a fixed order.
pub fn corpus(seed: u64) -> Vec<Case> {
    let mut cases = Cases {
        seed,
        list: Vec::new(),
    };
    seed::add(&mut cases);
    mutation::add(&mut cases);
    container::add(&mut cases);
    markup::add(&mut cases);
    cell::add(&mut cases);
    repeats::add(&mut cases);
    parts::add(&mut cases);
    text::add(&mut cases);
    encoding::add(&mut cases);
    value::add(&mut cases);
    cases.list
}

/// Chooses about `size` cases of all families: small families whole, large ones in part, and of
/// each at most one heavy case.
pub fn sample(cases: Vec<Case>, seed: u64, size: usize) -> Vec<Case> {
    let mut families: BTreeMap<&'static str, Vec<Case>> = BTreeMap::new();
    for case in cases {
        families.entry(case.family).or_default().push(case);
    }
    let mut chance = fastrand::Rng::with_seed(seed);
    for members in families.values_mut() {
        chance.shuffle(members);
        let mut heavy = 0;
        members.retain(|case| {
            heavy += usize::from(case.heavy);
            !case.heavy || heavy == 1
        });
        // Taken from the end: the heavy one, if any, belongs to the sample.
        members.sort_by_key(|case| case.heavy);
    }
    let mut chosen = Vec::new();
    while chosen.len() < size && families.values().any(|members| !members.is_empty()) {
        chosen.extend(families.values_mut().filter_map(Vec::pop));
    }
    chosen
}

#[cfg(test)]
mod tests;
