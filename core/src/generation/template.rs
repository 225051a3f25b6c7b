//! The standard text: facts alone, in fixed words, for when the answer of a model is of no use.

use super::phrase::{self, Contact, Piece, Pieces};
use super::reply::{MentionKind, Part, Sentence};
use super::{Request, Task, frame, label, medium};

/// Returns the subject line of the standard text.
pub(crate) fn subject(data: &Request) -> String {
    if data.is_sensitive() {
        "Your contact for safety questions".to_owned()
    } else if data.facts.total_interactions == 0 {
        "How can we help you?".to_owned()
    } else {
        "Our contact with you".to_owned()
    }
}

/// Returns the parts of the standard text.
pub(crate) fn parts(data: &Request) -> Vec<Part> {
    let facts = facts_only(data);
    let closing = Pieces::default().say("Please tell us if there is anything we can do for you.");
    match data.task {
        Task::Summary => vec![part("summary", facts)],
        Task::Email | Task::Letter => {
            let opening = Pieces::default().say(if data.facts.total_interactions == 0 {
                "We would like to introduce ourselves as your contact for questions."
            } else {
                "We are writing to stay in contact with you."
            });
            let body = if data.facts.total_interactions == 0 {
                Vec::new()
            } else {
                facts
            };
            vec![
                part("opening", vec![opening]),
                part("body", body),
                part("closing", vec![closing]),
            ]
        }
        Task::CallScript => {
            let say = |pattern| vec![Pieces::default().say(pattern)];
            vec![
                part(
                    "opening",
                    vec![
                        Pieces::default()
                            .text("sender", frame::sender(data))
                            .say("Good day, I am calling on behalf of {sender}."),
                    ],
                ),
                part("points", facts),
                part("questions", say("Is there anything we can do for you?")),
                part("closing", say("Thank you for your time.")),
            ]
        }
    }
}

fn part(name: &str, sentences: Vec<Sentence>) -> Part {
    Part {
        part: name.to_owned(),
        sentences,
    }
}

/// Says who the customer is, for colleagues: `customer 1 (Jedi, type Red)`.
pub(crate) fn who(data: &Request) -> String {
    let id = data.facts.customer_id;
    let occupation = data.facts.occupation.as_deref().and_then(label::shown);
    let kind = data.facts.customer_type.as_deref().and_then(label::shown);
    match (occupation, kind) {
        (Some(occupation), Some(kind)) => format!("customer {id} ({occupation}, type {kind})"),
        (Some(occupation), None) => format!("customer {id} ({occupation})"),
        (None, Some(kind)) => format!("customer {id} (type {kind})"),
        (None, None) => format!("customer {id}"),
    }
}

fn facts_only(data: &Request) -> Vec<Sentence> {
    let facts = &data.facts;
    let to_customer = matches!(data.task, Task::Email | Task::Letter);
    let mut pieces = Pieces::default().text("who", who(data)).text(
        "count",
        phrase::count(facts.total_interactions, "interaction"),
    );
    if facts.total_interactions == 0 {
        return vec![pieces.say("{Who} has no interactions on record.")];
    }
    pieces = pieces.text("times", phrase::times(facts.total_interactions));
    let mut sentences = vec![pieces.say(if to_customer {
        "Our records show that we have been in contact {times}."
    } else {
        "{Who} has {count} on record."
    })];
    if let Some(channel) = facts.channel_shares().leader()
        && let Some(usual) = medium::usual(channel)
    {
        pieces = pieces.with(
            "usual",
            Piece::new(usual).about(MentionKind::Channel, channel),
        );
        sentences.push(pieces.say(if to_customer {
            "We are most often in contact {usual}."
        } else {
            "Contact is most often {usual}."
        }));
    }
    if let Some(last) = &facts.last_interaction {
        let last = Contact::from(last);
        let named = if data.is_sensitive() {
            last.named_without_topic()
        } else if to_customer {
            last.named()
        } else {
            last.named_with_quotation()
        };
        pieces = pieces.with("contact", named);
        sentences.push(pieces.say(if to_customer {
            "The most recent contact was our {contact}."
        } else {
            "The most recent interaction was the {contact}."
        }));
    }
    sentences
}
