-- What people correct by hand is no repair: it has an action of its own, which quality counts leave
-- out. Each column that is kept in extra is a value of its own, and has its own entry.

-- squawk-ignore ban-drop-constraint
ALTER TABLE crm.ledger DROP CONSTRAINT ledger_action_check;
ALTER TABLE crm.ledger ADD CONSTRAINT ledger_action_check CHECK (action IN (
    'repaired', 'inferred', 'split', 'merged', 'conflict',
    'duplicate', 'placeholder', 'rejected', 'ambiguous', 'corrected'
)) NOT VALID;
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE crm.ledger VALIDATE CONSTRAINT ledger_action_check;
COMMENT ON COLUMN crm.ledger.action IS
'repaired, inferred, split, merged, conflict, duplicate, placeholder, rejected, ambiguous, or corrected by hand.';

UPDATE crm.ledger SET action = 'corrected' WHERE rule = 'changed_by_hand';
WITH whole AS (
    DELETE FROM crm.ledger WHERE rule = 'changed_by_hand' AND field = 'extra' RETURNING *
)

INSERT INTO crm.ledger (
    sheet, field, column_name, rule, rule_version, severity, action, before, after, detail,
    customer_id, interaction_id, product_month_id, recorded_at
)
SELECT
    w.sheet, w.field, k.key, w.rule, w.rule_version, w.severity, w.action,
    w.before::jsonb ->> k.key, w.after::jsonb ->> k.key, w.detail,
    w.customer_id, w.interaction_id, w.product_month_id, w.recorded_at
FROM whole AS w
CROSS JOIN LATERAL (
    SELECT o.key FROM jsonb_each(w.before::jsonb) AS o
    UNION
    SELECT n.key FROM jsonb_each(w.after::jsonb) AS n
) AS k
WHERE w.before::jsonb ->> k.key IS DISTINCT FROM w.after::jsonb ->> k.key
ORDER BY w.entry_id, k.key;

CREATE OR REPLACE FUNCTION crm.record_hand_change() RETURNS trigger
LANGUAGE plpgsql
-- Whoever may correct a row need not be able to write the ledger otherwise.
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    old_row CONSTANT jsonb := to_jsonb(OLD);
    new_row CONSTANT jsonb := to_jsonb(NEW);
BEGIN
    INSERT INTO crm.ledger (
        sheet, field, column_name, rule, rule_version, severity, action, before, after, detail,
        customer_id, interaction_id, product_month_id
    )
    SELECT
        format('crm.%s', TG_TABLE_NAME), v.field, v.key, 'changed_by_hand', 1, 'info', 'corrected', v.before, v.after,
        format('by %s', session_user),
        CASE WHEN TG_TABLE_NAME <> 'products' THEN (new_row ->> 'customer_id')::bigint END,
        (new_row ->> 'interaction_id')::bigint, (new_row ->> 'product_month_id')::bigint
    FROM (
        SELECT
            f.field, NULL AS key,
            CASE WHEN f.field = 'occurred_at' THEN replace(old_row ->> f.field, 'T', ' ') ELSE old_row ->> f.field END
                AS before,
            CASE WHEN f.field = 'occurred_at' THEN replace(new_row ->> f.field, 'T', ' ') ELSE new_row ->> f.field END
                AS after
        FROM unnest(ARRAY[
            'customer_id', 'occupation', 'customer_type', 'occurred_at', 'channel', 'topic', 'sentiment', 'notes',
            'month', 'product'
        ]) AS f (field)
        UNION ALL
        -- Each kept column has its own value.
        SELECT 'extra', k.key, old_row -> 'extra' ->> k.key, new_row -> 'extra' ->> k.key
        FROM (
            SELECT o.key FROM jsonb_each(nullif(old_row -> 'extra', 'null')) AS o
            UNION
            SELECT n.key FROM jsonb_each(nullif(new_row -> 'extra', 'null')) AS n
        ) AS k
    ) AS v
    WHERE v.before IS DISTINCT FROM v.after;
    RETURN NULL;
END
$$;

-- Made again, with a name for what is no import.
-- squawk-ignore ban-drop-view
DROP VIEW bi.data_quality;
-- squawk-ignore ban-drop-view
DROP MATERIALIZED VIEW stats.data_quality;

CREATE MATERIALIZED VIEW stats.data_quality AS
SELECT
    coalesce(l.import_id, 0) AS import_id,
    coalesce(
        i.file_name, CASE WHEN l.rule = 'changed_by_hand' THEN 'changed by hand' ELSE 'inherited database' END
    ) AS file_name,
    i.imported_at,
    l.sheet,
    l.severity,
    l.action,
    l.rule,
    count(*) AS entries
FROM crm.ledger_in_force AS l
LEFT JOIN crm.imports AS i ON l.import_id = i.import_id
GROUP BY 1, 2, 3, 4, 5, 6, 7;
CREATE UNIQUE INDEX data_quality_key ON stats.data_quality (import_id, sheet, severity, action, rule);

CREATE VIEW bi.data_quality AS
SELECT s.import_id, s.file_name, s.imported_at, s.sheet, s.severity, s.action, s.rule, s.entries, r.refreshed_at
FROM stats.data_quality AS s, stats.refreshes AS r
WHERE r.view_name = 'data_quality';
COMMENT ON VIEW bi.data_quality IS 'How many cells and rows each import had to repair, merge or reject, and by which rule.';
COMMENT ON COLUMN bi.data_quality.import_id IS 'Number of the import; 0 for the inherited tables and changes by hand.';
COMMENT ON COLUMN bi.data_quality.file_name IS 'Name of the imported file.';
COMMENT ON COLUMN bi.data_quality.imported_at IS 'When the file was imported.';
COMMENT ON COLUMN bi.data_quality.sheet IS 'Sheet of the workbook, or name of the CSV file.';
COMMENT ON COLUMN bi.data_quality.severity IS 'info, warning or error.';
COMMENT ON COLUMN bi.data_quality.action IS 'repaired, inferred, split, merged, conflict, duplicate, placeholder, rejected, ambiguous or corrected.';
COMMENT ON COLUMN bi.data_quality.rule IS 'Name of the cleaning rule.';
COMMENT ON COLUMN bi.data_quality.entries IS 'Number of ledger entries.';
COMMENT ON COLUMN bi.data_quality.refreshed_at IS 'When this view was last refreshed.';
GRANT SELECT ON bi.data_quality TO rapport_analyst, rapport_bi;
