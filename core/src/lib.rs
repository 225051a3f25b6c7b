//! The logic of Rapport that needs no database: reading files, cleaning cells, prompting a
//! model and checking what it answers.
//!
//! Nothing here does I/O, knows SQL, or allocates without a limit. The extension and the tests
//! call it with values and get values back.

pub mod cell;
pub mod customer_id;
pub mod embedding;
pub mod error;
pub mod export;
pub mod generation;
pub mod header;
pub mod import;
pub mod label;
pub mod ledger;
pub mod mojibake;
pub mod month;
pub mod passage;
pub mod question;
pub mod ranking;
pub mod source;
pub mod spelling;
pub mod timestamp;
pub mod wording;

pub use cell::Cell;
pub use customer_id::{clean_customer_id, clean_customer_ids};
pub use error::Error;
pub use export::{csv_field, spreadsheet_safe};
pub use header::SheetKind;
pub use import::{
    CleanRow, CleanRows, CleanedFile, Context, Extra, ImportOptions, ReadSheet, Record, clean,
    clean_file,
};
pub use label::{clean_channel, clean_label, clean_notes, clean_sentiment};
pub use ledger::{Action, Cleaned, Entry, Policies, Rule, Severity};
pub use month::clean_month;
pub use source::{Format, Input, Limits, Row, Rows, SheetInfo, SheetReader, SourceFile};
pub use spelling::{KnownSpellings, LabelKind, Synonyms};
pub use timestamp::{DateOrder, clean_timestamp};
