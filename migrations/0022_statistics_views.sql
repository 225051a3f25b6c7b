-- The materialized views are made of the counts, so a refresh costs the same however long the history
-- is. What of them must be true at this moment has a twin that is read from the counts themselves.

-- Totals tell of rows that a policy hides. So bi is for those who may see them all.
CREATE FUNCTION bi.sees_every_row() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
-- Not a search path, which would evaluate it row by row; the names are resolved here and now.
RETURN NOT (
    row_security_active('crm.interactions'::regclass) OR row_security_active('crm.customers'::regclass)
    OR row_security_active('crm.products'::regclass) OR row_security_active('crm.imports'::regclass)
    OR row_security_active('crm.ledger'::regclass)
);
COMMENT ON FUNCTION bi.sees_every_row() IS
'Whether no row-level security hides customers, interactions, products, imports or the ledger from the caller.';

CREATE FUNCTION bi.require_every_row() RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT bi.sees_every_row() THEN
        RAISE EXCEPTION 'row-level security hides rows from role "%", and this view counts all of them', current_user
            USING ERRCODE = 'insufficient_privilege',
                HINT = 'The functions of the schema rapport count what the role may see, for example rapport.interactions_per_product().';
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION bi.require_every_row() IS
'Raises 42501 when row-level security hides rows from the caller, else true. Every view of bi asks it.';
REVOKE EXECUTE ON FUNCTION bi.sees_every_row(), bi.require_every_row() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION bi.sees_every_row(), bi.require_every_row() TO rapport_admin, rapport_analyst, rapport_bi;

-- Made again below. Numbers of different customers are gone: they add up to nothing, and
-- rapport.reach counts them for any period.
-- squawk-ignore ban-drop-view
DROP VIEW bi.interactions_per_product, bi.monthly_activity, bi.topic_sentiment, bi.customer_overview, bi.data_quality;
-- squawk-ignore ban-drop-view
DROP MATERIALIZED VIEW
stats.interactions_per_product, stats.monthly_activity, stats.topic_sentiment, stats.customer_overview,
stats.data_quality;

CREATE VIEW bi.monthly_activity_live AS
SELECT c.day AS month, c.channel, c.customer_type, c.sentiment, sum(c.total)::bigint AS interactions
FROM stats.current_counts AS c
WHERE c.grain = 'month' AND bi.require_every_row()
GROUP BY c.day, c.channel, c.customer_type, c.sentiment
HAVING sum(c.total) <> 0;

CREATE VIEW bi.daily_activity_live AS
SELECT c.day, c.customer_type, sum(c.total)::bigint AS interactions
FROM stats.current_counts AS c
WHERE c.grain = 'day' AND bi.require_every_row()
GROUP BY c.day, c.customer_type
HAVING sum(c.total) <> 0;

CREATE VIEW bi.monthly_interactions_live AS
SELECT c.day AS month, c.customer_type, sum(c.total)::bigint AS interactions
FROM stats.current_counts AS c
WHERE c.grain = 'type_month' AND bi.require_every_row()
GROUP BY c.day, c.customer_type
HAVING sum(c.total) <> 0;

CREATE VIEW bi.monthly_topics_live AS
SELECT c.day AS month, c.topic, c.customer_type, c.sentiment, sum(c.total)::bigint AS interactions
FROM stats.current_counts AS c
WHERE c.grain = 'topic_month' AND bi.require_every_row()
GROUP BY c.day, c.topic, c.customer_type, c.sentiment
HAVING sum(c.total) <> 0;

CREATE VIEW bi.customer_types_live AS
SELECT c.customer_type, sum(c.total)::bigint AS customers
FROM stats.current_counts AS c
WHERE c.grain = 'customer_type' AND bi.require_every_row()
GROUP BY c.customer_type
HAVING sum(c.total) <> 0;

CREATE VIEW bi.interactions_per_product_live AS
WITH attributed AS (
    SELECT m.customer_type, p.product, sum(m.interactions)::bigint AS interactions
    FROM bi.monthly_interactions_live AS m
    LEFT JOIN crm.products AS p ON p.month = m.month
    GROUP BY m.customer_type, p.product
)

SELECT t.customer_type, p.product, coalesce(a.interactions, 0) AS interactions
FROM bi.customer_types_live AS t
CROSS JOIN (SELECT DISTINCT d.product FROM crm.products AS d UNION ALL SELECT NULL) AS p
LEFT JOIN attributed AS a ON a.customer_type = t.customer_type AND a.product IS NOT DISTINCT FROM p.product
WHERE bi.require_every_row();

-- The time of the latest such interaction is not told: a deleted row would have it looked for in the
-- whole history. Its month is.
CREATE VIEW bi.topic_sentiment_live AS
SELECT
    m.topic, m.sentiment, sum(m.interactions)::bigint AS interactions, max(m.month) AS last_month
FROM bi.monthly_topics_live AS m
WHERE bi.require_every_row()
GROUP BY m.topic, m.sentiment;

CREATE VIEW bi.data_quality_live AS
SELECT
    coalesce(l.import_id, 0) AS import_id,
    coalesce(
        i.file_name, CASE WHEN l.rule = 'changed_by_hand' THEN 'changed by hand' ELSE 'inherited database' END
    ) AS file_name,
    i.imported_at, l.sheet, l.severity, l.action, l.rule, sum(l.entries)::bigint AS entries
FROM stats.ledger_counts AS l
LEFT JOIN crm.imports AS i ON i.import_id = l.import_id
WHERE i.undone_at IS NULL AND bi.require_every_row()
GROUP BY 1, 2, 3, 4, 5, 6, 7
HAVING sum(l.entries) <> 0;

-- Not materialized a second time: stats.customer_activity is, and is true at any moment.
CREATE VIEW bi.customer_overview AS
SELECT
    c.customer_id, c.occupation, coalesce(c.customer_type, 'Unknown') AS customer_type, c.is_placeholder,
    a.total_interactions, a.first_interaction_at, a.last_interaction_at, a.last_channel, a.last_topic,
    a.last_sentiment, a.most_frequent_channel, array_to_string(a.key_topics, '; ') AS key_topics,
    now() AS refreshed_at
FROM crm.customers AS c
INNER JOIN stats.customer_activity AS a ON a.customer_id = c.customer_id
WHERE bi.require_every_row();

-- For rapport.customer_statistics: what crm.customer_activity finds in the rows.
CREATE VIEW crm.kept_customer_activity AS
SELECT
    c.customer_id, c.occupation, c.customer_type, c.is_placeholder, a.total_interactions, a.first_interaction_at,
    a.last_interaction_at, a.last_interaction_id, a.last_channel, a.last_topic, a.last_sentiment,
    a.most_frequent_channel, a.key_topics
FROM crm.customers AS c
INNER JOIN stats.customer_activity AS a ON a.customer_id = c.customer_id
WHERE bi.require_every_row();
COMMENT ON VIEW crm.kept_customer_activity IS
'The rows of crm.customer_activity as triggers keep them, for whom no row is hidden.';
GRANT SELECT ON crm.kept_customer_activity TO rapport_admin, rapport_analyst;

CREATE MATERIALIZED VIEW stats.interactions_per_product AS
SELECT l.customer_type, l.product, l.interactions FROM bi.interactions_per_product_live AS l;
CREATE UNIQUE INDEX interactions_per_product_key
ON stats.interactions_per_product (customer_type, product) NULLS NOT DISTINCT;

CREATE MATERIALIZED VIEW stats.monthly_activity AS
SELECT l.month, l.channel, l.customer_type, l.sentiment, l.interactions
FROM bi.monthly_activity_live AS l;
CREATE UNIQUE INDEX monthly_activity_key ON stats.monthly_activity (month, channel, customer_type, sentiment);

CREATE MATERIALIZED VIEW stats.topic_sentiment AS
SELECT l.topic, l.sentiment, l.interactions, l.last_month
FROM bi.topic_sentiment_live AS l;
CREATE UNIQUE INDEX topic_sentiment_key ON stats.topic_sentiment (topic, sentiment);

CREATE MATERIALIZED VIEW stats.data_quality AS
SELECT l.import_id, l.file_name, l.imported_at, l.sheet, l.severity, l.action, l.rule, l.entries
FROM bi.data_quality_live AS l;
CREATE UNIQUE INDEX data_quality_key
ON stats.data_quality (import_id, sheet, severity, action, rule) NULLS NOT DISTINCT;

ALTER TABLE stats.refreshes ADD COLUMN facts text [] NOT NULL DEFAULT '{}';
DELETE FROM stats.refreshes WHERE view_name = 'customer_overview';
UPDATE stats.refreshes AS r SET refreshed_at = now(), facts = d.facts
FROM (
    VALUES
    ('interactions_per_product', ARRAY['interactions', 'customers', 'products']),
    ('monthly_activity', ARRAY['interactions', 'customers']),
    ('topic_sentiment', ARRAY['interactions']),
    ('data_quality', ARRAY['ledger', 'imports'])
) AS d (view_name, facts)
WHERE r.view_name = d.view_name;
COMMENT ON COLUMN stats.refreshes.view_name IS 'A materialized view of the schema stats.';
COMMENT ON COLUMN stats.refreshes.refreshed_at IS 'When it was last found or made up to date.';
COMMENT ON COLUMN stats.refreshes.facts IS 'What it is made of, in the words of stats.changed_facts.';

CREATE VIEW bi.interactions_per_product AS
SELECT s.customer_type, coalesce(s.product, '(unattributed)') AS product, s.interactions, r.refreshed_at
FROM stats.interactions_per_product AS s
INNER JOIN stats.refreshes AS r ON r.view_name = 'interactions_per_product'
WHERE bi.require_every_row();

CREATE VIEW bi.monthly_activity AS
SELECT s.month, s.channel, s.customer_type, s.sentiment, s.interactions, r.refreshed_at
FROM stats.monthly_activity AS s
INNER JOIN stats.refreshes AS r ON r.view_name = 'monthly_activity'
WHERE bi.require_every_row();

CREATE VIEW bi.topic_sentiment AS
SELECT s.topic, s.sentiment, s.interactions, s.last_month, r.refreshed_at
FROM stats.topic_sentiment AS s
INNER JOIN stats.refreshes AS r ON r.view_name = 'topic_sentiment'
WHERE bi.require_every_row();

CREATE VIEW bi.data_quality AS
SELECT s.import_id, s.file_name, s.imported_at, s.sheet, s.severity, s.action, s.rule, s.entries, r.refreshed_at
FROM stats.data_quality AS s
INNER JOIN stats.refreshes AS r ON r.view_name = 'data_quality'
WHERE bi.require_every_row();

COMMENT ON VIEW bi.interactions_per_product IS
'Interactions for each customer type and product, zeros included. An interaction belongs to the products discussed in its calendar month; in a month with two products it counts for each.';
COMMENT ON COLUMN bi.interactions_per_product.customer_type IS 'Type of the customer; Unknown when nobody said.';
COMMENT ON COLUMN bi.interactions_per_product.product IS 'Product discussed in the month; (unattributed) when there was none.';
COMMENT ON COLUMN bi.interactions_per_product.interactions IS 'Number of interactions.';
COMMENT ON COLUMN bi.interactions_per_product.refreshed_at IS 'When this view was last refreshed.';

COMMENT ON VIEW bi.monthly_activity IS 'Interactions for each month, channel, customer type and sentiment.';
COMMENT ON COLUMN bi.monthly_activity.month IS 'First day of the calendar month.';
COMMENT ON COLUMN bi.monthly_activity.channel IS 'How the contact took place; Unknown when nobody said.';
COMMENT ON COLUMN bi.monthly_activity.customer_type IS 'Type of the customer; Unknown when nobody said.';
COMMENT ON COLUMN bi.monthly_activity.sentiment IS 'Sentiment of the contact; Unknown when nobody said.';
COMMENT ON COLUMN bi.monthly_activity.interactions IS 'Number of interactions. Adds up over all rows.';
COMMENT ON COLUMN bi.monthly_activity.refreshed_at IS 'When this view was last refreshed.';

COMMENT ON VIEW bi.topic_sentiment IS 'How customers feel about each topic.';
COMMENT ON COLUMN bi.topic_sentiment.topic IS 'Topic of the contact; Unknown when nobody said.';
COMMENT ON COLUMN bi.topic_sentiment.sentiment IS 'Sentiment of the contact; Unknown when nobody said.';
COMMENT ON COLUMN bi.topic_sentiment.interactions IS 'Number of interactions. Adds up over all rows.';
COMMENT ON COLUMN bi.topic_sentiment.last_month IS 'First day of the month of the latest such interaction.';
COMMENT ON COLUMN bi.topic_sentiment.refreshed_at IS 'When this view was last refreshed.';

COMMENT ON VIEW bi.data_quality IS 'How many cells and rows each import had to repair, merge or reject, and by which rule.';
COMMENT ON COLUMN bi.data_quality.import_id IS 'Number of the import; 0 for the inherited tables and changes by hand.';
COMMENT ON COLUMN bi.data_quality.file_name IS 'Name of the imported file.';
COMMENT ON COLUMN bi.data_quality.imported_at IS 'When the file was imported.';
COMMENT ON COLUMN bi.data_quality.sheet IS 'Sheet of the workbook, or name of the CSV file.';
COMMENT ON COLUMN bi.data_quality.severity IS 'info, warning or error.';
COMMENT ON COLUMN bi.data_quality.action IS
'repaired, inferred, split, merged, conflict, duplicate, placeholder, rejected, ambiguous or corrected.';
COMMENT ON COLUMN bi.data_quality.rule IS 'Name of the cleaning rule.';
COMMENT ON COLUMN bi.data_quality.entries IS 'Number of ledger entries.';
COMMENT ON COLUMN bi.data_quality.refreshed_at IS 'When this view was last refreshed.';

COMMENT ON VIEW bi.customer_overview IS 'One row for each customer, also those without interactions. True at any moment.';
COMMENT ON COLUMN bi.customer_overview.customer_id IS 'Number of the customer.';
COMMENT ON COLUMN bi.customer_overview.occupation IS 'Occupation of the customer; NULL when nobody said.';
COMMENT ON COLUMN bi.customer_overview.customer_type IS 'Type of the customer; Unknown when nobody said.';
COMMENT ON COLUMN bi.customer_overview.is_placeholder IS 'True when only an interaction mentions this customer.';
COMMENT ON COLUMN bi.customer_overview.total_interactions IS 'Number of interactions, 0 when there are none.';
COMMENT ON COLUMN bi.customer_overview.first_interaction_at IS 'Time of the earliest interaction.';
COMMENT ON COLUMN bi.customer_overview.last_interaction_at IS 'Time of the latest interaction.';
COMMENT ON COLUMN bi.customer_overview.last_channel IS 'Channel of the latest interaction.';
COMMENT ON COLUMN bi.customer_overview.last_topic IS 'Topic of the latest interaction.';
COMMENT ON COLUMN bi.customer_overview.last_sentiment IS 'Sentiment of the latest interaction.';
COMMENT ON COLUMN bi.customer_overview.most_frequent_channel IS 'Channel used most often; ties go to the most recently used, then alphabetical.';
COMMENT ON COLUMN bi.customer_overview.key_topics IS 'At most five topics, the most frequent first, separated by semicolons.';
COMMENT ON COLUMN bi.customer_overview.refreshed_at IS 'The moment of the query: this view is always up to date.';

COMMENT ON VIEW bi.daily_activity_live IS 'Interactions for each day and customer type. True at any moment.';
COMMENT ON COLUMN bi.daily_activity_live.day IS 'The day.';
COMMENT ON COLUMN bi.daily_activity_live.customer_type IS 'Type of the customer; Unknown when nobody said.';
COMMENT ON COLUMN bi.daily_activity_live.interactions IS 'Number of interactions. Adds up over all rows.';

COMMENT ON VIEW bi.monthly_interactions_live IS 'Interactions for each month and customer type. True at any moment.';
COMMENT ON COLUMN bi.monthly_interactions_live.month IS 'First day of the calendar month.';
COMMENT ON COLUMN bi.monthly_interactions_live.customer_type IS 'Type of the customer; Unknown when nobody said.';
COMMENT ON COLUMN bi.monthly_interactions_live.interactions IS 'Number of interactions. Adds up over all rows.';

COMMENT ON VIEW bi.monthly_topics_live IS
'Interactions for each month, topic, customer type and sentiment. True at any moment.';
COMMENT ON COLUMN bi.monthly_topics_live.month IS 'First day of the calendar month.';
COMMENT ON COLUMN bi.monthly_topics_live.topic IS 'Topic of the contact; Unknown when nobody said.';
COMMENT ON COLUMN bi.monthly_topics_live.customer_type IS 'Type of the customer; Unknown when nobody said.';
COMMENT ON COLUMN bi.monthly_topics_live.sentiment IS 'Sentiment of the contact; Unknown when nobody said.';
COMMENT ON COLUMN bi.monthly_topics_live.interactions IS 'Number of interactions. Adds up over all rows.';

COMMENT ON VIEW bi.customer_types_live IS 'Number of customers of each type, with and without interactions. True at any moment.';
COMMENT ON COLUMN bi.customer_types_live.customer_type IS 'Type of the customer; Unknown when nobody said.';
COMMENT ON COLUMN bi.customer_types_live.customers IS 'Number of customers.';

-- A twin means the same, at any moment.
DO $$
DECLARE
    twin record;
BEGIN
    FOR twin IN
        SELECT l.oid::regclass AS name, a.attname AS column_name, d.description
        FROM pg_class AS l
        INNER JOIN pg_class AS v ON v.relnamespace = l.relnamespace AND v.relname || '_live' = l.relname
        INNER JOIN pg_attribute AS a ON a.attrelid = v.oid AND a.attnum > 0
        INNER JOIN pg_description AS d
            ON d.classoid = 'pg_class'::regclass AND d.objoid = v.oid AND d.objsubid = a.attnum
        WHERE l.relnamespace = 'bi'::regnamespace AND EXISTS (
            SELECT FROM pg_attribute AS t WHERE t.attrelid = l.oid AND t.attname = a.attname
        )
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', twin.name, twin.column_name, twin.description);
    END LOOP;
    FOR twin IN
        SELECT l.oid::regclass AS name, obj_description(v.oid, 'pg_class') AS description
        FROM pg_class AS l
        INNER JOIN pg_class AS v ON v.relnamespace = l.relnamespace AND v.relname || '_live' = l.relname
        WHERE l.relnamespace = 'bi'::regnamespace
    LOOP
        EXECUTE format('COMMENT ON VIEW %s IS %L', twin.name, twin.description || ' True at any moment.');
    END LOOP;
END
$$;
COMMENT ON COLUMN bi.interactions_per_product_live.product IS 'Product discussed in the month; NULL when there was none.';

GRANT SELECT ON ALL TABLES IN SCHEMA bi TO rapport_analyst, rapport_bi;
