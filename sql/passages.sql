-- The texts by which interactions are found, and their vectors. Triggers keep them in step with the
-- interactions; what is here makes them anew, and changes the embedder.

CREATE FUNCTION rapport.index_passages(model text) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    index_name CONSTANT text := 'passages_' || replace(model, '/', '_');
    dimensions integer;
BEGIN
    -- To ask for it again would lock the passages against writers.
    IF to_regclass('crm.' || quote_ident(index_name)) IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT e.dimensions INTO STRICT dimensions FROM rapport.embedders() AS e WHERE e.model = index_passages.model;
    -- One for each model: an index holds vectors of one length. Of numbers of half the size, as it is read at
    -- random and better in memory.
    EXECUTE format(
        'CREATE INDEX %I ON crm.passages USING hnsw ((embedding::public.halfvec(%s)) public.halfvec_ip_ops) WHERE model = %L AND NOT is_fresh',
        index_name, dimensions, model
    );
    -- As of the columns: what the planner knows is known to everybody.
    EXECUTE format('ALTER INDEX crm.%I ALTER COLUMN 1 SET STATISTICS 0', index_name);
END
$$;
COMMENT ON FUNCTION rapport.index_passages(text) IS
'Makes the index of the vectors of an embedder, if there is none. Example: SELECT rapport.index_passages(''static/1'');';

CREATE FUNCTION rapport.require_embedder() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    embedder text;
BEGIN
    SELECT c.model INTO embedder
    FROM crm.current_embedder AS c
    WHERE c.model IN (SELECT e.model FROM rapport.embedders() AS e);
    IF embedder IS NULL THEN
        RAISE EXCEPTION 'the embedder of the passages is not known to this version of the extension'
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'SELECT rapport.use_embedder(''static'');';
    END IF;
    RETURN embedder;
END
$$;
COMMENT ON FUNCTION rapport.require_embedder() IS
'The embedder of the passages; raises 55000 when this version of the extension does not know it. Example: SELECT rapport.require_embedder();';

CREATE FUNCTION rapport.passages_to_read() RETURNS text
LANGUAGE sql STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
AS $$
SELECT CASE WHEN row_security_active('crm.interactions') THEN 'crm.passages' ELSE 'crm.open_passages' END
$$;
COMMENT ON FUNCTION rapport.passages_to_read() IS
'Where the caller reads passages: in crm.open_passages, by every index, unless row-level security hides interactions from him. Example: SELECT rapport.passages_to_read();';

CREATE FUNCTION rapport.require_current_snapshots() RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'passages are kept in transactions that are READ COMMITTED, this one is %',
            upper(current_setting('transaction_isolation'))
            USING ERRCODE = 'active_sql_transaction', HINT = 'Call it outside of a transaction.';
    END IF;
END
$$;
COMMENT ON FUNCTION rapport.require_current_snapshots() IS
'Raises 25001 above READ COMMITTED, where a transaction does not see what others have written since. Example: SELECT rapport.require_current_snapshots();';

CREATE FUNCTION rapport.rebuild_passages() RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
-- Passages and their indexes belong to the owner of the tables.
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = off
SET jit = off
AS $$
DECLARE
    embedder text;
    passages bigint;
BEGIN
    PERFORM rapport.require_schema();
    PERFORM rapport.require_current_snapshots();
    -- Nobody adds or removes interactions meanwhile.
    LOCK TABLE crm.interactions IN SHARE ROW EXCLUSIVE MODE;
    embedder := rapport.require_embedder();
    TRUNCATE crm.passages, crm.doubtful_documents;
    EXECUTE (
        SELECT coalesce(string_agg(format('DROP INDEX crm.%I;', c.relname), ' '), 'SELECT')
        FROM pg_index AS x
        INNER JOIN pg_class AS c ON c.oid = x.indexrelid
        INNER JOIN pg_am AS a ON a.oid = c.relam
        WHERE x.indrelid = 'crm.passages'::regclass AND a.amname = 'hnsw'
    );
    INSERT INTO crm.passages (document_id, part, content, model, embedding)
    SELECT w.document_id, p.part, p.content, embedder, rapport.embed(p.content, embedder)::public.vector
    FROM (
        SELECT DISTINCT ON (i.document_id) i.document_id, i.topic, i.notes
        FROM crm.interactions AS i
        WHERE i.document_id IS NOT NULL
        ORDER BY i.document_id
    ) AS w
    CROSS JOIN LATERAL rapport.passages_of(w.topic, w.notes) AS p;
    GET DIAGNOSTICS passages = ROW_COUNT;
    -- Made at once, it is better and takes less time than row by row.
    PERFORM rapport.index_passages(embedder);
    RETURN passages;
END
$$;
COMMENT ON FUNCTION rapport.rebuild_passages() IS
'Makes all passages anew, for interactions that were written while triggers were off, and returns their number. Nobody reads or writes them meanwhile, and a transaction that has read them and then writes interactions may be a deadlock. Raises 25001 above READ COMMITTED. Example: SELECT rapport.rebuild_passages();';

CREATE FUNCTION rapport.use_embedder(model text) RETURNS text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
-- Passages and their indexes belong to the owner of the tables.
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    chosen text;
BEGIN
    PERFORM rapport.require_schema();
    SELECT e.model INTO chosen
    FROM rapport.embedders() AS e
    WHERE use_embedder.model IN (e.model, split_part(e.model, '/', 1));
    IF chosen IS NULL THEN
        RAISE EXCEPTION 'embedder "%" is unknown', coalesce(model, 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'SELECT model FROM rapport.embedders() lists those that are known.';
    END IF;
    UPDATE crm.current_embedder AS e SET model = chosen WHERE e.model <> chosen;
    PERFORM rapport.index_passages(chosen);
    RETURN chosen;
END
$$;
COMMENT ON FUNCTION rapport.use_embedder(text) IS
'Chooses the embedder of all searches from now on. Passages that another one embedded are found by their words only until rapport.settle_passages() has come to them. Raises 22023 for an unknown one. Example: SELECT rapport.use_embedder(''static'');';

CREATE FUNCTION rapport.settle_passages(max_passages integer DEFAULT 10000) RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
-- Passages and their indexes belong to the owner of the tables.
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $$
DECLARE
    embedder text;
BEGIN
    PERFORM rapport.require_schema();
    IF max_passages IS NULL OR max_passages < 1 THEN
        RAISE EXCEPTION 'max_passages must be above zero, got "%"', coalesce(max_passages::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM rapport.require_current_snapshots();
    SELECT e.model INTO embedder FROM crm.current_embedder AS e;
    PERFORM crm.remove_unsaid(ARRAY(
        SELECT p.document_id
        FROM crm.passages AS p
        WHERE p.part = 0 AND NOT EXISTS (SELECT FROM crm.interactions AS i WHERE i.document_id = p.document_id)
    ));
    -- Two who said it for the first time at once did not see each other. The first stays; as it is locked too,
    -- nobody removes it while the other goes.
    WITH copies AS (
        SELECT p.passage_id, p.document_id, p.part
        FROM crm.passages AS p
        WHERE p.document_id IN (
            SELECT d.document_id FROM crm.passages AS d GROUP BY d.document_id, d.part HAVING count(*) > 1
        )
        FOR UPDATE SKIP LOCKED
    )

    DELETE FROM crm.passages AS p
    USING (
        SELECT c.passage_id, row_number() OVER (PARTITION BY c.document_id, c.part ORDER BY c.passage_id) AS place
        FROM copies AS c
    ) AS n
    WHERE n.passage_id = p.passage_id AND n.place > 1;
    UPDATE crm.passages AS p
    SET model = embedder, is_fresh = false,
        embedding = CASE WHEN p.model = embedder THEN p.embedding ELSE rapport.embed(p.content, embedder)::public.vector END
    FROM (
        SELECT q.passage_id
        FROM crm.passages AS q
        WHERE q.model IS DISTINCT FROM embedder OR q.is_fresh
        ORDER BY q.passage_id
        LIMIT max_passages
        FOR NO KEY UPDATE SKIP LOCKED
    ) AS pending
    WHERE p.passage_id = pending.passage_id;
    RETURN (SELECT count(*) FROM crm.passages AS p WHERE p.model IS DISTINCT FROM embedder OR p.is_fresh);
END
$$;
COMMENT ON FUNCTION rapport.settle_passages(integer) IS
'Embeds passages that the current embedder has not seen, and puts fresh ones into the index of the vectors, at most so many, and returns how many are left; removes what nobody says any more and what stands there twice. Call it now and then, and after a change of the embedder until that is 0, each time in a transaction of its own; it may be stopped at any time. Raises 25001 above READ COMMITTED. Example: SELECT rapport.settle_passages(1000);';

REVOKE EXECUTE ON FUNCTION
rapport.passages_to_read(), rapport.require_embedder(), rapport.require_current_snapshots(), rapport.index_passages(text), rapport.rebuild_passages(), rapport.use_embedder(text), rapport.settle_passages(integer)
FROM PUBLIC;
