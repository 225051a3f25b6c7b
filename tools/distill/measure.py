"""Measures retrieval by exact search: recall@5, MRR and nDCG@10, on the development set or on an evaluation set.

Recall@5 is the number of relevant documents among the first five, divided by five or by the number of relevant ones if
there are fewer. A query that names a customer is answered from that customer's rows alone.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import re
import time
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from reference import ROOT, Static
from sentences import Generator, lexicon
from teacher import Floats, Teacher

Embed = Callable[[list[str]], Floats]
HERE = Path(__file__).parent
RENDERINGS = {
    "labelled": "topic: {topic}; sentiment: {sentiment}; channel: {channel}; notes: {notes}",
    "plain": "{topic}. {notes}",
    "notes": "{notes}",
    "topic last": "{notes} ({topic})",
    "no channel": "{topic}; {sentiment}; {notes}",
    "all plain": "{topic}; {sentiment}; {channel}; {notes}",
}


@dataclass(frozen=True)
class DataSet:
    """Documents, queries, the grades of the documents that answer each query, and where it may look (None: all)."""

    documents: list[str]
    queries: list[str]
    grades: list[dict[int, int]]
    scopes: list[set[int] | None]


def development_set(rendering: str = "plain", distractors: int = 600, unseen: bool = False) -> DataSet:
    """Reads dev.tsv and adds generated records as distractors; `unseen` keeps the queries without training words.

    Unseen means: at most one in four of the content words of query and note stands in the generator's lexicon.
    """
    with (HERE / "dev.tsv").open(newline="") as source:
        records = list(csv.DictReader(source, delimiter="\t"))
    generator = Generator(977)
    seen = set(lexicon())
    extra = [
        {
            "topic": generator.expand("{subject}").capitalize(), "sentiment": generator.expand("{feel}").capitalize(),
            "channel": generator.expand("{channel}"), "notes": generator.note(),
        }
        for _ in range(distractors)
    ]
    documents = [RENDERINGS[rendering].format(**record) for record in [*records, *extra]]
    kept = []
    for number, record in enumerate(records):
        words = set(re.findall(r"[a-z]{4,}", f"{record['notes']} {record['query']}".lower()))
        if not unseen or len(words & seen) * 4 <= len(words):
            kept.append(number)
    return DataSet(documents, [records[i]["query"] for i in kept], [{i: 1} for i in kept], [None] * len(kept))


def evaluation_set(folder: Path, rendering: str) -> dict[str, DataSet]:
    """Reads interactions.csv and queries.json; returns all queries that have answers, and those of each class.

    The grades name rows as a spreadsheet counts them: the first record is row 2.
    """
    with (folder / "interactions.csv").open(newline="", encoding="utf-8-sig") as source:
        rows = list(csv.DictReader(source))
    documents: list[str] = []
    owned: dict[str, set[int]] = {}
    for number, row in enumerate(rows):
        values = {"topic": row["Topic"], "sentiment": row["Sentiment"], "channel": row["Interaction"]}
        documents.append(RENDERINGS[rendering].format(**values, notes=row["Notes"]))
        owned.setdefault(row["Customers"], set()).add(number)
    entries = [entry for entry in json.loads((folder / "queries.json").read_text()) if entry["relevant"]]
    sets = {}
    for name in ["all", *sorted({entry["class"] for entry in entries})]:
        chosen = [entry for entry in entries if name in ("all", entry["class"])]
        sets[name] = DataSet(
            documents,
            [entry["query"] for entry in chosen],
            [{int(row) - 2: grade for row, grade in entry["relevant"].items()} for entry in chosen],
            [None if entry["customer_id"] is None else owned[str(entry["customer_id"])] for entry in chosen],
        )
    return sets


def score(similar: npt.NDArray[np.floating], data: DataSet) -> dict[str, float]:
    """Averages recall@5, reciprocal rank and nDCG@10 over the queries."""
    recall = reciprocal = gain = 0.0
    for row, grades, scope in zip(similar, data.grades, data.scopes, strict=True):
        order = [i for i in np.argsort(-row, kind="stable").tolist() if scope is None or i in scope]
        hits = [place for place, document in enumerate(order) if document in grades]
        recall += sum(place < 5 for place in hits) / min(len(grades), 5)
        reciprocal += 1 / (hits[0] + 1)
        best = sorted(grades.values(), reverse=True)[:10]
        ideal = sum(grade / math.log2(place + 2) for place, grade in enumerate(best))
        gain += sum(grades[order[place]] / math.log2(place + 2) for place in hits if place < 10) / ideal
    count = len(data.queries)
    return {"recall@5": recall / count, "MRR": reciprocal / count, "nDCG@10": gain / count}


def evaluate(embed: Embed, data: DataSet) -> dict[str, float]:
    """Scores an embedder."""
    return score(embed(data.queries) @ embed(data.documents).T, data)


def evaluate_bm25(data: DataSet, k1: float = 1.2, b: float = 0.75) -> dict[str, float]:
    """Scores Okapi BM25 over lower-case words."""
    texts = [Counter(re.findall(r"\w+", text.lower())) for text in data.documents]
    lengths = np.array([words.total() for words in texts], np.float64)
    places: dict[str, list[int]] = {}
    for number, words in enumerate(texts):
        for word in words:
            places.setdefault(word, []).append(number)
    table = np.zeros((len(data.queries), len(texts)))
    for row, query in zip(table, data.queries, strict=True):
        for word in re.findall(r"\w+", query.lower()):
            found = places.get(word, [])
            rare = math.log(1 + (len(texts) - len(found) + 0.5) / (len(found) + 0.5))
            counts = np.array([texts[i][word] for i in found], np.float64)
            row[found] += rare * counts * (k1 + 1) / (counts + k1 * (1 - b + b * lengths[found] / lengths.mean()))
    return score(table, data)


def embed_trigrams(texts: list[str], size: int = 512) -> Floats:
    """Hashes character trigrams and words into `size` counters."""
    vectors = np.zeros((len(texts), size), np.float32)
    for vector, text in zip(vectors, texts, strict=True):
        padded = f" {text.lower()} "
        for start in range(len(padded) - 2):
            vector[zlib.crc32(padded[start : start + 3].encode()) % size] += 1
        for word in text.lower().split():
            vector[zlib.crc32(word.encode()) % size] += 2
        vector /= np.linalg.norm(vector) + 1e-9
    return vectors


def prototype(teacher: Teacher, dims: int = 128) -> Embed:
    """The simplest distillation: each token embedded alone, PCA, weight by rank, one int8 scale for all."""
    size = teacher.tokenizer.get_vocab_size()
    ids = np.arange(size)
    framed = np.stack([np.full(size, 101), ids, np.full(size, 102)], axis=1)
    alone = np.concatenate([teacher.hidden(part).mean(axis=1) for part in np.array_split(framed, 60)])
    centred = alone - alone.mean(axis=0)
    basis = np.linalg.svd(np.cov(centred.T))[0][:, :dims]
    weighted = centred @ basis * np.log(1 + ids)[:, None]
    table = np.rint(weighted / np.abs(weighted).max() * 127).astype(np.float32)

    def embed(texts: list[str]) -> Floats:
        rows = [[i for i in e.ids if i != 100] for e in teacher.tokenizer.encode_batch(texts, add_special_tokens=False)]
        sums = np.stack([table[row].sum(axis=0) for row in rows])
        return sums / (np.linalg.norm(sums, axis=1, keepdims=True) + 1e-9)

    return embed


def embedders(model: Path | None, asset: Path) -> dict[str, Embed]:
    """Collects what can be run here; `wordllama` only where it is installed."""
    table = Static(asset.read_bytes())
    found: dict[str, Embed] = {}
    if model is not None:
        teacher = Teacher(model)
        found["MiniLM int8"] = teacher.encode
        found["prototype 128-d"] = prototype(teacher)
    found["static.bin"] = lambda texts: np.stack([table.embed(text) for text in texts])
    found["hashed trigrams"] = embed_trigrams
    try:
        import wordllama
    except ImportError:
        return found
    home = Path(wordllama.__file__).parent  # the wheel has its tokenizer here, where load() alone does not look
    llama = wordllama.WordLlama.load(cache_dir=home, disable_download=True)
    found["wordllama 256-d"] = lambda texts: llama.embed(texts, norm=True)
    return found


def remember(embed: Embed) -> Embed:
    """Embeds each text once."""
    known: dict[str, Floats] = {}

    def embed_new(texts: list[str]) -> Floats:
        fresh = sorted(set(texts) - set(known))
        if fresh:
            known.update(zip(fresh, embed(fresh), strict=True))
        return np.stack([known[text] for text in texts])

    return embed_new


def report(name: str, data: DataSet, known: dict[str, Embed]) -> None:
    """Prints one table."""
    print(f"\n{name}: {len(data.queries)} queries, {len(data.documents)} documents")
    rows = {label: evaluate(embed, data) for label, embed in known.items()} | {"BM25": evaluate_bm25(data)}
    for label, row in rows.items():
        print(f"{label:18}" + "".join(f"  {metric} {value:.3f}" for metric, value in row.items()))


def report_speed(known: dict[str, Embed]) -> None:
    """Prints texts per second on the development documents, one call for all and one call each."""
    texts = development_set().documents
    print()
    for label, embed in known.items():
        if label.startswith("MiniLM"):
            continue
        rates = []
        for calls in ([texts], [[text] for text in texts]):
            best = math.inf
            for _ in range(5):
                start = time.perf_counter()
                for call in calls:
                    embed(call)
                best = min(best, time.perf_counter() - start)
            rates.append(len(texts) / best)
        print(f"{label:18}  {rates[0]:8.0f} texts/s together  {rates[1]:8.0f} texts/s one by one")


def main() -> None:
    """Prints the tables of the development set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, help="folder with model.onnx and tokenizer.json")
    parser.add_argument("--asset", type=Path, default=ROOT / "core/assets/static.bin")
    parser.add_argument("--eval", type=Path, help="folder with interactions.csv and queries.json")
    parser.add_argument("--rendering", choices=RENDERINGS, default="plain", help="how a record becomes a text")
    parser.add_argument("--renderings", action="store_true", help="compare the renderings of a record")
    parser.add_argument("--speed", action="store_true", help="measure texts per second")
    options = parser.parse_args()
    known = embedders(options.model, options.asset)
    if options.eval is not None:
        known = {label: remember(embed) for label, embed in known.items()}
        for name, data in evaluation_set(options.eval, options.rendering).items():
            report(f"evaluation set, {name}", data, known)
    elif options.renderings:
        for rendering in RENDERINGS:
            report(f"development set, {rendering}", development_set(rendering), known)
    else:
        for label, unseen in (("development set", False), ("development set, words not in training", True)):
            for distractors in (0, 600):
                report(label, development_set(options.rendering, distractors, unseen), known)
    if options.speed:
        report_speed(known)


if __name__ == "__main__":
    main()
