-- The steps of an import in which clean rows meet those that are stored. The first value that was
-- said about a thing is kept; gaps are filled; what contradicts is written to the ledger, never over
-- the stored value. They work on the temporary tables of rapport.make_import_tables().
--
-- A row that is the first to speak of its thing is inserted; every other row is a repeat, however
-- many there are: nearly all work is done on the repeats alone.

CREATE FUNCTION rapport.make_import_tables() RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $$
BEGIN
    PERFORM rapport.drop_import_tables();
    CREATE TEMPORARY TABLE rapport_import_row (
        seq bigint NOT NULL,
        -- The first record of the same row of the file, for the others that a split made of it.
        split_of bigint,
        kind text,
        sheet text NOT NULL,
        row_number integer,
        customer_id bigint,
        -- Given as the row is read: it is used if the row turns out to be new.
        interaction_id bigint,
        occurred_at timestamp,
        month date,
        channel text,
        topic text,
        sentiment text,
        notes text,
        occupation text,
        customer_type text,
        product text,
        extra jsonb,
        entries jsonb
    ) ON COMMIT DROP;
    -- What the reader says of rows and columns, and how often rows have the same labels: two looks at
    -- every row, so that no later step needs its own.
    CREATE TEMPORARY TABLE rapport_import_note (LIKE pg_temp.rapport_import_row) ON COMMIT DROP;
    CREATE TEMPORARY TABLE rapport_import_group (
        kind text,
        channel text,
        topic text,
        sentiment text,
        occupation text,
        customer_type text,
        product text,
        records bigint,
        rows_read bigint
    ) ON COMMIT DROP;
    -- The rows that speak of a thing which is stored or stands in an earlier row; interaction_id is
    -- that of the interaction they repeat.
    CREATE TEMPORARY TABLE rapport_import_repeat (
        LIKE pg_temp.rapport_import_row, PRIMARY KEY (seq)
    ) ON COMMIT DROP;
    ALTER TABLE pg_temp.rapport_import_repeat DROP COLUMN entries;
    -- A value of a repeat that filled a gap (kept IS NULL) or contradicts the value that is kept.
    CREATE TEMPORARY TABLE rapport_import_cell (
        seq bigint NOT NULL,
        customer_id bigint NOT NULL,
        interaction_id bigint,
        field text NOT NULL,
        header text,
        incoming text NOT NULL,
        kept text
    ) ON COMMIT DROP;
    -- What merging decided, for the ledger.
    CREATE TEMPORARY TABLE rapport_import_decision (
        seq bigint NOT NULL,
        sheet text NOT NULL,
        row_number integer NOT NULL,
        field text,
        header text,
        rule text NOT NULL,
        before text,
        after text,
        detail text,
        customer_id bigint,
        interaction_id bigint,
        product_month_id bigint
    ) ON COMMIT DROP;
END
$$;
COMMENT ON FUNCTION rapport.make_import_tables() IS
'A step of an import: makes its temporary tables. Example: none, it serves a running import.';

CREATE FUNCTION rapport.drop_import_tables() RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $$
BEGIN
    DROP TABLE IF EXISTS
    pg_temp.rapport_import_row, pg_temp.rapport_import_note, pg_temp.rapport_import_group, pg_temp.rapport_import_repeat, pg_temp.rapport_import_cell,
    pg_temp.rapport_import_decision;
END
$$;
COMMENT ON FUNCTION rapport.drop_import_tables() IS
'A step of an import: drops its temporary tables. Example: none, it serves a running import.';

CREATE FUNCTION rapport.survey_import() RETURNS void
LANGUAGE sql VOLATILE PARALLEL UNSAFE COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
INSERT INTO pg_temp.rapport_import_note
SELECT r.* FROM pg_temp.rapport_import_row AS r WHERE r.entries IS NOT NULL;

INSERT INTO pg_temp.rapport_import_group
SELECT
    r.kind, r.channel, r.topic, r.sentiment, r.occupation, r.customer_type, r.product,
    count(*), count(*) FILTER (WHERE r.split_of IS NULL)
FROM pg_temp.rapport_import_row AS r
WHERE r.row_number IS NOT NULL
GROUP BY 1, 2, 3, 4, 5, 6, 7
$$;
COMMENT ON FUNCTION rapport.survey_import() IS
'A step of an import: gathers what the reader noted, and the labels of the rows. Example: none, it serves a running import.';

CREATE FUNCTION rapport.merge_customers(import_id bigint) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    added bigint;
    updated bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_temp.rapport_import_group AS g WHERE g.kind = 'customer') THEN
        RETURN;
    END IF;
    INSERT INTO pg_temp.rapport_import_repeat (
        seq, kind, sheet, row_number, customer_id, occupation, customer_type, extra
    )
    SELECT
        r.seq, r.kind, r.sheet, r.row_number, r.customer_id, r.occupation, r.customer_type, r.extra
    FROM (
        SELECT f.*, min(f.seq) OVER (PARTITION BY f.customer_id) AS first_seq
        FROM pg_temp.rapport_import_row AS f
        WHERE f.kind = 'customer'
    ) AS r
    WHERE r.seq <> r.first_seq
        OR EXISTS (SELECT FROM crm.customers AS c WHERE c.customer_id = r.customer_id);
    ANALYZE pg_temp.rapport_import_repeat;

    -- What a placeholder lacks is told by the first row about it.
    INSERT INTO pg_temp.rapport_import_decision (seq, sheet, row_number, rule, after, detail, customer_id)
    SELECT DISTINCT ON (p.customer_id)
        p.seq, p.sheet, p.row_number, 'customer_described', p.customer_id::text,
        'an interaction named this customer before; now it has a row', p.customer_id
    FROM pg_temp.rapport_import_repeat AS p
    INNER JOIN crm.customers AS c ON c.customer_id = p.customer_id
    WHERE p.kind = 'customer' AND c.is_placeholder
    ORDER BY p.customer_id, p.seq;

    INSERT INTO crm.customers (
        customer_id, occupation, customer_type, extra, import_id, source_sheet, source_row
    )
    SELECT
        r.customer_id, r.occupation, r.customer_type, r.extra, merge_customers.import_id, r.sheet, r.row_number
    FROM pg_temp.rapport_import_row AS r
    WHERE r.kind = 'customer'
        AND NOT EXISTS (SELECT FROM pg_temp.rapport_import_repeat AS p WHERE p.seq = r.seq)
    ORDER BY r.seq;
    GET DIAGNOSTICS added = ROW_COUNT;

    INSERT INTO pg_temp.rapport_import_cell (seq, customer_id, field, header, incoming, kept)
    SELECT s.seq, s.customer_id, s.field, s.header, s.incoming, s.kept
    FROM (
        SELECT
            v.*,
            CASE
                WHEN v.stored IS NOT NULL THEN v.stored
                WHEN v.seq > first_value(v.seq) OVER said THEN first_value(v.incoming) OVER said
            END AS kept
        FROM (
            SELECT p.seq, p.customer_id, 'occupation' AS field, NULL AS header, p.occupation AS incoming, c.occupation AS stored
            FROM pg_temp.rapport_import_repeat AS p
            INNER JOIN crm.customers AS c ON c.customer_id = p.customer_id
            WHERE p.kind = 'customer'
            UNION ALL
            SELECT p.seq, p.customer_id, 'customer_type', NULL, p.customer_type, c.customer_type
            FROM pg_temp.rapport_import_repeat AS p
            INNER JOIN crm.customers AS c ON c.customer_id = p.customer_id
            WHERE p.kind = 'customer'
            UNION ALL
            SELECT p.seq, p.customer_id, 'extra', e.key, e.value, c.extra ->> e.key
            FROM pg_temp.rapport_import_repeat AS p
            INNER JOIN crm.customers AS c ON c.customer_id = p.customer_id
            CROSS JOIN LATERAL jsonb_each_text(p.extra) AS e
            WHERE p.kind = 'customer' AND p.extra IS NOT NULL
        ) AS v
        WHERE v.incoming IS NOT NULL AND v.incoming IS DISTINCT FROM v.stored
        WINDOW said AS (PARTITION BY v.customer_id, v.field, v.header ORDER BY v.seq)
    ) AS s
    WHERE s.incoming IS DISTINCT FROM s.kept;

    UPDATE crm.customers AS c
    SET
        occupation = coalesce(c.occupation, filled.occupation),
        customer_type = coalesce(c.customer_type, filled.customer_type),
        extra = CASE WHEN filled.extra IS NULL THEN c.extra ELSE filled.extra || coalesce(c.extra, '{}') END,
        is_placeholder = false
    FROM (
        SELECT
            p.customer_id,
            max(x.incoming) FILTER (WHERE x.field = 'occupation') AS occupation,
            max(x.incoming) FILTER (WHERE x.field = 'customer_type') AS customer_type,
            jsonb_object_agg(x.header, x.incoming) FILTER (WHERE x.field = 'extra') AS extra
        FROM pg_temp.rapport_import_repeat AS p
        LEFT JOIN pg_temp.rapport_import_cell AS x ON x.seq = p.seq AND x.kept IS NULL
        WHERE p.kind = 'customer'
        GROUP BY p.customer_id
    ) AS filled
    WHERE c.customer_id = filled.customer_id
        AND (
            c.is_placeholder OR filled.occupation IS NOT NULL OR filled.customer_type IS NOT NULL
            OR filled.extra IS NOT NULL
        );

    SELECT count(DISTINCT d.customer_id) INTO updated
    FROM (
        SELECT x.customer_id FROM pg_temp.rapport_import_cell AS x WHERE x.kept IS NULL
        UNION ALL
        SELECT n.customer_id FROM pg_temp.rapport_import_decision AS n WHERE n.rule = 'customer_described'
    ) AS d
    INNER JOIN crm.customers AS c ON c.customer_id = d.customer_id
    WHERE c.import_id IS DISTINCT FROM merge_customers.import_id;

    PERFORM rapport.decide_repeats('customer', 'same_customer');

    UPDATE crm.imports AS i SET customers_added = added, customers_updated = updated
    WHERE i.import_id = merge_customers.import_id;
END
$$;
COMMENT ON FUNCTION rapport.merge_customers(bigint) IS
'A step of an import: merges the customers that were read. Example: none, it needs the rows of a running import.';

CREATE FUNCTION rapport.add_placeholders(import_id bigint) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    placeholders bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_temp.rapport_import_group AS g WHERE g.kind = 'interaction') THEN
        RETURN;
    END IF;
    INSERT INTO crm.customers (customer_id, is_placeholder, import_id, source_sheet, source_row)
    SELECT DISTINCT ON (r.customer_id) r.customer_id, true, add_placeholders.import_id, r.sheet, r.row_number
    FROM pg_temp.rapport_import_row AS r
    WHERE r.kind = 'interaction'
        AND NOT EXISTS (SELECT FROM crm.customers AS c WHERE c.customer_id = r.customer_id)
    ORDER BY r.customer_id, r.seq;
    GET DIAGNOSTICS placeholders = ROW_COUNT;

    IF placeholders > 0 THEN
        INSERT INTO pg_temp.rapport_import_decision (
            seq, sheet, row_number, field, rule, before, after, detail, customer_id, interaction_id
        )
        SELECT DISTINCT ON (r.customer_id)
            r.seq, r.sheet, r.row_number, 'customer_id', 'unknown_customer', r.customer_id::text, r.customer_id::text,
            'no row of customers has this id: kept with a placeholder customer', r.customer_id, r.interaction_id
        FROM pg_temp.rapport_import_row AS r
        INNER JOIN crm.customers AS c ON c.customer_id = r.customer_id
        WHERE r.kind = 'interaction' AND c.is_placeholder AND c.import_id = add_placeholders.import_id
        ORDER BY r.customer_id, r.seq;
    END IF;

    UPDATE crm.imports AS i SET placeholders_added = placeholders
    WHERE i.import_id = add_placeholders.import_id;
END
$$;
COMMENT ON FUNCTION rapport.add_placeholders(bigint) IS
'A step of an import: makes the customers that only interactions name. Example: none, it needs the rows of a running import.';

CREATE FUNCTION rapport.merge_products(import_id bigint) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    added bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_temp.rapport_import_group AS g WHERE g.kind = 'product') THEN
        RETURN;
    END IF;
    INSERT INTO pg_temp.rapport_import_repeat (seq, kind, sheet, row_number, month, product, extra)
    SELECT r.seq, r.kind, r.sheet, r.row_number, r.month, r.product, r.extra
    FROM (
        SELECT f.*, min(f.seq) OVER (PARTITION BY f.month, f.product) AS first_seq
        FROM pg_temp.rapport_import_row AS f
        WHERE f.kind = 'product'
    ) AS r
    WHERE r.seq <> r.first_seq
        OR EXISTS (SELECT FROM crm.products AS p WHERE p.month = r.month AND p.product = r.product);

    INSERT INTO crm.products (month, product, extra, import_id, source_sheet, source_row)
    SELECT r.month, r.product, r.extra, merge_products.import_id, r.sheet, r.row_number
    FROM pg_temp.rapport_import_row AS r
    WHERE r.kind = 'product'
        AND NOT EXISTS (SELECT FROM pg_temp.rapport_import_repeat AS p WHERE p.seq = r.seq)
    ORDER BY r.seq;
    GET DIAGNOSTICS added = ROW_COUNT;

    -- A month and a product are all that such a row says: what else stands in it is kept in the ledger.
    INSERT INTO pg_temp.rapport_import_decision (
        seq, sheet, row_number, rule, before, detail, product_month_id
    )
    SELECT
        r.seq, r.sheet, r.row_number, 'same_product_month',
        concat_ws(' ', to_char(r.month, 'MM-YYYY'), r.product, r.extra::text),
        'this product of this month is already there', p.product_month_id
    FROM pg_temp.rapport_import_repeat AS r
    INNER JOIN crm.products AS p ON p.month = r.month AND p.product = r.product
    WHERE r.kind = 'product';

    UPDATE crm.imports AS i SET products_added = added
    WHERE i.import_id = merge_products.import_id;
END
$$;
COMMENT ON FUNCTION rapport.merge_products(bigint) IS
'A step of an import: merges the products of discussion that were read. Example: none, it needs the rows of a running import.';

CREATE FUNCTION rapport.find_repeated_interactions() RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- The same customer, time and channel is the same interaction.
    -- Few share customer and time: only those are compared.
    WITH met AS MATERIALIZED (
        SELECT r.customer_id, r.occurred_at
        FROM pg_temp.rapport_import_row AS r
        WHERE r.kind = 'interaction'
        GROUP BY r.customer_id, r.occurred_at
        HAVING count(*) > 1
            OR EXISTS (
                SELECT FROM crm.interactions AS s
                WHERE s.customer_id = r.customer_id AND s.occurred_at = r.occurred_at
            )
    ),

    repeated AS MATERIALIZED (
        SELECT r.seq, coalesce(s.interaction_id, r.first_id) AS interaction_id
        FROM (
            SELECT
                f.seq, f.customer_id, f.occurred_at, lower(f.channel) AS channel_key, f.interaction_id,
                first_value(f.interaction_id) OVER (
                    PARTITION BY f.customer_id, f.occurred_at, lower(f.channel) ORDER BY f.seq
                ) AS first_id
            FROM pg_temp.rapport_import_row AS f
            INNER JOIN met ON met.customer_id = f.customer_id AND met.occurred_at = f.occurred_at
            WHERE f.kind = 'interaction'
        ) AS r
        LEFT JOIN crm.interactions AS s
            ON s.customer_id = r.customer_id AND s.occurred_at = r.occurred_at
                AND lower(s.channel) IS NOT DISTINCT FROM r.channel_key
        WHERE s.interaction_id IS NOT NULL OR r.first_id <> r.interaction_id
    )

    INSERT INTO pg_temp.rapport_import_repeat (
        seq, kind, sheet, row_number, customer_id, interaction_id, occurred_at, channel, topic, sentiment, notes, extra
    )
    SELECT
        r.seq, r.kind, r.sheet, r.row_number, r.customer_id, q.interaction_id, r.occurred_at, r.channel, r.topic,
        r.sentiment, r.notes, r.extra
    FROM repeated AS q
    INNER JOIN pg_temp.rapport_import_row AS r ON r.seq = q.seq;

    -- So is one that an earlier import found under another time of the same day.
    IF EXISTS (SELECT FROM crm.interactions AS s WHERE s.reported_at IS NOT NULL) THEN
        INSERT INTO pg_temp.rapport_import_repeat (
            seq, kind, sheet, row_number, customer_id, interaction_id, occurred_at, channel, topic, sentiment, notes, extra
        )
        SELECT DISTINCT ON (r.seq)
            r.seq, r.kind, r.sheet, r.row_number, r.customer_id, s.interaction_id, r.occurred_at, r.channel, r.topic,
            r.sentiment, r.notes, r.extra
        FROM crm.interactions AS s
        INNER JOIN pg_temp.rapport_import_row AS r
            ON r.customer_id = s.customer_id AND r.occurred_at = s.reported_at
                AND lower(r.channel) IS NOT DISTINCT FROM lower(s.channel)
        WHERE s.reported_at IS NOT NULL AND r.kind = 'interaction'
            AND NOT EXISTS (
                SELECT FROM crm.interactions AS e
                WHERE e.customer_id = r.customer_id AND e.occurred_at = r.occurred_at
                    AND lower(e.channel) IS NOT DISTINCT FROM lower(r.channel)
            )
        ORDER BY r.seq, s.interaction_id
        ON CONFLICT (seq) DO UPDATE SET interaction_id = excluded.interaction_id;
    END IF;

    -- Else an inherited row that says neither topic nor sentiment and that no file has met, when
    -- customer, channel and day point to exactly one row on each side. Rows that an import brought
    -- have their own time.
    IF EXISTS (
        SELECT FROM crm.interactions AS s
        WHERE s.import_id IS NULL AND s.topic IS NULL AND s.sentiment IS NULL AND s.reported_at IS NULL
    ) THEN
        WITH stored AS MATERIALIZED (
            SELECT
                s.customer_id, s.interaction_id, s.occurred_at, s.occurred_at::date AS day,
                coalesce(lower(s.channel), '') AS channel_key,
                s.import_id IS NULL AND s.topic IS NULL AND s.sentiment IS NULL AND s.reported_at IS NULL AS is_bare,
                count(*) OVER (PARTITION BY s.customer_id, s.occurred_at::date, lower(s.channel)) AS on_this_day
            FROM crm.interactions AS s
            WHERE s.customer_id IN (
                SELECT b.customer_id FROM crm.interactions AS b
                WHERE b.import_id IS NULL AND b.topic IS NULL AND b.sentiment IS NULL AND b.reported_at IS NULL
            )
        ),

        incoming AS MATERIALIZED (
            SELECT
                f.customer_id, f.occurred_at::date AS day, coalesce(lower(f.channel), '') AS channel_key,
                min(f.occurred_at) AS occurred_at
            FROM pg_temp.rapport_import_row AS f
            WHERE f.kind = 'interaction'
            GROUP BY 1, 2, 3
            HAVING min(f.occurred_at) = max(f.occurred_at)
        )

        INSERT INTO pg_temp.rapport_import_repeat (
            seq, kind, sheet, row_number, customer_id, interaction_id, occurred_at, channel, topic, sentiment, notes, extra
        )
        SELECT
            r.seq, r.kind, r.sheet, r.row_number, r.customer_id, s.interaction_id, r.occurred_at, r.channel, r.topic,
            r.sentiment, r.notes, r.extra
        FROM stored AS s
        INNER JOIN incoming AS i
            ON i.customer_id = s.customer_id AND i.day = s.day AND i.channel_key = s.channel_key
        INNER JOIN pg_temp.rapport_import_row AS r
            ON r.kind = 'interaction' AND r.customer_id = i.customer_id AND r.occurred_at = i.occurred_at
                AND coalesce(lower(r.channel), '') = i.channel_key
        -- One that was found by its own time is not looked for by its day.
        WHERE s.is_bare AND s.on_this_day = 1 AND s.occurred_at <> i.occurred_at
        ON CONFLICT (seq) DO UPDATE SET interaction_id = excluded.interaction_id;
    END IF;
    ANALYZE pg_temp.rapport_import_repeat;
END
$$;
COMMENT ON FUNCTION rapport.find_repeated_interactions() IS
'A step of an import: finds the interactions that are stored or stand in the file before. Example: none, it needs the rows of a running import.';

CREATE FUNCTION rapport.merge_interactions(import_id bigint) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    -- Some 1 000 000 rows: what PostgreSQL keeps for the foreign keys of a statement, 24 bytes for
    -- each row, stays small, and rows in the order of the indexes go in fast.
    batch CONSTANT bigint := 16384;
    blocks bigint := pg_relation_size('pg_temp.rapport_import_row') / current_setting('block_size')::bigint;
    first_block bigint := 0;
    inserted bigint;
    added bigint := 0;
    enriched bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_temp.rapport_import_group AS g WHERE g.kind = 'interaction') THEN
        RETURN;
    END IF;
    PERFORM rapport.find_repeated_interactions();

    WHILE first_block < blocks LOOP
        INSERT INTO crm.interactions (
            interaction_id, customer_id, occurred_at, channel, topic, sentiment, notes, extra,
            import_id, source_sheet, source_row
        )
        OVERRIDING SYSTEM VALUE
        SELECT
            r.interaction_id, r.customer_id, r.occurred_at, r.channel, r.topic, r.sentiment, r.notes, r.extra,
            merge_interactions.import_id, r.sheet, r.row_number
        FROM pg_temp.rapport_import_row AS r
        WHERE r.kind = 'interaction'
            AND r.ctid >= format('(%s,0)', first_block)::tid AND r.ctid < format('(%s,0)', first_block + batch)::tid
            AND NOT EXISTS (SELECT FROM pg_temp.rapport_import_repeat AS p WHERE p.seq = r.seq)
        ORDER BY r.customer_id, r.occurred_at, r.interaction_id;
        GET DIAGNOSTICS inserted = ROW_COUNT;
        added := added + inserted;
        first_block := first_block + batch;
        PERFORM set_config(
            'application_name',
            format('rapport import storing %s%%, %s rows', least(99, 100 * first_block / blocks), added), true
        );
    END LOOP;

    INSERT INTO pg_temp.rapport_import_cell (seq, customer_id, interaction_id, field, header, incoming, kept)
    SELECT s.seq, s.customer_id, s.interaction_id, s.field, s.header, s.incoming, s.kept
    FROM (
        SELECT
            v.seq, p.customer_id, p.interaction_id, v.field, v.header, v.incoming,
            CASE
                WHEN v.stored IS NOT NULL THEN v.stored
                WHEN v.seq > first_value(v.seq) OVER said THEN first_value(v.incoming) OVER said
            END AS kept
        FROM pg_temp.rapport_import_repeat AS p
        INNER JOIN crm.interactions AS s ON s.customer_id = p.customer_id AND s.interaction_id = p.interaction_id
        CROSS JOIN LATERAL (
            VALUES
            (
                p.seq, 'occurred_at', NULL, p.occurred_at::text,
                CASE WHEN p.occurred_at = s.reported_at THEN p.occurred_at ELSE s.occurred_at END::text
            ),
            (p.seq, 'topic', NULL, p.topic, s.topic),
            (p.seq, 'sentiment', NULL, p.sentiment, s.sentiment),
            (p.seq, 'notes', NULL, p.notes, s.notes)
        ) AS v (seq, field, header, incoming, stored)
        WHERE p.kind = 'interaction' AND v.incoming IS NOT NULL AND v.incoming IS DISTINCT FROM v.stored
        WINDOW said AS (PARTITION BY p.interaction_id, v.field, v.header ORDER BY v.seq)
        UNION ALL
        SELECT
            p.seq, p.customer_id, p.interaction_id, 'extra', e.key, e.value,
            CASE
                WHEN s.extra ? e.key THEN s.extra ->> e.key
                WHEN p.seq > first_value(p.seq) OVER said THEN first_value(e.value) OVER said
            END
        FROM pg_temp.rapport_import_repeat AS p
        INNER JOIN crm.interactions AS s ON s.customer_id = p.customer_id AND s.interaction_id = p.interaction_id
        CROSS JOIN LATERAL jsonb_each_text(p.extra) AS e
        WHERE p.kind = 'interaction' AND p.extra IS NOT NULL
        WINDOW said AS (PARTITION BY p.interaction_id, e.key ORDER BY p.seq)
    ) AS s
    WHERE s.incoming IS DISTINCT FROM s.kept;

    UPDATE crm.interactions AS s
    SET
        topic = coalesce(s.topic, filled.topic),
        sentiment = coalesce(s.sentiment, filled.sentiment),
        notes = coalesce(s.notes, filled.notes),
        extra = CASE WHEN filled.extra IS NULL THEN s.extra ELSE filled.extra || coalesce(s.extra, '{}') END,
        reported_at = coalesce(s.reported_at, filled.reported_at)
    FROM (
        SELECT
            x.customer_id, x.interaction_id,
            min(x.incoming::timestamp) FILTER (WHERE x.field = 'occurred_at') AS reported_at,
            max(x.incoming) FILTER (WHERE x.field = 'topic') AS topic,
            max(x.incoming) FILTER (WHERE x.field = 'sentiment') AS sentiment,
            max(x.incoming) FILTER (WHERE x.field = 'notes') AS notes,
            jsonb_object_agg(x.header, x.incoming) FILTER (WHERE x.field = 'extra') AS extra
        FROM pg_temp.rapport_import_cell AS x
        WHERE x.interaction_id IS NOT NULL AND (x.kept IS NULL OR x.field = 'occurred_at')
        GROUP BY x.customer_id, x.interaction_id
    ) AS filled
    WHERE s.customer_id = filled.customer_id AND s.interaction_id = filled.interaction_id;

    SELECT count(DISTINCT x.interaction_id) INTO enriched
    FROM pg_temp.rapport_import_cell AS x
    INNER JOIN crm.interactions AS s ON s.customer_id = x.customer_id AND s.interaction_id = x.interaction_id
    WHERE x.kept IS NULL AND s.import_id IS DISTINCT FROM merge_interactions.import_id;

    PERFORM rapport.decide_repeats('interaction', 'same_interaction');

    UPDATE crm.imports AS i SET interactions_added = added, interactions_enriched = enriched
    WHERE i.import_id = merge_interactions.import_id;
END
$$;
COMMENT ON FUNCTION rapport.merge_interactions(bigint) IS
'A step of an import: merges the interactions that were read. Example: none, it needs the rows of a running import.';

CREATE FUNCTION rapport.decide_repeats(kind text, duplicate_rule text) RETURNS void
LANGUAGE sql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
INSERT INTO pg_temp.rapport_import_decision (
    seq, sheet, row_number, field, header, rule, before, after, detail, customer_id, interaction_id
)
SELECT
    x.seq, p.sheet, p.row_number, x.field, x.header,
    CASE WHEN x.kept IS NULL THEN 'fill_gap' ELSE 'keep_first_value' END,
    CASE WHEN x.kept IS NOT NULL THEN x.incoming END,
    coalesce(x.kept, x.incoming),
    CASE WHEN x.kept IS NULL THEN 'nothing was stored before' ELSE 'the value that was there first is kept' END,
    p.customer_id, p.interaction_id
FROM pg_temp.rapport_import_cell AS x
INNER JOIN pg_temp.rapport_import_repeat AS p ON p.seq = x.seq
WHERE p.kind = decide_repeats.kind;

INSERT INTO pg_temp.rapport_import_decision (
    seq, sheet, row_number, rule, before, detail, customer_id, interaction_id
)
SELECT
    p.seq, p.sheet, p.row_number, decide_repeats.duplicate_rule,
    concat_ws(' ', to_char(p.occurred_at, 'YYYY-MM-DD HH24:MI:SS'), p.channel, p.customer_id::text),
    CASE WHEN p.interaction_id IS NULL THEN 'nothing new about this customer'
    ELSE format('the same as interaction %s', p.interaction_id) END,
    p.customer_id, p.interaction_id
FROM pg_temp.rapport_import_repeat AS p
WHERE p.kind = decide_repeats.kind
    AND NOT EXISTS (SELECT FROM pg_temp.rapport_import_decision AS d WHERE d.seq = p.seq)
$$;
COMMENT ON FUNCTION rapport.decide_repeats(text, text) IS
'A step of an import: decides what became of the repeats. Example: none, it needs the rows of a running import.';

CREATE FUNCTION rapport.write_ledger(import_id bigint) RETURNS void
LANGUAGE sql VOLATILE PARALLEL UNSAFE COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
WITH columns AS (
    -- A column that is kept aside is known by its key, of which there is one for each.
    SELECT
        r.sheet, e.field, e."column" AS header, rtrim(e.cell, '0123456789') AS letters,
        CASE WHEN e.rule = 'header_mapped' THEN '' ELSE e.after END AS key
    FROM pg_temp.rapport_import_note AS r
    CROSS JOIN LATERAL jsonb_to_recordset(r.entries) AS e (
        "column" text, cell text, field text, rule text, after text
    )
    WHERE r.row_number IS NULL AND e.rule IN ('header_mapped', 'column_kept', 'column_without_header_kept')
),

entries AS (
    -- The reader's entries, then those of merging.
    SELECT
        r.seq, 0 AS stage, e.position, r.sheet, r.row_number, e.header, e.cell, e.field,
        e.rule, e.version, e.severity, e.action, e.before, e.after, e.detail, r.customer_id,
        -- What was repaired in a row that adds nothing to the stored one did nothing to that.
        CASE
            WHEN p.seq IS NULL THEN r.interaction_id
            WHEN EXISTS (
                SELECT FROM pg_temp.rapport_import_cell AS x WHERE x.seq = r.seq AND x.kept IS NULL
            ) THEN p.interaction_id
        END AS interaction_id,
        m.product_month_id
    FROM pg_temp.rapport_import_note AS r
    LEFT JOIN pg_temp.rapport_import_repeat AS p ON p.seq = r.seq
    LEFT JOIN crm.products AS m ON m.month = r.month AND m.product = r.product
    CROSS JOIN LATERAL ROWS FROM (
        jsonb_to_recordset(r.entries) AS (
            "column" text, cell text, field text, rule text, version smallint, severity text, action text,
            before text, after text, detail text
        )
    ) WITH ORDINALITY AS e (
        header, cell, field, rule, version, severity, action, before, after, detail, position
    )
    UNION ALL
    SELECT
        d.seq, 1, 0, d.sheet, d.row_number, coalesce(d.header, k.header), k.letters || d.row_number::text, d.field,
        d.rule, c.version, c.severity, c.action, d.before, d.after, d.detail, d.customer_id,
        d.interaction_id, d.product_month_id
    FROM pg_temp.rapport_import_decision AS d
    LEFT JOIN columns AS k ON k.sheet = d.sheet AND k.field = d.field AND k.key = coalesce(d.header, '')
    LEFT JOIN rapport.cleaning_rules() AS c ON c.rule = d.rule
)

INSERT INTO crm.ledger (
    import_id, sheet, row_number, column_name, cell, field, rule, rule_version, severity, action,
    before, after, detail, customer_id, interaction_id, product_month_id
)
SELECT
    write_ledger.import_id, e.sheet, e.row_number, e.header, e.cell, e.field, e.rule, e.version, e.severity, e.action,
    e.before, e.after, e.detail, e.customer_id, e.interaction_id, e.product_month_id
FROM entries AS e
ORDER BY e.seq, e.stage, e.position, e.field, e.header
$$;
COMMENT ON FUNCTION rapport.write_ledger(bigint) IS
'A step of an import: writes every decision to the ledger. Example: none, it needs the rows of a running import.';

CREATE FUNCTION rapport.remember_labels(import_id bigint) RETURNS void
LANGUAGE sql VOLATILE PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $$
INSERT INTO crm.labels (kind, label, import_id)
SELECT DISTINCT v.kind, v.label, remember_labels.import_id
FROM pg_temp.rapport_import_group AS g
CROSS JOIN LATERAL (VALUES
    ('occupation', g.occupation), ('customer_type', g.customer_type), ('channel', g.channel),
    ('topic', g.topic), ('sentiment', g.sentiment), ('product', g.product)
) AS v (kind, label)
WHERE v.label IS NOT NULL
ON CONFLICT DO NOTHING
$$;
COMMENT ON FUNCTION rapport.remember_labels(bigint) IS
'A step of an import: remembers the spellings it brought. Example: none, it needs the rows of a running import.';

CREATE FUNCTION rapport.count_import(import_id bigint) RETURNS void
LANGUAGE sql VOLATILE PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $$
UPDATE crm.imports AS i
SET
    records = n.records,
    loaded = i.customers_added + i.interactions_added + i.products_added,
    merged = n.merged,
    duplicates = n.duplicates,
    rejected = n.rejected
FROM (
    SELECT
        (SELECT coalesce(sum(g.records), 0) FROM pg_temp.rapport_import_group AS g) AS records,
        (SELECT coalesce(sum(g.records), 0) FROM pg_temp.rapport_import_group AS g WHERE g.kind IS NULL) AS rejected,
        count(DISTINCT d.seq) FILTER (WHERE d.rule IN ('fill_gap', 'keep_first_value', 'customer_described')) AS merged,
        count(*) FILTER (WHERE d.rule IN ('same_customer', 'same_interaction', 'same_product_month')) AS duplicates
    FROM pg_temp.rapport_import_decision AS d
) AS n
WHERE i.import_id = count_import.import_id
$$;
COMMENT ON FUNCTION rapport.count_import(bigint) IS
'A step of an import: counts what became of its records. Example: none, it needs the rows of a running import.';

REVOKE EXECUTE ON FUNCTION
rapport.make_import_tables(), rapport.drop_import_tables(), rapport.survey_import(),
rapport.merge_customers(bigint), rapport.add_placeholders(bigint), rapport.merge_products(bigint),
rapport.find_repeated_interactions(),
rapport.merge_interactions(bigint), rapport.decide_repeats(text, text), rapport.write_ledger(bigint),
rapport.count_import(bigint), rapport.remember_labels(bigint)
FROM PUBLIC;
