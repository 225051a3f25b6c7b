//! No row is lost, whatever is in it.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// A customers cell with the number of records that it has to become; 0 for a rejection.
fn customers() -> impl Strategy<Value = (String, usize)> {
    prop_oneof![
        (1_i64..1000).prop_map(|id| (id.to_string(), 1)),
        (1_i64..1000).prop_map(|id| (format!("{id}in"), 1)),
        (1_i64..1000).prop_map(|id| (format!("{id}, {}", id + 1), 2)),
        (1_i64..1000).prop_map(|id| (format!("{id} & {} and {id}", id + 1), 2)),
        Just((String::new(), 0)),
        Just(("nobody".to_owned(), 0)),
        Just(("1, nobody".to_owned(), 0)),
        Just(("-3".to_owned(), 0)),
    ]
}

fn starts() -> impl Strategy<Value = (String, bool)> {
    prop_oneof![
        (1_u8..=28, 1_u8..=12)
            .prop_map(|(day, month)| (format!("{month:02}/{day:02}/2020 10:00"), true)),
        (1_u8..=28, 1_u8..=12).prop_map(|(day, month)| (format!("2020-{month:02}-{day:02}"), true)),
        Just((String::new(), false)),
        Just(("31/31/2020".to_owned(), false)),
        Just(("yesterday".to_owned(), false)),
    ]
}

proptest! {
    #[test]
    fn every_row_becomes_its_records_or_a_rejection(
        rows in prop::collection::vec((starts(), customers(), "[ a-cA-C\u{a0}é]{0,4}"), 0..40),
        row_bytes in 0_usize..6_000,
    ) {
        let mut lines = vec![INTERACTIONS.to_owned()];
        for ((start, _), (customers, _), topic) in &rows {
            lines.push(format!("{start};Call;{customers};{topic};"));
        }
        // A quoted delimiter would be another cell; none of the values has one.
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let mut options = ImportOptions { date_order: DateOrder::Mdy, ..ImportOptions::default() };
        let file = try_csv(&lines, &options).unwrap();

        // Rows that are parsed twice, or some of them kept for nothing, are those that are kept.
        options.limits.row_bytes = row_bytes;
        prop_assert_eq!(&try_csv(&lines, &options).unwrap(), &file);

        let mut found: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
        for row in file.rows.iter().filter(|row| row.number > 0) {
            let (records, rejections) = found.entry(row.number).or_default();
            match row.record {
                Some(_) => *records += 1,
                None => *rejections += 1,
            }
        }
        prop_assert_eq!(file.rows_read as usize, rows.len());
        prop_assert_eq!(found.len(), rows.len());
        for (number, ((_, dated), (_, customers), _)) in (2..).zip(&rows) {
            let expected = if *dated && *customers > 0 { (*customers, 0) } else { (0, 1) };
            prop_assert_eq!(found[&number], expected, "row {}", number);
        }
    }

    #[test]
    fn any_bytes_are_an_answer_or_an_error(content in prop::collection::vec(any::<u8>(), 0..400)) {
        let options = ImportOptions::default();
        let _ = clean_file(&content, "f.csv", Format::Csv, &options, &mut |_| ());
        let _ = clean_file(&content, "f.xlsx", Format::Xlsx, &options, &mut |_| ());
    }

    #[test]
    fn any_cells_are_an_answer_or_an_error(cells in prop::collection::vec("[^;\"\r\n\0]*", 5)) {
        let file = csv(&[INTERACTIONS, &cells.join(";")]);
        prop_assert!(file.rows_read <= 1);
        let seen = file.rows.iter().filter(|row| row.number == 2).count() as u64;
        prop_assert!(seen >= file.rows_read);
    }
}
