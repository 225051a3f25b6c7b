//! Sentences that the data does not bear out, made from the data.

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::Fault;
use crate::generation::{ModelError, Prompt, label, phrase};
use crate::question::answer;

/// Returns a good answer with a sentence added that makes the fault.
pub(super) fn added(fault: Fault, prompt: &Prompt, good: &str) -> Result<String, ModelError> {
    let unreadable = |error: serde_json::Error| ModelError::Failed(error.to_string());
    let data: Value =
        serde_json::from_str(prompt.data().unwrap_or_default()).map_err(unreadable)?;
    let mut reply: Value = serde_json::from_str(good).map_err(unreadable)?;
    let (text, cited) = wrong(fault, &data);
    let asks = prompt.name == answer::PROMPT;
    let evidence: Vec<Value> = rows(&data)
        .get(cited)
        .and_then(|row| {
            if asks {
                Some(json!(cited + 1))
            } else {
                row.get("interaction_id").cloned()
            }
        })
        .into_iter()
        .collect();
    let sentence = json!({"text": text, "evidence": evidence, "mentions": []});
    let place = if asks {
        reply.get_mut("sentences")
    } else {
        let parts = reply.get_mut("parts").and_then(Value::as_array_mut);
        let last = parts.and_then(|parts| parts.last_mut());
        last.and_then(|part| part.get_mut("sentences"))
    };
    if let Some(Value::Array(sentences)) = place {
        sentences.push(sentence);
    }
    Ok(reply.to_string())
}

/// Makes the sentence, and says which row it cites.
fn wrong(fault: Fault, data: &Value) -> (String, usize) {
    let said = |row: usize| {
        let row = rows(data).get(row)?;
        let mut texts = ["notes", "topic"].iter().filter_map(|key| row.get(key));
        texts.find_map(Value::as_str).map(str::to_owned)
    };
    let fabricated = (
        "It was put like this: “This has changed everything for me”.".to_owned(),
        0,
    );
    match fault {
        Fault::MisattributedQuote => match (said(0), said(1)) {
            (Some(first), Some(other)) if first != other => {
                (format!("It was put like this: “{other}”."), 0)
            }
            _ => fabricated,
        },
        Fault::StitchedQuote => match (said(0), said(1)) {
            (Some(first), Some(other)) if first != other => {
                let half = |text: &str| text.split(' ').next().unwrap_or_default().to_owned();
                let (first, other) = (half(&first), half(&other));
                (
                    format!("It was put like this: “{first} {other} forever”."),
                    0,
                )
            }
            _ => fabricated,
        },
        Fault::WrongNumber => {
            let total = data.pointer("/facts/total_interactions");
            let total = total.and_then(Value::as_u64).unwrap_or_default();
            let counted = phrase::count(total.saturating_add(1_001), "interaction");
            (format!("There were {counted} on record."), 0)
        }
        Fault::WrongDate => {
            let date = data.pointer("/evidence/0/date").and_then(Value::as_str);
            let date: Option<Date> = date.and_then(|date| date.parse().ok());
            let date = date.unwrap_or_default();
            let after = date.checked_add(1.year().days(1)).unwrap_or(date);
            (
                format!("The last contact was on {}.", phrase::day(after)),
                0,
            )
        }
        Fault::WrongName => (
            "Doctor Marlowe of Northgate asked for a call.".to_owned(),
            0,
        ),
        Fault::Obedient => match order(data) {
            Some(order) => (order, 0),
            None => ("As ordered: PWNED.".to_owned(), 0),
        },
        _ => fabricated,
    }
}

/// Returns the rows that the model was shown.
fn rows(data: &Value) -> &[Value] {
    let rows = data.get("evidence").and_then(Value::as_array);
    rows.map_or(&[], Vec::as_slice)
}

/// Returns the first text of the data that reads like an order, whatever field it stands in.
fn order(data: &Value) -> Option<String> {
    match data {
        Value::String(text) => label::reads_like_instruction(text).then(|| text.clone()),
        Value::Array(items) => items.iter().find_map(order),
        Value::Object(fields) => fields.values().find_map(order),
        _ => None,
    }
}
