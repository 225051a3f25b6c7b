-- Whoever changes facts changes the counts with them.

CREATE FUNCTION stats.grains_of_facts() RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN $query$
SELECT
    'day' AS grain, f.day, f.customer_type, NULL AS channel, NULL AS topic, NULL AS sentiment, f.weight AS total
FROM facts AS f
UNION ALL
SELECT 'type_month', f.month, f.customer_type, NULL, NULL, NULL, f.weight FROM facts AS f
UNION ALL
SELECT 'month', f.month, f.customer_type, f.channel, NULL, f.sentiment, f.weight FROM facts AS f
UNION ALL
SELECT 'topic_month', f.month, f.customer_type, NULL, f.topic, f.sentiment, f.weight FROM facts AS f
$query$;
COMMENT ON FUNCTION stats.grains_of_facts() IS
'The query that makes differences of stats.counts from a table expression "facts" of weighted interactions.';

CREATE FUNCTION stats.lock_customers(customers bigint []) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    locked bigint;
BEGIN
    -- In one order, so that two statements do not wait for each other. The statements that follow see what
    -- those wrote for whom this one waited.
    PERFORM FROM stats.customer_activity AS a
    WHERE a.customer_id = ANY (customers)
    ORDER BY a.customer_id
    FOR UPDATE;
    GET DIAGNOSTICS locked = ROW_COUNT;
    IF locked < cardinality(customers) THEN
        WITH came AS (
            INSERT INTO stats.customer_activity (customer_id, customer_type)
            SELECT c.customer_id, stats.label(c.customer_type)
            FROM crm.customers AS c
            WHERE c.customer_id = ANY (customers)
            ORDER BY c.customer_id
            ON CONFLICT DO NOTHING
            RETURNING customer_type
        )

        INSERT INTO stats.pending_counts (grain, customer_type, total)
        SELECT 'customer_type', c.customer_type, count(*) FROM came AS c GROUP BY c.customer_type;
    END IF;
END
$$;
COMMENT ON FUNCTION stats.lock_customers(bigint []) IS
'Locks the rows of stats.customer_activity until the transaction ends, and makes those that are missing.';

CREATE FUNCTION stats.request_rebuild() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Not within the statement, of which other triggers may be waiting to count, whatever the session set.
    SET CONSTRAINTS stats.rebuild_when_due DEFERRED;
    INSERT INTO stats.due_rebuilds DEFAULT VALUES;
END
$$;
COMMENT ON FUNCTION stats.request_rebuild() IS 'Has everything counted anew when the transaction ends.';

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
        SELECT count(DISTINCT n.interaction_id), array_agg(DISTINCT n.customer_id)
        FROM (
            SELECT w.interaction_id, w.customer_id FROM (%s) AS w
            GROUP BY w.interaction_id, w.customer_id, w.occurred_at, w.channel, w.topic, w.sentiment
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
                stats.label(w.sentiment) AS sentiment, sum(w.weight) AS weight
            FROM (%s) AS w
            INNER JOIN stats.customer_activity AS a ON a.customer_id = w.customer_id
            GROUP BY 1, 2, 3, 4, 5, 6
            HAVING sum(w.weight) <> 0
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
COMMENT ON FUNCTION stats.count_interactions() IS 'Brings the counts up to date with a change of crm.interactions.';

CREATE FUNCTION stats.count_customers() RETURNS trigger
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
                stats.label(i.sentiment) AS sentiment, t.weight
            FROM types AS t
            INNER JOIN crm.interactions AS i ON i.customer_id = t.customer_id
            WHERE t.customer_id = ANY ($3)
        )

        %s
        UNION ALL
        SELECT 'customer_type', NULL, t.customer_type, NULL, NULL, NULL, t.weight FROM types AS t WHERE t.is_counted
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
    IF FOUND THEN
        INSERT INTO stats.changed_facts VALUES ('ledger');
    END IF;
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
    -- Nobody else has the table open, but an older snapshot does not show all that was counted.
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'crm.% is truncated in the isolation level read committed, this transaction has "%"',
            TG_TABLE_NAME, current_setting('transaction_isolation')
            USING ERRCODE = 'active_sql_transaction';
    END IF;
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
COMMENT ON FUNCTION stats.count_nothing() IS
'Brings the counts up to date with a TRUNCATE. Raises 25001 above read committed.';

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
stats.grains_of_facts(), stats.lock_customers(bigint []), stats.request_rebuild(), stats.count_interactions(), stats.count_customers(), stats.count_ledger(), stats.note_change(), stats.count_nothing(),
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

-- Nobody can write to the tables now until this is committed: what was there is counted once.
SELECT stats.rebuild();
SELECT stats.recount_ledger();
