//! What is tried again, how often, and when it is given up.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use rapport_core::generation::{Completion, Model as _, ModelError};
use rapport_llm::{Cancel, Limits};
use rstest::rstest;

use crate::model::{limits, model, model_of, prompt};
use crate::server::{Act, Server, answer, http};

fn ask(acts: Vec<Act>, attempts: u32) -> (Result<Completion, ModelError>, usize) {
    let server = Server::start(acts);
    let limits = Limits {
        attempts,
        ..limits()
    };
    let result = model_of(&server, limits, Cancel::new()).complete(&prompt());
    (result, server.requests().len())
}

fn status(status: &str, headers: &[&str]) -> Act {
    Act::Send(http(status, headers, ""))
}

#[rstest]
#[case(status("500 Internal Server Error", &[]))]
#[case(status("503 Service Unavailable", &[]))]
#[case(status("408 Request Timeout", &[]))]
#[case(status("429 Too Many Requests", &["Retry-After: 0"]))]
#[case(status("429 Too Many Requests", &["Retry-After: Sun, 06 Nov 1994 08:49:37 GMT"]))]
#[case(Act::Close)]
#[case(Act::Reset)]
fn what_may_pass_is_tried_again(#[case] first: Act) {
    let (result, requests) = ask(vec![first, Act::Send(answer("at last"))], 2);
    assert_eq!(result.unwrap().text, "at last");
    assert_eq!(requests, 2);
}

#[rstest]
#[case(status("400 Bad Request", &[]))]
#[case(status("401 Unauthorized", &["Retry-After: 0"]))]
#[case(status("404 Not Found", &[]))]
#[case(status("302 Found", &["Location: /"]))]
#[case(Act::Send(answer("")))]
#[case(Act::Send(http("200 OK", &[], "no JSON")))]
#[case(Act::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{".to_vec()))]
#[case(Act::Send(b"HTTP/1.1 2".to_vec()))]
#[case(Act::Send(http("429 Too Many Requests", &[], r#"{"error":{"code":"insufficient_quota"}}"#)))]
fn what_stays_is_tried_once(#[case] act: Act) {
    let (result, requests) = ask(vec![act, Act::Send(answer("never"))], 3);
    result.unwrap_err();
    assert_eq!(requests, 1);
}

#[rstest]
#[case(0, 1)]
#[case(1, 1)]
#[case(3, 3)]
fn attempts_are_counted(#[case] attempts: u32, #[case] expected: usize) {
    let act = status("500 Internal Server Error", &["Retry-After: 0"]);
    let (result, requests) = ask(vec![act], attempts);
    assert_eq!(
        result,
        Err(ModelError::Failed("an error (status 500)".to_owned()))
    );
    assert_eq!(requests, expected);
}

#[test]
fn provider_decides_how_long_is_waited() {
    let started = Instant::now();
    let first = status("429 Too Many Requests", &["Retry-After: 1"]);
    let (result, _) = ask(vec![first, Act::Send(answer("later"))], 2);
    assert_eq!(result.unwrap().text, "later");
    assert!(started.elapsed() >= Duration::from_secs(1));
}

#[rstest]
#[case("429 Too Many Requests")]
#[case("503 Service Unavailable")]
fn wait_beyond_the_deadline_is_not_begun(#[case] code: &str) {
    let started = Instant::now();
    let (result, requests) = ask(vec![status(code, &["Retry-After: 11"])], 3);
    assert_eq!(
        result,
        Err(ModelError::RateLimited {
            retry_after: Some(11)
        })
    );
    assert!(started.elapsed() < Duration::from_secs(2));
    assert_eq!(requests, 1);
}

#[test]
fn last_rate_limit_tells_how_long() {
    let (result, _) = ask(
        vec![status("429 Too Many Requests", &["Retry-After: 5"])],
        1,
    );
    assert_eq!(
        result,
        Err(ModelError::RateLimited {
            retry_after: Some(5)
        })
    );
}

#[test]
fn refused_connection_is_unreachable() {
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let limits = Limits {
        attempts: 2,
        ..limits()
    };
    let url = format!("http://{address}");
    assert_eq!(
        model(&url, &url, limits, Cancel::new()).complete(&prompt()),
        Err(ModelError::Unreachable("connection refused".to_owned()))
    );
}
