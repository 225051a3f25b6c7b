-- Import: one file or query, one transaction. rapport.read_file() reads and cleans, the steps in
-- merge.sql bring the clean rows together with those that are stored.

CREATE TYPE rapport.import_result AS (
    import_id bigint,
    status text,
    file_name text,
    rows_read bigint,
    records bigint,
    loaded bigint,
    merged bigint,
    duplicates bigint,
    rejected bigint,
    customers_added bigint,
    customers_updated bigint,
    placeholders_added bigint,
    interactions_added bigint,
    interactions_enriched bigint,
    products_added bigint,
    repaired bigint,
    split bigint,
    conflicts bigint,
    suggested bigint,
    date_order text,
    encoding text,
    delimiter text,
    message text
);
COMMENT ON TYPE rapport.import_result IS 'What an import did. status is "imported", or "unchanged" when the file was imported before. records = loaded + merged + duplicates + rejected.';

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
'Imports one CSV or TSV file of customers, interactions or products, recognised by its header; delimiter and encoding are found out. The same file again changes nothing. Example: SELECT * FROM rapport.import_csv(convert_to(E''Date,Product\n01-2019,Sand\n'', ''UTF8''), ''products.csv'');';

CREATE FUNCTION rapport.import_file(content bytea, file_name text, file_format text)
RETURNS SETOF rapport.import_result
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000 ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF content IS NULL OR file_name IS NULL OR file_format IS NULL THEN
        RAISE EXCEPTION 'content, file name and file format must not be null'
            USING ERRCODE = 'null_value_not_allowed';
    END IF;
    RETURN QUERY SELECT * FROM rapport.run_import(content, file_name, file_format);
END
$$;
COMMENT ON FUNCTION rapport.import_file(bytea, text, text) IS
'Imports a file of the format xlsx or csv; import_workbook and import_csv call it. Example: SELECT message FROM rapport.import_file(convert_to(E''Date,Product\n01-2019,Sand\n'', ''UTF8''), ''products.csv'', ''csv'');';

CREATE FUNCTION rapport.begin_upload() RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $$
BEGIN
    DROP TABLE IF EXISTS pg_temp.rapport_upload;
    CREATE TEMPORARY TABLE rapport_upload (
        part integer PRIMARY KEY CHECK (part >= 0),
        content bytea NOT NULL CHECK (octet_length(content) BETWEEN 1 AND 1048576)
    );
    -- Kept as it comes: compressing what is read once costs more than it saves.
    ALTER TABLE pg_temp.rapport_upload ALTER COLUMN content SET STORAGE EXTERNAL;
END
$$;
COMMENT ON FUNCTION rapport.begin_upload() IS
'Makes the session''s table pg_temp.rapport_upload (part, content), into which a client copies a large file in parts of at most 1 MB, numbered from 0, before rapport.import_upload reads it. Example: SELECT rapport.begin_upload();';

CREATE FUNCTION rapport.import_upload(file_name text, file_format text)
RETURNS SETOF rapport.import_result
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000 ROWS 1
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $$
BEGIN
    PERFORM rapport.require_upload(file_name, file_format);
    RETURN QUERY SELECT * FROM rapport.run_import(NULL, file_name, file_format);
    DROP TABLE pg_temp.rapport_upload;
END
$$;
COMMENT ON FUNCTION rapport.import_upload(text, text) IS
'Imports the file that was copied into pg_temp.rapport_upload, and drops that table; a CSV file is never held as a whole. file_format is xlsx or csv. Example: SELECT rapport.begin_upload(); INSERT INTO rapport_upload VALUES (0, convert_to(E''Date,Product\n01-2019,Sand\n'', ''UTF8'')); SELECT message FROM rapport.import_upload(''products.csv'', ''csv'');';

CREATE FUNCTION rapport.require_upload(file_name text, file_format text) RETURNS void
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parts record;
BEGIN
    IF file_name IS NULL OR file_format IS NULL THEN
        RAISE EXCEPTION 'file name and file format must not be null' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    IF to_regclass('pg_temp.rapport_upload') IS NULL THEN
        RAISE EXCEPTION 'nothing was uploaded in this session'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = 'SELECT rapport.begin_upload(), copy the file into pg_temp.rapport_upload, then import it.';
    END IF;
    SELECT count(*) AS number, max(u.part) AS last INTO parts FROM pg_temp.rapport_upload AS u;
    IF parts.last >= parts.number THEN
        RAISE EXCEPTION 'the upload is incomplete: % parts, but the last has the number %', parts.number, parts.last
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Parts are numbered from 0 without gaps.';
    END IF;
END
$$;
COMMENT ON FUNCTION rapport.require_upload(text, text) IS
'Raises 55000 unless this session began an upload, 22023 when a part of it is missing. Example: SELECT rapport.require_upload(''products.csv'', ''csv'');';

-- The query runs with the search path of the caller, so these functions cannot set their own.
CREATE FUNCTION rapport.import_query(query text, source_name text DEFAULT 'query')
RETURNS SETOF rapport.import_result
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000 ROWS 1
AS $$
BEGIN
    PERFORM rapport.stage_query(query, source_name);
    RETURN QUERY SELECT * FROM rapport.run_import(NULL, source_name, 'query');
    DROP TABLE pg_temp.rapport_import_source;
END
$$;
COMMENT ON FUNCTION rapport.import_query(text, text) IS
'Imports the rows of any query: customers, interactions or products, recognised by the names of its columns as by a header; row numbers count its rows from 1. Example: SELECT message FROM rapport.import_query(''SELECT ''''02-2019'''' AS "Date", ''''Sand'''' AS "Product"'', ''by hand'');';

CREATE FUNCTION rapport.import_table(source regclass)
RETURNS SETOF rapport.import_result
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000 ROWS 1
AS $$
BEGIN
    RETURN QUERY SELECT * FROM rapport.import_query(pg_catalog.format('SELECT * FROM %s', source), source::text);
END
$$;
COMMENT ON FUNCTION rapport.import_table(regclass) IS
'Imports the rows of a table, a view or a foreign table, for example one that \copy filled with text. Example: CREATE TABLE staging ("Date" text, "Product" text); INSERT INTO staging VALUES (''03-2019'', ''Sand''); SELECT message FROM rapport.import_table(''staging'');';

CREATE FUNCTION rapport.stage_query(query text, source_name text) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET client_min_messages = warning
AS $$
BEGIN
    IF query IS NULL OR source_name IS NULL THEN
        RAISE EXCEPTION 'query and source name must not be null' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    DROP TABLE IF EXISTS pg_temp.rapport_import_source;
    -- A copy, because the rows are read twice, and a query may answer differently the second time.
    EXECUTE pg_catalog.format(
        E'CREATE TEMPORARY TABLE rapport_import_source ON COMMIT DROP AS SELECT * FROM (%s\n) AS q',
        pg_catalog.rtrim(query, E'; \t\r\n')
    );
END
$$;
COMMENT ON FUNCTION rapport.stage_query(text, text) IS
'A step of rapport.import_query: keeps the rows of the query for this transaction. Example: SELECT rapport.stage_query(''SELECT ''''02-2019'''' AS "Date", ''''Sand'''' AS "Product"'', ''by hand'');';

CREATE FUNCTION rapport.preview_import(content bytea, file_name text, file_format text)
RETURNS SETOF rapport.quality_line
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000 ROWS 50
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF content IS NULL OR file_name IS NULL OR file_format IS NULL THEN
        RAISE EXCEPTION 'content, file name and file format must not be null'
            USING ERRCODE = 'null_value_not_allowed';
    END IF;
    RETURN QUERY
    SELECT q.*
    FROM jsonb_populate_recordset(
        NULL::rapport.quality_line, rapport.run_preview(content, file_name, file_format) -> 'report'
    ) AS q;
END
$$;
COMMENT ON FUNCTION rapport.preview_import(bytea, text, text) IS
'The quality report that an import of the file would have, with nothing written: the import is done and rolled back. file_format is xlsx or csv. Example: SELECT rule, entries FROM rapport.preview_import(convert_to(E''Date,Product\n04-2019, Sand\n'', ''UTF8''), ''products.csv'', ''csv'');';

CREATE FUNCTION rapport.preview_query(query text, source_name text DEFAULT 'query')
RETURNS SETOF rapport.quality_line
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000 ROWS 50
AS $$
BEGIN
    PERFORM rapport.stage_query(query, source_name);
    RETURN QUERY
    SELECT q.*
    FROM pg_catalog.jsonb_populate_recordset(
        NULL::rapport.quality_line, rapport.run_preview(NULL, source_name, 'query') OPERATOR(pg_catalog.->) 'report'
    ) AS q;
    DROP TABLE pg_temp.rapport_import_source;
END
$$;
COMMENT ON FUNCTION rapport.preview_query(text, text) IS
'The quality report that an import of the query would have, with nothing written. Example: SELECT rule, entries FROM rapport.preview_query(''SELECT ''''04-2019'''' AS "Date", '''' Sand'''' AS "Product"'');';

CREATE FUNCTION rapport.preview_upload(file_name text, file_format text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $$
DECLARE
    preview jsonb;
BEGIN
    PERFORM rapport.require_upload(file_name, file_format);
    preview := rapport.run_preview(NULL, file_name, file_format);
    DROP TABLE pg_temp.rapport_upload;
    RETURN preview;
END
$$;
COMMENT ON FUNCTION rapport.preview_upload(text, text) IS
'What importing the uploaded file would do, with nothing written: {"result": the row of import_upload, "report": the lines of quality_report}. Example: SELECT rapport.begin_upload(); INSERT INTO rapport_upload VALUES (0, convert_to(E''Date,Product\n04-2019,Sand\n'', ''UTF8'')); SELECT rapport.preview_upload(''products.csv'', ''csv'') #>> ''{result,message}'';';

CREATE FUNCTION rapport.run_preview(content bytea, source_name text, source_format text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    result jsonb;
    report jsonb;
BEGIN
    BEGIN
        SELECT to_jsonb(i) INTO result
        FROM rapport.run_import(content, source_name, source_format, refresh => false) AS i;
        SELECT coalesce(jsonb_agg(to_jsonb(q)), '[]') INTO report
        FROM rapport.quality_report((result ->> 'import_id')::bigint) AS q;
        RAISE EXCEPTION 'preview' USING ERRCODE = 'RP000';
    EXCEPTION
        -- Rolls back what the block wrote; the variables stay.
        WHEN SQLSTATE 'RP000' THEN NULL;
    END;
    IF result ->> 'status' = 'imported' THEN
        -- The number went with the rest: it names nothing.
        result := jsonb_set(result, '{import_id}', 'null');
        SELECT jsonb_agg(jsonb_set(l.line, '{import_id}', 'null')) INTO report
        FROM jsonb_array_elements(report) AS l (line);
    END IF;
    RETURN jsonb_build_object('result', result, 'report', coalesce(report, '[]'));
END
$$;
COMMENT ON FUNCTION rapport.run_preview(bytea, text, text) IS
'A step of the previews: imports, reports and rolls back. Example: SELECT rapport.run_preview(convert_to(E''Date,Product\n04-2019,Sand\n'', ''UTF8''), ''products.csv'', ''csv'');';

CREATE FUNCTION rapport.cleaning_context() RETURNS jsonb
LANGUAGE sql STABLE PARALLEL RESTRICTED COST 1000
SET search_path = pg_catalog, pg_temp
AS $$
SELECT jsonb_build_object(
    'known', (
        SELECT coalesce(jsonb_object_agg(k.kind, k.labels), '{}')
        FROM (
            SELECT l.kind, jsonb_agg(l.label ORDER BY l.label COLLATE "C") AS labels
            FROM crm.labels AS l
            GROUP BY l.kind
        ) AS k
    ),
    'synonyms', (
        SELECT coalesce(jsonb_object_agg(k.kind, k.synonyms), '{}')
        FROM (
            SELECT s.kind, jsonb_object_agg(s.synonym, s.label) AS synonyms
            FROM crm.synonyms AS s
            GROUP BY s.kind
        ) AS k
    ),
    'policies', (
        SELECT coalesce(jsonb_object_agg(p.rule, p.policy), '{}') FROM crm.rule_policies AS p
        WHERE p.policy = 'reject'
    )
)
$$;
COMMENT ON FUNCTION rapport.cleaning_context() IS
'What the database knows that a file does not say, for rapport.read_file: stored spellings, synonyms, policies. Example: SELECT jsonb_pretty(rapport.cleaning_context());';

CREATE FUNCTION rapport.source_bytes(content bytea, source_format text) RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF content IS NOT NULL THEN
        RETURN octet_length(content);
    ELSIF source_format = 'query' THEN
        RETURN pg_relation_size('pg_temp.rapport_import_source');
    END IF;
    RETURN (SELECT coalesce(sum(octet_length(u.content)), 0) FROM pg_temp.rapport_upload AS u);
END
$$;
COMMENT ON FUNCTION rapport.source_bytes(bytea, text) IS
'A step of an import: bytes of a file, or of the rows of a query as PostgreSQL stores them. Example: SELECT rapport.source_bytes(''abc'', ''csv'');';

CREATE FUNCTION rapport.run_import(
    content bytea, source_name text, source_format text, refresh boolean DEFAULT NULL
) RETURNS SETOF rapport.import_result
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000 ROWS 1
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
-- How the values of a query become text.
SET datestyle = 'ISO'
-- The statements are large and run once: compiling them takes longer than they do.
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    digest bytea;
    -- A row of crm.imports; naming the type would fail before require_schema() can explain.
    this_import record;
    session_name text := current_setting('application_name');
    counts jsonb;
    result rapport.import_result;
BEGIN
    PERFORM rapport.require_schema();
    -- The name is shown on terminals and in reports, so it has no control characters.
    source_name := coalesce(left(rapport.clean_label(source_name), 255), 'unnamed');

    -- One import at a time: what is "already stored" must not change under it.
    PERFORM pg_advisory_xact_lock(hashtextextended('rapport.import_file', 0));

    digest := rapport.source_digest(content, source_format);
    SELECT i.* INTO this_import FROM crm.imports AS i WHERE i.content_sha256 = digest AND i.undone_at IS NULL;
    IF FOUND THEN
        result := jsonb_populate_record(NULL::rapport.import_result, jsonb_build_object(
            'import_id', this_import.import_id, 'status', 'unchanged', 'file_name', this_import.file_name,
            'rows_read', 0, 'records', 0, 'loaded', 0, 'merged', 0, 'duplicates', 0, 'rejected', 0,
            'customers_added', 0, 'customers_updated', 0, 'placeholders_added', 0,
            'interactions_added', 0, 'interactions_enriched', 0, 'products_added', 0,
            'repaired', 0, 'split', 0, 'conflicts', 0, 'suggested', 0,
            'date_order', this_import.date_order, 'encoding', this_import.encoding,
            'delimiter', this_import.delimiter,
            'message', format(
                'nothing changed: this %s was imported before, as import %s ("%s") on %s',
                CASE this_import.file_format WHEN 'query' THEN 'answer of a query' ELSE 'file' END,
                this_import.import_id, this_import.file_name, to_char(this_import.imported_at, 'YYYY-MM-DD HH24:MI')
            )
        ));
        RETURN NEXT result;
        RETURN;
    END IF;

    PERFORM rapport.make_import_tables();
    INSERT INTO pg_temp.rapport_import_row (
        seq, split_of, kind, sheet, row_number, customer_id, occupation, customer_type,
        occurred_at, channel, topic, sentiment, notes, month, product, extra, entries, interaction_id
    )
    SELECT
        f.seq, f.split_of, f.kind, f.sheet, f.row_number, f.customer_id, f.occupation, f.customer_type,
        f.occurred_at, f.channel, f.topic, f.sentiment, f.notes, f.month, f.product, f.extra, f.entries,
        CASE WHEN f.kind = 'interaction' THEN nextval('crm.interactions_interaction_id_seq') END
    FROM rapport.read_file(content, source_name, source_format, rapport.cleaning_context()) AS f;
    ANALYZE pg_temp.rapport_import_row;

    INSERT INTO crm.imports (
        file_name, file_format, content_bytes, content_sha256, rows_read, date_order, encoding, delimiter
    )
    SELECT
        run_import.source_name, source_format, rapport.source_bytes(content, source_format), digest,
        s.rows_read, n.date_order, n.encoding, n.delimiter
    FROM (
        SELECT count(*) FILTER (WHERE r.row_number IS NOT NULL AND r.split_of IS NULL) AS rows_read
        FROM pg_temp.rapport_import_row AS r
    ) AS s
    CROSS JOIN (
        SELECT
            min(e.value ->> 'after') FILTER (
                WHERE e.value ->> 'rule' IN ('date_order_proven', 'date_order_assumed')
                    AND e.value ->> 'field' = 'occurred_at'
            ) AS date_order,
            min(e.value ->> 'after') FILTER (WHERE e.value ->> 'rule' = 'encoding_detected') AS encoding,
            min(e.value ->> 'after') FILTER (WHERE e.value ->> 'rule' = 'delimiter_detected') AS delimiter
        FROM pg_temp.rapport_import_row AS r
        CROSS JOIN LATERAL jsonb_array_elements(r.entries) AS e (value)
        WHERE r.row_number IS NULL
    ) AS n
    RETURNING * INTO this_import;

    PERFORM rapport.merge_customers(this_import.import_id);
    PERFORM rapport.add_placeholders(this_import.import_id);
    PERFORM rapport.merge_products(this_import.import_id);
    PERFORM rapport.merge_interactions(this_import.import_id);
    PERFORM rapport.write_ledger(this_import.import_id);
    PERFORM rapport.count_import(this_import.import_id);

    INSERT INTO crm.labels (kind, label, import_id)
    SELECT DISTINCT v.kind, v.label, this_import.import_id
    FROM (
        SELECT DISTINCT r.occupation, r.customer_type, r.channel, r.topic, r.sentiment, r.product
        FROM pg_temp.rapport_import_row AS r
        WHERE r.kind IS NOT NULL
    ) AS d
    CROSS JOIN LATERAL (VALUES
        ('occupation', d.occupation), ('customer_type', d.customer_type), ('channel', d.channel),
        ('topic', d.topic), ('sentiment', d.sentiment), ('product', d.product)
    ) AS v (kind, label)
    WHERE v.label IS NOT NULL
    ON CONFLICT DO NOTHING;

    PERFORM rapport.drop_import_tables();
    IF coalesce(refresh, current_setting('rapport.refresh_after_import')::boolean) THEN
        PERFORM set_config('application_name', 'rapport import refreshing statistics', true);
        PERFORM rapport.refresh_stats();
    END IF;
    PERFORM set_config('application_name', session_name, true);

    SELECT i.* INTO this_import FROM crm.imports AS i WHERE i.import_id = this_import.import_id;
    counts := rapport.import_counts(this_import.import_id);
    result := jsonb_populate_record(
        NULL::rapport.import_result,
        to_jsonb(this_import) || counts || jsonb_build_object(
            'status', 'imported',
            'message', CASE WHEN this_import.rows_read = 0
            THEN 'the file has no rows below its headers: nothing was imported'
            ELSE format(
                'rows read: %s; customers added: %s, updated: %s, placeholders: %s; interactions added: %s, enriched: %s; product months added: %s; cells repaired: %s, split: %s, in conflict: %s; rows that were there already: %s, rejected: %s',
                this_import.rows_read, this_import.customers_added, this_import.customers_updated,
                this_import.placeholders_added, this_import.interactions_added, this_import.interactions_enriched,
                this_import.products_added, counts ->> 'repaired', counts ->> 'split', counts ->> 'conflicts',
                this_import.duplicates, this_import.rejected
            ) END
        )
    );
    RETURN NEXT result;
END
$$;
COMMENT ON FUNCTION rapport.run_import(bytea, text, text, boolean) IS
'A step of every import. Without content it reads what the session uploaded or staged. refresh decides over the setting rapport.refresh_after_import. Example: SELECT message FROM rapport.run_import(convert_to(E''Date,Product\n01-2019,Sand\n'', ''UTF8''), ''products.csv'', ''csv'');';

REVOKE EXECUTE ON FUNCTION
rapport.import_workbook(bytea, text), rapport.import_csv(bytea, text), rapport.import_file(bytea, text, text),
rapport.begin_upload(), rapport.import_upload(text, text), rapport.require_upload(text, text),
rapport.import_query(text, text), rapport.import_table(regclass), rapport.stage_query(text, text),
rapport.preview_import(bytea, text, text), rapport.preview_query(text, text), rapport.preview_upload(text, text),
rapport.run_preview(bytea, text, text), rapport.cleaning_context(), rapport.source_bytes(bytea, text),
rapport.run_import(bytea, text, text, boolean)
FROM PUBLIC;
