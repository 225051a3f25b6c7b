//! What the extension says about itself.

use pgrx::pg_extern;

/// Returns the version of the extension's library.
#[pg_extern(immutable, parallel_safe)]
pub(crate) fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
