//! The customers. Occupations are jokes and all of them are legitimate.

use crate::sheet::Cell::{Empty, Number, Text};
use crate::sheet::{Row, Sheet};

const ID: u8 = 0;
const OCCUPATION: u8 = 1;
const TYPE: u8 = 2;

/// Makes the sheet of customers.
pub(crate) fn sheet() -> Sheet {
    Sheet {
        name: "Customers",
        file_stem: "customers",
        headers: &["Customer_Id", "OCCUPATION", "Type"],
        rows: vec![
            row(1, "Jedi", "Red"),
            row(2, "Batman", "Orange"),
            row(3, "Santa Claus", "Blue"),
            row(4, "Mover", "Orange"),
            row(5, "Plummer", "Red").mess(
                OCCUPATION,
                "a misspelling",
                "left alone: nothing is invented",
            ),
            row(6, "Florist", "blue").mess(TYPE, "other case", "`Blue`"),
            Row::clean([Number(7), Empty, Text("Red")]).mess(
                OCCUPATION,
                "no occupation",
                "stays NULL",
            ),
            Row::clean([Number(8), Text("Beekeeper"), Empty]).mess(
                TYPE,
                "no type",
                "stays NULL, `Unknown` in statistics",
            ),
            Row::clean([Number(9)]).mess(
                OCCUPATION,
                "neither occupation nor type",
                "both stay NULL",
            ),
            row(10, "B\u{c3}\u{a4}cker", "Blue").mess(OCCUPATION, "mojibake", "`Bäcker`"),
            row(11, "Ghost\u{a0}Hunter", "Orange").mess(
                OCCUPATION,
                "a no-break space",
                "an ordinary space",
            ),
            Row::clean([Text("12in"), Text("Dentist"), Text("Blue")]).mess(ID, "`12in`", "12"),
            row(13, "Pirate  Captain", "Blue")
                .mess(OCCUPATION, "two spaces inside", "one space")
                .mess(
                    ID,
                    "a customer without interactions",
                    "zeros and nulls, with a sentence",
                ),
            row(14, "Astronaut", "Red"),
            row(15, "Zookeeper", "ORANGE").mess(TYPE, "other case", "`Orange`"),
            row(16, "Night\u{200b}watchman", "Red").mess(
                OCCUPATION,
                "a zero-width space",
                "`Nightwatchman`",
            ),
            Row::clean([Text("n/a"), Text("Librarian"), Text("Blue")]).mess(
                ID,
                "an id without a digit",
                "the row is rejected, the rest loads",
            ),
        ],
    }
}

fn row(id: u32, occupation: &'static str, customer_type: &'static str) -> Row {
    Row::clean([Number(id), Text(occupation), Text(customer_type)])
}
