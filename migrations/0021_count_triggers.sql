-- Whoever changes facts changes the counts with them.

CREATE FUNCTION stats.lock_customers(customers bigint []) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    locked bigint;
BEGIN
    -- In one order, so that no two statements wait for each other. The statements that follow see what
    -- those wrote for whom this one waited.
    PERFORM FROM stats.customer_activity AS a
    WHERE a.customer_id = ANY (customers)
    ORDER BY a.customer_id
    FOR UPDATE;
    GET DIAGNOSTICS locked = ROW_COUNT;
    -- A customer that came while triggers were off.
    IF locked < cardinality(customers) THEN
        INSERT INTO stats.customer_activity (customer_id)
        SELECT c.customer_id FROM unnest(customers) AS c (customer_id)
        ORDER BY c.customer_id
        ON CONFLICT DO NOTHING;
    END IF;
END
$$;
COMMENT ON FUNCTION stats.lock_customers(bigint []) IS
'Locks the rows of stats.customer_activity until the transaction ends.';

CREATE FUNCTION stats.count_interactions() RETURNS trigger
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
        SELECT count(*)
        FROM (
            SELECT FROM (%s) AS w
            GROUP BY w.interaction_id, w.customer_id, w.occurred_at, w.channel, w.topic, w.sentiment
            HAVING sum(w.weight) <> 0
        ) AS n
        $statement$ ELSE 'SELECT count(*) FROM (%s) AS w' END, written
    ) INTO changes;
    IF changes = 0 THEN
        RETURN NULL;
    END IF;
    INSERT INTO stats.changed_facts VALUES ('interactions');
    IF EXISTS (SELECT FROM stats.due_rebuilds) THEN
        RETURN NULL;
    END IF;
    IF changes > many AND current_setting('transaction_isolation') IN ('read committed', 'read uncommitted')
        AND changes > (
            SELECT 0.1 * coalesce(sum(c.interactions), 0) FROM stats.current_counts AS c WHERE c.grain = 'type_month'
        )
    THEN
        INSERT INTO stats.due_rebuilds DEFAULT VALUES;
        RETURN NULL;
    END IF;

    EXECUTE format('SELECT array_agg(DISTINCT w.customer_id) FROM (%s) AS w', written) INTO touched;
    PERFORM stats.lock_customers(touched);

    EXECUTE stats.merge_statement(format(
        $statement$
        WITH facts AS MATERIALIZED (
            SELECT
                w.customer_id, w.occurred_at::date AS day, date_trunc('month', w.occurred_at)::date AS month,
                coalesce(c.customer_type, 'Unknown') AS customer_type, coalesce(w.channel, 'Unknown') AS channel,
                coalesce(w.topic, 'Unknown') AS topic, coalesce(w.sentiment, 'Unknown') AS sentiment,
                sum(w.weight) AS weight
            FROM (%s) AS w
            INNER JOIN crm.customers AS c ON c.customer_id = w.customer_id
            GROUP BY 1, 2, 3, 4, 5, 6, 7
            HAVING sum(w.weight) <> 0
        )

        SELECT
            'day' AS grain, f.day, f.customer_type, NULL AS channel, NULL AS topic, NULL AS sentiment,
            f.weight AS interactions, 0 AS customers
        FROM facts AS f
        UNION ALL
        SELECT 'type_month', f.month, f.customer_type, NULL, NULL, NULL, f.weight, 0
        FROM facts AS f
        UNION ALL
        SELECT 'month', f.month, f.customer_type, f.channel, NULL, f.sentiment, f.weight, 0
        FROM facts AS f
        UNION ALL
        SELECT 'topic_month', f.month, f.customer_type, NULL, f.topic, f.sentiment, f.weight, 0
        FROM facts AS f
        UNION ALL
        -- A customer counts from the first such interaction on, and no longer after the last.
        SELECT
            'month', k.month, k.customer_type, k.channel, NULL, k.sentiment, 0,
            (n.now > 0)::integer - (n.now > k.weight)::integer
        FROM (
            SELECT f.customer_id, f.month, f.customer_type, f.channel, f.sentiment, sum(f.weight) AS weight
            FROM facts AS f
            GROUP BY 1, 2, 3, 4, 5
            HAVING sum(f.weight) <> 0
        ) AS k
        CROSS JOIN LATERAL (
            SELECT count(*) AS now
            FROM crm.interactions AS i
            WHERE i.customer_id = k.customer_id
                AND i.occurred_at >= k.month AND i.occurred_at < k.month + interval '1 month'
                AND coalesce(i.channel, 'Unknown') = k.channel AND coalesce(i.sentiment, 'Unknown') = k.sentiment
        ) AS n
        UNION ALL
        SELECT
            'topic', NULL, NULL, NULL, k.topic, k.sentiment, 0, (n.now > 0)::integer - (n.now > k.weight)::integer
        FROM (
            SELECT f.customer_id, f.topic, f.sentiment, sum(f.weight) AS weight
            FROM facts AS f
            GROUP BY 1, 2, 3
            HAVING sum(f.weight) <> 0
        ) AS k
        CROSS JOIN LATERAL (
            SELECT count(*) AS now
            FROM crm.interactions AS i
            WHERE i.customer_id = k.customer_id
                AND coalesce(i.topic, 'Unknown') = k.topic AND coalesce(i.sentiment, 'Unknown') = k.sentiment
        ) AS n
        $statement$, written
    )) USING stats.may_merge();

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
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION stats.count_interactions() IS 'Brings the counts up to date with a change of crm.interactions.';

CREATE FUNCTION stats.count_customers() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = off
SET jit = off
AS $$
DECLARE
    written CONSTANT text := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT 1 AS weight, n.* FROM new_rows AS n'
        WHEN 'DELETE' THEN 'SELECT -1 AS weight, o.* FROM old_rows AS o'
        ELSE 'SELECT 1 AS weight, n.* FROM new_rows AS n UNION ALL SELECT -1, o.* FROM old_rows AS o'
    END;
    added bigint [];
    removed bigint [];
    retyped bigint [];
BEGIN
    EXECUTE format(
        $statement$
        SELECT
            array_agg(c.customer_id) FILTER (WHERE c.rows > 0),
            array_agg(c.customer_id) FILTER (WHERE c.rows < 0),
            array_agg(c.customer_id ORDER BY c.customer_id) FILTER (WHERE c.rows = 0)
        FROM (
            SELECT t.customer_id, sum(t.weight) AS rows
            FROM (
                SELECT w.customer_id, sum(w.weight) AS weight
                FROM (%s) AS w
                GROUP BY w.customer_id, coalesce(w.customer_type, 'Unknown')
                HAVING sum(w.weight) <> 0
            ) AS t
            GROUP BY t.customer_id
        ) AS c
        $statement$, written
    ) INTO added, removed, retyped;
    INSERT INTO stats.changed_facts VALUES ('customers');

    DELETE FROM stats.customer_activity AS a WHERE a.customer_id = ANY (removed);
    INSERT INTO stats.customer_activity (customer_id) SELECT t.customer_id FROM unnest(added) AS t (customer_id);
    IF coalesce(added, removed, retyped) IS NULL OR EXISTS (SELECT FROM stats.due_rebuilds) THEN
        RETURN NULL;
    END IF;

    PERFORM stats.lock_customers(retyped);
    -- A transaction with an older snapshot, which shows the old type, must fail when it comes to the lock.
    UPDATE stats.customer_activity AS a SET customer_id = a.customer_id WHERE a.customer_id = ANY (retyped);

    EXECUTE stats.merge_statement(format(
        $statement$
        WITH types AS MATERIALIZED (
            SELECT w.customer_id, coalesce(w.customer_type, 'Unknown') AS customer_type, sum(w.weight) AS weight
            FROM (%s) AS w
            GROUP BY 1, 2
            HAVING sum(w.weight) <> 0
        ),

        -- Who has just come or gone has no interactions.
        facts AS MATERIALIZED (
            SELECT
                i.customer_id, i.occurred_at::date AS day, date_trunc('month', i.occurred_at)::date AS month,
                t.customer_type, coalesce(i.channel, 'Unknown') AS channel, coalesce(i.topic, 'Unknown') AS topic,
                coalesce(i.sentiment, 'Unknown') AS sentiment, t.weight
            FROM types AS t
            INNER JOIN crm.interactions AS i ON i.customer_id = t.customer_id
            WHERE t.customer_id = ANY (%L::bigint [])
        )

        SELECT
            'customer_type' AS grain, NULL::date AS day, t.customer_type, NULL AS channel, NULL AS topic,
            NULL AS sentiment, 0 AS interactions, t.weight AS customers
        FROM types AS t
        UNION ALL
        SELECT 'day', f.day, f.customer_type, NULL, NULL, NULL, f.weight, 0
        FROM facts AS f
        UNION ALL
        SELECT 'type_month', f.month, f.customer_type, NULL, NULL, NULL, f.weight, 0
        FROM facts AS f
        UNION ALL
        SELECT 'month', f.month, f.customer_type, f.channel, NULL, f.sentiment, f.weight, 0
        FROM facts AS f
        UNION ALL
        SELECT 'topic_month', f.month, f.customer_type, NULL, f.topic, f.sentiment, f.weight, 0
        FROM facts AS f
        UNION ALL
        SELECT 'month', k.month, k.customer_type, k.channel, NULL, k.sentiment, 0, k.weight
        FROM (
            SELECT DISTINCT f.customer_id, f.month, f.customer_type, f.channel, f.sentiment, f.weight FROM facts AS f
        ) AS k
        $statement$, written, retyped
    )) USING stats.may_merge();
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION stats.count_customers() IS 'Brings the counts up to date with a change of crm.customers.';

CREATE FUNCTION stats.count_ledger() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO stats.ledger_counts (import_id, sheet, severity, action, rule, entries)
        SELECT n.import_id, n.sheet, n.severity, n.action, n.rule, count(*)
        FROM new_rows AS n
        GROUP BY n.import_id, n.sheet, n.severity, n.action, n.rule;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO stats.ledger_counts (import_id, sheet, severity, action, rule, entries)
        SELECT o.import_id, o.sheet, o.severity, o.action, o.rule, -count(*)
        FROM old_rows AS o
        GROUP BY o.import_id, o.sheet, o.severity, o.action, o.rule;
    END IF;
    INSERT INTO stats.changed_facts VALUES ('ledger');
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION stats.count_ledger() IS 'Brings the counts up to date with a change of crm.ledger.';

CREATE FUNCTION stats.note_change() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO stats.changed_facts VALUES (TG_TABLE_NAME);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION stats.note_change() IS 'Remembers that a materialized view is out of date.';

CREATE FUNCTION stats.count_nothing() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Nobody else has the table open.
    IF TG_TABLE_NAME = 'ledger' THEN
        DELETE FROM stats.ledger_counts;
    ELSE
        DELETE FROM stats.pending_counts AS p WHERE p.grain <> 'customer_type' OR TG_TABLE_NAME = 'customers';
        DELETE FROM stats.counts AS c WHERE c.grain <> 'customer_type' OR TG_TABLE_NAME = 'customers';
        IF TG_TABLE_NAME = 'customers' THEN
            DELETE FROM stats.customer_activity;
        ELSE
            UPDATE stats.customer_activity AS a
            SET (
                total_interactions, first_interaction_at, last_interaction_at, last_interaction_id, last_channel,
                last_topic, last_sentiment, most_frequent_channel, key_topics
            ) = ROW(0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{}'::text [])
            WHERE a.total_interactions <> 0;
        END IF;
    END IF;
    INSERT INTO stats.changed_facts VALUES (TG_TABLE_NAME);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION stats.count_nothing() IS 'Brings the counts up to date with a TRUNCATE.';

CREATE FUNCTION stats.rebuild_when_due() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM stats.due_rebuilds) THEN
        PERFORM stats.rebuild();
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION stats.rebuild_when_due() IS 'Counts everything anew at the end of a transaction that changed much.';

REVOKE EXECUTE ON FUNCTION
stats.lock_customers(bigint []), stats.count_interactions(), stats.count_customers(), stats.count_ledger(), stats.note_change(), stats.count_nothing(),
stats.rebuild_when_due()
FROM PUBLIC;

CREATE CONSTRAINT TRIGGER rebuild_when_due AFTER INSERT ON stats.due_rebuilds
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION stats.rebuild_when_due();

CREATE TRIGGER count_inserted AFTER INSERT ON crm.interactions
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION stats.count_interactions();
CREATE TRIGGER count_updated AFTER UPDATE ON crm.interactions
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION stats.count_interactions();
CREATE TRIGGER count_deleted AFTER DELETE ON crm.interactions
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION stats.count_interactions();
CREATE TRIGGER count_truncated AFTER TRUNCATE ON crm.interactions
FOR EACH STATEMENT EXECUTE FUNCTION stats.count_nothing();

CREATE TRIGGER count_inserted AFTER INSERT ON crm.customers
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION stats.count_customers();
CREATE TRIGGER count_updated AFTER UPDATE ON crm.customers
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION stats.count_customers();
CREATE TRIGGER count_deleted AFTER DELETE ON crm.customers
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION stats.count_customers();
CREATE TRIGGER count_truncated AFTER TRUNCATE ON crm.customers
FOR EACH STATEMENT EXECUTE FUNCTION stats.count_nothing();

CREATE TRIGGER count_inserted AFTER INSERT ON crm.ledger
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION stats.count_ledger();
CREATE TRIGGER count_updated AFTER UPDATE ON crm.ledger
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION stats.count_ledger();
CREATE TRIGGER count_deleted AFTER DELETE ON crm.ledger
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION stats.count_ledger();
CREATE TRIGGER count_truncated AFTER TRUNCATE ON crm.ledger
FOR EACH STATEMENT EXECUTE FUNCTION stats.count_nothing();

CREATE TRIGGER note_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON crm.products
FOR EACH STATEMENT EXECUTE FUNCTION stats.note_change();
CREATE TRIGGER note_change AFTER UPDATE ON crm.imports
FOR EACH STATEMENT EXECUTE FUNCTION stats.note_change();
