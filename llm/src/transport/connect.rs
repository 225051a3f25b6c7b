//! A connection that can be given up at any moment.
//!
//! The socket never blocks: whoever waits for it waits in slices, and looks between them whether
//! somebody has cancelled or time is up.

use std::fmt;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Instant;

use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket_with, sockopt};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, RustlsConnector,
    Transport,
};

use super::state::State;

/// Connects to the addresses that the resolver has checked, and does the handshake of TLS.
#[derive(Debug)]
pub(super) struct GuardedConnector {
    state: Arc<State>,
    tls: Arc<RustlsConnector>,
}

impl GuardedConnector {
    pub(super) fn new(state: Arc<State>, tls: Arc<RustlsConnector>) -> Self {
        Self { state, tls }
    }

    /// Tries the addresses in turn; each but the last has a share of the time.
    fn dial(&self, addresses: &[SocketAddr]) -> io::Result<TcpStream> {
        let mut failed = io::Error::from(ErrorKind::AddrNotAvailable);
        for (tried, address) in addresses.iter().enumerate() {
            let left = u32::try_from(addresses.len() - tried).unwrap_or(1).max(1);
            let until = (left > 1).then(|| Instant::now() + self.state.connect_time() / left);
            match self.dial_one(*address, until) {
                Ok(stream) => return Ok(stream),
                Err(error) => failed = error,
            }
            self.state.check()?;
        }
        Err(failed)
    }

    fn dial_one(&self, address: SocketAddr, until: Option<Instant>) -> io::Result<TcpStream> {
        let family = match address {
            SocketAddr::V4(_) => AddressFamily::INET,
            SocketAddr::V6(_) => AddressFamily::INET6,
        };
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = socket_with(family, SocketType::STREAM, flags, None)?;
        match connect(&socket, &address) {
            Ok(()) => {}
            Err(Errno::INPROGRESS | Errno::INTR) => {
                self.state.wait_until(&socket, PollFlags::OUT, until)?;
                sockopt::socket_error(&socket)??;
            }
            Err(error) => return Err(error.into()),
        }
        let stream = TcpStream::from(socket);
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

impl Connector<()> for GuardedConnector {
    type Out = Watched;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        _: Option<()>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        let stream = self.dial(&details.addrs)?;
        let plain = Plain {
            stream,
            buffers: LazyBuffers::new(
                details.config.input_buffer_size(),
                details.config.output_buffer_size(),
            ),
            state: Arc::clone(&self.state),
        };
        let connected = self.tls.connect(details, Some(plain))?;
        self.state.set_connected();
        Ok(connected.map(|inner| Watched {
            inner: match inner {
                Either::A(plain) => Box::new(plain),
                Either::B(tls) => Box::new(tls),
            },
            state: Arc::clone(&self.state),
        }))
    }
}

/// A connection without TLS.
struct Plain {
    stream: TcpStream,
    buffers: LazyBuffers,
    state: Arc<State>,
}

impl Transport for Plain {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        let mut output = self.buffers.output().get(..amount).unwrap_or_default();
        while !output.is_empty() {
            self.state.check()?;
            match self.stream.write(output) {
                Ok(0) => return Err(io::Error::from(ErrorKind::WriteZero).into()),
                Ok(written) => output = output.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.state.wait(&self.stream, PollFlags::OUT)?;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        let input = self.buffers.input_append_buf();
        loop {
            // A server that always has a little more is not waited for, but must end too.
            self.state.check()?;
            match self.stream.read(input) {
                Ok(amount) => {
                    self.buffers.input_appended(amount);
                    return Ok(amount > 0);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.state.wait(&self.stream, PollFlags::IN)?;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// A connection serves one request.
    fn is_open(&mut self) -> bool {
        false
    }
}

/// Shows nothing: the buffers hold what is sent.
impl fmt::Debug for Plain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Plain")
    }
}

/// A connection that notes when the response begins.
#[derive(Debug)]
pub(super) struct Watched {
    inner: Box<dyn Transport>,
    state: Arc<State>,
}

impl Transport for Watched {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        let some = self.inner.await_input(timeout)?;
        if some {
            self.state.set_received();
        }
        Ok(some)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}
