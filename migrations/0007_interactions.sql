-- public.interactions becomes crm.interactions, with its rows. A row without customer or time
-- cannot be placed, and the second of two equal rows says nothing new: both go to the ledger whole.

ALTER TABLE public.interactions SET SCHEMA crm;
ALTER TABLE crm.interactions RENAME COLUMN date_start TO occurred_at;
ALTER TABLE crm.interactions RENAME COLUMN interaction TO channel;
ALTER TABLE crm.interactions RENAME COLUMN customers TO customer_id;
ALTER TABLE crm.interactions
    ALTER COLUMN customer_id TYPE bigint,
    ALTER COLUMN channel TYPE text,
    ADD COLUMN IF NOT EXISTS topic text,
    ADD COLUMN IF NOT EXISTS sentiment text,
    ADD COLUMN IF NOT EXISTS notes text,
    ADD COLUMN reported_at timestamp,
    ADD COLUMN import_id bigint REFERENCES crm.imports,
    ADD COLUMN source_sheet text,
    ADD COLUMN source_row integer CHECK (source_row > 0),
    ADD COLUMN interaction_id bigint GENERATED ALWAYS AS IDENTITY;
ALTER TABLE crm.interactions
    ALTER COLUMN topic TYPE text,
    ALTER COLUMN sentiment TYPE text,
    ALTER COLUMN notes TYPE text;

CREATE TEMPORARY TABLE inherited_spelling ON COMMIT DROP AS
WITH written AS (
    SELECT
        v.kind, v.label AS before,
        CASE v.kind
            WHEN 'channel' THEN rapport.clean_channel(v.label)
            WHEN 'sentiment' THEN rapport.clean_sentiment(v.label)
            ELSE rapport.clean_label(v.label)
        END AS cleaned,
        count(*) AS uses
    FROM crm.interactions AS i
    CROSS JOIN LATERAL (
        VALUES ('channel', i.channel), ('topic', i.topic), ('sentiment', i.sentiment)
    ) AS v (kind, label)
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

INSERT INTO crm.ledger (sheet, column_name, rule, action, before, after, customer_id, interaction_id)
SELECT
    'public.interactions', s.kind, 'inherited_label', 'repaired', s.before, s.after, i.customer_id, i.interaction_id
FROM crm.interactions AS i
CROSS JOIN LATERAL (
    VALUES ('channel', i.channel), ('topic', i.topic), ('sentiment', i.sentiment)
) AS v (kind, label)
INNER JOIN inherited_spelling AS s ON s.kind = v.kind AND s.before = v.label
WHERE s.before IS DISTINCT FROM s.after
ORDER BY i.interaction_id, s.kind;

UPDATE crm.interactions AS i SET channel = s.after
FROM inherited_spelling AS s
WHERE s.kind = 'channel' AND s.before = i.channel AND s.before IS DISTINCT FROM s.after;

UPDATE crm.interactions AS i SET topic = s.after
FROM inherited_spelling AS s
WHERE s.kind = 'topic' AND s.before = i.topic AND s.before IS DISTINCT FROM s.after;

UPDATE crm.interactions AS i SET sentiment = s.after
FROM inherited_spelling AS s
WHERE s.kind = 'sentiment' AND s.before = i.sentiment AND s.before IS DISTINCT FROM s.after;

INSERT INTO crm.labels (kind, label)
SELECT DISTINCT s.kind, s.after FROM inherited_spelling AS s
WHERE s.after IS NOT NULL;

WITH incomplete AS (
    DELETE FROM crm.interactions
    WHERE customer_id IS NULL OR occurred_at IS NULL OR NOT isfinite(occurred_at)
    RETURNING *
)
INSERT INTO crm.ledger (sheet, rule, action, before, detail, customer_id, interaction_id)
SELECT
    'public.interactions', 'inherited_row_incomplete', 'rejected',
    jsonb_build_object('date_start', occurred_at, 'interaction', channel, 'customers', customer_id)::text,
    CASE
        WHEN customer_id IS NULL THEN 'the row names no customer'
        WHEN occurred_at IS NULL THEN 'the row has no time'
        ELSE 'the time is infinite'
    END,
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

ALTER TABLE crm.interactions
    ALTER COLUMN occurred_at SET NOT NULL,
    ALTER COLUMN customer_id SET NOT NULL,
    ADD PRIMARY KEY (customer_id, interaction_id),
    ADD FOREIGN KEY (customer_id) REFERENCES crm.customers,
    ADD CHECK (isfinite(occurred_at));
CREATE UNIQUE INDEX interactions_identity
ON crm.interactions (customer_id, occurred_at, lower(channel)) NULLS NOT DISTINCT;
CREATE INDEX interactions_reported_at ON crm.interactions (customer_id, reported_at) WHERE reported_at IS NOT NULL;
CREATE INDEX interactions_occurred_at ON crm.interactions (occurred_at);

COMMENT ON TABLE crm.interactions IS 'One row for each contact with a customer.';
COMMENT ON COLUMN crm.interactions.interaction_id IS 'Number that citations refer to.';
COMMENT ON COLUMN crm.interactions.occurred_at IS 'Local time of the contact, as it was written down.';
COMMENT ON COLUMN crm.interactions.reported_at IS
'The time that an import gave for this inherited row, where it differs: the row is recognised by it when it comes again.';
COMMENT ON COLUMN crm.interactions.channel IS 'How the contact took place, for example Email, Call, Bird or Boat.';
COMMENT ON COLUMN crm.interactions.import_id IS 'The import that brought the row. NULL for inherited rows.';
COMMENT ON COLUMN crm.interactions.source_row IS 'Row of source_sheet in the imported file, as the spreadsheet shows it.';
COMMENT ON INDEX crm.interactions_identity IS 'The same customer, time and channel is the same interaction.';
