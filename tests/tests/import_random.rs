//! Random messy files: no record is lost, no changed cell goes unnoticed, no order of files matters.

use std::collections::{BTreeMap, HashSet};

use fastrand::Rng;
use rapport_tests::books::{balance, forget, rules_agree, tables};
use rapport_tests::database::table;
use rapport_tests::messy::{self, File};
use rapport_tests::{Database, Session, fixture};
use serde_json::Value;

/// A stored interaction: its fields by name, with `extra` as its key Region.
type Stored = BTreeMap<String, Option<String>>;

async fn stored_by_key(session: &mut Session) -> BTreeMap<(String, String, String), Stored> {
    let names = [
        "customer_id",
        "occurred_at",
        "channel",
        "topic",
        "sentiment",
        "notes",
        "extra",
        "interaction_id",
        "import_id",
        "source_row",
        "is_repaired",
        "has_conflict",
    ];
    let rows = session
        .rows(
            "SELECT customer_id, occurred_at, channel, topic, sentiment, notes, extra ->> 'Region',
                    interaction_id, import_id, source_row, is_repaired, has_conflict FROM crm.interactions",
        )
        .await;
    rows.into_iter()
        .map(|row| {
            let fields: Stored = names.into_iter().map(str::to_owned).zip(row).collect();
            let key = |name: &str| fields[name].clone().unwrap_or_default();
            (
                (key("customer_id"), key("occurred_at"), key("channel")),
                fields,
            )
        })
        .collect()
}

/// What the ledger says of the cells and rows of one import.
struct Ledger {
    /// (row, cell, before)
    cells: HashSet<(usize, String, String)>,
    /// (row, interaction) of rows that met another one
    met: HashSet<(usize, String)>,
    /// Rows of which a cell was repaired, or that were split.
    repaired: HashSet<usize>,
    /// Interactions whose gaps were filled by rows.
    filled: HashSet<String>,
    /// Interactions that rows contradict.
    contradicted: HashSet<String>,
    /// The details of the rejections of a row.
    rejected: BTreeMap<usize, String>,
    /// The form in which dates are written that have no entry.
    date_form: Option<String>,
}

impl Ledger {
    async fn of(session: &mut Session, import_id: i64) -> Self {
        let rows = session
            .rows(&format!(
                "SELECT row_number, cell, before, action, interaction_id, detail FROM crm.ledger
                 WHERE import_id = {import_id} AND row_number IS NOT NULL"
            ))
            .await;
        let mut ledger = Self {
            cells: HashSet::new(),
            met: HashSet::new(),
            repaired: HashSet::new(),
            filled: HashSet::new(),
            contradicted: HashSet::new(),
            rejected: BTreeMap::new(),
            date_form: session
                .value(&format!(
                    "SELECT max(after) FROM crm.ledger WHERE import_id = {import_id} AND rule = 'date_form_found'"
                ))
                .await,
        };
        for row in rows {
            let [
                Some(number),
                cell,
                before,
                Some(action),
                interaction,
                detail,
            ] = <[Option<String>; 6]>::try_from(row).unwrap()
            else {
                panic!("an entry without row or action");
            };
            let number: usize = number.parse().unwrap();
            if let (Some(cell), Some(before)) = (cell, before) {
                ledger.cells.insert((number, cell, before));
            }
            match (action.as_str(), &interaction) {
                ("repaired" | "split", _) => drop(ledger.repaired.insert(number)),
                ("merged", Some(interaction)) => drop(ledger.filled.insert(interaction.clone())),
                ("conflict", Some(interaction)) => {
                    ledger.contradicted.insert(interaction.clone());
                }
                _ => {}
            }
            match (action.as_str(), interaction) {
                ("rejected", _) => {
                    *ledger.rejected.entry(number).or_default() += &detail.unwrap_or_default();
                }
                ("merged" | "conflict" | "duplicate", Some(interaction)) => {
                    ledger.met.insert((number, interaction));
                }
                _ => {}
            }
        }
        ledger
    }

    fn says(&self, row: usize, column: usize, text: &str) -> bool {
        let cell = messy::reference(row, column);
        self.cells.contains(&(row, cell, text.to_owned()))
    }
}

/// A stored moment, as a cell of a form writes it.
fn written(moment: &str, form: &str) -> String {
    let (date, time) = (&moment[..10], &moment[11..16]);
    let (year, month, day) = (&date[..4], &date[5..7], &date[8..]);
    match form {
        "DD/MM/YYYY HH:MM" => format!("{day}/{month}/{year} {time}"),
        "DD/MM/YYYY" => format!("{day}/{month}/{year}"),
        "YYYY-MM-DD HH:MM" => format!("{date} {time}"),
        // All of them are before noon, in January, on days of two digits.
        "DD.M.YYYY H:MM am" => {
            let (month, time) = (month.trim_start_matches('0'), time.trim_start_matches('0'));
            format!("{day}.{month}.{year} {time} am")
        }
        other => panic!("the messy files have no form {other}"),
    }
}

/// Checks one imported file cell by cell; `seen` are the contacts of the files before it.
async fn check(
    session: &mut Session,
    file: &File,
    result: &Value,
    seen: &mut HashSet<(i64, &'static str, &'static str)>,
    context: &str,
) {
    let import_id = result["import_id"].as_i64().unwrap();
    let unreadable = file.rows.iter().filter(|row| row.is_unreadable()).count();
    let readable = || file.rows.iter().filter(|row| !row.is_unreadable());
    let records: usize = readable().map(|row| row.customers.len()).sum();
    let mut new = 0;
    for row in readable() {
        for &customer in row.customers {
            new += i64::from(seen.insert((
                customer,
                row.at.unwrap(),
                row.channel.unwrap_or_default(),
            )));
        }
    }
    assert_eq!(
        session.rows("SELECT * FROM rapport.verify_stats()").await,
        table::<4>(&[]),
        "{context}"
    );
    let [rows_read, all, loaded, merged, duplicates, rejected] = balance(result);
    assert_eq!(rows_read as usize, file.rows.len(), "{context}: {result:#}");
    assert_eq!(all as usize, records + unreadable, "{context}: {result:#}");
    assert_eq!(loaded, new, "{context}: {result:#}");
    assert_eq!(rejected as usize, unreadable, "{context}: {result:#}");
    assert_eq!(
        all,
        loaded + merged + duplicates + rejected,
        "{context}: {result:#}"
    );

    let stored = stored_by_key(session).await;
    let ledger = Ledger::of(session, import_id).await;
    for row in &file.rows {
        let context = format!("{context}, row {}: {:?}", row.number, row.cells);
        if row.is_unreadable() {
            let detail = ledger
                .rejected
                .get(&row.number)
                .unwrap_or_else(|| panic!("{context}: not in the ledger"));
            for cell in row.cells.iter().filter(|cell| !cell.trim().is_empty()) {
                let quoted = serde_json::to_string(cell).unwrap();
                assert!(
                    detail.contains(&quoted),
                    "{context}: {cell:?} is lost: {detail}"
                );
            }
            continue;
        }
        for customer in row.customers {
            let key = (
                customer.to_string(),
                row.at.unwrap().to_owned(),
                row.channel.unwrap_or_default().to_owned(),
            );
            let fields = stored
                .get(&key)
                .unwrap_or_else(|| panic!("{context}: {key:?} is not stored"));
            let id = fields["interaction_id"].clone().unwrap();
            let brought = fields["import_id"] == Some(import_id.to_string())
                && fields["source_row"] == Some(row.number.to_string());
            if brought && !ledger.filled.contains(&id) {
                let mark = |is_so: bool| Some(if is_so { "t" } else { "f" }.to_owned());
                assert_eq!(
                    [&fields["is_repaired"], &fields["has_conflict"]],
                    [
                        &mark(ledger.repaired.contains(&row.number)),
                        &mark(ledger.contradicted.contains(&id))
                    ],
                    "{context}"
                );
            }
            assert!(
                brought || ledger.met.contains(&(row.number, id)),
                "{context}: nothing tells what became of {key:?}"
            );
            for (index, (cell, column)) in row.cells.iter().zip(&file.columns).enumerate() {
                if cell.trim().is_empty() {
                    continue;
                }
                let value = fields[column.field].as_deref();
                let same = match column.field {
                    "occurred_at" => {
                        let form = ledger.date_form.as_deref().unwrap();
                        written(value.unwrap(), form) == *cell
                    }
                    _ => value == Some(*cell),
                };
                assert!(
                    same || ledger.says(row.number, index, cell),
                    "{context}: {cell:?} became {value:?}, and the ledger does not say so"
                );
            }
        }
    }
}

#[tokio::test]
async fn random_files_balance_and_every_cell_is_stored_or_in_the_ledger() {
    for seed in 0..4 {
        let database = Database::fresh().await;
        let mut session = database.session().await;
        session
            .execute("SET rapport.refresh_after_import = off")
            .await;
        let mut random = Rng::with_seed(seed);
        let mut seen = HashSet::new();
        for number in 0..10 {
            let file = File::random(&mut random, 30);
            let name = format!("{number}.csv");
            let result = session.import_csv(&file.csv(), &name).await.unwrap();
            check(
                &mut session,
                &file,
                &result,
                &mut seen,
                &format!("seed {seed}, {name}"),
            )
            .await;
        }
        rules_agree(&mut session).await;
    }
}

/// Lines about few contacts. What a line says of one either leaves out, or says, always the same
/// thing, so that no order of the lines matters; with `contradictions` it varies.
fn lines(random: &mut Rng, count: usize, contradictions: bool) -> Vec<String> {
    let topics = ["Drug Efficacy", "Dosage Inquiry", "Sample Request"];
    let mut lines = Vec::new();
    for _ in 0..count {
        let (customer, hour) = (random.usize(1..6), random.usize(9..12));
        let fact = customer * 7 + hour;
        let mut say = |list: &[&'static str]| {
            let choice = if contradictions {
                random.usize(..)
            } else {
                fact
            };
            if random.bool() {
                list[choice % list.len()]
            } else {
                ""
            }
        };
        let (topic, sentiment) = (say(&topics), say(&["Positive", "Negative"]));
        let (notes, region) = (say(&["first", "second"]), say(&["North", "South", "West"]));
        lines.push(format!(
            "2020-01-{:02} {hour:02}:00,Email,{customer},{topic},{sentiment},{notes},{region}",
            13 + fact % 3
        ));
    }
    lines
}

#[tokio::test]
async fn a_file_in_two_parts_gives_what_the_whole_gives() {
    const HEADER: &str = "Date Start,Interaction,Customers,Topic,Sentiment,Notes,Region";
    let database = Database::fresh().await;
    let mut session = database.session().await;
    session
        .execute("SET rapport.refresh_after_import = off")
        .await;
    for seed in 0..12 {
        let mut random = Rng::with_seed(seed);
        // Where rows contradict, the first one counts: then only a cut keeps the order.
        let contradictions = seed % 2 == 0;
        let all = lines(&mut random, 40, contradictions);
        let cut = random.usize(1..all.len());
        let parts: [Vec<&String>; 2] = if contradictions {
            [all[..cut].iter().collect(), all[cut..].iter().collect()]
        } else {
            let (one, two): (Vec<_>, Vec<_>) = all.iter().partition(|_| random.bool());
            [two, one]
        };
        let file = |rows: &[&String]| {
            let mut text = vec![HEADER];
            text.extend(rows.iter().map(|row| row.as_str()));
            fixture::csv(&text)
        };
        let whole: Vec<&String> = all.iter().collect();
        forget(&mut session).await;
        session
            .import_csv(&file(&whole), "whole.csv")
            .await
            .unwrap();
        let expected = tables(&mut session).await;
        forget(&mut session).await;
        for part in &parts {
            session.import_csv(&file(part), "part.csv").await.unwrap();
        }
        assert_eq!(
            tables(&mut session).await,
            expected,
            "seed {seed}: {all:#?}"
        );
        // And once more, in a file of its own.
        let again = session
            .import_csv(&file(&whole), "whole.csv")
            .await
            .unwrap();
        assert_eq!(again["loaded"], 0, "seed {seed}: {again:#}");
        assert_eq!(tables(&mut session).await, expected, "seed {seed}");
    }
}
