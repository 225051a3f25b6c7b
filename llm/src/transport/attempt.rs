//! One attempt: a request, and what comes back.

use std::io::{self, Read as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rapport_core::generation::ModelError;
use ureq::http::{self, HeaderValue};
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::unversioned::transport::RustlsConnector;
use ureq::{Agent, Body};

use super::connect::GuardedConnector;
use super::resolve::GuardedResolver;
use super::state::State;
use super::{Limits, Lookup, Reply, Transport, retry};
use crate::dialect::{Dialect, Progress};
use crate::excerpt::excerpt;
use crate::guard::Entry;
use crate::wire::{WireRequest, WireResponse};

/// The largest head of a response, in bytes.
const LARGEST_HEAD: usize = 32 * 1024;
/// How much is read at a time, in bytes.
const PIECE: usize = 16 * 1024;

/// One attempt.
pub(super) struct Attempt {
    state: Arc<State>,
    limits: Limits,
    lookup: Arc<Lookup>,
    tls: Arc<RustlsConnector>,
}

/// Why an attempt failed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: ModelError,
    /// Whether another attempt may help, and after which wait that was asked for.
    pub(super) again: Option<Option<Duration>>,
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        Self { error, again: None }
    }
}

impl Attempt {
    pub(super) fn new(transport: &Transport, entry: Entry, until: Instant) -> Self {
        Self {
            state: Arc::new(State::new(transport, entry, until)),
            limits: transport.limits,
            lookup: Arc::clone(&transport.lookup),
            tls: Arc::clone(&transport.tls),
        }
    }

    /// Sends the request and reads what comes back.
    pub(super) fn run(
        &self,
        request: &WireRequest,
        dialect: &dyn Dialect,
    ) -> Result<Reply, Failure> {
        self.state
            .check()
            .map_err(|error| self.failure(error.into()))?;
        let response = self
            .agent()
            .run(http_request(request)?)
            .map_err(|error| self.failure(error))?;
        let (head, body) = response.into_parts();
        let headers = head
            .headers
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        let mut response = WireResponse::new(head.status.as_u16(), headers, Vec::new());
        if let Some(coding) = response.header("content-encoding")
            && !coding.is_empty()
            && !coding.eq_ignore_ascii_case("identity")
        {
            return Err(
                ModelError::Failed("a compressed response, which is not read".to_owned()).into(),
            );
        }
        if response.is_success() && response.is_event_stream() {
            let mut decoder = dialect.stream();
            self.read(body, |piece| decoder.feed(piece))?;
            return Ok(Reply::Streamed(decoder.finish()?));
        }
        let mut content = Vec::new();
        let read = self.read(body, |piece| {
            content
                .try_reserve(piece.len())
                .map_err(|_| ModelError::Failed("no memory for the response".to_owned()))?;
            content.extend_from_slice(piece);
            Ok(Progress::More)
        });
        response.body = request.hide_secrets(content);
        if response.is_success() {
            read?;
            return Ok(Reply::Whole(response));
        }
        // What the status says counts, even if the explanation broke off.
        if let Some(reason @ (ModelError::Cancelled | ModelError::TimedOut)) = self.state.stopped()
        {
            return Err(reason.clone().into());
        }
        let error = dialect.read_error(&response);
        // A quota that is used up has the status of a rate limit, but no wait lifts it.
        let lasting = response.status == 429 && !matches!(error, ModelError::RateLimited { .. });
        let again =
            (retry::is_transient(response.status) && !lasting).then(|| response.retry_after());
        Err(Failure { error, again })
    }

    fn agent(&self) -> Agent {
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .tls_config(tls)
            .user_agent(concat!("rapport/", env!("CARGO_PKG_VERSION")))
            .max_response_header_size(LARGEST_HEAD)
            .max_idle_connections(0)
            .max_idle_connections_per_host(0)
            .build();
        Agent::with_parts(
            config,
            GuardedConnector::new(Arc::clone(&self.state), Arc::clone(&self.tls)),
            GuardedResolver::new(Arc::clone(&self.state), Arc::clone(&self.lookup)),
        )
    }

    /// Reads a body piece by piece, up to the limit of size.
    fn read(
        &self,
        body: Body,
        mut take: impl FnMut(&[u8]) -> Result<Progress, ModelError>,
    ) -> Result<(), Failure> {
        let limit = self.limits.response_bytes;
        let large = || ModelError::Failed(format!("the response has more than {limit} bytes"));
        let fits = |length: u64| usize::try_from(length).is_ok_and(|length| length <= limit);
        if body.content_length().is_some_and(|length| !fits(length)) {
            return Err(large().into());
        }
        let (mut reader, mut total) = (body.into_reader(), 0_usize);
        let mut buffer = vec![0; PIECE];
        loop {
            let length = match reader.read(&mut buffer) {
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.failure(error.into())),
            };
            // A reset is an end to the library that reads, so that our own end is looked for.
            if let Some(reason) = self.state.stopped() {
                return Err(reason.clone().into());
            }
            total = total.saturating_add(length);
            if total > limit {
                return Err(large().into());
            }
            let piece = buffer.get(..length).unwrap_or_default();
            if piece.is_empty() || take(piece)? == Progress::Done {
                return Ok(());
            }
        }
    }

    /// Tells what an error means, and whether another attempt may help.
    fn failure(&self, error: ureq::Error) -> Failure {
        if let Some(reason) = self.state.stopped() {
            return reason.clone().into();
        }
        let received = self.state.is_received();
        let connected = self.state.is_connected();
        let broken = matches!(
            &error,
            ureq::Error::Io(error) if matches!(
                error.kind(),
                io::ErrorKind::ConnectionRefused
                    | io::ErrorKind::ConnectionReset
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::BrokenPipe
                    | io::ErrorKind::UnexpectedEof
            )
        );
        let told = |text: String| {
            if connected {
                ModelError::Failed(excerpt(&text))
            } else {
                ModelError::Unreachable(excerpt(&text))
            }
        };
        let error = match error {
            ureq::Error::Io(_) if broken && received => {
                ModelError::Failed("the response broke off".to_owned())
            }
            ureq::Error::Io(error) if broken => ModelError::Unreachable(
                if error.kind() == io::ErrorKind::ConnectionRefused {
                    "connection refused"
                } else {
                    "the connection was closed without a response"
                }
                .to_owned(),
            ),
            ureq::Error::HostNotFound => ModelError::Unreachable("unknown host".to_owned()),
            ureq::Error::LargeResponseHeader(..) => ModelError::Failed(format!(
                "the head of the response has more than {LARGEST_HEAD} bytes"
            )),
            ureq::Error::Io(error) => told(error.to_string()),
            error => told(error.to_string()),
        };
        let again = (broken && !received).then_some(None);
        Failure { error, again }
    }
}

fn http_request(request: &WireRequest) -> Result<http::Request<&[u8]>, ModelError> {
    let mut builder = http::Request::post(request.url.as_str())
        // A response that is not compressed cannot grow beyond what was received.
        .header(http::header::ACCEPT_ENCODING, "identity");
    for header in &request.headers {
        let mut value = HeaderValue::from_str(&header.value).map_err(|_| {
            ModelError::NotConfigured(format!("the header \"{}\" has no valid value", header.name))
        })?;
        value.set_sensitive(header.sensitive);
        builder = builder.header(&header.name, value);
    }
    builder
        .body(request.body.as_slice())
        .map_err(|_| ModelError::NotConfigured("its address cannot be called".to_owned()))
}
