//! Lines for a representative who calls.

use super::history::{History, Mood, Trend};
use super::{part, sensitive, topics};
use crate::generation::reply::Sentence;
use crate::generation::{Reply, label};

const HELLO: &[&str] = &[
    "Good day, I am calling on behalf of {sender}.",
    "Hello, this is a call on behalf of {sender}.",
    "Good day, and thank you for taking the call; I am calling on behalf of {sender}.",
];
const TIME: &[&str] = &[
    "Do you have a few minutes, or may I call at another time?",
    "Is this a convenient moment?",
    "Would a short conversation suit you at the moment?",
];
const GOOD: &[&str] = &[
    "I would like to thank you for our {contact}.",
    "We were glad about our {contact}, and I would like to continue from there.",
    "We noted that our {contact} went well, so I am calling to hear what came of it.",
];
const BAD: &[&str] = &[
    "I am calling because our {contact} did not go well by our own notes.",
    "First of all, I would like to apologise for the way our {contact} went.",
    "I would like to hear your view of our {contact}, which did not go well by our own notes.",
];
const OPEN: &[&str] = &[
    "I am calling about our {contact}.",
    "I would like to come back to our {contact}.",
    "Since our {contact}, has anything remained open?",
];
const POINT_GOOD: &[&str] = &[
    "The last contact is recorded as positive: pick up the thread, and keep it short.",
    "The last contact went well: ask what was useful, and offer more of it.",
    "Build on the good course of the last contact; there is no need to repeat it.",
];
const POINT_BAD: &[&str] = &[
    "The last contact is recorded as negative: listen first, and offer nothing before the reason is clear.",
    "Ask what went wrong before you turn to another subject.",
    "Do not defend what happened last time; write down what was missing.",
];
const POINT_OPEN: &[&str] = &[
    "Ask how the last contact was received before you suggest anything.",
    "Find out where things stand before you go into detail.",
];
const ONLY: &[&str] = &[
    "This is the only contact on record: get to know the customer.",
    "There is 1 interaction on record so far; ask about needs and interests.",
];
const COUNTED: &[&str] = &[
    "There have been {count} since {first}.",
    "The customer has been in contact with us {times} since {first}.",
    "On record are {count}, beginning on {first}.",
];
const IMPROVED: &[&str] = &[
    "The last contact went better than the {previous}: ask what made the difference.",
    "The {previous} had not gone well, so handle what may remain of it with care.",
];
const WORSENED: &[&str] = &[
    "The {previous} had gone well: find out what changed since then.",
    "Before that, the {previous} went better, so there is something to return to.",
];
const ALWAYS_GOOD: &[&str] = &[
    "All contacts on record went well.",
    "Every contact on record is noted as {sole}.",
];
const ALWAYS_BAD: &[&str] = &[
    "The earlier contacts did not go well either: consider bringing in a colleague.",
    "None of the contacts on record went well: ask what would have to change.",
];
const OTHERS: &[&str] = &[
    "Other topics on record: {topics}.",
    "Earlier contact was also about {topics}.",
    "If there is time, ask about {topics}, on record from earlier contact.",
];
const PRODUCT: &[&str] = &[
    "The product under discussion in {month} was {products}: speak about it only if asked.",
    "In {month} the discussions were about {products}; offer the product information, nothing more.",
];
const PRODUCTS: &[&str] = &[
    "The products under discussion in {month} were {products}: speak about them only if asked.",
    "In {month} the discussions were about {products}; offer the product information, nothing more.",
];
const SAME_CHANNEL: &[&str] = &[
    "Contact is most often {usual}, so a call is what the customer is used to.",
    "The customer is used to calls: contact is most often {usual}.",
];
const OTHER_CHANNEL: &[&str] = &[
    "Contact is most often {usual}: ask whether a call is welcome.",
    "Up to now contact has most often been {usual}; offer to continue that way.",
];
const ASK_GOOD: &[&str] = &[
    "What was most useful to you last time?",
    "What should we do more of?",
    "Which colleague of yours might be interested as well?",
];
const ASK_BAD: &[&str] = &[
    "What should have been different?",
    "What would you need from us?",
    "Is there anything that we misunderstood?",
];
const ASK_OPEN: &[&str] = &[
    "How did you find it?",
    "What matters most to you at the moment?",
    "How can we be of use to you?",
];
const END_GOOD: &[&str] = &[
    "Thank you for the good conversation; when may we speak again?",
    "Is there anything that I can send you?",
    "It was good to talk to you.",
];
const END_BAD: &[&str] = &[
    "Thank you for being frank.",
    "How would you like us to come back to you on this?",
    "Thank you for giving us the chance to put this right.",
];
const END_OPEN: &[&str] = &[
    "Thank you for your time.",
    "Is there anything else I can do for you?",
    "May I call again at another time?",
];
const FIRST: &[&str] = &[
    "We have not been in contact so far, and I would like to introduce us.",
    "I am calling to introduce us, as we do not know each other yet.",
];
const FIRST_POINT: &[&str] = &[
    "No contact is on record: keep it short, and listen.",
    "There is no history to refer to: introduce yourself and your role.",
];
const FIRST_OFFER: &[&str] = &[
    "Say what we can do: product information, material, contact with specialists.",
    "Offer product information and a contact for questions.",
];
const FIRST_ASK: &[&str] = &[
    "What matters in your daily work?",
    "Which topics are of interest to you?",
    "Which questions come up that we could help with?",
];
const FIRST_ASK_HOW: &[&str] = &[
    "How do you prefer to be contacted?",
    "How often would you like to hear from us?",
];
const MATTER: &[&str] = &[
    "I am calling about our {matter}.",
    "I would like to tell you whom to turn to after our {matter}.",
];
const MATTER_TOPIC: &[&str] = &[
    "I am calling about {topics}, which our records of our contact with you mention.",
    "I would like to tell you whom to turn to about {topics}.",
];
const SAFETY_POINT: &[&str] = &[
    "A safety matter is on record: give no medical information and speak about no product.",
    "This is a safety matter: make no assessment, and offer nothing.",
];
const SAFETY_REPORT: &[&str] = &[
    "Write down word for word what the customer reports, and pass it on without delay.",
    "Pass on what the customer reports, without delay and in the customer's own words.",
];
const SAFETY_CONTACT: &[&str] = &[
    "The safety contact is {safety}: name it in the call.",
    "Anything about it goes to {safety}.",
];
const SAFETY_UNKNOWN: &[&str] = &["Anything about it goes to our safety team."];
const SAFETY_ASK: &[&str] = &[
    "Have you been able to reach our safety team?",
    "Is there anything that our safety team needs to know?",
    "May our safety team contact you about it?",
];

/// Writes a script.
pub(super) fn write(history: &History<'_>) -> Reply {
    if history.data.is_sensitive() {
        return safety_matter(history);
    }
    if history.is_empty() {
        return introduction(history);
    }
    let say = |place, patterns| history.pieces().say(history.choice.of(place, patterns));
    let (opening, point, ask, end) = match history.mood {
        Mood::Positive => (GOOD, POINT_GOOD, ASK_GOOD, END_GOOD),
        Mood::Negative => (BAD, POINT_BAD, ASK_BAD, END_BAD),
        Mood::Open => (OPEN, POINT_OPEN, ASK_OPEN, END_OPEN),
    };
    let mut opened = vec![say("hello", HELLO), say("time", TIME)];
    let mut points = Vec::new();
    if history.contact.is_some() {
        opened.push(say("opening", opening));
        points.extend(history.is_last.then(|| say("point", point)));
    }
    let trend = match history.trend {
        Trend::Improved(_) => Some(IMPROVED),
        Trend::Worsened(_) => Some(WORSENED),
        Trend::Good => Some(ALWAYS_GOOD),
        Trend::Bad => Some(ALWAYS_BAD),
        Trend::Unclear => None,
    };
    points.extend(trend.map(|patterns| say("trend", patterns)));
    points.extend(history.counted(ONLY, COUNTED));
    points.extend(history.other_topics(OTHERS));
    if history.mood != Mood::Negative {
        points.extend(history.products(PRODUCT, PRODUCTS));
    }
    points.extend(history.usual_channel("call", SAME_CHANNEL, OTHER_CHANNEL));
    let topic = history.contact.and_then(|last| last.topic);
    let topic = topic.filter(|topic| label::is_presentable(topic));
    let questions = vec![say("ask", ask), say("question", topics::questions(topic))];
    script(opened, points, questions, vec![say("end", end)])
}

fn introduction(history: &History<'_>) -> Reply {
    let say = |place, patterns| history.pieces().say(history.choice.of(place, patterns));
    script(
        vec![say("hello", HELLO), say("time", TIME), say("first", FIRST)],
        vec![say("point", FIRST_POINT), say("offer", FIRST_OFFER)],
        vec![say("ask", FIRST_ASK), say("how", FIRST_ASK_HOW)],
        vec![say("end", END_OPEN)],
    )
}

fn safety_matter(history: &History<'_>) -> Reply {
    let pieces = sensitive::pieces(history);
    let say = |place, patterns| pieces.say(history.choice.of(place, patterns));
    let about = if sensitive::matter(history).is_some() {
        MATTER
    } else {
        MATTER_TOPIC
    };
    let contact = if history.data.voice.safety_contact.is_empty() {
        SAFETY_UNKNOWN
    } else {
        SAFETY_CONTACT
    };
    script(
        vec![say("hello", HELLO), say("time", TIME), say("matter", about)],
        vec![
            say("point", SAFETY_POINT),
            say("contact", contact),
            say("report", SAFETY_REPORT),
        ],
        vec![say("ask", SAFETY_ASK)],
        vec![say("end", &["Thank you for your time."])],
    )
}

fn script(
    opening: Vec<Sentence>,
    points: Vec<Sentence>,
    questions: Vec<Sentence>,
    closing: Vec<Sentence>,
) -> Reply {
    Reply {
        subject: None,
        parts: vec![
            part("opening", opening),
            part("points", points),
            part("questions", questions),
            part("closing", closing),
        ],
    }
}
