//! Two to six sentences about a customer, for colleagues.

use super::history::{History, Trend};
use super::part;
use crate::generation::phrase::{self, Contact, Piece, Pieces};
use crate::generation::reply::{MentionKind, Sentence};
use crate::generation::{Reply, frame, label, medium, template};

const PERIOD: &[&str] = &[
    "{Who} has had {count} between {first} and {day}{mostly}.",
    "Between {first} and {day}, {who} has had {count}{mostly}.",
    "There are {count} with {who} on record, from {first} to {day}{mostly}.",
];
const ONE_DAY: &[&str] = &[
    "{Who} has had {count} on a single day, {day}{mostly}.",
    "On {day} {who} has had {count}{mostly}; no other day is on record.",
];
const TOPICS: &[&str] = &[
    "Key topics are {topics}.",
    "The key topics on record are {topics}.",
    "By number and date, the key topics are {topics}.",
];
const TOPIC: &[&str] = &[
    "The topic on record is {topics}.",
    "What is on record as a topic is {topics}.",
];

/// Writes a summary.
pub(super) fn write(history: &History<'_>) -> Reply {
    let facts = &history.data.facts;
    let mut sentences = if history.is_empty() {
        let pieces = Pieces::default().text("who", template::who(history.data));
        vec![
            pieces.say("{Who} has no interactions on record."),
            pieces.say("There is no channel, topic or sentiment to report yet."),
        ]
    } else if facts.total_interactions == 1 && history.contact.is_some() {
        single(history)
    } else {
        several(history)
    };
    sentences.extend(focus(history));
    if history.data.is_sensitive() {
        sentences.push(frame::safety_sentence(history.data));
    }
    Reply {
        subject: None,
        parts: vec![part("summary", sentences)],
    }
}

fn base(history: &History<'_>) -> Pieces {
    history.pieces().text("who", template::who(history.data))
}

fn single(history: &History<'_>) -> Vec<Sentence> {
    let mut pieces = base(history);
    let mut sentences = Vec::new();
    let Some(last) = history.contact else {
        return sentences;
    };
    if let Some(channel) = last.channel
        && let Some(once) = medium::once(channel)
    {
        let piece = Piece::new(once)
            .about(MentionKind::Channel, channel)
            .citing(last.id);
        pieces = pieces.with("once", piece);
        sentences.push(pieces.say("{Who} has had {count}, {once} on {day}."));
    } else {
        let day = Piece::new(phrase::day(last.date)).citing(last.id);
        pieces = pieces.with("date", day);
        sentences.push(pieces.say("{Who} has had {count}, on {date}."));
    }
    let topic = last.topic.and_then(|topic| {
        let quoted = Piece::new(label::quoted(topic)?);
        Some(quoted.about(MentionKind::Topic, topic).citing(last.id))
    });
    let mood = last.sentiment.and_then(|sentiment| {
        let written = Piece::new(written_sentiment(sentiment)?);
        let written = written.about(MentionKind::Sentiment, sentiment);
        Some(written.citing(last.id))
    });
    let pattern = match (&topic, &mood) {
        (Some(_), Some(_)) => "It was about {topic}, with {mood} sentiment.",
        (Some(_), None) => "It was about {topic}; no sentiment is on record.",
        (None, Some(_)) => "No topic is on record; the sentiment was {mood}.",
        (None, None) => "Neither a topic nor a sentiment is on record.",
    };
    let pieces = Pieces::default()
        .with("topic", topic.unwrap_or_default())
        .with("mood", mood.unwrap_or_default());
    sentences.push(pieces.say(pattern));
    sentences
}

fn several(history: &History<'_>) -> Vec<Sentence> {
    let facts = &history.data.facts;
    let choice = &history.choice;
    let mut sentences = Vec::new();
    let pieces = base(history).with("mostly", mostly(history).unwrap_or_default());
    sentences.push(match (&facts.first_interaction, history.contact) {
        (Some(first), Some(last)) if first.date == last.date => {
            pieces.say(choice.of("period", ONE_DAY))
        }
        (Some(_), Some(_)) => pieces.say(choice.of("period", PERIOD)),
        _ => pieces.say("{Who} has had {count}{mostly}."),
    });
    let topics = facts.key_topics.iter().map(String::as_str).collect();
    sentences.push(match history.list_of_topics(topics, 5, label::quoted) {
        Some(piece) => {
            let patterns = if piece.is_one_topic() { TOPIC } else { TOPICS };
            Pieces::default()
                .with("topics", piece)
                .say(choice.of("topics", patterns))
        }
        None => Pieces::default().say("No topic is on record."),
    });
    sentences.push(sentiments(history));
    sentences.extend(last(history));
    sentences
}

/// Writes `, most often by email (3 of 5)`; of channels that stand level none is put first.
fn mostly(history: &History<'_>) -> Option<Piece> {
    let facts = &history.data.facts;
    let shares = facts.channel_shares();
    let leaders = shares.leaders();
    let total = facts.total_interactions;
    let about = |piece: Piece, channel: &str| piece.about(MentionKind::Channel, channel);
    if let Some(channel) = shares.leader() {
        let (usual, count) = (medium::usual(channel)?, shares.count(channel));
        let text = if count == total {
            format!(", always {usual}")
        } else {
            format!(", most often {usual} ({count} of {total})")
        };
        return Some(about(Piece::new(text), channel));
    }
    let count = shares.count(leaders.first()?);
    let mut written: Vec<String> = leaders
        .iter()
        .filter_map(|own| medium::usual(own))
        .collect();
    written.dedup();
    let whole = shares.unrecorded() == Some(0);
    if whole && count > 1 && (2..=3).contains(&leaders.len()) && written.len() == leaders.len() {
        let text = format!(", equally often {}", phrase::list(&written));
        return Some(leaders.into_iter().fold(Piece::new(text), about));
    }
    let last = history.contact?;
    let channel = last.channel?;
    let once = medium::once(channel)?;
    let text = if whole && count == 1 {
        format!(", no channel more than once and most recently {once}")
    } else {
        format!(", most recently {once}")
    };
    Some(about(Piece::new(text), channel).citing(last.id))
}

/// Writes a sentiment as an adjective.
fn written_sentiment(sentiment: &str) -> Option<String> {
    let folded = label::fold(sentiment);
    match folded.as_str() {
        "positive" | "negative" | "neutral" | "mixed" => Some(folded),
        _ => label::shown(sentiment),
    }
}

fn sentiments(history: &History<'_>) -> Sentence {
    let facts = &history.data.facts;
    let shares = facts.sentiment_shares();
    let known = facts
        .sentiments
        .iter()
        .filter(|count| count.interactions > 0);
    let known: Vec<_> = known.filter(|count| count.sentiment.is_some()).collect();
    let (mut texts, mut piece) = (Vec::new(), Piece::default());
    for count in known.iter().take(5) {
        let Some((sentiment, written)) = count
            .sentiment
            .as_deref()
            .and_then(|own| Some((own, written_sentiment(own)?)))
        else {
            continue;
        };
        texts.push(if texts.is_empty() {
            let counted = phrase::count(count.interactions, "interaction");
            format!("{written} in {counted}")
        } else {
            format!("{written} in {}", count.interactions)
        });
        piece = piece.about(MentionKind::Sentiment, sentiment);
    }
    if texts.is_empty() {
        return Pieces::default().say("No sentiment is on record.");
    }
    if let Some(sole) = shares.sole()
        && let Some(written) = written_sentiment(sole)
    {
        let piece = piece.with_text(written);
        let counted = phrase::count(facts.total_interactions, "interaction");
        let pieces = Pieces::default().with("sole", piece).text("count", counted);
        return pieces.say("The sentiment was {sole} in all {count}.");
    }
    match shares.unrecorded() {
        _ if texts.len() < known.len() => {
            texts.push("something else or nothing in the rest".to_owned())
        }
        Some(0) => {}
        Some(count) => texts.push(format!("not recorded in {count}")),
        None => texts.push("something else or nothing in the rest".to_owned()),
    }
    let mut pieces = Pieces::default().with("sentiments", piece.with_text(phrase::list(&texts)));
    let pattern = match history.trend {
        Trend::Improved(_) => {
            "The sentiment was {sentiments}, and the {latest} was more positive than an earlier one."
        }
        Trend::Worsened(_) => {
            "The sentiment was {sentiments}, and the {latest} was less positive than an earlier one."
        }
        Trend::Good | Trend::Bad | Trend::Unclear => "The sentiment was {sentiments}.",
    };
    if let Trend::Improved(before) | Trend::Worsened(before) = history.trend {
        let latest = history.contact.and_then(|last| last.id);
        let compared = Piece::new("latest contact")
            .citing(latest)
            .citing(before.id);
        pieces = pieces.with("latest", compared);
    }
    pieces.say(pattern)
}

/// Names the contacts that the focus found, where it is not clear anyway.
fn focus(history: &History<'_>) -> Option<Sentence> {
    if history.data.facts.total_interactions < 2 {
        return None;
    }
    let found: Vec<Piece> = history
        .data
        .relevant()
        .into_iter()
        .take(3)
        .map(|row| Contact::from(row).named_with_quotation())
        .collect();
    if found.is_empty() {
        return None;
    }
    let pieces = Pieces::default().with("contacts", Piece::list(found));
    Some(pieces.say("What was asked for is nearest to the {contacts}."))
}

fn last(history: &History<'_>) -> Option<Sentence> {
    let last = history.contact?;
    let mut text = String::from("The last interaction took place");
    let mut piece = Piece::default().citing(last.id);
    if let Some(channel) = last.channel
        && let Some(once) = medium::once(channel)
    {
        text = format!("{text} {once}");
        piece = piece.about(MentionKind::Channel, channel);
    }
    text = format!("{text} on {}", phrase::day(last.date));
    if let Some(topic) = last.topic
        && let Some(quoted) = label::quoted(topic)
    {
        text = format!("{text} and was about {quoted}");
        piece = piece.about(MentionKind::Topic, topic);
    }
    if let Some(sentiment) = last.sentiment
        && let Some(written) = written_sentiment(sentiment)
    {
        text = format!("{text}, with {written} sentiment");
        piece = piece.about(MentionKind::Sentiment, sentiment);
    }
    let piece = piece.with_text(format!("{text}."));
    Some(Pieces::default().with("all", piece).say("{all}"))
}
