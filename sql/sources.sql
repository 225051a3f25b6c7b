-- The ways in: a file as an argument, an upload in parts, a query, a table. Each puts what it brings into
-- the session, and has it imported from there.

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

REVOKE EXECUTE ON FUNCTION
rapport.import_workbook(bytea, text),
rapport.import_csv(bytea, text),
rapport.import_file(bytea, text, text),
rapport.begin_upload(),
rapport.upload_content(bytea),
rapport.require_upload(text, text),
rapport.import_upload(text, text),
rapport.import_query(text, text),
rapport.import_table(regclass),
rapport.stage_query(text, text)
FROM PUBLIC;
