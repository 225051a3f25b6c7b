//! The rules of cleaning, as a table that anybody can read.

use pgrx::iter::TableIterator;
use pgrx::{name, pg_extern};
use rapport_core::ledger::Rule;

/// Lists every rule that cleaning and merging apply.
#[pg_extern(immutable, parallel_safe)]
pub(crate) fn cleaning_rules() -> TableIterator<
    'static,
    (
        name!(rule, &'static str),
        name!(version, i16),
        name!(severity, &'static str),
        name!(action, &'static str),
        name!(may_reject, bool),
        name!(description, &'static str),
    ),
> {
    TableIterator::new(Rule::all().iter().map(|rule| {
        (
            rule.name(),
            rule.version(),
            rule.severity().name(),
            rule.action().name(),
            rule.may_reject(),
            rule.description(),
        )
    }))
}
