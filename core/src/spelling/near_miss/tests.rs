//! Which labels are near to each other, with distances counted by hand.

use proptest::prelude::*;
use rstest::rstest;

use super::*;

/// Finds the near misses of topics with their cells; the rows are their places.
fn misses(labels: &[(&str, u64)], stored: &[&str]) -> NearMisses {
    let labels: Vec<ColumnLabel<'_>> = (2..)
        .zip(labels)
        .map(|(row, &(label, cells))| ColumnLabel { label, cells, row })
        .collect();
    let mut known = KnownSpellings::default();
    for label in stored {
        known.insert(LabelKind::Topic, *label);
    }
    find(
        LabelKind::Topic,
        &labels,
        &known,
        &Synonyms::default(),
        || (),
    )
}

/// The same, as label, suggestion, distance and next.
fn found(labels: &[(&str, u64)], stored: &[&str]) -> Vec<(String, String, usize, Option<usize>)> {
    misses(labels, stored)
        .found
        .into_iter()
        .map(|near| (near.label, near.suggestion, near.distance, near.next))
        .collect()
}

#[rstest]
// A character is missing, too many, wrong, swapped.
#[case("Drug Efficacy", "Drug Eficacy", Some(1))]
#[case("Drug Efficacy", "Drug Effficacy", Some(1))]
#[case("Drug Efficacy", "Drug Effikacy", Some(1))]
#[case("Drug Efficacy", "Drug Efficayc", Some(1))]
#[case("Drug Efficacy", "drug eficayc", Some(2))]
#[case("Drug Efficacy", "Drug Efikayc", None)]
// Seven characters may have one error, eight may have two.
#[case("Safetty", "Safty", None)]
#[case("Saffety", "Safety", Some(1))]
#[case("Dosages", "Dsoagse", None)]
#[case("Dosages!", "Dsoagse!", Some(2))]
// Four characters are enough, three are not.
#[case("Cost", "Cots", Some(1))]
#[case("Red", "Rad", None)]
#[case("Rede", "Red", None)]
// Digits are never typing errors.
#[case("Phase 2 trial", "Phase 3 trial", None)]
#[case("Phase 12 trial", "Phase 1 trial", None)]
#[case("Phase 2 trial", "Phase 2 trail", Some(1))]
#[case("Größe", "Grösse", None)]
#[case("Prüfungen", "Prufungen", Some(1))]
fn nearness(#[case] common: &str, #[case] rare: &str, #[case] distance: Option<usize>) {
    let expected: Vec<_> = distance
        .map(|distance| (rare.to_owned(), common.to_owned(), distance, None))
        .into_iter()
        .collect();
    assert_eq!(found(&[(common, 9), (rare, 1)], &[]), expected);
    assert_eq!(found(&[(rare, 1)], &[common]), expected);
}

#[test]
fn only_a_much_commoner_label_is_a_candidate() {
    assert_eq!(found(&[("Efficacy", 3), ("Eficacy", 1)], &[]).len(), 1);
    assert_eq!(found(&[("Efficacy", 2), ("Eficacy", 1)], &[]), []);
    assert_eq!(found(&[("Efficacy", 5), ("Eficacy", 2)], &[]), []);
    // A stored one needs no cells.
    assert_eq!(found(&[("Eficacy", 50)], &["Efficacy"]).len(), 1);
}

#[test]
fn two_candidates_at_one_distance_decide_nothing() {
    assert_eq!(found(&[("Casts", 1)], &["Carts", "Costs"]), []);
    let next = found(
        &[("Castings", 1)],
        &["Castigns", "Casting us", "Costingsen"],
    );
    let expected = ("Castings".to_owned(), "Castigns".to_owned(), 1, Some(2));
    assert_eq!(next, [expected]);
}

#[test]
fn stored_labels_are_never_near_to_others() {
    assert_eq!(
        found(
            &[("Efficacy", 90), ("Eficacy", 1)],
            &["Eficacy", "Efficacy"]
        ),
        []
    );
    assert_eq!(found(&[("EFICACY", 1)], &["Eficacy", "Efficacy"]), []);
}

#[test]
fn several_stored_spellings_cannot_be_suggested() {
    assert_eq!(found(&[("Eficacy", 1)], &["Efficacy", "EFFICACY"]), []);
}

#[test]
fn what_is_a_miss_itself_is_no_candidate() {
    let labels = [("Efficacies", 90), ("Efficaces", 9), ("Eficaces", 1)];
    // The last is one error from the second, and two from the first.
    let found = found(&labels, &[]);
    let pairs: Vec<_> = found
        .iter()
        .map(|(label, suggestion, distance, _)| (label.as_str(), suggestion.as_str(), *distance))
        .collect();
    assert_eq!(
        pairs,
        [
            ("Efficaces", "Efficacies", 1),
            ("Eficaces", "Efficacies", 2)
        ]
    );
}

#[test]
fn well_known_channels_and_synonyms_are_settled() {
    let labels = [
        ColumnLabel {
            label: "Boot",
            cells: 90,
            row: 2,
        },
        ColumnLabel {
            label: "Boat",
            cells: 1,
            row: 3,
        },
        ColumnLabel {
            label: "Foot",
            cells: 1,
            row: 4,
        },
        ColumnLabel {
            label: "Booth",
            cells: 1,
            row: 5,
        },
        ColumnLabel {
            label: "Boots",
            cells: 1,
            row: 6,
        },
    ];
    let mut synonyms = Synonyms::default();
    synonyms
        .insert(LabelKind::Channel, "FOOT", "booth")
        .unwrap();
    let known = KnownSpellings::default();
    let near = find(LabelKind::Channel, &labels, &known, &synonyms, || ());
    let found: Vec<_> = near.found.iter().map(|near| near.label.as_str()).collect();
    assert_eq!(found, ["Boots"]);
}

#[test]
fn spellings_of_one_label_count_together() {
    let labels = [
        ("Efficacy", 2),
        ("EFFICACY", 2),
        ("Eficacy", 1),
        ("eficacy", 1),
    ];
    assert_eq!(found(&labels, &[]), []);
    let labels = [
        ("Efficacy", 4),
        ("EFFICACY", 2),
        ("eficacy", 1),
        ("Eficacy", 1),
    ];
    let near = misses(&labels, &[]).found;
    assert_eq!((near[0].cells, near[0].row), (2, 4));
    assert_eq!(near[0].suggestion, "Efficacy");
}

#[test]
fn long_labels_cost_what_they_are_long() {
    // 200 labels of 400 characters with the same letters are 19 900 pairs of 160 000 characters:
    // 40 million are 250 pairs, those of the first 22 labels.
    let labels: Vec<String> = (0..200)
        .map(|place| format!("{}b{}", "a".repeat(place), "a".repeat(399 - place)))
        .collect();
    let labels: Vec<(&str, u64)> = labels.iter().map(|label| (label.as_str(), 1)).collect();
    let stored: Vec<&str> = labels.iter().skip(100).map(|(label, _)| *label).collect();
    let near = misses(&labels[..100], &stored);
    // Each is held against a hundred stored ones: two are done, the third is not.
    assert_eq!((near.found.len(), near.not_compared), (0, 98));
}

#[test]
fn a_caller_may_raise_out_of_the_work() {
    let result = std::panic::catch_unwind(|| {
        let labels = [ColumnLabel {
            label: "Efficacy",
            cells: 1,
            row: 2,
        }];
        let known = KnownSpellings::default();
        find(
            LabelKind::Topic,
            &labels,
            &known,
            &Synonyms::default(),
            || panic!("cancelled"),
        )
    });
    assert!(result.is_err());
}

/// The distance by its definition (Boytsov 2011, recursion with unrestricted transpositions), over
/// a full table.
fn by_table(one: &[char], other: &[char]) -> usize {
    let mut table = vec![vec![0; other.len() + 1]; one.len() + 1];
    for (i, row) in table.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, column) in table[0].iter_mut().enumerate() {
        *column = j;
    }
    for i in 1..=one.len() {
        for j in 1..=other.len() {
            let wrong = usize::from(one[i - 1] != other[j - 1]);
            let mut best = (table[i - 1][j - 1] + wrong)
                .min(table[i - 1][j] + 1)
                .min(table[i][j - 1] + 1);
            for k in 1..i {
                for l in 1..j {
                    if one[k - 1] == other[j - 1] && one[i - 1] == other[l - 1] {
                        let swap = table[k - 1][l - 1] + (i - k - 1) + 1 + (j - l - 1);
                        best = best.min(swap);
                    }
                }
            }
            table[i][j] = best;
        }
    }
    table[one.len()][other.len()]
}

proptest! {
    #[test]
    fn suggestions_are_what_the_definition_says(
        labels in prop::collection::btree_set("[ab]{0,3}[a-d]{3,8}", 1..8),
        stored in prop::collection::btree_set("[ab]{0,3}[a-d]{3,8}", 0..6),
    ) {
        let labels: Vec<(&str, u64)> = labels.iter().map(|label| (label.as_str(), 1)).collect();
        let stored: Vec<&str> = stored.iter().map(String::as_str).collect();
        let mut expected = Vec::new();
        for (label, _) in &labels {
            let length = label.len();
            let mut near: Vec<(usize, &str)> = stored
                .iter()
                .map(|other| {
                    let (one, two): (Vec<char>, Vec<char>) = (label.chars().collect(), other.chars().collect());
                    (by_table(&one, &two), *other)
                })
                .collect();
            near.sort_unstable();
            let allowed = if length < 8 { 1 } else { 2 };
            let clear = near.len() < 2 || near[1].0 > near[0].0;
            if length >= 4 && !stored.contains(label) && !near.is_empty() && near[0].0 <= allowed && clear {
                let next = near.get(1).map(|next| next.0).filter(|next| *next <= allowed + 1);
                expected.push(((*label).to_owned(), near[0].1.to_owned(), near[0].0, next));
            }
        }
        prop_assert_eq!(found(&labels, &stored), expected);
    }
}
