-- Finding interactions among those of all customers: by the meaning of a question and by its words, the
-- two rankings fused.

CREATE TYPE rapport.found_interaction AS (
    interaction_id bigint,
    customer_id bigint,
    customer_type text,
    occurred_at timestamp,
    channel text,
    topic text,
    sentiment text,
    snippet text,
    score real,
    similarity real,
    vector_rank integer,
    text_rank integer
);
COMMENT ON TYPE rapport.found_interaction IS
'An interaction and why it was found: score = 1 / (60 + vector_rank) + coverage / (60 + text_rank), a rank that is NULL adding nothing (reciprocal rank fusion, Cormack et al. 2009); coverage is the part of the words of the question that the passage has. The ranks are places of its passage among those nearest in meaning and among those with the words; similarity is the cosine of the vectors; snippet has the words of the question between **.';

CREATE FUNCTION rapport.search_interactions(
    query text, k integer DEFAULT 10,
    customer_type text DEFAULT NULL, channel text DEFAULT NULL, topic text DEFAULT NULL,
    sentiment text DEFAULT NULL, product text DEFAULT NULL, since date DEFAULT NULL, until date DEFAULT NULL,
    min_similarity real DEFAULT 0
) RETURNS SETOF rapport.found_interaction
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 20000 ROWS 10
SET search_path = pg_catalog, pg_temp
SET jit = off
-- Nearer neighbours than pgvector looks for by default, and more of them where a filter passes few.
SET hnsw.ef_search = 100
SET hnsw.iterative_scan = 'relaxed_order'
AS $$
#variable_conflict use_column
DECLARE
    -- A filter that passes so few documents has them compared one by one: no index would come to all.
    few CONSTANT integer := 20000;
    -- Places of each ranking that are fused.
    places integer;
    is_filtered CONSTANT boolean := num_nonnulls(customer_type, channel, topic, sentiment, product, since, until) > 0;
    embedder text;
    dimensions integer;
    question real [];
    all_words tsquery;
    any_words tsquery;
    passing text;
    documents uuid [];
    source text;
BEGIN
    PERFORM rapport.require_schema();
    PERFORM rapport.require_question(query, k);
    PERFORM rapport.require_period(since, until);
    places := greatest(50, 2 * k);
    IF min_similarity IS NULL OR min_similarity NOT BETWEEN -1 AND 1 THEN
        RAISE EXCEPTION 'min_similarity must be between -1 and 1, got "%"', coalesce(min_similarity::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT e.model, m.dimensions INTO embedder, dimensions
    FROM crm.current_embedder AS e
    INNER JOIN rapport.embedders() AS m ON m.model = e.model;
    question := rapport.embed(query, embedder);
    all_words := websearch_to_tsquery('pg_catalog.english', query);
    any_words := rapport.any_word(query);

    -- What filters let pass, as a condition on i (interactions) and c (customers).
    passing := $condition$
        ($3 IS NULL OR rapport.counted_label(c.customer_type) = rapport.counted_label($3))
        AND ($4 IS NULL OR lower(i.channel) = lower($4)) AND ($5 IS NULL OR lower(i.topic) = lower($5))
        AND ($6 IS NULL OR lower(i.sentiment) = lower($6))
        AND ($7 IS NULL OR EXISTS (
            SELECT FROM crm.products AS r
            WHERE r.month = date_trunc('month', i.occurred_at)::date AND r.product = $7
        ))
        AND ($8 IS NULL OR i.occurred_at >= $8) AND ($9 IS NULL OR i.occurred_at < $9 + 1)
    $condition$;
    source := 'crm.passages AS p WHERE true';
    IF is_filtered THEN
        EXECUTE format($statement$
            SELECT array_agg(d.document_id)
            FROM (
                SELECT DISTINCT crm.document_key(i.topic, i.notes) AS document_id
                FROM crm.interactions AS i
                INNER JOIN crm.customers AS c ON c.customer_id = i.customer_id
                WHERE %s
                LIMIT %s
            ) AS d
            $statement$, passing, few + 1
        ) INTO documents USING query, k, customer_type, channel, topic, sentiment, product, since, until;
        IF cardinality(documents) > few THEN
            source := source || format($condition$ AND EXISTS (
                SELECT FROM crm.interactions AS i
                INNER JOIN crm.customers AS c ON c.customer_id = i.customer_id
                WHERE crm.document_key(i.topic, i.notes) = p.document_id AND %s
            )$condition$, passing);
        ELSE
            -- Not the index of the vectors: it is asked for one passage after the other.
            source := '(SELECT t.* FROM crm.passages AS t WHERE t.document_id = ANY ($13) OFFSET 0) AS p WHERE true';
        END IF;
    END IF;

    RETURN QUERY EXECUTE format($statement$
        WITH nearest AS MATERIALIZED (
            SELECT n.*
            FROM (
                SELECT
                    p.document_id, p.part,
                    (p.embedding::public.vector(%1$s)) OPERATOR(public.<#>) $10::public.vector(%1$s) AS distance
                FROM %2$s AND p.model = %3$L AND NOT p.is_fresh AND p.embedding IS NOT NULL AND $10 IS NOT NULL
                ORDER BY (p.embedding::public.vector(%1$s)) OPERATOR(public.<#>) $10::public.vector(%1$s)
                LIMIT %4$s
            ) AS n
            UNION ALL
            -- Those that are not in the index, one by one.
            SELECT n.*
            FROM (
                SELECT
                    p.document_id, p.part,
                    (p.embedding::public.vector(%1$s)) OPERATOR(public.<#>) $10::public.vector(%1$s) AS distance
                FROM %2$s AND p.model = %3$L AND p.is_fresh AND p.embedding IS NOT NULL AND $10 IS NOT NULL
                ORDER BY distance
                LIMIT %4$s
            ) AS n
        ),

        near AS MATERIALIZED (
            SELECT n.document_id, n.part, row_number() OVER (ORDER BY n.distance, n.document_id, n.part) AS place
            FROM nearest AS n
            ORDER BY place
            LIMIT %4$s
        ),

        -- Passages with all words come before those with some.
        worded AS MATERIALIZED (
            SELECT
                w.document_id, w.part, w.coverage,
                row_number() OVER (ORDER BY w.has_all DESC, w.coverage DESC, w.rank DESC, w.document_id, w.part) AS place
            FROM (
                SELECT
                    p.document_id, p.part, p.words @@ $11 AS has_all, rapport.word_coverage(p.words, $15) AS coverage,
                    ts_rank_cd(p.words, $12) AS rank
                FROM %2$s AND p.words @@ $12
                ORDER BY has_all DESC, coverage DESC, rank DESC, p.document_id, p.part
                LIMIT %4$s
            ) AS w
        ),

        fused AS (
            SELECT
                f.document_id, f.part, min(f.near_place) AS near_place, min(f.word_place) AS word_place,
                sum(f.weight / (60 + coalesce(f.near_place, f.word_place))) AS score
            FROM (
                SELECT n.document_id, n.part, n.place AS near_place, NULL::bigint AS word_place, 1.0 AS weight
                FROM near AS n
                UNION ALL
                SELECT w.document_id, w.part, NULL, w.place, w.coverage FROM worded AS w
            ) AS f
            GROUP BY f.document_id, f.part
        ),

        -- A document counts by its best passage.
        documents AS MATERIALIZED (
            SELECT DISTINCT ON (f.document_id)
                f.*, p.content,
                CASE WHEN p.model = %3$L THEN -(p.embedding OPERATOR(public.<#>) $10::public.vector) END AS similarity
            FROM fused AS f
            INNER JOIN crm.passages AS p ON p.document_id = f.document_id AND p.part = f.part
            ORDER BY f.document_id, f.score DESC, f.part
        )

        SELECT
            i.interaction_id, i.customer_id, coalesce(i.customer_type, 'Unknown'), i.occurred_at, i.channel, i.topic,
            i.sentiment,
            ts_headline('pg_catalog.english', d.content, $12, 'StartSel=**, StopSel=**, MaxWords=40, MinWords=15'),
            d.score::real, d.similarity::real, d.near_place::integer, d.word_place::integer
        FROM documents AS d
        CROSS JOIN LATERAL (
            SELECT i.interaction_id, i.customer_id, c.customer_type, i.occurred_at, i.channel, i.topic, i.sentiment
            FROM crm.interactions AS i
            INNER JOIN crm.customers AS c ON c.customer_id = i.customer_id
            WHERE crm.document_key(i.topic, i.notes) = d.document_id AND %5$s
            ORDER BY i.occurred_at DESC, i.interaction_id DESC
            LIMIT $2
        ) AS i
        WHERE coalesce(d.similarity, 0) >= $14
        ORDER BY d.score DESC, i.occurred_at DESC, i.interaction_id DESC
        LIMIT $2
        $statement$, dimensions, source, embedder, places, passing
    ) USING query, k, customer_type, channel, topic, sentiment, product, since, until, question, all_words, any_words,
        documents, min_similarity, rapport.words_of(query);
END
$$;
COMMENT ON FUNCTION rapport.search_interactions(text, integer, text, text, text, text, text, date, date, real) IS
'The interactions of all customers that a question is about, by meaning and by words; of those that say the same, the latest first. Filters lose nothing: what passes them is found however rare it is. The day "until" is included. Raises 22023 for an unusable question. Example: SELECT customer_id, occurred_at, snippet, score FROM rapport.search_interactions(''side effects'', 3, customer_type => ''Red'');';

REVOKE EXECUTE ON FUNCTION
rapport.search_interactions(text, integer, text, text, text, text, text, date, date, real)
FROM PUBLIC;
