-- What interactions say, as short texts with their words and vectors, so that it can be found. A text is
-- stored once, however many interactions say it: its key is made of the topic and the notes.

DO $$
BEGIN
    IF (
        SELECT n.nspname FROM pg_extension AS e INNER JOIN pg_namespace AS n ON n.oid = e.extnamespace
        WHERE e.extname = 'vector'
    ) <> 'public' THEN
        RAISE EXCEPTION 'the extension "vector" is not in the schema "public"'
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'ALTER EXTENSION vector SET SCHEMA public;';
    END IF;
END
$$;

-- An index calls it for whoever writes interactions, so everybody may.
CREATE FUNCTION crm.document_key(topic text, notes text) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN topic IS NOT NULL OR notes IS NOT NULL THEN md5(coalesce(topic, '') || chr(31) || coalesce(notes, ''))::uuid
END;
COMMENT ON FUNCTION crm.document_key(text, text) IS
'The document_id of what an interaction says in its topic and notes; NULL when it says nothing.';

CREATE TABLE crm.current_embedder (
    is_current boolean PRIMARY KEY DEFAULT true CHECK (is_current),
    model text NOT NULL
);
COMMENT ON TABLE crm.current_embedder IS 'One row: which embedder makes the vectors of crm.passages.';
COMMENT ON COLUMN crm.current_embedder.model IS 'Its name with its version, as in rapport.embedders().';

CREATE TABLE crm.passages (
    document_id uuid NOT NULL,
    part integer NOT NULL CHECK (part >= 0),
    content text NOT NULL,
    words tsvector NOT NULL GENERATED ALWAYS AS (to_tsvector('pg_catalog.english', content)) STORED,
    model text,
    embedding public.vector,
    is_fresh boolean NOT NULL DEFAULT false,
    PRIMARY KEY (document_id, part)
);
COMMENT ON TABLE crm.passages IS
'What interactions say: the topic and the notes in parts of at most 1 000 characters, each text once. Triggers keep it.';
COMMENT ON COLUMN crm.passages.document_id IS 'crm.document_key of the interactions that say it.';
COMMENT ON COLUMN crm.passages.part IS 'Its number in the document, from 0.';
COMMENT ON COLUMN crm.passages.content IS 'The topic and a part of the notes.';
COMMENT ON COLUMN crm.passages.words IS 'Its words, stemmed as English.';
COMMENT ON COLUMN crm.passages.model IS 'The embedder that made the vector; NULL before one did.';
COMMENT ON COLUMN crm.passages.embedding IS
'The vector, of length 1; NULL also when the embedder knows none of the words. Vectors of different models are never compared.';
COMMENT ON COLUMN crm.passages.is_fresh IS
'It came with many others and is not yet in the index of the vectors, into which each takes a millisecond; searches compare it one by one.';
CREATE INDEX passages_words ON crm.passages USING gin (words);
CREATE INDEX passages_model ON crm.passages (model);
CREATE INDEX passages_fresh ON crm.passages (document_id, part) WHERE is_fresh;
CREATE INDEX interactions_document ON crm.interactions (crm.document_key(topic, notes));

-- A passage tells what an interaction says, so it is seen by those who see one that says it.
ALTER TABLE crm.passages ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_visible_interactions ON crm.passages FOR SELECT USING (
    NOT row_security_active('crm.interactions'::regclass)
    OR EXISTS (SELECT FROM crm.interactions AS i WHERE crm.document_key(i.topic, i.notes) = passages.document_id)
);
GRANT SELECT ON crm.passages, crm.current_embedder TO rapport_admin, rapport_analyst;

-- Documents that nobody says any more, but of which a transaction with an old snapshot could not be sure.
CREATE TABLE crm.stale_documents (
    document_id uuid NOT NULL
);
ALTER TABLE crm.stale_documents REPLICA IDENTITY FULL;
COMMENT ON TABLE crm.stale_documents IS 'Documents whose passages the next change of interactions looks at, and removes if nobody says them.';

CREATE FUNCTION crm.add_passages() RETURNS trigger
LANGUAGE plpgsql
-- Whoever writes facts need not be able to write passages.
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $$
DECLARE
    -- More than these are left to rapport.settle_passages().
    many CONSTANT integer := 200;
    embedder CONSTANT text := (SELECT e.model FROM crm.current_embedder AS e);
BEGIN
    -- Without the extension nobody searches: rapport.rebuild_passages() makes up for it.
    IF to_regproc('rapport.passages_of') IS NULL THEN
        RETURN NULL;
    END IF;
    FOR attempt IN 1..3 LOOP
        INSERT INTO crm.passages (document_id, part, content, model, embedding, is_fresh)
        SELECT
            w.document_id, p.part, p.content, embedder, rapport.embed(p.content, embedder)::public.vector,
            count(*) OVER () > many
        FROM (
            SELECT crm.document_key(t.topic, t.notes) AS document_id, t.topic, t.notes
            FROM (SELECT DISTINCT n.topic, n.notes FROM new_rows AS n) AS t
        ) AS w
        CROSS JOIN LATERAL rapport.passages_of(w.topic, w.notes) AS p
        WHERE NOT EXISTS (SELECT FROM crm.passages AS e WHERE e.document_id = w.document_id)
        ORDER BY w.document_id, p.part
        ON CONFLICT DO NOTHING;
        -- They stay as long as this transaction: another one may just be removing the last interaction
        -- that said the same.
        PERFORM FROM crm.passages AS p
        WHERE p.part = 0 AND p.document_id IN (
            SELECT crm.document_key(t.topic, t.notes) FROM (SELECT DISTINCT n.topic, n.notes FROM new_rows AS n) AS t
        )
        ORDER BY p.document_id
        FOR KEY SHARE;
        EXIT WHEN NOT EXISTS (
            SELECT FROM (SELECT DISTINCT n.topic, n.notes FROM new_rows AS n) AS t
            CROSS JOIN LATERAL rapport.passages_of(t.topic, t.notes) AS p
            WHERE p.part = 0
                AND NOT EXISTS (
                    SELECT FROM crm.passages AS e WHERE e.document_id = crm.document_key(t.topic, t.notes)
                )
        );
    END LOOP;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION crm.add_passages() IS 'Makes the passages of interactions that came or say something else.';

CREATE FUNCTION crm.remove_passages() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $$
DECLARE
    stale uuid [];
BEGIN
    SELECT array_agg(t.document_id) INTO stale
    FROM (
        SELECT crm.document_key(d.topic, d.notes) AS document_id
        FROM (SELECT DISTINCT o.topic, o.notes FROM old_rows AS o) AS d
        UNION
        SELECT s.document_id FROM crm.stale_documents AS s
    ) AS t
    WHERE t.document_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM crm.interactions AS i WHERE crm.document_key(i.topic, i.notes) = t.document_id);
    IF stale IS NULL THEN
        RETURN NULL;
    END IF;
    -- Nobody finds them any more, as they lead to no interaction. They go when it is sure that no other
    -- transaction has just said the same, which an old snapshot does not show.
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        INSERT INTO crm.stale_documents SELECT s.* FROM unnest(stale) AS s;
        RETURN NULL;
    END IF;
    PERFORM FROM crm.passages AS p
    WHERE p.document_id = ANY (stale)
    ORDER BY p.document_id, p.part
    FOR UPDATE;
    DELETE FROM crm.passages AS p
    WHERE p.document_id = ANY (stale)
        AND NOT EXISTS (SELECT FROM crm.interactions AS i WHERE crm.document_key(i.topic, i.notes) = p.document_id);
    DELETE FROM crm.stale_documents AS s WHERE s.document_id = ANY (stale);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION crm.remove_passages() IS 'Removes the passages that no interaction says any more.';

CREATE FUNCTION crm.remove_all_passages() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM crm.passages;
    DELETE FROM crm.stale_documents;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION crm.remove_all_passages() IS 'Removes the passages with the interactions that a TRUNCATE removed.';
REVOKE EXECUTE ON FUNCTION crm.add_passages(), crm.remove_passages(), crm.remove_all_passages() FROM PUBLIC;

CREATE TRIGGER passages_of_new AFTER INSERT ON crm.interactions
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION crm.add_passages();
CREATE TRIGGER passages_of_changed AFTER UPDATE ON crm.interactions
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION crm.add_passages();
CREATE TRIGGER passages_of_former AFTER UPDATE ON crm.interactions
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION crm.remove_passages();
CREATE TRIGGER passages_of_gone AFTER DELETE ON crm.interactions
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION crm.remove_passages();
CREATE TRIGGER passages_of_none AFTER TRUNCATE ON crm.interactions
FOR EACH STATEMENT EXECUTE FUNCTION crm.remove_all_passages();

INSERT INTO crm.current_embedder (model) VALUES ('static/1');

-- What is there already; an extension that is older than this makes up for it when it is made anew.
DO $$
BEGIN
    IF to_regproc('rapport.rebuild_passages') IS NOT NULL THEN
        PERFORM rapport.rebuild_passages();
    END IF;
END
$$;
