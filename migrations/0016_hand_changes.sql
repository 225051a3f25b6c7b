-- What somebody changes by hand is in the ledger too: else a value could not be explained, and an
-- undone import would take the correction with it.

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
        sheet, field, rule, rule_version, severity, action, before, after, detail,
        customer_id, interaction_id, product_month_id
    )
    SELECT
        format('crm.%s', TG_TABLE_NAME), f.field, 'changed_by_hand', 1, 'info', 'repaired',
        CASE WHEN f.field = 'occurred_at' THEN replace(old_row ->> f.field, 'T', ' ') ELSE old_row ->> f.field END,
        CASE WHEN f.field = 'occurred_at' THEN replace(new_row ->> f.field, 'T', ' ') ELSE new_row ->> f.field END,
        format('by %s', session_user),
        CASE WHEN TG_TABLE_NAME <> 'products' THEN (old_row ->> 'customer_id')::bigint END,
        (old_row ->> 'interaction_id')::bigint, (old_row ->> 'product_month_id')::bigint
    FROM unnest(ARRAY[
        'customer_id', 'occupation', 'customer_type', 'occurred_at', 'channel', 'topic', 'sentiment', 'notes',
        'month', 'product', 'extra'
    ]) AS f (field)
    WHERE old_row ->> f.field IS DISTINCT FROM new_row ->> f.field;
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
