//! The matrix of customer types and products, as a test compares it.

use std::collections::BTreeMap;

use crate::Session;

/// Interactions by customer type and product; no product is the unattributed row.
pub type Cells = BTreeMap<(String, Option<String>), i64>;

/// Asks `rapport.interactions_per_product` with these arguments.
pub async fn matrix(session: &mut Session, arguments: &str) -> Cells {
    let sql = format!(
        "SELECT customer_type, product, interactions FROM rapport.interactions_per_product({arguments})"
    );
    let rows = session.rows(&sql).await;
    let number = rows.len();
    let cells: Cells = rows
        .into_iter()
        .map(|row| {
            (
                (row[0].clone().unwrap(), row[1].clone()),
                row[2].as_ref().unwrap().parse().unwrap(),
            )
        })
        .collect();
    assert_eq!(cells.len(), number, "a cell is there twice");
    cells
}
