-- How good the retrieval is, by questions of which somebody has said what they should find.

CREATE TYPE rapport.retrieval_quality AS (
    class text,
    leg text,
    questions bigint,
    recall_at_5 numeric(4, 3),
    mrr numeric(4, 3),
    ndcg_at_10 numeric(4, 3)
);
COMMENT ON TYPE rapport.retrieval_quality IS
'How well questions of a class were answered by a leg: fused is the answer, vector and words are its two rankings alone. recall_at_5 = hits among the first five / least(5, relevant); mrr = 1 / place of the first hit; ndcg_at_10 has the gain 2^grade - 1.';

CREATE FUNCTION rapport.evaluate_retrieval(questions jsonb, import_id bigint) RETURNS SETOF rapport.retrieval_quality
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 30
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
#variable_conflict use_column
BEGIN
    PERFORM rapport.require_import(import_id);
    RETURN QUERY
    WITH asked AS MATERIALIZED (
        SELECT
            q.value ->> 'id' AS id, q.value ->> 'class' AS class, q.value ->> 'query' AS question,
            (q.value ->> 'customer_id')::bigint AS customer_id, q.value -> 'relevant' AS relevant
        FROM jsonb_array_elements(questions) AS q
        WHERE q.value -> 'relevant' <> '{}'
    ),

    found AS MATERIALIZED (
        SELECT
            a.id, s.interaction_id, s.ordinality AS fused,
            CASE WHEN s.vector_rank IS NOT NULL
                THEN row_number() OVER (PARTITION BY a.id ORDER BY s.vector_rank, s.interaction_id DESC)
            END AS vector,
            CASE WHEN s.text_rank IS NOT NULL
                THEN row_number() OVER (PARTITION BY a.id ORDER BY s.text_rank, s.interaction_id DESC)
            END AS words
        FROM asked AS a
        CROSS JOIN LATERAL rapport.search_interactions(a.question, 200) WITH ORDINALITY AS s
        WHERE a.customer_id IS NULL
        UNION ALL
        SELECT
            a.id, r.interaction_id, r.ordinality,
            row_number() OVER (PARTITION BY a.id ORDER BY r.vector_score DESC, r.interaction_id DESC),
            CASE WHEN r.text_score > 0
                THEN row_number() OVER (PARTITION BY a.id ORDER BY r.text_score DESC, r.interaction_id DESC)
            END
        FROM asked AS a
        CROSS JOIN LATERAL rapport.relevant_interactions(a.customer_id, a.question, 1000) WITH ORDINALITY AS r
        WHERE a.customer_id IS NOT NULL
    ),

    graded AS MATERIALIZED (
        SELECT f.id, p.leg, p.place, coalesce((a.relevant ->> i.source_row::text)::integer, 0) AS grade
        FROM found AS f
        INNER JOIN asked AS a ON a.id = f.id
        INNER JOIN crm.interactions AS i ON i.interaction_id = f.interaction_id
        CROSS JOIN LATERAL (
            VALUES ('fused', f.fused), ('vector', f.vector), ('words', f.words)
        ) AS p (leg, place)
        WHERE p.place IS NOT NULL AND i.import_id = evaluate_retrieval.import_id
    ),

    ideal AS (
        SELECT a.id, a.class, count(*) AS relevant, sum((2 ^ g.grade - 1) / log(2, g.place + 1)) FILTER (WHERE g.place <= 10) AS gain
        FROM asked AS a
        CROSS JOIN LATERAL (
            SELECT r.value::integer AS grade, row_number() OVER (ORDER BY r.value::integer DESC) AS place
            FROM jsonb_each_text(a.relevant) AS r
            WHERE r.value::integer > 0
        ) AS g
        GROUP BY a.id, a.class
    ),

    per_question AS (
        SELECT
            i.id, i.class, l.leg,
            count(*) FILTER (WHERE g.grade > 0 AND g.place <= 5)::numeric / least(5, i.relevant) AS recall,
            coalesce(1.0 / min(g.place) FILTER (WHERE g.grade > 0), 0) AS reciprocal,
            coalesce(sum((2 ^ g.grade - 1) / log(2, g.place + 1)) FILTER (WHERE g.place <= 10), 0) / i.gain AS ndcg
        FROM ideal AS i
        CROSS JOIN (VALUES ('fused'), ('vector'), ('words')) AS l (leg)
        LEFT JOIN graded AS g ON g.id = i.id AND g.leg = l.leg
        GROUP BY i.id, i.class, l.leg, i.relevant, i.gain
    )

    SELECT
        coalesce(p.class, 'all'), p.leg, count(*), avg(p.recall)::numeric(4, 3), avg(p.reciprocal)::numeric(4, 3),
        avg(p.ndcg)::numeric(4, 3)
    FROM per_question AS p
    GROUP BY GROUPING SETS ((p.class, p.leg), (p.leg))
    ORDER BY p.class NULLS LAST, p.leg;
END
$$;
COMMENT ON FUNCTION rapport.evaluate_retrieval(jsonb, bigint) IS
'Holds the retrieval against questions of which somebody has said which rows of an import answer them, class by class. A question is {"id", "class", "query", "customer_id", "relevant": {"row": grade}}; those without a relevant row are left out. Example: SELECT * FROM rapport.evaluate_retrieval(''[{"id": "1", "class": "word", "query": "side effects", "relevant": {"2": 3}}]'', 1);';

CREATE TYPE rapport.answer_quality AS (
    class text,
    questions bigint,
    refused bigint,
    right_numbers bigint,
    right_citations numeric(4, 3)
);
COMMENT ON TYPE rapport.answer_quality IS
'How questions of a class were answered: refused for want of evidence, with the right number (NULL for classes that ask for none), and the part of the cited interactions that are relevant, the mean over the answers that cite.';

CREATE FUNCTION rapport.evaluate_answers(questions jsonb, import_id bigint) RETURNS SETOF rapport.answer_quality
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 100000 ROWS 10
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
#variable_conflict use_column
BEGIN
    PERFORM rapport.require_import(import_id);
    RETURN QUERY
    WITH answered AS MATERIALIZED (
        SELECT
            q.value ->> 'class' AS class, q.value -> 'relevant' AS relevant, (q.value ->> 'count')::bigint AS number,
            rapport.ask(q.value ->> 'query', (q.value ->> 'customer_id')::bigint) AS answer
        FROM jsonb_array_elements(questions) AS q
    ),

    graded AS (
        SELECT
            a.class, a.number, (a.answer ->> 'not_enough_evidence')::boolean AS is_refused,
            (a.answer #>> ARRAY['facts', a.answer #>> '{plan,counted}'])::bigint = a.number AS is_right,
            CASE WHEN a.relevant <> '{}' THEN (
                SELECT avg((coalesce((a.relevant ->> i.source_row::text)::integer, 0) > 0)::integer)
                FROM jsonb_array_elements(a.answer -> 'citations') AS c
                INNER JOIN crm.interactions AS i ON i.interaction_id = (c.value ->> 'interaction_id')::bigint
                WHERE i.import_id = evaluate_answers.import_id
            ) END AS right_citations
        FROM answered AS a
    )

    SELECT
        coalesce(g.class, 'all'), count(*), count(*) FILTER (WHERE g.is_refused),
        CASE WHEN count(g.number) > 0 THEN count(*) FILTER (WHERE g.is_right) END, avg(g.right_citations)::numeric(4, 3)
    FROM graded AS g
    GROUP BY ROLLUP (g.class)
    ORDER BY g.class NULLS LAST;
END
$$;
COMMENT ON FUNCTION rapport.evaluate_answers(jsonb, bigint) IS
'Puts questions to rapport.ask of which somebody has said which rows of an import answer them (relevant), or which number (count), class by class. Example: SELECT * FROM rapport.evaluate_answers(''[{"class": "word", "query": "side effects", "relevant": {"2": 3}}]'', 1);';

REVOKE EXECUTE ON FUNCTION rapport.evaluate_retrieval(jsonb, bigint), rapport.evaluate_answers(jsonb, bigint) FROM PUBLIC;
