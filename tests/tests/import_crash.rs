//! An import that is killed, or not alone: there is all of it or nothing.

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rapport_tests::importer::{Importer, Rows, batch, count};
use rapport_tests::private_cluster::PrivateCluster;
use rapport_tests::{Database, Session, fixture};

/// How often a backend is killed.
const KILLS: u64 = 50;
/// Rows of a file that is killed.
const ROWS: u64 = 2_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_import_is_there_as_a_whole_or_not_at_all() {
    let cluster = PrivateCluster::start().await;
    let mut chance = fastrand::Rng::with_seed(20_200_113);

    // Two imports that nobody disturbs: what one adds, and how long it takes.
    let mut duration = Duration::ZERO;
    for number in 0..2 {
        let mut importer = Importer::open(&cluster.url).await;
        let content = batch(number, ROWS);
        let started = Instant::now();
        importer
            .import("import_csv", &content)
            .await
            .outcome
            .expect("a sound file");
        duration = started.elapsed();
    }
    let mut witness = cluster.session().await;
    let two = count(&mut witness).await;
    let rejected = ROWS / 50;
    assert_eq!(two.imports, 2);
    assert_eq!(two.interactions, 2 * (ROWS - rejected) as i64);
    assert_eq!(two.counted, two.interactions);
    // 666 customers have three rows each, one more the last two; one row in fifty is rejected, and
    // with it no customer, for the others of the three are sound.
    assert_eq!(two.customers, 2 * ROWS.div_ceil(3) as i64);
    assert!(two.ledger >= 2 * (ROWS / 10 + rejected) as i64, "{two:?}");

    let (mut acknowledged, mut unfinished, mut unheard) = (2_i64, 0, 0);
    let mut present = two;
    for kill in 0..KILLS {
        let number = 2 + kill;
        let content = batch(number, ROWS);
        let mut importer = Importer::open(&cluster.url).await;
        let pid = importer.pid;
        let delay = duration.mul_f64(chance.f64() * 1.2);
        let started = Instant::now();
        let import = tokio::spawn(async move { importer.import("import_csv", &content).await });
        tokio::time::sleep(delay).await;
        kill_9(pid);
        let answer = import
            .await
            .expect("the import answers or loses its session");

        let mut witness = cluster.session().await;
        let now = count(&mut witness).await;
        match &answer.outcome {
            Ok(()) => {
                acknowledged += 1;
                duration = (duration + answer.at.saturating_duration_since(started)) / 2;
            }
            Err(error) => {
                assert!(
                    error.as_database_error().is_none(),
                    "killed after {delay:?}: {error}"
                );
                if now.imports == present.imports {
                    unfinished += 1;
                    // A server that has just recovered is slower than the one that was measured.
                    if delay > duration.mul_f64(0.8) {
                        duration = duration.mul_f64(1.3);
                    }
                } else {
                    unheard += 1;
                    acknowledged += 1;
                }
            }
        }
        assert_eq!(
            now.imports, acknowledged,
            "killed after {delay:?}: {:?}",
            answer.outcome
        );
        assert_eq!(now, multiple(two, now.imports), "killed after {delay:?}");
        assert_eq!(orphans(&mut witness).await, 0, "killed after {delay:?}");
        present = now;
    }
    eprintln!(
        "{KILLS} kills within {duration:?}: {unfinished} imports left nothing, {} are whole, of which {unheard} \
         could not say so",
        present.imports - 2
    );
    assert!(
        present.imports > 2,
        "no import was whole: the kills came too early"
    );
    assert!(
        unfinished >= KILLS as i64 / 2,
        "only {unfinished} kills hit an import at work"
    );
    let restarts = cluster.log().matches("was terminated by signal 9").count();
    assert!(restarts as i64 >= unfinished, "{restarts} restarts");

    // What was lost can be sent again, and nothing is left that would be in its way.
    let mut importer = Importer::open(&cluster.url).await;
    for number in 2..2 + KILLS {
        if number % 10 == 2 {
            importer
                .import("import_csv", &batch(number, ROWS))
                .await
                .outcome
                .expect("it can be sent again");
        }
    }
    let mut witness = cluster.session().await;
    let now = count(&mut witness).await;
    assert_eq!(now, multiple(two, now.imports));
    assert!(now.imports >= present.imports.max(5));
}

/// The rows of `imports` imports, from those of two.
fn multiple(two: Rows, imports: i64) -> Rows {
    Rows {
        imports,
        customers: two.customers / 2 * imports,
        interactions: two.interactions / 2 * imports,
        ledger: two.ledger / 2 * imports,
        counted: two.counted / 2 * imports,
    }
}

/// Counts rows of no import, and imports that say another number of rows than there are.
async fn orphans(session: &mut Session) -> i64 {
    session
        .number(
            "SELECT (SELECT count(*) FROM crm.interactions WHERE import_id IS NULL OR import_id NOT IN (SELECT import_id FROM crm.imports))
                  + (SELECT count(*) FROM crm.ledger WHERE import_id IS NULL OR import_id NOT IN (SELECT import_id FROM crm.imports))
                  + (SELECT count(*) FROM crm.customers WHERE import_id IS NULL OR import_id NOT IN (SELECT import_id FROM crm.imports))
                  + (SELECT count(*) FROM crm.imports AS i WHERE i.interactions_added
                       <> (SELECT count(*) FROM crm.interactions AS x WHERE x.import_id = i.import_id))",
        )
        .await
}

fn kill_9(pid: i32) {
    // The process may have ended by itself: then the import was done.
    Command::new("kill")
        .args(["-KILL", &pid.to_string()])
        .output()
        .expect("kill starts");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_imports_of_the_same_file_wins() {
    let database = Database::fresh().await;
    let content = Arc::new(batch(1, 300));
    let imports: Vec<_> = (0..4)
        .map(|number| {
            let (url, content) = (database.url.clone(), Arc::clone(&content));
            tokio::spawn(async move {
                let name = format!("{number}.csv");
                Session::open(&url)
                    .await
                    .import_csv(&content, &name)
                    .await
                    .unwrap()
            })
        })
        .collect();
    let mut states = Vec::new();
    for import in imports {
        let result = import.await.unwrap();
        states.push(result["status"].as_str().unwrap().to_owned());
    }
    states.sort_unstable();
    assert_eq!(states, ["imported", "unchanged", "unchanged", "unchanged"]);
    let mut session = database.session().await;
    let state = count(&mut session).await;
    // 300 rows, of which 6 have no date.
    assert_eq!(
        (state.imports, state.interactions, state.counted),
        (1, 294, 294)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn overlapping_files_at_once_make_no_duplicates() {
    let database = Database::fresh().await;
    // Each file has the rows of both halves, in its own order, and each a hundred of its own.
    let shared: Vec<String> = (1..=200)
        .map(|row| {
            format!(
                "{:02}/01/2020 {:02}:00,Email,{},Sand,Positive",
                row % 19 + 10,
                row % 24,
                row
            )
        })
        .collect();
    let imports: Vec<_> = (0..6)
        .map(|number| {
            let own = (1..=100).map(|row| {
                format!(
                    "13/02/2020 09:00,Phone,{},Sand,Neutral",
                    1_000 * (number + 1) + row
                )
            });
            let mut rows: Vec<String> = shared.iter().cloned().chain(own).collect();
            fastrand::Rng::with_seed(number).shuffle(&mut rows);
            let mut lines = vec!["Date Start,Interaction,Customers,Topic,Sentiment"];
            lines.extend(rows.iter().map(String::as_str));
            let (url, content) = (database.url.clone(), fixture::csv(&lines));
            tokio::spawn(async move {
                let name = format!("{number}.csv");
                Session::open(&url)
                    .await
                    .import_csv(&content, &name)
                    .await
                    .unwrap()
            })
        })
        .collect();
    for import in imports {
        assert_eq!(import.await.unwrap()["status"], "imported");
    }
    let mut session = database.session().await;
    let state = count(&mut session).await;
    assert_eq!((state.imports, state.customers), (6, 200 + 600));
    assert_eq!((state.interactions, state.counted), (200 + 600, 200 + 600));
}
