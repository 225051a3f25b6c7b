//! Every row and every cell of a random file is accounted for: by a record, or by the ledger.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::ledger::Entry;
use crate::timestamp::DateForm;

const SHEETS: [&[&str]; 3] = [
    &["Customer Id", "Occupation", "Type", "Region", "", "Region"],
    &[
        "Date Start",
        "Interaction",
        "Customers",
        "Topic",
        "Sentiment",
        "Notes",
        "Region",
        "",
        "Region",
    ],
    &["Date", "Product", "Region", "", "Region"],
];

/// The first row below the header: `sep=;` is row 1, so that no cell can decide the delimiter.
const FIRST_ROW: u32 = 3;

/// Text with everything that a rule looks for. NUL is not a character of a text file.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just(String::new()),
        4 => "[A-C][a-c]{3,5}",
        4 => "[ a-cA-C\u{a0}é\u{200b}\u{ad}e\u{301}\n\r\"';,=Ã©\u{7}]{0,6}",
        2 => prop::sample::select(vec!["email", "POSITIVE", "cafÃ©", " ", "N/A", "=1+1", "a\r\n\r\nb\n", "one\r\ntwo", "\u{200b}", "e\u{200b}\u{301}"])
            .prop_map(str::to_owned),
        2 => any::<String>().prop_map(|text| text.replace('\0', "")),
        1 => (499_usize..502).prop_map(|length| "y".repeat(length)),
    ]
}

fn ids() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => (1_u32..50).prop_map(|id| id.to_string()),
        2 => (1_u32..50).prop_map(|id| format!("{id}in")),
        2 => (1_u32..50, 1_u32..50).prop_map(|(one, other)| format!("{one}, {other}")),
        2 => "[0-9 ,;/&\n.a-dA-D#()-]{0,10}",
        1 => texts(),
    ]
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Dates in day/month/year and ISO, months, and what is neither.
fn dates() -> impl Strategy<Value = String> {
    let parts = (2000..2030_u32, 1..=12_u32, 1..=28_u32, 0..24_u32, 0..60_u32);
    let formats = prop::sample::select(vec![
        "{d}/{m}/{y} {H}:{M}",
        "{d}/{m}/{y}",
        " {d}.{m}.{y}\u{a0}{H}:{M}:30",
        "{y}-{m}-{d} {H}:{M}",
        "{y}-{m}-{d}T{H}:{M}:05",
        "{y}-{m}-{d}",
        "{m}-{y}",
        "{y}-{m}",
        "{m}-{y} ",
        "{D}.{E}.{y} {G}:{M} pm",
        "{D}/{E}/{y}, {G}:{M}:30 A.M.",
        "{D}-{E}-{y} {G}:{M}:30.0250",
        "{E}/{y}",
        "{N} {y}",
        "{y} / {n}",
        "{d}/{d}/{y}",
        "31/02/{y} 10:00",
    ]);
    let written = (parts, formats).prop_map(|((y, m, d, hour, minute), format)| {
        format
            .replace("{y}", &y.to_string())
            .replace("{m}", &format!("{m:02}"))
            .replace("{d}", &format!("{d:02}"))
            .replace("{H}", &format!("{hour:02}"))
            .replace("{M}", &format!("{minute:02}"))
            .replace("{D}", &d.to_string())
            .replace("{E}", &m.to_string())
            .replace("{G}", &(hour % 12 + 1).to_string())
            .replace("{N}", MONTHS[m as usize - 1])
            .replace("{n}", &MONTHS[m as usize - 1][..3].to_lowercase())
    });
    prop_oneof![9 => written, 1 => texts()]
}

/// A header, and rows that may be shorter or longer.
#[derive(Debug, Clone)]
struct Table {
    header: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

fn tables() -> impl Strategy<Value = Table> {
    (0..SHEETS.len()).prop_flat_map(|sheet| {
        let header = SHEETS[sheet];
        let cells: Vec<_> = header
            .iter()
            .map(|name| match *name {
                "Customer Id" | "Customers" => ids().boxed(),
                "Date Start" | "Date" => dates().boxed(),
                _ => texts().boxed(),
            })
            .collect();
        let row = (cells, prop::collection::vec(texts(), 0..3), 1..12_usize);
        prop::collection::vec(row, 0..12).prop_map(move |rows| Table {
            header,
            rows: rows
                .into_iter()
                .map(|(mut cells, more, length)| {
                    cells.extend(more);
                    cells.truncate(length);
                    cells
                })
                .collect(),
        })
    })
}

impl Table {
    fn bytes(&self) -> Vec<u8> {
        let mut writer = csv::WriterBuilder::new()
            .delimiter(b';')
            .quote_style(csv::QuoteStyle::Always)
            .flexible(true)
            .from_writer(b"sep=;\n".to_vec());
        writer.write_record(self.header).unwrap();
        for row in &self.rows {
            writer.write_record(row).unwrap();
        }
        writer.into_inner().unwrap()
    }

    fn clean(&self, options: &ImportOptions) -> CleanedFile {
        clean_file(&self.bytes(), "f.csv", Format::Csv, options, &mut |_| ()).unwrap()
    }

    /// The cells of a row that are not empty, with their references and their keys.
    fn cells(&self, number: u32) -> Vec<(usize, String, String, &str)> {
        let row = &self.rows[(number - FIRST_ROW) as usize];
        row.iter()
            .enumerate()
            .filter(|(_, text)| !text.trim().is_empty())
            .map(|(index, text)| {
                let letter = char::from(b'A' + u8::try_from(index).unwrap());
                (
                    index,
                    format!("{letter}{number}"),
                    self.key(index),
                    text.as_str(),
                )
            })
            .collect()
    }

    /// The key that a column has in `extra` and in the JSON of a rejected row.
    fn key(&self, index: usize) -> String {
        match self.header.get(index).copied().unwrap_or_default() {
            "" => format!("column {}", index + 1),
            "Region" if self.header[index - 1].is_empty() => "Region (2)".to_owned(),
            header => header.to_owned(),
        }
    }

    /// What a record says where this column stands, as its file writes it: dates in the form of
    /// their column.
    fn written(&self, index: usize, record: &Record, form: Option<DateForm>) -> Option<String> {
        let text = |value: &Option<String>| value.clone();
        let kept = |extra: &Extra| {
            let value = extra.as_ref()?.get(&self.key(index))?;
            Some(value.as_str().unwrap().to_owned())
        };
        match (record, self.header.get(index).copied().unwrap_or_default()) {
            (Record::Customer { customer_id, .. }, "Customer Id")
            | (Record::Interaction { customer_id, .. }, "Customers") => {
                Some(customer_id.to_string())
            }
            (Record::Customer { occupation, .. }, "Occupation") => text(occupation),
            (Record::Customer { customer_type, .. }, "Type") => text(customer_type),
            (Record::Interaction { channel, .. }, "Interaction") => text(channel),
            (Record::Interaction { topic, .. }, "Topic") => text(topic),
            (Record::Interaction { sentiment, .. }, "Sentiment") => text(sentiment),
            (Record::Interaction { notes, .. }, "Notes") => text(notes),
            (Record::Interaction { occurred_at, .. }, "Date Start") => {
                Some(form?.write(*occurred_at))
            }
            (Record::Product { month, .. }, "Date") => Some(form?.write(month.at(0, 0, 0, 0))),
            (Record::Product { product, .. }, "Product") => Some(product.clone()),
            (
                Record::Customer { extra, .. }
                | Record::Interaction { extra, .. }
                | Record::Product { extra, .. },
                _,
            ) => kept(extra),
        }
    }
}

/// The form of the dates of a file, as the ledger has it.
fn form(file: &CleanedFile) -> Option<DateForm> {
    let notes = file.rows.iter().filter(|row| row.number == 0);
    let mut forms = notes
        .flat_map(|row| &row.entries)
        .filter(|entry| entry.rule == Rule::FormFound);
    let form = forms.next()?.after.as_deref().unwrap().parse().unwrap();
    assert!(forms.next().is_none());
    Some(form)
}

/// What became of each row.
fn by_row(file: &CleanedFile) -> BTreeMap<u32, Vec<&CleanRow>> {
    let mut rows: BTreeMap<u32, Vec<&CleanRow>> = BTreeMap::new();
    for row in file.rows.iter().filter(|row| row.number > 0) {
        rows.entry(row.number).or_default().push(row);
    }
    rows
}

/// Checks that a rejected row is in the ledger with its reason and all of its cells.
fn check_rejection(table: &Table, number: u32, entries: &[Entry]) -> Result<(), TestCaseError> {
    prop_assert!(!entries.is_empty());
    prop_assert!(entries.iter().all(|entry| entry.action == Action::Rejected));
    let detail = entries[0].detail.as_deref().unwrap();
    let (_, row) = detail.rsplit_once("; the row is ").unwrap();
    let row: BTreeMap<String, String> = serde_json::from_str(row).unwrap();
    let cells = table.cells(number);
    let expected: BTreeMap<String, String> = cells
        .iter()
        .map(|(_, _, key, text)| (key.clone(), (*text).to_owned()))
        .collect();
    prop_assert_eq!(row, expected);
    for (_, cell, _, text) in cells {
        let mut about = entries
            .iter()
            .filter(|entry| entry.cell.as_ref() == Some(&cell));
        prop_assert!(about.all(|entry| entry.before.as_deref() == Some(text)));
    }
    Ok(())
}

proptest! {
    #[test]
    fn every_row_and_every_cell_is_accounted_for(table in tables()) {
        let file = table.clean(&ImportOptions::default());
        let (form, rows) = (form(&file), by_row(&file));
        let filled: Vec<u32> = (FIRST_ROW..)
            .take(table.rows.len())
            .filter(|number| !table.cells(*number).is_empty())
            .collect();
        prop_assert_eq!(rows.keys().copied().collect::<Vec<_>>(), filled);
        prop_assert_eq!(file.rows_read as usize, rows.len());

        for (number, rows) in rows {
            let entries = &rows[0].entries;
            if rows[0].record.is_none() {
                prop_assert_eq!(rows.len(), 1);
                check_rejection(&table, number, entries)?;
                continue;
            }
            let split = entries.iter().find(|entry| entry.rule == Rule::SeveralCustomers);
            let ids = split.map_or(1, |entry| entry.after.as_deref().unwrap().split(", ").count());
            prop_assert_eq!(rows.len(), ids);
            prop_assert!(rows[1..].iter().all(|row| row.record.is_some() && row.entries.is_empty()));
            for (index, cell, _, text) in table.cells(number) {
                let about: Vec<&Entry> =
                    entries.iter().filter(|entry| entry.cell.as_ref() == Some(&cell)).collect();
                prop_assert!(about.iter().all(|entry| entry.before.as_deref() == Some(text)), "{about:?}");
                if about.is_empty() {
                    let written = table.written(index, rows[0].record.as_ref().unwrap(), form);
                    prop_assert_eq!(written.as_deref(), Some(text), "{}", cell);
                }
                // A date keeps its text only where nothing else says it.
                if about.iter().any(|entry| entry.rule == Rule::DateRewritten) {
                    let written = table.written(index, rows[0].record.as_ref().unwrap(), form);
                    prop_assert!(about.len() == 1 && written.as_deref() != Some(text), "{about:?}");
                }
            }
            // And no entry is about a cell that is not there.
            let cells: BTreeSet<String> =
                table.cells(number).into_iter().map(|(_, cell, ..)| cell).collect();
            prop_assert!(entries.iter().all(|entry| cells.contains(entry.cell.as_ref().unwrap())));
        }
    }

    #[test]
    fn what_is_clean_stays_as_it_is(table in tables()) {
        let file = table.clean(&ImportOptions::default());
        let records: Vec<&Record> = file.rows.iter().filter_map(|row| row.record.as_ref()).collect();
        let keys: BTreeSet<String> = records.iter().flat_map(|record| {
            let (Record::Customer { extra, .. }
            | Record::Interaction { extra, .. }
            | Record::Product { extra, .. }) = record;
            extra.iter().flat_map(|extra| extra.keys().cloned()).collect::<Vec<_>>()
        }).collect();
        let fixed = table.header.iter().position(|header| *header == "Region").unwrap();
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer
            .write_record(table.header[..fixed].iter().copied().chain(keys.iter().map(String::as_str)))
            .unwrap();
        for record in &records {
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            let (mut cells, extra) = match record {
                Record::Customer { customer_id, occupation, customer_type, extra } => {
                    (vec![customer_id.to_string(), text(occupation), text(customer_type)], extra)
                }
                Record::Interaction { customer_id, occurred_at, channel, topic, sentiment, notes, extra } => {
                    let start = occurred_at.strftime("%Y-%m-%d %H:%M:%S%.6f").to_string();
                    (vec![start, text(channel), customer_id.to_string(), text(topic), text(sentiment), text(notes)], extra)
                }
                Record::Product { month, product, extra } => (vec![month.to_string(), product.clone()], extra),
            };
            cells.extend(keys.iter().map(|key| {
                let value = extra.as_ref().and_then(|extra| extra.get(key));
                value.map_or_else(String::new, |value| value.as_str().unwrap().to_owned())
            }));
            writer.write_record(cells).unwrap();
        }
        let content = writer.into_inner().unwrap();
        let options = ImportOptions::default();
        let again = clean_file(&content, "f.csv", Format::Csv, &options, &mut |_| ()).unwrap();
        let rows: Vec<&CleanRow> = again.rows.iter().filter(|row| row.number > 0).collect();
        prop_assert_eq!(rows.iter().filter_map(|row| row.record.as_ref()).collect::<Vec<_>>(), records);
        prop_assert!(rows.iter().all(|row| row.entries.is_empty()), "{rows:?}");
    }

    #[test]
    fn a_policy_rejects_the_rows_in_which_its_rule_fires(table in tables(), pick in any::<Index>()) {
        let plain = table.clean(&ImportOptions::default());
        let fired: BTreeSet<Rule> = plain
            .rows
            .iter()
            .filter(|row| row.number > 0 && row.record.is_some())
            .flat_map(|row| row.entries.iter().map(|entry| entry.rule))
            .filter(|rule| rule.may_reject())
            .collect();
        prop_assume!(!fired.is_empty());
        let rule = *fired.iter().nth(pick.index(fired.len())).unwrap();
        let mut options = ImportOptions::default();
        options.policies.reject(rule).unwrap();
        let strict = table.clean(&options);
        let (plain, strict) = (by_row(&plain), by_row(&strict));
        prop_assert_eq!(plain.len(), strict.len());
        for (number, before) in plain {
            let after = &strict[&number];
            let fires = before[0].record.is_some() && before[0].entries.iter().any(|entry| entry.rule == rule);
            if !fires {
                prop_assert_eq!(&before, after);
                continue;
            }
            prop_assert_eq!((after.len(), after[0].record.is_none()), (1, true));
            prop_assert!(after[0].entries.iter().all(|entry| entry.rule == rule));
            check_rejection(&table, number, &after[0].entries)?;
        }
    }
}
