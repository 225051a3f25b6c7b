//! One more chance: a model whose answer was refused in part is told why, and asked once more.

use std::fmt::Write as _;

use super::{Completion, Model, ModelError, Prompt, Refused, Repair, Usage, label};
use crate::Error;

/// The number of refusals that a model is told.
const MOST_TOLD: usize = 20;
/// The longest answer that a model is shown again, in characters.
const LONGEST_SHOWN: usize = 16_000;

/// An answer that was checked.
pub(crate) trait Checked {
    /// Returns what was not let through.
    fn refused(&self) -> &[Refused];

    /// Tells whether nothing of the answer could be used.
    fn is_fallback(&self) -> bool;
}

/// The better of the answers of a model, and what they took.
#[derive(Debug)]
pub(crate) struct Asked<T> {
    /// The answer that is used.
    pub(crate) answer: T,
    /// What was refused in the answer that is not used.
    pub(crate) discarded: Vec<Refused>,
    /// What both answers consumed.
    pub(crate) usage: Usage,
}

/// Asks a model, and once more if its answer was refused in part.
///
/// # Errors
/// [`Error::Model`] when the model fails. One that fails at the second attempt has answered the
/// first, unless the caller no longer wants the answer.
pub(crate) fn ask<T: Checked>(
    model: &dyn Model,
    prompt: &Prompt,
    check: impl Fn(&Completion) -> T,
) -> Result<Asked<T>, Error> {
    let failed = |source| Error::Model {
        model: model.name().to_owned(),
        source,
    };
    let completion = model.complete(prompt).map_err(failed)?;
    let mut asked = Asked {
        answer: check(&completion),
        discarded: Vec::new(),
        usage: completion.usage,
    };
    if asked.answer.refused().is_empty() {
        return Ok(asked);
    }
    let again = Prompt {
        repair: Some(Repair {
            complaint: complaint(asked.answer.refused()),
            answer: completion.text.chars().take(LONGEST_SHOWN).collect(),
        }),
        ..prompt.clone()
    };
    let completion = match model.complete(&again) {
        Ok(completion) => completion,
        Err(ModelError::Cancelled) => return Err(failed(ModelError::Cancelled)),
        Err(_) => return Ok(asked),
    };
    asked.usage.input_tokens += completion.usage.input_tokens;
    asked.usage.output_tokens += completion.usage.output_tokens;
    let mut other = check(&completion);
    let lost = |answer: &T| (answer.is_fallback(), answer.refused().len());
    if lost(&other) < lost(&asked.answer) {
        std::mem::swap(&mut other, &mut asked.answer);
    }
    asked.discarded = other.refused().to_vec();
    Ok(asked)
}

/// Says what was refused, in words for the model.
fn complaint(refused: &[Refused]) -> String {
    let mut text =
        String::from("Your answer cannot be used as it is. This was refused, for these reasons:\n");
    for Refused { text: said, reason } in refused.iter().take(MOST_TOLD) {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "- \"{}\": {reason}", label::clean(said, 300));
    }
    text.push_str(
        "Answer again with one complete JSON object of the same schema. Correct what was refused or \
         leave it out, and keep the rest as it is.",
    );
    text
}
