"""Likeness of spelling: texts as weighted character n-grams, compared by cosine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIZES = (3, 4)
BUCKETS = 1 << 20
"""N-grams are hashed into this many buckets; collisions are rare and harmless."""

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Array = NDArray[Any]


class Grams:
    """The n-grams of many texts (sublinear TF-IDF, unit length), by bucket.

    `arrays` is all there is to it: keep them, and `Grams.of(arrays)` is ready at once.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        size = len(texts)
        keys = np.concatenate([_hashes(text) + (row << 20) for row, text in enumerate(texts)] or [_hashes("")])
        pairs, counts = np.unique(keys, return_counts=True)
        rows, buckets = pairs >> 20, pairs & (BUCKETS - 1)
        frequencies = np.bincount(buckets, minlength=BUCKETS)
        idf = (np.log((1 + size) / (1 + frequencies)) + 1).astype(np.float32)
        weights = (1 + np.log(counts)) * idf[buckets]
        lengths = np.sqrt(np.bincount(rows, weights**2, minlength=size))
        order = np.argsort(buckets, kind="stable")
        self._take(
            {
                "size": np.array([size]),
                "rows": rows[order].astype(np.int32),
                "weights": (weights / lengths[rows])[order].astype(np.float16),
                "frequencies": frequencies.astype(np.int32),
            }
        )

    @classmethod
    def of(cls, arrays: dict[str, Array]) -> Grams:
        """The same n-grams from their arrays."""
        grams = cls.__new__(cls)
        grams._take(arrays)
        return grams

    def _take(self, arrays: dict[str, Array]) -> None:
        self.arrays = arrays
        self.size = int(arrays["size"][0])
        # As counting and weighing want them, so that no question converts them again.
        self._rows, self._weights = arrays["rows"].astype(np.intp), arrays["weights"].astype(np.float32)
        frequencies = arrays["frequencies"]
        self._idf = (np.log((1 + self.size) / (1 + frequencies)) + 1).astype(np.float32)
        self._starts = np.concatenate([[0], np.cumsum(frequencies)])

    def scores(self, text: str) -> Floats:
        """The cosine of `text` with every text, 0 to 1."""
        buckets, counts = np.unique(_hashes(text), return_counts=True)
        if not len(buckets):
            return np.zeros(self.size, dtype=np.float32)
        weights = (1 + np.log(counts)) * self._idf[buckets]
        weights /= np.sqrt((weights**2).sum())
        starts, ends = self._starts[buckets], self._starts[buckets + 1]
        postings = [slice(start, end) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
        values = np.concatenate([self._weights[posting] for posting in postings]) * np.repeat(weights, ends - starts)
        rows = np.concatenate([self._rows[posting] for posting in postings])
        return np.minimum(np.bincount(rows, values, minlength=self.size), 1.0).astype(np.float32)


def _hashes(text: str) -> Ints:
    """The bucket of every n-gram of every word of `text`, spaces at its ends included."""
    plain = f" {' '.join(text.lower().split())} ".encode(errors="replace")
    data = np.frombuffer(plain, dtype=np.uint8).astype(np.int64)
    found = []
    for size in SIZES:
        if len(data) < size:
            continue
        windows = np.lib.stride_tricks.sliding_window_view(data, size)
        inner = (windows[:, 1:-1] == 32).any(axis=1)  # across two words
        code = np.full(len(windows) - int(inner.sum()), size, dtype=np.int64)
        for column in windows[~inner].T:
            code = (code * 1_000_003 + column) & 0x7FFFFFFFFFFF
        found.append((code ^ (code >> 20)) & (BUCKETS - 1))
    return np.concatenate(found) if found else np.empty(0, dtype=np.int64)
