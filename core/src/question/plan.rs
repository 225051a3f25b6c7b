//! What is to be done to answer a question.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::period;
use super::word::{Word, words};
use crate::month::NAMES;

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
const IDLE: &str = "how many much number count often a an the of are is wa were there in with to on by at about for from \
    and or we our us i you have had ha did do doe been be that which who what altogether total all different distinct \
    contact meet met report name note mention interaction customer topic channel type sentiment they their time say said \
    tell told show list find anything something ever";

/// Words before which the thing that is counted has been named.
const ENDS: &str = "with by to from about in of on for at per did do does wa were are is have has had that who which there each";

/// Words that change what is counted.
const UNCLEAR: &str = "or not no never none nobody neither nor without except besides but other than more most less least fewer \
    over under above below only exactly average mean median percent percentage share proportion ratio rate first last latest \
    newest oldest recent recently before after between during again twice both either since until yesterday today week ago \
    quarter didn't didnt don't dont wasn't wasnt weren't werent isn't isnt hasn't hasnt haven't havent doesn't doesnt";

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
    let mut plan = Plan {
        counted: counted(&words),
        ..Plan::default()
    };
    let period = period::take(&mut words);
    (plan.since, plan.until) = (period.since, period.until);
    plan.customer_id = take_customer(&mut words);
    if plan.counted.is_some() {
        plan.per = std::iter::from_fn(|| take_grouping(&mut words))
            .take(2)
            .collect();
        plan.without = take_missing(&mut words);
    }
    for kind in Kind::ALL {
        if let Some(label) = take_label(&mut words, kind, vocabulary, plan.counted.is_some()) {
            *kind.place(&mut plan) = Some(label);
            // Of two labels of a kind it does not matter which is counted: not both are.
            if plan.counted.is_some() {
                plan.unclear = plan
                    .unclear
                    .or(take_label(&mut words, kind, vocabulary, true));
            }
        }
    }
    plan.names = words
        .iter()
        .filter(|word| !word.is_taken && is_name(word))
        .map(|word| word.text.clone())
        .collect();
    let left = || words.iter().filter(|word| !word.is_taken);
    let says = |word: &&Word| !IDLE.split_whitespace().any(|idle| idle == word.stem);
    let is_said = left().any(|word| says(&word));
    plan.subject = left()
        .filter(|word| is_said && (plan.counted.is_none() || says(word)))
        .map(|word| word.text.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    if plan.counted.is_some() {
        let unclear =
            left().find(|word| UNCLEAR.split_whitespace().any(|other| other == word.stem));
        plan.unclear = plan.unclear.or(unclear.map(|word| word.text.clone()));
    }
    if plan.counted == Some(Counted::Customers) && plan.is_about_interactions(&words) {
        plan.counted = Some(Counted::ContactedCustomers);
    }
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

/// Tells what a question counts, by the words that it begins with.
fn counted(words: &[Word]) -> Option<Counted> {
    let stems: Vec<&str> = words.iter().map(|word| word.stem.as_str()).collect();
    let at = stems
        .windows(2)
        .position(|pair| matches!(pair, ["how", "many" | "often"] | ["number" | "count", "of"]))?;
    let behind = stems.get(at + 2..).unwrap_or_default();
    // "different Red customers" of "how many different Red customers did we call".
    let thing = behind
        .split(|word| ENDS.split_whitespace().any(|end| end == *word))
        .next()
        .and_then(<[_]>::last);
    Some(match thing {
        Some(&("customer" | "people" | "person")) => Counted::Customers,
        _ => Counted::Interactions,
    })
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

/// Reads "per channel", "by month" and "for each type".
fn take_grouping(words: &mut [Word]) -> Option<Grouping> {
    let (at, kind, length) = words.iter().enumerate().find_map(|(at, word)| {
        let cue = !word.is_taken && matches!(word.stem.as_str(), "per" | "by" | "each" | "every");
        let stem = |n: usize| words.get(at + n).map_or("", |word| word.stem.as_str());
        let customer = usize::from(stem(1) == "customer");
        let kind = grouping(stem(1 + customer)).filter(|_| cue)?;
        Some((at, kind, 2 + customer))
    })?;
    take(words, at, length);
    Some(kind)
}

/// Reads "no topic" and "without a channel".
fn take_missing(words: &mut [Word]) -> Option<Grouping> {
    let at = words
        .iter()
        .position(|word| matches!(word.stem.as_str(), "no" | "without"))?;
    let article = usize::from(
        words
            .get(at + 1)
            .is_some_and(|word| matches!(word.stem.as_str(), "a" | "any")),
    );
    let kind = grouping(&words.get(at + 1 + article)?.stem)?;
    take(words, at, 2 + article);
    Some(kind)
}

fn grouping(stem: &str) -> Option<Grouping> {
    Some(match stem {
        "type" | "segment" => Grouping::CustomerType,
        "occupation" | "profession" => Grouping::Occupation,
        "channel" => Grouping::Channel,
        "topic" => Grouping::Topic,
        "sentiment" => Grouping::Sentiment,
        "product" => Grouping::Product,
        "month" => Grouping::Month,
        "year" => Grouping::Year,
        _ => return None,
    })
}

/// The kinds of labels, in the order in which they are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    CustomerType,
    Topic,
    Channel,
    Sentiment,
    Occupation,
    Product,
}

impl Kind {
    const ALL: [Self; 6] = [
        Self::CustomerType,
        Self::Topic,
        Self::Channel,
        Self::Sentiment,
        Self::Occupation,
        Self::Product,
    ];

    fn labels(self, vocabulary: &Vocabulary) -> &[String] {
        match self {
            Self::CustomerType => &vocabulary.customer_types,
            Self::Topic => &vocabulary.topics,
            Self::Channel => &vocabulary.channels,
            Self::Sentiment => &vocabulary.sentiments,
            Self::Occupation => &vocabulary.occupations,
            Self::Product => &vocabulary.products,
        }
    }

    fn place(self, plan: &mut Plan) -> &mut Option<String> {
        match self {
            Self::CustomerType => &mut plan.customer_type,
            Self::Topic => &mut plan.topic,
            Self::Channel => &mut plan.channel,
            Self::Sentiment => &mut plan.sentiment,
            Self::Occupation => &mut plan.occupation,
            Self::Product => &mut plan.product,
        }
    }

    /// The word that says that a label of this kind follows.
    fn cue(self) -> &'static str {
        match self {
            Self::CustomerType => "type",
            Self::Topic => "topic",
            Self::Channel => "channel",
            Self::Sentiment => "sentiment",
            Self::Occupation => "occupation",
            Self::Product => "product",
        }
    }

    /// Tells whether a label between these words is meant as one, and not as a word of the subject. What is
    /// counted is counted by labels; what is looked for is rather in the texts.
    fn is_meant(self, before: &str, after: &str, counts: bool) -> bool {
        match self {
            Self::CustomerType => {
                matches!(after, "customer" | "type") || (counts && before == "with")
            }
            Self::Topic | Self::Product => counts,
            Self::Sentiment => {
                counts
                    || matches!(before, "were" | "wa" | "are" | "is")
                    || matches!(
                        after,
                        "feedback"
                            | "interaction"
                            | "sentiment"
                            | "reaction"
                            | "comment"
                            | "contact"
                    )
            }
            Self::Channel => {
                counts
                    || matches!(
                        before,
                        "" | "by"
                            | "via"
                            | "in"
                            | "during"
                            | "at"
                            | "from"
                            | "of"
                            | "on"
                            | "which"
                            | "all"
                    )
                    || matches!(after, "about" | "with" | "to" | "on" | "in" | "where")
            }
            Self::Occupation => {
                counts
                    || matches!(
                        before,
                        "" | "with"
                            | "to"
                            | "by"
                            | "from"
                            | "which"
                            | "what"
                            | "do"
                            | "did"
                            | "of"
                            | "and"
                            | "for"
                    )
            }
        }
    }
}

/// Finds the longest label of a kind that the question means, and takes its words.
fn take_label(
    words: &mut [Word],
    kind: Kind,
    vocabulary: &Vocabulary,
    counts: bool,
) -> Option<String> {
    let mut best: Option<(usize, usize, String)> = None;
    for label in kind.labels(vocabulary) {
        for (shown, stems) in forms(label, kind) {
            let length = stems.len();
            if best
                .as_ref()
                .is_some_and(|(_, longest, _)| *longest >= length)
            {
                continue;
            }
            let found = (0..words.len()).find(|&at| {
                let stem_at = |at: usize| words.get(at).map_or("", |word| word.stem.as_str());
                let here = words.get(at..at + length).unwrap_or_default();
                let before = at.checked_sub(1).map_or("", stem_at);
                length > 0
                    && here.iter().map(|word| &word.stem).eq(stems.iter())
                    && here.iter().all(|word| !word.is_taken)
                    && (before == kind.cue() || kind.is_meant(before, stem_at(at + length), counts))
            });
            if let Some(at) = found {
                best = Some((at, length, shown.clone()));
            }
        }
    }
    let (at, length, label) = best?;
    let cued = usize::from(
        at > 0
            && words
                .get(at - 1)
                .is_some_and(|word| word.stem == kind.cue()),
    );
    take(words, at - cued, length + cued);
    Some(label)
}

/// A label, and for an occupation its last words too: a nurse is who is a practice nurse or a hospital nurse.
fn forms(label: &str, kind: Kind) -> Vec<(String, Vec<String>)> {
    let parts: Vec<&str> = label.split_whitespace().collect();
    let starts = if kind == Kind::Occupation {
        parts.len()
    } else {
        parts.len().min(1)
    };
    (0..starts)
        .filter_map(|start| {
            let shown = parts.get(start..)?.join(" ");
            let stems = words(&shown).into_iter().map(|word| word.stem).collect();
            Some((shown, stems))
        })
        .collect()
}

fn take(words: &mut [Word], at: usize, length: usize) {
    for word in words.iter_mut().skip(at).take(length) {
        word.is_taken = true;
    }
}

/// Tells whether a word is a name or a code rather than a word of the language.
fn is_name(word: &Word) -> bool {
    let any = |is: fn(char) -> bool| word.text.chars().any(is);
    let long = word
        .text
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .count()
        > 1;
    let is_code = any(|letter| letter.is_ascii_digit()) && word.text.chars().count() > 2;
    let is_abbreviation = any(char::is_uppercase) && !any(char::is_lowercase);
    let is_month = NAMES.contains(&word.text.to_lowercase().as_str());
    let is_capitalised = word.text.starts_with(char::is_uppercase) && !word.is_first && !is_month;
    is_code || (long && (is_abbreviation || is_capitalised))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary() -> Vocabulary {
        let list = |labels: &[&str]| labels.iter().map(|label| (*label).to_owned()).collect();
        Vocabulary {
            customer_types: list(&["Red", "Green", "Orange"]),
            occupations: list(&[
                "Cardiologist",
                "Practice Nurse",
                "Hospital Nurse",
                "General Practitioner",
                "Wholesaler",
            ]),
            channels: list(&["Call", "Visit", "Email", "Congress", "Webinar"]),
            topics: list(&["Supply Shortage", "Sample Request", "Drug Efficacy"]),
            sentiments: list(&["Positive", "Neutral", "Negative"]),
            products: list(&["Sand", "Orange", "Velum"]),
        }
    }

    fn told(question: &str) -> String {
        let json = serde_json::to_value(plan(question, &vocabulary())).unwrap();
        let serde_json::Value::Object(fields) = json else {
            panic!("{json}")
        };
        fields
            .into_iter()
            .filter(|(_, value)| {
                !value.is_null() && *value != "" && *value != serde_json::json!([])
            })
            .map(|(name, value)| format!("{name}={}", value.to_string().replace('"', "")))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn counting_questions_are_made_of_labels() {
        for (question, expected) in [
            (
                "How many calls were there in March 2024?",
                "channel=Call counted=interactions since=2024-03-01 until=2024-03-31",
            ),
            (
                "How many interactions with cardiologists in 2023 were negative?",
                "counted=interactions occupation=Cardiologist sentiment=Negative since=2023-01-01 until=2023-12-31",
            ),
            (
                "How many different customers were visited in June 2025?",
                "channel=Visit counted=contacted_customers since=2025-06-01 until=2025-06-30",
            ),
            (
                "number of webinars in 2022",
                "channel=Webinar counted=interactions since=2022-01-01 until=2022-12-31",
            ),
            (
                "How many e-mails have the topic Supply Shortage?",
                "channel=Email counted=interactions topic=Supply Shortage",
            ),
            (
                "How many interactions did we have with wholesalers altogether?",
                "counted=interactions occupation=Wholesaler",
            ),
            (
                "How many customers of type Green were contacted in January 2023?",
                "counted=contacted_customers customer_type=Green since=2023-01-01 until=2023-01-31",
            ),
            (
                "How many interactions of 2024 have no topic?",
                "counted=interactions since=2024-01-01 until=2024-12-31 without=topic",
            ),
            (
                "How many interactions with general practitioners in 2025 have the topic Sample Request?",
                "counted=interactions occupation=General Practitioner since=2025-01-01 topic=Sample Request until=2025-12-31",
            ),
            (
                "How many notes name batch V2411C?",
                "counted=interactions names=[V2411C] subject=batch V2411C",
            ),
            (
                "How many positive interactions were there at congresses in 2025?",
                "channel=Congress counted=interactions sentiment=Positive since=2025-01-01 until=2025-12-31",
            ),
            (
                "How often did we call customer 12?",
                "channel=Call counted=interactions customer_id=12",
            ),
            (
                "How many interactions per channel with Red customers?",
                "counted=interactions customer_type=Red per=[channel]",
            ),
            (
                "Number of interactions by product for each type",
                "counted=interactions per=[product,customer_type]",
            ),
            (
                "How many contacts about Orange did Orange customers have?",
                "counted=interactions customer_type=Orange product=Orange",
            ),
            ("How many customers are there?", "counted=customers"),
            (
                "How many Red customers are there?",
                "counted=customers customer_type=Red",
            ),
            (
                "How many customers have we met?",
                "counted=contacted_customers",
            ),
            (
                "How many Red customers did we not call?",
                "channel=Call counted=contacted_customers customer_type=Red subject=not unclear=not",
            ),
            (
                "How many customers have no interactions?",
                "counted=contacted_customers subject=no unclear=no",
            ),
            (
                "How many calls or visits were there?",
                "channel=Call counted=interactions unclear=Visit",
            ),
            (
                "How many customers had more than 3 calls?",
                "channel=Call counted=contacted_customers subject=more than 3 unclear=more",
            ),
            (
                "How many calls last month?",
                "channel=Call counted=interactions subject=last month unclear=last",
            ),
            (
                "How many nurses called?",
                "channel=Call counted=interactions occupation=Nurse",
            ),
        ] {
            assert_eq!(told(question), expected, "{question}");
        }
    }

    #[test]
    fn what_is_looked_for_stays_in_the_subject() {
        for (question, expected) in [
            (
                "calls about side effects in March 2024",
                "channel=Call since=2024-03-01 subject=about side effects until=2024-03-31",
            ),
            (
                "visits to nurses about training",
                "channel=Visit occupation=Nurse subject=to about training",
            ),
            (
                "Red customers who found it too expensive in 2025",
                "customer_type=Red since=2025-01-01 subject=customers who found it too expensive until=2025-12-31",
            ),
            (
                "negative feedback on deliveries",
                "sentiment=Negative subject=feedback on deliveries",
            ),
            ("negative study results", "subject=negative study results"),
            (
                "Did anyone call the hotline?",
                "subject=Did anyone call the hotline",
            ),
            (
                "Does Sand contain lactose?",
                "names=[Sand] subject=Does Sand contain lactose",
            ),
            (
                "What did Dr Abernathy-Stone say?",
                "names=[Dr,Abernathy-Stone] subject=What did Dr Abernathy-Stone say",
            ),
            (
                "talks in spring, March to May",
                "subject=talks in spring March to May",
            ),
            ("batch X9917Z", "names=[X9917Z] subject=batch X9917Z"),
            (
                "'; DROP TABLE customers; --",
                "names=[DROP,TABLE] subject=DROP TABLE customers",
            ),
            (
                "What did customer 2 say since 2031?",
                "customer_id=2 since=2031-01-01",
            ),
            (
                "Visits in 2024",
                "channel=Visit since=2024-01-01 until=2024-12-31",
            ),
            ("", ""),
        ] {
            assert_eq!(told(question), expected, "{question}");
        }
    }
}
