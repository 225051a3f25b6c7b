//! Rows from a query, a table or a view instead of a file.

use rapport_tests::database::table;
use rapport_tests::{Database, Session};
use serde_json::Value;

const EVERYTHING: &str =
    "SELECT customer_id, occurred_at, channel, topic, sentiment FROM crm.interactions
                          ORDER BY occurred_at, customer_id";

async fn import(session: &mut Session, query: &str, name: &str) -> Value {
    session
        .import_query(query, name)
        .await
        .unwrap_or_else(|fault| panic!("{query}: {fault:?}"))
}

/// The names of temporary tables that a session still has.
async fn temporary(session: &mut Session) -> Vec<Vec<Option<String>>> {
    session
        .rows("SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r' ORDER BY 1")
        .await
}

#[tokio::test]
async fn text_columns_are_cleaned_like_the_cells_of_a_file() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let query = "SELECT * FROM (VALUES
            ('13/01/2020 09:00', 'email', '1, 4', 'Drug  Efficacy', 'Positive', 'North'),
            ('04/10/2019 10:00', 'Call', 'nobody', '', NULL, NULL),
            ('04/10/2019 10:00', 'Call', '12in', '', NULL, ' ')
        ) AS v (\"Date Start\", \"INTERACTION\", customers, \"Topic\", \"Sentiment\", \"Sales Region\")";
    let result = import(&mut session, query, "by hand").await;
    assert_eq!(
        ["rows_read", "records", "loaded", "rejected"].map(|name| result[name].clone()),
        [3, 4, 3, 1],
        "{result:#}"
    );
    assert_eq!(result["file_name"], "by hand");
    assert_eq!(result["date_order"], "DMY");
    assert!(
        result["encoding"].is_null() && result["delimiter"].is_null(),
        "{result:#}"
    );
    assert_eq!(
        session.rows(EVERYTHING).await,
        table(&[
            ["12", "2019-10-04 10:00:00", "Call", "NULL", "NULL"],
            [
                "1",
                "2020-01-13 09:00:00",
                "Email",
                "Drug Efficacy",
                "Positive"
            ],
            [
                "4",
                "2020-01-13 09:00:00",
                "Email",
                "Drug Efficacy",
                "Positive"
            ],
        ])
    );
    assert_eq!(
        session
            .rows(
                "SELECT DISTINCT extra, source_sheet, source_row FROM crm.interactions ORDER BY 3"
            )
            .await,
        table(&[
            [r#"{"Sales Region": "North"}"#, "by hand", "1"],
            ["NULL", "by hand", "3"]
        ])
    );
    // Rows of a query count from 1, as there is no header above them.
    assert_eq!(
        session
            .rows(
                "SELECT row_number, column_name, rule, before, after FROM crm.ledger
                 WHERE action IN ('repaired', 'split', 'rejected') ORDER BY row_number, field"
            )
            .await,
        table(&[
            ["1", "INTERACTION", "standard_spelling", "email", "Email"],
            ["1", "customers", "several_customers_split", "1, 4", "1, 4"],
            [
                "1",
                "Topic",
                "white_space_folded",
                "Drug  Efficacy",
                "Drug Efficacy"
            ],
            ["2", "customers", "customer_unreadable", "nobody", "NULL"],
            ["3", "customers", "stray_text_removed", "12in", "12"],
        ])
    );
    assert_eq!(
        session
            .rows("SELECT file_format, content_bytes > 0 FROM crm.imports")
            .await,
        table(&[["query", "t"]])
    );
    assert_eq!(temporary(&mut session).await, table::<1>(&[]));
}

#[tokio::test]
async fn typed_columns_need_no_repair() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    session.execute("SET TimeZone = 'Asia/Tokyo'").await;
    for (number, query) in [
        "SELECT timestamp '2020-01-13 09:00' AS date_start, 'Email' AS interaction, 1 AS customers",
        // Noon in Tokyo.
        "SELECT timestamptz '2020-01-14 03:00+00' AS date_start, 'Email' AS interaction, 2::bigint AS customers",
        "SELECT date '2020-01-15' AS date_start, 'Email'::varchar(9) AS interaction, 3::numeric AS customers",
        "SELECT timestamp '2020-01-16 09:00:01.25' AS date_start, 'Email'::name AS interaction, 4::smallint AS customers",
    ]
    .into_iter()
    .enumerate()
    {
        let result = import(&mut session, query, &format!("query {number}")).await;
        assert_eq!([&result["loaded"], &result["repaired"]], [1, 0], "{query}: {result:#}");
    }
    assert_eq!(
        session
            .rows("SELECT customer_id, occurred_at FROM crm.interactions ORDER BY 1")
            .await,
        table(&[
            ["1", "2020-01-13 09:00:00"],
            ["2", "2020-01-14 12:00:00"],
            ["3", "2020-01-15 00:00:00"],
            ["4", "2020-01-16 09:00:01.25"],
        ])
    );
    assert_eq!(
        session
            .number("SELECT count(*) FROM crm.ledger WHERE rule LIKE 'date_order%'")
            .await,
        0
    );
    import(
        &mut session,
        "SELECT 5 AS id, 'Jedi' AS occupation, true AS type, 1.50 AS rate",
        "customers",
    )
    .await;
    assert_eq!(
        session
            .rows(
                "SELECT occupation, customer_type, extra FROM crm.customers WHERE customer_id = 5"
            )
            .await,
        table(&[["Jedi", "true", r#"{"rate": "1.50"}"#]])
    );
    import(
        &mut session,
        "SELECT date '2020-03-17' AS month, 'Sand' AS product",
        "products",
    )
    .await;
    assert_eq!(
        session
            .rows("SELECT month, product FROM crm.products")
            .await,
        table(&[["2020-03-01", "Sand"]])
    );
}

#[tokio::test]
async fn typed_dates_do_not_depend_on_the_style_of_the_session() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    // The tenth of April, which this style writes as 04/10/2019.
    session.execute("SET DateStyle = 'SQL, MDY'").await;
    let query =
        "SELECT timestamp '2019-04-10 09:00' AS date_start, 'Email' AS interaction, 1 AS customers";
    import(&mut session, query, "one").await;
    session.execute("RESET DateStyle").await;
    assert_eq!(
        session
            .rows("SELECT occurred_at FROM crm.interactions")
            .await,
        table(&[["2019-04-10 09:00:00"]])
    );
    // The same rows in another style are the same rows.
    let again = import(&mut session, query, "one").await;
    assert_eq!(again["status"], "unchanged", "{again:#}");
    for (number, style) in ["German", "Postgres, DMY", "SQL, DMY"]
        .into_iter()
        .enumerate()
    {
        session.execute(&format!("SET DateStyle = '{style}'")).await;
        let query = format!(
            "SELECT timestamp '2019-04-1{number} 09:00' AS date_start, 'Email' AS interaction, 2 AS customers"
        );
        let result = import(&mut session, &query, style).await;
        assert_eq!(
            [&result["loaded"], &result["rejected"]],
            [1, 0],
            "{style}: {result:#}"
        );
    }
    session.execute("RESET DateStyle").await;
    assert_eq!(
        session
            .rows("SELECT occurred_at FROM crm.interactions WHERE customer_id = 2 ORDER BY 1")
            .await,
        table(&[
            ["2019-04-10 09:00:00"],
            ["2019-04-11 09:00:00"],
            ["2019-04-12 09:00:00"]
        ])
    );
}

#[tokio::test]
async fn the_form_of_a_query_does_not_matter() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let rows = |day: &str| {
        format!(
            "SELECT '2020-01-{day} 09:00' AS \"Date Start\", 'Email' AS channel, '1' AS customer"
        )
    };
    for (day, query) in [
        ("11", format!("{};", rows("11"))),
        ("12", format!("{} ; \n", rows("12"))),
        ("13", format!("{} -- all of them", rows("13"))),
        (
            "14",
            format!("-- what I need\n{} /* and no more */", rows("14")),
        ),
        ("15", format!("WITH q AS ({}) SELECT * FROM q", rows("15"))),
        ("16", "VALUES ('2020-01-16 09:00', 'Email', '1')".to_owned()),
        ("17", format!("TABLE pg_temp.staged_{}", 17)),
    ] {
        session
            .execute(&format!(
                "CREATE TEMPORARY TABLE staged_{day} AS {}",
                rows(day)
            ))
            .await;
        if day == "16" {
            // Its columns are called column1 to column3.
            let fault = session.import_query(&query, "values").await.unwrap_err();
            assert_eq!(fault.code, "22023", "{fault:?}");
            continue;
        }
        let result = import(&mut session, &query, day).await;
        assert_eq!(result["loaded"], 1, "{query}: {result:#}");
    }
    assert_eq!(
        session
            .number("SELECT count(*) FROM crm.interactions")
            .await,
        6
    );
}

#[tokio::test]
async fn what_is_no_query_of_rows_is_refused_and_leaves_nothing() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let good =
        "SELECT '2020-01-13 09:00' AS \"Date Start\", 'Email' AS interaction, '1' AS customers";
    for (query, codes) in [
        (format!("{good}; {good}"), &["42601"][..]),
        (
            "SELECT 1 / 0 AS \"Customer Id\", 'x' AS occupation, 'y' AS type".to_owned(),
            &["22012"],
        ),
        ("SELECT 1 AS a, 2 AS b".to_owned(), &["22023"]),
        ("SELECT 'x' AS product".to_owned(), &["22023"]),
        (
            "SELECT 1 AS id, 'x' AS occupation, 'y' AS occupation".to_owned(),
            &["42701"],
        ),
        ("SELECT FROM crm.customers".to_owned(), &["22023"]),
        ("SELECT * FROM nowhere".to_owned(), &["42P01"]),
        (
            "INSERT INTO crm.customers (customer_id) VALUES (1) RETURNING *".to_owned(),
            &["42601"],
        ),
        ("DROP TABLE crm.ledger".to_owned(), &["42601"]),
        (String::new(), &["42601"]),
        (";".to_owned(), &["42601"]),
        ("COMMIT".to_owned(), &["42601"]),
    ] {
        let fault = match session.import_query(&query, "bad").await {
            Ok(result) => panic!("{query}: {result:#}"),
            Err(fault) => fault,
        };
        assert!(codes.contains(&fault.code.as_str()), "{query}: {fault:?}");
    }
    for arguments in ["NULL, 'x'", "'SELECT 1', NULL"] {
        let fault = session
            .fault(&format!("SELECT * FROM rapport.import_query({arguments})"))
            .await;
        assert_eq!(fault.code, "22004", "{arguments}: {fault:?}");
    }
    // The columns that are missing are named.
    let fault = session
        .import_query("SELECT 1 AS customers, 'x' AS interaction", "bad")
        .await
        .unwrap_err();
    assert!(fault.detail.contains("Date Start"), "{fault:?}");
    assert_eq!(session.number("SELECT count(*) FROM crm.imports").await, 0);
    assert_eq!(temporary(&mut session).await, table::<1>(&[]));
    import(&mut session, good, "good").await;
}

#[tokio::test]
async fn nothing_but_the_rows_of_the_query_is_run() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let query = "SELECT '2020-01-13 09:00' AS \"Date Start\", 'Email' AS interaction, '1' AS customers) AS q;
                 DELETE FROM crm.products; SELECT * FROM (SELECT 1";
    let fault = session.import_query(query, "bad").await;
    assert_eq!(
        session.number("SELECT count(*) FROM crm.products").await,
        24,
        "{fault:?}"
    );
    assert!(fault.is_err(), "{fault:?}");
}

#[tokio::test]
async fn an_empty_answer_is_an_import_of_nothing() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    let query = "SELECT 1 AS id, 'x' AS occupation, 'y' AS type WHERE false";
    let result = import(&mut session, query, "nothing").await;
    assert_eq!(result["status"], "imported");
    assert_eq!(
        [&result["rows_read"], &result["records"]],
        [0, 0],
        "{result:#}"
    );
    assert!(
        result["message"].as_str().unwrap().contains("no rows"),
        "{result:#}"
    );
}

#[tokio::test]
async fn the_same_rows_again_change_nothing() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    session
        .execute(
            "CREATE TABLE public.source (\"Date Start\" text, \"Interaction\" text, \"Customers\" text);
             INSERT INTO public.source VALUES ('2020-01-13 09:00', 'Email', '1'), ('2020-01-14 09:00', 'Email', '2');",
        )
        .await;
    let query = "SELECT * FROM public.source ORDER BY 1";
    let first = import(&mut session, query, "source").await;
    let again = import(&mut session, &format!("{query} -- again"), "another name").await;
    assert_eq!(again["status"], "unchanged", "{again:#}");
    assert_eq!(again["import_id"], first["import_id"]);
    assert_eq!(again["loaded"], 0);
    session
        .execute("INSERT INTO public.source VALUES ('2020-01-15 09:00', 'Email', '2')")
        .await;
    let third = import(&mut session, query, "source").await;
    assert_eq!(
        [&third["loaded"], &third["duplicates"]],
        [1, 2],
        "{third:#}"
    );
    assert_eq!(temporary(&mut session).await, table::<1>(&[]));
}

#[tokio::test]
async fn tables_views_and_staging_tables_are_imported_by_name() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    session
        .execute(
            "CREATE SCHEMA \"Old CRM\";
             CREATE TABLE \"Old CRM\".\"Contact Log\" (kind text, at timestamp, who text, what text);
             INSERT INTO \"Old CRM\".\"Contact Log\" VALUES ('Email', '2020-01-13 09:00', '1', 'Dosage'), ('Call', '2020-01-14 09:00', '2;3', NULL);
             CREATE VIEW \"Old CRM\".\"Contacts\" AS
                 SELECT at AS \"Date Start\", kind AS \"Interaction\", who AS \"Customers\", what AS \"Topic\" FROM \"Old CRM\".\"Contact Log\";",
        )
        .await;
    let result = session
        .json("SELECT to_jsonb(r) FROM rapport.import_table('\"Old CRM\".\"Contacts\"') AS r")
        .await;
    assert_eq!(
        [&result["rows_read"], &result["loaded"]],
        [2, 3],
        "{result:#}"
    );
    assert_eq!(result["file_name"], "\"Old CRM\".\"Contacts\"");

    // As \copy fills it: a table of text.
    session
        .execute(
            "CREATE TEMPORARY TABLE staging (\"Customer Id\" text, \"Occupation\" text, \"Type\" text);
             INSERT INTO staging VALUES ('1', ' Jedi', 'Red'), ('n/a', 'Sith', 'Red');",
        )
        .await;
    let result = session
        .json("SELECT to_jsonb(r) FROM rapport.import_table('staging') AS r")
        .await;
    assert_eq!(
        [&result["merged"], &result["rejected"], &result["repaired"]],
        [1, 1, 1],
        "{result:#}"
    );
    assert_eq!(
        session
            .value("SELECT occupation FROM crm.customers WHERE customer_id = 1")
            .await
            .as_deref(),
        Some("Jedi")
    );
    assert_eq!(temporary(&mut session).await, table(&[["staging"]]));
    assert_eq!(
        session
            .fault("SELECT * FROM rapport.import_table('crm.interactions_identity')")
            .await
            .code,
        "42809"
    );
    assert_eq!(
        session
            .fault("SELECT * FROM rapport.import_table(NULL)")
            .await
            .code,
        "22004"
    );
}

#[tokio::test]
async fn importers_use_their_own_search_path_and_rights() {
    let database = Database::fresh().await;
    let mut owner = database.session().await;
    owner
        .execute(
            "CREATE SCHEMA sources;
             GRANT USAGE ON SCHEMA sources TO rapport_importer;
             CREATE TABLE sources.contacts AS
                 SELECT '2020-01-13 09:00' AS \"Date Start\", 'Email' AS \"Interaction\", '1' AS \"Customers\";
             GRANT SELECT ON sources.contacts TO rapport_importer;
             CREATE TABLE sources.secret AS TABLE sources.contacts;
             -- Names that would be taken for those of pg_catalog by a careless function.
             CREATE FUNCTION sources.format(text, text) RETURNS text LANGUAGE sql AS 'SELECT ''SELECT 1/0''';
             CREATE FUNCTION sources.rtrim(text, text) RETURNS text LANGUAGE sql AS 'SELECT ''SELECT 1/0''';",
        )
        .await;
    let mut session = database.session_as("rapport_importer").await;
    session
        .execute("SET search_path = sources, pg_catalog")
        .await;
    let result = import(&mut session, "SELECT * FROM contacts", "contacts").await;
    assert_eq!(result["loaded"], 1, "{result:#}");
    assert_eq!(
        session
            .value("SELECT status FROM rapport.import_table('contacts')")
            .await
            .as_deref(),
        Some("unchanged")
    );
    let preview = session
        .rows("SELECT header FROM rapport.preview_query('SELECT * FROM contacts', 'contacts') WHERE field = 'customer_id' AND rule = 'header_mapped'")
        .await;
    assert_eq!(preview, table(&[["Customers"]]));
    assert_eq!(
        session
            .import_query("SELECT * FROM secret", "secret")
            .await
            .unwrap_err()
            .code,
        "42501"
    );
    assert_eq!(
        session
            .import_query("TABLE pg_authid", "secret")
            .await
            .unwrap_err()
            .code,
        "42501"
    );
    assert_eq!(
        session.value("SHOW search_path").await.as_deref(),
        Some("sources, pg_catalog")
    );
    let mut analyst = database.session_as("rapport_analyst").await;
    assert_eq!(
        analyst
            .fault("SELECT * FROM rapport.import_query('SELECT 1')")
            .await
            .code,
        "42501"
    );
}
