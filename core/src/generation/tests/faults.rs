//! The mock that misbehaves: whatever it does, nothing of it reaches a reader.

use super::population::disappointed;
use crate::generation::{Fault, FaultyModel, Generation, MockModel, Model, Prompt, Task, generate};

fn written(fault: Fault, learns: bool, task: Task) -> Option<Generation> {
    generate(
        &disappointed(task),
        &FaultyModel::new("faulty", fault, learns),
    )
    .ok()
}

#[test]
fn what_a_faulty_model_makes_up_is_refused() {
    for task in Task::ALL {
        let prompt = Prompt::build(&disappointed(task));
        let good = MockModel.complete(&prompt).unwrap();
        for fault in Fault::ALL {
            let name = fault.name();
            let Some(text) = written(fault, false, task) else {
                assert!(
                    matches!(fault, Fault::RateLimited | Fault::ServerError),
                    "{name}"
                );
                continue;
            };
            assert!(!text.refused.is_empty(), "{task} {name}: {}", text.text);
            assert!(text.needs_review, "{task} {name}");
            assert_eq!(text.model, "faulty");
            // Told what was wrong, it answers well.
            let learned = written(fault, true, task).unwrap();
            assert_eq!(learned.refused, [], "{task} {name}");
            assert!(
                !learned.discarded.is_empty() && !learned.needs_review,
                "{task} {name}"
            );
            assert_eq!(
                learned.usage.output_tokens,
                2 * good.usage.output_tokens,
                "{task} {name}"
            );
        }
    }
}

#[test]
fn faults_are_named() {
    for fault in Fault::ALL {
        assert_eq!(fault.name().parse::<Fault>().unwrap(), fault);
    }
    let error = "telepathy".parse::<Fault>().unwrap_err().to_string();
    assert_eq!(error, "unknown fault \"telepathy\"");
}
