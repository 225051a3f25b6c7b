-- Keeping the statistics fresh, and holding the kept counts against the rows.

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
    -- What is committed from here on may be missing in the views.
    true_at CONSTANT timestamptz := clock_timestamp();
    result rapport.view_refresh;
BEGIN
    PERFORM rapport.require_schema();
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'views are refreshed in the isolation level read committed, this transaction has "%"',
            current_setting('transaction_isolation')
            USING ERRCODE = 'active_sql_transaction';
    END IF;
    -- What this transaction put off until its end is needed now.
    SET CONSTRAINTS stats.rebuild_when_due IMMEDIATE;
    SET CONSTRAINTS stats.rebuild_when_due DEFERRED;
    PERFORM stats.may_merge(1000);
    -- Before the views are read: what changes from here on is for the next refresh.
    WITH gone AS (
        DELETE FROM stats.changed_facts RETURNING fact
    )

    SELECT coalesce(array_agg(DISTINCT g.fact), '{}') INTO changed_facts FROM gone AS g;
    IF 'ledger' = ANY (changed_facts) THEN
        WITH parts AS (
            DELETE FROM stats.ledger_counts RETURNING *
        )

        INSERT INTO stats.ledger_counts (import_id, sheet, severity, action, rule, entries)
        SELECT p.import_id, p.sheet, p.severity, p.action, p.rule, sum(p.entries)
        FROM parts AS p
        GROUP BY p.import_id, p.sheet, p.severity, p.action, p.rule
        HAVING sum(p.entries) <> 0;
    END IF;
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
        result.refreshed_at := true_at;
        result.milliseconds := 1000 * extract(epoch FROM clock_timestamp() - began);
        UPDATE stats.refreshes AS r SET refreshed_at = result.refreshed_at WHERE r.view_name = this_view.view_name;
        RETURN NEXT result;
    END LOOP;
END
$$;
COMMENT ON FUNCTION rapport.refresh_stats() IS
'Brings the materialized views of stats up to date where facts have changed, without blocking readers, and tells what it did; refreshed_at is the time as of which they are true. Imports call it. Raises 25001 above read committed. Example: SELECT view_name, is_refreshed, changed FROM rapport.refresh_stats();';

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
        jsonb_build_object('total', sum(b.kept), 'repaired', sum(b.kept_repaired), 'conflicts', sum(b.kept_conflicts)),
        jsonb_build_object('total', sum(b.total), 'repaired', sum(b.repaired), 'conflicts', sum(b.conflicts))
    FROM (
        SELECT
            k.grain, k.day, k.customer_type, k.channel, k.topic, k.sentiment, k.total AS kept,
            k.repaired AS kept_repaired, k.conflicts AS kept_conflicts, 0 AS total, 0 AS repaired, 0 AS conflicts
        FROM stats.current_counts AS k
        UNION ALL
        SELECT
            c.grain, c.day, c.customer_type, c.channel, c.topic, c.sentiment, 0, 0, 0, c.total, c.repaired,
            c.conflicts
        FROM stats.counted() AS c
    ) AS b
    GROUP BY b.grain, b.day, b.customer_type, b.channel, b.topic, b.sentiment
    HAVING (sum(b.kept), sum(b.kept_repaired), sum(b.kept_conflicts))
        IS DISTINCT FROM (sum(b.total), sum(b.repaired), sum(b.conflicts))
    UNION ALL
    SELECT
        'interaction', jsonb_build_object('interaction_id', i.interaction_id),
        jsonb_build_object('is_repaired', i.is_repaired, 'has_conflict', i.has_conflict),
        jsonb_build_object(
            'is_repaired', coalesce(q.is_repaired, false), 'has_conflict', coalesce(q.has_conflict, false)
        )
    FROM crm.interactions AS i
    LEFT JOIN crm.interaction_quality AS q ON q.interaction_id = i.interaction_id
    WHERE (i.is_repaired, i.has_conflict)
        IS DISTINCT FROM (coalesce(q.is_repaired, false), coalesce(q.has_conflict, false))
    UNION ALL
    SELECT
        'customer_activity', jsonb_build_object('customer_id', coalesce(k.customer_id, f.customer_id)),
        to_jsonb(k) - 'customer_id', to_jsonb(f) - 'customer_id'
    FROM stats.customer_activity AS k
    FULL JOIN (
        SELECT
            c.customer_id, stats.label(c.customer_type) AS customer_type, true AS is_customer,
            coalesce(a.total_interactions, 0) AS total_interactions, a.first_interaction_at,
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
SET row_security = off
SET jit = off
AS $$
BEGIN
    PERFORM rapport.require_schema();
    -- Nobody counts meanwhile.
    PERFORM FROM stats.customer_activity AS a ORDER BY a.customer_id FOR UPDATE;
    UPDATE crm.interactions AS i
    SET is_repaired = coalesce(q.is_repaired, false), has_conflict = coalesce(q.has_conflict, false)
    FROM crm.interactions AS s
    LEFT JOIN crm.interaction_quality AS q ON q.interaction_id = s.interaction_id
    WHERE i.interaction_id = s.interaction_id
        AND (i.is_repaired, i.has_conflict)
        IS DISTINCT FROM (coalesce(q.is_repaired, false), coalesce(q.has_conflict, false));
    PERFORM stats.rebuild();
    PERFORM stats.recount_ledger();
    INSERT INTO stats.changed_facts SELECT DISTINCT f FROM stats.refreshes AS r CROSS JOIN LATERAL unnest(r.facts) AS f;
    RETURN QUERY SELECT r.* FROM rapport.refresh_stats() AS r;
END
$$;
COMMENT ON FUNCTION rapport.rebuild_stats() IS
'Counts everything anew and refreshes every view, for tables that were written while triggers were off. Example: SELECT view_name FROM rapport.rebuild_stats();';

REVOKE EXECUTE ON FUNCTION
rapport.refresh_stats(),
rapport.verify_stats(),
rapport.rebuild_stats()
FROM PUBLIC;
