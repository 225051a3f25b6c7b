//! Runs: the characters that one character became when its UTF-8 was read as windows-1252.

use std::str::CharIndices;
use std::sync::LazyLock;

use encoding_rs::WINDOWS_1252;

use super::sign::{Around, Sign, judge, judge_plain_space};

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
    #[cfg(test)]
    super::tests::count_look();
    if let Ok(byte) = u8::try_from(u32::from(character)) {
        return Some(byte);
    }
    let position = UPPER.iter().position(|&upper| upper == character)?;
    u8::try_from(position).ok().map(|offset| 0x80 + offset)
}

/// A run of characters that decodes to one character.
pub(super) struct Run {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) decoded: char,
    pub(super) sign: Sign,
    pub(super) around: Around,
}

/// Finds the runs of a text from left to right, looking at each character at most four times.
pub(super) fn find_runs(text: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut before = None;
    let mut behind_run = false;
    let mut rest = text.char_indices();
    while let Some((start, lead)) = rest.next() {
        let seen = Before {
            character: before,
            behind_run,
        };
        let found = run_at(start, lead, rest.clone(), seen)
            .or_else(|| plain_space_at(start, lead, rest.clone(), seen));
        behind_run = found.is_some();
        if let Some((run, after)) = found {
            before = Some(run.decoded);
            runs.push(run);
            rest = after;
        } else {
            before = Some(lead);
        }
    }
    runs
}

/// What stands in front of a run: as it is, or as it is repaired.
#[derive(Clone, Copy)]
struct Before {
    character: Option<char>,
    behind_run: bool,
}

impl Before {
    fn and(self, after: Option<(usize, char)>) -> Around {
        Around {
            before: self.character,
            behind_run: self.behind_run,
            after: after.map(|(_, character)| character),
        }
    }
}

/// Reads the run that starts with `lead`, if its bytes are valid UTF-8 of a plausible kind.
fn run_at<'t>(
    start: usize,
    lead: char,
    mut rest: CharIndices<'t>,
    before: Before,
) -> Option<(Run, CharIndices<'t>)> {
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
    let around = before.and(rest.clone().next());
    let sign = judge(lead, following, decoded, around)?;
    let run = Run {
        start,
        end: rest.offset(),
        decoded,
        sign,
        around,
    };
    Some((run, rest))
}

/// Reads a letter or a no-break space whose byte 0xA0 became a plain space.
fn plain_space_at<'t>(
    start: usize,
    lead: char,
    mut rest: CharIndices<'t>,
    before: Before,
) -> Option<(Run, CharIndices<'t>)> {
    if !matches!(lead, 'Â' | 'Ã' | 'Å' | 'Î' | 'Ð') || rest.next()?.1 != ' ' {
        return None;
    }
    let around = before.and(rest.clone().next());
    let (decoded, sign) = judge_plain_space(lead, around)?;
    let run = Run {
        start,
        end: rest.offset(),
        decoded,
        sign,
        around,
    };
    Some((run, rest))
}
