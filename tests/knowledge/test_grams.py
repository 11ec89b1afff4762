from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.grams import Grams

TEXTS = ["gross margin in the fourth quarter", "revenue for the year", "Revenue in the fourth quarter", "headcount"]


def slow_scores(texts: list[str], question: str) -> list[float]:
    """The same likeness, spelled out: cosine of sublinear TF-IDF over character n-grams."""

    def grams(text: str) -> Counter[bytes]:
        data = f" {' '.join(text.lower().split())} ".encode()
        found = (data[start : start + size] for size in (3, 4) for start in range(len(data) - size + 1))
        return Counter(gram for gram in found if b" " not in gram[1:-1])

    counts = [grams(text) for text in texts]
    frequency = Counter(gram for count in counts for gram in count)

    def weights(count: Counter[bytes]) -> dict[bytes, float]:
        idf = {gram: math.log((1 + len(texts)) / (1 + frequency[gram])) + 1 for gram in count}
        weighed = {gram: (1 + math.log(number)) * idf[gram] for gram, number in count.items()}
        length = math.hypot(*weighed.values())
        return {gram: weight / length for gram, weight in weighed.items()}

    asked = weights(grams(question))
    return [sum(weight * weights(count).get(gram, 0.0) for gram, weight in asked.items()) for count in counts]


@pytest.mark.parametrize("question", [*TEXTS, "fourth qarter margn", "REVENUE", "nothing alike xyz"])
def test_scores_are_those_of_the_plain_definition(question: str) -> None:
    assert Grams(TEXTS).scores(question) == pytest.approx(slow_scores(TEXTS, question), abs=2e-3)


@settings(deadline=None)
@given(st.lists(st.text("abc d", min_size=1, max_size=12), min_size=1, max_size=6), st.text("abc d", max_size=12))
def test_scores_are_those_of_the_plain_definition_for_any_texts(texts: list[str], question: str) -> None:
    assert Grams(texts).scores(question) == pytest.approx(slow_scores(texts, question), abs=2e-3)


def test_a_text_is_most_like_itself_whatever_its_case_and_spaces() -> None:
    scores = Grams(TEXTS).scores("  GROSS   margin in the Fourth quarter ")
    assert scores.argmax() == 0
    assert scores[0] == pytest.approx(1, abs=2e-3)


def test_a_typing_error_leaves_texts_alike() -> None:
    scores = Grams(TEXTS).scores("headcuont")
    assert scores.argmax() == 3
    assert scores[3] > 0.2


def test_scores_are_0_to_1() -> None:
    scores = np.array([Grams(TEXTS).scores(text) for text in TEXTS])
    assert scores.min() >= 0
    assert scores.max() <= 1


def test_arrays_are_all_there_is() -> None:
    grams = Grams(TEXTS)
    again = Grams.of(grams.arrays)
    assert again.scores("fourth quarter").tolist() == grams.scores("fourth quarter").tolist()


def test_the_order_of_texts_only_orders_the_scores() -> None:
    forth, back = Grams(TEXTS).scores("the fourth year"), Grams(TEXTS[::-1]).scores("the fourth year")
    assert forth.tolist() == back[::-1].tolist()


@pytest.mark.parametrize("texts", [[], [""], ["", "a"]])
@pytest.mark.parametrize("question", ["", "a", "revenue"])
def test_empty_texts_are_like_nothing(texts: list[str], question: str) -> None:
    scores = Grams(texts).scores(question)
    assert len(scores) == len(texts)
    assert all(score == 0 for text, score in zip(texts, scores, strict=True) if not text)


@settings(deadline=None)
@given(st.text(st.characters(codec=None)))
def test_no_text_raises(text: str) -> None:
    assert len(Grams([*TEXTS, text]).scores(text)) == len(TEXTS) + 1
