//! What is to be done to answer a question.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::label::{self, Kind};
use super::word::{Word, take, words};
use super::{count, period};

/// The labels that the data has, of each kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Vocabulary {
    /// Segments of customers.
    pub customer_types: Vec<String>,
    /// What customers do.
    pub occupations: Vec<String>,
    /// Ways of contact.
    pub channels: Vec<String>,
    /// What interactions are about.
    pub topics: Vec<String>,
    /// How they went.
    pub sentiments: Vec<String>,
    /// What was discussed in a month.
    pub products: Vec<String>,
}

/// What a question counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Interactions.
    Interactions,
    /// Customers, whether they had an interaction or not.
    Customers,
    /// Customers who had one.
    ContactedCustomers,
}

/// What a count is split by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are those of the columns")]
pub enum Grouping {
    CustomerType,
    Occupation,
    Channel,
    Topic,
    Sentiment,
    Product,
    Month,
    Year,
}

/// How a question is answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Plan {
    /// What is counted; nothing when the question asks for what was said.
    pub counted: Option<Counted>,
    /// One number for each of these, at most two.
    pub per: Vec<Grouping>,
    /// The customer, when the question names one by number.
    pub customer_id: Option<i64>,
    /// Only customers of this type.
    pub customer_type: Option<String>,
    /// Only customers of this occupation, or of those that end with it.
    pub occupation: Option<String>,
    /// Only this way of contact.
    pub channel: Option<String>,
    /// Only this topic.
    pub topic: Option<String>,
    /// Only interactions that went like this.
    pub sentiment: Option<String>,
    /// Only the months of this product.
    pub product: Option<String>,
    /// The first day.
    pub since: Option<Date>,
    /// The last day, which belongs to the period.
    pub until: Option<Date>,
    /// Only interactions without a label of this kind.
    pub without: Option<Grouping>,
    /// What is left of the question: what it is about.
    pub subject: String,
    /// A word of a question that counts which changes what is counted in a way that is not understood.
    pub unclear: Option<String>,
    /// Names and codes in the question. What does not mention them is no answer.
    pub names: Vec<String>,
}

/// Words that say how is asked, and not what about.
const IDLE: &str = "a about an the of are is wa were there in with to on by at for from and we our us i you have had ha did do doe been be \
    that which who what altogether total all different distinct contact meet met reach interaction conversation note customer they their";

/// More of them, in questions that count nothing.
const ASKING: &str = "how say said tell told show list find anything something ever about or";

/// Plans the answer to a question with the labels of the data.
///
/// ```
/// use rapport_core::question::{Counted, Vocabulary, plan};
///
/// let vocabulary = Vocabulary { channels: vec!["Call".to_owned()], ..Vocabulary::default() };
/// let plan = plan("How many calls were there in March 2024?", &vocabulary);
/// assert_eq!(plan.counted, Some(Counted::Interactions));
/// assert_eq!(plan.channel.as_deref(), Some("Call"));
/// assert_eq!(plan.since.unwrap().to_string(), "2024-03-01");
/// assert_eq!(plan.subject, "");
/// ```
#[must_use]
pub fn plan(question: &str, vocabulary: &Vocabulary) -> Plan {
    let mut words = words(question);
    let asked = count::asked(&mut words);
    let mut plan = Plan {
        customer_id: take_customer(&mut words),
        ..Plan::default()
    };
    let period = period::take(&mut words);
    (plan.since, plan.until) = (period.since, period.until);
    if asked.is_some() {
        plan.per = count::take_groupings(&mut words);
        plan.without = count::take_missing(&mut words);
    }
    // What a text mentions is words, whatever they are elsewhere.
    let end = asked
        .as_ref()
        .and_then(|_| count::mention(&words))
        .unwrap_or(words.len());
    let mut heads = Vec::new();
    for kind in Kind::ALL {
        if let Some(found) = label::take(&mut words, end, kind, vocabulary, asked.is_some()) {
            heads.push((kind, found.last));
            *kind.place(&mut plan) = Some(found.label);
        }
    }
    let idle = |word: &Word| {
        let is_in = |list: &str| list.split_whitespace().any(|idle| idle == word.stem);
        is_in(IDLE) || (asked.is_none() && is_in(ASKING))
    };
    if let Some(asked) = asked {
        let counted = asked.counted(&words, &heads);
        plan.counted = Some(counted.unwrap_or(Counted::Interactions));
        let left = words
            .iter()
            .take(end)
            .find(|word| !word.is_taken && !idle(word));
        plan.unclear = left.map(|word| word.text.clone());
        if plan.unclear.is_none() && counted.is_none() {
            plan.unclear = Some(asked.thing(&words));
        }
        plan.subject = written(
            words
                .iter()
                .skip(end)
                .filter(|word| !word.is_taken && !idle(word) && !count::mentions(word)),
        );
        if counted == Some(Counted::Customers) && plan.is_about_interactions(&words) {
            plan.counted = Some(Counted::ContactedCustomers);
        }
    } else {
        let is_said = words.iter().any(|word| !word.is_taken && !idle(word));
        plan.subject = written(words.iter().filter(|word| is_said && !word.is_taken));
    }
    plan.names = names(&words);
    plan
}

impl Plan {
    /// Tells whether a customer without an interaction cannot be meant.
    fn is_about_interactions(&self, words: &[Word]) -> bool {
        let is_of_interactions =
            |kind: &Grouping| !matches!(kind, Grouping::CustomerType | Grouping::Occupation);
        let labels = [&self.channel, &self.topic, &self.sentiment, &self.product];
        labels.into_iter().any(Option::is_some)
            || self.since.or(self.until).is_some()
            || !self.subject.is_empty()
            || self.per.iter().chain(&self.without).any(is_of_interactions)
            || words.iter().any(|word| {
                matches!(
                    word.stem.as_str(),
                    "contact" | "met" | "meet" | "reach" | "interaction"
                )
            })
    }
}

fn written<'a>(words: impl Iterator<Item = &'a Word>) -> String {
    words
        .map(|word| word.text.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Reads "customer 12".
fn take_customer(words: &mut [Word]) -> Option<i64> {
    let at = words.windows(2).position(|pair| {
        matches!(pair, [one, number] if one.stem == "customer" && number.text.parse::<i64>().is_ok())
    })?;
    let id = words.get(at + 1)?.text.parse().ok();
    take(words, at, 2);
    id
}

/// The words that are names or codes rather than words of the language.
fn names(words: &[Word]) -> Vec<String> {
    let left = || words.iter().filter(|word| !word.is_taken);
    let starts_large = |word: &Word| word.text.starts_with(char::is_uppercase);
    // Where most words have a capital it says nothing.
    let others = || words.iter().filter(|word| !word.is_first);
    let capitals_tell = 2 * others().filter(|word| starts_large(word)).count() <= others().count();
    left()
        .filter(|word| !period::is_date(word))
        .filter(|word| {
            let any = |is: fn(char) -> bool| word.text.chars().any(is);
            let long = word
                .text
                .chars()
                .filter(|letter| letter.is_alphanumeric())
                .count()
                > 1;
            let is_code = any(|letter| letter.is_ascii_digit()) && word.text.chars().count() > 2;
            let is_abbreviation = any(char::is_uppercase) && !any(char::is_lowercase);
            let is_speaker = word.text.starts_with("I'") || word.text.starts_with("I\u{2019}");
            let is_capitalised = starts_large(word) && !word.is_first && !is_speaker;
            is_code || (capitals_tell && long && (is_abbreviation || is_capitalised))
        })
        .map(|word| word.text.clone())
        .collect()
}

#[cfg(test)]
mod tests;
