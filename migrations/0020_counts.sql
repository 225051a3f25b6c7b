-- Counts that are kept while the facts change, in the same transaction; the materialized views are made
-- of them. How it works is told in docs/statistics.md.

-- An index holds rows of at most 2704 bytes, and three labels are keys of a row.
CREATE FUNCTION stats.label(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN left(coalesce(value, 'Unknown'), 200);
COMMENT ON FUNCTION stats.label(text) IS
'The label under which a value is counted: Unknown when nobody said, and its first 200 characters when it is longer.';

-- A grain says which columns are keys; the others are NULL.
CREATE TABLE stats.counts (
    grain text NOT NULL CHECK (grain IN ('day', 'type_month', 'month', 'topic_month', 'customer_type')),
    day date,
    customer_type text,
    channel text,
    topic text,
    sentiment text,
    total bigint NOT NULL
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX counts_key ON stats.counts (grain, day, customer_type, channel, topic, sentiment)
NULLS NOT DISTINCT;
COMMENT ON TABLE stats.counts IS
'Numbers of interactions by day, month, channel, topic and customer type, and of customers, kept by triggers. What is counted is the sum over this table and stats.pending_counts.';
COMMENT ON COLUMN stats.counts.grain IS
'day: interactions by day and customer_type. type_month: by month and customer_type. month: by month, customer_type, channel and sentiment. topic_month: by month, customer_type, topic and sentiment. customer_type: customers by type.';
COMMENT ON COLUMN stats.counts.day IS 'The day, or the first day of the month.';
COMMENT ON COLUMN stats.counts.total IS 'Number of interactions, or of customers.';

-- A counter that two transactions change makes one wait for the other until it commits, and two such
-- counters are a deadlock. So transactions leave differences here, and one at a time adds what it finds.
CREATE TABLE stats.pending_counts (LIKE stats.counts);
ALTER TABLE stats.pending_counts REPLICA IDENTITY FULL;
COMMENT ON TABLE stats.pending_counts IS 'Differences that were not yet added to stats.counts.';

CREATE TABLE stats.merge_turn (
    turn boolean PRIMARY KEY CHECK (turn)
);
INSERT INTO stats.merge_turn VALUES (true);
COMMENT ON TABLE stats.merge_turn IS 'Its row is locked by the transaction that adds to stats.counts.';

CREATE VIEW stats.current_counts AS
SELECT c.grain, c.day, c.customer_type, c.channel, c.topic, c.sentiment, c.total
FROM stats.counts AS c
UNION ALL
SELECT p.grain, p.day, p.customer_type, p.channel, p.topic, p.sentiment, p.total
FROM stats.pending_counts AS p;
COMMENT ON VIEW stats.current_counts IS 'What is counted, in parts to be summed up.';

-- One row for each customer. Who changes interactions of a customer, or its type, locks its row first,
-- so that a customer is counted by one transaction after another.
CREATE TABLE stats.customer_activity (
    customer_id bigint PRIMARY KEY,
    customer_type text NOT NULL,
    is_customer boolean NOT NULL DEFAULT true,
    total_interactions bigint NOT NULL DEFAULT 0,
    first_interaction_at timestamp,
    last_interaction_at timestamp,
    last_interaction_id bigint,
    last_channel text,
    last_topic text,
    last_sentiment text,
    most_frequent_channel text,
    key_topics text [] NOT NULL DEFAULT '{}'
) WITH (fillfactor = 80);
COMMENT ON TABLE stats.customer_activity IS
'What crm.customer_activity tells of the interactions of each customer, kept by triggers.';
COMMENT ON COLUMN stats.customer_activity.customer_type IS 'The type under which the customer and its interactions are counted.';
COMMENT ON COLUMN stats.customer_activity.is_customer IS
'False within a statement that deletes a customer before its interactions are counted as deleted.';

CREATE TABLE stats.ledger_counts (
    import_id bigint,
    sheet text,
    severity text NOT NULL,
    action text NOT NULL,
    rule text NOT NULL,
    entries bigint NOT NULL
);
ALTER TABLE stats.ledger_counts REPLICA IDENTITY FULL;
COMMENT ON TABLE stats.ledger_counts IS
'Numbers of ledger entries, in parts to be summed up; import_id is NULL for the inherited tables and changes by hand.';

-- Which facts changed since the materialized views were refreshed; a row for each statement, so that
-- nobody waits for a row of somebody else.
CREATE TABLE stats.changed_facts (
    fact text NOT NULL CHECK (fact IN ('interactions', 'customers', 'products', 'ledger', 'imports'))
);
ALTER TABLE stats.changed_facts REPLICA IDENTITY FULL;
COMMENT ON TABLE stats.changed_facts IS 'What changed since the last refresh of the materialized views.';

-- A change of a tenth of all interactions and more is not followed: everything is counted anew, once,
-- at the end of the transaction.
CREATE TABLE stats.due_rebuilds (
    requested_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE stats.due_rebuilds REPLICA IDENTITY FULL;
COMMENT ON TABLE stats.due_rebuilds IS 'Has a row while the transaction that wrote it must count everything anew before it ends.';

CREATE FUNCTION stats.merge_statement(differences text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN format($statement$
WITH differences AS MATERIALIZED (
    SELECT d.grain, d.day, d.customer_type, d.channel, d.topic, d.sentiment, sum(d.total)::bigint AS total
    FROM (%s) AS d
    GROUP BY 1, 2, 3, 4, 5, 6
    HAVING sum(d.total) <> 0
),

pending AS (
    INSERT INTO stats.pending_counts SELECT d.* FROM differences AS d WHERE NOT $1
)

INSERT INTO stats.counts AS t (grain, day, customer_type, channel, topic, sentiment, total)
SELECT d.* FROM differences AS d WHERE $1 ORDER BY 1, 2, 3, 4, 5, 6
ON CONFLICT (grain, day, customer_type, channel, topic, sentiment) DO UPDATE SET total = t.total + excluded.total
$statement$, differences);
COMMENT ON FUNCTION stats.merge_statement(text) IS
'The statement that adds the rows of a query to stats.counts if its first parameter is true, else to stats.pending_counts.';

CREATE FUNCTION stats.may_merge(differences bigint) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Few differences wait for the next who comes with many, or for their turn by chance: a transaction
    -- of many small statements would leave as many versions of the same sums. Nor does a snapshot that is
    -- older than the lock show what the one before added.
    IF (differences < 1000 AND random() > 1 / 256.0)
        OR current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted')
    THEN
        RETURN false;
    END IF;
    PERFORM FROM stats.merge_turn FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF EXISTS (SELECT FROM stats.pending_counts) THEN
        EXECUTE replace(
            stats.merge_statement('SELECT * FROM taken'), 'WITH differences AS',
            'WITH taken AS (DELETE FROM stats.pending_counts RETURNING *), differences AS'
        ) USING true;
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION stats.may_merge(bigint) IS
'Whether this transaction adds its differences to stats.counts. If it does, it has added what was pending.';

CREATE FUNCTION stats.counted() RETURNS SETOF stats.counts
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT 'day', i.occurred_at::date, stats.label(c.customer_type), NULL, NULL, NULL, count(*)
FROM crm.interactions AS i
INNER JOIN crm.customers AS c ON c.customer_id = i.customer_id
GROUP BY 2, 3
UNION ALL
SELECT
    'type_month', date_trunc('month', i.occurred_at)::date, stats.label(c.customer_type), NULL, NULL, NULL, count(*)
FROM crm.interactions AS i
INNER JOIN crm.customers AS c ON c.customer_id = i.customer_id
GROUP BY 2, 3
UNION ALL
SELECT
    'month', date_trunc('month', i.occurred_at)::date, stats.label(c.customer_type), stats.label(i.channel), NULL,
    stats.label(i.sentiment), count(*)
FROM crm.interactions AS i
INNER JOIN crm.customers AS c ON c.customer_id = i.customer_id
GROUP BY 2, 3, 4, 6
UNION ALL
SELECT
    'topic_month', date_trunc('month', i.occurred_at)::date, stats.label(c.customer_type), NULL, stats.label(i.topic),
    stats.label(i.sentiment), count(*)
FROM crm.interactions AS i
INNER JOIN crm.customers AS c ON c.customer_id = i.customer_id
GROUP BY 2, 3, 5, 6
UNION ALL
SELECT 'customer_type', NULL, stats.label(c.customer_type), NULL, NULL, NULL, count(*)
FROM crm.customers AS c
GROUP BY 3
$$;
COMMENT ON FUNCTION stats.counted() IS 'The rows of stats.counts, counted from the facts.';

CREATE TYPE stats.activity AS (
    customer_id bigint,
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
COMMENT ON TYPE stats.activity IS 'What stats.customer_activity tells of the interactions of a customer.';

-- Rows lie in the order of their customers, so sorting them by customer and something else is cheaper
-- than hashing them; the collation is that of bytes, as only equality matters.
CREATE FUNCTION stats.activity_of(customers bigint []) RETURNS SETOF stats.activity
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Planned for these customers: one plan for few and for all would read all.
    RETURN QUERY EXECUTE format($query$
    WITH met AS NOT MATERIALIZED (
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
    $query$, CASE WHEN customers IS NULL THEN 'true' ELSE 'i.customer_id = ANY ($1)' END) USING customers;
END
$$;
COMMENT ON FUNCTION stats.activity_of(bigint []) IS
'The rows of stats.customer_activity of customers that have interactions, counted from them; NULL means all customers.';

CREATE FUNCTION stats.rebuild() RETURNS void
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
        'SELECT c.grain, c.day, c.customer_type, c.channel, c.topic, c.sentiment, c.total FROM stats.counted() AS c
        UNION ALL
        SELECT k.grain, k.day, k.customer_type, k.channel, k.topic, k.sentiment, -k.total FROM stats.current_counts AS k'
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
COMMENT ON FUNCTION stats.rebuild() IS
'Counts everything anew and adds what is missing; the caller has locked the customers that it changed.';

CREATE FUNCTION stats.recount_ledger() RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
-- One statement, so one look at the ledger: what is added meanwhile stays.
BEGIN ATOMIC
WITH counted AS (
    DELETE FROM stats.ledger_counts
)

INSERT INTO stats.ledger_counts (import_id, sheet, severity, action, rule, entries)
SELECT l.import_id, l.sheet, l.severity, l.action, l.rule, count(*)
FROM crm.ledger AS l
GROUP BY l.import_id, l.sheet, l.severity, l.action, l.rule;
END;
COMMENT ON FUNCTION stats.recount_ledger() IS 'Counts the entries of the ledger anew.';

REVOKE EXECUTE ON FUNCTION
stats.label(text), stats.merge_statement(text), stats.may_merge(bigint), stats.counted(), stats.activity_of(bigint []),
stats.rebuild(), stats.recount_ledger()
FROM PUBLIC;
