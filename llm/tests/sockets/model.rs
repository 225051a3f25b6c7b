//! The model that the tests call, and what it sends.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use rapport_core::generation::{Completion, Model as _, ModelError, Prompt};
use rapport_llm::{Cancel, Endpoint, Guard, Limits, RemoteModel, Secret, dialect};

use crate::server::{Act, Server, answer};

pub(crate) fn limits() -> Limits {
    Limits {
        connect: Duration::from_secs(2),
        total: Duration::from_secs(10),
        attempts: 1,
        ..Limits::default()
    }
}

pub(crate) fn prompt() -> Prompt {
    Prompt {
        name: "summary",
        version: 1,
        system: "Write.".to_owned(),
        user: "data".to_owned(),
        schema: serde_json::json!({"type": "object"}),
        max_output_tokens: 10,
        repair: None,
    }
}

pub(crate) fn endpoint(url: &str) -> Endpoint {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("key");
    std::fs::write(&path, "hunter2").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let mut endpoint = Endpoint::new(url.parse().unwrap(), "m");
    endpoint.secret = Some(Secret::resolve("key", Some(directory.path())).unwrap());
    endpoint
}

pub(crate) fn model(url: &str, list: &str, limits: Limits, cancel: Cancel) -> RemoteModel {
    let guard = Guard::parse(list).unwrap();
    let dialect = dialect("openai").unwrap();
    RemoteModel::new("m", endpoint(url), dialect, limits, guard, cancel)
}

/// Returns a model behind a server that is listed.
pub(crate) fn model_of(server: &Server, limits: Limits, cancel: Cancel) -> RemoteModel {
    let list = format!("http://{}", server.address);
    model(&server.url(), &list, limits, cancel)
}

/// Asks a server once.
pub(crate) fn ask(act: Act) -> Result<Completion, ModelError> {
    model_of(&Server::start(vec![act]), limits(), Cancel::new()).complete(&prompt())
}

/// Asks a server once for a stream.
pub(crate) fn ask_stream(act: Act) -> Result<Completion, ModelError> {
    let server = Server::start(vec![act]);
    stream_of(&server, limits(), Cancel::new()).complete(&prompt())
}

pub(crate) fn stream_of(server: &Server, limits: Limits, cancel: Cancel) -> RemoteModel {
    let guard = Guard::parse(&format!("http://{}", server.address)).unwrap();
    let mut endpoint = endpoint(&server.url());
    endpoint.stream = true;
    let dialect = dialect("openai").unwrap();
    RemoteModel::new("m", endpoint, dialect, limits, guard, cancel)
}

pub(crate) fn failed(message: &str) -> Result<Completion, ModelError> {
    Err(ModelError::Failed(message.to_owned()))
}

#[test]
fn request_is_one_post_with_its_headers() {
    let server = Server::start(vec![Act::Send(answer("yes"))]);
    let model = model_of(&server, limits(), Cancel::new());
    assert_eq!(model.name(), "m");
    let completion = model.complete(&prompt()).unwrap();
    assert_eq!(completion.text, "yes");
    assert_eq!(completion.usage.input_tokens, 3);
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    let (head, body) = requests[0].split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<_> = head.lines().map(str::to_lowercase).collect();
    assert_eq!(lines.remove(0), "post /v1/chat/completions http/1.1");
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "accept-encoding: identity".to_owned(),
            "accept: application/json".to_owned(),
            "authorization: bearer hunter2".to_owned(),
            format!("content-length: {}", body.len()),
            "content-type: application/json".to_owned(),
            format!("host: {}", server.address),
            concat!("user-agent: rapport/", env!("CARGO_PKG_VERSION")).to_owned(),
        ]
    );
}

#[test]
fn model_answers_in_another_thread_again_and_again() {
    let server = Server::start(vec![Act::Send(answer("yes"))]);
    let model = model_of(&server, limits(), Cancel::new());
    let thread = std::thread::spawn(move || {
        (0..5).all(|_| model.complete(&prompt()).unwrap().text == "yes")
    });
    assert!(thread.join().unwrap());
    assert_eq!(server.requests().len(), 5);
}

#[test]
fn texts_become_vectors() {
    let body = r#"{"data":[{"index":0,"embedding":[1,2]}]}"#;
    let response = crate::server::http("200 OK", &["Content-Type: application/json"], body);
    let server = Server::start(vec![Act::Send(response)]);
    let model = model_of(&server, limits(), Cancel::new());
    assert!(model.embed(&[]).unwrap().vectors.is_empty());
    assert_eq!(server.requests().len(), 0);
    let vectors = model.embed(&["a".to_owned()]).unwrap().vectors;
    assert_eq!(vectors, [[1.0, 2.0]]);
    assert!(server.requests()[0].starts_with("POST /v1/embeddings "));
}

#[test]
fn model_shows_no_secret() {
    let model = model("http://h/v1", "http://h", limits(), Cancel::new());
    assert!(!format!("{model:?}").contains("hunter2"));
}

#[test]
fn identity_is_all_that_decides_an_answer() {
    let of = |url: &str, temperature: f64, stream: bool| {
        let mut endpoint = endpoint(url);
        endpoint.stream = stream;
        endpoint
            .parameters
            .insert("temperature".to_owned(), temperature.into());
        let (guard, dialect) = (Guard::default(), dialect("openai").unwrap());
        RemoteModel::new("m", endpoint, dialect, limits(), guard, Cancel::new()).identity()
    };
    let identity = of("http://h/v1", 0.5, false);
    assert_eq!(
        identity,
        r#"["openai","http://h/v1","m",{"temperature":0.5}]"#
    );
    // How an answer comes does not decide what it says.
    assert_eq!(of("http://h/v1", 0.5, true), identity);
    assert_ne!(of("http://h/v2", 0.5, false), identity);
    assert_ne!(of("http://h/v1", 0.6, false), identity);
}
