//! The four texts that can be asked for, and what each must look like.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

/// A kind of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Two to six sentences about a customer, for colleagues.
    Summary,
    /// An email to the customer.
    Email,
    /// A formal letter to the customer.
    Letter,
    /// Lines for a representative who calls the customer.
    CallScript,
}

impl Task {
    /// Every kind of text.
    pub const ALL: [Self; 4] = [Self::Summary, Self::Email, Self::Letter, Self::CallScript];

    /// Returns the name that SQL and HTTP callers use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Email => "email",
            Self::Letter => "letter",
            Self::CallScript => "call_script",
        }
    }

    /// Returns the names of the parts of the text, in the order in which they are read.
    pub(crate) fn parts(self) -> &'static [&'static str] {
        match self {
            Self::Summary => &["summary"],
            Self::Email | Self::Letter => &["opening", "body", "closing"],
            Self::CallScript => &["opening", "points", "questions", "closing"],
        }
    }

    /// Tells whether the text has a subject line.
    pub(crate) fn has_subject(self) -> bool {
        matches!(self, Self::Email | Self::Letter)
    }

    /// Tells whether the customer reads or hears the text.
    pub(crate) fn reaches_customer(self) -> bool {
        self != Self::Summary
    }

    /// Returns the longest text that passes, in characters, without greeting and signature.
    pub(crate) fn longest_text(self) -> usize {
        match self {
            Self::Summary => 2_500,
            Self::Email => 3_000,
            Self::Letter | Self::CallScript => 4_000,
        }
    }

    /// Returns the number of sentences that a text needs to be of use.
    pub(crate) fn fewest_sentences(self) -> usize {
        match self {
            Self::Summary => 1,
            Self::Email | Self::Letter => 2,
            Self::CallScript => 4,
        }
    }

    /// Returns the number of sentences that are looked at.
    pub(crate) fn most_sentences(self) -> usize {
        match self {
            Self::Summary => 6,
            Self::Email => 16,
            Self::Letter | Self::CallScript => 24,
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Task {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|task| task.name() == text)
            .ok_or_else(|| Error::InvalidValue {
                message: format!("unknown content type \"{}\"", text.escape_debug()),
                hint: Some("use email, letter, call_script or summary".to_owned()),
            })
    }
}
