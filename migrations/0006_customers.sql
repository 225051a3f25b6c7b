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

-- Labels are cleaned as an import would, else the same label from a workbook would not match.
-- Of spellings that differ only in case the commonest wins.
CREATE TEMPORARY TABLE inherited_spelling ON COMMIT DROP AS
WITH written AS (
    SELECT v.kind, v.label AS before, rapport.clean_label(v.label) AS cleaned, count(*) AS uses
    FROM crm.customers AS c
    CROSS JOIN LATERAL (VALUES ('occupation', c.occupation), ('customer_type', c.customer_type)) AS v (kind, label)
    WHERE v.label IS NOT NULL
    GROUP BY v.kind, v.label
),

chosen AS (
    SELECT DISTINCT ON (kind, lower(cleaned)) kind, cleaned AS label
    FROM written
    WHERE cleaned IS NOT NULL
    GROUP BY kind, cleaned
    ORDER BY kind, lower(cleaned), sum(uses) DESC, cleaned COLLATE "C"
)

SELECT w.kind, w.before, c.label AS after
FROM written AS w
LEFT JOIN chosen AS c ON c.kind = w.kind AND lower(c.label) = lower(w.cleaned);

INSERT INTO crm.ledger (sheet, column_name, rule, action, before, after, customer_id)
SELECT 'public.customers', s.kind, 'inherited_label', 'repaired', s.before, s.after, c.customer_id
FROM crm.customers AS c
CROSS JOIN LATERAL (VALUES ('occupation', c.occupation), ('customer_type', c.customer_type)) AS v (kind, label)
INNER JOIN inherited_spelling AS s ON s.kind = v.kind AND s.before = v.label
WHERE s.before IS DISTINCT FROM s.after
ORDER BY c.customer_id, s.kind;

UPDATE crm.customers AS c SET occupation = s.after
FROM inherited_spelling AS s
WHERE s.kind = 'occupation' AND s.before = c.occupation AND s.before IS DISTINCT FROM s.after;

UPDATE crm.customers AS c SET customer_type = s.after
FROM inherited_spelling AS s
WHERE s.kind = 'customer_type' AND s.before = c.customer_type AND s.before IS DISTINCT FROM s.after;

INSERT INTO crm.labels (kind, label)
SELECT DISTINCT s.kind, s.after FROM inherited_spelling AS s
WHERE s.after IS NOT NULL;
