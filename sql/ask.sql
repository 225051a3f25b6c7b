-- Answers to questions: numbers are counted by SQL, what was said is found and cited.

CREATE TYPE rapport.question_plan AS (
    counted text, per text [], customer_id bigint, customer_type text, occupation text, channel text, topic text,
    sentiment text, product text, since date, until date, without text, subject text, unclear text, names text []
);
COMMENT ON TYPE rapport.question_plan IS
'How a question is answered: counted is interactions, customers or contacted_customers, NULL when it asks for what was said; per is what the number is split by; the labels and the period are conditions, without is the kind of label that is missing; subject is what is left of the question, unclear a word that changes a count in a way that is not understood, names what an answer has to mention.';

CREATE FUNCTION rapport.question_vocabulary(question text) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- A hyphen may be left out.
    asked CONSTANT text := replace(lower(question), '-', '');
BEGIN
    RETURN (
        WITH stored AS (
            SELECT l.kind, l.label FROM crm.labels AS l
            UNION
            -- Those of rows that no import brought.
            SELECT v.kind, v.label
            FROM bi.monthly_activity_live AS a
            CROSS JOIN LATERAL (
                VALUES ('channel', a.channel), ('customer_type', a.customer_type), ('sentiment', a.sentiment)
            ) AS v (kind, label)
            WHERE bi.sees_every_row()
            UNION
            SELECT 'topic', t.topic FROM bi.monthly_topics_live AS t WHERE bi.sees_every_row()
        )

        SELECT jsonb_build_object(
            'customer_types', coalesce(jsonb_agg(s.label) FILTER (WHERE s.kind = 'customer_type'), '[]'),
            'occupations', coalesce(jsonb_agg(s.label) FILTER (WHERE s.kind = 'occupation'), '[]'),
            'channels', coalesce(jsonb_agg(s.label) FILTER (WHERE s.kind = 'channel'), '[]'),
            'topics', coalesce(jsonb_agg(s.label) FILTER (WHERE s.kind = 'topic'), '[]'),
            'sentiments', coalesce(jsonb_agg(s.label) FILTER (WHERE s.kind = 'sentiment'), '[]'),
            'products', coalesce(jsonb_agg(s.label) FILTER (WHERE s.kind = 'product'), '[]')
        )
        FROM stored AS s
        -- Of very many labels only those that the question can mean.
        WHERE position(left(replace(lower(s.label), '-', ''), 3) IN asked) > 0
            OR position(left(replace(lower(substring(s.label FROM '[^ ]+$')), '-', ''), 3) IN asked) > 0
    );
END
$$;
COMMENT ON FUNCTION rapport.question_vocabulary(text) IS
'The labels that a question can mean: those that imports brought and, for who sees every row, those of the counts. Example: SELECT rapport.question_vocabulary(''How many calls about price?'');';

CREATE FUNCTION rapport.plan_question(question text) RETURNS rapport.question_plan
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 1000
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM rapport.require_schema();
    PERFORM rapport.require_question(question, 1);
    RETURN jsonb_populate_record(
        NULL::rapport.question_plan, rapport.read_question(question, rapport.question_vocabulary(question))
    );
END
$$;
COMMENT ON FUNCTION rapport.plan_question(text) IS
'How a question would be answered, read from its words and the labels of the data. Raises 22023 for an unusable question. Example: SELECT * FROM rapport.plan_question(''How many calls were there in March 2020?'');';

CREATE FUNCTION rapport.plan_filter(plan rapport.question_plan) RETURNS rapport.search_filter
LANGUAGE sql STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
AS $$
SELECT rapport.search_filter_of(
    (plan).customer_type, (plan).occupation, (plan).channel, (plan).topic, (plan).sentiment, (plan).product,
    (plan).since, (plan).until
)
$$;
COMMENT ON FUNCTION rapport.plan_filter(rapport.question_plan) IS
'The conditions of a plan as a filter of interactions. Example: SELECT rapport.plan_filter(rapport.plan_question(''How many calls were there in 2020?''));';

CREATE FUNCTION rapport.plan_label(
    kind text, customer_type text, occupation text, channel text, topic text, sentiment text, product text, occurred_at timestamp
) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE kind
    WHEN 'customer_type' THEN rapport.counted_label(customer_type)
    WHEN 'occupation' THEN rapport.counted_label(occupation)
    WHEN 'channel' THEN rapport.counted_label(channel)
    WHEN 'topic' THEN rapport.counted_label(topic)
    WHEN 'sentiment' THEN rapport.counted_label(sentiment)
    WHEN 'product' THEN product
    WHEN 'month' THEN to_char(occurred_at, 'YYYY-MM')
    WHEN 'year' THEN to_char(occurred_at, 'YYYY')
END;
COMMENT ON FUNCTION rapport.plan_label(text, text, text, text, text, text, text, timestamp) IS
'The label of one kind that an interaction has, as it is counted. Example: SELECT rapport.plan_label(''channel'', ''Red'', ''Jedi'', ''Email'', ''Price'', NULL, NULL, ''2020-02-01'');';

CREATE FUNCTION rapport.count_planned(plan rapport.question_plan) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 10000
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
DECLARE
    filter CONSTANT rapport.search_filter := rapport.plan_filter(plan);
    asked CONSTANT rapport.weighed_words := rapport.weighed_words(plan.subject);
    documents uuid [];
    counts jsonb;
    groups jsonb;
BEGIN
    -- Every word in the same text, in whichever of its passages.
    IF asked.words IS NOT NULL THEN
        EXECUTE format(
            $statement$
            SELECT array_agg(d.document_id)
            FROM (
                SELECT p.document_id
                FROM %s AS p
                INNER JOIN unnest($1) AS w (word) ON p.words @@ w.word
                WHERE p.words @@ $2
                GROUP BY p.document_id
                HAVING count(DISTINCT w.word) = cardinality($1)
            ) AS d
            $statement$, rapport.passages_to_read()
        ) INTO documents USING asked.words, asked.any_of;
    END IF;
    WITH meant AS MATERIALIZED (
        SELECT i.interaction_id, i.customer_id, c.customer_type, c.occupation, i.channel, i.topic, i.sentiment, i.occurred_at
        FROM crm.interactions AS i
        INNER JOIN crm.customers AS c ON c.customer_id = i.customer_id
        WHERE (plan.customer_id IS NULL OR i.customer_id = plan.customer_id)
            AND rapport.passes(filter, c.customer_type, c.occupation, i.channel, i.topic, i.sentiment, i.occurred_at)
            AND (plan.without IS NULL OR CASE plan.without
                WHEN 'customer_type' THEN c.customer_type
                WHEN 'occupation' THEN c.occupation
                WHEN 'channel' THEN i.channel
                WHEN 'topic' THEN i.topic
                WHEN 'sentiment' THEN i.sentiment
            END IS NULL)
            AND (asked.words IS NULL OR i.document_id IN (SELECT d.document_id FROM unnest(documents) AS d (document_id)))
    ),

    every_customer AS MATERIALIZED (
        SELECT c.customer_id, c.customer_type, c.occupation
        FROM crm.customers AS c
        WHERE (plan.customer_id IS NULL OR c.customer_id = plan.customer_id)
            AND (filter.customer_type IS NULL OR lower(rapport.counted_label(c.customer_type)) = filter.customer_type)
            AND (filter.occupation IS NULL OR rapport.ends_with_words(c.occupation, filter.occupation))
            AND (plan.without IS DISTINCT FROM 'customer_type' OR c.customer_type IS NULL)
            AND (plan.without IS DISTINCT FROM 'occupation' OR c.occupation IS NULL)
    ),

    -- Customers without an interaction are in the groups that are of customers.
    grouped AS (
        SELECT
            rapport.plan_label(
                plan.per[1], c.customer_type, c.occupation, m.channel, m.topic, m.sentiment, p.product, m.occurred_at
            ) AS first,
            rapport.plan_label(
                plan.per[2], c.customer_type, c.occupation, m.channel, m.topic, m.sentiment, p.product, m.occurred_at
            ) AS second,
            count(m.interaction_id) AS interactions, count(DISTINCT m.customer_id) AS contacted_customers,
            count(DISTINCT c.customer_id) AS customers
        FROM every_customer AS c
        LEFT JOIN meant AS m ON m.customer_id = c.customer_id
        LEFT JOIN crm.products AS p
            ON 'product' = ANY (plan.per) AND p.month = date_trunc('month', m.occurred_at)::date
        WHERE cardinality(plan.per) > 0 AND (plan.counted = 'customers' OR m.interaction_id IS NOT NULL)
        GROUP BY 1, 2
    )

    SELECT
        jsonb_build_object(
            'interactions', count(*), 'contacted_customers', count(DISTINCT m.customer_id),
            'customers', (SELECT count(*) FROM every_customer)
        ),
        (
            SELECT coalesce(jsonb_agg(
                CASE WHEN cardinality(plan.per) > 1 THEN jsonb_build_object(plan.per[2], g.second) ELSE '{}' END
                || jsonb_build_object(
                    plan.per[1], g.first, 'interactions', g.interactions, 'contacted_customers', g.contacted_customers,
                    'customers', g.customers
                )
                ORDER BY g.interactions DESC, g.first COLLATE "C", g.second COLLATE "C"
            ), '[]')
            FROM grouped AS g
        )
    INTO counts, groups
    FROM meant AS m;
    RETURN counts || CASE WHEN cardinality(plan.per) > 0 THEN jsonb_build_object('groups', groups) ELSE '{}' END
        || CASE WHEN 'product' = ANY (plan.per) OR plan.product IS NOT NULL
            THEN '{"attribution": "month"}' ELSE '{}' END::jsonb;
END
$$;
COMMENT ON FUNCTION rapport.count_planned(rapport.question_plan) IS
'How many interactions meet the conditions of a plan, of how many customers (contacted_customers), and how many customers meet those of customers, also in each of its groups; of a subject, every word must be in the topic and notes. Example: SELECT rapport.count_planned(rapport.plan_question(''How many calls were there in 2020?''));';

CREATE FUNCTION rapport.plan_conditions(plan rapport.question_plan, with_subject boolean DEFAULT true) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (
    SELECT coalesce(string_agg(c.condition, ', ' ORDER BY c.place), 'all')
    FROM (
        VALUES
        (1, 'customer ' || (plan).customer_id),
        (2, 'customer type ' || (plan).customer_type),
        (3, 'occupation ' || (plan).occupation),
        (4, 'channel ' || (plan).channel),
        (5, 'topic ' || (plan).topic),
        (6, 'sentiment ' || (plan).sentiment),
        (7, 'in the months of product ' || (plan).product),
        (8, 'no ' || replace((plan).without, '_', ' ')),
        (9, 'from ' || to_char((plan).since, 'YYYY-MM-DD')),
        (10, 'to ' || to_char((plan).until, 'YYYY-MM-DD')),
        (11, CASE WHEN with_subject THEN 'with the words "' || nullif((plan).subject, '') || '"' END)
    ) AS c (place, condition)
    WHERE c.condition IS NOT NULL
);
COMMENT ON FUNCTION rapport.plan_conditions(rapport.question_plan, boolean) IS
'The conditions of a plan in words, "all" without any; the words of its subject are one of a count. Example: SELECT rapport.plan_conditions(rapport.plan_question(''How many calls were there in 2020?''));';

CREATE TYPE rapport.evidence_row AS (interaction_id bigint, score real);
COMMENT ON TYPE rapport.evidence_row IS
'An interaction and how sure it is that it belongs to a question, from 0 to 1: 0.7 * the cosine of the vectors + 0.3 * the part of the words.';

CREATE FUNCTION rapport.planned_evidence(question text, plan rapport.question_plan, max_rows integer)
RETURNS SETOF rapport.evidence_row
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 20000 ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    filter CONSTANT rapport.search_filter := rapport.plan_filter(plan);
    -- A question that names only conditions means what meets them.
    subject CONSTANT text := CASE WHEN plan.subject ~ '[[:alnum:]]' THEN plan.subject END;
BEGIN
    IF subject IS NULL THEN
        RETURN QUERY
        SELECT i.interaction_id, 1::real
        FROM crm.interactions AS i
        INNER JOIN crm.customers AS c ON c.customer_id = i.customer_id
        WHERE (plan.customer_id IS NULL OR i.customer_id = plan.customer_id)
            AND rapport.passes(filter, c.customer_type, c.occupation, i.channel, i.topic, i.sentiment, i.occurred_at)
        ORDER BY i.occurred_at DESC, i.interaction_id DESC
        LIMIT max_rows;
    ELSIF plan.customer_id IS NOT NULL THEN
        RETURN QUERY
        SELECT r.interaction_id, (0.7 * r.vector_score + 0.3 * r.text_score)::real
        FROM rapport.relevant_interactions(plan.customer_id, question, max_rows, filter) WITH ORDINALITY AS r
        ORDER BY r.ordinality;
    ELSE
        RETURN QUERY
        SELECT s.interaction_id, (0.7 * greatest(0, coalesce(s.similarity, 0)) + 0.3 * s.word_coverage)::real
        FROM rapport.search_interactions(
            subject, max_rows, plan.customer_type, plan.occupation, plan.channel, plan.topic, plan.sentiment, plan.product,
            plan.since, plan.until
        ) WITH ORDINALITY AS s
        ORDER BY s.ordinality;
    END IF;
END
$$;
COMMENT ON FUNCTION rapport.planned_evidence(text, rapport.question_plan, integer) IS
'The interactions that a question is answered from, the most relevant first. Example: SELECT * FROM rapport.planned_evidence(''calls about side effects'', rapport.plan_question(''calls about side effects''), 3);';

CREATE FUNCTION rapport.question_request(question text, plan rapport.question_plan, max_rows integer DEFAULT 8)
RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 20000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'task', 'ask', 'question', question, 'customer_id', plan.customer_id,
            'confidence', coalesce(max(e.score), 0),
            'evidence', coalesce(jsonb_agg(jsonb_build_object(
                'interaction_id', i.interaction_id, 'customer_id', i.customer_id, 'date', i.occurred_at::date,
                'occupation', c.occupation, 'customer_type', c.customer_type, 'channel', i.channel, 'topic', i.topic,
                'sentiment', i.sentiment, 'notes', left(i.notes, 2000)
            ) ORDER BY e.ordinality), '[]')
        )
        FROM rapport.planned_evidence(question, plan, max_rows) WITH ORDINALITY AS e
        INNER JOIN crm.interactions AS i ON i.interaction_id = e.interaction_id
        INNER JOIN crm.customers AS c ON c.customer_id = i.customer_id
        -- A day that others cannot write is none that an answer could name.
        WHERE i.occurred_at >= '0001-01-01' AND i.occurred_at < '10000-01-01'
    );
END
$$;
COMMENT ON FUNCTION rapport.question_request(text, rapport.question_plan, integer) IS
'What a model is handed to answer a question, as the caller may see it, and how sure it is that it belongs to the question. Example: SELECT jsonb_pretty(rapport.question_request(''calls about side effects'', rapport.plan_question(''calls about side effects'')));';

CREATE FUNCTION rapport.ask(question text, customer_id bigint DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    plan rapport.question_plan := rapport.plan_question(question);
    request jsonb;
    evidence jsonb;
    confidence real := 1;
    missing text;
    conditions text;
    reason text;
    written jsonb;
    facts jsonb;
    text text;
    citations jsonb := '[]';
BEGIN
    IF customer_id <> plan.customer_id THEN
        RAISE EXCEPTION 'the question is about customer "%", and customer_id is "%"', plan.customer_id, customer_id
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    plan.customer_id := coalesce(customer_id, plan.customer_id);
    IF plan.customer_id IS NOT NULL THEN
        PERFORM rapport.require_customer(plan.customer_id);
    END IF;

    IF plan.unclear IS NOT NULL THEN
        confidence := 0;
        reason := format('it asks for a number, and "%s" in it is not understood', plan.unclear);
        text := format('This cannot be counted as it is asked: %s.', reason);
    ELSIF plan.counted IS NOT NULL THEN
        facts := rapport.count_planned(plan);
        text := format(
            '%s %s: %s.', facts ->> plan.counted,
            replace(CASE WHEN facts ->> plan.counted = '1' THEN rtrim(plan.counted, 's') ELSE plan.counted END, '_', ' '),
            rapport.plan_conditions(plan)
        ) || coalesce((
            SELECT string_agg(
                format(
                    E'\n%s%s: %s', coalesce(g.value ->> plan.per[1], 'none'),
                    CASE WHEN cardinality(plan.per) > 1 THEN ', ' || coalesce(g.value ->> plan.per[2], 'none') ELSE '' END,
                    g.value ->> plan.counted
                ), '' ORDER BY g.ordinality
            )
            FROM jsonb_array_elements(facts -> 'groups') WITH ORDINALITY AS g
        ), '');
    ELSE
        request := rapport.question_request(question, plan);
        evidence := request -> 'evidence';
        confidence := (request ->> 'confidence')::real;
        SELECT n.name INTO missing
        FROM unnest(plan.names) AS n (name)
        WHERE (
            SELECT coalesce(string_agg(v.value, E'\n'), '')
            FROM jsonb_array_elements(evidence) AS e
            CROSS JOIN LATERAL jsonb_each_text(
                e.value - ARRAY['interaction_id', 'customer_id', 'date']
            ) AS v
        ) !~* ('\m' || regexp_replace(n.name, '([^[:alnum:]])', '\\\1', 'g') || '\M')
        LIMIT 1;
        conditions := rapport.plan_conditions(plan, false);
        reason := CASE
            WHEN evidence = '[]' AND conditions <> 'all' THEN 'no interaction on record meets its conditions'
            WHEN missing IS NOT NULL THEN format('nothing on record about it mentions "%s"', missing)
            WHEN confidence < rapport.least_confidence() THEN 'nothing on record comes near it'
        END;
        IF reason IS NULL THEN
            written := rapport.generate(request, rapport.model_for('ask'));
            text := written ->> 'text';
            IF text = '' THEN
                reason := 'what was found has nothing that can be quoted';
            ELSIF NOT plan.subject ~ '[[:alnum:]]' THEN
                -- All that meets the conditions, of which the latest are quoted.
                facts := rapport.count_planned(plan);
                text := format(
                    E'%s: %s. The latest:\n%s',
                    CASE WHEN facts ->> 'interactions' = '1' THEN '1 interaction' ELSE (facts ->> 'interactions') || ' interactions' END,
                    conditions, text
                );
            END IF;
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                'number', n.number, 'interaction_id', e.row -> 'interaction_id', 'customer_id', e.row -> 'customer_id',
                'date', e.row -> 'date', 'channel', e.row -> 'channel', 'topic', e.row -> 'topic'
            ) ORDER BY n.number), '[]') INTO citations
            FROM (
                SELECT DISTINCT c.value::integer AS number
                FROM jsonb_array_elements(written -> 'sentences') AS s
                CROSS JOIN LATERAL jsonb_array_elements_text(s.value -> 'evidence') AS c
            ) AS n
            CROSS JOIN LATERAL (SELECT evidence -> (n.number - 1) AS row) AS e;
        END IF;
        IF reason IS NOT NULL THEN
            text := format('There is not enough evidence to answer this: %s.', reason);
        END IF;
    END IF;
    RETURN jsonb_build_object(
        'question', question,
        'answer', text,
        'citations', citations,
        'confidence', round(confidence::numeric, 2),
        'not_enough_evidence', reason IS NOT NULL,
        'reason', reason,
        'plan', jsonb_strip_nulls(to_jsonb(plan)),
        'facts', facts,
        'provenance', written - ARRAY['text']
    );
END
$$;
COMMENT ON FUNCTION rapport.ask(text, bigint) IS
'Answers a question about all customers, or one: a number by SQL, anything else from the interactions found, which the answer cites as [1]; or says that there is not enough evidence. Raises P0002 for an unknown customer, 22023 for an unusable question. Example: SELECT rapport.ask(''How many calls were there in 2020?'') ->> ''answer'';';

REVOKE EXECUTE ON FUNCTION
rapport.question_vocabulary(text), rapport.plan_question(text), rapport.plan_filter(rapport.question_plan),
rapport.plan_label(text, text, text, text, text, text, text, timestamp), rapport.count_planned(rapport.question_plan),
rapport.plan_conditions(rapport.question_plan, boolean), rapport.planned_evidence(text, rapport.question_plan, integer),
rapport.question_request(text, rapport.question_plan, integer),
rapport.ask(text, bigint)
FROM PUBLIC;
