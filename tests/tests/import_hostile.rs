//! Files that nobody should send: each is refused with a sentence, stores nothing, and the server
//! goes on as if nothing had happened.

use rapport_tests::fixture::{self, CUSTOMERS, INTERACTIONS, PRODUCTS};
use rapport_tests::{Database, Fault, Session, database::table};

/// SQLSTATEs of the classes that blame the file, never this program.
fn blames_the_file(fault: &Fault) -> bool {
    fault.code.starts_with("22") || fault.code == "54000"
}

async fn refused(session: &mut Session, content: &[u8]) -> Fault {
    let fault = session
        .import_workbook(content, "hostile.xlsx")
        .await
        .unwrap_err();
    assert!(blames_the_file(&fault), "{fault:?}");
    assert_eq!(
        session
            .number(
                "SELECT (SELECT count(*) FROM crm.imports) + (SELECT count(*) FROM crm.ledger)
                      + (SELECT count(*) FROM crm.customers) + (SELECT count(*) FROM crm.interactions)"
            )
            .await,
        0,
        "a refused file left something"
    );
    fault
}

#[tokio::test]
async fn what_is_not_a_workbook_is_refused() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice();
    let other_zip = {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        archive
            .start_file("a.txt", zip::write::SimpleFileOptions::default())
            .unwrap();
        archive.finish().unwrap().into_inner()
    };
    for content in [
        b"".as_slice(),
        b"x",
        b"Customer Id,Occupation\r\n1,Jedi\r\n",
        png,
        &other_zip,
    ] {
        let fault = refused(&mut session, content).await;
        assert!(
            fault.text().contains("workbook") || fault.text().contains("xlsx"),
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn a_truncated_workbook_is_refused() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let content = fixture::sample_workbook();
    for part in [4, content.len() / 4, content.len() / 2, content.len() - 30] {
        refused(&mut session, &content[..part]).await;
    }
}

#[tokio::test]
async fn a_workbook_with_a_damaged_sheet_is_refused() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let whole = fixture::sample_workbook();
    // Every 97th byte is turned over, one at a time: some hits are harmless, none may be a fault of ours.
    for position in (0..whole.len()).step_by(97) {
        let mut content = whole.clone();
        content[position] ^= 0xff;
        session.execute("BEGIN").await;
        if let Err(fault) = session.import_workbook(&content, "damaged.xlsx").await {
            assert!(blames_the_file(&fault), "byte {position}: {fault:?}");
        }
        session.execute("ROLLBACK").await;
    }
}

#[tokio::test]
async fn a_missing_sheet_is_named_with_what_was_found() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let content = fixture::workbook(&[
        ("People", &[CUSTOMERS, &["1", "Jedi", "Red"]]),
        ("Log", &[INTERACTIONS]),
    ]);
    let text = refused(&mut session, &content).await.text();
    for part in ["product", "people", "log"] {
        assert!(text.contains(part), "\"{part}\" is not in: {text}");
    }
}

#[tokio::test]
async fn a_missing_column_is_named_with_what_was_found() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let content = fixture::workbook(&[
        ("Customers", &[CUSTOMERS]),
        (
            "Interactions",
            &[&["Date Start", "Interaction", "Whom", "Topic", "Sentiment"]],
        ),
        ("Products", &[PRODUCTS]),
    ]);
    let text = refused(&mut session, &content).await.text();
    for part in ["customers", "interactions", "whom"] {
        assert!(text.contains(part), "\"{part}\" is not in: {text}");
    }
}

#[tokio::test]
async fn an_empty_sheet_lacks_its_columns() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let content = fixture::workbook(&[
        ("Customers", &[CUSTOMERS]),
        ("Interactions", &[INTERACTIONS]),
        ("Products", &[]),
    ]);
    let text = refused(&mut session, &content).await.text();
    assert!(text.contains("product"), "{text}");
}

#[tokio::test]
async fn sheets_with_headers_only_are_an_import_of_nothing() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let content = fixture::workbook_of_interactions(&[]);
    let result = session
        .import_workbook(&content, "empty.xlsx")
        .await
        .unwrap();
    assert_eq!(result["status"], "imported");
    assert_eq!(result["rows_read"], 0);
    assert_eq!(
        session
            .number("SELECT count(*) FROM crm.interactions")
            .await,
        0
    );
}

#[tokio::test]
async fn the_corner_cells_do_not_restart_the_server() {
    let database = Database::fresh().await;
    let mut witness = database.session().await;
    let started = "SELECT pg_postmaster_start_time() || ' ' || pg_backend_pid()";
    let before = witness.value(started).await;
    witness
        .execute("CREATE TEMPORARY TABLE survives (n int)")
        .await;
    for with_headers in [false, true] {
        let content = fixture::corner_cells(with_headers);
        assert!(content.len() < 20_000);
        let fault = refused(&mut database.session().await, &content).await;
        assert!(blames_the_file(&fault), "{fault:?}");
    }
    assert_eq!(witness.value(started).await, before);
    assert_eq!(witness.number("SELECT count(*) FROM survives").await, 0);
}

#[tokio::test]
async fn a_zip_bomb_is_refused_before_it_is_held() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let content = fixture::zip_bomb(256);
    assert!(content.len() < 1 << 20, "{} bytes", content.len());
    let fault = refused(&mut session, &content).await;
    assert_eq!(fault.code, "54000", "{fault:?}");
}

#[tokio::test]
async fn a_file_over_the_limit_is_refused() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    for function in ["import_csv", "import_workbook"] {
        let fault = session
            .fault(&format!(
                "SELECT * FROM rapport.{function}(convert_to(repeat('x', 140 * 1024 * 1024), 'UTF8'), 'large')"
            ))
            .await;
        assert_eq!(fault.code, "54000", "{fault:?}");
        assert!(
            fault.text().contains("128 mib") || fault.text().contains("134217728"),
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn a_customer_id_beyond_every_number_is_rejected_alone() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let content = fixture::csv(&[
        "Customer Id,Occupation,Type",
        "1180591620717411303424,Jedi,Red", // 2^70
        "9223372036854775808,Jedi,Red",    // 2^63
        "0,Jedi,Red",
        "9223372036854775807,Batman,Orange",
    ]);
    let result = session.import_csv(&content, "customers.csv").await.unwrap();
    assert_eq!(result["rejected"], 3);
    assert_eq!(
        session
            .rows("SELECT customer_id, occupation FROM crm.customers")
            .await,
        table(&[["9223372036854775807", "Batman"]])
    );
    assert_eq!(
        session
            .rows("SELECT before FROM crm.ledger WHERE action = 'rejected' ORDER BY row_number")
            .await,
        table(&[["1180591620717411303424"], ["9223372036854775808"], ["0"]])
    );
}

#[tokio::test]
async fn rows_without_their_key_are_rejected_and_the_rest_loads() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let content = fixture::csv(&[
        "Date Start,Interaction,Customers,Topic,Sentiment",
        "13/01/2020 09:00,Email,,Drug Efficacy,Positive",
        ",Email,1,Drug Efficacy,Positive",
        "31/02/2020 09:00,Email,1,Drug Efficacy,Positive",
        "yesterday,Email,1,Drug Efficacy,Positive",
        "14/01/2020 09:00,,1,,",
    ]);
    let result = session
        .import_csv(&content, "interactions.csv")
        .await
        .unwrap();
    assert_eq!(result["rejected"], 4);
    assert_eq!(
        session
            .rows("SELECT customer_id, occurred_at, channel, topic FROM crm.interactions")
            .await,
        table(&[["1", "2020-01-14 09:00:00", "NULL", "NULL"]])
    );
}

#[tokio::test]
async fn a_column_in_two_date_orders_is_refused_with_both_examples() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let content = fixture::workbook_of_interactions(&[
        &[
            "13/01/2020 09:00",
            "Email",
            "1",
            "Drug Efficacy",
            "Positive",
        ],
        &[
            "01/14/2020 09:00",
            "Email",
            "1",
            "Drug Efficacy",
            "Positive",
        ],
    ]);
    let text = refused(&mut session, &content).await.text();
    for part in [
        "13/01/2020 09:00",
        "01/14/2020 09:00",
        "row 2",
        "row 3",
        "date start",
    ] {
        assert!(text.contains(part), "\"{part}\" is not in: {text}");
    }
}

#[tokio::test]
async fn text_that_looks_like_sql_is_only_text() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let attack = "'); DROP TABLE crm.customers; --";
    let line = format!("1,{attack},=cmd|' /C calc'!A0");
    let content = fixture::csv(&["Customer Id,Occupation,Type", &line]);
    session.import_csv(&content, "customers.csv").await.unwrap();
    assert_eq!(
        session
            .value("SELECT occupation FROM crm.customers")
            .await
            .as_deref(),
        Some(attack)
    );
}

#[tokio::test]
async fn a_csv_of_no_known_kind_names_its_headers() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let fault = session
        .import_csv(&fixture::csv(&["Colour,Size", "red,1"]), "other.csv")
        .await
        .unwrap_err();
    assert!(blames_the_file(&fault), "{fault:?}");
    assert!(fault.text().contains("colour"), "{fault:?}");
}

#[tokio::test]
async fn a_file_in_windows_1252_keeps_its_letters() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let mut content = b"Customer Id;Occupation;Type\r\n".to_vec();
    for id in 1..=20 {
        content.extend_from_slice(format!("{id};K").as_bytes());
        content.extend_from_slice(b"\xfcnstlerin f\xfcr M\xf6bel;Gr\xfcn\r\n");
    }
    session.import_csv(&content, "customers.csv").await.unwrap();
    assert_eq!(
        session
            .rows("SELECT DISTINCT occupation, customer_type FROM crm.customers")
            .await,
        table(&[["Künstlerin für Möbel", "Grün"]])
    );
}

#[tokio::test]
async fn two_imports_of_the_same_file_at_once_are_one() {
    let database = Database::fresh().await;
    let (mut first, mut second) = (database.session().await, database.session().await);
    let content = fixture::sample_workbook();
    let (one, two) = tokio::join!(
        first.import_workbook(&content, "a.xlsx"),
        second.import_workbook(&content, "b.xlsx")
    );
    let mut states = [
        one.unwrap()["status"].clone(),
        two.unwrap()["status"].clone(),
    ];
    states.sort_by_key(ToString::to_string);
    assert_eq!(states, ["imported", "unchanged"]);
    assert_eq!(
        first.number("SELECT count(*) FROM crm.interactions").await,
        67
    );
    assert_eq!(first.number("SELECT count(*) FROM crm.imports").await, 1);
}

#[tokio::test]
async fn an_import_that_is_rolled_back_leaves_nothing() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    session.execute("BEGIN").await;
    session
        .import_workbook(&fixture::sample_workbook(), "a.xlsx")
        .await
        .unwrap();
    session.execute("ROLLBACK").await;
    for relation in [
        "crm.customers",
        "crm.interactions",
        "crm.products",
        "crm.imports",
        "crm.ledger",
    ] {
        assert_eq!(
            session
                .number(&format!("SELECT count(*) FROM {relation}"))
                .await,
            0,
            "{relation}"
        );
    }
    let result = session
        .import_workbook(&fixture::sample_workbook(), "a.xlsx")
        .await
        .unwrap();
    assert_eq!(result["status"], "imported");
}
