"""The phrasings nearest in meaning: every one compared while they are few, an index of vectors when they are many."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge.encoder import WIDTH, Vectors

Rows = NDArray[np.intp]

BLOCK = 32
"""So many vectors are compared at a time: too few for BLAS to start threads, which a busy machine pays for."""
PROPOSED = 128
"""An index proposes at most so many, each of its parts its share."""
LEADING = 96
"""Of many vectors, only the coordinates in which they differ most are compared."""
SAMPLED = 4_096
"""From so many vectors it is told which those are; fewer are compared as they are."""
SHARDS = 2
"""An index is built in so many parts at once; their number is fixed, so that equal vectors make equal graphs."""


class Neighbours(Protocol):
    """Vectors of phrasings, by row."""

    def nearest(self, vector: Vectors, count: int) -> tuple[Rows, Vectors]:
        """Rows near `vector` and about how near they are."""

    def vectors(self, rows: Rows) -> Vectors:
        """The vectors of these rows."""


class Compared:
    """Few vectors: all of them are compared, in their leading coordinates, and all are given back."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        self._rows = np.arange(len(vectors))
        self._basis = _leading(self._vectors)
        leading = self._vectors if self._basis is None else self._vectors @ self._basis
        whole = len(leading) // BLOCK * BLOCK
        self._blocks, self._rest = leading[:whole].reshape(-1, BLOCK, leading.shape[1]), leading[whole:]

    def nearest(self, vector: Vectors, count: int) -> tuple[Rows, Vectors]:  # noqa: ARG002
        within = vector if self._basis is None else vector @ self._basis
        return self._rows, np.concatenate([(self._blocks @ within).ravel(), self._rest @ within])

    def vectors(self, rows: Rows) -> Vectors:
        return self._vectors[rows]


class Indexed:
    """Many vectors, in eight bits, behind a navigable small-world graph."""

    def __init__(self, batches: Iterable[Vectors]) -> None:
        # Only here, after the encoder: onnxruntime crashes when usearch 2.26 was loaded before it.
        from usearch.index import Index  # noqa: PLC0415

        self._shards = [
            Index(
                ndim=WIDTH,
                metric="cos",
                dtype="i8",
                connectivity=16,
                expansion_add=64,
                expansion_search=PROPOSED // SHARDS,
            )
            for _ in range(SHARDS)
        ]
        self._lock = Lock()
        with ThreadPoolExecutor(SHARDS) as threads:
            for batch in batches:
                list(threads.map(lambda shard, part: shard.add(None, part, threads=1), self._shards, _dealt(batch)))

    def nearest(self, vector: Vectors, count: int) -> tuple[Rows, Vectors]:
        with self._lock:  # searches share the index's working memory
            found = [shard.search(vector, min(count, PROPOSED) // SHARDS, threads=1) for shard in self._shards]
        rows = np.concatenate([place.keys.astype(np.intp) * SHARDS + number for number, place in enumerate(found)])
        return rows, 1 - np.concatenate([place.distances for place in found]).astype(np.float32)

    def vectors(self, rows: Rows) -> Vectors:
        found = np.empty((len(rows), WIDTH), dtype=np.float32)
        for number, shard in enumerate(self._shards):
            own = np.flatnonzero(rows % SHARDS == number)
            if len(own):
                found[own] = np.asarray(shard.get((rows[own] // SHARDS).astype(np.uint64)), dtype=np.float32)
        found /= np.linalg.norm(found, axis=1, keepdims=True)
        return found


def _dealt(batch: Vectors) -> list[Vectors]:
    """A batch's rows, each in turn to another shard; a batch has a multiple of SHARDS rows, but for the last."""
    return [np.ascontiguousarray(batch[number::SHARDS]) for number in range(SHARDS)]


def _leading(vectors: Vectors) -> Vectors | None:
    """A basis [WIDTH, LEADING] of the coordinates in which the vectors differ most; None for few vectors."""
    if len(vectors) < SAMPLED:
        return None
    sample = vectors[np.linspace(0, len(vectors) - 1, SAMPLED).astype(np.intp)].astype(np.float64)
    _, axes = np.linalg.eigh(sample.T @ sample)
    return np.ascontiguousarray(axes[:, -LEADING:], dtype=np.float32)
