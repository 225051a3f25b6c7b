//! The order of an email or a letter; the words are those of [`Wording`].

use super::history::{History, Mood, Trend};
use super::{part, sensitive, topics};
use crate::generation::Reply;
use crate::generation::reply::Sentence;

/// Wordings of one kind of message; several for each place.
#[derive(Debug)]
pub(super) struct Wording {
    /// The way of contact that the message itself is.
    pub(super) own: &'static str,
    pub(super) subject_good: &'static [&'static str],
    pub(super) subject_bad: &'static [&'static str],
    pub(super) subject_open: &'static [&'static str],
    pub(super) subject_first: &'static [&'static str],
    pub(super) good: &'static [&'static str],
    pub(super) bad: &'static [&'static str],
    pub(super) open: &'static [&'static str],
    pub(super) after_good: &'static [&'static str],
    pub(super) after_bad: &'static [&'static str],
    pub(super) only: &'static [&'static str],
    pub(super) counted: &'static [&'static str],
    pub(super) improved: &'static [&'static str],
    pub(super) worsened: &'static [&'static str],
    pub(super) always_good: &'static [&'static str],
    pub(super) always_bad: &'static [&'static str],
    pub(super) others: &'static [&'static str],
    pub(super) product: &'static [&'static str],
    pub(super) products: &'static [&'static str],
    pub(super) same_channel: &'static [&'static str],
    pub(super) other_channel: &'static [&'static str],
    pub(super) close_good: &'static [&'static str],
    pub(super) close_bad: &'static [&'static str],
    pub(super) close_open: &'static [&'static str],
    pub(super) first: &'static [&'static str],
    pub(super) first_offer: &'static [&'static str],
    pub(super) first_question: &'static [&'static str],
    pub(super) first_close: &'static [&'static str],
    pub(super) no_details: &'static [&'static str],
    pub(super) safety: sensitive::Wording,
}

/// Writes a message.
pub(super) fn write(history: &History<'_>, wording: &Wording) -> Reply {
    if history.data.is_sensitive() {
        sensitive::message(history, &wording.safety)
    } else if history.is_empty() {
        introduction(history, wording)
    } else {
        follow_up(history, wording)
    }
}

fn introduction(history: &History<'_>, wording: &Wording) -> Reply {
    let say = |place, patterns| history.pieces().say(history.choice.of(place, patterns));
    let opening = vec![say("first", wording.first)];
    let mut body = vec![
        say("offer", wording.first_offer),
        say("question", wording.first_question),
    ];
    if history.choice.number("order", 2) == 1 {
        body.reverse();
    }
    Reply {
        subject: Some(say("subject", wording.subject_first).text),
        parts: vec![
            part("opening", opening),
            part("body", body),
            part("closing", vec![say("closing", wording.first_close)]),
        ],
    }
}

fn follow_up(history: &History<'_>, wording: &Wording) -> Reply {
    let choice = &history.choice;
    let say = |place, patterns| history.pieces().say(choice.of(place, patterns));
    let Some(last) = history.contact else {
        let mut body: Vec<Sentence> = history
            .counted(wording.only, wording.counted)
            .into_iter()
            .collect();
        body.extend(history.usual_channel(
            wording.own,
            wording.same_channel,
            wording.other_channel,
        ));
        return Reply {
            subject: Some(say("subject", wording.subject_first).text),
            parts: vec![
                part("opening", vec![say("opening", wording.no_details)]),
                part("body", body),
                part("closing", vec![say("closing", wording.close_open)]),
            ],
        };
    };
    let (subjects, openings, response, closings) = match history.mood {
        Mood::Positive => (
            wording.subject_good,
            wording.good,
            Some(wording.after_good),
            wording.close_good,
        ),
        Mood::Negative => (
            wording.subject_bad,
            wording.bad,
            Some(wording.after_bad),
            wording.close_bad,
        ),
        Mood::Open => (wording.subject_open, wording.open, None, wording.close_open),
    };
    let mut opening = vec![say("opening", openings)];
    opening.extend(response.map(|patterns| say("response", patterns)));
    // A topic that is not repeated cannot be offered more of.
    let topic = last
        .topic
        .filter(|topic| crate::generation::label::is_presentable(topic));
    let offer = topic.map(|topic| say("offer", topics::offers(topic)));
    opening.extend(offer);
    Reply {
        subject: Some(say("subject", subjects).text),
        parts: vec![
            part("opening", opening),
            part("body", body(history, wording)),
            part("closing", vec![say("closing", closings)]),
        ],
    }
}

fn body(history: &History<'_>, wording: &Wording) -> Vec<Sentence> {
    let choice = &history.choice;
    let trend = match history.trend {
        Trend::Improved(_) => Some(wording.improved),
        Trend::Worsened(_) => Some(wording.worsened),
        Trend::Good => Some(wording.always_good),
        Trend::Bad => Some(wording.always_bad),
        Trend::Unclear => None,
    };
    let trend = trend.map(|patterns| history.pieces().say(choice.of("trend", patterns)));
    let counted = history.counted(wording.only, wording.counted);
    let others = history.other_topics(wording.others);
    // Whoever was just disappointed is not spoken to about products.
    let products = (history.mood != Mood::Negative)
        .then(|| history.products(wording.product, wording.products))
        .flatten();
    let channel = history.usual_channel(wording.own, wording.same_channel, wording.other_channel);
    let mut sentences: Vec<Sentence> = match choice.number("order", 3) {
        0 => [trend, counted, others, products, channel],
        1 => [trend, others, products, counted, channel],
        _ => [trend, products, others, counted, channel],
    }
    .into_iter()
    .flatten()
    .collect();
    while sentences.len() > 3 {
        // The trend, in front, always stays.
        let dropped = 1 + choice.number("dropped", sentences.len() - 1);
        sentences.remove(dropped);
    }
    sentences
}
