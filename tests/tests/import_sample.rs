//! The sample workbook and its CSV twins: what is stored, what is written down, and that neither
//! repetition nor order changes it.

use std::collections::BTreeMap;

use rapport_tests::{Database, Session, database::table, expected, fixture};
use serde_json::json;

/// The three tables by their contents: what an import may not get wrong.
async fn stored(session: &mut Session) -> [Vec<Vec<Option<String>>>; 3] {
    [
        session
            .rows(
                "SELECT customer_id, occupation, customer_type, is_placeholder
                 FROM crm.customers ORDER BY customer_id",
            )
            .await,
        session
            .rows(
                "SELECT customer_id, occurred_at, channel, topic, sentiment FROM crm.interactions
                 ORDER BY occurred_at, customer_id, channel COLLATE \"C\"",
            )
            .await,
        session
            .rows("SELECT month, product FROM crm.products ORDER BY month, product COLLATE \"C\"")
            .await,
    ]
}

fn expected_tables() -> [Vec<Vec<Option<String>>>; 3] {
    [
        expected::customers(),
        expected::interactions(),
        expected::products(),
    ]
}

/// Ledger entries that name one cell, as (sheet, row, header, action, before) with plain headers.
async fn cell_entries(session: &mut Session, actions: &str) -> Vec<Vec<Option<String>>> {
    session
        .rows(&format!(
            "SELECT DISTINCT CASE lower(sheet) WHEN 'external interactions' THEN 'interactions'
                        WHEN 'products of discussion' THEN 'products' ELSE lower(sheet) END AS sheet_kind,
                    row_number, lower(regexp_replace(column_name, '[^[:alnum:]]', '', 'g')), action, before, after
             FROM crm.ledger WHERE action IN ({actions})
             ORDER BY 1, 2, 3, 4"
        ))
        .await
}

fn expected_entries(actions: &[&str]) -> Vec<Vec<Option<String>>> {
    let mut rows = Vec::new();
    for line in expected::at("/ledger").as_array().unwrap() {
        if !actions.contains(&line["action"].as_str().unwrap()) {
            continue;
        }
        let text = |name: &str| line[name].as_str().map(str::to_owned);
        let column = text("column").map(|header| {
            header
                .chars()
                .filter(|c| c.is_alphanumeric())
                .collect::<String>()
                .to_lowercase()
        });
        let row = line["row"].to_string();
        rows.push(vec![
            text("sheet"),
            Some(row),
            column,
            text("action"),
            text("before"),
            text("after"),
        ]);
    }
    rows.sort_by_key(|row| {
        (
            row[0].clone(),
            row[1].as_ref().unwrap().parse::<u32>().unwrap(),
            row[2].clone(),
        )
    });
    rows
}

#[tokio::test]
async fn the_workbook_gives_the_rows_that_were_worked_out() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    assert_eq!(stored(&mut session).await, expected_tables());
}

#[tokio::test]
async fn the_import_says_what_it_did() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let result = session
        .import_workbook(&fixture::sample_workbook(), "interactions.xlsx")
        .await
        .unwrap();
    // 109 rows below the headers: 17 + 68 + 24. Of 17 customers one has no id, and 99 is only
    // mentioned. Of 68 interactions one has no customer, one is a duplicate, one a conflict, and two
    // are split in two: 111 records, of which 16 + 67 + 24 are loaded.
    let counts = json!({
        "status": "imported", "file_name": "interactions.xlsx", "rows_read": 109,
        "customers_added": 16, "customers_updated": 0, "placeholders_added": 1,
        "interactions_added": 67, "interactions_enriched": 0, "products_added": 24,
        "duplicates": 1, "repaired": 18, "split": 2, "conflicts": 1, "rejected": 2, "date_order": "DMY",
        "records": 111, "loaded": 107, "merged": 1, "suggested": 0, "encoding": null, "delimiter": null,
    });
    for (name, count) in counts.as_object().unwrap() {
        assert_eq!(&result[name], count, "{name} of {result:#}");
    }
    assert_eq!(expected::number("/rows_read"), 109);
    assert_eq!(expected::number("/stored/interactions"), 67);
}

#[tokio::test]
async fn the_ledger_names_every_cell_that_was_touched() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    // Two rules may have touched one cell: a blank that is replaced, then trimmed. What holds of a
    // whole column is counted by its rule.
    let rows = session
        .rows(
            "SELECT action, count(DISTINCT (sheet, row_number, column_name, CASE WHEN row_number IS NULL THEN rule END))
             FROM crm.ledger GROUP BY action",
        )
        .await;
    let counts: BTreeMap<String, i64> = rows
        .into_iter()
        .map(|row| {
            (
                row[0].clone().unwrap(),
                row[1].clone().unwrap().parse().unwrap(),
            )
        })
        .collect();
    let expected_counts: BTreeMap<String, i64> =
        serde_json::from_value(expected::at("/ledger_per_action").clone()).unwrap();
    assert_eq!(counts, expected_counts);
    assert_eq!(
        cell_entries(&mut session, "'repaired'").await,
        expected_entries(&["repaired"]),
        "repaired cells"
    );
}

#[tokio::test]
async fn rows_that_were_refused_split_or_doubled_are_named() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let short = |rows: Vec<Vec<Option<String>>>| -> Vec<Vec<Option<String>>> {
        rows.into_iter()
            .map(|row| vec![row[0].clone(), row[1].clone(), row[3].clone()])
            .collect()
    };
    assert_eq!(
        short(
            cell_entries(
                &mut session,
                "'rejected', 'split', 'duplicate', 'placeholder', 'conflict'"
            )
            .await
        ),
        table(&[
            ["customers", "18", "rejected"],
            ["interactions", "27", "duplicate"],
            ["interactions", "28", "split"],
            ["interactions", "32", "placeholder"],
            ["interactions", "44", "rejected"],
            ["interactions", "49", "split"],
            ["interactions", "65", "conflict"],
        ])
    );
    assert_eq!(
        session
            .rows(
                "SELECT action, before FROM crm.ledger
                 WHERE action IN ('rejected', 'split', 'placeholder') ORDER BY sheet, row_number"
            )
            .await,
        table(&[
            ["rejected", "n/a"],
            ["split", "1, 4"],
            ["placeholder", "99"],
            ["rejected", "unknown"],
            ["split", "3; 10"],
        ])
    );
    assert_eq!(
        session
            .rows("SELECT before, after FROM crm.ledger WHERE action = 'conflict'")
            .await,
        table(&[["Positive", "Neutral"]])
    );
}

#[tokio::test]
async fn the_order_of_dates_is_inferred_from_the_column() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let rows = session
        .rows(
            "SELECT sheet, row_number, column_name, cell, after FROM crm.ledger
             WHERE rule LIKE 'date_order%'",
        )
        .await;
    assert_eq!(
        rows,
        table(&[["External Interactions", "NULL", "Date_Start", "A1", "DMY"]])
    );
}

#[tokio::test]
async fn the_form_of_dates_is_noted_once_for_each_column() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    // No date of the sample is written otherwise.
    let rows = session
        .rows(
            "SELECT sheet, row_number, column_name, cell, rule, after FROM crm.ledger
             WHERE rule IN ('date_form_found', 'date_rewritten') ORDER BY sheet",
        )
        .await;
    let note = |sheet, column, form| [sheet, "NULL", column, "A1", "date_form_found", form];
    assert_eq!(
        rows,
        table(&[
            note("External Interactions", "Date_Start", "DD/MM/YYYY HH:MM"),
            note("Products of Discussion", "DATE", "MM-YYYY"),
        ])
    );
}

#[tokio::test]
async fn every_column_is_recognised_by_its_header() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let rows = session
        .rows(
            "SELECT sheet, cell, before, after FROM crm.ledger WHERE rule = 'header_mapped' ORDER BY entry_id",
        )
        .await;
    assert_eq!(
        rows,
        table(&[
            ["Customers", "A1", "Customer_Id", "customer_id"],
            ["Customers", "B1", "OCCUPATION", "occupation"],
            ["Customers", "C1", "Type", "customer_type"],
            ["External Interactions", "A1", "Date_Start", "occurred_at"],
            ["External Interactions", "B1", "interaction", "channel"],
            ["External Interactions", "C1", " Customers", "customer_id"],
            ["External Interactions", "D1", "Topic", "topic"],
            ["External Interactions", "E1", "SENTIMENT", "sentiment"],
            ["Products of Discussion", "A1", "DATE", "month"],
            ["Products of Discussion", "B1", "product", "product"],
        ])
    );
}

#[tokio::test]
async fn every_touched_cell_is_named_as_a_spreadsheet_names_it() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let letters: BTreeMap<(&str, &str), &str> = [
        (("customers", "customerid"), "A"),
        (("customers", "occupation"), "B"),
        (("customers", "type"), "C"),
        (("interactions", "interaction"), "B"),
        (("interactions", "customers"), "C"),
        (("interactions", "topic"), "D"),
        (("interactions", "sentiment"), "E"),
        (("products", "product"), "B"),
    ]
    .into();
    let actions = ["repaired", "split", "conflict", "placeholder", "rejected"];
    let list = actions.map(|action| format!("'{action}'")).join(", ");
    let expected: Vec<_> = expected_entries(&actions)
        .into_iter()
        .map(|row| {
            let [sheet, number, column] = [0, 1, 2].map(|index| row[index].clone().unwrap());
            let letter = letters[&(sheet.as_str(), column.as_str())];
            vec![
                Some(sheet),
                Some(format!("{letter}{number}")),
                row[4].clone(),
            ]
        })
        .collect();
    let found = session
        .rows(&format!(
            "SELECT DISTINCT CASE sheet WHEN 'External Interactions' THEN 'interactions'
                        WHEN 'Products of Discussion' THEN 'products' ELSE 'customers' END,
                    cell, before, row_number
             FROM crm.ledger WHERE action IN ({list}) ORDER BY 1, 4, 2"
        ))
        .await;
    let found: Vec<_> = found.into_iter().map(|row| row[..3].to_vec()).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn every_stored_row_names_its_import_and_its_place() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let unnamed = "SELECT (SELECT count(*) FROM crm.customers WHERE import_id IS NULL)
                        + (SELECT count(*) FROM crm.products WHERE import_id IS NULL)
                        + (SELECT count(*) FROM crm.interactions
                           WHERE import_id IS NULL OR source_sheet IS NULL OR source_row IS NULL)";
    assert_eq!(session.number(unnamed).await, 0);
    // Row 28 is `1, 4`: the same place for both.
    assert_eq!(
        session
            .rows("SELECT customer_id FROM crm.interactions WHERE source_row = 28 ORDER BY customer_id")
            .await,
        table(&[["1"], ["4"]])
    );
}

#[tokio::test]
async fn the_same_file_again_changes_nothing_and_says_so() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let state = "SELECT (SELECT count(*) FROM crm.ledger), (SELECT count(*) FROM crm.imports),
                        (SELECT string_agg(i::text, '|' ORDER BY interaction_id) FROM crm.interactions AS i)";
    let before = session.rows(state).await;
    // Another name does not make another file.
    let again = session
        .import_workbook(&fixture::sample_workbook(), "copy.xlsx")
        .await
        .unwrap();
    assert_eq!(again["status"], "unchanged");
    assert_eq!(again["interactions_added"], 0);
    assert!(
        again["message"]
            .as_str()
            .unwrap()
            .contains("nothing changed"),
        "{again:#}"
    );
    assert_eq!(session.rows(state).await, before);
}

#[tokio::test]
async fn another_file_with_the_same_rows_adds_none() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let result = session
        .import_csv(&fixture::sample_csv("interactions"), "interactions.csv")
        .await
        .unwrap();
    assert_eq!(result["status"], "imported");
    for name in [
        "interactions_added",
        "interactions_enriched",
        "placeholders_added",
        "customers_added",
    ] {
        assert_eq!(result[name], 0, "{name} of {result:#}");
    }
    assert_eq!(stored(&mut session).await, expected_tables());
}

#[tokio::test]
async fn the_csv_twins_give_the_same_tables_in_every_order() {
    for order in [
        ["customers", "interactions", "products"],
        ["interactions", "customers", "products"],
        ["products", "interactions", "customers"],
        ["interactions", "products", "customers"],
    ] {
        let database = Database::fresh().await;
        let mut session = database.session().await;
        for name in order {
            let result = session
                .import_csv(&fixture::sample_csv(name), &format!("{name}.csv"))
                .await
                .unwrap();
            assert_eq!(result["status"], "imported", "{order:?}: {result:#}");
        }
        assert_eq!(stored(&mut session).await, expected_tables(), "{order:?}");
        // Only 99 is still without a row of its own, whoever came first.
        assert_eq!(
            session
                .rows("SELECT customer_id FROM crm.customers WHERE is_placeholder")
                .await,
            table(&[["99"]]),
            "{order:?}"
        );
    }
}

#[tokio::test]
async fn the_csv_twins_are_repaired_in_the_same_cells() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    for name in ["customers", "interactions", "products"] {
        session
            .import_csv(&fixture::sample_csv(name), &format!("{name}.csv"))
            .await
            .unwrap();
    }
    assert_eq!(
        cell_entries(&mut session, "'repaired'").await,
        expected_entries(&["repaired"])
    );
}

#[tokio::test]
async fn the_order_of_rows_does_not_matter() {
    let text = String::from_utf8(fixture::sample_csv("interactions")).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    // Line 65 contradicts line 64; there the first one is kept, so that pair has an order.
    lines.remove(64);
    lines[1..].reverse();
    let database = Database::fresh().await;
    let mut session = database.session().await;
    session
        .import_csv(&fixture::sample_csv("customers"), "customers.csv")
        .await
        .unwrap();
    session
        .import_csv(&fixture::csv(&lines), "reversed.csv")
        .await
        .unwrap();
    assert_eq!(stored(&mut session).await[1], expected::interactions());
}

#[tokio::test]
async fn the_report_pages_through_the_ledger() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let total = session.number("SELECT count(*) FROM crm.ledger").await;
    let (mut seen, mut after, mut pages) = (Vec::new(), 0, 0);
    loop {
        let page = session
            .json(&format!("SELECT rapport.import_report(1, {after}, 10)"))
            .await;
        seen.extend(
            page["ledger"]
                .as_array()
                .unwrap()
                .iter()
                .map(|entry| entry["entry_id"].as_i64().unwrap()),
        );
        pages += 1;
        match page["next_after"].as_i64() {
            Some(next) => after = next,
            None => break,
        }
        assert!(pages < 20, "the pages do not end");
    }
    assert_eq!(seen.len() as i64, total);
    assert!(seen.is_sorted_by(|a, b| a < b), "{seen:?}");
    let report = session.json("SELECT rapport.import_report(1)").await;
    assert_eq!(report["file_name"], "interactions.xlsx");
    assert_eq!(report["repaired"], 18);
    assert_eq!(
        session
            .fault("SELECT rapport.import_report(4711)")
            .await
            .code,
        "P0002"
    );
}

#[tokio::test]
async fn a_quality_report_counts_what_the_ledger_holds() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    assert_eq!(
        session
            .rows("SELECT action, sum(entries) FROM rapport.quality_report() GROUP BY action ORDER BY action")
            .await,
        session.rows("SELECT action, count(*) FROM crm.ledger GROUP BY action ORDER BY action").await
    );
    assert_eq!(
        session
            .fault("SELECT * FROM rapport.quality_report(4711)")
            .await
            .code,
        "P0002"
    );
}
