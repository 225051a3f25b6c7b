//! What PostgreSQL is asked from Rust: the only modules that name SPI.
//!
//! Each question is a connection to SPI of its own, because the answers to all questions of one
//! connection stay in memory until its end.

pub(crate) mod generations;
pub(crate) mod models;
pub(crate) mod staging;
