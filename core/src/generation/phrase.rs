//! Pieces of English: dates, lists, counts, the name of a contact, and sentences that remember
//! what they were made from.

mod vocabulary;

use jiff::civil::Date;

use super::reply::{Mention, MentionKind, Sentence};
use super::{Evidence, LastInteraction, label, medium};
use vocabulary::{COMMON, COUNTABLE};

/// Writes a day as `11 February 2020`.
pub(crate) fn day(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}

/// Writes a month as `February 2020`.
pub(crate) fn month(date: Date) -> String {
    date.strftime("%B %Y").to_string()
}

/// Joins items as `a, b and c`.
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// Writes how often: `once`, `twice`, `5 times`.
pub(crate) fn times(count: u64) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        more => format!("{more} times"),
    }
}

/// Writes a number with its noun: `1 interaction`, `2 interactions`.
pub(crate) fn count(count: u64, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

/// Raises the first letter.
pub(crate) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}

/// Writes a topic as it stands after "about", such as `side effects` or `the clinical study`.
/// Usual words are in lower case; a word that may be a name keeps its letters. Quotation marks
/// stand only around what cannot be read as words.
pub(crate) fn topic(text: &str) -> Option<String> {
    topic_with("the", text)
}

/// Writes a topic of a safety matter as it stands after "about": `an adverse event report`.
pub(crate) fn safety_topic(text: &str) -> Option<String> {
    if crate::generation::gate::sounds_like_claim(text, true) {
        return label::quoted(text);
    }
    let starts_with_vowel = text.starts_with(['A', 'E', 'I', 'O', 'a', 'e', 'i', 'o']);
    topic_with(if starts_with_vowel { "an" } else { "a" }, text)
}

fn topic_with(article: &str, text: &str) -> Option<String> {
    let quoted = label::quoted(text)?;
    if !label::is_plain(text) || crate::generation::gate::sounds_like_claim(text, false) {
        return Some(quoted);
    }
    let words: Vec<String> = text
        .split(' ')
        .map(|word| {
            let folded = label::fold(word);
            if COMMON.contains(&folded.as_str())
                || (word.chars().count() > 5 && is_derived(&folded))
            {
                folded
            } else {
                word.to_owned()
            }
        })
        .collect();
    let usual = words
        .iter()
        .all(|word| !word.chars().any(char::is_uppercase));
    Some(match words.as_slice() {
        [only]
            if matches!(
                only.as_str(),
                "discussion" | "and" | "for" | "of" | "in" | "on" | "to"
            ) =>
        {
            quoted
        }
        [rest @ .., last] if usual && !rest.is_empty() && last == "discussion" => rest.join(" "),
        [.., last] if COUNTABLE.contains(&last.as_str()) => {
            format!("{article} {}", words.join(" "))
        }
        _ => words.join(" "),
    })
}

/// Tells whether a word, in lower case, ends as no name does.
fn is_derived(word: &str) -> bool {
    let endings = [
        "tion", "tions", "ment", "ments", "ness", "ability", "ance", "ology",
    ];
    word.is_ascii() && endings.iter().any(|ending| word.ends_with(ending))
}

/// What is known of one interaction, from the facts or from the evidence.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Contact<'a> {
    /// The row, where it is among the rows that can be cited.
    pub(crate) id: Option<i64>,
    /// The day.
    pub(crate) date: Date,
    /// The channel.
    pub(crate) channel: Option<&'a str>,
    /// The topic.
    pub(crate) topic: Option<&'a str>,
    /// The sentiment.
    pub(crate) sentiment: Option<&'a str>,
    /// Products discussed in the month.
    pub(crate) products: &'a [String],
}

impl<'a> From<&'a Evidence> for Contact<'a> {
    fn from(row: &'a Evidence) -> Self {
        Self {
            id: Some(row.interaction_id),
            date: row.date,
            channel: row.channel.as_deref(),
            topic: row.topic.as_deref(),
            sentiment: row.sentiment.as_deref(),
            products: &row.products,
        }
    }
}

impl<'a> From<&'a LastInteraction> for Contact<'a> {
    fn from(last: &'a LastInteraction) -> Self {
        Self {
            id: last.interaction_id,
            date: last.date,
            channel: last.channel.as_deref(),
            topic: last.topic.as_deref(),
            sentiment: last.sentiment.as_deref(),
            products: &[],
        }
    }
}

/// A piece of text and what it was made from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Piece {
    text: String,
    evidence: Vec<i64>,
    mentions: Vec<Mention>,
}

impl Piece {
    /// Makes a piece that relies on nothing.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// Changes the words of the piece.
    pub(crate) fn with_text(mut self, text: String) -> Self {
        self.text = text;
        self
    }

    /// Joins pieces as `a, b and c`; the list relies on what they rely on.
    pub(crate) fn list(pieces: Vec<Self>) -> Self {
        let texts: Vec<String> = pieces.iter().map(|piece| piece.text.clone()).collect();
        let mut whole = Self::new(list(&texts));
        for piece in pieces {
            whole.evidence.extend(piece.evidence);
            whole.mentions.extend(piece.mentions);
        }
        whole
    }

    /// Tells whether the piece speaks about one label only.
    pub(crate) fn is_one_topic(&self) -> bool {
        self.mentions.len() == 1
    }

    /// Adds a row that the piece relies on.
    pub(crate) fn citing(mut self, id: Option<i64>) -> Self {
        self.evidence.extend(id);
        self
    }

    /// Adds a label that the piece speaks about.
    pub(crate) fn about(mut self, kind: MentionKind, value: &str) -> Self {
        self.mentions.push(Mention {
            kind,
            value: value.to_owned(),
        });
        self
    }
}

impl Contact<'_> {
    /// Names the contact: `call on 11 February 2020 about side effects`.
    pub(crate) fn named(&self) -> Piece {
        self.piece(self.topic.and_then(topic))
    }

    /// Names the contact with its topic letter by letter, in quotation marks.
    pub(crate) fn named_with_quotation(&self) -> Piece {
        self.piece(self.topic.and_then(label::quoted))
    }

    /// Names the contact with its topic as that of a safety matter.
    pub(crate) fn named_as_safety_matter(&self) -> Piece {
        self.piece(self.topic.and_then(safety_topic))
    }

    /// Names the contact without its topic.
    pub(crate) fn named_without_topic(&self) -> Piece {
        self.piece(None)
    }

    fn piece(&self, topic: Option<String>) -> Piece {
        let (noun, day) = (medium::noun(self.channel), day(self.date));
        let mut piece = match &topic {
            Some(topic) => Piece::new(format!("{noun} on {day} about {topic}")),
            None => Piece::new(format!("{noun} on {day}")),
        };
        if let Some(channel) = self.channel.filter(|text| label::is_presentable(text)) {
            piece = piece.about(MentionKind::Channel, channel);
        }
        if let (Some(value), Some(_)) = (self.topic, topic) {
            piece = piece.about(MentionKind::Topic, value);
        }
        piece.citing(self.id)
    }
}

/// Named pieces from which a sentence is made.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pieces {
    named: Vec<(&'static str, Piece)>,
}

impl Pieces {
    /// Adds a piece under a name.
    pub(crate) fn with(mut self, name: &'static str, piece: Piece) -> Self {
        self.named.push((name, piece));
        self
    }

    /// Adds a text that relies on nothing under a name.
    pub(crate) fn text(self, name: &'static str, text: impl Into<String>) -> Self {
        self.with(name, Piece::new(text))
    }

    /// Fills `{name}` with a piece, and `{Name}` with the same piece and a raised first letter.
    ///
    /// It reads the pattern once, so a piece that holds `{name}` itself is left as it is. The
    /// sentence relies on what its pieces rely on.
    pub(crate) fn say(&self, pattern: &str) -> Sentence {
        let mut sentence = Sentence::default();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once('{') {
            sentence.text.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                rest = after;
                break;
            };
            let raised = name.starts_with(char::is_uppercase);
            let wanted = name.to_lowercase();
            if let Some((_, piece)) = self.named.iter().find(|(own, _)| *own == wanted) {
                if raised {
                    sentence.text.push_str(&capitalised(&piece.text));
                } else {
                    sentence.text.push_str(&piece.text);
                }
                for id in &piece.evidence {
                    if !sentence.evidence.contains(id) {
                        sentence.evidence.push(*id);
                    }
                }
                for mention in &piece.mentions {
                    if !sentence.mentions.contains(mention) {
                        sentence.mentions.push(mention.clone());
                    }
                }
            }
            rest = after;
        }
        sentence.text.push_str(rest);
        sentence
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Side Effects Discussion", "side effects")]
    #[case("Drug Interaction Concerns", "drug interaction concerns")]
    #[case("Adverse Event Report", "the adverse event report")]
    #[case("Prescription Guidelines", "prescription guidelines")]
    #[case("Discussion", "“Discussion”")]
    #[case("Moon Cheese", "Moon Cheese")]
    #[case("Plummer", "Plummer")]
    #[case("Reimbursement Question", "the reimbursement question")]
    #[case("Zolgensma Pricing", "Zolgensma pricing")]
    #[case("Product Storage and Handling", "product storage and handling")]
    #[case("COVID-19", "“COVID-19”")]
    #[case("Miracle Cure", "“Miracle Cure”")]
    fn writes_topics(#[case] label: &str, #[case] expected: &str) {
        assert_eq!(topic(label).as_deref(), Some(expected));
    }

    #[rstest]
    #[case("Adverse Event Report", "an adverse event report")]
    #[case("Product Defect", "a product defect")]
    #[case("Treatment Failure", "“Treatment Failure”")]
    fn writes_safety_topics(#[case] label: &str, #[case] expected: &str) {
        assert_eq!(safety_topic(label).as_deref(), Some(expected));
    }

    #[test]
    fn writes_lists_and_counts() {
        let items = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(list(&items), "a, b and c");
        assert_eq!(list(&items[..2]), "a and b");
        assert_eq!(count(1, "interaction"), "1 interaction");
        assert_eq!(count(0, "interaction"), "0 interactions");
        assert_eq!(times(2), "twice");
    }

    #[test]
    fn fills_once() {
        let pieces = Pieces::default()
            .with(
                "topic",
                Piece::new("{date} trick").about(MentionKind::Topic, "x"),
            )
            .text("date", "never");
        let sentence = pieces.say("{Topic} and no more.");
        assert_eq!(sentence.text, "{date} trick and no more.");
        assert_eq!(sentence.mentions.len(), 1);
    }
}
