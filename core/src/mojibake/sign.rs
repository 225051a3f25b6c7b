//! Signs: what a run says about the text around it, by its characters and its neighbours.

/// How much a run that decodes says about the text around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// Right text does not look like this.
    Certain,
    /// Right text may look like this; repaired only beside a certain sign.
    Possible,
    /// Possible alone; two in a row are certain, as in Greek, Cyrillic or Japanese words.
    Script,
    /// Like [`Sign::Script`], but of a letter and closing marks: two of these in a row are not
    /// certain ("Ö…Ö…"), and one that ends a right word is not repaired ("“Ñ”").
    Weak,
    /// The second half of what Latin-1 and then windows-1252 made: certain behind a run and
    /// inside a word ("cÃ…Â“ur").
    Tail,
}

/// The neighbours of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around {
    /// The character in front of it, decoded if it was a run.
    pub(super) before: Option<char>,
    /// The character in front of it was a run.
    pub(super) behind_run: bool,
    /// The character behind it, as it is.
    pub(super) after: Option<char>,
}

impl Around {
    fn behind_capital(self) -> bool {
        self.before.is_some_and(char::is_uppercase)
    }

    fn behind_small(self) -> bool {
        self.before.is_some_and(char::is_lowercase)
    }

    /// Ends a word, or a quotation of one letter, that is right as it is.
    pub(super) fn ends_right_word(self) -> bool {
        let opened = matches!(self.before, Some('“' | '„' | '‘' | '‚' | '«' | '‹'));
        !self.behind_run
            && !self.inside_word()
            && (opened || self.before.is_some_and(char::is_alphabetic))
    }

    fn starts_word(self) -> bool {
        !self.before.is_some_and(char::is_alphanumeric) && self.inside_word()
    }

    /// A letter follows.
    pub(super) fn inside_word(self) -> bool {
        self.after.is_some_and(char::is_alphabetic)
    }
}

/// Tells whether a mark may close a word, or part it from the next. U+0085 is a line break.
const fn closes(mark: char) -> bool {
    matches!(
        mark,
        '\u{85}' | '\u{A0}' | '’' | '‘' | '“' | '”' | '…' | '–' | '—' | '»' | '™' | '®'
    )
}

/// Tells whether a character is one of the letters of windows-1252 outside Latin-1 ("ƒ" is none).
const fn is_letter(character: char) -> bool {
    matches!(character, 'Š' | 'š' | 'Ž' | 'ž' | 'Œ' | 'œ' | 'Ÿ')
}

/// Tells whether a closing mark parts two words when no space is beside it.
const fn parts_words(mark: char) -> bool {
    matches!(mark, '\u{85}' | '\u{A0}' | '’' | '…' | '–' | '—')
}

/// Tells whether a character may follow a letter in right text, so that its presence says nothing.
const fn follows_letters(character: char) -> bool {
    closes(character)
        || is_letter(character)
        || matches!(
            character,
            '°' | '²' | '³' | '¹' | 'ª' | 'º' | '«' | '©' | '·' | 'ƒ'
        )
}

/// Tells whether two characters may follow a letter; behind a mark that parts words or opens a
/// quotation, anything may stand ("fixé £50").
fn both_follow_letters(second: char, third: char, around: Around) -> bool {
    let footnote = matches!(third, '†' | '‡') && !around.inside_word();
    follows_letters(second)
        && (follows_letters(third)
            || footnote
            || parts_words(second)
            || matches!(second, '‘' | '“' | '”' | '«'))
}

const fn possible_if(natural: bool) -> Sign {
    if natural {
        Sign::Possible
    } else {
        Sign::Certain
    }
}

/// Weighs a run by what it is made of, what it decodes to, and its neighbours; `None` when no
/// text holds what it decodes to.
pub(super) fn judge(
    lead: char,
    following: [char; 3],
    decoded: char,
    around: Around,
) -> Option<Sign> {
    let [second, third, _] = following;
    // "‚Ä" and "√Ä" are what a Mac makes of UTF-8: another mistake, and not half undone here.
    if !around.behind_run && matches!(around.before, Some('‚' | '√')) {
        return None;
    }
    let sign = match lead {
        'Â' => judge_sign(second, decoded, around),
        'Ã' => judge_western(second, around),
        'Ä' | 'Å' => judge_latin_extended(second, around),
        // What a second round leaves of "Ã", "ˆ" and "˜".
        'Æ' | 'Ë' if matches!(decoded, 'ƒ' | 'ˆ' | '˜') => Sign::Possible,
        'Æ' if matches!(decoded, 'Ơ' | 'ơ' | 'Ư' | 'ư') => {
            judge_latin_extended(second, around)
        }
        // Accents that stand behind their letter, as a Mac writes them.
        'Ì' => judge_latin_extended(second, around),
        'È' if ('\u{218}'..='\u{21B}').contains(&decoded) => judge_latin_extended(second, around),
        'Î' | 'Ï' if decoded.is_alphabetic() => judge_greek(second, around),
        // Cyrillic, Armenian, Hebrew, Arabic with its digits and marks.
        'Ð'..='Ö' | 'Ø'..='Û'
            if decoded.is_alphanumeric() || ('\u{600}'..='\u{6FF}').contains(&decoded) =>
        {
            script(second)
        }
        // The letters alone: the ligatures of Yiddish are what "×" makes with "°", "±" and "²".
        '×' if ('\u{5D0}'..='\u{5EA}').contains(&decoded) => script(second),
        // "âœ" begins check marks and other ornaments; no language has these two letters in a row.
        'â' if ('\u{2000}'..='\u{2BFF}').contains(&decoded) => {
            possible_if(second != 'œ' && follows_letters(second))
        }
        // Byte order mark, ligatures, full-width forms.
        'ï' if ('\u{FB00}'..='\u{FFEF}').contains(&decoded) => {
            possible_if(follows_letters(second) && decoded != '\u{FEFF}')
        }
        // Devanagari to Thai.
        'à' if ('\u{900}'..='\u{E7F}').contains(&decoded) => Sign::Script,
        // "áš" begins Ogham and runes, and ends a Slavic word.
        'á' if second == 'š' => return None,
        // Georgian, Vietnamese; kana and its punctuation, Chinese, Korean.
        'á'..='í' if decoded.is_alphabetic() || ('\u{3000}'..='\u{303F}').contains(&decoded) => {
            if is_control(second)
                || is_control(third)
                || !both_follow_letters(second, third, around)
            {
                Sign::Certain
            } else if closes(second) && closes(third) {
                Sign::Weak
            } else {
                Sign::Script
            }
        }
        // Emoji and everything else above U+FFFF.
        'ð' => Sign::Certain,
        _ => return None,
    };
    Some(sign)
}

/// Weighs a letter or no-break space whose byte 0xA0 became a plain space.
///
/// Only what leaves no choice is weighed: behind "Ã" a second space, or the end of the word in
/// another way, tells that the first belongs to the letter ("GrÃ cia" could be two words).
pub(super) fn judge_plain_space(lead: char, around: Around) -> Option<(char, Sign)> {
    let ends_word = !around.after.is_some_and(char::is_alphanumeric);
    let behind_word = around.before.is_some_and(char::is_alphanumeric);
    let beside = |leads: [char; 2]| {
        around.behind_run || around.after.is_some_and(|after| leads.contains(&after))
    };
    match lead {
        // No word ends in "Â".
        'Â' => {
            let behind_digit = around.before.is_some_and(char::is_numeric);
            Some((
                '\u{A0}',
                possible_if(!around.behind_small() && !behind_digit),
            ))
        }
        'Ã' if ends_word && (around.behind_small() || !behind_word) => {
            Some(('à', possible_if(!around.behind_small())))
        }
        // Inside a garbled word; "Å" alone is a Nordic word.
        'Å' if around.behind_run => Some(('Š', Sign::Possible)),
        'Î' if beside(['Î', 'Ï']) => Some(('Π', Sign::Possible)),
        'Ð' if beside(['Ð', 'Ñ']) => Some(('Р', Sign::Possible)),
        _ => None,
    }
}

/// Tells whether a mark is a control that no right text holds.
fn is_control(mark: char) -> bool {
    mark.is_control() && mark != '\u{85}'
}

/// U+0080 to U+00BF. A lone "Â" ends hardly any word, so only capitals make it doubtful.
fn judge_sign(second: char, decoded: char, around: Around) -> Sign {
    if decoded >= '\u{A0}' {
        let natural = matches!(second, '\u{A0}' | '®' | '»')
            && (around.behind_capital() || around.after == Some('»'));
        return possible_if(natural);
    }
    // What a second round leaves of the bytes that are controls in Latin-1.
    if second.is_control() {
        Sign::Certain
    } else {
        Sign::Tail
    }
}

/// "À" to "ÿ". Portuguese words in capitals end in "Ã": MAÇÃ, IRMÃ.
fn judge_western(second: char, around: Around) -> Sign {
    let ends_word = closes(second) && (parts_words(second) || !around.inside_word());
    // "Ã" is no word, so what stands between two spaces or behind a digit is "à" or "×".
    let alone = match second {
        '\u{A0}' => around.after == Some(' ') && !around.before.is_some_and(char::is_alphanumeric),
        '—' => {
            around.before.is_some_and(char::is_numeric)
                || (around.before == Some(' ') && around.after == Some(' '))
        }
        _ => false,
    };
    possible_if(ends_word && !around.behind_small() && !around.starts_word() && !alone)
}

/// Polish, Czech, Hungarian, Turkish, Romanian, Vietnamese letters and "œ". A capital stands
/// behind no small letter, most marks between no two letters, and capitals and small letters take
/// no turns.
fn judge_latin_extended(second: char, around: Around) -> Sign {
    let mixed = (second.is_lowercase() && around.after.is_some_and(char::is_uppercase))
        || (second.is_uppercase() && around.after.is_some_and(char::is_lowercase));
    let inside_word = around.inside_word() && !is_letter(second) && !parts_words(second);
    possible_if(follows_letters(second) && !around.behind_small() && !inside_word && !mixed)
}

/// The letters that stand together in a word, by a number of their own; those of East and South Asia
/// have one, for they take two or three scripts to a word.
///
/// A word in two alphabets is an accident: "ÑANDÚ ×²" reads as an Arabic and a Hebrew letter.
pub(super) const fn alphabet(decoded: char) -> u8 {
    match decoded {
        '\u{370}'..='\u{3FF}' => 1,
        '\u{400}'..='\u{52F}' => 2,
        '\u{530}'..='\u{58F}' => 3,
        '\u{590}'..='\u{5FF}' => 4,
        '\u{600}'..='\u{6FF}' => 5,
        _ => 0,
    }
}

/// Greek. No word but a Romanian verb in capitals ends in "Î", none in "Ï".
fn judge_greek(second: char, around: Around) -> Sign {
    if !closes(second) && !is_letter(second) && !around.behind_capital() {
        Sign::Certain
    } else {
        script(second)
    }
}

fn script(second: char) -> Sign {
    if is_control(second) {
        Sign::Certain
    } else if closes(second) || is_letter(second) {
        Sign::Weak
    } else {
        Sign::Script
    }
}
