//! Where the test cluster, the binary and psql are, as `make test` tells through the environment.

use std::path::PathBuf;
use std::sync::OnceLock;

use url::Url;

/// The places that `make test` prepares.
#[derive(Debug)]
pub struct Environment {
    /// URL of the superuser of the test cluster, to the database `postgres`.
    pub database_url: Url,
    /// Name of a migrated database without rows, copied for every test.
    pub template: String,
    /// The binary `rapport`.
    pub binary: PathBuf,
    /// The program `psql`.
    pub psql: PathBuf,
}

impl Environment {
    /// Returns the environment of this process.
    ///
    /// # Panics
    /// When a variable is missing: a test that cannot run must fail, never pass in silence.
    pub fn get() -> &'static Self {
        static ENVIRONMENT: OnceLock<Environment> = OnceLock::new();
        ENVIRONMENT.get_or_init(|| Self {
            database_url: Url::parse(&variable("RAPPORT_TEST_DATABASE_URL"))
                .expect("RAPPORT_TEST_DATABASE_URL is a URL"),
            template: variable("RAPPORT_TEST_TEMPLATE"),
            binary: PathBuf::from(variable("RAPPORT_BIN")),
            psql: PathBuf::from(variable("RAPPORT_TEST_PSQL")),
        })
    }

    /// Returns the URL of a database of the test cluster.
    pub fn url_of(&self, database: &str) -> Url {
        let mut url = self.database_url.clone();
        url.set_path(database);
        url
    }
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!(
            "the environment variable {name} is not set: these tests need a PostgreSQL of their own, \
             so run `make test`, which starts one and sets it"
        )
    })
}

/// Returns the root of the repository.
pub fn repository() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .canonicalize()
        .expect("the crate lies in the repository")
}
