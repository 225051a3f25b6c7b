//! What may be said of all contacts, of most, and of two, and what nobody may announce.

use jiff::civil::date;
use rstest::rstest;

use super::population::{SAFETY, customer, refusal, request, row};
use crate::generation::{
    Completion, Evidence, FinishReason, Generation, MockModel, Prompt, Request, Task, Usage, check,
    generate,
};

fn written(request: &Request) -> Generation {
    let generation = generate(request, &MockModel).unwrap();
    assert_eq!(generation.refused, [], "{}", generation.text);
    assert!(!generation.fallback);
    generation
}

/// Rows with these sentiments, the latest first, by calls about pricing.
fn rated(task: Task, sentiments: &[&str]) -> Request {
    let rows = sentiments.iter().enumerate().map(|(position, sentiment)| {
        let back = i64::try_from(position).unwrap();
        let day = date(2021, 6, 30)
            .checked_sub(jiff::Span::new().days(back * 9))
            .unwrap();
        row(
            90 - back,
            day,
            Some("Call"),
            Some("Pricing"),
            Some(sentiment),
            &[],
        )
    });
    request(task, Some("Nurse"), None, rows.collect())
}

/// Rows by these channels, the latest first.
fn by(task: Task, channels: &[&str]) -> Request {
    let rows = channels.iter().enumerate().map(|(position, channel)| {
        let back = i64::try_from(position).unwrap();
        let day = date(2021, 6, 30)
            .checked_sub(jiff::Span::new().days(back * 9))
            .unwrap();
        row(90 - back, day, Some(channel), Some("Pricing"), None, &[])
    });
    request(task, Some("Nurse"), None, rows.collect())
}

const UNIVERSAL: [&str; 9] = [
    "All our",
    "all of",
    "Every contact",
    "each of",
    "equally good",
    "the same way",
    "just as well",
    "All contacts",
    "None of",
];

#[test]
fn a_neutral_contact_ends_every_universal() {
    for task in Task::ALL {
        for number in 0..12 {
            let mut request = rated(task, &["Positive", "Positive", "Neutral", "Positive"]);
            request.facts.key_topics = vec![format!("Topic {number}")];
            let text = written(&request).text;
            assert!(!UNIVERSAL.iter().any(|word| text.contains(word)), "{text}");
        }
    }
}

#[test]
fn what_lies_outside_the_window_counts() {
    let mut sentiments = vec!["Positive"; 13];
    sentiments.extend(["Negative"; 3]);
    for task in Task::ALL {
        let request = rated(task, &sentiments);
        assert_eq!(request.evidence.len(), 12);
        let text = written(&request).text;
        assert!(!UNIVERSAL.iter().any(|word| text.contains(word)), "{text}");
    }
    let request = rated(Task::Letter, &sentiments);
    let claim = "The latest contact is in keeping with our earlier ones, all of which we remember \
                 with pleasure.";
    assert!(refusal(&request, claim, &[]).is_some());
}

#[test]
fn what_is_true_of_all_is_said() {
    for (sentiment, task) in [("Positive", Task::Email), ("Negative", Task::Letter)] {
        let text = written(&rated(task, &[sentiment; 14])).text;
        let mut signs = UNIVERSAL.iter().chain(&["either", "each of"]);
        assert!(signs.any(|word| text.contains(word)), "{text}");
    }
    let text = written(&rated(Task::Summary, &["Positive"; 4])).text;
    assert!(
        text.contains("The sentiment was positive in all 4 interactions."),
        "{text}"
    );
    assert!(text.contains("always through calls"), "{text}");
}

#[rstest]
#[case("All our recent contacts have been good ones.", false)]
#[case("Our earlier contacts were equally good.", false)]
#[case("The recent contacts all went the same way.", false)]
#[case("You were always satisfied.", false)]
#[case("Every call was a pleasure.", false)]
#[case("None of our calls went badly.", false)]
#[case("None of our calls went well.", false)]
#[case("Our calls never went well.", false)]
#[case("Our earlier contacts were pleasant.", false)]
#[case("Most of our calls went well.", true)]
#[case("Our contacts were mostly positive.", true)]
#[case("Our contacts were mostly negative.", false)]
#[case("This was our only call.", false)]
#[case("It was not the only contact.", true)]
#[case("There has been no contact so far.", false)]
#[case("It has always been by phone.", true)]
#[case("It has always been by email.", false)]
#[case("We are most often in contact through calls.", true)]
#[case("We are most often in contact by email.", false)]
#[case("We are always glad to help.", true)]
#[case("Above all, we would like to thank you for our call.", true)]
#[case("Tell us everything you need.", true)]
#[case("We can only offer a call.", true)]
fn universal_words_are_checked(#[case] text: &str, #[case] passes: bool) {
    let request = rated(
        Task::Email,
        &["Positive", "Positive", "Neutral", "Positive"],
    );
    let reason = refusal(&request, text, &[]);
    assert_eq!(reason.is_none(), passes, "{text}: {reason:?}");
}

#[rstest]
#[case("All our contacts have been good ones.")]
#[case("Our earlier contacts were equally good.")]
#[case("We have never had a bad call.")]
fn a_universal_that_is_true_passes_where_it_can_be_read(#[case] text: &str) {
    let reason = refusal(&rated(Task::Email, &["Positive"; 4]), text, &[]);
    // A double negation is true but cannot be read: it is refused as well.
    assert_eq!(
        reason.is_some(),
        text.contains("never"),
        "{text}: {reason:?}"
    );
}

#[test]
fn a_comparison_cites_both_rows() {
    let request = rated(Task::Email, &["Positive", "Negative", "Positive"]);
    let text = "It went better than the call before.";
    assert!(refusal(&request, text, &[]).is_some());
    assert!(refusal(&request, text, &[90]).is_some());
    assert!(
        refusal(&request, text, &[90, 88]).is_some(),
        "both are positive"
    );
    assert_eq!(refusal(&request, text, &[90, 89]), None);
    for task in Task::ALL {
        let generation = written(&request_with(task));
        let mut compared = generation.sentences.iter().filter(|sentence| {
            [" better", "than an earlier", "as well.", "had gone"]
                .iter()
                .any(|word| sentence.text.contains(word))
        });
        assert!(
            compared.all(|sentence| sentence.evidence.len() > 1),
            "{generation:?}"
        );
    }
}

fn request_with(task: Task) -> Request {
    rated(task, &["Positive", "Neutral", "Negative"])
}

#[test]
fn most_often_needs_a_lead() {
    let tie = ["Boat", "Call", "Email", "Boat", "Call", "Email"];
    for task in Task::ALL {
        let text = written(&by(task, &tie)).text;
        assert!(!text.contains("most often"), "{text}");
    }
    let text = written(&by(Task::Summary, &tie)).text;
    assert!(
        text.contains("equally often by Boat, through calls and by email"),
        "{text}"
    );
    let text = written(&by(Task::Summary, &["Boat", "Boat", "Call"])).text;
    assert!(text.contains("most often by Boat (2 of 3)"), "{text}");
    let tied = by(Task::Email, &tie);
    assert_eq!(tied.facts.most_frequent_channel.as_deref(), Some("Boat"));
    assert!(refusal(&tied, "We are most often in contact by Boat.", &[]).is_some());
    assert!(
        refusal(
            &tied,
            "We are in contact by email and phone equally often.",
            &[]
        )
        .is_none()
    );
    let lead = by(Task::Email, &["Boat", "Email", "Email"]);
    assert!(
        refusal(
            &lead,
            "We are in contact by email and boat equally often.",
            &[]
        )
        .is_some()
    );
    // The standard text follows the same rule.
    let broken = Completion {
        text: String::new(),
        finish: FinishReason::Stop,
        usage: Usage::default(),
    };
    let standard = check(&tied, &Prompt::build(&tied), &MockModel, &broken);
    assert!(!standard.text.contains("most often"), "{}", standard.text);
}

#[test]
fn nobody_is_committed_to_anything() {
    const COMMITMENTS: [&str; 13] = [
        " we will ",
        " We will ",
        " we shall ",
        " We shall ",
        " I will ",
        " will get ",
        " will be ",
        "will receive",
        "will answer",
        "is assured",
        "separate letter",
        "get back to you",
        "come back to it",
    ];
    const FEELINGS: [&str; 6] = [
        "approval",
        "satisfactory",
        "could expect",
        "your expectations",
        "your confidence",
        "worry",
    ];
    for number in 0..400 {
        for task in Task::ALL {
            let text = written(&customer(task, number, number % 2 == 0)).text;
            for wrong in COMMITMENTS.iter().chain(&FEELINGS) {
                assert!(!text.contains(wrong), "{wrong:?} in {text}");
            }
        }
    }
}

#[rstest]
#[case("We shall return to it in a separate letter.")]
#[case("It will be answered.")]
#[case("We’ll call you.")]
fn a_safety_draft_commits_nobody(#[case] text: &str) {
    let mut request = rated(Task::Letter, &["Negative", "Positive"]);
    request.evidence[0].sensitive = true;
    let reason = refusal(&request, text, &[]).unwrap();
    assert!(reason.contains("commits somebody"), "{reason}");
}

fn marked(topic: Option<&str>, later_rows: usize) -> Vec<Evidence> {
    let mut rows: Vec<Evidence> = (0..later_rows)
        .map(|position| {
            let back = i64::try_from(position).unwrap();
            let day = date(2021, 6, 30)
                .checked_sub(jiff::Span::new().days(back))
                .unwrap();
            row(
                90 - back,
                day,
                Some("Email"),
                Some("Drug Efficacy"),
                Some("Positive"),
                &["Sand"],
            )
        })
        .collect();
    let mut sensitive = row(
        5,
        date(2021, 2, 1),
        Some("Call"),
        topic,
        Some("Negative"),
        &["Sand"],
    );
    sensitive.sensitive = true;
    sensitive.notes = Some("The patient developed a rash and was taken to hospital".to_owned());
    rows.push(sensitive);
    rows
}

#[test]
fn a_row_marked_for_its_notes_makes_a_safety_draft() {
    for topic in [None, Some("Pricing"), Some("Drug Efficacy")] {
        for later in [0, 1, 14] {
            for task in Task::ALL {
                let mut request = request(task, Some("Nurse"), None, marked(topic, 0));
                let mut all = marked(topic, later);
                request.facts.total_interactions = all.len() as u64;
                request.evidence = std::mem::take(&mut all);
                request.facts.sensitive_topics = Vec::new();
                assert!(!Prompt::build(&request).user.contains("rash"));
                let generation = written(&request);
                let text = &generation.text;
                assert!(generation.needs_review);
                assert_eq!(
                    generation.review_reasons,
                    ["interaction 5 is marked as sensitive"]
                );
                assert!(text.contains(SAFETY), "{text}");
                assert!(
                    !text.contains("rash") && !text.contains("hospital"),
                    "{text}"
                );
                if task != Task::Summary {
                    assert!(
                        !text.contains("Sand") && !text.contains("efficacy"),
                        "{text}"
                    );
                }
                let quote = "You said “developed a rash and was taken”.";
                assert!(refusal(&request, quote, &[5]).is_some());
            }
        }
    }
}

#[test]
fn a_blank_sensitive_topic_is_none() {
    for task in Task::ALL {
        let mut request = rated(task, &["Positive", "Neutral"]);
        request.facts.sensitive_topics = vec![String::new(), " \u{200b}".to_owned()];
        let generation = written(&request);
        assert!(!request.is_sensitive());
        assert!(!generation.needs_review);
        assert!(!generation.text.contains(SAFETY));
    }
}

#[test]
fn an_emoji_in_a_greeting_stays_whole() {
    let wizard = "Wizard 🧙\u{200d}♂\u{fe0f}";
    for occupation in [wizard, "می\u{200c}خواهم"] {
        for task in Task::ALL {
            let mut request = rated(task, &["Positive"]);
            request.facts.occupation = Some(occupation.to_owned());
            let text = written(&request).text;
            assert!(text.contains(occupation), "{text}");
        }
    }
}

#[test]
fn a_summary_counts_what_is_not_recorded() {
    let mut rows = rated(Task::Summary, &["Positive", "Negative", "Neutral"]).evidence;
    rows[2].sentiment = None;
    let mut request = request(Task::Summary, Some("Nurse"), None, rows);
    let expected = "positive in 1 interaction, negative in 1 and not recorded in 1";
    assert!(
        written(&request).text.contains(expected),
        "{}",
        written(&request).text
    );
    // SQL leaves out the count of what is not recorded.
    request
        .facts
        .sentiments
        .retain(|count| count.sentiment.is_some());
    assert!(written(&request).text.contains(expected));
}

#[rstest]
#[case(1)]
#[case(2)]
#[case(3)]
fn topics_read_as_words(#[case] number: usize) {
    let topics = ["Clinical Study", "Drug Efficacy", "Reimbursement Question"];
    for task in [Task::Email, Task::Letter, Task::CallScript] {
        for start in 1..28 {
            let mut rows: Vec<Evidence> = topics[..number]
                .iter()
                .enumerate()
                .map(|(position, topic)| {
                    let id = i64::try_from(position).unwrap();
                    let day = date(2021, 3, start)
                        .checked_sub(jiff::Span::new().days(id * 40))
                        .unwrap();
                    row(9 - id, day, Some("Call"), Some(topic), None, &[])
                })
                .collect();
            rows.insert(
                0,
                row(
                    20,
                    date(2021, 5, 2),
                    Some("Call"),
                    Some("COVID-19"),
                    None,
                    &[],
                ),
            );
            let text = written(&request(task, None, None, rows)).text;
            assert!(text.contains("“COVID-19”"), "{text}");
            for wrong in [
                "“C",
                "“D",
                "“R",
                "subjects",
                "Drug Eff",
                "interactions since",
            ] {
                let text = text.replace("“COVID-19”", "");
                assert!(
                    !text.contains(wrong) || task == Task::CallScript && wrong.contains("since"),
                    "{wrong}: {text}"
                );
            }
        }
    }
}
