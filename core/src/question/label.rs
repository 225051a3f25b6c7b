//! Finds the labels of the data in a question.

use super::plan::{Plan, Vocabulary};
use super::word::{self, Word, words};

/// The kinds of labels, in the order in which they are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    CustomerType,
    Topic,
    Channel,
    Sentiment,
    Occupation,
    Product,
}

impl Kind {
    pub(super) const ALL: [Self; 6] = [
        Self::CustomerType,
        Self::Topic,
        Self::Channel,
        Self::Sentiment,
        Self::Occupation,
        Self::Product,
    ];

    fn labels(self, vocabulary: &Vocabulary) -> &[String] {
        match self {
            Self::CustomerType => &vocabulary.customer_types,
            Self::Topic => &vocabulary.topics,
            Self::Channel => &vocabulary.channels,
            Self::Sentiment => &vocabulary.sentiments,
            Self::Occupation => &vocabulary.occupations,
            Self::Product => &vocabulary.products,
        }
    }

    pub(super) fn place(self, plan: &mut Plan) -> &mut Option<String> {
        match self {
            Self::CustomerType => &mut plan.customer_type,
            Self::Topic => &mut plan.topic,
            Self::Channel => &mut plan.channel,
            Self::Sentiment => &mut plan.sentiment,
            Self::Occupation => &mut plan.occupation,
            Self::Product => &mut plan.product,
        }
    }

    /// The word that says that a label of this kind follows.
    fn cue(self) -> &'static str {
        match self {
            Self::CustomerType => "type",
            Self::Topic => "topic",
            Self::Channel => "channel",
            Self::Sentiment => "sentiment",
            Self::Occupation => "occupation",
            Self::Product => "product",
        }
    }

    /// Tells whether a label between these words is meant as one, and not as a word of the subject. What is
    /// counted is counted by labels; what is looked for is rather in the texts.
    fn is_meant(self, before: &str, after: &str, counts: bool) -> bool {
        match self {
            Self::CustomerType => {
                matches!(after, "customer" | "type") || (counts && before == "with")
            }
            Self::Topic | Self::Product => counts,
            Self::Sentiment => {
                counts
                    || matches!(before, "were" | "wa" | "are" | "is")
                    || matches!(
                        after,
                        "feedback"
                            | "interaction"
                            | "sentiment"
                            | "reaction"
                            | "comment"
                            | "contact"
                    )
            }
            Self::Channel => {
                counts
                    || matches!(
                        before,
                        "" | "by"
                            | "via"
                            | "in"
                            | "during"
                            | "at"
                            | "from"
                            | "of"
                            | "on"
                            | "which"
                            | "all"
                    )
                    || matches!(after, "about" | "with" | "to" | "on" | "in" | "where")
            }
            Self::Occupation => {
                counts
                    || matches!(
                        before,
                        "" | "with"
                            | "to"
                            | "by"
                            | "from"
                            | "which"
                            | "what"
                            | "do"
                            | "did"
                            | "of"
                            | "and"
                            | "for"
                    )
            }
        }
    }
}

/// A label that was found, and where its last word stands.
pub(super) struct Found {
    pub(super) label: String,
    pub(super) last: usize,
}

/// Finds the longest label of a kind that the question means in front of a word, and takes its words.
pub(super) fn take(
    words: &mut [Word],
    end: usize,
    kind: Kind,
    vocabulary: &Vocabulary,
    counts: bool,
) -> Option<Found> {
    let mut best: Option<(usize, usize, String)> = None;
    for label in kind.labels(vocabulary) {
        for (shown, stems) in forms(label, kind) {
            let length = stems.len();
            if best
                .as_ref()
                .is_some_and(|(_, longest, _)| *longest >= length)
            {
                continue;
            }
            let found = (0..end).find(|&at| {
                let stem_at = |at: usize| words.get(at).map_or("", |word| word.stem.as_str());
                let here = words.get(at..(at + length).min(end)).unwrap_or_default();
                let before = at.checked_sub(1).map_or("", stem_at);
                length > 0
                    && here.iter().map(|word| &word.stem).eq(stems.iter())
                    && here.iter().all(|word| !word.is_taken)
                    && (before == kind.cue() || kind.is_meant(before, stem_at(at + length), counts))
            });
            if let Some(at) = found {
                best = Some((at, length, shown.clone()));
            }
        }
    }
    let (at, length, label) = best?;
    let cued = usize::from(
        at > 0
            && words
                .get(at - 1)
                .is_some_and(|word| word.stem == kind.cue()),
    );
    // "Type Red", and "Drug Efficacy topic".
    let behind = usize::from(
        words
            .get(at + length)
            .is_some_and(|word| word.stem == kind.cue()),
    );
    word::take(words, at - cued, length + cued + behind);
    Some(Found {
        label,
        last: at + length - 1,
    })
}

/// A label, and for an occupation its last words too: a nurse is who is a practice nurse or a hospital nurse.
fn forms(label: &str, kind: Kind) -> Vec<(String, Vec<String>)> {
    let parts: Vec<&str> = label.split_whitespace().collect();
    let starts = if kind == Kind::Occupation {
        parts.len()
    } else {
        parts.len().min(1)
    };
    (0..starts)
        .filter_map(|start| {
            let shown = parts.get(start..)?.join(" ");
            let stems = words(&shown).into_iter().map(|word| word.stem).collect();
            Some((shown, stems))
        })
        .collect()
}
