from __future__ import annotations

import pytest

from knowledge import Knowledge


@pytest.mark.parametrize(
    ("question", "entry"),
    [
        ("4Q11 top line?", "q4-2011-revenue"),
        ("FY10 GM", "fy2010-gross-margin"),
        ("opex in the fourth quarter", "q4-2011-operating-expenses"),
        ("Q1 revenue guidance", "q1-2012-revenue-guidance"),
        ("How much revenue did Calix make in 2011?", "fy2011-revenue"),
        ("What EPS did the company report for Q4 2011?", "q4-2011-eps"),
    ],
)
def test_a_bare_metric_and_period_get_the_very_figure(knowledge: Knowledge, question: str, entry: str) -> None:
    [answer] = knowledge.ask(question).answers
    assert answer.entry == entry


@pytest.mark.parametrize("question", ["Q2 2011 gross margin", "revenue in 2008", "DSO in 4Q10"])
def test_another_periods_figure_is_no_answer(knowledge: Knowledge, question: str) -> None:
    reply = knowledge.ask(question)
    assert reply.status == "not_found"
    assert "Q4 2011" in reply.text


def test_a_series_is_a_table_with_a_citation_for_each_figure(knowledge: Knowledge) -> None:
    reply = knowledge.ask("gross margin, quarter by quarter")
    assert reply.status == "answered"
    assert {"Q3 2011", "Q4 2011"} <= {answer.labels[0] for answer in reply.answers}
    assert all(answer.citations for answer in reply.answers)
    assert "41.8%" in reply.notes[0]
    assert "43.1%" in reply.notes[0]


def test_the_gaap_figure_is_not_answered_with_the_non_gaap_one(knowledge: Knowledge) -> None:
    assert knowledge.ask("GAAP gross margin for Q4 2011").status == "not_found"


def test_the_reported_figure_comes_before_what_was_planned(knowledge: Knowledge) -> None:
    reply = knowledge.ask("operating expenses in Q4, what was reported and not the plan")
    assert reply.answers[0].entry == "q4-2011-operating-expenses"
