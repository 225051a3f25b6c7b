-- Who may do what. Nothing is granted to PUBLIC; the functions run with the rights of their caller,
-- so a role needs the rows and the function.

GRANT USAGE ON SCHEMA crm, rapport TO rapport_admin, rapport_analyst, rapport_importer;
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
GRANT UPDATE (topic, sentiment, notes) ON crm.interactions TO rapport_importer;
GRANT UPDATE (
    rows_read, customers_added, customers_updated, placeholders_added,
    interactions_added, interactions_enriched, products_added
) ON crm.imports TO rapport_importer;

-- Administrators correct facts. What was decided about a file stays decided: nobody edits the ledger.
GRANT INSERT, UPDATE, DELETE ON crm.customers, crm.interactions, crm.labels, crm.products TO rapport_admin;
GRANT SELECT, INSERT, UPDATE, DELETE ON rapport.sensitive_topics TO rapport_admin;

GRANT EXECUTE ON FUNCTION
rapport.require_schema(),
rapport.require_customer(bigint),
rapport.require_import(bigint),
rapport.require_period(date, date),
rapport.row_count(text),
rapport.interactions_per_product(text, text, date, date),
rapport.interactions_per_product_report(text, text, date, date),
rapport.customer_statistics(bigint),
rapport.quality_report(bigint),
rapport.import_report(bigint, bigint, integer),
rapport.import_counts(bigint),
rapport.customer_facts(bigint),
rapport.customer_evidence(bigint, integer),
rapport.customer_data_quality(bigint),
rapport.generate(jsonb),
rapport.summarize_customer(bigint),
rapport.generate_content(bigint, text)
TO rapport_analyst;

GRANT EXECUTE ON FUNCTION
rapport.require_schema(),
rapport.require_import(bigint),
rapport.read_file(bytea, text, text, jsonb),
rapport.import_file(bytea, text, text),
rapport.import_workbook(bytea, text),
rapport.import_csv(bytea, text),
rapport.merge_customers(bigint),
rapport.merge_products(bigint),
rapport.merge_interactions(bigint),
rapport.record_cells(bigint, text),
rapport.import_counts(bigint),
rapport.import_report(bigint, bigint, integer),
rapport.quality_report(bigint),
rapport.refresh_stats()
TO rapport_importer;

-- A forgotten dashboard must not hold the server.
DO $$
BEGIN
    EXECUTE format('ALTER ROLE rapport_bi IN DATABASE %I SET statement_timeout = %L', current_database(), '30s');
END
$$;
