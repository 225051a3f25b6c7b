//! A server process of its own, with its log, stopped with its value.

use std::io::{BufRead as _, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::Response;
use serde_json::Value;
use url::Url;

use crate::database::Database;
use crate::environment::Environment;

/// How long a server may take until it is ready.
const START_LIMIT: Duration = Duration::from_secs(30);

/// A running `rapport serve`.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// `http://127.0.0.1:PORT`, without a slash at its end.
    pub origin: String,
    /// The client that asks it; it follows no redirect.
    pub client: reqwest::Client,
    log: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts a server with the rights of `rapport_api`, and waits until it is ready.
    pub async fn start(database: &Database) -> Self {
        Self::start_with(&database.url_as("rapport_api"), &[]).await
    }

    /// Starts a server with further environment variables, and waits until it is ready.
    pub async fn start_with(database_url: &Url, variables: &[(&str, &str)]) -> Self {
        let mut server = Self::spawn(database_url, variables);
        let started = Instant::now();
        loop {
            if let Ok(response) = server.client.get(server.url("/readyz")).send().await
                && response.status() == 200
            {
                return server;
            }
            if let Some(status) = server.child.try_wait().expect("the process can be asked") {
                panic!("the server ended with {status}:\n{}", server.log());
            }
            assert!(
                started.elapsed() < START_LIMIT,
                "the server is not ready:\n{}",
                server.log()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Starts a server without waiting for it.
    pub fn spawn(database_url: &Url, variables: &[(&str, &str)]) -> Self {
        let address = free_address();
        let mut child = Command::new(&Environment::get().binary)
            .arg("serve")
            .env("RAPPORT_DATABASE_URL", database_url.as_str())
            .env("RAPPORT_LISTEN", &address)
            .env("RAPPORT_LOG_FORMAT", "json")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("RAPPORT_BIN can be started");
        let log = Arc::default();
        collect(child.stdout.take(), &log);
        collect(child.stderr.take(), &log);
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(60))
            .build()
            .expect("the client has no unusual settings");
        Self {
            child,
            origin: format!("http://{address}"),
            client,
            log,
        }
    }

    /// Returns the URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Returns `127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        self.origin.trim_start_matches("http://")
    }

    /// Sends a GET.
    pub async fn get(&self, path: &str) -> Response {
        self.client
            .get(self.url(path))
            .send()
            .await
            .unwrap_or_else(|error| panic!("GET {path}: {error}"))
    }

    /// Sends a GET that must be answered 200 with JSON.
    pub async fn json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        let status = response.status();
        let body = response.text().await.expect("the body arrives");
        assert_eq!(status, 200, "GET {path}: {body}");
        serde_json::from_str(&body).unwrap_or_else(|error| panic!("GET {path}: {error}: {body}"))
    }

    /// Sends a file to the imports.
    pub async fn post_import(&self, name: &str, content_type: &str, content: Vec<u8>) -> Response {
        let mut url = Url::parse(&self.url("/api/v1/imports")).expect("a URL");
        url.query_pairs_mut().append_pair("file_name", name);
        self.client
            .post(url)
            .header("content-type", content_type)
            .body(content)
            .send()
            .await
            .unwrap_or_else(|error| panic!("POST of {name}: {error}"))
    }

    /// Asks the process to stop as an operator would, and returns its exit status.
    pub async fn terminate(mut self) -> std::process::ExitStatus {
        let asked = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        assert!(asked.expect("kill exists").success());
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("the process can be asked") {
                return status;
            }
            assert!(
                started.elapsed() < START_LIMIT,
                "SIGTERM did not stop the server:\n{}",
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until the log holds a text: a line may be written after the answer has arrived.
    pub async fn wait_for_log(&self, text: &str) -> String {
        let started = Instant::now();
        loop {
            let log = self.log();
            if log.contains(text) {
                return log;
            }
            assert!(
                started.elapsed() < Duration::from_secs(5),
                "\"{text}\" is not in the log:\n{log}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Returns what the server logged until now.
    pub fn log(&self) -> String {
        self.log.lock().expect("no reader panics").join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Either may fail because the process has already ended, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(stream: Option<impl Read + Send + 'static>, log: &Arc<Mutex<Vec<String>>>) {
    let (stream, log) = (stream.expect("the stream is piped"), Arc::clone(log));
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            log.lock().expect("no reader panics").push(line);
        }
    });
}

/// Finds a port that was free a moment ago.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener
        .local_addr()
        .expect("it has an address")
        .to_string()
}
