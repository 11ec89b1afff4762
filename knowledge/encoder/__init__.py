"""Turns a sentence into a vector whose direction is its meaning: all-MiniLM-L6-v2, in a few bits, offline.

One file holds the model as published, for any texts, beside it what tuning on the library's phrasings changed, and the
layers that learned to read a question and an answer together, which tell whether this answers that.
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
QUESTION_TOKENS, ANSWER_TOKENS = 40, 88
MOST_TOKENS = QUESTION_TOKENS + ANSWER_TOKENS + 3
"""A question and an answer with what stands before, between and behind them."""
START, END = 101, 102
"""The tokenizer's marks before and behind a text."""
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
        """`tuning`, 0 to 1, is how much of the tuning for vectors is added to the published model."""
        self._tuning = np.array([tuning], dtype=np.float32)
        self._tokenizer = read_tokenizer(MAX_TOKENS)
        self._session = _session()

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
        given = {"ids": ids, "kinds": np.zeros_like(ids), "tuning": self._tuning, "pair": np.array(False)}
        vector: Vectors = self._session.run(None, given)[0]
        return vector

    @property
    def vocabulary(self) -> Sequence[str]:
        """The whole words of the tokenizer's list, which is roughly in the order of their frequency."""
        ids = sorted(self._tokenizer.get_vocab().items(), key=lambda item: item[1])
        return [word for word, _ in ids if word.isalpha()]


class Reranker:
    """Reads a question and an answer together, as a cross-encoder does; safe to share between threads."""

    def __init__(self) -> None:
        self._tuning = np.zeros(1, dtype=np.float32)
        self._tokenizer = read_tokenizer(ANSWER_TOKENS)
        self._session = _session()
        self._threads = ThreadPoolExecutor(THREADS)

    def scores(self, question: str, answers: Sequence[str]) -> list[float]:
        """For each answer the logarithm of the odds that it gives what `question` asks for, to two decimals."""
        return list(self._threads.map(lambda answer: self._score(question, answer), answers))

    def _score(self, question: str, answer: str) -> float:
        ids, kinds = paired(self._tokenizer, question, answer)
        given = {"ids": np.array(ids), "kinds": np.array(kinds), "tuning": self._tuning, "pair": np.array(True)}
        return round(float(self._session.run(None, given)[0][0]), 2)


def read_tokenizer(most: int) -> Tokenizer:
    """The tokenizer, cutting texts after `most` tokens."""
    tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(most)
    return tokenizer


def paired(tokenizer: Tokenizer, question: str, answer: str) -> tuple[list[int], list[int]]:
    """The token ids of a question and an answer in a row, and which of the two each belongs to, 0 or 1."""
    first = [START, *tokenizer.encode(question, add_special_tokens=False).ids[:QUESTION_TOKENS], END]
    second = [*tokenizer.encode(answer, add_special_tokens=False).ids[:ANSWER_TOKENS], END]
    return first + second, [0] * len(first) + [1] * len(second)


@cache
def _session() -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(FOLDER / "model.onnx"), options, providers=["CPUExecutionProvider"])


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


@cache
def reranker() -> Reranker:
    """The cross-encoder as tuned on the library's phrasings and answers."""
    return Reranker()
