//! Checks that what a sentence says of a contact is true of one row that it cites: the day, the
//! channel, the topic and the sentiment of one contact stand in one row, not in several.

use super::marks::{Mark, What};
use crate::generation::phrase;
use crate::generation::reply::{Mention, MentionKind};
use crate::generation::{Evidence, Request};

const KINDS: [MentionKind; 3] = [
    MentionKind::Channel,
    MentionKind::Topic,
    MentionKind::Sentiment,
];
/// Words for one contact.
pub(super) const ONE: [&str; 14] = [
    "contact",
    "interaction",
    "conversation",
    "call",
    "exchange",
    "email",
    "e-mail",
    "letter",
    "meeting",
    "visit",
    "discussion",
    "one",
    "chat",
    "entry",
];

/// What a sentence says, and the rows that it may rest on.
#[derive(Debug)]
pub(super) struct Said<'a> {
    pub(super) marks: &'a [Mark],
    /// The words in lower case, each between spaces.
    pub(super) words: &'a str,
    /// The rows that are cited.
    pub(super) rows: &'a [&'a Evidence],
    pub(super) data: &'a Request,
    /// Whether it is a subject line, which cites nothing and may rest on any row.
    pub(super) is_subject: bool,
    /// Whether it asks or offers, so that it tells of no contact.
    pub(super) asks: bool,
}

impl Said<'_> {
    /// Checks what a sentence says of contacts.
    pub(super) fn check(&self) -> Result<(), String> {
        self.days_are_cited()?;
        self.direction()?;
        self.order()?;
        let counts = self
            .marks
            .iter()
            .any(|mark| matches!(mark.what, What::Count(_)));
        if self.rows.is_empty() {
            if self.is_subject {
                return self.one_of_all();
            }
            return if counts { Ok(()) } else { self.uncited() };
        }
        if counts && !self.has_day() {
            return Ok(());
        }
        let mut days: Vec<&Mark> = Vec::new();
        for mark in self
            .marks
            .iter()
            .filter(|mark| matches!(mark.what, What::Day(_)))
        {
            if !days.iter().any(|own| own.what == mark.what) {
                days.push(mark);
            }
        }
        if days.len() > 1 {
            self.apart(&days)
        } else {
            self.together()
        }
    }

    /// A subject line cites nothing; what it tells of a day is true of one interaction all the same.
    fn one_of_all(&self) -> Result<(), String> {
        let is_last = |mark: &Mark| {
            let last = self.data.facts.last_interaction.as_ref();
            last.is_some_and(|last| mark.what == What::Day(last.date))
        };
        let told = |row: &Evidence| {
            let day = |mark: &Mark| matches!(mark.what, What::Day(_)) && !mark.what.fits(row);
            !self.marks.iter().any(day) && self.attributes().all(|mark| mark.what.fits(row))
        };
        let is_shown = |day: &Mark| self.data.evidence.iter().any(|row| day.what.fits(row));
        let mut days = (self.marks.iter()).filter(|mark| matches!(mark.what, What::Day(_)));
        if days.clone().count() != 1 || self.data.evidence.iter().any(told) {
            return Ok(());
        }
        match days.next() {
            Some(day) if is_last(day) && !is_shown(day) => Ok(()),
            _ => Err("it tells of a day what no interaction of that day bears out".to_owned()),
        }
    }

    fn has_day(&self) -> bool {
        self.marks
            .iter()
            .any(|mark| matches!(mark.what, What::Day(_)))
    }

    fn attributes(&self) -> impl Iterator<Item = &Mark> {
        let is_one = |mark: &&Mark| KINDS.iter().any(|kind| mark.what.is(*kind));
        self.marks.iter().filter(is_one)
    }

    /// A day belongs to a row that is cited; the first and the last one also to a period.
    fn days_are_cited(&self) -> Result<(), String> {
        let facts = &self.data.facts;
        let first = facts.first_interaction.as_ref().map(|first| first.date);
        let last = facts.last_interaction.as_ref().map(|last| last.date);
        let of_period = [
            " from ",
            " since ",
            " between ",
            " until ",
            " till ",
            " up to ",
            " first ",
            " began ",
            " starting ",
            " beginning ",
            " earliest ",
            " through ",
            " started ",
            " on a single day ",
            " no other day ",
            " to ",
        ];
        let counts = self
            .marks
            .iter()
            .any(|mark| matches!(mark.what, What::Count(_)))
            || [
                " once ",
                " began ",
                " begins ",
                " started ",
                " since ",
                " no other day ",
                " period ",
            ]
            .iter()
            .any(|word| self.words.contains(word));
        let is_period = counts && of_period.iter().any(|word| self.words.contains(word));
        let mut before = None;
        for mark in self.marks {
            let What::Day(day) = mark.what else { continue };
            let cited = self.rows.iter().any(|row| row.date == day);
            let in_period = is_period && (Some(day) == first || Some(day) == last);
            if in_period && !cited {
                if before.is_some_and(|before| before > day) {
                    return Err("it tells a period from its end".to_owned());
                }
                before = Some(day);
            }
            let of_subject = self.is_subject && self.any_day(day);
            if !(cited || in_period || of_subject) {
                let day = phrase::day(day);
                return Err(format!(
                    "it names {day} and does not cite what was on that day"
                ));
            }
        }
        Ok(())
    }

    fn any_day(&self, day: jiff::civil::Date) -> bool {
        self.data.evidence.iter().any(|row| row.date == day)
    }

    /// What is said of one contact without citing it is refused.
    fn uncited(&self) -> Result<(), String> {
        if self.asks {
            return Ok(());
        }
        let mut kinds: Vec<MentionKind> = Vec::new();
        let mut tone = false;
        let counted = self
            .marks
            .iter()
            .any(|mark| self.is_counted_only(&mark.what));
        for mark in self
            .attributes()
            .filter(|mark| !self.is_counted_only(&mark.what))
        {
            tone |= matches!(mark.what, What::Tone(_) | What::Denied(_))
                || matches!(&mark.what, What::Label(kinds, _) if kinds == &[MentionKind::Sentiment]);
            for kind in KINDS.into_iter().filter(|kind| mark.what.is(*kind)) {
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                }
            }
        }
        let general = super::universals::speaks_of_many(self.words);
        let words: Vec<&str> = self.words.split_whitespace().collect();
        let one = words.windows(2).any(|pair| match pair {
            [order, noun] => {
                ["last", "latest", "first", "previous", "earlier", "recent"].contains(order)
                    && ONE.contains(noun)
            }
            _ => false,
        });
        if tone && kinds.len() == 1 && self.is_of_last() {
            return Ok(());
        }
        if (tone && !general)
            || (one && !kinds.is_empty() && !counted)
            || (kinds.len() > 1 && !general)
        {
            return Err("it says of a contact what it does not cite".to_owned());
        }
        Ok(())
    }

    /// Tells whether the sentiment of an uncited sentence is that of the last contact, or of what
    /// it only calls "it".
    fn is_of_last(&self) -> bool {
        let last = self.data.facts.last_interaction.as_ref();
        let is = |sentiment: Option<&String>| {
            let tone = sentiment.map(|sentiment| crate::generation::label::fold(sentiment));
            self.attributes().all(|mark| match &mark.what {
                What::Tone(own) => tone.as_deref() == Some(*own),
                What::Label(_, own) => tone.as_ref() == Some(own),
                _ => false,
            })
        };
        let latest = self
            .data
            .evidence
            .first()
            .and_then(|row| row.sentiment.as_ref());
        let names_last = [" the last contact ", " our last contact "]
            .iter()
            .any(|name| self.words.contains(name));
        let names_none = [" it was ", " it did "]
            .iter()
            .any(|name| self.words.contains(name))
            && !ONE
                .iter()
                .any(|noun| self.words.contains(&format!(" {noun} ")));
        (names_last || names_none)
            && (is(last.and_then(|last| last.sentiment.as_ref())) || is(latest))
            || names_none
                && self
                    .data
                    .evidence
                    .iter()
                    .any(|row| row.sensitive && is(row.sentiment.as_ref()))
    }

    /// Everything that is said is true of one row; where several values of one kind are listed,
    /// each has a row of which the rest is true.
    fn together(&self) -> Result<(), String> {
        let mut lists: Vec<Vec<&What>> = Vec::new();
        let mut shared: Vec<&What> = Vec::new();
        for mark in self.marks {
            if matches!(mark.what, What::Day(_)) {
                shared.push(&mark.what);
            }
        }
        for kind in KINDS {
            let mut values: Vec<&What> = Vec::new();
            for mark in self.attributes().filter(|mark| mark.what.is(kind)) {
                let same = |own: &&What| **own == mark.what;
                let taken =
                    lists.iter().flatten().any(same) || shared.iter().any(|own| **own == mark.what);
                if !taken && !values.iter().any(same) {
                    values.push(&mark.what);
                }
            }
            // A word and a label may name the same channel.
            let agree = values.len() > 1
                && self
                    .rows
                    .iter()
                    .any(|row| values.iter().all(|value| value.fits(row)));
            if values.len() == 1 || agree {
                shared.extend(values);
            } else if !values.is_empty() {
                lists.push(values);
            }
        }
        let holds = |value: &What| {
            self.rows
                .iter()
                .any(|row| value.fits(row) && shared.iter().all(|own| own.fits(row)))
        };
        let true_of_one = match lists.as_slice() {
            [] => {
                self.rows
                    .iter()
                    .any(|row| shared.iter().all(|own| own.fits(row)))
                    || shared.is_empty()
            }
            [list] if shared.is_empty() => list
                .iter()
                .all(|value| holds(value) || self.is_counted_only(value)),
            lists => lists.iter().flatten().all(|value| holds(value)),
        };
        let true_in_pairs = match lists.as_slice() {
            [one, other] if one.len() == other.len() => one
                .iter()
                .zip(other)
                .all(|(one, other)| self.rows.iter().any(|row| one.fits(row) && other.fits(row))),
            _ => true,
        };
        if true_of_one && true_in_pairs {
            Ok(())
        } else {
            Err(self.mixed(&shared))
        }
    }

    /// Tells whether a topic is known from the counts alone, as none of the chosen rows has it.
    fn is_counted_only(&self, what: &What) -> bool {
        let What::Label(kinds, text) = what else {
            return false;
        };
        let is = |own: &str| crate::generation::label::fold(own) == *text;
        *kinds == [MentionKind::Topic]
            && self.data.topics().any(is)
            && !self.data.evidence.iter().any(|row| what.fits(row))
    }

    /// A sentence with a day marks no label that none of its rows has.
    pub(super) fn mentions(&self, mentions: &[Mention]) -> Result<(), String> {
        if !self.has_day() || self.rows.is_empty() {
            return Ok(());
        }
        let fits = |mention: &&Mention| {
            let folded = crate::generation::label::fold(&mention.value);
            let what = What::Label(vec![mention.kind], folded);
            self.rows.iter().any(|row| what.fits(row)) || self.is_counted_only(&what)
        };
        match mentions.iter().find(|mention| !fits(mention)) {
            Some(mention) => {
                let value = crate::generation::label::clean(&mention.value, 60);
                Err(format!("\"{value}\" does not belong to what it cites"))
            }
            None => Ok(()),
        }
    }

    /// Returns the rows of which everything is true that the sentence says once; all, if none is.
    pub(super) fn meant(&self) -> Vec<&Evidence> {
        let mut shared: Vec<&What> = Vec::new();
        let is_day = |mark: &&Mark| matches!(mark.what, What::Day(_));
        for kind in std::iter::once(None).chain(KINDS.map(Some)) {
            let mut values: Vec<&What> = Vec::new();
            for mark in self.marks {
                let is_own = match kind {
                    None => is_day(&mark),
                    Some(kind) => mark.what.is(kind),
                };
                if is_own && !values.contains(&&mark.what) {
                    values.push(&mark.what);
                }
            }
            if values.len() == 1 {
                shared.extend(values);
            }
        }
        let own = self.rows.iter().copied();
        let meant: Vec<&Evidence> = own
            .filter(|row| shared.iter().all(|what| what.fits(row)))
            .collect();
        if meant.is_empty() {
            self.rows.to_vec()
        } else {
            meant
        }
    }

    fn mixed(&self, shared: &[&What]) -> String {
        let wrong = shared
            .iter()
            .find(|what| !self.rows.iter().any(|row| what.fits(row)));
        match wrong {
            Some(What::Label(_, text)) | Some(What::Denied(text)) => {
                format!("\"{text}\" does not belong to what it cites")
            }
            Some(What::Medium(text)) | Some(What::Tone(text)) => {
                format!("\"{text}\" does not belong to what it cites")
            }
            _ => "what it says of one contact does not belong to one that it cites".to_owned(),
        }
    }

    /// With several days, each value belongs to the day next to it.
    fn apart(&self, days: &[&Mark]) -> Result<(), String> {
        let shared = [" both ", " as well as ", " and on "]
            .iter()
            .any(|word| self.words.contains(word));
        for kind in KINDS {
            // A label that is a channel and a topic shows the place of neither.
            let is_one =
                |mark: &&Mark| !matches!(&mark.what, What::Label(kinds, _) if kinds.len() > 1);
            let values: Vec<&Mark> = self
                .attributes()
                .filter(|mark| mark.what.is(kind))
                .filter(is_one)
                .collect();
            let first_day = days.first().map_or(0, |day| day.at);
            let in_front = values.first().is_some_and(|value| value.at < first_day);
            for value in &values {
                let before = days.iter().rev().find(|day| day.at < value.at);
                let after = days.iter().find(|day| day.at > value.at);
                let of_all = shared && values.len() == 1;
                // "the call on 1 March" belongs to the day right behind it.
                // One word stands between, or two as in "the email exchange on 1 March".
                let most = if kind == MentionKind::Channel { 2 } else { 1 };
                let beside =
                    after.filter(|day| (1..=most).contains(&(day.at.saturating_sub(value.end))));
                let owner = if in_front {
                    after.or(before)
                } else {
                    beside.or(before).or(after)
                };
                let true_of = |day: &Mark| {
                    let own = self.rows.iter().filter(|row| day.what.fits(row));
                    let mut own = own.peekable();
                    // The first and the last day of a period may have no row among the cited ones.
                    own.peek().is_none() || own.any(|row| value.what.fits(row))
                };
                let holds = if of_all {
                    days.iter().all(|day| true_of(day))
                } else {
                    owner.is_some_and(|day| true_of(day))
                };
                if !holds {
                    return Err(self.mixed(&[&value.what]));
                }
            }
        }
        Ok(())
    }
}
