-- public.products becomes crm.products, with its rows: which product was discussed in which month.

ALTER TABLE public.products SET SCHEMA crm;
ALTER TABLE crm.products RENAME COLUMN date TO month;
ALTER TABLE crm.products ALTER COLUMN product TYPE text;

-- Months that say the same in another form: 1-2019, 01/2019, 2019-01.
WITH readable AS (
    SELECT
        ctid AS row_id,
        month AS written,
        CASE
            WHEN month ~ '^\s*[0-9]{1,2}[-/.][0-9]{4}\s*$'
                THEN lpad(regexp_replace(btrim(month), '[-/.].*$', ''), 2, '0')
            WHEN month ~ '^\s*[0-9]{4}[-/.][0-9]{1,2}\s*$'
                THEN lpad(regexp_replace(btrim(month), '^.*[-/.]', ''), 2, '0')
        END || '-' || substring(month FROM '[0-9]{4}') AS month
    FROM crm.products
),

repaired AS (
    UPDATE crm.products AS p
    SET month = r.month
    FROM readable AS r
    WHERE p.ctid = r.row_id AND r.month <> r.written
    RETURNING r.written, r.month
)

INSERT INTO crm.ledger (sheet, column_name, rule, action, before, after)
SELECT 'public.products', 'date', 'inherited_month', 'repaired', written, month
FROM repaired;

WITH unreadable AS (
    DELETE FROM crm.products
    WHERE
        month IS NULL OR month !~ '^(0[1-9]|1[0-2])-[1-9][0-9]{3}$'
        OR product IS NULL OR rapport.clean_label(product) IS NULL
    RETURNING *
)
INSERT INTO crm.ledger (sheet, rule, action, before, detail)
SELECT
    'public.products', 'inherited_row_incomplete', 'rejected',
    jsonb_build_object('date', month, 'product', product)::text, 'the row has no product, or no month as MM-YYYY'
FROM unreadable;

CREATE TEMPORARY TABLE inherited_spelling ON COMMIT DROP AS
WITH written AS (
    SELECT product AS before, rapport.clean_label(product) AS cleaned, count(*) AS uses
    FROM crm.products
    GROUP BY product
),

chosen AS (
    SELECT DISTINCT ON (lower(cleaned)) cleaned AS label
    FROM written
    GROUP BY cleaned
    ORDER BY lower(cleaned), sum(uses) DESC, cleaned COLLATE "C"
)

SELECT w.before, c.label AS after
FROM written AS w
INNER JOIN chosen AS c ON lower(c.label) = lower(w.cleaned);

INSERT INTO crm.ledger (sheet, column_name, rule, action, before, after)
SELECT 'public.products', 'product', 'inherited_label', 'repaired', s.before, s.after
FROM crm.products AS p
INNER JOIN inherited_spelling AS s ON s.before = p.product
WHERE s.before <> s.after
ORDER BY p.month, s.before;

UPDATE crm.products AS p SET product = s.after
FROM inherited_spelling AS s
WHERE s.before = p.product AND s.before <> s.after;

WITH ranked AS (
    SELECT ctid AS row_id, row_number() OVER (PARTITION BY month, product ORDER BY ctid) AS occurrence
    FROM crm.products
),

doubled AS (
    DELETE FROM crm.products AS p
    USING ranked AS r
    WHERE p.ctid = r.row_id AND r.occurrence > 1
    RETURNING p.*
)

INSERT INTO crm.ledger (sheet, rule, action, before)
SELECT
    'public.products', 'same_product_month', 'duplicate',
    jsonb_build_object('date', month, 'product', product)::text
FROM doubled;

ALTER TABLE crm.products
    ALTER COLUMN month TYPE date USING to_date('01-' || month, 'DD-MM-YYYY'),
    ALTER COLUMN product SET NOT NULL,
    ADD COLUMN import_id bigint REFERENCES crm.imports,
    ADD PRIMARY KEY (month, product),
    ADD CHECK (month = date_trunc('month', month::timestamp)::date);

INSERT INTO crm.labels (kind, label)
SELECT DISTINCT 'product', product FROM crm.products;

COMMENT ON TABLE crm.products IS 'Products of discussion: which product was discussed in which month.';
COMMENT ON COLUMN crm.products.month IS 'First day of the month.';
COMMENT ON COLUMN crm.products.import_id IS 'The import that brought the row. NULL for inherited rows.';
