//! The settings of the extension, the only place that registers or reads them.

use std::ffi::CString;
use std::path::PathBuf;

use pgrx::{GucContext, GucFlags, GucRegistry, GucSetting};
use rapport_core::Error;
use rapport_core::generation::Voice;
use rapport_core::import::{Context, ImportOptions};
use rapport_core::source::Limits;
use rapport_core::timestamp::DateOrder;
use rapport_llm::{Guard, GuardError};

use crate::progress::check_interrupts;

static DATE_ORDER: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(Some(c"DMY"));
static SAFETY_CONTACT: GucSetting<Option<CString>> =
    GucSetting::<Option<CString>>::new(Some(c"our drug safety team"));
static SENDER: GucSetting<Option<CString>> =
    GucSetting::<Option<CString>>::new(Some(c"Customer Care"));
static APPLY_NEAR_MISSES: GucSetting<bool> = GucSetting::<bool>::new(false);
static REFRESH_AFTER_IMPORT: GucSetting<bool> = GucSetting::<bool>::new(true);
static MODEL_ORIGINS: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(Some(c""));
static SECRETS_DIRECTORY: GucSetting<Option<CString>> =
    GucSetting::<Option<CString>>::new(Some(c""));
static MAX_FILE_MEGABYTES: GucSetting<i32> = GucSetting::<i32>::new(128);
static MAX_TEXT_MEGABYTES: GucSetting<i32> = GucSetting::<i32>::new(65_536);

/// Registers every setting under the prefix `rapport`.
pub(crate) fn register() {
    GucRegistry::define_string_guc(
        c"rapport.date_order",
        c"Order of day and month in text dates of a file that does not prove one: DMY or MDY.",
        c"A date such as 31/12/2019 proves the order of its whole column; this setting is for columns without one.",
        &DATE_ORDER,
        GucContext::Userset,
        GucFlags::default(),
    );
    GucRegistry::define_string_guc(
        c"rapport.safety_contact",
        c"Whom drafts name when a customer reported an adverse event.",
        c"For example: our drug safety team, safety@company.example.",
        &SAFETY_CONTACT,
        GucContext::Userset,
        GucFlags::default(),
    );
    GucRegistry::define_string_guc(
        c"rapport.sender",
        c"The name that signs drafts.",
        c"For example: Ana Silva, Company Medical.",
        &SENDER,
        GucContext::Userset,
        GucFlags::default(),
    );
    GucRegistry::define_bool_guc(
        c"rapport.apply_near_misses",
        c"Whether an import corrects labels that are nearly another one.",
        c"Off, it only suggests the correction in the ledger.",
        &APPLY_NEAR_MISSES,
        GucContext::Userset,
        GucFlags::default(),
    );
    GucRegistry::define_bool_guc(
        c"rapport.refresh_after_import",
        c"Whether an import refreshes the materialized views.",
        c"Turn it off for a row of imports, and call rapport.refresh_stats() after the last.",
        &REFRESH_AFTER_IMPORT,
        GucContext::Userset,
        GucFlags::default(),
    );
    GucRegistry::define_string_guc(
        c"rapport.model_origins",
        c"Origins that models may be called at, such as https://api.example.com http://127.0.0.1:8080.",
        c"Scheme, host and port; +private behind one lets its name resolve to an address of the own network. Empty: none.",
        &MODEL_ORIGINS,
        GucContext::Suset,
        GucFlags::default(),
    );
    GucRegistry::define_string_guc(
        c"rapport.secrets_directory",
        c"Directory of the server with the keys of models, one file for each.",
        c"A key that is no file there is looked for in the environment variable RAPPORT_SECRET_<NAME> of the server.",
        &SECRETS_DIRECTORY,
        GucContext::Suset,
        GucFlags::SUPERUSER_ONLY,
    );
    GucRegistry::define_int_guc(
        c"rapport.max_file_size",
        c"Largest workbook that an import accepts, and largest file in an argument, in megabytes.",
        c"Checked before the file is read; it is held in memory.",
        &MAX_FILE_MEGABYTES,
        1,
        1023,
        GucContext::Suset,
        GucFlags::default(),
    );
    GucRegistry::define_int_guc(
        c"rapport.max_text_size",
        c"Largest uploaded text file that an import accepts, in megabytes.",
        c"It is read in parts, and held in a temporary table only.",
        &MAX_TEXT_MEGABYTES,
        1,
        i32::MAX,
        GucContext::Suset,
        GucFlags::default(),
    );
}

/// Returns the order in which undecided text dates are read.
///
/// # Errors
/// When the setting is neither DMY nor MDY.
pub(crate) fn date_order() -> Result<DateOrder, Error> {
    text(&DATE_ORDER).parse()
}

/// Returns how to read a file: what the database knows, and the settings.
///
/// # Errors
/// When a setting cannot be read.
pub(crate) fn import_options(context: Context) -> Result<ImportOptions, Error> {
    Ok(ImportOptions {
        date_order: date_order()?,
        apply_near_misses: APPLY_NEAR_MISSES.get(),
        limits: limits(),
        ..context.into()
    })
}

/// Returns the limits of a file, with the sizes that the administrator allows.
pub(crate) fn limits() -> Limits {
    let bytes = |megabytes: i32| u64::try_from(megabytes).unwrap_or_default() << 20;
    Limits {
        file_bytes: bytes(MAX_FILE_MEGABYTES.get()),
        stream_bytes: bytes(MAX_TEXT_MEGABYTES.get()),
        checkpoint: check_interrupts,
        ..Limits::default()
    }
}

/// Returns who speaks in a draft, and whom it names for safety.
pub(crate) fn voice() -> Voice {
    Voice {
        safety_contact: text(&SAFETY_CONTACT),
        sender: text(&SENDER),
    }
}

/// Returns where models may be called.
///
/// # Errors
/// What is wrong with the list.
pub(crate) fn model_origins() -> Result<Guard, GuardError> {
    Guard::parse(&text(&MODEL_ORIGINS))
}

/// Returns where the keys of models are, if they are files.
pub(crate) fn secrets_directory() -> Option<PathBuf> {
    Some(text(&SECRETS_DIRECTORY))
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
}

fn text(setting: &GucSetting<Option<CString>>) -> String {
    setting
        .get()
        .map(|value| value.to_string_lossy().into_owned())
        .unwrap_or_default()
}
