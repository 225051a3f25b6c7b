//! Refuses "all", "always", "never", "most often", "better than" and the like where the counted
//! facts do not bear them out.
//!
//! Evidence is a choice of the rows, so what is said of every interaction rests on the
//! facts alone. A clause that tells nothing of the past ("we are always glad to help") is free.

mod vocabulary;

use super::token::{self, Token};
use crate::generation::facts::Shares;
use crate::generation::reply::{MentionKind, Sentence};
use crate::generation::{Evidence, Request, label, medium};
use vocabulary::{
    ALL, ALL_PHRASES, BAD, BETTER, CONTACTS, GOOD, IDLE, MAJORITY, MOST, NEUTRAL, NOT, PAST,
};

/// A clause as words between spaces: with the labels of the data covered, and as it is written.
struct Clause {
    covered: String,
    written: String,
}

impl Clause {
    fn has(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.covered.contains(phrase))
    }

    fn words(&self) -> impl Iterator<Item = &str> {
        self.covered.split_whitespace()
    }

    /// Tells whether the clause tells of the past; a scrap such as "always by email" does, as it
    /// belongs to what stands before it.
    fn tells(&self) -> bool {
        let free = ["we", "i", "can", "please", "are", "is"];
        (self.words().count() <= 4 && !self.words().any(|word| free.contains(&word)))
            || self.has(&[" by ~ ", " via ~ "])
            || self
                .written
                .split_whitespace()
                .any(|word| CONTACTS.contains(&word))
            || self.words().any(|word| PAST.contains(&word))
            || self.has(&[
                " you have ",
                " customer has ",
                " have never ",
                " has never ",
                " have always ",
                " has always ",
            ])
    }

    /// Removes the phrases in which a word says nothing about every interaction.
    fn without_idle(&self) -> String {
        IDLE.iter().fold(self.covered.clone(), |text, phrase| {
            text.replace(phrase, " ")
        })
    }

    /// Returns the sentiment that the words of the clause express.
    fn tone(&self) -> Option<Tone> {
        let written: Vec<&str> = self.written.split_whitespace().collect();
        let tones = ["positive", "negative", "neutral", "mixed", "good", "bad"];
        // A sentiment of the data is covered, so it is read from what is written.
        let labels = written.iter().filter(|word| tones.contains(word)).copied();
        let mut words: Vec<&str> = self.words().collect();
        let as_well: Vec<usize> = (words.windows(2).enumerate())
            .filter(|(_, pair)| matches!(pair, ["as" | "as-well", "well"]))
            .map(|(position, _)| position + 1)
            .collect();
        let just = words.contains(&"just");
        words = (words.into_iter().enumerate())
            .filter(|(position, _)| just || !as_well.contains(position))
            .map(|(_, word)| word)
            .chain(labels)
            .collect();
        let any = |list: &[&str]| words.iter().any(|word| list.contains(word));
        let negated = any(&NOT) || words.iter().any(|word| word.ends_with("n't"));
        let negated =
            negated && !self.has(&[" without exception ", " no exception ", " anything but "]);
        match (any(&GOOD), any(&BAD), any(&NEUTRAL), negated) {
            (false, false, false, _) => None,
            (true, false, false, false) => Some(Tone::Is("positive")),
            (true, false, false, true) | (false, true, false, false) => Some(Tone::Is("negative")),
            (false, false, true, false) if words.contains(&"mixed") => Some(Tone::Is("mixed")),
            (false, false, true, false) => Some(Tone::Is("neutral")),
            _ => Some(Tone::Unclear),
        }
    }
}

/// What a clause says about how contacts went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tone {
    Is(&'static str),
    Unclear,
}

/// Splits a sentence at its marks; `covered` is `written` with labels covered sign by sign.
fn clauses(written: &str, covered: &str) -> Vec<Clause> {
    let (mut clauses, mut own, mut bare) = (Vec::new(), String::new(), String::new());
    let signs = covered.chars().zip(written.chars());
    for (sign, letter) in signs.chain([('.', '.')]) {
        if matches!(
            sign,
            ',' | ';' | ':' | '.' | '!' | '?' | '–' | '—' | '(' | ')'
        ) {
            clauses.push(Clause {
                covered: spaced(&own),
                written: spaced(&bare),
            });
            own.clear();
            bare.clear();
        } else {
            own.push(sign);
            bare.push(letter);
        }
    }
    clauses.retain(|clause| !clause.covered.trim().is_empty());
    clauses
}

/// Writes the words of a text in lower case, each between spaces; a covered run is `~`.
fn spaced(text: &str) -> String {
    let mut words = String::from(" ");
    for sign in text.chars() {
        match sign {
            super::mask::COVER if words.ends_with('~') => {}
            super::mask::COVER => words.push('~'),
            '’' => words.push('\''),
            '-' | '\'' => words.push(sign),
            _ if sign.is_alphanumeric() => words.push(label::lower(sign)),
            _ if !words.ends_with(' ') => words.push(' '),
            _ => {}
        }
    }
    words.push(' ');
    words
}

/// Tells whether words, each between spaces, speak of all contacts or of most, so that the counts
/// bear them out.
pub(super) fn speaks_of_many(words: &str) -> bool {
    const MANY: [&str; 27] = [
        "all",
        "always",
        "every",
        "each",
        "most",
        "mostly",
        "mainly",
        "usually",
        "often",
        "never",
        "none",
        "consistently",
        "equally",
        "predominantly",
        "primarily",
        "exclusively",
        "count",
        "counts",
        "leads",
        "leading",
        "heads",
        "ranks",
        "only",
        "entirely",
        "solely",
        "highest",
        "throughout",
    ];
    words.split(' ').any(|word| MANY.contains(&word))
        || [
            " contacts ",
            " interactions ",
            " calls ",
            " visits ",
            " emails ",
        ]
        .iter()
        .any(|noun| words.contains(noun))
            && [" our ", " the "].iter().any(|own| words.contains(own))
}

/// Checks a sentence.
pub(super) fn check(
    sentence: &Sentence,
    written: &str,
    covered: &str,
    cited: &[&Evidence],
    data: &Request,
) -> Result<(), String> {
    // A question claims nothing.
    let asks = written.trim_end().ends_with('?') && !written.contains(". ");
    let clauses = if asks {
        Vec::new()
    } else {
        clauses(written, covered)
    };
    let claim = Claim {
        sentence,
        clauses: &clauses,
        dated: token::split(covered)
            .iter()
            .any(|token| matches!(token, Token::Number(number) if number.len() >= 4)),
        data,
    };
    for clause in &clauses {
        let refused = |phrase: &str| {
            let phrase = phrase.trim();
            Err(format!("\"{phrase}\" is not borne out by what was counted"))
        };
        if let Some(phrase) = claim.denied_contact(clause) {
            return refused(phrase);
        }
        if !clause.tells() {
            continue;
        }
        if clause.has(&BETTER) && !differ(cited) {
            return Err("it compares contacts that it does not cite, or that do not differ".into());
        }
        let most = MOST.iter().find(|phrase| clause.covered.contains(**phrase));
        if let Some(phrase) = most.filter(|_| !claim.leads(clause, clause.has(&MAJORITY))) {
            return refused(phrase);
        }
        let told = clause.without_idle();
        let phrase = ALL_PHRASES.iter().find(|phrase| told.contains(**phrase));
        let word = told.split_whitespace().find(|word| ALL.contains(word));
        let plural =
            generalises(&clause.written).filter(|_| most.is_none() && claim.tone().is_some());
        if let Some(found) = phrase.copied().or(word).or(plural)
            && !claim.holds_for_all(clause, found)
        {
            return refused(found);
        }
        if told.contains(" only ") && !claim.is_only(clause) {
            return refused("only");
        }
    }
    Ok(())
}

/// Finds "our earlier contacts" and the like, which speak of more than one row.
fn generalises(written: &str) -> Option<&str> {
    const EARLIER: [&str; 8] = [
        "earlier", "previous", "recent", "past", "other", "last", "our", "both",
    ];
    let words: Vec<&str> = written.split_whitespace().collect();
    let plural = |word: &str| word.ends_with('s') && CONTACTS.contains(&word);
    words.windows(2).find_map(|pair| match pair {
        [first, second] if EARLIER.contains(first) && plural(second) => Some(*second),
        _ => None,
    })
}

/// Tells whether two cited rows went differently.
fn differ(cited: &[&Evidence]) -> bool {
    let mut tones: Vec<String> = cited
        .iter()
        .flat_map(|row| &row.sentiment)
        .map(|sentiment| label::fold(sentiment))
        .filter(|tone| matches!(tone.as_str(), "positive" | "neutral" | "negative"))
        .collect();
    tones.sort_unstable();
    tones.dedup();
    tones.len() > 1
}

struct Claim<'a> {
    sentence: &'a Sentence,
    clauses: &'a [Clause],
    dated: bool,
    data: &'a Request,
}

impl Claim<'_> {
    fn mentions(&self, kind: MentionKind) -> Vec<&str> {
        let own = self.sentence.mentions.iter();
        own.filter(|mention| mention.kind == kind)
            .map(|mention| mention.value.as_str())
            .collect()
    }

    /// Returns the sentiment that the sentence expresses.
    fn tone(&self) -> Option<Tone> {
        let mut tones = self.clauses.iter().filter_map(Clause::tone);
        let first = tones.next()?;
        Some(if tones.all(|tone| tone == first) {
            first
        } else {
            Tone::Unclear
        })
    }

    /// Returns the channels that the sentence marks, or that the clause names by a usual word;
    /// `None` in place of a channel that the data does not have.
    fn channels(&self, clause: &Clause) -> Vec<Option<&str>> {
        let marked = self.mentions(MentionKind::Channel);
        let words = if marked.is_empty() {
            &clause.written
        } else {
            &clause.covered
        };
        let mut channels: Vec<Option<&str>> = Vec::new();
        for name in words.split_whitespace().filter_map(medium::named_by) {
            let is = |channel: &&str| medium::covers(channel, name);
            if !marked.iter().any(is) {
                channels.push(self.data.channels().find(is));
            }
        }
        channels.extend(marked.into_iter().map(Some));
        channels
    }

    /// Tells whether what is said of all is true of all.
    fn holds_for_all(&self, clause: &Clause, word: &str) -> bool {
        let facts = &self.data.facts;
        if facts.total_interactions == 0 {
            return matches!(word, "never" | "none");
        }
        let sentiment = facts.sentiment_shares().sole().map(label::fold);
        let tone = self.tone();
        let marked = self.mentions(MentionKind::Sentiment);
        let tone_holds = match tone {
            Some(Tone::Is(wanted)) => sentiment.as_deref() == Some(wanted),
            Some(Tone::Unclear) => false,
            None => true,
        } && marked
            .iter()
            .all(|own| sentiment.as_deref() == Some(&label::fold(own)));
        let about_tone = tone.is_some() || !marked.is_empty();
        let channels = self.channels(clause);
        let shares = facts.channel_shares();
        let channels_hold = all_or_level(&shares, &channels, word == "equally");
        let topics: Vec<Option<&str>> = self
            .mentions(MentionKind::Topic)
            .into_iter()
            .map(Some)
            .collect();
        let one_day = match (&facts.first_interaction, &facts.last_interaction) {
            (Some(first), Some(last)) => first.date == last.date,
            _ => false,
        };
        if about_tone || !channels.is_empty() {
            tone_holds && (channels.is_empty() || channels_hold)
        } else if !topics.is_empty() {
            all_or_level(&facts.topic_shares(), &topics, word == "equally")
        } else {
            self.dated && one_day
        }
    }

    /// Tells whether what is said to come first does.
    fn leads(&self, clause: &Clause, by_majority: bool) -> bool {
        let facts = &self.data.facts;
        let leads = |shares: &Shares<'_>, names: &[&str]| {
            shares.stand_out(names) && (!by_majority || shares.are_majority(names))
        };
        let channels = self.channels(clause);
        let tone = match clause.tone() {
            Some(Tone::Is(tone)) => vec![tone],
            Some(Tone::Unclear) => return false,
            None => Vec::new(),
        };
        let topics = self.mentions(MentionKind::Topic);
        if !channels.is_empty() {
            let known: Option<Vec<&str>> = channels.into_iter().collect();
            known.is_some_and(|names| leads(&facts.channel_shares(), &names))
        } else if !tone.is_empty() {
            leads(&facts.sentiment_shares(), &tone)
        } else {
            !topics.is_empty() && leads(&facts.topic_shares(), &topics)
        }
    }

    /// Tells whether "the only contact" is the only one. Other uses of "only" must hold as
    /// "always" must when they tell of the past.
    fn is_only(&self, clause: &Clause) -> bool {
        // The noun may be a channel of the data, which is covered.
        let words: Vec<&str> = clause.written.split_whitespace().collect();
        let total = self.data.facts.total_interactions;
        let Some(position) = words.iter().position(|word| *word == "only") else {
            return true;
        };
        let before = position.checked_sub(1).and_then(|before| words.get(before));
        let after = words.iter().skip(position + 1).take(3);
        let first = words.get(position + 1).copied().unwrap_or_default();
        let shares = [
            ("topic", self.data.facts.topic_shares()),
            ("channel", self.data.facts.channel_shares()),
            ("sentiment", self.data.facts.sentiment_shares()),
        ];
        if let Some((_, shares)) = shares.iter().find(|(noun, _)| *noun == first) {
            return shares.sole().is_some();
        }
        let noun = after.copied().find(|word| CONTACTS.contains(word));
        let owned = before.is_some_and(|word| matches!(*word, "the" | "our" | "your" | "this"));
        match noun.filter(|_| owned) {
            Some(noun) => {
                let count = medium::named_by(noun).map_or(total, |name| {
                    let channels = self.data.facts.channels.iter();
                    let covered = channels.filter(|count| {
                        let channel = count.channel.as_deref();
                        channel.is_some_and(|channel| medium::covers(channel, name))
                    });
                    covered.map(|count| count.interactions).sum()
                });
                let denied = words.iter().take(position).any(|word| *word == "not");
                if denied { count > 1 } else { count == 1 }
            }
            None => {
                let past = words.iter().any(|word| PAST.contains(word));
                !past || self.holds_for_all(clause, "only")
            }
        }
    }

    /// Finds a statement that there was no contact, where there was.
    fn denied_contact(&self, clause: &Clause) -> Option<&'static str> {
        let total = self.data.facts.total_interactions;
        let none = [
            " no contact ",
            " no contacts ",
            " no interaction ",
            " no interactions ",
            " no conversation ",
            " not been in contact ",
            " never been in contact ",
        ];
        let no_other = [
            " no earlier contact ",
            " no previous contact ",
            " no other contact ",
        ];
        if clause.has(&[" anything but ", " other than "]) {
            return None;
        }
        let found = |phrases: &[&'static str]| {
            let mut own = phrases.iter().copied();
            own.find(|phrase| clause.covered.contains(phrase))
        };
        found(&none)
            .filter(|_| total > 0)
            .or_else(|| found(&no_other).filter(|_| total > 1))
    }
}

/// Tells whether one label is that of all, or whether several are level where that is the claim.
fn all_or_level(shares: &Shares<'_>, names: &[Option<&str>], level: bool) -> bool {
    let Some(names) = names.iter().copied().collect::<Option<Vec<&str>>>() else {
        return false;
    };
    if level && names.len() > 1 {
        return shares.are_level(&names);
    }
    let sole = shares.sole().map(label::fold);
    names
        .iter()
        .all(|name| sole.as_deref() == Some(&label::fold(name)))
}
