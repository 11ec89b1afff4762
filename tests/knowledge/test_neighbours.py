from __future__ import annotations

import numpy as np
import pytest

from knowledge.encoder import WIDTH, Vectors, minilm
from knowledge.neighbours import SAMPLED, Compared, Indexed, Neighbours

COUNT = SAMPLED + 1_001


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    """Unit vectors that lie in clouds, as those of phrasings do."""
    minilm()  # usearch must not be loaded before onnxruntime
    drawn = np.random.default_rng(7)
    middles = drawn.normal(size=(60, WIDTH))
    clouds = middles[drawn.integers(0, len(middles), COUNT)] + 0.6 * drawn.normal(size=(COUNT, WIDTH))
    unit: Vectors = (clouds / np.linalg.norm(clouds, axis=1, keepdims=True)).astype(np.float32)
    return unit


def batches(vectors: Vectors) -> list[Vectors]:
    return [vectors[start : start + 1_000] for start in range(0, len(vectors), 1_000)]


@pytest.mark.parametrize("kind", ["compared", "indexed"])
def test_the_nearest_phrasing_is_found_among_many(vectors: Vectors, kind: str) -> None:
    neighbours: Neighbours = Compared(vectors) if kind == "compared" else Indexed(batches(vectors))
    for row in range(0, COUNT, 500):
        rows, nearness = neighbours.nearest(vectors[row], 64)
        assert rows[np.argmax(nearness)] == row
        assert np.allclose(neighbours.vectors(rows[:5]), vectors[rows[:5]], atol=0.02)


def test_equal_vectors_make_equal_indexes(vectors: Vectors) -> None:
    one, two = Indexed(batches(vectors)), Indexed(batches(vectors))
    for row in range(0, COUNT, 500):
        for first, second in zip(one.nearest(vectors[row], 64), two.nearest(vectors[row], 64), strict=True):
            assert np.array_equal(first, second)
