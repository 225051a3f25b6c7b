//! The `rapport` binary as a library: the HTTP API, the command line, and what both need.
//!
//! Every route and every command is one static SQL statement. Cleaning, statistics and prompts live in
//! PostgreSQL; this crate carries bytes in and JSON out, and says clearly what went wrong in between.

pub mod app;
pub mod auth;
pub mod cli;
pub mod config;
pub mod database;
pub mod error;
pub mod export;
pub mod import;
pub mod migrations;
pub mod openapi;
pub mod parameters;
pub mod problem;
pub mod router;
pub mod routes;
pub mod telemetry;
pub mod upload;

pub use error::Error;
