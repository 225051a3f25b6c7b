-- One statement from staged text to clean rows, as somebody who knows PostgreSQL would write it:
-- expressions are guarded by cheap ones, because most cells are clean.

WITH folded AS MATERIALIZED (
    SELECT
        line,
        bench.fold(date_start) AS date_start,
        nullif(bench.fold(interaction), '') AS channel,
        bench.fold(customers) AS customers,
        nullif(bench.fold(topic), '') AS topic,
        nullif(bench.fold(sentiment), '') AS sentiment
    FROM bench.staging
),

cleaned AS MATERIALIZED (
    SELECT
        f.line, c.position, f.channel, f.topic, f.sentiment, f.date_start, f.customers,
        substring(c.customer FROM '[0-9]+')::bigint AS customer_id,
        CASE
            WHEN f.date_start ~ '^(0?[1-9]|1\d|2[0-8])/(0?[1-9]|1[0-2])/\d{4} ([01]?\d|2[0-3]):[0-5]\d$'
                THEN to_timestamp(f.date_start, 'DD/MM/YYYY HH24:MI')::timestamp
            WHEN f.date_start ~ '^(29|30|31)/(0?[1-9]|1[0-2])/\d{4} ([01]?\d|2[0-3]):[0-5]\d$'
                AND split_part(f.date_start, '/', 1)::integer <= extract(day FROM
                    to_date(substring(f.date_start FROM 4 FOR 7), 'MM/YYYY') + interval '1 month - 1 day')
                THEN to_timestamp(f.date_start, 'DD/MM/YYYY HH24:MI')::timestamp
        END AS occurred_at
    FROM folded AS f
    LEFT JOIN LATERAL unnest(
        CASE WHEN f.customers ~ '^[0-9]+$' THEN ARRAY[f.customers]
        ELSE regexp_split_to_array(f.customers, '[,;]| and ') END
    ) WITH ORDINALITY AS c (customer, position) ON true
),

refused AS (
    INSERT INTO bench.rejects (line, reason, date_start, interaction, customers)
    SELECT
        line, CASE WHEN occurred_at IS NULL THEN 'no readable date' ELSE 'no customer id' END,
        date_start, channel, customers
    FROM cleaned
    WHERE occurred_at IS NULL OR customer_id IS NULL
)

INSERT INTO crm.interactions (
    customer_id, occurred_at, channel, topic, sentiment, import_id, source_sheet, source_row
)
SELECT DISTINCT ON (customer_id, occurred_at, lower(channel))
    customer_id, occurred_at, channel, topic, sentiment, :import_id, 'interactions', line + 1
FROM cleaned
WHERE occurred_at IS NOT NULL AND customer_id IS NOT NULL
ORDER BY customer_id, occurred_at, lower(channel), line, position;
