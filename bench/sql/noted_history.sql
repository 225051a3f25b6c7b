-- :rows interactions of customers with 100 each, and 10 000 of ten customers with 1 000 each, whose notes are
-- three notes of the corpus of eval/ in a row. The passages of all of them are indexed at the end.
INSERT INTO crm.interactions (customer_id, occurred_at, channel, topic, sentiment, notes)
SELECT
    CASE WHEN n.row <= :rows THEN 1 + n.row % (:rows / 100) ELSE 40001 + n.row % 10 END,
    timestamp '2014-01-01' + n.row * interval '5 minutes', one.channel, one.topic, one.sentiment,
    one.notes || ' ' || two.notes || ' ' || three.notes
FROM generate_series(1, :rows + 10000) AS n (row)
CROSS JOIN (SELECT count(*) AS notes FROM bench.notes) AS all_of
-- Primes, so that no two rows have the same three.
INNER JOIN bench.notes AS one ON one.number = n.row::bigint * 7919 % all_of.notes
INNER JOIN bench.notes AS two ON two.number = (n.row::bigint * 104729 + n.row / 4999) % all_of.notes
INNER JOIN bench.notes AS three ON three.number = (n.row::bigint * 15485863 + n.row / 7001) % all_of.notes;
SELECT rapport.rebuild_passages();

-- The peer: a vector for each interaction, and one index over all of them.
CREATE TABLE bench.vectors AS
SELECT i.interaction_id, i.customer_id, p.embedding::vector(256) AS embedding
FROM crm.interactions AS i
INNER JOIN crm.passages AS p ON p.document_id = i.document_id AND p.part = 0;
CREATE INDEX ON bench.vectors USING hnsw (embedding vector_ip_ops);
