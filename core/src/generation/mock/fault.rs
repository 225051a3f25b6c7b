//! A mock that misbehaves in one chosen way, so that what stands behind a model can be tried.

use std::str::FromStr;

use serde_json::json;

use super::{MockModel, falsehood};
use crate::Error;
use crate::generation::{Completion, FinishReason, Model, ModelError, Prompt};

/// A way in which a model can misbehave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// It quotes words that stand nowhere.
    FabricatedQuote,
    /// It quotes one row and cites another.
    MisattributedQuote,
    /// It quotes two places as if they were one.
    StitchedQuote,
    /// It counts one too many.
    WrongNumber,
    /// It names the day after.
    WrongDate,
    /// It names somebody who is not in the data.
    WrongName,
    /// It does what a label or a note tells it to do.
    Obedient,
    /// It answers JSON of its own invention.
    OffSchema,
    /// It answers nothing.
    Empty,
    /// It stops in the middle.
    Truncated,
    /// It does not stop.
    Oversized,
    /// Its provider asks to come back in seven seconds.
    RateLimited,
    /// Its provider fails.
    ServerError,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 13] = [
        Self::FabricatedQuote,
        Self::MisattributedQuote,
        Self::StitchedQuote,
        Self::WrongNumber,
        Self::WrongDate,
        Self::WrongName,
        Self::Obedient,
        Self::OffSchema,
        Self::Empty,
        Self::Truncated,
        Self::Oversized,
        Self::RateLimited,
        Self::ServerError,
    ];

    /// Returns its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FabricatedQuote => "fabricated_quote",
            Self::MisattributedQuote => "misattributed_quote",
            Self::StitchedQuote => "stitched_quote",
            Self::WrongNumber => "wrong_number",
            Self::WrongDate => "wrong_date",
            Self::WrongName => "wrong_name",
            Self::Obedient => "obedient",
            Self::OffSchema => "off_schema",
            Self::Empty => "empty",
            Self::Truncated => "truncated",
            Self::Oversized => "oversized",
            Self::RateLimited => "rate_limited",
            Self::ServerError => "server_error",
        }
    }
}

impl FromStr for Fault {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let named = Self::ALL.into_iter().find(|fault| fault.name() == text);
        named.ok_or_else(|| Error::InvalidValue {
            message: format!("unknown fault \"{}\"", text.escape_debug()),
            hint: Some(format!(
                "use one of {}",
                Self::ALL.map(Self::name).join(", ")
            )),
        })
    }
}

/// The mock with a fault.
#[derive(Debug, Clone)]
pub struct FaultyModel {
    name: String,
    fault: Fault,
    learns: bool,
}

impl FaultyModel {
    /// Returns a mock of a name with a fault. One that `learns` has it no more when it is asked
    /// for a second time.
    #[must_use]
    pub fn new(name: impl Into<String>, fault: Fault, learns: bool) -> Self {
        Self {
            name: name.into(),
            fault,
            learns,
        }
    }
}

impl Model for FaultyModel {
    fn name(&self) -> &str {
        &self.name
    }

    fn identity(&self) -> String {
        format!("mock, {}, {}", self.fault.name(), self.learns)
    }

    fn complete(&self, prompt: &Prompt) -> Result<Completion, ModelError> {
        let good = MockModel.complete(prompt)?;
        if self.learns && prompt.repair.is_some() {
            return Ok(good);
        }
        let answer = |text: String| Completion {
            text,
            ..good.clone()
        };
        match self.fault {
            Fault::Empty => Ok(answer(String::new())),
            Fault::OffSchema => Ok(answer(
                json!({"answer": "Dear customer, all is well.", "score": 0.9}).to_string(),
            )),
            Fault::Truncated => Ok(Completion {
                text: good
                    .text
                    .chars()
                    .take(good.text.chars().count() / 2)
                    .collect(),
                finish: FinishReason::Length,
                ..good
            }),
            Fault::Oversized => Ok(answer(good.text.replacen(
                "\"text\":\"",
                &format!("\"text\":\"{}", "We are happy to help. ".repeat(50_000)),
                1,
            ))),
            Fault::RateLimited => Err(ModelError::RateLimited {
                retry_after: Some(7),
            }),
            Fault::ServerError => Err(ModelError::Failed("500".to_owned())),
            Fault::FabricatedQuote
            | Fault::MisattributedQuote
            | Fault::StitchedQuote
            | Fault::WrongNumber
            | Fault::WrongDate
            | Fault::WrongName
            | Fault::Obedient => Ok(answer(falsehood::added(self.fault, prompt, &good.text)?)),
        }
    }
}
