-- public.interactions becomes crm.interactions, with its rows. A row without customer or time
-- cannot be placed, and the second of two equal rows says nothing new: both go to the ledger whole.

ALTER TABLE public.interactions SET SCHEMA crm;
ALTER TABLE crm.interactions RENAME COLUMN date_start TO occurred_at;
ALTER TABLE crm.interactions RENAME COLUMN interaction TO channel;
ALTER TABLE crm.interactions RENAME COLUMN customers TO customer_id;
ALTER TABLE crm.interactions
    ALTER COLUMN customer_id TYPE bigint,
    ALTER COLUMN channel TYPE text,
    ADD COLUMN topic text,
    ADD COLUMN sentiment text,
    ADD COLUMN notes text,
    ADD COLUMN import_id bigint REFERENCES crm.imports,
    ADD COLUMN source_sheet text,
    ADD COLUMN source_row integer CHECK (source_row > 0),
    ADD COLUMN interaction_id bigint GENERATED ALWAYS AS IDENTITY;

INSERT INTO crm.ledger (sheet, column_name, rule, action, before, after, customer_id, interaction_id)
SELECT
    'public.interactions', 'channel', 'inherited_label', 'repaired', channel, nullif(btrim(channel), ''),
    customer_id, interaction_id
FROM crm.interactions
WHERE channel IS DISTINCT FROM nullif(btrim(channel), '')
ORDER BY interaction_id;

UPDATE crm.interactions
SET channel = nullif(btrim(channel), '')
WHERE channel IS DISTINCT FROM nullif(btrim(channel), '');

WITH incomplete AS (
    DELETE FROM crm.interactions
    WHERE customer_id IS NULL OR occurred_at IS NULL OR NOT isfinite(occurred_at)
    RETURNING *
)
INSERT INTO crm.ledger (sheet, rule, action, before, detail, customer_id, interaction_id)
SELECT
    'public.interactions', 'inherited_row_incomplete', 'rejected',
    jsonb_build_object('date_start', occurred_at, 'interaction', channel, 'customers', customer_id)::text,
    CASE WHEN customer_id IS NULL THEN 'the row names no customer' ELSE 'the row has no time' END,
    customer_id, interaction_id
FROM incomplete
ORDER BY interaction_id;

WITH ranked AS (
    SELECT
        interaction_id,
        first_value(interaction_id) OVER same_interaction AS kept_id
    FROM crm.interactions
    WINDOW same_interaction AS (
        PARTITION BY customer_id, occurred_at, lower(channel) ORDER BY interaction_id
    )
),

doubled AS (
    DELETE FROM crm.interactions AS i
    USING ranked AS r
    WHERE i.interaction_id = r.interaction_id AND r.interaction_id <> r.kept_id
    RETURNING i.*, r.kept_id
)

INSERT INTO crm.ledger (sheet, rule, action, before, detail, customer_id, interaction_id)
SELECT
    'public.interactions', 'same_interaction', 'duplicate',
    jsonb_build_object('date_start', occurred_at, 'interaction', channel, 'customers', customer_id)::text,
    format('the same as interaction %s', kept_id), customer_id, kept_id
FROM doubled
ORDER BY interaction_id;

WITH added AS (
    INSERT INTO crm.customers (customer_id, is_placeholder)
    SELECT DISTINCT i.customer_id, true
    FROM crm.interactions AS i
    WHERE NOT EXISTS (SELECT FROM crm.customers AS c WHERE c.customer_id = i.customer_id)
    RETURNING customer_id
)
INSERT INTO crm.ledger (sheet, column_name, rule, action, before, detail, customer_id)
SELECT
    'public.interactions', 'customers', 'unknown_customer', 'placeholder', a.customer_id::text,
    'no row of customers has this id', a.customer_id
FROM added AS a
ORDER BY a.customer_id;

INSERT INTO crm.labels (kind, label)
SELECT DISTINCT 'channel', channel FROM crm.interactions
WHERE channel IS NOT NULL;

ALTER TABLE crm.interactions
    ALTER COLUMN occurred_at SET NOT NULL,
    ALTER COLUMN customer_id SET NOT NULL,
    ADD PRIMARY KEY (customer_id, interaction_id),
    ADD FOREIGN KEY (customer_id) REFERENCES crm.customers,
    ADD CHECK (isfinite(occurred_at));
CREATE UNIQUE INDEX interactions_identity
ON crm.interactions (customer_id, occurred_at, lower(channel)) NULLS NOT DISTINCT;
CREATE INDEX interactions_occurred_at ON crm.interactions (occurred_at);

COMMENT ON TABLE crm.interactions IS 'One row for each contact with a customer.';
COMMENT ON COLUMN crm.interactions.interaction_id IS 'Number that citations refer to.';
COMMENT ON COLUMN crm.interactions.occurred_at IS 'Local time of the contact, as it was written down.';
COMMENT ON COLUMN crm.interactions.channel IS 'How the contact took place, for example Email, Call, Bird or Boat.';
COMMENT ON COLUMN crm.interactions.import_id IS 'The import that brought the row. NULL for inherited rows.';
COMMENT ON COLUMN crm.interactions.source_row IS 'Row of source_sheet in the imported file, as the spreadsheet shows it.';
COMMENT ON INDEX crm.interactions_identity IS 'The same customer, time and channel is the same interaction.';

CREATE VIEW public.interactions WITH (security_invoker = true) AS
SELECT occurred_at AS date_start, channel AS interaction, customer_id AS customers
FROM crm.interactions;
COMMENT ON VIEW public.interactions IS 'The inherited name and columns of crm.interactions, for programs that still read them.';
