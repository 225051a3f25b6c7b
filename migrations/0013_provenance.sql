-- Where every value came from, and what became of every row: the ledger names the cell, the column
-- of the table, the version of the rule and how grave it is; rows of all three tables know the row
-- of the file that brought them, and keep the columns that have no place of their own.

ALTER TABLE crm.imports
    DROP CONSTRAINT imports_content_sha256_key,
    DROP CONSTRAINT imports_file_format_check,
    ADD COLUMN encoding text,
    ADD COLUMN delimiter text,
    ADD COLUMN records bigint NOT NULL DEFAULT 0,
    ADD COLUMN loaded bigint NOT NULL DEFAULT 0,
    ADD COLUMN merged bigint NOT NULL DEFAULT 0,
    ADD COLUMN duplicates bigint NOT NULL DEFAULT 0,
    ADD COLUMN rejected bigint NOT NULL DEFAULT 0,
    ADD COLUMN undone_at timestamptz,
    ADD COLUMN undone_by name,
    ADD CONSTRAINT imports_file_format_check CHECK (file_format IN ('xlsx', 'csv', 'query')) NOT VALID,
    ADD CONSTRAINT imports_balance CHECK (records = loaded + merged + duplicates + rejected) NOT VALID,
    ADD CONSTRAINT imports_undone CHECK ((undone_at IS NULL) = (undone_by IS NULL)) NOT VALID;

-- Earlier imports: what the ledger says of their rows.
UPDATE crm.imports AS i SET
    records = told.loaded + told.merged + told.duplicates + told.rejected,
    loaded = told.loaded, merged = told.merged, duplicates = told.duplicates, rejected = told.rejected
FROM (
    SELECT
        n.import_id,
        n.customers_added + n.interactions_added + n.products_added AS loaded,
        count(DISTINCT (l.sheet, l.row_number, l.customer_id)) FILTER (
            WHERE l.rule IN ('fill_gap', 'keep_first_value') OR (l.rule = 'unknown_customer' AND l.action = 'merged')
        ) AS merged,
        count(*) FILTER (WHERE l.action = 'duplicate') AS duplicates,
        count(DISTINCT (l.sheet, l.row_number)) FILTER (
            WHERE l.action = 'rejected' AND l.customer_id IS NULL
        ) AS rejected
    FROM crm.imports AS n
    LEFT JOIN crm.ledger AS l ON l.import_id = n.import_id
    GROUP BY n.import_id
) AS told
WHERE told.import_id = i.import_id;
ALTER TABLE crm.imports VALIDATE CONSTRAINT imports_file_format_check;
ALTER TABLE crm.imports VALIDATE CONSTRAINT imports_balance;
ALTER TABLE crm.imports VALIDATE CONSTRAINT imports_undone;
CREATE UNIQUE INDEX imports_content ON crm.imports (content_sha256) WHERE undone_at IS NULL;
COMMENT ON TABLE crm.imports IS
'One row for each file or query that was imported, known by the SHA-256 of its content; an undone one may come again.';
COMMENT ON COLUMN crm.imports.encoding IS 'Encoding of a text file, as it was concluded from its bytes.';
COMMENT ON COLUMN crm.imports.delimiter IS 'What separates the fields of a text file: comma, semicolon, tab or pipe.';
COMMENT ON COLUMN crm.imports.records IS
'Records of the file: its rows, and one more for each further customer of a row that was split.';
COMMENT ON COLUMN crm.imports.loaded IS 'Records that became a new row.';
COMMENT ON COLUMN crm.imports.merged IS 'Records that met a row which was there, and filled its gaps or contradict it.';
COMMENT ON COLUMN crm.imports.duplicates IS 'Records that say nothing new.';
COMMENT ON COLUMN crm.imports.rejected IS 'Records that could not be loaded; the ledger keeps them.';
COMMENT ON CONSTRAINT imports_balance ON crm.imports IS 'No record is lost: each was loaded, merged, a duplicate or rejected.';
COMMENT ON COLUMN crm.imports.undone_at IS 'When the import was undone. Its ledger stays.';

ALTER TABLE crm.ledger
    ADD COLUMN cell text,
    ADD COLUMN field text,
    ADD COLUMN severity text,
    ADD COLUMN rule_version smallint,
    ADD COLUMN product_month_id bigint;
-- An interaction's placeholder that got its row has had the name of its opposite.
UPDATE crm.ledger SET rule = 'customer_described' WHERE rule = 'unknown_customer' AND action = 'merged';
UPDATE crm.ledger SET
    severity = CASE
        WHEN action = 'rejected' THEN 'error'
        WHEN action IN ('conflict', 'placeholder', 'ambiguous') THEN 'warning'
        ELSE 'info'
    END,
    rule_version = 1,
    -- Where a value met a stored one, and in inherited rows, the column of the table stood for the header.
    field = CASE
        WHEN rule IN ('fill_gap', 'keep_first_value', 'inherited_label') THEN column_name
        WHEN rule = 'unknown_customer' THEN 'customer_id'
        WHEN rule = 'inherited_month' THEN 'month'
        ELSE CASE lower(regexp_replace(column_name, '[^[:alnum:]]', '', 'g'))
            WHEN 'customerid' THEN 'customer_id'
            WHEN 'customers' THEN 'customer_id'
            WHEN 'occupation' THEN 'occupation'
            WHEN 'type' THEN 'customer_type'
            WHEN 'datestart' THEN 'occurred_at'
            WHEN 'interaction' THEN 'channel'
            WHEN 'topic' THEN 'topic'
            WHEN 'sentiment' THEN 'sentiment'
            WHEN 'notes' THEN 'notes'
            WHEN 'product' THEN 'product'
        END
    END;
ALTER TABLE crm.ledger
    ALTER COLUMN severity SET NOT NULL,
    ALTER COLUMN rule_version SET NOT NULL,
    ADD CONSTRAINT ledger_severity CHECK (severity IN ('info', 'warning', 'error')) NOT VALID;
ALTER TABLE crm.ledger VALIDATE CONSTRAINT ledger_severity;
COMMENT ON COLUMN crm.ledger.column_name IS 'Header of the column, as the file writes it. NULL when the entry speaks of a whole row.';
COMMENT ON COLUMN crm.ledger.cell IS 'The cell as a spreadsheet names it, for example D17; of a whole column, its header or its first such cell.';
COMMENT ON COLUMN crm.ledger.field IS 'Column of the table that the value went to; extra for a column that has no place of its own.';
COMMENT ON COLUMN crm.ledger.severity IS 'info: nothing to do; warning: look at it; error: something was not loaded.';
COMMENT ON COLUMN crm.ledger.rule IS 'Name of the rule; rapport.cleaning_rules() describes it.';
COMMENT ON COLUMN crm.ledger.rule_version IS 'Version of the rule that decided.';
COMMENT ON COLUMN crm.ledger.product_month_id IS 'The row of crm.products that the entry speaks of.';

ALTER TABLE crm.customers
    ADD COLUMN source_sheet text,
    ADD COLUMN source_row integer,
    ADD COLUMN extra jsonb;
COMMENT ON COLUMN crm.customers.source_row IS 'Row of source_sheet in the imported file that brought the customer.';
COMMENT ON COLUMN crm.customers.extra IS 'Columns of the file that have no place of their own, by header.';

ALTER TABLE crm.interactions
    ADD COLUMN extra jsonb;
COMMENT ON COLUMN crm.interactions.extra IS 'Columns of the file that have no place of their own, by header.';

ALTER TABLE crm.products
    ADD COLUMN source_sheet text,
    ADD COLUMN source_row integer,
    ADD COLUMN extra jsonb;
CREATE SEQUENCE crm.products_product_month_id_seq;
ALTER TABLE crm.products ADD COLUMN product_month_id bigint;
ALTER SEQUENCE crm.products_product_month_id_seq OWNED BY crm.products.product_month_id;
UPDATE crm.products SET product_month_id = nextval('crm.products_product_month_id_seq');
ALTER TABLE crm.products
    ALTER COLUMN product_month_id SET DEFAULT nextval('crm.products_product_month_id_seq'),
    ALTER COLUMN product_month_id SET NOT NULL;
CREATE UNIQUE INDEX products_product_month_id ON crm.products (product_month_id);
UPDATE crm.ledger AS l SET product_month_id = p.product_month_id
FROM crm.products AS p
WHERE l.rule = 'same_product_month' AND l.before = to_char(p.month, 'MM-YYYY') || ' ' || p.product;
COMMENT ON COLUMN crm.products.product_month_id IS 'Number by which the ledger knows the row.';
COMMENT ON COLUMN crm.products.source_row IS 'Row of source_sheet in the imported file that brought the product.';
COMMENT ON COLUMN crm.products.extra IS 'Columns of the file that have no place of their own, by header.';

ALTER TABLE crm.labels ADD COLUMN import_id bigint;
ALTER TABLE crm.labels
    ADD CONSTRAINT labels_import_id_fkey FOREIGN KEY (import_id) REFERENCES crm.imports NOT VALID;
ALTER TABLE crm.labels VALIDATE CONSTRAINT labels_import_id_fkey;
COMMENT ON COLUMN crm.labels.import_id IS 'The import that brought the spelling. NULL for inherited ones.';

-- Inherited rows that no file has completed yet: an import looks for them by day.
CREATE INDEX interactions_incomplete ON crm.interactions (customer_id, occurred_at)
WHERE import_id IS NULL AND topic IS NULL AND sentiment IS NULL;

CREATE VIEW crm.ledger_in_force WITH (security_invoker = true) AS
SELECT l.*
FROM crm.ledger AS l
WHERE NOT EXISTS (
    SELECT FROM crm.imports AS i WHERE i.import_id = l.import_id AND i.undone_at IS NOT NULL
);
COMMENT ON VIEW crm.ledger_in_force IS 'The ledger without the imports that were undone.';

GRANT SELECT ON crm.ledger_in_force TO rapport_admin, rapport_analyst, rapport_importer;
GRANT SELECT ON crm.ledger TO rapport_admin;
GRANT USAGE ON SEQUENCE crm.interactions_interaction_id_seq, crm.products_product_month_id_seq TO rapport_importer;
GRANT UPDATE (extra) ON crm.customers TO rapport_importer;
GRANT UPDATE (extra) ON crm.interactions TO rapport_importer;
GRANT UPDATE (date_order, encoding, delimiter, records, loaded, merged, duplicates, rejected) ON crm.imports
TO rapport_importer;
GRANT UPDATE (undone_at, undone_by) ON crm.imports TO rapport_admin;
