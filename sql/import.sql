-- Import: one file, one transaction. rapport.read_file() reads and cleans, the steps in merge.sql
-- bring the clean rows together with those that are stored.

CREATE TYPE rapport.import_result AS (
    import_id bigint,
    status text,
    file_name text,
    rows_read bigint,
    customers_added bigint,
    customers_updated bigint,
    placeholders_added bigint,
    interactions_added bigint,
    interactions_enriched bigint,
    products_added bigint,
    duplicates bigint,
    repaired bigint,
    split bigint,
    conflicts bigint,
    rejected bigint,
    date_order text,
    message text
);
COMMENT ON TYPE rapport.import_result IS 'What an import did. status is "imported", or "unchanged" when the file was imported before.';

CREATE FUNCTION rapport.import_workbook(content bytea, file_name text DEFAULT 'workbook.xlsx')
RETURNS SETOF rapport.import_result
LANGUAGE sql VOLATILE PARALLEL UNSAFE COST 10000 ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
SELECT * FROM rapport.import_file(content, file_name, 'xlsx')
$$;
COMMENT ON FUNCTION rapport.import_workbook(bytea, text) IS
'Imports an .xlsx workbook with the sheets customers, interactions and products, in one transaction. The same file again changes nothing. Example: SELECT * FROM rapport.import_workbook(pg_read_binary_file(''/srv/interactions.xlsx''), ''interactions.xlsx'');';

CREATE FUNCTION rapport.import_csv(content bytea, file_name text DEFAULT 'table.csv')
RETURNS SETOF rapport.import_result
LANGUAGE sql VOLATILE PARALLEL UNSAFE COST 10000 ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
SELECT * FROM rapport.import_file(content, file_name, 'csv')
$$;
COMMENT ON FUNCTION rapport.import_csv(bytea, text) IS
'Imports one CSV file of customers, interactions or products, recognised by its header. The same file again changes nothing. Example: SELECT * FROM rapport.import_csv(convert_to(E''Date,Product\n01-2019,Sand\n'', ''UTF8''), ''products.csv'');';

CREATE FUNCTION rapport.import_file(content bytea, file_name text, file_format text)
RETURNS SETOF rapport.import_result
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000 ROWS 1
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    file_hash bytea;
    known jsonb;
    -- A row of crm.imports; naming the type would fail before require_schema() can explain.
    this_import record;
    result rapport.import_result;
BEGIN
    PERFORM rapport.require_schema();
    IF content IS NULL OR file_name IS NULL OR file_format IS NULL THEN
        RAISE EXCEPTION 'content, file name and file format must not be null'
            USING ERRCODE = 'null_value_not_allowed';
    END IF;
    -- The name is shown on terminals and in reports, so it has no control characters.
    file_name := coalesce(left(rapport.clean_label(file_name), 255), 'unnamed');
    file_hash := sha256(content);

    -- One import at a time: what is "already stored" must not change under it.
    PERFORM pg_advisory_xact_lock(hashtextextended('rapport.import_file', 0));

    SELECT i.* INTO this_import FROM crm.imports AS i WHERE i.content_sha256 = file_hash;
    IF FOUND THEN
        SELECT
            this_import.import_id, 'unchanged', this_import.file_name, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            this_import.date_order,
            format(
                'nothing changed: this file was imported before, as import %s ("%s") on %s',
                this_import.import_id, this_import.file_name, to_char(this_import.imported_at, 'YYYY-MM-DD HH24:MI')
            )
        INTO result;
        RETURN NEXT result;
        RETURN;
    END IF;

    DROP TABLE IF EXISTS pg_temp.rapport_import_row, pg_temp.rapport_import_cell;
    CREATE TEMPORARY TABLE rapport_import_row (
        seq bigint PRIMARY KEY,
        kind text,
        sheet text NOT NULL,
        row_number integer,
        customer_id bigint,
        occupation text,
        customer_type text,
        occurred_at timestamp,
        channel text,
        topic text,
        sentiment text,
        notes text,
        month date,
        product text,
        entries jsonb,
        -- Filled while merging: the stored row, and whether this row made it.
        interaction_id bigint,
        is_new boolean NOT NULL DEFAULT false
    ) ON COMMIT DROP;
    -- A cell that filled a gap (kept IS NULL) or contradicts the value that is kept.
    CREATE TEMPORARY TABLE rapport_import_cell (
        seq bigint NOT NULL,
        column_name text NOT NULL,
        incoming text,
        kept text
    ) ON COMMIT DROP;

    SELECT jsonb_object_agg(k.kind, k.labels) INTO known
    FROM (
        SELECT l.kind, jsonb_agg(l.label ORDER BY l.label COLLATE "C") AS labels
        FROM crm.labels AS l
        GROUP BY l.kind
    ) AS k;

    INSERT INTO pg_temp.rapport_import_row (
        seq, kind, sheet, row_number, customer_id, occupation, customer_type,
        occurred_at, channel, topic, sentiment, notes, month, product, entries
    )
    SELECT
        f.seq, f.kind, f.sheet, f.row_number, f.customer_id, f.occupation, f.customer_type,
        f.occurred_at, f.channel, f.topic, f.sentiment, f.notes, f.month, f.product, f.entries
    FROM rapport.read_file(content, file_name, file_format, coalesce(known, '{}')) AS f;
    ANALYZE pg_temp.rapport_import_row;

    INSERT INTO crm.imports (file_name, file_format, content_bytes, content_sha256, date_order, rows_read)
    SELECT
        import_file.file_name, import_file.file_format, octet_length(content), file_hash,
        (
            SELECT e.value ->> 'after'
            FROM pg_temp.rapport_import_row AS r
            CROSS JOIN LATERAL jsonb_array_elements(r.entries) AS e
            WHERE r.row_number IS NULL AND e.value ->> 'rule' IN ('date_order_proven', 'date_order_assumed')
            LIMIT 1
        ),
        (SELECT count(DISTINCT (r.sheet, r.row_number)) FROM pg_temp.rapport_import_row AS r WHERE r.row_number IS NOT NULL)
    RETURNING * INTO this_import;

    PERFORM rapport.merge_customers(this_import.import_id);
    PERFORM rapport.merge_products(this_import.import_id);
    PERFORM rapport.merge_interactions(this_import.import_id);

    -- The reader's own entries, now that the rows they speak of are known.
    INSERT INTO crm.ledger (
        import_id, sheet, row_number, column_name, rule, action, before, after, detail, customer_id, interaction_id
    )
    SELECT
        this_import.import_id, r.sheet, r.row_number, e.value ->> 'column', e.value ->> 'rule', e.value ->> 'action',
        e.value ->> 'before', e.value ->> 'after', e.value ->> 'detail', r.customer_id, r.interaction_id
    FROM pg_temp.rapport_import_row AS r
    CROSS JOIN LATERAL jsonb_array_elements(r.entries) WITH ORDINALITY AS e (value, position)
    WHERE r.entries IS NOT NULL
    ORDER BY r.seq, e.position;

    INSERT INTO crm.labels (kind, label)
    SELECT DISTINCT v.kind, v.label
    FROM pg_temp.rapport_import_row AS r
    CROSS JOIN LATERAL (VALUES
        ('occupation', r.occupation), ('customer_type', r.customer_type), ('channel', r.channel),
        ('topic', r.topic), ('sentiment', r.sentiment), ('product', r.product)
    ) AS v (kind, label)
    WHERE v.label IS NOT NULL
    ON CONFLICT DO NOTHING;

    DROP TABLE pg_temp.rapport_import_row, pg_temp.rapport_import_cell;
    PERFORM rapport.refresh_stats();

    SELECT i.* INTO this_import FROM crm.imports AS i WHERE i.import_id = this_import.import_id;
    SELECT
        this_import.import_id, 'imported', this_import.file_name, this_import.rows_read,
        this_import.customers_added, this_import.customers_updated, this_import.placeholders_added,
        this_import.interactions_added, this_import.interactions_enriched, this_import.products_added,
        (n.counts ->> 'duplicates')::bigint, (n.counts ->> 'repaired')::bigint, (n.counts ->> 'split')::bigint,
        (n.counts ->> 'conflicts')::bigint, (n.counts ->> 'rejected')::bigint, this_import.date_order,
        CASE WHEN this_import.rows_read = 0 THEN 'the file has no rows below its headers: nothing was imported'
        ELSE format(
            'rows read: %s; customers added: %s, updated: %s, placeholders: %s; interactions added: %s, enriched: %s; product months added: %s; cells repaired: %s, split: %s, in conflict: %s; rows that were there already: %s, rejected: %s',
            this_import.rows_read, this_import.customers_added, this_import.customers_updated,
            this_import.placeholders_added, this_import.interactions_added, this_import.interactions_enriched,
            this_import.products_added, n.counts ->> 'repaired', n.counts ->> 'split', n.counts ->> 'conflicts',
            n.counts ->> 'duplicates', n.counts ->> 'rejected'
        ) END
    INTO result
    FROM (SELECT rapport.import_counts(this_import.import_id) AS counts) AS n;
    RETURN NEXT result;
END
$$;
COMMENT ON FUNCTION rapport.import_file(bytea, text, text) IS
'Imports a file of the format xlsx or csv; import_workbook and import_csv call it. Example: SELECT message FROM rapport.import_file(convert_to(E''Date,Product\n01-2019,Sand\n'', ''UTF8''), ''products.csv'', ''csv'');';

REVOKE EXECUTE ON FUNCTION
rapport.import_workbook(bytea, text), rapport.import_csv(bytea, text), rapport.import_file(bytea, text, text)
FROM PUBLIC;
