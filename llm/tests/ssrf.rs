//! Forms in which somebody who may name an endpoint tries to reach what is not listed:
//! `ssrf/README.md`. A canary listens where they point, and must not hear anything.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use rapport_core::generation::{Model as _, Prompt};
use rapport_llm::{Cancel, Endpoint, Guard, Limits, RemoteModel, dialect};

const FORMS: &str = include_str!("ssrf/forms.tsv");
const RESOLVED: &str = include_str!("ssrf/resolved.tsv");

#[test]
fn no_form_reaches_the_canary() {
    let canary = TcpListener::bind("127.0.0.1:0").unwrap();
    canary.set_nonblocking(true).unwrap();
    let port = canary.local_addr().unwrap().port();
    let other = port ^ 1;
    let guard = Guard::parse(&format!(
        "https://models.example.com http://allowed.test:{other}"
    ))
    .unwrap();
    let (mut forms, mut called) = (0, 0);
    for line in FORMS.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let (form, note) = (fields[0], fields[2]);
        let text: String = serde_json::from_str(&format!("\"{form}\"")).unwrap();
        let text = text
            .replace("{port}", &port.to_string())
            .replace("{other}", &other.to_string());
        forms += 1;
        let Ok(url) = guard.read_url(&text) else {
            assert!(!note.starts_with("stays:") || text.len() > 1, "{text}");
            continue;
        };
        assert!(note.starts_with("stays:"), "{note}: {text} is {url}");
        // Whatever is looked up leads to the canary, which is no public address.
        let model = RemoteModel::new(
            "m",
            Endpoint::new(url, "m"),
            dialect("openai").unwrap(),
            Limits {
                total: Duration::from_millis(500),
                attempts: 1,
                ..Limits::default()
            },
            guard.clone(),
            Cancel::new(),
        )
        .with_lookup(Arc::new(|_: &str| {
            Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)])
        }));
        called += 1;
        assert!(model.complete(&Prompt::probe()).is_err(), "{text}");
    }
    assert!(forms >= 60 && called > 0, "{forms} forms, {called} calls");
    let heard = canary.accept();
    assert!(
        heard.is_err_and(|error| error.kind() == ErrorKind::WouldBlock),
        "the canary was reached"
    );
}

#[test]
fn a_public_name_is_called_at_public_addresses_only() {
    let guard = Guard::parse("https://models.example.com").unwrap();
    let entry = &guard.entries()[0];
    for line in RESOLVED.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let address: IpAddr = fields[0].parse().unwrap();
        // Whether a translated public address is one is a choice; the others are none.
        if !fields[2].starts_with("strict:") {
            let expected = fields[1] == "public";
            assert_eq!(guard.permits(entry, address), expected, "{line}");
        }
    }
}
