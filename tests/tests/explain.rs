//! From a stored value back to the cell it came from.

use rapport_tests::books::{INTERACTIONS as HEADER, explained_cells as cells, import};
use rapport_tests::database::table;
use rapport_tests::{Database, Session, fixture};

/// The steps about whole columns, as (cell, header, rule, after).
async fn columns(session: &mut Session, arguments: &str) -> Vec<Vec<Option<String>>> {
    session
        .rows(&format!(
            "SELECT cell, header, rule, after FROM rapport.explain_value({arguments})
             WHERE row_number IS NULL AND import_id IS NOT NULL ORDER BY step"
        ))
        .await
}

async fn interaction(session: &mut Session, customer: i64) -> i64 {
    session
        .number(&format!(
            "SELECT interaction_id FROM crm.interactions WHERE customer_id = {customer}"
        ))
        .await
}

#[tokio::test]
async fn a_repaired_value_names_its_cell_and_every_rule() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "one.csv",
        &[
            HEADER,
            "2020-01-13 09:00,Email,1,Other,",
            "2020-01-14 09:00,Email,2, Drug\u{a0} Efficacy,",
        ],
    )
    .await;
    let id = interaction(&mut session, 2).await;
    let of = format!("'interactions', {id}, 'topic'");
    let step = |rule| {
        [
            "one.csv",
            "one",
            "3",
            "D3",
            "Topic",
            " Drug\u{a0} Efficacy",
            "Drug Efficacy",
            rule,
            "repaired",
        ]
    };
    assert_eq!(
        cells(&mut session, &of).await,
        table(&[
            step("no_break_spaces_replaced"),
            step("white_space_folded"),
            step("white_space_trimmed"),
        ])
    );
    assert_eq!(
        columns(&mut session, &of).await,
        table(&[["D1", "Topic", "header_mapped", "topic"]])
    );
    let told = session
        .rows(&format!("SELECT explanation, description, severity, rule_version FROM rapport.explain_value({of}) ORDER BY step DESC LIMIT 1"))
        .await
        .remove(0);
    let explanation = told[0].as_deref().unwrap();
    for part in [
        "\"one.csv\"",
        "sheet \"one\"",
        "row 3",
        "cell D3",
        "\" Drug\u{a0} Efficacy\"",
        "now \"Drug Efficacy\"",
    ] {
        assert!(explanation.contains(part), "{part}: {explanation}");
    }
    assert_eq!(
        told[1].as_deref(),
        Some("White space around a text is removed.")
    );
    assert_eq!(told[2..], [Some("info".to_owned()), Some("1".to_owned())]);
}

#[tokio::test]
async fn an_untouched_value_names_its_cell() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "one.csv",
        &[HEADER, "2020-01-13 09:00,Email,1,Drug Efficacy,"],
    )
    .await;
    let id = interaction(&mut session, 1).await;
    let of = format!("'interactions', {id}, 'topic'");
    assert_eq!(
        cells(&mut session, &of).await,
        table(&[[
            "one.csv",
            "one",
            "2",
            "D2",
            "Topic",
            "Drug Efficacy",
            "Drug Efficacy",
            "NULL",
            "NULL"
        ]])
    );
    let explanation = session
        .value(&format!(
            "SELECT explanation FROM rapport.explain_value({of}) WHERE rule IS NULL"
        ))
        .await
        .unwrap();
    assert!(
        explanation.contains("cell D2 \"Drug Efficacy\": taken as it is"),
        "{explanation}"
    );
    // A cell that is empty in the file.
    assert_eq!(
        cells(&mut session, &format!("'interactions', {id}, 'sentiment'")).await,
        table(&[[
            "one.csv",
            "one",
            "2",
            "E2",
            "Sentiment",
            "NULL",
            "NULL",
            "NULL",
            "NULL"
        ]])
    );
}

#[tokio::test]
async fn columns_in_another_order_below_a_title_are_named_right() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let workbook = fixture::workbook(&[
        (
            "Clients",
            &[
                &["TYPE", "Id", "City", "Occupation"],
                &["Red", "7", "Rome", "Florist"],
            ],
        ),
        (
            "Visits",
            &[
                &["Contacts of spring"],
                &["", ""],
                &["made by Ann"],
                &[
                    "",
                    "Topic",
                    "Customers",
                    "Region",
                    "Sentiment",
                    "Interaction",
                    "Date Start",
                ],
                &[
                    "",
                    "Drug  Efficacy",
                    "7",
                    "North",
                    "Positive",
                    "Email",
                    "13/01/2020 09:00",
                ],
            ],
        ),
        (
            "Products",
            &[&["Product", "", "Month"], &["Sand", "", "01-2020"]],
        ),
    ]);
    session
        .import_workbook(&workbook, "visits.xlsx")
        .await
        .unwrap();
    let id = interaction(&mut session, 7).await;
    for (column, cell, before, after, rule, action) in [
        (
            "topic",
            "B5",
            "Drug  Efficacy",
            "Drug Efficacy",
            "white_space_folded",
            "repaired",
        ),
        ("customer_id", "C5", "7", "7", "NULL", "NULL"),
        ("Region", "D5", "North", "North", "NULL", "NULL"),
        ("sentiment", "E5", "Positive", "Positive", "NULL", "NULL"),
        ("channel", "F5", "Email", "Email", "NULL", "NULL"),
    ] {
        let found = cells(&mut session, &format!("'interactions', {id}, '{column}'")).await;
        let found: Vec<_> = found
            .into_iter()
            .map(|row| [0, 1, 2, 3, 5, 6, 7, 8].map(|i| row[i].clone()).to_vec())
            .collect();
        assert_eq!(
            found,
            table(&[[
                "visits.xlsx",
                "Visits",
                "5",
                cell,
                before,
                after,
                rule,
                action
            ]]),
            "{column}"
        );
    }
    // The order of a date is evidence of the whole column.
    let of = format!("'interactions', {id}, 'occurred_at'");
    assert_eq!(
        columns(&mut session, &of).await,
        table(&[
            ["G4", "Date Start", "header_mapped", "occurred_at"],
            ["G4", "Date Start", "date_order_proven", "DMY"],
            ["G4", "Date Start", "date_form_found", "DD/MM/YYYY HH:MM"],
        ])
    );
    let evidence = session
        .value(&format!(
            "SELECT explanation FROM rapport.explain_value({of}) WHERE rule = 'date_order_proven'"
        ))
        .await
        .unwrap();
    assert!(
        evidence.contains("\"13/01/2020 09:00\" in row 5"),
        "{evidence}"
    );
    assert_eq!(
        session
            .rows(&format!(
                "SELECT cell, row_number FROM rapport.explain_value({of}) WHERE rule IS NULL"
            ))
            .await,
        table(&[["G5", "5"]])
    );
    for (column, cell, value) in [
        ("customer_type", "A2", "Red"),
        ("customer_id", "B2", "7"),
        ("City", "C2", "Rome"),
        ("occupation", "D2", "Florist"),
    ] {
        assert_eq!(
            session
                .rows(&format!("SELECT sheet, cell, before FROM rapport.explain_value('customers', 7, '{column}') WHERE rule IS NULL"))
                .await,
            table(&[["Clients", cell, value]]),
            "{column}"
        );
    }
    let product = session
        .number("SELECT product_month_id FROM crm.products")
        .await;
    for (column, cell) in [("product", "A2"), ("month", "C2")] {
        assert_eq!(
            session
                .rows(&format!("SELECT sheet, row_number, cell FROM rapport.explain_value('products', {product}, '{column}') WHERE rule IS NULL"))
                .await,
            table(&[["Products", "2", cell]]),
            "{column}"
        );
    }
}

#[tokio::test]
async fn each_part_of_a_split_row_names_the_one_cell() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "one.csv",
        &[HEADER, "2020-01-13 09:00,Email,\"1, 4\",Drug  Efficacy,"],
    )
    .await;
    for customer in [1, 4] {
        let id = interaction(&mut session, customer).await;
        let found = cells(
            &mut session,
            &format!("'interactions', {id}, 'customer_id'"),
        )
        .await;
        let split = found
            .iter()
            .find(|row| row[7].as_deref() == Some("several_customers_split"));
        assert_eq!(
            split.unwrap_or_else(|| panic!("{customer}: {found:?}"))[..7],
            table(&[["one.csv", "one", "2", "C2", "Customers", "1, 4", "1, 4"]])[0]
        );
        assert_eq!(
            cells(&mut session, &format!("'interactions', {id}, 'topic'")).await,
            table(&[[
                "one.csv",
                "one",
                "2",
                "D2",
                "Topic",
                "Drug  Efficacy",
                "Drug Efficacy",
                "white_space_folded",
                "repaired"
            ]])
        );
    }
    // A customer that only this row names says so.
    let found = cells(&mut session, "'customers', 4, 'customer_id'").await;
    assert!(
        found
            .iter()
            .any(|row| row[7].as_deref() == Some("unknown_customer")
                && row[3].as_deref() == Some("C2")),
        "{found:?}"
    );
}

#[tokio::test]
async fn unknown_things_are_told_apart() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    for (arguments, code) in [
        ("'ledger', 1, 'before'", "22023"),
        ("'Customers', 1, 'occupation'", "22023"),
        ("'customers', 99999, 'occupation'", "P0002"),
        ("'customers', 0, 'occupation'", "P0002"),
        ("'interactions', 99999, 'topic'", "P0002"),
        ("'products', 99999, 'product'", "P0002"),
        ("'customers', 1, 'topic'", "22023"),
        ("'customers', 1, 'is_placeholder'", "22023"),
        ("'interactions', 1, 'extra'", "22023"),
        ("NULL, 1, 'topic'", "22004"),
        ("'customers', NULL, 'topic'", "22004"),
        ("'customers', 1, NULL", "22004"),
    ] {
        let fault = session
            .fault(&format!("SELECT * FROM rapport.explain_value({arguments})"))
            .await;
        assert_eq!(fault.code, code, "{arguments}: {fault:?}");
        if code != "22004" {
            assert!(!fault.hint.is_empty(), "{arguments}: {fault:?}");
        }
    }
}

#[tokio::test]
async fn every_stored_value_of_the_sample_leads_to_a_cell() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let lost = "
        SELECT v.kind, v.id, v.field FROM (
            SELECT 'interactions' AS kind, i.interaction_id AS id, f.field, f.value
            FROM crm.interactions AS i
            CROSS JOIN LATERAL (VALUES ('customer_id', i.customer_id::text), ('occurred_at', i.occurred_at::text),
                ('channel', i.channel), ('topic', i.topic), ('sentiment', i.sentiment)) AS f (field, value)
            UNION ALL
            SELECT 'customers', c.customer_id, f.field, f.value FROM crm.customers AS c
            CROSS JOIN LATERAL (VALUES ('customer_id', c.customer_id::text), ('occupation', c.occupation),
                ('customer_type', c.customer_type)) AS f (field, value)
            UNION ALL
            SELECT 'products', p.product_month_id, f.field, f.value FROM crm.products AS p
            CROSS JOIN LATERAL (VALUES ('month', p.month::text), ('product', p.product)) AS f (field, value)
        ) AS v
        WHERE v.value IS NOT NULL AND NOT EXISTS (
            SELECT FROM rapport.explain_value(v.kind, v.id, v.field) AS e
            WHERE e.cell ~ '^[A-E][0-9]+$' AND e.row_number IS NOT NULL AND e.file_name = 'interactions.xlsx'
                AND (e.after = v.value OR e.rule = 'several_customers_split')
        )";
    assert_eq!(session.rows(lost).await, table::<3>(&[]));
}

#[tokio::test]
async fn a_date_is_not_claimed_to_be_written_as_it_is_stored() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "one.csv",
        &[HEADER, "13/01/2020 09:00,Email,1,,"],
    )
    .await;
    import(&mut session, "two.csv", &["Date,Product", "01-2020,Sand"]).await;
    let id = interaction(&mut session, 1).await;
    let product = session
        .number("SELECT product_month_id FROM crm.products")
        .await;
    for (of, cell, stored) in [
        (
            format!("'interactions', {id}, 'occurred_at'"),
            "13/01/2020 09:00",
            "2020-01-13 09:00:00",
        ),
        (
            format!("'products', {product}, 'month'"),
            "01-2020",
            "2020-01-01",
        ),
    ] {
        let steps = cells(&mut session, &of).await;
        let last = steps.last().unwrap_or_else(|| panic!("{of}: no step"));
        assert_eq!(last[3].as_deref(), Some("A2"), "{steps:?}");
        assert_eq!(last[6].as_deref(), Some(stored), "{steps:?}");
        // What the cell says may be unknown; it is not what is stored.
        assert!(
            last[5].is_none() || last[5].as_deref() == Some(cell),
            "{steps:?}"
        );
    }
}
