//! TLS to a server that does not speak it, that nobody vouches for, and that somebody does.
//!
//! Whom the system trusts is read from `SSL_CERT_FILE`, so that the calls are made by this very
//! program run again with that variable.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use rapport_core::generation::{Model as _, ModelError};
use rapport_llm::Cancel;
use rcgen::{CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rstest::rstest;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::model::{limits, model, prompt};
use crate::server::{Act, Server, answer, http};

/// The address that the program run again is to call.
const TARGET: &str = "RAPPORT_TEST_TLS_TARGET";

/// A server for one connection, whose certificate an authority of its own has signed.
struct TlsServer {
    port: u16,
    authority: String,
    thread: JoinHandle<String>,
}

impl TlsServer {
    fn start(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()])
            .unwrap()
            .signed_by(&key, &issuer)
            .unwrap();
        let config =
            ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(
                    vec![certificate.der().clone()],
                    PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
                )
                .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let thread = thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let connection = ServerConnection::new(Arc::new(config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream);
            let mut request = [0; 4096];
            // A client that does not trust the server says so and sends nothing.
            let Ok(length) = stream.read(&mut request) else {
                return String::new();
            };
            let _ = stream.write_all(&answer("in secret"));
            stream.conn.send_close_notify();
            let _ = stream.flush();
            String::from_utf8_lossy(&request[..length]).into_owned()
        });
        Self {
            port,
            authority: issuer.pem(),
            thread,
        }
    }

    /// Calls the server from a program that trusts only the given authority.
    fn call(self, authority: Option<&str>) -> (String, String) {
        let trusted = tempfile::NamedTempFile::new().unwrap();
        fs::write(&trusted, authority.unwrap_or(&self.authority)).unwrap();
        let output = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "tls::call_of_the_program_run_again",
                "--nocapture",
            ])
            .env(TARGET, format!("https://localhost:{}", self.port))
            .env("SSL_CERT_FILE", trusted.path())
            .env_remove("SSL_CERT_DIR")
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        (said, self.thread.join().unwrap())
    }
}

#[test]
fn call_of_the_program_run_again() {
    let Ok(url) = std::env::var(TARGET) else {
        return;
    };
    let result = model(&url, &url, limits(), Cancel::new()).complete(&prompt());
    println!("{result:?}");
}

#[test]
fn trusted_server_is_asked() {
    let (said, request) = TlsServer::start("localhost").call(None);
    assert!(said.contains("text: \"in secret\""), "{said}");
    assert!(request.contains("hunter2"), "{request}");
}

#[test]
fn server_with_another_name_is_told_nothing() {
    let (said, request) = TlsServer::start("models.example").call(None);
    assert!(
        said.contains("Unreachable") && said.contains("certificate"),
        "{said}"
    );
    assert_eq!(request, "");
}

#[test]
fn server_that_nobody_vouches_for_is_told_nothing() {
    let other = TlsServer::start("localhost");
    let authority = other.authority.clone();
    let (said, request) = TlsServer::start("localhost").call(Some(&authority));
    assert!(
        said.contains("Unreachable") && said.contains("certificate"),
        "{said}"
    );
    assert_eq!(request, "");
    other.call(None);
}

#[rstest]
#[case(Act::Send(http("400 Bad Request", &[], "")))]
#[case(Act::Send(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()))]
fn server_without_tls_is_unreachable(#[case] act: Act) {
    // The greeting of TLS is no request, so that the server would wait for the rest of one.
    let server = Server::start(vec![act]);
    let url = format!("https://{}", server.address);
    let limits = rapport_llm::Limits {
        total: std::time::Duration::from_secs(5),
        ..limits()
    };
    let result = model(&url, &url, limits, Cancel::new()).complete(&prompt());
    assert!(
        matches!(result, Err(ModelError::Unreachable(_))),
        "{result:?}"
    );
    assert!(
        !server
            .requests()
            .iter()
            .any(|request| request.contains("hunter2"))
    );
}

#[test]
fn connection_without_tls_does_not_pass_for_one() {
    // The same server, called without TLS while only TLS is listed.
    let server = Server::start(vec![Act::Send(answer("plain"))]);
    let list = format!("https://{}", server.address);
    let result = model(&server.url(), &list, limits(), Cancel::new()).complete(&prompt());
    assert!(matches!(result, Err(ModelError::NotConfigured(_))));
    assert_eq!(server.requests().len(), 0);
}
