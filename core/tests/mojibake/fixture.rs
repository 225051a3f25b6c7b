//! Reads the recorded fixture.

use serde_json::Value;

/// A right text and what became of it.
pub(super) struct Recorded {
    pub(super) right: String,
    /// What ftfy makes of the right text is the right text.
    pub(super) left_by_ftfy: bool,
    pub(super) garbled: Vec<Garbled>,
}

/// One garbling.
pub(super) struct Garbled {
    pub(super) kind: String,
    pub(super) text: String,
    pub(super) ftfy: String,
    /// The most that can be won back: the right text, but for a character that was cut.
    pub(super) best: String,
}

pub(super) fn recorded() -> Vec<Recorded> {
    include_str!("fixture.jsonl").lines().map(read).collect()
}

fn read(line: &str) -> Recorded {
    let value: Value = serde_json::from_str(line).unwrap();
    let right = string(&value["right"]);
    let garbled = value["garbled"].as_array().unwrap().iter();
    Recorded {
        left_by_ftfy: value["ftfy"].as_bool().unwrap(),
        garbled: garbled.map(|item| read_garbled(item, &right)).collect(),
        right,
    }
}

fn read_garbled(item: &Value, right: &str) -> Garbled {
    let text = string(&item[1]);
    Garbled {
        kind: string(&item[0]),
        ftfy: match &item[2] {
            Value::Bool(true) => right.to_owned(),
            Value::Bool(false) => text.clone(),
            answer => string(answer),
        },
        best: item.get(3).map_or_else(|| right.to_owned(), string),
        text,
    }
}

fn string(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
