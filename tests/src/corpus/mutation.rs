//! Sound files that were damaged: on the way, by a bad disk, by a program, or on purpose.

use std::sync::Arc;

use super::Cases;
use super::book::{ALL, Book};
use super::seed::{Seed, large, small};

/// Damaged copies of each large seed in each way.
const OF_LARGE: usize = 60;
/// Damaged copies of each small seed in each way.
const OF_SMALL: usize = 250;
/// Sound archives with a damaged part, for each part.
const OF_PART: usize = 180;

pub(super) fn add(cases: &mut Cases) {
    for seed in small() {
        for length in 0..seed.content.len() {
            let name = format!("{} at {length}", seed.name);
            mutated(cases, "truncated", &seed, name, move |content| {
                content.truncate(length)
            });
            let name = format!("{} at {length}", seed.name);
            let bit = 1 << (length % 8);
            mutated(cases, "flipped", &seed, name, move |content| {
                content[length] ^= bit
            });
        }
        chances(cases, &seed, OF_SMALL);
    }
    for seed in large() {
        let mut chance = cases.chance(seed.name);
        for _ in 0..OF_LARGE {
            let length = chance.usize(..seed.content.len());
            let name = format!("{} at {length}", seed.name);
            mutated(cases, "cut", &seed, name, move |content| {
                content.truncate(length)
            });
        }
        chances(cases, &seed, OF_LARGE);
    }
    parts(cases);
}

fn mutated(
    cases: &mut Cases,
    family: &'static str,
    seed: &Seed,
    name: String,
    change: impl Fn(&mut Vec<u8>) + Send + Sync + 'static,
) {
    let content = seed.content.clone();
    // A large seed may be cut twice at the same byte.
    let last = cases.list.iter().rev().take(OF_LARGE);
    if last
        .clone()
        .any(|case| case.family == family && case.name == name)
    {
        return;
    }
    cases.add(family, name, "damaged", seed.format, move || {
        let mut content = content.to_vec();
        change(&mut content);
        content
    });
}

/// Damages a seed by chance, in every way `count` times.
fn chances(cases: &mut Cases, seed: &Seed, count: usize) {
    type Change = fn(&mut Vec<u8>, &mut fastrand::Rng);
    let ways: [(&'static str, Change); 6] = [
        ("bits", |content, chance| flip_bits(content, chance)),
        ("inserted", insert),
        ("deleted", delete),
        ("spliced", splice),
        ("overwritten", |content, chance| overwrite(content, chance)),
        ("extreme", |content, chance| extreme(content, chance)),
    ];
    for (family, change) in ways {
        let mut chance = cases.chance(&format!("{family} {}", seed.name));
        for number in 0..count {
            let state = chance.u64(..);
            let name = format!("{} {number}", seed.name);
            let seed_content = seed.content.clone();
            cases.add(family, name, "damaged", seed.format, move || {
                let mut content = seed_content.to_vec();
                change(&mut content, &mut fastrand::Rng::with_seed(state));
                content
            });
        }
    }
}

fn flip_bits(content: &mut [u8], chance: &mut fastrand::Rng) {
    for _ in 0..chance.usize(2..20) {
        let at = chance.usize(..content.len());
        content[at] ^= 1 << chance.u8(..8);
    }
}

fn insert(content: &mut Vec<u8>, chance: &mut fastrand::Rng) {
    const TEXTS: [&[u8]; 12] = [
        b"\0",
        b"\xFF",
        b"\"",
        b"\r",
        b"\n\n",
        b",",
        b"<",
        b"&",
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"\xEF\xBB\xBF",
        b"\x1A",
    ];
    for _ in 0..chance.usize(1..8) {
        let at = chance.usize(..=content.len());
        let text = TEXTS[chance.usize(..TEXTS.len())];
        content.splice(at..at, text.iter().copied());
    }
}

fn delete(content: &mut Vec<u8>, chance: &mut fastrand::Rng) {
    for _ in 0..chance.usize(1..5) {
        let at = chance.usize(..content.len());
        let end = (at + chance.usize(1..16)).min(content.len());
        if end - at < content.len() {
            content.drain(at..end);
        }
    }
}

/// Copies a piece of the file to another place.
fn splice(content: &mut Vec<u8>, chance: &mut fastrand::Rng) {
    for _ in 0..chance.usize(1..4) {
        let at = chance.usize(..content.len());
        let end = (at + chance.usize(1..400)).min(content.len());
        let piece = content[at..end].to_vec();
        let to = chance.usize(..=content.len());
        content.splice(to..to, piece);
    }
}

fn overwrite(content: &mut [u8], chance: &mut fastrand::Rng) {
    let at = chance.usize(..content.len());
    let end = (at + chance.usize(1..64)).min(content.len());
    content[at..end].fill_with(|| chance.u8(..));
}

/// Puts the smallest and largest numbers where a field of four bytes may be.
fn extreme(content: &mut [u8], chance: &mut fastrand::Rng) {
    const NUMBERS: [u32; 6] = [0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF];
    for _ in 0..chance.usize(1..4) {
        let at = chance.usize(..content.len());
        let number = NUMBERS[chance.usize(..NUMBERS.len())].to_le_bytes();
        for (place, byte) in content[at..].iter_mut().zip(number) {
            *place = byte;
        }
    }
}

/// Damages the text of a part before it is zipped, so that no checksum catches it.
fn parts(cases: &mut Cases) {
    const TEXTS: [&str; 40] = [
        "<",
        ">",
        "\"",
        "&",
        "'",
        "/",
        "=",
        "</c>",
        "<c>",
        "<row>",
        "</row>",
        "<v>",
        "</v>",
        "<si>",
        "</sst>",
        "<xf/>",
        "<!--",
        "-->",
        "]]>",
        "<![CDATA[",
        "<?x?>",
        "é",
        "\u{0}",
        "\u{feff}",
        "-1",
        "9999999999",
        "99999999999999999999999",
        "A0",
        "ZZZ9999999",
        "XFD1048576",
        "_x0000_",
        "_xD800_",
        "&#0;",
        "&#x110000;",
        "&#xD800;",
        "&amp;",
        "NaN",
        " r=''",
        "<t>",
        "",
    ];
    let book = Arc::new(Book::sound());
    for part in ALL {
        let mut chance = cases.chance(part);
        for number in 0..OF_PART {
            let state = chance.u64(..);
            let book = book.clone();
            cases.workbook("part", format!("{part} {number}"), move || {
                let mut chance = fastrand::Rng::with_seed(state);
                let mut text = book.text(part);
                for _ in 0..chance.usize(1..6) {
                    let at = text.floor_char_boundary(chance.usize(..=text.len()));
                    let end = text.floor_char_boundary((at + chance.usize(..12)).min(text.len()));
                    text.replace_range(at..end.max(at), TEXTS[chance.usize(..TEXTS.len())]);
                }
                Book::clone(&book).with(part, text).zip()
            });
        }
    }
}
