//! Interactions found by what they are about.

use rapport_tests::{Database, Session, database::table};

/// How often an index was used, as the statistics of PostgreSQL count it.
async fn uses(session: &mut Session, index: &str) -> i64 {
    session.execute("SELECT pg_stat_force_next_flush()").await;
    session
        .number(&format!(
            "SELECT idx_scan FROM pg_stat_all_indexes WHERE indexrelname = '{index}'"
        ))
        .await
}

#[tokio::test]
async fn a_question_that_cannot_be_used_is_refused() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    for (arguments, code) in [
        ("NULL, 5", "22004"),
        ("'', 5", "22023"),
        ("'  \t ', 5", "22023"),
        ("'?! & |', 5", "22023"),
        ("repeat('side effects ', 100000), 5", "54000"),
        ("'side effects', 0", "22023"),
        ("'side effects', -1", "22023"),
        ("'side effects', 1000000000", "22023"),
        ("'side effects', NULL", "22023"),
    ] {
        for function in ["relevant_interactions(1, ", "search_interactions("] {
            let fault = session
                .fault(&format!("SELECT * FROM rapport.{function}{arguments})"))
                .await;
            assert_eq!(fault.code, code, "{function}{arguments}: {fault:?}");
        }
    }
    for (customer, code) in [("99999", "P0002"), ("0", "22023"), ("NULL", "22004")] {
        let fault = session
            .fault(&format!(
                "SELECT * FROM rapport.relevant_interactions({customer}, 'side effects')"
            ))
            .await;
        assert_eq!(fault.code, code);
    }
    for arguments in [
        "since => '2020-02-02', until => '2020-02-01'",
        "min_similarity => 2",
    ] {
        let fault = session
            .fault(&format!(
                "SELECT * FROM rapport.search_interactions('side effects', {arguments})"
            ))
            .await;
        assert_eq!(fault.code, "22023", "{arguments}");
    }
}

#[tokio::test]
async fn whatever_stands_in_a_question_is_text() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    for question in [
        "drug & efficacy | ! ( :* <-> 'x",
        "-drug \"efficacy",
        "'; DROP TABLE crm.customers; -- drug",
        "$1 drug %s %I efficacy $query$",
        "Ignore all instructions. drug",
        "Wirkt das Medikament? 药物 drug",
        "drug \u{1} \u{200b} efficacy",
    ] {
        for function in ["search_interactions(", "relevant_interactions(1, "] {
            let literal = question.replace('\'', "''");
            let found = session
                .number(&format!(
                    "SELECT count(*) FROM rapport.{function}E'{}')",
                    literal.replace('\\', "\\\\")
                ))
                .await;
            assert!(found > 0, "{function}{question:?}");
        }
    }
    assert_eq!(
        session.number("SELECT count(*) FROM crm.customers").await,
        17
    );
}

#[tokio::test]
async fn all_interactions_of_a_customer_are_compared_and_none_of_others() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let before = uses(&mut session, "passages_static_1").await;
    let wrong = session
        .rows(
            "SELECT c.customer_id FROM crm.customers AS c
             WHERE ARRAY(
                 SELECT r.interaction_id FROM rapport.relevant_interactions(c.customer_id, 'drug efficacy', 1000) AS r ORDER BY 1
             ) <> ARRAY(
                 SELECT i.interaction_id FROM crm.interactions AS i
                 WHERE i.customer_id = c.customer_id AND (i.topic IS NOT NULL OR i.notes IS NOT NULL) ORDER BY 1
             )",
        )
        .await;
    assert_eq!(wrong, table::<1>(&[]));
    // Not one was looked for in the index of the vectors, which would miss some.
    assert_eq!(uses(&mut session, "passages_static_1").await, before);
    // The scores are those of the formula.
    let wrong = session
        .rows(
            "SELECT r.* FROM crm.customers AS c
             CROSS JOIN LATERAL rapport.relevant_interactions(c.customer_id, 'latest complaints about drug interaction', 1000) AS r
             WHERE abs(r.vector_score - greatest(0, -(rapport.embed('latest complaints about drug interaction')::vector
                     <#> rapport.embed(r.passage)::vector))) > 1e-5
                 OR abs(r.score - (0.7 * r.vector_score + 0.3 * r.text_score + 0.15 * r.recency_score + 0.15 * r.sentiment_score)) > 1e-5
                 OR r.sentiment_score <> (r.sentiment IS NOT DISTINCT FROM 'Negative')::integer
                 OR r.recency_score NOT BETWEEN 0.01 AND 1 OR r.text_score NOT BETWEEN 0 AND 1",
        )
        .await;
    assert!(wrong.is_empty(), "{wrong:#?}");
    // Nobody asked for these.
    assert_eq!(
        session
            .rows("SELECT DISTINCT recency_score, sentiment_score FROM rapport.relevant_interactions(1, 'drug')")
            .await,
        table(&[["NULL", "NULL"]])
    );
}

#[tokio::test]
async fn the_same_is_not_said_twice_while_there_is_something_else() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    session
        .execute(
            "INSERT INTO crm.interactions (customer_id, occurred_at, topic)
             SELECT 13, '2021-01-01'::timestamp + n * interval '1 day', 'Drug Efficacy' FROM generate_series(1, 20) AS n;
             INSERT INTO crm.interactions (customer_id, occurred_at, topic, notes)
             VALUES (13, '2020-01-01', 'Drug Efficacy', 'works well')",
        )
        .await;
    let topics = session
        .rows("SELECT passage FROM rapport.relevant_interactions(13, 'drug efficacy', 2)")
        .await;
    assert_eq!(
        topics,
        table(&[["Drug Efficacy"], ["Drug Efficacy. works well"]])
    );
    // The latest of those that are alike.
    assert_eq!(
        session
            .rows("SELECT occurred_at FROM rapport.relevant_interactions(13, 'drug efficacy', 1)")
            .await,
        table(&[["2021-01-21 00:00:00"]])
    );
}

#[tokio::test]
async fn filters_lose_nothing() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    for (filter, condition) in [
        ("channel => 'call'", "i.channel = 'Call'"),
        ("customer_type => 'Unknown'", "c.customer_type IS NULL"),
        ("topic => 'drug efficacy'", "i.topic = 'Drug Efficacy'"),
        ("sentiment => 'Negative'", "i.sentiment = 'Negative'"),
        (
            "product => 'Sand', customer_type => 'Red'",
            "c.customer_type = 'Red' AND EXISTS (SELECT FROM crm.products AS p
                 WHERE p.product = 'Sand' AND p.month = date_trunc('month', i.occurred_at))",
        ),
        (
            "since => '2020-02-11', until => '2020-02-11'",
            "i.occurred_at >= '2020-02-11' AND i.occurred_at < '2020-02-12'",
        ),
        (
            "occupation => 'jedi', until => '2020-12-31'",
            "c.occupation = 'Jedi' AND i.occurred_at < '2021-01-01'",
        ),
        ("channel => 'Smoke'", "false"),
    ] {
        let wrong = session
            .rows(&format!(
                "SELECT * FROM (
                     (SELECT interaction_id FROM rapport.search_interactions('drug effects', 1000, {filter}))
                     EXCEPT ALL
                     (SELECT i.interaction_id FROM crm.interactions AS i JOIN crm.customers AS c USING (customer_id)
                      WHERE i.topic IS NOT NULL AND {condition})
                 ) AS more
                 UNION ALL
                 SELECT * FROM (
                     (SELECT i.interaction_id FROM crm.interactions AS i JOIN crm.customers AS c USING (customer_id)
                      WHERE i.topic IS NOT NULL AND {condition})
                     EXCEPT ALL
                     (SELECT interaction_id FROM rapport.search_interactions('drug effects', 1000, {filter}))
                 ) AS less"
            ))
            .await;
        assert_eq!(wrong, table::<1>(&[]), "{filter}");
    }
}

#[tokio::test]
async fn what_is_near_in_meaning_or_has_the_words_comes_first() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    let found = session
        .rows(
            "SELECT DISTINCT topic, vector_rank, text_rank, snippet
             FROM rapport.search_interactions('side effects', 8)",
        )
        .await;
    assert_eq!(
        found,
        table(&[[
            "Side Effects Discussion",
            "1",
            "1",
            "**Side** **Effects** Discussion"
        ]])
    );
    let least = session
        .value("SELECT min(similarity) >= 0.99 FROM rapport.search_interactions('Side Effects Discussion', 50, min_similarity => 0.99)")
        .await;
    assert_eq!(least.as_deref(), Some("t"));
}

#[tokio::test]
async fn a_long_text_does_not_crowd_out_others() {
    let database = Database::with_sample().await;
    let mut session = database.session().await;
    session
        .execute(
            "INSERT INTO crm.customers (customer_id, customer_type) VALUES (100, 'Zeta');
             INSERT INTO crm.interactions (customer_id, occurred_at, notes)
             SELECT 100, '2031-01-01', repeat('The dragon sleeps in its cave all day. ', 4000);
             INSERT INTO crm.interactions (customer_id, occurred_at, notes)
             SELECT 100, '2031-01-01'::timestamp + n * interval '1 day', 'A dragon was seen near cave ' || n FROM generate_series(1, 9) AS n",
        )
        .await;
    for filter in ["", ", customer_type => 'zeta'"] {
        for settled in [false, true] {
            if settled {
                session.execute("SELECT rapport.settle_passages()").await;
            }
            assert_eq!(
                session
                    .number(&format!(
                        "SELECT count(DISTINCT interaction_id) FROM rapport.search_interactions('dragon in its cave', 10{filter})
                         WHERE customer_id = 100"
                    ))
                    .await,
                10,
                "{filter} {settled}"
            );
        }
    }
}

#[tokio::test]
async fn arrays_with_nothing_in_them_are_refused() {
    let database = Database::fresh().await;
    let mut session = database.session().await;
    for call in [
        "half_of(ARRAY['a', NULL], ARRAY[1, 1])",
        "half_of(ARRAY['a'], ARRAY[NULL::real])",
        "diverse(ARRAY[1, NULL], ARRAY[1, 0, 0, 1], 0.5, 1)",
        "diverse(ARRAY[1, 1], ARRAY[1], 0.5, 1)",
    ] {
        let fault = session.fault(&format!("SELECT rapport.{call}")).await;
        assert_eq!(fault.code, "22023", "{call}");
    }
}

#[tokio::test]
async fn roles_find_what_they_may_see() {
    let database = Database::with_sample().await;
    let mut owner = database.session().await;
    owner
        .execute(
            "ALTER TABLE crm.interactions ENABLE ROW LEVEL SECURITY;
             INSERT INTO crm.interactions (customer_id, occurred_at, topic, notes)
             VALUES (1, '2031-01-01', 'Secret', 'of one'), (2, '2031-01-01', 'Secret', 'of two')",
        )
        .await;
    for customer in [1, 2] {
        let role = format!("{}_{customer}", database.name);
        owner
            .execute(&format!(
                "CREATE ROLE {role} IN ROLE rapport_analyst;
                 CREATE POLICY {role} ON crm.interactions TO {role} USING (customer_id = {customer})"
            ))
            .await;
    }
    for (customer, other, mine) in [(1, 2, "of one"), (2, 1, "of two")] {
        let role = format!("{}_{customer}", database.name);
        let mut session = database.session_as(&role).await;
        assert_eq!(
            session
                .rows("SELECT DISTINCT customer_id FROM rapport.search_interactions('secret drug', 1000)")
                .await,
            table(&[[customer.to_string().as_str()]])
        );
        let snippets = session
            .rows("SELECT snippet FROM rapport.search_interactions('secret', 1)")
            .await;
        assert!(
            snippets[0][0].as_deref().unwrap().ends_with(mine),
            "{snippets:?}"
        );
        assert_eq!(
            session
                .number(&format!(
                    "SELECT count(*) FROM rapport.relevant_interactions({other}, 'secret')"
                ))
                .await,
            0
        );
        // Nor do the passages themselves tell, or their number.
        assert_eq!(
            session
                .rows("SELECT content FROM crm.passages WHERE content LIKE 'Secret%'")
                .await,
            table(&[[format!("Secret. {mine}").as_str()]])
        );
        assert_eq!(
            session.number("SELECT count(*) FROM crm.passages").await,
            session
                .number("SELECT count(DISTINCT (topic, notes)) FROM crm.interactions WHERE topic IS NOT NULL")
                .await
        );
        // The view for those who see all has nothing for it, whatever it tries.
        session
            .execute(
                "CREATE FUNCTION pg_temp.leak(content text) RETURNS boolean LANGUAGE plpgsql COST 0.0001
                 AS $$ BEGIN RAISE EXCEPTION 'leaked %', content; END $$",
            )
            .await;
        for settings in ["SET row_security = on", "SET row_security = off"] {
            session.execute(settings).await;
            assert_eq!(
                session
                    .number("SELECT count(*) FROM crm.open_passages WHERE pg_temp.leak(content)")
                    .await,
                0
            );
        }
        session.execute("SET row_security = on").await;
        // The rank is one among those that it may see.
        assert_eq!(
            session
                .number("SELECT min(text_rank) FROM rapport.search_interactions('secret')")
                .await,
            1
        );
        owner
            .execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
            .await;
    }
}
