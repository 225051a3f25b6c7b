#!/usr/bin/env python3
"""Makes the evaluation set for retrieval: customers, interactions with notes, products, labelled queries.

What happened is drawn first (a scenario with its tags, from scenarios.toml), the note is worded from it, and a query
(from queries.toml) asks for tags and columns. So a label never depends on the words of a note or of a query. The same
seed gives the same bytes.

    python3 eval/generate.py            writes the four files beside this one
    python3 eval/generate.py --check    writes nothing; 1 and a sentence for each thing that is wrong
"""

import argparse
import csv
import io
import json
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

FOLDER = Path(__file__).resolve().parent
SEED = 20_220_103

YEARS = range(2022, 2026)
MONTHS = [f"{year}-{month:02}" for year in YEARS for month in range(1, 13)]
PRODUCTS = ("Sand", "Orange", "Velum", "Tarn", "Merrow")
CHANNELS = {"Email": 26, "Call": 30, "Visit": 26, "Webinar": 6, "Post": 5, "Congress": 7}
TYPES = {"Red": 30, "Blue": 26, "Orange": 22, "Green": 16, "": 6}
GENERAL_TOPIC = "General Discussion"
SENTIMENTS = ("Positive", "Neutral", "Negative", "")
MOODS = {"positive": (72, 14, 2, 12), "neutral": (12, 66, 8, 14), "negative": (2, 14, 72, 12)}

# Each occupation with the group that scenarios name in `who`, and how many customers have it.
OCCUPATIONS = {
    "General Practitioner": ("physician", 36), "Cardiologist": ("physician", 18), "Rheumatologist": ("physician", 16),
    "Pulmonologist": ("physician", 16), "Dermatologist": ("physician", 15), "Neurologist": ("physician", 14),
    "Paediatrician": ("physician", 12), "Diabetologist": ("physician", 12), "Geriatrician": ("physician", 10),
    "Gastroenterologist": ("physician", 8), "Nephrologist": ("physician", 8), "Psychiatrist": ("physician", 6),
    "Orthopaedic Surgeon": ("physician", 6), "": ("physician", 5), "Practice Nurse": ("nurse", 14),
    "Hospital Nurse": ("nurse", 8), "Community Pharmacist": ("pharmacy", 24), "Hospital Pharmacist": ("pharmacy", 10),
    "Hospital Buyer": ("supply", 8), "Wholesaler": ("supply", 4), "Patient Organisation": ("patients", 8),
}
DEFAULT_GROUPS = ("physician", "nurse", "pharmacy")
# Who hears and asks most about a product.
SPECIALISTS = {
    "Sand": ("Cardiologist", "Nephrologist"), "Orange": ("Neurologist", "Orthopaedic Surgeon"),
    "Velum": ("Rheumatologist", "Gastroenterologist", "Diabetologist"), "Tarn": ("Pulmonologist", "Paediatrician"),
    "Merrow": ("Dermatologist",),
}
SPECIALIST_WEIGHT = 3
FAVOURED_WEIGHT = 8

EMPTY_NOTES = 900
ASIDE_SHARE = 0.10
OPENER_SHARE = 0.22
CLOSER_SHARE = 0.25
TYPO_SHARE = 0.09
OPTIONAL_SHARE = 0.7

OPENERS = (
    "Good contact.", "Long conversation.", "Talked for a quarter of an hour.", "Contact as agreed.", "Quick exchange.",
    "Brief contact between two consultations.", "{S} took the initiative.", "Open and friendly.", "A bit stressed.",
    "Came straight to the point.", "First contact since {spring|autumn|the summer break}.",
    "Joint contact with my boss.",
)
CLOSERS = (
    "Will follow up.", "Passed on to the medical team.", "Answer promised by {Friday|Monday|next week}.",
    "To be continued.", "{S} will let us know.", "Told the office.", "Noted.", "No further questions.",
    "Follow-up in {two|four} weeks.",
    "I will check internally.", "{S} was grateful for the time.", "Back office informed.", "Done.",
)
PATIENTS = (
    "a patient", "one patient", "a woman of 47", "a man in his fifties", "a 39-year-old", "a patient of many years",
    "a female patient", "a male patient", "one of {h} regulars", "a patient (52)", "a 44-year-old teacher",
)
ELDERLY = (
    "an 82-year-old", "a man of 79", "an elderly lady", "a nursing-home resident of 84", "a woman of 81",
    "a patient (86)",
)
NUMBERS = ("two", "three", "four", "several", "a few", "a couple of", "five")
TIMES_AGO = ("last week", "on Tuesday", "ten days ago", "at the weekend", "yesterday", "in the last month")
STUDIES = ("AURORA-2", "TIDEWATER", "HALCYON", "MERIDIAN-3", "NORTHSTAR", "COBALT-7")
TICKETS = ("T-48213", "T-48377", "T-49120", "T-50466", "T-50981", "T-51734", "T-52608", "T-53095", "T-54412", "T-55870")
ERRORS = ("E-4031", "E-4107", "E-5002", "E-5229", "E-6014", "E-7350")
PERSONS = (
    "Dr Okonkwo", "Ms Lindqvist", "Prof Achterberg", "Sister Benedikta", "Mr Vasquez-Holm", "Dr Tamura", "Ms Ferreira",
    "Dr Zielinska",
)
CONGRESSES = {
    2022: ("EuroCardio Vienna", "DermaForum Lyon", "LungDays Porto"),
    2023: ("EuroCardio Lisbon", "DermaForum Turin", "LungDays Ghent"),
    2024: ("EuroCardio Prague", "DermaForum Malmo", "LungDays Seville"),
    2025: ("EuroCardio Athens", "DermaForum Graz", "LungDays Utrecht"),
}

# How a representative writes; a customer always has the same one.
ABBREVIATIONS = (
    (r"\bpatients\b", "pts"), (r"\bpatient\b", "pt"), (r"\bwith\b", "w/"), (r"\bbecause\b", "bc"), (r"\band\b", "&"),
    (r"\bside effects\b", "SEs"), (r"\bweeks\b", "wks"), (r"\bmonths\b", "mths"), (r"\binformation\b", "info"),
    (r"\bappointment\b", "appt"), (r"\bprescription\b", "Rx"), (r"\brequested\b", "req."),
    (r"\bblood pressure\b", "BP"),
)
STYLES = ("plain", "plain", "plain", "plain", "short", "short", "lower", "bare", "short lower")

QUERY_CLASSES = {
    "paraphrase": 15, "typo": 15, "synonym": 15, "negation": 15, "multi": 15, "keyword": 15, "customer": 15,
    "unanswerable": 30, "counting": 10,
}
MOST_RELEVANT = 40
MOST_OF_CUSTOMER = 6
WORDY_PARAPHRASES = 0.25
STOP_WORDS = frozenset(
    "a about an and any are as at be by can did do does for from had has have how i in is it me much not of on or our "
    "so some still that the their them there they this to us was we were what when where which who whom whose why "
    "with".split()
)


@dataclass(frozen=True)
class Scenario:
    name: str
    topics: tuple[str, ...]
    mood: str
    rows: int
    tags: frozenset[str]
    notes: tuple[str, ...]
    products: tuple[str, ...]
    groups: tuple[str, ...]
    favours: tuple[str, ...]
    channels: tuple[str, ...]
    months: tuple[int, ...]
    aside: bool


@dataclass(frozen=True)
class Customer:
    number: int
    occupation: str
    group: str
    type: str
    she: bool
    style: str
    activity: float


@dataclass
class Interaction:
    """A row and what its note says; `facts` also has the label of its topic, as `#drug-efficacy`."""

    start: datetime
    channel: str
    customer: Customer
    topic: str
    sentiment: str
    note: str
    product: str | None
    tags: frozenset[str]
    row: int = 0

    @cached_property
    def facts(self) -> frozenset[str]:
        return self.tags | {f"#{slug(self.topic)}"} if self.topic else self.tags

    @property
    def cells(self) -> tuple[str, ...]:
        start = f"{self.start:%Y-%m-%d %H:%M}"
        return start, self.channel, str(self.customer.number), self.topic, self.sentiment, self.note


class Corpus:
    """The scenarios and everything that is drawn from them."""

    def __init__(self) -> None:
        texts = tomllib.loads((FOLDER / "scenarios.toml").read_text(encoding="utf-8"))
        self.implies: dict[str, str] = texts.pop("implies")
        self.cues: dict[str, str] = texts.pop("cues")
        self.scenarios = [self._scenario(name, fields) for name, fields in texts.items()]
        self.customers = draw_customers()
        self.months = draw_products()
        self.interactions = self._draw_interactions()

    def closure(self, tags: Iterable[str]) -> frozenset[str]:
        """The tags with all that they imply."""
        closed: set[str] = set()
        waiting = list(tags)
        while waiting:
            tag = waiting.pop()
            if tag not in closed:
                closed.add(tag)
                waiting.extend(self.implies.get(tag, "").split())
        return frozenset(closed)

    def _scenario(self, name: str, fields: Mapping[str, Any]) -> Scenario:
        return Scenario(
            name=name,
            topics=tuple(fields["topics"]),
            mood=fields["mood"],
            rows=fields["rows"],
            tags=self.closure(fields["tags"].split()),
            notes=tuple(fields["notes"].strip().splitlines()),
            products=tuple(fields.get("products", PRODUCTS)),
            groups=tuple(fields.get("who", DEFAULT_GROUPS)),
            favours=tuple(fields.get("favours", ())),
            channels=tuple(fields.get("channels", CHANNELS)),
            months=tuple(fields.get("months", range(1, 13))),
            aside=fields.get("aside", False),
        )

    def _draw_interactions(self) -> list[Interaction]:
        rows = [row for scenario in self.scenarios for row in self._rows_of(scenario)]
        rows.extend(self._row_without_note(number) for number in range(EMPTY_NOTES))
        taken: set[tuple[int, datetime, str]] = set()
        for row in rows:
            while (key := (row.customer.number, row.start, row.channel)) in taken:
                row.start += timedelta(minutes=1)
            taken.add(key)
        rows.sort(key=lambda row: (row.start, row.customer.number, row.channel))
        for number, row in enumerate(rows, start=2):
            row.row = number
        return rows

    def _rows_of(self, scenario: Scenario) -> Iterator[Interaction]:
        # A draw of its own for each row: a change to one scenario leaves the notes of the others alone.
        deck: list[str] = []
        order = Random(f"{SEED} {scenario.name}")
        for number in range(scenario.rows):
            if not deck:
                deck = order.sample(scenario.notes, k=len(scenario.notes))
            yield self._row(scenario, deck.pop(), Random(f"{SEED} {scenario.name} {number}"))

    def _row(self, scenario: Scenario, wording: str, chance: Random) -> Interaction:
        product = chance.choice(scenario.products)
        customer = self._customer(scenario, product, chance)
        start = self._start(scenario, product, chance)
        slots = Slots(customer, product, start.year, chance)
        tags = set(scenario.tags)
        parts = [slots.fill(wording)]
        if chance.random() < ASIDE_SHARE and (aside := self._aside(scenario, customer, chance)):
            parts.append(slots.fill(chance.choice(aside.notes)))
            tags |= aside.tags
        if chance.random() < OPENER_SHARE:
            parts.insert(0, slots.fill(chance.choice(OPENERS)))
        if chance.random() < CLOSER_SHARE:
            parts.append(slots.fill(chance.choice(CLOSERS)))
        text = " ".join(parts)
        return Interaction(
            start=start,
            channel=draw_channel(scenario.channels, chance),
            customer=customer,
            topic=chance.choices((scenario.topics[0], scenario.topics[-1], GENERAL_TOPIC, ""), (58, 14, 12, 16))[0],
            sentiment=chance.choices(SENTIMENTS, MOODS[scenario.mood])[0],
            note=in_style(text, customer.style, chance),
            product=product if re.search(rf"\b{product}\b", text) else None,
            tags=frozenset(tags | slots.codes),
        )

    def _aside(self, scenario: Scenario, customer: Customer, chance: Random) -> Scenario | None:
        """A second matter in the same note, of another topic than the first."""
        fitting = [
            other for other in self.scenarios
            if other.aside and customer.group in other.groups and not set(other.topics) & set(scenario.topics)
        ]
        return chance.choice(fitting) if fitting else None

    def _row_without_note(self, number: int) -> Interaction:
        chance = Random(f"{SEED} no note {number}")
        scenario = chance.choices(self.scenarios, [scenario.rows for scenario in self.scenarios])[0]
        product = chance.choice(scenario.products)
        return Interaction(
            start=self._start(scenario, product, chance),
            channel=draw_channel(scenario.channels, chance),
            customer=self._customer(scenario, product, chance),
            topic=chance.choices((scenario.topics[0], GENERAL_TOPIC, ""), (84, 8, 8))[0],
            sentiment=chance.choices(SENTIMENTS, MOODS[scenario.mood])[0],
            note="",
            product=None,
            tags=frozenset(),
        )

    def _customer(self, scenario: Scenario, product: str, chance: Random) -> Customer:
        fitting = [customer for customer in self.customers if customer.group in scenario.groups]
        weights = [
            customer.activity
            * (SPECIALIST_WEIGHT if customer.occupation in SPECIALISTS[product] else 1)
            * (FAVOURED_WEIGHT if customer.occupation in scenario.favours else 1)
            for customer in fitting
        ]
        return chance.choices(fitting, weights)[0]

    def _start(self, scenario: Scenario, product: str, chance: Random) -> datetime:
        """A time in a month in which the product was discussed, nearly always on a working day."""
        fitting = [month for month in MONTHS if product in self.months[month] and int(month[5:]) in scenario.months]
        day = datetime.fromisoformat(f"{chance.choice(fitting)}-01") + timedelta(days=chance.randrange(28))
        if day.weekday() >= 5 and chance.random() < 0.9:
            day += timedelta(days=-2 if day.day > 2 else 2)
        return day + timedelta(minutes=chance.randrange(8 * 60, 18 * 60 + 30))


class Slots:
    """The words for the slots of one note, and the codes that it came to name."""

    def __init__(self, customer: Customer, product: str, year: int, chance: Random) -> None:
        she = customer.she
        self._words: dict[str, Sequence[str]] = {
            "p": (product,),
            "S": ("She" if she else "He",), "s": ("she" if she else "he",), "o": ("her" if she else "him",),
            "h": ("her" if she else "his",), "H": ("Her" if she else "His",),
            "n": NUMBERS, "pt": PATIENTS, "old": ELDERLY, "ago": TIMES_AGO,
        }
        self._codes: dict[str, Sequence[str]] = {
            "lot": [f"{product[0]}{year % 100}{series}" for series in ("03B", "07K", "11C", "19F")],
            "study": STUDIES, "ticket": TICKETS, "err": ERRORS, "person": PERSONS, "congress": CONGRESSES[year],
        }
        self._chance = chance
        self.codes: set[str] = set()

    def fill(self, wording: str) -> str:
        text = re.sub(
            r"\[([^\[\]]*)\]", lambda match: match[1] if self._chance.random() < OPTIONAL_SHARE else "", wording)
        while "{" in text:
            text = re.sub(r"\{([^{}]*)\}", lambda match: self._word(match[1]), text)
        text = re.sub(r" +", " ", text).strip().replace(" of of ", " of ")
        return re.sub(r"(^|[.?!] )([a-z])(?![A-Z])", lambda match: match[1] + match[2].upper(), text)

    def _word(self, slot: str) -> str:
        if "|" in slot:
            return self._chance.choice(slot.split("|"))
        if slot in self._codes:
            code = self._chance.choice(self._codes[slot])
            self.codes.add(f"{slot}:{slug(code)}")
            return code
        return self._chance.choice(self._words[slot])


def slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower())


def draw_channel(channels: Sequence[str], chance: Random) -> str:
    return chance.choices(channels, [CHANNELS[channel] for channel in channels])[0]


def draw_customers() -> list[Customer]:
    chance = Random(f"{SEED} customers")
    occupations = [(name, group) for name, (group, count) in OCCUPATIONS.items() for _ in range(count)]
    chance.shuffle(occupations)
    types = list(TYPES)
    return [
        Customer(
            number=number,
            occupation=occupation,
            group=group,
            type=chance.choices(types, list(TYPES.values()))[0],
            she=chance.random() < 0.5,
            style=chance.choice(STYLES),
            activity=(chance.randrange(1, 200) + 8) ** -0.7,
        )
        for number, (occupation, group) in enumerate(occupations, start=1)
    ]


def draw_products() -> dict[str, tuple[str, ...]]:
    """The products that were discussed in each month."""
    chance = Random(f"{SEED} products")
    return {month: tuple(sorted(chance.sample(PRODUCTS, k=chance.choice((2, 3, 3, 4))))) for month in MONTHS}


def in_style(text: str, style: str, chance: Random) -> str:
    """The text as that representative types it, typing errors included."""
    if "short" in style:
        for pattern, abbreviation in ABBREVIATIONS:
            text = re.sub(pattern, abbreviation, text).replace("..", ".")
    if "lower" in style:
        text = re.sub(r"(^|[.?!] )([A-Z])(?=[a-z])", lambda match: match[1] + match[2].lower(), text)
        for product in PRODUCTS:
            text = re.sub(rf"\b{product.lower()}\b", product, text)
    if "bare" in style:
        text = re.sub(r"\.( |$)", r"\1", re.sub(r"\. (?=[A-Z])", " - ", text))
    if chance.random() < TYPO_SHARE:
        text = with_typo(text, chance)
    return text


def with_typo(text: str, chance: Random) -> str:
    places = [match.span() for match in re.finditer(r"\b[a-z]{6,}\b", text)]
    if not places:
        return text
    start, end = chance.choice(places)
    place = chance.randrange(start + 1, end - 2)
    swapped = text[:place] + text[place + 1] + text[place] + text[place + 2:]
    dropped = text[:place] + text[place + 1:]
    doubled = text[:place] + text[place] + text[place:]
    return chance.choice((swapped, dropped, doubled))


class Query:
    """A question of queries.toml and the rows that answer it."""

    def __init__(self, query_class: str, number: int, fields: Mapping[str, Any], corpus: Corpus) -> None:
        self.id = f"{query_class}-{number:02}"
        self.query_class = query_class
        self.text: str = fields["text"]
        self.answerable = query_class != "unanswerable"
        self.fields = fields
        self.customer_id = self._choose_customer(corpus)
        self.grades = self._grades(corpus.interactions, self.customer_id)
        self.count = self._count(corpus) if query_class == "counting" else None

    def terms(self) -> Iterator[str]:
        for key in ("g3", "g2", "g1"):
            for term in self.fields.get(key, "").replace("|", " ").split():
                yield term.removeprefix("-")

    def entry(self) -> dict[str, Any]:
        relevant = {} if self.count is not None else {str(row): grade for row, grade in sorted(self.grades.items())}
        entry: dict[str, Any] = {
            "id": self.id, "class": self.query_class, "query": self.text, "customer_id": self.customer_id,
            "relevant": relevant, "answerable": self.answerable,
        }
        return entry if self.count is None else entry | {"count": self.count}

    def _choose_customer(self, corpus: Corpus) -> int | None:
        """The customer that the query names; for `auto`, one with many rows of which a few, or none, are relevant."""
        wanted = self.fields.get("customer")
        if wanted != "auto":
            return wanted
        rows = Counter(row.customer.number for row in corpus.interactions)
        graded = self._grades(corpus.interactions, None)
        relevant = Counter(row.customer.number for row in corpus.interactions if row.row in graded)
        answered = {row.customer.number for row in corpus.interactions if graded.get(row.row) == 3}
        busiest = sorted(rows, key=lambda number: (-rows[number], number))
        if self.answerable:
            fitting = [number for number in busiest if number in answered and relevant[number] <= MOST_OF_CUSTOMER]
        else:
            fitting = [number for number in busiest if number not in relevant]
        return Random(f"{SEED} {self.text}").choice(fitting[:30])

    def _grades(self, rows: Iterable[Interaction], customer_id: int | None) -> dict[int, int]:
        grades: dict[int, int] = {}
        for row in rows:
            if self._in_scope(row) and customer_id in (None, row.customer.number):
                if grade := next((n for n in (3, 2, 1) if says(row.facts, self.fields.get(f"g{n}", ""))), 0):
                    grades[row.row] = grade
        return grades

    def _in_scope(self, row: Interaction) -> bool:
        columns = {
            "channel": row.channel, "topic": row.topic, "sentiment": row.sentiment, "product": row.product,
            "type": row.customer.type, "occupation": row.customer.occupation,
        }
        return in_period(row.start, self.fields.get("when")) and all(
            value in wanted if isinstance(wanted := self.fields.get(column, value), list) else value == wanted
            for column, value in columns.items()
        )

    def _count(self, corpus: Corpus) -> int:
        match self.fields.get("count", "rows"):
            case "rows":
                return len(self.grades)
            case "customers":
                return len({row.customer.number for row in corpus.interactions if row.row in self.grades})
            case unit:
                raise ValueError(f"{self.id}: unknown count {unit}")


def says(facts: frozenset[str], expression: str) -> bool:
    """Whether the facts meet one of the alternatives: `nausea evening | vomiting -hospital`; `*` is met by all."""
    def meets(term: str) -> bool:
        return term == "*" or (term[1:] not in facts if term.startswith("-") else term in facts)

    return any(terms and all(map(meets, terms)) for terms in map(str.split, expression.split("|")))


def in_period(start: datetime, period: str | None) -> bool:
    """Whether a time lies in `2024`, in `2024-03`, or in `2024-03..2024-05`, both ends included."""
    if period is None:
        return True
    first, _, last = period.partition("..")
    text = f"{start:%Y-%m-%d}"
    return first <= text and text[:len(last or first)] <= (last or first)


def read_queries(corpus: Corpus) -> list[Query]:
    texts = tomllib.loads((FOLDER / "queries.toml").read_text(encoding="utf-8"))
    return [
        Query(query_class, number, fields, corpus)
        for query_class, entries in texts.items()
        for number, fields in enumerate(entries, start=1)
    ]


def as_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def render(corpus: Corpus, queries: Sequence[Query]) -> dict[str, str]:
    """The text of each file."""
    lines = ",\n".join(json.dumps(query.entry(), ensure_ascii=False) for query in queries)
    return {
        "customers.csv": as_csv(
            ("Customer Id", "Occupation", "Type"), ((c.number, c.occupation, c.type) for c in corpus.customers)),
        "interactions.csv": as_csv(
            ("Date Start", "Interaction", "Customers", "Topic", "Sentiment", "Notes"),
            (row.cells for row in corpus.interactions)),
        "products.csv": as_csv(
            ("Date", "Product"),
            ((f"{month[5:]}-{month[:4]}", name) for month, names in corpus.months.items() for name in names)),
        "queries.json": f"[\n{lines}\n]\n",
    }


def faults(corpus: Corpus, queries: Sequence[Query]) -> Iterator[str]:
    """What is wrong, a sentence each."""
    yield from faults_of_files(render(corpus, queries))
    yield from faults_of_corpus(corpus)
    yield from faults_of_queries(corpus, queries)


def faults_of_files(files: Mapping[str, str]) -> Iterator[str]:
    for name, text in files.items():
        path = FOLDER / name
        if not path.exists() or path.read_bytes() != text.encode():
            yield f"{name} is not what generate.py writes"


def faults_of_corpus(corpus: Corpus) -> Iterator[str]:
    rows = corpus.interactions
    if len(rows) < 5_000:
        yield f"only {len(rows)} interactions"
    if len({(row.customer.number, row.start, row.channel) for row in rows}) < len(rows):
        yield "two interactions have the same customer, time and channel"
    if {row.start.year for row in rows} != set(YEARS):
        yield "an interaction is outside the years"
    share = sum(not row.note for row in rows) / len(rows)
    if not 0.13 <= share <= 0.17:
        yield f"{share:.1%} of the notes are empty"
    if len(corpus.scenarios) < 120:
        yield f"only {len(corpus.scenarios)} scenarios"
    for scenario in corpus.scenarios:
        if len(set(scenario.notes)) < 6:
            yield f"scenario {scenario.name} has fewer than 6 wordings"
    for pattern, expression in corpus.cues.items():
        cue = re.compile(pattern, re.IGNORECASE)
        for row in rows:
            if cue.search(row.note) and not says(row.tags, expression):
                yield f"row {row.row} says \"{pattern}\" and is not tagged \"{expression}\": {row.note}"


def faults_of_queries(corpus: Corpus, queries: Sequence[Query]) -> Iterator[str]:
    known = {"*"}.union(*(row.facts for row in corpus.interactions))
    sizes = Counter(query.query_class for query in queries)
    for query_class, least in QUERY_CLASSES.items():
        if sizes[query_class] < least:
            yield f"class {query_class} has {sizes[query_class]} queries, not {least}"
    for text, times in Counter(query.text for query in queries).items():
        if times > 1:
            yield f"{times} queries read \"{text}\""
    for query in queries:
        yield from (f"{query.id}: nothing is tagged {term}" for term in query.terms() if term not in known)
        if query.count is None:
            if query.answerable and not 1 <= len(query.grades) <= MOST_RELEVANT:
                yield f"{query.id} has {len(query.grades)} relevant rows"
            if not query.answerable and query.grades:
                yield f"{query.id} has relevant rows: {sorted(query.grades)}"
        if absent := query.fields.get("absent"):
            for row in corpus.interactions:
                if re.search(absent, f"{row.topic} {row.note}", re.IGNORECASE):
                    yield f"{query.id}: row {row.row} says \"{absent}\": {row.note}"
    paraphrases = [query for query in queries if query.query_class == "paraphrase"]
    wordy = [query.id for query in paraphrases if is_wordy(query, corpus)]
    if len(wordy) > WORDY_PARAPHRASES * len(paraphrases):
        yield f"a relevant note has all words of these paraphrases: {', '.join(wordy)}"


def is_wordy(query: Query, corpus: Corpus) -> bool:
    """Whether one relevant note has every word of the query that carries meaning."""
    wanted = words(query.text) - STOP_WORDS
    return any(wanted <= words(row.note) for row in corpus.interactions if row.row in query.grades)


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def main() -> int:
    parser = argparse.ArgumentParser(description="Makes the evaluation set for retrieval.")
    parser.add_argument("--check", action="store_true", help="check the files that are there and write nothing")
    arguments = parser.parse_args()
    corpus = Corpus()
    queries = read_queries(corpus)
    if arguments.check:
        found = list(faults(corpus, queries))
        for fault in found:
            print(fault, file=sys.stderr)
        return 1 if found else 0
    for name, text in render(corpus, queries).items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
