//! The gate between a model and a reader: what is not in the data does not pass.
//!
//! The checks are mechanical and work on one sentence at a time. They accept only what they can
//! verify; a true sentence in a form that they cannot read is refused too. What they cannot see
//! is meaning: a sentence made of true pieces may still say something that nobody said.

mod claims;
mod contacts;
mod counts;
mod denial;
mod language;
mod lexicon;
mod marks;
mod mask;
mod names;
mod notes;
mod order;
mod products;
mod quantities;
mod records;
mod sense;
mod telling;
mod token;
mod universals;
mod words;

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::reply::{Mention, MentionKind, Part, Reply, Sentence};
use super::{Completion, Evidence, FinishReason, Refused, Request, Task, label, medium};
use mask::Mask;

pub(crate) use claims::{is_whole, no_address, no_code, no_odd_marks, no_placeholder};
pub(crate) use language::{Language, is_foreign, spaced};
pub(crate) use lexicon::{Use, is_foreign_structure, knows};
pub(crate) use notes::{DENIES, holds, keeps_sense, numbers, stems_of, value};
pub(crate) use records::{Records, as_label};
pub(crate) use telling::check as tells_no_more;
pub(crate) use words::{runs, stem, stems};

/// The longest sentence that passes, in characters.
const LONGEST_SENTENCE: usize = 900;
/// The longest subject line that passes, in characters.
const LONGEST_SUBJECT: usize = 150;

/// Tells whether words could be taken for a promise, or where a safety matter is on record for
/// advice, so that a label made of them needs quotation marks.
pub(crate) fn sounds_like_claim(words: &str, sensitive: bool) -> bool {
    claims::no_promise(words).is_err() || (sensitive && claims::no_advice(words).is_err())
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
    finder: marks::Finder,
    /// The stems of the labels.
    labels: Vec<Vec<String>>,
    /// The last interaction where the facts tell it and the evidence does not.
    last: Option<Evidence>,
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
        let is_evidence = |id: i64| data.evidence.iter().any(|row| row.interaction_id == id);
        let last = facts.last_interaction.as_ref().and_then(|last| {
            let id = last.interaction_id.filter(|id| !is_evidence(*id))?;
            Some(Evidence {
                interaction_id: id,
                date: last.date,
                time: last.time.clone(),
                channel: last.channel.clone(),
                topic: last.topic.clone(),
                sentiment: last.sentiment.clone(),
                products: Vec::new(),
                notes: None,
                sensitive: false,
                relevance_rank: None,
            })
        });
        let labels = data
            .labels()
            .into_iter()
            .map(|text| runs(text).map(stem).collect());
        Self {
            data,
            mask: Mask::new(data),
            counts,
            finder: marks::Finder::new(data),
            labels: labels.collect(),
            last,
        }
    }

    /// Checks a subject line.
    pub(crate) fn subject(&self, subject: &str) -> Result<(), String> {
        if subject.trim().chars().count() > LONGEST_SUBJECT {
            return Err("it is too long".to_owned());
        }
        // A subject line cites nothing, so anything in the data may stand in it.
        let sentence = Sentence {
            text: subject.to_owned(),
            ..Sentence::default()
        };
        self.line(&sentence, true)
    }

    /// Checks one sentence.
    pub(crate) fn sentence(&self, sentence: &Sentence) -> Result<(), String> {
        self.line(sentence, false)
    }

    fn line(&self, sentence: &Sentence, is_subject: bool) -> Result<(), String> {
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
        let noted: Vec<&Evidence> = if is_subject {
            self.data.evidence.iter().collect()
        } else {
            cited.clone()
        };
        let quoted = self.mask.quotations(text, &noted)?;
        let masked = self.mask.labels(&quoted);
        claims::no_placeholder(&masked)?;
        // Also as a quotation: nobody is told what a machine was told to do.
        if label::reads_like_instruction(text) || label::has_template_marks(text) {
            return Err("it reads like an instruction or a template".to_owned());
        }
        claims::no_frame(text)?;
        claims::no_odd_marks(&masked)?;
        claims::no_address(&masked)?;
        claims::no_code(&masked)?;
        if !is_subject {
            claims::is_whole(&masked)?;
        }
        claims::no_promise(&self.mask.labels_without_content(&quoted))?;
        let sensitive = self.data.is_sensitive();
        if sensitive {
            claims::no_advice(&self.mask.labels_as_written(&quoted))?;
        }
        if sensitive && self.data.task.reaches_customer() {
            claims::no_commitment(&masked)?;
        }
        let tokens = token::split(&masked);
        let scope = self.scope(&cited);
        let notes: Vec<&str> = noted
            .iter()
            .filter_map(|row| row.notes.as_deref())
            .collect();
        let told: Vec<u64> = notes
            .iter()
            .flat_map(|note| numbers(&quoted, note))
            .collect();
        let counts: BTreeSet<u64> = self.counts.iter().chain(&told).copied().collect();
        let scope = scope.with_times_of(&notes);
        quantities::check(&tokens, &scope, &counts, self.data.facts.customer_id)?;
        names::known(&tokens, self.data, &notes)?;
        universals::check(sentence, &quoted, &masked, &cited, self.data)?;
        let without_content = self.mask.content(&quoted);
        self.media(&token::split(&without_content), &cited)?;
        self.sense(sentence, text, &quoted, &masked, &noted, &told, is_subject)
    }

    fn cited(&self, ids: &[i64]) -> Result<Vec<&Evidence>, String> {
        let rows = self.data.evidence.iter().chain(&self.last);
        ids.iter()
            .map(|id| {
                // The facts tell the last interaction in full, so it can be relied on as well.
                let row = rows.clone().find(|row| row.interaction_id == *id);
                row.ok_or_else(|| format!("it cites interaction {id}, which is not evidence"))
            })
            .collect()
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
    /// Adds the times of day that notes tell.
    fn with_times_of(mut self, notes: &[&str]) -> Self {
        for note in notes {
            for token in token::split(note) {
                if let token::Token::Number(number) = token
                    && number.contains(':')
                {
                    self.times.insert(number.trim_start_matches('0').to_owned());
                }
            }
        }
        self
    }

    fn add(&mut self, day: Date, time: Option<&str>) {
        self.days.insert(day);
        let clock = time.and_then(|time| time.get(..5));
        self.times
            .extend(clock.map(|clock| clock.trim_start_matches('0').to_owned()));
    }
}
