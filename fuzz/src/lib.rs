//! What the fuzz targets check, shared with the tests that `make test` runs.

#[path = "../../core/tests/parsers/bodies.rs"]
#[expect(dead_code, reason = "sound_part is for the tests alone")]
mod bodies;

/// Runs the body of the target `workbook`.
pub fn workbook(data: &[u8]) {
    bodies::workbook(data);
}

/// Runs the body of the target `workbook_part`.
pub fn workbook_part(data: &[u8]) {
    bodies::workbook_part(data);
}

/// Runs the body of the target `delimited`.
pub fn delimited(data: &[u8]) {
    bodies::delimited(data);
}

/// Runs the body of the target `encoding`.
pub fn encoding(data: &[u8]) {
    bodies::encoding(data);
}

/// Runs the body of the target `timestamp`.
pub fn timestamp(data: &[u8]) {
    bodies::timestamp(data);
}

/// Runs the body of the target `month`.
pub fn month(data: &[u8]) {
    bodies::month(data);
}

/// Runs the body of the target `customer_id`.
pub fn customer_id(data: &[u8]) {
    bodies::customer_id(data);
}

/// Runs the body of the target `label`.
pub fn label(data: &[u8]) {
    bodies::label(data);
}

/// Runs the body of the target `mojibake`.
pub fn mojibake(data: &[u8]) {
    bodies::mojibake(data);
}

/// Runs the body of the target `header`.
pub fn header(data: &[u8]) {
    bodies::header(data);
}

/// Runs the body of the target `reply`.
pub fn reply(data: &[u8]) {
    bodies::reply(data);
}
