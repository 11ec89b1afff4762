from __future__ import annotations

import pytest

from knowledge import Knowledge
from knowledge.encoder import Reranker, reranker

QUESTION = "how many days did customers take to pay in Q4"


@pytest.fixture(scope="module")
def scores() -> Reranker:
    return reranker()


@pytest.mark.parametrize(
    ("question", "fitting", "other"),
    [
        (QUESTION, "q4-2011-dso", "q4-2011-inventory-turns"),
        ("who signed the SEC's letter", "letter-signer", "letter-addressee"),
        ("why did DSO fall", "q4-2011-dso-reasons", "q4-2011-dso"),
    ],
)
def test_the_answer_that_gives_what_is_asked_scores_higher(
    knowledge: Knowledge, scores: Reranker, question: str, fitting: str, other: str
) -> None:
    one, another = scores.scores(question, [knowledge.entries[key].in_full for key in (fitting, other)])
    assert one > another


def test_a_score_depends_on_no_other_answer(knowledge: Knowledge, scores: Reranker) -> None:
    texts = [entry.in_full for entry in list(knowledge.entries.values())[:6]]
    together = scores.scores(QUESTION, texts)
    assert together == [score for text in texts for score in scores.scores(QUESTION, [text])]
    assert scores.scores(QUESTION, texts[::-1]) == together[::-1]


def test_no_answers_have_no_scores(scores: Reranker) -> None:
    assert scores.scores(QUESTION, []) == []


@pytest.mark.parametrize("text", ["", "?", "x" * 5_000, "word " * 2_000, "🤔" * 300])
def test_texts_of_any_length_have_a_score(scores: Reranker, text: str) -> None:
    for pair in ((text, "an answer"), (QUESTION, text)):
        [score] = scores.scores(pair[0], [pair[1]])
        assert -100 < score < 100
