//! What a sentence may say in words of its own, and what it may say of one contact.

use jiff::civil::date;
use rstest::rstest;

use super::population::{refusal, request, row};
use crate::generation::{Request, Task};

/// Three contacts: a positive call, a negative email, and a neutral visit with a note.
fn asked(task: Task) -> Request {
    let mut visit = row(
        7,
        date(2021, 3, 9),
        Some("Visit"),
        Some("Drug Efficacy"),
        Some("Neutral"),
        &["Sand"],
    );
    visit.notes = Some("Wants the study summary before the congress in Lisbon.".to_owned());
    let rows = vec![
        row(
            9,
            date(2021, 6, 30),
            Some("Call"),
            Some("Dosage Information"),
            Some("Positive"),
            &["Orange"],
        ),
        row(
            8,
            date(2021, 5, 4),
            Some("Email"),
            Some("Formulary Access"),
            Some("Negative"),
            &["Sand"],
        ),
        visit,
    ];
    request(task, Some("Nurse"), None, rows)
}

#[rstest]
#[case::cited("Our call on 30 June 2021 was positive.", &[9], true)]
#[case::uncited("Our call on 30 June 2021 was positive.", &[], false)]
#[case::other_row("Our call on 30 June 2021 was positive.", &[8], false)]
#[case::tone_of_another("Our call on 30 June 2021 was negative.", &[9, 8], false)]
#[case::topic_of_another("On 4 May 2021 the topic was Drug Efficacy.", &[8, 7], false)]
#[case::went("Our email of 4 May 2021 did not go well.", &[8], true)]
#[case::went_wrongly("Our email of 4 May 2021 went well.", &[8], false)]
#[case::denied("The email of 4 May 2021 was not negative.", &[8], false)]
#[case::two("After a negative email on 4 May 2021, the call on 30 June 2021 was positive.", &[9, 8], true)]
#[case::swapped("After a positive email on 4 May 2021, the call on 30 June 2021 was negative.", &[9, 8], false)]
#[case::rises("The sentiment improved from Negative on 4 May 2021 to Positive on 30 June 2021.", &[9, 8], true)]
#[case::falls("The sentiment worsened from Negative on 4 May 2021 to Positive on 30 June 2021.", &[9, 8], false)]
#[case::last("The last contact was on 4 May 2021.", &[8], false)]
#[case::product("In May 2021, Sand was a product of discussion.", &[8], true)]
#[case::product_of_another_month("In May 2021, Orange was a product of discussion.", &[8], false)]
#[case::product_of_a_day("On 4 May 2021 the product of discussion was Sand.", &[8], false)]
fn what_is_said_of_a_contact_is_of_one_row(
    #[case] text: &str,
    #[case] evidence: &[i64],
    #[case] passes: bool,
) {
    let reason = refusal(&asked(Task::Email), text, evidence);
    assert_eq!(reason.is_none(), passes, "{text}: {reason:?}");
}

#[rstest]
#[case::told("You asked for the study summary before the congress in Lisbon.", &[7], true)]
#[case::quoted("Our note says “Wants the study summary before the congress in Lisbon.”", &[7], true)]
#[case::quoted_of_another("Our note says “Wants the study summary before the congress in Lisbon.”", &[8], false)]
#[case::as_a_fact("The study summary was there before the congress in Lisbon.", &[7], false)]
#[case::not_cited("You asked for the study summary.", &[], false)]
#[case::wish("You want a colleague.", &[7], false)]
#[case::feeling("You are happy with us.", &[], false)]
#[case::announced("We will call you.", &[], false)]
#[case::deed("We have arranged a meeting with you.", &[], false)]
#[case::offer("We can arrange a meeting if you like.", &[], true)]
#[case::question("Would another contact suit you?", &[], true)]
#[case::next_week("We can call you next week.", &[], false)]
#[case::foreign("Vielen Dank.", &[], false)]
#[case::address("Write to us at boss@evil.example.", &[], false)]
#[case::marks("***", &[], false)]
#[case::broken("We would like to", &[], false)]
#[case::denial("We have not spoken about Drug Efficacy.", &[], false)]
#[case::patience("Please do not hesitate to contact us.", &[], true)]
fn words_are_those_of_the_data_or_of_contact(
    #[case] text: &str,
    #[case] evidence: &[i64],
    #[case] passes: bool,
) {
    let reason = refusal(&asked(Task::Email), text, evidence);
    assert_eq!(reason.is_none(), passes, "{text}: {reason:?}");
}

#[rstest]
#[case("Call was used once, Email once and Visit once.", true)]
#[case("Two interactions were Positive.", false)]
#[case("3 interactions are on record.", true)]
#[case("Call leads with 3 interactions.", false)]
fn counts_stand_with_their_labels(#[case] text: &str, #[case] passes: bool) {
    let reason = refusal(&asked(Task::Summary), text, &[]);
    assert_eq!(reason.is_none(), passes, "{text}: {reason:?}");
}
