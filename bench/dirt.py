"""The mess of hand-kept files: what a dirty cell looks like, for each column.

A kind of mess takes the clean text and a source of chance, and returns what somebody typed instead.
"""

from collections.abc import Callable, Sequence
from random import Random

Mess = Callable[[str, Random], str]

NO_BREAK_SPACE = "\u00a0"


def padded(text: str, chance: Random) -> str:
    return chance.choice((f" {text}", f"{text} ", f"  {text}  ", f"{text}\t"))


def spread(text: str, _: Random) -> str:
    """Doubles the spaces inside; a single word gets them around."""
    return text.replace(" ", "  ") if " " in text else f" {text}"


def hard_spaced(text: str, _: Random) -> str:
    return text.replace(" ", NO_BREAK_SPACE) if " " in text else text + NO_BREAK_SPACE


def shouted(text: str, _: Random) -> str:
    return text.upper()


def whispered(text: str, _: Random) -> str:
    return text.lower()


def missing(_text: str, _: Random) -> str:
    return ""


def mojibake(text: str, _: Random) -> str:
    """UTF-8 that somebody read as Windows-1252; plain ASCII gets the dash that this happens to most."""
    return (text if not text.isascii() else f"{text} –").encode("utf-8").decode("cp1252")


def misspelled(text: str, _: Random) -> str:
    """Drops the fifth character: one wrong spelling for each text, as a habit is."""
    return text[:4] + text[5:]


def unreadable_date(_text: str, chance: Random) -> str:
    return chance.choice(("soon", "see mail", "31/02/2020 10:00", "2020"))


def short_date(text: str, _: Random) -> str:
    """03/04/2020 09:05 as 3/4/2020 9:05."""
    day, month, rest = text.split("/")
    year, time = rest.split(" ")
    hour, minute = time.split(":")
    return f"{int(day)}/{int(month)}/{year} {int(hour)}:{minute}"


def stray_text(text: str, chance: Random) -> str:
    return chance.choice((f"{text}in", f"#{text}", f"customer {text}"))


def several(text: str, chance: Random) -> str:
    other = str(int(text) % 999 + 1)
    return chance.choice((f"{text}, {other}", f"{text}; {other}", f"{text} and {other}"))


def no_id(_text: str, chance: Random) -> str:
    return chance.choice(("", "?", "unknown"))


DATE_MESSES: Sequence[Mess] = (padded, spread, hard_spaced, short_date, missing, unreadable_date)
CHANNEL_MESSES: Sequence[Mess] = (padded, hard_spaced, shouted, whispered, missing)
CUSTOMER_MESSES: Sequence[Mess] = (padded, hard_spaced, stray_text, several, no_id)
TOPIC_MESSES: Sequence[Mess] = (padded, spread, hard_spaced, shouted, whispered, missing, mojibake, misspelled)
SENTIMENT_MESSES: Sequence[Mess] = (padded, hard_spaced, shouted, whispered, missing)
