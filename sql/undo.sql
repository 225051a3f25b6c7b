-- Taking an import back: what only it brought goes, what it changed is as before, its ledger stays.

CREATE TYPE rapport.undo_result AS (
    import_id bigint,
    file_name text,
    customers_removed bigint,
    interactions_removed bigint,
    products_removed bigint,
    values_restored bigint,
    message text
);
COMMENT ON TYPE rapport.undo_result IS 'What undo_import removed and restored.';

CREATE FUNCTION rapport.undo_obstacles(import_id bigint) RETURNS SETOF text
LANGUAGE sql STABLE PARALLEL RESTRICTED COST 10000 ROWS 5
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
SET jit = off
AS $$
WITH changed AS (
    -- What the import wrote into rows that it did not bring.
    SELECT l.*
    FROM crm.ledger AS l
    WHERE l.import_id = undo_obstacles.import_id
        AND (l.rule IN ('fill_gap', 'customer_described') OR (l.rule = 'keep_first_value' AND l.field = 'occurred_at'))
),

later AS (
    SELECT l.*
    FROM crm.ledger_in_force AS l
    WHERE l.import_id > undo_obstacles.import_id
        AND l.action IN ('merged', 'conflict', 'duplicate')
),

built AS (
    SELECT l.import_id, 'rows that say more of its customers, or the same' AS what, count(DISTINCT (l.sheet, l.row_number)) AS rows
    FROM later AS l
    WHERE l.interaction_id IS NULL AND (
        EXISTS (
            SELECT FROM crm.customers AS c
            WHERE c.customer_id = l.customer_id AND c.import_id = undo_obstacles.import_id
        )
        OR EXISTS (SELECT FROM changed AS x WHERE x.customer_id = l.customer_id AND x.interaction_id IS NULL)
    )
    GROUP BY l.import_id
    UNION ALL
    SELECT l.import_id, 'rows that say more of its interactions, or the same', count(DISTINCT (l.sheet, l.row_number))
    FROM later AS l
    WHERE l.interaction_id IS NOT NULL AND (
        EXISTS (
            SELECT FROM crm.interactions AS i
            WHERE i.interaction_id = l.interaction_id AND i.import_id = undo_obstacles.import_id
        )
        OR EXISTS (SELECT FROM changed AS x WHERE x.interaction_id = l.interaction_id)
    )
    GROUP BY l.import_id
    UNION ALL
    SELECT l.import_id, 'rows with its product months', count(DISTINCT (l.sheet, l.row_number))
    FROM later AS l
    INNER JOIN crm.products AS p ON p.product_month_id = l.product_month_id
    WHERE p.import_id = undo_obstacles.import_id
        OR EXISTS (SELECT FROM changed AS x WHERE x.product_month_id = p.product_month_id)
    GROUP BY l.import_id
    UNION ALL
    SELECT i.import_id, 'interactions of customers that came with it', count(*)
    FROM crm.interactions AS i
    INNER JOIN crm.customers AS c ON c.customer_id = i.customer_id
    WHERE c.import_id = undo_obstacles.import_id AND i.import_id IS DISTINCT FROM undo_obstacles.import_id
    GROUP BY i.import_id
)

SELECT format(
    '%s has %s: %s',
    CASE WHEN i.import_id IS NULL THEN 'the database' ELSE format('import %s ("%s")', i.import_id, i.file_name) END,
    b.what, b.rows
)
FROM built AS b
LEFT JOIN crm.imports AS i ON i.import_id = b.import_id
UNION ALL
-- What somebody corrected since would go with it, unless it was set back.
SELECT format(
    '%s: %s was %s and is %s, changed by hand', h.what, h.name, coalesce('"' || h.before || '"', 'empty'),
    coalesce('"' || h.now || '"', 'empty')
)
FROM (
    SELECT DISTINCT ON (t.what, t.name) t.what, t.name, l.before, t.now
    FROM crm.ledger AS l
    LEFT JOIN crm.interactions AS i ON i.interaction_id = l.interaction_id
    LEFT JOIN crm.products AS p ON p.product_month_id = l.product_month_id
    LEFT JOIN crm.customers AS c ON c.customer_id = l.customer_id AND l.interaction_id IS NULL
    CROSS JOIN LATERAL (
        SELECT
            CASE
                WHEN l.interaction_id IS NOT NULL THEN format('interaction %s', l.interaction_id)
                WHEN l.product_month_id IS NOT NULL THEN format('product month %s', l.product_month_id)
                ELSE format('customer %s', l.customer_id)
            END AS what,
            coalesce(l.column_name, l.field) AS name,
            CASE
                WHEN l.field = 'occurred_at' THEN i.occurred_at::text
                WHEN l.field = 'extra' THEN coalesce(i.extra, p.extra, c.extra) ->> l.column_name
                ELSE coalesce(to_jsonb(i), to_jsonb(p), to_jsonb(c)) ->> l.field
            END AS now
    ) AS t
    WHERE l.rule = 'changed_by_hand'
        -- Numbers of entries are in the order of the changes; times are those at which transactions began.
        AND l.entry_id > (SELECT min(m.entry_id) FROM crm.ledger AS m WHERE m.import_id = undo_obstacles.import_id)
        AND (
            undo_obstacles.import_id IN (i.import_id, p.import_id, c.import_id)
            OR EXISTS (
                SELECT FROM changed AS x
                WHERE x.field = l.field AND x.interaction_id IS NOT DISTINCT FROM l.interaction_id
                    AND x.product_month_id IS NOT DISTINCT FROM l.product_month_id
                    AND (l.interaction_id IS NOT NULL OR x.customer_id IS NOT DISTINCT FROM l.customer_id)
            )
        )
    ORDER BY t.what, t.name, l.entry_id
) AS h
WHERE h.before IS DISTINCT FROM h.now
$$;
COMMENT ON FUNCTION rapport.undo_obstacles(bigint) IS
'Why an import cannot be undone: later imports that build on it, values that were changed since. No rows when it can. Example: SELECT * FROM rapport.undo_obstacles(1);';

CREATE FUNCTION rapport.undo_import(import_id bigint) RETURNS SETOF rapport.undo_result
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000 ROWS 1
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
SET jit = off
-- What a policy hides would stay.
SET row_security = off
SET rapport.changes = 'recorded'
AS $$
#variable_conflict use_column
DECLARE
    this_import record;
    obstacles text [];
    result rapport.undo_result;
BEGIN
    PERFORM rapport.require_import(import_id);
    -- Not while an import runs: it could build on what is being removed.
    PERFORM rapport.lock_imports();
    -- Nor while somebody corrects what is looked at and then removed.
    LOCK TABLE crm.customers, crm.interactions, crm.products IN SHARE ROW EXCLUSIVE MODE;
    SELECT i.* INTO this_import FROM crm.imports AS i WHERE i.import_id = undo_import.import_id;
    IF this_import.undone_at IS NOT NULL THEN
        RAISE EXCEPTION 'import "%" was undone already', import_id
            USING ERRCODE = 'object_in_use',
                DETAIL = format(
                    'By %s on %s.', this_import.undone_by, to_char(this_import.undone_at, 'YYYY-MM-DD HH24:MI')
                );
    END IF;
    SELECT array_agg(o.reason) INTO obstacles FROM rapport.undo_obstacles(import_id) AS o (reason);
    IF obstacles IS NOT NULL THEN
        RAISE EXCEPTION 'import "%" cannot be undone: something builds on it', import_id
            USING ERRCODE = 'object_in_use',
                DETAIL = array_to_string(obstacles[:10], '; ')
                    || CASE WHEN cardinality(obstacles) > 10 THEN format('; and %s more', cardinality(obstacles) - 10) ELSE '' END,
                HINT = 'Undo later imports first, the latest before the others, and set back what was changed by hand; SELECT * FROM rapport.undo_obstacles(…) lists every reason.';
    END IF;
    result.import_id := import_id;
    result.file_name := this_import.file_name;

    DELETE FROM crm.interactions AS i WHERE i.import_id = undo_import.import_id;
    GET DIAGNOSTICS result.interactions_removed = ROW_COUNT;
    DELETE FROM crm.products AS p WHERE p.import_id = undo_import.import_id;
    GET DIAGNOSTICS result.products_removed = ROW_COUNT;

    UPDATE crm.interactions AS i
    SET
        topic = CASE WHEN x.fields ? 'topic' THEN NULL ELSE i.topic END,
        sentiment = CASE WHEN x.fields ? 'sentiment' THEN NULL ELSE i.sentiment END,
        notes = CASE WHEN x.fields ? 'notes' THEN NULL ELSE i.notes END,
        extra = nullif(i.extra - x.extra_keys, '{}')
    FROM (
        SELECT
            l.interaction_id, jsonb_agg(l.field) AS fields,
            coalesce(array_agg(l.column_name) FILTER (WHERE l.field = 'extra'), '{}') AS extra_keys
        FROM crm.ledger AS l
        WHERE l.import_id = undo_import.import_id AND l.rule = 'fill_gap' AND l.interaction_id IS NOT NULL
        GROUP BY l.interaction_id
    ) AS x
    WHERE i.interaction_id = x.interaction_id;

    UPDATE crm.products AS p
    SET extra = nullif(p.extra - x.extra_keys, '{}')
    FROM (
        SELECT l.product_month_id, array_agg(l.column_name) AS extra_keys
        FROM crm.ledger AS l
        WHERE l.import_id = undo_import.import_id AND l.rule = 'fill_gap' AND l.product_month_id IS NOT NULL
        GROUP BY l.product_month_id
    ) AS x
    WHERE p.product_month_id = x.product_month_id;

    -- The other time that the import gave to an inherited row.
    UPDATE crm.interactions AS i
    SET reported_at = NULL
    FROM crm.ledger AS l
    WHERE l.import_id = undo_import.import_id AND l.rule = 'keep_first_value' AND l.field = 'occurred_at'
        AND i.interaction_id = l.interaction_id
        AND i.reported_at = l.before::timestamp;

    UPDATE crm.customers AS c
    SET
        occupation = CASE WHEN x.fields ? 'occupation' THEN NULL ELSE c.occupation END,
        customer_type = CASE WHEN x.fields ? 'customer_type' THEN NULL ELSE c.customer_type END,
        extra = nullif(c.extra - x.extra_keys, '{}'),
        is_placeholder = c.is_placeholder OR x.described
    FROM (
        SELECT
            l.customer_id, coalesce(jsonb_agg(l.field) FILTER (WHERE l.rule = 'fill_gap'), '[]') AS fields,
            coalesce(array_agg(l.column_name) FILTER (WHERE l.rule = 'fill_gap' AND l.field = 'extra'), '{}')
                AS extra_keys,
            bool_or(l.rule = 'customer_described') AS described
        FROM crm.ledger AS l
        WHERE l.import_id = undo_import.import_id AND l.rule IN ('fill_gap', 'customer_described')
            AND l.interaction_id IS NULL AND l.customer_id IS NOT NULL
        GROUP BY l.customer_id
    ) AS x
    WHERE c.customer_id = x.customer_id AND c.import_id IS DISTINCT FROM undo_import.import_id;

    DELETE FROM crm.customers AS c WHERE c.import_id = undo_import.import_id;
    GET DIAGNOSTICS result.customers_removed = ROW_COUNT;

    SELECT count(*) INTO result.values_restored
    FROM crm.ledger AS l
    WHERE l.import_id = undo_import.import_id AND l.rule = 'fill_gap' AND (
        EXISTS (SELECT FROM crm.interactions AS i WHERE i.interaction_id = l.interaction_id)
        OR EXISTS (SELECT FROM crm.products AS p WHERE p.product_month_id = l.product_month_id)
        OR (l.interaction_id IS NULL AND EXISTS (SELECT FROM crm.customers AS c WHERE c.customer_id = l.customer_id))
    );

    UPDATE crm.imports AS i SET undone_at = now(), undone_by = current_user WHERE i.import_id = undo_import.import_id;
    PERFORM rapport.mark_quality_of_import(import_id);

    -- Of every undone import: another one may have used its spellings longer than it lasted.
    DELETE FROM crm.labels AS l
    USING crm.imports AS i
    WHERE i.import_id = l.import_id AND i.undone_at IS NOT NULL AND NOT EXISTS (
        SELECT FROM (
            SELECT DISTINCT v.kind, v.label
            FROM crm.interactions AS i
            CROSS JOIN LATERAL (
                VALUES ('channel', i.channel), ('topic', i.topic), ('sentiment', i.sentiment)
            ) AS v (kind, label)
            UNION
            SELECT v.kind, v.label
            FROM crm.customers AS c
            CROSS JOIN LATERAL (VALUES ('occupation', c.occupation), ('customer_type', c.customer_type)) AS v (kind, label)
            UNION
            SELECT 'product', p.product FROM crm.products AS p
        ) AS used
        WHERE used.kind = l.kind AND used.label = l.label
    );

    PERFORM rapport.refresh_stats();
    result.message := format(
        'import %s ("%s") was undone; customers removed: %s, interactions: %s, product months: %s; values emptied again: %s; its ledger is kept',
        import_id, result.file_name, result.customers_removed, result.interactions_removed, result.products_removed,
        result.values_restored
    );
    RETURN NEXT result;
END
$$;
COMMENT ON FUNCTION rapport.undo_import(bigint) IS
'Takes an import back: removes the rows that only it brought, empties the values that it filled, and keeps its ledger; the file may then be imported again. Raises 55006 with the reasons when later imports build on it or values were changed since. Example: SELECT message FROM rapport.undo_import(1);';

REVOKE EXECUTE ON FUNCTION rapport.undo_obstacles(bigint), rapport.undo_import(bigint) FROM PUBLIC;
