-- Who may call what. One list, used when the extension is created and by the migrations: whichever
-- of extension and roles comes last, the roles get their functions.

CREATE FUNCTION rapport.grant_access() RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF to_regrole('rapport_analyst') IS NOT NULL THEN
        GRANT USAGE ON SCHEMA rapport TO rapport_analyst;
        GRANT EXECUTE ON FUNCTION
            rapport.require_schema(),
            rapport.require_customer(bigint),
            rapport.require_import(bigint),
            rapport.require_period(date, date),
            rapport.row_count(text),
            rapport.counted_label(text),
            rapport.whole_months(date, date),
            rapport.customer_types(),
            rapport.interactions_per_type(date, date),
            rapport.product_matrix(text, text, date, date),
            rapport.interactions_per_product(text, text, date, date),
            rapport.interactions_per_product_csv(text, text, date, date),
            rapport.interactions_per_product_report(text, text, date, date),
            rapport.require_bucket(text),
            rapport.periods_between(text, date, date),
            rapport.cut_ranges(date, date, rapport.whole_month_range),
            rapport.activity_between(text, date, date),
            rapport.topics_between(text, date, date),
            rapport.channel_mix(text, date, date),
            rapport.sentiment_trend(text, text, date, date),
            rapport.topic_trends(text, text, date, date, integer),
            rapport.reach(date, date),
            rapport.engagement(date, text),
            rapport.page_key(text, text []),
            rapport.read_page_key(text, text, integer, text),
            rapport.require_page(integer),
            rapport.monthly_activity(text, text, text, text, date, date),
            rapport.monthly_activity_report(text, text, text, text, date, date, text, integer),
            rapport.monthly_activity_csv(text, text, text, text, date, date),
            rapport.topic_sentiments(text, text, text, date, date),
            rapport.topics_report(text, text, text, date, date, text, integer),
            rapport.topics_csv(text, text, text, date, date),
            rapport.customer_report(bigint),
            rapport.customer_csv(bigint),
            rapport.customer_statistics(bigint),
            rapport.quality_report(bigint),
            rapport.import_report(bigint, bigint, integer),
            rapport.import_summary(bigint),
            rapport.list_imports(bigint, integer),
            rapport.import_counts(bigint),
            rapport.ledger_csv(bigint),
            rapport.ledger_entries(bigint, bigint, integer),
            rapport.interaction_quality(text, text, date, date),
            rapport.stored_value(text, bigint, text),
            rapport.explain_value(text, bigint, text),
            rapport.undo_obstacles(bigint),
            rapport.require_question(text, integer),
            rapport.weighed_words(text),
            rapport.passages_to_read(),
            rapport.require_embedder(),
            rapport.wishes_of(text),
            rapport.relevant_interactions(bigint, text, integer, rapport.search_filter),
            rapport.ends_with_words(text, text),
            rapport.passes(rapport.search_filter, text, text, text, text, text, timestamp),
            rapport.search_filter_of(text, text, text, text, text, text, date, date),
            rapport.nearest_passages(real [], text, text, uuid [], rapport.search_filter, integer, boolean),
            rapport.worded_passages(rapport.weighed_words, real [], text, text, uuid [], rapport.search_filter, integer),
            rapport.search_interactions(text, integer, text, text, text, text, text, text, date, date, real),
            rapport.evaluate_retrieval(jsonb, bigint),
            rapport.evaluate_answers(jsonb, bigint),
            rapport.question_vocabulary(text),
            rapport.plan_question(text),
            rapport.plan_filter(rapport.question_plan),
            rapport.plan_label(text, text, text, text, text, text, text, timestamp),
            rapport.count_planned(rapport.question_plan),
            rapport.plan_conditions(rapport.question_plan, boolean),
            rapport.planned_evidence(text, rapport.question_plan, integer),
            rapport.require_models(),
            rapport.model_for(text),
            rapport.ask(text, bigint),
            rapport.customer_facts(bigint),
            rapport.customer_evidence(bigint, integer, text),
            rapport.customer_data_quality(bigint),
            rapport.generate(jsonb, text),
            rapport.describe_request(jsonb, text),
            rapport.dialects(),
            rapport.text_request(text, bigint, text),
            rapport.question_request(text, rapport.question_plan, integer),
            rapport.request_for(text, bigint, text),
            rapport.explain_prompt(text, bigint, text, text),
            rapport.summarize_customer(bigint, text),
            rapport.generate_content(bigint, text, text),
            rapport.sensitive_word(text),
            rapport.sensitive_pattern(),
            rapport.least_confidence()
        TO rapport_analyst;
    END IF;
    IF to_regrole('rapport_importer') IS NOT NULL THEN
        GRANT USAGE ON SCHEMA rapport TO rapport_importer;
        GRANT EXECUTE ON FUNCTION
            rapport.require_schema(),
            rapport.require_import(bigint),
            rapport.lock_imports(),
            rapport.read_file(bytea, text, text, jsonb),
            rapport.source_digest(text),
            rapport.source_bytes(text),
            rapport.upload_content(bytea),
            rapport.cleaning_context(),
            rapport.begin_upload(),
            rapport.require_upload(text, text),
            rapport.stage_query(text, text),
            rapport.import_file(bytea, text, text),
            rapport.import_workbook(bytea, text),
            rapport.import_csv(bytea, text),
            rapport.import_upload(text, text),
            rapport.import_query(text, text),
            rapport.import_table(regclass),
            rapport.preview_import(bytea, text, text),
            rapport.preview_query(text, text),
            rapport.preview_upload(text, text),
            rapport.run_preview(text, text, text),
            rapport.preview_result(text, text),
            rapport.run_import(text, text, boolean),
            rapport.import_outcome(bigint),
            rapport.make_import_tables(),
            rapport.lock_customers_of_import(),
            rapport.drop_import_tables(),
            rapport.analyze_import_table(text),
            rapport.survey_import(),
            rapport.merge_customers(bigint),
            rapport.add_placeholders(bigint),
            rapport.merge_products(bigint),
            rapport.find_repeated_interactions(),
            rapport.merge_interactions(bigint),
            rapport.weigh_sayings(),
            rapport.decide_repeats(bigint, text),
            rapport.decide_placeholders(bigint),
            rapport.write_ledger(bigint),
            rapport.mark_quality(bigint []),
            rapport.mark_quality_of_import(bigint),
            rapport.count_import(bigint),
            rapport.remember_labels(bigint),
            rapport.import_counts(bigint),
            rapport.import_summary(bigint),
            rapport.list_imports(bigint, integer),
            rapport.import_report(bigint, bigint, integer),
            rapport.ledger_csv(bigint),
            rapport.ledger_entries(bigint, bigint, integer),
            rapport.quality_report(bigint),
            rapport.refresh_stats()
        TO rapport_importer;
    END IF;
    IF to_regrole('rapport_admin') IS NOT NULL THEN
        GRANT USAGE ON SCHEMA rapport TO rapport_admin;
        GRANT EXECUTE ON FUNCTION
            rapport.lock_imports(),
            rapport.undo_obstacles(bigint),
            rapport.undo_import(bigint),
            rapport.refresh_stats(),
            rapport.verify_stats(),
            rapport.rebuild_stats(),
            rapport.rebuild_passages(),
            rapport.use_embedder(text),
            rapport.settle_passages(integer),
            rapport.register_model(
                text, text, text, text, text, jsonb, text, boolean, integer, integer, numeric, numeric
            ),
            rapport.use_model(text, text),
            rapport.test_model(text),
            rapport.probe_model(text),
            rapport.check_model(jsonb),
            rapport.generate_anew(jsonb, text),
            rapport.reproduce(bigint),
            rapport.stale_generations(integer)
        TO rapport_admin;
    END IF;
END
$$;
COMMENT ON FUNCTION rapport.grant_access() IS
'Lets rapport_admin, rapport_analyst and rapport_importer, where they exist, call the functions meant for them. Example: SELECT rapport.grant_access();';
REVOKE EXECUTE ON FUNCTION rapport.grant_access() FROM PUBLIC;

DO $$
BEGIN
    PERFORM rapport.grant_access();
END
$$;
