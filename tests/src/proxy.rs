//! A proxy before the database, with a switch: how a test takes the database away and gives it back.

use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use url::Url;

/// Forwards connections to the database while it is switched on.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    switch: Arc<watch::Sender<bool>>,
}

impl Proxy {
    /// Starts a proxy to the host and port of `url`, switched on.
    pub async fn start(url: &Url) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let port = listener.local_addr().expect("it has an address").port();
        let target = (
            url.host_str().expect("a host").to_owned(),
            url.port().unwrap_or(5432),
        );
        let switch = Arc::new(watch::channel(true).0);
        tokio::spawn(accept(listener, target, Arc::clone(&switch)));
        Self { port, switch }
    }

    /// Returns `url` with the place of this proxy.
    pub fn url(&self, url: &Url) -> Url {
        let mut url = url.clone();
        url.set_host(Some("127.0.0.1"))
            .expect("an address is a host");
        url.set_port(Some(self.port)).expect("the scheme has ports");
        url
    }

    /// Cuts every connection and closes every new one at once.
    pub fn switch_off(&self) {
        self.switch.send_replace(false);
    }

    /// Lets connections through again.
    pub fn switch_on(&self) {
        self.switch.send_replace(true);
    }
}

async fn accept(listener: TcpListener, target: (String, u16), switch: Arc<watch::Sender<bool>>) {
    while let Ok((mut client, _)) = listener.accept().await {
        let mut on = switch.subscribe();
        let target = target.clone();
        tokio::spawn(async move {
            if !*on.borrow() {
                return;
            }
            let Ok(mut server) = TcpStream::connect(target).await else {
                return;
            };
            tokio::select! {
                _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                _ = on.wait_for(|on| !on) => {}
            }
        });
    }
}
