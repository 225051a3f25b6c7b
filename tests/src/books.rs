//! What stands in the tables and in the ledger, for comparison.

use serde_json::Value;

use crate::database::table;
use crate::{Session, fixture};

/// The header of a file of interactions.
pub const INTERACTIONS: &str = "Date Start,Interaction,Customers,Topic,Sentiment";

/// Imports a file of these lines, which is new; returns the row of `rapport.import_csv` as an object.
pub async fn import(session: &mut Session, name: &str, lines: &[&str]) -> Value {
    let result = session
        .import_csv(&fixture::csv(lines), name)
        .await
        .unwrap();
    assert_eq!(result["status"], "imported", "{result:#}");
    result
}

/// Imports a file of these lines below [`INTERACTIONS`].
pub async fn import_interactions(session: &mut Session, name: &str, lines: &[&str]) -> Value {
    import(session, name, &[&[INTERACTIONS], lines].concat()).await
}

/// The entries of one rule, as (row, cell, field, before, after, action).
pub async fn entries(session: &mut Session, rule: &str) -> Vec<Vec<Option<String>>> {
    session
        .rows(&format!(
            "SELECT row_number, cell, field, before, after, action FROM crm.ledger
             WHERE rule = '{rule}' ORDER BY entry_id"
        ))
        .await
}

/// The topics of all interactions, in the order of their time.
pub async fn topics(session: &mut Session) -> Vec<Vec<Option<String>>> {
    session
        .rows("SELECT topic FROM crm.interactions ORDER BY occurred_at, customer_id")
        .await
}

/// The steps of an explanation that are about cells, as (file, sheet, row, cell, header, before, after, rule,
/// action); `arguments` are those of `rapport.explain_value`.
pub async fn explained_cells(session: &mut Session, arguments: &str) -> Vec<Vec<Option<String>>> {
    session
        .rows(&format!(
            "SELECT file_name, sheet, row_number, cell, header, before, after, rule, action
             FROM rapport.explain_value({arguments}) WHERE row_number IS NOT NULL OR import_id IS NULL ORDER BY step"
        ))
        .await
}

/// The counts that must balance, as (rows read, records, loaded, merged, duplicates, rejected).
pub fn balance(result: &Value) -> [i64; 6] {
    [
        "rows_read",
        "records",
        "loaded",
        "merged",
        "duplicates",
        "rejected",
    ]
    .map(|name| {
        result[name]
            .as_i64()
            .unwrap_or_else(|| panic!("{name} of {result:#}"))
    })
}

/// The tables without what only says which file brought a row.
pub async fn tables(session: &mut Session) -> Vec<Vec<Vec<Option<String>>>> {
    let mut tables = Vec::new();
    for sql in [
        "SELECT customer_id, occupation, customer_type, is_placeholder, extra FROM crm.customers
         ORDER BY customer_id",
        "SELECT customer_id, occurred_at, channel, topic, sentiment, notes, extra FROM crm.interactions
         ORDER BY customer_id, occurred_at, channel",
        "SELECT month, product, extra FROM crm.products ORDER BY month, product",
    ] {
        tables.push(session.rows(sql).await);
    }
    tables
}

/// Empties everything that imports fill.
pub async fn forget(session: &mut Session) {
    session
        .execute("TRUNCATE crm.interactions, crm.customers, crm.products, crm.labels, crm.ledger, crm.imports CASCADE")
        .await;
}

/// Every entry has the version, the severity and the action that the table of rules gives its rule.
pub async fn rules_agree(session: &mut Session) {
    let strange = session
        .rows(
            "SELECT l.rule, l.rule_version, l.severity, l.action FROM crm.ledger AS l
             WHERE NOT EXISTS (
                 SELECT FROM rapport.cleaning_rules() AS r
                 WHERE r.rule = l.rule AND r.version = l.rule_version AND r.severity = l.severity
                     AND r.action = l.action
             ) LIMIT 5",
        )
        .await;
    assert_eq!(strange, table::<4>(&[]));
    assert!(session.number("SELECT count(*) FROM crm.ledger").await > 0);
}

/// The rows of several tables.
pub type Dump = Vec<Vec<Vec<Option<String>>>>;

/// Everything that an import may touch, row by row with all columns.
pub async fn dump(session: &mut Session) -> Dump {
    let mut dump = Vec::new();
    for table in ["customers", "interactions", "products", "labels"] {
        let sql = format!("SELECT to_jsonb(t)::text FROM crm.{table} AS t ORDER BY 1");
        dump.push(session.rows(&sql).await);
    }
    dump
}

/// Takes an import back; returns the row of `rapport.undo_import` as an object.
pub async fn undo(session: &mut Session, import_id: i64) -> Value {
    session
        .json(&format!(
            "SELECT to_jsonb(u) FROM rapport.undo_import({import_id}) AS u"
        ))
        .await
}

/// Customers, interactions and product months that no import brought.
pub async fn inherit(session: &mut Session) {
    session
        .execute(
            "INSERT INTO crm.customers (customer_id, occupation, customer_type, is_placeholder, extra) VALUES
                 (1, 'Jedi', NULL, false, NULL), (2, NULL, NULL, true, NULL), (3, 'Baker', 'Red', false, '{\"Age\": \"9\"}');
             INSERT INTO crm.interactions (customer_id, occurred_at, channel) VALUES
                 (1, '2020-01-13 00:00', 'Email'), (1, '2020-01-14 10:00', 'Call'), (2, '2020-01-15 00:00', NULL);
             INSERT INTO crm.products (month, product) VALUES ('2020-01-01', 'Sand');
             INSERT INTO crm.labels (kind, label) VALUES
                 ('occupation', 'Jedi'), ('occupation', 'Baker'), ('customer_type', 'Red'), ('channel', 'Email'),
                 ('channel', 'Call'), ('product', 'Sand');",
        )
        .await;
}
