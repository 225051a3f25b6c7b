"""Makes the files that every contestant gets: the same seed gives the same bytes."""

import csv
import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from random import Random

import xlsxwriter

from bench import dirt

SEED = 20_191_004
CUSTOMERS = 50_000
# One cell in a hundred is dirty, and two rows in a thousand come twice.
DIRTY_CELLS = 0.01
DOUBLED_ROWS = 0.002
BATCH = 10_000

INTERACTIONS_SHEET = "interactions"
HEADER = ("Date Start", "Interaction", "Customers", "Topic", "Sentiment")
DAYS = [f"{date(2019, 1, 1) + timedelta(days=n):%d/%m/%Y}" for n in range(5 * 365)]
MINUTES = [f"{n // 60:02}:{n % 60:02}" for n in range(1440)]
CHANNELS = ("Email", "Call", "Visit", "Webinar", "Bird", "Boat")
CHANNEL_WEIGHTS = (40, 30, 15, 10, 3, 2)
TOPICS = (
    "Drug Efficacy", "Side Effects", "Pricing", "Samples", "Adverse Event Report", "Clinical Trial Results",
    "Dosage for Children", "Zulassung in Österreich", "Café Meeting", "Storage and Shelf Life", "Reimbursement",
    "Patient Support Program",
)
SENTIMENTS = ("Positive", "Neutral", "Negative")
OCCUPATIONS = ("Jedi", "Plummer", "Pirate Captain", "General Practitioner", "Bäcker", "Nurse")
TYPES = ("Red", "Blue", "Green")

Row = list[str]


def customers() -> Iterator[tuple[int, str, str]]:
    """The rows of the table of customers, which is there before any contestant begins."""
    chance = Random(SEED)
    for customer_id in range(1, CUSTOMERS + 1):
        yield customer_id, chance.choice(OCCUPATIONS), chance.choice(TYPES)


def interactions(rows: int) -> Iterator[Row]:
    """Exactly that many rows, dirty ones and repeated ones included."""
    chance = Random(SEED + rows)
    return islice((row for batch in _batches(chance) for row in batch), rows)


def _batches(chance: Random) -> Iterator[list[Row]]:
    while True:
        columns = [
            [f"{day} {time}" for day, time in zip(
                chance.choices(DAYS, k=BATCH), chance.choices(MINUTES, k=BATCH), strict=True)],
            chance.choices(CHANNELS, CHANNEL_WEIGHTS, k=BATCH),
            [str(number) for number in chance.choices(range(1, CUSTOMERS + 1), k=BATCH)],
            chance.choices(TOPICS, k=BATCH),
            chance.choices(SENTIMENTS, k=BATCH),
        ]
        messes = (
            dirt.DATE_MESSES, dirt.CHANNEL_MESSES, dirt.CUSTOMER_MESSES, dirt.TOPIC_MESSES, dirt.SENTIMENT_MESSES,
        )
        for cells, kinds in zip(columns, messes, strict=True):
            _soil(cells, kinds, chance)
        batch = [list(cells) for cells in zip(*columns, strict=True)]
        batch.extend(batch[place] for place in list(_places(DOUBLED_ROWS, BATCH, chance)))
        yield batch


def _soil(cells: list[str], messes: Sequence[dirt.Mess], chance: Random) -> None:
    for place in _places(DIRTY_CELLS, len(cells), chance):
        cells[place] = chance.choice(messes)(cells[place], chance)


def _places(share: float, length: int, chance: Random) -> Iterator[int]:
    """Each place with the probability `share`, by drawing the gaps between them."""
    place = -1
    while True:
        place += 1 + int(math.log(1.0 - chance.random()) / math.log(1.0 - share))
        if place >= length:
            return
        yield place


def write_csv(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(interactions(rows))


def write_workbook(path: Path, rows: int) -> None:
    """With shared strings, as a spreadsheet program writes it: dates are text, clean ids are numbers.

    A workbook of ours has two more sheets; they repeat stored customers and say little, so that the
    interactions are what is measured.
    """
    workbook = xlsxwriter.Workbook(path, {"strings_to_numbers": False, "strings_to_formulas": False})
    _write_sheet(workbook, "customers", ("Customer Id", "Occupation", "Type"), islice(customers(), 10))
    _write_sheet(workbook, INTERACTIONS_SHEET, HEADER, interactions(rows))
    _write_sheet(workbook, "products", ("Date", "Product"), [(f"{month:02}-2019", "Sand") for month in range(1, 13)])
    workbook.close()


def _write_sheet(
    workbook: xlsxwriter.Workbook, name: str, header: Sequence[str], rows: Iterable[Sequence[str | int]],
) -> None:
    sheet = workbook.add_worksheet(name)
    id_column = next((place for place, text in enumerate(header) if text.startswith("Customer")), None)
    sheet.write_row(0, 0, header)
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            text = str(value)
            if column == id_column and text.isdecimal():
                sheet.write_number(number, column, int(text))
            elif text:
                sheet.write_string(number, column, text)
