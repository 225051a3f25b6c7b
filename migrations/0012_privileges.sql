-- Who may do what. Nothing is granted to PUBLIC; the functions run with the rights of their caller,
-- so a role needs the rows and the function.

GRANT USAGE ON SCHEMA crm TO rapport_admin, rapport_analyst, rapport_importer;
GRANT USAGE ON SCHEMA bi TO rapport_admin, rapport_analyst, rapport_bi;

-- Analysts read.
GRANT SELECT ON ALL TABLES IN SCHEMA crm TO rapport_analyst;
GRANT SELECT ON rapport.sensitive_topics TO rapport_analyst;
GRANT SELECT ON ALL TABLES IN SCHEMA bi TO rapport_analyst, rapport_bi;
GRANT SELECT ON public.customers, public.interactions, public.products TO rapport_analyst;

-- The API compares the migrations it knows with those that ran.
GRANT SELECT ON public._sqlx_migrations TO rapport_api;

-- Importers add and enrich; they never delete.
GRANT SELECT ON ALL TABLES IN SCHEMA crm TO rapport_importer;
GRANT INSERT ON crm.customers, crm.imports, crm.interactions, crm.labels, crm.ledger, crm.products
TO rapport_importer;
GRANT UPDATE (occupation, customer_type, is_placeholder) ON crm.customers TO rapport_importer;
GRANT UPDATE (topic, sentiment, notes, reported_at) ON crm.interactions TO rapport_importer;
GRANT UPDATE (
    rows_read, customers_added, customers_updated, placeholders_added,
    interactions_added, interactions_enriched, products_added
) ON crm.imports TO rapport_importer;

-- Administrators correct facts. What was decided about a file stays decided: nobody edits the ledger.
GRANT INSERT, UPDATE, DELETE ON crm.customers, crm.interactions, crm.labels, crm.products TO rapport_admin;
GRANT SELECT, INSERT, UPDATE, DELETE ON rapport.sensitive_topics TO rapport_admin;

-- The functions grant themselves when the extension is created after the roles; here for the
-- extension that was there before them.
SELECT rapport.grant_access();

-- A forgotten dashboard must not hold the server.
DO $$
BEGIN
    EXECUTE format('ALTER ROLE rapport_bi IN DATABASE %I SET statement_timeout = %L', current_database(), '30s');
END
$$;
