//! Wordings of an email: friendly, short sentences.

use super::message::Wording;
use super::sensitive;

/// The wordings.
pub(super) static WORDING: Wording = Wording {
    own: "email",
    subject_good: &[
        "Following up on our {noun}",
        "Thank you for our {noun}",
        "Our {noun} on {day}: what comes next",
        "Continuing from our {noun} on {day}",
    ],
    subject_bad: &[
        "Our {noun} on {day}: we would like to do better",
        "What we would like to put right after our {noun}",
        "Your view of our {noun} on {day}",
        "Coming back to our {noun} on {day}",
    ],
    subject_open: &[
        "Following up on our {noun}",
        "Our {noun} on {day}",
        "A question after our {noun}",
        "Staying in touch after our {noun}",
    ],
    subject_first: &[
        "A short introduction",
        "Getting in touch",
        "How can we be of use to you?",
        "Hello from {sender}",
    ],
    good: &[
        "Thank you for our {contact}; we are glad that it went well.",
        "We have noted our {contact} as a good one, and we would like to build on it.",
        "We were pleased to note that our {contact} went well.",
        "It is good to see that our {contact} went well.",
        "We gladly think back to our {contact}.",
        "As our {contact} went well, we would like to stay in touch with you.",
    ],
    bad: &[
        "We are sorry that our {contact} did not go well.",
        "We have noted that our {contact} was not a good experience, and we would like to put that right.",
        "Our notes say that our {contact} did not go well, and we take that seriously.",
        "We are writing to you because our {contact} did not go well by our own notes.",
        "We are sorry: by our own notes, our {contact} was not a good experience.",
        "We would like to come back to our {contact}, which did not go well, and to say that we are sorry.",
    ],
    open: &[
        "We are following up on our {contact}.",
        "We would like to come back to our {contact}.",
        "Thank you for the time you took for our {contact}.",
        "After our {contact} we would like to know how we can be of use to you.",
        "We are writing to you after our {contact}, to see whether anything is still open.",
    ],
    after_good: &[
        "We would be happy to continue from there.",
        "That is a good place to pick up the thread.",
        "We would like to keep it that way.",
        "If something was of particular use to you, tell us, and we can offer more of it.",
    ],
    after_bad: &[
        "We would like to understand what went wrong before we suggest anything.",
        "We would rather hear plainly what went wrong than leave it open.",
        "If anything was unclear or missing, we want to correct it.",
        "We would like to do better, and to start by listening.",
        "We do not want to leave it at that.",
    ],
    only: &[
        "This is the only contact on our records so far, so we would like to learn more about what you need.",
        "As this is the only contact on our records, we would like to get to know your needs better.",
        "We would like this first contact on our records to be followed by more, if that suits you.",
    ],
    counted: &[
        "We have been in contact {times} since {first}, and we value that.",
        "Since {first} we have been in contact {times}, which gives us a good basis.",
        "Looking back, we have been in contact {times} since {first}.",
        "Our records go back to {first}, and since then we have been in contact {times}.",
    ],
    improved: &[
        "We are especially glad about it because our {previous} had not gone as well.",
        "Our {previous} did not go well, so we are all the more glad about the latest contact.",
        "The latest contact also went better than our {previous}, and we are glad of that.",
    ],
    worsened: &[
        "Our {previous} went better, and we would like to get back to that.",
        "We know that it can be different: our {previous} went well.",
        "The latest contact fell short of our {previous}, which had gone well.",
    ],
    always_good: &[
        "Every contact on our records with you is noted as {sole}, which we do not take for granted.",
        "All our contacts so far went well, and we would like to keep it that way.",
        "Our earlier contacts went just as well, which is a pleasure to us.",
    ],
    always_bad: &[
        "Our notes say the same of our earlier contacts, each of which is recorded as {sole}, and we want to change this.",
        "None of our contacts so far went well, which makes your view all the more important to us.",
        "As every contact on our records is noted as {sole}, we would like to look at the whole of it with you.",
    ],
    others: &[
        "From earlier contact we have also noted {topics}; is anything still open there?",
        "Earlier contact with you was also about {topics}, and we are happy to return to that.",
        "If you would rather talk about {topics}, as in earlier contact, that is fine with us as well.",
        "{Topics} came up in earlier contact; tell us if anything is still open there.",
    ],
    product: &[
        "The product under discussion in {month} was {products}; if you would like information on it, just say so.",
        "In {month} the discussions were about {products}, and we can send you the product information on request.",
        "Should {products}, the product under discussion in {month}, be of interest to you, we can send you the product information.",
    ],
    products: &[
        "The products under discussion in {month} were {products}; if you would like information on any of them, just say so.",
        "In {month} the discussions were about {products}, and we can send you the product information on request.",
    ],
    same_channel: &[
        "We are most often in contact {usual}, so we are keeping to it.",
        "As we are most often in contact {usual}, this seemed the right way to reach you.",
    ],
    other_channel: &[
        "We are most often in contact {usual}; if you prefer that to email, simply let us know.",
        "As we are most often in contact {usual}, we are happy to continue that way if it suits you.",
        "If you would rather continue {usual}, as most often before, that is fine with us.",
    ],
    close_good: &[
        "When would it suit you to continue our conversation?",
        "Simply reply to this message with a time that suits you.",
        "We look forward to hearing from you.",
        "Which topic should we prepare for the next time?",
    ],
    close_bad: &[
        "May we talk it through with you? A short reply with a convenient time is enough.",
        "Please tell us what you would need from us.",
        "Simply reply to this message if you would like to talk about it.",
        "Would you let us know how we can make it right?",
    ],
    close_open: &[
        "Is there anything we can do for you at the moment? A short reply is enough.",
        "If anything is on your mind, simply reply to this message.",
        "We would be glad to hear how you see it.",
        "Please let us know what would be most useful to you.",
    ],
    first: &[
        "We have not been in contact so far, so please let us introduce ourselves.",
        "As we do not know each other yet, here is a short introduction from {sender}.",
        "With this message we would like to get in touch with you for the first time.",
        "Allow us to introduce ourselves: we are {sender}, and we would like to get to know you.",
    ],
    first_offer: &[
        "We are the people to turn to for product information, material and questions of any kind.",
        "If you need product information or an answer from our medical information team, we can arrange it.",
        "We can send you material, answer questions, or put you in touch with our specialists.",
        "From material to a specialist, please tell us what you need, and we can see how to help.",
    ],
    first_question: &[
        "To begin with, we would like to learn what matters in your daily work.",
        "It would help us to know which topics are of interest to you, and which are not.",
        "Please tell us how you prefer to be contacted, and how often.",
        "Which questions come up in your work that we could help with?",
    ],
    first_close: &[
        "A short reply is enough.",
        "We look forward to hearing from you.",
        "If you would rather not hear from us, a word is enough.",
        "We would be glad to find a time for a first conversation.",
    ],
    no_details: &[
        "We would like to stay in contact with you.",
        "It is time for us to get in touch with you again.",
        "We are writing to see how we can be of use to you.",
    ],
    safety: sensitive::Wording {
        subject: &[
            "Your contact for safety questions",
            "A safety matter in our contact with you",
            "Safety questions: whom to turn to",
        ],
        about_row: &[
            "We are writing about our {matter}.",
            "We are coming back to our {matter}, because safety matters come first for us.",
            "Thank you for our {matter}; we want it to be in the right hands.",
            "A safety matter is on record for our {matter}, and we take it seriously.",
        ],
        about_topic: &[
            "Our records of our contact with you mention {topics}, and we take that seriously.",
            "We are writing to tell you whom to turn to about {topics}, which our records of our contact with you mention.",
        ],
        apology: &[
            "We have noted that it was not a good experience, and we are sorry.",
            "By our own notes it did not go well, and we are sorry about that.",
        ],
        since: &[
            "This message does not deal with our {plain}, which came later.",
            "Our {plain}, which came later, is not the subject of this message.",
        ],
        hands: &[
            "Matters of this kind are looked after by our safety team and not by us.",
            "Our safety team is responsible for such matters.",
            "Such matters belong in the hands of our safety team.",
        ],
        contact: &[
            "Please contact {safety} directly with any question or information about it.",
            "The right place for questions about it is {safety}.",
            "If there is anything to add or to ask, please turn to {safety}.",
        ],
        contact_unknown: &["Please contact our safety team directly with any question about it."],
        limits: &[
            "We cannot comment on it ourselves, and this message holds no medical information.",
            "Please understand that we cannot say anything medical about it in this message.",
            "A medical assessment is not something that we can give you here.",
        ],
        close: &[
            "Thank you for your help.",
            "Thank you for taking the time.",
            "For anything else, you can reach us as usual.",
        ],
    },
};
