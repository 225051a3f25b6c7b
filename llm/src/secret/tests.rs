//! Where a secret is found, what is refused, and that nothing shows it.

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use rstest::rstest;
use tempfile::TempDir;

use super::{Secret, SecretError};

fn nothing(_: &str) -> Option<OsString> {
    None
}

fn write(path: &Path, content: impl AsRef<[u8]>, mode: u32) {
    fs::write(path, content).unwrap();
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn from_file(content: &[u8]) -> Result<Secret, SecretError> {
    let directory = TempDir::new().unwrap();
    write(&directory.path().join("key"), content, 0o600);
    Secret::resolve_with("key", Some(directory.path()), nothing)
}

#[rstest]
#[case(b"hunter2", "hunter2")]
#[case(b"hunter2\n", "hunter2")]
#[case(b"hunter2\r\n", "hunter2")]
#[case(b" with spaces ", " with spaces ")]
fn file_is_the_secret_without_its_last_line_break(#[case] content: &[u8], #[case] secret: &str) {
    assert_eq!(from_file(content).unwrap().expose(), secret);
}

#[rstest]
#[case::empty(b"")]
#[case::only_a_line_break(b"\n")]
#[case::two_lines(b"hunter2\n\n")]
#[case::control(b"hunter2\x00")]
#[case::carriage_return(b"hunter2\rX-Other: 1")]
#[case::tab(b"hun\tter2")]
#[case::not_ascii("hünter2".as_bytes())]
#[case::not_text(b"hunter2\xff")]
#[case::large(&[b'x'; 8 * 1024 + 1])]
fn content_that_no_header_carries_is_refused(#[case] content: &[u8]) {
    let error = from_file(content).unwrap_err();
    assert!(!error.to_string().contains("unter"), "{error}");
}

#[test]
fn file_comes_before_the_environment() {
    let directory = TempDir::new().unwrap();
    let environment = |name: &str| {
        (name == "RAPPORT_SECRET_OPEN_AI_KEY2").then(|| OsString::from("from environment"))
    };
    let resolve =
        || Secret::resolve_with("open-ai_key2", Some(directory.path()), environment).unwrap();
    assert_eq!(resolve().expose(), "from environment");
    write(&directory.path().join("open-ai_key2"), "from file", 0o640);
    assert_eq!(resolve().expose(), "from file");
}

#[test]
fn missing_secret_tells_both_places() {
    let error = Secret::resolve_with("open-ai", None, nothing).unwrap_err();
    assert_eq!(
        error.to_string(),
        "secret \"open-ai\" is neither a file in the directory of secrets nor the environment \
         variable RAPPORT_SECRET_OPEN_AI"
    );
}

#[rstest]
#[case("")]
#[case("Key")]
#[case("1key")]
#[case("-key")]
#[case("../key")]
#[case("a/b")]
#[case("a.b")]
#[case("a b")]
#[case("schlüssel")]
#[case("a\0")]
#[case(&"a".repeat(64))]
fn name_that_could_be_a_path_is_refused(#[case] name: &str) {
    assert_eq!(
        Secret::resolve_with(name, Some(Path::new("/")), |_| Some("x".into())),
        Err(SecretError::InvalidName)
    );
}

#[test]
fn longest_name_is_accepted() {
    let name = "a".repeat(63);
    assert!(Secret::resolve_with(&name, None, |_| Some("x".into())).is_ok());
}

#[rstest]
#[case(0o604)]
#[case(0o602)]
#[case(0o644)]
fn file_of_everybody_is_refused_and_not_passed_over(#[case] mode: u32) {
    let directory = TempDir::new().unwrap();
    write(&directory.path().join("key"), "hunter2", mode);
    let error =
        Secret::resolve_with("key", Some(directory.path()), |_| Some("x".into())).unwrap_err();
    assert!(error.to_string().contains("chmod o-rwx"), "{error}");
}

#[test]
fn link_is_followed_inside_the_directory_only() {
    let (directory, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let path = directory.path();
    fs::create_dir(path.join("..version")).unwrap();
    write(&path.join("..version/mounted"), "hunter2", 0o600);
    symlink("..version", path.join("..data")).unwrap();
    symlink("..data/mounted", path.join("mounted")).unwrap();
    assert_eq!(
        Secret::resolve_with("mounted", Some(path), nothing)
            .unwrap()
            .expose(),
        "hunter2"
    );
    write(&other.path().join("key"), "hunter2", 0o600);
    symlink(other.path().join("key"), path.join("out")).unwrap();
    symlink("nowhere", path.join("dangling")).unwrap();
    for name in ["out", "dangling"] {
        let error = Secret::resolve_with(name, Some(path), |_| Some("x".into())).unwrap_err();
        assert!(matches!(error, SecretError::UnusableFile { .. }), "{error}");
    }
}

#[test]
fn directory_is_no_secret() {
    let directory = TempDir::new().unwrap();
    fs::create_dir(directory.path().join("key")).unwrap();
    assert!(Secret::resolve_with("key", Some(directory.path()), nothing).is_err());
}

#[test]
fn nothing_shows_a_secret() {
    let secret = from_file(b"hunter2").unwrap();
    assert_eq!(format!("{secret} {secret:?} {secret:#?}"), "… … …");
    assert_eq!(secret.redact("key hunter2 is wrong"), "key … is wrong");
}
