//! Bodies that are too long, too short, in pieces, compressed, or no HTTP at all.

use std::time::{Duration, Instant};

use rapport_core::generation::{Completion, Model as _, ModelError};
use rapport_llm::{Cancel, Limits};

use crate::model::{ask, ask_stream, failed, limits, model_of, prompt, stream_of};
use crate::server::{Act, Server, answer, body, events, http};

fn chunked(content_type: &str, pieces: &[&str], end: &str) -> Vec<u8> {
    let mut response = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    for piece in pieces {
        response.push_str(&format!("{:x}\r\n{piece}\r\n", piece.len()));
    }
    response.push_str(end);
    response.into_bytes()
}

fn small() -> Limits {
    Limits {
        response_bytes: 1000,
        ..limits()
    }
}

fn ask_small(act: Act, stream: bool) -> Result<Completion, ModelError> {
    let server = Server::start(vec![act]);
    if stream {
        stream_of(&server, small(), Cancel::new()).complete(&prompt())
    } else {
        model_of(&server, small(), Cancel::new()).complete(&prompt())
    }
}

#[test]
fn body_in_chunks_is_read() {
    let whole = body("in chunks");
    let (one, other) = whole.split_at(17);
    let response = chunked("application/json", &[one, other], "0\r\n\r\n");
    assert_eq!(ask(Act::Send(response)).unwrap().text, "in chunks");
}

#[test]
fn body_without_a_length_ends_with_the_connection() {
    let response = format!("HTTP/1.0 200 OK\r\n\r\n{}", body("until closed"));
    assert_eq!(
        ask(Act::Send(response.into())).unwrap().text,
        "until closed"
    );
}

#[test]
fn body_that_ends_early_is_an_error() {
    let mut response = answer("cut off");
    response.truncate(response.len() - 5);
    assert_eq!(ask(Act::Send(response)), failed("the response broke off"));
    let whole = body("cut off");
    let response = chunked("application/json", &[&whole], "5\r\nab");
    assert_eq!(ask(Act::Send(response)), failed("the response broke off"));
}

#[test]
fn head_that_ends_early_is_an_error() {
    let response = b"HTTP/1.1 200 OK\r\nContent-Le".to_vec();
    assert_eq!(ask(Act::Send(response)), failed("the response broke off"));
}

#[test]
fn no_response_is_unreachable() {
    for act in [Act::Close, Act::Reset] {
        assert_eq!(
            ask(act),
            Err(ModelError::Unreachable(
                "the connection was closed without a response".to_owned()
            ))
        );
    }
}

#[test]
fn garbage_is_an_error() {
    for garbage in [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n".to_vec(),
        b"\x15\x03\x01\x00\x02\x02\x50".to_vec(),
        b"HTTP/1.1 abc OK\r\n\r\n".to_vec(),
        b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n".to_vec(),
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n".to_vec(),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".to_vec(),
    ] {
        let shown = String::from_utf8_lossy(&garbage).into_owned();
        assert!(
            matches!(ask(Act::Send(garbage)), Err(ModelError::Failed(_))),
            "{shown}"
        );
    }
}

#[test]
fn announced_length_beyond_the_limit_is_not_read() {
    let response = http("200 OK", &[], "x".repeat(1001));
    let expected = failed("the response has more than 1000 bytes");
    assert_eq!(ask_small(Act::Send(response), false), expected);
    let endless = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n".to_vec();
    assert_eq!(ask_small(Act::Hang(endless), false), expected);
}

#[test]
fn length_that_is_not_announced_is_limited_too() {
    let piece = "x".repeat(600);
    let expected = failed("the response has more than 1000 bytes");
    let response = chunked("application/json", &[&piece, &piece], "");
    assert_eq!(ask_small(Act::Hang(response), false), expected);
    let comment = format!(":{piece}\n");
    let response = chunked("text/event-stream", &[&comment, &comment], "");
    assert_eq!(ask_small(Act::Hang(response), true), expected);
}

#[test]
fn body_of_just_the_limit_is_read() {
    let mut text = body("fits");
    text.extend(std::iter::repeat_n(' ', 1000 - text.len()));
    let response = http("200 OK", &[], text);
    assert_eq!(ask_small(Act::Send(response), false).unwrap().text, "fits");
}

#[test]
fn head_beyond_its_limit_is_an_error() {
    let header = format!("X-Long: {}", "x".repeat(40_000));
    let response = http("200 OK", &[&header], body("long"));
    assert!(matches!(
        ask(Act::Send(response)),
        Err(ModelError::Failed(_))
    ));
    let endless = format!("HTTP/1.1 200 OK\r\n{}", "X: y\r\n".repeat(20_000));
    assert!(matches!(
        ask(Act::Hang(endless.into())),
        Err(ModelError::Failed(_))
    ));
}

#[test]
fn compressed_body_is_refused() {
    for coding in ["gzip", "br", "deflate, gzip"] {
        let header = format!("Content-Encoding: {coding}");
        let response = http("200 OK", &[&header], b"\x1f\x8b\x08\x00bomb");
        assert_eq!(
            ask(Act::Send(response)),
            failed("a compressed response, which is not read")
        );
    }
    let response = http("200 OK", &["Content-Encoding: identity"], body("plain"));
    assert_eq!(ask(Act::Send(response)).unwrap().text, "plain");
}

#[test]
fn large_request_is_not_sent() {
    let server = Server::start(vec![Act::Send(answer("yes"))]);
    let limits = Limits {
        request_bytes: 100,
        ..limits()
    };
    let result = model_of(&server, limits, Cancel::new()).complete(&prompt());
    assert!(matches!(result, Err(ModelError::Failed(message)) if message.contains("100")));
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn stream_is_assembled() {
    let events = events(&["in", " many", " pieces"]);
    let (one, other) = events.split_at(40);
    let response = chunked("text/event-stream", &[one, other], "0\r\n\r\n");
    assert_eq!(
        ask_stream(Act::Send(response)).unwrap().text,
        "in many pieces"
    );
}

#[test]
fn stream_ends_with_its_last_event_and_not_with_the_connection() {
    let response = chunked("text/event-stream", &[&events(&["done"])], "");
    let started = Instant::now();
    assert_eq!(ask_stream(Act::Hang(response)).unwrap().text, "done");
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[test]
fn stream_that_breaks_off_is_an_error() {
    let events = events(&["cut", "off"]);
    let response = chunked("text/event-stream", &[&events[..60]], "0\r\n\r\n");
    let expected = failed("the stream ended before the answer was complete");
    assert_eq!(ask_stream(Act::Send(response)), expected);
    let response = chunked("text/event-stream", &[&events[..60]], "");
    assert_eq!(
        ask_stream(Act::Send(response)),
        failed("the response broke off")
    );
}

#[test]
fn server_that_does_not_stream_is_understood() {
    assert_eq!(
        ask_stream(Act::Send(answer("whole"))).unwrap().text,
        "whole"
    );
}

#[test]
fn drip_is_put_together() {
    let act = Act::Drip(answer("drop by drop"), Duration::from_micros(200));
    assert_eq!(ask(act).unwrap().text, "drop by drop");
}
