//! Questions and how they are read.

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
        .filter(|(_, value)| !value.is_null() && *value != "" && *value != serde_json::json!([]))
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
