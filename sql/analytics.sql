-- What an analyst asks next: channels, sentiment, topics, reach, engagement. Whole months come from the
-- counts that triggers keep; days, weeks and months that a period cuts come from the rows, and so does
-- everything for a caller from whom row-level security hides rows.

CREATE FUNCTION rapport.require_bucket(bucket text) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF bucket IS NULL THEN
        RAISE EXCEPTION 'bucket must not be null' USING ERRCODE = 'null_value_not_allowed';
    ELSIF bucket NOT IN ('day', 'week', 'month', 'quarter', 'year') THEN
        RAISE EXCEPTION 'bucket "%" is unknown', bucket
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Choose day, week, month, quarter or year.';
    END IF;
END
$$;
COMMENT ON FUNCTION rapport.require_bucket(text) IS
'Raises 22023 unless a bucket of time is day, week, month, quarter or year. Example: SELECT rapport.require_bucket(''month'');';

CREATE FUNCTION rapport.periods_between(bucket text, first date, last date) RETURNS SETOF date
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
SELECT g.at::date
FROM generate_series(
    first::timestamp, last::timestamp,
    CASE bucket WHEN 'quarter' THEN interval '3 months' ELSE ('1 ' || bucket)::interval END
) AS g (at)
$$;
COMMENT ON FUNCTION rapport.periods_between(text, date, date) IS
'The first days of all periods from one to another. Example: SELECT rapport.periods_between(''quarter'', ''2020-01-01'', ''2020-12-31'');';

CREATE FUNCTION rapport.cut_ranges(since date, until date, whole rapport.whole_month_range) RETURNS tsrange []
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN (
    SELECT coalesce(array_agg(c.cut), '{}')
    FROM (
        SELECT
            coalesce(cut_ranges.since::timestamp, '-infinity') AS first,
            coalesce((cut_ranges.until + 1)::timestamp, 'infinity') AS beyond
    ) AS p
    CROSS JOIN LATERAL (VALUES
        (tsrange(p.first, least((whole).first_month::timestamp, p.beyond))),
        (tsrange(least((whole).end_month::timestamp, p.beyond), p.beyond))
    ) AS c (cut)
    WHERE NOT isempty(c.cut)
);
COMMENT ON FUNCTION rapport.cut_ranges(date, date, rapport.whole_month_range) IS
'The parts of a period that lie before and after its whole months. Example: SELECT rapport.cut_ranges(''2020-01-15'', ''2020-12-31'', rapport.whole_months(''2020-01-15'', ''2020-12-31''));';

CREATE TYPE rapport.activity_part AS (
    period date,
    channel text,
    customer_type text,
    sentiment text,
    interactions bigint,
    repaired bigint,
    conflicts bigint
);
COMMENT ON TYPE rapport.activity_part IS 'Interactions of one period, channel, customer type and sentiment, in parts to be summed up; how many of them were repaired, and how many another row contradicts.';

CREATE FUNCTION rapport.activity_between(bucket text, since date DEFAULT NULL, until date DEFAULT NULL)
RETURNS SETOF rapport.activity_part
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 1000 ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    whole rapport.whole_month_range := rapport.whole_months(since, until);
    cut tsrange;
BEGIN
    PERFORM rapport.require_schema();
    PERFORM rapport.require_bucket(bucket);
    PERFORM rapport.require_period(since, until);
    IF bucket IN ('day', 'week') OR NOT bi.sees_every_row() THEN
        whole := ('infinity', 'infinity');
    ELSE
        RETURN QUERY
        SELECT
            date_trunc(bucket, m.month::timestamp)::date, m.channel, m.customer_type, m.sentiment, m.interactions,
            m.repaired, m.conflicts
        FROM bi.monthly_activity_live AS m
        WHERE m.month >= whole.first_month AND m.month < whole.end_month;
    END IF;
    FOREACH cut IN ARRAY rapport.cut_ranges(since, until, whole) LOOP
        RETURN QUERY
        SELECT
            date_trunc(bucket, i.occurred_at)::date, rapport.counted_label(i.channel),
            rapport.counted_label(c.customer_type), rapport.counted_label(i.sentiment), count(*),
            count(*) FILTER (WHERE i.is_repaired), count(*) FILTER (WHERE i.has_conflict)
        FROM crm.interactions AS i
        INNER JOIN crm.customers AS c ON c.customer_id = i.customer_id
        WHERE i.occurred_at >= lower(cut) AND i.occurred_at < upper(cut)
        GROUP BY 1, 2, 3, 4;
    END LOOP;
END
$$;
COMMENT ON FUNCTION rapport.activity_between(text, date, date) IS
'Counts interactions by period, channel, customer type and sentiment, in parts to be summed up; both days of the period belong to it. Example: SELECT period, sum(interactions) FROM rapport.activity_between(''year'') GROUP BY period ORDER BY period;';

CREATE TYPE rapport.topic_part AS (
    period date,
    topic text,
    customer_type text,
    sentiment text,
    interactions bigint,
    repaired bigint,
    conflicts bigint
);
COMMENT ON TYPE rapport.topic_part IS 'Interactions of one period, topic, customer type and sentiment, in parts to be summed up; how many of them were repaired, and how many another row contradicts.';

CREATE FUNCTION rapport.topics_between(bucket text, since date DEFAULT NULL, until date DEFAULT NULL)
RETURNS SETOF rapport.topic_part
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 1000 ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    whole rapport.whole_month_range := rapport.whole_months(since, until);
    cut tsrange;
BEGIN
    PERFORM rapport.require_schema();
    PERFORM rapport.require_bucket(bucket);
    PERFORM rapport.require_period(since, until);
    IF bucket IN ('day', 'week') OR NOT bi.sees_every_row() THEN
        whole := ('infinity', 'infinity');
    ELSE
        RETURN QUERY
        SELECT
            date_trunc(bucket, m.month::timestamp)::date, m.topic, m.customer_type, m.sentiment, m.interactions,
            m.repaired, m.conflicts
        FROM bi.monthly_topics_live AS m
        WHERE m.month >= whole.first_month AND m.month < whole.end_month;
    END IF;
    FOREACH cut IN ARRAY rapport.cut_ranges(since, until, whole) LOOP
        RETURN QUERY
        SELECT
            date_trunc(bucket, i.occurred_at)::date, rapport.counted_label(i.topic),
            rapport.counted_label(c.customer_type), rapport.counted_label(i.sentiment), count(*),
            count(*) FILTER (WHERE i.is_repaired), count(*) FILTER (WHERE i.has_conflict)
        FROM crm.interactions AS i
        INNER JOIN crm.customers AS c ON c.customer_id = i.customer_id
        WHERE i.occurred_at >= lower(cut) AND i.occurred_at < upper(cut)
        GROUP BY 1, 2, 3, 4;
    END LOOP;
END
$$;
COMMENT ON FUNCTION rapport.topics_between(text, date, date) IS
'Counts interactions by period, topic, customer type and sentiment, in parts to be summed up; both days of the period belong to it. Example: SELECT topic, sum(interactions) FROM rapport.topics_between(''year'') GROUP BY topic ORDER BY 2 DESC, 1 LIMIT 3;';

CREATE TYPE rapport.channel_share AS (channel text, interactions bigint, share numeric(5, 2));
COMMENT ON TYPE rapport.channel_share IS 'How much a channel is used; share is in percent of the interactions that were counted.';

CREATE FUNCTION rapport.channel_mix(
    customer_type text DEFAULT NULL, since date DEFAULT NULL, until date DEFAULT NULL
) RETURNS SETOF rapport.channel_share
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 1000 ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT
        a.channel, sum(a.interactions)::bigint,
        round(100 * sum(a.interactions) / sum(sum(a.interactions)) OVER (), 2)::numeric(5, 2)
    FROM rapport.activity_between('month', channel_mix.since, channel_mix.until) AS a
    WHERE channel_mix.customer_type IS NULL OR a.customer_type = rapport.counted_label(channel_mix.customer_type)
    GROUP BY a.channel
    ORDER BY 2 DESC, a.channel COLLATE "C";
END
$$;
COMMENT ON FUNCTION rapport.channel_mix(text, date, date) IS
'How often each channel is used, and its share in percent, the most used first. The day "until" is included. Example: SELECT * FROM rapport.channel_mix(customer_type => ''Red'', since => ''2020-01-01'');';

CREATE TYPE rapport.sentiment_period AS (
    period date,
    interactions bigint,
    positive bigint,
    neutral bigint,
    negative bigint,
    other bigint,
    unknown bigint,
    net_sentiment numeric(4, 3)
);
COMMENT ON TYPE rapport.sentiment_period IS
'How customers felt in a period, named by its first day. net_sentiment = (positive - negative) / (positive + neutral + negative), from -1 to 1, NULL when nobody said.';

CREATE FUNCTION rapport.sentiment_trend(
    bucket text DEFAULT 'month', customer_type text DEFAULT NULL, since date DEFAULT NULL, until date DEFAULT NULL
) RETURNS SETOF rapport.sentiment_period
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 1000 ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH counted AS MATERIALIZED (
        SELECT a.period, lower(a.sentiment) AS sentiment, sum(a.interactions)::bigint AS interactions
        FROM rapport.activity_between(sentiment_trend.bucket, sentiment_trend.since, sentiment_trend.until) AS a
        WHERE sentiment_trend.customer_type IS NULL OR a.customer_type = rapport.counted_label(sentiment_trend.customer_type)
        GROUP BY 1, 2
    ),

    -- Also those without an interaction, so that a line in a chart comes down to zero.
    periods AS (
        SELECT p.period
        FROM (SELECT min(n.period) AS first, max(n.period) AS last FROM counted AS n) AS r
        CROSS JOIN LATERAL rapport.periods_between(sentiment_trend.bucket, r.first, r.last) AS p (period)
    )

    SELECT
        s.period, s.interactions, s.positive, s.neutral, s.negative,
        s.interactions - s.positive - s.neutral - s.negative - s.unknown, s.unknown,
        round((s.positive - s.negative)::numeric / nullif(s.positive + s.neutral + s.negative, 0), 3)::numeric(4, 3)
    FROM (
        SELECT
            p.period,
            coalesce(sum(n.interactions), 0)::bigint AS interactions,
            coalesce(sum(n.interactions) FILTER (WHERE n.sentiment = 'positive'), 0)::bigint AS positive,
            coalesce(sum(n.interactions) FILTER (WHERE n.sentiment = 'neutral'), 0)::bigint AS neutral,
            coalesce(sum(n.interactions) FILTER (WHERE n.sentiment = 'negative'), 0)::bigint AS negative,
            coalesce(sum(n.interactions) FILTER (WHERE n.sentiment = 'unknown'), 0)::bigint AS unknown
        FROM periods AS p
        LEFT JOIN counted AS n ON n.period = p.period
        GROUP BY p.period
    ) AS s
    ORDER BY s.period;
END
$$;
COMMENT ON FUNCTION rapport.sentiment_trend(text, text, date, date) IS
'How customers felt over time, by day, week (from Monday), month, quarter or year; periods without an interaction have zeros. Days and weeks are counted from the rows. Example: SELECT period, interactions, net_sentiment FROM rapport.sentiment_trend(''quarter'', since => ''2020-01-01'');';

CREATE TYPE rapport.topic_period AS (
    topic text,
    period date,
    interactions bigint,
    share numeric(5, 2),
    change bigint
);
COMMENT ON TYPE rapport.topic_period IS
'How often a topic came up in a period, named by its first day; share is in percent of all interactions of the period, change is against the period before.';

CREATE FUNCTION rapport.topic_trends(
    bucket text DEFAULT 'month', customer_type text DEFAULT NULL, since date DEFAULT NULL, until date DEFAULT NULL,
    topics integer DEFAULT 10
) RETURNS SETOF rapport.topic_period
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 1000 ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF topics IS NULL OR topics < 1 THEN
        RAISE EXCEPTION 'topics must be above zero, got "%"', topics USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN QUERY
    WITH counted AS MATERIALIZED (
        SELECT t.period, t.topic, sum(t.interactions)::bigint AS interactions
        FROM rapport.topics_between(topic_trends.bucket, topic_trends.since, topic_trends.until) AS t
        WHERE topic_trends.customer_type IS NULL OR t.customer_type = rapport.counted_label(topic_trends.customer_type)
        GROUP BY 1, 2
    ),

    chosen AS (
        SELECT n.topic, row_number() OVER (ORDER BY sum(n.interactions) DESC, n.topic COLLATE "C") AS place
        FROM counted AS n
        WHERE n.topic <> 'Unknown'
        GROUP BY n.topic
        ORDER BY place
        LIMIT topic_trends.topics
    ),

    periods AS (
        SELECT p.period
        FROM (SELECT min(n.period) AS first, max(n.period) AS last FROM counted AS n) AS r
        CROSS JOIN LATERAL rapport.periods_between(topic_trends.bucket, r.first, r.last) AS p (period)
    ),

    totals AS (
        SELECT n.period, sum(n.interactions) AS interactions FROM counted AS n GROUP BY n.period
    )

    SELECT
        c.topic, p.period, coalesce(n.interactions, 0),
        round(100 * coalesce(n.interactions, 0) / nullif(a.interactions, 0), 2)::numeric(5, 2),
        coalesce(n.interactions, 0) - lag(coalesce(n.interactions, 0)) OVER (PARTITION BY c.topic ORDER BY p.period)
    FROM chosen AS c
    CROSS JOIN periods AS p
    LEFT JOIN counted AS n ON n.topic = c.topic AND n.period = p.period
    LEFT JOIN totals AS a ON a.period = p.period
    ORDER BY c.place, p.period;
END
$$;
COMMENT ON FUNCTION rapport.topic_trends(text, text, date, date, integer) IS
'How often the most frequent topics came up over time, the most frequent first; periods without an interaction have zeros. Days and weeks are counted from the rows. Example: SELECT * FROM rapport.topic_trends(''year'', topics => 3);';

CREATE TYPE rapport.type_reach AS (
    customer_type text,
    customers bigint,
    customers_met bigint,
    share numeric(5, 2),
    interactions bigint,
    per_customer_met numeric(10, 2)
);
COMMENT ON TYPE rapport.type_reach IS
'How many customers of a type were met: share is customers_met in percent of customers, per_customer_met is interactions / customers_met.';

CREATE FUNCTION rapport.reach(since date DEFAULT NULL, until date DEFAULT NULL) RETURNS SETOF rapport.type_reach
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM rapport.require_schema();
    PERFORM rapport.require_period(since, until);
    RETURN QUERY
    SELECT
        rapport.counted_label(c.customer_type), count(*), count(m.interactions),
        round(100.0 * count(m.interactions) / count(*), 2)::numeric(5, 2),
        coalesce(sum(m.interactions), 0)::bigint,
        round(sum(m.interactions) / nullif(count(m.interactions), 0), 2)::numeric(10, 2)
    FROM crm.customers AS c
    LEFT JOIN (
        SELECT i.customer_id, count(*) AS interactions
        FROM crm.interactions AS i
        WHERE (reach.since IS NULL OR i.occurred_at >= reach.since)
            AND (reach.until IS NULL OR i.occurred_at < reach.until + 1)
        GROUP BY i.customer_id
    ) AS m ON m.customer_id = c.customer_id
    GROUP BY rapport.counted_label(c.customer_type)
    ORDER BY rapport.counted_label(c.customer_type) COLLATE "C";
END
$$;
COMMENT ON FUNCTION rapport.reach(date, date) IS
'How many customers of each type were met in a period, and how often; the day "until" is included. Counted from the rows. Example: SELECT * FROM rapport.reach(since => ''2020-01-01'', until => ''2020-12-31'');';

CREATE TYPE rapport.customer_engagement AS (
    customer_id bigint,
    customer_type text,
    last_interaction_on date,
    recency_days integer,
    interactions_in_year bigint,
    sentiment numeric(4, 3),
    score numeric(5, 1),
    segment text
);
COMMENT ON TYPE rapport.customer_engagement IS
'How close a customer is. recency_days is from the last interaction to the day asked for; interactions_in_year and sentiment (the mean of positive 1, neutral 0, negative -1; NULL when nobody said) are of the 365 days that end with it. score = 100 * (0.4 * greatest(0, 1 - recency_days / 365) + 0.4 * least(1, interactions_in_year / 12) + 0.2 * (sentiment + 1) / 2), with sentiment 0 when nobody said; 0 for a customer without interactions. segment: active up to 90 days, cooling up to 365, dormant beyond, never.';

CREATE FUNCTION rapport.engagement(
    as_of date DEFAULT current_date, customer_type text DEFAULT NULL
) RETURNS SETOF rapport.customer_engagement
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 10000 ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM rapport.require_schema();
    IF as_of IS NULL OR NOT isfinite(as_of) THEN
        RAISE EXCEPTION 'as_of must be a day, got "%"', as_of USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN QUERY
    WITH year AS (
        SELECT
            i.customer_id, count(*) AS interactions,
            round(avg(CASE lower(i.sentiment) WHEN 'positive' THEN 1 WHEN 'neutral' THEN 0 WHEN 'negative' THEN -1 END), 3)
                AS sentiment
        FROM crm.interactions AS i
        WHERE i.occurred_at >= engagement.as_of - 364 AND i.occurred_at < engagement.as_of + 1
        GROUP BY i.customer_id
    ),

    known AS (
        SELECT
            c.customer_id, rapport.counted_label(c.customer_type) AS customer_type, l.occurred_at::date AS last_on,
            engagement.as_of - l.occurred_at::date AS days, coalesce(y.interactions, 0) AS interactions, y.sentiment
        FROM crm.customers AS c
        LEFT JOIN year AS y ON y.customer_id = c.customer_id
        LEFT JOIN LATERAL (
            SELECT i.occurred_at
            FROM crm.interactions AS i
            WHERE i.customer_id = c.customer_id AND i.occurred_at < engagement.as_of + 1
            ORDER BY i.occurred_at DESC
            LIMIT 1
        ) AS l ON true
        WHERE engagement.customer_type IS NULL OR rapport.counted_label(c.customer_type) = rapport.counted_label(engagement.customer_type)
    )

    SELECT
        k.customer_id, k.customer_type, k.last_on, k.days, k.interactions, k.sentiment::numeric(4, 3),
        CASE WHEN k.last_on IS NULL THEN 0 ELSE round(100 * (
            0.4 * greatest(0, 1 - k.days / 365.0) + 0.4 * least(1, k.interactions / 12.0)
            + 0.2 * (coalesce(k.sentiment, 0) + 1) / 2
        ), 1) END::numeric(5, 1),
        CASE
            WHEN k.last_on IS NULL THEN 'never' WHEN k.days <= 90 THEN 'active' WHEN k.days <= 365 THEN 'cooling'
            ELSE 'dormant'
        END
    FROM known AS k
    ORDER BY 7 DESC, k.customer_id;
END
$$;
COMMENT ON FUNCTION rapport.engagement(date, text) IS
'How close each customer is on a day, by recency, frequency and sentiment, the closest first; what came later is left out. The type of the answer tells the formula. Example: SELECT customer_id, recency_days, score, segment FROM rapport.engagement(''2020-12-31'') LIMIT 5;';

REVOKE EXECUTE ON FUNCTION
rapport.require_bucket(text),
rapport.periods_between(text, date, date),
rapport.cut_ranges(date, date, rapport.whole_month_range),
rapport.activity_between(text, date, date),
rapport.topics_between(text, date, date),
rapport.channel_mix(text, date, date),
rapport.sentiment_trend(text, text, date, date),
rapport.topic_trends(text, text, date, date, integer),
rapport.reach(date, date),
rapport.engagement(date, text)
FROM PUBLIC;
