//! What the black-box tests share: a database and a server of their own for every test.
//!
//! Nothing here knows the code of Rapport. A test speaks SQL to a real PostgreSQL, HTTP to a real
//! process, and reads what was worked out by hand in `expected/`. `README.md` says how to run it.

pub mod answer;
pub mod books;
pub mod command;
pub mod corpus;
pub mod database;
pub mod document;
pub mod environment;
pub mod expected;
pub mod fixture;
pub mod importer;
pub mod leaving;
pub mod matrix;
pub mod messy;
pub mod model_server;
pub mod private_cluster;
pub mod proxy;
pub mod recount;
pub mod server;

pub use database::{Database, Fault, Session};
pub use model_server::{ModelServer, Reply};
pub use server::Server;
