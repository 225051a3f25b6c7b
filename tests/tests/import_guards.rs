//! What an import does not let happen around it: old snapshots, prepared tables, writing previews,
//! rows of an import that never was.

use rapport_tests::books::import_interactions as import;
use rapport_tests::{Database, database::table};

#[tokio::test]
async fn a_transaction_with_an_old_snapshot_is_refused() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(&mut session, "a.csv", &["13/03/2020 10:00,Call,1,,"]).await;
    for level in ["REPEATABLE READ", "SERIALIZABLE"] {
        for statement in [
            "SELECT rapport.undo_import(1)",
            "SELECT rapport.import_csv(convert_to(E'Date,Product\\n01-2019,Sand\\n', 'UTF8'))",
        ] {
            session
                .execute(&format!("BEGIN ISOLATION LEVEL {level}"))
                .await;
            let fault = session.fault(statement).await;
            session.execute("ROLLBACK").await;
            assert_eq!(fault.code, "25001", "{fault:?}");
            assert!(fault.hint.contains("READ COMMITTED"), "{fault:?}");
        }
    }
    assert_eq!(
        session
            .number("SELECT count(*) FROM crm.interactions")
            .await,
        1
    );
}

#[tokio::test]
async fn a_view_in_the_place_of_an_upload_is_not_read() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    session
        .execute(
            "CREATE TABLE public.trace (who name);
             CREATE FUNCTION public.spy() RETURNS bytea LANGUAGE sql AS
             'INSERT INTO public.trace SELECT current_user; SELECT ''x''::bytea';
             CREATE TEMPORARY VIEW rapport_upload AS SELECT 0 AS part, public.spy() AS content",
        )
        .await;
    for function in ["import_upload", "preview_upload"] {
        let fault = session
            .fault(&format!("SELECT rapport.{function}('a.csv', 'csv')"))
            .await;
        assert_eq!(fault.code, "55000", "{fault:?}");
    }
    assert_eq!(session.number("SELECT count(*) FROM public.trace").await, 0);
}

#[tokio::test]
async fn a_table_of_another_role_in_the_place_of_an_upload_is_not_read() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    session
        .execute(
            "SET ROLE rapport_importer; SELECT rapport.begin_upload();
             INSERT INTO pg_temp.rapport_upload VALUES (0, 'x'); RESET ROLE",
        )
        .await;
    let fault = session
        .fault("SELECT rapport.import_upload('a.csv', 'csv')")
        .await;
    assert_eq!(fault.code, "55000", "{fault:?}");
}

#[tokio::test]
async fn a_previewed_query_writes_nothing_itself() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    session
        .execute(
            "CREATE TABLE public.trace (note text);
             CREATE FUNCTION public.noted() RETURNS text LANGUAGE sql AS
             'INSERT INTO public.trace VALUES (''seen''); SELECT ''01-2019''::text'",
        )
        .await;
    assert_eq!(
        session
            .number(
                "SELECT count(*) FROM rapport.preview_query('SELECT public.noted() AS \"Date\", ''Sand'' AS \"Product\"')
                 WHERE rule = 'header_mapped'"
            )
            .await,
        2
    );
    assert_eq!(session.number("SELECT count(*) FROM public.trace").await, 0);
}

#[tokio::test]
async fn an_inherited_row_is_met_by_one_time_of_its_day_only() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    session
        .execute(
            "INSERT INTO crm.customers (customer_id) VALUES (1);
             INSERT INTO crm.interactions (customer_id, occurred_at, channel) VALUES (1, '2020-03-13', 'Email')",
        )
        .await;
    let later = "13/03/2020 11:00,Email,1,Price,Positive";
    import(&mut session, "a.csv", &["13/03/2020 10:00,Email,1,,"]).await;
    import(&mut session, "b.csv", &[later]).await;
    import(&mut session, "c.csv", &[later, "14/03/2020 09:00,Call,1,,"]).await;
    assert_eq!(
        session
            .rows(
                "SELECT occurred_at, reported_at, topic FROM crm.interactions
                 WHERE occurred_at < '2020-03-14' ORDER BY occurred_at"
            )
            .await,
        table(&[
            ["2020-03-13 00:00:00", "2020-03-13 10:00:00", "NULL"],
            ["2020-03-13 11:00:00", "NULL", "Price"],
        ])
    );
}

#[tokio::test]
async fn very_many_labels_of_a_kind_stop_no_import() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    session
        .execute(
            "INSERT INTO crm.labels (kind, label)
             SELECT 'topic', 'Topic ' || n FROM generate_series(1, 20001) AS n;
             INSERT INTO crm.labels (kind, label) VALUES ('channel', 'BIRD')",
        )
        .await;
    import(&mut session, "a.csv", &["13/03/2020 10:00,Bird,1,topic 7,"]).await;
    assert_eq!(
        session
            .rows("SELECT channel, topic FROM crm.interactions")
            .await,
        table(&[["BIRD", "topic 7"]])
    );
}

#[tokio::test]
async fn interactions_name_imports_that_exist() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(
        &mut session,
        "a.csv",
        &["13/03/2020 10:00,Call,1,,", "14/03/2020 10:00,Call,1,,"],
    )
    .await;
    for statement in [
        "UPDATE crm.interactions SET import_id = 2 WHERE occurred_at < '2020-03-14'",
        "INSERT INTO crm.interactions (customer_id, occurred_at, import_id) VALUES (1, '2020-01-01', 1), (1, '2020-01-02', 2)",
    ] {
        let fault = session.fault(statement).await;
        assert_eq!(fault.code, "23503", "{statement}");
        assert!(fault.text().contains("no import has the id 2"), "{fault:?}");
    }
    session
        .execute(
            "INSERT INTO crm.interactions (customer_id, occurred_at, import_id)
             VALUES (1, '2020-01-01', 1), (1, '2020-01-02', NULL)",
        )
        .await;
}

#[tokio::test]
async fn imports_are_neither_deleted_nor_renumbered() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    import(&mut session, "a.csv", &["13/03/2020 10:00,Call,1,,"]).await;
    session.execute("SELECT rapport.undo_import(1)").await;
    for statement in [
        "DELETE FROM crm.imports",
        "UPDATE crm.imports SET import_id = DEFAULT",
    ] {
        let fault = session.fault(statement).await;
        assert_eq!(fault.code, "23001", "{statement}");
        assert!(fault.text().contains("import 1 is history"), "{fault:?}");
    }
    session
        .execute("UPDATE crm.imports SET file_name = 'b.csv'")
        .await;
}
