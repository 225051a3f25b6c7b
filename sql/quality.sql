-- What cleaning decided, read back.

CREATE TYPE rapport.quality_line AS (
    import_id bigint,
    file_name text,
    sheet text,
    header text,
    field text,
    severity text,
    action text,
    rule text,
    rule_version smallint,
    description text,
    entries bigint,
    rows bigint,
    example_cell text,
    example_before text,
    example_after text
);
COMMENT ON TYPE rapport.quality_line IS 'How often one rule was applied to one column of a sheet, on how many of its rows, with its first example; header and field are NULL for what concerns whole rows.';

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
        n.import_id, i.file_name, n.sheet, n.header, n.field, n.severity, n.action, n.rule, n.rule_version, c.description,
        n.entries, n.rows, e.cell, e.before, e.after
    FROM (
        SELECT
            l.import_id, l.sheet, l.column_name AS header, l.field, l.severity, l.action, l.rule, l.rule_version,
            count(*) AS entries, count(DISTINCT l.row_number) AS rows, min(l.entry_id) AS first_entry
        FROM crm.ledger AS l
        LEFT JOIN crm.imports AS m ON m.import_id = l.import_id
        WHERE l.import_id = quality_report.import_id
            OR (quality_report.import_id IS NULL AND m.undone_at IS NULL)
        GROUP BY l.import_id, l.sheet, l.column_name, l.field, l.severity, l.action, l.rule, l.rule_version
    ) AS n
    INNER JOIN crm.ledger AS e ON e.entry_id = n.first_entry
    LEFT JOIN crm.imports AS i ON i.import_id = n.import_id
    LEFT JOIN rapport.cleaning_rules() AS c ON c.rule = n.rule
    ORDER BY
        n.import_id NULLS FIRST, n.sheet COLLATE "C",
        array_position(ARRAY['error', 'warning', 'info'], n.severity), n.action COLLATE "C", n.rule COLLATE "C",
        n.rule_version, n.first_entry;
END
$$;
COMMENT ON FUNCTION rapport.quality_report(bigint) IS
'How many cells and rows of which column each rule touched, the gravest first, for one import or for all that were not undone. Raises P0002 for an unknown import. Example: SELECT severity, action, rule, entries, example_cell, example_before, example_after FROM rapport.quality_report(1);';

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
            'filled', count(*) FILTER (WHERE l.rule = 'fill_gap'),
            'conflicts', count(*) FILTER (WHERE l.action = 'conflict'),
            'suggested', count(*) FILTER (WHERE l.rule = 'near_miss_suggested')
        )
        FROM crm.ledger AS l
        WHERE l.import_id = import_counts.import_id
    );
END
$$;
COMMENT ON FUNCTION rapport.import_counts(bigint) IS
'What cleaning did to the cells of an import: repaired, split, gaps of stored rows filled, in conflict; and how many other spellings it suggests. Several rules may have repaired one cell. Example: SELECT rapport.import_counts(1);';

CREATE FUNCTION rapport.import_summary(import_id bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 1000
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM rapport.require_import(import_id);
    RETURN (
        SELECT jsonb_build_object(
            'import_id', i.import_id, 'file_name', i.file_name, 'file_format', i.file_format,
            'content_bytes', i.content_bytes, 'content_sha256', encode(i.content_sha256, 'hex'),
            'imported_at', i.imported_at, 'imported_by', i.imported_by,
            'undone_at', i.undone_at, 'undone_by', i.undone_by,
            'date_order', i.date_order, 'encoding', i.encoding, 'delimiter', i.delimiter,
            'rows_read', i.rows_read, 'records', i.records, 'loaded', i.loaded, 'merged', i.merged,
            'duplicates', i.duplicates, 'rejected', i.rejected, 'customers_added', i.customers_added,
            'customers_updated', i.customers_updated, 'placeholders_added', i.placeholders_added,
            'interactions_added', i.interactions_added, 'interactions_enriched', i.interactions_enriched,
            'products_added', i.products_added
        ) || rapport.import_counts(i.import_id)
        FROM crm.imports AS i
        WHERE i.import_id = import_summary.import_id
    );
END
$$;
COMMENT ON FUNCTION rapport.import_summary(bigint) IS
'One import with its counts. Raises P0002 for an unknown import. Example: SELECT jsonb_pretty(rapport.import_summary(1));';

CREATE FUNCTION rapport.list_imports(before_import bigint DEFAULT NULL, max_imports integer DEFAULT 20) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 1000
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    imports jsonb;
    last_import bigint;
BEGIN
    PERFORM rapport.require_schema();
    IF max_imports IS NULL OR max_imports NOT BETWEEN 1 AND 100 THEN
        RAISE EXCEPTION 'max_imports must be between 1 and 100, got "%"', coalesce(max_imports::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT coalesce(jsonb_agg(rapport.import_summary(page.import_id) ORDER BY page.import_id DESC), '[]'), min(page.import_id)
    INTO imports, last_import
    FROM (
        SELECT i.import_id FROM crm.imports AS i
        WHERE before_import IS NULL OR i.import_id < before_import
        ORDER BY i.import_id DESC
        LIMIT max_imports
    ) AS page;
    IF NOT EXISTS (SELECT FROM crm.imports AS i WHERE i.import_id < last_import) THEN
        last_import := NULL;
    END IF;
    RETURN jsonb_build_object('imports', imports, 'next_before', last_import);
END
$$;
COMMENT ON FUNCTION rapport.list_imports(bigint, integer) IS
'The imports with their counts, the latest first; next_before is the before_import of the next page, NULL on the last. Example: SELECT jsonb_pretty(rapport.list_imports(max_imports => 5));';

CREATE FUNCTION rapport.ledger_entries(
    import_id bigint,
    after_entry bigint DEFAULT 0,
    max_entries integer DEFAULT NULL
) RETURNS SETOF jsonb
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 1000 ROWS 10000
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM rapport.require_import(import_id);
    RETURN QUERY
    SELECT jsonb_build_object(
        'entry_id', l.entry_id, 'sheet', l.sheet, 'row', l.row_number,
        'column', l.column_name, 'cell', l.cell, 'field', l.field,
        'rule', l.rule, 'rule_version', l.rule_version, 'severity', l.severity, 'action', l.action,
        'before', l.before, 'after', l.after, 'detail', l.detail,
        'customer_id', l.customer_id, 'interaction_id', l.interaction_id,
        'product_month_id', l.product_month_id
    )
    FROM crm.ledger AS l
    WHERE l.import_id = ledger_entries.import_id AND l.entry_id > coalesce(after_entry, 0)
    ORDER BY l.entry_id
    LIMIT max_entries;
END
$$;
COMMENT ON FUNCTION rapport.ledger_entries(bigint, bigint, integer) IS
'The ledger of an import as JSON objects, those after an entry, all of them or so many. Raises P0002 for an unknown import. Example: SELECT rapport.ledger_entries(1, max_entries => 5);';

CREATE FUNCTION rapport.import_report(
    import_id bigint,
    after_entry bigint DEFAULT 0,
    max_entries integer DEFAULT 100
) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 1000
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    entries jsonb;
    last_entry bigint;
BEGIN
    PERFORM rapport.require_import(import_id);
    IF max_entries IS NULL OR max_entries NOT BETWEEN 1 AND 1000 THEN
        RAISE EXCEPTION 'max_entries must be between 1 and 1000, got "%"', coalesce(max_entries::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT coalesce(jsonb_agg(e.entry ORDER BY e.position), '[]') INTO entries
    FROM rapport.ledger_entries(import_id, after_entry, max_entries) WITH ORDINALITY AS e (entry, position);
    last_entry := (entries -> -1 ->> 'entry_id')::bigint;
    IF NOT EXISTS (
        SELECT FROM crm.ledger AS l WHERE l.import_id = import_report.import_id AND l.entry_id > last_entry
    ) THEN
        last_entry := NULL;
    END IF;
    RETURN rapport.import_summary(import_id) || jsonb_build_object('ledger', entries, 'next_after', last_entry);
END
$$;
COMMENT ON FUNCTION rapport.import_report(bigint, bigint, integer) IS
'One import with its counts and a page of its ledger; next_after is the after_entry of the next page, NULL on the last. Raises P0002 for an unknown import. Example: SELECT jsonb_pretty(rapport.import_report(1, max_entries => 5));';

CREATE FUNCTION rapport.ledger_csv(import_id bigint) RETURNS SETOF text
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 1000 ROWS 10000
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM rapport.require_import(import_id);
    RETURN NEXT rapport.csv_line(
        'entry_id', 'sheet', 'row', 'column', 'cell', 'field', 'severity', 'action', 'rule', 'rule_version',
        'before', 'after', 'detail', 'customer_id', 'interaction_id', 'product_month_id'
    );
    RETURN QUERY
    SELECT rapport.csv_line(
        l.entry_id::text, l.sheet, l.row_number::text, l.column_name, l.cell, l.field, l.severity, l.action, l.rule,
        l.rule_version::text, l.before, l.after, l.detail, l.customer_id::text, l.interaction_id::text,
        l.product_month_id::text
    )
    FROM crm.ledger AS l
    WHERE l.import_id = ledger_csv.import_id
    ORDER BY l.entry_id;
END
$$;
COMMENT ON FUNCTION rapport.ledger_csv(bigint) IS
'The ledger of an import as the lines of a CSV file with a header, safe to open in a spreadsheet program. Raises P0002 for an unknown import. Example: SELECT rapport.ledger_csv(1);';

REVOKE EXECUTE ON FUNCTION
rapport.quality_report(bigint), rapport.import_counts(bigint), rapport.import_summary(bigint),
rapport.list_imports(bigint, integer), rapport.ledger_entries(bigint, bigint, integer), rapport.import_report(bigint, bigint, integer),
rapport.ledger_csv(bigint)
FROM PUBLIC;
