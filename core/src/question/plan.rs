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
        let mut wrong = Vec::new();
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
            (
                "How many interactions mention Velum since 2024?",
                "counted=interactions names=[Velum] since=2024-01-01 subject=Velum",
            ),
            (
                "How many interactions per channel and customer type?",
                "counted=interactions per=[channel,customer_type]",
            ),
            (
                "How many interactions by channel, topic and month?",
                "counted=interactions per=[channel,month] unclear=topic",
            ),
            (
                "How many calls per customer?",
                "channel=Call counted=interactions unclear=per",
            ),
            (
                "How many calls this year?",
                "channel=Call counted=interactions unclear=this",
            ),
            (
                "How many non-Red customers are there?",
                "counted=customers unclear=non-Red",
            ),
            (
                "How many calls outside 2024?",
                "channel=Call counted=interactions unclear=outside",
            ),
            (
                "How many calls in 2023 and 2025?",
                "channel=Call counted=interactions unclear=2023",
            ),
            (
                "How many calls in Q1 2024?",
                "channel=Call counted=interactions names=[Q1] unclear=Q1",
            ),
            (
                "How many calls on 5 March 2024?",
                "channel=Call counted=interactions since=2024-03-01 unclear=5 until=2024-03-31",
            ),
            (
                "How many calls with customers 7 and 9?",
                "channel=Call counted=interactions customer_id=7 unclear=9",
            ),
            (
                "How many calls with customer 2024?",
                "channel=Call counted=interactions customer_id=2024",
            ),
            (
                "How many channels are there?",
                "counted=interactions unclear=channels",
            ),
            (
                "How many nurses are there?",
                "counted=customers occupation=Nurse",
            ),
            (
                "How many of the Red customers were called?",
                "channel=Call counted=contacted_customers customer_type=Red",
            ),
            (
                "How often should Velum be taken?",
                "counted=interactions product=Velum unclear=should",
            ),
            (
                "How many tablets a day?",
                "counted=interactions unclear=tablets",
            ),
            (
                "How many severe allergic reactions were reported?",
                "counted=interactions unclear=severe",
            ),
            (
                "What is the batch number of the complaint?",
                "subject=What is the batch number of the complaint",
            ),
            (
                "WHICH PATIENTS HAD NAUSEA?",
                "subject=WHICH PATIENTS HAD NAUSEA",
            ),
            (
                "What is said when I'm asked?",
                "subject=What is said when I'm asked",
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
                "channel=Call counted=contacted_customers customer_type=Red unclear=not",
            ),
            (
                "How many customers have no interactions?",
                "counted=contacted_customers unclear=no",
            ),
            (
                "How many calls or visits were there?",
                "channel=Call counted=interactions unclear=or",
            ),
            (
                "How many customers had more than 3 calls?",
                "channel=Call counted=contacted_customers unclear=more",
            ),
            (
                "How many calls last month?",
                "channel=Call counted=interactions unclear=last",
            ),
            (
                "How many nurses called?",
                "channel=Call counted=contacted_customers occupation=Nurse",
            ),
        ] {
            let read = told(question);
            if read != expected {
                wrong.push(format!("{question}: {read}"));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn what_is_looked_for_stays_in_the_subject() {
        let mut wrong = Vec::new();
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
            let read = told(question);
            if read != expected {
                wrong.push(format!("{question}: {read}"));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
