//! The products discussed in each month: two of them, one of which shares its name with a type.

use crate::sheet::Cell::{self, Month, Text};
use crate::sheet::{Row, Sheet};

const MONTH: u8 = 0;
const PRODUCT: u8 = 1;

/// Makes the sheet of products of discussion.
pub(crate) fn sheet() -> Sheet {
    let text = |month, product| row(Text(month), product);
    Sheet {
        name: "Products of Discussion",
        file_stem: "products",
        headers: &["DATE", "product"],
        rows: vec![
            text("01-2019", "Sand"),
            text("02-2019", "Sand"),
            text("03-2019", "Orange"),
            text("04-2019", "Sand"),
            text("04-2019", "Orange").mess(
                MONTH,
                "a month with two products",
                "its interactions count for each",
            ),
            text("05-2019", "Orange"),
            row(Month(2019, 6), "Sand").mess(MONTH, "a real date cell", "June 2019"),
            text("08-2019", "Orange").mess(
                MONTH,
                "no row for 07-2019 above this one",
                "its interactions are unattributed",
            ),
            text("09-2019", "Sand"),
            text("10-2019", "Sand"),
            text("11-2019", "Orange\u{a0}").mess(
                PRODUCT,
                "a no-break space at the end",
                "`Orange`",
            ),
            text("12-2019", "Sand"),
            text("01-2020", "Orange"),
            text("02-2020", "Orange"),
            text("03-2020", "Sand"),
            row(Month(2020, 4), "Orange").mess(MONTH, "a real date cell", "April 2020"),
            text("05-2020", "Sand"),
            text("06-2020", "Sand"),
            text("06-2020", "Orange").mess(
                MONTH,
                "a month with two products",
                "its interactions count for each",
            ),
            text("07-2020", "Orange"),
            text("08-2020", "SAND").mess(PRODUCT, "other case", "`Sand`"),
            text("10-2020", "Sand").mess(
                MONTH,
                "no row for 09-2020 above this one",
                "its interactions are unattributed",
            ),
            text("11-2020", "Orange"),
            text("12-2020", "Sand"),
        ],
    }
}

fn row(month: Cell, product: &'static str) -> Row {
    Row::clean([month, Text(product)])
}
