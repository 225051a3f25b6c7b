-- What interactions say, as short texts with their words and vectors, so that it can be found. A text is
-- embedded once, however many interactions say it: its key is made of the topic and the notes.

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

-- A column is made of it for whoever writes interactions, so everybody may.
CREATE FUNCTION crm.document_key(topic text, notes text) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN topic IS NOT NULL OR notes IS NOT NULL
        -- The length says where the topic ends.
        THEN md5(length(coalesce(topic, '')) || ':' || coalesce(topic, '') || coalesce(notes, ''))::uuid
END;
COMMENT ON FUNCTION crm.document_key(text, text) IS
'The document_id of what an interaction says in its topic and notes; NULL when it says nothing.';

-- A column and not an index on the expression: behind row-level security only a plain comparison of a
-- column may use an index. The table is written anew.
ALTER TABLE crm.interactions
-- squawk-ignore adding-field-with-default
ADD COLUMN document_id uuid GENERATED ALWAYS AS (crm.document_key(topic, notes)) STORED;
COMMENT ON COLUMN crm.interactions.document_id IS
'What it says, as a key made of topic and notes: those that say the same have the same. Leads to crm.passages.';
CREATE INDEX interactions_document ON crm.interactions (document_id, occurred_at) WHERE document_id IS NOT NULL;

CREATE TABLE crm.current_embedder (
    is_current boolean PRIMARY KEY DEFAULT true CHECK (is_current),
    model text NOT NULL
);
COMMENT ON TABLE crm.current_embedder IS 'One row: which embedder makes the vectors of crm.passages.';
COMMENT ON COLUMN crm.current_embedder.model IS 'Its name with its version, as in rapport.embedders().';
INSERT INTO crm.current_embedder (model) VALUES ('static/1');

-- No key on the text: two who say it for the first time would wait for each other, whoever they write of.
CREATE TABLE crm.passages (
    passage_id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    document_id uuid NOT NULL,
    part integer NOT NULL CHECK (part >= 0),
    is_fresh boolean NOT NULL DEFAULT false,
    model text,
    content text NOT NULL,
    words tsvector NOT NULL GENERATED ALWAYS AS (to_tsvector('pg_catalog.english', content)) STORED,
    embedding public.vector
);
COMMENT ON TABLE crm.passages IS
'What interactions say: the topic and the notes in parts of at most 1 000 characters. Triggers keep it. Each text stands here once; more often where several transactions were the first to say it, until rapport.settle_passages().';
COMMENT ON COLUMN crm.passages.passage_id IS 'Its number.';
COMMENT ON COLUMN crm.passages.document_id IS 'The document_id of the interactions that say it.';
COMMENT ON COLUMN crm.passages.part IS 'Its number in the document, from 0.';
COMMENT ON COLUMN crm.passages.is_fresh IS
'It came with many others and is not yet in the index of the vectors, into which each takes a millisecond; searches compare it one by one.';
COMMENT ON COLUMN crm.passages.model IS 'The embedder that made the vector; NULL before one did.';
COMMENT ON COLUMN crm.passages.content IS 'The topic and a part of the notes.';
COMMENT ON COLUMN crm.passages.words IS 'Its words, stemmed as English.';
COMMENT ON COLUMN crm.passages.embedding IS
'The vector, of length 1; NULL also when the embedder knows none of the words. Vectors of different models are never compared.';
-- Who plans a query on the view below learns what the statistics hold, whatever it may read; so there are none.
ALTER TABLE crm.passages ALTER COLUMN content SET STATISTICS 0;
ALTER TABLE crm.passages ALTER COLUMN words SET STATISTICS 0;
ALTER TABLE crm.passages ALTER COLUMN embedding SET STATISTICS 0;
CREATE INDEX passages_document ON crm.passages (document_id, part);
CREATE INDEX passages_words ON crm.passages USING gin (words);
CREATE INDEX passages_model ON crm.passages (model);
CREATE INDEX passages_fresh ON crm.passages (passage_id) WHERE is_fresh;

-- A passage tells what an interaction says, so it is seen by those who see one that says it.
ALTER TABLE crm.passages ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_visible_interactions ON crm.passages FOR SELECT USING (
    NOT row_security_active('crm.interactions'::regclass)
    OR EXISTS (SELECT FROM crm.interactions AS i WHERE i.document_id = passages.document_id)
);

-- A policy keeps PostgreSQL from the index of the words. The condition here is asked once and before any row
-- is read, and it is that of the caller, whoever owns the view.
CREATE VIEW crm.open_passages AS
SELECT p.passage_id, p.document_id, p.part, p.is_fresh, p.model, p.content, p.words, p.embedding
FROM crm.passages AS p
WHERE NOT row_security_active('crm.interactions'::regclass);
COMMENT ON VIEW crm.open_passages IS
'crm.passages for those from whom no policy hides interactions, by every index; empty for all others.';
GRANT SELECT ON crm.passages, crm.open_passages, crm.current_embedder TO rapport_admin, rapport_analyst;

-- No key here either, so that nobody waits.
CREATE TABLE crm.doubtful_documents (
    document_id uuid NOT NULL
);
ALTER TABLE crm.doubtful_documents REPLICA IDENTITY FULL;
COMMENT ON TABLE crm.doubtful_documents IS
'Documents that perhaps nobody says any more, which could not be told while other transactions were changing the same. The next removal of interactions and rapport.settle_passages() look again.';
COMMENT ON COLUMN crm.doubtful_documents.document_id IS 'As in crm.passages.';

CREATE FUNCTION crm.perhaps_unsaid(documents uuid []) RETURNS SETOF uuid
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
-- A transaction that began to remove or to change an interaction has left its number with it; who begins later
-- sees the number that we left. A number that is left by one that is over makes for a second look, no more.
SELECT d.document_id
FROM unnest(documents) AS d (document_id)
WHERE NOT EXISTS (
    SELECT FROM crm.interactions AS i
    WHERE i.document_id = d.document_id AND i.xmax = 0
)
$$;
COMMENT ON FUNCTION crm.perhaps_unsaid(uuid []) IS
'Those of the documents that no interaction says of which it is sure that it stays.';

CREATE FUNCTION crm.remove_unsaid(documents uuid []) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    candidates uuid [];
    locked bigint [];
BEGIN
    WITH taken AS (
        DELETE FROM crm.doubtful_documents AS d
        WHERE d.ctid IN (SELECT t.ctid FROM crm.doubtful_documents AS t LIMIT 10000 FOR UPDATE SKIP LOCKED)
        RETURNING d.document_id
    )

    SELECT array_agg(DISTINCT t.document_id) INTO candidates FROM taken AS t;
    candidates := ARRAY(
        SELECT u.document_id FROM crm.perhaps_unsaid(candidates || documents) AS u (document_id)
    );
    IF candidates = '{}' THEN
        RETURN;
    END IF;
    -- Who says it just now holds one (crm.keep_passages).
    locked := ARRAY(
        SELECT p.passage_id FROM crm.passages AS p
        WHERE p.document_id = ANY (candidates)
        ORDER BY p.passage_id
        FOR UPDATE SKIP LOCKED
    );
    -- A statement of its own, which sees what was committed before we had the locks.
    DELETE FROM crm.passages AS p
    WHERE p.document_id IN (
        SELECT a.document_id FROM crm.passages AS a WHERE a.document_id = ANY (candidates)
        EXCEPT
        SELECT h.document_id FROM crm.passages AS h
        WHERE h.document_id = ANY (candidates) AND h.passage_id NOT IN (SELECT l.id FROM unnest(locked) AS l (id))
    )
    AND NOT EXISTS (SELECT FROM crm.interactions AS i WHERE i.document_id = p.document_id);
    INSERT INTO crm.doubtful_documents (document_id)
    SELECT DISTINCT p.document_id
    FROM crm.passages AS p
    WHERE p.document_id IN (SELECT u.document_id FROM crm.perhaps_unsaid(candidates) AS u (document_id));
END
$$;
COMMENT ON FUNCTION crm.remove_unsaid(uuid []) IS
'Removes the passages of documents that no interaction says; those of which this cannot be told yet become doubtful. Waits for nobody. For transactions that are READ COMMITTED.';

CREATE FUNCTION crm.keep_passages() RETURNS trigger
LANGUAGE plpgsql
-- Whoever writes facts need not be able to write passages.
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = off
SET jit = off
AS $$
DECLARE
    -- More than these are left to rapport.settle_passages().
    many CONSTANT integer := 200;
    is_current CONSTANT boolean := current_setting('transaction_isolation') IN ('read committed', 'read uncommitted');
    said uuid [];
    unsaid uuid [];
    embedder text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        said := ARRAY(SELECT DISTINCT n.document_id FROM new_rows AS n WHERE n.document_id IS NOT NULL);
    ELSIF TG_OP = 'UPDATE' THEN
        said := ARRAY(
            SELECT n.document_id FROM new_rows AS n WHERE n.document_id IS NOT NULL
            EXCEPT
            SELECT o.document_id FROM old_rows AS o
        );
        unsaid := ARRAY(
            SELECT o.document_id FROM old_rows AS o WHERE o.document_id IS NOT NULL
            EXCEPT
            SELECT n.document_id FROM new_rows AS n
        );
    ELSE
        unsaid := ARRAY(SELECT DISTINCT o.document_id FROM old_rows AS o WHERE o.document_id IS NOT NULL);
    END IF;

    -- Without the extension nobody searches: rapport.rebuild_passages() makes up for it.
    -- With an old snapshot a lock may fail for what another customer's rows did; then it is made again.
    IF cardinality(said) > 0 AND is_current AND to_regproc('rapport.passages_of') IS NOT NULL THEN
        -- One that is there stays as long as this transaction, whoever removes the last one that said it; one
        -- that is just being removed is made again.
        said := ARRAY(
            SELECT s.document_id FROM unnest(said) AS s (document_id)
            EXCEPT
            SELECT h.document_id FROM (
                SELECT p.document_id FROM crm.passages AS p
                WHERE p.part = 0 AND p.document_id IN (SELECT s.document_id FROM unnest(said) AS s (document_id))
                FOR KEY SHARE SKIP LOCKED
            ) AS h
        );
    END IF;
    IF cardinality(said) > 0 AND to_regproc('rapport.passages_of') IS NOT NULL THEN
        -- One that is not known any more embeds nothing; interactions come all the same.
        SELECT e.model INTO embedder
        FROM crm.current_embedder AS e
        WHERE e.model IN (SELECT k.model FROM rapport.embedders() AS k);
        INSERT INTO crm.passages (document_id, part, content, model, embedding, is_fresh)
        SELECT
            w.document_id, p.part, p.content, embedder, rapport.embed(p.content, embedder)::public.vector,
            cardinality(said) > many
        FROM (
            SELECT DISTINCT ON (n.document_id) n.document_id, n.topic, n.notes
            FROM new_rows AS n
            WHERE n.document_id IN (SELECT s.document_id FROM unnest(said) AS s (document_id))
            ORDER BY n.document_id
        ) AS w
        CROSS JOIN LATERAL rapport.passages_of(w.topic, w.notes) AS p;
    END IF;

    IF cardinality(unsaid) > 0 THEN
        IF is_current THEN
            PERFORM crm.remove_unsaid(unsaid);
        ELSE
            -- An old snapshot does not show who says the same meanwhile. Nobody finds them: they lead to no
            -- interaction.
            INSERT INTO crm.doubtful_documents (document_id)
            SELECT u.document_id FROM crm.perhaps_unsaid(unsaid) AS u (document_id);
        END IF;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION crm.keep_passages() IS
'Makes the passages of what is said from now on, and removes those of what nobody says any more.';

CREATE FUNCTION crm.remove_all_passages() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $$
BEGIN
    DELETE FROM crm.passages;
    DELETE FROM crm.doubtful_documents;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION crm.remove_all_passages() IS 'Removes the passages with the interactions that a TRUNCATE removed.';
REVOKE EXECUTE ON FUNCTION crm.perhaps_unsaid(uuid []), crm.remove_unsaid(uuid []), crm.keep_passages(), crm.remove_all_passages() FROM PUBLIC;

CREATE TRIGGER passages_of_new AFTER INSERT ON crm.interactions
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION crm.keep_passages();
CREATE TRIGGER passages_of_changed AFTER UPDATE ON crm.interactions
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION crm.keep_passages();
CREATE TRIGGER passages_of_gone AFTER DELETE ON crm.interactions
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION crm.keep_passages();
CREATE TRIGGER passages_of_none AFTER TRUNCATE ON crm.interactions
FOR EACH STATEMENT EXECUTE FUNCTION crm.remove_all_passages();

-- What is there already; an extension that is older than this makes up for it when it is made anew.
DO $$
BEGIN
    IF to_regprocedure('rapport.rebuild_passages()') IS NOT NULL THEN
        PERFORM rapport.rebuild_passages();
    END IF;
END
$$;
