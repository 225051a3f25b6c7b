-- public.customers becomes crm.customers, with its rows.

ALTER TABLE public.customers SET SCHEMA crm;
ALTER TABLE crm.customers RENAME COLUMN type TO customer_type;
ALTER TABLE crm.customers
    ALTER COLUMN customer_id TYPE bigint,
    ALTER COLUMN occupation TYPE text,
    ALTER COLUMN customer_type TYPE text,
    ADD COLUMN is_placeholder boolean NOT NULL DEFAULT false,
    ADD COLUMN import_id bigint REFERENCES crm.imports;
COMMENT ON TABLE crm.customers IS 'One row for each customer.';
COMMENT ON COLUMN crm.customers.occupation IS 'NULL when nobody said. Never an invented value.';
COMMENT ON COLUMN crm.customers.customer_type IS 'NULL when nobody said; statistics show it as Unknown.';
COMMENT ON COLUMN crm.customers.is_placeholder IS 'True when only an interaction mentions this customer.';
COMMENT ON COLUMN crm.customers.import_id IS 'The import that brought the row. NULL for inherited rows.';

INSERT INTO crm.ledger (sheet, column_name, rule, action, before, after, customer_id)
SELECT 'public.customers', v.column_name, 'inherited_label', 'repaired', v.before, v.after, c.customer_id
FROM crm.customers AS c
CROSS JOIN LATERAL (VALUES
    ('occupation', c.occupation, nullif(btrim(c.occupation), '')),
    ('customer_type', c.customer_type, nullif(btrim(c.customer_type), ''))
) AS v (column_name, before, after)
WHERE v.before IS DISTINCT FROM v.after
ORDER BY c.customer_id, v.column_name;

UPDATE crm.customers
SET occupation = nullif(btrim(occupation), ''), customer_type = nullif(btrim(customer_type), '')
WHERE
    occupation IS DISTINCT FROM nullif(btrim(occupation), '')
    OR customer_type IS DISTINCT FROM nullif(btrim(customer_type), '');

INSERT INTO crm.labels (kind, label)
SELECT DISTINCT v.kind, v.label
FROM crm.customers AS c
CROSS JOIN LATERAL (VALUES ('occupation', c.occupation), ('customer_type', c.customer_type)) AS v (kind, label)
WHERE v.label IS NOT NULL;

CREATE VIEW public.customers WITH (security_invoker = true) AS
SELECT customer_id, occupation, customer_type AS type
FROM crm.customers;
COMMENT ON VIEW public.customers IS 'The inherited name and columns of crm.customers, for programs that still read them.';
