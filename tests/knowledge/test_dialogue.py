from __future__ import annotations

import pytest

from knowledge import Knowledge, Question


def entries(knowledge: Knowledge, text: str, *history: str) -> list[str]:
    return [answer.entry for answer in knowledge.ask(Question(text=text, history=history)).answers]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Revenue, gross margin and EPS for Q4", ["q4-2011-revenue", "q4-2011-gross-margin", "q4-2011-eps"]),
        (
            "What was headcount at the end of 2011? And who signed the SEC letter?",
            ["headcount-end-2011", "letter-signer"],
        ),
        ("comments 8 and 20: what is wanted?", ["comment-08", "comment-20"]),
    ],
)
def test_several_questions_in_one_message_are_each_answered(knowledge: Knowledge, text: str, found: list[str]) -> None:
    assert entries(knowledge, text) == found


def test_the_part_that_is_not_in_the_sources_is_named(knowledge: Knowledge) -> None:
    reply = knowledge.ask("What was Q4 revenue, and what was Q2 revenue?")
    assert [answer.entry for answer in reply.answers] == ["q4-2011-revenue"]
    assert reply.notes
    assert "could not find" in reply.notes[-1]
    assert "Q2" in reply.notes[-1]
    assert reply.notes[-1] in reply.text


@pytest.mark.parametrize(
    ("history", "text", "found"),
    [
        ("What was revenue in Q4 2011?", "and gross margin?", "q4-2011-gross-margin"),
        ("What was revenue in Q4 2011?", "and in 2010?", "fy2010-revenue"),
        ("gross margin for the full year 2011", "what about 2010?", "fy2010-gross-margin"),
    ],
)
def test_a_follow_up_takes_over_what_it_leaves_open(knowledge: Knowledge, history: str, text: str, found: str) -> None:
    assert entries(knowledge, text, history) == [found]


def test_a_complete_question_takes_over_nothing(knowledge: Knowledge) -> None:
    assert entries(knowledge, "Who signed the SEC staff's comment letter?", "What was revenue in Q4 2011?") == [
        "letter-signer"
    ]
