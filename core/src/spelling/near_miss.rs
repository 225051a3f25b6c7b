//! Finds rare labels that are a typing error away from common ones: "Drug Eficacy" beside a hundred
//! times "Drug Efficacy".
//!
//! A label is taken for a near miss only when one candidate is clearly the nearest. Two stored
//! labels are never held against each other, and neither are labels whose digits differ: "Phase 2"
//! is not a misspelt "Phase 3". What is found is a suggestion; whether it is applied, a setting says.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use rapidfuzz::distance::damerau_levenshtein::{self, Args};

use super::{KnownSpellings, LabelKind, Synonyms, fold};

/// The fewest characters of a label that can be a near miss: shorter ones are near to anything.
const SHORTEST: usize = 4;

/// From this many characters on two errors are a near miss, below it one.
const TWO_ERRORS: usize = 8;

/// A label of the same column is a candidate with this many times the cells.
const TIMES: u64 = 3;

/// The most pairs of labels of one column that are looked at.
const COMPARISONS: usize = 2_000_000;

/// The most pairs of characters that are compared for one column, about a tenth of a second's work:
/// a pair of long labels costs as much as a thousand pairs of short ones.
const CHARACTER_PAIRS: usize = 40_000_000;

/// The pairs of labels between two checkpoints, some microseconds each at the very most.
const CHECKPOINT: usize = 1_024;

/// A label of a column, as it would be loaded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ColumnLabel<'l> {
    pub(crate) label: &'l str,
    /// The cells that have it.
    pub(crate) cells: u64,
    /// The row of the first of them.
    pub(crate) row: u32,
}

/// A label that is near to another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NearMiss {
    pub(crate) label: String,
    /// The nearest label.
    pub(crate) suggestion: String,
    /// The typing errors between the two: characters that are missing, too many, wrong or swapped
    /// with their neighbour.
    pub(crate) distance: usize,
    /// The same for the second nearest label, if that is near enough to be told.
    pub(crate) next: Option<usize>,
    /// The cells that have the label.
    pub(crate) cells: u64,
    /// The row of the first of them.
    pub(crate) row: u32,
}

/// The near misses of a column.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct NearMisses {
    /// The commonest first.
    pub(crate) found: Vec<NearMiss>,
    /// The labels that were not compared, because the column has too many.
    pub(crate) not_compared: usize,
}

/// Finds the near misses among the labels of a column.
///
/// `checkpoint` is called now and then, so that a caller may raise out of the work.
pub(crate) fn find(
    kind: LabelKind,
    labels: &[ColumnLabel<'_>],
    known: &KnownSpellings,
    synonyms: &Synonyms,
    checkpoint: fn(),
) -> NearMisses {
    let labels = Folded::of(labels);
    let targets: HashSet<String> = synonyms.targets(kind).map(fold).collect();
    let is_settled = |label: &Folded<'_>| {
        kind.standard(label.label).is_some()
            || targets.contains(&label.folded)
            || synonyms.find(kind, label.label).is_some()
    };
    let mut found = NearMisses::default();
    let mut search = Search::new(known.folded(kind), checkpoint);
    for label in &labels {
        if known.knows(kind, label.label) {
            continue;
        }
        let near = if label.shape.characters < SHORTEST || is_settled(label) {
            None
        } else if let Ok(near) = search.nearest(label) {
            near
        } else {
            found.not_compared += 1;
            continue;
        };
        match near {
            Some(near) => found.found.push(near),
            // What is a miss itself is no candidate: one step, and never a chain.
            None => search.add(label),
        }
    }
    found
}

/// What tells at once that two labels are not near.
#[derive(Debug, Clone, Copy)]
struct Shape {
    characters: usize,
    /// A bit for each character that occurs, by its number modulo 64. One error changes two bits
    /// at most: it takes one character away, and brings another.
    letters: u64,
}

impl Shape {
    fn of(folded: &str) -> Self {
        folded.chars().fold(
            Self {
                characters: 0,
                letters: 0,
            },
            |shape, character| Self {
                characters: shape.characters + 1,
                letters: shape.letters | 1 << (u32::from(character) % 64),
            },
        )
    }

    /// Tells whether two labels may be so many errors apart, or fewer.
    const fn may_be_within(self, errors: usize, other: Self) -> bool {
        (self.letters ^ other.letters).count_ones() as usize <= 2 * errors
            && self.characters.abs_diff(other.characters) <= errors
    }
}

/// All spellings of one label.
struct Folded<'l> {
    folded: String,
    shape: Shape,
    /// The spelling with the most cells.
    label: &'l str,
    cells: u64,
    row: u32,
}

impl<'l> Folded<'l> {
    /// Brings the spellings of each label together; the labels with the most cells come first.
    fn of(labels: &[ColumnLabel<'l>]) -> Vec<Self> {
        let mut sorted = labels.to_vec();
        sorted.sort_unstable_by_key(|label| (Reverse(label.cells), label.row, label.label));
        let mut places: HashMap<String, usize> = HashMap::with_capacity(sorted.len());
        let mut together: Vec<Self> = Vec::with_capacity(sorted.len());
        for ColumnLabel { label, cells, row } in sorted {
            let folded = fold(label);
            if let Some(same) = places.get(&folded).and_then(|at| together.get_mut(*at)) {
                same.cells += cells;
                same.row = same.row.min(row);
                continue;
            }
            places.insert(folded.clone(), together.len());
            together.push(Self {
                shape: Shape::of(&folded),
                folded,
                label,
                cells,
                row,
            });
        }
        together.sort_by_key(|label| (Reverse(label.cells), label.row));
        together
    }
}

/// A label that others may be near to.
struct Candidate<'l> {
    folded: &'l str,
    shape: Shape,
    /// How it is written; `None` when several spellings are stored, and none can be suggested.
    spelling: Option<&'l str>,
    /// `None` for a stored label, which needs no cells.
    cells: Option<u64>,
}

/// There is too much to compare.
struct TooMuch;

/// The candidates, and the work that may still be done.
struct Search<'l> {
    by_length: HashMap<usize, Vec<Candidate<'l>>>,
    comparisons: usize,
    character_pairs: usize,
    checkpoint: fn(),
}

impl<'l> Search<'l> {
    fn new(stored: impl Iterator<Item = (&'l str, Option<&'l str>)>, checkpoint: fn()) -> Self {
        let mut search = Self {
            by_length: HashMap::new(),
            comparisons: COMPARISONS,
            character_pairs: CHARACTER_PAIRS,
            checkpoint,
        };
        for (place, (folded, spelling)) in stored.enumerate() {
            if place % CHECKPOINT == 0 {
                checkpoint();
            }
            search.push(Candidate {
                folded,
                shape: Shape::of(folded),
                spelling,
                cells: None,
            });
        }
        search
    }

    fn push(&mut self, candidate: Candidate<'l>) {
        let bucket = self.by_length.entry(candidate.shape.characters);
        bucket.or_default().push(candidate);
    }

    /// Makes a label of the column a candidate for those with fewer cells.
    fn add(&mut self, label: &'l Folded<'l>) {
        self.push(Candidate {
            folded: &label.folded,
            shape: label.shape,
            spelling: Some(label.label),
            cells: Some(label.cells),
        });
    }

    /// Finds the only nearest candidate of a label, if it is near enough.
    fn nearest(&mut self, label: &Folded<'_>) -> Result<Option<NearMiss>, TooMuch> {
        let allowed = if label.shape.characters < TWO_ERRORS {
            1
        } else {
            2
        };
        // One more than is allowed, to know how far the second nearest is.
        let errors = allowed + 1;
        let lengths =
            label.shape.characters.saturating_sub(errors)..=label.shape.characters + errors;
        let buckets = lengths.filter_map(|length| self.by_length.get(&length));
        let pairs: usize = buckets.clone().map(Vec::len).sum();
        self.comparisons = self.comparisons.checked_sub(pairs).ok_or(TooMuch)?;
        (self.checkpoint)();

        let (mut best, mut next): (Option<(usize, &Candidate<'_>)>, Option<usize>) = (None, None);
        for (place, candidate) in buckets.flatten().enumerate() {
            if place % CHECKPOINT == CHECKPOINT - 1 {
                (self.checkpoint)();
            }
            if !label.shape.may_be_within(errors, candidate.shape)
                || candidate
                    .cells
                    .is_some_and(|cells| cells < label.cells.saturating_mul(TIMES))
            {
                continue;
            }
            let cost = label.shape.characters * candidate.shape.characters;
            self.character_pairs = self.character_pairs.checked_sub(cost).ok_or(TooMuch)?;
            let Some(distance) = distance(&label.folded, candidate.folded, errors) else {
                continue;
            };
            match best {
                Some((nearest, _)) if nearest <= distance => {
                    next = Some(next.map_or(distance, |next| next.min(distance)));
                }
                _ => {
                    next = best.map(|(nearest, _)| nearest);
                    best = Some((distance, candidate));
                }
            }
        }
        Ok(best
            .filter(|(distance, _)| {
                *distance <= allowed && next.is_none_or(|next| next > *distance)
            })
            .and_then(|(distance, candidate)| {
                Some(NearMiss {
                    label: label.label.to_owned(),
                    suggestion: candidate.spelling?.to_owned(),
                    distance,
                    next,
                    cells: label.cells,
                    row: label.row,
                })
            }))
    }
}

/// Counts the errors between two labels, if they are few and no digit is among them.
fn distance(one: &str, other: &str, errors: usize) -> Option<usize> {
    let digits = |text: &'_ str| -> Vec<char> { text.chars().filter(|c| c.is_numeric()).collect() };
    let arguments = Args::default().score_cutoff(errors);
    damerau_levenshtein::distance_with_args(one.chars(), other.chars(), &arguments)
        .filter(|_| digits(one) == digits(other))
}

#[cfg(test)]
mod tests;
