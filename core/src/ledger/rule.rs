//! The table of all cleaning rules: the stable name, the version, how much attention its entries
//! need, the action, whether a policy may turn it into a rejection, and the wording.

use serde::{Serialize, Serializer};

use super::{Action, Severity};

/// Where a policy can turn a rule into a rejection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    /// The row whose cell the rule changed, or for a column the file, may be rejected instead.
    MayReject,
    /// The rule only notes something, rejects already, or is applied by SQL.
    Fixed,
}

macro_rules! rules {
    ($($variant:ident $name:literal $version:literal $severity:ident $action:ident $choice:ident $description:literal)+) => {
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

            /// Returns the version of the rule, from 1; a rule that decides differently gets the next.
            #[must_use]
            pub const fn version(self) -> i16 {
                match self { $(Self::$variant => $version,)+ }
            }

            /// Says in one sentence what the rule does.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => $description,)+ }
            }

            /// Returns how much attention an entry of the rule needs.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)+ }
            }

            /// Returns the action that the rule takes.
            #[must_use]
            pub const fn action(self) -> Action {
                match self { $(Self::$variant => Action::$action,)+ }
            }

            /// Tells whether a policy may reject what the rule would otherwise put right.
            #[must_use]
            pub const fn may_reject(self) -> bool {
                matches!(
                    match self { $(Self::$variant => Choice::$choice,)+ },
                    Choice::MayReject
                )
            }

            /// Lists every rule.
            #[must_use]
            pub const fn all() -> &'static [Self] {
                &[$(Self::$variant,)+]
            }
        }
    };
}

impl Rule {
    /// Finds a rule by its stable name.
    ///
    /// ```
    /// use rapport_core::Rule;
    ///
    /// assert_eq!(Rule::find("white_space_folded"), Some(Rule::Folded));
    /// assert_eq!(Rule::find("White space"), None);
    /// ```
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::all().iter().copied().find(|rule| rule.name() == name)
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

rules! {
    // Text of any kind.
    Mojibake "mojibake_repaired" 1 Warning Repaired MayReject
        "UTF-8 that had been read as windows-1252 or Latin-1 is read as UTF-8 again."
    Control "control_characters_removed" 1 Info Repaired MayReject
        "Control characters that are not white space are removed."
    Invisible "invisible_characters_removed" 1 Info Repaired MayReject
        "Zero-width characters, byte order marks, soft hyphens and direction marks are removed."
    Composed "unicode_composed" 1 Info Repaired MayReject
        "Letters and their accents are composed to one character (NFC)."
    NoBreakSpace "no_break_spaces_replaced" 1 Info Repaired MayReject
        "No-break spaces become plain spaces."
    Folded "white_space_folded" 1 Info Repaired MayReject
        "Runs of white space, tabs and line breaks inside a text become one space."
    Trimmed "white_space_trimmed" 1 Info Repaired MayReject
        "White space around a text is removed."
    LineBreaks "line_breaks_unified" 1 Info Repaired MayReject
        "Carriage returns of free text become line feeds."

    // One spelling for one thing.
    Synonym "synonym_replaced" 1 Info Repaired MayReject
        "A label that is listed as a synonym becomes the label that it stands for."
    StandardSpelling "standard_spelling" 1 Info Repaired MayReject
        "A well-known channel or sentiment is written with its usual capitals."
    KnownSpelling "known_spelling" 1 Info Repaired MayReject
        "A label that differs only in case from a stored one takes the stored spelling."
    CommonSpelling "commonest_spelling" 1 Info Repaired MayReject
        "A label that differs only in case takes the commonest spelling of its column."
    SpellingsNotCompared "spellings_not_compared" 1 Warning Inferred Fixed
        "A column has too many different texts to look for the commonest spelling of each."
    NearMissSuggested "near_miss_suggested" 1 Warning Ambiguous Fixed
        "A rare label is a typing error away from a common one, and stays as it is."
    NearMissApplied "near_miss_applied" 1 Warning Repaired MayReject
        "A rare label that is a typing error away from a common one becomes that one, by the setting."
    NearMissesNotCompared "near_misses_not_compared" 1 Warning Inferred Fixed
        "A column has too many different labels to look for a near miss of each."

    // Cells that cannot be loaded, and the rows that need them.
    LabelTooLong "label_too_long" 2 Error Repaired MayReject
        "A label that is too long for an index is not loaded: its cell counts as empty, and a row that needs it is rejected."

    // Cells that are not text.
    ErrorCell "error_cell_emptied" 1 Warning Repaired MayReject
        "A cell that holds a spreadsheet error such as #N/A counts as empty."
    DateAsText "date_cell_as_text" 1 Warning Inferred MayReject
        "A date cell in a column of labels is taken as text."
    FormulaWithoutValue "formula_without_value" 1 Warning Ambiguous Fixed
        "Formulas whose results the workbook does not have count as empty cells."

    // Customer ids.
    StrayText "stray_text_removed" 1 Warning Repaired MayReject
        "Text around the only number of a customer id is removed."
    LeadingZeros "leading_zeros_removed" 1 Info Repaired MayReject
        "Zeros in front of a customer id are removed."
    ZeroDecimals "zero_decimals_removed" 1 Info Repaired MayReject
        "Decimals of a customer id that are all zero are removed."
    Digits "digits_converted" 1 Info Repaired MayReject
        "Full-width, Arabic, Persian and Devanagari digits become 0 to 9."
    StraySeparator "stray_separator_removed" 1 Warning Repaired MayReject
        "A separator with no customer id on one of its sides is removed."
    RepeatedCustomer "repeated_customer_removed" 1 Warning Repaired MayReject
        "A customer id that stands twice in one cell counts once."
    SeveralCustomers "several_customers_split" 1 Info Split MayReject
        "A cell with several customer ids becomes one row for each."

    // Dates and months.
    TimeMissing "time_missing" 1 Info Inferred MayReject
        "A date without a time is taken as midnight."
    MonthOfDate "month_of_date" 1 Info Repaired MayReject
        "A full date where a month is expected stands for its month."
    OrderProven "date_order_proven" 1 Info Inferred Fixed
        "The order of day and month in a column is proven by its unambiguous dates."
    OrderAssumed "date_order_assumed" 1 Warning Ambiguous MayReject
        "No date of the column proves the order of day and month, so the setting decides."
    FormFound "date_form_found" 1 Info Inferred Fixed
        "The dates of a column that are text are written in this form, except for those that have an entry."
    DateRewritten "date_rewritten" 1 Info Inferred Fixed
        "A date that is written in another form than its column is read like the others; its text is kept here."
    Dates1904 "dates_1904" 1 Info Inferred Fixed
        "The date cells of a column count their days from 1904, as the workbook says."

    // Rows that cannot be loaded.
    CustomerMissing "customer_missing" 1 Error Rejected Fixed
        "The row names no customer."
    CustomerUnreadable "customer_unreadable" 1 Error Rejected Fixed
        "The customer cell holds no customer id that can be read without guessing."
    DateMissing "date_missing" 1 Error Rejected Fixed
        "The row has no date."
    DateUnreadable "date_unreadable" 1 Error Rejected Fixed
        "The date cell holds no date that exists and can be read without guessing."
    MonthMissing "month_missing" 1 Error Rejected Fixed
        "The row has no month."
    MonthUnreadable "month_unreadable" 1 Error Rejected Fixed
        "The month cell holds no month that can be read without guessing."
    ProductMissing "product_missing" 1 Error Rejected Fixed
        "The row names no product."

    // Files, sheets and columns.
    EncodingDetected "encoding_detected" 1 Info Inferred Fixed
        "The encoding of a text file was concluded from its bytes."
    EncodingMixed "encoding_mixed" 1 Warning Ambiguous Fixed
        "Bytes of a text in UTF-8 that are not UTF-8 are read as windows-1252."
    DelimiterDetected "delimiter_detected" 1 Info Inferred Fixed
        "The delimiter of a text file was concluded from its first lines."
    SheetHidden "hidden_sheet_skipped" 1 Warning Inferred Fixed
        "A hidden sheet is not read."
    SheetUnknown "unknown_sheet_skipped" 1 Warning Inferred Fixed
        "A sheet with the columns of no known kind is not read."
    RowsAboveHeader "rows_above_header_skipped" 1 Info Inferred Fixed
        "Rows above the header row are not read."
    HeaderMapped "header_mapped" 1 Info Inferred Fixed
        "A column was recognised by its header."
    ColumnKept "column_kept" 1 Info Inferred Fixed
        "The cells of a column that has no place in the database are kept beside the record."
    ColumnWithoutHeader "column_without_header_kept" 1 Info Inferred Fixed
        "Cells in a column without a header are kept beside the record."

    // What SQL decides, where the rows of a file meet those that are stored.
    FillGap "fill_gap" 1 Info Merged Fixed
        "A value is stored where nothing was stored before."
    KeepFirstValue "keep_first_value" 1 Warning Conflict Fixed
        "A value differs from the one that was there first, which is kept."
    SameCustomer "same_customer" 1 Info Duplicate Fixed
        "A row says nothing new about a customer."
    SameInteraction "same_interaction" 1 Info Duplicate Fixed
        "A row has the customer, the time and the channel of another one, and counts once with it."
    SameProductMonth "same_product_month" 1 Info Duplicate Fixed
        "A row has the product and the month of another one, and counts once with it."
    UnknownCustomer "unknown_customer" 1 Warning Placeholder Fixed
        "A customer that no row describes is stored without occupation and type."
    CustomerDescribed "customer_described" 1 Info Merged Fixed
        "A customer that was stored as a placeholder is described by a row."
    ChangedByHand "changed_by_hand" 1 Info Corrected Fixed
        "Somebody changed a stored value; the ledger remembers who, when, and what it was."
    InheritedLabel "inherited_label" 1 Info Repaired Fixed
        "A label of the inherited database is cleaned by the rules of an import."
    InheritedMonth "inherited_month" 1 Info Repaired Fixed
        "A month of the inherited database is stored as its first day."
    InheritedRowIncomplete "inherited_row_incomplete" 1 Error Rejected Fixed
        "A row of the inherited database lacks what it cannot do without, and is kept in the ledger."
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// Every name, with what an import does about it. Stored ledgers have them, so a name may be
    /// added and never changed.
    const RULES: &str = "
        mojibake_repaired warning repaired may_reject
        control_characters_removed info repaired may_reject
        invisible_characters_removed info repaired may_reject
        unicode_composed info repaired may_reject
        no_break_spaces_replaced info repaired may_reject
        white_space_folded info repaired may_reject
        white_space_trimmed info repaired may_reject
        line_breaks_unified info repaired may_reject
        synonym_replaced info repaired may_reject
        standard_spelling info repaired may_reject
        known_spelling info repaired may_reject
        commonest_spelling info repaired may_reject
        spellings_not_compared warning inferred -
        near_miss_suggested warning ambiguous -
        near_miss_applied warning repaired may_reject
        near_misses_not_compared warning inferred -
        label_too_long error repaired may_reject
        error_cell_emptied warning repaired may_reject
        date_cell_as_text warning inferred may_reject
        formula_without_value warning ambiguous -
        stray_text_removed warning repaired may_reject
        leading_zeros_removed info repaired may_reject
        zero_decimals_removed info repaired may_reject
        digits_converted info repaired may_reject
        stray_separator_removed warning repaired may_reject
        repeated_customer_removed warning repaired may_reject
        several_customers_split info split may_reject
        time_missing info inferred may_reject
        month_of_date info repaired may_reject
        date_order_proven info inferred -
        date_order_assumed warning ambiguous may_reject
        date_form_found info inferred -
        date_rewritten info inferred -
        dates_1904 info inferred -
        customer_missing error rejected -
        customer_unreadable error rejected -
        date_missing error rejected -
        date_unreadable error rejected -
        month_missing error rejected -
        month_unreadable error rejected -
        product_missing error rejected -
        encoding_detected info inferred -
        encoding_mixed warning ambiguous -
        delimiter_detected info inferred -
        hidden_sheet_skipped warning inferred -
        unknown_sheet_skipped warning inferred -
        rows_above_header_skipped info inferred -
        header_mapped info inferred -
        column_kept info inferred -
        column_without_header_kept info inferred -
        fill_gap info merged -
        keep_first_value warning conflict -
        same_customer info duplicate -
        same_interaction info duplicate -
        same_product_month info duplicate -
        unknown_customer warning placeholder -
        customer_described info merged -
        changed_by_hand info corrected -
        inherited_label info repaired -
        inherited_month info repaired -
        inherited_row_incomplete error rejected -
    ";

    #[test]
    fn the_rules_are_these() {
        let listed: Vec<String> = RULES
            .lines()
            .map(|line| line.trim().to_owned())
            .filter(|line| !line.is_empty())
            .collect();
        let found: Vec<String> = Rule::all()
            .iter()
            .map(|rule| {
                let choice = if rule.may_reject() { "may_reject" } else { "-" };
                let (severity, action) = (rule.severity().name(), rule.action().name());
                format!("{} {severity} {action} {choice}", rule.name())
            })
            .collect();
        assert_eq!(found, listed);
    }

    #[test]
    fn names_are_unique_and_descriptions_are_sentences() {
        let mut seen = HashSet::new();
        for rule in Rule::all() {
            let (name, description) = (rule.name(), rule.description());
            assert!(seen.insert(name), "\"{name}\" stands for two rules");
            assert!(
                name.split('_').all(|word| !word.is_empty()
                    && word
                        .bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())),
                "\"{name}\" is not snake_case"
            );
            assert!(rule.version() >= 1, "\"{name}\" has no version");
            assert!(
                description.ends_with('.')
                    && description.starts_with(|first: char| first.is_uppercase())
                    && description.split(' ').count() > 3,
                "\"{name}\" has no sentence"
            );
            assert_eq!(Rule::find(name), Some(*rule));
        }
    }
}
