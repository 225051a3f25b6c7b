-- A history of :rows interactions over ten years, :per_customer for each customer, in the order in which
-- imports of ours store it.
INSERT INTO crm.customers (customer_id, occupation, customer_type)
SELECT n, 'Occupation ' || n % 40, 'Type ' || n % 5
FROM generate_series(1, :rows / :per_customer) AS n
ON CONFLICT DO NOTHING;

INSERT INTO crm.products (month, product)
SELECT m::date, 'Product ' || p
FROM generate_series(timestamp '2014-01-01', timestamp '2023-12-01', interval '1 month') AS m,
    generate_series(1, 6) AS p
WHERE extract(month FROM m)::integer % 6 = p - 1;

INSERT INTO crm.interactions (
    customer_id, occurred_at, channel, topic, sentiment, import_id, source_sheet, source_row
)
SELECT
    1 + n / :per_customer,
    timestamp '2014-01-01' + (n % :per_customer + hashint4(n)::bigint % 1000 / 1001.0 * 0.5 + 0.5) * interval '182 days'
        + n % 1440 * interval '1 minute',
    'Channel ' || abs(hashint4(n)) % 6, 'Topic ' || abs(hashint4(n + 1)) % 20,
    CASE abs(hashint4(n + 2)) % 4 WHEN 0 THEN NULL ELSE 'Sentiment ' || abs(hashint4(n + 2)) % 4 END,
    NULL, 'External Interactions', 2 + n
FROM generate_series(0, :rows - 1) AS n
ORDER BY 1, 2;
SELECT rapport.refresh_stats();
