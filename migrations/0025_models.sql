-- Language models as rows. How a model is reached and the name of its key are one row, which only
-- rapport_admin writes: nobody else can send a key to an address of his choice. The key itself is in
-- no table: it is a file or an environment variable of the server.

CREATE TABLE rapport.model (
    name text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9._-]{0,62}$'),
    dialect text NOT NULL CHECK (dialect <> ''),
    endpoint text CHECK (length(endpoint) <= 2000),
    provider_model text CHECK (provider_model <> '' AND length(provider_model) <= 500),
    secret text CHECK (secret ~ '^[a-z][a-z0-9_-]{0,62}$'),
    auth_header text CHECK (auth_header ~ '^[A-Za-z][A-Za-z0-9-]{0,62}$'),
    parameters jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(parameters) = 'object'),
    streams boolean NOT NULL DEFAULT false,
    timeout_seconds integer NOT NULL DEFAULT 60 CHECK (timeout_seconds BETWEEN 1 AND 600),
    attempts integer NOT NULL DEFAULT 3 CHECK (attempts BETWEEN 1 AND 10),
    input_price numeric(12, 4) CHECK (input_price >= 0 AND input_price < 'NaN'),
    output_price numeric(12, 4) CHECK (output_price >= 0 AND output_price < 'NaN'),
    registered_at timestamptz NOT NULL DEFAULT now(),
    registered_by text NOT NULL DEFAULT session_user,
    CHECK ((dialect = 'mock') = (endpoint IS NULL)),
    CHECK ((dialect = 'mock') = (provider_model IS NULL)),
    CHECK (dialect <> 'mock' OR secret IS NULL),
    -- It is built in.
    CHECK (name <> 'mock' OR (dialect = 'mock' AND parameters = '{}'))
);
COMMENT ON TABLE rapport.model IS
'The language models that can be asked, and how: rapport.register_model writes a row after checking it.';
COMMENT ON COLUMN rapport.model.dialect IS 'The wire format, one of rapport.dialects().';
COMMENT ON COLUMN rapport.model.endpoint IS
'The base address of the API, such as https://api.example.com/v1; its origin must be one of rapport.model_origins. NULL for a mock.';
COMMENT ON COLUMN rapport.model.provider_model IS 'How the provider calls the model.';
COMMENT ON COLUMN rapport.model.secret IS
'The name of the key: a file in rapport.secrets_directory, or the environment variable RAPPORT_SECRET_<NAME> of the server. NULL when the provider wants none.';
COMMENT ON COLUMN rapport.model.auth_header IS
'The header that carries the key, such as api-key; NULL for the usual one of the dialect.';
COMMENT ON COLUMN rapport.model.parameters IS 'What is added to each request, such as {"temperature": 0}; for a mock its faults.';
COMMENT ON COLUMN rapport.model.streams IS 'Whether answers are asked for as a stream of events.';
COMMENT ON COLUMN rapport.model.timeout_seconds IS 'How long one call may take with all its attempts, in seconds.';
COMMENT ON COLUMN rapport.model.attempts IS 'How often a call is tried when the provider is busy or fails.';
COMMENT ON COLUMN rapport.model.input_price IS 'The price of a million tokens of prompt, in the currency of the contract.';
COMMENT ON COLUMN rapport.model.output_price IS 'The price of a million tokens of answer.';

INSERT INTO rapport.model (name, dialect) VALUES ('mock', 'mock');

CREATE TABLE rapport.model_choice (
    task text PRIMARY KEY CHECK (task IN ('summary', 'email', 'letter', 'call_script', 'ask')),
    model text NOT NULL REFERENCES rapport.model (name),
    chosen_at timestamptz NOT NULL DEFAULT now(),
    chosen_by text NOT NULL DEFAULT session_user
);
COMMENT ON TABLE rapport.model_choice IS 'Which model does which task: rapport.use_model changes it.';
CREATE INDEX model_choice_model ON rapport.model_choice (model);

INSERT INTO rapport.model_choice (task, model)
SELECT t.task, 'mock' FROM unnest(ARRAY['summary', 'email', 'letter', 'call_script', 'ask']) AS t (task);

CREATE VIEW rapport.models AS
SELECT
    m.name,
    m.dialect,
    m.endpoint,
    m.provider_model,
    ARRAY(SELECT c.task FROM rapport.model_choice AS c WHERE c.model = m.name ORDER BY c.task) AS tasks,
    m.secret,
    m.parameters,
    m.input_price,
    m.output_price
FROM rapport.model AS m;
COMMENT ON VIEW rapport.models IS 'The language models and the tasks that each does.';
COMMENT ON COLUMN rapport.models.name IS 'The name by which it is chosen.';
COMMENT ON COLUMN rapport.models.dialect IS 'The wire format.';
COMMENT ON COLUMN rapport.models.endpoint IS 'The base address of the API; NULL for a mock.';
COMMENT ON COLUMN rapport.models.provider_model IS 'How the provider calls the model.';
COMMENT ON COLUMN rapport.models.tasks IS 'The tasks that it does.';
COMMENT ON COLUMN rapport.models.secret IS 'The name of its key, never the key.';
COMMENT ON COLUMN rapport.models.parameters IS 'What is added to each request.';
COMMENT ON COLUMN rapport.models.input_price IS 'The price of a million tokens of prompt.';
COMMENT ON COLUMN rapport.models.output_price IS 'The price of a million tokens of answer.';

GRANT SELECT ON rapport.model, rapport.model_choice, rapport.models TO rapport_analyst, rapport_admin;
GRANT INSERT, UPDATE, DELETE ON rapport.model, rapport.model_choice TO rapport_admin;

SELECT rapport.grant_access();
