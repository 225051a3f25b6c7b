-- What somebody changes by hand is in the ledger too: else a value could not be explained, and an
-- undone import would take the correction with it.

-- An action of its own: it is no repair, and quality counts leave it out.
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

CREATE FUNCTION crm.record_hand_change() RETURNS trigger
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
REVOKE EXECUTE ON FUNCTION crm.record_hand_change() FROM PUBLIC;
COMMENT ON FUNCTION crm.record_hand_change() IS
'Writes what an UPDATE changed to the ledger. Imports write their own entries and set rapport.changes.';

CREATE TRIGGER record_hand_change AFTER UPDATE ON crm.customers
FOR EACH ROW WHEN (current_setting('rapport.changes', true) IS DISTINCT FROM 'recorded')
EXECUTE FUNCTION crm.record_hand_change();
CREATE TRIGGER record_hand_change AFTER UPDATE ON crm.interactions
FOR EACH ROW WHEN (current_setting('rapport.changes', true) IS DISTINCT FROM 'recorded')
EXECUTE FUNCTION crm.record_hand_change();
CREATE TRIGGER record_hand_change AFTER UPDATE ON crm.products
FOR EACH ROW WHEN (current_setting('rapport.changes', true) IS DISTINCT FROM 'recorded')
EXECUTE FUNCTION crm.record_hand_change();
