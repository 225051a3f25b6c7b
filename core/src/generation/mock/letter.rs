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
        "Your concerns following our {noun} on {day}",
        "Our response to the {noun} on {day}",
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
        "It was a pleasure to learn that our {contact} met with your approval.",
        "Please accept our thanks for our {contact}, which we remember with pleasure.",
        "Further to our {contact}, we should like to express our appreciation of its good outcome.",
    ],
    bad: &[
        "We refer to our {contact} and regret that it did not meet your expectations.",
        "Please accept our apologies for the course of our {contact}.",
        "Our {contact} gave you reason for concern, and we should like to respond to it in writing.",
        "It is with regret that we look back on our {contact}, which did not proceed as it should have.",
    ],
    open: &[
        "We refer to our {contact}.",
        "With reference to our {contact}, we should like to ask whether any question has remained open.",
        "Further to our {contact}, we are writing to offer our continued support.",
        "Thank you for the time that you devoted to our {contact}.",
    ],
    after_good: &[
        "We should be pleased to continue this exchange with you.",
        "Your confidence is important to us, and we shall do our part to keep it.",
        "It has given us a clear view of what is useful to you.",
        "Such an exchange is of great value to our work.",
    ],
    after_bad: &[
        "We take your concerns seriously and should like to understand them in full.",
        "Please be assured that we wish to clarify every point that has remained open.",
        "It is our responsibility to find out what was missing and to provide it.",
        "We should be grateful for the opportunity to resolve the matter with you.",
    ],
    only: &[
        "As this is the only contact on our records so far, we should welcome the opportunity to learn more about your needs.",
        "Our records show no earlier contact with you, and we should be pleased if others were to follow.",
    ],
    counted: &[
        "Our records show {count} with you since {first}, and we appreciate this continuity.",
        "Since {first} we have had the pleasure of being in contact with you {times}.",
        "We look back on {count} with you since {first}.",
    ],
    improved: &[
        "We note with relief that the latest contact proceeded better than our {previous}.",
        "After our {previous}, which was not satisfactory, the better course of the latest contact is of particular importance to us.",
    ],
    worsened: &[
        "Our {previous} had proceeded well, and it is our aim to return to that standard.",
        "We regret the latest difficulty all the more because our {previous} had been a good one.",
    ],
    always_good: &[
        "The latest contact is in keeping with our earlier ones, all of which we remember with pleasure.",
        "We are grateful that our earlier contacts were equally good.",
    ],
    always_bad: &[
        "We are aware that our earlier contacts were not satisfactory either, and we regret this.",
        "As the latest contact was not the only such occasion, we intend to look into the matter thoroughly.",
    ],
    others: &[
        "We also remain at your disposal with regard to the subjects of our earlier contacts, namely {topics}.",
        "Earlier contacts concerned {topics}; should any of it require further attention, please let us know.",
        "Should you wish to return to {topics}, we shall be pleased to do so.",
    ],
    product: &[
        "The product under discussion in {month} was {products}, on which we shall send you information on request.",
        "In {month} the discussions concerned {products}; the product information is available to you at any time.",
    ],
    products: &[
        "The products under discussion in {month} were {products}, on which we shall send you information on request.",
        "In {month} the discussions concerned {products}; the product information is available to you at any time.",
    ],
    same_channel: &[
        "As we are most often in contact {usual}, we have chosen this form again.",
        "We are most often in contact {usual} and are pleased to continue in this manner.",
    ],
    other_channel: &[
        "Although we are most often in contact {usual}, the matter seemed to us to deserve a letter.",
        "We are most often in contact {usual}, and we shall gladly continue in that manner if you prefer it.",
    ],
    close_good: &[
        "We should be pleased to arrange a further conversation at your convenience.",
        "We look forward to continuing our exchange with you.",
        "Please let us know which subjects you would like us to prepare.",
    ],
    close_bad: &[
        "We should be grateful if you would let us know when we may discuss the matter with you.",
        "Please let us know how we can resolve the matter to your satisfaction.",
        "A personal answer to any point that you raise is assured.",
    ],
    close_open: &[
        "Should you have any questions, we shall be pleased to answer them.",
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
            "Our {matter} concerns a matter of safety, to which we attach the highest importance.",
        ],
        about_topic: &[
            "We are writing because {topics} is on record in our contact with you.",
            "As {topics} is among the subjects of our contacts, we should like to inform you of the competent contact.",
        ],
        apology: &[
            "We regret that the occasion was not a pleasant one for you.",
            "We regret any worry that the matter has caused you.",
        ],
        since: &[
            "Our {plain}, which came later, will be answered separately.",
            "We shall return to our {plain} in a separate letter.",
        ],
        hands: &[
            "Matters of this kind are the responsibility of our safety team.",
            "Such matters are looked into by our safety team, which is solely responsible for them.",
        ],
        contact: &[
            "We kindly ask you to direct any question or information about it to {safety}.",
            "The competent contact for everything concerning it is {safety}.",
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
