"""Reads static.bin and embeds texts with nothing but the standard library and numpy's float32.

Written from the description in README.md and independent of distill.py, to be the oracle of other readers:
`python reference.py FIXTURE` writes texts, token numbers and embeddings as JSON.
"""

from __future__ import annotations

import argparse
import json
import struct
import unicodedata
from pathlib import Path

import numpy as np
import numpy.typing as npt

ROOT = Path(__file__).resolve().parents[2]
MAX_WORD = 100
Floats = npt.NDArray[np.float32]

TEXTS = [
    "",
    " ",
    "\t\n\r",
    "a",
    "The",
    "drug interaction concerns",
    "DRUG INTERACTION CONCERNS",
    "Topic: Side Effects Discussion; sentiment: Negative; channel: Bird; notes: nausea after the second tablet.",
    "The cardiologist no longer prescribes the anticoagulant because of bleeding.",
    "She's happy, isn't she?",
    "don't",
    "e-mail, e‑mail and e—mail",
    "500 mg twice daily",
    "500mg",
    "1234567890",
    "3.14159 and 2,718",
    "01/02/2020 16:10",
    "100%",
    "$20 + €30 = £?",
    "a+b=c; x<y>z |~^`",
    "\"quoted\" 'single' “curly” ‘marks’ «guillemets»",
    "…",
    "!!!???",
    "#hashtag @mention http://example.org/path?query=1&more=2",
    "snake_case and kebab-case and CamelCase",
    "naïve café résumé",
    "cafe\u0301 written with a combining accent",
    "Ärztin für Kinderheilkunde, Straße 5",
    "İstanbul and ISPARTA",
    "ΑΣΘΜΑ is Greek for asthma",
    "Привет, доктор",
    "ÆTHER Øresund Łódź ñandú",
    "ﬁne ligature",
    "Ⅳ Roman numeral, ½ tablet, m² and H₂O",
    "😀",
    "very happy 😀😀 customer",
    "👩‍⚕️ visited",
    "thumbs👍up",
    "医生",
    "the 医生 said no",
    "アスピリン aspirin",
    "아스피린",
    "العربية",
    "non\u00a0breaking\u2003space\u3000wide",
    "zero\u200bwidth\ufeffmark",
    "soft\u00adhyphen",
    "control\u0007bell\u0000nul",
    "replacement \ufffd character",
    "[CLS] [UNK] [unused1] ##ing",
    "pneumonoultramicroscopicsilicovolcanoconiosis",
    "x" * 100,
    "x" * 101,
    "word " + "y" * 250 + " word",
    "pharmacovigilance biosimilar queasiness tolerability",
    "prescribe prescribed prescriber prescribes prescribing prescriptions",
    "qzxjkv",
    "Two patients stopped Renivex because of anxiety. Will call back on Thursday.",
    "delivery delayed and damaged package",
    "the the the the the the the the",
    "line one\nline two\r\nline three",
]


class Static:
    """The table, as read from the file."""

    def __init__(self, data: bytes) -> None:
        magic, self.dims, size, names, zero = struct.unpack_from("<8sIIII", data)
        if magic != b"RSTATIC1" or zero != 0 or self.dims % 2:
            raise ValueError("not a static embedding table")
        tokens = data[24 : 24 + names].rstrip(b"\0").decode("ascii").splitlines()
        self.numbers = {token: number for number, token in enumerate(tokens)}
        scales = np.frombuffer(data, "<f4", size, 24 + names)
        packed = np.frombuffer(data, np.uint8, size * self.dims // 2, 24 + names + 4 * size)
        packed = packed.reshape(size, self.dims // 2).astype(np.int16)
        halves = np.concatenate([packed & 15, packed >> 4], axis=1)
        self.rows = ((halves ^ 8) - 8).astype(np.float32) * scales[:, None]

    def tokenize(self, text: str) -> list[int]:
        """Splits as BERT's uncased tokenizer does; words that the table cannot spell are left out."""
        return [number for word in split_words(text) for number in self._pieces(word)]

    def _pieces(self, word: str) -> list[int]:
        if len(word) > MAX_WORD:
            return []
        found, start = [], 0
        while start < len(word):
            mark = "##" if start else ""
            for end in range(len(word), start, -1):
                number = self.numbers.get(mark + word[start:end])
                if number is not None:
                    break
            else:
                return []
            found.append(number)
            start = end
        return found

    def sum_rows(self, text: str) -> Floats:
        """Adds up the rows of the text's tokens."""
        total = np.zeros(self.dims, np.float32)
        for number in self.tokenize(text):
            total += self.rows[number]
        return total

    def embed(self, text: str) -> Floats:
        """Returns the unit vector of the text, or zeros if no token is known."""
        total = self.sum_rows(text)
        length = np.sqrt(np.dot(total, total))
        return total / length if length > 0 else total


def split_words(text: str) -> list[str]:
    """Cleans, strips accents, lowers, and splits at white space, punctuation and CJK ideographs."""
    cleaned = "".join(
        " " if char in "\t\n\r" or unicodedata.category(char) == "Zs" else char
        for char in text
        if char in "\t\n\r" or not (unicodedata.category(char).startswith("C") or char in "\0\ufffd")
    )
    plain = "".join(char for char in unicodedata.normalize("NFD", cleaned) if unicodedata.category(char) != "Mn")
    spaced = "".join(f" {char} " if is_separate(char) else char for char in plain.lower())
    return spaced.split()


def is_separate(char: str) -> bool:
    """Tells whether a character is a word of its own: ASCII symbols, Unicode punctuation, CJK ideographs."""
    code = ord(char)
    ascii_symbol = 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126
    ideograph = (
        0x4E00 <= code <= 0x9FFF or 0x3400 <= code <= 0x4DBF or 0x20000 <= code <= 0x2A6DF
        or 0x2A700 <= code <= 0x2B73F or 0x2B740 <= code <= 0x2B81F or 0x2B820 <= code <= 0x2CEAF
        or 0xF900 <= code <= 0xFAFF or 0x2F800 <= code <= 0x2FA1F
    )
    return ascii_symbol or ideograph or unicodedata.category(char).startswith("P")


def cases(table: Static) -> list[dict[str, object]]:
    """Embeds the texts above; numbers are rounded to six digits."""
    found: list[dict[str, object]] = []
    for text in TEXTS:
        total = table.sum_rows(text)
        found.append({
            "text": text,
            "tokens": table.tokenize(text),
            "norm": round(float(np.sqrt(np.dot(total, total))), 6),
            "embedding": [round(float(value), 6) for value in table.embed(text)],
        })
    return found


def main() -> None:
    """Writes the fixture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--asset", type=Path, default=ROOT / "core/assets/static.bin", help="the table to read")
    parser.add_argument("fixture", type=Path, nargs="?", default=ROOT / "core/assets/static_fixture.json")
    options = parser.parse_args()
    table = Static(options.asset.read_bytes())
    lines = ",\n".join(json.dumps(case) for case in cases(table))
    options.fixture.write_text(
        f'{{"dims": {table.dims}, "tokens": {len(table.numbers)}, "cases": [\n{lines}\n]}}\n', encoding="utf-8"
    )


if __name__ == "__main__":
    main()
