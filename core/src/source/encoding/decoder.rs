//! Decodes the bytes of a text to UTF-8, piece by piece.

use encoding_rs::{Decoder as Other, DecoderResult, Encoding, WINDOWS_1252};

/// The most bytes that a byte of windows-1252 has in UTF-8.
const WIDEST: usize = 3;

/// How bytes become text.
pub(super) enum Decoder {
    /// UTF-8 in which each byte that is none is one of windows-1252.
    Mixed {
        /// Windows-1252 has no state that one byte could leave for the next one.
        stray: Other,
    },
    /// Any encoding.
    Pure(Other),
}

impl Decoder {
    pub(super) fn mixed() -> Self {
        Self::Mixed {
            stray: WINDOWS_1252.new_decoder_without_bom_handling(),
        }
    }

    pub(super) fn of(encoding: &'static Encoding) -> Self {
        Self::Pure(encoding.new_decoder_without_bom_handling())
    }

    /// Decodes as much of `source` as fits in `target`; returns the bytes that were read and
    /// written.
    ///
    /// [`DecoderResult::InputEmpty`] says that more is needed, to which bytes that were not read
    /// belong: a character may have begun with them.
    pub(super) fn decode(
        &mut self,
        source: &[u8],
        target: &mut [u8],
        is_last: bool,
    ) -> (DecoderResult, usize, usize) {
        match self {
            Self::Pure(decoder) => {
                decoder.decode_to_utf8_without_replacement(source, target, is_last)
            }
            Self::Mixed { stray } => mixed(stray, source, target, is_last),
        }
    }
}

fn mixed(
    decoder: &mut Other,
    source: &[u8],
    target: &mut [u8],
    is_last: bool,
) -> (DecoderResult, usize, usize) {
    let (mut read, mut written) = (0, 0);
    loop {
        let rest = source.get(read..).unwrap_or_default();
        let free = target.get_mut(written..).unwrap_or_default();
        let (valid, strays) = match std::str::from_utf8(rest) {
            Ok(_) => (rest.len(), 0),
            Err(error) => {
                let valid = error.valid_up_to();
                let cut = if is_last { rest.len() - valid } else { 0 };
                (valid, error.error_len().unwrap_or(cut))
            }
        };
        let fitting = whole_characters(rest.get(..valid).unwrap_or_default(), free.len());
        if let Some(free) = free.get_mut(..fitting.len()) {
            free.copy_from_slice(fitting);
        }
        read += fitting.len();
        written += fitting.len();
        if fitting.len() < valid {
            return (DecoderResult::OutputFull, read, written);
        }
        if strays == 0 {
            return (DecoderResult::InputEmpty, read, written);
        }
        let free = target.get_mut(written..).unwrap_or_default();
        if free.len() < strays * WIDEST {
            return (DecoderResult::OutputFull, read, written);
        }
        let bytes = source.get(read..read + strays).unwrap_or_default();
        let (_, _, width) = decoder.decode_to_utf8_without_replacement(bytes, free, false);
        read += strays;
        written += width;
    }
}

/// Cuts valid UTF-8 to at most so many bytes, between two characters.
fn whole_characters(valid: &[u8], bytes: usize) -> &[u8] {
    let is_start = |end: &usize| {
        valid
            .get(*end)
            .is_none_or(|byte| !(0x80..0xC0).contains(byte))
    };
    let end = (0..=bytes.min(valid.len())).rev().find(is_start);
    valid.get(..end.unwrap_or(0)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_is_never_cut() {
        for (bytes, kept) in [
            (0, ""),
            (1, "a"),
            (2, "a"),
            (3, "aé"),
            (4, "aé"),
            (6, "aé€"),
            (9, "aé€"),
        ] {
            assert_eq!(
                whole_characters("aé€".as_bytes(), bytes),
                kept.as_bytes(),
                "{bytes}"
            );
        }
    }

    #[test]
    fn a_small_target_is_filled_again_and_again() {
        let source = b"\xE9a\x80\xC3\xA9\xE2\x82";
        let mut decoder = Decoder::mixed();
        let (mut read, mut text) = (0, Vec::new());
        loop {
            let mut target = [0; 6];
            let (result, more, written) = decoder.decode(&source[read..], &mut target, true);
            read += more;
            text.extend_from_slice(&target[..written]);
            if result == DecoderResult::InputEmpty {
                break;
            }
            assert!(written > 0);
        }
        assert_eq!(String::from_utf8(text).unwrap(), "éa€éâ‚");
    }

    #[test]
    fn the_beginning_of_a_character_waits_for_its_end() {
        let mut target = [0; 16];
        let (result, read, written) = Decoder::mixed().decode(b"a\xE2\x82", &mut target, false);
        assert_eq!((result, read, written), (DecoderResult::InputEmpty, 1, 1));
    }
}
