-- Checks that other functions begin with.

DO $$
BEGIN
    IF current_setting('server_encoding') <> 'UTF8' THEN
        RAISE EXCEPTION 'extension "rapport" needs a database with the encoding UTF8, this one has "%"',
            current_setting('server_encoding')
            USING ERRCODE = 'feature_not_supported';
    END IF;
END
$$;

CREATE FUNCTION rapport.require_schema() RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF to_regclass('crm.interactions_identity') IS NULL OR to_regclass('crm.passages') IS NULL THEN
        RAISE EXCEPTION 'database "%" does not have the tables of rapport', current_database()
            USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = 'Run: rapport migrate --database-url <this database>';
    END IF;
END
$$;
COMMENT ON FUNCTION rapport.require_schema() IS
'Raises 55000 unless the migrations have run. Example: SELECT rapport.require_schema();';

CREATE FUNCTION rapport.require_customer(customer_id bigint) RETURNS void
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM rapport.require_schema();
    IF customer_id IS NULL THEN
        RAISE EXCEPTION 'customer id must not be null' USING ERRCODE = 'null_value_not_allowed';
    ELSIF EXISTS (SELECT FROM crm.customers AS c WHERE c.customer_id = require_customer.customer_id) THEN
        RETURN;
    ELSIF customer_id <= 0 THEN
        RAISE EXCEPTION 'customer id must be positive, got "%"', customer_id
            USING ERRCODE = 'invalid_parameter_value';
    ELSE
        RAISE EXCEPTION 'customer "%" does not exist', customer_id
            USING ERRCODE = 'no_data_found',
                HINT = 'SELECT customer_id FROM crm.customers lists those that do.';
    END IF;
END
$$;
COMMENT ON FUNCTION rapport.require_customer(bigint) IS
'Raises P0002 for an unknown customer, 22023 for an id below 1. Example: SELECT rapport.require_customer(1);';

CREATE FUNCTION rapport.require_import(import_id bigint) RETURNS void
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM rapport.require_schema();
    IF import_id IS NULL THEN
        RAISE EXCEPTION 'import id must not be null' USING ERRCODE = 'null_value_not_allowed';
    ELSIF NOT EXISTS (SELECT FROM crm.imports AS i WHERE i.import_id = require_import.import_id) THEN
        RAISE EXCEPTION 'import "%" does not exist', import_id
            USING ERRCODE = 'no_data_found',
                HINT = 'SELECT import_id, file_name FROM crm.imports lists those that do.';
    END IF;
END
$$;
COMMENT ON FUNCTION rapport.require_import(bigint) IS
'Raises P0002 for an unknown import. Example: SELECT rapport.require_import(1);';

CREATE FUNCTION rapport.lock_imports() RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Whoever waits for the lock must then see what the one before wrote; a snapshot of the whole
    -- transaction would not.
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'imports need the isolation level read committed, this transaction has "%"',
            current_setting('transaction_isolation')
            USING ERRCODE = 'active_sql_transaction',
                HINT = 'BEGIN ISOLATION LEVEL READ COMMITTED, or SET default_transaction_isolation = ''read committed''.';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('rapport.import_file', 0));
END
$$;
COMMENT ON FUNCTION rapport.lock_imports() IS
'Lets one import or undo run at a time, until the transaction ends. Raises 25001 above read committed. Example: SELECT rapport.lock_imports();';

CREATE FUNCTION rapport.require_period(since date, until date) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF since > until THEN
        RAISE EXCEPTION 'since "%" is after until "%"', since, until
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
END
$$;
COMMENT ON FUNCTION rapport.require_period(date, date) IS
'Raises 22023 when a period ends before it begins. Example: SELECT rapport.require_period(''2020-01-01'', ''2020-12-31'');';

REVOKE EXECUTE ON FUNCTION
rapport.require_schema(), rapport.require_customer(bigint), rapport.require_import(bigint),
rapport.require_period(date, date), rapport.lock_imports()
FROM PUBLIC;
