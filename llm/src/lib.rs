//! How Rapport talks to language models.
//!
//! A [`Dialect`] turns a prompt into the request of a wire format and a response into a
//! completion; it does no I/O. [`RemoteModel`] sends such requests through the one transport that
//! opens sockets: only to origins of an allow-list ([`Guard`]), under limits of time and size
//! ([`Limits`]), and until a [`Cancel`] says stop. No redirect is followed, no proxy of the
//! environment is used, nothing is logged, and no secret is part of an error.

mod cancel;
pub mod dialect;
mod endpoint;
mod excerpt;
pub mod guard;
mod remote;
mod secret;
mod transport;
mod wire;

pub use cancel::Cancel;
pub use dialect::{Dialect, Embeddings, dialect, dialects};
pub use endpoint::{Auth, Endpoint};
pub use guard::{Guard, GuardError};
pub use remote::RemoteModel;
pub use secret::{Secret, SecretError};
pub use transport::{Limits, Lookup};
pub use wire::{Header, WireRequest, WireResponse};
