//! Undoes mojibake: UTF-8 that somebody read as windows-1252 or Latin-1 ("cafÃ©" for "café").
//!
//! A run of characters is repaired only when its windows-1252 bytes are strictly valid UTF-8,
//! and when the text shows a sign that right text does not show. A capital with an accent in
//! front of a closing quote ("CAFÉ’S", "MAÇÔ, two Czech capitals in a row ("VÝŠKA") or a French
//! guillemet behind its no-break space ("voilà »") are valid UTF-8 by accident, and are left.
//!
//! What was lost on the way is not guessed back, with one exception: a no-break space that became
//! a plain one, where nothing else can have stood ("voilÃ  la", "5Â mg"). Text read in another
//! code page than these two is left, and the page in `docs/decisions` tells why.

mod run;
mod sign;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use run::{Run, find_runs};
use sign::{Sign, alphabet};

/// Repairs one round of mojibake; `None` when there is nothing to repair.
///
/// Text that was garbled several times needs as many rounds.
///
/// ```
/// use rapport_core::mojibake::repair_once;
///
/// assert_eq!(repair_once("cafÃ©").as_deref(), Some("café"));
/// assert_eq!(repair_once("AÇÃO naïve Ångström"), None);
/// ```
#[must_use]
pub fn repair_once(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let runs = find_runs(text);
    if !is_garbled(&runs) {
        return None;
    }
    let mut repaired = String::with_capacity(text.len());
    let mut copied = 0;
    let mut left_end = None;
    for (at, run) in runs.iter().enumerate() {
        let beside = left_end == Some(run.start)
            || runs.get(at + 1).is_some_and(|right| right.start == run.end);
        left_end = Some(run.end);
        if run.sign == Sign::Weak && !beside && run.around.ends_right_word() {
            continue;
        }
        repaired.push_str(text.get(copied..run.start).unwrap_or_default());
        repaired.push(run.decoded);
        copied = run.end;
    }
    repaired.push_str(text.get(copied..).unwrap_or_default());
    Some(repaired)
}

/// Repairs every round of mojibake; borrows when there is nothing to repair.
///
/// A character that was garbled n times takes at least 2ⁿ characters, so honest text has no more
/// rounds than the logarithm of its length. Text made to have more ("Ãƒƒƒƒ…", one round for every
/// "ƒ") is left as it is: the passes over a megabyte are at most 20.
#[must_use]
pub fn repair(text: &str) -> Cow<'_, str> {
    let mut rounds = text.len().checked_ilog2().unwrap_or(0);
    let mut repaired = Cow::Borrowed(text);
    while let Some(next) = repair_once(&repaired) {
        if rounds == 0 {
            return Cow::Borrowed(text);
        }
        rounds -= 1;
        repaired = Cow::Owned(next);
    }
    repaired
}

/// Tells whether one run, or two side by side, are what right text does not hold.
fn is_garbled(runs: &[Run]) -> bool {
    runs.iter().any(|run| run.sign == Sign::Certain)
        || runs.iter().zip(runs.iter().skip(1)).any(|(left, right)| {
            left.end == right.start
                && match (left.sign, right.sign) {
                    (Sign::Script, Sign::Script | Sign::Weak) | (Sign::Weak, Sign::Script) => {
                        alphabet(left.decoded) == alphabet(right.decoded)
                    }
                    (_, Sign::Tail) => right.around.inside_word(),
                    _ => false,
                }
        })
}
