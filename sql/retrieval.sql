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

CREATE FUNCTION rapport.any_word(query text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE
-- Quoted by PostgreSQL itself, so that nothing in it is an operator but the ones put in here.
RETURN replace(plainto_tsquery('pg_catalog.english', query)::text, ' & ', ' | ')::tsquery;
COMMENT ON FUNCTION rapport.any_word(text) IS
'The words of a question, any of which may be there; operators in it are words. Example: SELECT rapport.any_word(''side effects & "night"'');';

CREATE FUNCTION rapport.word_coverage(words tsvector, asked tsquery []) RETURNS real
LANGUAGE sql IMMUTABLE PARALLEL SAFE
-- No search path, which would forbid inlining it into queries of many rows.
RETURN (
    SELECT (count(*) FILTER (WHERE words @@ a.word))::real / greatest(count(*), 1)
    FROM unnest(asked) AS a (word)
);
COMMENT ON FUNCTION rapport.word_coverage(tsvector, tsquery []) IS
'Which part of the words of a question a text has, from 0 to 1. Example: SELECT rapport.word_coverage(to_tsvector(''english'', ''nausea at night''), rapport.words_of(''nightly nausea''));';

CREATE FUNCTION rapport.words_of(query text) RETURNS tsquery []
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT coalesce(array_agg(quote_literal(w.lexeme)::tsquery), '{}')
    FROM unnest(tsvector_to_array(to_tsvector('pg_catalog.english', query))) AS w (lexeme)
);
COMMENT ON FUNCTION rapport.words_of(text) IS
'The words of a question, stemmed as English, without those that say nothing. Example: SELECT rapport.words_of(''side effects at night'');';

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
'An interaction, the passage by which it was found, and why: score = 0.7 * vector_score + 0.3 * text_score, and 0.15 * recency_score and 0.15 * sentiment_score more where the question asks for them. vector_score is the cosine of the vectors from 0, text_score the part of the words of the question that the passage has, recency_score 0.5 for each year before the latest interaction of the customer, sentiment_score 1 for the sentiment asked for; the last two are NULL where nobody asked.';

CREATE FUNCTION rapport.relevant_interactions(customer_id bigint, query text, k integer DEFAULT 10)
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
    asked tsquery [];
    wishes rapport.question_wishes;
BEGIN
    PERFORM rapport.require_customer(customer_id);
    PERFORM rapport.require_question(query, k);
    SELECT e.model INTO embedder FROM crm.current_embedder AS e;
    question := rapport.embed(query, embedder);
    asked := rapport.words_of(query);
    wishes := rapport.wishes_of(query);

    -- All rows of the customer, each with its best passage: exact, however many others there are.
    RETURN QUERY
    WITH met AS MATERIALIZED (
        SELECT
            i.interaction_id, i.occurred_at, i.channel, i.topic, i.sentiment,
            crm.document_key(i.topic, i.notes) AS document_id, max(i.occurred_at) OVER () AS latest_at
        FROM crm.interactions AS i
        WHERE i.customer_id = relevant_interactions.customer_id
    ),

    said AS MATERIALIZED (
        SELECT
            p.document_id, p.content, p.embedding,
            greatest(0, -(p.embedding OPERATOR(public.<#>) question::public.vector)) AS vector_score, p.text_score
        FROM (
            SELECT
                t.document_id, t.content, rapport.word_coverage(t.words, asked) AS text_score,
                CASE WHEN t.model = embedder THEN t.embedding END AS embedding
            FROM crm.passages AS t
            WHERE t.document_id IN (SELECT m.document_id FROM met AS m)
        ) AS p
    ),

    best AS MATERIALIZED (
        SELECT DISTINCT ON (s.document_id)
            s.document_id, s.content, s.embedding, coalesce(s.vector_score, 0) AS vector_score, s.text_score
        FROM said AS s
        ORDER BY s.document_id, 0.7 * coalesce(s.vector_score, 0) + 0.3 * s.text_score DESC
    ),

    weighed AS (
        SELECT
            m.*, b.content, b.embedding, b.vector_score, b.text_score,
            CASE WHEN wishes.wants_recent
                THEN 0.5 ^ (extract(epoch FROM m.latest_at - m.occurred_at) / 31557600.0)
            END AS recency_score,
            CASE WHEN wishes.sentiment IS NOT NULL
                THEN coalesce(lower(m.sentiment) = lower(wishes.sentiment), false)::integer
            END AS sentiment_score
        FROM met AS m
        INNER JOIN best AS b ON b.document_id = m.document_id
    ),

    scored AS MATERIALIZED (
        SELECT
            w.*,
            0.7 * w.vector_score + 0.3 * w.text_score
            + 0.15 * coalesce(w.recency_score, 0) + 0.15 * coalesce(w.sentiment_score, 0) AS score
        FROM weighed AS w
    ),

    ranked AS (
        SELECT
            s.*, row_number() OVER best_first AS by_score,
            row_number() OVER (PARTITION BY s.document_id ORDER BY s.score DESC, s.occurred_at DESC, s.interaction_id DESC)
                AS in_document
        FROM scored AS s
        WINDOW best_first AS (ORDER BY s.score DESC, s.occurred_at DESC, s.interaction_id DESC)
    ),

    -- The best, and the first of each of the best documents, so that there is something else to choose.
    placed AS MATERIALIZED (
        SELECT c.*, row_number() OVER (ORDER BY c.by_score) AS place
        FROM (
            SELECT r.*, row_number() OVER (PARTITION BY r.in_document = 1 ORDER BY r.by_score) AS among_firsts
            FROM ranked AS r
        ) AS c
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
                ),
                0.65, k
            ) AS places
            FROM placed AS p
        ) AS d
        CROSS JOIN LATERAL unnest(d.places) WITH ORDINALITY AS c (place, turn)
    )

    SELECT
        p.interaction_id, p.occurred_at, p.channel, p.topic, p.sentiment, p.content,
        p.score::real, p.vector_score::real, p.text_score::real, p.recency_score::real, p.sentiment_score::real
    FROM chosen AS c
    INNER JOIN placed AS p ON p.place = c.place
    ORDER BY c.turn;
END
$$;
COMMENT ON FUNCTION rapport.relevant_interactions(bigint, text, integer) IS
'The interactions of a customer that a question is about, the most relevant first, without repeating what was said already; exact, by comparing all of them. Raises P0002 for an unknown customer, 22023 for an unusable question. Example: SELECT interaction_id, topic, score FROM rapport.relevant_interactions(1, ''how well does the drug work'', 3);';

REVOKE EXECUTE ON FUNCTION
rapport.require_question(text, integer), rapport.any_word(text), rapport.words_of(text),
rapport.word_coverage(tsvector, tsquery []), rapport.wishes_of(text),
rapport.relevant_interactions(bigint, text, integer)
FROM PUBLIC;
