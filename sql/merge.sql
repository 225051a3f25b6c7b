-- The steps of an import in which clean rows meet those that are stored. The first value that was
-- said about a thing is kept; gaps are filled; what contradicts is written to the ledger, never over
-- the stored value. They work on the tables of working_tables.sql, and record.sql decides and
-- remembers what they find.
--
-- A row that is the first to speak of its thing is inserted; every other row is a repeat, however
-- many there are: nearly all work is done on the repeats alone.

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
    PERFORM rapport.analyze_import_table('rapport_import_repeat');

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

    INSERT INTO pg_temp.rapport_import_saying (seq, customer_id, field, header, incoming, stored)
    SELECT p.seq, p.customer_id, v.field, v.header, v.incoming, v.stored
    FROM pg_temp.rapport_import_repeat AS p
    INNER JOIN crm.customers AS c ON c.customer_id = p.customer_id
    CROSS JOIN LATERAL (
        VALUES ('occupation', NULL, p.occupation, c.occupation), ('customer_type', NULL, p.customer_type, c.customer_type)
        UNION ALL
        SELECT 'extra', e.key, e.value, c.extra ->> e.key
        FROM jsonb_each_text(p.extra) AS e
    ) AS v (field, header, incoming, stored)
    WHERE p.kind = 'customer';
    PERFORM rapport.weigh_sayings();

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

    PERFORM rapport.decide_repeats(import_id, 'customer');

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

    INSERT INTO pg_temp.rapport_import_saying (seq, product_month_id, field, header, incoming, stored)
    SELECT r.seq, p.product_month_id, 'extra', e.key, e.value, p.extra ->> e.key
    FROM pg_temp.rapport_import_repeat AS r
    INNER JOIN crm.products AS p ON p.month = r.month AND p.product = r.product
    CROSS JOIN LATERAL jsonb_each_text(r.extra) AS e
    WHERE r.kind = 'product';
    PERFORM rapport.weigh_sayings();

    UPDATE crm.products AS p
    SET extra = filled.extra || coalesce(p.extra, '{}')
    FROM (
        SELECT x.product_month_id, jsonb_object_agg(x.header, x.incoming) AS extra
        FROM pg_temp.rapport_import_cell AS x
        WHERE x.product_month_id IS NOT NULL AND x.kept IS NULL
        GROUP BY x.product_month_id
    ) AS filled
    WHERE p.product_month_id = filled.product_month_id;

    PERFORM rapport.decide_repeats(import_id, 'product');

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
    -- The same customer, time and channel is the same interaction. Few share customer and time: only
    -- those are compared.
    WITH met AS MATERIALIZED (
        SELECT r.customer_id, r.occurred_at
        FROM pg_temp.rapport_import_row AS r
        WHERE r.kind = 'interaction'
        GROUP BY r.customer_id, r.occurred_at
        HAVING count(*) > 1
        UNION
        SELECT r.customer_id, r.occurred_at
        FROM pg_temp.rapport_import_row AS r
        WHERE r.kind = 'interaction'
            AND EXISTS (
                SELECT FROM crm.interactions AS s
                WHERE s.customer_id = r.customer_id AND s.occurred_at = r.occurred_at
            )
    )

    INSERT INTO pg_temp.rapport_import_match (seq, interaction_id)
    SELECT r.seq, s.interaction_id
    FROM (
        SELECT
            f.seq, f.customer_id, f.occurred_at, lower(f.channel) AS channel_key,
            min(f.seq) OVER (PARTITION BY f.customer_id, f.occurred_at, lower(f.channel)) AS first_seq
        FROM pg_temp.rapport_import_row AS f
        INNER JOIN met ON met.customer_id = f.customer_id AND met.occurred_at = f.occurred_at
        WHERE f.kind = 'interaction'
    ) AS r
    LEFT JOIN crm.interactions AS s
        ON s.customer_id = r.customer_id AND s.occurred_at = r.occurred_at
            AND lower(s.channel) IS NOT DISTINCT FROM r.channel_key
    WHERE s.interaction_id IS NOT NULL OR r.seq <> r.first_seq;

    -- So is one that an earlier import found under another time of the same day.
    IF EXISTS (SELECT FROM crm.interactions AS s WHERE s.reported_at IS NOT NULL) THEN
        INSERT INTO pg_temp.rapport_import_match (seq, interaction_id)
        SELECT DISTINCT ON (r.seq) r.seq, s.interaction_id
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

        INSERT INTO pg_temp.rapport_import_match (seq, interaction_id)
        SELECT r.seq, s.interaction_id
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

    PERFORM rapport.analyze_import_table('rapport_import_match');
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
    -- Some 2 000 000 rows: what PostgreSQL keeps for the foreign key of a statement, 12 bytes for
    -- each row, stays small. Rows go in fast in the order of the index of identities, and get their
    -- numbers in it, which is the order of the primary key.
    batch CONSTANT bigint := 32768;
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
            customer_id, occurred_at, channel, topic, sentiment, notes, extra, import_id, source_sheet, source_row,
            is_repaired
        )
        SELECT
            r.customer_id, r.occurred_at, r.channel, r.topic, r.sentiment, r.notes, r.extra,
            merge_interactions.import_id, r.sheet, r.row_number,
            coalesce(r.split_of, r.seq) IN (
                SELECT n.seq FROM pg_temp.rapport_import_note AS n
                WHERE n.entries @> '[{"action": "repaired"}]' OR n.entries @> '[{"action": "split"}]'
            )
        FROM pg_temp.rapport_import_row AS r
        WHERE r.kind = 'interaction'
            AND r.ctid >= format('(%s,0)', first_block)::tid AND r.ctid < format('(%s,0)', first_block + batch)::tid
            AND NOT EXISTS (SELECT FROM pg_temp.rapport_import_match AS m WHERE m.seq = r.seq)
        ORDER BY r.customer_id, r.occurred_at, r.seq;
        GET DIAGNOSTICS inserted = ROW_COUNT;
        added := added + inserted;
        first_block := first_block + batch;
        PERFORM set_config(
            'application_name',
            format('rapport import storing %s%%, %s rows', least(99, 100 * first_block / blocks), added), true
        );
    END LOOP;

    INSERT INTO pg_temp.rapport_import_repeat (
        seq, kind, sheet, row_number, customer_id, interaction_id, occurred_at, channel, topic, sentiment, notes, extra
    )
    SELECT
        r.seq, r.kind, r.sheet, r.row_number, r.customer_id, coalesce(m.interaction_id, s.interaction_id),
        r.occurred_at, r.channel, r.topic, r.sentiment, r.notes, r.extra
    FROM pg_temp.rapport_import_match AS m
    INNER JOIN pg_temp.rapport_import_row AS r ON r.seq = m.seq
    LEFT JOIN crm.interactions AS s
        ON m.interaction_id IS NULL AND s.customer_id = r.customer_id AND s.occurred_at = r.occurred_at
            AND lower(s.channel) IS NOT DISTINCT FROM lower(r.channel);
    PERFORM rapport.analyze_import_table('rapport_import_repeat');

    INSERT INTO pg_temp.rapport_import_saying (seq, customer_id, interaction_id, field, header, incoming, stored)
    SELECT p.seq, p.customer_id, p.interaction_id, v.field, v.header, v.incoming, v.stored
    FROM pg_temp.rapport_import_repeat AS p
    INNER JOIN crm.interactions AS s ON s.interaction_id = p.interaction_id
    CROSS JOIN LATERAL (
        VALUES
        (
            'occurred_at', NULL, p.occurred_at::text,
            CASE WHEN p.occurred_at = s.reported_at THEN p.occurred_at ELSE s.occurred_at END::text
        ),
        ('topic', NULL, p.topic, s.topic),
        ('sentiment', NULL, p.sentiment, s.sentiment),
        ('notes', NULL, p.notes, s.notes)
        UNION ALL
        SELECT 'extra', e.key, e.value, s.extra ->> e.key
        FROM jsonb_each_text(p.extra) AS e
    ) AS v (field, header, incoming, stored)
    WHERE p.kind = 'interaction';
    PERFORM rapport.weigh_sayings();

    UPDATE crm.interactions AS s
    SET
        topic = coalesce(s.topic, filled.topic),
        sentiment = coalesce(s.sentiment, filled.sentiment),
        notes = coalesce(s.notes, filled.notes),
        extra = CASE WHEN filled.extra IS NULL THEN s.extra ELSE filled.extra || coalesce(s.extra, '{}') END,
        reported_at = coalesce(s.reported_at, filled.reported_at)
    FROM (
        SELECT
            x.interaction_id,
            min(x.incoming::timestamp) FILTER (WHERE x.field = 'occurred_at') AS reported_at,
            max(x.incoming) FILTER (WHERE x.field = 'topic') AS topic,
            max(x.incoming) FILTER (WHERE x.field = 'sentiment') AS sentiment,
            max(x.incoming) FILTER (WHERE x.field = 'notes') AS notes,
            jsonb_object_agg(x.header, x.incoming) FILTER (WHERE x.field = 'extra') AS extra
        FROM pg_temp.rapport_import_cell AS x
        WHERE x.interaction_id IS NOT NULL AND (x.kept IS NULL OR x.field = 'occurred_at')
        GROUP BY x.interaction_id
    ) AS filled
    WHERE s.interaction_id = filled.interaction_id;

    SELECT count(DISTINCT x.interaction_id) INTO enriched
    FROM pg_temp.rapport_import_cell AS x
    INNER JOIN crm.interactions AS s ON s.interaction_id = x.interaction_id
    WHERE x.kept IS NULL AND s.import_id IS DISTINCT FROM merge_interactions.import_id;

    PERFORM rapport.decide_repeats(import_id, 'interaction');

    UPDATE crm.imports AS i SET interactions_added = added, interactions_enriched = enriched
    WHERE i.import_id = merge_interactions.import_id;
END
$$;
COMMENT ON FUNCTION rapport.merge_interactions(bigint) IS
'A step of an import: merges the interactions that were read. Example: none, it needs the rows of a running import.';

REVOKE EXECUTE ON FUNCTION
rapport.merge_customers(bigint),
rapport.add_placeholders(bigint),
rapport.merge_products(bigint),
rapport.find_repeated_interactions(),
rapport.merge_interactions(bigint)
FROM PUBLIC;
