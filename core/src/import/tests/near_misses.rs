//! Labels that are a typing error away from others: suggested, or applied if somebody says so.

use super::*;

/// Topics with their numbers of rows.
fn with_topics(topics: &[(&str, usize)], options: &ImportOptions) -> CleanedFile {
    let mut lines = vec![INTERACTIONS.to_owned()];
    for (topic, rows) in topics {
        let line = format!("2019-10-04 09:00;Call;1;{topic};");
        lines.extend(std::iter::repeat_n(line, *rows));
    }
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    try_csv(&lines, options).unwrap()
}

fn topics(file: &CleanedFile) -> Vec<&str> {
    let topic = |row: &'_ CleanRow| match &row.record {
        Some(Record::Interaction { topic, .. }) => topic.is_some(),
        _ => false,
    };
    file.rows
        .iter()
        .filter(|row| topic(row))
        .map(|row| match &row.record {
            Some(Record::Interaction {
                topic: Some(topic), ..
            }) => topic.as_str(),
            _ => "",
        })
        .collect()
}

#[test]
fn a_near_miss_is_suggested_once_and_stays() {
    let file = with_topics(
        &[
            ("Drug Efficacy", 6),
            ("Drug Eficacy", 1),
            (" drug eficacy", 1),
        ],
        &ImportOptions::default(),
    );
    assert_eq!(
        entries(&file, 0),
        [(
            "near_miss_suggested",
            Some("Drug Eficacy"),
            Some("Drug Efficacy")
        )]
    );
    let entry = &file.rows[0].entries[0];
    assert_eq!(entry.action, Action::Ambiguous);
    assert_eq!(
        (entry.column.as_deref(), entry.cell.as_deref(), entry.field),
        (Some("Topic"), Some("D8"), Some("topic"))
    );
    assert_eq!(
        entry.detail.as_deref().unwrap(),
        "typing errors between \"Drug Eficacy\" and \"Drug Efficacy\": 1; no other label is near; \
         cells: 2 (the first is in row 8)"
    );
    assert_eq!(topics(&file)[6..], ["Drug Eficacy"; 2]);
}

#[test]
fn a_setting_applies_near_misses_cell_by_cell() {
    let options = ImportOptions {
        apply_near_misses: true,
        ..ImportOptions::default()
    };
    let rows = [
        ("Drug Efficacy", 6),
        ("Drug Eficacy", 1),
        (" drug eficacy", 1),
    ];
    let file = with_topics(&rows, &options);
    assert_eq!(topics(&file), ["Drug Efficacy"; 8]);
    assert_eq!(entries(&file, 0), []);
    assert_eq!(
        entries(&file, 8),
        [(
            "near_miss_applied",
            Some("Drug Eficacy"),
            Some("Drug Efficacy")
        )]
    );
    let rules: Vec<_> = entries(&file, 9).into_iter().map(|entry| entry.0).collect();
    assert_eq!(
        rules,
        [
            "white_space_trimmed",
            "commonest_spelling",
            "near_miss_applied"
        ]
    );
}

#[test]
fn a_text_that_a_synonym_covers_is_no_near_miss() {
    let synonyms = serde_json::from_str(r#"{"topic": {"Drug Eficacy": "Drug Eficasy"}}"#).unwrap();
    let options = ImportOptions {
        synonyms,
        ..ImportOptions::default()
    };
    let file = with_topics(&[("Drug Efficacy", 6), ("Drug Eficacy", 1)], &options);
    assert_eq!(entries(&file, 0), []);
    assert_eq!(topics(&file)[6], "Drug Eficasy");
}

#[test]
fn a_column_of_too_many_labels_is_noted() {
    // Pairs of 3 000 labels of one length are 4.5 million, and 2 million are looked at.
    let labels: Vec<String> = (0..3_000)
        .map(|number| format!("label {number:04}"))
        .collect();
    let rows: Vec<_> = labels.iter().map(|label| (label.as_str(), 1)).collect();
    let file = with_topics(&rows, &ImportOptions::default());
    let notes = entries(&file, 0);
    assert_eq!(notes, [("near_misses_not_compared", None, None)]);
    // 0 + 1 + … + 1 999 is 1 999 000, and one more label would not fit.
    assert_eq!(
        file.rows[0].entries[0].detail.as_deref(),
        Some(
            "labels that were not held against the others of the column and the stored ones: 1000"
        )
    );
}
