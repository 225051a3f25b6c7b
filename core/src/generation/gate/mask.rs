//! Covers what a sentence takes letter by letter from the data, so that the other checks see
//! only what the model added.

use super::marks::{CLOSES, OPENS};
use crate::generation::{Evidence, Request, label};

/// What covers a character that is known.
pub(super) const COVER: char = '~';

/// The labels of one request, ready to be found in a sentence.
#[derive(Debug)]
pub(super) struct Mask<'a> {
    /// What the caller configured, taken as it is.
    voice: Vec<&'a str>,
    /// What may stand in quotation marks.
    quotable: Vec<&'a str>,
    /// What tells of a contact: channels, topics, sentiments and products.
    told: Vec<&'a str>,
    /// Whether a note may be quoted; next to a safety matter none may, of whatever row.
    quotes_notes: bool,
    /// Labels that read as words, longest first, and whether they are topics or products.
    plain: Vec<(Vec<char>, bool)>,
    /// Products whose name is no other word of the data, as a text shows them.
    products: Vec<(&'a str, String)>,
}

impl<'a> Mask<'a> {
    pub(super) fn new(data: &'a Request) -> Self {
        let voice = [
            data.voice.safety_contact.as_str(),
            data.voice.sender.as_str(),
        ];
        let quotable: Vec<&str> = data
            .labels()
            .into_iter()
            .filter(|text| label::is_presentable(text))
            .collect();
        let content: Vec<&str> = data.topics().chain(data.products()).collect();
        let context: Vec<&str> = (data.facts.occupation.as_deref().into_iter())
            .chain(data.facts.customer_type.as_deref())
            .chain(data.channels())
            .chain(data.sentiments())
            .collect();
        let mut plain: Vec<(Vec<char>, bool)> = quotable
            .iter()
            .filter(|text| label::is_plain(text))
            .map(|text| {
                let is_content = content.contains(text)
                    && !context.contains(text)
                    && !data.is_sensitive_topic(Some(text));
                (text.chars().map(label::lower).collect(), is_content)
            })
            .collect();
        plain.sort_by(|one, other| other.0.len().cmp(&one.0.len()).then(one.cmp(other)));
        let others: Vec<String> = (context.iter().copied())
            .chain(data.topics())
            .map(label::fold)
            .collect();
        let products = data
            .products()
            .filter(|product| {
                let folded = label::fold(product);
                product.chars().count() >= 3
                    && product.starts_with(char::is_uppercase)
                    && !others.iter().any(|other| other.contains(&folded))
            })
            .filter_map(|product| Some((product, label::shown(product)?)))
            .collect();
        Self {
            voice: voice.into_iter().filter(|text| !text.is_empty()).collect(),
            quotable,
            quotes_notes: !data.is_sensitive(),
            told: (data.channels())
                .chain(data.topics())
                .chain(data.sentiments())
                .chain(data.products())
                .collect(),
            plain,
            products,
        }
    }

    /// Covers what a sentence quotes of notes, and leaves the labels that it quotes.
    pub(super) fn spoken(&self, text: &str) -> String {
        let mut characters: Vec<char> = text.chars().collect();
        for voice in &self.voice {
            let wanted: Vec<char> = voice.chars().map(label::lower).collect();
            cover_words(&mut characters, &wanted);
        }
        let mut spoken = String::new();
        let mut quotation: Option<(String, [char; 2])> = None;
        for character in characters {
            if let Some((quoted, close)) = &mut quotation {
                if close.contains(&character) {
                    // A label that was shortened is told in full.
                    let mut own = self.told.iter();
                    // "customer 1 (“…”, type “…”)" tells of the customer.
                    let of_customer = spoken.ends_with("type ") || spoken.ends_with('(');
                    let told = own.find(|text| label::is_quotation_of(quoted, text));
                    match told.filter(|_| !of_customer) {
                        Some(told) => {
                            spoken.push(OPENS);
                            spoken.push_str(told);
                            spoken.push(CLOSES);
                        }
                        None => spoken.push(COVER),
                    }
                    quotation = None;
                } else {
                    quoted.push(character);
                }
            } else if let Some(close) = partner(character) {
                quotation = Some((String::new(), close));
            } else {
                spoken.push(character);
            }
        }
        spoken
    }

    /// Covers the quotations of a sentence, each of which is a label or part of a note of the rows.
    ///
    /// # Errors
    /// The first quotation that the data does not hold, or a mark without its partner.
    pub(super) fn quotations(&self, text: &str, rows: &[&Evidence]) -> Result<String, String> {
        let mut characters: Vec<char> = text.chars().collect();
        for voice in &self.voice {
            let wanted: Vec<char> = voice.chars().map(label::lower).collect();
            cover_words(&mut characters, &wanted);
        }
        let notes: Vec<String> = rows
            .iter()
            .filter(|_| self.quotes_notes)
            .flat_map(|row| &row.notes)
            .map(|notes| label::fold(notes))
            .collect();
        let mut covered = String::new();
        let mut rest = characters.into_iter();
        while let Some(character) = rest.next() {
            if matches!(character, '”' | '»') {
                return Err("a quotation mark has no partner".to_owned());
            }
            // Its partner is an apostrophe as well, so it cannot be told where it ends.
            if matches!(character, '‘' | '‚' | '‹') {
                return Err("it quotes in single marks".to_owned());
            }
            let Some(close) = partner(character) else {
                covered.push(character);
                continue;
            };
            let mut quotation = String::new();
            loop {
                match rest.next() {
                    Some(end) if close.contains(&end) => break,
                    Some(inner) => quotation.push(inner),
                    None => return Err("a quotation mark has no partner".to_owned()),
                }
            }
            if !self.knows(&quotation, &notes) {
                let shown = label::shorten(&quotation, 60);
                return Err(format!("the quotation “{shown}” is not in the data"));
            }
            covered.push(COVER);
        }
        Ok(covered)
    }

    fn knows(&self, quotation: &str, notes: &[String]) -> bool {
        let folded = label::fold(quotation);
        let covered = folded.trim_matches(COVER).trim().is_empty() && !folded.is_empty();
        covered
            || self
                .quotable
                .iter()
                .any(|text| label::is_quotation_of(quotation, text))
            || folded.chars().count() >= 4
                && notes.iter().any(|note| super::notes::holds(note, &folded))
    }

    /// Covers the labels that stand in a sentence as plain words.
    pub(super) fn labels(&self, text: &str) -> String {
        self.covered(text, |_| true)
    }

    /// Covers the same labels, but no topic and no product.
    pub(super) fn labels_without_content(&self, text: &str) -> String {
        self.covered(text, |is_content| !is_content)
    }

    /// Covers the same labels, topics and products only where they stand letter by letter.
    pub(super) fn labels_as_written(&self, text: &str) -> String {
        let mut characters: Vec<char> = text.chars().collect();
        let mut seen = characters.clone();
        for label in &self.quotable {
            if label::is_plain(label) {
                let wanted: Vec<char> = label.chars().collect();
                cover(&mut characters, &mut seen, &wanted);
            }
        }
        self.labels_without_content(&characters.into_iter().collect::<String>())
    }

    /// Covers topics and products only.
    pub(super) fn content(&self, text: &str) -> String {
        self.covered(text, |is_content| is_content)
    }

    fn covered(&self, text: &str, wanted_kind: fn(bool) -> bool) -> String {
        let mut characters: Vec<char> = text.chars().collect();
        let mut seen = lowered(&characters);
        for (wanted, is_content) in &self.plain {
            if wanted_kind(*is_content) {
                cover(&mut characters, &mut seen, wanted);
            }
        }
        characters.into_iter().collect()
    }

    /// Returns a product that a sentence names without saying so.
    pub(super) fn unmarked_product(&self, text: &str) -> Option<&'a str> {
        let mut characters: Vec<char> = text.chars().collect();
        for voice in &self.voice {
            let wanted: Vec<char> = voice.chars().map(label::lower).collect();
            cover_words(&mut characters, &wanted);
        }
        let text: String = characters.into_iter().collect();
        let named = |shown: &str| {
            text.match_indices(shown).any(|(start, _)| {
                let before = text.get(..start).and_then(|text| text.chars().next_back());
                let after = text
                    .get(start + shown.len()..)
                    .and_then(|text| text.chars().next());
                // A usual word at the start of a sentence has a capital anyway.
                before.map_or(!super::lexicon::knows(shown), |c| !c.is_alphanumeric())
                    && after.is_none_or(|c| !c.is_alphanumeric())
            })
        };
        self.products
            .iter()
            .find(|(_, shown)| named(shown))
            .map(|(product, _)| *product)
    }
}

/// Returns the marks that end a quotation which begins with a mark.
fn partner(mark: char) -> Option<[char; 2]> {
    match mark {
        '“' | '„' => Some(['”', '“']),
        '«' => Some(['»', '»']),
        '"' => Some(['"', '"']),
        _ => None,
    }
}

/// Writes a text in lower case, letter by letter.
fn lowered(text: &[char]) -> Vec<char> {
    text.iter().copied().map(label::lower).collect()
}

/// Covers each place where `wanted`, in lower case, stands as whole words.
fn cover_words(text: &mut [char], wanted: &[char]) {
    let mut seen = lowered(text);
    cover(text, &mut seen, wanted);
}

/// Covers each place of a text where `wanted` stands as whole words in what is seen of it.
fn cover(text: &mut [char], seen: &mut [char], wanted: &[char]) {
    let Some(first) = wanted.first() else {
        return;
    };
    let is_word = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric());
    let (starts, ends) = (is_word(Some(first)), is_word(wanted.last()));
    let mut start = 0;
    while let Some(next) = seen
        .get(start..)
        .and_then(|rest| rest.iter().position(|own| own == first))
    {
        start += next;
        let end = start + wanted.len();
        let same = seen.get(start..end) == Some(wanted);
        let before = start.checked_sub(1).and_then(|before| seen.get(before));
        if same && !(starts && is_word(before)) && !(ends && is_word(seen.get(end))) {
            for covered in [&mut *text, &mut *seen] {
                if let Some(found) = covered.get_mut(start..end) {
                    found.fill(COVER);
                }
            }
            start = end;
        } else {
            start += 1;
        }
    }
}
