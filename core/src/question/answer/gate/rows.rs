//! The rows that a sentence cites: what they say, whose they are, and when they were.

use super::Row;
use crate::generation::gate::runs;
use crate::generation::{Evidence, label, phrase};

impl Row {
    /// The row as the checks of a contact see it.
    pub(super) fn as_evidence(&self) -> Evidence {
        Evidence {
            interaction_id: self.interaction_id,
            date: self.date,
            time: None,
            channel: self.channel.clone(),
            topic: self.topic.clone(),
            sentiment: self.sentiment.clone(),
            products: Vec::new(),
            notes: self.notes.clone(),
            sensitive: false,
            relevance_rank: None,
        }
    }
}

/// What a row says, field by field.
pub(super) fn spoken(row: &Row) -> impl Iterator<Item = &str> {
    [
        &row.notes,
        &row.topic,
        &row.sentiment,
        &row.channel,
        &row.occupation,
        &row.customer_type,
    ]
    .into_iter()
    .filter_map(|field| field.as_deref())
}

/// Returns the rows of the customers that a sentence names, by number or by occupation; all of
/// them when it names none.
///
/// # Errors
/// A number of a customer whose row is not cited.
pub(super) fn customers<'a>(text: &str, rows: Vec<&'a Row>) -> Result<Vec<&'a Row>, String> {
    let named = numbers_of_customers(text);
    if let Some(id) = named
        .iter()
        .find(|id| !rows.iter().any(|row| row.customer_id == **id))
    {
        return Err(format!("the number {id} is not in what it cites"));
    }
    let folded = label::fold(text);
    let words: Vec<&str> = runs(&folded).collect();
    let has_occupation = |row: &&Row| {
        row.occupation.as_deref().is_some_and(|occupation| {
            let occupation = label::fold(occupation);
            let wanted: Vec<&str> = runs(&occupation).collect();
            !wanted.is_empty() && words.windows(wanted.len()).any(|words| words == wanted)
        })
    };
    let by_number = |row: &&Row| named.contains(&row.customer_id);
    let own: Vec<&Row> = if named.is_empty() {
        rows.iter().copied().filter(has_occupation).collect()
    } else {
        rows.iter().copied().filter(by_number).collect()
    };
    // "the Dentist and customer 16": with a second customer the first one is not the only one.
    let others = rows
        .iter()
        .copied()
        .filter(|row| !own.iter().any(|own| std::ptr::eq(*own, *row)));
    let more = !named.is_empty()
        && others.clone().any(|row| {
            has_occupation(&row) && !own.iter().any(|own| own.occupation == row.occupation)
        });
    Ok(if own.is_empty() || more { rows } else { own })
}

/// Reads `customer 5` and `customers 5, 31 and 90`.
fn numbers_of_customers(text: &str) -> Vec<i64> {
    let mut found = Vec::new();
    let mut behind = false;
    for word in
        text.split(|letter: char| letter.is_whitespace() || matches!(letter, ',' | '(' | ')' | ';'))
    {
        let bare = word.trim_matches(|letter: char| !letter.is_alphanumeric());
        let bare = bare
            .strip_suffix("'s")
            .or_else(|| bare.strip_suffix("’s"))
            .unwrap_or(bare);
        match bare.parse::<i64>() {
            Ok(id) if behind => found.push(id),
            _ if matches!(bare.to_lowercase().as_str(), "customer" | "customers") => behind = true,
            _ => behind &= bare.is_empty() || bare == "and" || bare == "or",
        }
    }
    found
}

/// Takes out what names the day of a row, or its month or year, and its customer by number.
pub(super) fn without_days_and_customers(own: &str, rows: &[&Row]) -> String {
    let mut left = format!(" {own} ");
    for row in rows {
        let (year, month, day) = (row.date.year(), row.date.month(), row.date.day());
        let name = usize::try_from(month)
            .ok()
            .and_then(|month| label::MONTHS.get(month - 1))
            .copied()
            .unwrap_or_default();
        let name = phrase::capitalised(name);
        for written in [
            row.date.to_string(),
            format!("{day} {name} {year}"),
            format!("{name} {day}, {year}"),
            format!("{day} {name}"),
            format!("{name} {year}"),
            format!("in {year}"),
        ] {
            while let Some(at) = whole(&left, &written) {
                left.replace_range(at..at + written.len(), " ");
            }
        }
    }
    // A name of the customer is checked with the rows, and leaves its noun.
    let mut kept = String::new();
    let mut behind = false;
    for word in left.split_whitespace() {
        let bare = word.trim_matches(|letter: char| !letter.is_alphanumeric());
        let number = bare
            .strip_suffix("'s")
            .or_else(|| bare.strip_suffix("’s"))
            .unwrap_or(bare);
        if behind && number.parse::<i64>().is_ok() {
            kept.extend(word.chars().filter(|sign| sign.is_ascii_punctuation()));
        } else {
            behind = matches!(bare.to_lowercase().as_str(), "customer" | "customers")
                || (behind && (bare == "and" || bare == "or" || bare.is_empty()));
            kept.push(' ');
            kept.push_str(word);
        }
    }
    kept
}

/// Finds a text where no letter or digit is beside it.
fn whole(text: &str, part: &str) -> Option<usize> {
    text.match_indices(part).map(|(at, _)| at).find(|&at| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text
            .get(at + part.len()..)
            .and_then(|after| after.chars().next());
        let is_edge = |beside: Option<char>| beside.is_none_or(|letter| !letter.is_alphanumeric());
        is_edge(before) && is_edge(after)
    })
}
