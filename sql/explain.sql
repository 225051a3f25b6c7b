-- From a stored value back to the cell it came from.

CREATE TYPE rapport.value_step AS (
    step integer,
    import_id bigint,
    file_name text,
    sheet text,
    row_number integer,
    cell text,
    header text,
    before text,
    after text,
    rule text,
    rule_version smallint,
    action text,
    severity text,
    description text,
    explanation text
);
COMMENT ON TYPE rapport.value_step IS 'One step on the way from a cell to a stored value; explanation says it in a sentence.';

CREATE FUNCTION rapport.stored_value(table_name text, id bigint, column_name text) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 500
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
AS $$
DECLARE
    stored jsonb;
    own_columns text [];
BEGIN
    PERFORM rapport.require_schema();
    IF table_name IS NULL OR id IS NULL OR column_name IS NULL THEN
        RAISE EXCEPTION 'table name, id and column name must not be null' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    CASE table_name
        WHEN 'customers' THEN
            SELECT to_jsonb(c) INTO stored FROM crm.customers AS c WHERE c.customer_id = id;
            own_columns := ARRAY['customer_id', 'occupation', 'customer_type'];
        WHEN 'interactions' THEN
            SELECT to_jsonb(i) || jsonb_build_object('occurred_at', i.occurred_at::text) INTO stored
            FROM crm.interactions AS i WHERE i.interaction_id = id;
            own_columns := ARRAY['customer_id', 'occurred_at', 'channel', 'topic', 'sentiment', 'notes'];
        WHEN 'products' THEN
            SELECT to_jsonb(p) INTO stored FROM crm.products AS p WHERE p.product_month_id = id;
            own_columns := ARRAY['month', 'product'];
        ELSE
            RAISE EXCEPTION 'there is no table "%"', table_name
                USING ERRCODE = 'invalid_parameter_value', HINT = 'Use customers, interactions or products.';
    END CASE;
    IF stored IS NULL THEN
        RAISE EXCEPTION '% has no row "%"', table_name, id
            USING ERRCODE = 'no_data_found',
                HINT = CASE table_name
                    WHEN 'customers' THEN 'The id is customer_id of crm.customers.'
                    WHEN 'interactions' THEN 'The id is interaction_id of crm.interactions.'
                    ELSE 'The id is product_month_id of crm.products.'
                END;
    ELSIF NOT (column_name = ANY (own_columns) OR coalesce(stored -> 'extra', '{}') ? column_name) THEN
        RAISE EXCEPTION '% has no column "%" that a file fills', table_name, column_name
            USING ERRCODE = 'invalid_parameter_value',
                HINT = 'Use one of ' || array_to_string(own_columns, ', ') || ', or a key of extra.';
    END IF;
    RETURN jsonb_build_object(
        'import_id', stored -> 'import_id', 'sheet', stored -> 'source_sheet', 'row', stored -> 'source_row',
        'customer_id', CASE WHEN table_name <> 'products' THEN stored -> 'customer_id' END,
        'interaction_id', stored -> 'interaction_id', 'product_month_id', stored -> 'product_month_id',
        'field', CASE WHEN column_name = ANY (own_columns) THEN column_name ELSE 'extra' END,
        'header', CASE WHEN column_name <> ALL (own_columns) THEN column_name END,
        'value', CASE WHEN column_name = ANY (own_columns) THEN stored -> column_name
        ELSE stored -> 'extra' -> column_name END
    );
END
$$;
COMMENT ON FUNCTION rapport.stored_value(text, bigint, text) IS
'A step of rapport.explain_value: a stored value with the row of the file that brought its row. Example: SELECT rapport.stored_value(''interactions'', 1, ''topic'');';

CREATE FUNCTION rapport.explain_value(table_name text, id bigint, column_name text)
RETURNS SETOF rapport.value_step
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 1000 ROWS 5
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    stored CONSTANT jsonb := rapport.stored_value(table_name, id, column_name);
    this_interaction CONSTANT bigint := stored ->> 'interaction_id';
    this_month CONSTANT bigint := stored ->> 'product_month_id';
    -- NULL for an interaction: its decisions are its own, whoever its customer is.
    this_customer CONSTANT bigint := CASE WHEN this_interaction IS NULL THEN stored ->> 'customer_id' END;
    -- The value as files left it, before anybody changed it by hand.
    value text;
    origin record;
BEGIN
    -- The value came with the row, or filled a gap of it later.
    SELECT
        coalesce(f.import_id, (stored ->> 'import_id')::bigint) AS import_id,
        coalesce(f.sheet, stored ->> 'sheet') AS sheet,
        coalesce(f.row_number, (stored ->> 'row')::integer) AS row_number,
        coalesce(f.entry_id, 0) AS entry_id
    INTO origin
    FROM (VALUES (1)) AS one (row)
    LEFT JOIN (
        SELECT l.import_id, l.sheet, l.row_number, l.entry_id
        FROM crm.entries_about(this_customer, this_interaction, this_month) AS l
        WHERE l.rule = 'fill_gap' AND l.field = stored ->> 'field'
            AND (stored ->> 'header' IS NULL OR l.column_name = stored ->> 'header')
        ORDER BY l.entry_id DESC
        LIMIT 1
    ) AS f ON true;

    SELECT h.before INTO value
    FROM crm.entries_about(this_customer, this_interaction, this_month) AS h
    WHERE h.rule = 'changed_by_hand' AND h.field = stored ->> 'field' AND h.entry_id > origin.entry_id
        AND (stored ->> 'header' IS NULL OR h.column_name = stored ->> 'header')
    ORDER BY h.entry_id
    LIMIT 1;
    IF NOT FOUND THEN
        value := stored ->> 'value';
    END IF;

    RETURN QUERY
    WITH place AS (
        -- A column that is kept aside is known by its key.
        SELECT l.column_name AS header, rtrim(l.cell, '0123456789') AS letters
        FROM crm.ledger AS l
        WHERE l.import_id = origin.import_id AND l.sheet = origin.sheet AND l.row_number IS NULL
            AND l.field = stored ->> 'field' AND l.cell IS NOT NULL
            AND CASE
                WHEN stored ->> 'header' IS NULL THEN l.rule = 'header_mapped'
                ELSE l.rule IN ('column_kept', 'column_without_header_kept') AND l.after = stored ->> 'header'
            END
        ORDER BY l.entry_id
        LIMIT 1
    ),

    entries AS (
        -- About the cell that it came from, and what holds of its whole column.
        SELECT l.*
        FROM crm.ledger_in_force AS l
        WHERE l.import_id = origin.import_id AND l.sheet = origin.sheet
            AND (l.row_number IS NULL OR l.row_number = origin.row_number)
            AND l.field = stored ->> 'field'
            AND NOT l.is_of_merging
            AND (l.rule <> 'near_miss_suggested' OR l.before = value)
            AND (
                stored ->> 'header' IS NULL
                OR rtrim(l.cell, '0123456789') = (SELECT p.letters FROM place AS p)
            )
        UNION ALL
        -- About the thing itself: what other rows say of it, what was inherited, what people did.
        SELECT l.*
        FROM crm.entries_about(this_customer, this_interaction, this_month) AS l
        WHERE l.field = stored ->> 'field'
            AND (l.import_id IS NULL OR l.is_of_merging)
            AND (stored ->> 'header' IS NULL OR l.column_name = stored ->> 'header')
    ),

    steps AS (
        SELECT
            CASE WHEN e.row_number IS NULL AND e.import_id IS NOT NULL THEN 1 ELSE 2 END AS stage,
            e.entry_id, e.import_id, e.sheet, e.row_number, e.cell, e.column_name AS header, e.before, e.after,
            e.rule, e.rule_version, e.action, e.severity, e.detail
        FROM entries AS e
        UNION ALL
        -- A cell that no rule touched says what is stored; a date may be written in another way.
        SELECT
            2, origin.entry_id, origin.import_id, origin.sheet, origin.row_number, p.letters || origin.row_number::text, p.header,
            CASE WHEN stored ->> 'field' NOT IN ('occurred_at', 'month') THEN value END, value,
            NULL, NULL, NULL, 'info', NULL
        FROM (VALUES (1)) AS one (row)
        LEFT JOIN place AS p ON true
        WHERE origin.row_number IS NOT NULL AND NOT EXISTS (
            SELECT FROM entries AS e
            WHERE e.import_id = origin.import_id AND e.sheet = origin.sheet AND e.row_number = origin.row_number
                AND e.before IS NOT NULL AND e.action <> 'conflict'
        )
        UNION ALL
        SELECT 2, 0, origin.import_id, NULL, NULL, NULL, NULL, value, value, NULL, NULL, NULL, 'info', NULL
        WHERE origin.row_number IS NULL
            AND NOT EXISTS (SELECT FROM entries AS e WHERE e.rule <> 'changed_by_hand')
    )

    SELECT
        (row_number() OVER (ORDER BY s.stage, s.entry_id, s.rule NULLS FIRST))::integer,
        s.import_id, i.file_name, s.sheet, s.row_number, s.cell, s.header, s.before, s.after,
        s.rule, s.rule_version, s.action, s.severity, c.description,
        CASE
            WHEN s.rule IS NULL AND s.import_id IS NULL
                THEN format('%s was not brought by an import: it was inherited, or written by hand', coalesce('"' || value || '"', 'an empty value'))
            WHEN s.rule IS NULL AND s.sheet IS NULL
                THEN format('import %s brought %s, from a row that was not remembered then', s.import_id, coalesce('"' || value || '"', 'an empty value'))
            WHEN s.rule = 'changed_by_hand' THEN concat(
                s.sheet, ': changed ', s.detail, ' from ', coalesce('"' || s.before || '"', 'nothing'), ' to ',
                coalesce('"' || s.after || '"', 'nothing')
            )
            ELSE concat_ws(
                ', ',
                coalesce('"' || i.file_name || '"', 'inherited'),
                'sheet "' || s.sheet || '"',
                'row ' || s.row_number,
                nullif(concat_ws(' ', 'cell ' || s.cell, '"' || s.before || '"'), '')
            )
            || CASE
                WHEN s.rule IS NULL AND s.after IS NULL THEN ': empty, or there is no such column'
                WHEN s.rule IS NULL AND s.before IS NULL THEN ': read as "' || s.after || '"'
                WHEN s.rule IS NULL THEN ': taken as it is'
                ELSE concat(': ', s.rule, ' ', s.action, ', now "' || s.after || '"', '. ', c.description, ' (' || s.detail || ')')
            END
        END
    FROM steps AS s
    LEFT JOIN crm.imports AS i ON i.import_id = s.import_id
    LEFT JOIN rapport.cleaning_rules() AS c ON c.rule = s.rule
    ORDER BY 1;
END
$$;
COMMENT ON FUNCTION rapport.explain_value(text, bigint, text) IS
'Which cell a stored value came from, and every decision on its way: the rules of its column, those of its cell, and what other rows said. table_name is customers, interactions or products (ids: customer_id, interaction_id, product_month_id); column_name may be a key of extra. Raises P0002 for an unknown row. Example: SELECT cell, before, after, rule, explanation FROM rapport.explain_value(''interactions'', 1, ''topic'');';

REVOKE EXECUTE ON FUNCTION
rapport.stored_value(text, bigint, text), rapport.explain_value(text, bigint, text)
FROM PUBLIC;
