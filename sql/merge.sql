-- The steps of an import in which clean rows meet those that are stored. The first value that was
-- said about a thing is kept; gaps are filled; what contradicts is written to the ledger, never over
-- the stored value. They work on the temporary tables that rapport.import_file() makes.

CREATE FUNCTION rapport.merge_customers(import_id bigint) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    added bigint;
    updated bigint;
    placeholders bigint;
BEGIN
    UPDATE pg_temp.rapport_import_row AS r
    SET is_new = true
    FROM (
        SELECT min(f.seq) AS seq
        FROM pg_temp.rapport_import_row AS f
        WHERE f.kind = 'customer' AND NOT EXISTS (SELECT FROM crm.customers AS c WHERE c.customer_id = f.customer_id)
        GROUP BY f.customer_id
    ) AS first_row
    WHERE r.seq = first_row.seq;
    GET DIAGNOSTICS added = ROW_COUNT;

    INSERT INTO crm.customers (customer_id, occupation, customer_type, import_id)
    SELECT r.customer_id, r.occupation, r.customer_type, merge_customers.import_id
    FROM pg_temp.rapport_import_row AS r
    WHERE r.kind = 'customer' AND r.is_new
    ORDER BY r.seq;

    -- Each cell against the first value that was said before it: stored, or in an earlier row.
    INSERT INTO pg_temp.rapport_import_cell (seq, column_name, incoming, kept)
    SELECT v.seq, v.column_name, v.incoming, v.kept
    FROM (
        SELECT
            r.seq, r.is_new, r.occupation, r.customer_type,
            coalesce(c.occupation, (array_agg(r.occupation) FILTER (WHERE r.occupation IS NOT NULL) OVER earlier)[1])
                AS kept_occupation,
            coalesce(c.customer_type, (array_agg(r.customer_type) FILTER (WHERE r.customer_type IS NOT NULL) OVER earlier)[1])
                AS kept_type
        FROM pg_temp.rapport_import_row AS r
        INNER JOIN crm.customers AS c ON c.customer_id = r.customer_id
        WHERE r.kind = 'customer'
        WINDOW earlier AS (PARTITION BY r.customer_id ORDER BY r.seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ) AS said
    CROSS JOIN LATERAL (VALUES
        (said.seq, 'occupation', said.occupation, said.kept_occupation),
        (said.seq, 'customer_type', said.customer_type, said.kept_type)
    ) AS v (seq, column_name, incoming, kept)
    WHERE NOT said.is_new AND v.incoming IS NOT NULL AND v.incoming IS DISTINCT FROM v.kept;

    INSERT INTO crm.ledger (import_id, sheet, row_number, column_name, rule, action, after, customer_id, detail)
    SELECT DISTINCT ON (r.customer_id)
        merge_customers.import_id, r.sheet, r.row_number, NULL, 'unknown_customer', 'merged', r.customer_id::text, r.customer_id,
        'an interaction named this customer before; now it has a row'
    FROM pg_temp.rapport_import_row AS r
    INNER JOIN crm.customers AS c ON c.customer_id = r.customer_id
    WHERE r.kind = 'customer' AND c.is_placeholder
    ORDER BY r.customer_id, r.seq;

    INSERT INTO crm.ledger (import_id, sheet, row_number, rule, action, before, detail, customer_id)
    SELECT
        merge_customers.import_id, r.sheet, r.row_number, 'same_customer', 'duplicate', r.customer_id::text,
        'nothing new about this customer', r.customer_id
    FROM pg_temp.rapport_import_row AS r
    INNER JOIN crm.customers AS c ON c.customer_id = r.customer_id
    INNER JOIN (
        SELECT f.customer_id, min(f.seq) AS seq
        FROM pg_temp.rapport_import_row AS f
        WHERE f.kind = 'customer'
        GROUP BY f.customer_id
    ) AS first_row ON first_row.customer_id = r.customer_id
    WHERE r.kind = 'customer' AND NOT r.is_new
        AND NOT EXISTS (SELECT FROM pg_temp.rapport_import_cell AS x WHERE x.seq = r.seq)
        AND NOT (c.is_placeholder AND r.seq = first_row.seq)
    ORDER BY r.seq;

    PERFORM rapport.record_cells(import_id, 'customer');

    UPDATE crm.customers AS c
    SET
        occupation = coalesce(c.occupation, filled.occupation),
        customer_type = coalesce(c.customer_type, filled.customer_type),
        is_placeholder = false
    FROM (
        SELECT
            r.customer_id,
            max(x.incoming) FILTER (WHERE x.column_name = 'occupation' AND x.kept IS NULL) AS occupation,
            max(x.incoming) FILTER (WHERE x.column_name = 'customer_type' AND x.kept IS NULL) AS customer_type
        FROM pg_temp.rapport_import_row AS r
        LEFT JOIN pg_temp.rapport_import_cell AS x ON x.seq = r.seq
        WHERE r.kind = 'customer' AND NOT r.is_new
        GROUP BY r.customer_id
    ) AS filled
    WHERE c.customer_id = filled.customer_id
        AND (c.is_placeholder OR filled.occupation IS NOT NULL OR filled.customer_type IS NOT NULL);
    GET DIAGNOSTICS updated = ROW_COUNT;

    WITH unknown AS (
        SELECT DISTINCT ON (r.customer_id) r.customer_id, r.sheet, r.row_number
        FROM pg_temp.rapport_import_row AS r
        WHERE r.kind = 'interaction' AND NOT EXISTS (SELECT FROM crm.customers AS c WHERE c.customer_id = r.customer_id)
        ORDER BY r.customer_id, r.seq
    ),

    placeholder AS (
        INSERT INTO crm.customers (customer_id, is_placeholder, import_id)
        SELECT customer_id, true, merge_customers.import_id FROM unknown
    )

    INSERT INTO crm.ledger (import_id, sheet, row_number, column_name, rule, action, before, after, detail, customer_id)
    SELECT
        merge_customers.import_id, u.sheet, u.row_number, 'customer_id', 'unknown_customer', 'placeholder',
        u.customer_id::text, u.customer_id::text, 'no row of customers has this id: kept with a placeholder customer',
        u.customer_id
    FROM unknown AS u
    ORDER BY u.row_number, u.customer_id;
    GET DIAGNOSTICS placeholders = ROW_COUNT;

    UPDATE crm.imports AS i
    SET customers_added = added, customers_updated = updated, placeholders_added = placeholders
    WHERE i.import_id = merge_customers.import_id;
END
$$;
COMMENT ON FUNCTION rapport.merge_customers(bigint) IS
'A step of rapport.import_file: merges the customers that were read. Example: none, it needs the rows of a running import.';

CREATE FUNCTION rapport.merge_products(import_id bigint) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    added bigint;
BEGIN
    UPDATE pg_temp.rapport_import_row AS r
    SET is_new = true
    FROM (
        SELECT min(f.seq) AS seq
        FROM pg_temp.rapport_import_row AS f
        WHERE f.kind = 'product' AND NOT EXISTS (
            SELECT FROM crm.products AS p WHERE p.month = f.month AND p.product = f.product
        )
        GROUP BY f.month, f.product
    ) AS first_row
    WHERE r.seq = first_row.seq;

    INSERT INTO crm.products (month, product, import_id)
    SELECT r.month, r.product, merge_products.import_id
    FROM pg_temp.rapport_import_row AS r
    WHERE r.kind = 'product' AND r.is_new
    ORDER BY r.seq;
    GET DIAGNOSTICS added = ROW_COUNT;

    INSERT INTO crm.ledger (import_id, sheet, row_number, rule, action, before, detail)
    SELECT
        merge_products.import_id, r.sheet, r.row_number, 'same_product_month', 'duplicate',
        to_char(r.month, 'MM-YYYY') || ' ' || r.product, 'this product of this month is already there'
    FROM pg_temp.rapport_import_row AS r
    WHERE r.kind = 'product' AND NOT r.is_new
    ORDER BY r.seq;

    UPDATE crm.imports AS i SET products_added = added
    WHERE i.import_id = merge_products.import_id;
END
$$;
COMMENT ON FUNCTION rapport.merge_products(bigint) IS
'A step of rapport.import_file: merges the products of discussion that were read. Example: none, it needs the rows of a running import.';

CREATE FUNCTION rapport.merge_interactions(import_id bigint) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    added bigint;
    enriched bigint;
BEGIN
    -- The same customer, time and channel is the same interaction.
    UPDATE pg_temp.rapport_import_row AS r
    SET interaction_id = s.interaction_id
    FROM crm.interactions AS s
    WHERE r.kind = 'interaction' AND s.customer_id = r.customer_id AND s.occurred_at = r.occurred_at
        AND lower(s.channel) IS NOT DISTINCT FROM lower(r.channel);

    -- So is one that an earlier import found under another time of the same day.
    UPDATE pg_temp.rapport_import_row AS r
    SET interaction_id = s.interaction_id
    FROM crm.interactions AS s
    WHERE r.kind = 'interaction' AND r.interaction_id IS NULL
        AND s.customer_id = r.customer_id AND s.reported_at = r.occurred_at
        AND lower(s.channel) IS NOT DISTINCT FROM lower(r.channel);

    -- Else an inherited row that says neither topic nor sentiment, when customer, channel and day
    -- point to exactly one row on each side. Rows that an import brought have their own time.
    UPDATE pg_temp.rapport_import_row AS r
    SET interaction_id = stored.interaction_id
    FROM (
        SELECT
            s.customer_id, s.occurred_at::date AS day, lower(s.channel) AS channel_key,
            min(s.interaction_id) AS interaction_id
        FROM crm.interactions AS s
        WHERE s.customer_id IN (
            SELECT f.customer_id FROM pg_temp.rapport_import_row AS f
            WHERE f.kind = 'interaction' AND f.interaction_id IS NULL
        )
        GROUP BY 1, 2, 3
        HAVING count(*) = 1 AND bool_and(s.import_id IS NULL AND s.topic IS NULL AND s.sentiment IS NULL)
    ) AS stored
    INNER JOIN (
        SELECT f.customer_id, f.occurred_at::date AS day, lower(f.channel) AS channel_key
        FROM pg_temp.rapport_import_row AS f
        WHERE f.kind = 'interaction'
        GROUP BY 1, 2, 3
        HAVING min(f.occurred_at) = max(f.occurred_at)
    ) AS incoming
        ON incoming.customer_id = stored.customer_id AND incoming.day = stored.day
            AND incoming.channel_key IS NOT DISTINCT FROM stored.channel_key
    WHERE r.kind = 'interaction' AND r.interaction_id IS NULL
        AND r.customer_id = stored.customer_id AND r.occurred_at::date = stored.day
        AND lower(r.channel) IS NOT DISTINCT FROM stored.channel_key;

    UPDATE pg_temp.rapport_import_row AS r
    SET is_new = true
    FROM (
        SELECT min(f.seq) AS seq
        FROM pg_temp.rapport_import_row AS f
        WHERE f.kind = 'interaction' AND f.interaction_id IS NULL
        GROUP BY f.customer_id, f.occurred_at, lower(f.channel)
    ) AS first_row
    WHERE r.seq = first_row.seq;

    WITH inserted AS (
        INSERT INTO crm.interactions (
            customer_id, occurred_at, channel, topic, sentiment, notes, import_id, source_sheet, source_row
        )
        SELECT
            r.customer_id, r.occurred_at, r.channel, r.topic, r.sentiment, r.notes,
            merge_interactions.import_id, r.sheet, r.row_number
        FROM pg_temp.rapport_import_row AS r
        WHERE r.kind = 'interaction' AND r.is_new
        ORDER BY r.seq
        RETURNING interaction_id, customer_id, occurred_at, channel
    )

    UPDATE pg_temp.rapport_import_row AS r
    SET interaction_id = inserted.interaction_id
    FROM inserted
    WHERE r.kind = 'interaction' AND r.interaction_id IS NULL
        AND inserted.customer_id = r.customer_id AND inserted.occurred_at = r.occurred_at
        AND lower(inserted.channel) IS NOT DISTINCT FROM lower(r.channel);

    -- Each cell against the first value that was said before it: stored, or in an earlier row.
    INSERT INTO pg_temp.rapport_import_cell (seq, column_name, incoming, kept)
    SELECT v.seq, v.column_name, v.incoming, v.kept
    FROM (
        SELECT
            r.*,
            CASE WHEN r.occurred_at = s.reported_at THEN r.occurred_at ELSE s.occurred_at END AS kept_time,
            coalesce(s.topic, (array_agg(r.topic) FILTER (WHERE r.topic IS NOT NULL) OVER earlier)[1]) AS kept_topic,
            coalesce(s.sentiment, (array_agg(r.sentiment) FILTER (WHERE r.sentiment IS NOT NULL) OVER earlier)[1])
                AS kept_sentiment,
            coalesce(s.notes, (array_agg(r.notes) FILTER (WHERE r.notes IS NOT NULL) OVER earlier)[1]) AS kept_notes
        FROM pg_temp.rapport_import_row AS r
        INNER JOIN crm.interactions AS s ON s.customer_id = r.customer_id AND s.interaction_id = r.interaction_id
        WHERE r.kind = 'interaction' AND r.interaction_id IN (
            SELECT f.interaction_id FROM pg_temp.rapport_import_row AS f WHERE f.kind = 'interaction' AND NOT f.is_new
        )
        WINDOW earlier AS (PARTITION BY r.interaction_id ORDER BY r.seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ) AS said
    CROSS JOIN LATERAL (VALUES
        (said.seq, 'occurred_at', said.occurred_at::text, said.kept_time::text),
        (said.seq, 'topic', said.topic, said.kept_topic),
        (said.seq, 'sentiment', said.sentiment, said.kept_sentiment),
        (said.seq, 'notes', said.notes, said.kept_notes)
    ) AS v (seq, column_name, incoming, kept)
    WHERE NOT said.is_new AND v.incoming IS NOT NULL AND v.incoming IS DISTINCT FROM v.kept;

    UPDATE crm.interactions AS s
    SET
        topic = coalesce(s.topic, filled.topic),
        sentiment = coalesce(s.sentiment, filled.sentiment),
        notes = coalesce(s.notes, filled.notes),
        reported_at = coalesce(s.reported_at, filled.reported_at)
    FROM (
        SELECT
            r.customer_id, r.interaction_id,
            min(r.occurred_at) FILTER (WHERE x.column_name = 'occurred_at') AS reported_at,
            max(x.incoming) FILTER (WHERE x.column_name = 'topic') AS topic,
            max(x.incoming) FILTER (WHERE x.column_name = 'sentiment') AS sentiment,
            max(x.incoming) FILTER (WHERE x.column_name = 'notes') AS notes
        FROM pg_temp.rapport_import_row AS r
        INNER JOIN pg_temp.rapport_import_cell AS x ON x.seq = r.seq
        WHERE r.kind = 'interaction' AND (x.kept IS NULL OR x.column_name = 'occurred_at')
        GROUP BY r.customer_id, r.interaction_id
    ) AS filled
    WHERE s.customer_id = filled.customer_id AND s.interaction_id = filled.interaction_id;

    INSERT INTO crm.ledger (import_id, sheet, row_number, rule, action, before, detail, customer_id, interaction_id)
    SELECT
        merge_interactions.import_id, r.sheet, r.row_number, 'same_interaction', 'duplicate',
        concat_ws(' ', to_char(r.occurred_at, 'YYYY-MM-DD HH24:MI'), r.channel, r.customer_id::text),
        format('the same as interaction %s', r.interaction_id), r.customer_id, r.interaction_id
    FROM pg_temp.rapport_import_row AS r
    WHERE r.kind = 'interaction' AND NOT r.is_new
        AND NOT EXISTS (SELECT FROM pg_temp.rapport_import_cell AS x WHERE x.seq = r.seq)
    ORDER BY r.seq;

    PERFORM rapport.record_cells(import_id, 'interaction');

    SELECT count(*) INTO added
    FROM pg_temp.rapport_import_row AS r WHERE r.kind = 'interaction' AND r.is_new;
    SELECT count(DISTINCT r.interaction_id) INTO enriched
    FROM pg_temp.rapport_import_row AS r
    INNER JOIN pg_temp.rapport_import_cell AS x ON x.seq = r.seq
    WHERE r.kind = 'interaction' AND x.kept IS NULL AND NOT EXISTS (
        SELECT FROM pg_temp.rapport_import_row AS f WHERE f.kind = 'interaction' AND f.is_new
            AND f.interaction_id = r.interaction_id
    );
    UPDATE crm.imports AS i SET interactions_added = added, interactions_enriched = enriched
    WHERE i.import_id = merge_interactions.import_id;
END
$$;
COMMENT ON FUNCTION rapport.merge_interactions(bigint) IS
'A step of rapport.import_file: merges the interactions that were read. Example: none, it needs the rows of a running import.';

CREATE FUNCTION rapport.record_cells(import_id bigint, kind text) RETURNS void
LANGUAGE sql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
INSERT INTO crm.ledger (
    import_id, sheet, row_number, column_name, rule, action, before, after, detail, customer_id, interaction_id
)
SELECT
    record_cells.import_id, r.sheet, r.row_number, x.column_name,
    CASE WHEN x.kept IS NULL THEN 'fill_gap' ELSE 'keep_first_value' END,
    CASE WHEN x.kept IS NULL THEN 'merged' ELSE 'conflict' END,
    CASE WHEN x.kept IS NOT NULL THEN x.incoming END,
    coalesce(x.kept, x.incoming),
    CASE WHEN x.kept IS NULL THEN 'nothing was stored before' ELSE 'the value that was there first is kept' END,
    r.customer_id, r.interaction_id
FROM pg_temp.rapport_import_cell AS x
INNER JOIN pg_temp.rapport_import_row AS r ON r.seq = x.seq
WHERE r.kind = record_cells.kind
ORDER BY r.seq, x.column_name
$$;
COMMENT ON FUNCTION rapport.record_cells(bigint, text) IS
'A step of rapport.import_file: writes filled gaps and conflicts to the ledger. Example: none, it needs the rows of a running import.';

REVOKE EXECUTE ON FUNCTION
rapport.merge_customers(bigint), rapport.merge_products(bigint), rapport.merge_interactions(bigint),
rapport.record_cells(bigint, text)
FROM PUBLIC;
