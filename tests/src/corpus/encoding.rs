//! Text in every encoding, said and unsaid, sound and cut in the middle of a character.

use super::Cases;

const ROWS: &str = "Customer Id;Occupation;Type\n1;Künstler für Möbel;Grün\n2;художник;красный\n3;画家;赤い\n4;화가;빨간\n5;ζωγράφος;κόκκινο\n6;צייר;אדום\n7;رسام;أحمر\n8;จิตรกร;แดง\n";

/// The labels of all encodings of the web standard.
const LABELS: [&str; 38] = [
    "utf-8",
    "ibm866",
    "iso-8859-2",
    "iso-8859-3",
    "iso-8859-4",
    "iso-8859-5",
    "iso-8859-6",
    "iso-8859-7",
    "iso-8859-8",
    "iso-8859-8-i",
    "iso-8859-10",
    "iso-8859-13",
    "iso-8859-14",
    "iso-8859-15",
    "iso-8859-16",
    "koi8-r",
    "koi8-u",
    "macintosh",
    "windows-874",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "x-mac-cyrillic",
    "gbk",
    "gb18030",
    "big5",
    "euc-jp",
    "iso-2022-jp",
    "shift_jis",
    "euc-kr",
    "utf-16be",
    "utf-16le",
];

pub(super) fn add(cases: &mut Cases) {
    for label in LABELS {
        for (name, times) in [("once", 1), ("often", 60)] {
            // The header comes once, the rows often.
            let (header, rows) = ROWS.split_once('\n').unwrap_or((ROWS, ""));
            let text = format!("{header}\n{}", rows.repeat(times));
            let lines: Vec<String> = text.lines().map(str::to_owned).collect();
            cases.text(
                "encoding",
                format!("{label} {name}, all languages"),
                move || encoded(label, &text),
            );
            // Only what the encoding can write, so that it is truly text in it.
            cases.text(
                "encoding",
                format!("{label} {name}, its own languages"),
                move || {
                    let own: Vec<u8> = lines
                        .iter()
                        .filter(|line| writes(label, line))
                        .flat_map(|line| encoded(label, &format!("{line}\r\n")))
                        .collect();
                    own
                },
            );
        }
        for cut in 1..12 {
            cases.text("encoding", format!("{label}, {cut} bytes cut"), move || {
                let mut bytes = encoded(label, ROWS);
                bytes.truncate(bytes.len().saturating_sub(cut));
                bytes
            });
        }
    }
    wide(cases);
}

fn encoded(label: &str, text: &str) -> Vec<u8> {
    match label {
        "utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-16be" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        _ => encoding(label).encode(text).0.into_owned(),
    }
}

fn writes(label: &str, text: &str) -> bool {
    label.starts_with("utf-16") || !encoding(label).encode(text).2
}

fn encoding(label: &str) -> &'static encoding_rs::Encoding {
    encoding_rs::Encoding::for_label(label.as_bytes()).expect("a label of the standard")
}

/// What no list of encodings for the web has, and marks that do not say the truth.
fn wide(cases: &mut Cases) {
    let little: Vec<u8> = ROWS
        .chars()
        .flat_map(|letter| u32::from(letter).to_le_bytes())
        .collect();
    let big: Vec<u8> = ROWS
        .chars()
        .flat_map(|letter| u32::from(letter).to_be_bytes())
        .collect();
    let half: Vec<u8> = encoded("utf-16le", ROWS);
    let half_big: Vec<u8> = encoded("utf-16be", ROWS);
    let plain = ROWS.as_bytes().to_vec();
    let ebcdic: Vec<u8> = "Customer Id,Occupation,Type\n1,Jedi,Red\n"
        .bytes()
        .map(in_ebcdic)
        .collect();
    let utf7 = b"Customer Id,Occupation,Type\n1,+U,K+APw-nstler\n".to_vec();
    let contents = [
        ("UTF-32 LE", little),
        ("UTF-32 BE", big),
        ("UTF-16 LE", half),
        ("UTF-16 BE", half_big),
        ("UTF-8", plain),
        ("EBCDIC", ebcdic),
        ("UTF-7", utf7),
    ];
    let marks: [(&str, &[u8]); 9] = [
        ("no mark", b""),
        ("UTF-8", b"\xEF\xBB\xBF"),
        ("UTF-16 LE", b"\xFF\xFE"),
        ("UTF-16 BE", b"\xFE\xFF"),
        ("UTF-32 LE", b"\xFF\xFE\0\0"),
        ("UTF-32 BE", b"\0\0\xFE\xFF"),
        ("UTF-7", b"+/v8-"),
        ("GB 18030", b"\x84\x31\x95\x33"),
        ("UTF-8 twice", b"\xEF\xBB\xBF\xEF\xBB\xBF"),
    ];
    for (name, content) in &contents {
        for (mark_name, mark) in marks {
            for cut in [0, 1, 2, 3] {
                let content = [mark, &content[..content.len() - cut]].concat();
                cases.text(
                    "marks",
                    format!("{name} after the mark {mark_name}, {cut} cut"),
                    move || content.clone(),
                );
            }
        }
    }
    for (name, units) in [
        ("a lone high surrogate", vec![0xD800]),
        ("a lone low surrogate", vec![0xDC00]),
        ("swapped surrogates", vec![0xDC00, 0xD800]),
        ("NUL", vec![0, 0, 0]),
        ("a mark inside", vec![0xFEFF]),
        ("a swapped mark inside", vec![0xFFFE]),
    ] {
        for rows in [1, 100] {
            let units = units.clone();
            cases.text(
                "marks",
                format!("UTF-16 with {name}, {rows} times"),
                move || {
                    let mut all: Vec<u16> = vec![0xFEFF];
                    all.extend("Customer Id,Occupation,Type\n".encode_utf16());
                    for _ in 0..rows {
                        all.extend("1,Je".encode_utf16());
                        all.extend(&units);
                        all.extend("di,Red\n".encode_utf16());
                    }
                    all.into_iter().flat_map(u16::to_le_bytes).collect()
                },
            );
        }
    }
}

/// Code page 037, for the letters that are needed.
fn in_ebcdic(byte: u8) -> u8 {
    match byte {
        b'A'..=b'I' => byte - b'A' + 0xC1,
        b'J'..=b'R' => byte - b'J' + 0xD1,
        b'S'..=b'Z' => byte - b'S' + 0xE2,
        b'a'..=b'i' => byte - b'a' + 0x81,
        b'j'..=b'r' => byte - b'j' + 0x91,
        b's'..=b'z' => byte - b's' + 0xA2,
        b'0'..=b'9' => byte - b'0' + 0xF0,
        b',' => 0x6B,
        b'\n' => 0x25,
        _ => 0x40,
    }
}
