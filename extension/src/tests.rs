//! Tests inside a server: how arguments arrive, what NULL does, and which SQLSTATE a refusal has.

#[pgrx::pg_schema]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use pgrx::{Spi, pg_test};

    /// Runs a statement that must fail, and returns `sqlstate|message|detail|hint`.
    fn refusal(statement: &str) -> String {
        let quoted = statement.replace('\'', "''");
        Spi::run(
        "CREATE OR REPLACE FUNCTION pg_temp.refusal(statement text) RETURNS text LANGUAGE plpgsql AS $$
         DECLARE code text; message text; detail text; hint text;
         BEGIN
             EXECUTE statement;
             RETURN 'no error';
         EXCEPTION WHEN OTHERS THEN
             GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
                 detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
             RETURN concat_ws('|', code, message, detail, hint);
         END $$",
    )
    .unwrap();
        Spi::get_one(&format!("SELECT pg_temp.refusal('{quoted}')"))
            .unwrap()
            .unwrap()
    }

    fn text(expression: &str) -> Option<String> {
        Spi::get_one(&format!("SELECT ({expression})::text")).unwrap()
    }

    #[pg_test]
    fn version_is_the_one_of_the_extension() {
        let catalog: Option<String> =
            Spi::get_one("SELECT extversion FROM pg_extension WHERE extname = 'rapport'").unwrap();
        assert_eq!(text("rapport.version()"), catalog);
    }

    #[pg_test]
    fn cleaners_answer_null_to_null() {
        for call in [
            "clean_label(NULL)",
            "clean_channel(NULL)",
            "clean_sentiment(NULL)",
            "clean_customer_id(NULL)",
            "clean_timestamp(NULL)",
            "clean_timestamp('04/10/2019', NULL)",
            "clean_month(NULL)",
        ] {
            assert_eq!(text(&format!("rapport.{call}")), None, "{call}");
        }
    }

    #[pg_test]
    fn labels_are_cleaned() {
        assert_eq!(
            text(r"rapport.clean_label(E'  Drug \u00A0 Efficacy\t')").as_deref(),
            Some("Drug Efficacy")
        );
        assert_eq!(
            text("rapport.clean_label('Dr\u{c3}\u{a4}ger')").as_deref(),
            Some("Dr\u{e4}ger")
        );
        assert_eq!(text("rapport.clean_label('   ')"), None);
        assert_eq!(
            text("rapport.clean_channel(' EMAIL ')").as_deref(),
            Some("Email")
        );
        assert_eq!(
            text("rapport.clean_sentiment('negative')").as_deref(),
            Some("Negative")
        );
    }

    #[pg_test]
    fn customer_ids_are_read_or_refused() {
        assert_eq!(
            text("rapport.clean_customer_id('12in')").as_deref(),
            Some("12")
        );
        for cell in ["", "none", "0", "-3", "1, 4", "1180591620717411303424"] {
            let refusal = refusal(&format!("SELECT rapport.clean_customer_id('{cell}')"));
            assert!(refusal.starts_with("22023|"), "\"{cell}\": {refusal}");
        }
    }

    #[pg_test]
    fn dates_follow_the_order_that_is_asked_for() {
        assert_eq!(
            text("rapport.clean_timestamp('04/10/2019 09:00')").as_deref(),
            Some("2019-10-04 09:00:00")
        );
        assert_eq!(
            text("rapport.clean_timestamp('04/10/2019 09:00', 'MDY')").as_deref(),
            Some("2019-04-10 09:00:00")
        );
        assert_eq!(
            text("rapport.clean_month('01-2019')").as_deref(),
            Some("2019-01-01")
        );
        for call in [
            "clean_timestamp('31/02/2019')",
            "clean_timestamp('04/10/2019', 'YDM')",
            "clean_timestamp('yesterday')",
            "clean_month('13-2019')",
        ] {
            let refusal = refusal(&format!("SELECT rapport.{call}"));
            assert!(refusal.starts_with("22023|"), "{call}: {refusal}");
        }
    }

    #[pg_test]
    fn the_date_order_setting_decides_what_no_cell_proves() {
        let read = r"SELECT occurred_at::text FROM rapport.read_file(convert_to(
        E'Date Start,Interaction,Customers\n04/10/2019 09:00,Email,1\n', 'UTF8'), 'i.csv', 'csv')
        WHERE kind = 'interaction'";
        assert_eq!(
            Spi::get_one::<String>(read).unwrap().as_deref(),
            Some("2019-10-04 09:00:00")
        );
        Spi::run("SET LOCAL rapport.date_order = 'MDY'").unwrap();
        assert_eq!(
            Spi::get_one::<String>(read).unwrap().as_deref(),
            Some("2019-04-10 09:00:00")
        );
        Spi::run("SET LOCAL rapport.date_order = 'sideways'").unwrap();
        assert!(refusal(read).starts_with("22023|"));
    }

    #[pg_test]
    fn a_file_over_the_limit_is_refused_as_too_large() {
        Spi::run("SET rapport.max_file_size = 1").unwrap();
        let refusal = refusal(
            "SELECT count(*) FROM rapport.read_file(convert_to(repeat('x', 1048577), 'UTF8'), 'i.csv', 'csv')",
        );
        assert!(refusal.starts_with("54000|"), "{refusal}");
    }

    #[pg_test]
    fn files_that_are_none_are_refused() {
        for (content, format) in [
            ("''", "xlsx"),
            ("'not a workbook'", "xlsx"),
            ("''", "csv"),
            ("'a,b'", "csv"),
            ("'a'", "pdf"),
        ] {
            let refusal = refusal(&format!(
                "SELECT count(*) FROM rapport.read_file(convert_to({content}, 'UTF8'), 'f', '{format}')"
            ));
            assert!(
                refusal.starts_with("22023|"),
                "{content} as {format}: {refusal}"
            );
        }
    }

    #[pg_test]
    fn ledger_entries_travel_with_their_row() {
        let entries = Spi::get_one::<String>(
        r"SELECT entries #>> '{0,before}' || ' -> ' || customer_id FROM rapport.read_file(convert_to(
        E'Customer Id,Occupation,Type\n12in,Jedi,Red\n', 'UTF8'), 'c.csv', 'csv') WHERE kind = 'customer'",
    )
    .unwrap();
        assert_eq!(entries.as_deref(), Some("12in -> 12"));
    }

    #[pg_test]
    fn the_digest_of_a_file_is_its_sha256() {
        Spi::run("SELECT rapport.upload_content('abc')").unwrap();
        for format in ["csv", "xlsx"] {
            assert_eq!(
                text(&format!(
                    "rapport.source_digest('{format}') = sha256('abc')"
                ))
                .as_deref(),
                Some("true"),
                "{format}"
            );
        }
    }

    #[pg_test]
    fn an_upload_is_read_in_the_order_of_its_parts() {
        Spi::run("SELECT rapport.begin_upload()").unwrap();
        Spi::run(
            r"INSERT INTO pg_temp.rapport_upload VALUES
                (1, convert_to(E'12in,Jedi,Red\n', 'UTF8')),
                (0, convert_to(E'Customer Id,Occupation,Type\n', 'UTF8'))",
        )
        .unwrap();
        assert_eq!(
            text(
                "(SELECT customer_id FROM rapport.read_file(NULL, 'c.csv', 'csv') WHERE kind = 'customer')"
            )
            .as_deref(),
            Some("12")
        );
        assert_eq!(
            text(
                "rapport.source_digest('csv')
                 = sha256(convert_to(E'Customer Id,Occupation,Type\\n12in,Jedi,Red\\n', 'UTF8'))"
            )
            .as_deref(),
            Some("true")
        );
    }

    #[pg_test]
    fn a_staged_query_is_read_as_a_table_with_a_header() {
        Spi::run(
            r#"SELECT rapport.stage_query(
                'SELECT g AS "Customer Id", ''Jedi'' AS occupation, NULL AS type
                 FROM generate_series(1, 2500) AS g', 'jedis')"#,
        )
        .unwrap();
        assert_eq!(
            text(
                "(SELECT concat_ws('|', count(*), min(row_number), max(row_number), sum(customer_id), count(customer_type))
                  FROM rapport.read_file(NULL, 'jedis', 'query') WHERE kind = 'customer')"
            )
            .as_deref(),
            Some("2500|1|2500|3126250|0")
        );
    }

    #[pg_test]
    fn what_the_session_does_not_hold_cannot_be_read() {
        for (content, format, code) in [
            ("NULL", "csv", "42P01|"),
            ("NULL", "xlsx", "42P01|"),
            ("NULL", "query", "42P01|"),
            ("'a'", "query", "22023|"),
        ] {
            let refusal = refusal(&format!(
                "SELECT count(*) FROM rapport.read_file({content}, 'f', '{format}')"
            ));
            assert!(refusal.starts_with(code), "{format}: {refusal}");
        }
    }

    #[pg_test]
    fn a_line_of_csv_is_quoted_and_holds_no_formula() {
        assert_eq!(
            text(r#"rapport.csv_line('a', NULL, 'b, "c"', '=1+1', E'd\ne')"#).as_deref(),
            Some("a,,\"b, \"\"c\"\"\",'=1+1,\"d\ne\"")
        );
        assert_eq!(
            text("rapport.spreadsheet_safe('@SUM(A1)')").as_deref(),
            Some("'@SUM(A1)")
        );
        assert_eq!(text("rapport.spreadsheet_safe(NULL)"), None);
    }

    #[pg_test]
    fn rules_are_listed_once_each() {
        assert_eq!(
            text("(SELECT count(*) - count(DISTINCT rule) FROM rapport.cleaning_rules())")
                .as_deref(),
            Some("0")
        );
        assert_eq!(
            text(
                "(SELECT concat_ws('|', severity, action, may_reject) FROM rapport.cleaning_rules()
                  WHERE rule = 'date_order_assumed')"
            )
            .as_deref(),
            Some("warning|ambiguous|t")
        );
    }

    #[pg_test]
    fn the_session_keeps_its_name_after_reading_a_file() {
        Spi::run("SET application_name = 'analyst'").unwrap();
        Spi::run("SELECT count(*) FROM rapport.read_file(convert_to(E'Date,Product\n', 'UTF8'), 'p.csv', 'csv')").unwrap();
        assert_eq!(
            text("SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()")
                .as_deref(),
            Some("analyst")
        );
    }

    #[pg_test]
    fn a_request_of_the_wrong_shape_is_refused() {
        for request in [
            "{}",
            "[]",
            r#"{"task": "poem", "facts": {"customer_id": 1}, "evidence": []}"#,
        ] {
            let refusal = refusal(&format!("SELECT rapport.generate('{request}', 'mock')"));
            assert!(refusal.starts_with("22023|"), "{request}: {refusal}");
        }
    }

    #[pg_test]
    fn drafts_name_the_sender_and_the_safety_contact_of_the_settings() {
        Spi::run("SET LOCAL rapport.sender = 'Ana Silva'").unwrap();
        Spi::run("SET LOCAL rapport.safety_contact = 'safety@company.example'").unwrap();
        let draft = text(
        r#"rapport.generate('{"task": "email", "facts": {"customer_id": 1, "total_interactions": 1,
            "topics": [{"topic": "Adverse Event Report", "interactions": 1}],
            "sensitive_topics": ["Adverse Event Report"]},
            "evidence": [{"interaction_id": 7, "date": "2020-02-11", "time": "16:10", "channel": "Call",
                "topic": "Adverse Event Report", "sentiment": "Negative", "sensitive": true}]}', 'mock') ->> 'text'"#,
    )
    .unwrap();
        assert!(draft.contains("Ana Silva"), "{draft}");
        assert!(draft.contains("safety@company.example"), "{draft}");
    }

    #[pg_test]
    fn functions_that_need_tables_say_how_to_get_them() {
        for call in [
            "SELECT rapport.summarize_customer(1)",
            "SELECT rapport.generate_content(1)",
            "SELECT * FROM rapport.interactions_per_product()",
            "SELECT * FROM rapport.customer_statistics(1)",
            "SELECT * FROM rapport.quality_report()",
            "SELECT * FROM rapport.import_csv('x')",
            "SELECT rapport.row_count('customers')",
            "SELECT rapport.refresh_stats()",
            "SELECT rapport.import_report(1)",
            "SELECT rapport.import_counts(1)",
            "SELECT rapport.import_summary(1)",
            "SELECT rapport.list_imports()",
            "SELECT rapport.ledger_csv(1)",
            "SELECT * FROM rapport.explain_value('customers', 1, 'occupation')",
            "SELECT * FROM rapport.preview_import('x', 'x.csv', 'csv')",
            "SELECT * FROM rapport.import_query('SELECT 1 AS one')",
            "SELECT * FROM rapport.undo_import(1)",
            "SELECT rapport.customer_data_quality(1)",
        ] {
            let refusal = refusal(call);
            assert!(refusal.starts_with("55000|"), "{call}: {refusal}");
            assert!(refusal.contains("rapport migrate"), "{call}: {refusal}");
        }
    }
}
