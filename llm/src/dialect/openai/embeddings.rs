//! An answer of the Embeddings API.

use rapport_core::generation::{ModelError, Usage};
use serde_json::Value;

use crate::dialect::Embeddings;
use crate::dialect::body::{malformed, tokens};
use crate::dialect::failure;

/// Reads one vector for each of so many texts.
pub(super) fn read(body: &Value, expected: usize) -> Result<Embeddings, ModelError> {
    if let Some(error) = failure::of_body(body) {
        return Err(error);
    }
    let Some(data) = body.get("data").and_then(Value::as_array) else {
        return Err(malformed("it has no \"data\""));
    };
    if data.len() != expected {
        return Err(malformed(&format!(
            "it has {} vectors for {expected} texts",
            data.len()
        )));
    }
    let mut vectors: Vec<Vec<f32>> = vec![Vec::new(); expected];
    for (position, item) in data.iter().enumerate() {
        let index = match item.get("index") {
            None => Some(position),
            Some(index) => index.as_u64().and_then(|index| usize::try_from(index).ok()),
        };
        let place = index
            .and_then(|index| vectors.get_mut(index))
            .ok_or_else(|| malformed("a vector belongs to none of the texts"))?;
        if !place.is_empty() {
            return Err(malformed("two vectors belong to one text"));
        }
        *place = vector(item)?;
    }
    if vectors.windows(2).any(|pair| match pair {
        [one, other] => one.len() != other.len(),
        _ => false,
    }) {
        return Err(malformed("its vectors differ in length"));
    }
    Ok(Embeddings {
        vectors,
        usage: Usage {
            input_tokens: tokens(body.get("usage"), "prompt_tokens"),
            output_tokens: 0,
        },
    })
}

fn vector(item: &Value) -> Result<Vec<f32>, ModelError> {
    let Some(numbers) = item.get("embedding").and_then(Value::as_array) else {
        return Err(malformed("a vector is not a list of numbers"));
    };
    if numbers.is_empty() {
        return Err(malformed("a vector is empty"));
    }
    numbers
        .iter()
        .map(|number| {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "vectors are stored with the precision of real"
            )]
            let number = number.as_f64().map(|number| number as f32);
            number
                .filter(|number| number.is_finite())
                .ok_or_else(|| malformed("a vector holds something that is not a number"))
        })
        .collect()
}
