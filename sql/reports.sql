-- Statistics as programs fetch them: pages of JSON, and files for spreadsheet programs. Each answer says
-- as of when it is true, how interactions belong to products, and how far they can be trusted.

CREATE FUNCTION rapport.page_key(statistic text, VARIADIC keys text []) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN translate(encode(convert_to(to_jsonb(statistic || keys)::text, 'UTF8'), 'base64'), E'+/=\n', '-_');
COMMENT ON FUNCTION rapport.page_key(text, text []) IS
'The key of the last row of a page of a statistic, as a word that needs no quoting in a URL. Example: SELECT rapport.page_key(''topics'', ''Drug Efficacy'');';

CREATE FUNCTION rapport.read_page_key(page_key text, statistic text, keys integer, first_key text DEFAULT '') RETURNS text []
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- Four labels of 200 characters, each of them escaped.
    longest CONSTANT integer := 20000;
    read text [];
BEGIN
    IF length(page_key) <= longest THEN
        BEGIN
            SELECT array_agg(k.value ORDER BY k.place) INTO read
            FROM jsonb_array_elements_text(
                convert_from(
                    decode(rpad(translate(page_key, '-_', '+/'), (length(page_key) + 3) / 4 * 4, '='), 'base64'), 'UTF8'
                )::jsonb
            ) WITH ORDINALITY AS k (value, place);
        EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
            read := NULL;
        END;
    END IF;
    IF page_key IS NOT NULL AND (
        cardinality(read) IS DISTINCT FROM keys + 1 OR read[1] IS DISTINCT FROM statistic
        OR array_position(read, NULL) IS NOT NULL OR read[2] !~ first_key
    ) THEN
        RAISE EXCEPTION 'after "%" is not the end of a page of this statistic', left(page_key, 100)
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Take it from next_after of the page before.';
    END IF;
    RETURN read[2:];
END
$$;
COMMENT ON FUNCTION rapport.read_page_key(text, text, integer, text) IS
'The keys in a page_key of a statistic; NULL for NULL. Raises 22023 unless it is one, with so many keys, the first of which matches a regular expression. Example: SELECT rapport.read_page_key(rapport.page_key(''topics'', ''Drug Efficacy''), ''topics'', 1);';

CREATE FUNCTION rapport.require_page(max_rows integer) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF max_rows IS NULL OR max_rows NOT BETWEEN 1 AND 10000 THEN
        RAISE EXCEPTION 'a page has 1 to 10000 rows, not "%"', coalesce(max_rows::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
END
$$;
COMMENT ON FUNCTION rapport.require_page(integer) IS
'Raises 22023 unless a page has 1 to 10000 rows. Example: SELECT rapport.require_page(100);';

CREATE TYPE rapport.month_activity AS (
    month date,
    channel text,
    customer_type text,
    sentiment text,
    interactions bigint,
    unattributed bigint,
    repaired bigint,
    conflicts bigint
);
COMMENT ON TYPE rapport.month_activity IS
'Interactions of one month, channel, customer type and sentiment: how many of them lie in a month without a product, were repaired, and are contradicted by another row.';

CREATE FUNCTION rapport.monthly_activity(
    customer_type text DEFAULT NULL, channel text DEFAULT NULL, sentiment text DEFAULT NULL,
    product text DEFAULT NULL, since date DEFAULT NULL, until date DEFAULT NULL
) RETURNS SETOF rapport.month_activity
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 2000 ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT
        a.period, a.channel, a.customer_type, a.sentiment, sum(a.interactions)::bigint,
        CASE
            WHEN EXISTS (SELECT FROM crm.products AS p WHERE p.month = a.period) THEN 0
            ELSE sum(a.interactions)
        END::bigint,
        sum(a.repaired)::bigint, sum(a.conflicts)::bigint
    FROM rapport.activity_between('month', monthly_activity.since, monthly_activity.until) AS a
    WHERE (monthly_activity.customer_type IS NULL OR a.customer_type = rapport.counted_label(monthly_activity.customer_type))
        AND (monthly_activity.channel IS NULL OR a.channel = rapport.counted_label(monthly_activity.channel))
        AND (monthly_activity.sentiment IS NULL OR a.sentiment = rapport.counted_label(monthly_activity.sentiment))
        AND (monthly_activity.product IS NULL OR EXISTS (
            SELECT FROM crm.products AS p WHERE p.month = a.period AND p.product = monthly_activity.product
        ))
    GROUP BY a.period, a.channel, a.customer_type, a.sentiment
    ORDER BY a.period, a.channel COLLATE "C", a.customer_type COLLATE "C", a.sentiment COLLATE "C";
END
$$;
COMMENT ON FUNCTION rapport.monthly_activity(text, text, text, text, date, date) IS
'Interactions for each month, channel, customer type and sentiment; with a product only those of its months. The day "until" is included, and a month that the period cuts is counted in part. Example: SELECT month, sum(interactions) FROM rapport.monthly_activity(channel => ''Call'', since => ''2020-01-01'') GROUP BY month ORDER BY month;';

CREATE FUNCTION rapport.monthly_activity_report(
    customer_type text DEFAULT NULL, channel text DEFAULT NULL, sentiment text DEFAULT NULL,
    product text DEFAULT NULL, since date DEFAULT NULL, until date DEFAULT NULL,
    after text DEFAULT NULL, max_rows integer DEFAULT 1000
) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 3000
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
AS $$
#variable_conflict use_column
DECLARE
    last_key text [];
    last_month date;
    report jsonb;
BEGIN
    PERFORM rapport.require_page(max_rows);
    last_key := rapport.read_page_key(after, 'monthly_activity', 4, '^\d{4,7}-\d\d-\d\d( BC)?$');
    last_month := last_key[1];
    WITH found AS MATERIALIZED (
        SELECT m.*
        FROM rapport.monthly_activity(
            monthly_activity_report.customer_type, monthly_activity_report.channel,
            monthly_activity_report.sentiment, monthly_activity_report.product,
            monthly_activity_report.since, monthly_activity_report.until
        ) AS m
    ),

    following AS (
        SELECT
            f.*, count(*) OVER () AS rows,
            row_number() OVER (
                ORDER BY f.month, f.channel COLLATE "C", f.customer_type COLLATE "C", f.sentiment COLLATE "C"
            ) AS place
        FROM found AS f
        WHERE last_key IS NULL
            OR (f.month, f.channel COLLATE "C", f.customer_type COLLATE "C", f.sentiment COLLATE "C")
            > (last_month, last_key[2], last_key[3], last_key[4])
    ),

    page AS (
        SELECT
            coalesce(jsonb_agg(to_jsonb(f) - ARRAY['place', 'rows'] ORDER BY f.place), '[]') AS activity,
            min(rapport.page_key('monthly_activity', f.month::text, f.channel, f.customer_type, f.sentiment))
                FILTER (WHERE f.place = max_rows AND f.rows > max_rows) AS next_after
        FROM following AS f
        WHERE f.place <= max_rows
    )

    SELECT jsonb_build_object(
        'as_of', statement_timestamp(), 'attribution', 'month',
        'total_interactions', t.interactions, 'unattributed', t.unattributed,
        'data_quality', jsonb_build_object(
            'interactions', t.interactions, 'repaired', t.repaired, 'conflicts', t.conflicts
        ),
        'activity', page.activity,
        'next_after', page.next_after
    ) INTO report
    FROM page
    CROSS JOIN (
        SELECT
            coalesce(sum(f.interactions), 0) AS interactions, coalesce(sum(f.unattributed), 0) AS unattributed,
            coalesce(sum(f.repaired), 0) AS repaired, coalesce(sum(f.conflicts), 0) AS conflicts
        FROM found AS f
    ) AS t;
    RETURN report;
END
$$;
COMMENT ON FUNCTION rapport.monthly_activity_report(text, text, text, text, date, date, text, integer) IS
'A page of monthly_activity as one JSON document, with the totals of all pages; next_after is the "after" of the next page, NULL on the last. Example: SELECT jsonb_pretty(rapport.monthly_activity_report(channel => ''Call'', max_rows => 3));';

CREATE FUNCTION rapport.monthly_activity_csv(
    customer_type text DEFAULT NULL, channel text DEFAULT NULL, sentiment text DEFAULT NULL,
    product text DEFAULT NULL, since date DEFAULT NULL, until date DEFAULT NULL
) RETURNS SETOF text
LANGUAGE sql STABLE PARALLEL RESTRICTED COST 3000 ROWS 1000
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
AS $$
SELECT rapport.csv_line(
    'month', 'channel', 'customer_type', 'sentiment', 'interactions', 'unattributed', 'repaired', 'conflicts',
    'attribution', 'as_of'
)
UNION ALL
SELECT rapport.csv_line(
    m.month::text, m.channel, m.customer_type, m.sentiment, m.interactions::text, m.unattributed::text,
    m.repaired::text, m.conflicts::text, 'month', to_jsonb(statement_timestamp()) #>> '{}'
)
FROM rapport.monthly_activity(customer_type, channel, sentiment, product, since, until) AS m
$$;
COMMENT ON FUNCTION rapport.monthly_activity_csv(text, text, text, text, date, date) IS
'monthly_activity as the lines of a CSV file with a header, safe to open in a spreadsheet program. Example: SELECT rapport.monthly_activity_csv(channel => ''Call'');';

CREATE TYPE rapport.topic_sentiment AS (
    topic text,
    interactions bigint,
    positive bigint,
    neutral bigint,
    negative bigint,
    other bigint,
    unknown bigint,
    net_sentiment numeric(4, 3),
    last_month date,
    unattributed bigint,
    repaired bigint,
    conflicts bigint
);
COMMENT ON TYPE rapport.topic_sentiment IS
'How customers feel about a topic: net_sentiment = (positive - negative) / (positive + neutral + negative), NULL when nobody said; last_month is that of the latest such interaction.';

CREATE FUNCTION rapport.topic_sentiments(
    topic text DEFAULT NULL, customer_type text DEFAULT NULL, product text DEFAULT NULL,
    since date DEFAULT NULL, until date DEFAULT NULL
) RETURNS SETOF rapport.topic_sentiment
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 2000 ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT
        s.topic, s.interactions, s.positive, s.neutral, s.negative,
        s.interactions - s.positive - s.neutral - s.negative - s.unknown, s.unknown,
        round((s.positive - s.negative)::numeric / nullif(s.positive + s.neutral + s.negative, 0), 3)::numeric(4, 3),
        s.last_month, s.unattributed, s.repaired, s.conflicts
    FROM (
        SELECT
            t.topic,
            sum(t.interactions)::bigint AS interactions,
            coalesce(sum(t.interactions) FILTER (WHERE lower(t.sentiment) = 'positive'), 0)::bigint AS positive,
            coalesce(sum(t.interactions) FILTER (WHERE lower(t.sentiment) = 'neutral'), 0)::bigint AS neutral,
            coalesce(sum(t.interactions) FILTER (WHERE lower(t.sentiment) = 'negative'), 0)::bigint AS negative,
            coalesce(sum(t.interactions) FILTER (WHERE lower(t.sentiment) = 'unknown'), 0)::bigint AS unknown,
            max(t.period) AS last_month,
            coalesce(sum(t.interactions) FILTER (
                WHERE NOT EXISTS (SELECT FROM crm.products AS p WHERE p.month = t.period)
            ), 0)::bigint AS unattributed,
            sum(t.repaired)::bigint AS repaired,
            sum(t.conflicts)::bigint AS conflicts
        FROM rapport.topics_between('month', topic_sentiments.since, topic_sentiments.until) AS t
        WHERE (topic_sentiments.topic IS NULL OR t.topic = rapport.counted_label(topic_sentiments.topic))
            AND (topic_sentiments.customer_type IS NULL OR t.customer_type = rapport.counted_label(topic_sentiments.customer_type))
            AND (topic_sentiments.product IS NULL OR EXISTS (
                SELECT FROM crm.products AS p WHERE p.month = t.period AND p.product = topic_sentiments.product
            ))
        GROUP BY t.topic
    ) AS s
    ORDER BY s.interactions DESC, s.topic COLLATE "C";
END
$$;
COMMENT ON FUNCTION rapport.topic_sentiments(text, text, text, date, date) IS
'How often each topic came up and how customers felt about it, the most frequent first; with a product only in its months. The day "until" is included. Example: SELECT topic, interactions, net_sentiment FROM rapport.topic_sentiments(customer_type => ''Red'');';

CREATE FUNCTION rapport.topics_report(
    topic text DEFAULT NULL, customer_type text DEFAULT NULL, product text DEFAULT NULL,
    since date DEFAULT NULL, until date DEFAULT NULL, after text DEFAULT NULL, max_rows integer DEFAULT 1000
) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 3000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    last_key text;
    report jsonb;
BEGIN
    PERFORM rapport.require_page(max_rows);
    last_key := (rapport.read_page_key(after, 'topics', 1))[1];
    WITH found AS MATERIALIZED (
        SELECT t.*
        FROM rapport.topic_sentiments(
            topics_report.topic, topics_report.customer_type, topics_report.product, topics_report.since,
            topics_report.until
        ) AS t
    ),

    -- By name: a place by number would move while somebody turns the pages.
    following AS (
        SELECT f.*, row_number() OVER (ORDER BY f.topic COLLATE "C") AS place, count(*) OVER () AS rows
        FROM found AS f
        WHERE last_key IS NULL OR f.topic COLLATE "C" > last_key COLLATE "C"
    ),

    page AS (
        SELECT
            coalesce(jsonb_agg(to_jsonb(f) - ARRAY['place', 'rows'] ORDER BY f.place), '[]') AS topics,
            min(rapport.page_key('topics', f.topic))
                FILTER (WHERE f.place = max_rows AND f.rows > max_rows) AS next_after
        FROM following AS f
        WHERE f.place <= max_rows
    )

    SELECT jsonb_build_object(
        'as_of', statement_timestamp(), 'attribution', 'month',
        'total_interactions', t.interactions, 'unattributed', t.unattributed,
        'data_quality', jsonb_build_object(
            'interactions', t.interactions, 'repaired', t.repaired, 'conflicts', t.conflicts
        ),
        'topics', page.topics,
        'next_after', page.next_after
    ) INTO report
    FROM page
    CROSS JOIN (
        SELECT
            coalesce(sum(f.interactions), 0) AS interactions, coalesce(sum(f.unattributed), 0) AS unattributed,
            coalesce(sum(f.repaired), 0) AS repaired, coalesce(sum(f.conflicts), 0) AS conflicts
        FROM found AS f
    ) AS t;
    RETURN report;
END
$$;
COMMENT ON FUNCTION rapport.topics_report(text, text, text, date, date, text, integer) IS
'A page of topic_sentiments, by the name of the topic, as one JSON document with the totals of all pages; next_after is the "after" of the next page, NULL on the last. Example: SELECT jsonb_pretty(rapport.topics_report(customer_type => ''Red'', max_rows => 3));';

CREATE FUNCTION rapport.topics_csv(
    topic text DEFAULT NULL, customer_type text DEFAULT NULL, product text DEFAULT NULL,
    since date DEFAULT NULL, until date DEFAULT NULL
) RETURNS SETOF text
LANGUAGE sql STABLE PARALLEL RESTRICTED COST 3000 ROWS 100
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
AS $$
SELECT rapport.csv_line(
    'topic', 'interactions', 'positive', 'neutral', 'negative', 'other', 'unknown', 'last_month', 'unattributed',
    'repaired', 'conflicts', 'attribution', 'as_of', 'net_sentiment'
)
UNION ALL
SELECT rapport.csv_line(
    t.topic, t.interactions::text, t.positive::text, t.neutral::text, t.negative::text, t.other::text,
    t.unknown::text, t.last_month::text, t.unattributed::text, t.repaired::text, t.conflicts::text, 'month',
    to_jsonb(statement_timestamp()) #>> '{}'
)
-- Not as a text, which a minus in front would make a formula.
|| concat(',', t.net_sentiment)
FROM rapport.topic_sentiments(topic, customer_type, product, since, until) AS t
$$;
COMMENT ON FUNCTION rapport.topics_csv(text, text, text, date, date) IS
'topic_sentiments as the lines of a CSV file with a header, safe to open in a spreadsheet program. Example: SELECT rapport.topics_csv(customer_type => ''Red'');';

CREATE FUNCTION rapport.interactions_per_product_csv(
    customer_type text DEFAULT NULL, product text DEFAULT NULL, since date DEFAULT NULL, until date DEFAULT NULL
) RETURNS SETOF text
LANGUAGE sql STABLE PARALLEL RESTRICTED COST 3000 ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
SELECT rapport.csv_line(
    'customer_type', 'product', 'interactions', 'repaired', 'conflicts', 'attribution', 'as_of'
)
UNION ALL
SELECT rapport.csv_line(
    m.customer_type, coalesce(m.product, '(unattributed)'), m.interactions::text, m.repaired::text,
    m.conflicts::text, 'month', to_jsonb(statement_timestamp()) #>> '{}'
)
FROM rapport.product_matrix(customer_type, product, since, until) AS m
$$;
COMMENT ON FUNCTION rapport.interactions_per_product_csv(text, text, date, date) IS
'interactions_per_product as the lines of a CSV file with a header, safe to open in a spreadsheet program; the product (unattributed) stands for months without one. Example: SELECT rapport.interactions_per_product_csv(customer_type => ''Red'');';

CREATE FUNCTION rapport.customer_report(customer_id bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 2000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    report jsonb;
BEGIN
    PERFORM rapport.require_customer(customer_id);
    WITH months AS MATERIALIZED (
        SELECT date_trunc('month', i.occurred_at)::date AS month, count(*) AS interactions
        FROM crm.interactions AS i
        WHERE i.customer_id = customer_report.customer_id
        GROUP BY 1
    ),

    attributed AS (
        SELECT p.product, sum(m.interactions) AS interactions
        FROM months AS m
        LEFT JOIN crm.products AS p ON p.month = m.month
        GROUP BY p.product
    )

    SELECT jsonb_build_object(
        'as_of', statement_timestamp(), 'attribution', 'month',
        'unattributed', n.unattributed, 'counted_again', n.counted - s.total_interactions,
        'data_quality', rapport.customer_data_quality(customer_report.customer_id),
        'products', n.products
    ) || to_jsonb(s) INTO report
    FROM rapport.customer_statistics(customer_report.customer_id) AS s
    CROSS JOIN (
        SELECT
            coalesce(sum(a.interactions), 0) AS counted,
            coalesce(sum(a.interactions) FILTER (WHERE a.product IS NULL), 0) AS unattributed,
            coalesce(
                jsonb_agg(
                    jsonb_build_object('product', a.product, 'interactions', a.interactions)
                    ORDER BY a.product COLLATE "C"
                ) FILTER (WHERE a.product IS NOT NULL), '[]'
            ) AS products
        FROM attributed AS a
    ) AS n;
    RETURN report;
END
$$;
COMMENT ON FUNCTION rapport.customer_report(bigint) IS
'customer_statistics as one JSON document, with the products discussed in the months of the interactions; products and unattributed add up to total_interactions + counted_again. Raises P0002 for an unknown customer. Example: SELECT jsonb_pretty(rapport.customer_report(1));';

CREATE FUNCTION rapport.customer_csv(customer_id bigint) RETURNS SETOF text
LANGUAGE sql STABLE PARALLEL RESTRICTED COST 3000 ROWS 2
SET search_path = pg_catalog, pg_temp
AS $$
SELECT rapport.csv_line(
    'customer_id', 'occupation', 'customer_type', 'is_placeholder', 'total_interactions', 'first_interaction_at',
    'last_interaction_at', 'last_channel', 'last_topic', 'last_sentiment', 'most_frequent_channel', 'key_topics',
    'products', 'unattributed', 'counted_again', 'repaired', 'conflicts', 'attribution', 'as_of'
)
UNION ALL
SELECT rapport.csv_line(
    r.report ->> 'customer_id', r.report ->> 'occupation', r.report ->> 'customer_type',
    r.report ->> 'is_placeholder', r.report ->> 'total_interactions', r.report ->> 'first_interaction_at',
    r.report ->> 'last_interaction_at', r.report ->> 'last_channel', r.report ->> 'last_topic',
    r.report ->> 'last_sentiment', r.report ->> 'most_frequent_channel',
    (SELECT string_agg(t.topic, '; ' ORDER BY t.place) FROM jsonb_array_elements_text(r.report -> 'key_topics') WITH ORDINALITY AS t (topic, place)),
    (
        SELECT string_agg(format('%s: %s', p.value ->> 'product', p.value ->> 'interactions'), '; ' ORDER BY p.place)
        FROM jsonb_array_elements(r.report -> 'products') WITH ORDINALITY AS p (value, place)
    ),
    r.report ->> 'unattributed', r.report ->> 'counted_again', r.report #>> '{data_quality,repaired}',
    r.report #>> '{data_quality,conflicts}',
    r.report ->> 'attribution', r.report ->> 'as_of'
)
FROM rapport.customer_report(customer_id) AS r (report)
$$;
COMMENT ON FUNCTION rapport.customer_csv(bigint) IS
'customer_report as the lines of a CSV file with a header, safe to open in a spreadsheet program. Raises P0002 for an unknown customer. Example: SELECT rapport.customer_csv(1);';

REVOKE EXECUTE ON FUNCTION
rapport.page_key(text, text []), rapport.read_page_key(text, text, integer, text), rapport.require_page(integer),
rapport.monthly_activity(text, text, text, text, date, date),
rapport.monthly_activity_report(text, text, text, text, date, date, text, integer),
rapport.monthly_activity_csv(text, text, text, text, date, date),
rapport.topic_sentiments(text, text, text, date, date),
rapport.topics_report(text, text, text, date, date, text, integer),
rapport.topics_csv(text, text, text, date, date),
rapport.interactions_per_product_csv(text, text, date, date),
rapport.customer_report(bigint),
rapport.customer_csv(bigint)
FROM PUBLIC;
