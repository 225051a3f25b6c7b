//! Which addresses may be called: only listed origins, and of a name only addresses that its
//! entry permits.
//!
//! The list is a text of origins between white space or commas, such as
//! `https://api.openai.com http://127.0.0.1:8080 http://ollama:11434+private`. An origin is
//! scheme, host and port. What a name resolves to must be globally routable unless the entry
//! ends in `+private`; an address that no server for models can have is refused in any case.

mod address;

use std::net::IpAddr;

use url::{Host, Url};

use crate::excerpt::excerpt;
use address::{Reach, reach};

/// The suffix of an entry whose name may resolve to an address of the own network.
const PRIVATE: &str = "+private";

/// A list of origins that may be called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guard {
    entries: Vec<Entry>,
}

/// An origin that may be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    scheme: String,
    host: Host<String>,
    port: u16,
    private: bool,
}

/// The reason why an address is refused, or a list is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    /// An entry of the list is not an origin.
    #[error("\"{entry}\" is not an origin: {problem}")]
    InvalidEntry {
        /// The entry.
        entry: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// An address has a part that it may not have.
    #[error("an address with {0} is not called")]
    Forbidden(&'static str),
    /// A text is not an address, or one that others would read in another way.
    #[error("this cannot be read as an address")]
    Unreadable,
    /// The origin of an address is not listed.
    #[error("the origin \"{0}\" is not on the list of origins that may be called")]
    NotListed(String),
}

impl Entry {
    /// Returns the host: a name, or the only address that may be called.
    #[must_use]
    pub const fn host(&self) -> &Host<String> {
        &self.host
    }

    /// Returns the port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Returns whether the host is `localhost`, which is loopback without being looked up.
    #[must_use]
    pub fn is_localhost(&self) -> bool {
        matches!(&self.host, Host::Domain(name) if name == "localhost")
    }

    fn parse(text: &str) -> Result<Self, GuardError> {
        let invalid = |problem| GuardError::InvalidEntry {
            entry: excerpt(text),
            problem,
        };
        let (origin, private) = match text.strip_suffix(PRIVATE) {
            Some(origin) => (origin, true),
            None => (text, false),
        };
        let url = Url::parse(origin).map_err(|_| invalid("it cannot be read as an address"))?;
        check_form(&url).map_err(|error| match error {
            GuardError::Forbidden(part) => invalid(part),
            _ => invalid("it cannot be called"),
        })?;
        // The parser drops an empty query and an empty user, and turns a backslash into a slash.
        if url.path() != "/" || url.query().is_some() || origin.contains(['?', '@', '\\']) {
            return Err(invalid("it has more than scheme, host and port"));
        }
        let host = match url.host() {
            Some(Host::Domain(name)) if is_name(name) => Host::Domain(name.to_owned()),
            Some(Host::Domain(_)) => return Err(invalid("its host is not a plain name")),
            Some(Host::Ipv4(address)) => Host::Ipv4(address),
            Some(Host::Ipv6(address)) => Host::Ipv6(address),
            None => return Err(invalid("it has no host")),
        };
        if let Some(address) = literal(&host)
            && reach(address) == Reach::Nobody
        {
            return Err(invalid("nobody has this address"));
        }
        Ok(Self {
            scheme: url.scheme().to_owned(),
            host,
            port: url
                .port_or_known_default()
                .ok_or_else(|| invalid("it has no port"))?,
            private,
        })
    }
}

impl Guard {
    /// Reads a list of origins; an empty text permits nothing.
    ///
    /// # Errors
    /// [`GuardError::InvalidEntry`] for the first entry that is not an origin. A list with a
    /// mistake permits nothing, rather than what is left of it.
    ///
    /// ```
    /// use rapport_llm::Guard;
    ///
    /// let guard = Guard::parse("https://api.openai.com, http://ollama:11434+private")?;
    /// let url = url::Url::parse("http://ollama:11434/v1").unwrap();
    /// let entry = guard.check_url(&url)?;
    /// assert!(guard.permits(entry, "10.0.0.7".parse().unwrap()));
    /// assert!(!guard.permits(entry, "169.254.169.254".parse().unwrap()));
    /// assert!(guard.check_url(&url::Url::parse("http://ollama:22").unwrap()).is_err());
    /// # Ok::<(), rapport_llm::GuardError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, GuardError> {
        let entries = text
            .split(|c: char| c.is_whitespace() || c == ',')
            .filter(|entry| !entry.is_empty())
            .map(Entry::parse)
            .collect::<Result<_, _>>()?;
        Ok(Self { entries })
    }

    /// Returns the entries, in the order of the list.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Finds the entry that permits an address: same scheme, same host, same port.
    ///
    /// # Errors
    /// A [`GuardError`] if the origin is not listed, or the address has a user, a password, a
    /// fragment or a scheme other than `http` and `https`.
    pub fn check_url(&self, url: &Url) -> Result<&Entry, GuardError> {
        check_form(url)?;
        let port = url.port_or_known_default();
        let same = |entry: &&Entry| {
            url.scheme() == entry.scheme
                && url.host() == Some(borrowed(&entry.host))
                && port == Some(entry.port)
        };
        // Of two entries of one origin, the one with the suffix decides.
        let mut found = self.entries.iter().filter(same);
        let first = found.next();
        found
            .find(|entry| entry.private)
            .filter(|_| first.is_some_and(|first| !first.private))
            .or(first)
            .ok_or_else(|| GuardError::NotListed(excerpt(&url.origin().ascii_serialization())))
    }

    /// Reads an address that somebody wrote, and checks it as [`Guard::check_url`] does.
    ///
    /// # Errors
    /// [`GuardError::Unreadable`] for what the parser of the WHATWG repairs and others read in
    /// another way: white space, control characters, backslashes, and a scheme without exactly
    /// two slashes.
    pub fn read_url(&self, text: &str) -> Result<Url, GuardError> {
        let repaired = |c: char| c.is_whitespace() || c.is_control() || c == '\\';
        let (_, rest) = text.split_once("://").ok_or(GuardError::Unreadable)?;
        if text.contains(repaired) || rest.starts_with('/') {
            return Err(GuardError::Unreadable);
        }
        let url = Url::parse(text).map_err(|_| GuardError::Unreadable)?;
        self.check_url(&url)?;
        Ok(url)
    }

    /// Returns whether a server of this entry may have this address.
    #[must_use]
    pub fn permits(&self, entry: &Entry, address: IpAddr) -> bool {
        if let Some(listed) = literal(&entry.host) {
            return address == listed;
        }
        match reach(address) {
            Reach::Global => !entry.is_localhost(),
            Reach::Loopback => entry.is_localhost() || entry.private,
            Reach::Private => entry.private && !entry.is_localhost(),
            Reach::Special | Reach::Nobody => false,
        }
    }
}

fn check_form(url: &Url) -> Result<(), GuardError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(GuardError::Forbidden("a scheme other than http and https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(GuardError::Forbidden("a user or a password"));
    }
    if url.fragment().is_some() {
        return Err(GuardError::Forbidden("a fragment"));
    }
    Ok(())
}

fn borrowed(host: &Host<String>) -> Host<&str> {
    match host {
        Host::Domain(name) => Host::Domain(name),
        Host::Ipv4(address) => Host::Ipv4(*address),
        Host::Ipv6(address) => Host::Ipv6(*address),
    }
}

fn literal(host: &Host<String>) -> Option<IpAddr> {
    match host {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(IpAddr::V4(*address)),
        Host::Ipv6(address) => Some(IpAddr::V6(*address)),
    }
}

/// Returns whether a host is a name of letters, digits, `-`, `_` and dots, and no pattern.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

#[cfg(test)]
mod tests;
