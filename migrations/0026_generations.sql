-- Every text that a model wrote, under a key made of all that decides it: prompt, data and model. Who
-- asks again with the same data gets the same text without a call.

CREATE TABLE rapport.generations (
    generation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    content_key bytea NOT NULL CHECK (length(content_key) = 32),
    task text NOT NULL,
    model text NOT NULL,
    prompt text NOT NULL,
    customer_id bigint,
    about text CHECK (length(about) <= 2000),
    data_digest bytea NOT NULL CHECK (length(data_digest) = 32),
    model_identity text NOT NULL,
    result jsonb NOT NULL CHECK (jsonb_typeof(result) = 'object'),
    is_fallback boolean NOT NULL,
    input_tokens bigint NOT NULL CHECK (input_tokens >= 0),
    output_tokens bigint NOT NULL CHECK (output_tokens >= 0),
    milliseconds integer NOT NULL CHECK (milliseconds >= 0),
    generated_at timestamptz NOT NULL DEFAULT now(),
    generated_by text NOT NULL
);
COMMENT ON TABLE rapport.generations IS
'The texts that models wrote, with what was refused of them, unless the transaction could not write or was rolled back. Written by rapport.generate only; it holds what is told of customers, so only administrators read it.';
COMMENT ON COLUMN rapport.generations.content_key IS
'SHA-256 of prompt, data and model. Who can make the key has seen the data, so row-level security holds for what is stored too.';
COMMENT ON COLUMN rapport.generations.prompt IS 'Name and version of the prompt.';
COMMENT ON COLUMN rapport.generations.customer_id IS 'The customer that was asked about; NULL for a question about all.';
COMMENT ON COLUMN rapport.generations.about IS 'The focus of a text, or the question; NULL for a text without a focus.';
COMMENT ON COLUMN rapport.generations.data_digest IS 'SHA-256 of the data that the model was given.';
COMMENT ON COLUMN rapport.generations.model_identity IS
'All that decides how the model answers: dialect, address, its name there, parameters. Never a key.';
COMMENT ON COLUMN rapport.generations.result IS 'What the caller got, with sentences, evidence and refusals.';
COMMENT ON COLUMN rapport.generations.is_fallback IS
'Whether the text is the standard one, because nothing of the model could be used. Such a text is kept and not given again: the model may do better.';
COMMENT ON COLUMN rapport.generations.milliseconds IS 'How long the model took, with all attempts.';
COMMENT ON COLUMN rapport.generations.generated_by IS 'The role that asked.';
CREATE INDEX generations_content_key ON rapport.generations (content_key, generation_id) WHERE NOT is_fallback;
CREATE INDEX generations_generated_at ON rapport.generations (generated_at);
CREATE INDEX generations_customer ON rapport.generations (customer_id);

CREATE TABLE rapport.generation_customers (
    customer_id bigint NOT NULL,
    generation_id bigint NOT NULL REFERENCES rapport.generations (generation_id) ON DELETE CASCADE,
    PRIMARY KEY (customer_id, generation_id)
);
COMMENT ON TABLE rapport.generation_customers IS 'Whom a generated text tells of, by the request that it was written for.';
CREATE INDEX generation_customers_generation ON rapport.generation_customers (generation_id);

-- What is told of a customer goes with the customer, whoever deletes it.
CREATE FUNCTION crm.forget_generations() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF tg_op = 'TRUNCATE' THEN
        DELETE FROM rapport.generations AS g
        WHERE EXISTS (SELECT FROM rapport.generation_customers AS c WHERE c.generation_id = g.generation_id);
    ELSE
        DELETE FROM rapport.generations AS g
        USING rapport.generation_customers AS c
        WHERE c.generation_id = g.generation_id AND c.customer_id IN (SELECT d.customer_id FROM deleted AS d);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION crm.forget_generations() IS
'Removes the texts that tell of deleted customers. As its owner, because those who delete customers read no texts.';
REVOKE EXECUTE ON FUNCTION crm.forget_generations() FROM PUBLIC;
CREATE TRIGGER forget_generations AFTER DELETE ON crm.customers
REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT EXECUTE FUNCTION crm.forget_generations();
CREATE TRIGGER forget_all_generations AFTER TRUNCATE ON crm.customers
FOR EACH STATEMENT EXECUTE FUNCTION crm.forget_generations();

CREATE VIEW rapport.usage AS
SELECT
    (g.generated_at AT TIME ZONE 'UTC')::date AS day,
    g.generated_by AS role,
    g.task,
    g.model,
    count(*) AS generations,
    sum(g.input_tokens)::bigint AS input_tokens,
    sum(g.output_tokens)::bigint AS output_tokens,
    round((
        sum(g.input_tokens) * max(m.input_price) + sum(g.output_tokens) * max(m.output_price)
    ) / 1000000, 6) AS cost,
    count(*) FILTER (WHERE g.is_fallback) AS fallbacks,
    coalesce(sum(jsonb_array_length(g.result -> 'refused') + jsonb_array_length(g.result -> 'discarded')), 0)::bigint
        AS refused_sentences,
    round(avg(g.milliseconds))::integer AS average_milliseconds
FROM rapport.generations AS g
LEFT JOIN rapport.model AS m ON m.name = g.model
GROUP BY 1, 2, 3, 4;
COMMENT ON VIEW rapport.usage IS
'What was generated by day, role, task and model. A text that was there already is no generation.';
COMMENT ON COLUMN rapport.usage.day IS 'The day in UTC.';
COMMENT ON COLUMN rapport.usage.role IS 'The role that asked.';
COMMENT ON COLUMN rapport.usage.task IS 'summary, email, letter, call_script or ask.';
COMMENT ON COLUMN rapport.usage.model IS 'The name of the model.';
COMMENT ON COLUMN rapport.usage.generations IS 'How many texts were written.';
COMMENT ON COLUMN rapport.usage.input_tokens IS 'Tokens of the prompts, as the models said.';
COMMENT ON COLUMN rapport.usage.output_tokens IS 'Tokens of the answers, as the models said.';
COMMENT ON COLUMN rapport.usage.cost IS
'The price of the tokens by the prices of rapport.model as they are today; NULL without a price.';
COMMENT ON COLUMN rapport.usage.fallbacks IS 'How many are the standard text, as nothing of the model could be used.';
COMMENT ON COLUMN rapport.usage.refused_sentences IS 'How many sentences were refused.';
COMMENT ON COLUMN rapport.usage.average_milliseconds IS 'How long a generation took on average.';

GRANT SELECT, DELETE ON rapport.generations TO rapport_admin;
GRANT SELECT ON rapport.generation_customers, rapport.usage TO rapport_admin;
