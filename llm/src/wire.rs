//! A request and a response as plain values, between a dialect and the transport.

use std::fmt;
use std::time::{Duration, SystemTime};

use url::Url;

/// A header of a request.
#[derive(Clone, PartialEq, Eq)]
pub struct Header {
    /// The name, in lower case.
    pub name: String,
    /// The value; visible ASCII.
    pub value: String,
    /// Whether the value is a secret, which `Debug` does not show.
    pub sensitive: bool,
}

impl Header {
    /// Returns a header whose value may be shown.
    #[must_use]
    pub fn plain(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            sensitive: false,
        }
    }

    /// Returns a header whose value is a secret.
    #[must_use]
    pub(crate) fn sensitive(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            sensitive: true,
        }
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.sensitive { "…" } else { &self.value };
        write!(formatter, "{}: {value}", self.name)
    }
}

/// A POST request.
#[derive(Clone, PartialEq, Eq)]
pub struct WireRequest {
    /// Where it goes.
    pub url: Url,
    /// Its headers, without those of the transport such as `Host` and `Content-Length`.
    pub headers: Vec<Header>,
    /// Its body.
    pub body: Vec<u8>,
}

/// Shows the length of the body only: the body holds data of customers.
impl WireRequest {
    /// Hides in the body of a response what the sensitive headers hold: a server may repeat what it
    /// was sent, and what is cut later is no longer found.
    pub(crate) fn hide_secrets(&self, body: Vec<u8>) -> Vec<u8> {
        let secrets = self.headers.iter().filter(|header| header.sensitive);
        secrets.fold(body, |body, header| {
            let secret = header
                .value
                .strip_prefix("Bearer ")
                .unwrap_or(&header.value);
            let text = String::from_utf8_lossy(&body);
            if secret.is_empty() || !text.contains(secret) {
                return body;
            }
            text.replace(secret, "…").into_bytes()
        })
    }
}

impl fmt::Debug for WireRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("WireRequest")
            .field("url", &self.url.as_str())
            .field("headers", &self.headers)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

/// A response.
#[derive(Clone, PartialEq, Eq)]
pub struct WireResponse {
    /// The status code.
    pub status: u16,
    /// The headers; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// When it came; what a date in a header is compared with.
    pub received: SystemTime,
}

impl WireResponse {
    /// Returns a response that came now.
    #[must_use]
    pub fn new(status: u16, headers: Vec<(String, String)>, body: Vec<u8>) -> Self {
        Self {
            status,
            headers,
            body,
            received: SystemTime::now(),
        }
    }

    /// Returns the first header of a name, which is compared without regard to case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }

    /// Returns whether the status is one of success.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// Returns whether the body is a stream of server-sent events.
    #[must_use]
    pub fn is_event_stream(&self) -> bool {
        self.header("content-type").is_some_and(|value| {
            let essence = value.split(';').next().unwrap_or_default().trim();
            essence.eq_ignore_ascii_case("text/event-stream")
        })
    }

    /// Returns how long the provider asks to wait: seconds or a date (RFC 9110, 10.2.3), rounded
    /// up to whole seconds. A date of the past asks for no wait; one of more seconds than fit in
    /// 32 bits counts as that many.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let value = self.header("retry-after")?;
        if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(whole_seconds(value.parse().unwrap_or(u64::MAX)));
        }
        let date = httpdate::parse_http_date(value).ok()?;
        let wait = date.duration_since(self.received).unwrap_or_default();
        let partial = u64::from(wait.subsec_nanos() > 0);
        Some(whole_seconds(wait.as_secs().saturating_add(partial)))
    }
}

/// A longer wait is none that anybody has time for, and may not fit where it is stored.
fn whole_seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds.min(u64::from(u32::MAX)))
}

/// Shows no header and no body: both come from a stranger and are long.
impl fmt::Debug for WireResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("WireResponse")
            .field("status", &self.status)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use rstest::rstest;

    use super::{Header, WireRequest, WireResponse};

    /// 1994-11-06 08:49:07 UTC, half a second before the half minute.
    fn received() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(784_111_747_500)
    }

    #[rstest]
    #[case("7", Some(7))]
    #[case(" 0 ", Some(0))]
    #[case("99999999999999999999999", Some(4_294_967_295))]
    #[case("Sun, 06 Nov 1994 08:49:37 GMT", Some(30))]
    #[case("Sunday, 06-Nov-94 08:49:37 GMT", Some(30))]
    #[case("Fri, 31 Dec 9999 23:59:59 GMT", Some(4_294_967_295))]
    #[case("Sun Nov  6 08:49:37 1994", Some(30))]
    #[case("Sun, 06 Nov 1994 08:00:00 GMT", Some(0))]
    #[case("-1", None)]
    #[case("1.5", None)]
    #[case("soon", None)]
    #[case("", None)]
    fn retry_after_is_seconds_or_a_date(#[case] value: &str, #[case] expected: Option<u64>) {
        let mut response = WireResponse::new(
            429,
            vec![("Retry-After".to_owned(), value.to_owned())],
            Vec::new(),
        );
        response.received = received();
        assert_eq!(response.retry_after(), expected.map(Duration::from_secs));
    }

    #[rstest]
    #[case("text/event-stream", true)]
    #[case("Text/Event-Stream; charset=utf-8", true)]
    #[case("application/json", false)]
    #[case("text/event-streams", false)]
    fn event_stream_is_told_by_its_type(#[case] value: &str, #[case] expected: bool) {
        let headers = vec![("content-type".to_owned(), value.to_owned())];
        assert_eq!(
            WireResponse::new(200, headers, Vec::new()).is_event_stream(),
            expected
        );
    }

    #[test]
    fn debug_shows_neither_secret_nor_body() {
        let request = WireRequest {
            url: "https://models.example/v1".parse().unwrap(),
            headers: vec![
                Header::plain("accept", "application/json"),
                Header::sensitive("authorization", "Bearer hunter2"),
            ],
            body: b"Ada Lovelace".to_vec(),
        };
        let shown = format!("{request:?}");
        assert!(shown.contains("accept: application/json") && shown.contains("12 bytes"));
        assert!(!shown.contains("hunter2") && !shown.contains("Ada"));
    }
}
