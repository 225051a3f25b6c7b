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
    word_coverage real,
    vector_rank integer,
    text_rank integer
);
COMMENT ON TYPE rapport.found_interaction IS
'An interaction and why it was found: score = 1 / (20 + vector_rank) + 2 * word_coverage / (20 + text_rank), a rank that is NULL adding nothing (reciprocal rank fusion, Cormack et al. 2009, with the second ranking weighted). The ranks are places of what it says among the texts nearest in meaning, and among those that have at least half of the question''s words; similarity is the cosine of the vectors, word_coverage the part of the words, each weighing what rapport.word_weight says; snippet has them between **.';

CREATE TYPE rapport.near_passage AS (passage_id bigint, document_id uuid, similarity real);
COMMENT ON TYPE rapport.near_passage IS 'A passage, and the cosine between its vector and that of a question.';

CREATE FUNCTION rapport.nearest_passages(
    question real [], embedder text, source text, documents uuid [], filter rapport.search_filter, places integer,
    by_index boolean
) RETURNS SETOF rapport.near_passage
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 10000 ROWS 100
SET search_path = pg_catalog, pg_temp
SET jit = off
-- Nearer neighbours than pgvector looks for by default, and more of them where a filter passes few.
SET hnsw.ef_search = 400
SET hnsw.iterative_scan = 'relaxed_order'
AS $$
DECLARE
    exact CONSTANT text := 'p.embedding OPERATOR(public.<#>) $1::public.vector';
    -- The index has numbers of half the size; what it finds is compared exactly.
    indexed CONSTANT text := format(
        '(p.embedding::public.halfvec(%1$s)) OPERATOR(public.<#>) $1::public.halfvec(%1$s)', cardinality(question)
    );
    by_index_leg CONSTANT text := format(
        '(SELECT p.passage_id, p.document_id, %s AS distance FROM %s AS p '
        'WHERE p.model = %L AND p.embedding IS NOT NULL AND NOT p.is_fresh ORDER BY %s LIMIT %s)',
        exact, source, embedder, indexed, places
    );
    -- One of each document, so that a long one does not take all places.
    one_by_one CONSTANT text := format(
        'SELECT DISTINCT ON (p.document_id) p.passage_id, p.document_id, %s AS distance FROM %s AS p '
        'WHERE p.model = %L AND p.embedding IS NOT NULL %s ORDER BY p.document_id, distance, p.passage_id',
        exact, source, embedder, CASE WHEN by_index THEN 'AND p.is_fresh' ELSE '' END
    );
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT n.passage_id, n.document_id, -n.distance::real FROM (%s(%s)) AS n ORDER BY n.distance, n.passage_id LIMIT %s',
        CASE WHEN by_index THEN by_index_leg || ' UNION ALL ' ELSE '' END, one_by_one, places
    ) USING question, documents, filter;
END
$$;
COMMENT ON FUNCTION rapport.nearest_passages(real [], text, text, uuid [], rapport.search_filter, integer, boolean) IS
'The passages of a source (a table or a subquery) whose vectors are nearest to that of a question, the nearest first: by the index of the vectors and, for those that are not in it, one by one; or all one by one. Example: SELECT * FROM rapport.nearest_passages(rapport.embed(''price''), ''static/1'', ''crm.passages'', NULL, NULL, 3, true);';

CREATE TYPE rapport.worded_passage AS (passage_id bigint, document_id uuid, word_coverage real);
COMMENT ON TYPE rapport.worded_passage IS 'A passage, and the part of the words of a question that it has, by their weight.';

CREATE FUNCTION rapport.worded_passages(
    asked rapport.weighed_words, question real [], embedder text, source text, documents uuid [],
    filter rapport.search_filter, places integer
) RETURNS SETOF rapport.worded_passage
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 10000 ROWS 100
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
DECLARE
    found text;
BEGIN
    SELECT string_agg(format('CASE WHEN p.words @@ %L::tsquery THEN %s ELSE 0 END', w.word, w.weight), ' + ') INTO found
    FROM unnest((asked).words, (asked).weights) AS w (word, weight);
    IF found IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format($statement$
        SELECT d.passage_id, d.document_id, d.coverage
        FROM (
            -- One of each document, so that a long one does not take all places.
            SELECT DISTINCT ON (w.document_id) w.*
            FROM (
                SELECT
                    p.passage_id, p.document_id, ((%s) / %s)::real AS coverage,
                    CASE WHEN p.model = %L THEN p.embedding OPERATOR(public.<#>) $1::public.vector END AS distance
                FROM %s AS p
                WHERE p.words @@ %L::tsquery
                OFFSET 0
            ) AS w
            WHERE w.coverage >= 0.5
            ORDER BY w.document_id, w.coverage DESC, w.distance, w.passage_id
        ) AS d
        ORDER BY d.coverage DESC, d.distance, d.passage_id
        LIMIT %s
        $statement$,
        found, (SELECT sum(w.weight) FROM unnest((asked).weights) AS w (weight)), embedder, source, (asked).half_of, places
    ) USING question, documents, filter;
END
$$;
COMMENT ON FUNCTION rapport.worded_passages(
    rapport.weighed_words, real [], text, text, uuid [], rapport.search_filter, integer
) IS
'The passages of a source (a table or a subquery), that have at least half of the words of a question by their weight; more words first, then the nearest in meaning. Example: SELECT * FROM rapport.worded_passages(rapport.weighed_words(''side effects''), NULL, ''static/1'', ''crm.passages'', NULL, NULL, 3);';

CREATE FUNCTION rapport.search_interactions(
    query text, k integer DEFAULT 10,
    customer_type text DEFAULT NULL, occupation text DEFAULT NULL, channel text DEFAULT NULL,
    topic text DEFAULT NULL, sentiment text DEFAULT NULL, product text DEFAULT NULL,
    since date DEFAULT NULL, until date DEFAULT NULL, min_similarity real DEFAULT NULL
) RETURNS SETOF rapport.found_interaction
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 20000 ROWS 10
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    -- A filter or a policy that passes so few texts has them compared one by one: no index would come to all.
    few CONSTANT integer := 20000;
    -- Texts of each ranking.
    places integer;
    is_filtered boolean;
    filter rapport.search_filter;
    embedder text;
    question real [];
    asked rapport.weighed_words;
    source text;
    documents uuid [];
    near rapport.near_passage [];
    text record;
    shown_passage record;
    snippet text;
    missing integer := k;
    shown integer;
BEGIN
    PERFORM rapport.require_schema();
    PERFORM rapport.require_question(query, k);
    IF min_similarity NOT BETWEEN -1 AND 1 THEN
        RAISE EXCEPTION 'min_similarity must be between -1 and 1, got "%"', min_similarity
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    filter := rapport.search_filter_of(customer_type, occupation, channel, topic, sentiment, product, since, until);
    embedder := rapport.require_embedder();
    question := rapport.embed(query, embedder);
    asked := rapport.weighed_words(query);
    places := greatest(100, 2 * k);
    is_filtered := row_security_active('crm.interactions') OR row_security_active('crm.customers')
        OR num_nonnulls(customer_type, occupation, channel, topic, sentiment, product, since, until) > 0;
    source := rapport.passages_to_read();

    -- Where the passages are, as a table p; $2 are documents, $3 is the filter.
    IF is_filtered THEN
        documents := ARRAY(
            SELECT DISTINCT i.document_id
            FROM crm.interactions AS i
            INNER JOIN crm.customers AS c ON c.customer_id = i.customer_id
            WHERE i.document_id IS NOT NULL
                AND rapport.passes(filter, c.customer_type, c.occupation, i.channel, i.topic, i.sentiment, i.occurred_at)
            LIMIT few + 1
        );
        IF cardinality(documents) > few THEN
            documents := NULL;
            source := format($source$(
                SELECT p.* FROM %s AS p
                WHERE EXISTS (
                    SELECT FROM crm.interactions AS i
                    INNER JOIN crm.customers AS c ON c.customer_id = i.customer_id
                    WHERE i.document_id = p.document_id
                        AND rapport.passes($3, c.customer_type, c.occupation, i.channel, i.topic, i.sentiment, i.occurred_at)
                )
            )$source$, source);
        ELSE
            -- Not the index of the vectors, which would be asked for one passage after the other.
            source := format('(SELECT p.* FROM %s AS p WHERE p.document_id = ANY ($2) OFFSET 0)', source);
        END IF;
    END IF;

    IF question IS NOT NULL THEN
        -- The index is asked for passages. When long texts have taken the places, it is asked for more.
        FOR widening IN 0..3 LOOP
            near := ARRAY(
                SELECT n FROM rapport.nearest_passages(
                    question, embedder, source, documents, filter, (places * 8 ^ widening)::integer, documents IS NULL
                ) AS n
            );
            EXIT WHEN documents IS NOT NULL OR cardinality(near) < places * 8 ^ widening
                OR (SELECT count(DISTINCT n.document_id) FROM unnest(near) AS n) >= least(2 * k, places);
        END LOOP;
        IF is_filtered AND documents IS NULL AND cardinality(near) < places THEN
            -- pgvector has ended the search (hnsw.max_scan_tuples); the rest is looked for without it.
            near := ARRAY(
                SELECT n FROM rapport.nearest_passages(question, embedder, source, documents, filter, places, false) AS n
            );
        END IF;
    END IF;

    FOR text IN
        WITH legs AS (
            SELECT
                n.document_id, n.passage_id, n.similarity, NULL::real AS coverage, n.ordinality AS near_place,
                NULL::bigint AS word_place
            FROM unnest(near) WITH ORDINALITY AS n
            UNION ALL
            SELECT w.document_id, w.passage_id, NULL, w.word_coverage, NULL, w.ordinality
            FROM rapport.worded_passages(asked, question, embedder, source, documents, filter, places) WITH ORDINALITY AS w
        ),

        said AS (
            SELECT
                l.document_id, max(l.similarity) AS similarity, coalesce(max(l.coverage), 0) AS coverage,
                min(l.near_place) AS near_place, min(l.word_place) AS word_place,
                -- The one with the words is shown.
                (array_agg(l.passage_id ORDER BY l.word_place, l.near_place))[1] AS passage_id
            FROM legs AS l
            GROUP BY l.document_id
        ),

        ranked AS (
            SELECT
                s.document_id, s.passage_id, s.similarity, s.coverage,
                CASE WHEN s.near_place IS NOT NULL THEN row_number() OVER (ORDER BY s.near_place) END AS vector_rank,
                CASE WHEN s.word_place IS NOT NULL THEN row_number() OVER (ORDER BY s.word_place) END AS text_rank
            FROM said AS s
        )

        SELECT
            r.*, coalesce(1.0 / (20 + r.vector_rank), 0) + coalesce(2 * r.coverage / (20 + r.text_rank), 0) AS score
        FROM ranked AS r
        ORDER BY score DESC, r.vector_rank, r.text_rank
    LOOP
        SELECT
            p.content,
            coalesce(
                text.similarity,
                CASE WHEN p.model = embedder THEN -(p.embedding OPERATOR(public.<#>) question::public.vector) END
            ) AS similarity
        INTO STRICT shown_passage
        FROM crm.passages AS p
        WHERE p.passage_id = text.passage_id;
        CONTINUE WHEN min_similarity IS NOT NULL AND coalesce(shown_passage.similarity, -2) < min_similarity;
        snippet := coalesce(
            ts_headline(
                'pg_catalog.english', shown_passage.content, (asked).any_of,
                'StartSel=**, StopSel=**, MaxWords=40, MinWords=15'
            ),
            left(shown_passage.content, 200)
        );
        RETURN QUERY
        SELECT
            i.interaction_id, i.customer_id, coalesce(c.customer_type, 'Unknown'), i.occurred_at, i.channel, i.topic,
            i.sentiment, snippet, text.score::real, shown_passage.similarity::real, text.coverage::real,
            text.vector_rank::integer, text.text_rank::integer
        FROM crm.interactions AS i
        INNER JOIN crm.customers AS c ON c.customer_id = i.customer_id
        WHERE i.document_id = text.document_id
            AND rapport.passes(filter, c.customer_type, c.occupation, i.channel, i.topic, i.sentiment, i.occurred_at)
        ORDER BY i.occurred_at DESC, i.interaction_id DESC
        LIMIT missing;
        GET DIAGNOSTICS shown = ROW_COUNT;
        missing := missing - shown;
        EXIT WHEN missing = 0;
    END LOOP;
END
$$;
COMMENT ON FUNCTION rapport.search_interactions(text, integer, text, text, text, text, text, text, date, date, real) IS
'The interactions of all customers that a question is about, by meaning and by words; of those that say the same, the latest first. What passes filters is compared one by one when it is at most 20000 texts. An occupation passes those that end with its words too: "nurse" a practice nurse. min_similarity leaves out what is less near, also where it has the words. The day "until" is included. Raises 22023 for an unusable question. Example: SELECT customer_id, occurred_at, snippet, score FROM rapport.search_interactions(''side effects'', 3, customer_type => ''Red'');';

REVOKE EXECUTE ON FUNCTION
rapport.nearest_passages(real [], text, text, uuid [], rapport.search_filter, integer, boolean),
rapport.worded_passages(rapport.weighed_words, real [], text, text, uuid [], rapport.search_filter, integer),
rapport.search_interactions(text, integer, text, text, text, text, text, text, date, date, real)
FROM PUBLIC;
