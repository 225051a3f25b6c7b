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
    /// Every contact, of several, is recorded as positive.
    Good,
    /// Every contact, of several, is recorded as negative.
    Bad,
    /// There is nothing to compare.
    Unclear,
}

/// The relation with a customer.
#[derive(Debug)]
pub(super) struct History<'a> {
    pub(super) data: &'a Request,
    /// The contact that a text starts from: the last one, or in a text for the customer the
    /// one nearest to the focus.
    pub(super) contact: Option<Contact<'a>>,
    /// Whether it is the last one.
    pub(super) is_last: bool,
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
        let found = Some(data.relevant())
            .filter(|_| data.task.reaches_customer() && !data.is_sensitive())
            .and_then(|rows| rows.first().copied().map(Contact::from));
        let contact = found.or(last);
        let is_last = contact.and_then(|contact| contact.id) == last.and_then(|last| last.id);
        let mood = Mood::of(contact.and_then(|contact| contact.sentiment));
        Self {
            data,
            contact,
            is_last,
            mood,
            trend: if is_last {
                Self::trend(data, last, mood)
            } else {
                Trend::Unclear
            },
            choice: Choice::new(data),
        }
    }

    /// Compares the last row with an earlier one of the evidence; what is said of all contacts
    /// follows from the counts of the facts, because evidence is a choice of rows.
    fn trend(data: &'a Request, last: Option<Contact<'a>>, mood: Mood) -> Trend<'a> {
        let facts = &data.facts;
        if facts.total_interactions > 1 {
            match Mood::of(facts.sentiment_shares().sole()) {
                Mood::Positive => return Trend::Good,
                Mood::Negative => return Trend::Bad,
                Mood::Open => {}
            }
        }
        let is_last = |row: &Contact<'_>| last.is_some_and(|last| last.id == row.id);
        let mut rows = data.evidence.iter().map(Contact::from);
        let Some(last) = rows.clone().find(is_last) else {
            return Trend::Unclear;
        };
        let before = rows.find(|row| row.date < last.date && Mood::of(row.sentiment) != Mood::Open);
        match before.map(|row| (mood, Mood::of(row.sentiment), row)) {
            Some((Mood::Positive, Mood::Negative, row)) => Trend::Improved(row),
            Some((Mood::Negative, Mood::Positive, row)) => Trend::Worsened(row),
            _ => Trend::Unclear,
        }
    }

    /// Tells whether nothing at all is on record.
    pub(super) fn is_empty(&self) -> bool {
        self.data.facts.total_interactions == 0 && self.contact.is_none()
    }

    /// Returns the pieces that any sentence may use: sender, contact, previous, count, times,
    /// first, noun; `previous`, which cites the last row as well, and `sole` follow the trend.
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
        if let Some(last) = &self.contact {
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
            let latest = self.contact.and_then(|last| last.id);
            let both = previous.named_without_topic().citing(latest);
            pieces = pieces.with("previous", both);
        }
        if let (Trend::Good | Trend::Bad, Some(sole)) =
            (self.trend, facts.sentiment_shares().sole())
        {
            let written = Piece::new(label::fold(sole)).about(MentionKind::Sentiment, sole);
            pieces = pieces.with("sole", written);
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
            _ if self.contact.is_some_and(|last| last.date == first.date) => return None,
            _ => self.choice.of("counted", counted),
        };
        Some(self.pieces().say(pattern))
    }

    /// Says something about the key topics other than the last one; `{topics}` is the list.
    pub(super) fn other_topics(&self, patterns: &[&str]) -> Option<Sentence> {
        // They are told as those of earlier contact.
        if !self.is_last {
            return None;
        }
        let last = self.contact.and_then(|last| last.topic).map(label::fold);
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
        let last = self.contact?;
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

    /// Says something about the usual channel, `{usual}`, where one has most contacts: `same` when it is
    /// the way of writing, `other` when it is not.
    pub(super) fn usual_channel(
        &self,
        own: &str,
        same: &[&str],
        other: &[&str],
    ) -> Option<Sentence> {
        let shares = self.data.facts.channel_shares();
        let channel = shares.leader()?;
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
}
