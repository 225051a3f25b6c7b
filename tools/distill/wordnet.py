"""Reads sentences of general English from the data files of WordNet 3.0.

Debian's package `wordnet-base` installs them. A synset gives its definition, its quoted examples, and the list
of its words. Nothing of it is stored: it is text for the teacher to embed.
"""

from __future__ import annotations

import re
from pathlib import Path

# Lexicographer files that are mostly Latin names of species: one synset in eight is enough.
_SPECIES = {5, 20}
_EXAMPLE = re.compile(r'"([^"]{8,200})"')


def read_wordnet(folder: Path) -> list[str]:
    """Returns definitions, examples and word lists, without repeats, in the order of the files."""
    texts: dict[str, None] = {}
    for part in ("verb", "adj", "adv", "noun"):
        for number, line in enumerate((folder / f"data.{part}").read_text("latin-1").splitlines()):
            if line.startswith("  "):  # the licence
                continue
            fields, _, gloss = line.partition(" | ")
            head = fields.split(" ")
            if int(head[1]) in _SPECIES and number % 8:
                continue
            words = [re.sub(r"\(\w+\)$", "", head[4 + 2 * i]).replace("_", " ") for i in range(int(head[3], 16))]
            definition = _EXAMPLE.sub("", gloss).split('"')[0].strip(" ;:,")
            if 8 <= len(definition) <= 240:
                texts[definition] = None
            for example in _EXAMPLE.findall(gloss):
                texts[example.strip()] = None
            if len(words) > 1 or part != "noun":
                texts[", ".join(words)] = None
    return list(texts)
