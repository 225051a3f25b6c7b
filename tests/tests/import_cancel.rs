//! A cancel request is heard in every phase of an import, and leaves nothing behind.
//!
//! `RAPPORT_TEST_SLOWDOWN` says how many times slower than a release the build under test may be,
//! `RAPPORT_CORPUS=full` asks for large files.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rapport_tests::importer::{Importer, batch, count, workbook_of_strings};
use rapport_tests::{Database, Session};
use tokio::sync::Mutex;

/// How often an import is cancelled in each of its phases.
const CANCELS: u32 = 6;
/// It is late when it is late each time: the machine may be busy with something else.
const ATTEMPTS: u32 = 3;
/// Within this time a release hears a cancel request.
const HEARD: Duration = Duration::from_millis(100);
/// A build without optimisation does this much less between two looks at the requests.
const SLOWDOWN_OF_DEBUG: u32 = 10;

/// Times mean something only while nobody else of this file is at work.
static ALONE: Mutex<()> = Mutex::const_new(());

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_csv_import_ends_at_once() {
    cancel_everywhere("import_csv", batch(1, rows(5_000, 200_000).into())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_workbook_import_ends_at_once() {
    cancel_everywhere("import_workbook", workbook_of_strings(rows(4_000, 100_000))).await;
}

fn rows(few: u32, many: u32) -> u32 {
    let is_full = std::env::var("RAPPORT_CORPUS").is_ok_and(|size| size == "full");
    if is_full { many } else { few }
}

/// Cancels an import at points spread over its whole time.
async fn cancel_everywhere(function: &'static str, content: Vec<u8>) {
    let _alone = ALONE.lock().await;
    let slowdown = std::env::var("RAPPORT_TEST_SLOWDOWN")
        .map_or(SLOWDOWN_OF_DEBUG, |text| text.parse().expect("a number"));
    let database = Database::fresh().await;
    let mut controller = database.session().await;
    let importer = Importer::open(&database.url).await;
    let content = Arc::new(content);

    // The first import of a session is slower than those that follow.
    let (importer, _) = watched(importer, &mut controller, function, &content).await;
    let (mut importer, phases) = watched(importer, &mut controller, function, &content).await;
    let mut chance = fastrand::Rng::with_seed(7);
    let mut heard: BTreeMap<&str, (u32, Duration)> = BTreeMap::new();
    for (phase, start, end) in &phases {
        for _ in 0..CANCELS {
            let mut delay = *start + end.saturating_sub(*start).mul_f64(chance.f64());
            let mut shortest = Duration::MAX;
            for _ in 0..ATTEMPTS {
                let latency;
                (importer, latency) =
                    cancelled(importer, &mut controller, function, &content, delay).await;
                let Some(latency) = latency else {
                    // It came too late: this import was faster than the one that was watched.
                    delay = *start + delay.saturating_sub(*start) / 2;
                    continue;
                };
                shortest = shortest.min(latency);
                if shortest <= HEARD * slowdown {
                    break;
                }
            }
            if shortest < Duration::MAX {
                let (times, longest) = heard.entry(phase).or_default();
                *times += 1;
                *longest = (*longest).max(shortest);
            }
        }
    }
    eprintln!(
        "{function}, {} bytes: {phases:?}, heard {heard:?}",
        content.len()
    );
    for (phase, (_, longest)) in &heard {
        assert!(
            *longest <= HEARD * slowdown,
            "{phase}: {longest:?} until a cancel was heard"
        );
    }
    for phase in ["reading", "storing"] {
        let times = heard.get(phase).map_or(0, |(times, _)| *times);
        assert!(
            times >= CANCELS / 2,
            "only {times} of {CANCELS} were in time while {phase}: {heard:?}"
        );
    }

    // Nothing is left, and the session works.
    let state = count(&mut controller).await;
    assert_eq!((state.imports, state.interactions, state.ledger), (0, 0, 0));
    importer
        .import(function, &content)
        .await
        .outcome
        .expect("a sound file");
    assert_eq!(count(&mut controller).await.imports, 1);
}

/// Cancels an import after a delay; returns how long it took to end, or nothing when it was done.
async fn cancelled(
    mut importer: Importer,
    controller: &mut Session,
    function: &'static str,
    content: &Arc<Vec<u8>>,
    delay: Duration,
) -> (Importer, Option<Duration>) {
    importer.execute("BEGIN").await;
    let (pid, sent) = (importer.pid, Arc::clone(content));
    let import = tokio::spawn(async move {
        let answer = importer.import(function, &sent).await;
        (importer, answer)
    });
    tokio::time::sleep(delay).await;
    let asked = Instant::now();
    controller
        .execute(&format!("SELECT pg_cancel_backend({pid})"))
        .await;
    let (mut importer, answer) = import.await.expect("the import answers");
    let latency = answer.outcome.is_err().then(|| {
        assert_eq!(
            answer.code().as_deref(),
            Some("57014"),
            "{:?}",
            answer.outcome
        );
        answer.at.saturating_duration_since(asked)
    });
    importer.execute("ROLLBACK").await;
    (importer, latency)
}

/// A part of an import, with its start and its end since the import began.
type Phase = (&'static str, Duration, Duration);

/// Imports undisturbed, and watches what the import tells other sessions: `rapport import 43%`
/// while it reads. What comes before is preparing, what comes after is storing.
async fn watched(
    mut importer: Importer,
    controller: &mut Session,
    function: &'static str,
    content: &Arc<Vec<u8>>,
) -> (Importer, [Phase; 3]) {
    importer.execute("BEGIN").await;
    let (pid, sent) = (importer.pid, Arc::clone(content));
    let started = Instant::now();
    let import = tokio::spawn(async move {
        let answer = importer.import(function, &sent).await;
        (importer, answer)
    });
    let (mut first, mut last) = (None, Duration::ZERO);
    while !import.is_finished() {
        let sql = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE pid = {pid} AND application_name ~ '^rapport import [0-9]'"
        );
        if controller.number(&sql).await == 1 {
            last = started.elapsed();
            first.get_or_insert(last);
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let (mut importer, answer) = import.await.expect("the import answers");
    answer.outcome.expect("a sound file");
    importer.execute("ROLLBACK").await;
    let first = first.expect("an import tells its progress");
    let end = answer.at.saturating_duration_since(started).mul_f64(0.95);
    let phases = [
        ("preparing", Duration::ZERO, first),
        ("reading", first, last),
        ("storing", last, end),
    ];
    (importer, phases)
}
