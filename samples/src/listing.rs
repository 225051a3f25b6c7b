//! The list of everything that is wrong in the sample, with its cell.

use std::fmt::Write as _;

use crate::sheet::Sheet;

const HEAD: &str = "\
# The sample workbook

`interactions.xlsx` is what a marketing team keeps after two years of field work: three sheets,
typed by several people. `csv/` holds the same rows as a spreadsheet exports them (UTF-8 with a byte
order mark, dates as `dd/mm/yyyy hh:mm`). Every file here, this one included, is written by

```
cargo run -p rapport-samples
```

from the literals in `src/`, with the same bytes every time. What an import must make of it was
worked out separately, in [`tests/expected`](../tests/expected/README.md).

The text dates are day first: `22/01/2019` and others leave no doubt, `11/02/2020` alone would.
Date cells of Excel stand beside them; the first is listed. The products `Sand` and `Orange` are
the only two, and `Orange` is also a customer type.

## What is wrong in it, on purpose

| sheet | cell | what | what an import makes of it |
|---|---|---|---|
";

/// Renders the list as Markdown.
pub(crate) fn render(sheets: &[Sheet]) -> String {
    let mut text = HEAD.to_owned();
    for sheet in sheets {
        for (row, content) in (2u32..).zip(&sheet.rows) {
            for mess in &content.messes {
                let column = char::from(b'A'.saturating_add(mess.column));
                // A `String` never fails to take more text.
                let _ = writeln!(
                    text,
                    "| {} | {column}{row} | {} | {} |",
                    sheet.name, mess.what, mess.outcome
                );
            }
        }
    }
    text
}
