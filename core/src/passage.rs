//! The texts by which an interaction is found: its topic and its notes, in pieces short enough for
//! one vector to say what each is about.

/// The most characters of notes in one passage: a vector of more is about everything and nothing.
const LONGEST: usize = 1_000;

/// The most characters of a topic in front of them; those of imports have at most 500.
const TITLE: usize = 500;

/// Splits what an interaction says into passages; none when it says nothing.
///
/// Each begins with the topic. Notes are split where a paragraph ends in the second half of 1 000
/// characters, else a sentence, else a word; a longer word is split anywhere. Of a topic, 500 characters count.
///
/// ```
/// use rapport_core::passage::passages;
///
/// assert_eq!(passages(Some("Side Effects"), Some("Nausea at night.")), ["Side Effects. Nausea at night."]);
/// assert_eq!(passages(Some("Side Effects"), None), ["Side Effects"]);
/// assert!(passages(None, None).is_empty());
/// ```
#[must_use]
pub fn passages(topic: Option<&str>, notes: Option<&str>) -> Vec<String> {
    let topic = topic
        .map(str::trim)
        .filter(|topic| !topic.is_empty())
        .map(|topic| {
            topic
                .char_indices()
                .nth(TITLE)
                .map_or(topic, |(end, _)| topic.get(..end).unwrap_or(topic))
        });
    let mut rest = notes.unwrap_or_default().trim();
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (part, behind) = rest.split_at(first_end(rest));
        found.push(titled(topic, part.trim_end()));
        rest = behind.trim_start();
    }
    if found.is_empty() {
        found.extend(topic.map(str::to_owned));
    }
    found
}

fn titled(topic: Option<&str>, notes: &str) -> String {
    match topic {
        Some(topic) => format!("{topic}. {notes}"),
        None => notes.to_owned(),
    }
}

/// Returns where the first passage of a text ends, which is behind at least one character.
fn first_end(text: &str) -> usize {
    let Some((limit, _)) = text.char_indices().nth(LONGEST) else {
        return text.len();
    };
    let within = text.get(..limit).unwrap_or(text);
    let behind = |mark: &str| within.rfind(mark).map(|at| at + mark.len());
    let paragraph = behind("\n\n");
    let sentence = [". ", "! ", "? ", ".\n", "!\n", "?\n"]
        .into_iter()
        .filter_map(behind)
        .max();
    let word = within.rfind(char::is_whitespace);
    [paragraph, sentence, word]
        .into_iter()
        .flatten()
        // One that leaves most of the room empty is no good place.
        .find(|&end| end > within.len() / 2)
        .unwrap_or(limit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn notes_are_split_where_a_reader_would() {
        let sentence = format!("{}. ", "word ".repeat(99).trim_end());
        let notes = sentence.repeat(5);
        let found = passages(Some("Topic"), Some(&notes));
        assert_eq!(found.len(), 3);
        for passage in &found {
            assert!(
                passage.starts_with("Topic. word ") && passage.ends_with("word."),
                "{passage}"
            );
        }
        let paragraphs = format!(
            "{}\n\n{}",
            "a b ".repeat(150).trim_end(),
            "c d ".repeat(150)
        );
        assert!(passages(None, Some(&paragraphs))[0].ends_with("a b"));
        let letters = passages(None, Some(&"é".repeat(2_500)));
        let lengths: Vec<usize> = letters.iter().map(|part| part.chars().count()).collect();
        assert_eq!(lengths, [1_000, 1_000, 500]);
    }

    #[test]
    fn white_space_says_nothing() {
        assert!(passages(Some(" "), Some("\n\t")).is_empty());
        assert_eq!(passages(Some(" "), Some(" x ")), ["x"]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost(notes in "[a-c .!?\n\u{e9}]{0,4000}") {
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            let found = passages(None, Some(&notes));
            prop_assert_eq!(letters(&found.concat()), letters(&notes));
            prop_assert!(found.iter().all(|part| !part.is_empty() && part.chars().count() <= LONGEST));
        }
    }
}
