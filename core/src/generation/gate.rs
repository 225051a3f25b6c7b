//! The gate between a model and a reader: what is not in the data does not pass.
//!
//! The checks are mechanical and work on one sentence at a time. They accept only what they can
//! verify; a true sentence in a form that they cannot read is refused too. What they cannot see
//! is meaning: a sentence made of true pieces may still say something that nobody said.

mod claims;
mod mask;
mod names;
mod quantities;
mod token;
mod universals;

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::reply::{Mention, MentionKind, Part, Reply, Sentence};
use super::{Completion, Evidence, FinishReason, Refused, Request, Task, label, medium};
use mask::Mask;

/// The longest sentence that passes, in characters.
const LONGEST_SENTENCE: usize = 900;
/// The longest subject line that passes, in characters.
const LONGEST_SUBJECT: usize = 150;

/// Tells whether words could be taken for a promise, or where a safety matter is on record for
/// advice, so that a label made of them needs quotation marks.
pub(crate) fn sounds_like_claim(words: &str, sensitive: bool) -> bool {
    claims::no_promise(words, sensitive).is_err()
}

/// What is left of an answer.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    pub(crate) subject: Option<String>,
    pub(crate) parts: Vec<Part>,
    pub(crate) refused: Vec<Refused>,
}

impl Checked {
    /// Tells whether so little is left that it is no text.
    pub(crate) fn is_too_little(&self, task: Task) -> bool {
        let kept: usize = self.parts.iter().map(|part| part.sentences.len()).sum();
        let opening = self
            .parts
            .first()
            .is_some_and(|part| Some(&part.part.as_str()) == task.parts().first());
        kept < task.fewest_sentences() || kept < self.refused.len() || !opening
    }

    fn refuse(&mut self, text: &str, reason: String) {
        self.refused.push(Refused {
            text: label::clean(text, 300),
            reason,
        });
    }
}

/// Reads an answer and keeps the sentences that the data bears out.
pub(crate) fn check(data: &Request, completion: &Completion) -> Checked {
    let mut checked = Checked::default();
    let reply = match completion.finish {
        FinishReason::Stop => Reply::parse(&completion.text, data.task),
        FinishReason::Length => Err("the answer is cut off".to_owned()),
        FinishReason::Filtered => Err("the provider withheld the answer".to_owned()),
    };
    let reply = match reply {
        Ok(reply) => reply,
        Err(reason) => {
            checked.refuse(&completion.text, reason);
            return checked;
        }
    };
    let gate = Gate::new(data);
    if let Some(subject) = reply.subject.filter(|_| data.task.has_subject()) {
        match gate.subject(&subject) {
            Ok(()) => checked.subject = Some(subject.trim().to_owned()),
            Err(reason) => checked.refuse(&subject, format!("subject: {reason}")),
        }
    }
    let (mut sentences, mut length) = (0, 0);
    // The parts come in the order in which they are read, whatever the order of the answer.
    for name in data.task.parts() {
        let mut part = Part {
            part: (*name).to_owned(),
            sentences: Vec::new(),
        };
        let own = reply.parts.iter().filter(|part| part.part == *name);
        for sentence in own.flat_map(|part| &part.sentences) {
            sentences += 1;
            length += sentence.text.chars().count();
            let verdict = if sentences > data.task.most_sentences() {
                Err("the text has too many sentences".to_owned())
            } else if length > data.task.longest_text() {
                Err("the text is too long".to_owned())
            } else {
                gate.sentence(sentence)
            };
            match verdict {
                Ok(()) => part.sentences.push(Sentence {
                    text: sentence.text.trim().to_owned(),
                    ..sentence.clone()
                }),
                Err(reason) => checked.refuse(&sentence.text, reason),
            }
        }
        if !part.sentences.is_empty() {
            checked.parts.push(part);
        }
    }
    checked
}

/// The checks over the data of one request.
#[derive(Debug)]
pub(crate) struct Gate<'a> {
    data: &'a Request,
    mask: Mask<'a>,
    counts: BTreeSet<u64>,
}

impl<'a> Gate<'a> {
    pub(crate) fn new(data: &'a Request) -> Self {
        let facts = &data.facts;
        let counts = (facts.channels.iter().map(|count| count.interactions))
            .chain(facts.topics.iter().map(|count| count.interactions))
            .chain(facts.sentiments.iter().map(|count| count.interactions))
            .chain(facts.channel_shares().unrecorded())
            .chain(facts.topic_shares().unrecorded())
            .chain(facts.sentiment_shares().unrecorded())
            .chain([facts.total_interactions])
            .collect();
        Self {
            data,
            mask: Mask::new(data),
            counts,
        }
    }

    /// Checks a subject line.
    pub(crate) fn subject(&self, subject: &str) -> Result<(), String> {
        if subject.trim().chars().count() > LONGEST_SUBJECT {
            return Err("it is too long".to_owned());
        }
        // A subject line cites nothing, so anything in the data may stand in it.
        self.sentence(&Sentence {
            text: subject.to_owned(),
            ..Sentence::default()
        })
    }

    /// Checks one sentence.
    pub(crate) fn sentence(&self, sentence: &Sentence) -> Result<(), String> {
        let text = sentence.text.trim();
        if text.is_empty() {
            return Err("it is empty".to_owned());
        }
        if text.chars().count() > LONGEST_SENTENCE {
            return Err("it is too long".to_owned());
        }
        if label::has_hidden(text) {
            return Err("it holds a control character".to_owned());
        }
        let cited = self.cited(&sentence.evidence)?;
        for mention in &sentence.mentions {
            self.mention(mention, &cited)?;
        }
        let quoted = self.mask.quotations(text)?;
        let masked = self.mask.labels(&quoted);
        claims::no_placeholder(&masked)?;
        claims::no_frame(text)?;
        let promising = self.mask.labels_without_content(&quoted);
        claims::no_promise(&promising, self.data.is_sensitive())?;
        if self.data.is_sensitive() && self.data.task.reaches_customer() {
            claims::no_commitment(&masked)?;
        }
        let tokens = token::split(&masked);
        let scope = self.scope(&cited);
        let dated = quantities::check(&tokens, &scope, &self.counts, self.data.facts.customer_id)?;
        names::known(&tokens, self.data)?;
        universals::check(sentence, &quoted, &masked, &cited, self.data)?;
        let without_content = self.mask.content(&quoted);
        self.media(&token::split(&without_content), &cited)?;
        if dated && !cited.is_empty() {
            self.coherent(&sentence.mentions, &cited)?;
        }
        self.products(text, sentence, &tokens)
    }

    fn cited(&self, ids: &[i64]) -> Result<Vec<&'a Evidence>, String> {
        let last = self.data.facts.last_interaction.as_ref();
        let mut rows = Vec::new();
        for id in ids {
            let row = self
                .data
                .evidence
                .iter()
                .find(|row| row.interaction_id == *id);
            match row {
                Some(row) => rows.push(row),
                // The facts tell the last interaction in full, so it can be relied on as well.
                None if last.is_some_and(|last| last.interaction_id == Some(*id)) => {}
                None => return Err(format!("it cites interaction {id}, which is not evidence")),
            }
        }
        Ok(rows)
    }

    fn mention(&self, mention: &Mention, cited: &[&Evidence]) -> Result<(), String> {
        let wanted = label::fold(&mention.value);
        let is = |text: &str| label::fold(text) == wanted;
        let (kind, known) = match mention.kind {
            MentionKind::Channel => ("channel", self.data.channels().any(is)),
            MentionKind::Topic => ("topic", self.data.topics().any(is)),
            MentionKind::Sentiment => ("sentiment", self.data.sentiments().any(is)),
            MentionKind::Product if cited.is_empty() => ("product", self.data.products().any(is)),
            MentionKind::Product => (
                "product",
                cited
                    .iter()
                    .flat_map(|row| &row.products)
                    .any(|text| is(text)),
            ),
        };
        if known {
            Ok(())
        } else {
            let value = label::clean(&mention.value, 60);
            Err(format!("{kind} \"{value}\" is not in the data"))
        }
    }

    /// Checks that a dated sentence gives a cited row no channel and no topic of another.
    fn coherent(&self, mentions: &[Mention], cited: &[&Evidence]) -> Result<(), String> {
        for mention in mentions {
            let wanted = label::fold(&mention.value);
            let is = |text: &Option<String>| {
                text.as_deref()
                    .is_some_and(|text| label::fold(text) == wanted)
            };
            let fits = match mention.kind {
                MentionKind::Channel => cited.iter().any(|row| is(&row.channel)),
                MentionKind::Topic => cited.iter().any(|row| is(&row.topic)),
                MentionKind::Sentiment => cited.iter().any(|row| is(&row.sentiment)),
                MentionKind::Product => true,
            };
            if !fits {
                let value = label::clean(&mention.value, 60);
                return Err(format!("\"{value}\" does not belong to what it cites"));
            }
        }
        Ok(())
    }

    /// Checks that "our call" is said only where there was a call.
    fn media(&self, tokens: &[token::Token], cited: &[&Evidence]) -> Result<(), String> {
        for pair in tokens.windows(2) {
            let [first, second] = pair else { continue };
            let (Some(owner), Some(word)) = (first.word(), second.word()) else {
                continue;
            };
            if !["our", "your", "last", "latest", "recent", "previous"].contains(&owner.as_str()) {
                continue;
            }
            let Some(name) = medium::named_by(&word) else {
                continue;
            };
            let known = if cited.is_empty() {
                self.data
                    .channels()
                    .any(|channel| medium::covers(channel, name))
            } else {
                cited
                    .iter()
                    .flat_map(|row| &row.channel)
                    .any(|channel| medium::covers(channel, name))
            };
            if !known {
                return Err(format!(
                    "it speaks of \"{owner} {word}\", which is not in the data"
                ));
            }
        }
        Ok(())
    }

    /// Checks that a product is named only as one that was discussed in a month.
    fn products(
        &self,
        text: &str,
        sentence: &Sentence,
        tokens: &[token::Token],
    ) -> Result<(), String> {
        let marked = sentence
            .mentions
            .iter()
            .find(|mention| mention.kind == MentionKind::Product)
            .map(|mention| mention.value.as_str());
        let Some(product) = marked.or_else(|| self.mask.unmarked_product(text)) else {
            return Ok(());
        };
        let product = label::clean(product, 60);
        if self.data.is_sensitive() && self.data.task.reaches_customer() {
            return Err(format!(
                "it names product \"{product}\" to a customer with a safety matter"
            ));
        }
        if quantities::has_month(tokens) {
            Ok(())
        } else {
            Err(format!(
                "it names product \"{product}\" without the month of the discussion"
            ))
        }
    }

    fn scope(&self, cited: &[&Evidence]) -> Scope {
        let mut scope = Scope::default();
        let facts = &self.data.facts;
        if let Some(first) = &facts.first_interaction {
            scope.add(first.date, first.time.as_deref());
        }
        if let Some(last) = &facts.last_interaction {
            scope.add(last.date, last.time.as_deref());
        }
        if cited.is_empty() {
            for row in &self.data.evidence {
                scope.add(row.date, row.time.as_deref());
            }
        }
        for row in cited {
            scope.add(row.date, row.time.as_deref());
        }
        scope
    }
}

/// The days and times that a sentence may name.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    days: BTreeSet<Date>,
    times: BTreeSet<String>,
}

impl Scope {
    fn add(&mut self, day: Date, time: Option<&str>) {
        self.days.insert(day);
        let clock = time.and_then(|time| time.get(..5));
        self.times
            .extend(clock.map(|clock| clock.trim_start_matches('0').to_owned()));
    }
}
