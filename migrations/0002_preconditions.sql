-- Looks before it leaps: everything that would stop a later migration half-way is named here at
-- once, while the inherited tables are still as they were.

DO $$
DECLARE
    obstacles text;
BEGIN
    IF current_setting('server_encoding') <> 'UTF8' THEN
        RAISE EXCEPTION 'database "%" has the encoding "%", and only UTF8 holds every label',
            current_database(), current_setting('server_encoding')
            USING ERRCODE = 'feature_not_supported', HINT = 'Create a database with ENCODING ''UTF8'' and move the tables there.';
    END IF;

    WITH inherited AS (
        SELECT c.oid, c.relname, c.relkind, c.relispartition
        FROM pg_catalog.pg_class AS c
        WHERE c.oid IN ('public.customers'::regclass, 'public.interactions'::regclass, 'public.products'::regclass)
    ),

    expected (relname, attname, types) AS (
        VALUES
        ('customers', 'customer_id', ARRAY['int2', 'int4', 'int8']),
        ('customers', 'occupation', ARRAY['varchar', 'text']),
        ('customers', 'type', ARRAY['varchar', 'text']),
        ('interactions', 'date_start', ARRAY['timestamp']),
        ('interactions', 'interaction', ARRAY['varchar', 'text']),
        ('interactions', 'customers', ARRAY['int2', 'int4', 'int8']),
        ('products', 'date', ARRAY['varchar', 'text', 'bpchar']),
        ('products', 'product', ARRAY['varchar', 'text'])
    ),

    taken (relname, attname) AS (
        VALUES
        ('customers', 'customer_type'), ('customers', 'is_placeholder'), ('customers', 'import_id'),
        ('interactions', 'occurred_at'), ('interactions', 'channel'), ('interactions', 'customer_id'),
        ('interactions', 'interaction_id'), ('interactions', 'reported_at'), ('interactions', 'import_id'),
        ('interactions', 'source_sheet'), ('interactions', 'source_row'),
        ('products', 'month'), ('products', 'import_id')
    ),

    found AS (
        SELECT format('public.%I is not an ordinary table', i.relname) AS obstacle
        FROM inherited AS i
        WHERE i.relkind <> 'r' OR i.relispartition
            OR EXISTS (SELECT FROM pg_catalog.pg_inherits AS h WHERE h.inhparent = i.oid OR h.inhrelid = i.oid)
        UNION ALL
        SELECT format('public.%I has no column "%s" of type %s', e.relname, e.attname, array_to_string(e.types, ' or '))
        FROM expected AS e
        WHERE NOT EXISTS (
            SELECT
            FROM inherited AS i
            INNER JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.oid
            INNER JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
            WHERE i.relname = e.relname AND a.attname = e.attname AND NOT a.attisdropped AND t.typname = ANY (e.types)
        )
        UNION ALL
        SELECT format('public.%I has a column "%s" already', i.relname, a.attname)
        FROM taken AS k
        INNER JOIN inherited AS i ON i.relname = k.relname
        INNER JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.oid AND a.attname = k.attname AND NOT a.attisdropped
        UNION ALL
        SELECT 'public.customers has no primary key on customer_id alone'
        FROM inherited AS i
        WHERE i.relname = 'customers' AND NOT EXISTS (
            SELECT
            FROM pg_catalog.pg_index AS x
            INNER JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.oid AND a.attname = 'customer_id'
            WHERE x.indrelid = i.oid AND x.indisprimary AND x.indkey::text = a.attnum::text
        )
        UNION ALL
        SELECT format('public.%I has a primary key', i.relname)
        FROM inherited AS i
        INNER JOIN pg_catalog.pg_index AS x ON x.indrelid = i.oid AND x.indisprimary
        WHERE i.relname IN ('interactions', 'products')
        UNION ALL
        SELECT DISTINCT format('%s reads public.%I', r.ev_class::regclass, i.relname)
        FROM inherited AS i
        INNER JOIN pg_catalog.pg_depend AS d ON d.refobjid = i.oid AND d.refclassid = 'pg_class'::regclass
        INNER JOIN pg_catalog.pg_rewrite AS r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass
        WHERE r.ev_class <> i.oid
        UNION ALL
        SELECT format('policy "%s" is on public.%I', p.polname, i.relname)
        FROM inherited AS i
        INNER JOIN pg_catalog.pg_policy AS p ON p.polrelid = i.oid
        UNION ALL
        SELECT format('schema "%s" exists already', n.nspname)
        FROM pg_catalog.pg_namespace AS n
        WHERE n.nspname IN ('crm', 'stats', 'bi')
    )

    SELECT string_agg('- ' || f.obstacle, E'\n' ORDER BY f.obstacle) INTO obstacles
    FROM found AS f;

    IF obstacles IS NOT NULL THEN
        RAISE EXCEPTION 'the tables of this database cannot be taken over as they are'
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = obstacles,
                HINT = 'Save and drop what stands in the way, run rapport migrate, and create it again on the tables in crm.';
    END IF;
END
$$;
