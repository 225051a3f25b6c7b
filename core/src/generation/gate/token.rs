//! Splits a sentence into words, numbers and marks.

/// A piece of a sentence; white space is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// Letters, with hyphens and apostrophes between them.
    Word(String),
    /// Digits, with `.,:/-` between them.
    Number(String),
    /// Any other character.
    Mark(char),
}

impl Token {
    /// Returns a word in lower case.
    pub(super) fn word(&self) -> Option<String> {
        match self {
            Self::Word(word) => Some(word.to_lowercase()),
            Self::Number(_) | Self::Mark(_) => None,
        }
    }
}

/// Reads a number whose commas, if any, group thousands: `3,1` is none.
pub(super) fn whole(number: &str) -> Option<u64> {
    let mut groups = number.split(',');
    let first = groups.next()?;
    let grouped = !number.contains(',') || first.len() <= 3;
    let thousands = groups.all(|group| group.len() == 3);
    (grouped && thousands)
        .then(|| number.replace(',', "").parse().ok())
        .flatten()
}

/// Splits a sentence.
pub(super) fn split(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(first) = characters.next() {
        let digit = first.is_ascii_digit();
        if !digit && !first.is_alphabetic() {
            if !first.is_whitespace() {
                tokens.push(Token::Mark(first));
            }
            continue;
        }
        let belongs = |c: char| {
            if digit {
                c.is_ascii_digit()
            } else {
                c.is_alphabetic()
            }
        };
        let joins = |c: char| {
            if digit {
                matches!(c, '.' | ',' | ':' | '/' | '-')
            } else {
                matches!(c, '-' | '\'' | '’')
            }
        };
        let mut piece = String::from(first);
        while let Some(&next) = characters.peek() {
            if belongs(next) {
                piece.push(next);
                characters.next();
                continue;
            }
            let mut ahead = characters.clone();
            ahead.next();
            if joins(next) && ahead.peek().is_some_and(|after| belongs(*after)) {
                piece.push(next);
                characters.next();
            } else {
                break;
            }
        }
        tokens.push(if digit {
            Token::Number(piece)
        } else {
            Token::Word(piece)
        });
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_group_thousands() {
        for (number, value) in [
            ("31", Some(31)),
            ("1,234", Some(1_234)),
            ("3,1", None),
            ("1234,567", None),
            ("1,2345", None),
        ] {
            assert_eq!(whole(number), value, "{number}");
        }
    }

    #[test]
    fn splits() {
        let word = |text: &str| Token::Word(text.to_owned());
        let number = |text: &str| Token::Number(text.to_owned());
        assert_eq!(
            split("don't call 5th, on 2020-02-11."),
            [
                word("don't"),
                word("call"),
                number("5"),
                word("th"),
                Token::Mark(','),
                word("on"),
                number("2020-02-11"),
                Token::Mark('.')
            ]
        );
    }
}
