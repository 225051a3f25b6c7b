//! Taking an import back: everything is as it was.

use rapport_tests::books::{Dump, dump, import, inherit, undo};
use rapport_tests::database::table;
use rapport_tests::{Database, Session, fixture};

const INTERACTIONS: &str = "Date Start,Interaction,Customers,Topic,Sentiment,Notes,Region";

const CUSTOMERS: &str = "Customer Id,Occupation,Type,City";

const PRODUCTS: &str = "Date,Product,Price";

/// The same without the numbers that the database gives.
async fn contents(session: &mut Session) -> Dump {
    let mut dump = Vec::new();
    for (table, generated) in [
        ("customers", "import_id"),
        ("interactions", "interaction_id,import_id"),
        ("products", "product_month_id,import_id"),
        ("labels", "import_id"),
    ] {
        let sql = format!(
            "SELECT (to_jsonb(t) - '{{{generated}}}'::text[])::text FROM crm.{table} AS t ORDER BY 1"
        );
        dump.push(session.rows(&sql).await);
    }
    dump
}

#[tokio::test]
async fn a_fresh_database_is_empty_again() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let entries = session.number("SELECT count(*) FROM crm.ledger").await;
    let result = undo(&mut session, 1).await;
    // 16 customers and the placeholder.
    assert_eq!(result["customers_removed"], 17, "{result:#}");
    assert_eq!(result["interactions_removed"], 67, "{result:#}");
    assert_eq!(result["products_removed"], 24, "{result:#}");
    assert_eq!(result["values_restored"], 0, "{result:#}");
    assert_eq!(result["file_name"], "interactions.xlsx");
    let nothing: Dump = vec![Vec::new(); 4];
    assert_eq!(dump(&mut session).await, nothing);
    // What was decided stays decided.
    assert_eq!(
        session.number("SELECT count(*) FROM crm.ledger").await,
        entries
    );
    assert_eq!(
        session
            .rows("SELECT undone_at IS NOT NULL, undone_by = current_user FROM crm.imports")
            .await,
        table(&[["t", "t"]])
    );
}

#[tokio::test]
async fn inherited_rows_are_as_they_were() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    inherit(&mut session).await;
    let before = dump(&mut session).await;
    let interactions = import(
        &mut session,
        "interactions.csv",
        &[
            INTERACTIONS,
            // Known by its day: the row keeps its time, and learns another.
            "2020-01-13 09:00,Email,1,Drug Efficacy,Positive,called,North",
            // Known by its time.
            "2020-01-14 10:00,Call,1,Dosage,,,",
            "2020-01-14 10:00,Call,1,,Neutral,,South",
            "2020-01-15 11:00,,2,,Negative,,",
            // New, with a new customer.
            "2020-01-16 09:00,Boat,\"3, 4\",Safety,,,",
        ],
    )
    .await;
    assert_eq!(interactions["interactions_enriched"], 3, "{interactions:#}");
    assert_eq!(interactions["interactions_added"], 2, "{interactions:#}");
    let between = dump(&mut session).await;
    assert_eq!(
        session
            .number("SELECT count(*) FROM crm.interactions WHERE reported_at IS NOT NULL")
            .await,
        2
    );
    let customers = import(
        &mut session,
        "customers.csv",
        &[
            CUSTOMERS,
            "1,Knight,Red,Theed",
            "2,Florist,Blue,",
            "3,,,Coruscant",
            "4,Mover,Green,",
            "5,,,",
        ],
    )
    .await;
    assert_eq!(customers["customers_updated"], 4, "{customers:#}");
    let products = import(
        &mut session,
        "products.csv",
        &[PRODUCTS, "01-2020,Sand,3", "02-2020,Orange,4"],
    )
    .await;
    assert_eq!(products["products_added"], 1, "{products:#}");

    let undone = undo(&mut session, 3).await;
    assert_eq!(undone["products_removed"], 1, "{undone:#}");
    let undone = undo(&mut session, 2).await;
    assert_eq!(undone["customers_removed"], 1, "{undone:#}");
    // Type and city of 1, both labels of 2, the city of 3, both labels of the placeholder 4.
    assert_eq!(undone["values_restored"], 7, "{undone:#}");
    assert_eq!(dump(&mut session).await, between);
    let undone = undo(&mut session, 1).await;
    assert_eq!(undone["interactions_removed"], 2, "{undone:#}");
    assert_eq!(undone["customers_removed"], 1, "{undone:#}");
    // Four of the first, topic, sentiment and region of the second, the sentiment of the third.
    assert_eq!(undone["values_restored"], 8, "{undone:#}");
    assert_eq!(dump(&mut session).await, before);
}

#[tokio::test]
async fn only_the_second_import_is_taken_back() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "one.csv",
        &[
            INTERACTIONS,
            "2020-01-13 09:00,Email,1,Drug Efficacy,,,North",
            "2020-01-14 09:00,Call,2,,,,",
        ],
    )
    .await;
    import(&mut session, "two.csv", &[CUSTOMERS, "1,,Red,"]).await;
    let before = dump(&mut session).await;
    let workbook = fixture::workbook(&[
        (
            "Customers",
            &[
                &["Customer Id", "Occupation", "Type", "City"],
                &["1", "Jedi", "Blue", "Theed"],
                &["2", "Baker", "", ""],
                &["3", "Vet", "Red", "Rome"],
            ],
        ),
        (
            "Interactions",
            &[
                &[
                    "Date Start",
                    "Interaction",
                    "Customers",
                    "Topic",
                    "Sentiment",
                    "Region",
                    "Owner",
                ],
                &[
                    "2020-01-13 09:00",
                    "email",
                    "1",
                    "Dosage",
                    "Positive",
                    "South",
                    "Ann",
                ],
                &["2020-01-14 09:00", "Call", "2", "Safety", "", "", ""],
                &["2020-01-15 09:00", "Bird", "2; 4", "Safety", "", "", ""],
            ],
        ),
        ("Products", &[&["Date", "Product"], &["01-2020", "Sand"]]),
    ]);
    let third = session
        .import_workbook(&workbook, "three.xlsx")
        .await
        .unwrap();
    assert_eq!(third["conflicts"], 3, "{third:#}");
    assert_ne!(dump(&mut session).await, before);
    let undone = undo(&mut session, 3).await;
    assert_eq!(
        [
            &undone["customers_removed"],
            &undone["interactions_removed"],
            &undone["products_removed"]
        ],
        [2, 2, 1],
        "{undone:#}"
    );
    assert_eq!(dump(&mut session).await, before);
}

#[tokio::test]
async fn what_an_import_filled_in_its_own_rows_is_no_obstacle() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let before = dump(&mut session).await;
    import(
        &mut session,
        "one.csv",
        &[
            INTERACTIONS,
            "2020-01-13 09:00,Email,1,,Positive,,",
            "2020-01-13 09:00,Email,1,Dosage,Negative,,North",
            "2020-01-13 09:00,Email,1,Dosage,,,",
        ],
    )
    .await;
    let undone = undo(&mut session, 1).await;
    assert_eq!(undone["values_restored"], 0, "{undone:#}");
    assert_eq!(dump(&mut session).await, before);
}

#[tokio::test]
async fn an_undone_file_may_come_again() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let before = contents(&mut session).await;
    let entries = session.number("SELECT count(*) FROM crm.ledger").await;
    undo(&mut session, 1).await;
    let again = session
        .import_workbook(&fixture::sample_workbook(), "interactions.xlsx")
        .await
        .unwrap();
    assert_eq!(again["status"], "imported", "{again:#}");
    assert_eq!(again["import_id"], 2, "{again:#}");
    assert_eq!(contents(&mut session).await, before);
    assert_eq!(
        session.number("SELECT count(*) FROM crm.ledger").await,
        2 * entries
    );
    let third = session
        .import_workbook(&fixture::sample_workbook(), "interactions.xlsx")
        .await
        .unwrap();
    assert_eq!(third["status"], "unchanged");
    assert_eq!(third["import_id"], 2);
}

#[tokio::test]
async fn statistics_forget_an_undone_import() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "one.csv",
        &[INTERACTIONS, "2020-01-13 09:00,Email,1,Drug Efficacy,,,"],
    )
    .await;
    let quality = "SELECT rapport.customer_data_quality(1)";
    let all = "SELECT rapport.interactions_per_product_report() -> 'data_quality'";
    let clean = serde_json::json!({"interactions": 1, "repaired": 0, "conflicts": 0});
    assert_eq!(session.json(quality).await, clean);
    import(
        &mut session,
        "two.csv",
        &[INTERACTIONS, "2020-01-13 09:00,email,1, Dosage,,,"],
    )
    .await;
    // What was repaired in a row that only contradicts is not what the stored one rests on.
    let dirty = serde_json::json!({"interactions": 1, "repaired": 0, "conflicts": 1});
    assert_eq!(session.json(quality).await, dirty);
    assert_eq!(session.json(all).await, dirty);
    assert!(
        session
            .number("SELECT count(*) FROM bi.data_quality WHERE import_id = 2")
            .await
            > 0
    );

    undo(&mut session, 2).await;
    assert_eq!(session.json(quality).await, clean);
    assert_eq!(session.json(all).await, clean);
    assert_eq!(
        session
            .number("SELECT count(*) FROM bi.data_quality WHERE import_id = 2")
            .await,
        0
    );
    assert_eq!(
        session
            .number("SELECT count(*) FROM rapport.quality_report() WHERE import_id = 2")
            .await,
        0
    );
    // Asked by its number, its report is still there.
    assert_eq!(
        session
            .number("SELECT sum(entries) FROM rapport.quality_report(2) WHERE action = 'conflict'")
            .await,
        1
    );
    let listed = session.json("SELECT rapport.list_imports()").await;
    assert!(listed["imports"][0]["undone_at"].is_string(), "{listed:#}");
    assert!(listed["imports"][1]["undone_at"].is_null(), "{listed:#}");
    undo(&mut session, 1).await;
    assert_eq!(
        session
            .number("SELECT count(*) FROM bi.monthly_activity")
            .await,
        0
    );
    assert_eq!(
        session
            .number("SELECT count(*) FROM bi.customer_overview")
            .await,
        0
    );
}

#[tokio::test]
async fn a_spelling_that_a_later_import_uses_stays() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "one.csv",
        &[INTERACTIONS, "2020-01-13 09:00,Bird,1,Drug Efficacy,,,"],
    )
    .await;
    import(
        &mut session,
        "two.csv",
        &[INTERACTIONS, "2020-01-13 09:00,Boat,2,DRUG EFFICACY,,,"],
    )
    .await;
    undo(&mut session, 1).await;
    assert_eq!(
        session
            .rows("SELECT kind, label FROM crm.labels ORDER BY 1")
            .await,
        table(&[["channel", "Boat"], ["topic", "Drug Efficacy"]])
    );
    undo(&mut session, 2).await;
    assert_eq!(session.number("SELECT count(*) FROM crm.labels").await, 0);
}

#[tokio::test]
async fn the_style_of_dates_of_a_session_does_not_matter() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    inherit(&mut session).await;
    let before = dump(&mut session).await;
    session.execute("SET DateStyle = 'German'").await;
    import(
        &mut session,
        "one.csv",
        &[INTERACTIONS, "2020-01-13 09:00,Email,1,Drug Efficacy,,,"],
    )
    .await;
    assert_eq!(
        session
            .rows("SELECT before, after FROM crm.ledger WHERE action = 'conflict'")
            .await,
        table(&[["2020-01-13 09:00:00", "2020-01-13 00:00:00"]])
    );
    session.execute("SET DateStyle = 'SQL, MDY'").await;
    undo(&mut session, 1).await;
    session.execute("RESET DateStyle").await;
    assert_eq!(dump(&mut session).await, before);
}

#[tokio::test]
async fn administrators_undo_and_nobody_else() {
    let database = Database::with_sample().await;
    for role in [
        "rapport_importer",
        "rapport_analyst",
        "rapport_api",
        "rapport_bi",
    ] {
        let mut session = database.session_as(role).await;
        let fault = session.fault("SELECT * FROM rapport.undo_import(1)").await;
        assert_eq!(fault.code, "42501", "{role}: {fault:?}");
    }
    let mut admin = database.session_as("rapport_admin").await;
    let result = undo(&mut admin, 1).await;
    assert_eq!(result["interactions_removed"], 67);
    assert_eq!(
        database
            .session()
            .await
            .value("SELECT undone_by FROM crm.imports")
            .await
            .as_deref(),
        Some("rapport_admin")
    );
    // Enriched rows of others are put back by an administrator, too.
    let database = Database::fresh().await;
    let mut owner = database.session().await;
    inherit(&mut owner).await;
    let before = dump(&mut owner).await;
    import(
        &mut owner,
        "one.csv",
        &[CUSTOMERS, "1,,Red,Theed", "2,Vet,Red,"],
    )
    .await;
    import(
        &mut owner,
        "two.csv",
        &[
            INTERACTIONS,
            "2020-01-13 09:00,Email,1,Drug Efficacy,,,North",
        ],
    )
    .await;
    let mut admin = database.session_as("rapport_admin").await;
    undo(&mut admin, 2).await;
    undo(&mut admin, 1).await;
    assert_eq!(dump(&mut owner).await, before);
}
