//! Chooses few of many results so that they do not all say the same.

/// How alike two results are, from 0 to 1.
type Likeness<'a> = dyn Fn(usize, usize) -> f32 + 'a;

/// Chooses at most `count` results by maximal marginal relevance (Carbonell and Goldstein 1998): each
/// time the one whose score, less what an already chosen one says as well, is highest.
///
/// `scores` are from 0 to 1; `relevance`, from 0 to 1, is what the score weighs against likeness, and
/// with 1 the order is that of the scores. Returns the places of the chosen, the first first; equal
/// ones in the order in which they stand. Takes `count` × results steps.
///
/// ```
/// use rapport_core::ranking::diverse;
///
/// // The second says what the first says.
/// let alike = |one: usize, other: usize| if one.max(other) == 1 { 1.0 } else { 0.0 };
/// assert_eq!(diverse(&[0.9, 0.89, 0.5], &alike, 0.5, 2), [0, 2]);
/// assert_eq!(diverse(&[0.9, 0.89, 0.5], &alike, 1.0, 2), [0, 1]);
/// ```
#[must_use]
pub fn diverse(
    scores: &[f32],
    likeness: &Likeness<'_>,
    relevance: f32,
    count: usize,
) -> Vec<usize> {
    // What each would add, and the greatest likeness to one that was chosen.
    let mut open: Vec<(usize, f32, f32)> = scores
        .iter()
        .enumerate()
        .map(|(place, &score)| (place, score, 0.0))
        .collect();
    let mut chosen = Vec::with_capacity(count.min(scores.len()));
    while chosen.len() < count {
        let worth =
            |&(_, score, alike): &(usize, f32, f32)| relevance * score - (1.0 - relevance) * alike;
        let Some(best) =
            (0..open.len()).reduce(|best, next| match (open.get(best), open.get(next)) {
                (Some(one), Some(other)) if worth(other) > worth(one) => next,
                _ => best,
            })
        else {
            break;
        };
        let (place, _, _) = open.remove(best);
        for (other, _, alike) in &mut open {
            *alike = alike.max(likeness(place, *other));
        }
        chosen.push(place);
    }
    chosen
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_comes_of_nothing() {
        let never = |_, _| 0.0;
        assert!(diverse(&[], &never, 0.5, 3).is_empty());
        assert!(diverse(&[1.0], &never, 0.5, 0).is_empty());
        assert_eq!(diverse(&[0.2, 0.2, 0.9], &never, 0.5, 9), [2, 0, 1]);
    }

    proptest! {
        #[test]
        fn each_is_chosen_once_and_the_best_first(scores in prop::collection::vec(0.0f32..1.0, 1..40), count in 1usize..50) {
            let alike = |one: usize, other: usize| if one % 3 == other % 3 { 0.8 } else { 0.1 };
            let mut chosen = diverse(&scores, &alike, 0.7, count);
            prop_assert_eq!(chosen.len(), count.min(scores.len()));
            let best = scores.iter().copied().fold(0.0, f32::max);
            prop_assert_eq!(scores[chosen[0]], best);
            chosen.sort_unstable();
            chosen.dedup();
            prop_assert_eq!(chosen.len(), count.min(scores.len()));
        }
    }
}
