//! The binary on the command line.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use url::Url;

use crate::environment::Environment;

/// What a command left behind.
#[derive(Debug)]
pub struct Finished {
    /// The exit code.
    pub code: i32,
    /// What it wrote to its standard output.
    pub stdout: String,
    /// What it wrote to its standard error.
    pub stderr: String,
}

impl Finished {
    /// Reads the standard output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Returns this when the exit code is 0.
    pub fn succeeded(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }
}

/// Runs `rapport` with arguments on a database.
pub fn rapport(database_url: &Url, arguments: &[&str]) -> Finished {
    finish(
        Command::new(&Environment::get().binary)
            .args(arguments)
            .env("RAPPORT_DATABASE_URL", database_url.as_str()),
    )
}

/// Runs `rapport` without telling it a database.
pub fn rapport_alone(arguments: &[&str]) -> Finished {
    finish(
        Command::new(&Environment::get().binary)
            .args(arguments)
            .env_remove("RAPPORT_DATABASE_URL"),
    )
}

/// Runs a command to its end without input.
pub fn finish(command: &mut Command) -> Finished {
    let output = command
        .stdin(Stdio::null())
        .output()
        .expect("the command starts");
    Finished {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("its output is UTF-8"),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Returns a path as an argument.
pub fn argument(path: &Path) -> &str {
    path.to_str().expect("the path is UTF-8")
}
