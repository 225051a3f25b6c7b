//! A PostgreSQL of one test's own, for what a test must not do to its neighbours: a backend that
//! is killed takes every session of its server with it.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;
use url::Url;

use crate::Session;
use crate::command::rapport;
use crate::environment::Environment;

/// A server with one migrated database, which goes with its value.
#[derive(Debug)]
pub struct PrivateCluster {
    /// URL of the superuser to the migrated database.
    pub url: Url,
    account: Account,
    folder: TempDir,
}

/// Who runs the server: PostgreSQL refuses root.
#[derive(Debug, Clone, Copy)]
struct Account {
    user: u32,
    group: u32,
}

impl PrivateCluster {
    /// Makes a cluster of the PostgreSQL under test, in a folder and on a port of its own.
    ///
    /// # Panics
    /// When the server does not start; its log is part of the message.
    pub async fn start() -> Self {
        let account = Account::of_test_cluster().await;
        let folder = tempfile::Builder::new()
            .prefix("rapport-test-")
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir()
            .expect("a temporary folder");
        chown(folder.path(), Some(account.user), Some(account.group)).expect("it is given away");
        let password = folder.path().join("password");
        fs::write(&password, "private\n").expect("a password");
        chown(&password, Some(account.user), Some(account.group)).expect("it is given away");
        let cluster = Self {
            url: Url::parse("postgres://rapport:private@127.0.0.1/postgres").expect("a URL"),
            account,
            folder,
        };
        cluster.run("initdb", &["--username=rapport", "--pwfile=password"]);
        cluster.listen().await
    }

    /// Starts the server on a free port, which a neighbour may take first.
    async fn listen(mut self) -> Self {
        let mut attempts = 0;
        loop {
            let port = TcpListener::bind("127.0.0.1:0")
                .and_then(|listener| listener.local_addr())
                .expect("a free port")
                .port();
            // fsync is for a machine that loses power; here only a process dies.
            let options = format!(
                "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
                 -c fsync=off -c timezone=UTC"
            );
            if self.try_run("pg_ctl", &["start", "--log=log", "--options", &options]) {
                self.url.set_port(Some(port)).expect("a URL with a host");
                break;
            }
            attempts += 1;
            assert!(attempts < 3, "no start: {}", self.log());
        }
        let mut admin = Session::open(&self.url).await;
        admin.execute("CREATE DATABASE rapport").await;
        self.url.set_path("rapport");
        rapport(&self.url, &["migrate"]).succeeded();
        self
    }

    /// Opens a session, and waits for a server that recovers.
    pub async fn session(&self) -> Session {
        for _ in 0..400 {
            if PgConnection::connect(self.url.as_str()).await.is_ok() {
                return Session::open(&self.url).await;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the server does not come back: {}", self.log())
    }

    /// Reads the log of the server.
    pub fn log(&self) -> String {
        let log = fs::read(self.folder.path().join("log")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        assert!(
            self.try_run(program, arguments),
            "{program} failed: {}",
            self.log()
        );
    }

    /// Runs a program of PostgreSQL on the cluster.
    fn try_run(&self, program: &str, arguments: &[&str]) -> bool {
        let mut command = Command::new(Environment::get().psql.with_file_name(program));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("PGDATA", self.data())
            // Otherwise the extension would write a backtrace into the detail of its errors.
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        if is_root() {
            command.uid(self.account.user).gid(self.account.group);
        }
        if program == "initdb" {
            command.args([
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ]);
        } else {
            command.args(["--wait", "--silent"]);
        }
        command
            .status()
            .expect("PostgreSQL's programs stand beside psql")
            .success()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

impl Drop for PrivateCluster {
    fn drop(&mut self) {
        if !self.try_run("pg_ctl", &["stop", "--mode=immediate"]) {
            eprintln!("the server in {} stays behind", self.data().display());
        }
    }
}

impl Account {
    /// The account that runs the test cluster: it can run one more.
    async fn of_test_cluster() -> Self {
        let mut session = Session::open(&Environment::get().database_url).await;
        let pid = session.number("SELECT pg_backend_pid()").await;
        let process = fs::metadata(format!("/proc/{pid}")).expect("the test cluster runs here");
        Self {
            user: process.uid(),
            group: process.gid(),
        }
    }
}

/// Whether this process may become another account.
fn is_root() -> bool {
    fs::metadata(Path::new("/proc/self")).is_ok_and(|process| process.uid() == 0)
}
