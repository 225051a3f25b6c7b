//! Parts that are missing, or that are another's.

use super::Cases;
use super::book::{ALL, Book};

pub(super) fn add(cases: &mut Cases) {
    for part in ALL {
        cases.workbook("missing", part, move || Book::sound().without(part).zip());
        cases.workbook("missing", format!("all but {part}"), move || {
            let others = ALL.into_iter().filter(|other| *other != part);
            others
                .fold(Book::sound(), |book, other| book.without(other))
                .zip()
        });
        for other in ALL.into_iter().filter(|other| *other != part) {
            cases.workbook("exchanged", format!("{part} is {other}"), move || {
                let text = Book::sound().text(other);
                Book::sound().with(part, text).zip()
            });
        }
    }
}
