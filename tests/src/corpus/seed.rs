//! Sound files of every sort. They are tried as they are, and damaged elsewhere.

use std::sync::Arc;

use rust_xlsxwriter::{ExcelDateTime, Format, Formula};

use super::book::Book;
use super::{Cases, FileFormat};
use crate::fixture;

/// A sound file.
#[derive(Debug, Clone)]
pub(super) struct Seed {
    pub(super) name: &'static str,
    pub(super) format: FileFormat,
    pub(super) content: Arc<[u8]>,
}

/// Files so small that each of their bytes can be tried.
pub(super) fn small() -> Vec<Seed> {
    let text = |name, text: &str| seed(name, FileFormat::Text, text.as_bytes().to_vec());
    vec![
        seed("small workbook", FileFormat::Workbook, Book::sound().zip()),
        text(
            "small customers",
            "Customer Id,Occupation,Type\r\n1,Jedi,Red\r\n\"2\",\"Bat \"\"man\"\"\",Oránge\r\n3in,\"a\r\nb\",\r\n",
        ),
        text(
            "small interactions",
            "Date Start;Interaction;Customers;Topic;Sentiment\n13/01/2020 09:00;Email;1,2;Drug Efficacy;Positive\n43843.375;Phône;\"3\n4\";;neutral\n",
        ),
        text(
            "small products",
            "\u{feff}Date\tProduct\n01-2019\tSand\n2019-02\tSpeeder Bike\nMarch 2019\t€\n",
        ),
    ]
}

/// Files of some kilobytes, as programs write them.
pub(super) fn large() -> Vec<Seed> {
    let mut seeds = vec![
        seed("sample", FileFormat::Workbook, fixture::sample_workbook()),
        seed("dates of 1904", FileFormat::Workbook, written(true)),
        seed("odd workbook", FileFormat::Workbook, written(false)),
    ];
    for name in ["customers", "interactions", "products"] {
        seeds.push(seed(name, FileFormat::Text, fixture::sample_csv(name)));
    }
    seeds
}

fn seed(name: &'static str, format: FileFormat, content: Vec<u8>) -> Seed {
    Seed {
        name,
        format,
        content: content.into(),
    }
}

/// A workbook with formulas, merged cells, dates, a hidden sheet, and dates of 1904 if wanted.
fn written(from_1904: bool) -> Vec<u8> {
    let mut workbook = fixture::new_workbook();
    let date = Format::new().set_num_format("dd/mm/yyyy hh:mm");
    let sheets = [
        ("Customers", fixture::CUSTOMERS),
        ("Interactions", fixture::INTERACTIONS),
        ("Products", fixture::PRODUCTS),
    ];
    for (name, headers) in sheets {
        let sheet = workbook
            .add_worksheet()
            .set_name(name)
            .expect("a good name");
        sheet
            .write_row(0, 0, headers.iter().copied())
            .expect("headers");
        for row in 1..20 {
            if name == "Customers" {
                sheet.write_number(row, 0, row).expect("an id");
                let text = Formula::new("CONCAT(\"Je\",\"di\")").set_result("Jedi");
                sheet.write_formula(row, 1, text).expect("a formula");
            } else if name == "Interactions" {
                let time = ExcelDateTime::from_ymd(2020, 1, row as u8).expect("a date");
                sheet
                    .write_datetime_with_format(row, 0, &time, &date)
                    .expect("a date");
                sheet.write_string(row, 1, "Email").expect("a channel");
                sheet
                    .write_formula(row, 2, Formula::new("1+1").set_result("2"))
                    .expect("an id");
                sheet
                    .write_string(row, 3, "Drug  Efficacy")
                    .expect("a topic");
            } else {
                sheet
                    .write_string(row, 0, format!("{:02}-2019", row % 12 + 1))
                    .expect("a month");
                sheet
                    .write_string(row, 1, format!("Sand {row}"))
                    .expect("a product");
            }
        }
        if name == "Customers" {
            sheet
                .merge_range(20, 0, 21, 2, "merged", &Format::new())
                .expect("merged cells");
        }
    }
    let hidden = workbook
        .add_worksheet()
        .set_name("Notes")
        .expect("a good name");
    hidden
        .set_hidden(true)
        .write_string(0, 0, "secret")
        .expect("a cell");
    let content = workbook.save_to_buffer().expect("a workbook in memory");
    if from_1904 {
        in_1904(&content)
    } else {
        content
    }
}

/// Declares that the dates of a workbook count from 1904.
fn in_1904(content: &[u8]) -> Vec<u8> {
    use std::io::Read as _;

    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(content)).expect("a zip");
    let mut book = Book::sound();
    for name in book.names().map(str::to_owned).collect::<Vec<_>>() {
        book = book.without(&name);
    }
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).expect("a file");
        let mut text = Vec::new();
        entry.read_to_end(&mut text).expect("it inflates");
        let name = entry.name().expect("a name").into_owned();
        book = book.with(&name, text);
    }
    book.replace(
        "xl/workbook.xml",
        "<workbookPr ",
        r#"<workbookPr date1904="1" "#,
    )
    .zip()
}

pub(super) fn add(cases: &mut Cases) {
    for seed in small().into_iter().chain(large()) {
        let content = seed.content.clone();
        cases.add("sound", seed.name, seed.name, seed.format, move || {
            content.to_vec()
        });
        // The right file for the wrong function.
        let content = seed.content;
        let other = match seed.format {
            FileFormat::Workbook => FileFormat::Text,
            FileFormat::Text => FileFormat::Workbook,
        };
        cases.add("misdirected", seed.name, seed.name, other, move || {
            content.to_vec()
        });
    }
    let names = [
        ("empty", String::new()),
        ("blanks", " \t ".to_owned()),
        (
            "controls",
            "\u{1}\u{1b}[31mred\u{7}\r\n\u{85}\u{2028}.xlsx".to_owned(),
        ),
        ("bidirectional", "\u{202e}xslx.exe\u{2066}".to_owned()),
        ("a megabyte", "x".repeat(1 << 20)),
        ("traversal", "../../../../etc/passwd".to_owned()),
        ("format", "%s%n%% {} $1 \\".to_owned()),
        ("quotes", "'\"; DROP TABLE crm.imports; --".to_owned()),
        ("emoji", "👩‍👩‍👧‍👦".repeat(200)),
        ("unassigned", "\u{fffe}\u{10ffff}\u{e000}".to_owned()),
        ("mojibake", "KÃ¼nstler".repeat(100)),
    ];
    for (name, file_name) in names {
        for seed in small().into_iter().take(2) {
            for length in [seed.content.len(), seed.content.len() / 2] {
                let content = seed.content.clone();
                let name = format!("{name}, {} of {length} bytes", seed.name);
                cases.add("name", name, &file_name, seed.format, move || {
                    content[..length].to_vec()
                });
            }
        }
    }
}
