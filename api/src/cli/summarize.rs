//! `rapport summarize`: one customer on the terminal.

use clap::Args;
use comfy_table::{ContentArrangement, Table, presets::UTF8_BORDERS_ONLY};
use serde_json::Value;

use super::{OutputFormat, print_line};
use crate::{
    database::{self, DatabaseUrl},
    error::Error,
};

/// Summarises what is known about a customer.
#[derive(Debug, Args)]
#[command(after_help = super::EXIT_CODES, after_long_help = long_examples!(
    "  rapport summarize 1\n  \
       rapport summarize 1 --focus 'side effects'\n  \
       rapport summarize 1 --format json | jq .summary.key_topics"))]
pub(super) struct Summarize {
    /// The number of the customer.
    #[arg(value_name = "ID", allow_negative_numbers = true)]
    customer_id: i64,

    /// What the summary should also name the nearest interactions of.
    #[arg(long, value_name = "TEXT")]
    focus: Option<String>,

    /// How to print the answer.
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

impl Summarize {
    /// Asks the database and prints what it answers.
    pub(super) async fn run(&self, database_url: &DatabaseUrl) -> Result<(), Error> {
        let mut connection = database::connect(&database_url.options("rapport summarize")?).await?;
        let answer: String = sqlx::query_scalar("SELECT rapport.summarize_customer($1, $2)::text")
            .bind(self.customer_id)
            .bind(&self.focus)
            .fetch_one(&mut connection)
            .await?;
        match self.format {
            OutputFormat::Json => print_line(&answer),
            OutputFormat::Table => print_line(&table(&answer)?),
        }
    }
}

/// Draws the facts, with the sentences below.
fn table(answer: &str) -> Result<String, Error> {
    let answer: Value = serde_json::from_str(answer)
        .map_err(|error| Error::Server(format!("the answer is not JSON: {error}")))?;
    let at = |pointer: &str| answer.pointer(pointer).map(plain).unwrap_or_default();
    let last = ["date", "channel", "topic"]
        .map(|key| at(&format!("/summary/last_interaction/{key}")))
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(", ");
    let mut table = Table::new();
    table
        .load_style(UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic);
    for (name, value) in [
        ("customer", at("/customer_id")),
        ("interactions", at("/summary/total_interactions")),
        (
            "most frequent channel",
            at("/summary/most_frequent_channel"),
        ),
        ("last interaction", last),
        ("key topics", at("/summary/key_topics")),
    ] {
        table.add_row([name, if value.is_empty() { "–" } else { &value }]);
    }
    Ok(format!("{table}\n{}", at("/summary/summary_text")))
}

/// Writes a JSON value for people: texts bare, lists by line.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join("\n"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nulls_are_shown_as_dashes() {
        let text = table(
            r#"{"customer_id": 9, "summary": {"total_interactions": 0, "most_frequent_channel": null,
                "last_interaction": null, "key_topics": [], "summary_text": "No interactions are on record."}}"#,
        )
        .unwrap();
        assert_eq!(text.matches('–').count(), 3, "{text}");
        assert!(text.ends_with("No interactions are on record."));
    }
}
