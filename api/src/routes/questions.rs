//! Questions about all customers, or one.

use std::time::Instant;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{JsonText, RefusedSentence, TokenUsage, fetch_json};
use crate::{
    app::App,
    parameters::JsonBody,
    problem::{CommonProblems, Problem, ProblemDocument},
};

/// What is asked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The question, at most 2 000 characters.
    #[schema(
        example = "How many calls were there in March 2020?",
        max_length = 2000
    )]
    pub question: String,
    /// The customer that it is about; without one it is about all.
    #[serde(default)]
    #[schema(minimum = 1, example = 1)]
    pub customer_id: Option<i64>,
}

/// The answer and what it rests on.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionAnswer {
    /// The question.
    pub question: String,
    /// The answer; `[1]` cites the citation of that number.
    #[schema(example = "2 interactions: channel Call, from 2020-03-01, to 2020-03-31.")]
    pub answer: String,
    /// The interactions that the answer rests on.
    pub citations: Vec<Citation>,
    /// How near the nearest interaction comes to the question, from 0 to 1; 1 for a number that was counted.
    #[schema(example = 1.0)]
    pub confidence: f64,
    /// Whether the answer says that nothing on record answers the question.
    pub not_enough_evidence: bool,
    /// Why.
    #[schema(required)]
    pub reason: Option<String>,
    /// How the question was read: what it counts, its conditions, what it is about.
    pub plan: QuestionPlan,
    /// What was counted; null for a question that asks for no number.
    #[schema(required)]
    pub facts: Option<QuestionFacts>,
    /// Where the sentences come from; null when no model was asked.
    #[schema(required)]
    pub provenance: Option<AnswerProvenance>,
}

/// How a question was read; what it does not say is left out.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionPlan {
    /// What is counted, `interactions`, `customers` or `contacted_customers`; absent when the question asks for no number.
    #[schema(example = "interactions")]
    pub counted: Option<String>,
    /// What the number is split by.
    pub per: Vec<String>,
    /// The customer.
    pub customer_id: Option<i64>,
    /// The type of the customers.
    pub customer_type: Option<String>,
    /// Their occupation, or its last words.
    pub occupation: Option<String>,
    /// The channel.
    #[schema(example = "Call")]
    pub channel: Option<String>,
    /// The topic.
    pub topic: Option<String>,
    /// The sentiment.
    pub sentiment: Option<String>,
    /// The product of the months.
    pub product: Option<String>,
    /// The first day.
    #[schema(example = "2020-03-01")]
    pub since: Option<String>,
    /// The last day.
    #[schema(example = "2020-03-31")]
    pub until: Option<String>,
    /// The kind of label that is missing.
    pub without: Option<String>,
    /// What the question is about.
    pub subject: String,
    /// A word of a question for a number that is not understood, so that nothing is counted.
    pub unclear: Option<String>,
    /// Names and codes that an answer has to mention.
    pub names: Vec<String>,
}

/// What was counted.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionFacts {
    /// How many interactions meet the conditions.
    #[schema(example = 2)]
    pub interactions: i64,
    /// How many customers had one.
    #[schema(example = 2)]
    pub contacted_customers: i64,
    /// How many customers there are of the type and occupation asked for.
    #[schema(example = 17)]
    pub customers: i64,
    /// How interactions belong to products; absent where the question is about none.
    #[schema(example = "month")]
    pub attribution: Option<String>,
    /// The parts of the number; absent when the question splits it by nothing.
    pub groups: Option<Vec<FactGroup>>,
}

/// A part of a number; it has the labels that the question splits it by.
#[derive(Debug, Serialize, ToSchema)]
pub struct FactGroup {
    /// The type of the customers.
    pub customer_type: Option<String>,
    /// Their occupation.
    pub occupation: Option<String>,
    /// The channel.
    pub channel: Option<String>,
    /// The topic.
    pub topic: Option<String>,
    /// The sentiment.
    pub sentiment: Option<String>,
    /// The product; null for months without one.
    pub product: Option<String>,
    /// The month.
    #[schema(example = "2020-03")]
    pub month: Option<String>,
    /// The year.
    #[schema(example = "2020")]
    pub year: Option<String>,
    /// How many interactions.
    pub interactions: i64,
    /// How many customers had one.
    pub contacted_customers: i64,
    /// How many customers there are in it.
    pub customers: i64,
}

/// An interaction that an answer cites.
#[derive(Debug, Serialize, ToSchema)]
pub struct Citation {
    /// Its number in the answer.
    #[schema(example = 1)]
    pub number: i64,
    /// The interaction.
    pub interaction_id: i64,
    /// Its customer.
    pub customer_id: i64,
    /// Its day.
    #[schema(example = "2020-01-22")]
    pub date: String,
    /// Its channel.
    #[schema(required)]
    pub channel: Option<String>,
    /// Its topic.
    #[schema(required)]
    pub topic: Option<String>,
}

/// Where the sentences of an answer come from.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnswerProvenance {
    /// The name of the model.
    #[schema(example = "mock")]
    pub model: String,
    /// The name and version of the prompt.
    #[schema(example = "ask/2")]
    pub prompt: String,
    /// Names the question: the same key means the same prompt to the same model.
    pub key: String,
    /// What the model said it consumed.
    pub usage: TokenUsage,
    /// Whether the sentences are quotations by rule, because nothing the model wrote could be used.
    pub fallback: bool,
    /// What the model wrote and was not let through.
    pub refused: Vec<RefusedSentence>,
    /// The same of the answer that was not used, where the model was asked twice.
    pub discarded: Vec<RefusedSentence>,
    /// The sentences, in order.
    pub sentences: Vec<CitedSentence>,
    /// The number under which the answer is kept; null where nothing may be written.
    #[schema(required)]
    pub generation_id: Option<i64>,
}

/// A sentence and the citations it rests on.
#[derive(Debug, Serialize, ToSchema)]
pub struct CitedSentence {
    /// The sentence.
    pub text: String,
    /// The numbers of the citations.
    pub evidence: Vec<i64>,
}

/// Ask a question
///
/// Numbers are counted by SQL. Anything else is answered from the interactions found, each sentence with
/// citations; when nothing on record comes near, the answer says so.
#[utoipa::path(
    post,
    path = "/api/v1/ask",
    tag = "questions",
    security((), ("token" = [])),
    request_body = Question,
    responses(
        (status = 200, description = "The answer, or that there is not enough evidence", body = QuestionAnswer),
        (status = 404, description = "No such customer", body = ProblemDocument,
         content_type = "application/problem+json"),
        (status = 413, description = "The question is too long", body = ProblemDocument,
         content_type = "application/problem+json"),
        (status = 415, description = "The body is not declared as JSON", body = ProblemDocument,
         content_type = "application/problem+json"),
        (status = 502, description = "The model gave no usable answer", body = ProblemDocument,
         content_type = "application/problem+json"),
        CommonProblems
    )
)]
pub(crate) async fn ask(
    State(app): State<App>,
    JsonBody(asked): JsonBody<Question>,
) -> Result<JsonText, Problem> {
    let started = Instant::now();
    let statement = sqlx::query_scalar("SELECT rapport.ask($1, $2)::text")
        .bind(asked.question)
        .bind(asked.customer_id);
    let answer = fetch_json(statement, &app.database.questions).await?;
    log_answer(asked.customer_id, &answer, started);
    Ok(answer)
}

/// Logs how a question was answered, and nothing of what was asked or said.
fn log_answer(customer_id: Option<i64>, answer: &JsonText, started: Instant) {
    #[derive(Default, Deserialize)]
    struct Logged {
        not_enough_evidence: bool,
        citations: Vec<serde::de::IgnoredAny>,
        provenance: Option<Written>,
    }
    #[derive(Default, Deserialize)]
    struct Written {
        model: String,
        prompt: String,
        fallback: bool,
        refused: Vec<serde::de::IgnoredAny>,
    }
    let logged: Logged = serde_json::from_str(&answer.0).unwrap_or_else(|error| {
        tracing::error!(%error, "the provenance of an answer cannot be read");
        Logged::default()
    });
    let written = logged.provenance.unwrap_or_default();
    tracing::info!(
        customer_id,
        not_enough_evidence = logged.not_enough_evidence,
        citations = logged.citations.len(),
        model = written.model,
        prompt = written.prompt,
        fallback = written.fallback,
        refused = written.refused.len(),
        duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        "answered"
    );
}
