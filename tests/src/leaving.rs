//! Clients that do not wait for the answer to their upload.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::{Server, Session};

/// Sends a whole upload and leaves without waiting for the answer, once `sessions` imports wait for the lock.
pub async fn upload_and_leave(
    server: &Server,
    watcher: &mut Session,
    content: &[u8],
    sessions: i64,
) {
    let mut request = format!(
        "POST /api/v1/imports?file_name=left.csv HTTP/1.1\r\nhost: test\r\ncontent-type: text/csv\r\n\
         content-length: {}\r\n\r\n",
        content.len()
    )
    .into_bytes();
    request.extend_from_slice(content);
    let mut client = TcpStream::connect(server.address()).unwrap();
    client.write_all(&request).unwrap();
    let started = Instant::now();
    while waiting(watcher).await < sessions {
        assert!(started.elapsed() < Duration::from_secs(10), "no import");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Counts the imports that wait for a lock.
pub async fn waiting(watcher: &mut Session) -> i64 {
    watcher
        .number(
            "SELECT count(*) FROM pg_stat_activity
             WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        .await
}
