//! From the host of an entry to the addresses that it may have.
//!
//! The addresses that are checked are those that are connected to; nothing looks the name up a
//! second time. If one of them is not permitted, none is used: a name that leads to the own
//! network by some of its addresses is not a name to trust with the others.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _};
use std::sync::{Arc, mpsc};
use std::thread;

use rapport_core::generation::ModelError;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;
use url::Host;

use super::Lookup;
use super::state::State;

/// The most addresses of a name that are tried; what the resolver of the library holds.
const MOST: usize = 16;

/// Asks the resolver of the system.
pub(super) fn system(name: &str) -> io::Result<Vec<IpAddr>> {
    // The port is of no interest yet, but the interface wants one.
    let addresses = (name, 0).to_socket_addrs()?;
    Ok(addresses.map(|address| address.ip()).collect())
}

/// Resolves the host of one entry, and nothing else.
pub(super) struct GuardedResolver {
    state: Arc<State>,
    lookup: Arc<Lookup>,
}

impl GuardedResolver {
    pub(super) fn new(state: Arc<State>, lookup: Arc<Lookup>) -> Self {
        Self { state, lookup }
    }

    fn addresses(&self) -> io::Result<Vec<IpAddr>> {
        let entry = &self.state.entry;
        let addresses = match entry.host() {
            Host::Ipv4(address) => vec![IpAddr::V4(*address)],
            Host::Ipv6(address) => vec![IpAddr::V6(*address)],
            // By RFC 6761 (6.3) it is loopback, whatever a resolver says.
            Host::Domain(_) if entry.is_localhost() => {
                vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]
            }
            Host::Domain(name) => self.look_up(name)?,
        };
        let guard = &self.state.guard;
        if !addresses
            .iter()
            .all(|address| guard.permits(entry, *address))
        {
            return Err(self.state.stop(ModelError::NotConfigured(format!(
                "the host \"{}\" has an address that its entry in the list of origins does not permit; an address of the own network needs the suffix +private",
                entry.host()
            ))));
        }
        Ok(addresses)
    }

    /// Looks a name up in a thread of its own, because the resolver of the system cannot be
    /// interrupted. When nobody waits any more, the thread ends with the lookup, unheard.
    fn look_up(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let (sender, receiver) = mpsc::channel();
        let (lookup, owned) = (Arc::clone(&self.lookup), name.to_owned());
        thread::Builder::new()
            .name("rapport-lookup".to_owned())
            .spawn(move || {
                let _ = sender.send(lookup(&owned));
            })?;
        loop {
            self.state.check()?;
            match receiver.recv_timeout(self.state.slice()) {
                Ok(Ok(addresses)) if !addresses.is_empty() => return Ok(addresses),
                Ok(_) | Err(mpsc::RecvTimeoutError::Disconnected) => {
                    return Err(self.state.stop(ModelError::Unreachable(format!(
                        "the host \"{name}\" cannot be found"
                    ))));
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

impl Resolver for GuardedResolver {
    /// Ignores the address that it is asked for: what was admitted is the entry.
    fn resolve(
        &self,
        _: &Uri,
        _: &Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let port = self.state.entry.port();
        let mut resolved = self.empty();
        for address in self.addresses()?.into_iter().take(MOST) {
            resolved.push(SocketAddr::new(address, port));
        }
        Ok(resolved)
    }
}

impl fmt::Debug for GuardedResolver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("GuardedResolver")
    }
}
