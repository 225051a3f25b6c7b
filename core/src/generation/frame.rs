//! What stands around the checked sentences: greeting, headings, signature, safety contact. None
//! of it is left to a model.

use super::phrase::Pieces;
use super::reply::{Part, Sentence};
use super::{Request, Task, label};

/// Returns the name by which the customer is addressed, or nothing when the data has none.
pub(crate) fn addressee(data: &Request) -> Option<String> {
    let occupation = label::clean(data.facts.occupation.as_deref()?, usize::MAX);
    let fits = label::is_presentable(&occupation)
        && occupation.chars().count() <= 60
        && occupation.chars().any(char::is_alphabetic);
    fits.then_some(occupation)
}

/// Returns who signs.
pub(crate) fn sender(data: &Request) -> &str {
    let sender = data.voice.sender.as_str();
    if label::is_nothing(sender) {
        "Your customer team"
    } else {
        sender
    }
}

/// Puts greeting, headings and signature around the parts.
pub(crate) fn text(data: &Request, parts: &[Part]) -> String {
    let paragraphs = parts
        .iter()
        .filter(|part| !part.sentences.is_empty())
        .map(|part| {
            let sentences: Vec<&str> = part.sentences.iter().map(|s| s.text.as_str()).collect();
            match data.task {
                Task::CallScript => {
                    let heading = super::phrase::capitalised(&part.part);
                    format!("{heading}\n- {}", sentences.join("\n- "))
                }
                Task::Summary | Task::Email | Task::Letter => sentences.join(" "),
            }
        });
    let body = paragraphs.collect::<Vec<_>>().join("\n\n");
    let name = addressee(data);
    match data.task {
        Task::Summary => body,
        Task::Email | Task::Letter => {
            let greeting = name.as_deref().unwrap_or("customer");
            let farewell = if data.task == Task::Letter {
                "Yours sincerely"
            } else {
                "Kind regards"
            };
            format!(
                "Dear {greeting},\n\n{body}\n\n{farewell},\n{}",
                sender(data)
            )
        }
        Task::CallScript => {
            let id = data.facts.customer_id;
            let heading = name.map_or_else(
                || format!("Call script for customer {id}"),
                |name| format!("Call script for {name} (customer {id})"),
            );
            format!("{heading}\n\n{body}")
        }
    }
}

/// Returns the sentence that points to the safety contact.
pub(crate) fn safety_sentence(data: &Request) -> Sentence {
    let pieces = Pieces::default().text("safety", data.voice.safety_contact.as_str());
    let configured = !data.voice.safety_contact.is_empty();
    pieces.say(match (data.task, configured) {
        (Task::Summary, true) => {
            "A safety matter is on record: anything about it goes to the safety contact, {safety}."
        }
        (Task::Summary, false) => {
            "A safety matter is on record: anything about it goes to the safety team."
        }
        (Task::CallScript, true) => {
            "Pass any question about safety on to the safety contact, {safety}."
        }
        (Task::CallScript, false) => "Pass any question about safety on to the safety team.",
        (_, true) => {
            "For any question or information about safety, please contact {safety} directly."
        }
        (_, false) => {
            "For any question or information about safety, please contact our safety team directly."
        }
    })
}

/// Adds the pointer to the safety contact where the text needs it and does not have it.
pub(crate) fn ensure_safety_contact(data: &Request, parts: &mut Vec<Part>) {
    if !data.is_sensitive() {
        return;
    }
    let contact = data.voice.safety_contact.as_str();
    let wanted = if contact.is_empty() {
        "safety team"
    } else {
        contact
    };
    let points = |sentence: &Sentence| sentence.text.contains(wanted);
    if parts.iter().flat_map(|part| &part.sentences).any(points) {
        return;
    }
    let sentence = safety_sentence(data);
    match parts.last_mut() {
        Some(part) => part.sentences.push(sentence),
        None => parts.extend(data.task.parts().last().map(|part| Part {
            part: (*part).to_owned(),
            sentences: vec![sentence],
        })),
    }
}
