//! One spelling for labels that differ in case.

use super::*;

fn topics(file: &CleanedFile) -> Vec<&str> {
    file.rows
        .iter()
        .filter_map(|row| match &row.record {
            Some(Record::Interaction {
                topic: Some(topic), ..
            }) => Some(topic.as_str()),
            _ => None,
        })
        .collect()
}

fn with_topics(topics: &[&str], known: &str) -> CleanedFile {
    let mut lines = vec![INTERACTIONS.to_owned()];
    lines.extend(
        topics
            .iter()
            .map(|topic| format!("2019-10-04 09:00;Call;1;{topic};")),
    );
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let known = serde_json::from_str(known).unwrap();
    try_csv(
        &lines,
        &ImportOptions {
            known,
            ..ImportOptions::default()
        },
    )
    .unwrap()
}

#[test]
fn the_commonest_spelling_is_taken() {
    let file = with_topics(&["side effects", "Side Effects", " Side Effects"], "{}");
    assert_eq!(topics(&file), ["Side Effects"; 3]);
    assert_eq!(
        entries(&file, 2),
        [(
            "commonest_spelling",
            Some("side effects"),
            Some("Side Effects")
        )]
    );
    assert_eq!(
        entries(&file, 4),
        [(
            "white_space_trimmed",
            Some(" Side Effects"),
            Some("Side Effects")
        )]
    );
}

#[test]
fn capitals_win_a_tie_and_then_the_first_spelling() {
    let file = with_topics(&["other", "drug efficacy", "Drug Efficacy"], "{}");
    assert_eq!(topics(&file), ["other", "Drug Efficacy", "Drug Efficacy"]);
    let file = with_topics(&["SAfety", "SaFety", "safety"], "{}");
    assert_eq!(topics(&file), ["SAfety"; 3]);
}

#[test]
fn a_label_that_is_too_long_counts_as_empty() {
    let longest = "x".repeat(500);
    // As many bytes as a cell may have.
    let too_long = "ÿ".repeat(65_536);
    let padded = format!("{}{longest}", " ".repeat(3_000));
    let file = with_topics(&[&longest, &too_long, &padded], "{}");
    assert_eq!(topics(&file), [longest.as_str(), longest.as_str()]);
    assert_eq!(records(&file, 3).len(), 1);
    assert_eq!(
        entries(&file, 3),
        [("label_too_long", Some(too_long.as_str()), None)]
    );
    let entry = &file.rows[1].entries[0];
    assert_eq!(entry.action, Action::Repaired);
    assert_eq!(entry.column.as_deref(), Some("Topic"));
    let detail = entry.detail.as_deref().unwrap();
    assert!(
        detail.ends_with("is a label of 65536 characters, and at most 500 characters fit"),
        "{detail}"
    );
    assert_eq!(
        entries(&file, 4),
        [(
            "white_space_trimmed",
            Some(padded.as_str()),
            Some(longest.as_str())
        )]
    );
}

#[test]
fn a_product_that_is_too_long_rejects_its_row() {
    let product = "z".repeat(501);
    let file = csv(&[
        "Date,Product",
        &format!("01-2019,{product}"),
        "01-2019,Sand",
    ]);
    assert_eq!(records(&file, 2), Vec::<&Record>::new());
    assert_eq!(
        entries(&file, 2),
        [("label_too_long", Some(product.as_str()), None)]
    );
    assert_eq!(file.rows[0].entries[0].action, Action::Rejected);
    assert_eq!(records(&file, 3).len(), 1);
}

#[test]
fn a_stored_spelling_wins_over_the_commonest() {
    let file = with_topics(
        &["SAFETY", "SAFETY"],
        r#"{"topic": ["Safety"], "channel": ["CALL"]}"#,
    );
    assert_eq!(topics(&file), ["Safety", "Safety"]);
    assert_eq!(
        entries(&file, 3),
        [
            ("known_spelling", Some("Call"), Some("CALL")),
            ("known_spelling", Some("SAFETY"), Some("Safety"))
        ]
    );
}

#[test]
fn odd_labels_stay() {
    let odd = [
        "Plummer", "N/A", "NULL", "?", "0", "=1+1", "Prüfung", "日本",
    ];
    let file = with_topics(&odd, "{}");
    assert_eq!(topics(&file), odd);
    assert!(file.rows.iter().all(|row| row.entries.is_empty()));
}

#[test]
fn a_label_of_dirt_alone_is_empty_and_entered() {
    let file = with_topics(&["\u{200b}"], "{}");
    assert_eq!(topics(&file), Vec::<&str>::new());
    assert_eq!(
        entries(&file, 2),
        [("invisible_characters_removed", Some("\u{200b}"), None)]
    );
}

/// The topics of a file, and the entries of its row 2, with synonyms and stored labels of topics.
fn with_synonyms(topic: &str, synonyms: &str, known: &str) -> (String, Vec<String>) {
    let options = ImportOptions {
        synonyms: serde_json::from_str(synonyms).unwrap(),
        known: serde_json::from_str(known).unwrap(),
        ..ImportOptions::default()
    };
    let line = format!("2019-10-04 09:00;Call;1;{topic};");
    let file = try_csv(&[INTERACTIONS, &line], &options).unwrap();
    let rules = entries(&file, 2)
        .into_iter()
        .map(|entry| entry.0.to_owned());
    (topics(&file).concat(), rules.collect())
}

#[test]
fn a_synonym_is_replaced_by_its_label() {
    let synonyms = r#"{"topic": {"ae report": "Adverse Event Report"}}"#;
    let (topic, rules) = with_synonyms(" AE Report", synonyms, "{}");
    assert_eq!(topic, "Adverse Event Report");
    assert_eq!(rules, ["white_space_trimmed", "synonym_replaced"]);
}

#[test]
fn the_label_of_a_synonym_takes_its_stored_spelling() {
    let synonyms = r#"{"topic": {"ae report": "Adverse Event Report"}}"#;
    let known = r#"{"topic": ["ADVERSE EVENT REPORT", "AE Report"]}"#;
    let (topic, rules) = with_synonyms("AE Report", synonyms, known);
    assert_eq!(topic, "ADVERSE EVENT REPORT");
    assert_eq!(rules, ["synonym_replaced", "known_spelling"]);
}

#[test]
fn synonyms_do_not_chain() {
    let synonyms = r#"{"topic": {"a": "b", "b": "c"}}"#;
    assert_eq!(with_synonyms("a", synonyms, "{}").0, "b");
    assert_eq!(with_synonyms("b", synonyms, "{}").0, "c");
    assert_eq!(with_synonyms("c", synonyms, "{}"), ("c".to_owned(), vec![]));
}
