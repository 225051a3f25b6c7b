-- What an import decided about values and rows, and how it is remembered: cells that fill or contradict,
-- the ledger, the spellings, the counts.

CREATE FUNCTION rapport.weigh_sayings() RETURNS void
LANGUAGE sql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
-- The stored value is kept; where there is none, the first that says something.
INSERT INTO pg_temp.rapport_import_cell (
    seq, customer_id, interaction_id, product_month_id, field, header, incoming, kept, kept_seq
)
SELECT w.seq, w.customer_id, w.interaction_id, w.product_month_id, w.field, w.header, w.incoming, w.kept, w.kept_seq
FROM (
    SELECT
        v.*,
        CASE
            WHEN v.stored IS NOT NULL THEN v.stored
            WHEN v.seq > first_value(v.seq) OVER said THEN first_value(v.incoming) OVER said
        END AS kept,
        CASE WHEN v.stored IS NULL THEN first_value(v.seq) OVER said END AS kept_seq
    FROM pg_temp.rapport_import_saying AS v
    WHERE v.incoming IS NOT NULL
    WINDOW said AS (
        PARTITION BY v.customer_id, v.interaction_id, v.product_month_id, v.field, v.header ORDER BY v.seq
    )
) AS w
WHERE w.incoming IS DISTINCT FROM w.kept;

DELETE FROM pg_temp.rapport_import_saying
$$;
COMMENT ON FUNCTION rapport.weigh_sayings() IS
'A step of an import: tells what fills a gap and what contradicts. Example: none, it needs the rows of a running import.';

CREATE FUNCTION rapport.decide_repeats(import_id bigint, kind text) RETURNS void
LANGUAGE sql VOLATILE PARALLEL UNSAFE COST 1000
SET search_path = pg_catalog, pg_temp
AS $$
INSERT INTO pg_temp.rapport_import_decision (
    seq, sheet, row_number, field, header, rule, after, detail, customer_id, interaction_id, product_month_id
)
SELECT
    x.seq, p.sheet, p.row_number, x.field, x.header, 'fill_gap', x.incoming, 'nothing was stored before',
    x.customer_id, x.interaction_id, x.product_month_id
FROM pg_temp.rapport_import_cell AS x
INNER JOIN pg_temp.rapport_import_repeat AS p ON p.seq = x.seq
WHERE p.kind = decide_repeats.kind AND x.kept IS NULL;

-- The other side of a contradiction: who said first what is kept.
INSERT INTO pg_temp.rapport_import_decision (
    seq, sheet, row_number, field, header, rule, before, after, detail, customer_id, interaction_id, product_month_id
)
SELECT
    x.seq, p.sheet, p.row_number, x.field, x.header, 'keep_first_value', x.incoming, x.kept,
    concat(
        'the value that was there first is kept: ',
        CASE
            WHEN said.rule = 'changed_by_hand' THEN 'it was changed by hand'
            WHEN said.sheet IS NULL AND said.import_id IS NULL THEN 'it was inherited, or written by hand'
            WHEN said.sheet IS NULL THEN 'it came with an earlier import'
            ELSE format('row %s of sheet "%s"', said.row_number, said.sheet)
        END,
        ', import ' || nullif(said.import_id, decide_repeats.import_id)
    ),
    x.customer_id, x.interaction_id, x.product_month_id
FROM pg_temp.rapport_import_cell AS x
INNER JOIN pg_temp.rapport_import_repeat AS p ON p.seq = x.seq
LEFT JOIN crm.interactions AS i ON i.interaction_id = x.interaction_id
LEFT JOIN crm.customers AS c ON c.customer_id = x.customer_id AND x.interaction_id IS NULL
LEFT JOIN crm.products AS m ON m.product_month_id = x.product_month_id
LEFT JOIN LATERAL (
    SELECT v.rule, v.import_id, v.sheet, v.row_number
    FROM (
        SELECT 9223372036854775807 AS entry_id, NULL AS rule, decide_repeats.import_id, f.sheet, f.row_number
        FROM pg_temp.rapport_import_repeat AS f
        WHERE f.seq = x.kept_seq
        UNION ALL
        SELECT e.entry_id, e.rule, e.import_id, e.sheet, e.row_number
        FROM crm.entries_about(
            CASE WHEN x.interaction_id IS NULL THEN x.customer_id END, x.interaction_id, x.product_month_id
        ) AS e
        WHERE e.rule IN ('fill_gap', 'changed_by_hand') AND e.field = x.field
            AND e.column_name IS NOT DISTINCT FROM coalesce(x.header, e.column_name)
        UNION ALL
        SELECT
            0, NULL, coalesce(i.import_id, c.import_id, m.import_id),
            coalesce(i.source_sheet, c.source_sheet, m.source_sheet),
            coalesce(i.source_row, c.source_row, m.source_row)
    ) AS v
    ORDER BY v.entry_id DESC
    LIMIT 1
) AS said ON true
WHERE p.kind = decide_repeats.kind AND x.kept IS NOT NULL;

INSERT INTO pg_temp.rapport_import_decision (
    seq, sheet, row_number, rule, before, detail, customer_id, interaction_id, product_month_id
)
SELECT
    p.seq, p.sheet, p.row_number,
    CASE p.kind
        WHEN 'customer' THEN 'same_customer' WHEN 'interaction' THEN 'same_interaction' ELSE 'same_product_month'
    END,
    concat_ws(
        ' ', to_char(p.month, 'MM-YYYY'), p.product, to_char(p.occurred_at, 'YYYY-MM-DD HH24:MI:SS'), p.channel,
        p.customer_id::text
    ),
    CASE p.kind
        WHEN 'customer' THEN 'nothing new about this customer'
        WHEN 'interaction' THEN format('the same as interaction %s', p.interaction_id)
        ELSE 'this product of this month is already there'
    END,
    p.customer_id, p.interaction_id, m.product_month_id
FROM pg_temp.rapport_import_repeat AS p
LEFT JOIN crm.products AS m ON m.month = p.month AND m.product = p.product
WHERE p.kind = decide_repeats.kind
    AND NOT EXISTS (SELECT FROM pg_temp.rapport_import_decision AS d WHERE d.seq = p.seq)
$$;
COMMENT ON FUNCTION rapport.decide_repeats(bigint, text) IS
'A step of an import: decides what became of the repeats. Example: none, it needs the rows of a running import.';

CREATE FUNCTION rapport.decide_placeholders(import_id bigint) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM crm.imports AS i WHERE i.import_id = decide_placeholders.import_id AND i.placeholders_added > 0
    ) THEN
        INSERT INTO pg_temp.rapport_import_decision (
            seq, sheet, row_number, field, rule, before, after, detail, customer_id, interaction_id
        )
        SELECT
            n.seq, n.sheet, n.row_number, 'customer_id', 'unknown_customer', n.customer_id::text, n.customer_id::text,
            'no row of customers has this id: kept with a placeholder customer', n.customer_id, i.interaction_id
        FROM (
            SELECT DISTINCT ON (r.customer_id) r.*
            FROM pg_temp.rapport_import_row AS r
            INNER JOIN crm.customers AS c ON c.customer_id = r.customer_id
            WHERE r.kind = 'interaction' AND c.is_placeholder AND c.import_id = decide_placeholders.import_id
            ORDER BY r.customer_id, r.seq
        ) AS n
        INNER JOIN crm.interactions AS i
            ON i.customer_id = n.customer_id AND i.occurred_at = n.occurred_at
                AND lower(i.channel) IS NOT DISTINCT FROM lower(n.channel);
    END IF;
END
$$;
COMMENT ON FUNCTION rapport.decide_placeholders(bigint) IS
'A step of an import: decides which rows made a placeholder customer. Example: none, it needs the rows of a running import.';

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
            WHEN p.seq IS NULL THEN i.interaction_id
            WHEN EXISTS (
                SELECT FROM pg_temp.rapport_import_cell AS x WHERE x.seq = r.seq AND x.kept IS NULL
            ) THEN p.interaction_id
        END AS interaction_id,
        m.product_month_id
    FROM pg_temp.rapport_import_note AS r
    LEFT JOIN pg_temp.rapport_import_repeat AS p ON p.seq = r.seq
    LEFT JOIN crm.interactions AS i
        ON r.kind = 'interaction' AND i.customer_id = r.customer_id AND i.occurred_at = r.occurred_at
            AND lower(i.channel) IS NOT DISTINCT FROM lower(r.channel)
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

CREATE FUNCTION rapport.mark_quality(interactions bigint []) RETURNS void
LANGUAGE sql VOLATILE PARALLEL UNSAFE COST 10000
-- Whoever imports may not say so of an interaction without a decision.
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $$
UPDATE crm.interactions AS i
SET is_repaired = coalesce(q.is_repaired, false), has_conflict = coalesce(q.has_conflict, false)
FROM unnest(interactions) AS t (interaction_id)
LEFT JOIN (
    SELECT d.* FROM crm.interaction_quality AS d WHERE d.interaction_id = ANY (interactions)
) AS q ON q.interaction_id = t.interaction_id
WHERE i.interaction_id = t.interaction_id
    AND (i.is_repaired, i.has_conflict)
    IS DISTINCT FROM (coalesce(q.is_repaired, false), coalesce(q.has_conflict, false))
$$;
COMMENT ON FUNCTION rapport.mark_quality(bigint []) IS
'Makes is_repaired and has_conflict of interactions say what was decided about them. Example: SELECT rapport.mark_quality(ARRAY[1, 2]);';

CREATE FUNCTION rapport.mark_quality_of_import(import_id bigint) RETURNS void
LANGUAGE sql VOLATILE PARALLEL UNSAFE COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
-- The row that brought an interaction was looked at when it was stored.
SELECT rapport.mark_quality(coalesce(array_agg(DISTINCT l.interaction_id), '{}'))
FROM crm.ledger AS l
WHERE l.import_id = mark_quality_of_import.import_id AND l.interaction_id IS NOT NULL
    AND (l.action = 'conflict' OR l.rule = 'fill_gap')
$$;
COMMENT ON FUNCTION rapport.mark_quality_of_import(bigint) IS
'A step of an import, and of taking it back: marks the interactions that its rows filled or contradicted. Example: none, it serves a running import.';

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
        count(DISTINCT d.seq) FILTER (WHERE c.action IN ('merged', 'conflict')) AS merged,
        count(DISTINCT d.seq) FILTER (WHERE c.action = 'duplicate') AS duplicates
    FROM pg_temp.rapport_import_decision AS d
    INNER JOIN rapport.cleaning_rules() AS c ON c.rule = d.rule
) AS n
WHERE i.import_id = count_import.import_id
$$;
COMMENT ON FUNCTION rapport.count_import(bigint) IS
'A step of an import: counts what became of its records. Example: none, it needs the rows of a running import.';

REVOKE EXECUTE ON FUNCTION
rapport.weigh_sayings(),
rapport.decide_repeats(bigint, text),
rapport.decide_placeholders(bigint),
rapport.write_ledger(bigint),
rapport.mark_quality(bigint []),
rapport.mark_quality_of_import(bigint),
rapport.remember_labels(bigint),
rapport.count_import(bigint)
FROM PUBLIC;
