//! A model without a network: it reads the data block of the prompt, and nothing else, and writes
//! from it by rule. The same prompt always gives the same answer.
//!
//! What it says follows from the history: how the last contact went, whether it went better or
//! worse than the one before, topics, products of the month, usual channel. Which of several
//! wordings it takes follows from the content of the evidence, so that two customers with
//! different histories do not read the same.

mod call_script;
mod choice;
mod email;
mod falsehood;
mod fault;
mod history;
mod letter;
mod message;
mod sensitive;
mod summary;
mod topics;

pub use fault::{Fault, FaultyModel};

use super::prompt::{PROBE, tokens};
use super::reply::{Part, Reply, Sentence};
use super::{Completion, FinishReason, Model, ModelError, Prompt, Request, Task, Usage};
use crate::question::answer;
use history::History;

/// The deterministic model that needs no key and no network.
#[derive(Debug, Clone, Copy, Default)]
pub struct MockModel;

impl Model for MockModel {
    fn name(&self) -> &'static str {
        "mock"
    }

    fn complete(&self, prompt: &Prompt) -> Result<Completion, ModelError> {
        let failed = |what: &str| ModelError::Failed(what.to_owned());
        let json = prompt
            .data()
            .ok_or_else(|| failed("the prompt holds no data block"))?;
        let unreadable = |error: serde_json::Error| {
            ModelError::Failed(format!("the data block is unreadable: {error}"))
        };
        let text = if prompt.name == PROBE {
            Ok(r#"{"ok": true}"#.to_owned())
        } else if prompt.name == answer::PROMPT {
            let data: answer::Request = serde_json::from_str(json).map_err(unreadable)?;
            serde_json::to_string(&answer::extract(&data))
        } else {
            let data: Request = serde_json::from_str(json).map_err(unreadable)?;
            serde_json::to_string(&write(&data))
        }
        .map_err(|_| failed("the answer cannot be written as JSON"))?;
        let usage = Usage {
            input_tokens: prompt.estimated_tokens(),
            output_tokens: tokens(&text),
        };
        Ok(Completion {
            text,
            finish: FinishReason::Stop,
            usage,
        })
    }
}

fn write(data: &Request) -> Reply {
    let history = History::read(data);
    match data.task {
        Task::Summary => summary::write(&history),
        Task::CallScript => call_script::write(&history),
        Task::Email => message::write(&history, &email::WORDING),
        Task::Letter => message::write(&history, &letter::WORDING),
    }
}

fn part(name: &str, sentences: Vec<Sentence>) -> Part {
    Part {
        part: name.to_owned(),
        sentences,
    }
}
