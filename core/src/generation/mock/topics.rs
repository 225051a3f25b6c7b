//! What to offer and what to ask, by what a topic is about. Nothing here says anything about a
//! medicine.

use crate::generation::label;

/// What a topic is about, as far as its words tell.
struct Field {
    words: &'static [&'static str],
    offers: &'static [&'static str],
    questions: &'static [&'static str],
}

static FIELDS: [Field; 9] = [
    Field {
        words: &["efficacy", "effectiveness"],
        offers: &[
            "If published data on this would help you, we can have it sent to you.",
            "Should you want to look into the published data yourself, we can send you the references.",
            "Our medical colleagues can go through the published data with you at a time that suits you.",
        ],
        questions: &[
            "Which published data have you already seen on this?",
            "What would you need to know to form your own view?",
            "Would a conversation with our medical colleagues be of use?",
        ],
    },
    Field {
        words: &["side effect", "tolerability", "safety", "contraindication"],
        offers: &[
            "Detailed questions on this are in good hands with our medical information team, and we can put you in touch.",
            "If a specific question came up since then, our medical information team can answer it.",
            "We can arrange for our medical information team to contact you about this.",
        ],
        questions: &[
            "Has a specific question on this come up since then?",
            "Would you like our medical information team to contact you?",
            "Which points on this do you hear about?",
        ],
    },
    Field {
        words: &["interaction", "combination"],
        offers: &[
            "Questions on combinations with other medicines go to our medical information team, and we can pass yours on.",
            "If there is a particular combination you have in mind, tell us, and we can ask for a written answer.",
            "We can ask our medical information team for a written answer to your questions on this.",
        ],
        questions: &[
            "Which combinations come up in your daily work?",
            "Would a written answer from our medical information team be of use?",
            "Is there a particular combination you have in mind?",
        ],
    },
    Field {
        words: &["guideline", "prescri", "label", "indication"],
        offers: &[
            "We can send you the current version of the guidelines, so that you have it at hand.",
            "If parts of the guidelines were unclear, we can find out what is meant.",
            "Should you need the guidelines in another format, let us know.",
        ],
        questions: &[
            "Do you have the current version of the guidelines at hand?",
            "Which part of the guidelines raises most questions?",
            "In which form do you prefer to receive the guidelines?",
        ],
    },
    Field {
        words: &["dosage", "dosing", "dose", "administration"],
        offers: &[
            "The approved product information covers this in detail, and we can send you a copy.",
            "If you would like the relevant part of the product information, we can send it to you.",
            "Our medical information team can point you to the right part of the product information.",
        ],
        questions: &[
            "Do you have the current product information at hand?",
            "Which situations raise questions on this?",
            "Would a printed copy of the product information be of use?",
        ],
    },
    Field {
        words: &["trial", "study", "studies", "data", "research", "result"],
        offers: &[
            "We can put you in touch with the colleagues who know the studies well.",
            "If you would like the publication itself, we can send you the reference.",
            "Should you want to discuss the data, we can arrange a meeting with our medical colleagues.",
        ],
        questions: &[
            "Which study would you like to know more about?",
            "Do you have access to the publication?",
            "Would a discussion with our medical colleagues be of use?",
        ],
    },
    Field {
        words: &[
            "price",
            "pricing",
            "cost",
            "reimburse",
            "insurance",
            "coverage",
            "budget",
        ],
        offers: &[
            "We can send you an overview of the current terms, if that helps your planning.",
            "If you tell us what you need for your planning, we can put the figures together.",
            "Our colleagues for market access can answer questions on this directly.",
        ],
        questions: &[
            "What information do you need for your planning?",
            "Who else in your organisation should receive the terms?",
            "By when do you need the figures?",
        ],
    },
    Field {
        words: &[
            "supply", "availab", "delivery", "shortage", "order", "sample", "storage",
        ],
        offers: &[
            "If anything about deliveries is open on your side, tell us, and we can look into it.",
            "We can check the state of deliveries for you at any time.",
            "Our logistics colleagues can answer questions on this directly.",
        ],
        questions: &[
            "Is anything about deliveries open on your side?",
            "Which quantities do you expect to need?",
            "Whom should our logistics colleagues contact?",
        ],
    },
    Field {
        words: &[
            "training",
            "education",
            "support",
            "programme",
            "program",
            "patient",
        ],
        offers: &[
            "If material or a training session would be of use to you or your colleagues, we can arrange it.",
            "We can send you an overview of the material we have on this.",
            "Tell us who else should be involved, and we can include them.",
        ],
        questions: &[
            "Which material would be of use in your daily work?",
            "Who else should be involved?",
            "Which form of support suits you?",
        ],
    },
];

static GENERAL: Field = Field {
    words: &[],
    offers: &[
        "If a question on this has come up since then, we can find the right person to answer it.",
        "Tell us if you would like to know more about this, and we can send you what we have.",
        "We can go deeper into this with you when it suits you.",
    ],
    questions: &[
        "Has a question on this come up since then?",
        "What would you like to know more about?",
        "What should we prepare for the next conversation?",
    ],
};

fn field(topic: &str) -> &'static Field {
    let folded = label::fold(topic);
    FIELDS
        .iter()
        .find(|field| field.words.iter().any(|word| folded.contains(word)))
        .unwrap_or(&GENERAL)
}

/// Returns offers that fit a topic.
pub(super) fn offers(topic: &str) -> &'static [&'static str] {
    field(topic).offers
}

/// Returns questions that fit a topic.
pub(super) fn questions(topic: Option<&str>) -> &'static [&'static str] {
    topic.map_or(GENERAL.questions, |topic| field(topic).questions)
}
