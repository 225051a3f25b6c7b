//! Delimited text that is none.

use super::Cases;

const HEADER: &str = "Date Start,Interaction,Customers,Topic,Sentiment";
const ROW: &str = "13/01/2020 09:00,Email,1,Drug Efficacy,Positive";

pub(super) fn add(cases: &mut Cases) {
    lines(cases);
    quotes(cases);
    wide(cases);
    bytes(cases);
    other_files(cases);
}

fn lines(cases: &mut Cases) {
    let ends = [
        ("CR", "\r"),
        ("LF", "\n"),
        ("CR LF", "\r\n"),
        ("LF CR", "\n\r"),
        ("CR CR LF", "\r\r\n"),
        ("NEL", "\u{85}"),
        ("line separator", "\u{2028}"),
        ("form feed", "\u{c}"),
        ("vertical tab", "\u{b}"),
        ("record separator", "\u{1e}"),
        ("NUL", "\0"),
        ("none", ""),
        ("blank", " "),
        ("semicolon", ";"),
    ];
    for (name, end) in ends {
        for rows in [0, 1, 100, 2_000] {
            cases.text("lines", format!("{rows} ended by {name}"), move || {
                format!("{HEADER}{end}{}", format!("{ROW}{end}").repeat(rows)).into_bytes()
            });
        }
    }
    for (name, unit) in [
        ("x", "x"),
        ("commas", ","),
        ("quotes", "\""),
        ("pairs of quotes", "\"\""),
        ("blanks", " "),
        ("tabs", "\t"),
        ("CR", "\r"),
        ("LF", "\n"),
        ("NUL", "\0"),
        ("header", HEADER),
        ("bytes FF", "\u{ff}"),
        ("semicolons and commas", ",;|\t"),
        ("quoted commas", "\",\""),
        ("zero width", "\u{200b}"),
        ("combining", "a\u{301}\u{302}\u{303}"),
        ("right to left", "\u{202e}ab"),
        ("digits", "9"),
        ("minus", "-"),
    ] {
        for bytes in [100, 60_000, 130_000, 140_000, 2_000_000] {
            cases.text("endless", format!("{bytes} of {name}"), move || {
                unit.repeat(bytes / unit.len()).into_bytes()
            });
            cases.text(
                "endless",
                format!("{bytes} of {name} below a header"),
                move || format!("{HEADER}\n{}", unit.repeat(bytes / unit.len())).into_bytes(),
            );
        }
        cases.text(
            "endless",
            format!("60 MB of {name} below a header"),
            move || format!("{HEADER}\n{}", unit.repeat(60_000_000 / unit.len())).into_bytes(),
        );
        cases.heavy_if(true);
    }
}

fn quotes(cases: &mut Cases) {
    let fields = [
        "\"", "\"a", "a\"", "a\"b", "\"a\"b", "\"\"\"", "\"a\"\"", "'a'", "“a”", "\"a\nb\"",
        "\"\r\"", "\\\"a", "\"a\\\"", "\"a\" ", " \"a\"", "=\"1\"", "`a`", "\"\0\"",
    ];
    for (index, field) in fields.into_iter().enumerate() {
        for column in 0..5 {
            cases.text("quotes", format!("{index} in column {column}"), move || {
                let mut cells: Vec<&str> = ROW.split(',').collect();
                cells[column] = field;
                format!(
                    "{HEADER}\n{}\n{}\n",
                    cells.join(","),
                    format!("{ROW}\n").repeat(20)
                )
                .into_bytes()
            });
        }
        cases.text("quotes", format!("{index} in the header"), move || {
            format!("{}\n{ROW}\n", HEADER.replacen("Topic", field, 1)).into_bytes()
        });
    }
    // An open quote takes the rest of the file.
    for rows in [10, 2_000, 40_000] {
        cases.text("quotes", format!("open before {rows} rows"), move || {
            format!(
                "{HEADER}\n13/01/2020,Email,1,\"open,x\n{}",
                format!("{ROW}\n").repeat(rows)
            )
            .into_bytes()
        });
    }
    let delimiters = [
        ",", ";", "\t", "|", ":", " ", "^", "\u{1f}", "||", ", ", "¦", "，",
    ];
    for first in delimiters {
        for second in delimiters {
            cases.text(
                "delimiters",
                format!("{first:?} and {second:?}"),
                move || {
                    let header = HEADER.replace(',', first);
                    let rows = [ROW.replace(',', second), ROW.replace(',', first)].join("\n");
                    format!("{header}\n{rows}\n").into_bytes()
                },
            );
        }
    }
}

fn wide(cases: &mut Cases) {
    for columns in [6, 255, 256, 257, 1_024, 16_384, 16_385, 200_000] {
        for (name, in_header, in_rows) in [
            ("in the header", true, false),
            ("in a row", false, true),
            ("in both", true, true),
        ] {
            cases.text("columns", format!("{columns} {name}"), move || {
                let more = |wanted: bool, text: &str| {
                    if wanted {
                        format!(",{text}").repeat(columns - 5)
                    } else {
                        String::new()
                    }
                };
                format!(
                    "{HEADER}{}\n{ROW}{}\n",
                    more(in_header, "x"),
                    more(in_rows, "y")
                )
                .into_bytes()
            });
        }
        cases.text("columns", format!("{columns} empty ones"), move || {
            format!("{HEADER}{0}\n{ROW}{0}\n", ",".repeat(columns - 5)).into_bytes()
        });
        cases.text(
            "columns",
            format!("{columns} with the same header"),
            move || format!("{HEADER}{}\n{ROW}\n", ",Topic".repeat(columns - 5)).into_bytes(),
        );
        cases.text(
            "columns",
            format!("{columns} rows of another width each"),
            move || {
                let rows: String = (0..columns.min(600))
                    .map(|width| format!("{}\n", "a,".repeat(width)))
                    .collect();
                format!("{HEADER}\n{rows}").into_bytes()
            },
        );
    }
    for rows in [1_000, 50_000, 2_000_000] {
        for (name, row) in [
            ("empty", ""),
            ("of commas", ",,,,"),
            ("rejected", "never,Email,x,y,z"),
            ("one cell", "a"),
        ] {
            cases.text("rows", format!("{rows} {name}"), move || {
                format!("{HEADER}\n{}{ROW}\n", format!("{row}\n").repeat(rows)).into_bytes()
            });
            cases.heavy_if(rows > 10_000);
        }
    }
    for preamble in [1, 10, 50, 1_000, 100_000] {
        cases.text(
            "rows",
            format!("{preamble} lines before the header"),
            move || {
                format!(
                    "{}{HEADER}\n{ROW}\n",
                    "Report of the year\n".repeat(preamble)
                )
                .into_bytes()
            },
        );
    }
}

fn bytes(cases: &mut Cases) {
    // Every byte value, alone, in a cell, and in the header.
    for byte in 0..=255_u8 {
        cases.text("byte", format!("{byte:#04x} alone"), move || vec![byte]);
        cases.text("byte", format!("{byte:#04x} in a cell"), move || {
            let mut text = format!("{HEADER}\n13/01/2020 09:00,Em").into_bytes();
            text.push(byte);
            text.extend_from_slice(b"ail,1,Drug,Positive\n");
            text
        });
        if byte.is_multiple_of(4) {
            cases.text("byte", format!("{byte:#04x} in the header"), move || {
                let mut text = b"Date St".to_vec();
                text.push(byte);
                text.extend_from_slice(format!("art,{HEADER}\n{ROW}\n").as_bytes());
                text
            });
        }
    }
    let sequences: [(&str, &[u8]); 14] = [
        ("overlong", b"\xC0\x80"),
        ("overlong slash", b"\xE0\x80\xAF"),
        ("surrogate", b"\xED\xA0\x80"),
        ("beyond Unicode", b"\xF4\x90\x80\x80"),
        ("five bytes", b"\xF8\x88\x80\x80\x80"),
        ("cut", b"\xE2\x82"),
        ("continuation", b"\x80\x80\x80"),
        ("mark inside", b"\xEF\xBB\xBF"),
        ("noncharacter", b"\xEF\xBF\xBF"),
        ("replacement", b"\xEF\xBF\xBD"),
        ("escape", b"\x1b[2J\x1b]0;x\x07"),
        ("NUL", b"\0\0\0"),
        ("ends the file", b"\x1a"),
        ("CESU", b"\xED\xA0\xBD\xED\xB8\x80"),
    ];
    for (name, sequence) in sequences {
        for rows in [1, 500] {
            for column in 0..5 {
                cases.text(
                    "utf8",
                    format!("{name} in column {column} of {rows}"),
                    move || {
                        let mut text =
                            format!("{HEADER}\n{}", format!("{ROW}\n").repeat(rows)).into_bytes();
                        let cells: Vec<&str> = ROW.split(',').collect();
                        for (index, cell) in cells.into_iter().enumerate() {
                            text.extend_from_slice(cell.as_bytes());
                            if index == column {
                                text.extend_from_slice(sequence);
                            }
                            text.push(b',');
                        }
                        text
                    },
                );
            }
        }
    }
    for number in 0..100 {
        let state = cases.chance("random").u64(..) ^ number;
        for printable in [false, true] {
            cases.text(
                "random",
                format!("{number}, printable {printable}"),
                move || {
                    let mut chance = fastrand::Rng::with_seed(state);
                    let length = chance.usize(1..5_000);
                    std::iter::repeat_with(|| {
                        if printable {
                            chance.u8(9..127)
                        } else {
                            chance.u8(..)
                        }
                    })
                    .take(length)
                    .collect()
                },
            );
        }
    }
}

fn other_files(cases: &mut Cases) {
    let heads: [(&str, &[u8]); 26] = [
        ("gzip", b"\x1f\x8b\x08\0"),
        ("bzip2", b"BZh91AY&SY"),
        ("xz", b"\xFD7zXZ\0"),
        ("zstd", b"\x28\xB5\x2F\xFD"),
        ("7z", b"7z\xBC\xAF\x27\x1C"),
        ("rar", b"Rar!\x1A\x07\0"),
        ("tar", b"a\0\0\0\0\0\0ustar"),
        ("old Excel", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"),
        ("zip", b"PK\x03\x04"),
        ("empty zip", b"PK\x05\x06"),
        ("PDF", b"%PDF-1.7\n"),
        (
            "HTML",
            b"<!DOCTYPE html><html><table><tr><td>Customer Id</td></tr></table>",
        ),
        ("XML", b"<?xml version=\"1.0\"?><a/>"),
        (
            "XML spreadsheet",
            b"<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?>",
        ),
        ("JSON", b"{\"Customer Id\": 1}"),
        ("JSON lines", b"[1]\n[2]\n"),
        ("SQLite", b"SQLite format 3\0"),
        ("Parquet", b"PAR1"),
        ("Feather", b"ARROW1\0\0"),
        ("PNG", b"\x89PNG\r\n\x1a\n"),
        ("ELF", b"\x7fELF"),
        ("RTF", b"{\\rtf1"),
        ("mail", b"From: a@b\nSubject: x\n\n"),
        ("dump", b"PGDMP\x01\x0e"),
        ("script", b"#!/bin/sh\nrm -rf /\n"),
        ("SYLK", b"ID;PWXL;N;E\n"),
    ];
    for (name, head) in heads {
        for length in [0, 10, 10_000] {
            let file = move || [head, &vec![0xA5; length]].concat();
            cases.text(
                "foreign",
                format!("{name} and {length} bytes as text"),
                file,
            );
            cases.workbook(
                "foreign",
                format!("{name} and {length} bytes as a workbook"),
                file,
            );
        }
    }
    cases.text("foreign", "nothing as text", Vec::new);
    cases.workbook("foreign", "nothing as a workbook", Vec::new);
}
