//! Turns a text into a vector whose direction says what it is about.
//!
//! An [`Embedder`] is deterministic, needs no network, and answers in microseconds. Its name has a
//! version: vectors of two names are never compared.

mod hash;
mod table;
mod word_piece;

pub use hash::Hash;
pub use table::Table;

/// Turns texts into vectors of unit length.
pub trait Embedder: Sync {
    /// Names the embedder and its version, such as `static/1`.
    fn name(&self) -> &'static str;

    /// Returns the number of components of its vectors.
    fn dimensions(&self) -> usize;

    /// Returns the vector of a text, of length 1; `None` for a text without a word that it knows.
    fn embed(&self, text: &str) -> Option<Vec<f32>>;
}

/// Every embedder, the default first.
static EMBEDDERS: [&dyn Embedder; 2] = [&Table, &Hash];

/// Lists every embedder, the default first.
#[must_use]
pub fn embedders() -> &'static [&'static dyn Embedder] {
    &EMBEDDERS
}

/// Finds an embedder by its name, with or without its version.
///
/// ```
/// use rapport_core::embedding::embedder;
///
/// assert_eq!(embedder("hash").map(|found| found.name()), Some("hash/1"));
/// assert!(embedder("hash/9").is_none());
/// ```
#[must_use]
pub fn embedder(name: &str) -> Option<&'static dyn Embedder> {
    let plain = |full: &'static str| full.split_once('/').map_or(full, |(plain, _)| plain);
    EMBEDDERS
        .into_iter()
        .find(|found| found.name() == name || plain(found.name()) == name)
}

/// Gives a vector the length 1; `None` when it has none to begin with.
fn normalized(mut vector: Vec<f32>) -> Option<Vec<f32>> {
    let length = vector.iter().map(|part| part * part).sum::<f32>().sqrt();
    if length < f32::MIN_POSITIVE {
        return None;
    }
    for part in &mut vector {
        *part /= length;
    }
    Some(vector)
}
