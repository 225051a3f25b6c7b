//! A server that answers as providers of language models do, by a script.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::{Database, Session};

/// What the server does with a request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// It answers with this text, as `openai` servers do.
    Answer(String),
    /// It answers with this status, these lines of header, and this body.
    Status(u16, &'static str, String),
    /// It sends these bytes and closes.
    Raw(Vec<u8>),
    /// It takes the request and says nothing.
    Hang,
    /// It sends one byte of a body after the other, slowly and without end.
    Drip,
}

/// A request that came.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its first line.
    pub line: String,
    /// Its headers, in lower case.
    pub headers: String,
    /// Its body.
    pub body: Value,
}

/// The server.
#[derive(Debug)]
pub struct ModelServer {
    /// Its port on 127.0.0.1.
    pub port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl ModelServer {
    /// Starts a server that gives one reply after the other, and then the last again and again.
    pub async fn start(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, replies) = (Arc::clone(&seen), replies.clone());
                tokio::spawn(async move {
                    // Who leaves in the middle is what some tests are about.
                    let _ = serve(stream, &seen, &replies).await;
                });
            }
        });
        Self { port, requests }
    }

    /// Returns the origin, as `rapport.model_origins` has it.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Registers the server as the model `local`, and lets the sessions of a database call it from now on;
    /// `more` are further arguments, with a comma in front. Returns a session that can.
    pub async fn register(&self, database: &Database, more: &str) -> Session {
        database.permit_models_at(&self.origin()).await;
        let mut session = database.session().await;
        let endpoint = format!("{}/v1", self.origin());
        session
            .execute(&format!(
                "SELECT rapport.register_model('local', 'openai', '{endpoint}', 'tiny'{more})"
            ))
            .await;
        session
    }

    /// Returns the requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("nobody panicked").clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    seen: &Mutex<Vec<Request>>,
    replies: &[Reply],
) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    let (head, length) = loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let lower = head.to_lowercase();
            let length = lower
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .and_then(|length| length.parse::<usize>().ok())
                .unwrap_or(0);
            break (lower, length);
        }
    };
    let start = head.len() + 4;
    while bytes.len() < start + length {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
    }
    let (line, headers) = head.split_once("\r\n").unwrap_or((&head, ""));
    let number = {
        let mut seen = seen.lock().expect("nobody panicked");
        seen.push(Request {
            line: line.to_owned(),
            headers: headers.to_owned(),
            body: serde_json::from_slice(&bytes[start..]).unwrap_or_default(),
        });
        seen.len()
    };
    match &replies[number.min(replies.len()) - 1] {
        Reply::Answer(text) => {
            let body = json!({
                "choices": [{"index": 0, "finish_reason": "stop",
                    "message": {"role": "assistant", "content": text}}],
                "usage": {"prompt_tokens": 1_000, "completion_tokens": 100}
            });
            send(&mut stream, 200, "", &body.to_string()).await
        }
        Reply::Status(status, headers, body) => send(&mut stream, *status, headers, body).await,
        Reply::Raw(bytes) => stream.write_all(bytes).await,
        Reply::Hang => {
            // Until the other end goes away.
            while stream.read_buf(&mut bytes).await? > 0 {}
            Ok(())
        }
        Reply::Drip => {
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n")
                .await?;
            loop {
                stream.write_all(b" ").await?;
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
        }
    }
}

async fn send(
    stream: &mut TcpStream,
    status: u16,
    headers: &str,
    body: &str,
) -> std::io::Result<()> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} Scripted\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}
