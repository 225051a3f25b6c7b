//! A server that does what a script says, connection by connection.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// What a server does with one connection.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Reads the request, sends this and closes.
    Send(Vec<u8>),
    /// Reads the request, sends this piece by piece until it is over or nobody listens, and closes.
    Drip(Vec<u8>, Duration),
    /// Reads the request, sends this, and then nothing until the other side gives up.
    Hang(Vec<u8>),
    /// Reads the request and closes.
    Close,
    /// Closes with the request unread, which resets the connection.
    Reset,
}

/// A server whose last act is for all connections that follow.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    stop: Arc<Mutex<bool>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (requests, stop) = (
            Arc::<Mutex<Vec<_>>>::default(),
            Arc::<Mutex<bool>>::default(),
        );
        let (seen, stopped) = (Arc::clone(&requests), Arc::clone(&stop));
        let thread = thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                if *stopped.lock().unwrap() {
                    return;
                }
                let act = acts[number.min(acts.len() - 1)].clone();
                // Whoever gives up breaks the pipe; that is no failure of the server.
                let _ = serve(stream.unwrap(), act, &seen);
            }
        });
        Self {
            address,
            requests,
            stop,
            thread: Some(thread),
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Returns the requests so far; one for each connection.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        *self.stop.lock().unwrap() = true;
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(mut stream: TcpStream, act: Act, seen: &Mutex<Vec<String>>) -> std::io::Result<()> {
    if matches!(act, Act::Reset) {
        seen.lock().unwrap().push(String::new());
        stream.peek(&mut [0])?;
        return Ok(());
    }
    let request = read_request(&mut stream)?;
    seen.lock().unwrap().push(request);
    match act {
        Act::Send(bytes) => stream.write_all(&bytes)?,
        Act::Drip(bytes, pause) => {
            for piece in bytes.chunks(1) {
                stream.write_all(piece)?;
                thread::sleep(pause);
            }
        }
        Act::Hang(bytes) => {
            stream.write_all(&bytes)?;
            // The other side sends no more: this waits until it closes.
            while stream.read(&mut [0])? > 0 {}
        }
        Act::Close | Act::Reset => {}
    }
    stream.shutdown(Shutdown::Both)
}

/// Reads a head and as much of a body as it announces.
fn read_request(stream: &mut TcpStream) -> std::io::Result<String> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse::<usize>().unwrap());
            if bytes.len() >= end + 4 + length {
                return Ok(String::from_utf8(bytes).unwrap());
            }
        }
        let length = stream.read(&mut piece)?;
        if length == 0 {
            return Ok(String::from_utf8_lossy(&bytes).into_owned());
        }
        bytes.extend_from_slice(&piece[..length]);
    }
}

/// Returns a response with a length.
pub(crate) fn http(status: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut response = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
    for header in headers {
        response.push_str(header);
        response.push_str("\r\n");
    }
    response.push_str("\r\n");
    let mut response = response.into_bytes();
    response.extend_from_slice(body);
    response
}

/// Returns an answer of a model as a response.
pub(crate) fn answer(text: &str) -> Vec<u8> {
    http("200 OK", &["Content-Type: application/json"], body(text))
}

/// Returns an answer of a model.
pub(crate) fn body(text: &str) -> String {
    serde_json::json!({
        "choices": [{"message": {"content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2},
    })
    .to_string()
}

/// Returns an answer of a model as a stream of events.
pub(crate) fn events(texts: &[&str]) -> String {
    let mut events: String = texts
        .iter()
        .map(|text| {
            let chunk = serde_json::json!({"choices": [{"index": 0, "delta": {"content": text}}]});
            format!("data: {chunk}\n\n")
        })
        .collect();
    let end = serde_json::json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
    events.push_str(&format!("data: {end}\n\ndata: [DONE]\n\n"));
    events
}
