//! README and docs: what they claim is executed. `README.md` of this crate has the convention.

use std::path::Path;
use std::process::{Command, Stdio};

use rapport_tests::document::{Action, Claim, agrees, claims};
use rapport_tests::environment::{Environment, repository};
use rapport_tests::{Database, Server};

/// Commands that documents show and that no test runs: they build, install or serve for ever.
const NOT_EXECUTED: &[&str] = &[
    "make", "git", "cd", "cargo", "sudo", "apt-get", "docker", "podman", "pg_dump", "export",
];

/// What a command of a document meets instead of the private database and the port of `make run`.
const SHELL: &str = r#"
set -u
scripts/psql() {
    local role=()
    case ${PGROLE:-} in '') ;; *) role=(-c "SET ROLE rapport_$PGROLE" -q) ;; esac
    "$RAPPORT_TEST_PSQL" -X -d "$DOCS_DATABASE_URL" -q "${role[@]}" "$@"
}
curl() { command curl --silent --show-error "${@//http:\/\/127.0.0.1:8080/$DOCS_ORIGIN}"; }
scripts/rapport() { RAPPORT_DATABASE_URL=$DOCS_DATABASE_URL "$RAPPORT_BIN" "$@"; }
"#;

struct Stage {
    database: Database,
    server: Server,
}

impl Stage {
    /// Sets up what `make run` gives: the sample imported, the API running.
    async fn set() -> Self {
        let database = Database::with_sample().await;
        let server = Server::start(&database).await;
        Self { database, server }
    }

    /// Returns standard output and error together, and whether it succeeded.
    fn perform(&self, action: &Action) -> (String, bool) {
        let environment = Environment::get();
        let mut command = match action {
            Action::Sql(sql) => {
                let mut psql = Command::new(&environment.psql);
                psql.args([
                    "-X",
                    "-v",
                    "ON_ERROR_STOP=1",
                    "-P",
                    "pager=off",
                    "-d",
                    self.database.url.as_str(),
                    "-c",
                    sql,
                ]);
                psql
            }
            Action::Command(text) => {
                let mut bash = Command::new("bash");
                bash.args(["-c", &format!("{SHELL}\n{text}")]);
                bash
            }
        };
        let output = command
            .current_dir(repository())
            .env("DOCS_DATABASE_URL", self.database.url.as_str())
            .env("DOCS_ORIGIN", &self.server.origin)
            .env("PAGER", "cat")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (
            text.replace(&self.server.origin, "http://127.0.0.1:8080"),
            output.status.success(),
        )
    }
}

fn first_word(command: &str) -> &str {
    // `PGROLE=bi scripts/psql` starts with an assignment.
    command
        .split_whitespace()
        .find(|word| !word.contains('='))
        .unwrap_or_default()
}

fn is_executed(claim: &Claim) -> bool {
    match &claim.action {
        Action::Sql(_) => true,
        Action::Command(command) => !NOT_EXECUTED.contains(&first_word(command)),
    }
}

/// What a document claims and a test executes.
fn executed_claims(document: &str) -> Vec<Claim> {
    claims(document).into_iter().filter(is_executed).collect()
}

/// Executes claims on a stage; returns those that are not true, for a person to read.
fn lies(stage: &Stage, path: &Path, claims: &[Claim]) -> Vec<String> {
    let mut wrong = Vec::new();
    for claim in claims {
        let (actual, succeeded) = stage.perform(&claim.action);
        let place = format!("{}:{}", path.display(), claim.line);
        match &claim.answer {
            Some(shown) if !agrees(shown, &actual) => {
                wrong.push(format!(
                    "{place} shows\n{shown}\nbut the answer is\n{actual}"
                ));
            }
            None if !succeeded => wrong.push(format!("{place} fails:\n{actual}")),
            _ => {}
        }
    }
    wrong
}

/// Executes a document; returns how many claims it made.
async fn execute(path: &Path) -> usize {
    let claims = executed_claims(&std::fs::read_to_string(path).unwrap());
    if !claims.is_empty() {
        let wrong = lies(&Stage::set().await, path, &claims);
        assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    }
    claims.len()
}

const TRUE_DOCUMENT: &str = r#"
```sql
SELECT count(*) FROM crm.interactions;
```
```text
 count
-------
    67
(1 row)
```
```sql
SELECT rapport.refresh_stats();
```
```console
$ make run
whatever it prints
$ curl http://127.0.0.1:8080/api/v1/stats/customers
{"message":"Number of Rows","rows":17}
$ curl -i \
    http://127.0.0.1:8080/livez
HTTP/1.1 200 OK
…
x-request-id: …
…
{"status":"alive",…}
$ PGROLE=bi scripts/psql -Atc "SELECT current_user, sum(interactions) FROM bi.monthly_activity"
rapport_bi|67
$ scripts/psql -Atc "SELECT rapport.version()" | tr -d .
010
$ scripts/rapport summarize 99999
error: customer "99999" does not exist
…
```
"#;

#[tokio::test]
async fn a_true_document_passes_and_every_lie_in_it_is_found() {
    let stage = Stage::set().await;
    let path = Path::new("document.md");
    let found = lies(&stage, path, &executed_claims(TRUE_DOCUMENT));
    assert!(found.is_empty(), "{}", found.join("\n\n"));
    for (truth, lie) in [
        ("    67\n", "    68\n"),
        ("\"rows\":17", "\"rows\":16"),
        ("200 OK", "201 Created"),
        ("rapport_bi|67", "rapport_bi|66"),
        ("refresh_stats", "refresh_statistics"),
        ("\n010\n", "\n"),
    ] {
        let document = TRUE_DOCUMENT.replace(truth, lie);
        let found = lies(&stage, path, &executed_claims(&document));
        // A command without an answer must only succeed.
        let expected = usize::from(lie != "\n");
        assert_eq!(found.len(), expected, "{lie}: {}", found.join("\n\n"));
    }
}

#[tokio::test]
async fn the_readme_tells_the_truth() {
    let executed = execute(&repository().join("README.md")).await;
    assert!(
        executed >= 2,
        "README.md shows {executed} executed examples; one of SQL and one of curl are the least"
    );
}

#[tokio::test]
async fn the_docs_tell_the_truth() {
    let mut documents: Vec<_> = std::fs::read_dir(repository().join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    documents.sort();
    for document in documents {
        execute(&document).await;
    }
}

#[test]
fn every_link_to_a_file_leads_somewhere() {
    let root = repository();
    let mut documents = vec![
        root.join("README.md"),
        root.join("samples/README.md"),
        root.join("tests/README.md"),
    ];
    for folder in ["docs", "docs/decisions"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            documents.push(entry.unwrap().path());
        }
    }
    for document in documents
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
    {
        let text = std::fs::read_to_string(document).unwrap();
        for target in text
            .split("](")
            .skip(1)
            .map(|rest| rest.split([')', '#', ' ']).next().unwrap())
        {
            if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let path = document.parent().unwrap().join(target);
            assert!(
                path.exists(),
                "{}: {target} does not exist",
                document.display()
            );
        }
    }
}
