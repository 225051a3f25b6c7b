-- One import, one transaction: rapport.read_file() reads and cleans what the session holds, the steps in
-- merge.sql bring the clean rows together with those that are stored. What goes before is in sources.sql.

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

CREATE FUNCTION rapport.cleaning_context() RETURNS jsonb
LANGUAGE sql STABLE PARALLEL RESTRICTED COST 1000
SET search_path = pg_catalog, pg_temp
AS $$
SELECT jsonb_build_object(
    'known', (
        SELECT coalesce(jsonb_object_agg(k.kind, CASE
            -- More are no labels but free text, of which no two are meant to be the same: their number
            -- is enough for the reader to say so.
            WHEN k.labels > 20000 THEN to_jsonb(k.labels)
            ELSE (SELECT jsonb_agg(l.label ORDER BY l.label COLLATE "C") FROM crm.labels AS l WHERE l.kind = k.kind)
        END), '{}')
        FROM (
            SELECT l.kind, count(*) AS labels
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

    digest := rapport.source_digest(source_format);
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
        occurred_at, channel, topic, sentiment, notes, month, product, extra, entries
    )
    SELECT
        f.seq, f.split_of, f.kind, f.sheet, f.row_number, f.customer_id, f.occupation, f.customer_type,
        f.occurred_at, f.channel, f.topic, f.sentiment, f.notes, f.month, f.product, f.extra, f.entries
    FROM rapport.read_file(NULL, source_name, source_format, rapport.cleaning_context()) AS f;
    PERFORM rapport.analyze_import_table('rapport_import_row');
    PERFORM rapport.survey_import();
    PERFORM rapport.analyze_import_table('rapport_import_note');

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

    PERFORM rapport.lock_customers_of_import();
    PERFORM rapport.merge_customers(this_import.import_id);
    PERFORM rapport.add_placeholders(this_import.import_id);
    PERFORM rapport.merge_products(this_import.import_id);
    PERFORM rapport.merge_interactions(this_import.import_id);
    PERFORM rapport.decide_placeholders(this_import.import_id);
    PERFORM rapport.write_ledger(this_import.import_id);
    PERFORM rapport.mark_quality_of_import(this_import.import_id);
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
rapport.cleaning_context(),
rapport.source_bytes(text),
rapport.import_outcome(bigint),
rapport.run_import(text, text, boolean)
FROM PUBLIC;
