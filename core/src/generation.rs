//! Turns facts and evidence about one customer into a summary or a draft.
//!
//! Numbers come from the caller, words from a [`Model`]. The model sees a [`Prompt`]: fixed
//! instructions, and the data as one fenced JSON line that no label can close. What it answers
//! passes a gate: a sentence whose number, date, quotation, channel, topic or product is not in
//! the data is refused and recorded. When too little is left, a text made of facts alone takes
//! its place. Greeting, signature and the pointer to the safety contact never depend on a model.

mod facts;
mod frame;
pub(crate) mod gate;
pub(crate) mod label;
mod medium;
mod mock;
mod model;
pub(crate) mod phrase;
pub(crate) mod prompt;
pub(crate) mod repair;
pub(crate) mod reply;
mod task;
mod template;
#[cfg(test)]
mod tests;

pub use facts::{
    ChannelCount, Evidence, Facts, LastInteraction, Moment, Request, SentimentCount, TopicCount,
    Voice,
};
pub use mock::{Fault, FaultyModel, MockModel};
pub use model::{Completion, FinishReason, Model, ModelError, Usage};
pub use prompt::{Prompt, Repair};
pub use reply::{Mention, MentionKind, Part, Reply, Sentence};
pub use task::Task;

use serde::Serialize;

use crate::Error;

/// A checked text, with all that is needed to trace and to replay it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Generation {
    /// What was asked for.
    pub task: Task,
    /// The whole text, as a person would send or read it.
    pub text: String,
    /// The subject line; only an email and a letter have one.
    pub subject: Option<String>,
    /// Whether a person has to look at the text before it is used.
    pub needs_review: bool,
    /// Why a person has to look at it; empty when nobody has to.
    pub review_reasons: Vec<String>,
    /// The interactions that the text relies on, in the order in which it does.
    pub cited: Vec<i64>,
    /// The sentences between greeting and signature, each with the interactions it relies on.
    pub sentences: Vec<TracedSentence>,
    /// What the model wrote and the gate did not let pass.
    pub refused: Vec<Refused>,
    /// What was not let through of the other answer, where the model was asked twice.
    pub discarded: Vec<Refused>,
    /// Whether the text is the standard one, made of facts without the model.
    pub fallback: bool,
    /// The name of the model.
    pub model: String,
    /// Name and version of the prompt, such as `email/3`.
    pub prompt: String,
    /// SHA-256 of prompt and model: the same key means the same question.
    pub key: String,
    /// What the model said it consumed.
    pub usage: Usage,
}

/// One sentence of a [`Generation`] and the interactions that it relies on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TracedSentence {
    /// The part of the text in which the sentence stands, such as `opening`.
    pub part: String,
    /// The sentence.
    pub text: String,
    /// The identifiers of the interactions.
    pub evidence: Vec<i64>,
}

/// Something that a model wrote and that was not let through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// What the model wrote, cut to 300 characters.
    pub text: String,
    /// Why it was refused.
    pub reason: String,
}

/// Asks a model for the text of a request and checks what it answers.
///
/// ```
/// use rapport_core::generation::{MockModel, Request, generate};
///
/// let request: Request = serde_json::from_str(
///     r#"{"task": "email", "facts": {"customer_id": 6, "occupation": "Jedi"},
///         "evidence": [], "voice": {"sender": "The Rapport team"}}"#,
/// )?;
/// let generation = generate(&request, &MockModel)?;
/// assert!(generation.text.starts_with("Dear Jedi,"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Model`] when the model fails. A model that answers nonsense is no error: it is told
/// what was wrong and asked once more; if that is of no use either, the text is the standard one.
/// What was wrong stands in [`Generation::refused`].
pub fn generate(request: &Request, model: &dyn Model) -> Result<Generation, Error> {
    let prompt = Prompt::build(request);
    let asked = repair::ask(model, &prompt, |completion| {
        check(request, &prompt, model, completion)
    })?;
    Ok(Generation {
        discarded: asked.discarded,
        usage: asked.usage,
        ..asked.answer
    })
}

impl repair::Checked for Generation {
    fn refused(&self) -> &[Refused] {
        &self.refused
    }

    fn is_fallback(&self) -> bool {
        self.fallback
    }
}

/// Checks what a model answered to the prompt of a request and makes the text of it.
///
/// It is the second half of [`generate`], for callers that ask the model themselves.
#[must_use]
pub fn check(
    request: &Request,
    prompt: &Prompt,
    model: &dyn Model,
    completion: &Completion,
) -> Generation {
    let data = request.bounded();
    let checked = gate::check(&data, completion);
    let fallback = checked.is_too_little(data.task);
    let mut refused = checked.refused;
    let (mut subject, mut parts) = (checked.subject, checked.parts);
    if fallback {
        for sentence in parts.into_iter().flat_map(|part| part.sentences) {
            refused.push(Refused {
                text: label::clean(&sentence.text, 300),
                reason: "too little of the answer was left".to_owned(),
            });
        }
        (subject, parts) = (None, template::parts(&data));
    }
    frame::ensure_safety_contact(&data, &mut parts);
    let review_reasons = review_reasons(&data, fallback, &refused);
    let mut cited = Vec::new();
    let mut sentences = Vec::new();
    for part in &parts {
        for sentence in &part.sentences {
            for id in &sentence.evidence {
                if !cited.contains(id) {
                    cited.push(*id);
                }
            }
            sentences.push(TracedSentence {
                part: part.part.clone(),
                text: sentence.text.clone(),
                evidence: sentence.evidence.clone(),
            });
        }
    }
    Generation {
        task: data.task,
        text: frame::text(&data, &parts),
        subject: data
            .task
            .has_subject()
            .then(|| subject.unwrap_or_else(|| template::subject(&data))),
        needs_review: !review_reasons.is_empty(),
        review_reasons,
        cited,
        sentences,
        refused,
        discarded: Vec::new(),
        fallback,
        model: model.name().to_owned(),
        prompt: prompt.id(),
        key: prompt.key(&model.identity()),
        usage: completion.usage,
    }
}

fn review_reasons(data: &Request, fallback: bool, refused: &[Refused]) -> Vec<String> {
    let mut reasons = data.sensitive_reasons();
    if !reasons.is_empty() && data.voice.safety_contact.is_empty() {
        reasons.push("no safety contact is configured".to_owned());
    }
    for odd in data.labels_that_read_like_instructions() {
        let shown = label::shorten(&odd, 60);
        reasons.push(format!(
            "the label \"{shown}\" reads like an instruction or a template and is not repeated"
        ));
    }
    if fallback {
        reasons.push(
            "the answer of the model could not be used; this is the standard text".to_owned(),
        );
    } else if refused.len() == 1 {
        reasons.push("1 sentence of the model was refused".to_owned());
    } else if !refused.is_empty() {
        reasons.push(format!(
            "{} sentences of the model were refused",
            refused.len()
        ));
    }
    reasons
}
