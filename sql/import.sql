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
DECLARE
    -- An assignment hands the content on as it is; a statement would copy it into its plan.
    parts CONSTANT integer := rapport.upload_content(content);
BEGIN
    RETURN QUERY SELECT * FROM rapport.import_upload(file_name, file_format);
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

CREATE FUNCTION rapport.upload_content(content bytea) RETURNS integer
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    size CONSTANT integer := 1048576;
    bytes CONSTANT integer := octet_length(content);
    piece bytea;
BEGIN
    IF content IS NULL THEN
        RAISE EXCEPTION 'content must not be null' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    -- Any function of the library makes its settings known.
    PERFORM rapport.version();
    IF bytes > current_setting('rapport.max_file_size')::bigint * 1048576 THEN
        RAISE EXCEPTION 'the file has % bytes, more than the limit of % bytes',
            bytes, current_setting('rapport.max_file_size')::bigint * 1048576
            USING ERRCODE = 'program_limit_exceeded',
                HINT = 'Upload it in parts, as "rapport import" does, or raise rapport.max_file_size.';
    END IF;
    PERFORM rapport.begin_upload();
    FOR number IN 0 .. (bytes + size - 1) / size - 1 LOOP
        piece := substring(content FROM number * size + 1 FOR size);
        INSERT INTO pg_temp.rapport_upload (part, content) VALUES (number, piece);
    END LOOP;
    RETURN (bytes + size - 1) / size;
END
$$;
COMMENT ON FUNCTION rapport.upload_content(bytea) IS
'A step of an import: copies a file that came as an argument into pg_temp.rapport_upload, so that it is held once, and returns the number of its parts. Example: SELECT rapport.upload_content(''abc'');';

CREATE FUNCTION rapport.import_upload(file_name text, file_format text)
RETURNS SETOF rapport.import_result
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000 ROWS 1
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $$
BEGIN
    PERFORM rapport.require_upload(file_name, file_format);
    RETURN QUERY SELECT * FROM rapport.run_import(file_name, file_format);
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
    ELSIF file_format NOT IN ('xlsx', 'csv') THEN
        RAISE EXCEPTION 'unknown file format "%"', file_format
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Use xlsx or csv.';
    END IF;
    -- A view, or a table of somebody else, could run code with the rights of whoever reads it.
    IF NOT EXISTS (
        SELECT FROM pg_class AS c
        WHERE c.oid = to_regclass('pg_temp.rapport_upload')
            AND c.relkind = 'r' AND NOT c.relrowsecurity AND NOT c.relhassubclass
            AND c.relowner = (SELECT r.oid FROM pg_roles AS r WHERE r.rolname = current_user)
    ) THEN
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
'Raises 55000 unless this session began an upload, 22023 when a part of it is missing. Example: SELECT rapport.begin_upload(); SELECT rapport.require_upload(''products.csv'', ''csv'');';

-- The query runs with the search path of the caller, so these functions cannot set their own.
CREATE FUNCTION rapport.import_query(query text, source_name text DEFAULT 'query')
RETURNS SETOF rapport.import_result
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000 ROWS 1
AS $$
BEGIN
    PERFORM rapport.stage_query(query, source_name);
    RETURN QUERY SELECT * FROM rapport.run_import(source_name, 'query');
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
DECLARE
    rows refcursor;
BEGIN
    IF query IS NULL OR source_name IS NULL THEN
        RAISE EXCEPTION 'query and source name must not be null' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    -- Only one statement can be opened as a cursor, and only one that returns rows.
    BEGIN
        OPEN rows FOR EXECUTE query;
        CLOSE rows;
    EXCEPTION
        WHEN invalid_cursor_definition THEN
            RAISE EXCEPTION 'the query must be one statement that returns rows'
                USING ERRCODE = 'syntax_error', DETAIL = SQLERRM;
    END;
    DROP TABLE IF EXISTS pg_temp.rapport_import_source;
    -- A copy, because the rows are read twice, and a query may answer differently the second time.
    EXECUTE 'CREATE TEMPORARY TABLE rapport_import_source ON COMMIT DROP AS ' OPERATOR(pg_catalog.||) query;
END
$$;
COMMENT ON FUNCTION rapport.stage_query(text, text) IS
'A step of rapport.import_query: keeps the rows of the query for this transaction. Example: SELECT rapport.stage_query(''SELECT ''''02-2019'''' AS "Date", ''''Sand'''' AS "Product"'', ''by hand'');';

CREATE FUNCTION rapport.preview_import(content bytea, file_name text, file_format text)
RETURNS SETOF rapport.quality_line
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000 ROWS 50
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parts CONSTANT integer := rapport.upload_content(content);
BEGIN
    RETURN QUERY
    SELECT q.*
    FROM jsonb_populate_recordset(
        NULL::rapport.quality_line, rapport.preview_upload(file_name, file_format) -> 'report'
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
    RETURN QUERY
    SELECT q.*
    FROM pg_catalog.jsonb_populate_recordset(
        NULL::rapport.quality_line,
        rapport.run_preview(source_name, 'query', query) OPERATOR(pg_catalog.->) 'report'
    ) AS q;
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
    preview := rapport.run_preview(file_name, file_format);
    DROP TABLE pg_temp.rapport_upload;
    RETURN preview;
END
$$;
COMMENT ON FUNCTION rapport.preview_upload(text, text) IS
'What importing the uploaded file would do, with nothing written: {"result": the row of import_upload, "report": the lines of quality_report}. Example: SELECT rapport.begin_upload(); INSERT INTO rapport_upload VALUES (0, convert_to(E''Date,Product\n04-2019,Sand\n'', ''UTF8'')); SELECT rapport.preview_upload(''products.csv'', ''csv'') #>> ''{result,message}'';';

-- Without a search path of its own, for the sake of the query.
CREATE FUNCTION rapport.run_preview(
    source_name text, source_format text, query text DEFAULT NULL
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
AS $$
DECLARE
    preview jsonb;
BEGIN
    BEGIN
        IF source_format OPERATOR(pg_catalog.=) 'query' THEN
            PERFORM rapport.stage_query(query, source_name);
        END IF;
        preview := rapport.preview_result(source_name, source_format);
        RAISE EXCEPTION 'preview' USING ERRCODE = 'RP000';
    EXCEPTION
        -- Rolls back what the block wrote; the variable stays.
        WHEN SQLSTATE 'RP000' THEN NULL;
    END;
    RETURN preview;
END
$$;
COMMENT ON FUNCTION rapport.run_preview(text, text, text) IS
'A step of the previews: imports what the session holds, reports and rolls back. Example: SELECT rapport.upload_content(convert_to(E''Date,Product\n04-2019,Sand\n'', ''UTF8'')); SELECT rapport.run_preview(''products.csv'', ''csv'');';

CREATE FUNCTION rapport.preview_result(source_name text, source_format text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    result jsonb;
    report jsonb;
BEGIN
    SELECT to_jsonb(i) INTO result
    FROM rapport.run_import(source_name, source_format, refresh => false) AS i;
    SELECT coalesce(jsonb_agg(to_jsonb(q)), '[]') INTO report
    FROM rapport.quality_report((result ->> 'import_id')::bigint) AS q;
    IF result ->> 'status' = 'imported' THEN
        -- The number goes with the rest: it names nothing.
        result := jsonb_set(result, '{import_id}', 'null');
        SELECT coalesce(jsonb_agg(jsonb_set(l.line, '{import_id}', 'null')), '[]') INTO report
        FROM jsonb_array_elements(report) AS l (line);
    END IF;
    RETURN jsonb_build_object('result', result, 'report', report);
END
$$;
COMMENT ON FUNCTION rapport.preview_result(text, text) IS
'A step of the previews: imports and reports; whoever calls it rolls it back. Example: none, it would import.';

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
            -- More are no labels but free text, of which no two are meant to be the same.
            HAVING count(*) <= 20000
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

CREATE FUNCTION rapport.source_bytes(source_format text) RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF source_format = 'query' THEN
        RETURN pg_relation_size('pg_temp.rapport_import_source');
    END IF;
    RETURN (SELECT coalesce(sum(octet_length(u.content)), 0) FROM pg_temp.rapport_upload AS u);
END
$$;
COMMENT ON FUNCTION rapport.source_bytes(text) IS
'A step of an import: bytes of the uploaded file, or of the rows of a query as PostgreSQL stores them. Example: SELECT rapport.begin_upload(); SELECT rapport.source_bytes(''csv'');';

CREATE FUNCTION rapport.import_outcome(import_id bigint) RETURNS SETOF rapport.import_result
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 1000 ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    counts CONSTANT jsonb := rapport.import_counts(import_id);
BEGIN
    RETURN QUERY
    SELECT r.*
    FROM crm.imports AS i
    CROSS JOIN LATERAL jsonb_populate_record(
        NULL::rapport.import_result,
        to_jsonb(i) || counts || jsonb_build_object(
            'status', 'imported',
            'message', CASE WHEN i.rows_read = 0
            THEN 'the file has no rows below its headers: nothing was imported'
            ELSE format(
                'rows read: %s; customers added: %s, updated: %s, placeholders: %s; interactions added: %s, enriched: %s; product months added: %s; cells repaired: %s, split: %s, in conflict: %s; rows that were there already: %s, rejected: %s',
                i.rows_read, i.customers_added, i.customers_updated, i.placeholders_added, i.interactions_added,
                i.interactions_enriched, i.products_added, counts ->> 'repaired', counts ->> 'split',
                counts ->> 'conflicts', i.duplicates, i.rejected
            ) END
        )
    ) AS r
    WHERE i.import_id = import_outcome.import_id;
END
$$;
COMMENT ON FUNCTION rapport.import_outcome(bigint) IS
'What an import did, as it was told at its end. Raises P0002 for an unknown import. Example: SELECT message FROM rapport.import_outcome(1);';

CREATE FUNCTION rapport.run_import(
    source_name text, source_format text, refresh boolean DEFAULT NULL
) RETURNS SETOF rapport.import_result
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000 ROWS 1
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
-- How the values of a query become text.
SET datestyle = 'ISO'
-- A row that a policy hides would be stored a second time.
SET row_security = off
-- The ledger gets the changes of an import from itself.
SET rapport.changes = 'recorded'
-- The statements are large and run once: compiling them takes longer than they do.
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    digest bytea;
    -- A row of crm.imports; naming the type would fail before require_schema() can explain.
    this_import record;
    session_name text := current_setting('application_name');
    result rapport.import_result;
BEGIN
    PERFORM rapport.require_schema();
    IF source_name IS NULL OR source_format IS NULL THEN
        RAISE EXCEPTION 'name and format must not be null' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    -- The name is shown on terminals and in reports, so it has no control characters.
    source_name := coalesce(left(rapport.clean_label(source_name), 255), 'unnamed');

    PERFORM rapport.lock_imports();

    digest := rapport.source_digest(NULL, source_format);
    SELECT i.* INTO this_import FROM crm.imports AS i WHERE i.content_sha256 = digest AND i.undone_at IS NULL;
    IF FOUND THEN
        result.import_id := this_import.import_id;
        result.status := 'unchanged';
        result.file_name := this_import.file_name;
        result.date_order := this_import.date_order;
        result.encoding := this_import.encoding;
        result.delimiter := this_import.delimiter;
        result.message := format(
            'nothing changed: this %s was imported before, as import %s ("%s") on %s; to read it by other rules, undo that import first',
            CASE this_import.file_format WHEN 'query' THEN 'answer of a query' ELSE 'file' END,
            this_import.import_id, this_import.file_name, to_char(this_import.imported_at, 'YYYY-MM-DD HH24:MI')
        );
        RETURN NEXT jsonb_populate_record(result, jsonb_build_object(
            'rows_read', 0, 'records', 0, 'loaded', 0, 'merged', 0, 'duplicates', 0, 'rejected', 0,
            'customers_added', 0, 'customers_updated', 0, 'placeholders_added', 0,
            'interactions_added', 0, 'interactions_enriched', 0, 'products_added', 0,
            'repaired', 0, 'split', 0, 'conflicts', 0, 'suggested', 0
        ));
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
    FROM rapport.read_file(NULL, source_name, source_format, rapport.cleaning_context()) AS f;
    ANALYZE pg_temp.rapport_import_row;
    PERFORM rapport.survey_import();
    ANALYZE pg_temp.rapport_import_note;

    INSERT INTO crm.imports (
        file_name, file_format, content_bytes, content_sha256, rows_read, date_order, encoding, delimiter
    )
    SELECT
        run_import.source_name, source_format, rapport.source_bytes(source_format), digest,
        s.rows_read, n.date_order, n.encoding, n.delimiter
    FROM (
        SELECT coalesce(sum(g.rows_read), 0) AS rows_read FROM pg_temp.rapport_import_group AS g
    ) AS s
    CROSS JOIN (
        SELECT
            min(e.value ->> 'after') FILTER (
                WHERE e.value ->> 'rule' IN ('date_order_proven', 'date_order_assumed')
                    AND e.value ->> 'field' = 'occurred_at'
            ) AS date_order,
            min(e.value ->> 'after') FILTER (WHERE e.value ->> 'rule' = 'encoding_detected') AS encoding,
            min(e.value ->> 'after') FILTER (WHERE e.value ->> 'rule' = 'delimiter_detected') AS delimiter
        FROM pg_temp.rapport_import_note AS r
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

    PERFORM rapport.remember_labels(this_import.import_id);
    PERFORM rapport.drop_import_tables();
    IF coalesce(refresh, current_setting('rapport.refresh_after_import')::boolean) THEN
        PERFORM set_config('application_name', 'rapport import refreshing statistics', true);
        PERFORM rapport.refresh_stats();
    END IF;
    PERFORM set_config('application_name', session_name, true);

    RETURN QUERY SELECT * FROM rapport.import_outcome(this_import.import_id);
END
$$;
COMMENT ON FUNCTION rapport.run_import(text, text, boolean) IS
'A step of every import: reads what the session uploaded or staged, and merges it. refresh decides over the setting rapport.refresh_after_import. Example: SELECT rapport.upload_content(convert_to(E''Date,Product\n01-2019,Sand\n'', ''UTF8'')); SELECT message FROM rapport.run_import(''products.csv'', ''csv'');';

REVOKE EXECUTE ON FUNCTION
rapport.import_workbook(bytea, text), rapport.import_csv(bytea, text), rapport.import_file(bytea, text, text),
rapport.begin_upload(), rapport.import_upload(text, text), rapport.require_upload(text, text),
rapport.import_query(text, text), rapport.import_table(regclass), rapport.stage_query(text, text),
rapport.preview_import(bytea, text, text), rapport.preview_query(text, text), rapport.preview_upload(text, text),
rapport.run_preview(text, text, text), rapport.preview_result(text, text),
rapport.import_outcome(bigint), rapport.cleaning_context(), rapport.source_bytes(text), rapport.upload_content(bytea),
rapport.run_import(text, text, boolean)
FROM PUBLIC;
