-- Statistics straight from the tables, with the rights of the caller. The answers are composite
-- types because arguments and columns share names, which RETURNS TABLE forbids.

CREATE TYPE rapport.product_interactions AS (customer_type text, product text, interactions bigint);
COMMENT ON TYPE rapport.product_interactions IS 'Interactions of one customer type about one product; product is NULL for those in months without a product.';

CREATE FUNCTION rapport.interactions_per_product(
    customer_type text DEFAULT NULL,
    product text DEFAULT NULL,
    since date DEFAULT NULL,
    until date DEFAULT NULL
) RETURNS SETOF rapport.product_interactions
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 1000 ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM rapport.require_schema();
    PERFORM rapport.require_period(since, until);
    RETURN QUERY
    WITH counted AS (
        SELECT a.customer_type, a.product, count(*) AS interactions
        FROM crm.attributed_interactions AS a
        WHERE (interactions_per_product.since IS NULL OR a.occurred_at >= interactions_per_product.since)
            AND (interactions_per_product.until IS NULL OR a.occurred_at < interactions_per_product.until + 1)
        GROUP BY a.customer_type, a.product
    ),

    types AS (
        SELECT DISTINCT coalesce(c.customer_type, 'Unknown') AS customer_type
        FROM crm.customers AS c
    ),

    products AS (
        SELECT DISTINCT p.product FROM crm.products AS p
        UNION ALL
        SELECT NULL
    )

    SELECT t.customer_type, p.product, coalesce(n.interactions, 0)
    FROM types AS t
    CROSS JOIN products AS p
    LEFT JOIN counted AS n
        ON n.customer_type = t.customer_type AND n.product IS NOT DISTINCT FROM p.product
    WHERE (interactions_per_product.customer_type IS NULL OR t.customer_type = interactions_per_product.customer_type)
        AND (interactions_per_product.product IS NULL OR p.product = interactions_per_product.product)
    ORDER BY t.customer_type COLLATE "C", p.product COLLATE "C" NULLS LAST;
END
$$;
COMMENT ON FUNCTION rapport.interactions_per_product(text, text, date, date) IS
'Counts interactions for each customer type and product, zeros included. An interaction belongs to the products discussed in its calendar month; product is NULL for months without one. The day "until" is included. Example: SELECT * FROM rapport.interactions_per_product(since => ''2020-01-01'', until => ''2020-12-31'');';

CREATE FUNCTION rapport.interactions_per_product_report(
    customer_type text DEFAULT NULL,
    product text DEFAULT NULL,
    since date DEFAULT NULL,
    until date DEFAULT NULL
) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 2000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    report jsonb;
BEGIN
    PERFORM rapport.require_schema();
    PERFORM rapport.require_period(since, until);
    WITH cells AS (
        SELECT m.*
        FROM rapport.interactions_per_product(
            interactions_per_product_report.customer_type, interactions_per_product_report.product,
            interactions_per_product_report.since, interactions_per_product_report.until
        ) AS m
    ),

    -- Every interaction once, however many products its month has.
    totals AS (
        SELECT coalesce(c.customer_type, 'Unknown') AS customer_type, count(*) AS interactions
        FROM crm.interactions AS i
        INNER JOIN crm.customers AS c ON i.customer_id = c.customer_id
        WHERE (interactions_per_product_report.since IS NULL OR i.occurred_at >= interactions_per_product_report.since)
            AND (interactions_per_product_report.until IS NULL OR i.occurred_at < interactions_per_product_report.until + 1)
            AND (
                interactions_per_product_report.product IS NULL
                OR EXISTS (
                    SELECT FROM crm.products AS p
                    WHERE p.month = date_trunc('month', i.occurred_at)::date
                        AND p.product = interactions_per_product_report.product
                )
            )
        GROUP BY 1
    ),

    per_type AS (
        SELECT
            cells.customer_type,
            coalesce(max(totals.interactions), 0) AS interactions,
            coalesce(sum(cells.interactions) FILTER (WHERE cells.product IS NULL), 0) AS unattributed,
            sum(cells.interactions) - coalesce(max(totals.interactions), 0) AS counted_again,
            coalesce(jsonb_agg(
                jsonb_build_object('product', cells.product, 'interactions', cells.interactions)
                ORDER BY cells.product COLLATE "C"
            ) FILTER (WHERE cells.product IS NOT NULL), '[]') AS products
        FROM cells
        LEFT JOIN totals ON totals.customer_type = cells.customer_type
        GROUP BY cells.customer_type
    )

    SELECT jsonb_build_object(
        'attribution', 'month',
        'total_interactions', coalesce(sum(t.interactions), 0),
        'unattributed', coalesce(sum(t.unattributed), 0),
        'counted_again', coalesce(sum(t.counted_again), 0),
        'data_quality', rapport.interaction_quality(
            interactions_per_product_report.customer_type, interactions_per_product_report.product,
            interactions_per_product_report.since, interactions_per_product_report.until
        ),
        'customer_types', coalesce(jsonb_agg(jsonb_build_object(
            'customer_type', t.customer_type,
            'total_interactions', t.interactions,
            'unattributed', t.unattributed,
            'counted_again', t.counted_again,
            'products', t.products
        ) ORDER BY t.customer_type COLLATE "C"), '[]')
    ) INTO report
    FROM per_type AS t;
    RETURN report;
END
$$;
COMMENT ON FUNCTION rapport.interactions_per_product_report(text, text, date, date) IS
'The same matrix as one JSON document. total_interactions counts each interaction once; products and unattributed add up to total_interactions + counted_again, the extra counts of months with several products; data_quality says how many of the interactions rest on a repaired or contradicted row. Example: SELECT jsonb_pretty(rapport.interactions_per_product_report());';

CREATE TYPE rapport.customer_statistic AS (
    customer_id bigint,
    occupation text,
    customer_type text,
    is_placeholder boolean,
    total_interactions bigint,
    first_interaction_at timestamp,
    last_interaction_at timestamp,
    last_interaction_id bigint,
    last_channel text,
    last_topic text,
    last_sentiment text,
    most_frequent_channel text,
    key_topics text []
);
COMMENT ON TYPE rapport.customer_statistic IS 'What is known about one customer, in numbers.';

CREATE FUNCTION rapport.customer_statistics(customer_id bigint)
RETURNS SETOF rapport.customer_statistic
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 500 ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM rapport.require_customer(customer_id);
    RETURN QUERY
    SELECT
        a.customer_id, a.occupation, a.customer_type, a.is_placeholder, a.total_interactions,
        a.first_interaction_at, a.last_interaction_at, a.last_interaction_id,
        a.last_channel, a.last_topic, a.last_sentiment, a.most_frequent_channel, a.key_topics
    FROM crm.customer_activity AS a
    WHERE a.customer_id = customer_statistics.customer_id;
END
$$;
COMMENT ON FUNCTION rapport.customer_statistics(bigint) IS
'How often, when, how and about what a customer was contacted; ties go to the most recently used, then alphabetical. Raises P0002 for an unknown customer. Example: SELECT * FROM rapport.customer_statistics(1);';

CREATE FUNCTION rapport.row_count(table_name text) RETURNS bigint
LANGUAGE plpgsql STABLE STRICT PARALLEL RESTRICTED COST 1000
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM rapport.require_schema();
    RETURN CASE table_name
        WHEN 'customers' THEN (SELECT count(*) FROM crm.customers)
        WHEN 'interactions' THEN (SELECT count(*) FROM crm.interactions)
        WHEN 'products' THEN (SELECT count(*) FROM crm.products)
    END;
END
$$;
COMMENT ON FUNCTION rapport.row_count(text) IS
'Number of rows of customers, interactions or products; NULL for any other name. Example: SELECT rapport.row_count(''customers'');';

CREATE FUNCTION rapport.refresh_stats() RETURNS timestamptz
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
-- Only the owner of a materialized view may refresh it, and importers do not own them.
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- Compiling the queries takes longer than they do, and cannot be cancelled.
SET jit = off
AS $$
DECLARE
    view_name text;
BEGIN
    PERFORM rapport.require_schema();
    -- A table that has just been filled has no statistics, and the plans for the views are made of them.
    IF EXISTS (
        SELECT FROM pg_class AS c
        WHERE c.oid IN ('crm.interactions'::regclass, 'crm.customers'::regclass)
            AND pg_relation_size(c.oid) / current_setting('block_size')::bigint > 2 * c.relpages + 8
    ) THEN
        ANALYZE crm.interactions, crm.customers;
    END IF;
    FOR view_name IN
        SELECT m.matviewname FROM pg_catalog.pg_matviews AS m
        WHERE m.schemaname = 'stats' ORDER BY m.matviewname
    LOOP
        EXECUTE format('REFRESH MATERIALIZED VIEW CONCURRENTLY stats.%I', view_name);
        INSERT INTO stats.refreshes AS r (view_name, refreshed_at) VALUES (view_name, clock_timestamp())
        ON CONFLICT ON CONSTRAINT refreshes_pkey DO UPDATE SET refreshed_at = excluded.refreshed_at;
    END LOOP;
    RETURN clock_timestamp();
END
$$;
COMMENT ON FUNCTION rapport.refresh_stats() IS
'Refreshes every materialized view in stats, without blocking readers, and returns when. Example: SELECT rapport.refresh_stats();';

REVOKE EXECUTE ON FUNCTION
rapport.interactions_per_product(text, text, date, date),
rapport.interactions_per_product_report(text, text, date, date),
rapport.customer_statistics(bigint),
rapport.row_count(text),
rapport.refresh_stats()
FROM PUBLIC;
