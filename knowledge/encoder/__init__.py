"""Turns a sentence into a vector whose direction is its meaning: all-MiniLM-L6-v2, in eight bits, offline.

One file holds the model as published, for any texts, and what tuning on the library's phrasings changed in it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

Vectors = NDArray[np.float32]
FOLDER = Path(__file__).parent
WIDTH = 384
MAX_TOKENS = 64
THREADS = os.cpu_count() or 1
CHUNK = 64


class Encoder(Protocol):
    """What the matcher asks of an encoder."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, one row a text."""

    @property
    def vocabulary(self) -> Sequence[str]:
        """The language's words as far as the encoder knows them whole, the commoner first."""


class MiniLM:
    """The sentence encoder that travels in this package; safe to share between threads."""

    def __init__(self, tuning: float) -> None:
        """`tuning`, 0 to 1, is how much of the tuning on the library is added to the published model."""
        self._tuning = np.array(tuning, dtype=np.float32)
        self._tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(FOLDER / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, one row a text. Each text is run alone, so that a row never depends on its neighbours."""
        if len(texts) < THREADS:
            vectors = [self._vector(text) for text in texts]
        else:
            with ThreadPoolExecutor(THREADS) as threads:
                vectors = list(threads.map(self._vector, texts, chunksize=CHUNK))
        return np.array(vectors, dtype=np.float32).reshape(-1, WIDTH)

    def _vector(self, text: str) -> Vectors:
        ids = np.array(self._tokenizer.encode(text).ids, dtype=np.int64)
        vector: Vectors = self._session.run(None, {"ids": ids, "tuning": self._tuning})[0]
        return vector

    @property
    def vocabulary(self) -> Sequence[str]:
        """The whole words of the tokenizer's list, which is roughly in the order of their frequency."""
        ids = sorted(self._tokenizer.get_vocab().items(), key=lambda item: item[1])
        return [word for word, _ in ids if word.isalpha()]


def encoder_id() -> str:
    """Names the model in this package: vectors of equal names can be compared."""
    return str(json.loads((FOLDER / "model.json").read_text(encoding="utf-8"))["sha256"])


@cache
def minilm() -> MiniLM:
    """The encoder as published, for any texts."""
    return MiniLM(tuning=0.0)


@cache
def tuned_minilm() -> MiniLM:
    """The encoder as tuned on the library's phrasings."""
    return MiniLM(tuning=1.0)
