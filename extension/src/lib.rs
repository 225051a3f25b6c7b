//! Rapport as a PostgreSQL extension: thin adapters from SQL to [`rapport_core`].
//!
//! Rust reads, cleans, prompts and checks. Whatever is a matter of rows is SQL, in the files under
//! `sql/` at the root of the repository, which are embedded here.

mod calls;
mod database;
mod datum;
mod functions;
mod models;
mod progress;
mod settings;
mod sqlstate;
mod work;

pgrx::pg_module_magic!(name, version);

pgrx::extension_sql_file!("../../sql/guards.sql", name = "guards");
pgrx::extension_sql_file!(
    "../../sql/quality.sql",
    name = "quality",
    requires = [
        "guards",
        functions::export::csv_line,
        functions::rules::cleaning_rules
    ]
);
pgrx::extension_sql_file!(
    "../../sql/explain.sql",
    name = "explain",
    requires = ["guards", functions::rules::cleaning_rules]
);
pgrx::extension_sql_file!(
    "../../sql/statistics.sql",
    name = "statistics",
    requires = ["quality"]
);
pgrx::extension_sql_file!(
    "../../sql/analytics.sql",
    name = "analytics",
    requires = ["statistics"]
);
pgrx::extension_sql_file!(
    "../../sql/reports.sql",
    name = "reports",
    requires = ["analytics", "generation", functions::export::csv_line]
);
pgrx::extension_sql_file!(
    "../../sql/upkeep.sql",
    name = "upkeep",
    requires = ["guards"]
);
pgrx::extension_sql_file!(
    "../../sql/working_tables.sql",
    name = "working_tables",
    requires = ["guards"]
);
pgrx::extension_sql_file!(
    "../../sql/record.sql",
    name = "record",
    requires = ["working_tables", functions::rules::cleaning_rules]
);
pgrx::extension_sql_file!("../../sql/merge.sql", name = "merge", requires = ["record"]);
pgrx::extension_sql_file!(
    "../../sql/import.sql",
    name = "import",
    requires = [
        "merge",
        "quality",
        "upkeep",
        functions::import::read_file,
        functions::import::source_digest
    ]
);
pgrx::extension_sql_file!(
    "../../sql/sources.sql",
    name = "sources",
    requires = ["import", functions::about::version]
);
pgrx::extension_sql_file!(
    "../../sql/preview.sql",
    name = "preview",
    requires = ["sources"]
);
pgrx::extension_sql_file!("../../sql/undo.sql", name = "undo", requires = ["upkeep"]);
pgrx::extension_sql_file!(
    "../../sql/passages.sql",
    name = "passages",
    requires = [
        "guards",
        functions::embedding::embed,
        functions::embedding::embedders,
        functions::embedding::passages_of
    ]
);
pgrx::extension_sql_file!(
    "../../sql/search_filter.sql",
    name = "search_filter",
    requires = ["passages", "statistics"]
);
pgrx::extension_sql_file!(
    "../../sql/retrieval.sql",
    name = "retrieval",
    requires = [
        "search_filter",
        functions::embedding::diverse,
        functions::embedding::half_of,
        functions::embedding::word_weight
    ]
);
pgrx::extension_sql_file!(
    "../../sql/search.sql",
    name = "search",
    requires = ["retrieval"]
);
pgrx::extension_sql_file!(
    "../../sql/models.sql",
    name = "models",
    requires = [
        "guards",
        functions::models::check_model,
        functions::models::probe_model
    ]
);
pgrx::extension_sql_file!(
    "../../sql/ask.sql",
    name = "ask",
    requires = [
        "models",
        "search",
        functions::generation::generate,
        functions::question::read_question
    ]
);
pgrx::extension_sql_file!(
    "../../sql/evaluation.sql",
    name = "evaluation",
    requires = ["ask"]
);
pgrx::extension_sql_file!(
    "../../sql/generation.sql",
    name = "generation",
    requires = ["models", "retrieval", functions::generation::generate]
);
pgrx::extension_sql_file!(
    "../../sql/provenance.sql",
    name = "provenance",
    requires = [
        "ask",
        "generation",
        functions::generation::describe_request,
        functions::generation::generate_anew
    ]
);
pgrx::extension_sql_file!(
    "../../sql/adapters.sql",
    name = "adapters",
    requires = [
        functions::about::version,
        functions::cleaning::clean_channel,
        functions::cleaning::clean_customer_id,
        functions::cleaning::clean_label,
        functions::cleaning::clean_month,
        functions::cleaning::clean_sentiment,
        functions::cleaning::clean_timestamp,
        functions::embedding::diverse,
        functions::embedding::embed,
        functions::embedding::embed_all,
        functions::embedding::embedders,
        functions::embedding::half_of,
        functions::embedding::passages_of,
        functions::embedding::word_weight,
        functions::export::csv_line,
        functions::export::spreadsheet_safe,
        functions::generation::describe_request,
        functions::generation::generate,
        functions::generation::generate_anew,
        functions::models::check_model,
        functions::models::dialects,
        functions::models::probe_model,
        functions::question::read_question,
        functions::import::read_file,
        functions::import::source_digest,
        functions::rules::cleaning_rules
    ]
);
pgrx::extension_sql_file!("../../sql/access.sql", name = "access", finalize);

/// Registers the settings when the library is loaded.
#[pgrx::pg_guard]
extern "C-unwind" fn _PG_init() {
    settings::register();
}

#[cfg(any(test, feature = "pg_test"))]
mod tests;

/// What `cargo pgrx test` asks of the crate.
#[cfg(test)]
pub mod pg_test {
    /// Runs once, before the server of the tests starts.
    pub fn setup(_options: Vec<&str>) {}

    /// Names the lines that are added to the configuration of the tests' server.
    #[must_use]
    pub fn postgresql_conf_options() -> Vec<&'static str> {
        vec![]
    }
}
