//! Limits of time, in each phase of a call.

use std::time::{Duration, Instant};

use rapport_core::generation::{Model as _, ModelError};
use rapport_llm::{Cancel, Limits};
use rstest::rstest;

use crate::addresses::Deaf;
use crate::model::{limits, model, model_of, prompt, stream_of};
use crate::server::{Act, Server, answer};

const TOTAL: Duration = Duration::from_millis(150);

fn short() -> Limits {
    Limits {
        total: TOTAL,
        ..limits()
    }
}

#[rstest]
#[case::before_the_head(Act::Hang(Vec::new()))]
#[case::within_the_head(Act::Hang(b"HTTP/1.1 200 OK\r\nContent".to_vec()))]
#[case::within_the_body(Act::Hang(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{".to_vec()))]
#[case::until_closed(Act::Hang(b"HTTP/1.0 200 OK\r\n\r\n{".to_vec()))]
#[case::within_an_error(Act::Hang(b"HTTP/1.1 401 No\r\nContent-Length: 9\r\n\r\n{".to_vec()))]
#[case::within_a_stream(Act::Hang(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: ".to_vec()))]
#[case::drop_by_drop(Act::Drip(answer("too slow"), Duration::from_millis(20)))]
fn call_ends_at_its_deadline(#[case] act: Act, #[values(false, true)] stream: bool) {
    let server = Server::start(vec![act]);
    let model = if stream {
        stream_of(&server, short(), Cancel::new())
    } else {
        model_of(&server, short(), Cancel::new())
    };
    let started = Instant::now();
    assert_eq!(model.complete(&prompt()), Err(ModelError::TimedOut));
    let elapsed = started.elapsed();
    assert!(
        elapsed >= TOTAL && elapsed < TOTAL + Duration::from_secs(1),
        "{elapsed:?}"
    );
}

#[test]
fn connection_has_a_limit_of_its_own() {
    let deaf = Deaf::new();
    let limits = Limits {
        connect: TOTAL,
        ..limits()
    };
    let started = Instant::now();
    assert_eq!(
        model(&deaf.url(), &deaf.url(), limits, Cancel::new()).complete(&prompt()),
        Err(ModelError::Unreachable(
            "no connection within 150 ms".to_owned()
        ))
    );
    assert!(started.elapsed() < Duration::from_secs(1));
    let result = model(&deaf.url(), &deaf.url(), short(), Cancel::new()).complete(&prompt());
    assert_eq!(result, Err(ModelError::TimedOut));
}

#[test]
fn no_time_at_all_sends_nothing() {
    let server = Server::start(vec![Act::Send(answer("yes"))]);
    let limits = Limits {
        total: Duration::ZERO,
        ..limits()
    };
    let result = model_of(&server, limits, Cancel::new()).complete(&prompt());
    assert_eq!(result, Err(ModelError::TimedOut));
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn endless_time_is_accepted() {
    let server = Server::start(vec![Act::Send(answer("yes"))]);
    let limits = Limits {
        total: Duration::MAX,
        connect: Duration::MAX,
        ..limits()
    };
    let model = model_of(&server, limits, Cancel::new());
    assert_eq!(model.complete(&prompt()).unwrap().text, "yes");
}
