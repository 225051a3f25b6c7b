-- The temporary tables in which an import works, and what every later step wants to know of its rows.

CREATE FUNCTION rapport.make_import_tables() RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $$
BEGIN
    PERFORM rapport.drop_import_tables();
    CREATE TEMPORARY TABLE rapport_import_row (
        seq bigint NOT NULL,
        -- The first record of the same row of the file, for the others that a split made of it.
        split_of bigint,
        kind text,
        sheet text NOT NULL,
        row_number integer,
        customer_id bigint,
        occurred_at timestamp,
        month date,
        channel text,
        topic text,
        sentiment text,
        notes text,
        occupation text,
        customer_type text,
        product text,
        extra jsonb,
        entries jsonb
    ) ON COMMIT DROP;
    -- What the reader says of rows and columns, and how often rows have the same labels: two looks at
    -- every row, so that no later step needs its own.
    CREATE TEMPORARY TABLE rapport_import_note (LIKE pg_temp.rapport_import_row) ON COMMIT DROP;
    CREATE TEMPORARY TABLE rapport_import_group (
        kind text,
        channel text,
        topic text,
        sentiment text,
        occupation text,
        customer_type text,
        product text,
        records bigint,
        rows_read bigint
    ) ON COMMIT DROP;
    -- The rows that speak of an interaction which is stored, or, without its number, stands in an
    -- earlier row.
    CREATE TEMPORARY TABLE rapport_import_match (
        seq bigint PRIMARY KEY,
        interaction_id bigint
    ) ON COMMIT DROP;
    -- The rows that speak of a thing which is stored or stands in an earlier row; interaction_id is
    -- that of the interaction they repeat.
    CREATE TEMPORARY TABLE rapport_import_repeat (
        LIKE pg_temp.rapport_import_row, interaction_id bigint, PRIMARY KEY (seq)
    ) ON COMMIT DROP;
    ALTER TABLE pg_temp.rapport_import_repeat DROP COLUMN entries;
    -- What repeats say, beside what is stored.
    CREATE TEMPORARY TABLE rapport_import_saying (
        seq bigint NOT NULL,
        customer_id bigint,
        interaction_id bigint,
        product_month_id bigint,
        field text NOT NULL,
        header text,
        incoming text,
        stored text
    ) ON COMMIT DROP;
    -- A value of a repeat that filled a gap (kept IS NULL) or contradicts the value that is kept;
    -- kept_seq is the row of the file that said that first, NULL when it was stored.
    CREATE TEMPORARY TABLE rapport_import_cell (
        seq bigint NOT NULL,
        customer_id bigint,
        interaction_id bigint,
        product_month_id bigint,
        field text NOT NULL,
        header text,
        incoming text NOT NULL,
        kept text,
        kept_seq bigint
    ) ON COMMIT DROP;
    -- What merging decided, for the ledger.
    CREATE TEMPORARY TABLE rapport_import_decision (
        seq bigint NOT NULL,
        sheet text NOT NULL,
        row_number integer NOT NULL,
        field text,
        header text,
        rule text NOT NULL,
        before text,
        after text,
        detail text,
        customer_id bigint,
        interaction_id bigint,
        product_month_id bigint
    ) ON COMMIT DROP;
END
$$;
COMMENT ON FUNCTION rapport.make_import_tables() IS
'A step of an import: makes its temporary tables. Example: none, it serves a running import.';

CREATE FUNCTION rapport.drop_import_tables() RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $$
BEGIN
    DROP TABLE IF EXISTS
    pg_temp.rapport_import_row, pg_temp.rapport_import_note, pg_temp.rapport_import_group,
    pg_temp.rapport_import_match, pg_temp.rapport_import_repeat, pg_temp.rapport_import_saying,
    pg_temp.rapport_import_cell, pg_temp.rapport_import_decision;
END
$$;
COMMENT ON FUNCTION rapport.drop_import_tables() IS
'A step of an import: drops its temporary tables. Example: none, it serves a running import.';

CREATE FUNCTION rapport.analyze_import_table(name text) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
SET search_path = pg_catalog, pg_temp
-- These tables live for one import: a rough idea of them is enough.
SET default_statistics_target = 20
AS $$
BEGIN
    EXECUTE format('ANALYZE pg_temp.%I', name);
END
$$;
COMMENT ON FUNCTION rapport.analyze_import_table(text) IS
'A step of an import: gathers statistics of one of its temporary tables. Example: none, it serves a running import.';

CREATE FUNCTION rapport.survey_import() RETURNS void
LANGUAGE sql VOLATILE PARALLEL UNSAFE COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
INSERT INTO pg_temp.rapport_import_note
SELECT r.* FROM pg_temp.rapport_import_row AS r WHERE r.entries IS NOT NULL;

INSERT INTO pg_temp.rapport_import_group
SELECT
    r.kind, r.channel, r.topic, r.sentiment, r.occupation, r.customer_type, r.product,
    count(*), count(*) FILTER (WHERE r.split_of IS NULL)
FROM pg_temp.rapport_import_row AS r
WHERE r.row_number IS NOT NULL
GROUP BY 1, 2, 3, 4, 5, 6, 7
$$;
COMMENT ON FUNCTION rapport.survey_import() IS
'A step of an import: gathers what the reader noted, and the labels of the rows. Example: none, it serves a running import.';

CREATE FUNCTION rapport.lock_customers_of_import() RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
-- Nobody but the triggers of the counts may lock them.
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- All at once and in one order, as every writer does: the statements of an import would lock some of
    -- them early and others late, and could wait for somebody who waits for it.
    PERFORM stats.lock_customers(array_agg(DISTINCT r.customer_id))
    FROM pg_temp.rapport_import_row AS r
    WHERE r.customer_id IS NOT NULL;
END
$$;
COMMENT ON FUNCTION rapport.lock_customers_of_import() IS
'A step of an import: waits for whoever changes its customers or their interactions, and locks them. Example: none, it serves a running import.';

REVOKE EXECUTE ON FUNCTION
rapport.lock_customers_of_import(),
rapport.make_import_tables(),
rapport.drop_import_tables(),
rapport.analyze_import_table(text),
rapport.survey_import()
FROM PUBLIC;
