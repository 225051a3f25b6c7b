-- An interaction is known by its number alone, also when its customer was corrected; so is what was
-- decided about it.

-- squawk-ignore ban-drop-constraint
ALTER TABLE crm.interactions DROP CONSTRAINT interactions_pkey;
CREATE UNIQUE INDEX interactions_number ON crm.interactions (interaction_id);
ALTER TABLE crm.interactions ADD CONSTRAINT interactions_pkey PRIMARY KEY USING INDEX interactions_number;

CREATE INDEX ledger_interaction_id ON crm.ledger (interaction_id) WHERE interaction_id IS NOT NULL;
CREATE INDEX ledger_product_month_id ON crm.ledger (product_month_id) WHERE product_month_id IS NOT NULL;

CREATE OR REPLACE VIEW crm.ledger_in_force WITH (security_invoker = true) AS
SELECT l.*, l.action IN ('merged', 'conflict', 'duplicate', 'placeholder') AS is_of_merging
FROM crm.ledger AS l
WHERE NOT EXISTS (
    SELECT FROM crm.imports AS i WHERE i.import_id = l.import_id AND i.undone_at IS NOT NULL
);
COMMENT ON COLUMN crm.ledger_in_force.is_of_merging IS
'The entry says how a row met another one, and is about that thing; others are about the cells of the row.';

CREATE VIEW crm.interaction_decisions WITH (security_invoker = true) AS
-- About the row that brought it: a row that was split has these once, for all of its interactions.
SELECT
    i.interaction_id, l.entry_id, l.import_id, l.sheet, l.row_number, l.cell, l.column_name, l.field,
    l.rule, l.rule_version, l.severity, l.action, l.before, l.after, l.detail
FROM crm.interactions AS i
INNER JOIN crm.ledger_in_force AS l
    ON l.import_id = i.import_id AND l.sheet = i.source_sheet AND l.row_number = i.source_row
WHERE NOT l.is_of_merging
UNION ALL
-- About the cells that filled its gaps.
SELECT
    f.interaction_id, l.entry_id, l.import_id, l.sheet, l.row_number, l.cell, l.column_name, l.field,
    l.rule, l.rule_version, l.severity, l.action, l.before, l.after, l.detail
FROM crm.ledger_in_force AS f
INNER JOIN crm.ledger_in_force AS l
    ON l.import_id = f.import_id AND l.sheet = f.sheet AND l.row_number = f.row_number AND l.cell = f.cell
WHERE f.rule = 'fill_gap' AND f.interaction_id IS NOT NULL
    AND NOT l.is_of_merging
UNION ALL
-- About itself: where rows met, before there were imports, by hand.
SELECT
    l.interaction_id, l.entry_id, l.import_id, l.sheet, l.row_number, l.cell, l.column_name, l.field,
    l.rule, l.rule_version, l.severity, l.action, l.before, l.after, l.detail
FROM crm.ledger_in_force AS l
WHERE l.interaction_id IS NOT NULL
    AND (l.import_id IS NULL OR l.is_of_merging);
COMMENT ON VIEW crm.interaction_decisions IS
'Every decision that a stored interaction rests on, without the imports that were undone.';
COMMENT ON COLUMN crm.interaction_decisions.interaction_id IS
'The interaction; an entry about a row that was split stands here once for each of its interactions.';
COMMENT ON COLUMN crm.interaction_decisions.entry_id IS 'The entry of crm.ledger; the other columns are its own.';

CREATE FUNCTION crm.entries_about(customer_id bigint, interaction_id bigint, product_month_id bigint)
RETURNS SETOF crm.ledger_in_force
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
SELECT l.* FROM crm.ledger_in_force AS l
WHERE l.interaction_id = entries_about.interaction_id
UNION ALL
SELECT l.* FROM crm.ledger_in_force AS l
WHERE l.product_month_id = entries_about.product_month_id
UNION ALL
-- A placeholder was made for an interaction.
SELECT l.* FROM crm.ledger_in_force AS l
WHERE l.customer_id = entries_about.customer_id AND (l.interaction_id IS NULL OR l.rule = 'unknown_customer')
$$;
COMMENT ON FUNCTION crm.entries_about(bigint, bigint, bigint) IS
'The entries of the ledger that name a customer, an interaction or a product month; the others are NULL.';
REVOKE EXECUTE ON FUNCTION crm.entries_about(bigint, bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION crm.entries_about(bigint, bigint, bigint) TO rapport_admin, rapport_analyst, rapport_importer;

GRANT SELECT ON crm.interaction_decisions TO rapport_admin, rapport_analyst, rapport_importer;
GRANT UPDATE (extra) ON crm.products TO rapport_importer;
