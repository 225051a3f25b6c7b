//! A preview tells what an import would do, and does nothing.

use rapport_tests::database::table;
use rapport_tests::{Database, Session, fixture};
use serde_json::{Value, json};

const MESSY: &[&str] = &[
    "Date Start,Interaction,Customers,Topic,Sentiment,Region",
    "13/01/2020 09:00,email,\"1, 4\",Drug  Efficacy,,North",
    "13/01/2020 09:00,Email,1,Dosage,Positive,South",
    "soon,Email,1,,,",
    "13/01/2020 09:00,Email,4,,,",
];

/// Every row that an import could write, in every table.
async fn everything(session: &mut Session) -> Vec<Vec<Vec<Option<String>>>> {
    let tables = session
        .rows(
            "SELECT c.oid::regclass FROM pg_class AS c
             WHERE c.relnamespace IN ('crm'::regnamespace, 'rapport'::regnamespace, 'stats'::regnamespace)
                 AND c.relkind IN ('r', 'p', 'm') ORDER BY 1",
        )
        .await;
    assert!(tables.len() > 8, "{tables:?}");
    let mut found = Vec::new();
    for table in tables {
        let sql = format!(
            "SELECT t::text FROM {} AS t ORDER BY 1",
            table[0].as_ref().unwrap()
        );
        found.push(session.rows(&sql).await);
    }
    found
}

/// The lines of a report without the number of the import.
fn without_number(report: &Value) -> Vec<Value> {
    let mut lines = report.as_array().unwrap().clone();
    for line in &mut lines {
        line["import_id"] = Value::Null;
    }
    lines
}

async fn report(session: &mut Session, import_id: &Value) -> Value {
    session
        .json(&format!(
            "SELECT jsonb_agg(q) FROM rapport.quality_report({import_id}) AS q"
        ))
        .await
}

async fn temporary(session: &mut Session) -> i64 {
    session
        .number("SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r'")
        .await
}

#[tokio::test]
async fn a_preview_reports_what_the_import_then_does() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let before = everything(&mut session).await;
    let content = fixture::csv(MESSY);
    let preview = session.preview(&content, "messy.csv", "csv").await.unwrap();
    assert_eq!(everything(&mut session).await, before);
    assert_eq!(temporary(&mut session).await, 0);
    let lines = preview.as_array().unwrap();
    assert!(
        lines
            .iter()
            .all(|line| line["import_id"].is_null() && line["file_name"] == "messy.csv"),
        "{preview:#}"
    );
    let folded = lines
        .iter()
        .find(|line| line["rule"] == "white_space_folded")
        .unwrap();
    assert_eq!(
        [
            &folded["entries"],
            &folded["rows"],
            &folded["example_cell"],
            &folded["example_before"],
            &folded["example_after"]
        ],
        [
            &json!(1),
            &json!(1),
            &json!("D2"),
            &json!("Drug  Efficacy"),
            &json!("Drug Efficacy")
        ]
    );
    let result = session.import_csv(&content, "messy.csv").await.unwrap();
    assert_eq!(result["status"], "imported");
    assert_eq!(
        without_number(&preview),
        without_number(&report(&mut session, &result["import_id"]).await)
    );
}

#[tokio::test]
async fn a_workbook_is_previewed_too() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let before = everything(&mut session).await;
    let workbook = fixture::sample_workbook();
    let preview = session
        .preview(&workbook, "interactions.xlsx", "xlsx")
        .await
        .unwrap();
    assert_eq!(everything(&mut session).await, before);
    let result = session
        .import_workbook(&workbook, "interactions.xlsx")
        .await
        .unwrap();
    assert_eq!(
        without_number(&preview),
        without_number(&report(&mut session, &result["import_id"]).await)
    );
    // Now it is there: the preview says what was said then, and nothing new is written.
    let before = everything(&mut session).await;
    let again = session
        .preview(&workbook, "copy.xlsx", "xlsx")
        .await
        .unwrap();
    assert_eq!(again, report(&mut session, &result["import_id"]).await);
    assert_eq!(everything(&mut session).await, before);
}

#[tokio::test]
async fn a_query_is_previewed_too() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let before = everything(&mut session).await;
    let query = "SELECT ''13/01/2020 09:00'' AS date_start, ''email'' AS interaction, ''12in'' AS customers";
    let preview = session
        .json(&format!(
            "SELECT jsonb_agg(q) FROM rapport.preview_query('{query}', 'by hand') AS q"
        ))
        .await;
    assert_eq!(everything(&mut session).await, before);
    assert_eq!(temporary(&mut session).await, 0);
    let result = session
        .json(&format!(
            "SELECT to_jsonb(r) FROM rapport.import_query('{query}', 'by hand') AS r"
        ))
        .await;
    assert_eq!(
        without_number(&preview),
        without_number(&report(&mut session, &result["import_id"]).await)
    );
    let rules: Vec<&str> = preview
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["rule"].as_str().unwrap())
        .collect();
    for rule in [
        "stray_text_removed",
        "standard_spelling",
        "date_order_proven",
        "unknown_customer",
    ] {
        assert!(rules.contains(&rule), "{rule}: {rules:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_imported_cannot_be_previewed() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let fault = session
        .preview(b"a,b\n1,2\n", "x.csv", "csv")
        .await
        .unwrap_err();
    assert_eq!(fault.code, "22023", "{fault:?}");
    let fault = session
        .preview(b"Date,Product\n", "x.csv", "ods")
        .await
        .unwrap_err();
    assert_eq!(fault.code, "22023", "{fault:?}");
    for arguments in [
        "NULL, 'x.csv', 'csv'",
        "'x', NULL, 'csv'",
        "'x', 'x.csv', NULL",
    ] {
        let fault = session
            .fault(&format!(
                "SELECT * FROM rapport.preview_import({arguments})"
            ))
            .await;
        assert_eq!(fault.code, "22004", "{arguments}: {fault:?}");
    }
    assert_eq!(temporary(&mut session).await, 0);
}

#[tokio::test]
async fn an_upload_comes_in_parts_of_any_order() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let content = fixture::csv(MESSY);
    // Cut within a row, and within a character of two bytes.
    let content = String::from_utf8(content)
        .unwrap()
        .replace("North", "Zażółć")
        .into_bytes();
    let cut = content
        .windows(2)
        .position(|pair| pair == "ż".as_bytes())
        .unwrap()
        + 1;
    let parts: [(i32, &[u8]); 3] = [
        (2, &content[cut..]),
        (0, &content[..7]),
        (1, &content[7..cut]),
    ];

    session.upload(&parts).await.unwrap();
    let before = everything(&mut session).await;
    let preview = session
        .json("SELECT rapport.preview_upload('messy.csv', 'csv')")
        .await;
    assert_eq!(everything(&mut session).await, before);
    assert_eq!(temporary(&mut session).await, 0);

    session.upload(&parts).await.unwrap();
    let result = session
        .json("SELECT to_jsonb(r) FROM rapport.import_upload('messy.csv', 'csv') AS r")
        .await;
    assert_eq!(temporary(&mut session).await, 0);
    assert_eq!(
        session
            .value(&format!("SELECT encode(content_sha256, 'hex') = encode(sha256('\\x{}'), 'hex') FROM crm.imports", hex(&content)))
            .await
            .as_deref(),
        Some("t")
    );
    assert_eq!(
        session
            .rows("SELECT DISTINCT extra FROM crm.interactions")
            .await,
        table(&[[r#"{"Region": "Zażółć"}"#]])
    );
    assert_eq!(
        without_number(&preview["report"]),
        without_number(&report(&mut session, &result["import_id"]).await)
    );
    // The counts are those of the import, but for its number.
    let mut expected = result.clone();
    expected["import_id"] = Value::Null;
    assert_eq!(preview["result"], expected);
    // The same file as an argument is the same file.
    let again = session.import_csv(&content, "messy.csv").await.unwrap();
    assert_eq!(again["status"], "unchanged");
    session.upload(&parts).await.unwrap();
    let again = session
        .json("SELECT rapport.preview_upload('messy.csv', 'csv')")
        .await;
    assert_eq!(again["result"]["status"], "unchanged", "{again:#}");
    assert_eq!(again["result"]["import_id"], result["import_id"]);
}

fn hex(content: &[u8]) -> String {
    content.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_workbook_is_uploaded_in_parts() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let workbook = fixture::sample_workbook();
    let parts: Vec<(i32, &[u8])> = (0..).zip(workbook.chunks(1000)).collect();
    assert!(parts.len() > 2);
    session.upload(&parts).await.unwrap();
    let result = session
        .json("SELECT to_jsonb(r) FROM rapport.import_upload('interactions.xlsx', 'xlsx') AS r")
        .await;
    assert_eq!(result["interactions_added"], 67, "{result:#}");
}

#[tokio::test]
async fn an_upload_that_is_not_whole_is_refused() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    for function in ["import_upload", "preview_upload"] {
        let call = format!("SELECT rapport.{function}('products.csv', 'csv')");
        let fault = session.fault(&call).await;
        assert_eq!(fault.code, "55000", "{function}: {fault:?}");
        assert!(fault.hint.contains("rapport.begin_upload()"), "{fault:?}");

        let [one, two] = [b"Date,Product\n".as_slice(), b"01-2020,Sand\n"];
        for parts in [&[(1, two)][..], &[(0, one), (2, two)]] {
            session.upload(parts).await.unwrap();
            let fault = session.fault(&call).await;
            assert_eq!(fault.code, "22023", "{function}: {fault:?}");
            assert!(fault.message.contains("incomplete"), "{fault:?}");
        }
        // The part that was missing may still come.
        session
            .execute("INSERT INTO pg_temp.rapport_upload VALUES (1, '\\x0a')")
            .await;
        session.execute(&call).await;
        // Nothing was uploaded at all: an empty file.
        session.upload(&[]).await.unwrap();
        let fault = session.fault(&call).await;
        assert_eq!(fault.code, "22023", "{function}: {fault:?}");
        // Beginning again forgets what was there.
        session.upload(&[(0, one), (1, two)]).await.unwrap();
        session
            .upload(&[(0, b"Date,Product\n02-2020,Orange\n")])
            .await
            .unwrap();
        session.execute(&call).await;
        for arguments in ["NULL, 'csv'", "'x.csv', NULL"] {
            let fault = session
                .fault(&format!("SELECT rapport.{function}({arguments})"))
                .await;
            assert_eq!(fault.code, "22004", "{function}: {fault:?}");
        }
    }
    assert_eq!(
        session
            .rows("SELECT month, product FROM crm.products ORDER BY month")
            .await,
        table(&[["2020-01-01", "Sand"], ["2020-02-01", "Orange"]])
    );
    // Parts are small, numbered from 0, and each once.
    session.execute("SELECT rapport.begin_upload()").await;
    for values in [
        "(-1, 'x')",
        "(0, '')",
        "(0, decode(repeat('00', 1048577), 'hex'))",
    ] {
        let fault = session
            .fault(&format!(
                "INSERT INTO pg_temp.rapport_upload VALUES {values}"
            ))
            .await;
        assert_eq!(fault.code, "23514", "{values}: {fault:?}");
    }
    session
        .execute(
            "INSERT INTO pg_temp.rapport_upload VALUES (0, decode(repeat('00', 1048576), 'hex'))",
        )
        .await;
    assert_eq!(
        session
            .fault("INSERT INTO pg_temp.rapport_upload VALUES (0, 'x')")
            .await
            .code,
        "23505"
    );
}

#[tokio::test]
async fn importers_upload_and_preview_and_analysts_do_not() {
    let database = Database::fresh().await;
    let mut importer = database.session_as("rapport_importer").await;
    let content = b"Date,Product\n01-2020,Sand\n";
    importer
        .preview(content, "products.csv", "csv")
        .await
        .unwrap();
    importer.upload(&[(0, content)]).await.unwrap();
    importer
        .execute("SELECT rapport.preview_upload('products.csv', 'csv')")
        .await;
    importer.upload(&[(0, content)]).await.unwrap();
    importer
        .execute("SELECT rapport.import_upload('products.csv', 'csv')")
        .await;
    let mut analyst = database.session_as("rapport_analyst").await;
    assert_eq!(
        analyst
            .preview(content, "products.csv", "csv")
            .await
            .unwrap_err()
            .code,
        "42501"
    );
    assert_eq!(analyst.upload(&[]).await.unwrap_err().code, "42501");
}
