//! Recognises what a sheet holds by the headers of its columns, never by its name.
//!
//! Case, spaces, underscores and punctuation of a header do not matter. A few other usual names
//! are understood; the table below is all of them. A header that could be two things is refused.

use crate::cell::Cell;
use crate::label::tidy;
use crate::ledger::{Entry, Rule, quoted_list};
use crate::spelling::LabelKind;

/// What a sheet can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SheetKind {
    /// One row for each customer.
    Customers,
    /// One row for each contact with customers.
    Interactions,
    /// One row for each product discussed in a month.
    Products,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Field {
    CustomerId,
    Occupation,
    CustomerType,
    Start,
    Channel,
    Customers,
    Topic,
    Sentiment,
    Notes,
    Month,
    Product,
}

impl Field {
    /// Returns the column of the table that the values go to.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::CustomerId | Self::Customers => "customer_id",
            Self::Occupation => "occupation",
            Self::CustomerType => "customer_type",
            Self::Start => "occurred_at",
            Self::Channel => "channel",
            Self::Topic => "topic",
            Self::Sentiment => "sentiment",
            Self::Notes => "notes",
            Self::Month => "month",
            Self::Product => "product",
        }
    }

    /// Returns the kind of the labels in the column, if it holds labels.
    pub(crate) const fn label_kind(self) -> Option<LabelKind> {
        match self {
            Self::Occupation => Some(LabelKind::Occupation),
            Self::CustomerType => Some(LabelKind::CustomerType),
            Self::Channel => Some(LabelKind::Channel),
            Self::Topic => Some(LabelKind::Topic),
            Self::Sentiment => Some(LabelKind::Sentiment),
            Self::Product => Some(LabelKind::Product),
            Self::CustomerId | Self::Start | Self::Customers | Self::Notes | Self::Month => None,
        }
    }
}

/// A column that a kind of sheet has, and the names under which it is known, best first.
struct Column {
    field: Field,
    /// The header as users write it.
    header: &'static str,
    required: bool,
    /// The accepted headers without spaces and capitals.
    names: &'static [&'static str],
}

const fn required(field: Field, header: &'static str, names: &'static [&'static str]) -> Column {
    Column {
        field,
        header,
        required: true,
        names,
    }
}

const fn optional(field: Field, header: &'static str, names: &'static [&'static str]) -> Column {
    Column {
        field,
        header,
        required: false,
        names,
    }
}

const CUSTOMERS: [Column; 3] = [
    required(
        Field::CustomerId,
        "Customer Id",
        &["customerid", "customer", "customers", "id"],
    ),
    required(
        Field::Occupation,
        "Occupation",
        &["occupation", "profession"],
    ),
    required(Field::CustomerType, "Type", &["type", "customertype"]),
];

const INTERACTIONS: [Column; 6] = [
    required(
        Field::Start,
        "Date Start",
        &["datestart", "startdate", "starttime", "datetime", "date"],
    ),
    required(
        Field::Channel,
        "Interaction",
        &["interaction", "channel", "interactiontype"],
    ),
    required(
        Field::Customers,
        "Customers",
        &["customers", "customer", "customerid", "customerids"],
    ),
    optional(Field::Topic, "Topic", &["topic", "subject"]),
    optional(Field::Sentiment, "Sentiment", &["sentiment"]),
    optional(
        Field::Notes,
        "Notes",
        &["notes", "note", "comments", "comment"],
    ),
];

const PRODUCTS: [Column; 2] = [
    required(Field::Month, "Date", &["date", "month"]),
    required(Field::Product, "Product", &["product", "productname"]),
];

impl SheetKind {
    /// Every kind, in the order in which messages name them.
    pub const ALL: [Self; 3] = [Self::Customers, Self::Interactions, Self::Products];

    /// Returns the plural noun for the rows of such a sheet.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Interactions => "interactions",
            Self::Products => "products",
        }
    }

    const fn columns(self) -> &'static [Column] {
        match self {
            Self::Customers => &CUSTOMERS,
            Self::Interactions => &INTERACTIONS,
            Self::Products => &PRODUCTS,
        }
    }

    /// Says which columns such a sheet must have.
    pub(crate) fn needs(self) -> String {
        let required = self.columns().iter().filter(|column| column.required);
        format!(
            "{} need the columns {}",
            self.name(),
            quoted_list(required.map(|column| column.header))
        )
    }
}

/// A column of a sheet whose meaning is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) field: Field,
    /// Position in the row, from 0.
    pub(crate) index: usize,
    /// The header as the file writes it.
    pub(crate) header: String,
}

impl Place {
    /// Starts an entry about a cell of the column.
    pub(crate) fn entry(&self, rule: Rule, row: u32) -> Entry {
        Entry::of(rule)
            .column(&self.header)
            .cell(row, self.index)
            .field(self.field.name())
    }
}

/// Where a sheet has which column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) kind: SheetKind,
    pub(crate) places: Vec<Place>,
    /// All headers by position; empty where a column has none.
    pub(crate) headers: Vec<String>,
}

/// A row of headers held against one kind of sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fit {
    pub(crate) layout: Layout,
    /// The headers of required columns that are missing.
    pub(crate) missing: Vec<&'static str>,
}

impl Fit {
    /// Holds a row against a kind; a column is taken by its best name, then by its position.
    fn of(kind: SheetKind, headers: &[String], keys: &[String]) -> Self {
        let mut places: Vec<Place> = Vec::new();
        let mut missing = Vec::new();
        for column in kind.columns() {
            let index = column
                .names
                .iter()
                .find_map(|name| keys.iter().position(|key| key == name));
            match index.and_then(|index| Some((index, headers.get(index)?))) {
                Some((index, header)) => {
                    places.push(Place {
                        field: column.field,
                        index,
                        header: header.clone(),
                    });
                }
                None if column.required => missing.push(column.header),
                None => {}
            }
        }
        Self {
            layout: Layout {
                kind,
                places,
                headers: headers.to_vec(),
            },
            missing,
        }
    }
}

/// What a row of headers turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Recognised {
    /// The header of this kind of sheet.
    As(Layout),
    /// As much the header of one kind as of another.
    Both(SheetKind, SheetKind),
    /// No header, or an incomplete one; with the kind it is closest to, if it is close to any.
    Not(Option<Fit>),
}

/// Returns the texts of a row, cleaned, by position.
pub(crate) fn header_texts(cells: &[Cell]) -> Vec<String> {
    cells
        .iter()
        .map(|cell| tidy(&cell.text()).value.into_owned())
        .collect()
}

/// Decides what a row of header texts is the header of: the kind with the most columns in it.
pub(crate) fn recognise(headers: &[String]) -> Recognised {
    let keys: Vec<String> = headers.iter().map(|header| key(header)).collect();
    let mut fits: Vec<Fit> = SheetKind::ALL
        .into_iter()
        .map(|kind| Fit::of(kind, headers, &keys))
        .collect();
    // Complete ones first, then those with the most columns; the sort is stable.
    fits.sort_by_key(|fit| {
        (
            !fit.missing.is_empty(),
            usize::MAX - fit.layout.places.len(),
        )
    });
    let rivals = fits
        .first()
        .zip(fits.get(1))
        .filter(|(best, second)| {
            second.missing.is_empty() && best.layout.places.len() == second.layout.places.len()
        })
        .map(|(best, second)| (best.layout.kind, second.layout.kind));
    if let Some((one, other)) = rivals {
        return Recognised::Both(one, other);
    }
    match fits.into_iter().next() {
        Some(best) if best.missing.is_empty() => Recognised::As(best.layout),
        best => Recognised::Not(best.filter(|best| !best.layout.places.is_empty())),
    }
}

/// Reduces a header to its letters and digits in lower case.
fn key(header: &str) -> String {
    header
        .chars()
        .filter(|character| character.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn texts(line: &str) -> Vec<String> {
        line.split(',').map(str::to_owned).collect()
    }

    #[rstest]
    #[case("Customer Id,Occupation,Type", SheetKind::Customers, &[0, 1, 2])]
    #[case("type,OCCUPATION,customer_id", SheetKind::Customers, &[2, 1, 0])]
    #[case("CustomerID,Occupation,Customer Type", SheetKind::Customers, &[0, 1, 2])]
    #[case("Date Start,Interaction,Customers", SheetKind::Interactions, &[0, 1, 2])]
    #[case("Start Date,Channel,Customer,Topic", SheetKind::Interactions, &[0, 1, 2, 3])]
    #[case("Sentiment,date_start,interaction,customers,topic,notes", SheetKind::Interactions, &[1, 2, 3, 4, 0, 5])]
    #[case("Date,Product", SheetKind::Products, &[0, 1])]
    #[case("Product,Month", SheetKind::Products, &[1, 0])]
    #[case("Date,Interaction,Customers,Product", SheetKind::Interactions, &[0, 1, 2])]
    #[case("Customer,Customer Id,Occupation,Type", SheetKind::Customers, &[1, 2, 3])]
    fn headers(#[case] line: &str, #[case] kind: SheetKind, #[case] indexes: &[usize]) {
        let Recognised::As(layout) = recognise(&texts(line)) else {
            panic!("\"{line}\" is not recognised");
        };
        assert_eq!(layout.kind, kind);
        let found: Vec<usize> = layout.places.iter().map(|place| place.index).collect();
        assert_eq!(found, indexes);
    }

    #[test]
    fn an_incomplete_header_names_what_is_missing() {
        let Recognised::Not(Some(fit)) = recognise(&texts("Date Start,Customers,Topic")) else {
            panic!("taken for complete");
        };
        assert_eq!(fit.layout.kind, SheetKind::Interactions);
        assert_eq!(fit.missing, ["Interaction"]);
        assert_eq!(recognise(&texts("Report of,2024")), Recognised::Not(None));
    }

    #[test]
    fn a_header_of_two_kinds_is_not_decided() {
        let line = "Customer Id,Occupation,Type,Date Start,Interaction";
        let both = Recognised::Both(SheetKind::Customers, SheetKind::Interactions);
        assert_eq!(recognise(&texts(line)), both);
    }
}
