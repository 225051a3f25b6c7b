//! The statistics, counted once more from the rows, by queries that share nothing with those that
//! keep them.

use crate::Session;

/// Each pair must give the same rows: what is kept, and what the rows say.
const PAIRS: &[(&str, &str, &str)] = &[
    (
        "monthly activity",
        "SELECT month, channel, customer_type, sentiment, interactions, repaired, conflicts FROM bi.monthly_activity_live",
        "SELECT date_trunc('month', i.occurred_at)::date, coalesce(i.channel, 'Unknown'), coalesce(c.customer_type, 'Unknown'),
             coalesce(i.sentiment, 'Unknown'), count(*), count(*) FILTER (WHERE i.is_repaired),
             count(*) FILTER (WHERE i.has_conflict)
         FROM crm.interactions AS i JOIN crm.customers AS c USING (customer_id) GROUP BY 1, 2, 3, 4",
    ),
    (
        "daily activity",
        "SELECT day, customer_type, interactions, repaired, conflicts FROM bi.daily_activity_live",
        "SELECT i.occurred_at::date, coalesce(c.customer_type, 'Unknown'), count(*), count(*) FILTER (WHERE i.is_repaired),
             count(*) FILTER (WHERE i.has_conflict)
         FROM crm.interactions AS i JOIN crm.customers AS c USING (customer_id) GROUP BY 1, 2",
    ),
    (
        "monthly interactions",
        "SELECT month, customer_type, interactions, repaired, conflicts FROM bi.monthly_interactions_live",
        "SELECT date_trunc('month', i.occurred_at)::date, coalesce(c.customer_type, 'Unknown'), count(*), count(*) FILTER (WHERE i.is_repaired),
             count(*) FILTER (WHERE i.has_conflict)
         FROM crm.interactions AS i JOIN crm.customers AS c USING (customer_id) GROUP BY 1, 2",
    ),
    (
        "monthly topics",
        "SELECT month, topic, customer_type, sentiment, interactions, repaired, conflicts FROM bi.monthly_topics_live",
        "SELECT date_trunc('month', i.occurred_at)::date, left(coalesce(i.topic, 'Unknown'), 200), coalesce(c.customer_type, 'Unknown'),
             coalesce(i.sentiment, 'Unknown'), count(*), count(*) FILTER (WHERE i.is_repaired),
             count(*) FILTER (WHERE i.has_conflict)
         FROM crm.interactions AS i JOIN crm.customers AS c USING (customer_id) GROUP BY 1, 2, 3, 4",
    ),
    (
        "topics and sentiments",
        "SELECT topic, sentiment, interactions, last_month FROM bi.topic_sentiment_live",
        "SELECT left(coalesce(topic, 'Unknown'), 200), coalesce(sentiment, 'Unknown'), count(*),
             date_trunc('month', max(occurred_at))::date
         FROM crm.interactions GROUP BY 1, 2",
    ),
    (
        "customer types",
        "SELECT customer_type, customers FROM bi.customer_types_live",
        "SELECT coalesce(customer_type, 'Unknown'), count(*) FROM crm.customers GROUP BY 1",
    ),
    (
        "interactions per product",
        "SELECT customer_type, product, interactions FROM bi.interactions_per_product_live",
        "SELECT t.customer_type, p.product,
             (SELECT count(*) FROM crm.attributed_interactions AS a
              WHERE a.customer_type = t.customer_type AND a.product IS NOT DISTINCT FROM p.product)
         FROM (SELECT DISTINCT coalesce(customer_type, 'Unknown') AS customer_type FROM crm.customers) AS t
         CROSS JOIN (SELECT product FROM crm.products UNION SELECT NULL) AS p",
    ),
    (
        "customers",
        "SELECT * FROM crm.kept_customer_activity",
        "SELECT * FROM crm.customer_activity",
    ),
    (
        "data quality",
        "SELECT import_id, sheet, severity, action, rule, entries FROM bi.data_quality_live",
        "SELECT coalesce(import_id, 0), sheet, severity, action, rule, count(*)
         FROM crm.ledger_in_force GROUP BY 1, 2, 3, 4, 5",
    ),
];

/// Panics with the rows that differ if a kept statistic is not what the rows say, or if
/// `rapport.verify_stats()` finds a difference.
pub async fn assert_counts_are_right(session: &mut Session) {
    for (name, kept, found) in PAIRS {
        let differing = format!(
            "SELECT 'kept', d::text FROM (({kept}) EXCEPT ALL ({found})) AS d
             UNION ALL SELECT 'found', d::text FROM (({found}) EXCEPT ALL ({kept})) AS d LIMIT 10"
        );
        let rows = session.rows(&differing).await;
        assert!(rows.is_empty(), "{name}: {rows:#?}");
    }
    let told = session
        .rows("SELECT * FROM rapport.verify_stats() LIMIT 10")
        .await;
    assert!(told.is_empty(), "{told:#?}");
}

/// Panics with the passages that differ if those that are kept are not what the interactions say.
pub async fn assert_passages_are_right(session: &mut Session) {
    const KEPT: &str = "SELECT DISTINCT document_id, part, content FROM crm.passages
         WHERE document_id NOT IN (SELECT document_id FROM crm.doubtful_documents)";
    const SAID: &str = "SELECT DISTINCT crm.document_key(i.topic, i.notes), p.part, p.content
         FROM crm.interactions AS i CROSS JOIN LATERAL rapport.passages_of(i.topic, i.notes) AS p";
    let rows = session
        .rows(&format!(
            "SELECT 'kept', d::text FROM (({KEPT}) EXCEPT ({SAID})) AS d
             UNION ALL SELECT 'said', d::text FROM (({SAID}) EXCEPT (SELECT document_id, part, content FROM crm.passages)) AS d
             LIMIT 10"
        ))
        .await;
    assert!(rows.is_empty(), "{rows:#?}");
    let strange = session
        .rows(
            "SELECT p.content, p.model FROM crm.passages AS p CROSS JOIN crm.current_embedder AS e
             WHERE p.model IS DISTINCT FROM e.model OR p.embedding IS DISTINCT FROM rapport.embed(p.content, p.model)::vector
             LIMIT 10",
        )
        .await;
    assert!(strange.is_empty(), "{strange:#?}");
}
