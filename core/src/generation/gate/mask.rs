//! Covers what a sentence takes letter by letter from the data, so that the other checks see
//! only what the model added.

use crate::generation::{Request, label};

/// What covers a character that is known.
pub(super) const COVER: char = '~';

/// The labels of one request, ready to be found in a sentence.
#[derive(Debug)]
pub(super) struct Mask<'a> {
    /// What the caller configured, taken as it is.
    voice: Vec<&'a str>,
    /// What may stand in quotation marks.
    quotable: Vec<&'a str>,
    /// Notes of the evidence, of which any part may be quoted.
    notes: Vec<String>,
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
            // Next to a safety matter no note may be quoted, of whatever row.
            notes: data
                .evidence
                .iter()
                .filter(|_| !data.is_sensitive())
                .flat_map(|row| &row.notes)
                .map(|notes| label::fold(notes))
                .collect(),
            plain,
            products,
        }
    }

    /// Covers the quotations of a sentence.
    ///
    /// # Errors
    /// The first quotation that the data does not hold, or a mark without its partner.
    pub(super) fn quotations(&self, text: &str) -> Result<String, String> {
        let mut characters: Vec<char> = text.chars().collect();
        for voice in &self.voice {
            let wanted: Vec<char> = voice.chars().map(label::lower).collect();
            cover_words(&mut characters, &wanted);
        }
        let mut covered = String::new();
        let mut rest = characters.into_iter();
        while let Some(character) = rest.next() {
            let close = match character {
                '“' | '„' => ['”', '“'],
                '«' => ['»', '»'],
                '"' => ['"', '"'],
                '”' | '»' => return Err("a quotation mark has no partner".to_owned()),
                other => {
                    covered.push(other);
                    continue;
                }
            };
            let mut quotation = String::new();
            loop {
                match rest.next() {
                    Some(end) if close.contains(&end) => break,
                    Some(inner) => quotation.push(inner),
                    None => return Err("a quotation mark has no partner".to_owned()),
                }
            }
            if !self.knows(&quotation) {
                let shown = label::shorten(&quotation, 60);
                return Err(format!("the quotation “{shown}” is not in the data"));
            }
            covered.push(COVER);
        }
        Ok(covered)
    }

    fn knows(&self, quotation: &str) -> bool {
        let folded = label::fold(quotation);
        let covered = folded.trim_matches(COVER).trim().is_empty() && !folded.is_empty();
        covered
            || self
                .quotable
                .iter()
                .any(|text| label::is_quotation_of(quotation, text))
            || folded.chars().count() >= 4 && self.notes.iter().any(|note| note.contains(&folded))
    }

    /// Covers the labels that stand in a sentence as plain words.
    pub(super) fn labels(&self, text: &str) -> String {
        self.covered(text, |_| true)
    }

    /// Covers the same labels, but no topic and no product.
    pub(super) fn labels_without_content(&self, text: &str) -> String {
        self.covered(text, |is_content| !is_content)
    }

    /// Covers topics and products only.
    pub(super) fn content(&self, text: &str) -> String {
        self.covered(text, |is_content| is_content)
    }

    fn covered(&self, text: &str, wanted_kind: fn(bool) -> bool) -> String {
        let mut characters: Vec<char> = text.chars().collect();
        for (wanted, is_content) in &self.plain {
            if wanted_kind(*is_content) {
                cover_words(&mut characters, wanted);
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
                // A word at the start of a sentence has a capital anyway.
                before.is_some_and(|c| !c.is_alphanumeric())
                    && after.is_none_or(|c| !c.is_alphanumeric())
            })
        };
        self.products
            .iter()
            .find(|(_, shown)| named(shown))
            .map(|(product, _)| *product)
    }
}

/// Covers each place where `wanted`, in lower case, stands as whole words.
fn cover_words(text: &mut [char], wanted: &[char]) {
    if wanted.is_empty() {
        return;
    }
    let is_word = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric());
    let (starts, ends) = (is_word(wanted.first()), is_word(wanted.last()));
    let mut start = 0;
    while let Some(found) = text.get(start..start + wanted.len()) {
        let same = found
            .iter()
            .zip(wanted)
            .all(|(own, wanted)| label::lower(*own) == *wanted);
        let before = start.checked_sub(1).and_then(|before| text.get(before));
        let after = text.get(start + wanted.len());
        if same && !(starts && is_word(before)) && !(ends && is_word(after)) {
            if let Some(found) = text.get_mut(start..start + wanted.len()) {
                found.fill(COVER);
            }
            start += wanted.len();
        } else {
            start += 1;
        }
    }
}
