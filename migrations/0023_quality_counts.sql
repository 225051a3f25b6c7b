-- How far an interaction can be trusted is told by the interaction itself, and counted with it: the answer
-- of a statistic would otherwise have to read every row and its decisions.

ALTER TABLE crm.interactions
ADD COLUMN is_repaired boolean NOT NULL DEFAULT false,
ADD COLUMN has_conflict boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN crm.interactions.is_repaired IS
'A cell that it comes from was repaired, or its row was split; what was decided stands in crm.interaction_decisions.';
COMMENT ON COLUMN crm.interactions.has_conflict IS 'Another row contradicts it; which one stands in crm.interaction_decisions.';

CREATE VIEW crm.interaction_quality WITH (security_invoker = true) AS
SELECT
    d.interaction_id, bool_or(d.action IN ('repaired', 'split')) AS is_repaired,
    bool_or(d.action = 'conflict') AS has_conflict
FROM crm.interaction_decisions AS d
WHERE d.action IN ('repaired', 'split', 'conflict')
GROUP BY d.interaction_id;
COMMENT ON VIEW crm.interaction_quality IS
'What the decisions say of the interactions that were repaired or contradicted: the source of the columns of crm.interactions of the same names.';
GRANT SELECT ON crm.interaction_quality TO rapport_admin, rapport_analyst, rapport_importer;

ALTER TABLE stats.counts
ADD COLUMN repaired bigint NOT NULL DEFAULT 0,
ADD COLUMN conflicts bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN stats.counts.repaired IS 'How many of the interactions are repaired; 0 for customers.';
COMMENT ON COLUMN stats.counts.conflicts IS 'How many of the interactions another row contradicts; 0 for customers.';
ALTER TABLE stats.pending_counts
ADD COLUMN repaired bigint NOT NULL DEFAULT 0,
ADD COLUMN conflicts bigint NOT NULL DEFAULT 0;

CREATE OR REPLACE VIEW stats.current_counts AS
SELECT c.grain, c.day, c.customer_type, c.channel, c.topic, c.sentiment, c.total, c.repaired, c.conflicts
FROM stats.counts AS c
UNION ALL
SELECT p.grain, p.day, p.customer_type, p.channel, p.topic, p.sentiment, p.total, p.repaired, p.conflicts
FROM stats.pending_counts AS p;


CREATE OR REPLACE VIEW bi.monthly_activity_live AS
SELECT
    c.day AS month, c.channel, c.customer_type, c.sentiment, sum(c.total)::bigint AS interactions,
    sum(c.repaired)::bigint AS repaired, sum(c.conflicts)::bigint AS conflicts
FROM stats.current_counts AS c
WHERE c.grain = 'month' AND bi.require_every_row()
GROUP BY c.day, c.channel, c.customer_type, c.sentiment
HAVING sum(c.total) <> 0;


CREATE OR REPLACE VIEW bi.daily_activity_live AS
SELECT
    c.day, c.customer_type, sum(c.total)::bigint AS interactions,
    sum(c.repaired)::bigint AS repaired, sum(c.conflicts)::bigint AS conflicts
FROM stats.current_counts AS c
WHERE c.grain = 'day' AND bi.require_every_row()
GROUP BY c.day, c.customer_type
HAVING sum(c.total) <> 0;


CREATE OR REPLACE VIEW bi.monthly_interactions_live AS
SELECT
    c.day AS month, c.customer_type, sum(c.total)::bigint AS interactions,
    sum(c.repaired)::bigint AS repaired, sum(c.conflicts)::bigint AS conflicts
FROM stats.current_counts AS c
WHERE c.grain = 'type_month' AND bi.require_every_row()
GROUP BY c.day, c.customer_type
HAVING sum(c.total) <> 0;


CREATE OR REPLACE VIEW bi.monthly_topics_live AS
SELECT
    c.day AS month, c.topic, c.customer_type, c.sentiment, sum(c.total)::bigint AS interactions,
    sum(c.repaired)::bigint AS repaired, sum(c.conflicts)::bigint AS conflicts
FROM stats.current_counts AS c
WHERE c.grain = 'topic_month' AND bi.require_every_row()
GROUP BY c.day, c.topic, c.customer_type, c.sentiment
HAVING sum(c.total) <> 0;

DO $$
DECLARE
    view_name text;
BEGIN
    FOREACH view_name IN ARRAY ARRAY[
        'monthly_activity_live', 'daily_activity_live', 'monthly_interactions_live', 'monthly_topics_live'
    ] LOOP
        EXECUTE format(
            'COMMENT ON COLUMN bi.%I.repaired IS %L', view_name,
            'How many of them come from a row that was repaired or split. Adds up over all rows.'
        );
        EXECUTE format(
            'COMMENT ON COLUMN bi.%I.conflicts IS %L', view_name,
            'How many of them another row contradicts. Adds up over all rows.'
        );
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION stats.merge_statement(differences text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN format($statement$
WITH differences AS MATERIALIZED (
    SELECT d.grain, d.day, d.customer_type, d.channel, d.topic, d.sentiment, sum(d.total)::bigint AS total,
        sum(d.repaired)::bigint AS repaired, sum(d.conflicts)::bigint AS conflicts
    FROM (%s) AS d
    GROUP BY 1, 2, 3, 4, 5, 6
    HAVING sum(d.total) <> 0 OR sum(d.repaired) <> 0 OR sum(d.conflicts) <> 0
),

pending AS (
    INSERT INTO stats.pending_counts SELECT d.* FROM differences AS d WHERE NOT $1
)

INSERT INTO stats.counts AS t (grain, day, customer_type, channel, topic, sentiment, total, repaired, conflicts)
SELECT d.* FROM differences AS d WHERE $1 ORDER BY 1, 2, 3, 4, 5, 6
ON CONFLICT (grain, day, customer_type, channel, topic, sentiment) DO UPDATE
SET
    total = t.total + excluded.total, repaired = t.repaired + excluded.repaired,
    conflicts = t.conflicts + excluded.conflicts
$statement$, differences);

CREATE OR REPLACE FUNCTION stats.counted() RETURNS SETOF stats.counts
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT
    'day', i.occurred_at::date, stats.label(c.customer_type), NULL, NULL, NULL, count(*),
    count(*) FILTER (WHERE i.is_repaired), count(*) FILTER (WHERE i.has_conflict)
FROM crm.interactions AS i
INNER JOIN crm.customers AS c ON c.customer_id = i.customer_id
GROUP BY 2, 3
UNION ALL
SELECT
    'type_month', date_trunc('month', i.occurred_at)::date, stats.label(c.customer_type), NULL, NULL, NULL, count(*),
    count(*) FILTER (WHERE i.is_repaired), count(*) FILTER (WHERE i.has_conflict)
FROM crm.interactions AS i
INNER JOIN crm.customers AS c ON c.customer_id = i.customer_id
GROUP BY 2, 3
UNION ALL
SELECT
    'month', date_trunc('month', i.occurred_at)::date, stats.label(c.customer_type), stats.label(i.channel), NULL,
    stats.label(i.sentiment), count(*),
    count(*) FILTER (WHERE i.is_repaired), count(*) FILTER (WHERE i.has_conflict)
FROM crm.interactions AS i
INNER JOIN crm.customers AS c ON c.customer_id = i.customer_id
GROUP BY 2, 3, 4, 6
UNION ALL
SELECT
    'topic_month', date_trunc('month', i.occurred_at)::date, stats.label(c.customer_type), NULL, stats.label(i.topic),
    stats.label(i.sentiment), count(*),
    count(*) FILTER (WHERE i.is_repaired), count(*) FILTER (WHERE i.has_conflict)
FROM crm.interactions AS i
INNER JOIN crm.customers AS c ON c.customer_id = i.customer_id
GROUP BY 2, 3, 5, 6
UNION ALL
SELECT 'customer_type', NULL, stats.label(c.customer_type), NULL, NULL, NULL, count(*), 0, 0
FROM crm.customers AS c
GROUP BY 3
$$;

CREATE OR REPLACE FUNCTION stats.activity_of(customers bigint []) RETURNS SETOF stats.activity
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Planned for these customers: one plan for few and for all would read all.
    RETURN QUERY EXECUTE format($query$
    WITH met AS %s MATERIALIZED (
        SELECT
            i.customer_id, i.interaction_id, i.occurred_at, i.channel COLLATE "C" AS channel,
            i.topic COLLATE "C" AS topic, i.sentiment
        FROM crm.interactions AS i
        WHERE %s
    ),

    channels AS MATERIALIZED (
        SELECT
            s.customer_id, s.channel, count(*) AS uses, min(s.occurred_at) AS first_at, max(s.occurred_at) AS last_at
        FROM (SELECT m.customer_id, m.channel, m.occurred_at FROM met AS m ORDER BY 1, 2 OFFSET 0) AS s
        GROUP BY s.customer_id, s.channel
    ),

    totals AS (
        SELECT n.customer_id, sum(n.uses)::bigint AS total_interactions, min(n.first_at) AS first_interaction_at
        FROM channels AS n
        GROUP BY n.customer_id
    ),

    latest AS (
        SELECT DISTINCT ON (m.customer_id) m.*
        FROM met AS m
        ORDER BY m.customer_id, m.occurred_at DESC, m.interaction_id DESC
    ),

    favourites AS (
        SELECT DISTINCT ON (n.customer_id) n.customer_id, n.channel
        FROM channels AS n
        WHERE n.channel IS NOT NULL
        ORDER BY n.customer_id, n.uses DESC, n.last_at DESC, n.channel
    ),

    topics AS (
        SELECT r.customer_id, array_agg(r.topic ORDER BY r.position) AS key_topics
        FROM (
            SELECT
                s.customer_id, s.topic,
                row_number() OVER (
                    PARTITION BY s.customer_id ORDER BY count(*) DESC, max(s.occurred_at) DESC, s.topic
                ) AS position
            FROM (
                SELECT m.customer_id, m.topic, m.occurred_at FROM met AS m WHERE m.topic IS NOT NULL ORDER BY 1, 2 OFFSET 0
            ) AS s
            GROUP BY s.customer_id, s.topic
        ) AS r
        WHERE r.position <= 5
        GROUP BY r.customer_id
    )

    SELECT
        t.customer_id, t.total_interactions, t.first_interaction_at, l.occurred_at, l.interaction_id, l.channel, l.topic,
        l.sentiment, f.channel, coalesce(k.key_topics, '{}')
    FROM totals AS t
    INNER JOIN latest AS l ON l.customer_id = t.customer_id
    LEFT JOIN favourites AS f ON f.customer_id = t.customer_id
    LEFT JOIN topics AS k ON k.customer_id = t.customer_id
    $query$,
    -- Those of a few customers are read once, all of them three times: they would not fit into memory.
    CASE WHEN customers IS NULL THEN 'NOT' END, CASE WHEN customers IS NULL THEN 'true' ELSE 'i.customer_id = ANY ($1)' END
    ) USING customers;
END
$$;

CREATE OR REPLACE FUNCTION stats.rebuild() RETURNS void
LANGUAGE plpgsql
-- Whoever writes facts need not be able to write statistics.
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- Rows that a policy hides are counted too; if one holds for the owner, this is an error.
SET row_security = off
SET jit = off
AS $$
BEGIN
    -- One statement, so one moment: what other transactions committed is counted in it, what they have not
    -- is missing in the facts and in the counts alike. The rest is what this one has not counted yet.
    EXECUTE stats.merge_statement(
        'SELECT c.grain, c.day, c.customer_type, c.channel, c.topic, c.sentiment, c.total,
            c.repaired, c.conflicts
        FROM stats.counted() AS c
        UNION ALL
        SELECT k.grain, k.day, k.customer_type, k.channel, k.topic, k.sentiment, -k.total,
            -k.repaired, -k.conflicts
        FROM stats.current_counts AS k'
    ) USING stats.may_merge(1000);
    INSERT INTO stats.customer_activity (customer_id, customer_type)
    SELECT c.customer_id, stats.label(c.customer_type)
    FROM crm.customers AS c
    WHERE NOT EXISTS (SELECT FROM stats.customer_activity AS a WHERE a.customer_id = c.customer_id)
    ON CONFLICT DO NOTHING;
    UPDATE stats.customer_activity AS a
    SET (
        customer_type, is_customer, total_interactions, first_interaction_at, last_interaction_at,
        last_interaction_id, last_channel, last_topic, last_sentiment, most_frequent_channel, key_topics
    ) = ROW(
        stats.label(c.customer_type), true, coalesce(n.total_interactions, 0), n.first_interaction_at,
        n.last_interaction_at, n.last_interaction_id, n.last_channel, n.last_topic, n.last_sentiment,
        n.most_frequent_channel, coalesce(n.key_topics, '{}')
    )
    FROM crm.customers AS c
    LEFT JOIN stats.activity_of(NULL) AS n ON n.customer_id = c.customer_id
    WHERE a.customer_id = c.customer_id AND (
        a.customer_type, a.is_customer, a.total_interactions, a.first_interaction_at, a.last_interaction_at,
        a.last_interaction_id, a.last_channel, a.last_topic, a.last_sentiment, a.most_frequent_channel, a.key_topics
    ) IS DISTINCT FROM (
        stats.label(c.customer_type), true, coalesce(n.total_interactions, 0), n.first_interaction_at,
        n.last_interaction_at, n.last_interaction_id, n.last_channel, n.last_topic, n.last_sentiment,
        n.most_frequent_channel, coalesce(n.key_topics, '{}')
    );
    DELETE FROM stats.customer_activity AS a
    WHERE NOT EXISTS (SELECT FROM crm.customers AS c WHERE c.customer_id = a.customer_id);
    DELETE FROM stats.due_rebuilds;
END
$$;

CREATE OR REPLACE FUNCTION stats.grains_of_facts() RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $query$
SELECT
    'day' AS grain, f.day, f.customer_type, NULL AS channel, NULL AS topic, NULL AS sentiment, f.weight AS total,
    f.repaired, f.conflicts
FROM facts AS f
UNION ALL
SELECT 'type_month', f.month, f.customer_type, NULL, NULL, NULL, f.weight, f.repaired, f.conflicts FROM facts AS f
UNION ALL
SELECT 'month', f.month, f.customer_type, f.channel, NULL, f.sentiment, f.weight, f.repaired, f.conflicts FROM facts AS f
UNION ALL
SELECT 'topic_month', f.month, f.customer_type, NULL, f.topic, f.sentiment, f.weight, f.repaired, f.conflicts FROM facts AS f
$query$;

CREATE OR REPLACE FUNCTION stats.count_interactions() RETURNS trigger
LANGUAGE plpgsql
-- Whoever writes facts need not be able to write statistics.
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = off
SET jit = off
AS $$
DECLARE
    -- More changes than these are held against the number of all interactions.
    many CONSTANT bigint := 10000;
    written CONSTANT text := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT 1 AS weight, n.* FROM new_rows AS n'
        WHEN 'DELETE' THEN 'SELECT -1 AS weight, o.* FROM old_rows AS o'
        ELSE 'SELECT 1 AS weight, n.* FROM new_rows AS n UNION ALL SELECT -1, o.* FROM old_rows AS o'
    END;
    changes bigint;
    touched bigint [];
BEGIN
    -- What an UPDATE leaves as it was cancels out.
    EXECUTE format(
        CASE TG_OP WHEN 'UPDATE' THEN $statement$
        SELECT count(DISTINCT n.interaction_id), array_agg(DISTINCT n.customer_id)
        FROM (
            SELECT w.interaction_id, w.customer_id FROM (%s) AS w
            GROUP BY
                w.interaction_id, w.customer_id, w.occurred_at, w.channel, w.topic, w.sentiment, w.is_repaired,
                w.has_conflict
            HAVING sum(w.weight) <> 0
        ) AS n
        $statement$ ELSE 'SELECT count(*), array_agg(DISTINCT w.customer_id) FROM (%s) AS w' END, written
    ) INTO changes, touched;
    IF changes = 0 THEN
        RETURN NULL;
    END IF;
    INSERT INTO stats.changed_facts VALUES ('interactions');
    PERFORM stats.lock_customers(touched);
    IF EXISTS (SELECT FROM stats.due_rebuilds) THEN
        RETURN NULL;
    END IF;
    IF changes > many AND changes > (
        SELECT 0.1 * coalesce(sum(c.total), 0) FROM stats.current_counts AS c WHERE c.grain = 'type_month'
    ) THEN
        PERFORM stats.request_rebuild();
        RETURN NULL;
    END IF;

    -- A customer's interactions are counted under the type under which those before were.
    EXECUTE stats.merge_statement(format(
        $statement$
        WITH facts AS MATERIALIZED (
            SELECT
                w.occurred_at::date AS day, date_trunc('month', w.occurred_at)::date AS month, a.customer_type,
                stats.label(w.channel) AS channel, stats.label(w.topic) AS topic,
                stats.label(w.sentiment) AS sentiment, sum(w.weight) AS weight,
                sum(w.weight * w.is_repaired::integer) AS repaired,
                sum(w.weight * w.has_conflict::integer) AS conflicts
            FROM (%s) AS w
            INNER JOIN stats.customer_activity AS a ON a.customer_id = w.customer_id
            GROUP BY 1, 2, 3, 4, 5, 6
        )

        %s
        $statement$, written, stats.grains_of_facts()
    )) USING stats.may_merge(changes);

    UPDATE stats.customer_activity AS a
    SET (
        total_interactions, first_interaction_at, last_interaction_at, last_interaction_id, last_channel,
        last_topic, last_sentiment, most_frequent_channel, key_topics
    ) = ROW(
        coalesce(n.total_interactions, 0), n.first_interaction_at, n.last_interaction_at, n.last_interaction_id,
        n.last_channel, n.last_topic, n.last_sentiment, n.most_frequent_channel, coalesce(n.key_topics, '{}')
    )
    FROM unnest(touched) AS t (customer_id)
    LEFT JOIN stats.activity_of(touched) AS n ON n.customer_id = t.customer_id
    WHERE a.customer_id = t.customer_id;
    DELETE FROM stats.customer_activity AS a
    WHERE a.customer_id = ANY (touched) AND NOT a.is_customer AND a.total_interactions = 0;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION stats.count_customers() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = off
SET jit = off
AS $$
DECLARE
    many CONSTANT bigint := 10000;
    written CONSTANT text := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT 1 AS weight, n.* FROM new_rows AS n'
        WHEN 'DELETE' THEN 'SELECT -1 AS weight, o.* FROM old_rows AS o'
        ELSE 'SELECT 1 AS weight, n.* FROM new_rows AS n UNION ALL SELECT -1, o.* FROM old_rows AS o'
    END;
    touched bigint [];
    moving bigint [];
    moved bigint;
BEGIN
    EXECUTE format(
        $statement$
        SELECT array_agg(DISTINCT t.customer_id)
        FROM (
            SELECT w.customer_id FROM (%s) AS w
            GROUP BY w.customer_id, stats.label(w.customer_type)
            HAVING sum(w.weight) <> 0
        ) AS t
        $statement$, written
    ) INTO touched;
    IF touched IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO stats.changed_facts VALUES ('customers');
    PERFORM stats.lock_customers(touched);
    IF EXISTS (SELECT FROM stats.due_rebuilds) THEN
        RETURN NULL;
    END IF;

    -- Whose type is not the one that its interactions are counted under.
    SELECT array_agg(a.customer_id), sum(a.total_interactions) INTO moving, moved
    FROM stats.customer_activity AS a
    INNER JOIN crm.customers AS c ON c.customer_id = a.customer_id
    WHERE a.customer_id = ANY (touched) AND a.customer_type <> stats.label(c.customer_type);
    -- What the same statement does to their interactions is not counted yet, or is already: their rows
    -- do not tell. What it wrote has the number of its command, as the customer has.
    IF (
        moved > many
        AND moved > (
            SELECT 0.1 * coalesce(sum(c.total), 0) FROM stats.current_counts AS c WHERE c.grain = 'type_month'
        )
    ) OR EXISTS (
        SELECT FROM crm.interactions AS i
        INNER JOIN crm.customers AS c ON c.customer_id = i.customer_id
        WHERE i.customer_id = ANY (moving) AND i.xmin = c.xmin AND i.cmin = c.cmin
    ) OR moved <> (SELECT count(*) FROM crm.interactions AS i WHERE i.customer_id = ANY (moving)) THEN
        PERFORM stats.request_rebuild();
        RETURN NULL;
    END IF;

    EXECUTE stats.merge_statement(format(
        $statement$
        WITH types AS MATERIALIZED (
            SELECT a.customer_id, a.customer_type, -1 AS weight, a.is_customer AS is_counted
            FROM stats.customer_activity AS a
            WHERE a.customer_id = ANY ($2)
            UNION ALL
            SELECT c.customer_id, stats.label(c.customer_type), 1, true
            FROM crm.customers AS c
            WHERE c.customer_id = ANY ($2)
        ),

        facts AS MATERIALIZED (
            SELECT
                i.occurred_at::date AS day, date_trunc('month', i.occurred_at)::date AS month, t.customer_type,
                stats.label(i.channel) AS channel, stats.label(i.topic) AS topic,
                stats.label(i.sentiment) AS sentiment, t.weight, t.weight * i.is_repaired::integer AS repaired,
                t.weight * i.has_conflict::integer AS conflicts
            FROM types AS t
            INNER JOIN crm.interactions AS i ON i.customer_id = t.customer_id
            WHERE t.customer_id = ANY ($3)
        )

        %s
        UNION ALL
        SELECT 'customer_type', NULL, t.customer_type, NULL, NULL, NULL, t.weight, 0, 0 FROM types AS t WHERE t.is_counted
        $statement$, stats.grains_of_facts()
    )) USING stats.may_merge(coalesce(moved, 0)), touched, moving;

    -- Of every one, so that a transaction with an older snapshot fails when it comes to the lock.
    UPDATE stats.customer_activity AS a SET customer_type = stats.label(c.customer_type), is_customer = true
    FROM crm.customers AS c
    WHERE a.customer_id = ANY (touched) AND c.customer_id = a.customer_id;
    UPDATE stats.customer_activity AS a SET is_customer = false
    WHERE a.customer_id = ANY (touched)
        AND NOT EXISTS (SELECT FROM crm.customers AS c WHERE c.customer_id = a.customer_id);
    -- Another one whose interactions go in the same statement goes when they are counted.
    DELETE FROM stats.customer_activity AS a
    WHERE a.customer_id = ANY (touched) AND NOT a.is_customer AND a.total_interactions = 0;
    RETURN NULL;
END
$$;

-- What triggers look up is used all the time: it is in memory, where an index is cheaper than reading
-- the table.
ALTER FUNCTION stats.lock_customers(bigint []) SET random_page_cost = 1.1;
ALTER FUNCTION stats.count_interactions() SET random_page_cost = 1.1;
ALTER FUNCTION stats.count_customers() SET random_page_cost = 1.1;

-- As long as an import allows: with a customer type it is the key of a statistic.
ALTER TABLE crm.products ADD CONSTRAINT products_product_length CHECK (octet_length(product) <= 850) NOT VALID;

-- The triggers count what this changes.
SET LOCAL rapport.changes = 'recorded';
UPDATE crm.interactions AS i
SET is_repaired = q.is_repaired, has_conflict = q.has_conflict
FROM crm.interaction_quality AS q
WHERE q.interaction_id = i.interaction_id;
