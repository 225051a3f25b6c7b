-- Statistics from the counts that triggers keep, or, for a caller from whom row-level security hides
-- rows, from the rows that it may see. The answers are composite types because arguments and columns
-- share names, which RETURNS TABLE forbids.

CREATE TYPE rapport.whole_month_range AS (first_month date, end_month date);
COMMENT ON TYPE rapport.whole_month_range IS 'The months from first_month on, before end_month.';

CREATE FUNCTION rapport.whole_months(since date, until date) RETURNS rapport.whole_month_range
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN (
    SELECT ROW(m.first_month, greatest(m.first_month, m.end_month))::rapport.whole_month_range
    FROM (
        SELECT
            CASE
                WHEN since IS NULL THEN '-infinity'
                WHEN since = date_trunc('month', since::timestamp) THEN since
                ELSE (date_trunc('month', since::timestamp) + interval '1 month')::date
            END AS first_month,
            CASE WHEN until IS NULL THEN 'infinity' ELSE date_trunc('month', (until + 1)::timestamp)::date END AS end_month
    ) AS m
);
COMMENT ON FUNCTION rapport.whole_months(date, date) IS
'The calendar months that lie in a period whole; both of its days belong to it. Example: SELECT * FROM rapport.whole_months(''2020-01-15'', ''2020-12-31'');';

CREATE TYPE rapport.customer_type_count AS (customer_type text, customers bigint);
COMMENT ON TYPE rapport.customer_type_count IS 'Number of customers of a type; Unknown when nobody said.';

CREATE FUNCTION rapport.customer_types() RETURNS SETOF rapport.customer_type_count
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 1000 ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM rapport.require_schema();
    IF bi.sees_every_row() THEN
        RETURN QUERY
        SELECT t.customer_type, t.customers FROM bi.customer_types_live AS t
        ORDER BY t.customer_type COLLATE "C";
    ELSE
        RETURN QUERY
        SELECT t.customer_type, count(*)
        FROM (SELECT coalesce(c.customer_type, 'Unknown') AS customer_type FROM crm.customers AS c) AS t
        GROUP BY t.customer_type
        ORDER BY t.customer_type COLLATE "C";
    END IF;
END
$$;
COMMENT ON FUNCTION rapport.customer_types() IS
'How many customers of each type there are, with and without interactions. Example: SELECT * FROM rapport.customer_types();';

CREATE TYPE rapport.type_month AS (month date, customer_type text, interactions bigint);
COMMENT ON TYPE rapport.type_month IS 'Interactions of one month and customer type.';

CREATE FUNCTION rapport.interactions_per_type(since date DEFAULT NULL, until date DEFAULT NULL)
RETURNS SETOF rapport.type_month
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 1000 ROWS 500
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    whole CONSTANT rapport.whole_month_range := rapport.whole_months(since, until);
BEGIN
    PERFORM rapport.require_schema();
    PERFORM rapport.require_period(since, until);
    IF bi.sees_every_row() THEN
        -- Whole months, and the days before and after them.
        RETURN QUERY
        SELECT p.month, p.customer_type, sum(p.interactions)::bigint
        FROM (
            SELECT m.month, m.customer_type, m.interactions
            FROM bi.monthly_activity_live AS m
            WHERE m.month >= whole.first_month AND m.month < whole.end_month
            UNION ALL
            SELECT date_trunc('month', d.day::timestamp)::date, d.customer_type, d.interactions
            FROM bi.daily_activity_live AS d
            WHERE (d.day >= interactions_per_type.since AND d.day < whole.first_month AND d.day <= coalesce(interactions_per_type.until, 'infinity'))
                OR (d.day >= whole.end_month AND d.day <= interactions_per_type.until)
        ) AS p
        GROUP BY p.month, p.customer_type;
    ELSE
        RETURN QUERY
        SELECT date_trunc('month', i.occurred_at)::date, coalesce(c.customer_type, 'Unknown'), count(*)
        FROM crm.interactions AS i
        INNER JOIN crm.customers AS c ON c.customer_id = i.customer_id
        WHERE (interactions_per_type.since IS NULL OR i.occurred_at >= interactions_per_type.since)
            AND (interactions_per_type.until IS NULL OR i.occurred_at < interactions_per_type.until + 1)
        GROUP BY 1, 2;
    END IF;
END
$$;
COMMENT ON FUNCTION rapport.interactions_per_type(date, date) IS
'Counts interactions for each month and customer type; both days of the period belong to it, and a month that it cuts is counted in part. Example: SELECT * FROM rapport.interactions_per_type(since => ''2020-01-15'') ORDER BY month, customer_type;';

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
        SELECT m.customer_type, p.product, sum(m.interactions)::bigint AS interactions
        FROM rapport.interactions_per_type(interactions_per_product.since, interactions_per_product.until) AS m
        LEFT JOIN crm.products AS p ON p.month = m.month
        GROUP BY m.customer_type, p.product
    ),

    types AS (
        SELECT t.customer_type FROM rapport.customer_types() AS t
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
        SELECT m.customer_type, sum(m.interactions) AS interactions
        FROM rapport.interactions_per_type(
            interactions_per_product_report.since, interactions_per_product_report.until
        ) AS m
        WHERE interactions_per_product_report.product IS NULL
            OR EXISTS (
                SELECT FROM crm.products AS p
                WHERE p.month = m.month AND p.product = interactions_per_product_report.product
            )
        GROUP BY m.customer_type
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
    IF bi.sees_every_row() THEN
        RETURN QUERY SELECT a.* FROM crm.kept_customer_activity AS a WHERE a.customer_id = customer_statistics.customer_id;
    ELSE
        RETURN QUERY SELECT a.* FROM crm.customer_activity AS a WHERE a.customer_id = customer_statistics.customer_id;
    END IF;
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

CREATE TYPE rapport.view_refresh AS (
    view_name text,
    is_refreshed boolean,
    changed text [],
    milliseconds numeric(12, 1),
    refreshed_at timestamptz
);
COMMENT ON TYPE rapport.view_refresh IS 'What a refresh did with a materialized view: changed names the facts that had changed; without any it was left as it is.';

CREATE FUNCTION rapport.refresh_stats() RETURNS SETOF rapport.view_refresh
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000 ROWS 4
-- Only the owner of a materialized view may refresh it, and importers do not own them.
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- Compiling the queries takes longer than they do, and cannot be cancelled.
SET jit = off
AS $$
DECLARE
    changed_facts text [];
    this_view record;
    began timestamptz;
    result rapport.view_refresh;
BEGIN
    PERFORM rapport.require_schema();
    -- What this transaction put off until its end is needed now.
    SET CONSTRAINTS stats.rebuild_when_due IMMEDIATE;
    SET CONSTRAINTS stats.rebuild_when_due DEFERRED;
    -- Before the views are read: what changes from here on is for the next refresh.
    WITH gone AS (
        DELETE FROM stats.changed_facts RETURNING fact
    )

    SELECT coalesce(array_agg(DISTINCT g.fact), '{}') INTO changed_facts FROM gone AS g;
    FOR this_view IN
        SELECT r.view_name, r.facts FROM stats.refreshes AS r ORDER BY r.view_name
    LOOP
        began := clock_timestamp();
        result.view_name := this_view.view_name;
        SELECT coalesce(array_agg(f ORDER BY f), '{}') INTO result.changed
        FROM unnest(this_view.facts) AS f
        WHERE f = ANY (changed_facts);
        result.is_refreshed := cardinality(result.changed) > 0;
        IF result.is_refreshed THEN
            EXECUTE format('REFRESH MATERIALIZED VIEW CONCURRENTLY stats.%I', this_view.view_name);
        END IF;
        result.refreshed_at := clock_timestamp();
        result.milliseconds := 1000 * extract(epoch FROM result.refreshed_at - began);
        UPDATE stats.refreshes AS r SET refreshed_at = result.refreshed_at WHERE r.view_name = this_view.view_name;
        RETURN NEXT result;
    END LOOP;
END
$$;
COMMENT ON FUNCTION rapport.refresh_stats() IS
'Brings the materialized views of stats up to date where facts have changed, without blocking readers, and tells what it did. Imports call it. Example: SELECT view_name, is_refreshed, changed FROM rapport.refresh_stats();';

CREATE TYPE rapport.count_difference AS (
    counted text,
    key jsonb,
    kept jsonb,
    found jsonb
);
COMMENT ON TYPE rapport.count_difference IS 'A count that is not what the facts say: kept is what the triggers kept, found what was counted now.';

CREATE FUNCTION rapport.verify_stats() RETURNS SETOF rapport.count_difference
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
-- Nobody reads the counts directly.
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = off
SET jit = off
AS $$
BEGIN
    PERFORM rapport.require_schema();
    -- One statement, so one moment.
    RETURN QUERY
    SELECT
        b.grain,
        jsonb_strip_nulls(jsonb_build_object(
            'day', b.day, 'customer_type', b.customer_type, 'channel', b.channel, 'topic', b.topic,
            'sentiment', b.sentiment
        )),
        jsonb_build_object('interactions', sum(b.kept_interactions), 'customers', sum(b.kept_customers)),
        jsonb_build_object('interactions', sum(b.interactions), 'customers', sum(b.customers))
    FROM (
        SELECT
            k.grain, k.day, k.customer_type, k.channel, k.topic, k.sentiment,
            k.interactions AS kept_interactions, k.customers AS kept_customers, 0 AS interactions, 0 AS customers
        FROM stats.current_counts AS k
        UNION ALL
        SELECT
            c.grain, c.day, c.customer_type, c.channel, c.topic, c.sentiment, 0, 0, c.interactions, c.customers
        FROM stats.counted() AS c
    ) AS b
    GROUP BY b.grain, b.day, b.customer_type, b.channel, b.topic, b.sentiment
    HAVING sum(b.kept_interactions) <> sum(b.interactions) OR sum(b.kept_customers) <> sum(b.customers)
    UNION ALL
    SELECT
        'customer_activity', jsonb_build_object('customer_id', coalesce(k.customer_id, f.customer_id)),
        to_jsonb(k) - 'customer_id', to_jsonb(f) - 'customer_id'
    FROM stats.customer_activity AS k
    FULL JOIN (
        SELECT
            c.customer_id, coalesce(a.total_interactions, 0) AS total_interactions, a.first_interaction_at,
            a.last_interaction_at, a.last_interaction_id, a.last_channel, a.last_topic, a.last_sentiment,
            a.most_frequent_channel, coalesce(a.key_topics, '{}') AS key_topics
        FROM crm.customers AS c
        LEFT JOIN stats.activity_of(NULL) AS a ON a.customer_id = c.customer_id
    ) AS f ON f.customer_id = k.customer_id
    WHERE to_jsonb(k) IS DISTINCT FROM to_jsonb(f)
    UNION ALL
    SELECT
        'ledger',
        jsonb_build_object(
            'import_id', b.import_id, 'sheet', b.sheet, 'severity', b.severity, 'action', b.action, 'rule', b.rule
        ),
        jsonb_build_object('entries', sum(b.kept)), jsonb_build_object('entries', sum(b.entries))
    FROM (
        SELECT k.import_id, k.sheet, k.severity, k.action, k.rule, k.entries AS kept, 0 AS entries
        FROM stats.ledger_counts AS k
        UNION ALL
        SELECT l.import_id, l.sheet, l.severity, l.action, l.rule, 0, 1
        FROM crm.ledger AS l
    ) AS b
    GROUP BY b.import_id, b.sheet, b.severity, b.action, b.rule
    HAVING sum(b.kept) <> sum(b.entries);
END
$$;
COMMENT ON FUNCTION rapport.verify_stats() IS
'Counts all facts anew and tells where the kept counts differ: no row means that they are right. Changes nothing. Example: SELECT count(*) FROM rapport.verify_stats();';

CREATE FUNCTION rapport.rebuild_stats() RETURNS SETOF rapport.view_refresh
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000 ROWS 4
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM rapport.require_schema();
    PERFORM stats.rebuild();
    PERFORM stats.recount_ledger();
    INSERT INTO stats.changed_facts SELECT DISTINCT f FROM stats.refreshes AS r CROSS JOIN LATERAL unnest(r.facts) AS f;
    RETURN QUERY SELECT r.* FROM rapport.refresh_stats() AS r;
END
$$;
COMMENT ON FUNCTION rapport.rebuild_stats() IS
'Counts everything anew and refreshes every view, for tables that were written while triggers were off. Raises 25001 above read committed. Example: SELECT view_name FROM rapport.rebuild_stats();';

REVOKE EXECUTE ON FUNCTION
rapport.whole_months(date, date),
rapport.customer_types(),
rapport.interactions_per_type(date, date),
rapport.interactions_per_product(text, text, date, date),
rapport.interactions_per_product_report(text, text, date, date),
rapport.customer_statistics(bigint),
rapport.row_count(text),
rapport.refresh_stats(),
rapport.verify_stats(),
rapport.rebuild_stats()
FROM PUBLIC;
