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
        "What we would like to put right",
        "Your concerns after our {noun}",
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
        "Our {contact} was a good one, and we would like to build on it.",
        "We were pleased that our {contact} went so well.",
        "It is good to know that our {contact} left you with a good impression.",
        "We gladly think back to our {contact}.",
        "The good course of our {contact} encourages us to write to you again.",
    ],
    bad: &[
        "We are sorry that our {contact} did not go as well as it should have.",
        "Our {contact} did not leave a good impression, and we would like to put that right.",
        "We know that our {contact} was not satisfactory for you, and we take that seriously.",
        "We have been thinking about our {contact}, because it did not go the way you could expect.",
        "Our {contact} left some concerns, and they deserve a proper answer.",
        "After our {contact} we can see that we owe you more than we gave you.",
    ],
    open: &[
        "We are following up on our {contact}.",
        "We would like to come back to our {contact}.",
        "Thank you for the time you took for our {contact}.",
        "Since our {contact} we have been wondering how we can be of use to you.",
        "We are writing to you after our {contact}, to see whether anything is still open.",
    ],
    after_good: &[
        "We would be happy to continue from there.",
        "That is a good place to pick up the thread.",
        "We would like to keep it that way.",
        "Your open way of talking with us makes our work easier.",
        "It showed us what is useful to you, and we want to offer more of it.",
    ],
    after_bad: &[
        "Your concerns matter to us, and we would like to understand them fully before we suggest anything.",
        "We would rather hear plainly what went wrong than leave it open.",
        "If anything was unclear or missing, we want to correct it.",
        "It is up to us to do better, and we would like to start by listening.",
        "We do not want to leave it at that.",
    ],
    only: &[
        "Our records hold only this contact with you so far, so we are keen to learn more about what you need.",
        "As we have been in contact only this far, we would like to get to know your needs better.",
        "We would like our first contact on record to be followed by more, if that suits you.",
    ],
    counted: &[
        "We have been in contact {times} since {first}, and we value that.",
        "Since {first} we have been in contact {times}, which gives us a good basis.",
        "With {count} since {first}, we hope to know a little of what matters to you.",
        "Looking back, there have been {count} since {first}.",
    ],
    improved: &[
        "We are especially glad about the latest contact because our {previous} had not gone as well.",
        "After our {previous}, which did not go well, the latest contact means a lot to us.",
        "The latest contact also went better than our {previous}, and we are grateful for the second chance.",
    ],
    worsened: &[
        "Our {previous} went better, and we would like to get back to that.",
        "We know that it can be different: our {previous} went well.",
        "The latest contact fell short of our {previous}, which had gone well.",
    ],
    always_good: &[
        "All our recent contacts have been good ones, and we do not take that for granted.",
        "That our earlier contacts went just as well is a pleasure to us.",
        "The latest contact fits well with our earlier ones, which were good too.",
    ],
    always_bad: &[
        "We are aware that our earlier contacts did not go well either, and that makes an answer all the more urgent.",
        "The latest contact was not the only one to go that way, and we want to change this.",
        "As our earlier contacts had the same difficulty, we want to look at the whole of it with you.",
    ],
    others: &[
        "We have also kept in mind what we talked about earlier: {topics}.",
        "Our earlier contacts were about {topics}, and we are happy to return to any of it.",
        "If you would rather talk about {topics}, that is fine with us as well.",
        "{Topics} came up in our earlier contacts; tell us if anything is still open there.",
    ],
    product: &[
        "The product under discussion in {month} was {products}; if you would like information on it, just say so.",
        "In {month} the discussions were about {products}, and we can send you the product information on request.",
        "Should {products}, the product under discussion in {month}, be of interest to you, we will send you the product information.",
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
        "As we are most often in contact {usual}, we will gladly continue that way if it suits you.",
        "If you would rather continue {usual}, as most often before, that is fine with us.",
    ],
    close_good: &[
        "When would it suit you to continue our conversation?",
        "Simply reply to this message with a time that suits you, and we will arrange the rest.",
        "We look forward to hearing from you.",
        "Which topic should we prepare for the next time?",
    ],
    close_bad: &[
        "May we talk it through with you? A short reply with a convenient time is enough.",
        "Please tell us what you would need from us; every answer will be read with care.",
        "If you reply to this message, we will get back to you personally.",
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
        "If you need product information or an answer from our medical information team, we will see to it.",
        "We can send you material, answer questions, or put you in touch with our specialists.",
        "Whatever you need from us, from material to a specialist, we will try to arrange it.",
    ],
    first_question: &[
        "To begin with, we would like to learn what matters in your daily work.",
        "It would help us to know which topics are of interest to you, and which are not.",
        "Please tell us how you prefer to be contacted, and how often.",
        "Which questions come up in your work that we could help with?",
    ],
    first_close: &[
        "A short reply is enough, and we will take it from there.",
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
            "Our {matter} concerns safety, and we take it seriously.",
        ],
        about_topic: &[
            "We are writing because {topics} is on record in our contact with you.",
            "As {topics} is among the topics of our contacts, we would like to tell you whom to turn to.",
        ],
        apology: &[
            "We are sorry that it was not a good experience for you.",
            "We are sorry about the circumstances, and about any worry they caused you.",
        ],
        since: &[
            "We have not forgotten our {plain} either, and will come back to it separately.",
            "Our {plain}, which came later, will get an answer of its own.",
        ],
        hands: &[
            "Matters of this kind are looked after by our safety team and not by us.",
            "Our safety team is responsible for such matters and knows what has to be done.",
            "Such matters go to our safety team, who look into each of them.",
        ],
        contact: &[
            "Please contact {safety} directly with any question or information about it.",
            "The right place for everything about it is {safety}.",
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
