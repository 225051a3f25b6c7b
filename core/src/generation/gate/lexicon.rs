//! The language of contact: the words in which polite people speak of records, answer, ask and
//! offer. A word that is neither here nor in the data has no place in a text.
//!
//! A word that makes a claim about a customer, a product or the future is left out, or stands
//! among those that need a question, an offer or a note next to them.

mod courtesy;
mod records;
mod structure;

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::words::stem;

/// Where a word may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Use {
    /// In any sentence, an answer to a question too.
    Anywhere,
    /// In any sentence of a text to or about a customer.
    Letter,
    /// In a sentence that asks, offers or speaks of the sender.
    Asked,
    /// As before, but not to a customer with a safety matter.
    Offered,
}

static WORDS: LazyLock<HashMap<String, Use>> = LazyLock::new(|| {
    let lists: [(&[&str], Use); 5] = [
        (&structure::ALL, Use::Anywhere),
        (&records::ALL, Use::Anywhere),
        (&courtesy::LETTER, Use::Letter),
        (&courtesy::ASKED, Use::Asked),
        (&courtesy::OFFERED, Use::Offered),
    ];
    let mut words = HashMap::new();
    for (list, place) in lists {
        for word in list.iter().flat_map(|line| line.split_whitespace()) {
            // A word of two lists has the wider use.
            words.entry(stem(word)).or_insert(place);
        }
    }
    words
});

static TOLD: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let words = records::TOLD
        .iter()
        .flat_map(|line| line.split_whitespace());
    words.map(stem).collect()
});

/// Tells whether a word may say what a note says in another language.
pub(crate) fn is_told(stem: &str) -> bool {
    TOLD.contains(stem)
}

/// Tells where a word may stand, given its stem; nowhere when it is not a word of contact.
pub(crate) fn place(stem: &str) -> Option<Use> {
    WORDS.get(stem).copied()
}

/// Tells whether a word may begin a sentence without being a name.
pub(crate) fn knows(word: &str) -> bool {
    place(&stem(word)).is_some()
}

/// Phrases between spaces, and whether they need a sentence that asks; the longest first, as one
/// may be part of another.
static PHRASES: LazyLock<Vec<(String, bool)>> = LazyLock::new(|| {
    let free = courtesy::PHRASES.iter().chain(&records::PHRASES);
    let asked = courtesy::ASKED_PHRASES.iter().map(|phrase| (phrase, true));
    let mut phrases: Vec<(String, bool)> = (free.map(|phrase| (phrase, false)).chain(asked))
        .map(|(phrase, asked)| (format!(" {phrase} "), asked))
        .collect();
    phrases.sort_by_key(|(phrase, _)| std::cmp::Reverse(phrase.len()));
    phrases
});

/// Takes out the phrases of which a word alone would say more; some only where a sentence asks or
/// offers. Words stand between single spaces.
pub(crate) fn without_phrases(text: &str, asks: bool) -> String {
    let mut text = text.to_owned();
    for (phrase, _) in PHRASES.iter().filter(|(_, asked)| asks || !asked) {
        while text.contains(phrase.as_str()) {
            text = text.replace(phrase.as_str(), " ");
        }
    }
    text
}

/// Tells whether a word belongs to the grammar of another language that labels may be in.
pub(crate) fn is_foreign_structure(word: &str) -> bool {
    structure::FOREIGN
        .iter()
        .any(|line| line.split(' ').any(|own| own == word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_their_places() {
        for (word, expected) in [
            ("the", Some(Use::Anywhere)),
            ("recorded", Some(Use::Anywhere)),
            ("Thanks", Some(Use::Letter)),
            ("needs", Some(Use::Asked)),
            ("material", Some(Use::Offered)),
            ("delivery", Some(Use::Offered)),
        ] {
            assert_eq!(place(&stem(word)), expected, "{word}");
        }
    }

    #[test]
    fn words_that_claim_have_none() {
        for word in [
            "safe",
            "effective",
            "guarantee",
            "always-on",
            "eager",
            "will",
            "must",
            "cheaper",
            "impressed",
            "hopes",
            "plans",
            "likely",
            "probably",
            "faster",
            "growing",
            "doctor",
            "pharmacist",
            "free",
            "cure",
            "dose",
            "tablets",
            "percent",
            "majority",
            "sixth",
            "password",
            "link",
            "toujours",
            "immer",
            "siempre",
            "XIV",
            "autumn",
            "soon",
        ] {
            assert_eq!(place(&stem(word)), None, "{word}");
        }
    }

    #[test]
    fn a_phrase_is_more_than_its_words() {
        assert_eq!(
            without_phrases(" please feel free to ask ", false),
            " please to ask "
        );
        assert_eq!(without_phrases(" it is free ", true), " it is free ");
    }
}
