//! Archives that lie about their files, or whose files inflate without end.

use super::Cases;
use super::archive::{Archive, Part};
use super::book::{
    ALL, Book, CUSTOMERS, INTERACTIONS, STRINGS, STYLES, WORKBOOK, around_interactions,
};
use super::deflate::{blanks_at_158, repeated};

const MIB: u64 = 1 << 20;

pub(super) fn add(cases: &mut Cases) {
    bombs(cases);
    nested(cases);
    names(cases);
    fields(cases);
    directory(cases);
    zip64(cases);
}

fn bombs(cases: &mut Cases) {
    let places = [
        INTERACTIONS,
        STRINGS,
        STYLES,
        WORKBOOK,
        "xl/media/image1.png",
        "docProps/app.xml",
    ];
    for mebibytes in [1, 15, 17, 64, 511, 513, 1_025, 4_095] {
        for place in places {
            let name = format!("{mebibytes} MiB in {place}");
            let bytes = mebibytes * MIB;
            cases.workbook("bomb", format!("{name}, 1 000 to 1"), move || {
                bomb(place, bytes, repeated)
            });
            cases.heavy_if(mebibytes > 32);
            if mebibytes < 600 {
                let at_158 = |name: &str, before: &str, _: &[u8], bytes, after: &str| {
                    blanks_at_158(name, before, bytes, after)
                };
                cases.workbook("slow_bomb", format!("{name}, 158 to 1"), move || {
                    bomb(place, bytes, at_158)
                });
                cases.heavy_if(mebibytes > 32);
            }
        }
    }
    // Each below the size at which the ratio counts.
    for (files, mebibytes) in [(10, 15), (66, 15), (400, 15), (4_000, 1)] {
        cases.workbook(
            "bombs",
            format!("{files} files of {mebibytes} MiB"),
            move || {
                let mut archive = Book::sound().archive();
                let part = repeated("xl/media/image.png", "", b" ", mebibytes * MIB, "");
                for number in 0..files {
                    let name = format!("xl/media/image{number}.png").into_bytes();
                    archive.parts.push(Part {
                        name,
                        ..part.clone()
                    });
                }
                archive.bytes()
            },
        );
        cases.heavy_if(true);
    }
    // Many files of the directory are the same bytes of the archive.
    for files in [2_u32, 60, 4_000] {
        cases.workbook("bombs", format!("{files} files that overlap"), move || {
            let mut archive = Book::sound().archive();
            let part = repeated("xl/media/image.png", "", b" ", 8 * MIB, "");
            let before = Archive {
                parts: archive.parts.clone(),
                ..Archive::default()
            }
            .bytes();
            let directory = before
                .windows(4)
                .position(|four| four == b"PK\x01\x02")
                .unwrap_or(0);
            archive.parts.push(part.clone());
            for number in 0..files {
                archive.parts.push(Part {
                    name: format!("xl/media/image{number}.png").into_bytes(),
                    data: Vec::new(),
                    offset: Some(directory as u32),
                    ..part.clone()
                });
            }
            archive.bytes()
        });
        cases.heavy_if(files > 10);
    }
}

fn bomb(place: &str, bytes: u64, make: impl Fn(&str, &str, &[u8], u64, &str) -> Part) -> Vec<u8> {
    let book = Book::sound();
    let (before, after) = match place {
        INTERACTIONS => around_interactions(),
        _ if ALL.contains(&place) => {
            let text = book.text(place);
            let (before, after) = text.rsplit_once("</").expect("a part ends with a tag");
            (before.to_owned(), format!("</{after}"))
        }
        _ => (String::new(), String::new()),
    };
    let part = make(place, &before, b" ", bytes, &after);
    book.archive_with(part).bytes()
}

fn nested(cases: &mut Cases) {
    for depth in [1, 2, 5, 20] {
        for inner in [
            "xl/embeddings/book.xlsx",
            INTERACTIONS,
            WORKBOOK,
            "book.xlsx",
        ] {
            cases.workbook("nested", format!("{depth} deep as {inner}"), move || {
                let mut content = Book::sound().zip();
                for _ in 0..depth {
                    content = Book::sound().with(inner, content).zip();
                }
                content
            });
        }
        cases.workbook(
            "nested",
            format!("only an archive, {depth} deep"),
            move || {
                let mut content = Book::sound().zip();
                for _ in 0..depth {
                    content = Archive {
                        parts: vec![Part::deflated("inner.zip", &content)],
                        ..Archive::default()
                    }
                    .bytes();
                }
                content
            },
        );
        cases.workbook("nested", format!("a bomb {depth} deep"), move || {
            let mut content = bomb(INTERACTIONS, 64 * MIB, repeated);
            for _ in 0..depth {
                content = Book::sound().with("xl/embeddings/book.xlsx", content).zip();
            }
            content
        });
    }
}

fn names(cases: &mut Cases) {
    let odd: [(&str, &[u8]); 24] = [
        ("parent", b"../../../../tmp/rapport"),
        ("absolute", b"/etc/passwd"),
        ("backslashes", b"..\\..\\windows\\win.ini"),
        ("drive", b"C:\\boot.ini"),
        ("share", b"\\\\server\\share"),
        ("device", b"/dev/zero"),
        ("NUL", b"xl/workbook.xml\0.png"),
        ("control", b"xl/\x1b[31m\r\n.xml"),
        ("no UTF-8", b"xl/\xFF\xFE\x80.xml"),
        ("empty", b""),
        ("slash", b"/"),
        ("dots", b"."),
        ("folder", b"xl/worksheets/"),
        ("detour", b"xl/../xl/workbook.xml"),
        ("two slashes", b"xl//workbook.xml"),
        ("here", b"./xl/workbook.xml"),
        ("capitals", b"XL/WORKBOOK.XML"),
        ("folder of its name", b"xl/workbook.xml/"),
        ("backslash of its name", b"xl\\workbook.xml"),
        ("full width", "xl/\u{ff57}orkbook.xml".as_bytes()),
        ("legacy", b"Workbook"),
        ("binary workbook", b"xl/workbook.bin"),
        ("macro", b"xl/vbaProject.bin"),
        ("encrypted", b"EncryptedPackage"),
    ];
    for (name, bytes) in odd {
        cases.workbook("path", format!("{name}, added"), move || {
            let mut archive = Book::sound().archive();
            let mut part = Part::stored("", b"<a/>");
            part.name = bytes.to_vec();
            archive.parts.push(part);
            archive.bytes()
        });
        cases.workbook("path", format!("{name}, instead of a sheet"), move || {
            let mut archive = Book::sound().archive();
            archive.parts[7].name = bytes.to_vec();
            archive.bytes()
        });
        cases.workbook(
            "path",
            format!("{name}, before the content only"),
            move || {
                let mut archive = Book::sound().archive();
                archive.parts[7].local_name = Some(bytes.to_vec());
                archive.bytes()
            },
        );
        let target = String::from_utf8_lossy(bytes).replace(['\0', '\u{1b}', '\r', '\n'], "");
        cases.workbook("path", format!("{name}, as a target"), move || {
            let mut part = Part::stored("", Book::sound().text(INTERACTIONS).as_bytes());
            part.name = bytes.to_vec();
            Book::sound()
                .replace(
                    "xl/_rels/workbook.xml.rels",
                    "worksheets/sheet2.xml",
                    &target,
                )
                .archive_with(part)
                .bytes()
        });
    }
    for length in [255, 4_096, 65_535] {
        cases.workbook("path", format!("{length} bytes"), move || {
            Book::sound()
                .archive_with(Part::stored(&"x".repeat(length), b"<a/>"))
                .bytes()
        });
    }
}

/// Lies in the headers of one file.
fn fields(cases: &mut Cases) {
    const SIZES: [u32; 6] = [0, 1, 10, 0x7FFF_FFFF, 0xFFFF_FFFE, 0xFFFF_FFFF];
    for (index, part_name) in ALL.into_iter().enumerate() {
        let mut lie = |family, name: &str, change: Box<dyn Fn(&mut Part) + Send + Sync>| {
            cases.workbook(family, format!("{name} of {part_name}"), move || {
                let mut archive = Book::sound().archive();
                change(&mut archive.parts[index]);
                archive.bytes()
            });
        };
        for honest in [false, true] {
            let local = if honest { " (in the directory)" } else { "" };
            for size in SIZES {
                lie(
                    "size",
                    &format!("size {size}{local}"),
                    Box::new(move |part| {
                        (part.size, part.honest_locally) = (size, honest);
                    }),
                );
                lie(
                    "size",
                    &format!("compressed size {size}{local}"),
                    Box::new(move |part| {
                        (part.compressed, part.honest_locally) = (size, honest);
                    }),
                );
            }
        }
        lie("checksum", "wrong", Box::new(|part| part.crc ^= 1));
        lie("checksum", "none", Box::new(|part| part.crc = 0));
        for flags in [0x1, 0x8, 0x41, 0x2000, 0x20, 0x800, 0xFFFF] {
            lie(
                "flags",
                &format!("{flags:#x}"),
                Box::new(move |part| part.flags = flags),
            );
        }
        for method in [0, 1, 6, 9, 12, 14, 93, 95, 97, 98, 99, 0xFFFF] {
            lie(
                "method",
                &format!("{method}"),
                Box::new(move |part| part.method = method),
            );
        }
        for offset in [0, 1, 30, 0x7FFF_FFFF, 0xFFFF_FFFF] {
            lie(
                "offset",
                &format!("{offset}"),
                Box::new(move |part| part.offset = Some(offset)),
            );
        }
        lie(
            "link",
            "symbolic",
            Box::new(|part| part.attributes = 0o120_777 << 16),
        );
        let extras: [(&str, &[u8]); 6] = [
            ("too long", b"\x01\x00\xFF\xFF"),
            (
                "zip64 sizes",
                b"\x01\0\x10\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F",
            ),
            ("AES", b"\x01\x99\x07\0\x02\0AE\x03\x08\0"),
            ("name in Unicode", b"up\x09\0\x01\0\0\0\0/etc"),
            ("odd", b"\x01"),
            ("time", b"UT\x05\0\x01\xFF\xFF\xFF\xFF"),
        ];
        for (name, extra) in extras {
            lie(
                "extra",
                name,
                Box::new(move |part| part.extra = extra.to_vec()),
            );
            lie(
                "extra",
                &format!("{name}, sizes there"),
                Box::new(move |part| {
                    part.extra = extra.to_vec();
                    (part.size, part.compressed) = (u32::MAX, u32::MAX);
                }),
            );
        }
        lie(
            "garbage",
            "no deflate",
            Box::new(|part| part.data.fill(0xFF)),
        );
        lie("garbage", "zeros", Box::new(|part| part.data.fill(0)));
        lie(
            "garbage",
            "doubled",
            Box::new(|part| part.data.extend_from_within(..)),
        );
        lie("garbage", "nothing", Box::new(|part| part.data.clear()));
        cases.workbook(
            "duplicate",
            format!("{part_name} twice, the second empty"),
            move || {
                let mut archive = Book::sound().archive();
                archive.parts.push(Part::stored(part_name, b""));
                archive.bytes()
            },
        );
        cases.workbook(
            "duplicate",
            format!("{part_name} twice, the first hostile"),
            move || {
                let mut archive = Book::sound().archive();
                archive
                    .parts
                    .insert(0, Part::stored(part_name, "<a>".repeat(10_000).as_bytes()));
                archive.bytes()
            },
        );
        cases.workbook("duplicate", format!("{part_name} 300 times"), move || {
            let mut archive = Book::sound().archive();
            let part = archive.parts[index].clone();
            archive.parts.extend(std::iter::repeat_n(part, 300));
            archive.bytes()
        });
    }
}

/// Lies in the end record.
fn directory(cases: &mut Cases) {
    let mut lie = |name: String, change: Box<dyn Fn(&mut Archive) + Send + Sync>| {
        cases.workbook("directory", name, move || {
            let mut archive = Book::sound().archive();
            change(&mut archive);
            archive.bytes()
        });
    };
    for number in [0, 1, 8, 10, 0x7FFF, 0xFFFE, 0xFFFF] {
        lie(
            format!("{number} files"),
            Box::new(move |archive| archive.entries = Some(number)),
        );
        lie(
            format!("disk {number}"),
            Box::new(move |archive| archive.disk = number),
        );
        lie(
            format!("comment of {number}"),
            Box::new(move |archive| archive.comment_length = Some(number)),
        );
    }
    for number in [0, 1, 46, 0x7FFF_FFFF, 0xFFFF_FFFE, 0xFFFF_FFFF] {
        lie(
            format!("size {number}"),
            Box::new(move |archive| archive.directory_size = Some(number)),
        );
        lie(
            format!("offset {number}"),
            Box::new(move |archive| archive.directory_offset = Some(number)),
        );
    }
    for length in [1, 22, 65_535] {
        lie(
            format!("a comment of {length} end records"),
            Box::new(move |archive| {
                archive.comment = b"PK\x05\x06".iter().copied().cycle().take(length).collect();
            }),
        );
        lie(
            format!("{length} bytes before it"),
            Box::new(move |archive| {
                archive.prefix = vec![b'M'; length];
            }),
        );
        lie(
            format!("{length} bytes within it"),
            Box::new(move |archive| {
                archive.before_end = vec![0; length];
            }),
        );
    }
    lie(
        "two archives in one file".to_owned(),
        Box::new(|archive| archive.prefix = Book::sound().zip()),
    );
    lie(
        "no files at all".to_owned(),
        Box::new(|archive| archive.parts.clear()),
    );
    for files in [4_096, 4_097, 65_535] {
        lie(
            format!("{files} empty files"),
            Box::new(move |archive| {
                for number in 0..files - 9 {
                    archive.parts.push(Part::stored(&format!("x{number}"), b""));
                }
            }),
        );
    }
    cases.workbook("directory", "an end record alone", || {
        Archive::default().bytes()
    });
    cases.workbook("directory", "a signature alone", || b"PK\x03\x04".to_vec());
}

fn zip64(cases: &mut Cases) {
    for number in [0_u64, 9, 1 << 31, 1 << 40, u64::MAX >> 1, u64::MAX] {
        for field in ["files", "size", "offset", "locator"] {
            for end_filled in [false, true] {
                cases.workbook(
                    "zip64",
                    format!("{field} {number}, {end_filled}"),
                    move || {
                        let plain = Book::sound().zip();
                        let (body, end) = plain.split_at(plain.len() - 22);
                        let value =
                            |name: &str, truth: u64| if name == field { number } else { truth };
                        let mut out = body.to_vec();
                        out.extend_from_slice(b"PK\x06\x06");
                        out.extend_from_slice(&44_u64.to_le_bytes());
                        out.extend_from_slice(&[45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
                        for count in [
                            value("files", 9),
                            value("files", 9),
                            value("size", 600),
                            value("offset", 0),
                        ] {
                            out.extend_from_slice(&count.to_le_bytes());
                        }
                        out.extend_from_slice(b"PK\x06\x07\0\0\0\0");
                        out.extend_from_slice(&value("locator", body.len() as u64).to_le_bytes());
                        out.extend_from_slice(&1_u32.to_le_bytes());
                        let mut end = end.to_vec();
                        if end_filled {
                            end[8..20].fill(0xFF);
                        }
                        out.extend_from_slice(&end);
                        out
                    },
                );
            }
        }
    }
    cases.workbook("zip64", "sizes in the extra field", || {
        let mut archive = Book::sound().archive();
        let part = archive
            .parts
            .iter_mut()
            .find(|part| part.name == CUSTOMERS.as_bytes());
        let part = part.expect("the sheet is there");
        part.extra = [
            &b"\x01\0\x10\0"[..],
            &u64::MAX.to_le_bytes(),
            &u64::MAX.to_le_bytes(),
        ]
        .concat();
        (part.size, part.compressed) = (u32::MAX, u32::MAX);
        archive.bytes()
    });
}
