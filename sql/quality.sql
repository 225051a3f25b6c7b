-- What cleaning decided, read back.

CREATE TYPE rapport.quality_line AS (
    import_id bigint,
    file_name text,
    sheet text,
    action text,
    rule text,
    entries bigint,
    example_before text,
    example_after text
);
COMMENT ON TYPE rapport.quality_line IS 'How often one rule was applied to one sheet, with its first example.';

CREATE FUNCTION rapport.quality_report(import_id bigint DEFAULT NULL)
RETURNS SETOF rapport.quality_line
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 1000 ROWS 50
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM rapport.require_schema();
    IF import_id IS NOT NULL THEN
        PERFORM rapport.require_import(import_id);
    END IF;
    RETURN QUERY
    SELECT
        l.import_id,
        i.file_name,
        l.sheet,
        l.action,
        l.rule,
        count(*),
        (array_agg(l.before ORDER BY l.entry_id))[1],
        (array_agg(l.after ORDER BY l.entry_id))[1]
    FROM crm.ledger AS l
    LEFT JOIN crm.imports AS i ON l.import_id = i.import_id
    WHERE quality_report.import_id IS NULL OR l.import_id = quality_report.import_id
    GROUP BY l.import_id, i.file_name, l.sheet, l.action, l.rule
    ORDER BY l.import_id NULLS FIRST, l.sheet COLLATE "C", l.action COLLATE "C", l.rule COLLATE "C";
END
$$;
COMMENT ON FUNCTION rapport.quality_report(bigint) IS
'How many cells and rows each rule touched, for one import or for all. Raises P0002 for an unknown import. Example: SELECT * FROM rapport.quality_report(1);';

CREATE FUNCTION rapport.import_counts(import_id bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 500
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM rapport.require_import(import_id);
    RETURN (
        SELECT jsonb_build_object(
            'repaired', count(DISTINCT (l.sheet, l.row_number, l.column_name)) FILTER (WHERE l.action = 'repaired'),
            'split', count(*) FILTER (WHERE l.action = 'split'),
            'merged', count(*) FILTER (WHERE l.action = 'merged' AND l.column_name IS NOT NULL),
            'duplicates', count(*) FILTER (WHERE l.action = 'duplicate'),
            'conflicts', count(*) FILTER (WHERE l.action = 'conflict'),
            -- A loaded row has a customer; what was rejected of it is a cell.
            'rejected', count(DISTINCT (l.sheet, l.row_number))
                FILTER (WHERE l.action = 'rejected' AND l.customer_id IS NULL)
        )
        FROM crm.ledger AS l
        WHERE l.import_id = import_counts.import_id
    );
END
$$;
COMMENT ON FUNCTION rapport.import_counts(bigint) IS
'What cleaning did in an import: cells repaired, split and in conflict, gaps filled, rows that were duplicates or rejected. Several rules may have repaired one cell. Example: SELECT rapport.import_counts(1);';

CREATE FUNCTION rapport.import_report(
    import_id bigint,
    after_entry bigint DEFAULT 0,
    max_entries integer DEFAULT 100
) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 1000
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    report jsonb;
    entries jsonb;
    last_entry bigint;
BEGIN
    PERFORM rapport.require_import(import_id);
    IF max_entries IS NULL OR max_entries NOT BETWEEN 1 AND 1000 THEN
        RAISE EXCEPTION 'max_entries must be between 1 and 1000, got "%"', coalesce(max_entries::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT
        coalesce(jsonb_agg(jsonb_build_object(
            'entry_id', page.entry_id, 'sheet', page.sheet, 'row', page.row_number,
            'column', page.column_name, 'rule', page.rule, 'action', page.action,
            'before', page.before, 'after', page.after, 'detail', page.detail,
            'customer_id', page.customer_id, 'interaction_id', page.interaction_id
        ) ORDER BY page.entry_id), '[]'),
        max(page.entry_id)
    INTO entries, last_entry
    FROM (
        SELECT * FROM crm.ledger AS l
        WHERE l.import_id = import_report.import_id AND l.entry_id > coalesce(after_entry, 0)
        ORDER BY l.entry_id
        LIMIT max_entries
    ) AS page;
    IF NOT EXISTS (
        SELECT FROM crm.ledger AS l WHERE l.import_id = import_report.import_id AND l.entry_id > last_entry
    ) THEN
        last_entry := NULL;
    END IF;

    SELECT jsonb_build_object(
        'import_id', i.import_id, 'file_name', i.file_name, 'file_format', i.file_format,
        'content_bytes', i.content_bytes, 'content_sha256', encode(i.content_sha256, 'hex'),
        'imported_at', i.imported_at, 'imported_by', i.imported_by, 'date_order', i.date_order,
        'rows_read', i.rows_read, 'customers_added', i.customers_added,
        'customers_updated', i.customers_updated, 'placeholders_added', i.placeholders_added,
        'interactions_added', i.interactions_added, 'interactions_enriched', i.interactions_enriched,
        'products_added', i.products_added
    ) || rapport.import_counts(i.import_id) || jsonb_build_object('ledger', entries, 'next_after', last_entry)
    INTO report
    FROM crm.imports AS i
    WHERE i.import_id = import_report.import_id;
    RETURN report;
END
$$;
COMMENT ON FUNCTION rapport.import_report(bigint, bigint, integer) IS
'One import with its counts and a page of its ledger; next_after is the after_entry of the next page, NULL on the last. Raises P0002 for an unknown import. Example: SELECT jsonb_pretty(rapport.import_report(1, max_entries => 5));';

REVOKE EXECUTE ON FUNCTION
rapport.quality_report(bigint), rapport.import_counts(bigint), rapport.import_report(bigint, bigint, integer)
FROM PUBLIC;
