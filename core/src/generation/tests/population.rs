//! Customers to write to, with facts counted from their rows as SQL counts them.

use std::cmp::Reverse;

use jiff::civil::{Date, date};

use crate::generation::{
    ChannelCount, Completion, Evidence, Facts, FinishReason, LastInteraction, MockModel, Moment,
    Prompt, Request, SentimentCount, Task, TopicCount, Usage, Voice, check,
};

pub(super) const SAFETY: &str = "Drug Safety, +41 61 555 01 23, safety@rapport.example";

/// One interaction; the latest comes first in a list.
pub(super) fn row(
    interaction_id: i64,
    date: Date,
    channel: Option<&str>,
    topic: Option<&str>,
    sentiment: Option<&str>,
    products: &[&str],
) -> Evidence {
    Evidence {
        interaction_id,
        date,
        time: Some("16:10".to_owned()),
        channel: channel.map(str::to_owned),
        topic: topic.map(str::to_owned),
        sentiment: sentiment.map(str::to_owned),
        products: products
            .iter()
            .map(|product| (*product).to_owned())
            .collect(),
        notes: None,
        sensitive: topic == Some("Adverse Event Report"),
        relevance_rank: None,
    }
}

fn counted<'a>(labels: impl Iterator<Item = Option<&'a String>>) -> Vec<(Option<String>, u64)> {
    let mut counts: Vec<(Option<String>, u64)> = Vec::new();
    for label in labels {
        match counts.iter_mut().find(|(own, _)| own.as_ref() == label) {
            Some((_, count)) => *count += 1,
            None => counts.push((label.cloned(), 1)),
        }
    }
    counts.sort_by_key(|(_, count)| Reverse(*count));
    counts
}

/// A request with facts that fit its rows.
pub(super) fn request(
    task: Task,
    occupation: Option<&str>,
    customer_type: Option<&str>,
    rows: Vec<Evidence>,
) -> Request {
    let channels = counted(rows.iter().map(|row| row.channel.as_ref()));
    let topics = counted(rows.iter().map(|row| row.topic.as_ref()));
    let sentiments = counted(rows.iter().map(|row| row.sentiment.as_ref()));
    let mut products: Vec<String> = rows.iter().flat_map(|row| row.products.clone()).collect();
    products.sort();
    products.dedup();
    let mut sensitive_topics: Vec<String> = rows
        .iter()
        .filter(|row| row.sensitive)
        .filter_map(|row| row.topic.clone())
        .collect();
    sensitive_topics.dedup();
    Request {
        task,
        facts: Facts {
            customer_id: 1,
            occupation: occupation.map(str::to_owned),
            customer_type: customer_type.map(str::to_owned),
            total_interactions: rows.len() as u64,
            first_interaction: rows.last().map(|row| Moment {
                date: row.date,
                time: row.time.clone(),
            }),
            most_frequent_channel: channels.iter().find_map(|(channel, _)| channel.clone()),
            channels: channels
                .into_iter()
                .map(|(channel, interactions)| ChannelCount {
                    channel,
                    interactions,
                })
                .collect(),
            last_interaction: rows.first().map(|row| LastInteraction {
                interaction_id: Some(row.interaction_id),
                date: row.date,
                time: row.time.clone(),
                channel: row.channel.clone(),
                topic: row.topic.clone(),
                sentiment: row.sentiment.clone(),
            }),
            key_topics: topics
                .iter()
                .filter_map(|(topic, _)| topic.clone())
                .take(5)
                .collect(),
            topics: topics
                .into_iter()
                .map(|(topic, interactions)| TopicCount {
                    topic,
                    interactions,
                })
                .collect(),
            sentiments: sentiments
                .into_iter()
                .map(|(sentiment, interactions)| SentimentCount {
                    sentiment,
                    interactions,
                })
                .collect(),
            products,
            attribution: Some("month".to_owned()),
            sensitive_topics,
        },
        focus: None,
        evidence: rows.into_iter().take(12).collect(),
        voice: Voice {
            safety_contact: SAFETY.to_owned(),
            sender: "The Rapport team".to_owned(),
        },
    }
}

/// The customer whose last contact, of two, went badly.
pub(super) fn disappointed(task: Task) -> Request {
    request(
        task,
        Some("Jedi"),
        Some("Red"),
        vec![
            row(
                17,
                date(2020, 2, 11),
                Some("Call"),
                Some("Drug Interaction Concerns"),
                Some("Negative"),
                &["Sand"],
            ),
            row(
                3,
                date(2019, 10, 4),
                Some("Email"),
                Some("Drug Efficacy"),
                Some("Positive"),
                &["Orange", "Sand"],
            ),
        ],
    )
}

const OCCUPATIONS: [&str; 8] = [
    "Jedi",
    "Batman",
    "Santa Claus",
    "Mover",
    "Nurse",
    "Pharmacist",
    "Agent 007",
    "Oncologist",
];
const TYPES: [&str; 4] = ["Red", "Orange", "Blue", "Green"];
const CHANNELS: [&str; 8] = [
    "Email",
    "Call",
    "Bird",
    "Boat",
    "Visit",
    "WhatsApp",
    "Face to Face",
    "Letter",
];
const TOPICS: [&str; 9] = [
    "Drug Interaction Concerns",
    "Side Effects Discussion",
    "Drug Efficacy",
    "Prescription Guidelines",
    "Clinical Study",
    "Plummer",
    "COVID-19 & flu",
    "Pricing",
    "Patient Support Programme",
];
const SENTIMENTS: [&str; 3] = ["Positive", "Negative", "Neutral"];
const PRODUCTS: [&str; 3] = ["Sand", "Orange", "Moon Cheese"];

/// A customer of a generated population; the same number gives the same customer.
pub(super) fn customer(task: Task, number: u64, with_adverse_events: bool) -> Request {
    // A multiplicative generator is enough to spread numbers, and needs no crate.
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d;
    let mut next = move |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let rows = match next(8) {
        0 => 0,
        1 => 1,
        _ => next(14),
    };
    let mut day = date(2018, 1, 1 + i8::try_from(next(28)).unwrap());
    let mut evidence = Vec::new();
    for id in 0..rows {
        day = day
            .checked_add(jiff::Span::new().days(1 + next(60) as i64))
            .unwrap();
        let mut pick = |labels: &[&'static str]| (next(9) > 0).then(|| labels[next(labels.len())]);
        let (channel, mut topic) = (pick(&CHANNELS), pick(&TOPICS));
        let sentiment = pick(&SENTIMENTS);
        let products: Vec<&str> = PRODUCTS[..next(4)].to_vec();
        if with_adverse_events && next(6) == 0 {
            topic = Some("Adverse Event Report");
        }
        evidence.push(row(
            100 + id as i64,
            day,
            channel,
            topic,
            sentiment,
            &products,
        ));
    }
    evidence.reverse();
    let occupation = (next(9) > 0).then(|| OCCUPATIONS[next(OCCUPATIONS.len())]);
    let mut request = request(task, occupation, Some(TYPES[next(4)]), evidence);
    request.facts.customer_id = number as i64 + 1;
    request
}

/// Tells why the gate refuses a sentence, if it does.
pub(super) fn refusal(request: &Request, text: &str, evidence: &[i64]) -> Option<String> {
    let answer = serde_json::json!({"parts": [{"part": request.task.parts()[0], "sentences": [
        {"text": "We write to you."}, {"text": "We think of you."},
        {"text": text, "evidence": evidence}]}]});
    let completion = Completion {
        text: answer.to_string(),
        finish: FinishReason::Stop,
        usage: Usage::default(),
    };
    let generation = check(request, &Prompt::build(request), &MockModel, &completion);
    generation
        .refused
        .first()
        .map(|refused| refused.reason.clone())
}
