use std::collections::{BTreeSet, HashSet};

use super::*;

#[test]
fn there_are_more_than_ten_thousand_files() {
    let cases = corpus(1);
    assert!(cases.len() >= 10_000, "{}", cases.len());
    let names: HashSet<String> = cases.iter().map(ToString::to_string).collect();
    assert_eq!(names.len(), cases.len());
}

#[test]
fn the_same_seed_makes_the_same_files() {
    let size = 300;
    let (first, second) = (sample(corpus(7), 7, size), sample(corpus(7), 7, size));
    assert_eq!(first.len(), second.len());
    for (one, two) in first.iter().zip(&second).filter(|(case, _)| !case.heavy) {
        assert_eq!(one.to_string(), two.to_string());
        assert!(one.content() == two.content(), "{one} differs");
    }
}

#[test]
fn a_sample_has_every_family() {
    let cases = corpus(1);
    let families: BTreeSet<_> = cases.iter().map(|case| case.family).collect();
    let chosen = sample(cases, 1, 600);
    assert!((600..700).contains(&chosen.len()), "{}", chosen.len());
    assert_eq!(
        chosen
            .iter()
            .map(|case| case.family)
            .collect::<BTreeSet<_>>(),
        families
    );
}
