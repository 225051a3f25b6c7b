-- Finding the interactions that a question is about.

CREATE FUNCTION rapport.require_question(query text, k integer) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF query IS NULL THEN
        RAISE EXCEPTION 'query must not be null' USING ERRCODE = 'null_value_not_allowed';
    ELSIF query !~ '[[:alnum:]]' THEN
        RAISE EXCEPTION 'query "%" has no word', left(query, 100)
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Ask in words, for example: side effects at night.';
    ELSIF length(query) > 2000 THEN
        RAISE EXCEPTION 'query has % characters, and 2000 are allowed', length(query)
            USING ERRCODE = 'program_limit_exceeded';
    ELSIF k IS NULL OR k NOT BETWEEN 1 AND 1000 THEN
        RAISE EXCEPTION 'k must be between 1 and 1000, got "%"', coalesce(k::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
END
$$;
COMMENT ON FUNCTION rapport.require_question(text, integer) IS
'Raises 22023 for a question without a word or a k that is not 1 to 1000, 54000 for one of more than 2000 characters. Example: SELECT rapport.require_question(''side effects'', 10);';

CREATE TYPE rapport.weighed_words AS (words tsquery [], weights real [], any_of tsquery, half_of tsquery);
COMMENT ON TYPE rapport.weighed_words IS
'The words of a question, stemmed as English and without those that say nothing, with their weights; any_of is found where one of them is, half_of where there are words with half of the weight.';

CREATE FUNCTION rapport.weighed_words(query text) RETURNS rapport.weighed_words
LANGUAGE sql IMMUTABLE PARALLEL SAFE
-- Quoted by PostgreSQL itself, so that nothing in it is an operator but the ones put in here.
RETURN (
    SELECT
        ROW(
            w.words, w.weights, array_to_string(w.words, ' | ')::tsquery,
            rapport.half_of(w.words::text [], w.weights)::tsquery
        )::rapport.weighed_words
    FROM (
        SELECT
            array_agg(quote_literal(t.lexeme)::tsquery ORDER BY t.lexeme) AS words,
            array_agg(rapport.word_weight(t.lexeme) ORDER BY t.lexeme) AS weights
        FROM unnest(tsvector_to_array(to_tsvector('pg_catalog.english', query))) AS t (lexeme)
    ) AS w
);
COMMENT ON FUNCTION rapport.weighed_words(text) IS
'The words of a question and what each says; operators in it are words. Example: SELECT * FROM rapport.weighed_words(''side effects & "night"'');';

CREATE TYPE rapport.question_wishes AS (wants_recent boolean, sentiment text);
COMMENT ON TYPE rapport.question_wishes IS
'What a question asks for beside its subject: wants_recent, and the sentiment Positive or Negative, NULL when it asks for none.';

CREATE FUNCTION rapport.wishes_of(query text) RETURNS rapport.question_wishes
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN ROW(
    query ~* '\m(latest|last|recent|recently|newest|lately|currently|these days|this (week|month|year))\M',
    CASE
        WHEN query ~* '\m(complain\w*|unhappy|angry|dissatisf\w*|negative\w*|critici\w*|annoyed|worr\w+|upset)\M' THEN 'Negative'
        WHEN query ~* '\m(happy|pleased|satisfied|prais\w+|positive\w*|enthusias\w*|thank\w*)\M' THEN 'Positive'
    END
)::rapport.question_wishes;
COMMENT ON FUNCTION rapport.wishes_of(text) IS
'Whether a question asks for what is recent, and for a sentiment, told by its words. Example: SELECT * FROM rapport.wishes_of(''latest complaints about delivery'');';

CREATE TYPE rapport.relevant_interaction AS (
    interaction_id bigint,
    occurred_at timestamp,
    channel text,
    topic text,
    sentiment text,
    passage text,
    score real,
    vector_score real,
    text_score real,
    recency_score real,
    sentiment_score real
);
COMMENT ON TYPE rapport.relevant_interaction IS
'An interaction, the passage by which it was found, and why: score = 0.7 * vector_score + 0.3 * text_score, and 0.15 * recency_score and 0.15 * sentiment_score more where the question asks for them. vector_score is the cosine of the vectors from 0, text_score the part of the words of the question that the passage has, each weighing what rapport.word_weight says, recency_score 0.5 for each year before the latest interaction of the customer, sentiment_score 1 for the sentiment asked for; the last two are NULL where nobody asked.';

CREATE FUNCTION rapport.relevant_interactions(
    customer_id bigint, query text, k integer DEFAULT 10, filter rapport.search_filter DEFAULT NULL
)
RETURNS SETOF rapport.relevant_interaction
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
SET search_path = pg_catalog, pg_temp
-- Compiling takes longer than the query.
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    embedder text;
    question real [];
    asked rapport.weighed_words;
    wishes rapport.question_wishes;
    label_of_all text;
    occupation_of_all text;
BEGIN
    PERFORM rapport.require_customer(customer_id);
    PERFORM rapport.require_question(query, k);
    embedder := rapport.require_embedder();
    question := rapport.embed(query, embedder);
    asked := rapport.weighed_words(query);
    wishes := rapport.wishes_of(query);
    SELECT c.customer_type, c.occupation INTO label_of_all, occupation_of_all
    FROM crm.customers AS c WHERE c.customer_id = relevant_interactions.customer_id;

    -- All rows of the customer, each with its best passage: exact, however many others there are.
    RETURN QUERY
    WITH met AS MATERIALIZED (
        SELECT i.interaction_id, i.document_id, i.occurred_at, i.sentiment, max(i.occurred_at) OVER () AS latest_at
        FROM crm.interactions AS i
        WHERE i.customer_id = relevant_interactions.customer_id AND i.document_id IS NOT NULL
            -- The planner takes a condition of many parts for one that hardly any row meets, and a CASE not.
            AND CASE WHEN filter IS NULL THEN true
                ELSE rapport.passes(filter, label_of_all, occupation_of_all, i.channel, i.topic, i.sentiment, i.occurred_at)
            END
    ),

    best AS MATERIALIZED (
        SELECT DISTINCT ON (s.document_id) s.document_id, s.passage_id, s.vector_score, s.text_score
        FROM (
            SELECT
                p.document_id, p.passage_id,
                coalesce(CASE WHEN p.model = embedder
                    THEN greatest(0, -(p.embedding OPERATOR(public.<#>) question::public.vector))
                END, 0) AS vector_score,
                CASE WHEN p.words @@ (asked).any_of THEN (
                    SELECT sum(w.weight) FILTER (WHERE p.words @@ w.word) / sum(w.weight)
                    FROM unnest((asked).words, (asked).weights) AS w (word, weight)
                ) ELSE 0 END AS text_score
            FROM crm.passages AS p
            WHERE p.document_id IN (SELECT m.document_id FROM met AS m)
        ) AS s
        ORDER BY s.document_id, 0.7 * s.vector_score + 0.3 * s.text_score DESC, s.passage_id
    ),

    weighed AS (
        SELECT
            m.*, b.passage_id, b.vector_score, b.text_score,
            CASE WHEN wishes.wants_recent
                THEN 0.5 ^ (extract(epoch FROM m.latest_at - m.occurred_at) / 31557600.0)
            END AS recency_score,
            CASE WHEN wishes.sentiment IS NOT NULL
                THEN coalesce(lower(m.sentiment) = lower(wishes.sentiment), false)::integer
            END AS sentiment_score
        FROM met AS m
        INNER JOIN best AS b ON b.document_id = m.document_id
    ),

    ranked AS (
        SELECT
            s.*, row_number() OVER best_first AS by_score,
            row_number() OVER (PARTITION BY s.document_id ORDER BY s.score DESC, s.occurred_at DESC, s.interaction_id DESC)
                AS in_document
        FROM (
            SELECT
                w.*,
                0.7 * w.vector_score + 0.3 * w.text_score
                + 0.15 * coalesce(w.recency_score, 0) + 0.15 * coalesce(w.sentiment_score, 0) AS score
            FROM weighed AS w
        ) AS s
        WINDOW best_first AS (ORDER BY s.score DESC, s.occurred_at DESC, s.interaction_id DESC)
    ),

    -- The best, and the first of each of the best documents, so that there is something else to choose.
    placed AS MATERIALIZED (
        SELECT c.*, p.content, CASE WHEN p.model = embedder THEN p.embedding END AS embedding,
            row_number() OVER (ORDER BY c.by_score) AS place
        FROM (
            SELECT r.*, row_number() OVER (PARTITION BY r.in_document = 1 ORDER BY r.by_score) AS among_firsts
            FROM ranked AS r
        ) AS c
        INNER JOIN crm.passages AS p ON p.passage_id = c.passage_id
        WHERE c.by_score <= k OR (c.in_document = 1 AND c.among_firsts <= k)
    ),

    chosen AS (
        SELECT c.place, c.turn
        FROM (
            SELECT rapport.diverse(
                array_agg(p.score::real ORDER BY p.place),
                (
                    SELECT array_agg(
                        coalesce(
                            -- Squared: what is only near says something else.
                            CASE WHEN a.document_id = b.document_id THEN 1
                                ELSE (a.embedding OPERATOR(public.<#>) b.embedding) ^ 2 END, 0
                        )::real ORDER BY a.place, b.place
                    )
                    FROM placed AS a CROSS JOIN placed AS b
                    WHERE k <= 100
                ),
                0.65, k
            ) AS places
            FROM placed AS p
            WHERE k <= 100
        ) AS d
        CROSS JOIN LATERAL unnest(d.places) WITH ORDINALITY AS c (place, turn)
        UNION ALL
        -- Who asks for more than a hundred wants all, and comparing all with all would take long.
        SELECT p.place, p.place FROM placed AS p WHERE k > 100 AND p.by_score <= k
    )

    SELECT
        p.interaction_id, p.occurred_at, i.channel, i.topic, p.sentiment, p.content,
        p.score::real, p.vector_score::real, p.text_score::real, p.recency_score::real, p.sentiment_score::real
    FROM chosen AS c
    INNER JOIN placed AS p ON p.place = c.place
    INNER JOIN crm.interactions AS i ON i.interaction_id = p.interaction_id
    ORDER BY c.turn;
END
$$;
COMMENT ON FUNCTION rapport.relevant_interactions(bigint, text, integer, rapport.search_filter) IS
'The interactions of a customer that a question is about, the most relevant first, without repeating what was said already if k is at most 100; exact, by comparing all of them that a filter passes. Raises P0002 for an unknown customer, 22023 for an unusable question. Example: SELECT interaction_id, topic, score FROM rapport.relevant_interactions(1, ''how well does the drug work'', 3);';

CREATE FUNCTION rapport.least_confidence() RETURNS real
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 0.24::real;
COMMENT ON FUNCTION rapport.least_confidence() IS
'How near to a question something must come at least to answer it, as 0.7 * the cosine of the vectors + 0.3 * the part of the words: nineteen of twenty questions that rows answer have one with more (docs/retrieval.md). Example: SELECT rapport.least_confidence();';

REVOKE EXECUTE ON FUNCTION
rapport.least_confidence(),
rapport.require_question(text, integer), rapport.weighed_words(text), rapport.wishes_of(text),
rapport.relevant_interactions(bigint, text, integer, rapport.search_filter)
FROM PUBLIC;
