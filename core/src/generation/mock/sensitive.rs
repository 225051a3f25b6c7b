//! Texts where a safety matter is on record: no product, no offer, nothing medical, and the
//! safety contact.

use super::history::{History, Mood};
use super::part;
use crate::generation::Reply;
use crate::generation::phrase::{self, Contact, Pieces};
use crate::generation::reply::Sentence;

/// Wordings of one kind of message about a safety matter.
#[derive(Debug)]
pub(super) struct Wording {
    pub(super) subject: &'static [&'static str],
    pub(super) about_row: &'static [&'static str],
    pub(super) about_topic: &'static [&'static str],
    pub(super) apology: &'static [&'static str],
    pub(super) since: &'static [&'static str],
    pub(super) hands: &'static [&'static str],
    pub(super) contact: &'static [&'static str],
    pub(super) contact_unknown: &'static [&'static str],
    pub(super) limits: &'static [&'static str],
    pub(super) close: &'static [&'static str],
}

/// Returns the latest interaction that is a safety matter.
pub(super) fn matter<'a>(history: &History<'a>) -> Option<Contact<'a>> {
    history
        .data
        .evidence
        .iter()
        .find(|row| row.sensitive || history.data.is_sensitive_topic(row.topic.as_deref()))
        .map(Contact::from)
}

/// Returns the general pieces with `matter`, `topics` and `safety` added.
pub(super) fn pieces(history: &History<'_>) -> Pieces {
    let mut pieces = history
        .pieces()
        .text("safety", history.data.voice.safety_contact.as_str());
    if let Some(matter) = matter(history) {
        // A row may be marked because of its notes; its topic is then not the matter.
        let is_topic = history.data.is_sensitive_topic(matter.topic);
        let named = if is_topic {
            matter.named_as_safety_matter()
        } else {
            matter.named_without_topic()
        };
        pieces = pieces.with("matter", named);
    }
    let topics = history.data.facts.sensitive_topics.iter();
    let topics = topics.map(String::as_str).collect();
    match history.list_of_topics(topics, 1, phrase::safety_topic) {
        Some(piece) => pieces.with("topics", piece),
        None => pieces.text("topics", "a safety matter"),
    }
}

/// Writes a message.
pub(super) fn message(history: &History<'_>, wording: &Wording) -> Reply {
    let pieces = pieces(history);
    let say = |place, patterns| pieces.say(history.choice.of(place, patterns));
    let matter = matter(history);
    let mut opening: Vec<Sentence> = vec![if matter.is_some() {
        say("matter", wording.about_row)
    } else {
        say("matter", wording.about_topic)
    }];
    let last = history.contact;
    let is_last = matter.is_some_and(|matter| last.is_some_and(|last| last.id == matter.id));
    if is_last && history.mood == Mood::Negative {
        opening.push(say("apology", wording.apology));
    }
    let contact = if history.data.voice.safety_contact.is_empty() {
        wording.contact_unknown
    } else {
        wording.contact
    };
    let mut body = vec![
        say("hands", wording.hands),
        say("contact", contact),
        say("limits", wording.limits),
    ];
    let later = match (matter, last) {
        (Some(matter), Some(last)) => !is_last && last.date > matter.date,
        _ => false,
    };
    if later {
        body.push(say("since", wording.since));
    }
    Reply {
        subject: Some(say("subject", wording.subject).text),
        parts: vec![
            part("opening", opening),
            part("body", body),
            part("closing", vec![say("close", wording.close)]),
        ],
    }
}
