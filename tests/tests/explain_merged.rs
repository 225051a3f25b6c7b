//! From a value that several files speak of, or that was inherited, back to their cells.

use rapport_tests::books::{INTERACTIONS as HEADER, explained_cells as cells, import};
use rapport_tests::database::table;
use rapport_tests::{Database, Session, command};
use serde_json::json;

async fn interaction(session: &mut Session, customer: i64) -> i64 {
    session
        .number(&format!(
            "SELECT interaction_id FROM crm.interactions WHERE customer_id = {customer}"
        ))
        .await
}

#[tokio::test]
async fn a_value_that_a_later_file_gave_names_that_file() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "one.csv",
        &[HEADER, "2020-01-13 09:00,Email,1,,"],
    )
    .await;
    import(
        &mut session,
        "two.csv",
        &[
            "Topic,Date Start,Interaction,Customers",
            "Dosage,2020-02-13 09:00,Email,2",
            " Drug Efficacy,2020-01-13 09:00,Email,1",
        ],
    )
    .await;
    let id = interaction(&mut session, 1).await;
    let of = format!("'interactions', {id}, 'topic'");
    assert_eq!(
        cells(&mut session, &of).await,
        table(&[
            [
                "two.csv",
                "two",
                "3",
                "A3",
                "Topic",
                " Drug Efficacy",
                "Drug Efficacy",
                "white_space_trimmed",
                "repaired"
            ],
            [
                "two.csv",
                "two",
                "3",
                "A3",
                "Topic",
                "NULL",
                "Drug Efficacy",
                "fill_gap",
                "merged"
            ],
        ])
    );
    // What came with the row still names the first file.
    assert_eq!(
        cells(&mut session, &format!("'interactions', {id}, 'channel'")).await,
        table(&[[
            "one.csv",
            "one",
            "2",
            "B2",
            "Interaction",
            "Email",
            "Email",
            "NULL",
            "NULL"
        ]])
    );
    // A plain cell that filled a gap says what it held.
    import(
        &mut session,
        "three.csv",
        &["Customer Id,Occupation,Type", "1,Jedi,"],
    )
    .await;
    let steps = cells(&mut session, "'customers', 1, 'occupation'").await;
    let fill = steps
        .iter()
        .find(|row| row[7].as_deref() == Some("fill_gap"))
        .unwrap_or_else(|| panic!("{steps:?}"));
    assert_eq!(
        fill[..5],
        table(&[["three.csv", "three", "2", "B2", "Occupation"]])[0]
    );
    assert_eq!(fill[6].as_deref(), Some("Jedi"));
    // Once the file is undone, it explains nothing any more.
    session.execute("SELECT rapport.undo_import(3)").await;
    let steps = cells(&mut session, "'customers', 1, 'occupation'").await;
    assert!(
        steps
            .iter()
            .all(|row| row[0].as_deref() != Some("three.csv")),
        "{steps:?}"
    );
}

#[tokio::test]
async fn a_value_in_conflict_names_both_cells() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "one.csv",
        &[HEADER, "2020-01-13 09:00,Email,1,Drug Efficacy,"],
    )
    .await;
    import(
        &mut session,
        "two.csv",
        &[
            HEADER,
            "2020-02-13 09:00,Email,2,,",
            "2020-01-13 09:00,Email,1,Dosage,",
        ],
    )
    .await;
    let id = interaction(&mut session, 1).await;
    assert_eq!(
        cells(&mut session, &format!("'interactions', {id}, 'topic'")).await,
        table(&[
            [
                "one.csv",
                "one",
                "2",
                "D2",
                "Topic",
                "Drug Efficacy",
                "Drug Efficacy",
                "NULL",
                "NULL"
            ],
            [
                "two.csv",
                "two",
                "3",
                "D3",
                "Topic",
                "Dosage",
                "Drug Efficacy",
                "keep_first_value",
                "conflict"
            ],
        ])
    );
    import(
        &mut session,
        "three.csv",
        &["Customer Id,Occupation,Type", "1,Jedi,Red", "1,Sith,"],
    )
    .await;
    let conflict = cells(&mut session, "'customers', 1, 'occupation'")
        .await
        .pop()
        .unwrap();
    assert_eq!(
        vec![conflict],
        table(&[[
            "three.csv",
            "three",
            "3",
            "B3",
            "Occupation",
            "Sith",
            "Jedi",
            "keep_first_value",
            "conflict"
        ]])
    );
}

#[tokio::test]
async fn inherited_values_say_so() {
    let database = Database::empty().await;
    let mut session = database.session().await;
    session
        .execute(
            "CREATE TABLE customers (customer_id INT PRIMARY KEY, occupation VARCHAR(255), type VARCHAR(255));
             CREATE TABLE interactions (date_start TIMESTAMP, interaction VARCHAR(255), customers INT);
             CREATE TABLE products (date VARCHAR(7), product VARCHAR(255));
             INSERT INTO customers VALUES (1, 'Jedi', 'Red'), (2, 'Baker', ' red'), (3, 'Vet', 'Red');
             INSERT INTO interactions VALUES ('2020-01-13 00:00', 'email', 1);
             INSERT INTO products VALUES ('01-2020', 'Sand');",
        )
        .await;
    command::rapport(&database.url, &["migrate"]).succeeded();
    let inherited = |value| {
        [[
            "NULL", "NULL", "NULL", "NULL", "NULL", value, value, "NULL", "NULL",
        ]]
    };
    assert_eq!(
        cells(&mut session, "'customers', 1, 'occupation'").await,
        table(&inherited("Jedi"))
    );
    let explanation = session
        .value("SELECT explanation FROM rapport.explain_value('customers', 1, 'occupation')")
        .await
        .unwrap();
    assert!(explanation.contains("inherited"), "{explanation}");
    let product = session
        .number("SELECT product_month_id FROM crm.products")
        .await;
    assert_eq!(
        cells(&mut session, &format!("'products', {product}, 'product'")).await,
        table(&inherited("Sand"))
    );
    // Enriched by a file, the row tells both.
    import(
        &mut session,
        "one.csv",
        &[HEADER, "2020-01-13 09:00,Email,1,Dosage,"],
    )
    .await;
    let id = interaction(&mut session, 1).await;
    assert_eq!(
        cells(&mut session, &format!("'interactions', {id}, 'topic'")).await,
        table(&[
            [
                "one.csv", "one", "2", "D2", "Topic", "Dosage", "Dosage", "NULL", "NULL"
            ],
            [
                "one.csv", "one", "2", "D2", "Topic", "NULL", "Dosage", "fill_gap", "merged"
            ],
        ])
    );
    assert_eq!(
        session
            .rows(&format!(
                "SELECT before, after, rule FROM rapport.explain_value('interactions', {id}, 'occurred_at')
                 WHERE rule = 'keep_first_value'"
            ))
            .await,
        table(&[["2020-01-13 09:00:00", "2020-01-13 00:00:00", "keep_first_value"]])
    );
}

#[tokio::test]
async fn a_label_that_was_cleaned_as_it_was_inherited_says_what_it_was() {
    let database = Database::empty().await;
    let mut session = database.session().await;
    session
        .execute(
            "CREATE TABLE customers (customer_id INT PRIMARY KEY, occupation VARCHAR(255), type VARCHAR(255));
             CREATE TABLE interactions (date_start TIMESTAMP, interaction VARCHAR(255), customers INT);
             CREATE TABLE products (date VARCHAR(7), product VARCHAR(255));
             INSERT INTO customers VALUES (1, 'Jedi', 'Red'), (2, 'Baker', ' red'), (3, 'Vet', 'Red');
             INSERT INTO interactions VALUES ('2020-01-13 00:00', 'email', 1);",
        )
        .await;
    command::rapport(&database.url, &["migrate"]).succeeded();
    let told = "SELECT before, after, rule, action FROM rapport.explain_value";
    assert_eq!(
        session
            .rows(&format!("{told}('customers', 2, 'customer_type')"))
            .await,
        table(&[[" red", "Red", "inherited_label", "repaired"]])
    );
    let id = interaction(&mut session, 1).await;
    assert_eq!(
        session
            .rows(&format!("{told}('interactions', {id}, 'channel')"))
            .await,
        table(&[["email", "Email", "inherited_label", "repaired"]])
    );
}

#[tokio::test]
async fn other_columns_are_explained_by_their_key() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "one.csv",
        &[
            "Date Start,Interaction,Customers,Region,Owner,Region,",
            "2020-01-13 09:00,Email,1, North,,Harbour,by hand",
        ],
    )
    .await;
    import(
        &mut session,
        "two.csv",
        &[
            "Owner,Region,Date Start,Interaction,Customers",
            "Ann,South,2020-01-13 09:00,Email,1",
        ],
    )
    .await;
    let id = interaction(&mut session, 1).await;
    assert_eq!(
        cells(&mut session, &format!("'interactions', {id}, 'Region'")).await,
        table(&[
            [
                "one.csv", "one", "2", "D2", "Region", " North", " North", "NULL", "NULL"
            ],
            [
                "two.csv",
                "two",
                "2",
                "B2",
                "Region",
                "South",
                " North",
                "keep_first_value",
                "conflict"
            ],
        ])
    );
    assert_eq!(
        cells(&mut session, &format!("'interactions', {id}, 'Owner'")).await,
        table(&[
            [
                "two.csv", "two", "2", "A2", "Owner", "Ann", "Ann", "NULL", "NULL"
            ],
            [
                "two.csv", "two", "2", "A2", "Owner", "NULL", "Ann", "fill_gap", "merged"
            ],
        ])
    );
    // A header that stands twice, and a column without one.
    for (key, cell, value) in [
        ("Region (2)", "F2", "Harbour"),
        ("column 7", "G2", "by hand"),
    ] {
        assert_eq!(
            session
                .rows(&format!(
                    "SELECT row_number, cell, before FROM rapport.explain_value('interactions', {id}, '{key}')
                     WHERE row_number IS NOT NULL"
                ))
                .await,
            table(&[["2", cell, value]]),
            "{key}"
        );
    }
}

#[tokio::test]
async fn the_parts_of_a_split_row_answer_for_themselves() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "one.csv",
        &[HEADER, "2020-01-13 09:00,Email,1,Safety,"],
    )
    .await;
    import(
        &mut session,
        "two.csv",
        &[HEADER, "2020-01-13 09:00,Email,\"1, 4\",  Dosage,Positive"],
    )
    .await;
    let (met, new) = (
        interaction(&mut session, 1).await,
        interaction(&mut session, 4).await,
    );
    let rules = |id: i64, column: &str| {
        format!(
            "SELECT file_name, cell, before, after, rule FROM rapport.explain_value('interactions', {id}, '{column}')
             WHERE step > 1 ORDER BY step"
        )
    };
    // What contradicts the stored row of the one customer says nothing about the new row of the other.
    assert_eq!(
        session.rows(&rules(met, "topic")).await,
        table(&[
            ["one.csv", "D2", "Safety", "Safety", "NULL"],
            ["two.csv", "D2", "Dosage", "Safety", "keep_first_value"],
        ])
    );
    assert_eq!(
        session.rows(&rules(new, "topic")).await,
        table(&[["two.csv", "D2", "  Dosage", "Dosage", "white_space_trimmed"]])
    );
    assert_eq!(
        session.rows(&rules(met, "sentiment")).await,
        table(&[
            ["two.csv", "E2", "Positive", "Positive", "NULL"],
            ["two.csv", "E2", "NULL", "Positive", "fill_gap"],
        ])
    );
    assert_eq!(
        session.rows(&rules(new, "sentiment")).await,
        table(&[["two.csv", "E2", "Positive", "Positive", "NULL"]])
    );
    // The first has a conflict, the second a repaired cell in a split row; summaries and statistics agree.
    let of = async |session: &mut Session, customer: i64| {
        session
            .json(&format!("SELECT rapport.customer_data_quality({customer})"))
            .await
    };
    assert_eq!(
        of(&mut session, 1).await,
        json!({"interactions": 1, "repaired": 0, "conflicts": 1})
    );
    assert_eq!(
        of(&mut session, 4).await,
        json!({"interactions": 1, "repaired": 1, "conflicts": 0})
    );
    assert_eq!(
        session.json("SELECT rapport.interaction_quality()").await,
        json!({"interactions": 2, "repaired": 1, "conflicts": 1})
    );
}

#[tokio::test]
async fn a_contradiction_names_the_row_that_it_contradicts() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "one.csv",
        &[
            HEADER,
            "2020-01-13 09:00,Email,1,Safety,",
            "2020-01-14 09:00,Email,1,,",
        ],
    )
    .await;
    import(
        &mut session,
        "two.csv",
        &[
            HEADER,
            "2020-01-13 09:00,Email,1,Dosage,Positive",
            "2020-01-13 09:00,Email,1,,Negative",
            "2020-01-14 09:00,Email,1,Dosage,",
        ],
    )
    .await;
    session
        .execute("UPDATE crm.interactions SET sentiment = 'Neutral' WHERE occurred_at = '2020-01-13 09:00'")
        .await;
    import(
        &mut session,
        "three.csv",
        &[
            HEADER,
            "2020-01-13 09:00,Email,1,,Positive",
            "2020-01-14 09:00,Email,1,Safety,",
            "2020-01-15 09:00,Email,1,Safety,",
            "2020-01-15 09:00,Email,1,Dosage,",
        ],
    )
    .await;
    assert_eq!(
        session
            .rows(
                "SELECT import_id, cell, before, after, detail FROM crm.ledger
                 WHERE rule = 'keep_first_value' ORDER BY entry_id"
            )
            .await,
        table(&[
            [
                "2",
                "D2",
                "Dosage",
                "Safety",
                "the value that was there first is kept: row 2 of sheet \"one\", import 1"
            ],
            [
                "2",
                "E3",
                "Negative",
                "Positive",
                "the value that was there first is kept: row 2 of sheet \"two\""
            ],
            [
                "3",
                "E2",
                "Positive",
                "Neutral",
                "the value that was there first is kept: it was changed by hand"
            ],
            [
                "3",
                "D3",
                "Safety",
                "Dosage",
                "the value that was there first is kept: row 4 of sheet \"two\", import 2"
            ],
            [
                "3",
                "D5",
                "Dosage",
                "Safety",
                "the value that was there first is kept: row 4 of sheet \"three\""
            ],
        ])
    );
}
