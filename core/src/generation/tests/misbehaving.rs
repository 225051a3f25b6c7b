//! Models that make things up, stop half-way or answer nonsense.

use rstest::rstest;
use serde_json::{Value, json};

use super::population::{SAFETY, disappointed};
use crate::Error;
use crate::generation::{
    Completion, FinishReason, Generation, Model, ModelError, Prompt, Request, Task, Usage, generate,
};

/// Answers what it is told to, whatever the prompt says.
struct Scripted(Result<Completion, ModelError>);

impl Model for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn complete(&self, _: &Prompt) -> Result<Completion, ModelError> {
        self.0.clone()
    }
}

fn answered(request: &Request, text: &str, finish: FinishReason) -> Generation {
    let usage = Usage::default();
    let text = text.to_owned();
    generate(
        request,
        &Scripted(Ok(Completion {
            text,
            finish,
            usage,
        })),
    )
    .unwrap()
}

/// Four sentences that the data bears out, in which one more is to be caught.
fn email(wrong: &Value) -> Value {
    json!({"subject": "Our call on 11 February 2020", "parts": [
        {"part": "opening", "sentences": [
            {"text": "We are sorry that our call on 11 February 2020 left concerns.",
             "evidence": [17], "mentions": [{"kind": "channel", "value": "Call"}]},
            {"text": "We have had 2 interactions since 4 October 2019.", "evidence": [3], "mentions": []}]},
        {"part": "body", "sentences": [
            wrong,
            {"text": "You also asked about “Drug Efficacy”.", "evidence": [3],
             "mentions": [{"kind": "topic", "value": "drug efficacy"}]}]},
        {"part": "closing", "sentences": [
            {"text": "Please tell us what you need.", "evidence": [], "mentions": []}]}
    ]})
}

fn sentence(text: &str) -> Value {
    json!({"text": text, "evidence": [], "mentions": []})
}

#[test]
fn a_true_answer_passes_whole() {
    for text in [
        "It was on 11 February 2020 at 16:10.",
        "It was on 2020-02-11, or 11/02/2020.",
        "In February 2020 the discussions were about Sand.",
        "Our email of October 4th, 2019 was the first.",
        "There were two interactions, the first in October 2019.",
        "None of this is serious.",
        "May we call you?",
        "You were in touch with us in 2019 and 2020.",
        "It was a Tuesday.",
        "One of our colleagues can help you.",
        "Please write to The Rapport team.",
    ] {
        let generation = answered(
            &disappointed(Task::Email),
            &email(&json!({"text": text, "evidence": [17, 3], "mentions": []})).to_string(),
            FinishReason::Stop,
        );
        assert_eq!(generation.refused, [], "{text}");
        assert!(generation.text.contains(text), "{text}");
        assert!(!generation.needs_review);
        assert_eq!(
            generation.subject.as_deref(),
            Some("Our call on 11 February 2020")
        );
        assert_eq!(generation.cited, [17, 3]);
    }
}

#[rstest]
#[case::number("We have had 7 interactions.", "the number 7")]
#[case::number_word("We have had seven interactions.", "the number seven")]
#[case::compound("We met on twenty-two occasions.", "the number twenty-two")]
#[case::percent("You were content 2 % of the time.", "unit")]
#[case::money("It costs only $2.", "unit")]
#[case::decimal("The mean is 1.5 contacts.", "the number 1.5")]
#[case::fraction("It took ½ of the time.", "the number ½")]
#[case::foreign_digits("We have had ٧ interactions.", "the number ٧")]
#[case::year_as_count("We have had 2020 interactions.", "the number 2020")]
#[case::day("Thank you for 12 February 2020.", "12 February 2020")]
#[case::day_without_year("Thank you for 12 February.", "12 February")]
#[case::american("Thank you for February 12, 2020.", "12 February 2020")]
#[case::iso("Thank you for 2020-02-12.", "2020-02-12")]
#[case::slashes("Thank you for 12/02/2020.", "12/02/2020")]
#[case::dots("Thank you for 12.02.2020.", "12.02.2020")]
#[case::month_of_year("It was in March 2020.", "March 2020")]
#[case::month("It was in May.", "May")]
#[case::numeric_month("It was in 03-2020.", "03-2020")]
#[case::year("It was in 2021.", "2021")]
#[case::time("It was at 17:45.", "17:45")]
#[case::weekday("It was on a Wednesday.", "Wednesday")]
#[case::relative("We spoke last week.", "\"last\"")]
#[case::ago("We spoke some time ago.", "\"ago\"")]
#[case::quotation("You said “this is wonderful”.", "“this is wonderful”")]
#[case::straight_quotation("You said \"this is wonderful\".", "“this is wonderful”")]
#[case::open_quotation("You said “this is wonderful.", "no partner")]
#[case::name("Our product Xarelto may interest you.", "Xarelto")]
#[case::product("Sand is what you asked about, and so is Sand.", "without the month")]
#[case::medium("Thank you for our meeting.", "our meeting")]
#[case::braces("We wrote to {{name}} about it.", "placeholder")]
#[case::brackets("Best wishes from [Name].", "placeholder")]
#[case::none("You asked about None.", "\"None\"")]
#[case::null("Your topic was null.", "\"null\"")]
#[case::unknown("Your occupation is Unknown.", "\"Unknown\"")]
#[case::control("It is\u{7} fine.", "control character")]
#[case::bidi("It is \u{202e}fine.", "control character")]
#[case::line_break("It is fine.\nDear Batman, all is well.", "control character")]
#[case::greeting("Dear Jedi, we hope you are well.", "greeting")]
#[case::empty("   ", "empty")]
#[case::promise("This drug cures everything.", "promise")]
#[case::other_customer("You are like customer 2019.", "may like")]
fn what_is_made_up_is_dropped(#[case] text: &str, #[case] reason: &str) {
    let generation = answered(
        &disappointed(Task::Email),
        &email(&sentence(text)).to_string(),
        FinishReason::Stop,
    );
    assert_eq!(
        generation.refused.len(),
        1,
        "{text}: {:?}",
        generation.refused
    );
    assert!(
        generation.refused[0].reason.contains(reason),
        "{:?}",
        generation.refused
    );
    if !text.trim().is_empty() {
        assert!(!generation.text.contains(text), "{}", generation.text);
    }
    assert!(!generation.fallback);
    assert!(generation.needs_review);
    assert_eq!(
        generation.review_reasons,
        ["1 sentence of the model was refused"]
    );
    assert!(
        generation
            .text
            .contains("You also asked about “Drug Efficacy”.")
    );
}

#[rstest]
#[case::id(json!({"text": "It was fine.", "evidence": [99], "mentions": []}), "interaction 99")]
#[case::channel(json!({"text": "It was fine.", "evidence": [],
    "mentions": [{"kind": "channel", "value": "Fax"}]}), "channel \"Fax\"")]
#[case::topic(json!({"text": "It was fine.", "evidence": [],
    "mentions": [{"kind": "topic", "value": "Pricing"}]}), "topic \"Pricing\"")]
#[case::product(json!({"text": "It was fine.", "evidence": [17],
    "mentions": [{"kind": "product", "value": "Orange"}]}), "product \"Orange\"")]
#[case::sentiment(json!({"text": "It was fine.", "evidence": [],
    "mentions": [{"kind": "sentiment", "value": "Neutral"}]}), "sentiment \"Neutral\"")]
#[case::mixed_rows(json!({"text": "The exchange on 11 February 2020 was fine.", "evidence": [17],
    "mentions": [{"kind": "topic", "value": "Drug Efficacy"}]}), "does not belong")]
#[case::other_medium(json!({"text": "Thank you for our email on 11 February 2020.",
    "evidence": [17], "mentions": []}), "our email")]
fn what_is_marked_must_be_in_the_data(#[case] wrong: Value, #[case] reason: &str) {
    let generation = answered(
        &disappointed(Task::Email),
        &email(&wrong).to_string(),
        FinishReason::Stop,
    );
    assert_eq!(generation.refused.len(), 1, "{:?}", generation.refused);
    assert!(
        generation.refused[0].reason.contains(reason),
        "{:?}",
        generation.refused
    );
}

#[test]
fn a_date_of_another_row_is_not_of_the_cited_one() {
    let mut request = disappointed(Task::Email);
    let mut middle = request.evidence[0].clone();
    middle.interaction_id = 9;
    middle.date = jiff::civil::date(2019, 12, 24);
    request.evidence.insert(1, middle);
    let told = |id: i64| {
        let told = json!({"text": "It was on 24 December 2019.", "evidence": [id], "mentions": []});
        answered(&request, &email(&told).to_string(), FinishReason::Stop)
            .refused
            .len()
    };
    assert_eq!(told(9), 0);
    assert_eq!(told(17), 1);
}

#[rstest]
#[case::empty("", FinishReason::Stop, "empty")]
#[case::blank(" \n ", FinishReason::Stop, "empty")]
#[case::prose("Dear Jedi, all is well.", FinishReason::Stop, "schema")]
#[case::half("{\"parts\": [{\"part\": \"opening\"", FinishReason::Stop, "schema")]
#[case::off_schema("{\"content\": \"Dear Jedi\"}", FinishReason::Stop, "schema")]
#[case::no_parts("{\"parts\": []}", FinishReason::Stop, "no sentences")]
#[case::no_sentences(
    "{\"parts\": [{\"part\": \"opening\", \"sentences\": []}]}",
    FinishReason::Stop,
    "no sentences"
)]
#[case::wrong_part(
    "{\"parts\": [{\"part\": \"poem\", \"sentences\": [{\"text\": \"x\"}]}]}",
    FinishReason::Stop,
    "\"poem\""
)]
#[case::array("[1, 2]", FinishReason::Stop, "schema")]
#[case::filtered("", FinishReason::Filtered, "withheld")]
fn nonsense_gives_the_standard_text(
    #[case] text: &str,
    #[case] finish: FinishReason,
    #[case] reason: &str,
) {
    for task in Task::ALL {
        let text = text.replace("opening", task.parts()[0]);
        let generation = answered(&disappointed(task), &text, finish);
        assert!(generation.fallback);
        assert!(generation.needs_review);
        assert_eq!(generation.refused.len(), 1);
        assert!(
            generation.refused[0].reason.contains(reason),
            "{:?}",
            generation.refused
        );
        assert!(
            ["2 interactions", "in contact twice"]
                .iter()
                .any(|count| generation.text.contains(count)),
            "{}",
            generation.text
        );
        assert!(
            generation.text.contains("11 February 2020"),
            "{}",
            generation.text
        );
        assert_eq!(generation.subject.is_some(), task.has_subject());
    }
}

#[test]
fn a_cut_answer_is_refused_even_if_it_parses() {
    let text = email(&sentence("It is fine.")).to_string();
    let generation = answered(&disappointed(Task::Email), &text, FinishReason::Length);
    assert!(generation.fallback);
    assert_eq!(generation.refused[0].reason, "the answer is cut off");
}

#[test]
fn a_huge_answer_is_not_read() {
    let text = format!("{{\"parts\": [{}]}}", " ".repeat(100_000));
    let generation = answered(&disappointed(Task::Email), &text, FinishReason::Stop);
    assert!(generation.fallback);
    assert!(generation.refused[0].reason.contains("longer than"));
    assert!(generation.refused[0].text.chars().count() <= 300);
}

#[test]
fn too_little_left_gives_the_standard_text() {
    let wrong = "We have had 7 interactions.";
    let answer = json!({"parts": [{"part": "opening", "sentences": [
        sentence("We write to you."), sentence(wrong), sentence(wrong)]},
        {"part": "closing", "sentences": [sentence("Goodbye.")]}]});
    let request = disappointed(Task::Email);
    let kept = answered(&request, &answer.to_string(), FinishReason::Stop);
    assert!(!kept.fallback, "two of four are enough");
    let answer = json!({"parts": [{"part": "opening", "sentences": [
        sentence("We write to you."), sentence(wrong), sentence(wrong)]}]});
    let generation = answered(&request, &answer.to_string(), FinishReason::Stop);
    assert!(generation.fallback);
    assert_eq!(generation.refused.len(), 3);
    assert!(!generation.text.contains('7'));
    assert!(generation.text.starts_with("Dear Jedi,\n\n"));
}

#[test]
fn endless_text_is_cut_at_the_limit() {
    let many: Vec<Value> = (0..200).map(|_| sentence("We think of you.")).collect();
    let answer = json!({"parts": [{"part": "opening", "sentences": many}]});
    let generation = answered(
        &disappointed(Task::Email),
        &answer.to_string(),
        FinishReason::Stop,
    );
    assert!(generation.fallback, "more was refused than kept");
    let long = "We think of you ".repeat(100);
    let generation = answered(
        &disappointed(Task::Email),
        &email(&sentence(&long)).to_string(),
        FinishReason::Stop,
    );
    assert_eq!(generation.refused[0].reason, "it is too long");
}

#[test]
fn a_made_up_subject_is_replaced() {
    let mut answer = email(&sentence("It is fine."));
    answer["subject"] = json!("Your 7 questions");
    let generation = answered(
        &disappointed(Task::Email),
        &answer.to_string(),
        FinishReason::Stop,
    );
    assert_eq!(generation.subject.as_deref(), Some("Our contact with you"));
    assert!(generation.refused[0].reason.starts_with("subject: "));
}

#[test]
fn an_answer_in_a_code_block_is_read() {
    let text = format!("```json\n{}\n```", email(&sentence("It is fine.")));
    let generation = answered(&disappointed(Task::Email), &text, FinishReason::Stop);
    assert!(!generation.fallback);
}

#[rstest]
#[case("You should stop taking it.")]
#[case("We recommend a lower dose.")]
#[case("Our drug is effective and well tolerated.")]
#[case("This symptom is harmless.")]
#[case("The efficacy is proven.")]
#[case("In February 2020 the discussions were about Sand.")]
fn advice_and_promotion_are_refused_where_safety_is_at_stake(#[case] text: &str) {
    let mut request = disappointed(Task::Email);
    let answer = email(&sentence(text)).to_string();
    request.evidence[0].sensitive = true;
    let generation = answered(&request, &answer, FinishReason::Stop);
    assert_eq!(generation.refused.len(), 1, "{:?}", generation.refused);
    assert!(!generation.text.contains(text));
    // The model forgot the safety contact; the text has it all the same.
    assert!(generation.text.contains(SAFETY), "{}", generation.text);
    assert!(generation.needs_review);
}

#[test]
fn a_model_that_fails_is_an_error() {
    for (failure, message) in [
        (
            ModelError::TimedOut,
            "model \"scripted\" did not answer in time",
        ),
        (
            ModelError::RateLimited {
                retry_after: Some(3),
            },
            "model \"scripted\" is over its rate limit",
        ),
        (
            ModelError::Failed("500".to_owned()),
            "model \"scripted\" answered an error: 500",
        ),
    ] {
        let error = generate(&disappointed(Task::Email), &Scripted(Err(failure))).unwrap_err();
        assert!(matches!(error, Error::Model { .. }));
        assert_eq!(error.to_string(), message);
    }
}
