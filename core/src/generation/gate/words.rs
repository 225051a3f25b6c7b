//! The words of a sentence, and the one form of the forms of a word in which two are compared.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// The forms of verbs that no ending tells, each list with its root in front.
const IRREGULAR: [&str; 57] = [
    "be is are was were been being am isn aren wasn weren",
    "have has had having haven hasn hadn",
    "do does did done doing don doesn didn",
    "go goes went gone going",
    "say says said saying",
    "tell tells told telling",
    "speak speaks spoke spoken speaking",
    "write writes wrote written writing",
    "read reads reading",
    "come comes came coming",
    "bring brings brought bringing",
    "take takes took taken taking",
    "make makes made making",
    "give gives gave given giving",
    "deal deals dealt dealing",
    "get gets got gotten getting",
    "see sees saw seen seeing",
    "know knows knew known knowing",
    "think thinks thought thoughts thinking",
    "feel feels felt feeling",
    "find finds found finding",
    "hold holds held holding",
    "keep keeps kept keeping",
    "leave leaves left leaving",
    "meet meets met meeting meetings",
    "send sends sent sending",
    "hear hears heard hearing",
    "begin begins began begun beginning beginnings",
    "run runs ran running",
    "fall falls fell fallen falling",
    "lead leads led leading",
    "stand stands stood standing",
    "become becomes became becoming",
    "buy buys bought buying",
    "pay pays paid paying",
    "lose loses lost losing",
    "understand understands understood understanding",
    "choose chooses chose chosen choosing",
    "arise arises arose arisen arising",
    "eat eats ate eaten eating",
    "grow grows grew grown growing",
    "show shows showed shown showing",
    "use uses used using",
    "mean means meant meaning",
    "lie lies lay lain lying",
    "could couldn",
    "possess owns owned owning",
    "endure lasts lasted lasting",
    "evening",
    "morning",
    "nothing",
    "anything",
    "something",
    "everything",
    "always",
    "meanwhile",
    "during",
];

static ROOTS: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let forms = IRREGULAR
        .iter()
        .filter_map(|forms| Some((forms, forms.split(' ').next()?)));
    forms
        .flat_map(|(forms, root)| forms.split(' ').map(move |form| (form, root)))
        .collect()
});

/// Makes one form of the forms of an English word; any other word only loses its capitals.
pub(crate) fn stem(word: &str) -> String {
    let lower = word.to_lowercase().replace('’', "'");
    let lower = (lower.strip_suffix("'s"))
        .or_else(|| lower.strip_suffix('\''))
        .unwrap_or(&lower);
    if let Some(root) = ROOTS.get(lower) {
        return (*root).to_owned();
    }
    if lower.len() < 4 || !lower.is_ascii() {
        return lower.to_owned();
    }
    let singular = singular(lower);
    let root = ["ied", "ed", "ing"].iter().find_map(|ending| {
        let root = singular.strip_suffix(ending)?;
        let is_root = root.len() > 2 && root.contains(['a', 'e', 'i', 'o', 'u', 'y']);
        is_root.then(|| match *ending {
            "ied" => format!("{root}y"),
            _ if is_open(root) => format!("{root}e"),
            _ => undoubled(root).to_owned(),
        })
    });
    let root = root.unwrap_or(singular);
    match root.strip_suffix('e') {
        Some(bare) if bare.len() > 3 => bare.to_owned(),
        _ => root,
    }
}

fn singular(word: &str) -> String {
    if let Some(root) = word.strip_suffix("ies").filter(|root| root.len() > 1) {
        return format!("{root}y");
    }
    let hissing = ["sses", "xes", "ches", "shes", "zes"];
    if hissing.iter().any(|ending| word.ends_with(ending)) {
        return word.strip_suffix("es").unwrap_or(word).to_owned();
    }
    if ["ss", "us", "is"]
        .iter()
        .any(|ending| word.ends_with(ending))
    {
        return word.to_owned();
    }
    word.strip_suffix('s').unwrap_or(word).to_owned()
}

/// Tells whether a short root has lost an `e` before its ending: `nam` of `named`.
fn is_open(root: &str) -> bool {
    let is_vowel = |letter: char| "aeiou".contains(letter);
    let letters: Vec<bool> = root.chars().map(is_vowel).collect();
    letters == [false, true, false] && !root.ends_with(['w', 'x', 'y'])
}

/// Makes one letter of a last one that was doubled before an ending: `stopp` becomes `stop`.
fn undoubled(root: &str) -> &str {
    let mut letters = root.chars().rev();
    match (letters.next(), letters.next()) {
        (Some(last), Some(before)) if last == before && "bgmnprt".contains(last) => {
            root.strip_suffix(last).unwrap_or(root)
        }
        _ => root,
    }
}

/// Splits a text into runs of letters and digits in lower case, without apostrophes' endings.
pub(crate) fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|run| !run.is_empty())
}

/// Returns the stems of a text.
pub(crate) fn stems(text: &str) -> HashSet<String> {
    runs(text).map(stem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_are_one() {
        for forms in [
            &["ask", "asks", "asked", "asking"][..],
            &["note", "notes", "noted", "noting"],
            &["refer", "refers", "referred", "referring"],
            &["reply", "replies", "replied", "replying"],
            &["bring", "brought", "bringing"],
            &["visit", "Visits", "visited"],
            &["need", "needs", "needed"],
            &["name", "named", "naming"],
            &["move", "moved", "moves"],
            &["colleague", "colleague's", "colleagues", "colleague’s"],
            &["sample", "samples"],
        ] {
            for form in forms {
                assert_eq!(stem(form), stem(forms[0]), "{form}");
            }
        }
        for (one, other) in [("safe", "safety"), ("cure", "current"), ("thing", "the")] {
            assert_ne!(stem(one), stem(other));
        }
        assert_eq!(stem("Großkunde"), "großkunde");
    }
}
