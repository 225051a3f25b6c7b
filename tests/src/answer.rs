//! What the answers of a server have in common.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use reqwest::Response;
use serde_json::Value;

use crate::Server;

/// Returns a header, empty when there is none.
pub fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().expect("a header is text"))
}

/// Reads a problem document, and checks what every one of them has.
pub async fn problem(response: Response, status: u16) -> Value {
    assert_eq!(
        header(&response, "content-type"),
        "application/problem+json"
    );
    let id = header(&response, "x-request-id").to_owned();
    assert_eq!(response.status().as_u16(), status);
    let body: Value = response.json().await.expect("a problem is JSON");
    assert_eq!(body["status"], status, "{body:#}");
    assert!(
        body["title"].is_string() && body["type"].is_string(),
        "{body:#}"
    );
    assert!(!id.is_empty());
    assert!(
        body["instance"]
            .as_str()
            .is_some_and(|instance| instance.contains(&id)),
        "{body:#} of request {id}"
    );
    body
}

/// Sends bytes as they are, closes the sending side, and returns the whole answer.
pub fn raw(server: &Server, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address()).expect("the server listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .expect("a timeout can be set");
    // A server that has seen enough may hang up before the last byte: its answer counts.
    let _ = stream.write_all(request);
    let _ = stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}
