//! The settings of the extension, the only place that registers or reads them.

use std::ffi::CString;

use pgrx::{GucContext, GucFlags, GucRegistry, GucSetting};
use rapport_core::Error;
use rapport_core::generation::Voice;
use rapport_core::source::Limits;
use rapport_core::timestamp::DateOrder;

static DATE_ORDER: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(Some(c"DMY"));
static SAFETY_CONTACT: GucSetting<Option<CString>> =
    GucSetting::<Option<CString>>::new(Some(c"our drug safety team"));
static SENDER: GucSetting<Option<CString>> =
    GucSetting::<Option<CString>>::new(Some(c"Customer Care"));
static MAX_FILE_MEGABYTES: GucSetting<i32> = GucSetting::<i32>::new(128);

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
    GucRegistry::define_int_guc(
        c"rapport.max_file_size",
        c"Largest file that an import accepts, in megabytes.",
        c"Checked before the file is read.",
        &MAX_FILE_MEGABYTES,
        1,
        1023,
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

/// Returns the limits of a file, with the size that the administrator allows.
pub(crate) fn limits() -> Limits {
    Limits {
        file_bytes: u64::try_from(MAX_FILE_MEGABYTES.get()).unwrap_or_default() << 20,
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

fn text(setting: &GucSetting<Option<CString>>) -> String {
    setting
        .get()
        .map(|value| value.to_string_lossy().into_owned())
        .unwrap_or_default()
}
