"""Runs the teacher, all-MiniLM-L6-v2 as an int8 ONNX file: mean of the token vectors, then L2."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
from tokenizers import Tokenizer

Floats = npt.NDArray[np.float32]
MAX_TOKENS = 128
BATCH = 64


class Teacher:
    """A teacher on one thread. Texts are batched by exact length, so nothing is padded."""

    def __init__(self, folder: Path) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = ort.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(MAX_TOKENS)

    def hidden(self, ids: npt.NDArray[np.int64]) -> Floats:
        """Returns the last hidden states of a batch of equally long rows, [CLS] and [SEP] included."""
        ones = np.ones_like(ids)
        feed = {"input_ids": ids, "attention_mask": ones, "token_type_ids": np.zeros_like(ids)}
        return self._session.run(None, feed)[0]

    def encode(self, texts: Sequence[str], progress: bool = False) -> Floats:
        """Returns one unit vector per text."""
        ids = [encoding.ids for encoding in self.tokenizer.encode_batch(list(texts))]
        by_length: dict[int, list[int]] = {}
        for index, row in enumerate(ids):
            by_length.setdefault(len(row), []).append(index)
        vectors = np.zeros((len(texts), 384), np.float32)
        done, start = 0, time.monotonic()
        for length in sorted(by_length):
            members = by_length[length]
            for first in range(0, len(members), BATCH):
                batch = members[first : first + BATCH]
                mean = self.hidden(np.array([ids[i] for i in batch], np.int64)).mean(axis=1)
                vectors[batch] = mean / np.linalg.norm(mean, axis=1, keepdims=True)
                done += len(batch)
                if progress and done % (BATCH * 200) < BATCH:
                    print(f"  {done}/{len(texts)} texts, {time.monotonic() - start:.0f} s", file=sys.stderr)
        return vectors
