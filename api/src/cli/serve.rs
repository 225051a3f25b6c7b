//! `rapport serve`: listens, answers, and stops in order.

use std::{future::IntoFuture as _, net::SocketAddr, time::Duration};

use axum::serve::ListenerExt as _;
use clap::Args;
use tokio::{
    net::{TcpListener, lookup_host},
    sync::watch,
};

use crate::{
    app::App,
    auth::ApiToken,
    config::ServerConfig,
    database::{Database, DatabaseUrl},
    error::Error,
    router,
};

/// How long the pools are given to close once no request is left.
const POOL_CLOSE: Duration = Duration::from_secs(5);

/// Answers HTTP requests until SIGINT or SIGTERM.
///
/// The server starts even while the database is down, and answers 503 until it is there. It refuses to listen on an
/// address other machines can reach without a token, unless it is told that this is wanted.
#[derive(Debug, Args)]
#[command(after_help = super::EXIT_CODES, after_long_help = long_examples!(
    "  rapport serve\n  \
       rapport serve --listen 0.0.0.0:8080 --token-file /run/secrets/rapport-token\n  \
       curl http://127.0.0.1:8080/api/v1/summarized_interactions/1"))]
pub(super) struct Serve {
    #[command(flatten)]
    config: ServerConfig,
}

impl Serve {
    /// Runs the server to its end.
    pub(super) async fn run(&self, database_url: &DatabaseUrl) -> Result<(), Error> {
        let config = self.config.clone();
        let token = config
            .token_file
            .as_deref()
            .map(ApiToken::from_file)
            .transpose()?;
        let addresses = resolve(&config.listen).await?;
        require_token_for(&addresses, token.is_some(), config.allow_unauthenticated)?;
        let database = Database::lazy(database_url, &config)?;
        let listener = TcpListener::bind(addresses.as_slice())
            .await
            .map_err(|error| Error::Input {
                message: format!("cannot listen on \"{}\": {error}", config.listen),
                detail: None,
                hint: Some("another program may use the port: choose one with --listen".to_owned()),
            })?;
        let address = listener
            .local_addr()
            .map_err(|error| Error::Server(format!("the listener has no address: {error}")))?;
        tracing::info!(
            url = %format_args!("http://{address}"),
            token = token.is_some(),
            version = env!("CARGO_PKG_VERSION"),
            "listening"
        );
        let deadline = config.shutdown();
        let router = router::build(&App::new(config, database.clone(), token));
        answer(listener, router, deadline).await?;
        if tokio::time::timeout(POOL_CLOSE, database.close())
            .await
            .is_err()
        {
            tracing::warn!(
                "statements still ran when the server ended; PostgreSQL rolls them back"
            );
        }
        tracing::info!("stopped");
        Ok(())
    }
}

/// Answers until the signal, then gives open requests until the deadline.
async fn answer(
    listener: TcpListener,
    router: axum::Router,
    deadline: Duration,
) -> Result<(), Error> {
    let (asked, stop) = watch::channel(false);
    let mut late = stop.clone();
    tokio::spawn(async move {
        termination().await;
        tracing::info!(
            seconds = deadline.as_secs(),
            "stopping: open requests may finish"
        );
        // Fails only when the server has already ended.
        let _ = asked.send(true);
    });
    // Answers are small: waiting to fill a packet would only delay them.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY cannot be set");
        }
    });
    let server = axum::serve(listener, router)
        .with_graceful_shutdown(wait_for(stop))
        .into_future();
    let too_late = async {
        wait_for_mut(&mut late).await;
        tokio::time::sleep(deadline).await;
    };
    tokio::select! {
        ended = server => ended.map_err(|error| Error::Server(format!("the server failed: {error}"))),
        () = too_late => {
            tracing::warn!("open requests were cut off");
            Ok(())
        }
    }
}

async fn wait_for(mut stop: watch::Receiver<bool>) {
    wait_for_mut(&mut stop).await;
}

async fn wait_for_mut(stop: &mut watch::Receiver<bool>) {
    // Fails only when the task that waits for signals is gone, and then nothing else can stop the server.
    if stop.wait_for(|stop| *stop).await.is_err() {
        tracing::error!("signals are no longer heard");
    }
}

/// Waits for Ctrl-C or SIGTERM.
pub(super) async fn termination() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = terminate => {}
        heard = tokio::signal::ctrl_c() => if heard.is_err() { std::future::pending::<()>().await },
    }
}

async fn resolve(listen: &str) -> Result<Vec<SocketAddr>, Error> {
    let unusable = |reason: String| Error::Usage {
        message: format!("the address \"{listen}\" cannot be listened on: {reason}"),
        hint: Some("write it as HOST:PORT, for example 127.0.0.1:8080".to_owned()),
    };
    let found: Vec<_> = lookup_host(listen)
        .await
        .map_err(|error| unusable(error.to_string()))?
        .collect();
    if found.is_empty() {
        Err(unusable("the name has no address".to_owned()))
    } else {
        Ok(found)
    }
}

fn require_token_for(addresses: &[SocketAddr], token: bool, allowed: bool) -> Result<(), Error> {
    let reachable = addresses
        .iter()
        .find(|address| !address.ip().to_canonical().is_loopback());
    match reachable {
        Some(address) if !token && !allowed => Err(Error::Usage {
            message: format!(
                "other machines can reach \"{address}\", and no token is set: they could read every customer"
            ),
            hint: Some(
                "set --token-file, listen on 127.0.0.1, or pass --allow-unauthenticated if something in front of \
                 this server authenticates"
                    .to_owned(),
            ),
        }),
        Some(address) if !token => {
            tracing::warn!(%address, "anybody who reaches this address may read and import: no token is set");
            Ok(())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("127.0.0.1:80", false, false, true)]
    #[case("[::1]:80", false, false, true)]
    #[case("[::ffff:127.0.0.1]:80", false, false, true)]
    #[case("0.0.0.0:80", false, false, false)]
    #[case("[::]:80", false, false, false)]
    #[case("192.0.2.1:80", false, false, false)]
    #[case("0.0.0.0:80", true, false, true)]
    #[case("0.0.0.0:80", false, true, true)]
    fn an_open_address_needs_a_token_or_a_word(
        #[case] address: SocketAddr,
        #[case] token: bool,
        #[case] allowed: bool,
        #[case] accepted: bool,
    ) {
        assert_eq!(
            require_token_for(&[address], token, allowed).is_ok(),
            accepted
        );
    }
}
