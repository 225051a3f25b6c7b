//! The prompt and the endpoint that the fixtures belong to.

use rapport_core::generation::{Prompt, Repair};
use rapport_llm::{Auth, Dialect, Endpoint, Secret, WireRequest, WireResponse, dialect};
use serde_json::{Map, Value, json};

pub(crate) fn prompt() -> Prompt {
    Prompt {
        name: "summary",
        version: 1,
        system: "Write a summary.".to_owned(),
        user: r#"{"customer":"C-1"}"#.to_owned(),
        schema: json!({
            "type": "object",
            "properties": {"summary": {"type": "string"}},
            "required": ["summary"],
            "additionalProperties": false,
        }),
        max_output_tokens: 800,
        repair: None,
    }
}

pub(crate) fn repaired() -> Prompt {
    Prompt {
        repair: Some(Repair {
            answer: r#"{"summary":"Überall"}"#.to_owned(),
            complaint: "The number 7 is not in the data.".to_owned(),
        }),
        ..prompt()
    }
}

pub(crate) fn endpoint(url: &str, model: &str, parameters: Value) -> Endpoint {
    let Value::Object(parameters) = parameters else {
        panic!("parameters are an object");
    };
    Endpoint {
        url: url.parse().unwrap(),
        model: model.to_owned(),
        auth: Auth::Standard,
        secret: Some(secret()),
        parameters,
        stream: false,
    }
}

/// A secret as an operator would keep it.
pub(crate) fn secret() -> Secret {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("key");
    std::fs::write(&path, "hunter2\n").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    Secret::resolve("key", Some(directory.path())).unwrap()
}

pub(crate) fn openai() -> &'static dyn Dialect {
    dialect("openai").unwrap()
}

pub(crate) fn anthropic() -> &'static dyn Dialect {
    dialect("anthropic").unwrap()
}

pub(crate) fn fixture(path: &str) -> Vec<u8> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/");
    std::fs::read(format!("{root}{path}")).unwrap()
}

pub(crate) fn body(request: &WireRequest) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

pub(crate) fn header<'a>(request: &'a WireRequest, name: &str) -> Option<&'a str> {
    let mut found = request.headers.iter().filter(|header| header.name == name);
    let value = found.next().map(|header| header.value.as_str());
    assert!(found.next().is_none(), "{name} is there twice");
    value
}

pub(crate) fn response(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> WireResponse {
    let headers = vec![("content-type".to_owned(), content_type.to_owned())];
    WireResponse::new(status, headers, body.into())
}

pub(crate) fn ok(body: &Value) -> WireResponse {
    response(200, "application/json", body.to_string())
}

/// Replaces the member behind a JSON pointer, or removes it.
pub(crate) fn with(mut body: Value, pointer: &str, value: Option<Value>) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match (body.pointer_mut(parent).unwrap(), value) {
        (Value::Array(list), Some(value)) => list[key.parse::<usize>().unwrap()] = value,
        (Value::Object(map), Some(value)) => drop(map.insert(key.to_owned(), value)),
        (Value::Object(map), None) => drop(map.remove(key)),
        _ => panic!("{pointer}"),
    }
    body
}

pub(crate) fn none() -> Value {
    Value::Object(Map::new())
}
