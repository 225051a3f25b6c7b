//! How a way of contact is named in a sentence. A channel that is not in the list, however
//! strange, is named by its label.

use super::label;

/// A usual way of contact.
#[derive(Debug)]
pub(crate) struct Medium {
    /// Its name, by which two labels of the same medium are recognised.
    pub(crate) name: &'static str,
    /// The labels that mean it.
    labels: &'static [&'static str],
    /// What one contact of this kind is called.
    pub(crate) noun: &'static str,
    /// How one contact took place.
    pub(crate) once: &'static str,
    /// How contacts usually take place.
    pub(crate) usual: &'static str,
}

static MEDIA: [Medium; 12] = [
    Medium {
        name: "email",
        labels: &["email", "e-mail", "e mail", "mail"],
        noun: "email exchange",
        once: "by email",
        usual: "by email",
    },
    Medium {
        name: "call",
        labels: &["call", "phone call"],
        noun: "call",
        once: "in a call",
        usual: "through calls",
    },
    Medium {
        name: "phone",
        labels: &["phone", "telephone"],
        noun: "phone call",
        once: "by phone",
        usual: "by phone",
    },
    Medium {
        name: "video call",
        labels: &["video call", "video"],
        noun: "video call",
        once: "in a video call",
        usual: "through video calls",
    },
    Medium {
        name: "letter",
        labels: &["letter", "post"],
        noun: "exchange by letter",
        once: "by letter",
        usual: "by letter",
    },
    Medium {
        name: "fax",
        labels: &["fax"],
        noun: "exchange by fax",
        once: "by fax",
        usual: "by fax",
    },
    Medium {
        name: "visit",
        labels: &["visit"],
        noun: "visit",
        once: "during a visit",
        usual: "through visits",
    },
    Medium {
        name: "meeting",
        labels: &[
            "meeting",
            "face to face",
            "face-to-face",
            "f2f",
            "in person",
        ],
        noun: "meeting",
        once: "in a meeting",
        usual: "through meetings",
    },
    Medium {
        name: "webinar",
        labels: &["webinar"],
        noun: "webinar",
        once: "in a webinar",
        usual: "through webinars",
    },
    Medium {
        name: "conference",
        labels: &["conference", "congress"],
        noun: "conversation at a conference",
        once: "at a conference",
        usual: "at conferences",
    },
    Medium {
        name: "chat",
        labels: &["chat"],
        noun: "chat",
        once: "by chat",
        usual: "by chat",
    },
    Medium {
        name: "text message",
        labels: &["sms", "text message", "text"],
        noun: "exchange by text message",
        once: "by text message",
        usual: "by text message",
    },
];

/// Returns the usual way of contact that a channel means.
pub(crate) fn of(channel: &str) -> Option<&'static Medium> {
    let folded = label::fold(channel);
    MEDIA
        .iter()
        .find(|medium| medium.labels.contains(&folded.as_str()))
}

/// Returns what one contact through a channel is called, such as `call` or `contact by Bird`.
pub(crate) fn noun(channel: Option<&str>) -> String {
    match channel.and_then(|channel| Some((of(channel), label::shown(channel)?))) {
        Some((Some(medium), _)) => medium.noun.to_owned(),
        Some((None, shown)) => format!("contact by {shown}"),
        None => "contact".to_owned(),
    }
}

/// Returns how a contact took place, such as `in a call` or `by Bird`.
pub(crate) fn once(channel: &str) -> Option<String> {
    let shown = label::shown(channel)?;
    Some(of(channel).map_or_else(|| format!("by {shown}"), |medium| medium.once.to_owned()))
}

/// Returns how contacts take place, such as `through calls` or `by Bird`.
pub(crate) fn usual(channel: &str) -> Option<String> {
    let shown = label::shown(channel)?;
    Some(of(channel).map_or_else(|| format!("by {shown}"), |medium| medium.usual.to_owned()))
}

/// Returns the way of contact that a single word of a text names.
pub(crate) fn named_by(word: &str) -> Option<&'static str> {
    match word {
        "email" | "e-mail" | "emails" | "e-mails" => Some("email"),
        "call" | "calls" => Some("call"),
        "phone" | "telephone" => Some("phone"),
        "letter" | "letters" => Some("letter"),
        "fax" | "faxes" => Some("fax"),
        "visit" | "visits" | "visited" => Some("visit"),
        "meeting" | "meetings" => Some("meeting"),
        "webinar" | "webinars" => Some("webinar"),
        "conference" => Some("conference"),
        "chat" | "chats" => Some("chat"),
        "sms" => Some("text message"),
        _ => None,
    }
}

/// Tells whether a channel can be meant by a way of contact; a call may be one by phone or video.
pub(crate) fn covers(channel: &str, name: &str) -> bool {
    match of(channel).map(|medium| medium.name) {
        Some("call" | "phone" | "video call") => matches!(name, "call" | "phone" | "video call"),
        Some(own) => own == name,
        None => label::fold(channel).contains(name),
    }
}
