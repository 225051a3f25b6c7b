//! A call ends soon after somebody cancels it, in whichever phase it is.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rapport_core::generation::{Model as _, ModelError};
use rapport_llm::{Cancel, Limits, RemoteModel};
use rstest::rstest;

use crate::addresses::Deaf;
use crate::model::{limits, model, model_of, prompt, stream_of};
use crate::server::{Act, Server, answer, http};

/// Cancels a call when it has got into its phase, and returns how long it then took to end.
fn cancelled_after(model: RemoteModel, cancel: &Cancel) -> Duration {
    let thread = thread::spawn(move || (model.complete(&prompt()), Instant::now()));
    thread::sleep(Duration::from_millis(100));
    assert!(!thread.is_finished());
    let started = Instant::now();
    cancel.cancel();
    let (result, ended) = thread.join().unwrap();
    assert_eq!(result, Err(ModelError::Cancelled));
    ended.duration_since(started)
}

/// About 20 ms are promised; a busy machine may take some more.
fn assert_soon(elapsed: Duration) {
    assert!(elapsed < Duration::from_millis(120), "{elapsed:?}");
}

#[rstest]
#[case::waiting_for_the_first_byte(Act::Hang(Vec::new()))]
#[case::within_the_head(Act::Hang(b"HTTP/1.1 200 OK\r\n".to_vec()))]
#[case::within_the_body(Act::Hang(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{".to_vec()))]
#[case::within_an_error(Act::Hang(b"HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\n{".to_vec()))]
#[case::drop_by_drop(Act::Drip(answer("too slow"), Duration::from_millis(5)))]
#[case::between_attempts(Act::Send(http("429 Too Many Requests", &["Retry-After: 5"], "")))]
fn call_ends_when_cancelled(#[case] act: Act, #[values(false, true)] stream: bool) {
    let server = Server::start(vec![act]);
    let cancel = Cancel::new();
    let limits = Limits {
        attempts: 3,
        ..limits()
    };
    let model = if stream {
        stream_of(&server, limits, cancel.clone())
    } else {
        model_of(&server, limits, cancel.clone())
    };
    assert_soon(cancelled_after(model, &cancel));
}

#[test]
fn connecting_ends_when_cancelled() {
    let deaf = Deaf::new();
    let cancel = Cancel::new();
    let model = model(&deaf.url(), &deaf.url(), limits(), cancel.clone());
    assert_soon(cancelled_after(model, &cancel));
}

#[test]
fn handshake_ends_when_cancelled() {
    let server = Server::start(vec![Act::Hang(Vec::new())]);
    let url = format!("https://{}", server.address);
    let cancel = Cancel::new();
    assert_soon(cancelled_after(
        model(&url, &url, limits(), cancel.clone()),
        &cancel,
    ));
}

#[test]
fn lookup_is_not_waited_for_when_cancelled() {
    let cancel = Cancel::new();
    let model = model(
        "http://slow.example",
        "http://slow.example",
        limits(),
        cancel.clone(),
    )
    .with_lookup(Arc::new(|_| {
        thread::sleep(Duration::from_secs(1));
        Ok(Vec::new())
    }));
    assert_soon(cancelled_after(model, &cancel));
}

#[test]
fn sending_ends_when_cancelled() {
    // Who reads nothing takes what the buffers hold, and no more.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let cancel = Cancel::new();
    let limits = Limits {
        request_bytes: 64 << 20,
        ..limits()
    };
    let model = model(&url, &url, limits, cancel.clone());
    let text = "x".repeat(16 << 20);
    let thread = thread::spawn(move || (model.embed(&[text]), Instant::now()));
    let _unread = listener.accept().unwrap();
    thread::sleep(Duration::from_millis(200));
    assert!(!thread.is_finished());
    let started = Instant::now();
    cancel.cancel();
    let (result, ended) = thread.join().unwrap();
    assert_eq!(result, Err(ModelError::Cancelled));
    assert_soon(ended.duration_since(started));
}

#[test]
fn cancelled_model_sends_nothing() {
    let server = Server::start(vec![Act::Send(answer("yes"))]);
    let cancel = Cancel::new();
    cancel.cancel();
    let result = model_of(&server, limits(), cancel).complete(&prompt());
    assert_eq!(result, Err(ModelError::Cancelled));
    assert_eq!(server.requests().len(), 0);
}
