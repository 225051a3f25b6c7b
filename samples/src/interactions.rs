//! The external interactions of 2019 and 2020: the log of a pharma field force.

use crate::sheet::Cell::{self, Empty, Moment, Number, Text};
use crate::sheet::{Row, Sheet};

const DATE: u8 = 0;
const CHANNEL: u8 = 1;
const CUSTOMERS: u8 = 2;
const TOPIC: u8 = 3;
const SENTIMENT: u8 = 4;

const ADVERSE: &str = "Adverse Event Report";
const CONGRESS: &str = "Congress Invitation";
const DOSAGE: &str = "Dosage Inquiry";
const EFFICACY: &str = "Drug Efficacy";
const FORMULARY: &str = "Formulary Access";
const GUIDELINES: &str = "Prescription Guidelines";
const INTERACTION: &str = "Drug Interaction Concerns";
const REIMBURSEMENT: &str = "Reimbursement Question";
const SAMPLES: &str = "Sample Request";
const SIDE_EFFECTS: &str = "Side Effects Discussion";
const STORAGE: &str = "Product Storage and Handling";
const SUPPORT: &str = "Patient Support Program";
const TRIALS: &str = "Clinical Trial Data";

/// Makes the sheet of external interactions.
pub(crate) fn sheet() -> Sheet {
    let mut rows = first_four();
    rows.extend(year_2019());
    rows.extend(first_half_of_2020());
    rows.extend(second_half_of_2020());
    Sheet {
        name: "External Interactions",
        file_stem: "interactions",
        headers: &[
            "Date_Start",
            "interaction",
            " Customers",
            "Topic",
            "SENTIMENT",
        ],
        rows,
    }
}

fn first_four() -> Vec<Row> {
    vec![
        row("04/10/2019 09:00", "Email", 1, INTERACTION, "Negative"),
        row("11/02/2020 16:10", "Call", 4, SIDE_EFFECTS, "Positive"),
        row("05/03/2020 11:23", "Bird", 4, EFFICACY, "Positive"),
        row("11/02/2020 16:24", "Call", 5, GUIDELINES, "Positive"),
    ]
}

fn year_2019() -> Vec<Row> {
    vec![
        dated(
            Moment(2019, 1, 14, 10, 30),
            "Email",
            1,
            EFFICACY,
            "Positive",
        )
        .mess(
            DATE,
            "a real date cell, the first of eight beside text dates",
            "14 January 2019, 10:30",
        ),
        row("22/01/2019 15:05", "Call", 3, DOSAGE, "Neutral"),
        row("05/02/2019 09:15", "Post", 6, SAMPLES, "Positive"),
        dated(Moment(2019, 2, 19, 11, 40), "Boat", 2, EFFICACY, "Neutral").mess(
            CUSTOMERS,
            "customer 2 used Boat, Email and Call twice each",
            "Boat, the most recently used",
        ),
        row("27/02/2019 08:50", "Email", 7, GUIDELINES, "Positive"),
        row("06/03/2019 14:20", "Email", 2, TRIALS, "Positive"),
        row("12/03/2019 16:45", "Bird", 14, CONGRESS, "Positive"),
        row("29/03/2019 10:00", "Call", 8, SIDE_EFFECTS, "Negative"),
        row("02/04/2019 09:30", "Call", 1, SIDE_EFFECTS, "Neutral"),
        for_cell("16/04/2019 13:10", "Email", "12in", DOSAGE, "Neutral")
            .mess(CUSTOMERS, "`12in`", "12"),
        dated(
            Moment(2019, 4, 25, 17, 0),
            "Call",
            2,
            GUIDELINES,
            "Positive",
        ),
        row("08/05/2019 11:11", "email", 10, INTERACTION, "Negative").mess(
            CHANNEL,
            "other case",
            "`Email`",
        ),
        row("20/05/2019 15:30", "Post", 11, SUPPORT, "Positive"),
        row("03/06/2019 09:45", "Bird", 4, "drug efficacy", "Positive").mess(
            TOPIC,
            "other case",
            "`Drug Efficacy`",
        ),
        row("18/06/2019 10:20", "Email", 15, REIMBURSEMENT, "Neutral"),
        row("09/07/2019 14:00", "Call", 3, FORMULARY, "Negative").mess(
            DATE,
            "a month without product",
            "unattributed",
        ),
        row("23/07/2019 08:30", "Email", 1, TRIALS, "Positive"),
        row("13/08/2019 12:15", "Boat", 16, STORAGE, "Neutral"),
        row("27/08/2019 16:00", "Call", 6, SIDE_EFFECTS, "Neutral"),
        row("10/09/2019 09:05", "Email", 9, DOSAGE, "Positive"),
        dated(
            Moment(2019, 9, 24, 11, 50),
            "Email",
            2,
            EFFICACY,
            "Positive",
        ),
        row("04/10/2019 09:00", "Email", 1, INTERACTION, "Negative").mess(
            DATE,
            "row 2 once more",
            "one interaction, the second is a duplicate",
        ),
        for_cell("17/10/2019 13:35", "Call", "1, 4", GUIDELINES, "Positive").mess(
            CUSTOMERS,
            "two customers",
            "one interaction for each",
        ),
        row("30/10/2019 10:10", "Post", 5, SAMPLES, "Neutral"),
        row("07/11/2019 15:15", "Call", 2, REIMBURSEMENT, "Negative"),
        row("21/11/2019 09:25", "Email", 12, TRIALS, "Positive"),
        row("28/11/2019 18:40", "Bird", 99, EFFICACY, "Neutral").mess(
            CUSTOMERS,
            "an id that no customer has",
            "kept, with a placeholder customer",
        ),
        row("05/12/2019 11:00", "CALL", 14, FORMULARY, "Positive").mess(
            CHANNEL,
            "other case",
            "`Call`",
        ),
        row("17/12/2019 14:50", "Post", 3, CONGRESS, "positive").mess(
            SENTIMENT,
            "other case",
            "`Positive`",
        ),
    ]
}

fn first_half_of_2020() -> Vec<Row> {
    vec![
        dated(
            Moment(2020, 1, 14, 9, 40),
            "Email",
            10,
            EFFICACY,
            "Positive",
        ),
        row(
            "22/01/2020 16:30",
            "Boat",
            7,
            "Side\u{a0}Effects Discussion",
            "Neutral",
        )
        .mess(TOPIC, "a no-break space", "an ordinary space"),
        row("30/01/2020 10:05", "Call", 11, DOSAGE, "Negative"),
        row("18/02/2020 13:20", "Call", 12, ADVERSE, "Negative").mess(
            TOPIC,
            "an adverse event",
            "drafts for customer 12 need review",
        ),
        row("26/02/2020 08:45", "Email", 1, EFFICACY, "Positive"),
        row("17/03/2020 15:55", "Boat", 16, SUPPORT, "Positive"),
        row("24/03/2020 10:35", "Email", 15, INTERACTION, "Negative"),
        dated(Moment(2020, 4, 7, 12, 0), "Email", 3, EFFICACY, "Positive"),
        Row::clean([
            Text("21/04/2020 09:50"),
            Text("Call"),
            Number(8),
            Text(GUIDELINES),
        ])
        .mess(SENTIMENT, "no sentiment", "stays NULL"),
        for_cell("28/04/2020 17:25", "Post", "unknown", SAMPLES, "Neutral").mess(
            CUSTOMERS,
            "an id without a digit",
            "the row is rejected, the rest loads",
        ),
        row("12/05/2020 11:30", "Boat", 2, SUPPORT, "Positive"),
        row(
            "19/05/2020 14:05",
            "Call",
            6,
            "Drug Effi\u{200b}cacy",
            "Positive",
        )
        .mess(TOPIC, "a zero-width space", "`Drug Efficacy`"),
        row("27/05/2020 09:00", "Email", 5, TRIALS, "Positive"),
        row("09/06/2020 10:45", "Call", 4, SIDE_EFFECTS, "Negative"),
        for_cell(
            "16/06/2020 13:15",
            "Email",
            "3; 10",
            REIMBURSEMENT,
            "Neutral",
        )
        .mess(CUSTOMERS, "two customers", "one interaction for each"),
        row("23/06/2020 16:20", "Bird", 14, EFFICACY, "Positive"),
    ]
}

fn second_half_of_2020() -> Vec<Row> {
    vec![
        row("07/07/2020 09:10", "Email", 9, SIDE_EFFECTS, "Neutral"),
        row("15/07/2020 15:40", "Call", 1, DOSAGE, "Positive"),
        row("28/07/2020 11:20", "Post", 7, FORMULARY, "Negative"),
        dated(
            Moment(2020, 8, 11, 10, 0),
            "Email",
            12,
            SIDE_EFFECTS,
            "Neutral",
        ),
        row("18/08/2020 14:30", "Email ", 16, INTERACTION, "Negative").mess(
            CHANNEL,
            "a space at the end",
            "`Email`",
        ),
        row("25/08/2020 08:55", "Boat", 11, EFFICACY, "Positive"),
        row(
            "08/09/2020 12:40",
            "Email",
            5,
            "Prescription  Guidelines",
            "Positive",
        )
        .mess(TOPIC, "two spaces inside", "one space"),
        row("22/09/2020 16:15", "Call", 15, SAMPLES, "Positive"),
        row("06/10/2020 09:35", "Boat", 4, CONGRESS, "Positive"),
        Row::clean([
            Text("13/10/2020 13:50"),
            Text("Call"),
            Number(3),
            Empty,
            Text("Neutral"),
        ])
        .mess(TOPIC, "no topic", "stays NULL"),
        Row::clean([Text("27/10/2020 10:25"), Text("Email"), Number(99)]).mess(
            TOPIC,
            "neither topic nor sentiment",
            "both stay NULL",
        ),
        row("10/11/2020 15:00", "Email", 8, SUPPORT, "Positive"),
        row("17/11/2020 11:05", "Post", 6, TRIALS, "Neutral"),
        row("24/11/2020 09:20", "Email", 1, REIMBURSEMENT, "Neutral"),
        row("24/11/2020 09:20", "Email", 1, REIMBURSEMENT, "Positive").mess(
            SENTIMENT,
            "the row above with another sentiment",
            "one interaction, `Neutral` is kept and both are logged",
        ),
        row("03/12/2020 14:10", "Bird", 10, EFFICACY, "Positive"),
        row("15/12/2020 16:50", "Call", 12, GUIDELINES, "Positive"),
        row("18/12/2020 10:15", "Call", 7, EFFICACY, "Positive"),
        dated(Moment(2020, 12, 22, 9, 30), "Email", 14, DOSAGE, "Neutral"),
    ]
}

fn row(
    date: &'static str,
    channel: &'static str,
    customer: u32,
    topic: &'static str,
    sentiment: &'static str,
) -> Row {
    dated(Text(date), channel, customer, topic, sentiment)
}

fn dated(
    date: Cell,
    channel: &'static str,
    customer: u32,
    topic: &'static str,
    sentiment: &'static str,
) -> Row {
    Row::clean([
        date,
        Text(channel),
        Number(customer),
        Text(topic),
        Text(sentiment),
    ])
}

fn for_cell(
    date: &'static str,
    channel: &'static str,
    customers: &'static str,
    topic: &'static str,
    sentiment: &'static str,
) -> Row {
    Row::clean([
        Text(date),
        Text(channel),
        Text(customers),
        Text(topic),
        Text(sentiment),
    ])
}
