//! The OpenAPI document is part of the API: a change to it is made on purpose, and shows in a review.

use std::path::Path;

use serde_json::Value;

#[test]
fn the_committed_document_is_the_one_the_routes_describe() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let described = serde_json::to_value(rapport_api::openapi::document()).unwrap();
    let committed: Value = std::fs::read_to_string(&path)
        .map(|text| serde_json::from_str(&text).unwrap())
        .unwrap_or_default();
    assert!(
        committed == described,
        "api/openapi.json is not what the routes describe. If the change is wanted, write it again with\n\
         \n    cargo run -p rapport-api -- openapi > api/openapi.json\n\n\
         and commit it.\n{}",
        first_difference("", &committed, &described)
    );
}

/// Names the first place where two documents differ.
fn first_difference(place: &str, committed: &Value, described: &Value) -> String {
    if let (Value::Object(old), Value::Object(new)) = (committed, described) {
        for key in old.keys().chain(new.keys()) {
            let (before, now) = (&committed[key], &described[key]);
            if before != now {
                return first_difference(&format!("{place}/{key}"), before, now);
            }
        }
    }
    format!("first difference at {place}\ncommitted: {committed}\ndescribed: {described}")
}
