-- Facts and evidence about one customer, gathered with the rights of the caller, and the functions
-- that hand them to the model.

CREATE FUNCTION rapport.sensitive_word(label text) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
AS $$
-- At the beginning of a word, so that "Adverse Event" finds "adverse events", and "Died" not "studied".
SELECT s.topic
FROM rapport.sensitive_topics AS s
WHERE label ~* ('\m' || regexp_replace(s.topic, '([^[:alnum:][:space:]])', '\\\1', 'g'))
ORDER BY length(s.topic) DESC, s.topic COLLATE "C"
LIMIT 1
$$;
COMMENT ON FUNCTION rapport.sensitive_word(text) IS
'The entry of rapport.sensitive_topics that a topic or a note contains; NULL when there is none. Example: SELECT rapport.sensitive_word(''Suspected adverse events'');';

CREATE FUNCTION rapport.sensitive_pattern() RETURNS text
LANGUAGE sql STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
AS $$
SELECT '\m(?:' || string_agg(regexp_replace(s.topic, '([^[:alnum:][:space:]])', '\\\1', 'g'), '|') || ')'
FROM rapport.sensitive_topics AS s
$$;
COMMENT ON FUNCTION rapport.sensitive_pattern() IS
'A regular expression that finds, whatever the case, what rapport.sensitive_word finds, for many texts at once; NULL without sensitive topics. Example: SELECT count(*) FROM crm.interactions WHERE notes ~* rapport.sensitive_pattern();';

CREATE FUNCTION rapport.customer_facts(customer_id bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 1000
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    pattern text;
    facts jsonb;
BEGIN
    PERFORM rapport.require_customer(customer_id);
    pattern := rapport.sensitive_pattern();
    WITH mine AS (
        SELECT i.*, date_trunc('month', i.occurred_at)::date AS month
        FROM crm.interactions AS i
        WHERE i.customer_id = customer_facts.customer_id
    ),

    channels AS (
        SELECT coalesce(jsonb_agg(
            jsonb_build_object('channel', n.channel, 'interactions', n.interactions) ORDER BY n.position
        ), '[]') AS counts
        FROM (
            SELECT
                channel, count(*) AS interactions,
                row_number() OVER (ORDER BY count(*) DESC, max(occurred_at) DESC, channel COLLATE "C") AS position
            FROM mine WHERE channel IS NOT NULL GROUP BY channel
        ) AS n
    ),

    topics AS (
        SELECT coalesce(jsonb_agg(
            jsonb_build_object('topic', n.topic, 'interactions', n.interactions) ORDER BY n.position
        ), '[]') AS counts
        FROM (
            SELECT
                topic, count(*) AS interactions,
                row_number() OVER (ORDER BY count(*) DESC, max(occurred_at) DESC, topic COLLATE "C") AS position
            FROM mine WHERE topic IS NOT NULL GROUP BY topic
        ) AS n
        WHERE n.position <= 20
    ),

    sentiments AS (
        SELECT coalesce(jsonb_agg(
            jsonb_build_object('sentiment', n.sentiment, 'interactions', n.interactions)
            ORDER BY n.interactions DESC, n.sentiment COLLATE "C"
        ), '[]') AS counts
        FROM (
            SELECT sentiment, count(*) AS interactions FROM mine WHERE sentiment IS NOT NULL GROUP BY sentiment
        ) AS n
    ),

    products AS (
        SELECT coalesce(jsonb_agg(DISTINCT p.product), '[]') AS names
        FROM mine INNER JOIN crm.products AS p ON p.month = mine.month
    ),

    sensitive AS (
        SELECT coalesce(jsonb_agg(DISTINCT said.name), '[]') AS topics
        FROM (
            SELECT mine.topic AS name FROM mine WHERE mine.topic ~* pattern
            UNION
            SELECT rapport.sensitive_word(mine.notes) FROM mine WHERE mine.notes ~* pattern
        ) AS said
    )

    SELECT jsonb_build_object(
        'customer_id', a.customer_id,
        'occupation', a.occupation,
        'customer_type', a.customer_type,
        'total_interactions', a.total_interactions,
        'first_interaction', CASE WHEN a.first_interaction_at IS NOT NULL THEN jsonb_build_object(
            'date', to_char(a.first_interaction_at, 'YYYY-MM-DD'),
            'time', to_char(a.first_interaction_at, 'HH24:MI')
        ) END,
        'last_interaction', CASE WHEN a.last_interaction_id IS NOT NULL THEN jsonb_build_object(
            'interaction_id', a.last_interaction_id,
            'date', to_char(a.last_interaction_at, 'YYYY-MM-DD'),
            'time', to_char(a.last_interaction_at, 'HH24:MI'),
            'channel', a.last_channel, 'topic', a.last_topic, 'sentiment', a.last_sentiment
        ) END,
        'most_frequent_channel', a.most_frequent_channel,
        'channels', channels.counts,
        'key_topics', to_jsonb(a.key_topics),
        'topics', topics.counts,
        'sentiments', sentiments.counts,
        'products', products.names,
        'sensitive_topics', sensitive.topics,
        'attribution', 'month'
    ) INTO facts
    FROM crm.customer_activity AS a, channels, topics, sentiments, products, sensitive
    WHERE a.customer_id = customer_facts.customer_id;
    RETURN facts;
END
$$;
COMMENT ON FUNCTION rapport.customer_facts(bigint) IS
'The numbers about a customer that a model may repeat, all computed by SQL. Example: SELECT jsonb_pretty(rapport.customer_facts(1));';

CREATE FUNCTION rapport.customer_evidence(
    customer_id bigint, max_rows integer DEFAULT 12, focus text DEFAULT NULL
) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    pattern text;
BEGIN
    PERFORM rapport.require_customer(customer_id);
    IF max_rows IS NULL OR max_rows NOT BETWEEN 1 AND 100 THEN
        RAISE EXCEPTION 'max_rows must be between 1 and 100, got "%"', coalesce(max_rows::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    pattern := rapport.sensitive_pattern();
    RETURN (
        WITH mine AS MATERIALIZED (
            SELECT
                i.interaction_id, i.topic, i.sentiment,
                coalesce(i.topic ~* pattern OR i.notes ~* pattern, false) AS sensitive,
                row_number() OVER (ORDER BY i.occurred_at DESC, i.interaction_id DESC) AS age
            FROM crm.interactions AS i
            WHERE i.customer_id = customer_evidence.customer_id
        ),

        found AS MATERIALIZED (
            SELECT r.interaction_id, r.ordinality
            FROM (SELECT focus AS wish WHERE focus IS NOT NULL) AS f
            CROSS JOIN LATERAL rapport.relevant_interactions(
                customer_evidence.customer_id, f.wish, greatest(1, max_rows * 2 / 3)
            ) WITH ORDINALITY AS r
            WHERE 0.7 * r.vector_score + 0.3 * r.text_score >= rapport.least_confidence()
        ),

        -- What a reader would miss if it were left out, in this order; the latest rows fill the rest.
        wanted AS (
            SELECT m.age, 0 AS class, m.age AS place FROM mine AS m WHERE m.age = 1
            UNION ALL
            (SELECT m.age, 1, 1 FROM mine AS m WHERE m.sensitive ORDER BY m.age LIMIT 1)
            UNION ALL
            SELECT m.age, 2, f.ordinality FROM found AS f INNER JOIN mine AS m ON m.interaction_id = f.interaction_id
            UNION ALL
            (
                SELECT min(m.age), 3, row_number() OVER (ORDER BY count(*) DESC, min(m.age))
                FROM mine AS m WHERE m.topic IS NOT NULL GROUP BY m.topic
                ORDER BY 3 LIMIT 5
            )
            UNION ALL
            (
                SELECT min(m.age), 4, row_number() OVER (ORDER BY min(m.age))
                FROM mine AS m WHERE m.sentiment IS NOT NULL GROUP BY m.sentiment
                ORDER BY 3 LIMIT 5
            )
            UNION ALL
            SELECT m.age, 5, m.age FROM mine AS m WHERE m.age <= max_rows
        ),

        chosen AS (
            SELECT m.interaction_id, m.age, m.sensitive
            FROM (
                SELECT DISTINCT ON (w.age) w.age, w.class, w.place FROM wanted AS w ORDER BY w.age, w.class, w.place
            ) AS c
            INNER JOIN mine AS m ON m.age = c.age
            ORDER BY c.class, c.place
            LIMIT max_rows
        )

        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'interaction_id', e.interaction_id,
            'date', to_char(e.occurred_at, 'YYYY-MM-DD'),
            'time', to_char(e.occurred_at, 'HH24:MI'),
            'channel', e.channel, 'topic', e.topic, 'sentiment', e.sentiment, 'notes', left(e.notes, 2000),
            'products', (
                SELECT coalesce(jsonb_agg(p.product ORDER BY p.product COLLATE "C"), '[]')
                FROM crm.products AS p
                WHERE p.month = date_trunc('month', e.occurred_at)::date
            ),
            'sensitive', c.sensitive,
            'relevance_rank', f.ordinality
        ) ORDER BY c.age), '[]')
        FROM chosen AS c
        INNER JOIN crm.interactions AS e ON e.interaction_id = c.interaction_id
        LEFT JOIN found AS f ON f.interaction_id = c.interaction_id
    );
END
$$;
COMMENT ON FUNCTION rapport.customer_evidence(bigint, integer, text) IS
'The interactions of a customer that a model is shown, most recent first: the latest, the latest safety matter, those that come near a focus (relevance_rank), the latest of each key topic and of each sentiment, and then the latest of the rest. Example: SELECT jsonb_pretty(rapport.customer_evidence(1, 3, ''side effects''));';

CREATE FUNCTION rapport.customer_data_quality(customer_id bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 500
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM rapport.require_customer(customer_id);
    RETURN (
        SELECT jsonb_build_object(
            'interactions', count(*),
            'repaired', count(*) FILTER (WHERE i.is_repaired),
            'conflicts', count(*) FILTER (WHERE i.has_conflict)
        )
        FROM crm.interactions AS i
        WHERE i.customer_id = customer_data_quality.customer_id
    );
END
$$;
COMMENT ON FUNCTION rapport.customer_data_quality(bigint) IS
'How many interactions of a customer rest on a repaired or contradicted row. Example: SELECT rapport.customer_data_quality(1);';

CREATE FUNCTION rapport.text_request(task text, customer_id bigint, focus text DEFAULT NULL) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL RESTRICTED COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
SELECT jsonb_build_object(
    'task', task, 'facts', rapport.customer_facts(customer_id), 'focus', focus,
    'evidence', rapport.customer_evidence(customer_id, focus => focus)
)
$$;
COMMENT ON FUNCTION rapport.text_request(text, bigint, text) IS
'What a model is handed to write a summary, email, letter or call_script: facts and evidence, as the caller may see them. Example: SELECT jsonb_pretty(rapport.text_request(''email'', 1, ''side effects''));';

CREATE FUNCTION rapport.summarize_customer(customer_id bigint, focus text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    request CONSTANT jsonb := rapport.text_request('summary', customer_id, focus);
    facts CONSTANT jsonb := request -> 'facts';
    written CONSTANT jsonb := rapport.generate(request, rapport.model_for('summary'));
BEGIN
    RETURN jsonb_build_object(
        'customer_id', customer_id,
        'summary', jsonb_build_object(
            'total_interactions', facts -> 'total_interactions',
            'most_frequent_channel', facts -> 'most_frequent_channel',
            'last_interaction', CASE WHEN jsonb_typeof(facts -> 'last_interaction') = 'object' THEN
                jsonb_build_object(
                    'date', facts #> '{last_interaction,date}',
                    'channel', facts #> '{last_interaction,channel}',
                    'topic', facts #> '{last_interaction,topic}'
                )
            END,
            'key_topics', facts -> 'key_topics',
            'summary_text', written -> 'text'
        ),
        'evidence', written -> 'cited',
        'data_quality', rapport.customer_data_quality(customer_id),
        'provenance', written - ARRAY['text', 'subject', 'cited']
    );
END
$$;
COMMENT ON FUNCTION rapport.summarize_customer(bigint, text) IS
'Summarises the interactions of a customer, with a focus also those that come near it: the numbers by SQL, the sentences by the model, with the interactions they rest on. Raises P0002 for an unknown customer, 22023 for an unusable focus. Example: SELECT jsonb_pretty(rapport.summarize_customer(1));';

CREATE FUNCTION rapport.generate_content(
    customer_id bigint, content_type text DEFAULT 'email', focus text DEFAULT NULL
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    written jsonb;
BEGIN
    PERFORM rapport.require_customer(customer_id);
    IF content_type IS NULL OR content_type NOT IN ('email', 'letter', 'call_script') THEN
        RAISE EXCEPTION 'unknown content type "%"', coalesce(content_type, 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Use email, letter or call_script.';
    END IF;
    written := rapport.generate(
        rapport.text_request(content_type, customer_id, focus), rapport.model_for(content_type)
    );
    RETURN jsonb_build_object(
        'customer_id', customer_id,
        'generated_content', jsonb_build_object('Content_type', content_type, 'Content', written -> 'text'),
        'subject', written -> 'subject',
        'needs_review', written -> 'needs_review',
        'review_reasons', written -> 'review_reasons',
        'evidence', written -> 'cited',
        'data_quality', rapport.customer_data_quality(customer_id),
        'provenance', written - ARRAY['text', 'subject', 'cited', 'needs_review', 'review_reasons']
    );
END
$$;
COMMENT ON FUNCTION rapport.generate_content(bigint, text, text) IS
'Drafts an email, a letter or a call_script for a customer from the interactions on record, with those it rests on; with a focus it starts from what comes near that. Raises P0002 for an unknown customer. Example: SELECT rapport.generate_content(1, ''email'') #>> ''{generated_content,Content}'';';

REVOKE EXECUTE ON FUNCTION
rapport.sensitive_word(text), rapport.sensitive_pattern(), rapport.customer_facts(bigint),
rapport.customer_evidence(bigint, integer, text), rapport.customer_data_quality(bigint),
rapport.text_request(text, bigint, text), rapport.summarize_customer(bigint, text), rapport.generate_content(bigint, text, text)
FROM PUBLIC;
