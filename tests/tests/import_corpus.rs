//! More than ten thousand hostile and damaged files: each is answered, quickly, in little memory,
//! and no session of the server is lost.
//!
//! `make test` tries a sample of every family, `make corpus` all of them. Settings:
//! `RAPPORT_CORPUS=full`, `RAPPORT_CORPUS_SEED` (a number), `RAPPORT_CORPUS_ONLY` (a part of a name),
//! `RAPPORT_TEST_SLOWDOWN` (how many times slower the build under test may be than a release).

use std::collections::{BTreeMap, VecDeque};
use std::env;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rapport_tests::corpus::{Case, FileFormat, corpus, sample};
use rapport_tests::environment::Environment;
use rapport_tests::{Database, Session};
use sqlx::postgres::PgDatabaseError;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::sync::Mutex;
use url::Url;

/// Files of the sample.
const SAMPLE: usize = 600;
/// Sessions that import at once, each in a database of its own.
const SESSIONS: usize = 2;
/// Within this time a release answers.
const LIMIT: Duration = Duration::from_secs(2);
/// A build without optimisation inflates and parses up to this many times slower.
const SLOWDOWN_OF_DEBUG: u32 = 10;
/// A file is slow when it is slow each time: the machine may be busy with something else.
const ATTEMPTS: u32 = 3;
/// Bytes by which a backend may grow beyond what PostgreSQL itself takes for an argument.
const GROWTH: u64 = 256 << 20;
/// How often PostgreSQL holds an argument before any function sees it: in the message, whose buffer
/// doubles as it fills, as the parameter, and in the plan of the statement.
const COPIES_OF_AN_ARGUMENT: u64 = 3;
/// Characters of a message, a detail or a hint.
const TEXT: usize = 2_000;

#[tokio::test(flavor = "multi_thread")]
async fn no_file_of_the_corpus_harms_the_server() {
    let full = env::var("RAPPORT_CORPUS").is_ok_and(|size| size == "full");
    let seed = number("RAPPORT_CORPUS_SEED").unwrap_or(20_200_113);
    let slowdown = number("RAPPORT_TEST_SLOWDOWN").map_or(SLOWDOWN_OF_DEBUG, |n| n as u32);
    let mut cases = corpus(seed);
    if let Ok(part) = env::var("RAPPORT_CORPUS_ONLY") {
        cases.retain(|case| case.to_string().contains(&part));
    }
    if !full {
        cases = sample(cases, seed, SAMPLE);
    }
    let wanted = cases.len();
    let run = Arc::new(Run {
        limit: LIMIT * slowdown,
        wanted,
        started: Instant::now(),
        cases: Mutex::new(cases.into()),
        outcomes: Mutex::new(Vec::new()),
    });

    let bystander_database = Database::empty().await;
    let mut bystander = bystander_database.session().await;
    bystander
        .execute("CREATE TEMPORARY TABLE survives (n int)")
        .await;
    let started = "SELECT pg_postmaster_start_time() || ' ' || pg_backend_pid()";
    let before = bystander.value(started).await;
    let log = Log::open(&mut bystander).await;

    let workers: Vec<_> = (0..SESSIONS)
        .map(|_| tokio::spawn(Arc::clone(&run).work()))
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }

    let outcomes = run.outcomes.lock().await;
    summarise(&outcomes, run.started.elapsed());
    let complaints: Vec<&str> = outcomes
        .iter()
        .flat_map(|outcome| outcome.complaints.iter().map(String::as_str))
        .collect();
    assert!(
        complaints.is_empty(),
        "{} of {} files did harm:\n{}",
        complaints.len(),
        outcomes.len(),
        complaints.join("\n")
    );
    assert_eq!(outcomes.len(), wanted);
    assert_eq!(bystander.value(started).await, before);
    assert_eq!(bystander.number("SELECT count(*) FROM survives").await, 0);
    assert_eq!(log.alarms(), Vec::<String>::new());
}

fn number(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{variable}=\"{text}\" is no number")),
    )
}

struct Run {
    limit: Duration,
    wanted: usize,
    started: Instant,
    cases: Mutex<VecDeque<Case>>,
    outcomes: Mutex<Vec<Outcome>>,
}

/// What a file did.
struct Outcome {
    case: String,
    /// The SQLSTATE, or nothing when the file was imported.
    code: Option<String>,
    time: Duration,
    growth: u64,
    complaints: Vec<String>,
}

impl Run {
    async fn work(self: Arc<Self>) {
        let database = Database::fresh().await;
        let mut backend = Backend::open(&database.url).await;
        loop {
            let Some(case) = self.cases.lock().await.pop_front() else {
                break;
            };
            let outcome = backend.try_case(&case, self.limit).await;
            if outcome.code.as_deref() == Some(LOST) || !backend.memory.resets() {
                backend = Backend::open(&database.url).await;
            }
            for complaint in &outcome.complaints {
                eprintln!("{complaint}");
            }
            let mut outcomes = self.outcomes.lock().await;
            outcomes.push(outcome);
            if outcomes.len().is_multiple_of(500) {
                let seconds = self.started.elapsed().as_secs();
                eprintln!("{} of {} files in {seconds} s", outcomes.len(), self.wanted);
            }
        }
    }
}

/// Stands for the SQLSTATE when there is none because there is no session any more.
const LOST: &str = "lost";

/// A session that imports, and the process behind it.
struct Backend {
    connection: PgConnection,
    memory: Memory,
}

impl Backend {
    async fn open(url: &Url) -> Self {
        let mut attempts = 0;
        // After a crash the server refuses sessions until it has recovered.
        let mut connection = loop {
            match PgConnection::connect(url.as_str()).await {
                Ok(connection) => break connection,
                Err(error) => assert!(attempts < 100, "the server does not come back: {error}"),
            }
            attempts += 1;
            tokio::time::sleep(Duration::from_millis(200)).await;
        };
        sqlx::raw_sql("SET statement_timeout = '60s'; SET client_min_messages = error")
            .execute(&mut connection)
            .await
            .expect("a new session has settings");
        let pid: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
            .fetch_one(&mut connection)
            .await
            .expect("a new session has a process");
        Self {
            connection,
            memory: Memory { pid },
        }
    }

    async fn try_case(&mut self, case: &Case, limit: Duration) -> Outcome {
        let content = case.content();
        let (mut time, mut growth) = (Duration::MAX, 0);
        let mut answer = Ok(());
        for _ in 0..ATTEMPTS {
            let before = self.memory.reset();
            let started = Instant::now();
            answer = self.import(case, &content).await;
            time = time.min(started.elapsed());
            growth = growth.max(self.memory.peak_since(&before));
            if time <= limit
                || matches!(answer, Err(ref error) if error.as_database_error().is_none())
            {
                break;
            }
            self.roll_back().await;
        }
        let (code, mut complaints) = judge(&answer);
        if time > limit {
            complaints.push(format!("took {} ms", time.as_millis()));
        }
        if growth > GROWTH + COPIES_OF_AN_ARGUMENT * content.len() as u64 {
            complaints.push(format!("made its backend grow by {} MiB", growth >> 20));
        }
        if code.as_deref() != Some(LOST) {
            self.roll_back().await;
        }
        for complaint in &mut complaints {
            *complaint = format!("{case} ({} bytes) {complaint}", content.len());
        }
        Outcome {
            case: case.to_string(),
            code,
            time,
            growth,
            complaints,
        }
    }

    async fn roll_back(&mut self) {
        sqlx::raw_sql("ROLLBACK")
            .execute(&mut self.connection)
            .await
            .expect("a session that answered is there");
    }

    async fn import(&mut self, case: &Case, content: &[u8]) -> Result<(), sqlx::Error> {
        let function = match case.format {
            FileFormat::Workbook => "import_workbook",
            FileFormat::Text => "import_csv",
        };
        sqlx::raw_sql("BEGIN").execute(&mut self.connection).await?;
        let sql = format!("SELECT to_jsonb(r) FROM rapport.{function}($1, $2) AS r");
        sqlx::query(AssertSqlSafe(sql.as_str()))
            .bind(content)
            .bind(&case.file_name)
            .fetch_one(&mut self.connection)
            .await?;
        // What waits for the commit is looked at as well.
        sqlx::raw_sql("SET CONSTRAINTS ALL IMMEDIATE")
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }
}

/// Returns the SQLSTATE, and what is wrong with the answer.
fn judge(answer: &Result<(), sqlx::Error>) -> (Option<String>, Vec<String>) {
    let error = match answer {
        Ok(()) => return (None, Vec::new()),
        Err(sqlx::Error::Database(error)) => error.downcast_ref::<PgDatabaseError>(),
        Err(other) => {
            return (
                Some(LOST.to_owned()),
                vec![format!("lost its session: {other}")],
            );
        }
    };
    let mut complaints = Vec::new();
    let code = error.code().to_owned();
    if ["XX", "57", "53"].contains(&&code[..2]) {
        complaints.push(format!("was refused as {code}: {}", error.message()));
    }
    let texts = [
        ("message", Some(error.message())),
        ("detail", error.detail()),
        ("hint", error.hint()),
    ];
    for (name, text) in texts
        .into_iter()
        .filter_map(|(name, text)| Some((name, text?)))
    {
        let controls = text.chars().filter(|letter| letter.is_control());
        if controls
            .clone()
            .any(|letter| letter != '\n' || name == "message")
        {
            complaints.push(format!("has control characters in its {name}: {text:?}"));
        }
        if text.chars().count() > TEXT {
            let start: String = text.chars().take(200).collect();
            let length = text.chars().count();
            complaints.push(format!("has a {name} of {length} characters: {start}"));
        }
    }
    (Some(code), complaints)
}

/// The memory of a process, as Linux counts it.
struct Memory {
    pid: i32,
}

/// Bytes in use at one moment.
struct Usage {
    resident: u64,
    shared: u64,
    peak: u64,
}

impl Memory {
    /// Whether the peak of the process may be reset. When not, each file needs a process of its own.
    fn resets(&self) -> bool {
        fs::write(format!("/proc/{}/clear_refs", self.pid), "5").is_ok()
    }

    fn reset(&self) -> Usage {
        self.resets();
        self.usage().expect("the process of a session is in /proc")
    }

    /// How far the process grew beyond `before`, what it shares with others not counted: pages of
    /// the server's own cache are not the file's.
    fn peak_since(&self, before: &Usage) -> u64 {
        let Some(now) = self.usage() else { return 0 };
        let shared = now.shared.saturating_sub(before.shared);
        now.peak
            .saturating_sub(before.resident)
            .saturating_sub(shared)
    }

    fn usage(&self) -> Option<Usage> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).ok()?;
        let kilobytes = |field: &str| {
            let line = status.lines().find(|line| line.starts_with(field))?;
            line.split_whitespace().nth(1)?.parse::<u64>().ok()
        };
        Some(Usage {
            resident: kilobytes("VmRSS:")? << 10,
            shared: kilobytes("RssShmem:")? << 10,
            peak: kilobytes("VmHWM:")? << 10,
        })
    }
}

/// The server's log from now on.
struct Log {
    path: PathBuf,
    start: usize,
}

impl Log {
    /// Finds the file that the postmaster writes its errors to.
    async fn open(session: &mut Session) -> Self {
        let pid = session.number("SELECT pg_backend_pid()").await;
        let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("a backend is here");
        let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"));
        let parent = parent.expect("a backend has a parent").trim();
        let path = fs::read_link(format!("/proc/{parent}/fd/2"))
            .expect("the test cluster runs as this user, or this is root");
        let start = fs::read(&path)
            .expect("the log of the test cluster is a file")
            .len();
        Self { path, start }
    }

    fn alarms(&self) -> Vec<String> {
        let log = fs::read(&self.path).expect("the log is still there");
        let log = String::from_utf8_lossy(&log[self.start.min(log.len())..]).into_owned();
        let alarming = ["PANIC:", "terminated by signal", "out of memory"];
        log.lines()
            .filter(|line| alarming.iter().any(|alarm| line.contains(alarm)))
            .map(str::to_owned)
            .collect()
    }
}

fn summarise(outcomes: &[Outcome], took: Duration) {
    let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
    for outcome in outcomes {
        *codes
            .entry(outcome.code.as_deref().unwrap_or("accepted"))
            .or_default() += 1;
    }
    let (address, seconds) = (&Environment::get().database_url, took.as_secs());
    let port = address.port().unwrap_or(5432);
    eprintln!("{} files in {seconds} s on port {port}", outcomes.len());
    for (code, files) in codes {
        eprintln!("  {code:<9} {files:>6}");
    }
    let mut slowest: Vec<&Outcome> = outcomes.iter().collect();
    slowest.sort_by_key(|outcome| std::cmp::Reverse(outcome.time));
    for outcome in slowest.iter().take(5) {
        eprintln!(
            "  slowest   {:>6} ms   {}",
            outcome.time.as_millis(),
            outcome.case
        );
    }
    slowest.sort_by_key(|outcome| std::cmp::Reverse(outcome.growth));
    for outcome in slowest.iter().take(5) {
        eprintln!(
            "  growth    {:>6} MiB  {}",
            outcome.growth >> 20,
            outcome.case
        );
    }
}
