//! The words that hold a sentence together.

pub(super) const ALL: [&str; 16] = [
    // Articles and pronouns.
    "a an the this that these those such same own",
    "i me my myself we us our ours ourselves you your yours yourself yourselves",
    "he him his himself she her hers herself it its itself they them their theirs themselves",
    "who whom whose which what when where why how whether whatever whichever whenever wherever",
    "somebody someone something anybody anyone anything everybody everyone everything one ones other others another",
    // Verbs that help.
    "be have do can could may might shall should would cannot",
    // Prepositions.
    "about above across after against along alongside among amongst around as at because before behind beside besides between",
    "beyond by concerning despite down during except for from in including into of off on onto out over per regarding since",
    "through throughout to together toward towards under until till up upon via with within without",
    // Conjunctions and adverbs of order and place.
    "and or but nor so yet if though although while whilst whereas once twice again also too either neither both",
    "then there here thereby therein thereafter therefore thus hence accordingly consequently however furthermore moreover additionally",
    "meanwhile otherwise instead rather indeed namely respectively altogether overall still already just only even now today",
    // What denies or tells of all is checked by itself.
    "not no none never nothing nobody hardly all always each every any some few exclusively consistently solely",
    "entirely invariably constantly equally most mostly mainly primarily usually predominantly main",
    "first firstly last lastly latest recent recently previous previously earlier earliest later early prior former latter initial initially",
    "newest oldest finally away back ahead forth apart aside alike else ever perhaps n t s d re ve m",
];

/// Articles, prepositions and pronouns of other languages; a word that denies or counts is none.
pub(super) const FOREIGN: [&str; 4] = [
    "der die das den dem des ein eine einen einem einer und oder im am in an auf aus bei mit nach von vom zu zum zur über um für als sich er sie es",
    "el la los las un una unos unas y o de del al en con por para sobre se su sus que",
    "le la les un une des du de et ou à au aux en dans avec par pour sur se sa son ses que",
    "il lo i gli e di da dal nel con su per che si",
];
