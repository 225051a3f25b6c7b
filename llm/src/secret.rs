//! A secret is a name that resolves to a file or an environment variable of the server.
//!
//! It is never an argument, a column or a readable setting; it cannot be printed or serialised,
//! and no error holds a part of it.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// The largest file of a secret, in bytes.
const LARGEST: u64 = 8 * 1024;
/// The longest name of a secret, in characters.
const LONGEST_NAME: usize = 63;
/// What stands in the place of a secret.
const HIDDEN: &str = "…";

/// A secret, such as the key of an API.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// The reason why there is no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The name of the secret cannot be one.
    #[error(
        "the name of a secret begins with a lower-case letter, continues with lower-case letters, digits, \"-\" and \"_\", and has at most 63 characters"
    )]
    InvalidName,
    /// There is neither a file nor an environment variable.
    #[error(
        "secret \"{name}\" is neither a file in the directory of secrets nor the environment variable {variable}"
    )]
    Missing {
        /// The name of the secret.
        name: String,
        /// The environment variable that was looked for.
        variable: String,
    },
    /// The file cannot be used.
    #[error("the file of secret \"{name}\" {problem}")]
    UnusableFile {
        /// The name of the secret.
        name: String,
        /// What is wrong with the file; never what it holds.
        problem: String,
    },
    /// The content cannot be a secret.
    #[error("secret \"{name}\" {problem}")]
    UnusableContent {
        /// The name of the secret.
        name: String,
        /// What is wrong with the content; never a part of it.
        problem: &'static str,
    },
}

impl Secret {
    /// Finds a secret by its name: the file `<directory>/<name>` first, else the environment
    /// variable `RAPPORT_SECRET_<NAME>`, in upper case and with `_` for `-`.
    ///
    /// A file may be a symbolic link, but not out of the directory, and may not be accessible to
    /// others (`chmod o-rwx`). One line break at its end does not belong to the secret.
    ///
    /// # Errors
    /// A [`SecretError`] if the name cannot be one, nothing has the name, or what has it cannot
    /// be used. A file that cannot be used is not passed over for the environment.
    pub fn resolve(name: &str, directory: Option<&Path>) -> Result<Self, SecretError> {
        Self::resolve_with(name, directory, |variable| env::var_os(variable))
    }

    fn resolve_with(
        name: &str,
        directory: Option<&Path>,
        environment: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, SecretError> {
        if !is_name(name) {
            return Err(SecretError::InvalidName);
        }
        if let Some(directory) = directory
            && let Some(content) = read_file(name, directory)?
        {
            return Self::checked(name, content);
        }
        let variable = format!(
            "RAPPORT_SECRET_{}",
            name.to_ascii_uppercase().replace('-', "_")
        );
        match environment(&variable) {
            Some(content) => Self::checked(name, content.into_encoded_bytes()),
            None => Err(SecretError::Missing {
                name: name.to_owned(),
                variable,
            }),
        }
    }

    fn checked(name: &str, mut content: Vec<u8>) -> Result<Self, SecretError> {
        if content.ends_with(b"\n") {
            content.pop();
            if content.ends_with(b"\r") {
                content.pop();
            }
        }
        let unusable = |problem| SecretError::UnusableContent {
            name: name.to_owned(),
            problem,
        };
        if content.is_empty() {
            return Err(unusable("is empty"));
        }
        // Anything else would end or break the header that carries it.
        if !content.iter().all(|byte| (b' '..=b'~').contains(byte)) {
            return Err(unusable("holds characters that are not printable ASCII"));
        }
        String::from_utf8(content)
            .map(Self)
            .map_err(|_| unusable("is not text"))
    }

    /// Returns the secret itself, for the header that carries it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Hides the secret in a text of a stranger, who may repeat what it was sent.
    pub(crate) fn redact(&self, text: &str) -> String {
        text.replace(&self.0, HIDDEN)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(HIDDEN)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(HIDDEN)
    }
}

fn is_name(name: &str) -> bool {
    name.len() <= LONGEST_NAME
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
}

/// Reads the file of a secret; nothing if there is none.
fn read_file(name: &str, directory: &Path) -> Result<Option<Vec<u8>>, SecretError> {
    let unusable = |problem: String| SecretError::UnusableFile {
        name: name.to_owned(),
        problem,
    };
    let unreadable = |error: &std::io::Error| unusable(format!("cannot be read: {}", error.kind()));
    let path = directory.join(name);
    // A link that leads nowhere is an error, not a missing secret.
    match fs::symlink_metadata(&path) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(&error)),
    }
    // Mounted secrets are links to a neighbour (`..data`), so links are followed, but not out.
    let target = path.canonicalize().map_err(|error| unreadable(&error))?;
    let inside = directory
        .canonicalize()
        .is_ok_and(|directory| target.starts_with(directory));
    if !inside {
        return Err(unusable("is a link out of its directory".to_owned()));
    }
    // Opening a pipe would wait for somebody to write.
    if !fs::metadata(&target).is_ok_and(|metadata| metadata.is_file()) {
        return Err(unusable("is not a regular file".to_owned()));
    }
    let file = File::open(&target).map_err(|error| unreadable(&error))?;
    let metadata = file.metadata().map_err(|error| unreadable(&error))?;
    let mode = metadata.permissions().mode();
    if mode & 0o007 != 0 {
        return Err(unusable(format!(
            "is accessible to everybody (mode {:03o}); run chmod o-rwx on it",
            mode & 0o777
        )));
    }
    let mut content = Vec::new();
    file.take(LARGEST + 1)
        .read_to_end(&mut content)
        .map_err(|error| unreadable(&error))?;
    if content.len() as u64 > LARGEST {
        return Err(unusable(format!("has more than {LARGEST} bytes")));
    }
    Ok(Some(content))
}

#[cfg(test)]
mod tests;
