//! The second attempt of a model.

use std::cell::RefCell;

use super::population::disappointed;
use crate::Error;
use crate::generation::{
    Completion, FinishReason, MockModel, Model, ModelError, Prompt, Task, Usage, generate,
};

/// A model that gives one answer after the other, and remembers how it was asked.
struct InTurn {
    answers: Vec<Result<String, ModelError>>,
    asked: RefCell<Vec<Prompt>>,
}

impl Model for InTurn {
    fn name(&self) -> &'static str {
        "in turn"
    }

    fn complete(&self, prompt: &Prompt) -> Result<Completion, ModelError> {
        let mut asked = self.asked.borrow_mut();
        asked.push(prompt.clone());
        self.answers[asked.len() - 1]
            .clone()
            .map(|text| Completion {
                text,
                finish: FinishReason::Stop,
                usage: Usage {
                    input_tokens: 100,
                    output_tokens: 10,
                },
            })
    }
}

fn in_turn(answers: impl IntoIterator<Item = Result<String, ModelError>>) -> InTurn {
    InTurn {
        answers: answers.into_iter().collect(),
        asked: RefCell::default(),
    }
}

fn good() -> String {
    let prompt = Prompt::build(&disappointed(Task::Email));
    MockModel.complete(&prompt).unwrap().text
}

fn bad() -> String {
    good().replace("11 February", "12 February")
}

#[test]
fn a_refused_answer_is_asked_for_again_with_the_reasons() {
    let model = in_turn([Ok(bad()), Ok(good())]);
    let written = generate(&disappointed(Task::Email), &model).unwrap();
    let asked = model.asked.borrow();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0].repair, None);
    let repair = asked[1].repair.as_ref().unwrap();
    assert_eq!(repair.answer, bad());
    assert!(repair.complaint.contains("12 February"), "{repair:?}");
    assert_eq!((asked[1].system.as_str(), asked[1].user.as_str()), {
        (asked[0].system.as_str(), asked[0].user.as_str())
    });
    assert_eq!(written.refused, []);
    assert!(!written.needs_review && !written.fallback);
    assert!(!written.discarded.is_empty());
    assert_eq!(written.usage.input_tokens, 200);
}

#[test]
fn there_is_no_third_attempt_and_the_better_answer_stays() {
    let nonsense = || Ok("no".to_owned());
    let model = in_turn([Ok(bad()), nonsense()]);
    let written = generate(&disappointed(Task::Email), &model).unwrap();
    assert!(!written.fallback && !written.refused.is_empty());
    assert_eq!(written.discarded.len(), 1);
    let model = in_turn([nonsense(), nonsense()]);
    assert!(
        generate(&disappointed(Task::Email), &model)
            .unwrap()
            .fallback
    );
    assert_eq!(model.asked.borrow().len(), 2);
}

#[test]
fn a_good_answer_is_not_asked_for_again() {
    let model = in_turn([Ok(good())]);
    assert!(generate(&disappointed(Task::Email), &model).is_ok());
}

#[test]
fn a_failure_at_the_second_attempt_leaves_the_first_answer() {
    let model = in_turn([Ok(bad()), Err(ModelError::TimedOut)]);
    let written = generate(&disappointed(Task::Email), &model).unwrap();
    assert!(!written.refused.is_empty());
    let model = in_turn([Ok(bad()), Err(ModelError::Cancelled)]);
    assert!(matches!(
        generate(&disappointed(Task::Email), &model),
        Err(Error::Model {
            source: ModelError::Cancelled,
            ..
        })
    ));
}
