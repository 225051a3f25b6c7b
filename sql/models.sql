-- Which language model does what. Models are rows; a swap is one statement.

-- Apart from rapport.require_schema, as an earlier migration calls functions that check only that.
CREATE FUNCTION rapport.require_models() RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF to_regclass('rapport.model_choice') IS NULL OR to_regclass('rapport.generations') IS NULL THEN
        RAISE EXCEPTION 'database "%" does not have the table of models', current_database()
            USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = 'Run: rapport migrate --database-url <this database>';
    END IF;
END
$$;
COMMENT ON FUNCTION rapport.require_models() IS
'Raises 55000 unless the migrations with the table of models have run. Example: SELECT rapport.require_models();';

CREATE FUNCTION rapport.model_for(task text) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM rapport.require_models();
    RETURN coalesce((SELECT c.model FROM rapport.model_choice AS c WHERE c.task = model_for.task), 'mock');
END
$$;
COMMENT ON FUNCTION rapport.model_for(text) IS
'The model that does a task: summary, email, letter, call_script or ask. Example: SELECT rapport.model_for(''email'');';

CREATE FUNCTION rapport.register_model(
    name text, dialect text, endpoint text DEFAULT NULL, provider_model text DEFAULT NULL, secret text DEFAULT NULL,
    parameters jsonb DEFAULT '{}', auth_header text DEFAULT NULL, streams boolean DEFAULT false,
    timeout_seconds integer DEFAULT 60, attempts integer DEFAULT 3,
    input_price numeric DEFAULT NULL, output_price numeric DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    model jsonb := jsonb_build_object(
        'name', name, 'dialect', dialect, 'endpoint', endpoint, 'provider_model', provider_model, 'secret', secret,
        'parameters', parameters, 'auth_header', auth_header, 'streams', streams, 'timeout_seconds', timeout_seconds,
        'attempts', attempts, 'input_price', input_price, 'output_price', output_price
    );
    problem text;
BEGIN
    PERFORM rapport.require_models();
    SELECT p.text INTO problem
    FROM (
        VALUES
        (
            name ~ '^[a-z][a-z0-9._-]{0,62}$',
            'the name of a model begins with a lower-case letter and has at most 63 letters, digits, ".", "_" and "-"'
        ),
        (
            secret IS NULL OR secret ~ '^[a-z][a-z0-9_-]{0,62}$',
            'secret is the name of a key, of at most 63 lower-case letters, digits, "_" and "-", and not the key'
        ),
        (
            auth_header IS NULL OR auth_header ~ '^[A-Za-z][A-Za-z0-9-]{0,62}$',
            'auth_header is the name of a header, such as api-key'
        ),
        (timeout_seconds BETWEEN 1 AND 600, 'timeout_seconds must be between 1 and 600'),
        (attempts BETWEEN 1 AND 10, 'attempts must be between 1 and 10'),
        (
            coalesce(input_price >= 0 AND input_price < 'NaN', true)
            AND coalesce(output_price >= 0 AND output_price < 'NaN', true),
            'a price must not be negative'
        ),
        (
            coalesce(length(endpoint), 0) <= 2000 AND coalesce(length(provider_model), 0) <= 500,
            'an endpoint has at most 2000 characters, a provider_model at most 500'
        ),
        (
            (dialect = 'mock') = (coalesce(endpoint, provider_model, secret) IS NULL),
            'a mock has neither endpoint, provider_model nor secret, and any other dialect has an endpoint'
        )
    ) AS p (is_met, text)
    WHERE p.is_met IS NOT TRUE
    LIMIT 1;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM rapport.check_model(model);
    INSERT INTO rapport.model AS m (
        name, dialect, endpoint, provider_model, secret, parameters, auth_header, streams, timeout_seconds, attempts,
        input_price, output_price
    )
    SELECT
        r.name, r.dialect, r.endpoint, r.provider_model, r.secret, r.parameters, r.auth_header, r.streams,
        r.timeout_seconds, r.attempts, r.input_price, r.output_price
    FROM jsonb_populate_record(NULL::rapport.model, model) AS r
    ON CONFLICT ON CONSTRAINT model_pkey DO UPDATE SET
        dialect = excluded.dialect, endpoint = excluded.endpoint, provider_model = excluded.provider_model,
        secret = excluded.secret, parameters = excluded.parameters, auth_header = excluded.auth_header,
        streams = excluded.streams, timeout_seconds = excluded.timeout_seconds, attempts = excluded.attempts,
        input_price = excluded.input_price, output_price = excluded.output_price,
        registered_at = now(), registered_by = session_user;
END
$$;
COMMENT ON FUNCTION rapport.register_model(text, text, text, text, text, jsonb, text, boolean, integer, integer, numeric, numeric) IS
'Registers a language model, or changes how one is reached: its wire format (rapport.dialects), the address of its API, what the provider calls it, the name of its key, and what one call may take. Nothing is called. Raises 22023 for what no call could be made with. Example: SELECT rapport.register_model(''local'', ''openai'', ''http://127.0.0.1:8081/v1'', ''smollm2'', parameters => ''{"temperature": 0}'');';

CREATE FUNCTION rapport.use_model(task text, model text) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    PERFORM rapport.require_models();
    IF NOT EXISTS (SELECT FROM rapport.model AS m WHERE m.name = model) OR model IS NULL THEN
        RAISE EXCEPTION 'model "%" does not exist', coalesce(model, 'NULL')
            USING ERRCODE = 'undefined_object', HINT = 'SELECT name FROM rapport.models lists those that do.';
    END IF;
    UPDATE rapport.model_choice AS c
    SET model = use_model.model, chosen_at = now(), chosen_by = session_user
    WHERE c.task = use_model.task OR use_model.task = 'all';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown task "%"', coalesce(task, 'NULL')
            USING ERRCODE = 'invalid_parameter_value',
                HINT = 'Use summary, email, letter, call_script, ask, or all for every one.';
    END IF;
END
$$;
COMMENT ON FUNCTION rapport.use_model(text, text) IS
'Has a model do a task from now on: summary, email, letter, call_script or ask, or all for every one. Raises 42704 for an unknown model, 22023 for an unknown task. Example: SELECT rapport.use_model(''all'', ''mock'');';

CREATE FUNCTION rapport.test_model(name text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM rapport.require_models();
    IF name IS NULL THEN
        RAISE EXCEPTION 'the name of the model must not be null' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    RETURN rapport.probe_model(name);
END
$$;
COMMENT ON FUNCTION rapport.test_model(text) IS
'Asks a model for a word, and tells how long it took and what it consumed, or what went wrong. Raises 42704 for an unknown model, 55000 for one that the server is not set up for. Example: SELECT rapport.test_model(''mock'') ->> ''ok'';';

REVOKE EXECUTE ON FUNCTION
rapport.require_models(), rapport.model_for(text),
rapport.register_model(text, text, text, text, text, jsonb, text, boolean, integer, integer, numeric, numeric),
rapport.use_model(text, text), rapport.test_model(text)
FROM PUBLIC;
