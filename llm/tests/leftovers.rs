//! Nothing is left of a call that was cancelled: no thread and no socket.
//!
//! It counts what the whole process has, so that it is alone in its program.

#[cfg(test)]
mod leftovers {
    use std::fs;
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::thread;
    use std::time::{Duration, Instant};

    use rapport_core::generation::{Model as _, ModelError, Prompt};
    use rapport_llm::{Cancel, Endpoint, Guard, Limits, RemoteModel, dialect};

    fn count(directory: &str) -> usize {
        fs::read_dir(directory).unwrap().count()
    }

    fn prompt() -> Prompt {
        Prompt {
            name: "summary",
            version: 1,
            system: String::new(),
            user: String::new(),
            schema: serde_json::Value::Null,
            max_output_tokens: 1,
            repair: None,
        }
    }

    fn model(url: &str, cancel: &Cancel) -> RemoteModel {
        RemoteModel::new(
            "m",
            Endpoint::new(url.parse().unwrap(), "m"),
            dialect("openai").unwrap(),
            Limits::default(),
            Guard::parse(url).unwrap(),
            cancel.clone(),
        )
    }

    fn cancel_while(cancel: &Cancel, model: RemoteModel) {
        let call = thread::spawn(move || model.complete(&prompt()));
        thread::sleep(Duration::from_millis(60));
        cancel.cancel();
        assert_eq!(call.join().unwrap(), Err(ModelError::Cancelled));
    }

    #[test]
    fn no_thread_and_no_socket_is_left() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        // One thread per connection, which ends when the caller hangs up.
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let mut stream = stream.unwrap();
                thread::spawn(move || {
                    let _ = stream.read(&mut [0; 4096]);
                    if number % 2 == 1 {
                        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{");
                    }
                    while stream.read(&mut [0; 64]).is_ok_and(|length| length > 0) {}
                });
            }
        });
        thread::sleep(Duration::from_millis(50));
        let before = (count("/proc/self/task"), count("/proc/self/fd"));
        // The third waits for a handshake; every second gets half a response.
        for scheme in ["http", "http", "https", "http"] {
            let cancel = Cancel::new();
            cancel_while(&cancel, model(&format!("{scheme}://{address}"), &cancel));
        }
        let cancel = Cancel::new();
        let slow = model("http://slow.example", &cancel).with_lookup(Arc::new(|_| {
            thread::sleep(Duration::from_millis(200));
            Ok(Vec::new())
        }));
        cancel_while(&cancel, slow);
        // The lookup cannot be interrupted; its thread ends with it.
        let started = Instant::now();
        loop {
            let after = (count("/proc/self/task"), count("/proc/self/fd"));
            if after == before {
                break;
            }
            assert!(
                started.elapsed() < Duration::from_secs(5),
                "{before:?} became {after:?}"
            );
            thread::sleep(Duration::from_millis(10));
        }
    }
}
