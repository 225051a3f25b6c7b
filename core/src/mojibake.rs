//! Undoes mojibake: UTF-8 that somebody read as windows-1252 ("cafÃ©" for "café").
//!
//! A run of characters is repaired only when its windows-1252 bytes are strictly valid UTF-8,
//! and when the text shows a sign that right text does not show. A capital with an accent in
//! front of a closing quote ("CAFÉ’S", "MAÇÔ, two Czech capitals in a row ("VÝŠKA") or a French
//! guillemet behind its no-break space ("voilà »") are valid UTF-8 by accident, and are left.
//! What was lost on the way (a byte turned into a plain space) is not guessed back.

use std::borrow::Cow;
use std::sync::LazyLock;

use encoding_rs::WINDOWS_1252;

/// The characters of windows-1252 bytes 0x80 to 0x9F; the five undefined ones are the C1
/// controls of the same number, as the WHATWG index has it.
static UPPER: LazyLock<[char; 32]> = LazyLock::new(|| {
    let mut upper = ['\0'; 32];
    for (slot, byte) in upper.iter_mut().zip(0x80_u8..) {
        let bytes = [byte];
        let (decoded, _) = WINDOWS_1252.decode_without_bom_handling(&bytes);
        *slot = decoded.chars().next().unwrap_or(char::from(byte));
    }
    upper
});

/// Returns the windows-1252 byte of a character; C1 controls stand for their own byte, because
/// a Latin-1 reader leaves them behind.
fn byte_of(character: char) -> Option<u8> {
    if let Ok(byte) = u8::try_from(u32::from(character)) {
        return Some(byte);
    }
    let position = UPPER.iter().position(|&upper| upper == character)?;
    u8::try_from(position).ok().map(|offset| 0x80 + offset)
}

/// How much a run that decodes says about the text around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// Right text does not look like this.
    Certain,
    /// Right text may look like this; repaired only beside a certain sign.
    Possible,
    /// Possible alone; two in a row are certain, as in Greek, Cyrillic or Japanese words.
    Script,
}

/// A run of characters that decodes to one character.
struct Run {
    start: usize,
    end: usize,
    decoded: char,
    sign: Sign,
}

/// Repairs one round of mojibake; `None` when there is nothing to repair.
///
/// Text that was garbled several times needs as many rounds. Each round at least halves the
/// runs it repairs, so the rounds end.
///
/// ```
/// use rapport_core::mojibake::repair_once;
///
/// assert_eq!(repair_once("cafÃ©").as_deref(), Some("café"));
/// assert_eq!(repair_once("AÇÃO naïve Ångström"), None);
/// ```
#[must_use]
pub fn repair_once(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let runs = find_runs(text);
    let certain = runs.iter().zip(runs.iter().skip(1)).any(|(left, right)| {
        left.sign == Sign::Script && right.sign == Sign::Script && left.end == right.start
    }) || runs.iter().any(|run| run.sign == Sign::Certain);
    if !certain {
        return None;
    }
    let mut repaired = String::with_capacity(text.len());
    let mut copied = 0;
    for run in &runs {
        repaired.push_str(text.get(copied..run.start).unwrap_or_default());
        repaired.push(run.decoded);
        copied = run.end;
    }
    repaired.push_str(text.get(copied..).unwrap_or_default());
    Some(repaired)
}

/// Repairs every round of mojibake; borrows when there is nothing to repair.
#[must_use]
pub fn repair(text: &str) -> Cow<'_, str> {
    let mut repaired = Cow::Borrowed(text);
    while let Some(next) = repair_once(&repaired) {
        repaired = Cow::Owned(next);
    }
    repaired
}

fn find_runs(text: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut before = None;
    let mut rest = text.char_indices();
    while let Some((start, lead)) = rest.next() {
        if let Some((run, after)) = run_at(text, start, lead, rest.clone(), before) {
            before = Some(run.decoded);
            runs.push(run);
            rest = after;
        } else {
            before = Some(lead);
        }
    }
    runs
}

/// Reads the run that starts with `lead`, if its bytes are valid UTF-8 of a plausible kind.
fn run_at<'t>(
    text: &str,
    start: usize,
    lead: char,
    mut rest: std::str::CharIndices<'t>,
    before: Option<char>,
) -> Option<(Run, std::str::CharIndices<'t>)> {
    // Every lead byte 0xC2 to 0xF4 is the character of the same number.
    if !('\u{C2}'..='\u{F4}').contains(&lead) {
        return None;
    }
    let lead_byte = byte_of(lead)?;
    let length = match lead_byte {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        _ => 4,
    };
    let mut bytes = [lead_byte, 0, 0, 0];
    let mut following = ['\0'; 3];
    for (slot, seen) in bytes
        .iter_mut()
        .skip(1)
        .zip(following.iter_mut())
        .take(length - 1)
    {
        let (_, character) = rest.next()?;
        *slot = byte_of(character).filter(|byte| (0x80..=0xBF).contains(byte))?;
        *seen = character;
    }
    let decoded = std::str::from_utf8(bytes.get(..length)?)
        .ok()?
        .chars()
        .next()?;
    let after = rest.clone().next().map(|(_, character)| character);
    let sign = judge(lead, following[0], decoded, before, after)?;
    Some((
        Run {
            start,
            end: rest.offset().min(text.len()),
            decoded,
            sign,
        },
        rest,
    ))
}

/// Tells whether a character may follow a letter in right text, so that its presence says nothing.
const fn follows_letters(character: char) -> bool {
    matches!(
        character,
        '\u{A0}'
            | '’'
            | '‘'
            | '“'
            | '”'
            | '…'
            | '–'
            | '—'
            | '«'
            | '»'
            | '™'
            | '®'
            | '©'
            | '°'
            | '·'
            | '²'
            | '³'
            | '¹'
            | 'ª'
            | 'º'
            | 'Š'
            | 'š'
            | 'Ž'
            | 'ž'
            | 'Œ'
            | 'œ'
            | 'Ÿ'
            | 'ƒ'
    )
}

/// Weighs a run by its first two characters, what it decodes to, and its neighbours.
fn judge(
    lead: char,
    second: char,
    decoded: char,
    before: Option<char>,
    after: Option<char>,
) -> Option<Sign> {
    let behind_capital = before.is_some_and(char::is_uppercase);
    let behind_small = before.is_some_and(char::is_lowercase);
    let weigh = |natural: bool| {
        Some(if natural {
            Sign::Possible
        } else {
            Sign::Certain
        })
    };
    match lead {
        // U+00A0 to U+00BF. A lone "Â" ends hardly any word, so only capitals make it doubtful.
        'Â' if decoded >= '\u{A0}' => {
            weigh(matches!(second, '\u{A0}' | '®' | '»') && (behind_capital || after == Some('»')))
        }
        // What a second round leaves of the bytes that windows-1252 does not define.
        'Â' if second.is_control() => Some(Sign::Certain),
        // "À" to "ÿ". Portuguese words in capitals end in "Ã": MAÇÃ, IRMÃ.
        'Ã' => {
            let closes = matches!(
                second,
                '\u{A0}' | '’' | '‘' | '“' | '”' | '…' | '–' | '—' | '»' | '™' | '®'
            );
            let starts_word = !before.is_some_and(char::is_alphanumeric)
                && after.is_some_and(char::is_alphabetic);
            weigh(closes && !behind_small && !starts_word)
        }
        // Latin Extended-A and "œ": Polish, Czech, Hungarian, Turkish, French letters. A capital
        // stands behind no small letter, and "°" or "“" between no two letters.
        'Ä' | 'Å' => {
            let inside_word = matches!(second, '°' | '“') && after.is_some_and(char::is_alphabetic);
            weigh(follows_letters(second) && !behind_small && !inside_word)
        }
        // What a second round leaves of "Ã", "ˆ" and "˜".
        'Æ' | 'Ë' if matches!(decoded, 'ƒ' | 'ˆ' | '˜') => Some(Sign::Possible),
        // Greek, Cyrillic, Hebrew, Arabic.
        'Î' | 'Ï' | 'Ð' | 'Ñ' | '×' | 'Ø' | 'Ù' if decoded.is_alphabetic() => {
            Some(Sign::Script)
        }
        // Quotes, dashes, the euro and other signs; "€" and "„" never stand behind a small letter.
        'â' if ('\u{2000}'..='\u{2BFF}').contains(&decoded) => weigh(follows_letters(second)),
        // Byte order mark, ligatures, full-width forms.
        'ï' if ('\u{FB00}'..='\u{FFEF}').contains(&decoded) => {
            weigh(follows_letters(second) && decoded != '\u{FEFF}')
        }
        // Devanagari to Thai; Georgian, Vietnamese; kana, Chinese, Korean.
        'à' if ('\u{900}'..='\u{E7F}').contains(&decoded) => Some(Sign::Script),
        'á'..='í' if decoded.is_alphabetic() => {
            weigh(follows_letters(second)).map(|sign| match sign {
                Sign::Possible => Sign::Script,
                certain => certain,
            })
        }
        // Emoji and everything else above U+FFFF.
        'ð' => Some(Sign::Certain),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    /// Garbles as a careless reader does, by an independent path: bytes, then encoding_rs.
    fn garble(text: &str) -> String {
        WINDOWS_1252
            .decode_without_bom_handling(text.as_bytes())
            .0
            .into_owned()
    }

    #[rstest]
    #[case("cafÃ©", "café")]
    #[case("CAFÃ‰", "CAFÉ")]
    #[case("Ã‰cole", "École")]
    #[case("MÃ¼ller", "Müller")]
    #[case("Ã…ngstrÃ¶m", "Ångström")]
    #[case("Ã–sterreich", "Österreich")]
    #[case("StraÃŸe", "Straße")]
    #[case("donâ€™t", "don’t")]
    #[case("â€œyesâ€\u{9d}", "“yes”")]
    #[case("a â€“ b", "a – b")]
    #[case("5Â mg", "5Â mg")]
    #[case("5Â\u{a0}mg", "5\u{a0}mg")]
    #[case("37Â°C", "37°C")]
    #[case("â‚¬ 5", "€ 5")]
    #[case("Drugâ„¢", "Drug™")]
    #[case("Å‚Ã³dÅº", "łódź")]
    #[case("ÐŸÑ€Ð¸Ð²ÐµÑ‚", "Привет")]
    #[case("æ—¥æœ¬", "日本")]
    #[case("Ä°stanbul", "İstanbul")]
    #[case("cÅ“ur", "cœur")]
    #[case("Å“uvre", "œuvre")]
    #[case("piÄ™kny", "piękny")]
    #[case("ÄÂ\u{8d}Ã…Â¡", "čš")]
    #[case("ðŸ˜€", "😀")]
    #[case("ï»¿Email", "\u{feff}Email")]
    #[case("voilÃ\u{a0} la", "voilà la")]
    #[case("naïve cafÃ©", "naïve café")]
    #[case("ÃƒÂ©tÃƒÂ©", "été")]
    #[case("ÃƒÆ’Ã‚Â©", "é")]
    #[case("Ã\u{a9}", "é")]
    #[case("latin-1: cafÃ\u{a9} â\u{80}\u{99}", "latin-1: café ’")]
    fn garbled_text_is_repaired(#[case] before: &str, #[case] after: &str) {
        assert_eq!(repair(before), after);
    }

    #[rstest]
    #[case("naïve")]
    #[case("Ångström")]
    #[case("Ã")]
    #[case("AÇÃO")]
    #[case("SÃO PAULO")]
    #[case("“MAÇÔ")]
    #[case("A IRMÃ…")]
    #[case("CAFÉ’S")]
    #[case("VÝŠKA")]
    #[case("NEUBLÍŽÍŠ")]
    #[case("ÚŽASNÝ")]
    #[case("« voilà\u{a0}»")]
    #[case("prix fixé\u{a0}£50")]
    #[case("“voilé’”")]
    #[case("ESPAÑA")]
    #[case("MALMÖ…")]
    #[case("GÖTEBORG™")]
    #[case("„BLÅ“")]
    #[case("5 Å°")]
    #[case("Â")]
    #[case("5 µg/m² ± 2°")]
    #[case("日本")]
    #[case("😀 Привет")]
    #[case("Ÿ€")]
    fn right_text_is_left(#[case] text: &str) {
        assert_eq!(repair_once(text), None);
    }

    #[test]
    fn a_megabyte_takes_one_pass_per_round() {
        let text = "Ã©".repeat(500_000);
        assert_eq!(repair(&text), "é".repeat(500_000));
        let deep = (0..12).fold("é".to_owned(), |text, _| garble(&text));
        assert_eq!(repair(&deep), "é");
    }

    proptest! {
        #[test]
        fn text_without_a_lead_letter_is_untouched(text in "[^\u{C2}-\u{F4}]*") {
            prop_assert_eq!(repair_once(&text), None);
        }

        #[test]
        fn lead_letters_before_ascii_are_untouched(words in prop::collection::vec("[A-Za-zÀ-ÿ][a-z ,.!]", 0..20)) {
            prop_assert_eq!(repair_once(&words.concat()), None);
        }

        #[test]
        fn western_words_come_back(word in "[a-z]{1,5}[à-öø-ÿ][a-z]{1,5}", rounds in 1_usize..4) {
            let garbled = (0..rounds).fold(word.clone(), |text, _| garble(&text));
            prop_assert_eq!(repair(&garbled), word);
        }

        #[test]
        fn repairing_is_total_and_final(text in "[À-ÿ\u{80}-\u{BF}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸa-cA-C ]*") {
            let once = repair(&text).into_owned();
            prop_assert_eq!(repair(&once), once.as_str());
        }
    }
}
