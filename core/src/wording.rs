//! Tells which texts have enough of the words of a question, as a condition that an index can answer.

/// The most words of which every combination is spelled out; 252 at most.
const MOST: usize = 10;

/// Writes the condition that a text has words with at least half of the weight of all, of `&`, `|` and the
/// words as they are given; `None` without words.
///
/// With more than ten words the condition is on the ten heaviest, and a text that passes may have a little
/// less than half; one that has half always passes.
///
/// ```
/// use rapport_core::wording::half;
///
/// let words = [("nausea", 4.0), ("velum", 3.0), ("worry", 3.0), ("customer", 1.5)];
/// assert_eq!(
///     half(&words).as_deref(),
///     Some("(nausea & (velum | worry) | velum & worry)")
/// );
/// assert_eq!(half(&[("nausea", 4.0)]).as_deref(), Some("nausea"));
/// ```
#[must_use]
pub fn half(words: &[(&str, f32)]) -> Option<String> {
    let mut words: Vec<(&str, f32)> = words
        .iter()
        .copied()
        .filter(|(_, weight)| weight.is_finite() && *weight > 0.0)
        .collect();
    words.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    let all: f32 = words.iter().map(|(_, weight)| weight).sum();
    let (heavy, light) = words.split_at(words.len().min(MOST));
    // A little less, as sums of the same numbers in another order differ.
    let needed = 0.4999 * all - light.iter().map(|(_, weight)| weight).sum::<f32>();
    match having(heavy, needed) {
        // The ten heaviest need not be there, as the others are enough.
        Condition::Always => one_of(words.iter().map(|(word, _)| (*word).to_owned()).collect()),
        Condition::Never => None,
        Condition::If(condition) => Some(condition),
    }
}

enum Condition {
    Always,
    Never,
    If(String),
}

/// The condition that words of this weight are there, of words of which the heaviest is the first.
fn having(words: &[(&str, f32)], needed: f32) -> Condition {
    if needed <= 0.0 {
        return Condition::Always;
    }
    let Some(((word, weight), lighter)) = words.split_first() else {
        return Condition::Never;
    };
    if words.iter().map(|(_, weight)| weight).sum::<f32>() < needed {
        return Condition::Never;
    }
    let with = match having(lighter, needed - weight) {
        Condition::Always => Some((*word).to_owned()),
        Condition::Never => None,
        Condition::If(others) => Some(format!("{word} & {others}")),
    };
    let without = match having(lighter, needed) {
        Condition::Always => return Condition::Always,
        Condition::Never => None,
        Condition::If(others) => Some(others),
    };
    one_of(with.into_iter().chain(without).collect()).map_or(Condition::Never, Condition::If)
}

fn one_of(conditions: Vec<String>) -> Option<String> {
    match conditions.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        several => Some(format!("({})", several.join(" | "))),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Whether a text with some of the words meets a condition; the rest of the condition is left.
    fn alternatives<'a>(rest: &mut &'a str, has: &dyn Fn(&str) -> bool) -> bool {
        let mut met = conjunction(rest, has);
        while let Some(next) = rest.strip_prefix(" | ") {
            *rest = next;
            met |= conjunction(rest, has);
        }
        met
    }

    fn conjunction<'a>(rest: &mut &'a str, has: &dyn Fn(&str) -> bool) -> bool {
        let mut met = operand(rest, has);
        while let Some(next) = rest.strip_prefix(" & ") {
            *rest = next;
            met &= operand(rest, has);
        }
        met
    }

    fn operand<'a>(rest: &mut &'a str, has: &dyn Fn(&str) -> bool) -> bool {
        if let Some(inner) = rest.strip_prefix('(') {
            *rest = inner;
            let met = alternatives(rest, has);
            *rest = rest.strip_prefix(')').unwrap();
            met
        } else {
            let end = rest.find([' ', ')']).unwrap_or(rest.len());
            let (word, behind) = rest.split_at(end);
            *rest = behind;
            has(word)
        }
    }

    fn holds(condition: &str, has: &dyn Fn(&str) -> bool) -> bool {
        let mut rest = condition;
        let met = alternatives(&mut rest, has);
        assert_eq!(rest, "");
        met
    }

    proptest! {
        #[test]
        fn the_condition_is_that_half_is_there(weights in prop::collection::vec(1u8..9, 1..9), chosen in any::<u16>()) {
            let names: Vec<String> = (0..weights.len()).map(|n| format!("w{n}")).collect();
            let words: Vec<(&str, f32)> = names.iter().map(String::as_str).zip(weights.iter().map(|w| f32::from(*w))).collect();
            let has = |word: &str| chosen >> word[1..].parse::<u16>().unwrap() & 1 == 1;
            let there: f32 = words.iter().filter(|(word, _)| has(word)).map(|(_, weight)| weight).sum();
            let all: f32 = words.iter().map(|(_, weight)| weight).sum();
            prop_assert_eq!(holds(&half(&words).unwrap(), &has), 2.0 * there >= all);
        }

        #[test]
        fn many_words_make_no_long_condition(weights in prop::collection::vec(1u8..9, 11..60), chosen in any::<u64>()) {
            let names: Vec<String> = (0..weights.len()).map(|n| format!("w{n}")).collect();
            let words: Vec<(&str, f32)> = names.iter().map(String::as_str).zip(weights.iter().map(|w| f32::from(*w))).collect();
            let condition = half(&words).unwrap();
            prop_assert!(condition.len() < 20_000, "{}", condition.len());
            let has = |word: &str| chosen >> word[1..].parse::<u64>().unwrap() & 1 == 1;
            let there: f32 = words.iter().filter(|(word, _)| has(word)).map(|(_, weight)| weight).sum();
            let all: f32 = words.iter().map(|(_, weight)| weight).sum();
            prop_assert!(2.0 * there < all || holds(&condition, &has));
        }
    }

    #[test]
    fn words_without_weight_are_left_out() {
        assert_eq!(half(&[]), None);
        assert_eq!(half(&[("a", 0.0), ("b", f32::NAN)]), None);
        assert_eq!(half(&[("a", 0.0), ("b", 1.0)]).as_deref(), Some("b"));
    }
}
