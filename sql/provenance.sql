-- Where a generated text comes from: what a model would be given, and whether it would still write the same.

CREATE FUNCTION rapport.request_for(task text, customer_id bigint, about text) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 20000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    plan rapport.question_plan;
BEGIN
    IF task IN ('summary', 'email', 'letter', 'call_script') THEN
        RETURN rapport.text_request(task, customer_id, about);
    ELSIF task = 'ask' THEN
        plan := rapport.plan_question(about);
        plan.customer_id := coalesce(customer_id, plan.customer_id);
        IF plan.customer_id IS NOT NULL THEN
            PERFORM rapport.require_customer(plan.customer_id);
        END IF;
        RETURN rapport.question_request(about, plan)
            || jsonb_build_object('is_counted', plan.counted IS NOT NULL OR plan.unclear IS NOT NULL);
    END IF;
    RAISE EXCEPTION 'unknown task "%"', coalesce(task, 'NULL')
        USING ERRCODE = 'invalid_parameter_value', HINT = 'Use summary, email, letter, call_script or ask.';
END
$$;
COMMENT ON FUNCTION rapport.request_for(text, bigint, text) IS
'What a model is handed for a task, as the caller may see it; about is the focus of a text or the question. Example: SELECT jsonb_pretty(rapport.request_for(''ask'', NULL, ''side effects''));';

CREATE FUNCTION rapport.explain_prompt(
    task text, customer_id bigint DEFAULT NULL, about text DEFAULT NULL, model text DEFAULT NULL
) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 20000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    request jsonb := rapport.request_for(task, customer_id, about);
    chosen text := coalesce(model, rapport.model_for(task));
    described jsonb;
    destination record;
    input_tokens bigint;
    output_tokens bigint;
BEGIN
    IF (request ->> 'is_counted')::boolean THEN
        RETURN jsonb_build_object('task', task, 'calls', 0, 'reason', 'the question is answered by counting');
    END IF;
    described := rapport.describe_request(request, chosen);
    SELECT m.* INTO destination FROM rapport.model AS m WHERE m.name = chosen;
    -- An answer that is refused in part is asked for once more, with the answer and the reasons.
    input_tokens := (described ->> 'estimated_input_tokens')::bigint;
    output_tokens := (described ->> 'max_output_tokens')::bigint;
    RETURN jsonb_build_object(
        'task', task,
        'model', chosen,
        'destination', jsonb_build_object(
            'dialect', destination.dialect, 'endpoint', destination.endpoint, 'provider_model', destination.provider_model
        ),
        'prompt', described -> 'prompt',
        'key', described -> 'key',
        'generation_id', described -> 'generation_id',
        'calls', CASE WHEN described ->> 'generation_id' IS NOT NULL THEN 0 ELSE 2 END,
        'interactions', (
            SELECT coalesce(jsonb_agg(e.value -> 'interaction_id' ORDER BY e.ordinality), '[]')
            FROM jsonb_array_elements(request -> 'evidence') WITH ORDINALITY AS e
        ),
        'estimated_input_tokens', described -> 'estimated_input_tokens',
        'max_output_tokens', described -> 'max_output_tokens',
        'cost_bound', round(CASE WHEN described ->> 'generation_id' IS NOT NULL THEN 0 ELSE
            (
                (2 * input_tokens + 2 * output_tokens) * destination.input_price
                + 2 * output_tokens * destination.output_price
            ) / 1000000
        END, 6),
        'system', described -> 'system',
        'user', described -> 'user'
    );
END
$$;
COMMENT ON FUNCTION rapport.explain_prompt(text, bigint, text, text) IS
'What a model would be given for a task, where it would be sent, and what it could cost, at four characters a token and with a second attempt, without a call: the rows that the caller sees, the prompt, and whether the outcome is kept already (generation_id). about is the focus of a text or the question; the model is the one chosen for the task unless another is named. Example: SELECT jsonb_pretty(rapport.explain_prompt(''email'', 1) - ARRAY[''system'', ''user'']);';

CREATE FUNCTION rapport.reproduce(generation_id bigint) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 20000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    kept record;
    request jsonb;
    described jsonb;
    anew jsonb;
    verdict text;
BEGIN
    PERFORM rapport.require_models();
    SELECT g.* INTO kept FROM rapport.generations AS g WHERE g.generation_id = reproduce.generation_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'generation "%" does not exist', coalesce(generation_id::text, 'NULL')
            USING ERRCODE = 'undefined_object', HINT = 'It may have gone with its customer.';
    END IF;
    request := rapport.request_for(kept.task, kept.customer_id, kept.about);
    described := rapport.describe_request(
        request, coalesce((SELECT m.name FROM rapport.model AS m WHERE m.name = kept.model), 'mock')
    );
    verdict := CASE
        WHEN described ->> 'prompt' <> kept.prompt THEN 'prompt changed'
        WHEN described ->> 'data_digest' <> encode(kept.data_digest, 'hex') THEN 'data changed'
        WHEN described ->> 'model_identity' <> kept.model_identity
            OR NOT EXISTS (SELECT FROM rapport.model AS m WHERE m.name = kept.model) THEN 'model changed'
    END;
    IF verdict IS NULL THEN
        anew := rapport.generate_anew(request, kept.model);
        verdict := CASE WHEN anew -> 'text' = kept.result -> 'text' THEN 'identical' ELSE 'model drift' END;
    END IF;
    RETURN jsonb_build_object(
        'generation_id', generation_id, 'verdict', verdict, 'kept', kept.result -> 'text', 'anew', anew -> 'text'
    );
END
$$;
COMMENT ON FUNCTION rapport.reproduce(bigint) IS
'Whether a kept text would be written again for the caller: "identical", "model drift" (the same prompt gives another text), "prompt changed", "data changed" (the rows that the caller sees, or his settings of who signs) or "model changed" (dialect, address or parameters, or it is gone). The model is asked, without keeping what it says, where only that can tell. Raises 42704 for an unknown number. Example: SELECT g.generation_id, rapport.reproduce(g.generation_id) ->> ''verdict'' FROM rapport.generations AS g LIMIT 3;';

CREATE FUNCTION rapport.stale_generations(max_rows integer DEFAULT 1000)
RETURNS TABLE (
    generation_id bigint, task text, customer_id bigint, about text, generated_at timestamptz, reasons text []
)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    kept record;
    described jsonb;
BEGIN
    PERFORM rapport.require_models();
    IF max_rows IS NULL OR max_rows < 1 THEN
        RAISE EXCEPTION 'max_rows must be positive, got "%"', coalesce(max_rows::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    FOR kept IN
        SELECT l.*
        FROM (
            SELECT DISTINCT ON (g.task, g.customer_id, g.about) g.*
            FROM rapport.generations AS g
            ORDER BY g.task, g.customer_id, g.about, g.generation_id DESC
        ) AS l
        ORDER BY l.generation_id DESC
        LIMIT max_rows
    LOOP
        BEGIN
            described := rapport.describe_request(
                rapport.request_for(kept.task, kept.customer_id, kept.about), rapport.model_for(kept.task)
            );
            reasons := array_remove(ARRAY[
                CASE WHEN described ->> 'prompt' <> kept.prompt THEN 'prompt changed' END,
                CASE WHEN described ->> 'data_digest' <> encode(kept.data_digest, 'hex') THEN 'data changed' END,
                CASE WHEN rapport.model_for(kept.task) <> kept.model THEN 'another model is chosen'
                    WHEN described ->> 'model_identity' <> kept.model_identity THEN 'model changed'
                END
            ], NULL);
        EXCEPTION
            -- One that nobody could ask for again hides no others.
            WHEN invalid_parameter_value OR no_data_found OR program_limit_exceeded OR null_value_not_allowed THEN
                reasons := ARRAY['cannot be asked for any more: ' || sqlerrm];
        END;
        IF reasons <> '{}' THEN
            generation_id := kept.generation_id;
            task := kept.task;
            customer_id := kept.customer_id;
            about := kept.about;
            generated_at := kept.generated_at;
            RETURN NEXT;
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION rapport.stale_generations(integer) IS
'The latest text of each task, customer and focus or question that would be written otherwise for the caller today, and why: the prompt, the data (or the settings of who signs) or the model changed. Looks at the latest max_rows. Example: SELECT * FROM rapport.stale_generations(100);';

REVOKE EXECUTE ON FUNCTION
rapport.request_for(text, bigint, text), rapport.explain_prompt(text, bigint, text, text), rapport.reproduce(bigint),
rapport.stale_generations(integer)
FROM PUBLIC;
