-- What an analyst decides about cleaning, as rows: no release is needed.

CREATE TABLE crm.synonyms (
    kind text NOT NULL CHECK (kind IN (
        'occupation', 'customer_type', 'channel', 'topic', 'sentiment', 'product'
    )),
    synonym text NOT NULL CHECK (synonym <> '' AND synonym = btrim(synonym) AND length(synonym) <= 500),
    label text NOT NULL CHECK (label <> '' AND label = btrim(label) AND length(label) <= 500),
    added_by name NOT NULL DEFAULT current_user,
    added_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (kind, synonym),
    CHECK (synonym <> label)
);
CREATE UNIQUE INDEX synonyms_folded ON crm.synonyms (kind, lower(synonym));
COMMENT ON TABLE crm.synonyms IS
'Labels that the next import writes as another one: another word ("Phone" for "Call"), or another spelling of the same.';
COMMENT ON COLUMN crm.synonyms.kind IS 'occupation, customer_type, channel, topic, sentiment or product.';
COMMENT ON COLUMN crm.synonyms.synonym IS 'What files say, in any case.';
COMMENT ON COLUMN crm.synonyms.label IS 'What is stored instead.';

CREATE TABLE crm.rule_policies (
    rule text PRIMARY KEY,
    policy text NOT NULL CHECK (policy IN ('repair', 'reject')),
    set_by name NOT NULL DEFAULT current_user,
    set_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE crm.rule_policies IS
'What becomes of a row for which a rule fires: repair loads it as the rule says, which is the default; reject keeps it in the ledger only.';
COMMENT ON COLUMN crm.rule_policies.rule IS 'Name of a rule of rapport.cleaning_rules() that may reject.';

-- A misspelt name would be a policy that is never applied. The rules belong to the extension, which
-- a restored dump may not have yet: then nothing is checked.
CREATE FUNCTION crm.check_rule_policy() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF to_regprocedure('rapport.cleaning_rules()') IS NOT NULL THEN
        PERFORM FROM rapport.cleaning_rules() AS r WHERE r.rule = NEW.rule AND r.may_reject;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'there is no rule "%" that may reject', NEW.rule
                USING ERRCODE = 'invalid_parameter_value',
                    HINT = 'SELECT rule, description FROM rapport.cleaning_rules() WHERE may_reject lists them.';
        END IF;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER check_rule BEFORE INSERT OR UPDATE OF rule ON crm.rule_policies
FOR EACH ROW EXECUTE FUNCTION crm.check_rule_policy();

GRANT SELECT ON crm.synonyms, crm.rule_policies TO rapport_admin, rapport_analyst, rapport_importer;
GRANT INSERT, UPDATE, DELETE ON crm.synonyms TO rapport_admin, rapport_analyst;
GRANT INSERT, UPDATE, DELETE ON crm.rule_policies TO rapport_admin;
