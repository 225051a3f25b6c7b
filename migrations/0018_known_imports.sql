-- The import of an interaction is looked up once for a statement. The foreign key looked it up for
-- each row, which was a seventh of the time of an import, and always found the same one.

-- squawk-ignore ban-drop-constraint
ALTER TABLE crm.interactions DROP CONSTRAINT interactions_import_id_fkey;

CREATE FUNCTION crm.require_known_imports() RETURNS trigger
LANGUAGE plpgsql
-- Whoever may write interactions need not be able to read the imports.
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    unknown bigint;
BEGIN
    SELECT n.import_id INTO unknown
    FROM (SELECT DISTINCT w.import_id FROM written AS w WHERE w.import_id IS NOT NULL) AS n
    WHERE NOT EXISTS (SELECT FROM crm.imports AS i WHERE i.import_id = n.import_id)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'no import has the id %, which rows of crm.interactions name', unknown
            USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            COLUMN = 'import_id';
    END IF;
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION crm.require_known_imports() FROM PUBLIC;
COMMENT ON FUNCTION crm.require_known_imports() IS
'Refuses rows of an import that does not exist, as a foreign key would.';

CREATE TRIGGER require_known_imports_of_new AFTER INSERT ON crm.interactions
REFERENCING NEW TABLE AS written
FOR EACH STATEMENT EXECUTE FUNCTION crm.require_known_imports();
CREATE TRIGGER require_known_imports_of_changed AFTER UPDATE ON crm.interactions
REFERENCING NEW TABLE AS written
FOR EACH STATEMENT EXECUTE FUNCTION crm.require_known_imports();

-- What was looked up stays: an import that was undone is still an import that was made.
CREATE FUNCTION crm.keep_import() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'import % is history, and is neither deleted nor renumbered', OLD.import_id
        USING ERRCODE = 'restrict_violation',
        HINT = format('SELECT rapport.undo_import(%s); takes back what it brought.', OLD.import_id);
END
$$;
REVOKE EXECUTE ON FUNCTION crm.keep_import() FROM PUBLIC;
COMMENT ON FUNCTION crm.keep_import() IS
'Keeps imports from being deleted or renumbered, so that rows may name them.';

CREATE TRIGGER keep_import BEFORE DELETE ON crm.imports
FOR EACH ROW EXECUTE FUNCTION crm.keep_import();
CREATE TRIGGER keep_number BEFORE UPDATE OF import_id ON crm.imports
FOR EACH ROW WHEN (NEW.import_id IS DISTINCT FROM OLD.import_id)
EXECUTE FUNCTION crm.keep_import();
