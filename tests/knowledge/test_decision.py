from __future__ import annotations

import pytest

from knowledge import Knowledge
from knowledge.decision import Verdict, decide
from knowledge.ranking import Ranked, Ranking
from knowledge.understanding import Understanding

ASKED = Understanding("what did the staff say of it")


def verdict(knowledge: Knowledge, **probabilities: float) -> Verdict:
    """The verdict where these owners are probable; the underscores of names stand for hyphens."""
    chances = {name.replace("_", "-"): chance for name, chance in probabilities.items()}
    candidates = [Ranked(knowledge.ranker.owners[name], chance) for name, chance in chances.items()]
    return decide(Ranking(candidates, 1 - sum(chances.values()), threshold=0.5, covering=[]), ASKED)


def test_of_two_entries_that_fit_nearly_alike_both_are_shown(knowledge: Knowledge) -> None:
    found = verdict(knowledge, comment_16=0.5, comment_15=0.3)
    assert [entry.id for entry in found.answers] == ["comment-16", "comment-15"]


@pytest.mark.parametrize("second", ["fy2011_gross_margin", "q3_2011_gross_margin"])
def test_another_periods_figure_is_not_shown_beside_an_answer(knowledge: Knowledge, second: str) -> None:
    found = verdict(knowledge, comment_16=0.5, **{second: 0.3})
    assert [entry.id for entry in found.answers] == ["comment-16"]


def test_an_uncertain_answer_says_what_the_sources_lack(knowledge: Knowledge) -> None:
    found = verdict(knowledge, person_andy=0.6, absent_near_andy_details=0.3)
    assert found.absence is not None
    assert found.absence.id == "absent-near-andy-details"
    assert verdict(knowledge, person_andy=0.9, absent_near_andy_details=0.05).absence is None


def test_what_an_absence_more_likely_means_is_not_found(knowledge: Knowledge) -> None:
    found = verdict(knowledge, absent_near_andy_details=0.6, person_andy=0.3)
    assert not found.entries
    assert found.absence is not None
