//! Checks that a product is named only as one of the discussions of a month.

use super::marks::{Mark, What};
use crate::generation::reply::{MentionKind, Sentence};
use crate::generation::{Evidence, Request, label};

/// Checks the products of a sentence; `unmarked` is one that it names without marking it.
pub(super) fn check(
    marks: &[Mark],
    unmarked: Option<&str>,
    sentence: &Sentence,
    rows: &[&Evidence],
    data: &Request,
) -> Result<(), String> {
    let marked = sentence
        .mentions
        .iter()
        .find(|mention| mention.kind == MentionKind::Product)
        .map(|mention| mention.value.as_str());
    let Some(product) = marked.or(unmarked) else {
        return Ok(());
    };
    let product = label::clean(product, 60);
    if data.is_sensitive() {
        return Err(format!(
            "it names product \"{product}\" where a safety matter is on record"
        ));
    }
    let months: Vec<(usize, i16, i8)> = marks
        .iter()
        .filter_map(|mark| match mark.what {
            What::Month(year, month) => Some((mark.at, year, month)),
            _ => None,
        })
        .collect();
    if months.is_empty() {
        return Err(format!(
            "it names product \"{product}\" without the month of the discussion"
        ));
    }
    let folded = label::fold(&product);
    let is_product = |mark: &&Mark| match &mark.what {
        What::Label(kinds, text) => {
            *kinds == [MentionKind::Product]
                || (kinds.contains(&MentionKind::Product) && *text == folded)
        }
        _ => false,
    };
    let named: Vec<&Mark> = marks.iter().filter(is_product).collect();
    let in_front = named
        .first()
        .zip(months.first())
        .is_some_and(|(product, (at, ..))| product.at < *at);
    for own in named {
        let before = months.iter().rev().find(|(at, ..)| *at < own.at);
        let after = months.iter().find(|(at, ..)| *at > own.at);
        let month = if in_front {
            after.or(before)
        } else {
            before.or(after)
        };
        let Some((_, year, month)) = month else {
            continue;
        };
        let fits = |row: &Evidence| What::Month(*year, *month).fits(row) && own.what.fits(row);
        let holds = if rows.is_empty() {
            data.evidence.iter().any(fits)
        } else {
            rows.iter().any(|row| fits(row))
        };
        if !holds {
            return Err(format!(
                "product \"{product}\" is not one of the discussions of that month"
            ));
        }
    }
    Ok(())
}
