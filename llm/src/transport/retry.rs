//! When a request is sent again, and how long is waited before.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

/// The longest first wait.
const BASE: Duration = Duration::from_millis(500);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(20);

/// Returns whether a status may be gone at the next attempt. What a server does not implement
/// (501) it does not implement the next time either.
pub(super) const fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502..=599)
}

/// Returns a random wait up to a limit that doubles with each attempt ("full jitter"), so that
/// many callers who failed together do not come back together.
pub(super) fn backoff(tried: u32) -> Duration {
    let doubled = 1_u32.checked_shl(tried.saturating_sub(1)).unwrap_or(0);
    let limit = match doubled {
        0 => LONGEST,
        factor => BASE.saturating_mul(factor).min(LONGEST),
    };
    // The keys of a RandomState are random; nobody gains anything by guessing a wait.
    let random = RandomState::new().build_hasher().finish();
    let limit = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(random % limit.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{backoff, is_transient};

    #[test]
    fn waits_are_spread_up_to_a_limit_that_doubles() {
        for (tried, limit) in [(1, 500), (2, 1_000), (3, 2_000), (7, 20_000), (99, 20_000)] {
            let waits: Vec<_> = (0..200).map(|_| backoff(tried)).collect();
            let limit = Duration::from_millis(limit);
            assert!(waits.iter().all(|wait| *wait <= limit));
            assert!(waits.iter().any(|wait| *wait < limit / 4));
            assert!(waits.iter().any(|wait| *wait > limit * 3 / 4));
        }
    }

    #[test]
    fn only_what_may_pass_is_transient() {
        let transient: Vec<u16> = (100..600).filter(|status| is_transient(*status)).collect();
        let expected: Vec<u16> = [408, 429, 500].into_iter().chain(502..600).collect();
        assert_eq!(transient, expected);
    }
}
