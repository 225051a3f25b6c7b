-- Materialized statistics in stats, and plain views over them in bi: materialized views are
-- missing from information_schema, so many BI tools would not list them.

CREATE SCHEMA stats;
CREATE SCHEMA bi;
COMMENT ON SCHEMA stats IS 'Materialized statistics. Read them through bi.';
COMMENT ON SCHEMA bi IS 'Statistics for BI tools, with the time of their last refresh.';

CREATE TABLE stats.refreshes (
    view_name text PRIMARY KEY,
    refreshed_at timestamptz NOT NULL
);
COMMENT ON TABLE stats.refreshes IS 'When each materialized view was last refreshed.';

CREATE MATERIALIZED VIEW stats.interactions_per_product AS
SELECT
    t.customer_type,
    p.product,
    count(a.interaction_id) AS interactions
FROM (SELECT DISTINCT coalesce(customer_type, 'Unknown') AS customer_type FROM crm.customers) AS t
CROSS JOIN (SELECT DISTINCT product FROM crm.products UNION ALL SELECT NULL) AS p
LEFT JOIN crm.attributed_interactions AS a
    ON t.customer_type = a.customer_type AND p.product IS NOT DISTINCT FROM a.product
GROUP BY t.customer_type, p.product;
CREATE UNIQUE INDEX interactions_per_product_key
ON stats.interactions_per_product (customer_type, product) NULLS NOT DISTINCT;

CREATE MATERIALIZED VIEW stats.monthly_activity AS
SELECT
    date_trunc('month', i.occurred_at)::date AS month,
    coalesce(i.channel, 'Unknown') AS channel,
    coalesce(c.customer_type, 'Unknown') AS customer_type,
    coalesce(i.sentiment, 'Unknown') AS sentiment,
    count(*) AS interactions,
    count(DISTINCT i.customer_id) AS customers
FROM crm.interactions AS i
INNER JOIN crm.customers AS c ON i.customer_id = c.customer_id
GROUP BY 1, 2, 3, 4;
CREATE UNIQUE INDEX monthly_activity_key
ON stats.monthly_activity (month, channel, customer_type, sentiment);

CREATE MATERIALIZED VIEW stats.topic_sentiment AS
SELECT
    coalesce(topic, 'Unknown') AS topic,
    coalesce(sentiment, 'Unknown') AS sentiment,
    count(*) AS interactions,
    count(DISTINCT customer_id) AS customers,
    max(occurred_at) AS last_interaction_at
FROM crm.interactions
GROUP BY 1, 2;
CREATE UNIQUE INDEX topic_sentiment_key ON stats.topic_sentiment (topic, sentiment);

CREATE MATERIALIZED VIEW stats.customer_overview AS
SELECT
    customer_id,
    occupation,
    coalesce(customer_type, 'Unknown') AS customer_type,
    is_placeholder,
    total_interactions,
    first_interaction_at,
    last_interaction_at,
    last_channel,
    last_topic,
    last_sentiment,
    most_frequent_channel,
    array_to_string(key_topics, '; ') AS key_topics
FROM crm.customer_activity;
CREATE UNIQUE INDEX customer_overview_key ON stats.customer_overview (customer_id);

CREATE MATERIALIZED VIEW stats.data_quality AS
SELECT
    coalesce(l.import_id, 0) AS import_id,
    coalesce(i.file_name, 'inherited database') AS file_name,
    i.imported_at,
    l.sheet,
    l.action,
    l.rule,
    count(*) AS entries
FROM crm.ledger AS l
LEFT JOIN crm.imports AS i ON l.import_id = i.import_id
GROUP BY 1, 2, 3, 4, 5, 6;
CREATE UNIQUE INDEX data_quality_key ON stats.data_quality (import_id, sheet, action, rule);

INSERT INTO stats.refreshes (view_name, refreshed_at)
SELECT matviewname, now() FROM pg_catalog.pg_matviews
WHERE schemaname = 'stats';

CREATE VIEW bi.interactions_per_product AS
SELECT s.customer_type, coalesce(s.product, '(unattributed)') AS product, s.interactions, r.refreshed_at
FROM stats.interactions_per_product AS s, stats.refreshes AS r
WHERE r.view_name = 'interactions_per_product';
COMMENT ON VIEW bi.interactions_per_product IS
'Interactions for each customer type and product, zeros included. An interaction belongs to the products discussed in its calendar month; in a month with two products it counts for each.';
COMMENT ON COLUMN bi.interactions_per_product.customer_type IS 'Type of the customer; Unknown when nobody said.';
COMMENT ON COLUMN bi.interactions_per_product.product IS 'Product discussed in the month; (unattributed) when there was none.';
COMMENT ON COLUMN bi.interactions_per_product.interactions IS 'Number of interactions.';
COMMENT ON COLUMN bi.interactions_per_product.refreshed_at IS 'When this view was last refreshed.';

CREATE VIEW bi.monthly_activity AS
SELECT s.month, s.channel, s.customer_type, s.sentiment, s.interactions, s.customers, r.refreshed_at
FROM stats.monthly_activity AS s, stats.refreshes AS r
WHERE r.view_name = 'monthly_activity';
COMMENT ON VIEW bi.monthly_activity IS 'Interactions for each month, channel, customer type and sentiment.';
COMMENT ON COLUMN bi.monthly_activity.month IS 'First day of the calendar month.';
COMMENT ON COLUMN bi.monthly_activity.channel IS 'How the contact took place; Unknown when nobody said.';
COMMENT ON COLUMN bi.monthly_activity.customer_type IS 'Type of the customer; Unknown when nobody said.';
COMMENT ON COLUMN bi.monthly_activity.sentiment IS 'Sentiment of the contact; Unknown when nobody said.';
COMMENT ON COLUMN bi.monthly_activity.interactions IS 'Number of interactions. Adds up over all rows.';
COMMENT ON COLUMN bi.monthly_activity.customers IS 'Number of different customers in this row. Does not add up over rows.';
COMMENT ON COLUMN bi.monthly_activity.refreshed_at IS 'When this view was last refreshed.';

CREATE VIEW bi.topic_sentiment AS
SELECT s.topic, s.sentiment, s.interactions, s.customers, s.last_interaction_at, r.refreshed_at
FROM stats.topic_sentiment AS s, stats.refreshes AS r
WHERE r.view_name = 'topic_sentiment';
COMMENT ON VIEW bi.topic_sentiment IS 'How customers feel about each topic.';
COMMENT ON COLUMN bi.topic_sentiment.topic IS 'Topic of the contact; Unknown when nobody said.';
COMMENT ON COLUMN bi.topic_sentiment.sentiment IS 'Sentiment of the contact; Unknown when nobody said.';
COMMENT ON COLUMN bi.topic_sentiment.interactions IS 'Number of interactions. Adds up over all rows.';
COMMENT ON COLUMN bi.topic_sentiment.customers IS 'Number of different customers in this row. Does not add up over rows.';
COMMENT ON COLUMN bi.topic_sentiment.last_interaction_at IS 'Time of the latest such interaction.';
COMMENT ON COLUMN bi.topic_sentiment.refreshed_at IS 'When this view was last refreshed.';

CREATE VIEW bi.customer_overview AS
SELECT
    s.customer_id, s.occupation, s.customer_type, s.is_placeholder, s.total_interactions,
    s.first_interaction_at, s.last_interaction_at, s.last_channel, s.last_topic, s.last_sentiment,
    s.most_frequent_channel, s.key_topics, r.refreshed_at
FROM stats.customer_overview AS s, stats.refreshes AS r
WHERE r.view_name = 'customer_overview';
COMMENT ON VIEW bi.customer_overview IS 'One row for each customer, also those without interactions.';
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
COMMENT ON COLUMN bi.customer_overview.refreshed_at IS 'When this view was last refreshed.';

CREATE VIEW bi.data_quality AS
SELECT s.import_id, s.file_name, s.imported_at, s.sheet, s.action, s.rule, s.entries, r.refreshed_at
FROM stats.data_quality AS s, stats.refreshes AS r
WHERE r.view_name = 'data_quality';
COMMENT ON VIEW bi.data_quality IS 'How many cells and rows each import had to repair, merge or reject, and by which rule.';
COMMENT ON COLUMN bi.data_quality.import_id IS 'Number of the import; 0 for the inherited tables.';
COMMENT ON COLUMN bi.data_quality.file_name IS 'Name of the imported file.';
COMMENT ON COLUMN bi.data_quality.imported_at IS 'When the file was imported.';
COMMENT ON COLUMN bi.data_quality.sheet IS 'Sheet of the workbook, or name of the CSV file.';
COMMENT ON COLUMN bi.data_quality.action IS 'repaired, inferred, split, merged, conflict, duplicate, placeholder, rejected or ambiguous.';
COMMENT ON COLUMN bi.data_quality.rule IS 'Name of the cleaning rule.';
COMMENT ON COLUMN bi.data_quality.entries IS 'Number of ledger entries.';
COMMENT ON COLUMN bi.data_quality.refreshed_at IS 'When this view was last refreshed.';
