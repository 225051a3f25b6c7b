//! Values that do not fit their column, as text and as cells of a workbook.

use super::{Cases, FileFormat};
use crate::fixture;

const HEADERS: [(&str, &[&str], &[&str]); 3] = [
    ("customers", fixture::CUSTOMERS, &["1", "Jedi", "Red"]),
    (
        "interactions",
        fixture::INTERACTIONS,
        &[
            "13/01/2020 09:00",
            "Email",
            "1",
            "Drug Efficacy",
            "Positive",
        ],
    ),
    ("products", fixture::PRODUCTS, &["01-2019", "Sand"]),
];

pub(super) fn add(cases: &mut Cases) {
    let mut values: Vec<(String, String)> = VALUES
        .iter()
        .map(|value| ((*value).to_owned(), (*value).to_owned()))
        .collect();
    for (name, unit, times) in [
        ("long digits", "9", 20_000),
        ("long word", "x", 32_000),
        ("long list", "1,", 16_000),
        ("blanks", " ", 30_000),
        ("line breaks", "\n", 30_000),
        ("combining marks", "\u{301}", 10_000),
        ("mojibake", "Ã¼", 10_000),
        ("deep mojibake", "ÃƒÆ’Ã‚Â¼", 3_000),
        ("brackets", "(", 20_000),
        ("zeros", "0", 30_000),
        ("emoji", "👩‍👩‍👧‍👦", 1_000),
        ("slashes", "1/", 10_000),
        ("long separators", ";", 30_000),
        ("ligatures", "ﷺ", 5_000),
    ] {
        values.push((name.to_owned(), unit.repeat(times)));
    }
    for (kind, headers, sound) in HEADERS {
        for column in 0..headers.len() {
            for (name, value) in &values {
                let mut row: Vec<String> = sound.iter().map(|cell| (*cell).to_owned()).collect();
                row[column].clone_from(value);
                let name = format!("{name:?} as {} of {kind}", headers[column]);
                let cells = row.clone();
                cases.text("value", name.clone(), move || csv(headers, &cells));
                // A workbook is slower to make: interactions only, where all types of value meet.
                if kind == "interactions" && value.chars().count() <= 32_767 {
                    cases.add(
                        "value_in_workbook",
                        name,
                        "values.xlsx",
                        FileFormat::Workbook,
                        move || {
                            let cells: Vec<&str> = row.iter().map(String::as_str).collect();
                            fixture::workbook_of_interactions(&[&cells])
                        },
                    );
                }
            }
        }
    }
    for (index, header) in VALUES.iter().enumerate() {
        cases.text(
            "header",
            format!("{index} instead of a header"),
            move || {
                csv(
                    &["Customer Id", header, "Type"],
                    &["1".to_owned(), "Jedi".to_owned(), "Red".to_owned()],
                )
            },
        );
        cases.text(
            "header",
            format!("{index} as a further header"),
            move || {
                let row = ["1", "Jedi", "Red", "more"].map(str::to_owned);
                csv(&["Customer Id", "Occupation", "Type", header], &row)
            },
        );
    }
    for rows in [2, 2_000] {
        for (name, ids) in [("one id", false), ("other ids", true)] {
            cases.text("conflict", format!("{rows} rows of {name}"), move || {
                let lines: String = (0..rows)
                    .map(|row| format!("{},Job {row},Type {row}\n", if ids { row } else { 1 }))
                    .collect();
                format!("Customer Id,Occupation,Type\n{lines}").into_bytes()
            });
        }
    }
    for distinct in [1_000, 20_000] {
        cases.text(
            "conflict",
            format!("{distinct} different topics"),
            move || {
                let lines: String = (0..distinct)
                    .map(|row| format!("13/01/2020 09:00,Email,1,Topic {row},x\n"))
                    .collect();
                format!("Date Start,Interaction,Customers,Topic,Sentiment\n{lines}").into_bytes()
            },
        );
        cases.heavy_if(distinct > 1_000);
    }
}

fn csv(headers: &[&str], row: &[String]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(headers).expect("a header");
    writer.write_record(row).expect("a row");
    writer.into_inner().expect("a file in memory")
}

const VALUES: [&str; 96] = [
    "",
    " ",
    "\t",
    "\n",
    "\u{a0}",
    "\u{200b}",
    "\u{feff}",
    "\u{0}",
    "\u{1}",
    "\u{7f}",
    "\u{85}",
    "\u{202e}",
    "\u{fffd}",
    "\u{10ffff}",
    "0",
    "-0",
    "-1",
    "1.5",
    "1e3",
    "1e400",
    "NaN",
    "inf",
    "0x10",
    "٣",
    "１２",
    "Ⅻ",
    "²",
    "1 000",
    "1'000",
    "1,000",
    "1.000.000,00",
    "2147483648",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "1180591620717411303424",
    "-9223372036854775809",
    "00000000000000000000001",
    "1, 2, 3",
    "1;;2",
    ",,,",
    "1-5",
    "1..9",
    "1&2",
    "12in",
    "00/00/0000 00:00",
    "31/02/2020 09:00",
    "29/02/1900 09:00",
    "01/01/0001 00:00",
    "31/12/9999 23:59:59.999999999",
    "01/01/10000 00:00",
    "13/13/2020 09:00",
    "01/01/-1 00:00",
    "13/01/2020 24:00",
    "13/01/2020 23:60",
    "13/01/2020 23:59:60",
    "99/99/99",
    "2020-W53-7",
    "2020-366",
    "20200113T090000Z",
    "2020-01-13T09:00+99:99",
    "1579000000",
    "13.1.20",
    "Jan 13 2020",
    "13 janvier 2020",
    "١٣/٠١/٢٠٢٠",
    "-infinity",
    "infinity",
    "now",
    "epoch",
    "294277-01-01",
    "4714-11-24 BC",
    "00-2019",
    "13-2019",
    "2019-00",
    "01-19",
    "Jan-2019",
    "2019",
    "=1+1",
    "+1",
    "-1+1",
    "@SUM(1)",
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "${jndi:ldap://127.0.0.1/a}",
    "%s%n",
    "'; DROP TABLE crm.customers; --",
    "\\x00",
    "\\",
    "NULL",
    "null",
    "None",
    "#N/A",
];
