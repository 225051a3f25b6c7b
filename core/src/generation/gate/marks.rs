//! What a sentence says of a contact: its day, its time, its channel, topic and sentiment, and the
//! products of its month, in the order in which they stand.

use std::collections::HashSet;

use jiff::civil::Date;

use super::mask::COVER;
use super::quantities;
use super::token::{self, Token};
use super::words::stem;
use crate::generation::reply::{Mention, MentionKind};
use crate::generation::{Evidence, Request, label, medium};

/// One thing that a sentence says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    Day(Date),
    /// A month of a year, without a day.
    Month(i16, i8),
    /// A label, with all that it is in the data.
    Label(Vec<MentionKind>, String),
    /// A usual word for a channel.
    Medium(&'static str),
    /// A word for how a contact went.
    Tone(&'static str),
    /// A sentiment that is denied.
    Denied(String),
    /// A number that counts.
    Count(u64),
    /// "one", which mostly counts nothing.
    One,
    /// Words for contacts of which something is not recorded.
    Unrecorded,
}

impl What {
    /// Tells whether a label or word can be of this kind.
    pub(super) fn is(&self, kind: MentionKind) -> bool {
        match self {
            Self::Label(kinds, _) => kinds.contains(&kind),
            Self::Medium(_) => kind == MentionKind::Channel,
            Self::Tone(_) | Self::Denied(_) => kind == MentionKind::Sentiment,
            _ => false,
        }
    }

    /// Tells whether it is true of a row.
    pub(super) fn fits(&self, row: &Evidence) -> bool {
        let is = |text: &Option<String>, wanted: &str| {
            text.as_deref()
                .is_some_and(|text| label::fold(text) == wanted)
        };
        match self {
            Self::Day(day) => row.date == *day,
            Self::Month(year, month) => row.date.year() == *year && row.date.month() == *month,
            Self::Label(kinds, text) => kinds.iter().any(|kind| match kind {
                MentionKind::Channel => is(&row.channel, text),
                MentionKind::Topic => is(&row.topic, text),
                MentionKind::Sentiment => is(&row.sentiment, text),
                MentionKind::Product => row.products.iter().any(|own| label::fold(own) == *text),
            }),
            Self::Medium(name) => row
                .channel
                .as_deref()
                .is_some_and(|channel| medium::covers(channel, name)),
            Self::Tone(tone) => is(&row.sentiment, tone),
            Self::Denied(tone) => row.sentiment.is_some() && !is(&row.sentiment, tone),
            Self::Count(_) | Self::One | Self::Unrecorded => true,
        }
    }
}

/// Where something is said, counted in tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) at: usize,
    /// The token behind it.
    pub(super) end: usize,
    pub(super) what: What,
}

/// A label of the data, as tokens in lower case.
#[derive(Debug)]
struct Known {
    tokens: Vec<String>,
    kinds: Vec<MentionKind>,
    folded: String,
    /// Whether the words alone do not show that the label is meant, as any sentence may hold them.
    is_usual: bool,
}

impl Known {
    /// Returns what the label can be; of several, what the sentence marks it as.
    fn marked(&self, mentions: &[Mention]) -> Vec<MentionKind> {
        let own = mentions
            .iter()
            .filter(|mention| label::fold(&mention.value) == self.folded);
        let marked: Vec<MentionKind> = own.map(|mention| mention.kind).collect();
        let mut kinds = self.kinds.clone();
        if marked.iter().any(|kind| kinds.contains(kind)) {
            kinds.retain(|kind| marked.contains(kind));
        }
        kinds
    }
}

/// The marks around a label that was quoted.
pub(super) const OPENS: char = '\u{e000}';
pub(super) const CLOSES: char = '\u{e001}';

/// Finds what sentences say, given the labels of one request.
#[derive(Debug)]
pub(super) struct Finder {
    known: Vec<Known>,
}

fn key(token: &Token) -> String {
    match token {
        Token::Word(word) => word.to_lowercase(),
        Token::Number(number) => number.clone(),
        Token::Mark(mark) => label::lower(*mark).to_string(),
    }
}

impl Finder {
    pub(super) fn new(data: &Request) -> Self {
        let mut known: Vec<Known> = Vec::new();
        let labels = (data.channels().map(|text| (MentionKind::Channel, text)))
            .chain(data.topics().map(|text| (MentionKind::Topic, text)))
            .chain(data.sentiments().map(|text| (MentionKind::Sentiment, text)))
            .chain(data.products().map(|text| (MentionKind::Product, text)));
        for (kind, text) in labels {
            let folded = label::fold(text);
            match known.iter_mut().find(|own| own.folded == folded) {
                Some(own) if own.kinds.contains(&kind) => {}
                Some(own) => own.kinds.push(kind),
                None => {
                    let tokens: Vec<String> = token::split(text).iter().map(key).collect();
                    let words = tokens
                        .iter()
                        .filter(|own| own.chars().any(char::is_alphabetic));
                    let is_usual =
                        words.count() < 2 && tokens.iter().all(|own| super::lexicon::knows(own));
                    known.push(Known {
                        tokens,
                        kinds: vec![kind],
                        folded,
                        is_usual,
                    });
                }
            }
        }
        for own in [&data.facts.occupation, &data.facts.customer_type]
            .into_iter()
            .flatten()
        {
            let folded = label::fold(own);
            // A word that is the customer's as well does not show what is meant.
            for same in known.iter_mut().filter(|known| known.folded == folded) {
                same.is_usual = true;
            }
        }
        known.retain(|own| own.folded.contains(char::is_alphanumeric));
        known.sort_by_key(|own| std::cmp::Reverse(own.tokens.len()));
        Self { known }
    }

    /// Finds all that a sentence says.
    pub(super) fn find(&self, text: &str, mentions: &[Mention]) -> Vec<Mark> {
        let tokens = token::split(text);
        let keys: Vec<String> = tokens.iter().map(key).collect();
        let mut marks = Vec::new();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            if *token == Token::Mark(OPENS) {
                let inner: Vec<String> = (keys.iter().skip(at + 1))
                    .take_while(|key| !key.starts_with(CLOSES))
                    .cloned()
                    .collect();
                let end = at + inner.len() + 2;
                if let Some(own) = self.known.iter().find(|own| own.tokens == inner) {
                    let what = What::Label(own.marked(mentions), own.folded.clone());
                    marks.push(Mark { at, end, what });
                }
                at = end;
                continue;
            }
            let rest = keys.get(at..).unwrap_or_default();
            // What is more than plain words is a label only in quotation marks.
            let found = (self.known.iter())
                .find(|own| label::is_plain(&own.folded) && rest.starts_with(&own.tokens));
            // A label that is a date, or a month, is what is longer.
            let labelled = found.map_or(0, |own| own.tokens.len());
            if let Some((day, length)) = quantities::day_at(tokens.get(at..).unwrap_or_default())
                && length > labelled
            {
                marks.push(Mark {
                    at,
                    end: at + length,
                    what: day,
                });
                at += length;
                continue;
            }
            let is_meant = |own: &&Known| {
                !own.is_usual
                    || mentions
                        .iter()
                        .any(|mention| label::fold(&mention.value) == own.folded)
                    || (at > 0 && starts_upper(token))
            };
            if let Some(own) = found.filter(is_meant) {
                let kinds = own.marked(mentions);
                let what = What::Label(kinds, own.folded.clone());
                let end = at + own.tokens.len();
                let denied = own.kinds == [MentionKind::Sentiment] && is_denied(&keys, at);
                let compared = is_compared(&keys, at) && own.kinds == [MentionKind::Sentiment];
                if denied {
                    marks.push(Mark {
                        at,
                        end,
                        what: What::Denied(own.folded.clone()),
                    });
                } else if !compared {
                    marks.push(Mark { at, end, what });
                }
                at += own.tokens.len();
                continue;
            }
            let before = at.checked_sub(1).and_then(|at| tokens.get(at));
            if let Some(what) = said(&keys, at).or_else(|| counted(token, before, &keys, at)) {
                marks.push(Mark {
                    at,
                    end: at + 1,
                    what,
                });
            }
            at += 1;
        }
        marks
    }
}

/// Leaves out words for channels that notes tell: "prefers short meetings".
pub(super) fn leave_told(marks: &mut Vec<Mark>, notes: &HashSet<String>) {
    marks.retain(|mark| match mark.what {
        What::Medium(name) => !notes.contains(&stem(name)),
        _ => true,
    });
}

fn starts_upper(token: &Token) -> bool {
    matches!(token, Token::Word(word) if word.starts_with(char::is_uppercase))
}

/// Words that deny what follows them in the same clause.
const DENIES: [&str; 9] = [
    "not", "never", "no", "none", "nothing", "hardly", "neither", "nor", "without",
];

/// Tells whether what stands at a place is denied by a word before it in the clause.
fn is_denied(keys: &[String], at: usize) -> bool {
    let clause: Vec<&str> = keys
        .get(..at)
        .unwrap_or_default()
        .iter()
        .rev()
        .map(String::as_str)
        .take_while(|key| {
            !matches!(
                *key,
                "," | ";"
                    | ":"
                    | "."
                    | "("
                    | ")"
                    | "and"
                    | "but"
                    | "that"
                    | "which"
                    | "because"
                    | "when"
                    | "where"
            )
        })
        .collect();
    let denied = clause
        .iter()
        .any(|key| DENIES.contains(key) || key.ends_with("n't") || key.ends_with("n’t"));
    denied
        && !clause
            .windows(2)
            .any(|pair| pair == ["but", "anything"] || pair == ["than", "other"])
        && !clause.contains(&"anything")
}

/// Tells whether "more" or "less" stands before, so that it is a comparison.
fn is_compared(keys: &[String], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| keys.get(at));
    before.is_some_and(|key| key == "more" || key == "less")
}

/// Reads a word that stands for a channel or for how a contact went.
fn said(keys: &[String], at: usize) -> Option<What> {
    let word = keys.get(at)?.as_str();
    let near = |back: usize| {
        at.checked_sub(back)
            .and_then(|at| keys.get(at))
            .map(String::as_str)
    };
    let after = keys.get(at + 1).map(String::as_str);
    let tone = |tone: &'static str| {
        if is_denied(keys, at) {
            What::Denied(tone.to_owned())
        } else {
            What::Tone(tone)
        }
    };
    match word {
        "positive" if !is_compared(keys, at) => return Some(tone("positive")),
        "negative" if !is_compared(keys, at) => return Some(tone("negative")),
        "neutral" if !is_compared(keys, at) => return Some(tone("neutral")),
        "mixed" => return Some(tone("mixed")),
        "well" if (1..=2).any(|back| near(back).is_some_and(|word| stem(word) == "go")) => {
            return Some(went(keys, at, "positive"));
        }
        "badly" | "wrong"
            if (1..=2).any(|back| near(back).is_some_and(|word| stem(word) == "go")) =>
        {
            return near(1)
                .filter(|word| *word != "what" && word != &"went")
                .map(|_| went(keys, at, "negative"))
                .or_else(|| (word == "badly").then(|| went(keys, at, "negative")));
        }
        "good" | "pleasant" | "bad" => {
            let noun = after.is_some_and(|noun| {
                matches!(
                    noun,
                    "one"
                        | "ones"
                        | "experience"
                        | "course"
                        | "contact"
                        | "contacts"
                        | "call"
                        | "visit"
                        | "meeting"
                        | "exchange"
                        | "interaction"
                        | "email"
                        | "letter"
                )
            });
            let is_said = near(1).is_some_and(|word| stem(word) == "be")
                && after.is_none_or(|word| {
                    !matches!(
                        word,
                        "to" | "that"
                            | "for"
                            | "reason"
                            | "start"
                            | "day"
                            | "moment"
                            | "time"
                            | "order"
                            | "place"
                            | "beginning"
                            | "basis"
                    )
                });
            let is_start = near(1).is_some_and(|word| word == "that" || word == "such");
            if (noun && !is_start) || is_said {
                return Some(went(
                    keys,
                    at,
                    if word == "bad" {
                        "negative"
                    } else {
                        "positive"
                    },
                ));
            }
        }
        _ => {}
    }
    let name = medium::named_by(word)?;
    // "may we call you", "this letter", "another call" speak of no contact that was.
    let named = word.ends_with("ed")
        || !near(1).is_some_and(|before| {
            matches!(
                before,
                "this"
                    | "to"
                    | "we"
                    | "i"
                    | "you"
                    | "may"
                    | "can"
                    | "could"
                    | "please"
                    | "would"
                    | "another"
                    | "further"
                    | "next"
                    | "new"
                    | "or"
                    | "shall"
                    | "should"
                    | "first"
                    | "don't"
                    | "not"
            )
        });
    named.then_some(What::Medium(name))
}

/// Turns a word for how a contact went where it is denied: what did not go well was negative.
fn went(keys: &[String], at: usize, tone: &'static str) -> What {
    if !is_denied(keys, at) {
        return What::Tone(tone);
    }
    match tone {
        "positive" => What::Tone("negative"),
        other => What::Denied(other.to_owned()),
    }
}

/// Reads a number that counts something.
fn counted(token: &Token, before: Option<&Token>, keys: &[String], at: usize) -> Option<What> {
    let after = keys.get(at + 1).map(String::as_str).unwrap_or_default();
    match token {
        Token::Number(number) => {
            let of_customer = before.is_some_and(|token| {
                *token == Token::Mark(COVER)
                    || token
                        .word()
                        .is_some_and(|word| word.starts_with("customer"))
            });
            let value = token::whole(number)?;
            // As a count it stands before what it counts, which is checked elsewhere.
            let is_year =
                number.len() == 4 && !matches!(after, "interactions" | "contacts" | "times");
            let is_ordinal = matches!(after, "st" | "nd" | "rd" | "th");
            (!of_customer && !is_year && !is_ordinal).then_some(What::Count(value))
        }
        Token::Word(_) => {
            let key = keys.get(at)?;
            let before = at.checked_sub(1).and_then(|at| keys.get(at));
            if key == "recorded" && before.is_some_and(|word| word == "not" || word == "no") {
                return Some(What::Unrecorded);
            }
            // "Every one of the 12 interactions" says what "every interaction" does.
            let key_at = |place: usize| keys.get(place).map(String::as_str);
            if key == "one"
                && before.is_some_and(|word| word == "every")
                && (key_at(at + 1), key_at(at + 2)) == (Some("of"), Some("the"))
                && matches!(key_at(at + 4), Some("interactions" | "contacts"))
            {
                return None;
            }
            let mut sum = None;
            for part in key.split('-') {
                let (_, value) = label::NUMBER_WORDS.iter().find(|(name, _)| *name == part)?;
                sum = Some(sum.unwrap_or(0) + value);
            }
            sum.map(|value| {
                if value == 1 {
                    What::One
                } else {
                    What::Count(value)
                }
            })
        }
        Token::Mark(_) => None,
    }
}
