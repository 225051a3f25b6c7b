//! Foreign text in an error message: short, on one line, without control characters.

/// The longest excerpt, in characters.
const LONGEST: usize = 300;

/// Returns the beginning of a text that is fit for an error message.
pub(crate) fn excerpt(text: &str) -> String {
    let mut words = String::new();
    let mut length = 0_usize;
    // A text of many megabytes is cut before its words are looked at.
    for word in text.split(|c: char| c.is_whitespace() || c.is_control() || invisible(c)) {
        if word.is_empty() {
            continue;
        }
        for c in std::iter::once(' ')
            .chain(word.chars())
            .skip(usize::from(length == 0))
        {
            if length == LONGEST {
                words.push('…');
                return words;
            }
            words.push(c);
            length += 1;
        }
    }
    words
}

/// Returns whether a character turns the direction of a text or hides in it.
fn invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn keeps_one_short_line() {
        assert_eq!(
            excerpt("  no such\r\n model\u{1b}[2J\0 "),
            "no such model [2J"
        );
        assert_eq!(excerpt("a\u{202e}b"), "a b");
        assert_eq!(excerpt(""), "");
        assert_eq!(excerpt(&"x".repeat(300)), "x".repeat(300));
        assert_eq!(excerpt(&"ä ".repeat(300)).chars().count(), 301);
    }
}
