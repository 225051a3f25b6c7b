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
fn the_first_spelling_wins_a_tie() {
    let file = with_topics(&["other", "SAFETY", "Safety"], "{}");
    assert_eq!(topics(&file), ["other", "SAFETY", "SAFETY"]);
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
