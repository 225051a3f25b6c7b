-- The tables of the contestant that cleans in plain SQL: what the file says, and what was refused of it.

CREATE SCHEMA bench;
CREATE UNLOGGED TABLE bench.staging (
    line bigint GENERATED ALWAYS AS IDENTITY,
    date_start text,
    interaction text,
    customers text,
    topic text,
    sentiment text
);
CREATE TABLE bench.rejects (
    line bigint NOT NULL,
    reason text NOT NULL,
    date_start text,
    interaction text,
    customers text
);
-- White space folded and trimmed. PostgreSQL puts the expression in place of the call, and what
-- comes before ELSE is many times cheaper than a regular expression.
CREATE FUNCTION bench.fold(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN btrim(value, U&' \0009\00A0') = value AND strpos(value, '  ') = 0
        AND strpos(value, U&'\0009') = 0 AND strpos(value, U&'\00A0') = 0 THEN value
    ELSE btrim(regexp_replace(translate(value, U&'\00A0\200B\FEFF', ' '), '\s+', ' ', 'g'))
END;
