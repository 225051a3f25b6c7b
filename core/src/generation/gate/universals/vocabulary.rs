//! The words that the check looks for; a phrase stands between spaces.

/// Words that speak of every interaction.
pub(super) const ALL: [&str; 15] = [
    "all",
    "always",
    "every",
    "each",
    "everything",
    "never",
    "none",
    "throughout",
    "exclusively",
    "consistently",
    "solely",
    "entirely",
    "invariably",
    "constantly",
    "equally",
];

/// Phrases that do.
pub(super) const ALL_PHRASES: [&str; 11] = [
    " anything but ",
    " the same way ",
    " the same direction ",
    " earlier ones ",
    " previous ones ",
    " just as well ",
    " just as good ",
    " without exception ",
    " no exception ",
    " as ever ",
    " well either ",
];

/// Phrases in which such words say nothing of the kind.
pub(super) const IDLE: [&str; 15] = [
    " at all ",
    " above all ",
    " first of all ",
    " after all ",
    " all the same ",
    " all the more ",
    " all the best ",
    " all in all ",
    " all right ",
    " not only ",
    " each other ",
    " if only ",
    " either way ",
    " none of this ",
    " only if ",
];

/// Phrases that put one label before the others.
pub(super) const MOST: [&str; 16] = [
    " most contacts ",
    " most interactions ",
    " most calls ",
    " most visits ",
    " most often ",
    " most frequently ",
    " most frequent ",
    " more often ",
    " usually ",
    " mainly ",
    " main ",
    " primarily ",
    " mostly ",
    " predominantly ",
    " most of our ",
    " most of the ",
];

/// Those among them that speak of more than half.
pub(super) const MAJORITY: [&str; 9] = [
    " most contacts ",
    " most interactions ",
    " most calls ",
    " most visits ",
    " mainly ",
    " mostly ",
    " predominantly ",
    " most of our ",
    " most of the ",
];

/// Phrases that compare two contacts.
pub(super) const BETTER: [&str; 8] = [
    " better than ",
    " worse than ",
    " went better ",
    " gone better ",
    " more positive than ",
    " less positive than ",
    " more negative than ",
    " less negative than ",
];

/// Words for contacts.
pub(super) const CONTACTS: [&str; 30] = [
    "contact",
    "contacts",
    "interaction",
    "interactions",
    "conversation",
    "conversations",
    "call",
    "calls",
    "exchange",
    "exchanges",
    "email",
    "emails",
    "e-mail",
    "e-mails",
    "letter",
    "letters",
    "meeting",
    "meetings",
    "visit",
    "visits",
    "discussion",
    "discussions",
    "occasion",
    "occasions",
    "ones",
    "channel",
    "channels",
    "sentiment",
    "sentiments",
    "topics",
];

/// Words that tell of the past, or point back to contacts.
pub(super) const PAST: [&str; 29] = [
    "was",
    "were",
    "been",
    "had",
    "did",
    "went",
    "gone",
    "took",
    "met",
    "spoke",
    "talked",
    "wrote",
    "asked",
    "said",
    "told",
    "agreed",
    "happened",
    "liked",
    "showed",
    "remember",
    "recorded",
    "which",
    "them",
    "these",
    "those",
    "record",
    "records",
    "satisfied",
    "history",
];

pub(super) const GOOD: [&str; 22] = [
    "good",
    "well",
    "positive",
    "positively",
    "pleasant",
    "pleasure",
    "excellent",
    "great",
    "wonderful",
    "fine",
    "satisfied",
    "satisfying",
    "satisfactory",
    "successful",
    "favourable",
    "favorable",
    "smooth",
    "smoothly",
    "enjoyable",
    "constructive",
    "fruitful",
    "happy",
];

pub(super) const BAD: [&str; 16] = [
    "bad",
    "badly",
    "negative",
    "negatively",
    "poor",
    "poorly",
    "unpleasant",
    "unsatisfactory",
    "difficult",
    "disappointing",
    "disappointed",
    "unsatisfied",
    "dissatisfied",
    "unhappy",
    "wrong",
    "problematic",
];

pub(super) const NEUTRAL: [&str; 2] = ["neutral", "mixed"];

pub(super) const NOT: [&str; 9] = [
    "not", "none", "never", "no", "nothing", "hardly", "neither", "nor", "without",
];
