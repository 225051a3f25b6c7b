//! Every way in which the core can refuse its input.
//!
//! A variant says what went wrong; the extension alone decides which SQLSTATE that is.

use crate::generation::ModelError;

/// The reason why a value, a file or a model's answer was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A value or an argument that no rule can read.
    #[error("{message}")]
    InvalidValue {
        /// What is wrong, with the offending value in double quotes.
        message: String,
        /// What would be accepted.
        hint: Option<String>,
    },

    /// A file that is not what its format promises.
    #[error("{message}")]
    InvalidFile {
        /// What is wrong with the file.
        message: String,
        /// What was found instead, and where.
        detail: Option<String>,
        /// What the user can do about it.
        hint: Option<String>,
    },

    /// Input beyond a limit, refused before it is held in memory.
    #[error("{what} is over the limit of {limit}")]
    TooLarge {
        /// What was measured, with its place in the file.
        what: String,
        /// The limit that was passed, with its unit.
        limit: String,
    },

    /// A column in which cells prove both date orders.
    #[error("the dates in column \"{column}\" of sheet \"{sheet}\" are in two orders")]
    MixedDateOrder {
        /// The sheet of the column.
        sheet: String,
        /// The header of the column.
        column: String,
        /// A cell that can only be day/month/year, with its reference.
        day_first: String,
        /// A cell that can only be month/day/year, with its reference.
        month_first: String,
    },

    /// A model that gave no answer.
    #[error("model \"{model}\" {source}")]
    Model {
        /// The name of the model.
        model: String,
        /// Why there is none.
        source: ModelError,
    },
}

impl Error {
    /// Builds an [`Error::InvalidValue`] without a hint.
    #[must_use]
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::InvalidValue {
            message: message.into(),
            hint: None,
        }
    }
}
