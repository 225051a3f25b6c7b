//! Which addresses a call reaches, and that they are those that were checked.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rapport_core::generation::{Completion, Model as _, ModelError};
use rapport_llm::Cancel;
use rstest::rstest;
use rustix::net::{AddressFamily, SocketType};

use crate::model::{limits, model, prompt};
use crate::server::{Act, Server, answer};

/// An address that answers no attempt to connect: its queue is full.
pub(crate) struct Deaf {
    address: SocketAddr,
    _listener: TcpListener,
    _queue: Vec<TcpStream>,
}

impl Deaf {
    pub(crate) fn new() -> Self {
        let socket = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
        rustix::net::bind(&socket, &SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        rustix::net::listen(&socket, 0).unwrap();
        let listener = TcpListener::from(socket);
        let address = listener.local_addr().unwrap();
        let mut queue = Vec::new();
        while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(50)) {
            queue.push(stream);
        }
        Self {
            address,
            _listener: listener,
            _queue: queue,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// Asks under a name that resolves to the given addresses.
fn ask_name(
    server: &Server,
    entry: &str,
    addresses: &[&str],
) -> (Result<Completion, ModelError>, usize) {
    let port = server.address.port();
    let addresses: Vec<IpAddr> = addresses.iter().map(|text| text.parse().unwrap()).collect();
    let lookups = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&lookups);
    let entry = entry.replace("PORT", &port.to_string());
    let url = entry.trim_end_matches("+private").to_owned();
    let model =
        model(&url, &entry, limits(), Cancel::new()).with_lookup(Arc::new(move |name: &str| {
            assert_eq!(name, "models.example");
            counter.fetch_add(1, Ordering::Relaxed);
            Ok(addresses.clone())
        }));
    let result = model.complete(&prompt());
    (result, lookups.load(Ordering::Relaxed))
}

#[test]
fn name_of_the_own_network_is_looked_up_once() {
    let server = Server::start(vec![Act::Send(answer("yes"))]);
    let (result, lookups) = ask_name(
        &server,
        "http://models.example:PORT+private",
        &["127.0.0.1"],
    );
    assert_eq!(result.unwrap().text, "yes");
    assert_eq!(lookups, 1);
    let host = format!("host: models.example:{}", server.address.port());
    assert!(server.requests()[0].to_lowercase().contains(&host));
}

#[rstest]
#[case("http://models.example:PORT", &["127.0.0.1"])]
#[case("http://models.example:PORT", &["8.8.8.8", "127.0.0.1"])]
#[case("http://models.example:PORT", &["127.0.0.1", "8.8.8.8"])]
#[case("http://models.example:PORT+private", &["127.0.0.1", "169.254.169.254"])]
#[case("http://models.example:PORT+private", &["::ffff:127.0.0.1"])]
#[case("http://models.example:PORT+private", &["0.0.0.0"])]
fn one_forbidden_address_forbids_all(#[case] entry: &str, #[case] addresses: &[&str]) {
    let server = Server::start(vec![Act::Send(answer("yes"))]);
    let (result, _) = ask_name(&server, entry, addresses);
    assert!(
        matches!(result, Err(ModelError::NotConfigured(ref message)) if message.contains("models.example")),
        "{result:?}"
    );
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn forbidden_address_behind_many_others_is_seen() {
    let server = Server::start(vec![Act::Send(answer("yes"))]);
    let mut addresses = vec!["127.0.0.1"; 40];
    addresses.push("169.254.169.254");
    let (result, _) = ask_name(&server, "http://models.example:PORT+private", &addresses);
    assert!(matches!(result, Err(ModelError::NotConfigured(_))));
}

#[test]
fn next_address_is_tried() {
    let server = Server::start(vec![Act::Send(answer("yes"))]);
    // Nothing listens on the port under the first two addresses.
    let addresses = ["127.0.0.2", "::1", "127.0.0.1"];
    let (result, _) = ask_name(&server, "http://models.example:PORT+private", &addresses);
    assert_eq!(result.unwrap().text, "yes");
}

#[test]
fn silent_address_leaves_time_for_the_next() {
    let deaf = Deaf::new();
    let entry = format!("http://models.example:{}+private", deaf.address.port());
    let listener = TcpListener::bind(("127.0.0.2", deaf.address.port())).unwrap();
    let thread = std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
        stream.write_all(&answer("second")).unwrap();
    });
    let url = entry.trim_end_matches("+private").to_owned();
    let model = model(&url, &entry, limits(), Cancel::new()).with_lookup(Arc::new(|_| {
        Ok(vec![
            "127.0.0.1".parse().unwrap(),
            "127.0.0.2".parse().unwrap(),
        ])
    }));
    assert_eq!(model.complete(&prompt()).unwrap().text, "second");
    thread.join().unwrap();
}

#[test]
fn localhost_is_loopback_without_a_lookup() {
    let server = Server::start(vec![Act::Send(answer("yes"))]);
    let url = format!("http://localhost:{}", server.address.port());
    let model = model(&url, &url, limits(), Cancel::new())
        .with_lookup(Arc::new(|_| panic!("localhost is looked up")));
    assert_eq!(model.complete(&prompt()).unwrap().text, "yes");
}

#[test]
fn unknown_name_is_unreachable() {
    for found in [Ok(Vec::new()), Err(io::ErrorKind::NotFound)] {
        let model = model(
            "http://models.example",
            "http://models.example",
            limits(),
            Cancel::new(),
        )
        .with_lookup(Arc::new(move |_| found.clone().map_err(io::Error::from)));
        let started = Instant::now();
        assert_eq!(
            model.complete(&prompt()),
            Err(ModelError::Unreachable(
                "the host \"models.example\" cannot be found".to_owned()
            ))
        );
        assert!(started.elapsed() < Duration::from_secs(1));
    }
}

#[test]
fn origin_that_is_not_listed_is_not_called() {
    let server = Server::start(vec![Act::Send(answer("yes"))]);
    let result =
        model(&server.url(), "http://127.0.0.1:1", limits(), Cancel::new()).complete(&prompt());
    assert!(matches!(result, Err(ModelError::NotConfigured(_))));
    assert_eq!(server.requests().len(), 0);
}
