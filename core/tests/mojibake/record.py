#!/usr/bin/env python3
"""Garbles the right texts in every way that customer files show, and records what ftfy answers.

Needs ftfy 6.3.1, no other version: README.md beside this file tells how to run it. One line of
JSON per right text:

    {"language": "French", "right": "Hélène", "ftfy": true, "garbled": [["windows-1252", "HÃ©lÃ¨ne", true]]}

A garbling is [kind, garbled text, answer] or [kind, garbled text, answer, best]. The answer is what
`ftfy.fix_encoding` makes of the text: true for exactly the right text, false for a text left as it
is, and otherwise the answer itself. `best` stands only where the right text itself is beyond reach:
the most that can be won back. Control characters and spaces other than the plain one are escaped.
"""

import json
import sys
import unicodedata

import ftfy

from texts import TEXTS

VERSION = "6.3.1"


def read_as(text, encoding):
    """UTF-8 read as a single-byte encoding; undefined bytes become the C1 controls."""
    return "".join(read_byte(byte, encoding) for byte in text.encode("utf-8"))


def read_byte(byte, encoding):
    try:
        return bytes([byte]).decode(encoding)
    except UnicodeDecodeError:
        return chr(byte)


def western(text):
    return read_as(text, "windows-1252")


def one_word(text):
    """The first word that is not ASCII is garbled, the others are right."""
    words = text.split(" ")
    at = next((at for at, word in enumerate(words) if not word.isascii()), None)
    if at is None or all(word.isascii() for word in words[at + 1 :]):
        return None
    return " ".join(words[:at] + [western(words[at])] + words[at + 1 :])


def cut(text):
    """The file ends inside the last character that is not ASCII: its last byte is missing."""
    at = max((at for at, character in enumerate(text) if not character.isascii()), default=None)
    if at is None:
        return None
    stump = read_as_bytes(text[at].encode("utf-8")[:-1])
    return western(text[:at]) + stump, text[:at] + stump


def read_as_bytes(some):
    return "".join(read_byte(byte, "windows-1252") for byte in some)


def without_controls(text, instead):
    """The bytes that windows-1252 does not define are lost."""
    return "".join(instead if "\x80" <= mark <= "\x9f" else mark for mark in western(text))


def garblings(text):
    """Yields (kind, garbled, best or None)."""
    yield "windows-1252", western(text), None
    yield "latin-1", read_as(text, "latin-1"), None
    yield "windows-1252 twice", western(western(text)), None
    yield "latin-1, then windows-1252", western(read_as(text, "latin-1")), None
    yield "windows-1252 three times", western(western(western(text))), None
    yield "one word", one_word(text), None
    if pair := cut(text):
        yield "cut", *pair
    yield "controls replaced", without_controls(text, "\ufffd"), None
    yield "controls dropped", without_controls(text, ""), None
    yield "no-break spaces plain", western(text).replace("\N{NO-BREAK SPACE}", " "), None
    yield "windows-1250", read_as(text, "windows-1250"), None
    yield "windows-1251", read_as(text, "windows-1251"), None
    yield "mac-roman", read_as(text, "mac-roman"), None


def answer(garbled, right):
    fixed = ftfy.fix_encoding(garbled)
    return True if fixed == right else False if fixed == garbled else fixed


def record(language, right):
    seen = {right}
    garbled = []
    for kind, text, best in garblings(right):
        # Three rounds of a long text say no more than those of a short one.
        if text is None or text in seen or (kind.endswith("three times") and len(right) > 12):
            continue
        seen.add(text)
        garbled.append([kind, text, answer(text, right)] + ([best] if best else []))
    return {"language": language, "right": right, "ftfy": ftfy.fix_encoding(right) == right, "garbled": garbled}


def escaped(line):
    """Escapes what an editor would not show, or would change."""
    return "".join(
        f"\\u{ord(mark):04x}"
        if mark != " " and unicodedata.category(mark) in ("Cc", "Cf", "Zs", "Zl", "Zp", "Co")
        else mark
        for mark in line
    )


def main():
    if ftfy.__version__ != VERSION:
        sys.exit(f"the fixture is recorded with ftfy {VERSION}, this is {ftfy.__version__}")
    for language, rights in TEXTS.items():
        for right in rights:
            line = json.dumps(record(language, right), ensure_ascii=False, separators=(",", ":"))
            print(escaped(line))


if __name__ == "__main__":
    main()
