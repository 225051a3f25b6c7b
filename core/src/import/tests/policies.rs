//! Rules that are told to reject instead of putting right.

use super::*;

fn options(rules: &[&str]) -> ImportOptions {
    let mut options = ImportOptions::default();
    for name in rules {
        options.policies.reject(Rule::find(name).unwrap()).unwrap();
    }
    options
}

#[test]
fn a_row_in_which_the_rule_fires_is_rejected_with_its_cells() {
    let lines = [
        "Date Start;Interaction;Customers;Topic;Sentiment;Region",
        "2019-10-04;Call;1;Drug  Efficacy; positive;EU",
        "2019-10-04;Call;1;Drug Efficacy; positive;EU",
    ];
    let file = try_csv(&lines, &options(&["white_space_folded"])).unwrap();
    assert_eq!(
        entries(&file, 2),
        [("white_space_folded", Some("Drug  Efficacy"), None)]
    );
    let row = file.rows.iter().find(|row| row.number == 2).unwrap();
    let entry = &row.entries[0];
    assert_eq!(
        (row.record.as_ref(), entry.action),
        (None, Action::Rejected)
    );
    assert_eq!(
        (entry.cell.as_deref(), entry.field),
        (Some("D2"), Some("topic"))
    );
    assert_eq!(
        entry.detail.as_deref().unwrap(),
        "the policy of the rule white_space_folded is to reject; the row is \
         {\"Date Start\":\"2019-10-04\",\"Interaction\":\"Call\",\"Customers\":\"1\",\
         \"Topic\":\"Drug  Efficacy\",\"Sentiment\":\" positive\",\"Region\":\"EU\"}"
    );
    // The other row is put right as ever.
    assert_eq!(records(&file, 3).len(), 1);
    assert_eq!(entries(&file, 3).len(), 3);
}

#[test]
fn every_rule_with_such_a_policy_is_a_reason() {
    let lines = [INTERACTIONS, "2019-10-04;Call;12in;;"];
    let policies = ["time_missing", "stray_text_removed", "mojibake_repaired"];
    let file = try_csv(&lines, &options(&policies)).unwrap();
    assert_eq!(
        entries(&file, 2),
        [
            ("time_missing", Some("2019-10-04"), None),
            ("stray_text_removed", Some("12in"), None)
        ]
    );
}

#[test]
fn a_split_can_be_refused() {
    let lines = [INTERACTIONS, "2019-10-04 09:00;Call;1, 4;;"];
    let file = try_csv(&lines, &options(&["several_customers_split"])).unwrap();
    assert_eq!(records(&file, 2), Vec::<&Record>::new());
    assert_eq!(
        entries(&file, 2),
        [("several_customers_split", Some("1, 4"), None)]
    );
    assert_eq!(file.rows[0].entries[0].action, Action::Rejected);
}

#[test]
fn an_unreadable_row_has_its_own_reason() {
    let lines = [INTERACTIONS, "2019-10-04;Call;nobody;;"];
    let file = try_csv(&lines, &options(&["time_missing"])).unwrap();
    assert_eq!(
        entries(&file, 2),
        [("customer_unreadable", Some("nobody"), None)]
    );
}

#[test]
fn an_error_cell_can_reject_its_row_and_stays_in_it() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    for (name, headers) in [
        ("V", &["Date Start", "Interaction", "Customers"][..]),
        ("P", &["Date", "Product"]),
        ("C", &["Customer Id", "Occupation", "Type"]),
    ] {
        let sheet = workbook.add_worksheet().set_name(name).unwrap();
        sheet.write_row(0, 0, headers.iter().copied()).unwrap();
        if name == "C" {
            let error = rust_xlsxwriter::Formula::new("=NA()").set_result("#N/A");
            sheet.write_number(1, 0, 7).unwrap();
            sheet.write_formula(1, 1, error).unwrap();
        }
    }
    let content = workbook.save_to_buffer().unwrap();
    let options = options(&["error_cell_emptied"]);
    let file = clean_file(&content, "w.xlsx", Format::Xlsx, &options, &mut |_| ()).unwrap();
    assert_eq!(
        entries(&file, 2),
        [("error_cell_emptied", Some("#N/A"), None)]
    );
    let detail = file.rows.last().unwrap().entries[0].detail.clone().unwrap();
    assert!(
        detail.ends_with(r##"{"Customer Id":"7","Occupation":"#N/A"}"##),
        "{detail}"
    );
}

#[test]
fn a_label_that_is_too_long_can_reject_its_row() {
    let topic = "x".repeat(501);
    let line = format!("2019-10-04 09:00;Call;1;{topic};");
    let lines = [INTERACTIONS, &line, "2019-10-04 09:00;Call;1;Efficacy;"];
    let file = try_csv(&lines, &options(&["label_too_long"])).unwrap();
    assert_eq!(records(&file, 2), Vec::<&Record>::new());
    assert_eq!(
        entries(&file, 2),
        [("label_too_long", Some(topic.as_str()), None)]
    );
    let entry = &file.rows[0].entries[0];
    assert_eq!(entry.action, Action::Rejected);
    assert!(entry.detail.as_deref().unwrap().contains(&topic));
    assert_eq!(records(&file, 3).len(), 1);
}

#[test]
fn rows_that_a_policy_rejects_are_not_unreadable() {
    let mut lines = vec!["Date,Product"];
    lines.extend(std::iter::repeat_n("01-2019, Sand", 1_500));
    let file = try_csv(&lines, &options(&["white_space_trimmed"])).unwrap();
    assert_eq!(file.rows.len(), 1_500);
    assert!(file.rows.iter().all(|row| row.record.is_none()));
}

#[test]
fn an_order_that_would_be_assumed_can_be_refused() {
    let policies = options(&["date_order_assumed"]);
    let error = try_csv(&[INTERACTIONS, "04/10/2019 09:00;Call;1;;"], &policies).unwrap_err();
    let Error::InvalidFile {
        message,
        detail,
        hint,
    } = error
    else {
        panic!("{error}")
    };
    assert_eq!(
        message,
        "no date in column \"Date Start\" of sheet \"file\" proves the order of day and month"
    );
    assert_eq!(
        detail.unwrap(),
        "the policy of the rule date_order_assumed is to reject; dates that fit both orders: \
         1 (the first is \"04/10/2019 09:00\" in row 2)"
    );
    assert!(hint.unwrap().starts_with("write the dates as yyyy-mm-dd"));
    // A proof needs no assumption, and neither does a date that is the same in both orders.
    for date in ["13/10/2019 09:00", "05/05/2019 09:00", "2019-10-04 09:00"] {
        let line = format!("{date};Call;1;;");
        let file = try_csv(&[INTERACTIONS, &line], &policies).unwrap();
        assert_eq!(records(&file, 2).len(), 1);
    }
}
