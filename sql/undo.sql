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
AS $$
WITH changed AS (
    -- What the import wrote into rows that it did not bring.
    SELECT l.*
    FROM crm.ledger AS l
    WHERE l.import_id = undo_obstacles.import_id AND l.rule IN ('fill_gap', 'customer_described', 'keep_first_value')
),

later AS (
    SELECT l.*
    FROM crm.ledger_in_force AS l
    WHERE l.import_id > undo_obstacles.import_id
        AND l.rule IN (
            'same_customer', 'same_interaction', 'same_product_month', 'fill_gap', 'keep_first_value',
            'customer_described'
        )
),

built AS (
    SELECT l.import_id, 'rows that repeat or complete its customers' AS what, count(DISTINCT (l.sheet, l.row_number)) AS rows
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
    SELECT l.import_id, 'rows that repeat or complete its interactions', count(DISTINCT (l.sheet, l.row_number))
    FROM later AS l
    WHERE l.interaction_id IS NOT NULL AND (
        EXISTS (
            SELECT FROM crm.interactions AS i
            WHERE i.customer_id = l.customer_id AND i.interaction_id = l.interaction_id
                AND i.import_id = undo_obstacles.import_id
        )
        OR EXISTS (
            SELECT FROM changed AS x
            WHERE x.customer_id = l.customer_id AND x.interaction_id = l.interaction_id
        )
    )
    GROUP BY l.import_id
    UNION ALL
    SELECT l.import_id, 'rows that repeat its product months', count(DISTINCT (l.sheet, l.row_number))
    FROM later AS l
    INNER JOIN crm.products AS p ON p.product_month_id = l.product_month_id
    WHERE p.import_id = undo_obstacles.import_id
    GROUP BY l.import_id
    UNION ALL
    SELECT i.import_id, 'interactions of customers that came with it', count(*)
    FROM crm.interactions AS i
    INNER JOIN crm.customers AS c ON c.customer_id = i.customer_id
    WHERE c.import_id = undo_obstacles.import_id AND i.import_id IS DISTINCT FROM undo_obstacles.import_id
    GROUP BY i.import_id
)

SELECT format(
    '%s has %s %s',
    CASE WHEN i.import_id IS NULL THEN 'the database' ELSE format('import %s ("%s")', i.import_id, i.file_name) END,
    b.rows, b.what
)
FROM built AS b
LEFT JOIN crm.imports AS i ON i.import_id = b.import_id
UNION ALL
SELECT format(
    'customer %s: %s was "%s" after the import, and is %s now',
    x.customer_id, coalesce(nullif(x.field, 'extra'), x.column_name), x.after, coalesce('"' || s.value || '"', 'empty')
)
FROM changed AS x
INNER JOIN crm.customers AS c ON c.customer_id = x.customer_id
CROSS JOIN LATERAL (
    SELECT CASE x.field
        WHEN 'occupation' THEN c.occupation
        WHEN 'customer_type' THEN c.customer_type
        ELSE c.extra ->> x.column_name
    END AS value
) AS s
WHERE x.rule = 'fill_gap' AND x.interaction_id IS NULL AND s.value IS DISTINCT FROM x.after
UNION ALL
SELECT format(
    'interaction %s: %s was "%s" after the import, and is %s now',
    x.interaction_id, coalesce(nullif(x.field, 'extra'), x.column_name), x.after, coalesce('"' || s.value || '"', 'empty')
)
FROM changed AS x
INNER JOIN crm.interactions AS i ON i.customer_id = x.customer_id AND i.interaction_id = x.interaction_id
CROSS JOIN LATERAL (
    SELECT CASE x.field
        WHEN 'topic' THEN i.topic
        WHEN 'sentiment' THEN i.sentiment
        WHEN 'notes' THEN i.notes
        ELSE i.extra ->> x.column_name
    END AS value
) AS s
WHERE x.rule = 'fill_gap' AND i.import_id IS DISTINCT FROM undo_obstacles.import_id
    AND s.value IS DISTINCT FROM x.after
$$;
COMMENT ON FUNCTION rapport.undo_obstacles(bigint) IS
'Why an import cannot be undone: later imports that build on it, values that were changed since. No rows when it can. Example: SELECT * FROM rapport.undo_obstacles(1);';

CREATE FUNCTION rapport.undo_import(import_id bigint) RETURNS SETOF rapport.undo_result
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000 ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    this_import record;
    obstacles text [];
    result rapport.undo_result;
    restored bigint;
BEGIN
    PERFORM rapport.require_import(import_id);
    -- Not while an import runs: it could build on what is being removed.
    PERFORM pg_advisory_xact_lock(hashtextextended('rapport.import_file', 0));
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
                HINT = 'Undo the later imports first, the latest before the others; SELECT * FROM rapport.undo_obstacles(…) lists every reason.';
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
            l.customer_id, l.interaction_id, jsonb_agg(l.field) AS fields,
            coalesce(array_agg(l.column_name) FILTER (WHERE l.field = 'extra'), '{}') AS extra_keys
        FROM crm.ledger AS l
        WHERE l.import_id = undo_import.import_id AND l.rule = 'fill_gap' AND l.interaction_id IS NOT NULL
        GROUP BY l.customer_id, l.interaction_id
    ) AS x
    WHERE i.customer_id = x.customer_id AND i.interaction_id = x.interaction_id;

    -- The other time that the import gave to an inherited row.
    UPDATE crm.interactions AS i
    SET reported_at = NULL
    FROM crm.ledger AS l
    WHERE l.import_id = undo_import.import_id AND l.rule = 'keep_first_value' AND l.field = 'occurred_at'
        AND i.customer_id = l.customer_id AND i.interaction_id = l.interaction_id
        AND i.reported_at::text = l.before;

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
            AND l.interaction_id IS NULL
        GROUP BY l.customer_id
    ) AS x
    WHERE c.customer_id = x.customer_id AND c.import_id IS DISTINCT FROM undo_import.import_id;

    DELETE FROM crm.customers AS c WHERE c.import_id = undo_import.import_id;
    GET DIAGNOSTICS result.customers_removed = ROW_COUNT;

    SELECT count(*) INTO restored
    FROM crm.ledger AS l
    WHERE l.import_id = undo_import.import_id AND l.rule = 'fill_gap' AND (
        EXISTS (
            SELECT FROM crm.interactions AS i
            WHERE i.customer_id = l.customer_id AND i.interaction_id = l.interaction_id
        )
        OR (l.interaction_id IS NULL AND EXISTS (SELECT FROM crm.customers AS c WHERE c.customer_id = l.customer_id))
    );
    result.values_restored := restored;

    DELETE FROM crm.labels AS l
    WHERE l.import_id = undo_import.import_id AND NOT EXISTS (
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

    UPDATE crm.imports AS i SET undone_at = now(), undone_by = current_user WHERE i.import_id = undo_import.import_id;
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
