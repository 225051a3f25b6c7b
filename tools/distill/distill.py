"""Distils all-MiniLM-L6-v2 into a table of one 4-bit vector per token, small enough to be compiled in.

A text's embedding is the sum of the vectors of its tokens, scaled to length one. The table is fitted so that these
sums rank texts as the teacher does: first by least squares on the teacher's sentence vectors, then by gradient
descent on the order of each text's neighbours, with the rounding to 4 bits already in the loop.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import struct
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from sentences import generate, lexicon
from teacher import Floats, Teacher
from wordnet import read_wordnet

MAGIC = b"RSTATIC1"
UNKNOWN = "[UNK]"
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Settings:
    """What was tuned on the development set."""

    dims: int = 256
    seed: int = 20240607
    domain_texts: int = 60_000
    ridge: float = 0.3
    epochs: int = 8
    batch: int = 768
    clusters: int = 256
    temperature: float = 0.1
    anchor: float = 4.0
    rate: float = 0.01
    spread: float = 0.335  # a 4-bit step in units of a row's root mean square: least error for a normal distribution


def log(text: str) -> None:
    """Writes progress to standard error."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def choose_tokens(teacher: Tokenizer, words: list[str]) -> list[str]:
    """Keeps the teacher's ASCII tokens but no markers and no numbers above two digits, and adds whole words."""
    known = teacher.get_vocab()
    kept = [
        token
        for token in sorted(known, key=lambda t: known[t])
        if token.isascii()
        and not re.fullmatch(r"\[[A-Za-z0-9]+\]", token)
        and not re.fullmatch(r"(##)?\d{3,}", token)
    ]
    return kept + sorted(set(words) - set(kept))


def tokenizer_of(tokens: list[str]) -> Tokenizer:
    """Builds BERT's uncased WordPiece over the chosen tokens; an unknown word gets the number after the last."""
    vocabulary = {token: index for index, token in enumerate([*tokens, UNKNOWN])}
    model = models.WordPiece(vocabulary, unk_token=UNKNOWN, max_input_chars_per_word=100)
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def count_tokens(tokenizer: Tokenizer, texts: list[str]) -> sp.csr_matrix:
    """Returns texts × tokens; each row holds the shares of its tokens and adds up to one."""
    size = tokenizer.get_vocab_size() - 1
    rows = [[i for i in e.ids if i < size] for e in tokenizer.encode_batch(texts, add_special_tokens=False)]
    starts = np.cumsum([0, *(len(row) for row in rows)])
    columns = np.fromiter((i for row in rows for i in row), np.int32, int(starts[-1]))
    shares = np.repeat([1.0 / max(len(row), 1) for row in rows], [len(row) for row in rows]).astype(np.float32)
    matrix = sp.csr_matrix((shares, columns, starts), shape=(len(rows), size))
    matrix.sum_duplicates()
    return matrix


def projection(targets: Floats, dims: int, seed: int) -> Floats:
    """Returns 384 × dims: the leading directions of the targets, rotated so that all dims carry alike."""
    _, vectors = np.linalg.eigh((targets.T @ targets).astype(np.float64))
    rotation, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((dims, dims)))
    return (vectors[:, ::-1][:, :dims] @ rotation).astype(np.float32)


def fit_least_squares(counts: sp.csr_matrix, targets: Floats, prior: Floats, ridge: float, steps: int = 12) -> Floats:
    """Fits the table to the targets by conjugate gradients, pulled towards the prior by `ridge` texts' worth."""
    transposed = counts.T.tocsr()
    table = prior.copy()
    residual = transposed @ (targets - counts @ table)
    direction, norm = residual.copy(), (residual**2).sum(0)
    for _ in range(steps):
        image = transposed @ (counts @ direction) + ridge * direction
        rate = norm / np.maximum((direction * image).sum(0), 1e-20)
        table += rate * direction
        residual -= rate * image
        fresh = (residual**2).sum(0)
        direction = residual + (fresh / np.maximum(norm, 1e-20)) * direction
        norm = fresh
    return table


def round_rows(rows: Floats, spread: float) -> tuple[npt.NDArray[np.int8], Floats]:
    """Rounds each row to whole steps from -7 to 7 and returns the steps and each row's step size."""
    scale = spread * np.sqrt((rows**2).mean(axis=1, keepdims=True)) + np.float32(1e-12)
    return np.clip(np.rint(rows / scale), -7, 7).astype(np.int8), scale.astype(np.float32)


def softmax(scores: Floats) -> Floats:
    """Turns each row into shares that add up to one."""
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def neighbour_batches(targets: Floats, settings: Settings, rng: np.random.Generator) -> list[npt.NDArray[np.int64]]:
    """Groups the texts so that a batch holds a few neighbourhoods: near misses teach more than strangers."""
    centres = targets[rng.choice(len(targets), settings.clusters, replace=False)]
    nearest = np.concatenate([(part @ centres.T).argmax(1) for part in np.array_split(targets, 32)])
    order = np.lexsort((rng.random(len(targets)), rng.permutation(settings.clusters)[nearest]))
    batches = [order[i : i + settings.batch] for i in range(0, len(order) - settings.batch + 1, settings.batch)]
    return [batches[i] for i in rng.permutation(len(batches))]


def fit_ranking(
    counts: sp.csr_matrix, targets: Floats, goals: Floats, table: Floats, settings: Settings
) -> Floats:
    """Refines the table by Adam: neighbours in a batch should get the shares that the teacher gives them."""
    rng = np.random.default_rng(settings.seed)
    first, second = np.zeros_like(table), np.zeros_like(table)
    steps = np.zeros(len(table), np.int32)
    total = settings.epochs * (len(targets) // settings.batch)
    done = 0
    mask = np.eye(settings.batch, dtype=np.float32) * 1e4
    for epoch in range(settings.epochs):
        loss = 0.0
        for batch in neighbour_batches(targets, settings, rng):
            part = counts[batch]
            used = np.unique(part.indices)
            part = part[:, used]
            rounded, scale = round_rows(table[used], settings.spread)
            summed = part @ (rounded * scale)
            length = np.linalg.norm(summed, axis=1, keepdims=True) + 1e-9
            unit = summed / length
            wanted = softmax(targets[batch] @ targets[batch].T / settings.temperature - mask)
            given = softmax(unit @ unit.T / settings.temperature - mask)
            pull = (given - wanted) / np.float32(settings.temperature * settings.batch)
            slope = (pull + pull.T) @ unit - np.float32(settings.anchor / settings.batch) * goals[batch]
            slope = (slope - unit * (slope * unit).sum(1, keepdims=True)) / length
            gradient = part.T @ slope
            loss += float((wanted * np.log((wanted + 1e-9) / (given + 1e-9))).sum() / settings.batch)
            rate = settings.rate * (1 - done / total)
            steps[used] += 1
            age = steps[used][:, None].astype(np.float32)
            first[used] = 0.9 * first[used] + 0.1 * gradient
            second[used] = 0.99 * second[used] + 0.01 * gradient**2
            move = first[used] / (1 - 0.9**age) / (np.sqrt(second[used] / (1 - 0.99**age)) + 1e-8)
            table[used] -= (rate * move).astype(np.float32)
            done += 1
        log(f"epoch {epoch + 1}: divergence {loss / (len(targets) // settings.batch):.4f}")
    return table


def write_asset(path: Path, tokens: list[str], steps: npt.NDArray[np.int8], scales: Floats) -> None:
    """Writes the table; README.md describes each byte."""
    names = "".join(f"{token}\n" for token in tokens).encode()
    names += b"\0" * (-len(names) % 4)
    low, high = np.split(steps.astype(np.uint8) & 15, 2, axis=1)
    head = MAGIC + struct.pack("<IIII", steps.shape[1], len(tokens), len(names), 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head + names + scales.astype("<f4").tobytes() + (low | (high << 4)).tobytes())


def cached(folder: Path | None, texts: list[str], teacher: Teacher) -> Floats:
    """Embeds the texts, or reads their vectors if the same texts were embedded before."""
    if folder is None:
        return teacher.encode(texts, progress=True)
    digest = hashlib.sha256("\n".join(texts).encode()).hexdigest()
    path = folder / f"{digest[:16]}.npy"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        np.save(path, teacher.encode(texts, progress=True))
    return np.load(path)


def main() -> None:
    """Runs all steps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="folder with model.onnx and tokenizer.json")
    parser.add_argument("--wordnet", type=Path, default=Path("/usr/share/wordnet"), help="folder with data.noun etc.")
    parser.add_argument("--out", type=Path, default=ROOT / "core/assets/static.bin", help="the asset to write")
    parser.add_argument("--cache", type=Path, help="folder for the teacher's vectors, so that a second run is quick")
    options = parser.parse_args()
    settings = Settings()

    teacher = Teacher(options.model)
    words = (Path(__file__).parent / "words.txt").read_text().split()
    tokens = choose_tokens(teacher.tokenizer, words + lexicon())
    spelled = [token.removeprefix("##") for token in tokens]
    general = read_wordnet(options.wordnet)
    domain = generate(settings.domain_texts, general, settings.seed)
    texts = general + domain + spelled
    log(f"{len(tokens)} tokens, {len(texts)} texts to embed")
    alone = cached(options.cache, spelled, teacher)
    targets = np.concatenate(
        [cached(options.cache, general, teacher), cached(options.cache, domain, teacher), alone]
    )

    basis = projection(targets, settings.dims, settings.seed)
    counts = count_tokens(tokenizer_of(tokens), texts)
    log("least squares")
    goals = targets @ basis
    table = fit_least_squares(counts, goals, alone @ basis, settings.ridge)
    log("ranking")
    table = fit_ranking(counts, targets, goals, table, settings)
    write_asset(options.out, tokens, *round_rows(table, settings.spread))
    log(f"{options.out.name}: {options.out.stat().st_size} bytes, sha256 "
        f"{hashlib.sha256(options.out.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
