//! The nouns and verbs in which records are told.

pub(super) const ALL: [&str; 22] = [
    // What is kept, and where.
    "record records recording recorded file filed entry documentation document documented register registered log history summary overview",
    "note noted mention mentioned remark statement list listed data",
    // Contacts and their ways.
    "interaction contact conversation exchange call phone telephone email e-mail mail letter post message visit meeting chat fax",
    "conference webinar video text sms communication correspondence dialogue occasion talk channel medium way form means",
    // What they were about and how they went.
    "topic subject theme matter issue point aspect content discussion sentiment question request inquiry enquiry complaint comment wish",
    "positive negative neutral mixed",
    // Who.
    "customer client type segment occupation profession person team colleague sender",
    // When.
    "date day week month year time hour period span moment timeline january february march april june july august",
    "september october november december monday tuesday wednesday thursday friday saturday sunday",
    // Counts.
    "number total count counts times figure zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen",
    "seventeen eighteen nineteen twenty thirty forty fifty hundred thousand dozen single",
    // To take place.
    "begin start end conclude finish open close continue follow precede occur happen place date run extend range last span stretch lie fall",
    // To say and write.
    "say tell speak talk discuss write name state mention note record report reply respond answer ask request raise bring express quote word",
    "describe inform relate cite read put complain comment mark rate",
    // To concern.
    "receive conduct distribute according concern deal regard relate refer cover touch turn center centre revolve address include contain comprise consist hold involve arise",
    // To show and count.
    "show appear stand rank lead leading lead head count account make amount go come move shift turn change use get reach remain stay belong",
    "comprise total number enter file carry bear see contrast case instance part",
    // Qualities of counts and entries.
    "sensitive key various single separate overall additional known subsequent same",
    "respective exact corresponding aforementioned overall",
    "attributed dated entitled titled labelled called",
    "highest lowest",
    "nd st rd th vs",
];

/// What records tell that notes in another language may say in other words.
pub(super) const TOLD: [&str; 4] = [
    "deliver delivery arrive arrival parcel shipment order goods supply box late delay wait expect",
    "receive send return ask want wish prefer need would brochure leaflet paper print copy card data sheet",
    "german english spanish french italian language technical",
    "too much little slow missing broken open problem",
];

/// Phrases in which a word says less than by itself.
pub(super) const PHRASES: [&str; 64] = [
    "most recent",
    "product of discussion",
    "products of discussion",
    "product of the discussion",
    "product of the discussions",
    "products of the discussion",
    "products of the discussions",
    "product in discussion",
    "products in discussion",
    "product under discussion",
    "products under discussion",
    "product discussed",
    "products discussed",
    "product information",
    "no product",
    "about products",
    "works as",
    "works as a",
    "most recently",
    "most often",
    "most frequent",
    "most frequently",
    "equally often",
    "more often",
    "how often",
    "more than once",
    "more positive than",
    "less positive than",
    "more negative than",
    "less negative than",
    "better than",
    "worse than",
    "went better",
    "gone better",
    "highest count",
    "in particular",
    "side effect",
    "side effects",
    "adverse event",
    "adverse events",
    "so far",
    "let us know by",
    "linked to",
    "linked with",
    "linked by",
    "by far",
    "improved from",
    "worsened from",
    "thus far",
    "in addition",
    "in total",
    "in contrast",
    "by contrast",
    "in terms of",
    "at first",
    "as follows",
    "for the first time",
    "in detail",
    "on file",
    "according to",
    "in short",
    "both of which",
    "a number of times",
    "out of",
];
