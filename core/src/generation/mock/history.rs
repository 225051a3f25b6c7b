//! What the data says about the relation with a customer, read once for all texts.

use super::choice::Choice;
use crate::generation::phrase::{self, Contact, Piece, Pieces};
use crate::generation::reply::{MentionKind, Sentence};
use crate::generation::{Request, frame, label, medium};

/// How a contact went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    /// Well.
    Positive,
    /// Badly.
    Negative,
    /// Neither, or in a way that the data does not say.
    Open,
}

impl Mood {
    fn of(sentiment: Option<&str>) -> Self {
        match sentiment.map(label::fold).as_deref() {
            Some("positive") => Self::Positive,
            Some("negative") => Self::Negative,
            _ => Self::Open,
        }
    }
}

/// How the last contact compares with those before.
#[derive(Debug, Clone, Copy)]
pub(super) enum Trend<'a> {
    /// The last went well, and this one before it did not.
    Improved(Contact<'a>),
    /// The last did not go well, and this one before it did.
    Worsened(Contact<'a>),
    /// All went well.
    Good,
    /// All went badly.
    Bad,
    /// There is nothing to compare.
    Unclear,
}

/// The relation with a customer.
#[derive(Debug)]
pub(super) struct History<'a> {
    pub(super) data: &'a Request,
    pub(super) last: Option<Contact<'a>>,
    pub(super) mood: Mood,
    pub(super) trend: Trend<'a>,
    pub(super) choice: Choice,
}

impl<'a> History<'a> {
    pub(super) fn read(data: &'a Request) -> Self {
        let last = match &data.facts.last_interaction {
            Some(last) => data
                .evidence
                .iter()
                .find(|row| Some(row.interaction_id) == last.interaction_id)
                .map_or_else(|| Contact::from(last), Contact::from)
                .into(),
            None => data.evidence.first().map(Contact::from),
        };
        let mood = Mood::of(last.and_then(|last| last.sentiment));
        Self {
            data,
            last,
            mood,
            trend: Self::trend(data, last, mood),
            choice: Choice::new(data),
        }
    }

    fn trend(data: &'a Request, last: Option<Contact<'a>>, mood: Mood) -> Trend<'a> {
        let Some(last) = last else {
            return Trend::Unclear;
        };
        let earlier = || {
            data.evidence
                .iter()
                .map(Contact::from)
                .filter(|row| row.id != last.id && row.date <= last.date)
        };
        let mut moods = earlier()
            .map(|row| (Mood::of(row.sentiment), row))
            .filter(|(mood, _)| *mood != Mood::Open);
        let Some((before, row)) = moods.next() else {
            return Trend::Unclear;
        };
        let steady = before == mood && moods.all(|(earlier, _)| earlier == mood);
        match (mood, before) {
            (Mood::Positive, Mood::Negative) => Trend::Improved(row),
            (Mood::Negative, Mood::Positive) => Trend::Worsened(row),
            (Mood::Positive, _) if steady => Trend::Good,
            (Mood::Negative, _) if steady => Trend::Bad,
            _ => Trend::Unclear,
        }
    }

    /// Tells whether nothing at all is on record.
    pub(super) fn is_empty(&self) -> bool {
        self.data.facts.total_interactions == 0 && self.last.is_none()
    }

    /// Returns the pieces that any sentence may use: sender, contact, previous, count, times,
    /// first, noun.
    pub(super) fn pieces(&self) -> Pieces {
        let facts = &self.data.facts;
        let sender = frame::sender(self.data);
        let sender = sender
            .strip_prefix("The ")
            .map_or_else(|| sender.to_owned(), |rest| format!("the {rest}"));
        let mut pieces = Pieces::default()
            .text("sender", sender)
            .text(
                "count",
                phrase::count(facts.total_interactions, "interaction"),
            )
            .text("times", phrase::times(facts.total_interactions));
        if let Some(first) = &facts.first_interaction {
            pieces = pieces.text("first", phrase::day(first.date));
        }
        if let Some(last) = &self.last {
            pieces = pieces
                .with("contact", last.named())
                .with("plain", last.named_without_topic())
                .text("noun", medium::noun(last.channel))
                .text("day", phrase::day(last.date));
            if let Some(topic) = last.topic.and_then(phrase::topic) {
                pieces = pieces.text("topic", topic);
            }
        }
        if let Trend::Improved(previous) | Trend::Worsened(previous) = self.trend {
            pieces = pieces.with("previous", previous.named_without_topic());
        }
        pieces
    }

    /// Says something about how often there was contact: with `only` for one contact, with
    /// `counted` for several.
    pub(super) fn counted(&self, only: &[&str], counted: &[&str]) -> Option<Sentence> {
        let facts = &self.data.facts;
        let first = facts.first_interaction.as_ref()?;
        let pattern = match facts.total_interactions {
            0 => return None,
            1 => self.choice.of("only", only),
            _ if self.last.is_some_and(|last| last.date == first.date) => return None,
            _ => self.choice.of("counted", counted),
        };
        Some(self.pieces().say(pattern))
    }

    /// Says something about the key topics other than the last one; `{topics}` is the list.
    pub(super) fn other_topics(&self, patterns: &[&str]) -> Option<Sentence> {
        let last = self.last.and_then(|last| last.topic).map(label::fold);
        let others = self
            .data
            .facts
            .key_topics
            .iter()
            .map(String::as_str)
            .filter(|topic| Some(label::fold(topic)) != last);
        let piece = self.list_of_topics(others.collect(), 3, phrase::topic)?;
        let pattern = self.choice.of("others", patterns);
        Some(Pieces::default().with("topics", piece).say(pattern))
    }

    /// Lists topics, at most `most`, with the latest row of each.
    pub(super) fn list_of_topics(
        &self,
        topics: Vec<&str>,
        most: usize,
        written: fn(&str) -> Option<String>,
    ) -> Option<Piece> {
        let shown: Vec<(&str, String)> = topics
            .into_iter()
            .filter_map(|topic| Some((topic, written(topic)?)))
            .take(most)
            .collect();
        if shown.is_empty() {
            return None;
        }
        let texts: Vec<String> = shown.iter().map(|(_, text)| text.clone()).collect();
        let mut piece = Piece::new(phrase::list(&texts));
        for (topic, _) in &shown {
            let row = self
                .data
                .evidence
                .iter()
                .find(|row| row.topic.as_deref() == Some(*topic));
            piece = piece
                .about(MentionKind::Topic, topic)
                .citing(row.map(|row| row.interaction_id));
        }
        Some(piece)
    }

    /// Says which products were discussed in the month of the last contact: `{products}` and
    /// `{month}`; `one` for one product, `many` for several.
    pub(super) fn products(&self, one: &[&str], many: &[&str]) -> Option<Sentence> {
        let last = self.last?;
        let shown: Vec<(&String, String)> = last
            .products
            .iter()
            .filter_map(|product| Some((product, label::shown(product)?)))
            .take(3)
            .collect();
        let pattern = match shown.len() {
            0 => return None,
            1 => self.choice.of("product", one),
            _ => self.choice.of("products", many),
        };
        let texts: Vec<String> = shown.iter().map(|(_, text)| text.clone()).collect();
        let mut piece = Piece::new(phrase::list(&texts)).citing(last.id);
        for (product, _) in &shown {
            piece = piece.about(MentionKind::Product, product);
        }
        let pieces = self.pieces().with("products", piece);
        Some(pieces.text("month", phrase::month(last.date)).say(pattern))
    }

    /// Says something about the usual channel, `{usual}`, where there is one: `same` when it is
    /// the way of writing, `other` when it is not.
    pub(super) fn usual_channel(
        &self,
        own: &str,
        same: &[&str],
        other: &[&str],
    ) -> Option<Sentence> {
        let channel = self.data.facts.most_frequent_channel.as_deref()?;
        let count = self.count_of_channel(channel)?;
        if count < 2 {
            return None;
        }
        let patterns = if medium::covers(channel, own) {
            same
        } else {
            other
        };
        let piece = Piece::new(medium::usual(channel)?).about(MentionKind::Channel, channel);
        Some(
            self.pieces()
                .with("usual", piece)
                .say(self.choice.of("channel", patterns)),
        )
    }

    /// Returns the number of interactions of a channel.
    pub(super) fn count_of_channel(&self, channel: &str) -> Option<u64> {
        self.data
            .facts
            .channels
            .iter()
            .find(|count| count.channel.as_deref() == Some(channel))
            .map(|count| count.interactions)
    }
}
