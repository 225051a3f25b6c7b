//! The SQL functions that are written in Rust, one file for each topic.

pub(crate) mod about;
pub(crate) mod cleaning;
pub(crate) mod embedding;
pub(crate) mod export;
pub(crate) mod generation;
pub(crate) mod import;
pub(crate) mod models;
pub(crate) mod question;
pub(crate) mod rules;
