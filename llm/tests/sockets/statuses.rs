//! What a status becomes.

use rapport_core::generation::{Model as _, ModelError};
use rapport_llm::Cancel;
use rstest::rstest;

use crate::model::{ask, limits, model_of, prompt};
use crate::server::{Act, Server, http};

const REPEATED: &str = r#"{"error":{"message":"wrong key: hunter2"}}"#;

#[rstest]
#[case("401 Unauthorized", ModelError::NotConfigured("the provider does not accept the key (status 401): wrong key: …".to_owned()))]
#[case("404 Not Found", ModelError::Failed("an error (status 404): wrong key: …".to_owned()))]
#[case("408 Request Timeout", ModelError::TimedOut)]
#[case("429 Too Many Requests", ModelError::RateLimited { retry_after: None })]
#[case("500 Internal Server Error", ModelError::Failed("an error (status 500): wrong key: …".to_owned()))]
fn status_is_an_error_without_the_secret(#[case] status: &str, #[case] expected: ModelError) {
    assert_eq!(ask(Act::Send(http(status, &[], REPEATED))), Err(expected));
}

#[rstest]
fn redirect_is_not_followed(#[values(301, 302, 303, 307, 308)] status: u16) {
    let elsewhere = Server::start(vec![Act::Send(crate::server::answer("elsewhere"))]);
    let location = format!("Location: http://{}/v1/chat/completions", elsewhere.address);
    let server = Server::start(vec![Act::Send(http(
        &format!("{status} Moved"),
        &[&location],
        "",
    ))]);
    // Not even where it leads is listed as well.
    let list = format!("http://{} http://{}", server.address, elsewhere.address);
    let model = crate::model::model(&server.url(), &list, limits(), Cancel::new());
    assert_eq!(
        model.complete(&prompt()),
        Err(ModelError::Failed(format!(
            "a redirect, which is not followed (status {status})"
        )))
    );
    assert_eq!(elsewhere.requests().len(), 0);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn cookie_is_not_kept() {
    let mut response = crate::server::answer("yes");
    let at = response
        .windows(2)
        .position(|pair| pair == b"\r\n")
        .unwrap()
        + 2;
    response.splice(at..at, b"Set-Cookie: a=b\r\n".iter().copied());
    let server = Server::start(vec![Act::Send(response)]);
    let model = model_of(&server, limits(), Cancel::new());
    for _ in 0..2 {
        model.complete(&prompt()).unwrap();
    }
    assert!(!server.requests()[1].to_lowercase().contains("cookie"));
}

#[test]
fn status_counts_even_if_its_body_breaks_off() {
    let mut response = http("401 Unauthorized", &[], REPEATED);
    response.truncate(response.len() - 5);
    assert!(matches!(
        ask(Act::Send(response)),
        Err(ModelError::NotConfigured(_))
    ));
}
