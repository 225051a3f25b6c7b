//! Counts over all customers and over one.

pub mod activity;
pub mod customer;
pub mod products;
pub mod rows;
pub mod topics;

use std::str::FromStr;

use axum::response::{IntoResponse as _, Response};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::fetch_json;
use crate::{
    app::App,
    export::{Lines, csv_file},
    problem::Problem,
};

/// Collects the routes.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(products::count_interactions_per_product))
        .routes(routes!(activity::count_monthly_activity))
        .routes(routes!(topics::count_topics))
        .routes(routes!(customer::count_interactions_of_customer))
        .routes(routes!(rows::count_rows))
}

/// How to answer.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum AnswerFormat {
    /// A JSON document.
    #[default]
    Json,
    /// A CSV file with a header line and every row. A text that a spreadsheet would take for a formula has a `'` in
    /// front.
    Csv,
}

impl FromStr for AnswerFormat {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "json" => Ok(Self::Json),
            "csv" => Ok(Self::Csv),
            _ => Err("expected json or csv"),
        }
    }
}

/// Answers what a statement yields: a document, or the lines of a file of this name.
async fn answer(
    app: &App,
    format: AnswerFormat,
    file: &str,
    asked: Lines,
) -> Result<Response, Problem> {
    match format {
        AnswerFormat::Json => Ok(fetch_json(asked, &app.database.questions)
            .await?
            .into_response()),
        AnswerFormat::Csv => csv_file(app, file, asked).await,
    }
}

/// The rows of a page when nobody says how many.
const PAGE: i32 = 1000;

/// Refuses pages of a file, which has every row.
fn require_whole_file(after: Option<&String>, limit: Option<i32>) -> Result<(), Problem> {
    if after.is_some() || limit.is_some() {
        return Err(Problem::unreadable(
            "a CSV file has every row: leave out after and limit, or ask for JSON".to_owned(),
        ));
    }
    Ok(())
}
