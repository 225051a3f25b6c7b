-- What an import would do: it is done, told and rolled back.

CREATE FUNCTION rapport.preview_import(content bytea, file_name text, file_format text)
RETURNS SETOF rapport.quality_line
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000 ROWS 50
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parts CONSTANT integer := rapport.upload_content(content);
    preview CONSTANT jsonb := rapport.preview_upload(file_name, file_format);
BEGIN
    RAISE NOTICE 'nothing is written; an import would say: %', preview #>> '{result,message}';
    RETURN QUERY SELECT q.* FROM jsonb_populate_recordset(NULL::rapport.quality_line, preview -> 'report') AS q;
END
$$;
COMMENT ON FUNCTION rapport.preview_import(bytea, text, text) IS
'The quality report that an import of the file would have, with nothing written: the import is done and rolled back. A notice tells its counts. file_format is xlsx or csv. Example: SELECT rule, entries FROM rapport.preview_import(convert_to(E''Date,Product\n04-2019, Sand\n'', ''UTF8''), ''products.csv'', ''csv'');';

CREATE FUNCTION rapport.preview_query(query text, source_name text DEFAULT 'query')
RETURNS SETOF rapport.quality_line
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000 ROWS 50
AS $$
DECLARE
    preview CONSTANT jsonb := rapport.run_preview(source_name, 'query', query);
BEGIN
    RAISE NOTICE 'nothing is written; an import would say: %', preview OPERATOR(pg_catalog.#>>) '{result,message}';
    RETURN QUERY
    SELECT q.*
    FROM pg_catalog.jsonb_populate_recordset(
        NULL::rapport.quality_line, preview OPERATOR(pg_catalog.->) 'report'
    ) AS q;
END
$$;
COMMENT ON FUNCTION rapport.preview_query(text, text) IS
'The quality report that an import of the query would have, with nothing written; a notice tells its counts. Example: SELECT rule, entries FROM rapport.preview_query(''SELECT ''''04-2019'''' AS "Date", '''' Sand'''' AS "Product"'');';

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

REVOKE EXECUTE ON FUNCTION
rapport.preview_import(bytea, text, text),
rapport.preview_query(text, text),
rapport.preview_upload(text, text),
rapport.run_preview(text, text, text),
rapport.preview_result(text, text)
FROM PUBLIC;
