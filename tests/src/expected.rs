//! What an import of the sample must give, as `expected/derive.py` worked it out.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;

/// Returns the fixture `expected/sample.json`.
pub fn sample() -> &'static Value {
    static SAMPLE: OnceLock<Value> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        serde_json::from_str(include_str!("../expected/sample.json")).expect("the fixture is JSON")
    })
}

/// Returns a number of the fixture.
pub fn number(pointer: &str) -> i64 {
    at(pointer)
        .as_i64()
        .unwrap_or_else(|| panic!("{pointer} is no number"))
}

/// Returns a value of the fixture.
pub fn at(pointer: &str) -> &'static Value {
    sample()
        .pointer(pointer)
        .unwrap_or_else(|| panic!("the fixture has no {pointer}"))
}

/// Returns a matrix of the fixture as (customer type, product) → interactions; the product of the
/// unattributed ones is `None`.
pub fn matrix(name: &str) -> BTreeMap<(String, Option<String>), i64> {
    let mut cells = BTreeMap::new();
    for (customer_type, row) in at(&format!("/{name}")).as_object().expect("a matrix") {
        for (column, count) in row.as_object().expect("a row of a matrix") {
            let product = match column.as_str() {
                "total" => continue,
                "unattributed" => None,
                product => Some(product.to_owned()),
            };
            cells.insert(
                (customer_type.clone(), product),
                count.as_i64().expect("a count"),
            );
        }
    }
    cells
}

/// Returns the distinct totals of a matrix of the fixture.
pub fn totals(name: &str) -> BTreeMap<String, i64> {
    let rows = at(&format!("/{name}")).as_object().expect("a matrix");
    rows.iter()
        .map(|(name, row)| (name.clone(), row["total"].as_i64().expect("a total")))
        .collect()
}

/// Returns every stored interaction as (customer, time, channel, topic, sentiment), ordered.
pub fn interactions() -> Vec<Vec<Option<String>>> {
    columns(
        "/interactions",
        &[
            "customer_id",
            "occurred_at",
            "channel",
            "topic",
            "sentiment",
        ],
    )
}

/// Returns every stored product as (month, product), ordered.
pub fn products() -> Vec<Vec<Option<String>>> {
    columns("/products", &["month", "product"])
}

/// Returns every stored customer as (id, occupation, type, placeholder as psql shows it), ordered by id.
pub fn customers() -> Vec<Vec<Option<String>>> {
    let mut rows: Vec<_> = at("/customers")
        .as_object()
        .expect("customers")
        .iter()
        .map(|(id, customer)| {
            let flag = if customer["is_placeholder"] == true {
                "t"
            } else {
                "f"
            };
            let rest = [
                text(&customer["occupation"]),
                text(&customer["customer_type"]),
                Some(flag.to_owned()),
            ];
            (id.parse::<i64>().expect("an id"), rest)
        })
        .collect();
    rows.sort();
    rows.into_iter()
        .map(|(id, rest)| [Some(id.to_string())].into_iter().chain(rest).collect())
        .collect()
}

fn columns(pointer: &str, names: &[&str]) -> Vec<Vec<Option<String>>> {
    let rows = at(pointer).as_array().expect("rows");
    rows.iter()
        .map(|row| names.iter().map(|name| text(&row[*name])).collect())
        .collect()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
