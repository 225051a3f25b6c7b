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

CREATE FUNCTION rapport.counted_label(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
-- No search path, which would forbid inlining it into queries of many rows.
RETURN left(coalesce(value, 'Unknown'), 200);
COMMENT ON FUNCTION rapport.counted_label(text) IS
'The label under which a value is counted: Unknown when nobody said, and its first 200 characters when it is longer. Example: SELECT rapport.counted_label(NULL);';

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
        FROM (SELECT rapport.counted_label(c.customer_type) AS customer_type FROM crm.customers AS c) AS t
        GROUP BY t.customer_type
        ORDER BY t.customer_type COLLATE "C";
    END IF;
END
$$;
COMMENT ON FUNCTION rapport.customer_types() IS
'How many customers of each type there are, with and without interactions. Example: SELECT * FROM rapport.customer_types();';

CREATE TYPE rapport.type_month AS (month date, customer_type text, interactions bigint, repaired bigint, conflicts bigint);
COMMENT ON TYPE rapport.type_month IS
'Interactions of one month and customer type; how many of them were repaired, and how many another row contradicts.';

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
        SELECT
            p.month, p.customer_type, sum(p.interactions)::bigint, sum(p.repaired)::bigint,
            sum(p.conflicts)::bigint
        FROM (
            SELECT m.month, m.customer_type, m.interactions, m.repaired, m.conflicts
            FROM bi.monthly_interactions_live AS m
            WHERE m.month >= whole.first_month AND m.month < whole.end_month
            UNION ALL
            SELECT
                date_trunc('month', d.day::timestamp)::date, d.customer_type, d.interactions, d.repaired,
                d.conflicts
            FROM bi.daily_activity_live AS d
            WHERE (d.day >= interactions_per_type.since AND d.day < whole.first_month AND d.day <= coalesce(interactions_per_type.until, 'infinity'))
                OR (d.day >= whole.end_month AND d.day <= interactions_per_type.until)
        ) AS p
        GROUP BY p.month, p.customer_type;
    ELSE
        RETURN QUERY
        SELECT
            date_trunc('month', i.occurred_at)::date, rapport.counted_label(c.customer_type), count(*),
            count(*) FILTER (WHERE i.is_repaired), count(*) FILTER (WHERE i.has_conflict)
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

CREATE TYPE rapport.matrix_cell AS (
    customer_type text, product text, interactions bigint, repaired bigint, conflicts bigint
);
COMMENT ON TYPE rapport.matrix_cell IS
'Interactions of one customer type about one product: how many of them were repaired, and how many another row contradicts; product is NULL for those in months without a product.';

CREATE FUNCTION rapport.product_matrix(
    customer_type text DEFAULT NULL,
    product text DEFAULT NULL,
    since date DEFAULT NULL,
    until date DEFAULT NULL
) RETURNS SETOF rapport.matrix_cell
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 1000 ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM rapport.require_schema();
    PERFORM rapport.require_period(since, until);
    RETURN QUERY
    WITH counted AS (
        SELECT
            m.customer_type, p.product, sum(m.interactions)::bigint AS interactions,
            sum(m.repaired)::bigint AS repaired, sum(m.conflicts)::bigint AS conflicts
        FROM rapport.interactions_per_type(product_matrix.since, product_matrix.until) AS m
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

    SELECT
        t.customer_type, p.product, coalesce(n.interactions, 0), coalesce(n.repaired, 0), coalesce(n.conflicts, 0)
    FROM types AS t
    CROSS JOIN products AS p
    LEFT JOIN counted AS n
        ON n.customer_type = t.customer_type AND n.product IS NOT DISTINCT FROM p.product
    WHERE (product_matrix.customer_type IS NULL OR t.customer_type = rapport.counted_label(product_matrix.customer_type))
        AND (product_matrix.product IS NULL OR p.product = product_matrix.product)
    ORDER BY t.customer_type COLLATE "C", p.product COLLATE "C" NULLS LAST;
END
$$;
COMMENT ON FUNCTION rapport.product_matrix(text, text, date, date) IS
'interactions_per_product, with how many of the interactions were repaired and how many another row contradicts. Example: SELECT * FROM rapport.product_matrix(customer_type => ''Red'');';

CREATE TYPE rapport.product_interactions AS (customer_type text, product text, interactions bigint);
COMMENT ON TYPE rapport.product_interactions IS 'Interactions of one customer type about one product; product is NULL for those in months without a product.';

CREATE FUNCTION rapport.interactions_per_product(
    customer_type text DEFAULT NULL,
    product text DEFAULT NULL,
    since date DEFAULT NULL,
    until date DEFAULT NULL
) RETURNS SETOF rapport.product_interactions
LANGUAGE sql STABLE PARALLEL RESTRICTED COST 1000 ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
SELECT m.customer_type, m.product, m.interactions
FROM rapport.product_matrix(customer_type, product, since, until) AS m
$$;
COMMENT ON FUNCTION rapport.interactions_per_product(text, text, date, date) IS
'Counts interactions for each customer type and product, zeros included. An interaction belongs to the products discussed in its calendar month; product is NULL for months without one. The day "until" is included. Example: SELECT * FROM rapport.interactions_per_product(since => ''2020-01-01'', until => ''2020-12-31'');';

CREATE FUNCTION rapport.interaction_quality(
    customer_type text DEFAULT NULL, product text DEFAULT NULL, since date DEFAULT NULL, until date DEFAULT NULL
) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL RESTRICTED COST 2000
SET search_path = pg_catalog, pg_temp
AS $$
SELECT jsonb_build_object(
    'interactions', coalesce(sum(m.interactions), 0),
    'repaired', coalesce(sum(m.repaired), 0),
    'conflicts', coalesce(sum(m.conflicts), 0)
)
FROM rapport.interactions_per_type(interaction_quality.since, interaction_quality.until) AS m
WHERE (interaction_quality.customer_type IS NULL OR m.customer_type = rapport.counted_label(interaction_quality.customer_type))
    AND (interaction_quality.product IS NULL OR EXISTS (
        SELECT FROM crm.products AS p WHERE p.month = m.month AND p.product = interaction_quality.product
    ))
$$;
COMMENT ON FUNCTION rapport.interaction_quality(text, text, date, date) IS
'How many of the interactions that a statistic counts rest on a repaired or contradicted row; the arguments are those of interactions_per_product. Example: SELECT rapport.interaction_quality(since => ''2020-01-01'');';

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
        SELECT
            m.customer_type, sum(m.interactions) AS interactions, sum(m.repaired) AS repaired,
            sum(m.conflicts) AS conflicts
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
            coalesce(max(totals.repaired), 0) AS repaired,
            coalesce(max(totals.conflicts), 0) AS conflicts,
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
        'as_of', statement_timestamp(),
        'attribution', 'month',
        'total_interactions', coalesce(sum(t.interactions), 0),
        'unattributed', coalesce(sum(t.unattributed), 0),
        'counted_again', coalesce(sum(t.counted_again), 0),
        'data_quality', jsonb_build_object(
            'interactions', coalesce(sum(t.interactions), 0), 'repaired', coalesce(sum(t.repaired), 0),
            'conflicts', coalesce(sum(t.conflicts), 0)
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
'The same matrix as one JSON document. total_interactions counts each interaction once; products and unattributed add up to total_interactions + counted_again, the extra counts of months with several products; data_quality says how many of the interactions rest on a repaired or contradicted row; as_of is the time of the count. Example: SELECT jsonb_pretty(rapport.interactions_per_product_report());';

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

REVOKE EXECUTE ON FUNCTION
rapport.counted_label(text),
rapport.whole_months(date, date),
rapport.customer_types(),
rapport.interactions_per_type(date, date),
rapport.product_matrix(text, text, date, date),
rapport.interactions_per_product(text, text, date, date),
rapport.interaction_quality(text, text, date, date),
rapport.interactions_per_product_report(text, text, date, date),
rapport.customer_statistics(bigint),
rapport.row_count(text)
FROM PUBLIC;
