-- Group roles. They belong to the cluster, so another database may have made them already,
-- perhaps at this very moment. Grant them to login roles, or make them LOGIN.

DO $$
DECLARE
    role_name text;
    group_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY[
        'rapport_admin', 'rapport_analyst', 'rapport_api', 'rapport_bi', 'rapport_importer'
    ] LOOP
        IF to_regrole(role_name) IS NULL THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                RAISE DEBUG 'role "%" was made by another session', role_name;
            END;
        END IF;
    END LOOP;

    FOREACH group_name IN ARRAY ARRAY['rapport_analyst', 'rapport_importer'] LOOP
        FOREACH role_name IN ARRAY ARRAY['rapport_admin', 'rapport_api'] LOOP
            IF NOT pg_has_role(role_name, group_name, 'MEMBER') THEN
                BEGIN
                    EXECUTE format('GRANT %I TO %I', group_name, role_name);
                EXCEPTION WHEN unique_violation THEN
                    RAISE DEBUG 'role "%" was granted by another session', group_name;
                END;
            END IF;
        END LOOP;
    END LOOP;
END
$$;
