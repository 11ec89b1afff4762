"""The phrasings nearest in meaning: every one compared while they are few, an index of vectors when they are many."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge.encoder import WIDTH, Vectors

Rows = NDArray[np.intp]

BLOCK = 32
"""So many vectors are compared at a time: too few for BLAS to start threads, which a busy machine pays for."""
PROPOSED = 128
"""An index proposes at most so many."""


class Neighbours(Protocol):
    """Vectors of phrasings, by row."""

    def nearest(self, vector: Vectors, count: int) -> tuple[Rows, Vectors]:
        """Rows near `vector` and their cosines, to single precision."""

    def vectors(self, rows: Rows) -> Vectors:
        """The vectors of these rows."""


class Compared:
    """Few vectors: all of them are compared, and all are given back."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        self._rows = np.arange(len(vectors))
        whole = len(vectors) // BLOCK * BLOCK
        self._blocks, self._rest = self._vectors[:whole].reshape(-1, BLOCK, WIDTH), self._vectors[whole:]

    def nearest(self, vector: Vectors, count: int) -> tuple[Rows, Vectors]:  # noqa: ARG002
        return self._rows, np.concatenate([(self._blocks @ vector).ravel(), self._rest @ vector])

    def vectors(self, rows: Rows) -> Vectors:
        return self._vectors[rows]


class Indexed:
    """Many vectors, in eight bits, behind a navigable small-world graph."""

    def __init__(self, batches: Iterable[Vectors]) -> None:
        # Only here, after the encoder: onnxruntime crashes when usearch 2.26 was loaded before it.
        from usearch.index import Index  # noqa: PLC0415

        self._index = Index(
            ndim=WIDTH, metric="cos", dtype="i8", connectivity=16, expansion_add=64, expansion_search=PROPOSED
        )
        self._lock = Lock()
        for batch in batches:
            start = len(self._index)
            # One thread, so that equal vectors make equal graphs.
            self._index.add(np.arange(start, start + len(batch)), batch, threads=1)

    def nearest(self, vector: Vectors, count: int) -> tuple[Rows, Vectors]:
        with self._lock:  # searches share the index's working memory
            found = self._index.search(vector, min(count, PROPOSED), threads=1)
        return found.keys.astype(np.intp), (1 - found.distances).astype(np.float32)

    def vectors(self, rows: Rows) -> Vectors:
        found: Vectors = np.asarray(self._index.get(rows.astype(np.uint64)), dtype=np.float32)
        found /= np.linalg.norm(found, axis=1, keepdims=True)
        return found
