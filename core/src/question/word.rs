//! The words of a question, in a form in which they can be compared with labels.

/// A word, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// As it is written.
    pub(super) text: String,
    /// In lower case, without hyphens and the endings of plurals and of the past.
    pub(super) stem: String,
    /// Whether a sentence begins with it, so that its capital says nothing.
    pub(super) is_first: bool,
    /// Whether a comma is in front of it.
    pub(super) is_apart: bool,
    /// Whether it was understood, so that it is no part of the subject.
    pub(super) is_taken: bool,
}

/// Splits a question; hyphens and apostrophes within a word belong to it.
pub(super) fn words(question: &str) -> Vec<Word> {
    let mut found: Vec<Word> = Vec::new();
    let mut is_first = true;
    let mut is_apart = false;
    for piece in question.split_whitespace() {
        for part in piece.split(|letter: char| !letter.is_alphanumeric() && !is_joint(letter)) {
            let text = part.trim_matches(is_joint);
            if !text.is_empty() {
                found.push(Word {
                    text: text.to_owned(),
                    stem: stem(text),
                    is_first,
                    is_apart,
                    is_taken: false,
                });
                is_first = false;
                is_apart = false;
            }
        }
        is_first |= piece.ends_with(['.', '?', '!', ':']);
        is_apart |= piece.ends_with(',');
    }
    found
}

/// Marks words as understood.
pub(super) fn take(words: &mut [Word], at: usize, length: usize) {
    for word in words.iter_mut().skip(at).take(length) {
        word.is_taken = true;
    }
}

fn is_joint(letter: char) -> bool {
    matches!(letter, '-' | '\'' | '\u{2019}' | '\u{2011}')
}

/// Makes one form of the forms of a word; the same for words of questions and of labels.
pub(super) fn stem(word: &str) -> String {
    let lower = word.to_lowercase();
    let lower = lower
        .strip_suffix("'s")
        .or_else(|| lower.strip_suffix("\u{2019}s"))
        .unwrap_or(&lower);
    let plain: String = lower.chars().filter(|letter| !is_joint(*letter)).collect();
    if plain.chars().count() < 4 || plain.chars().any(|letter| letter.is_ascii_digit()) {
        return plain;
    }
    let ends = |endings: &[&str]| endings.iter().any(|ending| plain.ends_with(ending));
    if let Some(root) = plain.strip_suffix("ies") {
        format!("{root}y")
    } else if ends(&["sses", "xes", "ches", "shes"]) {
        plain.strip_suffix("es").unwrap_or(&plain).to_owned()
    } else if ends(&["ss", "us", "is"]) {
        plain
    } else if let Some(root) = plain.strip_suffix('s') {
        root.to_owned()
    } else if let Some(root) = plain.strip_suffix("ed").filter(|root| root.len() > 3) {
        root.to_owned()
    } else {
        plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_are_one() {
        for (forms, root) in [
            (["Call", "calls", "called"], "call"),
            (["E-mail", "emails", "e\u{2011}mailed"], "email"),
            (["Visit", "visits", "visited"], "visit"),
            (["Congress", "congresses", "congress's"], "congress"),
            (["Query", "queries", "QUERY"], "query"),
        ] {
            for form in forms {
                assert_eq!(stem(form), root, "{form}");
            }
        }
    }

    #[test]
    fn words_are_what_stands_between_other_signs() {
        let found: Vec<(String, bool)> = words("Who? Dr O'Neil (lot \"S2403B\"), e-mails!  ")
            .into_iter()
            .map(|word| (word.text, word.is_first))
            .collect();
        let expected = [
            ("Who", true),
            ("Dr", true),
            ("O'Neil", false),
            ("lot", false),
            ("S2403B", false),
            ("e-mails", false),
        ];
        assert_eq!(
            found,
            expected.map(|(text, first)| (text.to_owned(), first))
        );
        assert!(words(" - ' ?").is_empty());
    }
}
