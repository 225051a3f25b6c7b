//! Wordings of a letter: formal, complete sentences.

use super::message::Wording;
use super::sensitive;

/// The wordings.
pub(super) static WORDING: Wording = Wording {
    own: "letter",
    subject_good: &[
        "Our {noun} on {day}",
        "Continuation of our {noun} on {day}",
        "Our thanks for the {noun} on {day}",
    ],
    subject_bad: &[
        "Our {noun} on {day}: our apologies",
        "Your view of our {noun} on {day}",
        "With reference to our {noun} on {day}",
    ],
    subject_open: &[
        "Our {noun} on {day}",
        "With reference to our {noun} on {day}",
        "Further to our {noun} on {day}",
    ],
    subject_first: &[
        "Introduction",
        "Our introduction to you",
        "An offer of support",
    ],
    good: &[
        "We refer to our {contact} and would like to thank you for it.",
        "It is a pleasure to note that our {contact} went well.",
        "Please accept our thanks for our {contact}, which we have noted as a good one.",
        "Further to our {contact}, we should like to express our appreciation of its good course.",
    ],
    bad: &[
        "We refer to our {contact} and regret that it did not go well.",
        "Please accept our apologies for the course of our {contact}.",
        "We have noted that our {contact} was not a good experience, and we should like to address this in writing.",
        "It is with regret that we look back on our {contact}, which did not go well according to our records.",
    ],
    open: &[
        "We refer to our {contact}.",
        "With reference to our {contact}, we should like to ask whether any question has remained open.",
        "Further to our {contact}, we are writing to offer our continued support.",
        "Thank you for the time that you devoted to our {contact}.",
    ],
    after_good: &[
        "We should be pleased to continue this exchange with you.",
        "We should like to continue in the same spirit.",
        "Such an exchange is of great value to our work.",
        "Please let us know if anything was of particular use to you.",
    ],
    after_bad: &[
        "We take this seriously and should like to understand the reasons in full.",
        "Please be assured that we wish to clarify any point that has remained open.",
        "It is our responsibility to find out what was missing.",
        "We should be grateful for the opportunity to resolve the matter with you.",
    ],
    only: &[
        "As this is the only contact on our records so far, we should welcome the opportunity to learn more about your needs.",
        "Our records show no earlier contact with you, and we should be pleased if others were to follow.",
    ],
    counted: &[
        "Our records show that we have been in contact {times} since {first}, and we appreciate this continuity.",
        "Since {first} we have had the pleasure of being in contact with you {times}.",
        "We have been in contact with you {times} since {first}.",
    ],
    improved: &[
        "We note with relief that the latest contact went better than our {previous}.",
        "Our {previous} did not go well, so that the better course of the latest contact is of particular importance to us.",
    ],
    worsened: &[
        "Our {previous} had gone well, and it is our aim to return to that standard.",
        "We regret this the more because our {previous} had been a good one.",
    ],
    always_good: &[
        "We are grateful that each of our contacts on record is noted as {sole}.",
        "All our contacts so far went well, and we should like to thank you for this.",
        "We are grateful that our earlier contacts were equally good.",
    ],
    always_bad: &[
        "We are aware that our earlier contacts did not go well either, and we regret this.",
        "As each of our contacts on record is noted as {sole}, it is our aim to understand the reasons.",
    ],
    others: &[
        "We also remain at your disposal with regard to {topics}, as in earlier contact.",
        "Earlier contact also concerned {topics}; should anything have remained open, please let us know.",
        "Should you wish to return to {topics}, which came up in earlier contact, please let us know.",
    ],
    product: &[
        "The product under discussion in {month} was {products}, on which we can send you information on request.",
        "In {month} the discussions concerned {products}; we can send you the product information on request.",
    ],
    products: &[
        "The products under discussion in {month} were {products}, on which we can send you information on request.",
        "In {month} the discussions concerned {products}; we can send you the product information on request.",
    ],
    same_channel: &[
        "As we are most often in contact {usual}, we have chosen this form again.",
        "We are most often in contact {usual} and are pleased to continue in this manner.",
    ],
    other_channel: &[
        "Although we are most often in contact {usual}, the matter seemed to us to deserve a letter.",
        "We are most often in contact {usual}, and we are happy to continue in that manner if you prefer it.",
    ],
    close_good: &[
        "We should be pleased to arrange a further conversation at your convenience.",
        "We look forward to continuing our exchange with you.",
        "Please let us know which subjects you would like us to prepare.",
    ],
    close_bad: &[
        "We should be grateful if you would let us know when we may discuss the matter with you.",
        "Please let us know how we can resolve the matter.",
        "Please let us know what you would need from us.",
    ],
    close_open: &[
        "Should you have any questions, please let us know.",
        "Please let us know if we can be of assistance.",
        "We should welcome your reply.",
    ],
    first: &[
        "As we have not been in contact so far, we should like to introduce ourselves.",
        "We should like to take the liberty of introducing ourselves: we are {sender}.",
        "This letter is to introduce {sender} to you, as there has been no contact between us so far.",
    ],
    first_offer: &[
        "We provide product information and material, and we pass questions on to our medical information team.",
        "You may turn to us for product information, for material, and for a conversation with our specialists.",
        "It is our task to see that your questions reach those who can answer them.",
    ],
    first_question: &[
        "We should be grateful to learn which subjects are of importance in your work.",
        "Please let us know in which manner, and how often, you would wish to be contacted.",
        "It would be of great help to us to know what you expect of us.",
    ],
    first_close: &[
        "We look forward to making your acquaintance.",
        "We should be pleased to arrange a first conversation at your convenience.",
        "We should welcome your reply.",
    ],
    no_details: &[
        "We are writing to remain in contact with you.",
        "We should like to offer you our continued support.",
    ],
    safety: sensitive::Wording {
        subject: &[
            "Contact for safety questions",
            "A safety matter in our contact with you",
        ],
        about_row: &[
            "We refer to our {matter}.",
            "Further to our {matter}, we should like to inform you of the competent contact.",
            "A safety matter is on record for our {matter}, and we attach great importance to it.",
        ],
        about_topic: &[
            "Our records of our contact with you mention {topics}, to which we attach great importance.",
            "As our records of our contact with you mention {topics}, we should like to inform you of the competent contact.",
        ],
        apology: &[
            "We have noted that it was not a good experience, and we regret this.",
            "According to our records it did not go well, and we regret this.",
        ],
        since: &[
            "Our {plain}, which came later, is not the subject of this letter.",
            "This letter does not deal with our {plain}, which came later.",
        ],
        hands: &[
            "Matters of this kind are the responsibility of our safety team.",
            "The responsibility for such matters lies with our safety team.",
        ],
        contact: &[
            "We kindly ask you to direct any question or information about it to {safety}.",
            "The competent contact in this matter is {safety}.",
        ],
        contact_unknown: &["We kindly ask you to direct any question about it to our safety team."],
        limits: &[
            "Please understand that this letter cannot contain a medical assessment.",
            "We are not in a position to comment on it ourselves, and this letter holds no medical information.",
        ],
        close: &[
            "Thank you for your assistance.",
            "For all other matters we remain at your disposal.",
        ],
    },
};
