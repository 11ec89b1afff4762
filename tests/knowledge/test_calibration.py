from __future__ import annotations

import numpy as np
import pytest

from knowledge.calibration import Calibration, Example


def example(*likenesses: float, right: int | None) -> Example:
    """Candidates with one trait each; the whole has a bias and the largest of them."""
    rows = np.array(likenesses)[:, None]
    return rows, np.array([1.0, max(likenesses)]), np.array([] if right is None else [right], dtype=np.intp)


EXAMPLES = [
    example(0.9, 0.3, 0.2, right=0),
    example(0.2, 0.8, right=1),
    example(0.7, 0.1, 0.4, right=0),
    example(0.3, 0.2, right=None),
    example(0.1, 0.25, 0.2, right=None),
]


@pytest.fixture(scope="module")
def learned() -> Calibration:
    return Calibration.learned(EXAMPLES)


def chances(calibration: Calibration, *likenesses: float) -> np.ndarray:
    rows, whole, _ = example(*likenesses, right=None)
    return calibration.probabilities(rows, whole)


def test_what_was_learned_finds_the_right_ones(learned: Calibration) -> None:
    for rows, whole, right in EXAMPLES:
        probabilities = learned.probabilities(rows, whole)
        if len(right):
            assert probabilities.argmax() == right[0]
            assert probabilities.max() > 0.5
        else:
            assert probabilities.sum() < 0.5


def test_probabilities_are_0_to_1_and_leave_room_for_none(learned: Calibration) -> None:
    for likenesses in ((0.0,), (1.0,), (0.5, 0.5, 0.5), (0.9, 0.1)):
        probabilities = chances(learned, *likenesses)
        assert (probabilities >= 0).all()
        assert probabilities.sum() <= 1


def test_the_likelier_candidate_is_the_more_probable(learned: Calibration) -> None:
    assert (np.diff(chances(learned, 0.2, 0.4, 0.6, 0.8)) > 0).all()


def test_equal_candidates_are_equally_probable(learned: Calibration) -> None:
    first, second = chances(learned, 0.8, 0.8)
    assert first == second


def test_without_candidates_there_is_nothing_to_weigh(learned: Calibration) -> None:
    assert learned.probabilities(np.empty((0, 1)), np.array([1.0, 0.0])).tolist() == []


def test_huge_traits_overflow_nothing(learned: Calibration) -> None:
    assert np.isfinite(chances(learned, 1e6, -1e6)).all()


def test_learning_gives_the_same_every_time(learned: Calibration) -> None:
    again = Calibration.learned(EXAMPLES)
    assert again.weights.tolist() == learned.weights.tolist()
    assert again.none_weights.tolist() == learned.none_weights.tolist()


def test_the_order_of_examples_hardly_matters(learned: Calibration) -> None:
    again = Calibration.learned(EXAMPLES[::-1])
    assert again.weights == pytest.approx(learned.weights, rel=1e-6)


def test_probabilities_match_how_often_they_are_right() -> None:
    torn = [example(0.5, 0.1, right=0)] * 3 + [example(0.5, 0.1, right=None)]
    assert chances(Calibration.learned(torn), 0.5, 0.1)[0] == pytest.approx(0.75, abs=0.05)
