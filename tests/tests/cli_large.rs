//! Large files on the command line: sent as they are read, with little memory, and stopped at any moment.

use std::fs::File;
use std::io::{BufWriter, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use rapport_tests::command::{Finished, argument, rapport};
use rapport_tests::environment::Environment;
use rapport_tests::{Database, Session, fixture};
use url::Url;

/// The sessions of an import: its worker has begun an upload or an import.
const WORKER: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
    AND pid <> pg_backend_pid() AND application_name LIKE 'rapport import%'";

async fn rows(session: &mut Session) -> i64 {
    session
        .number(
            "SELECT (SELECT count(*) FROM crm.customers) + (SELECT count(*) FROM crm.interactions)
                  + (SELECT count(*) FROM crm.products) + (SELECT count(*) FROM crm.imports)
                  + (SELECT count(*) FROM crm.ledger) + (SELECT count(*) FROM crm.labels WHERE import_id IS NOT NULL)",
        )
        .await
}

/// A running `rapport import`.
struct Import {
    child: Child,
}

impl Import {
    fn start(database_url: &Url, arguments: &[&str]) -> Self {
        let child = Command::new(&Environment::get().binary)
            .arg("import")
            .args(arguments)
            .env("RAPPORT_DATABASE_URL", database_url.as_str())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        Self { child }
    }

    fn input(&mut self) -> ChildStdin {
        self.child.stdin.take().expect("its input is a pipe")
    }

    fn interrupt(&self) {
        let asked = Command::new("kill")
            .args(["-INT", &self.child.id().to_string()])
            .status();
        assert!(asked.expect("kill exists").success());
    }

    /// The most memory that the process has had at a time, in bytes.
    fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .expect("the process lives");
        let line = status.lines().find(|line| line.starts_with("VmHWM:"));
        let kibibytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
        kibibytes.expect("Linux tells it") << 10
    }

    fn finish(mut self) -> Finished {
        drop(self.child.stdin.take());
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("the process can be asked") {
                break status;
            }
            if started.elapsed() > Duration::from_secs(20) {
                let _ = self.child.kill();
                panic!("the import does not end");
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        let (mut stdout, mut stderr) = (String::new(), String::new());
        let _ = self
            .child
            .stdout
            .take()
            .map(|mut s| s.read_to_string(&mut stdout));
        let _ = self
            .child
            .stderr
            .take()
            .map(|mut s| s.read_to_string(&mut stderr));
        Finished {
            code: status.code().unwrap_or(-1),
            stdout,
            stderr,
        }
    }
}

/// Waits until a count is what it should be.
async fn wait_for(session: &mut Session, sql: &str, wanted: impl Fn(i64) -> bool) {
    let started = Instant::now();
    loop {
        let found = session.number(sql).await;
        if wanted(found) {
            return;
        }
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "{sql}: still {found}"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Checks what Ctrl-C leaves: the exit code, a sentence, no row and no session.
async fn left_nothing(session: &mut Session, finished: &Finished) {
    assert_eq!(finished.code, 130, "{finished:?}");
    assert!(finished.stdout.is_empty(), "{finished:?}");
    assert!(
        finished.stderr.contains("nothing was imported"),
        "{finished:?}"
    );
    wait_for(session, WORKER, |count| count == 0).await;
    assert_eq!(rows(session).await, 0);
    let tables =
        "SELECT count(*) FROM pg_class WHERE relname LIKE 'rapport\\_%' AND relpersistence = 't'";
    wait_for(session, tables, |count| count == 0).await;
}

/// Writes a CSV file of interactions of at least `bytes` bytes, one in a hundred with a cell to repair.
fn interactions(path: &Path, bytes: usize) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    file.write_all(b"Date Start,Interaction,Customers,Topic,Sentiment\r\n")
        .unwrap();
    let (mut written, mut row) = (0, 0_u32);
    while written < bytes {
        let (day, hour, customer) = (row % 28 + 1, row % 24, row % 1_000 + 1);
        let topic = if row % 100 == 0 {
            " Drug  Efficacy "
        } else {
            "Side Effects Discussion"
        };
        let line = format!("{day:02}/01/2019 {hour:02}:00,Email,{customer},{topic},Neutral\r\n");
        file.write_all(line.as_bytes()).unwrap();
        written += line.len();
        row += 1;
    }
    file.flush().unwrap();
}

#[tokio::test]
async fn ctrl_c_while_bytes_are_awaited_or_sent_leaves_nothing() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    // Nothing has come yet.
    let mut import = Import::start(&database.url, &["-"]);
    let input = import.input();
    tokio::time::sleep(Duration::from_millis(500)).await;
    import.interrupt();
    let finished = import.finish();
    drop(input);
    left_nothing(&mut session, &finished).await;

    // Three chunks have come, and the pipe stays open.
    let mut import = Import::start(&database.url, &["-", "--name", "slow.csv"]);
    let mut input = import.input();
    let line = b"01-2019,Sand\n".repeat(100_000);
    input.write_all(b"Date,Product\n").unwrap();
    input.write_all(&line).unwrap();
    let copying = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND state = 'active' AND query LIKE 'COPY pg_temp.rapport_upload%'";
    wait_for(&mut session, copying, |count| count == 1).await;
    import.interrupt();
    let finished = import.finish();
    drop(input);
    left_nothing(&mut session, &finished).await;
    assert!(finished.stderr.contains("standard input"), "{finished:?}");
}

#[tokio::test]
async fn ctrl_c_while_the_server_waits_reads_or_stores_leaves_nothing() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.csv");
    interactions(&path, 40 << 20);
    let file = argument(&path);

    let reading = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
        AND application_name ~ '^rapport import [0-9]+%, [0-9]+ rows$'";
    let import = Import::start(&database.url, &[file]);
    wait_for(&mut session, reading, |count| count == 1).await;
    import.interrupt();
    left_nothing(&mut session, &import.finish()).await;

    // Another session holds what the statement wants: its turn, then the table that it stores into.
    let small = folder.path().join("small.csv");
    interactions(&small, 1_000);
    let waiting = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%_upload%'";
    for (lock, arguments) in [
        (
            "SELECT pg_advisory_xact_lock(hashtextextended('rapport.import_file', 0))",
            [argument(&small)].as_slice(),
        ),
        (
            "LOCK TABLE crm.interactions IN SHARE MODE",
            &[argument(&small)],
        ),
        (
            "LOCK TABLE crm.interactions IN SHARE MODE",
            &[argument(&small), "--dry-run"],
        ),
    ] {
        let mut holder = database.session().await;
        holder.execute(&format!("BEGIN; {lock}")).await;
        let import = Import::start(&database.url, arguments);
        wait_for(&mut session, waiting, |count| count == 1).await;
        import.interrupt();
        let finished = import.finish();
        holder.execute("ROLLBACK").await;
        left_nothing(&mut session, &finished).await;
    }

    // And what was stopped can be imported.
    rapport(&database.url, &["import", argument(&small)]).succeeded();
    assert!(rows(&mut session).await > 0);
}

#[tokio::test]
async fn a_file_of_200_mb_passes_through_little_memory() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.csv");
    interactions(&path, 200 << 20);
    // The limit of --max-file-mib is for workbooks.
    let import = Import::start(&database.url, &[argument(&path), "--max-file-mib", "1"]);
    let begun = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND state = 'active' AND query LIKE '%import_upload%'
          AND pid <> pg_backend_pid()";
    wait_for(&mut session, begun, |count| count == 1).await;
    let peak = import.peak_memory();
    let received = session
        .number("SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class WHERE relname = 'rapport_upload'")
        .await;
    import.interrupt();
    left_nothing(&mut session, &import.finish()).await;
    assert!(received >= 200 << 20, "only {received} bytes arrived");
    assert!(peak < 64 << 20, "{peak} bytes of memory");
}

#[tokio::test]
async fn standard_input_is_a_file_too() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    for (arguments, content, name) in [
        (
            ["-", "--format", "json"].as_slice(),
            fixture::sample_csv("customers"),
            "stdin.csv",
        ),
        (
            &["-", "--format", "json", "--name", "all.xlsx"],
            fixture::sample_workbook(),
            "all.xlsx",
        ),
        (
            &["-", "--format", "json", "--file-format", "csv"],
            fixture::csv(&["Date\tProduct", "01-2031\tSand"]),
            "stdin.csv",
        ),
    ] {
        let mut import = Import::start(&database.url, arguments);
        import.input().write_all(&content).unwrap();
        let json = import.finish().succeeded().json();
        assert_eq!(json["file_name"], name, "{json:#}");
        assert_eq!(json["status"], "imported", "{json:#}");
    }
    assert_eq!(
        session
            .number("SELECT count(*) FROM crm.interactions")
            .await,
        67
    );
    let sand = "SELECT count(*) FROM crm.products WHERE month = '2031-01-01' AND product = 'Sand'";
    assert_eq!(session.number(sand).await, 1);

    let imports = session.number("SELECT count(*) FROM crm.imports").await;
    for content in [b"".as_slice(), b"\x1F\x8B\x08\0compressed", b"\x7FELF\0\0"] {
        let mut import = Import::start(&database.url, &["-"]);
        import.input().write_all(content).unwrap();
        let finished = import.finish();
        assert_eq!(finished.code, 1, "{finished:?}");
        assert!(finished.stderr.contains("standard input"), "{finished:?}");
    }
    assert_eq!(
        session.number("SELECT count(*) FROM crm.imports").await,
        imports
    );
}

#[tokio::test]
async fn a_file_is_the_same_at_every_border_of_a_chunk() {
    const CHUNK: usize = 256 << 10;
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    for (number, size) in [CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 5 * CHUNK + 7]
        .into_iter()
        .enumerate()
    {
        // One month for each size, so that each file brings one row; blank lines fill it up.
        let mut content = format!("Date,Product\n{:02}-2031,Sand\n", number + 1).into_bytes();
        content.resize(size, b'\n');
        std::fs::write(&path, &content).unwrap();
        let json = rapport(
            &database.url,
            &["import", argument(&path), "--format", "json"],
        )
        .succeeded()
        .json();
        assert_eq!(json["products_added"], 1, "{size}: {json:#}");
        // The same bytes in one piece are the same file.
        let whole = session.import_csv(&content, "b.csv").await.unwrap();
        assert_eq!(whole["status"], "unchanged", "{size}: {whole:#}");
        assert_eq!(whole["import_id"], json["import_id"], "{size}");
    }
}
