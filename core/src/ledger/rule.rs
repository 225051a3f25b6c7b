//! The table of all cleaning rules: the stable name, the action and the wording of each.

use super::Action;

macro_rules! rules {
    ($($variant:ident $name:literal $action:ident $description:literal)+) => {
        /// A decision that cleaning can take.
        ///
        /// The names are stable: they stand in stored ledgers.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Rule {
            $(#[doc = $description] $variant,)+
        }

        impl Rule {
            /// Returns the stable name that the ledger stores.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Says in one sentence what the rule does.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => $description,)+ }
            }

            /// Returns the action that the rule takes.
            #[must_use]
            pub const fn action(self) -> Action {
                match self { $(Self::$variant => Action::$action,)+ }
            }

            /// Lists every rule.
            #[must_use]
            pub const fn all() -> &'static [Self] {
                &[$(Self::$variant,)+]
            }
        }
    };
}

rules! {
    // Text of any kind.
    Mojibake "mojibake_repaired" Repaired
        "UTF-8 that had been read as windows-1252 is read as UTF-8 again."
    Control "control_characters_removed" Repaired
        "Control characters that are not white space are removed."
    Invisible "invisible_characters_removed" Repaired
        "Zero-width characters, byte order marks, soft hyphens and direction marks are removed."
    Composed "unicode_composed" Repaired
        "Letters and their accents are composed to one character (NFC)."
    NoBreakSpace "no_break_spaces_replaced" Repaired
        "No-break spaces become plain spaces."
    Folded "white_space_folded" Repaired
        "Runs of white space, tabs and line breaks inside a text become one space."
    Trimmed "white_space_trimmed" Repaired
        "White space around a text is removed."

    // One spelling for one thing.
    StandardSpelling "standard_spelling" Repaired
        "A well-known channel or sentiment is written with its usual capitals."
    KnownSpelling "known_spelling" Repaired
        "A label that differs only in case from a stored one takes the stored spelling."
    CommonSpelling "commonest_spelling" Repaired
        "A label that differs only in case takes the commonest spelling of its column."
    SpellingsNotCompared "spellings_not_compared" Inferred
        "A column has too many different texts to look for the commonest spelling of each."

    // Cells that cannot be loaded, and the rows that need them.
    LabelTooLong "label_too_long" Rejected
        "A label that is too long for an index is not loaded: its cell counts as empty."

    // Cells that are not text.
    ErrorCell "error_cell_emptied" Repaired
        "A cell that holds a spreadsheet error such as #N/A counts as empty."
    DateAsText "date_cell_as_text" Inferred
        "A date cell in a column of labels is taken as text."

    // Customer ids.
    StrayText "stray_text_removed" Repaired
        "Text around the only number of a customer id is removed."
    LeadingZeros "leading_zeros_removed" Repaired
        "Zeros in front of a customer id are removed."
    ZeroDecimals "zero_decimals_removed" Repaired
        "Decimals of a customer id that are all zero are removed."
    Digits "digits_converted" Repaired
        "Full-width, Arabic, Persian and Devanagari digits become 0 to 9."
    StraySeparator "stray_separator_removed" Repaired
        "A separator with no customer id on one of its sides is removed."
    RepeatedCustomer "repeated_customer_removed" Repaired
        "A customer id that stands twice in one cell counts once."
    SeveralCustomers "several_customers_split" Split
        "A cell with several customer ids becomes one row for each."

    // Dates and months.
    TimeMissing "time_missing" Inferred
        "A date without a time is taken as midnight."
    MonthOfDate "month_of_date" Repaired
        "A full date where a month is expected stands for its month."
    OrderProven "date_order_proven" Inferred
        "The order of day and month in a column is proven by its unambiguous dates."
    OrderAssumed "date_order_assumed" Ambiguous
        "No date of the column proves the order of day and month, so the setting decides."

    // Rows that cannot be loaded.
    CustomerMissing "customer_missing" Rejected
        "The row names no customer."
    CustomerUnreadable "customer_unreadable" Rejected
        "The customer cell holds no customer id that can be read without guessing."
    DateMissing "date_missing" Rejected
        "The row has no date."
    DateUnreadable "date_unreadable" Rejected
        "The date cell holds no date that exists and can be read without guessing."
    MonthMissing "month_missing" Rejected
        "The row has no month."
    MonthUnreadable "month_unreadable" Rejected
        "The month cell holds no month that can be read without guessing."
    ProductMissing "product_missing" Rejected
        "The row names no product."

    // Files, sheets and columns.
    EncodingDetected "encoding_detected" Inferred
        "The encoding of a text file was concluded from its bytes."
    SheetHidden "hidden_sheet_skipped" Inferred
        "A hidden sheet is not read."
    SheetUnknown "unknown_sheet_skipped" Inferred
        "A sheet with the columns of no known kind is not read."
    RowsAboveHeader "rows_above_header_skipped" Inferred
        "Rows above the header row are not read."
    ColumnsIgnored "columns_ignored" Inferred
        "Columns that have no place in the database are not loaded."
    CellsIgnored "cells_without_header_ignored" Inferred
        "Cells in columns without a header are not loaded."
}
