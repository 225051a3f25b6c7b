-- The definitions that statistics, summaries and BI share, so that they cannot disagree.
-- They run with the rights of the reader: row-level security on the tables holds in them.

CREATE VIEW crm.attributed_interactions WITH (security_invoker = true) AS
SELECT
    i.interaction_id,
    i.customer_id,
    coalesce(c.customer_type, 'Unknown') AS customer_type,
    i.occurred_at,
    i.channel,
    i.topic,
    i.sentiment,
    date_trunc('month', i.occurred_at)::date AS month,
    p.product
FROM crm.interactions AS i
INNER JOIN crm.customers AS c ON i.customer_id = c.customer_id
LEFT JOIN crm.products AS p ON p.month = date_trunc('month', i.occurred_at)::date;
COMMENT ON VIEW crm.attributed_interactions IS
'Each interaction once for each product discussed in its calendar month; once with product NULL when there was none.';

CREATE VIEW crm.customer_activity WITH (security_invoker = true) AS
SELECT
    c.customer_id,
    c.occupation,
    c.customer_type,
    c.is_placeholder,
    coalesce(totals.total_interactions, 0) AS total_interactions,
    totals.first_interaction_at,
    latest.occurred_at AS last_interaction_at,
    latest.interaction_id AS last_interaction_id,
    latest.channel AS last_channel,
    latest.topic AS last_topic,
    latest.sentiment AS last_sentiment,
    channels.channel AS most_frequent_channel,
    coalesce(topics.key_topics, '{}') AS key_topics
FROM crm.customers AS c
LEFT JOIN LATERAL (
    SELECT count(*) AS total_interactions, min(i.occurred_at) AS first_interaction_at
    FROM crm.interactions AS i
    WHERE i.customer_id = c.customer_id
) AS totals ON true
LEFT JOIN LATERAL (
    SELECT i.*
    FROM crm.interactions AS i
    WHERE i.customer_id = c.customer_id
    ORDER BY i.occurred_at DESC, i.interaction_id DESC
    LIMIT 1
) AS latest ON true
LEFT JOIN LATERAL (
    SELECT i.channel
    FROM crm.interactions AS i
    WHERE i.customer_id = c.customer_id AND i.channel IS NOT NULL
    GROUP BY i.channel
    ORDER BY count(*) DESC, max(i.occurred_at) DESC, i.channel COLLATE "C"
    LIMIT 1
) AS channels ON true
LEFT JOIN LATERAL (
    SELECT array_agg(ranked.topic ORDER BY ranked.position) AS key_topics
    FROM (
        SELECT
            i.topic,
            row_number() OVER (ORDER BY count(*) DESC, max(i.occurred_at) DESC, i.topic COLLATE "C") AS position
        FROM crm.interactions AS i
        WHERE i.customer_id = c.customer_id AND i.topic IS NOT NULL
        GROUP BY i.topic
    ) AS ranked
    WHERE ranked.position <= 5
) AS topics ON true;
COMMENT ON VIEW crm.customer_activity IS
'One row for each customer: how often, when, how and about what. Ties: the most recently used first, then alphabetical.';

-- The inherited names stay readable, by everyone who could read the tables.
CREATE VIEW public.customers WITH (security_invoker = true) AS
SELECT customer_id, occupation, customer_type AS type
FROM crm.customers;
COMMENT ON VIEW public.customers IS 'The inherited name and columns of crm.customers, for programs that still read them.';

CREATE VIEW public.interactions WITH (security_invoker = true) AS
SELECT occurred_at AS date_start, channel AS interaction, customer_id AS customers
FROM crm.interactions;
COMMENT ON VIEW public.interactions IS 'The inherited name and columns of crm.interactions, for programs that still read them.';

CREATE VIEW public.products WITH (security_invoker = true) AS
SELECT to_char(month, 'MM-YYYY')::varchar(7) AS date, product
FROM crm.products;
COMMENT ON VIEW public.products IS 'The inherited name and columns of crm.products, for programs that still read them.';

DO $$
DECLARE
    reader record;
BEGIN
    FOR reader IN
        SELECT DISTINCT c.relname, r.rolname
        FROM pg_catalog.pg_class AS c
        CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) AS a
        INNER JOIN pg_catalog.pg_roles AS r ON r.oid = a.grantee
        WHERE c.oid IN ('crm.customers'::regclass, 'crm.interactions'::regclass, 'crm.products'::regclass)
            AND a.privilege_type = 'SELECT' AND r.rolname <> current_user
    LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA crm TO %I', reader.rolname);
        EXECUTE format('GRANT SELECT ON public.%I TO %I', reader.relname, reader.rolname);
    END LOOP;
END
$$;
