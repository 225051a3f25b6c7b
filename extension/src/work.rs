//! What a model is asked to do: to write a text about a customer, or to answer a question.

use std::collections::BTreeSet;

use pgrx::pg_sys::panic::ErrorReport;
use rapport_core::Error;
use rapport_core::generation::{self, Model, Prompt, Usage};
use rapport_core::question::answer;
use serde::Deserialize;
use serde_json::Value;

use crate::{settings, sqlstate};

/// The longest focus or question, in characters, as `rapport.require_question` has it.
const LONGEST_QUESTION: usize = 2_000;
/// The task of a question.
const ASK: &str = "ask";

/// A piece of work for a model.
pub(crate) enum Work {
    /// A text about a customer.
    Text(Box<generation::Request>),
    /// A question, and the customer that it is about, if it is about one.
    Question(answer::Request, Option<i64>),
}

/// What came of it.
pub(crate) struct Written {
    /// The whole outcome, as JSON.
    pub(crate) result: Value,
    /// Whether it is the standard text.
    pub(crate) fallback: bool,
    /// What the model said it consumed.
    pub(crate) usage: Usage,
}

/// What all requests have.
#[derive(Deserialize)]
struct Envelope {
    task: String,
    #[serde(default)]
    customer_id: Option<i64>,
    #[serde(default)]
    focus: Option<String>,
    #[serde(default)]
    question: Option<String>,
}

impl Work {
    /// Reads a request.
    ///
    /// # Errors
    /// 22023 for one of another shape.
    pub(crate) fn read(request: Value) -> Result<Self, ErrorReport> {
        let invalid = |error: serde_json::Error| sqlstate::invalid("request", &error);
        let envelope = Envelope::deserialize(&request).map_err(invalid)?;
        let about = envelope.focus.as_ref().or(envelope.question.as_ref());
        if about.is_some_and(|about| about.chars().count() > LONGEST_QUESTION) {
            return Err(sqlstate::refused(format!(
                "a focus or a question has at most {LONGEST_QUESTION} characters"
            )));
        }
        if envelope.task == ASK {
            let request = serde_json::from_value(request).map_err(invalid)?;
            return Ok(Self::Question(request, envelope.customer_id));
        }
        let mut request: generation::Request = serde_json::from_value(request).map_err(invalid)?;
        request.voice = settings::voice();
        Ok(Self::Text(Box::new(request)))
    }

    /// Returns the name of the task.
    pub(crate) fn task(&self) -> &'static str {
        match self {
            Self::Text(request) => request.task.name(),
            Self::Question(..) => ASK,
        }
    }

    /// Returns what the model is given.
    pub(crate) fn prompt(&self) -> Prompt {
        match self {
            Self::Text(request) => Prompt::build(request),
            Self::Question(request, _) => answer::prompt(request),
        }
    }

    /// Returns the customer that is asked about, if it is one.
    pub(crate) fn customer(&self) -> Option<i64> {
        match self {
            Self::Text(request) => Some(request.facts.customer_id),
            Self::Question(_, customer) => *customer,
        }
    }

    /// Returns the focus or the question.
    pub(crate) fn about(&self) -> Option<&str> {
        match self {
            Self::Text(request) => request.focus.as_deref(),
            Self::Question(request, _) => Some(&request.question),
        }
    }

    /// Returns everybody whom the evidence tells of.
    pub(crate) fn customers(&self) -> Vec<i64> {
        match self {
            Self::Text(request) => vec![request.facts.customer_id],
            Self::Question(request, customer) => {
                let told = request.evidence.iter().map(|row| row.customer_id);
                let all: BTreeSet<i64> = told.chain(*customer).collect();
                all.into_iter().collect()
            }
        }
    }

    /// Has a model do it.
    ///
    /// # Errors
    /// [`Error::Model`] when the model fails.
    pub(crate) fn write(&self, model: &dyn Model) -> Result<Written, Error> {
        // Strings, numbers and dates: JSON can always express them.
        match self {
            Self::Text(request) => {
                let text = generation::generate(request, model)?;
                Ok(Written {
                    result: serde_json::to_value(&text).unwrap_or_default(),
                    fallback: text.fallback,
                    usage: text.usage,
                })
            }
            Self::Question(request, _) => {
                let answer = answer::answer(request, model)?;
                Ok(Written {
                    result: serde_json::to_value(&answer).unwrap_or_default(),
                    fallback: answer.fallback,
                    usage: answer.usage,
                })
            }
        }
    }
}
