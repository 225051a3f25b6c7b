-- The same statistics as materialized views over the rows, as one makes them without counts.
CREATE SCHEMA bench;

CREATE MATERIALIZED VIEW bench.interactions_per_product AS
SELECT a.customer_type, a.product, count(*) AS interactions
FROM crm.attributed_interactions AS a
GROUP BY a.customer_type, a.product;
CREATE UNIQUE INDEX ON bench.interactions_per_product (customer_type, product) NULLS NOT DISTINCT;

CREATE MATERIALIZED VIEW bench.monthly_activity AS
SELECT
    date_trunc('month', i.occurred_at)::date AS month, coalesce(i.channel, 'Unknown') AS channel,
    coalesce(c.customer_type, 'Unknown') AS customer_type, coalesce(i.sentiment, 'Unknown') AS sentiment,
    count(*) AS interactions
FROM crm.interactions AS i
INNER JOIN crm.customers AS c ON i.customer_id = c.customer_id
GROUP BY 1, 2, 3, 4;
CREATE UNIQUE INDEX ON bench.monthly_activity (month, channel, customer_type, sentiment);

CREATE MATERIALIZED VIEW bench.topic_sentiment AS
SELECT
    coalesce(topic, 'Unknown') AS topic, coalesce(sentiment, 'Unknown') AS sentiment,
    count(*) AS interactions
FROM crm.interactions
GROUP BY 1, 2;
CREATE UNIQUE INDEX ON bench.topic_sentiment (topic, sentiment);

-- The query by which the counts are counted anew: the fastest that we know.
CREATE MATERIALIZED VIEW bench.customer_overview AS
SELECT a.* FROM stats.activity_of(NULL) AS a;
CREATE UNIQUE INDEX ON bench.customer_overview (customer_id);
