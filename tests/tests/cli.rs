//! The binary on the command line: what it prints, what it leaves, and its exit codes.

use std::process::Command;
use std::time::{Duration, Instant};

use rapport_tests::command::{argument, finish, rapport, rapport_alone};
use rapport_tests::environment::{Environment, repository};
use rapport_tests::{Database, Session, fixture};
use url::Url;

async fn rows(session: &mut Session) -> i64 {
    session
        .number(
            "SELECT (SELECT count(*) FROM crm.customers) + (SELECT count(*) FROM crm.interactions)
                  + (SELECT count(*) FROM crm.products) + (SELECT count(*) FROM crm.imports)
                  + (SELECT count(*) FROM crm.ledger)",
        )
        .await
}

#[test]
fn help_names_every_verb_and_needs_no_database() {
    let help = rapport_alone(&["--help"]).succeeded().stdout;
    for verb in [
        "serve",
        "migrate",
        "import",
        "quality",
        "ledger",
        "undo",
        "summarize",
    ] {
        assert!(help.contains(verb), "{verb} is not in:\n{help}");
        let text = rapport_alone(&[verb, "--help"]).succeeded().stdout;
        assert!(text.contains("--database-url"), "{text}");
    }
    for arguments in [
        ["-h"].as_slice(),
        &["--help"],
        &["import", "-h"],
        &["import", "--help"],
        &["serve", "-h"],
        &["migrate", "-h"],
        &["quality", "-h"],
        &["ledger", "-h"],
        &["undo", "-h"],
        &["summarize", "-h"],
        &["openapi", "-h"],
        &["openapi", "--help"],
    ] {
        let text = rapport_alone(arguments).succeeded().stdout;
        assert!(
            text.contains("Exit codes:") && text.contains("130  interrupted"),
            "{arguments:?}: {text}"
        );
    }
    let import = rapport_alone(&["import", "--help"]).succeeded().stdout;
    for option in ["--dry-run", "--format", "--name", "zcat"] {
        assert!(import.contains(option), "{import}");
    }
    assert!(
        rapport_alone(&["--version"])
            .succeeded()
            .stdout
            .starts_with("rapport ")
    );
}

#[test]
fn wrong_usage_is_exit_code_2() {
    for arguments in [
        ["frobnicate"].as_slice(),
        &["import"],
        &[
            "summarize",
            "abc",
            "--database-url",
            "postgres://127.0.0.1/x",
        ],
        &["import", "a.xlsx", "--format", "xml"],
        &["ledger", "1", "--format", "pdf"],
        &["undo"],
        &["migrate", "--database-url", "mysql://127.0.0.1/x"],
        &["migrate"],
    ] {
        let finished = rapport_alone(arguments);
        assert_eq!(finished.code, 2, "{arguments:?}: {finished:?}");
        assert!(
            !finished.stderr.is_empty() && finished.stdout.is_empty(),
            "{finished:?}"
        );
    }
}

#[tokio::test]
async fn an_import_prints_a_table_or_json() {
    let sample = repository().join("samples/interactions.xlsx");
    let database = Database::fresh().await;
    let table = rapport(&database.url, &["import", argument(&sample)]).succeeded();
    for part in ["interactions.xlsx", "67", "24", "16", "18"] {
        assert!(
            table.stdout.contains(part),
            "\"{part}\" is not in:\n{}",
            table.stdout
        );
    }
    let again = rapport(
        &database.url,
        &["import", argument(&sample), "--format", "json"],
    )
    .succeeded()
    .json();
    assert_eq!(again["status"], "unchanged");

    let database = Database::fresh().await;
    let json = rapport(
        &database.url,
        &["import", argument(&sample), "--format", "json"],
    )
    .succeeded()
    .json();
    for (name, count) in [
        ("interactions_added", 67),
        ("products_added", 24),
        ("customers_added", 16),
        ("repaired", 18),
    ] {
        assert_eq!(json[name], count, "{json:#}");
    }
}

#[tokio::test]
async fn csv_files_are_known_by_their_name() {
    let database = Database::fresh().await;
    for name in ["customers", "interactions", "products"] {
        let file = repository().join(format!("samples/csv/{name}.csv"));
        rapport(&database.url, &["import", argument(&file)]).succeeded();
    }
    assert_eq!(
        database
            .session()
            .await
            .number("SELECT count(*) FROM crm.interactions")
            .await,
        67
    );
}

#[tokio::test]
async fn text_may_have_tabs_and_other_endings() {
    let database = Database::fresh().await;
    let folder = tempfile::tempdir().unwrap();
    for (month, name) in (1..).zip(["a.tsv", "a.tab", "a.txt", "a"]) {
        let path = folder.path().join(name);
        let row = format!("{month:02}-2031\tSand, wet");
        std::fs::write(&path, fixture::csv(&["Date\tProduct", &row])).unwrap();
        let json = rapport(
            &database.url,
            &["import", argument(&path), "--format", "json"],
        )
        .succeeded()
        .json();
        assert_eq!(json["products_added"], 1, "{json:#}");
        assert_eq!(json["file_name"], name, "{json:#}");
    }
    let products = "SELECT count(*) FROM crm.products WHERE product = 'Sand, wet'";
    assert_eq!(database.session().await.number(products).await, 4);
}

#[tokio::test]
async fn a_name_is_for_one_file_and_the_standard_input_is_read_once() {
    let database = Database::fresh().await;
    let file = repository().join("samples/csv/products.csv");
    for arguments in [
        ["import", argument(&file), argument(&file), "--name", "x"].as_slice(),
        &["import", "-", "-"],
    ] {
        let finished = rapport(&database.url, arguments);
        assert_eq!(finished.code, 2, "{finished:?}");
    }
    let json = rapport(
        &database.url,
        &[
            "import",
            argument(&file),
            "--name",
            "July.csv",
            "--format",
            "json",
        ],
    )
    .succeeded()
    .json();
    assert_eq!(json["file_name"], "July.csv", "{json:#}");
}

#[tokio::test]
async fn a_dry_run_reports_the_same_and_leaves_nothing() {
    let sample = repository().join("samples/interactions.xlsx");
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let dry = rapport(
        &database.url,
        &["import", argument(&sample), "--dry-run", "--format", "json"],
    )
    .succeeded()
    .json();
    assert_eq!(dry["interactions_added"], 67, "{dry:#}");
    // The number was rolled back too.
    assert_eq!(dry["import_id"], serde_json::Value::Null, "{dry:#}");
    let report = dry["report"].as_array().unwrap();
    assert!(
        report
            .iter()
            .any(|line| line["rule"] == "stray_text_removed"),
        "{dry:#}"
    );
    let table = rapport(&database.url, &["import", argument(&sample), "--dry-run"]).succeeded();
    for part in ["nothing was written", "stray_text_removed", "12in"] {
        assert!(
            table.stdout.contains(part),
            "\"{part}\" is not in:\n{}",
            table.stdout
        );
    }
    assert_eq!(rows(&mut session).await, 0);
    let real = rapport(
        &database.url,
        &["import", argument(&sample), "--format", "json"],
    )
    .succeeded()
    .json();
    assert_eq!(real["dry_run"], false, "{real:#}");
    assert!(real.get("report").is_none(), "{real:#}");
    assert!(real["import_id"].as_i64().unwrap() > 0, "{real:#}");
    for name in [
        "customers_added",
        "interactions_added",
        "products_added",
        "repaired",
        "rejected",
        "rows_read",
        "records",
        "loaded",
        "merged",
        "suggested",
    ] {
        assert!(real[name].is_i64(), "{name}: {real:#}");
        assert_eq!(dry[name], real[name], "{name}");
    }
}

#[tokio::test]
async fn a_summary_is_printed_for_people_and_for_programs() {
    let database = Database::with_sample().await;
    let text = rapport(&database.url, &["summarize", "1"])
        .succeeded()
        .stdout;
    for part in ["8", "Email", "Reimbursement Question"] {
        assert!(text.contains(part), "\"{part}\" is not in:\n{text}");
    }
    let json = rapport(&database.url, &["summarize", "1", "--format", "json"])
        .succeeded()
        .json();
    assert_eq!(json["summary"]["total_interactions"], 8);
    rapport(&database.url, &["summarize", "13"]).succeeded();
}

#[tokio::test]
async fn data_errors_are_exit_code_1_with_a_sentence() {
    let database = Database::with_sample().await;
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("a.xlsx");
    std::fs::write(&text, "not a workbook").unwrap();
    let empty = folder.path().join("empty.xlsx");
    std::fs::write(&empty, "").unwrap();
    let absent = folder.path().join("absent.xlsx");
    let unknown = folder.path().join("a.pdf");
    std::fs::write(&unknown, "x").unwrap();
    for (arguments, part) in [
        (["summarize", "99999"], "99999"),
        (["import", argument(&text)], "a.xlsx"),
        (["import", argument(&empty)], "empty.xlsx"),
        (["import", argument(&absent)], "absent.xlsx"),
        (["import", argument(folder.path())], "folder"),
        (["summarize", "0"], "\"0\""),
    ] {
        let finished = rapport(&database.url, &arguments);
        assert_eq!(finished.code, 1, "{arguments:?}: {finished:?}");
        assert!(
            finished.stdout.is_empty() && finished.stderr.contains(part),
            "\"{part}\": {finished:?}"
        );
        assert!(!finished.stderr.contains("panicked"), "{finished:?}");
    }
    let finished = rapport(&database.url, &["import", argument(&unknown)]);
    assert_eq!(finished.code, 1, "{finished:?}");
}

#[tokio::test]
async fn when_one_of_several_files_fails_the_others_are_accounted_for() {
    let database = Database::fresh().await;
    let customers = repository().join("samples/csv/customers.csv");
    let products = repository().join("samples/csv/products.csv");
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.xlsx");
    std::fs::write(&broken, "not a workbook").unwrap();
    let absent = folder.path().join("absent.csv");
    for failing in [&broken, &absent] {
        let finished = rapport(
            &database.url,
            &[
                "import",
                argument(&customers),
                argument(failing),
                argument(&products),
            ],
        );
        assert_eq!(finished.code, 1, "{finished:?}");
        let said = format!(
            "imported before it: \"{}\"; not tried: \"{}\"",
            customers.display(),
            products.display()
        );
        assert!(finished.stderr.contains(&said), "{finished:?}");
        let name = failing.file_name().unwrap().to_str().unwrap();
        assert!(finished.stderr.contains(name), "{finished:?}");
    }
    let mut session = database.session().await;
    assert_eq!(session.number("SELECT count(*) FROM crm.imports").await, 1);
    assert_eq!(session.number("SELECT count(*) FROM crm.products").await, 0);
}

#[test]
fn variables_may_be_empty_and_truth_has_several_spellings() {
    let started = |value: &str| {
        // The token file is read after the settings: its absence shows that they were understood.
        finish(
            Command::new(&Environment::get().binary)
                .args(["serve", "--listen", "0.0.0.0:0"])
                .args(["--token-file", "/nonexistent/token"])
                .env("RAPPORT_DATABASE_URL", "postgres://127.0.0.1:1/x")
                .env("RAPPORT_POOL_SIZE", "")
                .env("RAPPORT_ALLOW_UNAUTHENTICATED", value),
        )
    };
    for value in ["1", "0", "yes", "no", "true", "false", ""] {
        let finished = started(value);
        assert_eq!(finished.code, 1, "\"{value}\": {finished:?}");
        assert!(
            finished.stderr.contains("/nonexistent/token"),
            "{finished:?}"
        );
    }
    assert_eq!(started("perhaps").code, 2);
    // Nobody has this address (RFC 5737): whoever is allowed to listen on it still cannot.
    let open = |value: &str| {
        finish(
            Command::new(&Environment::get().binary)
                .args(["serve", "--listen", "192.0.2.1:8080"])
                .env("RAPPORT_DATABASE_URL", "postgres://127.0.0.1:1/x")
                .env("RAPPORT_API_TOKEN_FILE", "")
                .env("RAPPORT_ALLOW_UNAUTHENTICATED", value),
        )
    };
    for value in ["0", "no", "off", ""] {
        let finished = open(value);
        assert_eq!(finished.code, 2, "\"{value}\": {finished:?}");
        assert!(
            finished.stderr.contains("--allow-unauthenticated"),
            "{finished:?}"
        );
    }
    for value in ["1", "yes", "on"] {
        let finished = open(value);
        assert_eq!(finished.code, 1, "\"{value}\": {finished:?}");
        assert!(finished.stderr.contains("cannot listen"), "{finished:?}");
    }
}

#[tokio::test]
async fn a_database_that_is_away_or_bare_is_exit_code_3() {
    let nowhere = Url::parse("postgres://rapport:hunter2@127.0.0.1:1/rapport").unwrap();
    let sample = repository().join("samples/interactions.xlsx");
    for arguments in [
        ["summarize", "1"].as_slice(),
        &["migrate"],
        &["import", argument(&sample)],
    ] {
        let finished = rapport(&nowhere, arguments);
        assert_eq!(finished.code, 3, "{arguments:?}: {finished:?}");
        assert!(!finished.stderr.contains("hunter2"), "{finished:?}");
    }
    let bare = Database::empty().await;
    for arguments in [
        ["summarize", "1"].as_slice(),
        &["import", argument(&sample)],
    ] {
        let finished = rapport(&bare.url, arguments);
        assert_eq!(finished.code, 3, "{arguments:?}: {finished:?}");
        assert!(finished.stderr.contains("rapport migrate"), "{finished:?}");
    }
}

#[tokio::test]
async fn a_file_of_2_gb_is_refused_before_it_is_read() {
    let database = Database::fresh().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.xlsx");
    // Sparse: it takes no room on the disk.
    std::fs::File::create(&path)
        .unwrap()
        .set_len(2 << 30)
        .unwrap();
    let started = Instant::now();
    let finished = rapport(&database.url, &["import", argument(&path)]);
    assert!(
        started.elapsed() < Duration::from_secs(2),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(finished.code, 1, "{finished:?}");
    assert!(
        finished.stderr.contains("134217728") || finished.stderr.contains("128 MiB"),
        "the limit is not named: {finished:?}"
    );
}

#[tokio::test]
async fn standard_output_is_for_the_result_alone() {
    let database = Database::fresh().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hostile\u{1b}[31m.csv");
    std::fs::write(&path, fixture::csv(&["Date,Product", "01-2019,Sand"])).unwrap();
    let finished = rapport(&database.url, &["import", argument(&path)]).succeeded();
    assert!(!finished.stdout.contains('\u{1b}'), "{finished:?}");
    // Neither a progress bar nor colours where nobody looks.
    assert!(!finished.stderr.contains('\u{1b}'), "{finished:?}");
}
