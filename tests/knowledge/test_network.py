from __future__ import annotations

import numpy as np
import pytest

from knowledge.calibration import Example
from knowledge.network import MEMBERS, Network

LIKENESSES = np.linspace(0.05, 0.95, 19)


def example(likeness: float, *, negated: bool) -> Example:
    """Two candidates, of which the first has this likeness; it is right where one of both, likeness or negation, is."""
    rows = np.array([[likeness, float(negated)], [0.5, 0.5]])
    right = (likeness > 0.5) != negated
    return rows, np.array([likeness]), np.array([0] if right else [], dtype=np.intp)


EXAMPLES = [example(likeness, negated=negated) for likeness in LIKENESSES for negated in (False, True)]


@pytest.fixture(scope="module")
def learned() -> Network:
    return Network.learned(EXAMPLES)


def test_what_no_sum_of_traits_tells_is_learned(learned: Network) -> None:
    for likeness, negated in ((0.2, False), (0.2, True), (0.8, False), (0.8, True)):
        rows, whole, right = example(likeness, negated=negated)
        assert (learned.probabilities(rows, whole)[0] > 0.5) == bool(len(right))


def test_probabilities_are_0_to_1_and_leave_room_for_none(learned: Network) -> None:
    for rows, whole, _ in EXAMPLES:
        probabilities = learned.probabilities(rows, whole)
        assert (probabilities >= 0).all()
        assert probabilities.sum() <= 1


def test_a_vetoed_candidate_cannot_be(learned: Network) -> None:
    rows, whole, _ = example(0.9, negated=False)
    assert learned.probabilities(rows, whole, np.array([True, False]))[0] == 0
    assert learned.probabilities(rows, whole, np.array([True, True])).tolist() == [0, 0]


def test_without_candidates_there_is_nothing_to_weigh(learned: Network) -> None:
    assert learned.probabilities(np.empty((0, 2)), np.array([0.0])).tolist() == []


def test_huge_traits_overflow_nothing(learned: Network) -> None:
    assert np.isfinite(learned.probabilities(np.full((2, 2), 1e9), np.array([-1e9]))).all()


def test_the_order_of_candidates_changes_nothing(learned: Network) -> None:
    rows, whole, _ = example(0.7, negated=True)
    assert learned.probabilities(rows[::-1], whole).tolist() == learned.probabilities(rows, whole)[::-1].tolist()


def test_learning_gives_the_same_every_time(learned: Network) -> None:
    again = Network.learned(EXAMPLES)
    assert all((one == other).all() for one, other in zip(learned, again, strict=True))


def test_for_each_example_there_is_a_member_that_has_not_seen_it(learned: Network) -> None:
    rows, whole, _ = EXAMPLES[3]
    alone = [learned.without(place).probabilities(rows, whole).tolist() for place in range(2 * MEMBERS)]
    assert len(set(map(tuple, alone))) == MEMBERS
    assert alone[:MEMBERS] == alone[MEMBERS:]
