-- What came in, and what was decided about it. The ledger outlives the rows it speaks of,
-- hence no foreign keys from it to customers or interactions.

CREATE SCHEMA crm;
COMMENT ON SCHEMA crm IS 'Facts about customers, and the record of how they came in.';

CREATE TABLE crm.imports (
    import_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    file_name text NOT NULL,
    file_format text NOT NULL CHECK (file_format IN ('xlsx', 'csv')),
    content_bytes bigint NOT NULL CHECK (content_bytes >= 0),
    content_sha256 bytea NOT NULL UNIQUE CHECK (octet_length(content_sha256) = 32),
    date_order text CHECK (date_order IN ('DMY', 'MDY')),
    imported_by name NOT NULL DEFAULT current_user,
    imported_at timestamptz NOT NULL DEFAULT now(),
    rows_read bigint NOT NULL DEFAULT 0,
    customers_added bigint NOT NULL DEFAULT 0,
    customers_updated bigint NOT NULL DEFAULT 0,
    placeholders_added bigint NOT NULL DEFAULT 0,
    interactions_added bigint NOT NULL DEFAULT 0,
    interactions_enriched bigint NOT NULL DEFAULT 0,
    products_added bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE crm.imports IS 'One row for each file that was imported, known by the SHA-256 of its content.';
COMMENT ON COLUMN crm.imports.date_order IS 'Order in which text dates with slashes were read: DMY or MDY. NULL when the file has none.';
COMMENT ON COLUMN crm.imports.rows_read IS 'Data rows in the file, without headers and empty rows.';
COMMENT ON COLUMN crm.imports.interactions_enriched IS 'Interactions that were stored before and got a topic, a sentiment or notes from this file.';

CREATE TABLE crm.ledger (
    entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    import_id bigint REFERENCES crm.imports,
    sheet text NOT NULL,
    row_number integer CHECK (row_number > 0),
    column_name text,
    rule text NOT NULL,
    action text NOT NULL CHECK (action IN (
        'repaired', 'inferred', 'split', 'merged', 'conflict',
        'duplicate', 'placeholder', 'rejected', 'ambiguous'
    )),
    before text,
    after text,
    detail text,
    customer_id bigint,
    interaction_id bigint,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ledger_import_id ON crm.ledger (import_id, entry_id);
CREATE INDEX ledger_source ON crm.ledger (import_id, sheet, row_number);
CREATE INDEX ledger_customer_id ON crm.ledger (customer_id, interaction_id);
COMMENT ON TABLE crm.ledger IS 'Every decision that cleaning took: which cell, what it said, what was stored, and by which rule.';
COMMENT ON COLUMN crm.ledger.import_id IS 'NULL for decisions taken when the inherited tables were migrated.';
COMMENT ON COLUMN crm.ledger.row_number IS 'Row as the spreadsheet shows it. NULL when the entry speaks of a whole column or sheet.';
COMMENT ON COLUMN crm.ledger.action IS 'repaired, inferred, split, merged, conflict, duplicate, placeholder, rejected or ambiguous.';
COMMENT ON COLUMN crm.ledger.before IS 'What the file says. For a conflict: the value that was not taken.';
COMMENT ON COLUMN crm.ledger.after IS 'What was stored. For a conflict: the value that was kept.';

CREATE TABLE crm.labels (
    kind text NOT NULL CHECK (kind IN (
        'occupation', 'customer_type', 'channel', 'topic', 'sentiment', 'product'
    )),
    label text NOT NULL CHECK (label <> ''),
    PRIMARY KEY (kind, label)
);
COMMENT ON TABLE crm.labels IS 'Spellings that are already known. An import folds the case of a label only to match one of these.';
